"""The Markdown door itself: parser, bounds and plug-in put together, once for each converter."""

import re

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import escape

from ..dialects.dialect import Dialect
from ..limits import Limits
from ..renderers import Html
from ..text import Replacer, without_surrogates
from .bounds import bound, environment
from .plaintext import plain_text
from .plugin import SIGHTINGS, use_replacers
from .positions import Found, Sighting, locate


class MarkdownDoor:
    """Posts in one dialect, with the emoji of one index. The parser is built once and shared by threads."""

    def __init__(self, dialect: Dialect, to_html: Replacer, as_characters: Replacer, limits: Limits) -> None:
        self._limits = limits
        self._md = build_parser(dialect, limits)
        use_replacers(self._md, to_html, as_characters, limits)

    def to_html(self, post: str) -> Html:
        """Return a post as HTML."""
        if len(post) > self._limits.characters:
            return Html(f"<pre>{escape(without_surrogates(post))}</pre>\n")
        return self._render(self._parse(post))

    def to_text(self, post: str, replace: Replacer) -> str:
        """Return a post as plain text, without its markup."""
        if len(post) > self._limits.characters:
            return without_surrogates(post)
        return plain_text(self._parse(post), lambda shortcode: replace.rendered[shortcode.source])

    def convert(self, post: str) -> tuple[Html, tuple[Found, ...]]:
        """Return a post as HTML, and the shortcodes in it, known and unknown, in reading order."""
        if len(post) > self._limits.characters:
            return self.to_html(post), ()
        sightings: list[Sighting] = []
        tokens = self._parse(post, sightings)
        return self._render(tokens), tuple(locate(post, sightings, self._md, {}))

    def _parse(self, post: str, sightings: list[Sighting] | None = None) -> list[Token]:
        env = environment(post)
        env[SIGHTINGS] = sightings
        return self._md.parse(without_surrogates(post), env)

    def _render(self, tokens: list[Token]) -> Html:
        return Html(self._md.renderer.render(tokens, self._md.options, {}))


def build_parser(dialect: Dialect, limits: Limits) -> MarkdownIt:
    """Return a parser with a dialect's rules and the bounds. Raw HTML is off: it is shown as it was typed."""
    options = {"html": False, "xhtmlOut": False, "linkify": dialect.linkify, "maxNesting": limits.nesting}
    md = MarkdownIt(dialect.preset, options)
    if dialect.linkify:
        md.linkify = _Linkify()
    bound(md, limits)
    return md


class _Linkify(LinkifyIt):  # type: ignore[misc]  # it has no types
    """Finds bare links. Text that cannot have one is spared its regexes, which took a third of all time."""

    def pretest(self, text: str) -> bool:
        """Tell whether a text may have a link: all that it knows have ``//``, ``@``, or a dot before a letter."""
        return _may_link(text) and bool(super().pretest(text))

    def test(self, text: str) -> bool:
        """Tell whether a text of a block that may have a link has one."""
        return _may_link(text) and bool(super().test(text))


def _may_link(text: str) -> bool:
    return "//" in text or "@" in text or re.search(_DOT_AND_DOMAIN, text) is not None


_DOT_AND_DOMAIN = r"\.[^\W\d_]"  # top-level domains begin with a letter
