"""Names that deceive: characters that nobody sees, that turn the line around, or that look like others (UTS #39)."""

import os
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from ..emoji import called, read_rows

# UAX #9, table 4, and the isolates; the Arabic letter mark.
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MOST_MARKS = 4  # in a row; UTS #39, 5.4


def bidi_problem(name: str) -> str | None:
    """Return which character of a name turns the direction of text, or None."""
    if found := _BIDI.search(name):
        return f"has {called(found[0])}, which turns the direction of the text around it; leave it out"
    return None


def marks_problem(name: str) -> str | None:
    """Return whether a name has marks where nobody can read or type them: in heaps, or with no letter below."""
    if name and unicodedata.category(name[0])[0] == "M":
        return f"begins with {called(name[0])}, a mark without a letter to stand on; begin with a letter"
    run = 0
    for character in unicodedata.normalize("NFD", name):
        run = run + 1 if unicodedata.category(character) == "Mn" else 0
        if run > _MOST_MARKS:
            return f"has more than {_MOST_MARKS} marks on one letter; leave some out"
    return None


def mixed_problem(name: str) -> str | None:
    """Return which character of a name looks like an ASCII one among ASCII ones, or None.

    A name that is all Cyrillic or all Greek is what it looks like; it deceives only beside one that it resembles, which
    `look` tells. Latin letters, such as æ, are at home among ASCII's.

    >>> mixed_problem("p\u0430rrot")
    "has CYRILLIC SMALL LETTER A (U+0430), which looks like 'a' among letters of ASCII; write 'a'"
    """
    if name.isascii() or not re.search(r"[A-Za-z]", name):
        return None
    for character in name:
        shown = _look_alikes().get(character)
        if shown and not character.isascii() and not unicodedata.name(character, "").startswith("LATIN"):
            return f"has {called(character)}, which looks like {shown!r} among letters of ASCII; write {shown!r}"
    return None


def look(name: str) -> str:
    """Return what a name looks like; two names that look alike have the same (the skeleton of UTS #39, 4).

    >>> look("corn") == look("com"), look("p\u0430l") == look("paI"), look("cat") == look("Cat")
    (True, True, False)
    """
    return "".join(_look_alikes().get(character, character) for character in unicodedata.normalize("NFD", name))


def fold(name: str) -> str:
    """Return a name as lookup forgives: without case, ``-`` as ``_``."""
    return name.casefold().replace("-", "_")


@cache
def _look_alikes() -> Mapping[str, str]:
    """Return what of ASCII each character looks like. tools/confusables.py makes the table; NOTICE has its source."""
    return MappingProxyType(dict(read_rows(os.path.dirname(__file__), "confusables.tsv")))
