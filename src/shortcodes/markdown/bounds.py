"""Bounds that the engine lacks, so that no post is slow, deep or much longer as HTML than it was as Markdown.

Each was measured; tests/test_cost.py holds them. None toggles a rule of a parser that threads share: where rules have
to be off, a second parser that never had them reads the block.
"""

import re
from typing import TYPE_CHECKING, Any

from markdown_it.common.utils import escapeHtml
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock, blockquote, lheading, list_block, table
from markdown_it.rules_core import StateCore, linkify
from markdown_it.rules_inline import StateInline

from ..dialects.begins import begins_with
from ..limits import Limits
from .lean import LeanBlocks, LeanInline, begins_like
from .quotes import curl

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.parser_block import RuleFuncBlockType
    from markdown_it.ruler import Ruler
    from markdown_it.rules_inline.state_inline import Delimiter
    from markdown_it.utils import EnvType

# cmark's bound on what references may add: docs of cmark 0.30.3, "--unsafe and resource limits".
_REFERENCE_OUTPUT = 100_000
_IMAGE_DEPTH = 3
_WARY = "wary"
_LINK_RULES = ["link", "image", "linkify", "autolink", "footnote_inline"]


def bound(md: "MarkdownIt", wary: ParserInline, limits: Limits) -> None:
    """Put the bounds into a parser that is being built. `wary`: the inline rules of another one like it."""
    wary.ruler.disable(_LINK_RULES, ignoreInvalid=True)
    if md.options.linkify:
        md.inline.ruler.at("linkify", begins_with(":", _read_url))
    for parser in (md.inline, wary):
        bound_emphasis(parser, limits)
    ready(wary.ruler, wary.ruler2)
    md.inline = _Inline(md.inline, LeanInline(wary), limits.links)
    md.core.ruler.at("linkify", _bounded_linkify)
    md.core.ruler.at("smartquotes", curl)
    md.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    if "lheading" in md.block.ruler.get_active_rules():
        md.block.ruler.at("lheading", _underlined)
    quote = begins_with(">", _bounded_quote)
    for name, rule, ends in (("blockquote", quote, _ENDED_BY_QUOTE), ("list", list_block, _ENDED_BY_LIST)):
        md.block.ruler.at(name, begins_like(rule, _shallow(rule, limits.nesting)), {"alt": ends})
    md.block = LeanBlocks(md.block)


def ready(*rulers: "Ruler[Any]") -> None:
    """Let rulers make their tables now. Else the first post does, and another one at that moment reads half a table."""
    for ruler in rulers:
        ruler.getRules()


def bound_emphasis(parser: ParserInline, limits: Limits) -> None:
    """Let emphasis nest only so deep."""
    flatten = begins_with("", lambda state: _flatten(state, limits.nesting))
    parser.ruler2.after("balance_pairs", "nesting", flatten)


def environment(post: str) -> "EnvType":
    """Return the engine's environment for one post."""
    return {
        "references": _References(max(len(post), _REFERENCE_OUTPUT)),
        _ADDRESSES: _ADDRESS_COST + 16 * len(post),
        _LINES: _LINE_COST + len(post) // 2,
    }


# What each rule may interrupt, as the engine has it.
_ENDED_BY_LIST = ["paragraph", "reference", "blockquote"]
_ENDED_BY_QUOTE = [*_ENDED_BY_LIST, "list"]


def _shallow(rule: "RuleFuncBlockType", nesting: int) -> "RuleFuncBlockType":
    """Open no block in which the engine would drop the text: deeper markers stay text. A list opens two at once."""
    return lambda state, start, end, silent: state.level < nesting - 2 and rule(state, start, end, silent)


# A quote looks at each of its lines, and so does each quote in it. Where all lines have their marks, that is once for
# each mark; but lines may be lazy: 32,000 behind nineteen marks took two seconds. And what is in a quote may end before
# it: then, the rest is looked at again, and 16 KiB took eleven.
_LINE_COST = 10_000
_LINES = "lines"


def _bounded_quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # the engine's
    """Open no quote if the post can no longer afford to look at all lines that may be in it: the marker stays text."""
    if not state.src.startswith(">", state.bMarks[start] + state.tShift[start]):
        return False  # first, as this is asked of each line
    if silent:
        return blockquote(state, start, end, True)
    left: int = state.env.get(_LINES, _LINE_COST + len(state.src))
    if end - start > left:
        return False
    state.env[_LINES] = left - (end - start)  # until it is known how many there were
    is_quote = blockquote(state, start, end, False)
    if not is_quote:
        state.env[_LINES] = left
    elif not _ended_early(state, end):
        state.env[_LINES] += end - state.line
    return is_quote


