"""The plug-in for markdown-it-py: shortcodes in running text become tokens of their own.

It runs when the engine has taken code, links, escapes and bare URLs out of the text, and before typographic
replacements, which would tear names (``:a--b:``) and must see what stands beside a quote.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..limits import DEFAULT_LIMITS, Budget, Limits
from ..packs.index import Index
from ..renderers import Renderer, standard
from ..text import Replacer, characters, only_emoji
from ..tokenizer import Shortcode, Unknown, scanner

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererProtocol
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

    from .positions import Sighting

TOKEN_TYPE = "shortcode"
ONLY_EMOJI = "only-emoji"
SIGHTINGS = "shortcodes"
"""A list under this key of the engine's environment gets what is found: (inline token, piece), in reading order."""
_PARAGRAPH = frozenset({"paragraph_open", "inline", "paragraph_close"})
_BREAKS = frozenset({"softbreak", "hardbreak"})


def shortcodes_plugin(
    md: "MarkdownIt",
    index: Index,
    *,
    renderer: Renderer = standard,
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
        Replacer(scanner(boundary, emoticons=emoticons), index, renderer, locale=locale),
        Replacer(scanner(boundary, emoticons=emoticons), index, characters, locale=locale),
        limits,
    )


def use_replacers(md: "MarkdownIt", replace: Replacer, as_characters: Replacer, limits: Limits) -> None:
    """The same, with the text doors of a converter: one for HTML, one for where only characters can stand."""
    from markdown_it.token import Token  # the engine is loaded when it is used

    scanned = replace.scanner
    rendered = replace.rendered
    as_text = as_characters.rendered
    index = replace.index

    def resolve(state: "StateCore") -> None:
        if (":" in state.src or scanned.emoticons) and index.entries:
            budget = Budget(limits, len(state.src))
            sightings: list[Sighting] | None = state.env.get(SIGHTINGS)
            for token in state.tokens:
                if token.type == "inline" and (":" in token.content or scanned.emoticons):
                    seen: list[Shortcode | Unknown] = []
                    token.children = children(token.children or [], budget, seen)
                    if sightings is not None:
                        sightings += ((token, piece) for piece in seen)
        elif state.src.isascii():
            return
        mark_only_emoji(state.tokens)

    def children(tokens: "list[Token]", budget: Budget, seen: list[Shortcode | Unknown]) -> "list[Token]":
        resolved: list[Token] = []
        in_url = False
        for token in tokens:
            if token.type == "text":
                if not in_url and (":" in token.content or scanned.emoticons):
                    parts = scanned.split(token.content)
                    if len(parts) > 1:
                        resolved += cut(token, parts, budget, seen)
                        continue
            elif token.info == "auto":  # the text of an autolink is its URL
                in_url = token.nesting == 1
            elif token.children:  # an image's description is an attribute: emoji stand in it as characters
                token.children = children(token.children, budget, seen)
                for child in token.children:
                    if child.type == TOKEN_TYPE:
                        child.type, child.content = "text", as_text[child.content]
            resolved.append(token)
        return resolved

    def cut(token: "Token", parts: list[str], budget: Budget, seen: list[Shortcode | Unknown]) -> "list[Token]":
        tokens: list[Token] = []
        text = parts[0]
        for i in range(1, len(parts), 2):
            for piece in replace.read(parts[i]):
                if isinstance(piece, str):
                    text += piece
                    continue
                seen.append(piece)
                if isinstance(piece, Shortcode) and budget.spend(len(rendered[piece.source])):
                    if text:
                        tokens.append(Token("text", "", 0, level=token.level, content=text))
                        text = ""
                    meta = {"shortcode": piece}
                    tokens.append(Token(TOKEN_TYPE, "", 0, level=token.level, content=piece.source, meta=meta))
                else:
                    text += piece.source
            text += parts[i + 1]
        if text:
            tokens.append(Token("text", "", 0, level=token.level, content=text))
        return tokens

    def mark_only_emoji(tokens: "list[Token]") -> None:
        if not tokens or not all(token.type in _PARAGRAPH for token in tokens):
            return
        if all(token.type != "inline" or is_only_emoji(token.children or []) for token in tokens):
            for token in tokens:
                if token.type == "paragraph_open":
                    token.attrJoin("class", ONLY_EMOJI)

    def is_only_emoji(tokens: "list[Token]") -> bool:
        return bool(tokens) and all(
            token.type == TOKEN_TYPE
            or token.type in _BREAKS
            or (token.type == "text" and only_emoji(token.content, index))
            for token in tokens
        )

    def render(
        self: "RendererProtocol",  # noqa: ARG001  # the engine binds rules to its renderer
        tokens: "Sequence[Token]",
        idx: int,
        options: "OptionsDict",  # noqa: ARG001  # the engine's signature
        env: "EnvType",  # noqa: ARG001  # likewise
    ) -> str:
        return rendered[tokens[idx].content]

    md.core.ruler.after("linkify", "shortcodes", resolve)
    md.add_render_rule(TOKEN_TYPE, render)

