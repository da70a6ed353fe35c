"""The Markdown door itself: parser, bounds and plug-in put together, once for each converter."""

from typing import TYPE_CHECKING

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import escape

from ..dialects.dialect import Dialect
from ..limits import Limits
from ..once import once
from ..renderers import Html
from ..text import Replacer, without_surrogates
from .bounds import bound, bound_emphasis, environment, may_link, ready
from .lean import LeanRenderer
from .plain import PlainPosts, plain_posts
from .plaintext import cut_spoilers, plain_text
from .plugin import SIGHTINGS, use_replacers
from .positions import Found, Sighting, locate, trace
from .titles import use_titles

if TYPE_CHECKING:
    from .fast import FastPosts
    from .incremental import Incremental
    from .running import Label, Text, Written


class MarkdownDoor:
    """Posts in one dialect, with the emoji of one index. The parser is built once and shared by threads."""

    def __init__(  # noqa: PLR0913  # settings of a converter
        self,
        dialect: Dialect,
        to_html: Replacer,
        as_characters: Replacer,
        limits: Limits,
        *,
        highlight: bool = False,
        engine: str = "default",
    ) -> None:
        self._dialect = dialect
        self._limits = limits
        self._to_html = to_html
        self._as_characters = as_characters
        self._md = self._with_shortcodes(traced=False)
        self._is_fast = engine == "fast" and not highlight
        if highlight:
            from .highlight import use_highlighting  # it loads Pygments

            use_highlighting(self._md)

    def to_html(self, post: str, prefix: str = "") -> Html:
        """Return a post as HTML. `prefix`: of the ids that its footnotes have."""
        if len(post) > self._limits.characters:
            return Html(f"<pre>{escape(without_surrogates(post))}</pre>\n")
        for way in self._ways:
            if (html := way.to_html(post)) is not None:
                return Html(html)
        return self._render(self._md.parse(without_surrogates(post), environment(post)), prefix)

    def to_text(self, post: str, replace: Replacer, *, spoilers: bool = True) -> str:
        """Return a post as plain text, without its markup."""
        if len(post) > self._limits.characters:
            return without_surrogates(post) if spoilers else ""
        tokens = (self._md if spoilers else self._unspoiled).parse(without_surrogates(post), environment(post))
        return plain_text(tokens, replace.rendered.of)

    def title_to_html(self, title: str) -> Html:
        """Return a title as HTML, with the inline rules that the dialect has for titles."""
        tokens = self._titles.parseInline(without_surrogates(title))
        return Html(self._titles.renderer.render(tokens, self._titles.options, {}))

    def convert(self, post: str, prefix: str = "") -> tuple[Html, tuple[Found, ...]]:
        """Return a post as HTML, and the shortcodes in it, known and unknown, in reading order."""
        if len(post) > self._limits.characters:
            return self.to_html(post, prefix), ()
        for way in self._ways:
            if (html := way.to_html(post)) is not None and (found := way.found(post)) is not None:
                return Html(html), tuple(found)
        sightings: list[Sighting] = []
        env = environment(post)
        env[SIGHTINGS] = sightings
        tokens = self._traced.parse(without_surrogates(post), env)
        return self._render(tokens, prefix), tuple(locate(post, sightings))

    def incremental(self) -> "Incremental | None":
        """Return what reads posts block by block, as `to_html` does. None for a dialect with rules of strangers."""
        from .incremental import Incremental, is_known  # only who edits a post needs it

        return Incremental(self._md, self._to_html, self._limits) if is_known(self._dialect) else None

    def running_text(self, post: str, *, foreign: bool = False) -> "list[Text | Written | Label]":
        """Return the post's running text, and where it stands.

        If asked for what is foreign: emoji as other platforms write them, and texts as readers see them, without
        escapes.
        """
        from .running import running_text  # only the source door needs it, and it compiles a pattern

        if len(post) > self._limits.characters:
            return []
        md = self._foreign if foreign else self._plain
        return list(running_text(md, md.parse(without_surrogates(post), environment(post)), joined=foreign))

    @once
    def _ways(self) -> "tuple[PlainPosts | FastPosts, ...]":
        """What posts are spared the engine, each in its own way."""
        plain = plain_posts(self._dialect, self._md, self._to_html, self._limits)
        fast = None
        if plain and self._is_fast:
            from .fast import fast_posts  # an extra

            fast = fast_posts(self._dialect, self._md, self._to_html, self._limits, plain)
        return tuple(way for way in (fast, plain) if way)

    @once
    def _traced(self) -> MarkdownIt:
        return self._with_shortcodes(traced=True)

    def _with_shortcodes(self, *, traced: bool) -> MarkdownIt:
        md = build_parser(self._dialect, self._limits, traced=traced)
        use_replacers(md, self._to_html, self._as_characters, self._limits)
        return _ready(md)

    @once
    def _unspoiled(self) -> MarkdownIt:
        md = self._with_shortcodes(traced=False)
        cut_spoilers(md)
        return _ready(md)

    @once
    def _titles(self) -> MarkdownIt:
        md = build_title_parser(self._dialect, self._limits)
        use_replacers(md, self._to_html, self._as_characters, self._limits)
        return _ready(md)

    @once
    def _plain(self) -> MarkdownIt:
        return self._without_shortcodes()

    @once
    def _foreign(self) -> MarkdownIt:
        from .running import read_written  # likewise

        md = self._without_shortcodes()
        read_written(md)
        return _ready(md)

    def _without_shortcodes(self) -> MarkdownIt:
        md = build_parser(self._dialect._replace(typographer=False), self._limits, traced=True)
        md.core.ruler.disable("text_join")  # texts are to be slices of the source
        return _ready(md)

    def _render(self, tokens: list[Token], prefix: str) -> Html:
        env = {"docId": str(escape("-".join(prefix.split())))} if prefix else {}  # mdit-py-plugins' name for it
        return Html(self._md.renderer.render(tokens, self._md.options, env))


