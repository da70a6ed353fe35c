"""Lemmy's answers to ``GetPost`` and ``GetComments``, of its API v3 (0.18, 0.19) and v4 (1.0).

Facts from LemmyNet/lemmy-js-client, ``src/types`` of ``release/v0.19`` and of ``main`` at 1.0.0:
``GetPostResponse.ts``, ``PostView.ts``, ``CommentView.ts``, ``CommentSlimView.ts``, ``PagedResponse.ts``,
``Comment.ts``, ``Post.ts``, ``Person.ts``. Version 4 has ``items`` for ``comments``, ``published_at`` and
``updated_at`` for ``published`` and ``updated``, ``ap_id`` for a person's ``actor_id``, and the score in the comment,
not in ``counts``. Each name is looked for in turn, so that answers of the versions between them are read, too.
"""

import re
from collections.abc import Iterator

from ..errors import InputError, quoted
from .fields import Field
from .thread import Author, Comment, Hidden, Thread
from .tree import Complain, Entry

# 0, which is the post, the ids of the comments above, and the comment's own (crates/db_schema/src/source/comment.rs).
_PATH = re.compile(r"0(?:\.[1-9][0-9]{0,15})+")
_FLAGS = {"creator_is_admin": "admin", "creator_is_moderator": "moderator"}


def read_post(answer: Field) -> Thread:
    """Read an answer to ``GetPost``. Its thread has no comments yet."""
    view = answer.at("post_view")
    post, community, body = view.at("post"), view.at("community"), view.at("post").at("body")
    thread = Thread(
        post.at("name").line("the post's title"),
        _message(view, post, body._replace(value="") if body.is_absent else body),  # a link may be all of a post
        (),
        link=post.at("url").url(),
    )
    if community.is_absent:
        return thread
    name = community.at("name").line("the community's name")
    return thread._replace(
        community=community.at("title").line_or(name, "the community's title"),
        community_url=community.at("actor_id", "ap_id").url(),
    )


def read_comments(answer: Field, post: Comment, complain: Complain) -> Iterator[Entry]:
    """Read an answer to ``GetComments``, in its order."""
    for view in answer.at("comments", "items").items():
        try:
            yield _entry(view, post)
        except InputError as error:
            complain(error)


def _entry(view: Field, post: Comment) -> Entry:
    comment = view.at("comment")
    number, path, of_post = comment.at("id"), comment.at("path"), comment.at("post_id")
    message = _message(view, comment, comment.at("content"))
    above = _above(path, message.id)
    if not of_post.is_absent and of_post.id() != post.id:
        raise of_post.error(f"is {of_post.id()}, but the post is {post.id}; its own comments are expected")
    return Entry(message._replace(parent=above.rpartition(".")[2]), number, path, above)


def _message(view: Field, inner: Field, body: Field) -> Comment:
    hidden: Hidden = "removed" if inner.at("removed").flag() else "deleted" if inner.at("deleted").flag() else ""
    counts = view.at("counts")
    return Comment(
        str(inner.at("id").number("a whole number from 1 up", least=1)),
        _author(view),
        "" if hidden else body.text("the Markdown"),
        inner.at("published", "published_at").moment(),
        inner.at("updated", "updated_at").moment_if_any(),
        inner.at("ap_id").url(),
        hidden,
        (inner if counts.is_absent else counts).at("score").score(),
    )


def _author(view: Field) -> Author:
    creator = view.at("creator")
    name = creator.at("name").line("the account's name")
    roles = [role for flag, role in _FLAGS.items() if view.at(flag).flag()]
    return Author(
        name,
        creator.at("display_name").line_or(name, "a display name"),
        creator.at("actor_id", "ap_id").url(),
        tuple(roles + ["bot"] * creator.at("bot_account").flag()),
    )


def _above(path: Field, own: str) -> str:
    """Return the ids above the comment, joined by dots, if all of them may be there."""
    text = path.text("a path")
    if not _PATH.fullmatch(text):
        raise path.error(f"{quoted(text)} is no path; '0.1.{own}' is one: 0, the ids above the comment, and its own")
    *above, last = text.split(".")[1:]
    if last != own:
        raise path.error(f"{quoted(text)} does not end in the comment's id, {own}")
    if own in above:
        raise path.error(f"{quoted(text)} names the comment itself")
    if len(set(above)) < len(above):
        raise path.error(f"{quoted(text)} names a comment twice")
    return ".".join(above)
