"""The front door: one `Converter`, made once, shared by threads, for every surface of a forum."""

import re
from collections.abc import Generator, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from . import text as text_door
from .dialects import find_dialect
from .dialects.dialect import Dialect
from .emoji import url_problem
from .errors import OptionError, quoted
from .limits import DEFAULT_LIMITS, Limits
from .once import once
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
        dialect: Dialect | str = "gfm",
        boundary: str | None = None,
        renderer: Renderer | str | None = None,
        emoticons: bool = False,
        alt_in_text: bool = False,
        locale: str = "",
        user_url: str | None = None,
        community_url: str | None = None,
        highlight: bool = False,
        engine: str = "default",
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Make a converter.

        `packs`: an earlier one wins; the bundled Unicode pack alone if not given. `dialect`: a name, or a `Dialect`.
        `boundary`: what may stand beside a shortcode, ``word``, ``loose``, ``strict`` or ``alone``; the dialect's if
        not given. `renderer`: a preset's name, or a function from `Shortcode` to `Html`; the dialect's if not given.
        `alt_in_text`: image emoji in plain text as their alt text, not as ``:name:``. `locale`: which alt texts, as in
        ``"pt-BR"``. `user_url`, `community_url`: where mentions lead, as in ``"https://forum.example/u/{address}"``;
        see `Dialect.urls`. An empty one makes no links. `highlight`: whether Pygments colours fenced code.
        `engine`: ``default``, or ``fast``, which reads the usual posts many times as fast, to the same HTML; it
        needs the extra ``fast``.
        """
        self.dialect = _linked(find_dialect(dialect), user=user_url, community=community_url)
        self.limits = limits
        self.index = build_index([unicode_pack()] if packs is None else packs)
        self._scanner = scanner(boundary or self.dialect.boundary, emoticons=emoticons)
        self._escaped = Scanner(self._scanner.boundary, _escaped(self._scanner.emoticons))
        self._render = find_renderer(self.dialect.renderer if renderer is None else renderer)
        self._characters = text_door.alt_text if alt_in_text else text_door.characters
        self._locale = locale
        self._highlight = highlight
        self._engine = _find_engine(engine)
        # As they were given: an installed dialect travels to another process by its name.
        self._settings = {
            "packs": self.index.packs,
            "dialect": dialect,
            "boundary": boundary,
            "renderer": renderer,
            "emoticons": emoticons,
            "alt_in_text": alt_in_text,
            "locale": locale,
            "user_url": user_url,
            "community_url": community_url,
            "highlight": highlight,
            "engine": engine,
            "limits": limits,
        }

    def __getstate__(self) -> Mapping[str, Any]:
        """Return the settings, by their names. Whatever else there is can be made of them in another process."""
        return self._settings

    def __setstate__(self, settings: Mapping[str, Any]) -> None:
        Converter.__init__(self, **settings)

    def to_html(self, post: str, *, prefix: str = "") -> Html:
        """Return a post as HTML.

        `prefix`: what the ids in it have in common, an id of the post, if there are other posts on the page: else the
        footnotes of two of them have the same.
        """
        return self._markdown.to_html(post, prefix)

    def to_text(self, post: str, *, spoilers: bool = True) -> str:
        """Return a post as plain text, without its markup. For descriptions in meta tags, say, without spoilers."""
        return self._markdown.to_text(post, self._to_text, spoilers=spoilers)

    def title_to_html(self, title: str) -> Html:
        """Return a post's title as HTML, with what Markdown the dialect allows in titles: often none."""
        if not self.dialect.title or len(title) > self.limits.characters:
            return self.text_to_html(title)
        return self._markdown.title_to_html(title)

    def convert(self, post: str, *, prefix: str = "") -> "Result":
        """Return a post as HTML, with what was found in it, and the version of the index. `prefix`: as `to_html`'s."""
        from .results import FoundShortcode, Result, UnknownShortcode  # who only renders never loads it

        html, found = self._markdown.convert(post, prefix)
        resolved: list[FoundShortcode] = []
        unknown: list[UnknownShortcode] = []
        for piece, line, column in found:
            if isinstance(piece, Shortcode):
                resolved.append(FoundShortcode(piece, line, column))
            else:
                unknown.append(UnknownShortcode(piece.source, piece.name, line, column, self.index))
        return Result(html, tuple(resolved), tuple(unknown), self.index.version)

    def convert_many(self, posts: Iterable[str], *, workers: int | None = None) -> "Generator[Result, None, None]":
        """Yield what `convert` returns for each post, in order, from worker processes. Memory stays flat.

        `workers`: how many; as many as this process may use cores if not given, and 1 is none beside this one. Posts
        are read a little ahead of what is taken. Raises `OptionError` for a setting that cannot travel, as a lambda
        for a renderer, and `WorkerError` if a process dies.
        """
        from .bulk.workers import convert_many  # processes are for who has many

        return convert_many(self, self._to_text.pieces, posts, workers=workers)

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
        """Return plain text with its shortcodes as characters; image emoji stay ``:name:``.

        All else stays, but for lone surrogates, which are U+FFFD.
        """
        return self._to_text(text if text.isascii() else text_door.encodable(text))

    def demojize(self, text: str) -> str:
        """Return plain text with its Unicode emoji as shortcodes: the way back from `text_to_text`."""
        return text_door.demojize(text, self._to_text)

    def to_source(self, post: str, *, target: str, names: Mapping[str, str] = MappingProxyType({})) -> str:
        """Return a post's Markdown with its emoji written another way; all else stays byte for byte.

        `target`: ``unicode`` (characters), ``shortcode`` (back from the others), ``lemmy`` (``![alt](url "emoji
        name")``), ``discord`` (``<:name:id>``) or ``html`` (as the renderer has it, for a Markdown that lets HTML
        through). `names`: name → the name it has there. What a target cannot hold stays as it was typed.
        """
        from .source import Wanted, to_source  # for migrations

        wanted = Wanted(target, names, self._render, self.dialect.tone, self.dialect.linkify, self._scanner)
        return to_source(post, wanted, self._markdown, self._to_text, self.limits)

    @once
    def _markdown(self) -> "MarkdownDoor":
        from .markdown.door import MarkdownDoor  # a converter of titles never loads it

        return MarkdownDoor(
            self.dialect,
            Replacer(self._scanner, self.index, self._render, locale=self._locale),
            Replacer(self._scanner, self.index, text_door.characters, locale=self._locale),
            self.limits,
            highlight=self._highlight,
            engine=self._engine,
        )

    @once
    def _to_text(self) -> Replacer:
        return Replacer(self._scanner, self.index, self._characters, locale=self._locale)

    @once
    def _to_filtered(self) -> Replacer:
        return Replacer(self._escaped, self.index, self._render, locale=self._locale)


def _find_engine(engine: str) -> str:
    """Return the name of an engine. Raises `OptionError` if there is none, or it is not installed."""
    if engine not in _ENGINES:
        raise OptionError.unknown("engine", engine, _ENGINES)
    if engine == "fast":
        from importlib.util import find_spec  # nobody else needs it

        if not find_spec("pyromark"):
            raise OptionError("the engine 'fast' is not installed; install 'emoji-shortcodes[fast]'")
    return engine


_ENGINES = ("default", "fast")


def _linked(dialect: Dialect, **given: str | None) -> Dialect:
    """Return the dialect with other URLs for its mentions. Raises `OptionError` for those that no page may have."""
    urls = {**dialect.urls, **{kind: url for kind, url in given.items() if url is not None}}
    for kind, url in urls.items():
        if url and (problem := url_problem(re.sub(r"[{}]", "", url))):  # a name must not be a scheme, either
            raise OptionError(f"{kind}_url {quoted(url)} {problem}")
    return dialect._replace(urls=urls)


def _escaped(emoticons: Mapping[str, str]) -> Mapping[str, str]:
    """Spell emoticons as they stand in HTML: ``<3`` is ``&lt;3`` there."""
    return {str(escape(emoticon)): name for emoticon, name in emoticons.items()}
