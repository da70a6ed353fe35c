"""Formulas between two dollar signs, which are left as they are: ``$$a_1 * b_1$$``."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from ..begins import begins_with

_FORMULA = re.compile(r"(?<![\w$])\$\$(?P<body>[^\n_$][^$\n]*+)\$\$(?![\w$])")


def use_dollars(md: MarkdownIt) -> None:
    """Teach a parser that nothing is Markdown in a formula."""
    md.inline.ruler.before("escape", "dollars", begins_with("$", _read))


def _read(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
    found = _FORMULA.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        token = state.push("code_inline", "code", 0)
        token.content, token.markup, token.attrs = found["body"], "$$", {"class": "tex"}
    state.pos = found.end()
    return True
