"""JSON to threads: which of the forms that we know it has, and what of it can be read."""

import json
from collections.abc import Iterator
from typing import Never

from ..errors import InputError, quoted
from . import lemmy, neutral
from .fields import Field
from .thread import Comment, Thread
from .tree import Complain, Entry, in_reading_order


def read_thread(post: object, *comments: object, lenient: bool = False) -> Thread:
    """Return the thread that parsed JSON holds.

    `post` is Lemmy's answer to ``GetPost`` and `comments` are its answers to ``GetComments``, one for each page, of
    API v3 or v4. Or `post` is a whole thread in the plain form of docs/how-to/threads.md, and `comments` are left out.

    Raises `InputError`, which says where something is wrong and what would be right. A `lenient` reading leaves out the
    comments with which something is wrong, and lists them in `Thread.left_out`; a post it needs, all the same.
    """
    left_out: list[str] = []

    def complain(error: InputError) -> None:
        if not lenient:
            raise error
        left_out.append(str(error))

    thread, entries = _open(post, comments, complain)
    return thread._replace(comments=in_reading_order(entries, complain), left_out=tuple(left_out))


def read_json(text: str, name: str = "the text") -> object:
    """Return what a JSON text holds, for `read_thread`. Raises `InputError` for what is none, with its `name`."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise InputError(f"{name}:{error.lineno}:{error.colno}: is not JSON: {error.msg}") from error
    except ValueError as error:  # NaN and the like, or a number of thousands of digits
        raise InputError(f"{name}: is not JSON that can be read: {error}") from error
    except RecursionError as error:
        raise InputError(f"{name}: is not JSON that can be read: it is nested too deep") from error


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is no number")


def _open(post: object, comments: tuple[object, ...], complain: Complain) -> tuple[Thread, Iterator[Entry]]:
    root = Field(post)
    if not isinstance(post, dict):
        raise Field(post, "post").unlike("Lemmy's answer to GetPost, or a thread,")
    if "post_view" in post:
        if not comments:
            raise Field(None, "comments").error("are missing; Lemmy's answer to GetComments is expected")
        thread = lemmy.read_post(root)
        return thread, _pages(comments, thread.post, complain)
    if "title" in post or "post" in post:
        if comments:
            raise Field(None, "comments").error("are in the thread already; another answer is one too many")
        return neutral.read_post(root), neutral.read_comments(root, complain)
    raise _not_ours(Field(post, "post"), "Lemmy's 'post_view' nor the 'title' and 'comments' of a thread")


def _pages(answers: tuple[object, ...], post: Comment, complain: Complain) -> Iterator[Entry]:
    """Read pages in turn. What came on an earlier one is left out: answers overlap when comments come in between."""
    seen: set[str] = set()
    for number, answer in enumerate(answers):
        page = "" if len(answers) == 1 else f"pages[{number}]"
        if not isinstance(answer, dict):
            raise Field(answer, page or "comments").unlike("Lemmy's answer to GetComments")
        if "comments" not in answer and "items" not in answer:
            raise _not_ours(Field(answer, page or "comments"), "Lemmy's 'comments' nor its 'items'")
        entries = lemmy.read_comments(Field(answer, page), post, complain)
        new = [entry for entry in entries if entry.comment.id not in seen]
        seen.update(entry.comment.id for entry in new)
        yield from new


def _not_ours(answer: Field, expected: str) -> InputError:
    error = answer.at("error")
    if isinstance(error.value, str):
        return answer.error(f"is an error of the forum, {quoted(error.value)}")
    return answer.error(f"has neither {expected}")