def build_parser(dialect: Dialect, limits: Limits, *, traced: bool = False) -> MarkdownIt:
    """Return a parser with a dialect's rules and the bounds. Raw HTML is off: it is shown as it was typed."""
    md = _unbounded(dialect, limits)
    bound(md, _unbounded(dialect, limits).inline, limits)
    titles = build_title_parser(dialect, limits)
    if traced:
        trace(md)
        trace(titles)
    use_titles(md, titles)
    return md


def _ready(md: MarkdownIt) -> MarkdownIt:
    """Return a parser that is built, and that threads may share from now on."""
    ready(md.core.ruler, md.block.ruler, md.inline.ruler, md.inline.ruler2)
    return md


def build_title_parser(dialect: Dialect, limits: Limits) -> MarkdownIt:
    """Return a parser with no more than the inline rules that a dialect's titles have, and the bounds."""
    md = MarkdownIt("zero", {"maxNesting": limits.nesting}).enable([*dialect.title])
    bound_emphasis(md.inline, limits)
    return md


def _unbounded(dialect: Dialect, limits: Limits) -> MarkdownIt:
    options = {
        "html": False,
        "xhtmlOut": False,
        "linkify": dialect.linkify,
        "typographer": dialect.typographer,
        "breaks": dialect.breaks,
        "maxNesting": limits.nesting,
    }
    md = MarkdownIt(dialect.preset, options, renderer_cls=LeanRenderer)
    if dialect.linkify:
        md.linkify = _Linkify()
    dialect.extend(md)
    if dialect.mentions:
        from .mentions import use_mentions  # many dialects have none

        use_mentions(md, dialect)
    md.core.ruler.push("descriptions", _keep_escapes)
    return md


def _keep_escapes(state: StateCore) -> None:
    """Make texts of the escapes and entities in the descriptions of images, which the engine's renderer drops."""
    for block in state.tokens if "![" in state.src else ():
        images = [token for token in block.children or () if token.type == "image"]
        while images:
            for child in images.pop().children or ():
                if child.type == "text_special":
                    child.type = "text"
                elif child.type == "image":
                    images.append(child)


class _Linkify(LinkifyIt):  # type: ignore[misc]  # it has no types
    """Finds bare links. Text that cannot have one is spared its regexes, which took a third of all time."""

    def pretest(self, text: str) -> bool:
        """Tell whether a text may have a link."""
        return may_link(text) and bool(super().pretest(text))

    def test(self, text: str) -> bool:
        """Tell whether a text of a block that may have a link has one."""
        return may_link(text) and bool(super().test(text))
