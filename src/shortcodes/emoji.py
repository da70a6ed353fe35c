"""Emoji and skin tones: the facts, as Unicode defines them (UTS #51)."""

import functools
import os
import re
import unicodedata
from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn

MAX_NAME_LENGTH = 128


class _Nothing(dict[str, Any]):
    """A mapping that has nothing and stays so, as all share it who have nothing of their own.

    A `MappingProxyType` could not go to another process.
    """

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this is shared by all that have nothing here; give a mapping of your own")

    __setitem__ = setdefault = update = __ior__ = _refuse


NOTHING: Final[Mapping[str, Any]] = _Nothing()


class SkinTone(IntEnum):
    """The five emoji modifiers (UTS #51, ED-11), numbered by Fitzpatrick type as Slack and Discourse number them.

    >>> SkinTone.MEDIUM, SkinTone.MEDIUM.modifier
    (<SkinTone.MEDIUM: 4>, '\U0001f3fd')
    """

    LIGHT = 2
    MEDIUM_LIGHT = 3
    MEDIUM = 4
    MEDIUM_DARK = 5
    DARK = 6

    @property
    def modifier(self) -> str:
        """The modifier character, U+1F3FB to U+1F3FF."""
        return chr(0x1F3FB + self - SkinTone.LIGHT)


class Emoji(NamedTuple):
    """What a name stands for: a Unicode sequence, or an image. Give one of the two.

    A plain value, checked where packs come in: by `read_pack`, and when an index is built.
    """

    name: str
    unicode: str | None = None
    """The fully-qualified sequence (UTS #51, ED-18), without a skin tone."""
    image: str | None = None
    """A file of the pack, or a URL (http, https, mxc, or ``//host/…``)."""
    static: str | None = None
    """The still frame of an animated image, likewise."""
    aliases: tuple[str, ...] = ()
    alt: str | Mapping[str, str] = ""
    """What a screen reader says: a text, or one for each locale."""
    category: str = ""
    keywords: tuple[str, ...] = ()
    width: int | None = None
    """CSS pixels."""
    height: int | None = None
    """CSS pixels."""
    sensitive: bool = False
    retired: bool = False
    """Still shown in old posts, no longer offered for new ones."""
    version: str = ""
    """The Emoji version that brought the sequence: ``"15.1"``."""
    tones: tuple[str, ...] = ()
    """The sequence with a tone, shown with U+1F3FB; for two people, a second with U+1F3FB and U+1F3FC. Empty: none."""
    extra: Mapping[str, Any] = NOTHING
    """What another platform knows of it and we do not, by the name of its format."""

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)

    def alt_text(self, locale: str = "") -> str:
        """Return the text in that locale, else in its language, else in English, else in the first one there is."""
        if isinstance(self.alt, str):
            return self.alt
        for wanted in (locale, locale.partition("-")[0], "en"):
            if wanted in self.alt:
                return self.alt[wanted]
        return next(iter(self.alt.values()), "")

    def toned(self, tones: tuple[SkinTone, ...]) -> str | None:
        """Return the sequence with one tone, or one for each of two people; None if the emoji does not take them.

        >>> Emoji("wave", "\U0001f44b", tones=("\U0001f44b\U0001f3fb",)).toned((SkinTone.DARK,))
        '\U0001f44b\U0001f3ff'
        """
        if len(set(tones)) > len(self.tones):
            return None
        exemplar = self.tones[len(set(tones)) - 1]
        return exemplar.translate({0x1F3FB: tones[0].modifier, 0x1F3FC: tones[-1].modifier})


