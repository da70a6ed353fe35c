"""The plug-in for markdown-it-py: shortcodes in running text become tokens of their own.

It runs when the engine has taken code, links, escapes and bare URLs out of the text, and before typographic
replacements, which would tear names (``:a--b:``) and must see what stands beside a quote.
"""

from collections.abc import Iterator, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from ..limits import DEFAULT_LIMITS, Budget, Limits
from ..packs.index import Index
from ..renderers import Renderer, find_renderer
from ..text import Replacer, characters, only_emoji
from ..tokenizer import Shortcode, scanner
from .positions import PLACE, Place, Sighting

SHORTCODE = "shortcode"
ONLY_EMOJI = "only-emoji"
SIGHTINGS = "shortcodes"
"""A list under this key of the engine's environment gets what is found and its place, in reading order."""
_PARAGRAPH = frozenset({"paragraph_open", "inline", "paragraph_close"})
_BREAKS = frozenset({"softbreak", "hardbreak"})


def shortcodes_plugin(  # noqa: PLR0913  # settings, by keyword
    md: MarkdownIt,
    index: Index,
    *,
    renderer: Renderer | str = "standard",
    boundary: str = "word",
    emoticons: bool = False,
    locale: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Teach a markdown-it-py parser shortcodes: ``md.use(shortcodes_plugin, index)``.

    Adds tokens of the type ``shortcode``, whose ``meta["shortcode"]`` is the `Shortcode`. A post of nothing but emoji
    gets ``<p class="only-emoji">``. An empty index changes nothing.
    """
    use_replacers(
        md,
        Replacer(scanner(boundary, emoticons=emoticons), index, find_renderer(renderer), locale=locale),
        Replacer(scanner(boundary, emoticons=emoticons), index, characters, locale=locale),
        limits,
    )


def use_replacers(md: MarkdownIt, replace: Replacer, as_characters: Replacer, limits: Limits) -> None:
    """The same, with the text doors of a converter: one for HTML, one for where only characters can stand."""
    running = _RunningText(replace, as_characters.rendered)

    def resolve(state: StateCore) -> None:
        if running.may_have(state.src):
            budget = Budget(limits, len(state.src))
            sightings: list[Sighting] | None = state.env.get(SIGHTINGS)
            for token in state.tokens:
                if token.type == "inline" and running.may_have(token.content):
                    token.children = running.children(token.children or [], budget, sightings)
        elif state.src.isascii():
            return
        _mark_only_emoji(state.tokens, replace.index)

    def render(
        self: RendererProtocol,  # noqa: ARG001  # the engine binds rules to its renderer
        tokens: Sequence[Token],
        idx: int,
        options: OptionsDict,  # noqa: ARG001  # the engine's signature
        env: EnvType,  # noqa: ARG001  # likewise
    ) -> str:
        return replace.rendered.of(tokens[idx].meta["shortcode"])

    if replace.index.entries:
        claimed = "mentions" in md.core.ruler.get_active_rules()
        md.core.ruler.after("mentions" if claimed else "linkify", "shortcodes", resolve)
        md.add_render_rule(SHORTCODE, render)


class _RunningText:
    """What the tokens of running text become. Without state, so that threads share it."""

    def __init__(self, replace: Replacer, as_text: Mapping[str, str]) -> None:
        self._replace = replace
        self._as_text = as_text

    def may_have(self, text: str) -> bool:
        return ":" in text or not self._replace.scanner.needs_colon

    def children(self, tokens: list[Token], budget: Budget, sightings: list[Sighting] | None) -> list[Token]:
        """Return an inline token's children, with the shortcodes cut out of the text, and add what was seen."""
        resolved: list[Token] = []
        in_url = False
        for token in tokens:
            if token.type == "text":
                if not in_url and self.may_have(token.content):
                    parts = self._replace.scanner.split(token.content)
                    if len(parts) > 1:
                        resolved += self._cut(token, parts, budget, sightings)
                        continue
            elif token.info == "auto":  # the text of an autolink is its URL
                in_url = token.nesting == 1
            elif token.children:  # an image's description is an attribute: emoji stand in it as characters
                token.children = self.children(token.children, budget, sightings)
                for child in token.children:
                    if child.type == SHORTCODE:
                        child.type, child.content = "text", self._as_text[child.content]
            resolved.append(token)
        return resolved

    def _cut(self, token: Token, parts: list[str], budget: Budget, sightings: list[Sighting] | None) -> Iterator[Token]:
        level = token.level
        text = parts[0]
        if sightings is not None:
            sightings += self._sightings(parts, token.meta.get(PLACE))
        for run, after in zip(parts[1::2], parts[2::2], strict=True):
            for piece in self._replace.pieces[run]:
                if isinstance(piece, Shortcode) and budget.spend(len(self._replace.rendered.of(piece))):
                    if text:
                        yield Token("text", "", 0, {}, None, level, None, text)
                        text = ""
                    meta = {"shortcode": piece}
                    yield Token(SHORTCODE, "", 0, {}, None, level, None, piece.source, "", "", meta)
                else:
                    text += piece if isinstance(piece, str) else piece.source
            text += after
        if text:
            token.content = text
            yield token

    def _sightings(self, parts: list[str], place: Place | None) -> Iterator[Sighting]:
        end = len(parts[0])
        for run, after in zip(parts[1::2], parts[2::2], strict=True):
            for piece in self._replace.pieces[run]:
                if not isinstance(piece, str):
                    yield (place and place.moved(end), piece)
                end += len(piece if isinstance(piece, str) else piece.source)
            end += len(after)


def _mark_only_emoji(tokens: list[Token], index: Index) -> None:
    """Give the paragraphs of a post that is nothing but emoji a class."""
    if tokens and all(
        token.type in _PARAGRAPH and (token.type != "inline" or _is_only_emoji(token.children or [], index))
        for token in tokens
    ):
        for token in tokens:
            if token.type == "paragraph_open":
                token.attrJoin("class", ONLY_EMOJI)


def _is_only_emoji(tokens: list[Token], index: Index) -> bool:
    return bool(tokens) and all(
        token.type == SHORTCODE or token.type in _BREAKS or (token.type == "text" and only_emoji(token.content, index))
        for token in tokens
    )
