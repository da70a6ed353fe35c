"""Titles: a post's, and those that blocks such as spoilers have. Inline rules of their own, a few; no links, no quotes.

A dialect's rule pushes a block's title as a token of the type ``title``. Here it becomes an ``inline`` one. Its
``meta["at"]`` may say where in the post it stands.
"""

from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from .bounds import ready
from .positions import PLACE, rules_of

TITLE = "title"
"""The type of a title's token; the ``info`` of the one that it becomes."""
_TITLES = "titles"
_PROSE = ("linkify", "mentions", "replacements", "smartquotes")
"""What is done to text, but not to titles."""


def use_titles(md: MarkdownIt, titles: MarkdownIt) -> None:
    """Let another parser, which has the dialect's rules for titles, read those in a post. All else must be added."""
    read = rules_of(titles.core.ruler)["inline"]
    ready(titles.inline.ruler, titles.inline.ruler2)

    def read_titles(state: StateCore) -> None:
        found = [token for token in state.tokens if token.type == TITLE]
        if not found:
            return
        for token in found:
            token.type, token.info = "inline", TITLE
            at = token.meta.pop("at", None)
            token.meta[PLACE] = () if at is None else ((0, at),)
        read(StateCore("", titles, state.env, found))
        state.env[_TITLES] = True

    md.core.ruler.after("inline", TITLE, read_titles)
    for name, rule in rules_of(md.core.ruler).items():
        if name in _PROSE:
            md.core.ruler.at(name, _sparing_titles(rule))


def _sparing_titles(rule: Callable[[StateCore], None]) -> Callable[[StateCore], None]:
    def run(state: StateCore) -> None:
        if _TITLES not in state.env:
            rule(state)
            return
        tokens = state.tokens
        state.tokens = [token for token in tokens if not _is_title(token)]
        rule(state)
        state.tokens = tokens

    return run


def _is_title(token: Token) -> bool:
    return token.type == "inline" and token.info == TITLE
