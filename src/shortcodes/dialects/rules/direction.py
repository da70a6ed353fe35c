"""Text that runs from right to left: ``dir="auto"`` lets browsers find the direction of each block by its text."""

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_DIRECTED = frozenset(
    f"{kind}_open" for kind in "heading blockquote paragraph bullet_list ordered_list table th td".split()
)


def use_direction(md: MarkdownIt) -> None:
    """Give blocks a direction, but those that begin another one, which has it already."""
    md.core.ruler.push("direction", _direct)


def _direct(state: StateCore) -> None:
    before = None
    for token in state.tokens:
        if token.type in _DIRECTED and not (before and _begins(token, before)):
            token.attrSet("dir", "auto")
        before = token


def _begins(token: Token, before: Token) -> bool:
    if token.type == "th_open" and before.type == "tr_open":
        return True
    return before.type in _DIRECTED and token.level > before.level
