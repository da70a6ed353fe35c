"""A pack: a named set of emoji, and what keeps its values from being used."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..emoji import NOTHING, Emoji, name_problem, url_problem
from ..errors import Problem, quoted

Content = Callable[[], bytes]
"""Reads a file of a pack when it is wanted: together they may have gigabytes."""


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
    extra: Mapping[str, Any] = NOTHING
    """What another platform knows of it and we do not, by the name of its format."""

    def __repr__(self) -> str:
        """The emoji are counted, not listed: this stands in shells, logs and failed asserts."""
        return f"Pack({self.name!r}, {len(self.emoji)} emoji)"

    def url(self, file: str) -> str:
        """Return the address of one of the pack's files; a URL is returned as it is.

        >>> Pack("cats", base_url="https://cdn.example/cats").url("tabby cat.png")
        'https://cdn.example/cats/tabby%20cat.png'
        """
        if is_url(file):
            return file
        if not re.fullmatch(_PLAIN, file):
            from urllib.parse import quote  # rarely needed, and slow to import

            file = quote(file)  # '%' too: a file may have it in its name, and '%2e%2e' must not become '..'
        return f"{self.base_url.rstrip('/')}/{file}" if self.base_url else file

    def twice(self, emoji: Emoji) -> str | None:
        """Return the address of an emoji's image with twice the pixels, which `pack build` notes in its ``extra``."""
        built = emoji.extra.get("build")
        file = built.get("twice") if isinstance(built, dict) else None
        return self.url(file) if isinstance(file, str) and file_problem(file) is None else None


_PLAIN = r"[A-Za-z0-9_.~/\-]+"
_PLAIN_FILE = r"(?a)(?:[\w\-][\w.\-]*+/)*+[\w\-][\w.\-]*+"  # most are; no step begins with a dot

# Controls, bidirectional and other invisible format characters, surrogates: nothing that a reader could not see.
_HIDDEN = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
_LANGUAGE = r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"  # the shape of RFC 5646, 2.1
_MAX_SEQUENCE = 32
_MAX_PIXELS = 10_000