def _ended_early(state: StateBlock, end: int) -> bool:
    """Tell whether the line behind a quote could have been in it."""
    line = state.line
    if line >= end or state.isEmpty(line):
        return False
    if not state.src[state.bMarks[line - 1] : state.eMarks[line - 1]].strip("> \t"):
        return False
    return not any(rule(state, line, end, True) for rule in state.md.block.ruler.getRules("blockquote"))


def _underlined(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # the engine's
    """Read an underlined heading. One line alone is none, and most paragraphs are one line."""
    return start + 1 < end and not state.isEmpty(start + 1) and lheading(state, start, end, silent)


class _Inline(LeanInline):
    """Reads a block in which links would cost too much without links, images and bare addresses."""

    def __init__(self, rules: ParserInline, wary: LeanInline, links: int) -> None:
        super().__init__(rules)
        self._wary = wary
        self._links = links

    def tokenize(self, state: StateInline) -> None:
        if state.pos == 0 and self._is_costly(state):  # else it is the text of a link
            state.env[_WARY] = state
            self._wary.tokenize(state)
        else:
            super().tokenize(state)

    def skipToken(self, state: StateInline) -> None:  # noqa: N802  # the engine's name
        """Look for the end of a token, by the rules that read the block. Most have been looked for before."""
        end = state.cache.get(state.pos)
        if end is not None:
            state.pos = end
        elif state.env.get(_WARY) is state:
            self._wary.skipToken(state)
        else:
            super().skipToken(state)

    def _is_text(self, src: str) -> bool:
        return super()._is_text(src) and not may_link(src)  # a bare address needs no sign

    def _is_costly(self, state: StateInline) -> bool:
        """Looking for the ends of links is quadratic, nested descriptions are read again on each level."""
        src = state.src
        return (
            not _can_linkify(src, state.md, state.env)  # first, as bare addresses are looked for later, too
            or src.count("[") > self._links
            or src.count("://") > self._links
            or (src.count("![") + src.count("^[") > _IMAGE_DEPTH and _image_depth(src) > _IMAGE_DEPTH)
        )


def _image_depth(src: str) -> int:
    """Return how deep images, and footnotes in place, are in one another's text."""
    deepest = depth = 0
    opened: list[bool] = []
    for bracket in re.findall(r"[!^]\[|\[|\]", src):
        if bracket != "]":
            opened.append(bracket != "[")
            depth += opened[-1]
            deepest = max(deepest, depth)
        elif opened:
            depth -= opened.pop()
    return deepest


# linkify-it-py tries each of these as the beginning of an address, as far as white space, and an ``xn--`` in two ways,
# with all that comes behind it: ``=a.`` × 5,000 took 27 s, ``www.xn--`` × 20 took 10 s, and twice that for each more.
_ADDRESS_START = r"""//|mailto:|[$+<=>^`|"'(\[{\uff5c]"""
_ADDRESS_COST = 500_000
_CHEAP = 10_000
_ADDRESSES = "addresses"
_UNLINKED = "unlinked"
_MAX_CHILDREN = 4_000  # all of them are copied for each text that has an address


def _can_linkify(src: str, md: "MarkdownIt", env: "EnvType") -> bool:
    """Tell whether the post can afford to look for bare addresses in this block, and pay for it."""
    if not md.options.linkify or not md.linkify or not md.linkify.pretest(src):
        return True
    cost = len(src) * (1 + len(re.findall(_ADDRESS_START, src)))  # at the most: enough for nearly every post
    if cost > _CHEAP or "xn--" in src.lower():
        cost = sum(
            len(word) * (1 + len(re.findall(_ADDRESS_START, word))) << min(word.lower().count("xn--"), 32)
            for word in src.split()
        )
    left: int = env.get(_ADDRESSES, _ADDRESS_COST)
    if cost > left:
        env.setdefault(_UNLINKED, set()).add(src)
        return False
    env[_ADDRESSES] = left - cost
    return True


def may_link(text: str) -> bool:
    """Tell whether a text may have a bare address: all have ``//``, ``@``, or a dot before a letter."""
    return "//" in text or "@" in text or re.search(_DOT_AND_DOMAIN, text) is not None


_DOT_AND_DOMAIN = r"\.[^\W\d_]"  # top-level domains begin with a letter


_SCHEME = re.compile(r"(?:^|[^a-z0-9.+-])([a-z][a-z0-9.+-]*)$", re.IGNORECASE)
_LONGEST_SCHEME = 32


def _read_url(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # the engine's
    """Read a bare URL that has a scheme: the engine's rule ``linkify``, which searches all of the text before it."""
    md, pos = state.md, state.pos
    if not md.linkify or state.linkLevel or not state.src.startswith("://", pos, state.posMax):
        return False
    scheme = _SCHEME.search(state.pending[-_LONGEST_SCHEME:])
    link = md.linkify.match_at_start(state.src[pos - len(scheme[1]) :]) if scheme else None
    if not scheme or not link:
        return False
    url = link.url.rstrip("*")  # which may end emphasis
    target = md.normalizeLink(url)
    if not md.validateLink(target):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[1])]
        opening = state.push("link_open", "a", 1)
        opening.attrs, opening.markup, opening.info = {"href": target}, "linkify", "auto"
        state.push("text", "", 0).content = md.normalizeLinkText(url)
        closing = state.push("link_close", "a", -1)
        closing.markup, closing.info = "linkify", "auto"
    state.pos += len(url) - len(scheme[1])
    return True


