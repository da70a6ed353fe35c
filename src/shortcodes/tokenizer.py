r"""Text to tokens: where a shortcode is, by the one rule of every surface. The hot path.

The rule (docs/reference/grammar.md) is the regex below. It never looks at packs, so a new pack never changes how
other text is cut. Each match begins with a colon, which lets `re` skip text without one at the speed of memchr; all
repetitions are possessive or bounded, which keeps the time linear in the text, whatever the text.

A match is a *run*: shortcodes that touch, with the literal colons between them (``:a:::b:``), or a bare URL, which is
matched only so that nothing inside it is.
"""

import functools
import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from .emoji import Emoji, SkinTone, known_emoticons
from .errors import OptionError
from .once import once

if TYPE_CHECKING:
    from .packs.pack import Pack

Boundary = Literal["word", "loose", "strict", "alone"]

# Slack's and Discourse's suffixes: docs.slack.dev "Formatting text", meta.discourse.org "Emoji skin tones".
_TONE = r"(?: :skin-tone-[2-6](?:-[2-6])?: | t[2-6]: )?+"

# Where a link begins, the text up to the next space, quote or angle bracket, escaped ones too, is left alone.
_URL_REST = r"""[^\s<>"&]*+ (?: &(?!lt;|gt;|quot;|\#34;) [^\s<>"&]*+ )*+"""
_BARE_URL = rf"//(?<=[A-Za-z0-9+.\-]://) {_URL_REST}"
_WWW_URL = rf"(?<![^\W_])www\. {_URL_REST} |"

# What may stand behind an opening colon. The end of a shortcode is a boundary, so the next one may touch it.
_NEXT = r"""
    (?: [A-Za-z0-9][A-Za-z0-9_+\-]{0,127}+: (?![A-Za-z\d]|:skin-tone-)     # most: the next two lines say it all
      | {NAME} {TONE} (?![A-Za-z\d])
      | (?!\d+:|.:) {NAME} {TONE} (?!\d)               # a letter may follow, but not after ':x:' or ':100:',
      | :++ {NAME} {TONE} (?![A-Za-z\d])               # nor after a literal colon
    )
"""
_RULES: Mapping[str, str] = {
    "word": rf"""
        :(?!\s)(?: {{URL}}
          | (?<![A-Za-z0-9:]:)                      # no ASCII letter or digit before the colon, or the colon run
            {_NEXT} (?: : {_NEXT} )*+
        )""",
    "loose": r":(?!\s)(?: {URL} | {NAME} {TONE} )",
    "strict": r":(?!\s)(?: {URL} | (?<![^\W_]:)(?<!::) {NAME} {TONE} (?![^\W_]|:) )",
    "alone": r"(?<!\S)(?: :{NAME} {TONE} | {WORD} )(?!\S)",  # a URL is not all of a name's characters
}

# A name and its closing colon. Symbols alone (`:+:`) are no name. ASCII names are tried first: they are most, and fast.
_ASCII_NAME = r"(?![_+\-]*+:) [A-Za-z0-9_+\-]{1,128}+:"
_ANY_NAME = rf"(?: {_ASCII_NAME} | (?![_+\-%s]*+:) [\w+\-%s]{{1,128}}+: )"

# The same without a colon, where names stand alone.
_ASCII_WORD = r"(?![_+\-]*+(?!\S)) [A-Za-z0-9_+\-]{1,128}+"
_ANY_WORD = r"(?![_+\-%s]*+(?!\S)) [\w+\-%s]{1,128}+"

_LINK = rf":[^:]+: {_TONE} | :"


class Entry(NamedTuple):
    """An emoji and the pack that it is from."""

    emoji: Emoji
    pack: "Pack"


class Match(NamedTuple):
    """What a name resolves to: an entry, and the tones that the name itself spells (``wave_tone3``)."""

    entry: Entry
    tones: tuple[SkinTone, ...] = ()


class Lookup(Protocol):
    """What the tokenizer asks of an index."""

    def find(self, name: str) -> Match | None:
        """Return what a name stands for."""

    def toned(self, emoji: Emoji, tones: tuple[SkinTone, ...]) -> str | None:
        """Return the sequence of the emoji with those tones, if it takes them."""


