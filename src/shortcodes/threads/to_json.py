"""A thread as JSON: what a forum needs to show it, to search it, and to know when to render it again."""

from datetime import datetime
from typing import Any

from ..converter import Converter
from .thread import Author, Comment, Thread


def thread_json(thread: Thread, converter: Converter) -> dict[str, Any]:
    """Return a thread in the plain form that `read_thread` reads, with what was rendered on top.

    The post and each comment have ``html`` and ``text``, the names of the emoji ``used``, and of the ``unknown``
    shortcodes. ``version`` is that of the index: when it changes, those that used what changed need rendering again.
    """
    return {
        "title": thread.title,
        "link": thread.link,
        "community": thread.community,
        "community_url": thread.community_url,
        "version": converter.index.version,
        "post": _message(thread.post, converter),
        "comments": [
            {"parent": comment.parent or None, "depth": comment.depth} | _message(comment, converter)
            for comment in thread.comments
        ],
    }


def _message(comment: Comment, converter: Converter) -> dict[str, Any]:
    result = converter.convert(comment.body)
    return {
        "id": comment.id or None,
        "author": _author(comment.author) if comment.author else None,
        "published": _moment(comment.published),
        "edited": _moment(comment.edited),
        "url": comment.url,
        "score": comment.score,
        "hidden": comment.hidden,
        "body": comment.body,
        "html": str(result.html),
        "text": converter.to_text(comment.body),
        "used": [emoji.name for emoji in result.used],
        "unknown": list(dict.fromkeys(unknown.name for unknown in result.unknown)),
    }


def _author(author: Author) -> dict[str, Any]:
    return author._asdict() | {"roles": list(author.roles)}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
