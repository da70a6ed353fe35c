"""What is different between two packs, or two versions of one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from ..emoji import Emoji
from .pack import Pack


class Drawing(NamedTuple):
    """What became of a picture."""

    kind: Literal["same", "saved anew", "redrawn"]
    """``saved anew``: other bytes that look the same."""
    distance: float
    """How far apart they look: 0 for the same; from some 0.3 on they have little in common."""


Compare = Callable[[str, str], Drawing | None]
"""Compares two images by their names, the first of the pack before; None if one of them cannot be looked at."""


class Change(NamedTuple):
    """A field with another value."""

    field: str
    before: str
    """As a person reads it; empty if it was not set."""
    after: str


class Pair(NamedTuple):
    """An emoji that both packs have."""

    before: Emoji
    after: Emoji
    drawing: Drawing
    changes: tuple[Change, ...]
    """Of fields other than the name and the picture."""

    @property
    def renamed(self) -> bool:
        """Whether it has another name now; the old one may be an alias."""
        return self.before.name != self.after.name

    @property
    def redrawn(self) -> bool:
        """Whether it looks different now."""
        return self.drawing.kind == "redrawn"


class Diff(NamedTuple):
    """What is different. Empty: nothing is."""

    pack: tuple[Change, ...]
    added: tuple[Emoji, ...]
    removed: tuple[Emoji, ...]
    pairs: tuple[Pair, ...]
    """Those that are in both, and not the same."""

    def __bool__(self) -> bool:
        return any(self)


def diff_packs(before: Pack, after: Pack, compare: Compare) -> Diff:
    """Return what is different. Emoji belong together by name, then by an alias that was the name, then by picture."""
    partners = dict(_partners(before, after, compare))
    taken = set(partners.values())
    pairs = (
        _pair(before.emoji[old], after.emoji[new], compare)
        for old, new in sorted(partners.items(), key=lambda at: at[1])
    )
    return Diff(
        tuple(_changes(_PACK_FIELDS, before, after)),
        tuple(emoji for number, emoji in enumerate(after.emoji) if number not in taken),
        tuple(emoji for number, emoji in enumerate(before.emoji) if number not in partners),
        tuple(pair for pair in pairs if pair.renamed or pair.changes or pair.drawing.kind != "same"),
    )


# Which belong together.


def _partners(before: Pack, after: Pack, compare: Compare) -> Iterator[tuple[int, int]]:
    """Yield the numbers of emoji that are one, each emoji once."""
    old, new = dict(enumerate(before.emoji)), dict(enumerate(after.emoji))
    for match in (_by_name, _by_alias, _by_sequence):
        for pair in tuple(match(old, new)):
            if pair[0] in old and pair[1] in new:
                del old[pair[0]], new[pair[1]]
                yield pair
    for number, emoji in old.items():
        if (found := _nearest(emoji, new, compare)) is not None:
            del new[found]
            yield number, found


_Numbered = Mapping[int, Emoji]


def _by_name(old: _Numbered, new: _Numbered) -> Iterator[tuple[int, int]]:
    names = {emoji.name: number for number, emoji in new.items()}
    yield from ((number, names[emoji.name]) for number, emoji in old.items() if emoji.name in names)


def _by_alias(old: _Numbered, new: _Numbered) -> Iterator[tuple[int, int]]:
    """A rename leaves the old name as an alias."""
    names = {name: number for number, emoji in new.items() for name in emoji.names}
    yield from ((number, names[emoji.name]) for number, emoji in old.items() if emoji.name in names)


def _by_sequence(old: _Numbered, new: _Numbered) -> Iterator[tuple[int, int]]:
    sequences = {emoji.unicode: number for number, emoji in new.items() if emoji.unicode}
    yield from ((number, sequences[emoji.unicode]) for number, emoji in old.items() if emoji.unicode in sequences)


def _nearest(emoji: Emoji, new: _Numbered, compare: Compare) -> int | None:
    """Return the emoji with the same image, else with the one that looks most like it."""
    best: tuple[float, int] | None = None
    for number, other in new.items():
        if not emoji.image or not other.image:
            continue
        drawing = compare(emoji.image, other.image)
        if drawing is None or drawing.kind == "redrawn":
            continue
        if drawing.kind == "same":
            return number
        if best is None or drawing.distance < best[0]:
            best = drawing.distance, number
    return best and best[1]


# What is different between two that do.

_EMOJI_FIELDS = (
    *("aliases", "alt", "category", "keywords", "width", "height", "sensitive", "retired", "version", "tones", "extra"),
)
_PACK_FIELDS = ("name", "version", "title", "license", "authors", "homepage", "base_url", "extra")


def _pair(before: Emoji, after: Emoji, compare: Compare) -> Pair:
    changes = [*_changes(_EMOJI_FIELDS, before, after)]
    if bool(before.static) != bool(after.static):
        changes.append(Change("static", before.static or "", after.static or ""))
    return Pair(before, after, _drawing(before, after, compare), tuple(changes))


def _drawing(before: Emoji, after: Emoji, compare: Compare) -> Drawing:
    if before.image and after.image and (drawing := compare(before.image, after.image)):
        return drawing
    same = (before.unicode, before.image) == (after.unicode, after.image)
    return Drawing("same", 0.0) if same else Drawing("redrawn", 1.0)


def _changes(fields: Iterable[str], before: object, after: object) -> Iterator[Change]:
    for field in fields:
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield Change(field, _shown(old), _shown(new))


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_shown(one)}" for key, one in value.items())
    if isinstance(value, (tuple, list)):
        return ", ".join(map(_shown, value))
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)