class Shortcode(NamedTuple):
    """A shortcode that resolved. What a renderer gets; equal ones must render alike."""

    source: str
    """As typed, with the tone suffix if it applies: ``:wave::skin-tone-4:``."""
    name: str
    """The name as typed: ``wave``."""
    emoji: Emoji
    pack: "Pack"
    characters: str
    """The Unicode sequence with its tones; empty for an image."""
    tones: tuple[SkinTone, ...] = ()
    locale: str = ""

    @property
    def alt(self) -> str:
        """The emoji's own text, else ``:name:``."""
        return self.emoji.alt_text(self.locale) or self.title

    @property
    def title(self) -> str:
        """``:name:``, the canonical one."""
        return f":{self.emoji.name}:"

    @property
    def url(self) -> str | None:
        """The address of the image."""
        return self.emoji.image and self.pack.url(self.emoji.image)

    @property
    def static_url(self) -> str | None:
        """The address of the still frame."""
        return self.emoji.static and self.pack.url(self.emoji.static)

    @property
    def twice_url(self) -> str | None:
        """The address of the image with twice the pixels."""
        return self.pack.twice(self.emoji) if self.emoji.extra else None


class Unknown(NamedTuple):
    """A shortcode whose name no pack has."""

    source: str
    name: str


Piece = str | Shortcode | Unknown


class Token(NamedTuple):
    """A piece of scanned text. The sources of all tokens, joined, are the text."""

    source: str
    start: int
    """Offset in code points."""
    end: int
    name: str | None = None
    """The name as typed; None for text that is no shortcode."""
    shortcode: Shortcode | None = None
    """What it resolved to; None for text and for unknown names."""


class Scanner:
    """One boundary policy, with or without emoticons: where the shortcodes of a text are."""

    def __init__(self, boundary: Boundary = "word", emoticons: Mapping[str, str] = MappingProxyType({})) -> None:
        self.boundary = boundary
        self.emoticons = emoticons
        self.needs_colon = boundary != "alone" and not emoticons
        """Whether there is nothing to find in a text without a colon."""
        self._spellings = tuple(emoticons)
        self._ascii = _pattern(boundary, self._spellings, ascii_only=True, www=False)
        self._split_ascii = self._ascii.split

    def split(self, text: str) -> list[str]:
        """Cut a text: text, run, text, run, …, text. A run may also be a bare URL, an emoticon, or a word alone."""
        parts = self._split_ascii(text) if text.isascii() else self._any.split(text)
        if len(parts) > 1 and "www." in text:  # rare, and a pattern that may begin with a letter is four times slower
            return _pattern(self.boundary, self._spellings, ascii_only=text.isascii(), www=True).split(text)
        return parts

    def most(self, text: str) -> int:
        """Return how many shortcodes a text has at the most, soon told."""
        if self.needs_colon:
            return text.count(":") // 2
        return (len(text) + 1) // 2  # an emoticon has two characters, a word alone has one, and white space behind it

    def read(self, run: str, lookup: Lookup, locale: str = "") -> tuple[Piece, ...]:
        """Take a run apart and resolve what is in it. The sources of the pieces, joined, are the run."""
        if run in self.emoticons:
            name = self.emoticons[run]
            match = lookup.find(name)
            return (_shortcode(run, name, match, lookup, locale) if match else run,)
        if run[0] != ":":  # a URL, or a word that stands alone
            return (_resolve_word(run, lookup, locale) if self.boundary == "alone" else run,)
        several = links(run)
        if len(several) == 1:
            return _resolve(run, lookup, locale)
        return tuple(piece for link in several for piece in _resolve(link, lookup, locale))

    @once
    def _any(self) -> re.Pattern[str]:
        return _pattern(self.boundary, self._spellings, ascii_only=False, www=False)


def scanner(boundary: str = "word", *, emoticons: bool = False) -> Scanner:
    """Return the scanner of a boundary policy: ``word``, ``loose``, ``strict`` or ``alone``."""
    if boundary not in _RULES:
        raise OptionError.unknown("boundary", boundary, _RULES)
    return Scanner(boundary, known_emoticons() if emoticons else {})  # type: ignore[arg-type]  # just checked


