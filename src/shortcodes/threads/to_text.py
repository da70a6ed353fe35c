"""A thread as plain text, for terminals, e-mail and archives: the post, then a bullet for each comment."""

from collections.abc import Iterator
from datetime import datetime

from ..converter import Converter
from .ages import age
from .thread import DEEPEST, Author, Comment, Thread


def thread_text(thread: Thread, converter: Converter, *, now: datetime) -> str:
    """Return a thread as plain text, as it is when one copies it off the forum's page; ages are as seen from `now`.

    A comment that does not show leaves nothing behind but the depth of its replies. Below 50 levels, the depth is said,
    as nothing is set in further.
    """
    return "\n".join(_lines(thread, converter, now))


def _lines(thread: Thread, converter: Converter, now: datetime) -> Iterator[str]:
    if thread.link:
        yield from (thread.link, "")
    if thread.post.body:
        yield from (converter.to_text(thread.post.body), "")
    for comment in thread.comments:
        if comment.author and comment.published and not comment.hidden:
            text = converter.to_text(comment.body)
            content = (age(comment.published, now), *(("", *text.split("\n")) if text else ()))
            margin = "  " * min(comment.depth, DEEPEST)
            yield f"{margin}• {_heading(comment, comment.author, converter)}"
            yield from (f"{margin}  {line}".rstrip() for line in content)
            yield ""


def _heading(comment: Comment, author: Author, converter: Converter) -> str:
    name = converter.text_to_text(author.display_name)
    return name if comment.depth <= DEEPEST else f"{name} (depth {comment.depth})"
