"""Spoilers as containers: ``::: spoiler title``, then blocks, then ``:::``."""

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

from ..begins import begins_with

_CONTAINER = "container_spoiler"
_TITLE = re.compile(r"spoiler\s+(.*)")
_HTML = {
    "details_open": "<details>",
    "summary_open": "<summary> ",
    "summary_close": " </summary>\n",
    "details_close": "</details>\n",
}


def use_spoilers(md: MarkdownIt) -> None:
    """Add spoilers: ``<details>`` with the title as ``<summary>``. One that is not closed ends with what it is in."""
    md.use(container_plugin, "spoiler", validate=lambda title, _marker: _TITLE.fullmatch(title.strip()) is not None)
    container = md.block.ruler.getRules("")[md.block.ruler.get_active_rules().index(_CONTAINER)]
    md.block.ruler.at(
        _CONTAINER, begins_with(":", _titled(container)), {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    for kind, html in _HTML.items():
        md.add_render_rule(kind, _renders(html))


def _renders(html: str) -> Callable[..., str]:
    return lambda *_: html


def _titled(container: RuleFuncBlockType) -> RuleFuncBlockType:
    """Make tokens of a container's title, so that it has shortcodes like all running text."""

    def read(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
        if not state.src.startswith(":::", state.bMarks[start] + state.tShift[start]):
            return False  # first, as this is asked of each line
        first = len(state.tokens)
        end -= state.isEmpty(end - 1)  # the container looks at the first character of each line
        if state.level >= state.md.options.maxNesting - 2 or not container(state, start, end, silent):
            return False
        if not silent:
            state.tokens[first : first + 1] = _opening(state.tokens[first], state, start)
            state.tokens[-1].type, state.tokens[-1].tag = "details_close", "details"
        return True

    return read


def _opening(token: Token, state: StateBlock, line: int) -> list[Token]:
    """Return what opens a spoiler. Its title comes as a token of its own, which says where in the post it stands."""
    found = _TITLE.fullmatch(token.info.strip())
    title = found[1] if found else ""
    at = state.src.rfind(title, state.bMarks[line], state.eMarks[line])
    lines, level = [line, line + 1], token.level
    return [
        Token("details_open", "details", 1, map=token.map, level=level, markup=token.markup, block=True),
        Token("summary_open", "summary", 1, map=lines, level=level + 1, block=True),
        Token("title", "", 0, map=lines, level=level + 2, content=title, meta={"at": at}),
        Token("summary_close", "summary", -1, level=level + 1, block=True),
    ]
