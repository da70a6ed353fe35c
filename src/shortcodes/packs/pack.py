"""A pack: a named set of emoji, and what keeps its values from being used."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..emoji import Emoji, name_problem, url_problem
from ..errors import Problem


class Pack(NamedTuple):
    """A named set of emoji. A plain value; `read_pack` reads one, a plug-in returns one."""

    name: str
    emoji: tuple[Emoji, ...] = ()
    version: str = ""
    title: str = ""
    license: str = ""
    """An SPDX expression: ``CC0-1.0``."""
    authors: tuple[str, ...] = ()
    homepage: str = ""
    base_url: str = ""
    """Where the files of the pack are served from."""

    def url(self, file: str) -> str:
        """Return the address of one of the pack's files; a URL is returned as it is.

        >>> Pack("cats", base_url="https://cdn.example/cats").url("tabby cat.png")
        'https://cdn.example/cats/tabby%20cat.png'
        """
        if re.match(_ABSOLUTE, file):
            return file
        if not re.fullmatch(_PLAIN, file):
            from urllib.parse import quote  # rarely needed, and slow to import

            file = quote(file, safe="/%")
        return f"{self.base_url.rstrip('/')}/{file}" if self.base_url else file


_ABSOLUTE = r"[A-Za-z][A-Za-z0-9+.\-]*:|/"
_PLAIN = r"[A-Za-z0-9_.~/%\-]+"

# Controls, bidirectional and other invisible format characters, surrogates: nothing that a reader could not see.
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")
_MAX_SEQUENCE = 32


def pack_problems(pack: Pack) -> Iterator[Problem]:
    """Yield everything that keeps a pack from being used. Packs come from strangers, whichever door they take."""
    if problem := name_problem(pack.name):
        yield Problem("pack.name", f"{pack.name!r} {problem}")
    if pack.base_url and (problem := url_problem(pack.base_url)):
        yield Problem("pack.base_url", problem)
    yield from emoji_problems(enumerate(pack.emoji))


def emoji_problems(numbered: Iterable[tuple[int, Emoji]]) -> Iterator[Problem]:
    """Yield what is wrong with the emoji of one pack, each with its number in it."""
    taken: dict[str, int] = {}
    for number, emoji in numbered:
        for position, name in enumerate((emoji.name, *emoji.aliases)):
            if (problem := name_problem(name)) or name in taken:
                where = f"emoji[{number}]." + (f"aliases[{position - 1}]" if position else "name")
                yield Problem(where, f"{name!r} {problem or f'is already taken by emoji[{taken[name]}]'}")
            else:
                taken[name] = number
        for field, message in _value_problems(emoji):
            yield Problem(f"emoji[{number}].{field}", message)


def _value_problems(emoji: Emoji) -> Iterator[tuple[str, str]]:
    if (emoji.unicode is None) == (emoji.image is None):
        yield (
            "unicode",
            f"emoji {emoji.name!r} needs either 'unicode' or 'image'" + ("" if emoji.unicode is None else ", not both"),
        )
    if emoji.unicode is not None:
        if not 1 <= len(emoji.unicode) <= _MAX_SEQUENCE:
            yield "unicode", f"is {len(emoji.unicode)} code points long; 1 to {_MAX_SEQUENCE} are allowed"
        if hidden := _HIDDEN.search(emoji.unicode):
            yield "unicode", _hidden(hidden[0])
    for field, file in (("image", emoji.image), ("static", emoji.static)):
        if file is not None and (problem := file_problem(file)):
            yield field, f"{file!r} {problem}"
    if not emoji.alt:
        return
    for where, text in [("alt", emoji.alt)] if isinstance(emoji.alt, str) else _by_locale(emoji.alt.items()):
        if hidden := _HIDDEN.search(text):
            yield where, _hidden(hidden[0])


def _by_locale(texts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(f"alt.{locale}", text) for locale, text in texts]


def _hidden(character: str) -> str:
    return f"has the invisible character U+{ord(character):04X}; leave it out"


def file_problem(file: str) -> str | None:
    """Return what keeps a file's name, or a URL, from being an emoji's image, or None.

    >>> file_problem("../../etc/passwd")
    "leaves the pack; name a file inside it, without '..'"
    """
    if re.match(_ABSOLUTE, file) and not re.match(r"[A-Za-z]:|/(?!/)", file):
        return url_problem(file)
    if file.startswith("/") or re.match(r"[A-Za-z]:", file):
        return "is an absolute path; name a file inside the pack"
    if "\\" in file:
        return "has a backslash; write '/' between folders"
    if ".." in file.split("/"):
        return "leaves the pack; name a file inside it, without '..'"
    return url_problem(file.replace(" ", "%20"))
