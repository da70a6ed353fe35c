"""A plain JSON of our own, which any forum can write; docs/how-to/threads.md says what is in it.

What `thread_json` returns is such a JSON, with what was rendered on top. Members that are not known are left alone.
"""

from collections.abc import Iterator

from ..errors import InputError, quoted
from .fields import Field
from .thread import ROLES, Author, Comment, Hidden, Thread
from .tree import Complain, Entry

_HIDDEN: dict[str, Hidden] = {"": "", "deleted": "deleted", "removed": "removed", "missing": "missing"}


def read_post(thread: Field) -> Thread:
    """Read all of a thread but its comments."""
    post = thread.at("post")
    number = post.at("id")
    return Thread(
        thread.at("title").line("the thread's title"),
        _message(post, "" if number.is_absent else number.id()),
        (),
        link=thread.at("link").url(),
        community=thread.at("community").line_or("", "the community's name"),
        community_url=thread.at("community_url").url(),
    )


def read_comments(thread: Field, complain: Complain) -> Iterator[Entry]:
    """Read the comments of a thread, in their order."""
    for comment in thread.at("comments").items():
        try:
            yield _entry(comment)
        except InputError as error:
            complain(error)


def _entry(comment: Field) -> Entry:
    own, above = comment.at("id"), comment.at("parent")
    message = _message(comment, own.id())
    parent = "" if above.is_absent or above.value == "" else above.id()
    if parent == message.id:
        raise above.error(f"'{parent}' names the comment itself")
    return Entry(message._replace(parent=parent), own, above)


def _message(message: Field, own: str) -> Comment:
    hidden = _hidden(message.at("hidden"))
    url, score = message.at("url").url(), message.at("score").score()
    if hidden == "missing":
        return Comment(own, None, url=url, hidden=hidden)
    return Comment(
        own,
        _author(message.at("author")),
        "" if hidden else message.at("body").text("the Markdown"),
        message.at("published").moment(),
        message.at("edited").moment_if_any(),
        url,
        hidden,
        score,
    )


def _hidden(field: Field) -> Hidden:
    hidden = "" if field.is_absent else field.text("'deleted' or 'removed'")
    if hidden not in _HIDDEN:
        raise field.error(f"{quoted(hidden)} is not known; there are 'deleted' and 'removed'")
    return _HIDDEN[hidden]


def _author(author: Field) -> Author:
    """Read an author: a name, or an object with more."""
    if isinstance(author.value, str):
        name = author.line("a name")
        return Author(name, name)
    name = author.at("name").line("a name")
    roles = author.at("roles")
    return Author(
        name,
        author.at("display_name").line_or(name, "a display name"),
        author.at("url").url(),
        () if roles.is_absent else tuple(_role(role) for role in roles.items()),
    )


def _role(field: Field) -> str:
    role = field.text("a role")
    if role not in ROLES:
        raise field.error(f"{quoted(role)} is no role; there are {', '.join(ROLES)}")
    return role