def name_problem(name: str) -> str | None:
    """Return what keeps a string from being a name, or None.

    A name is 1 to 128 letters, marks, digits, ``_``, ``+``, ``-``, with at least one letter or digit, all to be seen.

    >>> name_problem("party parrot")
    "has ' ' (U+0020), which may not stand in a name; letters, digits, '_', '+' and '-' may"
    """
    if str.isascii(name) and len(name) <= MAX_NAME_LENGTH and _without_symbols(name).isalnum():
        return None
    if not name:
        return "is empty"
    if len(name) > MAX_NAME_LENGTH:
        return f"is {len(name)} characters long; {MAX_NAME_LENGTH} are allowed"
    for character in name:
        if character not in "_+-" and unicodedata.category(character)[0] not in "LMN":
            shown = f"{character!r} (U+{ord(character):04X})"
            return f"has {shown}, which may not stand in a name; letters, digits, '_', '+' and '-' may"
    if not any(character.isalnum() for character in name):
        return "has no letter or digit"
    if problem := invisible_problem(name):
        return problem
    if not unicodedata.is_normalized("NFC", name):
        return f"looks right but is not in Unicode's NFC form; copy this: {unicodedata.normalize('NFC', name)!r}"
    return None


# Default_Ignorable_Code_Point without what turns the direction of text; some are letters or marks.
_INVISIBLE = (
    r"[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def invisible_problem(name: str) -> str | None:
    """Return which character of a name nobody sees, or None.

    >>> invisible_problem("ca\u200dt")
    'has ZERO WIDTH JOINER (U+200D), which nobody sees or types; leave it out'
    """
    if found := re.search(_INVISIBLE, name):
        return f"has {called(found[0])}, which nobody sees or types; leave it out"
    return None


def called(character: str) -> str:
    """Return how Unicode calls a character: ``HANGUL FILLER (U+3164)``."""
    code_point = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    return f"{name} ({code_point})" if name else code_point


@functools.cache
def known_emoticons() -> Mapping[str, str]:
    """Return what each emoticon stands for: ``:-)`` → ``slightly_smiling_face``."""
    return MappingProxyType(dict(read_rows(os.path.dirname(__file__), "emoticons.tsv")))


def read_rows(folder: str, file: str) -> list[list[str]]:
    """Read a table that comes with the library: a line of titles, then tab-separated rows."""
    with open(os.path.join(folder, file), encoding="utf-8") as lines:  # pathlib would double the time to import
        return [line.split("\t") for line in lines.read().splitlines()[1:]]


def _without_symbols(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace("+", "")


# RFC 3986, 3.1. Anything that browsers skip inside a scheme (tab, line break) is refused before this is asked.
_SCHEME = r"([A-Za-z][A-Za-z0-9+.\-]*):"
_NOT_IN_A_URL = r"[\x00-\x20\x7f-\x9f\\\"<>`{}|^\u200b-\u200f\u2028-\u202f\u2066-\u2069\ud800-\udfff\ufeff]"
_SCHEMES = frozenset({"http", "https", "mxc"})
_ORDINARY_HOST = r"(?:[a-z][a-z0-9+.\-]*:)?//[\w.:@\-]*(?:[/?#]|$)|(?![a-z][a-z0-9+.\-]*:|//)"  # or none


def url_problem(url: str) -> str | None:
    """Return what keeps a pack's URL from being put into a page, or None. http, https, mxc and relative ones may be.

    >>> url_problem("javascript:alert(1)")
    "has the scheme 'javascript'; http, https, mxc or a relative URL is allowed"
    """
    if not url:
        return "is empty"
    if bad := re.search(_NOT_IN_A_URL, url):
        return f"has the character U+{ord(bad[0]):04X}, which may not stand in a URL; percent-encode it"
    if (scheme := re.match(_SCHEME, url)) and scheme[1].lower() not in _SCHEMES:
        return f"has the scheme {scheme[1]!r}; http, https, mxc or a relative URL is allowed"
    if not re.match(_ORDINARY_HOST, url, re.ASCII | re.IGNORECASE):
        from urllib.parse import urlsplit  # slow to import, and few hosts need it

        try:
            urlsplit(url)
        except ValueError:  # a bracket that is no IPv6 address, or signs that become a slash or a colon
            return "has a host that no address can have"
    return None