def tokenize(text: str, index: Lookup | None = None, *, boundary: str = "word", emoticons: bool = False) -> list[Token]:
    """Cut a text into tokens; with an index, resolve them too.

    >>> [token.source for token in tokenize("at 10:30:45 :wave::cat:s")]
    ['at 10:30:45 ', ':wave:', ':cat:', 's']
    """
    scan = scanner(boundary, emoticons=emoticons)
    tokens: list[Token] = []
    end = 0
    for i, part in enumerate(scan.split(text)):
        for piece in scan.read(part, index or _NOTHING) if i % 2 else (part,):
            source = piece if isinstance(piece, str) else piece.source
            start, end = end, end + len(source)
            if isinstance(piece, Shortcode):
                tokens.append(Token(source, start, end, piece.name, piece))
            elif isinstance(piece, Unknown):
                tokens.append(Token(source, start, end, piece.name))
            elif tokens and tokens[-1].name is None:
                tokens[-1] = Token(tokens[-1].source + source, tokens[-1].start, end)
            elif source:
                tokens.append(Token(source, start, end))
    return tokens


def links(run: str) -> list[str]:
    """Cut a run: shortcodes, each with its tone, and literal colons. A bare URL is one piece."""
    if run[0] != ":" or run[1:2] == "/":
        return [run]
    if ":::" not in run and "::skin-tone-" not in run:  # nothing but shortcodes that touch: no regex is needed
        return run.replace("::", ":\0:").split("\0")
    return _link().findall(run)


def _resolve(link: str, lookup: Lookup, locale: str) -> tuple[Piece, ...]:
    if link == ":" or link[0] != ":" or link[1] == "/":  # a literal colon, or a URL
        return (link,)
    name, _, suffix = link[1:].partition(":")
    match = lookup.find(name)
    if match is None:
        return (Unknown(link, name),)
    if not suffix:
        return (_shortcode(link, name, match, lookup, locale),)
    tones = tuple(SkinTone(int(digit)) for digit in suffix if digit.isdigit())
    if not match.tones and lookup.toned(match.entry.emoji, tones):
        return (_shortcode(link, name, match._replace(tones=tones), lookup, locale),)
    return (_shortcode(f":{name}:", name, match, lookup, locale), suffix)


def _resolve_word(word: str, lookup: Lookup, locale: str) -> Shortcode | str:
    """Resolve a word without colons: only images are named so, since Unicode's names (``ok``, ``cat``) are words."""
    match = lookup.find(word)
    return _shortcode(word, word, match, lookup, locale) if match and match.entry.emoji.image else word


def _shortcode(source: str, name: str, match: Match, lookup: Lookup, locale: str) -> Shortcode:
    (emoji, pack), tones = match
    characters = (lookup.toned(emoji, tones) if tones else emoji.unicode) or ""
    return Shortcode(source, name, emoji, pack, characters, tones, locale)


@functools.cache
def _pattern(boundary: str, emoticons: tuple[str, ...], *, ascii_only: bool, www: bool) -> re.Pattern[str]:
    """Compile the rule. Text that is all ASCII (an O(1) question) gets a pattern that is twice as fast."""
    name, word = (_ASCII_NAME, _ASCII_WORD) if ascii_only else (_ANY_NAME, _ANY_WORD)
    rule = _RULES[boundary].replace("{URL}", _BARE_URL).replace("{NAME}", name).replace("{WORD}", word)
    rule = rule.replace("{TONE}", _TONE).replace("%s", "" if ascii_only else _marks())
    if emoticons:
        spellings = "|".join(map(re.escape, sorted(emoticons, key=len, reverse=True)))
        rule = rf"(?<!\S)(?:{spellings})(?![^\s.,!?;]) | {rule}"
    return re.compile(f"({_WWW_URL if www else ''} {rule})", re.VERBOSE)


@functools.cache
def _link() -> re.Pattern[str]:
    return re.compile(_LINK, re.VERBOSE)


@functools.cache
def _marks() -> str:
    r"""Return the ranges of combining marks, for a character class: `re` has ``\w`` for letters and digits only.

    Asked of the interpreter's own Unicode tables, once, when the first text that is not ASCII comes.
    """
    codes = (*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0))
    ranges: list[list[int]] = []
    for code in (code for code in codes if unicodedata.category(chr(code))[0] == "M"):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


class _Nothing:
    """The lookup in which there is nothing."""

    def find(self, name: str) -> Match | None:  # noqa: ARG002  # the protocol's parameter
        return None

    def toned(self, emoji: Emoji, tones: tuple[SkinTone, ...]) -> str | None:  # noqa: ARG002  # likewise
        return None


_NOTHING = _Nothing()