def _bounded_linkify(state: StateCore) -> None:
    """Find bare addresses, except in the blocks where that costs too much."""
    tokens = state.tokens
    unlinked = state.env.get(_UNLINKED, ())
    state.tokens = [
        token
        for token in tokens
        if token.children and len(token.children) <= _MAX_CHILDREN and token.content not in unlinked
    ]
    linkify(state)
    state.tokens = tokens


class _References(dict[str, dict[str, str]]):
    """Link reference definitions that, together, may add only so much to the output."""

    def __init__(self, budget: int) -> None:
        super().__init__()
        self._budget = budget
        self._sizes: dict[str, int] = {}

    def get(self, label: str, default: dict[str, str] | None = None) -> dict[str, str] | None:  # type: ignore[override]  # narrower, as the engine calls it
        reference = super().get(label)
        if reference is None or self._budget < 0:
            return default
        if label not in self._sizes:
            self._sizes[label] = len(escapeHtml(reference["href"])) + len(escapeHtml(reference["title"]))
        self._budget -= self._sizes[label]
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


# What the cells of a row may add to the output beyond eight times the row, in all tables of a post together. Without
# the style of columns it is four times, which is for time: rows of ``-|-`` took twenty times as long as prose.
_CELL_OUTPUT = 65_536
_CELLS = "cells"


def _bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # the engine's
    """A table ends where the post can no longer afford cells that are filled up, or next to nothing, in a row."""
    if start + 2 > end or state.env.get(_CELLS) == 0:
        return False
    below = state.bMarks[start + 1] + state.tShift[start + 1]
    if state.src[below : below + 1] not in ("|", "-", ":") or not table(state, start, end, True):
        return False
    return silent or table(state, start, _affordable_end(state, start, end), False)


def _affordable_end(state: StateBlock, start: int, end: int) -> int:
    """Return the line behind the last row that the post can afford, and pay for the rows."""
    src, first, last = state.src, state.bMarks, state.eMarks
    columns = src.count("|", first[start], last[start]) + 1
    plain = columns * len("<td></td>\n")
    row = plain + (26 * columns if src.find(":", first[start + 1], last[start + 1]) > 0 else 0)
    left: int = state.env.get(_CELLS, _CELL_OUTPUT)
    if row * (end - start) < left // 16:
        return end  # all tables of this kind are not more than all lines of the post
    enders = state.md.block.ruler.getRules("blockquote")
    line = start + 2
    while line < end and not _ends_table(state, line, end, enders):
        length = last[line] - first[line]
        left -= max(0, row - 8 * length, plain - 4 * length)
        if left < 0:
            break
        line += 1
    state.env[_CELLS] = max(left, 0)
    return line


def _ends_table(state: StateBlock, line: int, end: int, enders: "list[RuleFuncBlockType]") -> bool:
    """Tell whether the engine ends a table at this line: looking further would be quadratic in many tables."""
    return (
        state.isEmpty(line)
        or state.sCount[line] < state.blkIndent
        or any(ender(state, line, end, True) for ender in enders)
    )
