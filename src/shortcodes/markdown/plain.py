"""Posts without markup: a few paragraphs, which is what most comments are. They never enter the engine.

One pattern proves that no rule of a dialect can fire. It errs on the side of the engine, which reads what it does not
match. That both give the same is held by tests/test_plain.py.
"""

import re
from collections.abc import Iterator, Mapping

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml

from ..dialects.begins import needed
from ..dialects.dialect import Dialect
from ..limits import Budget, Limits
from ..text import Replacer
from .positions import Found

APOSTROPHE = "\u2019"
ASCII_NO_TEXT = r"\x00-\x09\x0b-\x1f\x7f"
NO_TEXT = rf"{ASCII_NO_TEXT}\x80-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\ud800-\udfff"
"""White space that is trimmed here and there, and what no page can carry. A class of ASCII is twice as fast."""
HARMLESS = {
    "_": "(?<=[A-Za-z0-9])_++(?=[A-Za-z0-9])",  # within a word (CommonMark 0.31, 6.2)
    "&": r"&(?!\#?[A-Za-z0-9]++;)",  # no reference to a character (2.5)
    "<": "<(?![^\\s<>:@]*+[:@])",  # no autolink (6.5); raw HTML is off
    "/": "/(?!/)",
}
"""Signs that are markup in some places, and where they are not."""
HARMLESS_CURLED = {
    **HARMLESS,
    "'": r"(?<=[^\W_])'(?=[^\W_])",  # an apostrophe
    '"': "(?!)",
    ".": r"\.(?!\.)",
    "-": "-(?!-)",
    "+": r"\+(?!-)",
    ",": ",(?!,)",
    "!": "!(?!!!!)",
    "?": r"\?(?!\?\?\?)",
    "(": r"\((?![CRTcrt][Mm]?\))",
}
"""The same where straight quotes become curly ones, and more."""
has_dot_in_word = re.compile(r"\.[^\W\d_]").search
"""Tells whether there may be a bare URL without a scheme. To look for it first takes a quarter of the time."""
_MARKUP = r"`*\[\]\\~@"
# What no line of a paragraph may begin with: another block, or what makes the line above a heading.
_NO_START = r"[\ \#>=|\-] | \+(?=[\ \n]|\Z) | [0-9]{1,9}[.)] | :(?![A-Za-z0-9_+])"
_PRESETS = ("commonmark", "gfm-like", "js-default", "zero")
_LF = "\n"
_SAMPLE = "ж"  # a letter that is in no element


class PlainPosts:
    """One dialect's posts without markup, with the emoji of one index."""

    def __init__(
        self, patterns: list[str], sample: list[str], replace: Replacer, limits: Limits, *, curl: bool
    ) -> None:
        self._is_plain_ascii, self._is_plain = (re.compile(pattern, re.VERBOSE).fullmatch for pattern in patterns)
        self._open, self._break, self._between, self._close = sample
        self._replace = replace
        self._limits = limits
        self.curl = curl

    def to_html(self, post: str) -> str | None:
        """Return a post as HTML; None if it has markup, or perhaps has."""
        is_plain = self._is_plain_ascii if post.isascii() else self._is_plain
        if has_dot_in_word(post) or not is_plain(post) or not has_words(post, self._replace):
            return None
        if ":" not in post:
            return self._html(post, None)
        html = self._html(post, None) if post.count(":") // 2 <= self._limits.emoji else ""
        if html and len(html) - len(post) <= self._limits.output:
            return html
        return self._html(post, Budget(self._limits, len(post)))  # which counts

    def found(self, post: str) -> list[Found]:
        """Return the shortcodes of a post that has no markup, known and unknown, and where they are."""
        return list(located(post, self._replace)) if ":" in post else []

    def _html(self, post: str, budget: Budget | None) -> str:
        if "\n\n" not in post:
            return f"{self._open}{self._paragraph(post.strip(_LF), budget)}{self._close}"
        texts = [text for some in post.split("\n\n") if (text := some.strip("\n"))]
        return f"{self._open}{self._between.join(self._paragraph(text, budget) for text in texts)}{self._close}"

    def _paragraph(self, text: str, budget: Budget | None) -> str:
        if "&" in text or "<" in text or ">" in text or '"' in text:  # a search takes a fifth of a replacement
            text = escapeHtml(text)
        if self.curl:
            text = text.replace("'", APOSTROPHE)
        if self._break == "\n":
            return self._replace(text, budget)
        # A renderer's HTML may have lines, too.
        return self._break.join(self._replace(line, budget) for line in text.split("\n"))


def plain_posts(dialect: Dialect, md: MarkdownIt, replace: Replacer, limits: Limits) -> PlainPosts | None:
    """Return the way around a dialect's parser; None if it is not known what all of its rules begin with."""
    signs = known_signs(dialect)
    sample = md.render(f"{_SAMPLE}\n{_SAMPLE}\n\n{_SAMPLE}").split(_SAMPLE)
    if signs is None or not replace.scanner.needs_colon or sample[2:] != [sample[3] + sample[0], sample[3]]:
        return None
    harmless = HARMLESS_CURLED if dialect.typographer else HARMLESS
    patterns = [_pattern(signs, harmless, no_text) for no_text in (ASCII_NO_TEXT, NO_TEXT)]
    return PlainPosts(patterns, sample, replace, limits, curl=dialect.typographer)


def _pattern(signs: str, harmless: Mapping[str, str], no_text: str) -> str:
    others = re.escape("".join({*signs, *harmless}))
    text = rf"[^\n{others}{_MARKUP}{no_text}]++"
    alternatives = " | ".join(rule for sign, rule in harmless.items() if sign not in signs)
    return rf"\n*+ (?! {_NO_START} ) (?: {text} | {alternatives} | (?<!\ )\n(?! {_NO_START} ) )++ (?<!\ )"


def known_signs(dialect: Dialect) -> str | None:
    """Return the characters that a dialect's rules need, beside CommonMark's; None if it does not say it of all."""
    needs = [needed(dialect.extend), *(mention.signs or None for mention in dialect.mentions)]
    known = [signs for signs in needs if signs is not None]
    return "".join(known) if len(known) == len(needs) and dialect.preset in _PRESETS else None


def has_words(post: str, replace: Replacer) -> bool:
    """Tell whether there is more than emoji: a post of nothing but emoji is marked."""
    return post[:1].isalpha() or any(re.search("[A-Za-z]", text) for text in replace.scanner.split(post)[::2])


def located(text: str, replace: Replacer) -> Iterator[Found]:
    """Yield the shortcodes of a text, known and unknown, and where they are."""
    line, start_of_line, end = 1, 0, 0
    for i, part in enumerate(replace.scanner.split(text)):
        for piece in replace.pieces[part] if i % 2 else (part,):
            if isinstance(piece, str):
                source = piece
            else:
                yield Found(piece, line, end - start_of_line + 1)
                source = piece.source
            if breaks := source.count("\n"):
                line += breaks
                start_of_line = end + source.rindex("\n") + 1
            end += len(source)
