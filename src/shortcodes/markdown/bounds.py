"""Bounds that the engine lacks, so that no post is slow, deep or much longer as HTML than it was as Markdown.

Each was measured; tests/hostile holds them. None toggles a rule of a parser that threads share: where rules have to
be off, a second parser that never had them reads the block.
"""

from typing import TYPE_CHECKING

from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock, blockquote, list_block, table
from markdown_it.rules_inline import StateInline

from ..limits import Limits
from .positions import trace_colons

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.parser_block import RuleFuncBlockType
    from markdown_it.rules_inline.state_inline import Delimiter
    from markdown_it.token import Token
    from markdown_it.utils import EnvType

# cmark's bound on what references may add: docs of cmark 0.30.3, "--unsafe and resource limits".
_REFERENCE_OUTPUT = 100_000
_EMPTY_CELLS = 4_096
_LINK_RULES = ["link", "image", "linkify", "autolink"]


def bound(md: "MarkdownIt", limits: Limits) -> None:
    """Put the bounds into a parser that is being built."""
    wary = ParserInline()
    for name in wary.ruler.get_all_rules():
        if name not in md.inline.ruler.get_active_rules() or name in _LINK_RULES:
            wary.ruler.disable(name)
    for name in wary.ruler2.get_all_rules():
        if name not in md.inline.ruler2.get_active_rules():
            wary.ruler2.disable(name)
    inline = _Inline(md.inline, wary, limits.links)
    for parser in (inline, wary):
        parser.ruler2.after("balance_pairs", "nesting", lambda state: _flatten(state, limits.nesting))
        trace_colons(parser)
    md.inline = inline
    md.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    for name, rule, ends in (("blockquote", blockquote, _ENDED_BY_QUOTE), ("list", list_block, _ENDED_BY_LIST)):
        md.block.ruler.at(name, _shallow(rule, limits.nesting), {"alt": ends})


def environment(post: str) -> "EnvType":
    """Return the engine's environment for one post."""
    return {"references": _References(max(len(post), _REFERENCE_OUTPUT))}


# What each rule may interrupt, as the engine has it.
_ENDED_BY_LIST = ["paragraph", "reference", "blockquote"]
_ENDED_BY_QUOTE = [*_ENDED_BY_LIST, "list"]


def _shallow(rule: "RuleFuncBlockType", nesting: int) -> "RuleFuncBlockType":
    """Open no block in which the engine would drop the text: deeper markers stay text. A list opens two at once."""
    return lambda state, start, end, silent: state.level < nesting - 2 and rule(state, start, end, silent)


class _Inline(ParserInline):
    """Reads a block with more than so many link openers without links: looking for their ends is quadratic."""

    def __init__(self, rules: ParserInline, wary: ParserInline, links: int) -> None:
        super().__init__()
        self.ruler = rules.ruler
        self.ruler2 = rules.ruler2
        self.terminator_re = rules.terminator_re
        self._wary = wary
        self._links = links

    def parse(self, src: str, md: "MarkdownIt", env: "EnvType", tokens: "list[Token]") -> "list[Token]":
        if src.count("[") > self._links or src.count("://") > self._links:
            return self._wary.parse(src, md, env, tokens)
        return super().parse(src, md, env, tokens)


class _References(dict[str, dict[str, str]]):
    """Link reference definitions that, together, may add only so much to the output."""

    def __init__(self, budget: int) -> None:
        super().__init__()
        self._budget = budget

    def get(self, label: str, default: dict[str, str] | None = None) -> dict[str, str] | None:  # type: ignore[override]  # narrower, as the engine calls it
        reference = super().get(label)
        if reference is None:
            return default
        self._budget -= len(reference["href"]) + len(reference["title"])
        return reference if self._budget >= 0 else default


def _flatten(state: StateInline, nesting: int) -> None:
    """Take the emphasis that is nested too deep for text."""
    for delimiters in (state.delimiters, *_inner(state)):
        ends: list[int] = []
        for i, delimiter in enumerate(delimiters):
            while ends and ends[-1] < i:
                ends.pop()
            if delimiter.end > i:
                if len(ends) < nesting:
                    ends.append(delimiter.end)
                else:
                    delimiter.end = -1


def _inner(state: StateInline) -> "list[list[Delimiter]]":
    return [meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta]


def _bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # the engine's
    """A table whose short rows would be filled up with thousands of empty cells is no table."""
    if not table(state, start, end, True):
        return False
    return silent or (_can_fill(state, start, end) and table(state, start, end, False))


def _can_fill(state: StateBlock, start: int, end: int) -> bool:
    """Tell whether the post can afford the cells that the rows of this table lack, and pay for them."""
    columns = state.src.count("|", state.bMarks[start], state.eMarks[start])
    missing = 0
    for line in range(start + 2, end):
        if state.isEmpty(line):
            break
        missing += max(0, columns - state.src.count("|", state.bMarks[line], state.eMarks[line]))
    left: int = state.env.get("empty_cells", _EMPTY_CELLS)
    if missing > left:
        return False
    state.env["empty_cells"] = left - missing
    return True
