"""Comments in any order to comments in reading order. Nothing here is recursive, so no depth is too deep."""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple, TypeAlias

from ..errors import InputError
from .fields import Field
from .thread import Comment

Complain: TypeAlias = Callable[[InputError], None]
"""Raises, or takes note, as the reading is strict or lenient."""


class Entry(NamedTuple):
    """A comment that has no place yet; its parent is a comment's id, whether that comment is there or not."""

    comment: Comment
    id: Field
    parent: Field
    """What said so."""
    ancestors: str = ""
    """All ids above the comment, from the top, joined by dots, if the source knows them."""


def in_reading_order(entries: Iterable[Entry], complain: Complain) -> tuple[Comment, ...]:
    """Put children behind their parent, and siblings in the order in which they came.

    A parent that is not there gets a stub, below the nearest of its own ancestors that is there, and at its own depth:
    replies to the same lost comment stay together. Complains of ids that come twice, and of parents that lead back.
    """
    known: dict[str, Entry] = {}
    for entry in entries:
        first = known.setdefault(entry.comment.id, entry)
        if first is not entry:
            complain(entry.id.error(f"'{entry.comment.id}' is already taken by {first.id.where}"))
    lost = {entry.comment.parent for entry in known.values()} - known.keys() - {""}
    present = known.keys() | lost
    comments: dict[str, Comment] = {}
    for key, entry in known.items():
        parent = entry.comment.parent
        if parent in lost and parent not in comments:
            comments[parent] = _stub(entry, present)
        comments[key] = entry.comment
    for key in _loops({key: comment.parent for key, comment in comments.items()}):
        if key in known:
            complain(known[key].parent.error(f"'{comments[key].parent}' stands below the comment itself"))
        comments[key] = Comment(key, None, hidden="missing")
    return tuple(_walk(comments))


def _stub(child: Entry, present: AbstractSet[str]) -> Comment:
    above = child.ancestors.split(".")[:-1]
    nearest = next((key for key in reversed(above) if key in present), "")
    return Comment(child.comment.parent, None, hidden="missing", parent=nearest, depth=len(above) + 1)


def _loops(parents: dict[str, str]) -> Iterator[str]:
    """Yield one id of each loop."""
    walk_of: dict[str, int] = {"": 0}
    for number, start in enumerate(parents, 1):
        key = start
        while key not in walk_of:
            walk_of[key] = number
            key = parents[key]
        if walk_of[key] == number:
            yield key


def _walk(comments: dict[str, Comment]) -> Iterator[Comment]:
    children: dict[str, list[Comment]] = {}
    for comment in comments.values():
        children.setdefault(comment.parent, []).append(comment)
    to_do = [(comment, 1) for comment in reversed(children.get("", ()))]
    while to_do:
        comment, least = to_do.pop()
        placed = comment._replace(depth=max(least, comment.depth))
        yield placed
        to_do += [(child, placed.depth + 1) for child in reversed(children.get(comment.id, ()))]