def is_url(file: str) -> bool:
    """Tell a URL from a file of the pack. One letter before a colon is a drive."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.\-]+:|//", file) is not None


def pack_problems(pack: Pack) -> Iterator[Problem]:
    """Yield everything that keeps a pack from being used. Packs come from strangers, whichever door they take."""
    yield from header_problems(pack)
    if problem := _not_a_tuple(pack.emoji):
        yield Problem("emoji", problem)
    else:
        yield from emoji_problems(enumerate(pack.emoji))


def header_problems(pack: Pack) -> Iterator[Problem]:
    """Yield what is wrong with a pack, its emoji aside."""
    if problem := name_problem(pack.name):
        yield Problem("pack.name", f"{quoted(pack.name)} {problem}")
    for field, url in (("homepage", pack.homepage), ("base_url", pack.base_url)):
        if url and (problem := url_problem(url)):
            yield Problem(f"pack.{field}", f"{quoted(url)} {problem}")
    if problem := _not_a_tuple(pack.authors):
        yield Problem("pack.authors", problem)
        return
    texts = {"version": pack.version, "title": pack.title, "license": pack.license}
    for field, text in (*texts.items(), *_listed("authors", pack.authors)):
        if hidden := re.search(_HIDDEN, text):
            yield Problem(f"pack.{field}", _hidden(hidden[0]))


def emoji_problems(numbered: Iterable[tuple[int, Emoji]]) -> Iterator[Problem]:
    """Yield what is wrong with the emoji of one pack, each with its number in it."""
    taken: dict[str, int] = {}
    for number, emoji in numbered:
        if problem := _not_a_tuple(emoji.aliases):
            yield Problem(f"emoji[{number}].aliases", problem)
            continue
        for position, name in enumerate((emoji.name, *emoji.aliases)):
            if (problem := name_problem(name)) or name in taken:
                where = f"emoji[{number}]." + (f"aliases[{position - 1}]" if position else "name")
                yield Problem(where, f"{quoted(name)} {problem or _taken(taken[name], number)}")
            else:
                taken[name] = number
        for field, message in _value_problems(emoji):
            yield Problem(f"emoji[{number}]{field and '.'}{field}", message)


def _taken(by: int, number: int) -> str:
    return "is a name of this emoji already; leave it out" if by == number else f"is already taken by emoji[{by}]"


def _value_problems(emoji: Emoji) -> Iterator[tuple[str, str]]:
    if emoji.unicode is not None and (problem := _sequence_problem(emoji.unicode)):
        yield "unicode", problem
    if (emoji.unicode is None) == (emoji.image is None):
        which = "neither 'unicode' nor" if emoji.unicode is None else "both 'unicode' and"
        yield "", f"{emoji.name and quoted(emoji.name) + ' '}has {which} 'image'; give one of the two"
    if emoji.image is not None or emoji.static is not None:
        yield from _file_problems(emoji)
    if emoji.width is not None or emoji.height is not None:
        yield from _size_problems(emoji)
    if problem := _not_a_tuple(emoji.keywords):
        yield "keywords", problem
    elif not isinstance(emoji.alt, str) or not "".join((emoji.alt, emoji.category, *emoji.keywords)).isprintable():
        yield from _text_problems(emoji)  # what can be printed has nothing hidden: most emoji end here


def _file_problems(emoji: Emoji) -> Iterator[tuple[str, str]]:
    for field, file in (("image", emoji.image), ("static", emoji.static)):
        if file is not None and (problem := file_problem(file)):
            yield field, f"{quoted(file)} {problem}"


def _size_problems(emoji: Emoji) -> Iterator[tuple[str, str]]:
    sizes: tuple[tuple[str, object], ...] = (("width", emoji.width), ("height", emoji.height))
    for field, size in sizes:
        if size is None or (isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= _MAX_PIXELS):
            continue
        yield field, f"is not a number of pixels from 1 to {_MAX_PIXELS}"


def _sequence_problem(sequence: str) -> str | None:
    if not 1 <= len(sequence) <= _MAX_SEQUENCE:
        return f"is {len(sequence)} code points long; 1 to {_MAX_SEQUENCE} are allowed"
    if not sequence.isprintable() and (hidden := re.search(_HIDDEN, sequence)):
        return _hidden(hidden[0])
    if sequence.isascii():
        return f"is {quoted(sequence)}; write the emoji itself (\N{WAVING HAND SIGN}), or its escape (\\U0001F44B)"
    return None


def _text_problems(emoji: Emoji) -> Iterator[tuple[str, str]]:
    texts = [("category", emoji.category), *_listed("keywords", emoji.keywords)]
    if isinstance(emoji.alt, str):
        texts.insert(0, ("alt", emoji.alt))
    else:
        yield from _language_problems(emoji.alt)
        texts[:0] = [(f"alt.{language}", text) for language, text in emoji.alt.items()]
    for field, text in texts:
        if hidden := re.search(_HIDDEN, text):
            yield field, _hidden(hidden[0])


def _language_problems(alt: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for language in alt:
        if not re.fullmatch(_LANGUAGE, language):
            better = language.replace("_", "-")
            example = quoted(better) if re.fullmatch(_LANGUAGE, better) else "'en' or 'pt-BR'"
            yield "alt", f"{quoted(language)} is not the tag of a language; write {example}"


def _listed(field: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    return [(f"{field}[{position}]", text) for position, text in enumerate(texts)]


def _not_a_tuple(several: object) -> str | None:
    """Say what is wrong with a text or a generator in a tuple's place: both would be taken apart in silence."""
    if isinstance(several, (tuple, list)):
        return None
    return f"is a {type(several).__name__}; give a tuple"


def _hidden(character: str) -> str:
    return f"has the invisible character U+{ord(character):04X}; leave it out"


def file_problem(file: str) -> str | None:
    """Return what keeps a file's name, or a URL, from being an emoji's image, or None.

    >>> file_problem("../../etc/passwd")
    "leaves the pack; name a file inside it, without '..'"
    """
    if re.fullmatch(_PLAIN_FILE, file):
        return None
    if not file:
        return "is empty; name a file of the pack, or give a URL"
    if is_url(file):
        return url_problem(file)
    if file.startswith("/") or re.match(r"[A-Za-z]:", file):
        return "is an absolute path; name a file inside the pack"
    if "\\" in file:
        return "has a backslash; write '/' between folders"
    steps = file.split("/")
    if ".." in steps:
        return "leaves the pack; name a file inside it, without '..'"
    if steps[-1] in ("", "."):
        return "is a folder; name a file in it"
    if "" in steps or "." in steps:
        return f"is not a plain path; write {quoted('/'.join(step for step in steps if step not in ('', '.')))}"
    if hidden := re.search(_HIDDEN, file) or re.search(r"[\t\n]", file):
        return _hidden(hidden[0])
    return None
