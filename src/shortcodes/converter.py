"""The front door: one `Converter`, made once, shared by threads, for every surface of a forum."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from markupsafe import escape

from . import text as text_door
from .dialects import find_dialect
from .limits import DEFAULT_LIMITS, Limits
from .packs.index import build_index
from .packs.pack import Pack
from .packs.unicode import unicode_pack
from .renderers import Html, Renderer, find_renderer
from .text import Replacer
from .tokenizer import Scanner, Shortcode, scanner

if TYPE_CHECKING:
    from .markdown.door import MarkdownDoor
    from .results import Result


class Converter:
    r"""Resolves shortcodes against packs, in posts, titles and finished HTML. Frozen: a new pack means a new converter.

    >>> Converter().to_html("Good **morning** :wave:")
    Markup('<p>Good <strong>morning</strong> 👋</p>\n')

    Posts, titles and HTML may be hostile and never raise. `PackError` is raised for packs that cannot be used,
    `OptionError` for a setting that does not exist.
    """

    def __init__(  # noqa: PLR0913  # settings, by keyword
        self,
        packs: Iterable[Pack] | None = None,
        *,
        dialect: str = "gfm",
        boundary: str | None = None,
        renderer: Renderer | str = "standard",
        emoticons: bool = False,
        alt_in_text: bool = False,
        locale: str = "",
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Make a converter.

        `packs`: an earlier one wins; the bundled Unicode pack alone if not given. `boundary`: what may stand beside a
        shortcode, ``word``, ``loose`` or ``strict``; the dialect's if not given. `renderer`: a preset's name, or a
        function from `Shortcode` to `Html`. `alt_in_text`: image emoji in plain text as their alt text, not as
        ``:name:``. `locale`: which alt texts, as in ``"pt-BR"``.
        """
        self.dialect = find_dialect(dialect)
        self.limits = limits
        self.index = build_index([unicode_pack()] if packs is None else packs)
        self._scanner = scanner(boundary or self.dialect.boundary, emoticons=emoticons)
        self._escaped = Scanner(self._scanner.boundary, _escaped(self._scanner.emoticons))
        self._render = find_renderer(renderer)
        self._characters = text_door.alt_text if alt_in_text else text_door.characters
        self._locale = locale

    def to_html(self, post: str) -> Html:
        """Return a post as HTML."""
        return self._markdown.to_html(post)

    def to_text(self, post: str) -> str:
        """Return a post as plain text, without its markup."""
        return self._markdown.to_text(post, self._to_text)

    def convert(self, post: str) -> "Result":
        """Return a post as HTML, with what was found in it, and the version of the index."""
        from .results import FoundShortcode, Result, UnknownShortcode  # who only renders never loads it

        html, found = self._markdown.convert(post)
        resolved: list[FoundShortcode] = []
        unknown: list[UnknownShortcode] = []
        for piece, line, column in found:
            if isinstance(piece, Shortcode):
                resolved.append(FoundShortcode(piece, line, column))
            else:
                unknown.append(UnknownShortcode(piece.source, piece.name, line, column, self.index))
        return Result(html, tuple(resolved), tuple(unknown), self.index.version)

    def filter_html(self, html: str) -> Html:
        """Return finished HTML with the shortcodes of its text rendered; all else stays byte for byte.

        For forums that keep their own engine. The HTML is trusted as far as it was before: this does not sanitise.
        """
        from .html import filter_html  # nor this

        return Html(filter_html(html, self._to_filtered, self.limits))

    def text_to_html(self, text: str) -> Html:
        """Return plain text (a title, a display name), escaped, with its shortcodes rendered."""
        if len(text) > self.limits.characters:
            return escape(text_door.without_surrogates(text))
        return text_door.text_to_html(text, self._to_filtered, self.limits)

    def text_to_text(self, text: str) -> str:
        """Return plain text with its shortcodes as characters; image emoji stay ``:name:``."""
        return self._to_text(text)

    def demojize(self, text: str) -> str:
        """Return plain text with its Unicode emoji as shortcodes: the way back from `text_to_text`."""
        return text_door.demojize(text, self.index)

    @cached_property
    def _markdown(self) -> "MarkdownDoor":
        from .markdown.door import MarkdownDoor  # a converter of titles never loads it

        return MarkdownDoor(
            self.dialect,
            Replacer(self._scanner, self.index, self._render, locale=self._locale),
            Replacer(self._scanner, self.index, text_door.characters, locale=self._locale),
            self.limits,
        )

    @cached_property
    def _to_text(self) -> Replacer:
        return Replacer(self._scanner, self.index, self._characters, locale=self._locale)

    @cached_property
    def _to_filtered(self) -> Replacer:
        return Replacer(self._escaped, self.index, self._render, locale=self._locale)


def _escaped(emoticons: Mapping[str, str]) -> Mapping[str, str]:
    """Spell emoticons as they stand in HTML: ``<3`` is ``&lt;3`` there."""
    return {str(escape(emoticon)): name for emoticon, name in emoticons.items()}
