"""The Markdown door itself: parser, bounds and plug-in put together, once for each converter."""

from functools import cached_property
from typing import TYPE_CHECKING

from markupsafe import escape

from ..dialects.dialect import Dialect
from ..limits import Limits
from ..renderers import Html
from ..text import Replacer, without_surrogates
from . import plugin

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

    from .positions import Found, Sighting


class MarkdownDoor:
    """Posts in one dialect, with the emoji of one index. The parser is built once and shared by threads."""

    def __init__(self, dialect: Dialect, to_html: Replacer, as_characters: Replacer, limits: Limits) -> None:
        self._dialect = dialect
        self._to_html = to_html
        self._as_characters = as_characters
        self._limits = limits

    def to_html(self, post: str) -> Html:
        """Return a post as HTML."""
        if len(post) > self._limits.characters:
            return Html(f"<pre>{escape(without_surrogates(post))}</pre>\n")
        return self._render(self._parse(post))

    def to_text(self, post: str, replace: Replacer) -> str:
        """Return a post as plain text, without its markup."""
        if len(post) > self._limits.characters:
            return without_surrogates(post)
        from .plaintext import plain_text

        return plain_text(self._parse(post), lambda shortcode: replace.rendered[shortcode.source])

    def convert(self, post: str) -> "tuple[Html, tuple[Found, ...]]":
        """Return a post as HTML, and the shortcodes in it, known and unknown, in reading order."""
        if len(post) > self._limits.characters:
            return self.to_html(post), ()
        from .positions import locate

        sightings: list[Sighting] = []
        tokens = self._parse(post, sightings)
        found = tuple(locate(post, sightings, self.md, {})) if sightings else ()
        return self._render(tokens), found

    @cached_property
    def md(self) -> "MarkdownIt":
        """The parser: the dialect's rules, the bounds, the plug-in."""
        from markdown_it import MarkdownIt  # a converter of titles never loads the engine

        from .bounds import bound

        options = {"html": False, "xhtmlOut": False, "linkify": self._dialect.linkify}
        md = MarkdownIt(self._dialect.preset, {**options, "maxNesting": self._limits.nesting})
        bound(md, self._limits)
        plugin.use_replacers(md, self._to_html, self._as_characters, self._limits)
        return md

    def _parse(self, post: str, sightings: "list[Sighting] | None" = None) -> "list[Token]":
        md = self.md
        from .bounds import environment

        return md.parse(without_surrogates(post), {**environment(post), plugin.SIGHTINGS: sightings})

    def _render(self, tokens: "list[Token]") -> Html:
        return Html(self.md.renderer.render(tokens, self.md.options, {}))
