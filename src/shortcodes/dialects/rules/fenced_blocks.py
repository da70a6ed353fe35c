"""Zulip's fences around Markdown: ``quote`` and ``spoiler`` with a header.

As there (zerver/lib/markdown/fenced_code.py), a fence begins its line, ends at the very same fence, and may have others
within it. One that is not closed ends with the post.
"""

import re
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.utils import EnvType

from ..begins import begins_with

_FENCE = re.compile(r"(?P<fence>~{3,}|`{3,})[ ]*(?:(?P<kind>quoted?|spoiler)(?![^ ])[ ]*(?P<header>[^~`]*+)|[^~`]*+)")
_FENCES = "fences"
_INTERRUPTS = ["paragraph", "reference", "blockquote", "list"]
_LEVELS = 4  # the engine drops text that is nested too deep: these, and a paragraph, have to fit


class _Fences(NamedTuple):
    src: str
    ends: dict[int, int]


class _Open(NamedTuple):
    fence: str
    line: int
    is_code: bool


def use_fenced_blocks(md: MarkdownIt) -> None:
    """Teach a parser quotes and spoilers in fences."""
    md.block.ruler.before(
        "fence", "fenced_blocks", begins_with("`~", _read), {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _read(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
    begin, line_end = state.bMarks[start], state.eMarks[start]
    if state.tShift[start] or (begin and state.src[begin - 1] != "\n"):
        return False
    found = _FENCE.fullmatch(state.src, begin, line_end)
    if not found or not found["kind"] or state.level > state.md.options["maxNesting"] - _LEVELS:
        return False
    close = _ends(state.src, state.env).get(start)
    if close is None:  # it is in what is a fence for Zulip, but not for the engine
        return False
    if silent:
        return True
    close = min(close, end)

    if found["kind"] == "spoiler":
        elements = [_block(state, "spoiler-block"), _block(state, "spoiler-header")]
        if header := found["header"].strip():
            _paragraph(state, header, start)
        state.push(f"{elements.pop()}_close", "div", -1)
        elements.append(_block(state, "spoiler-content"))
        state.tokens[-1].attrSet("aria-hidden", "true")
    else:
        elements = ["blockquote"]
        state.push("blockquote_open", "blockquote", 1).map = [start, close]
    before, state.lineMax, state.line = state.lineMax, close, start + 1  # no lazy line goes on behind the end
    state.md.block.tokenize(state, start + 1, close)
    state.lineMax = before
    for kind in reversed(elements):
        state.push(f"{kind}_close", "blockquote" if kind == "blockquote" else "div", -1)
    state.line = min(close + 1, end)
    return True


def _ends(src: str, env: EnvType) -> dict[int, int]:
    """Return the line that closes each fence: found once for the whole post, which keeps it linear."""
    known: _Fences | None = env.get(_FENCES)
    if known and known.src is src:
        return known.ends
    ends: dict[int, int] = {}
    opened: list[_Open] = []
    lines = src.split("\n")
    for number, line in enumerate(lines):
        if not line.startswith(("```", "~~~")):
            continue
        if opened and line.rstrip() == opened[-1].fence:
            ends[opened.pop().line] = number
        elif not (opened and opened[-1].is_code) and (found := _FENCE.fullmatch(line)):
            opened.append(_Open(found["fence"], number, is_code=not found["kind"]))
    ends.update((one.line, len(lines)) for one in opened)
    env[_FENCES] = _Fences(src, ends)
    return ends


def _block(state: StateBlock, classes: str) -> str:
    kind = classes.replace("-", "_")
    state.push(f"{kind}_open", "div", 1).attrs = {"class": classes}
    return kind


def _paragraph(state: StateBlock, content: str, line: int) -> None:
    state.push("paragraph_open", "p", 1).map = [line, line + 1]
    inline = state.push("inline", "", 0)
    inline.content, inline.children, inline.map = content, [], [line, line + 1]
    state.push("paragraph_close", "p", -1)
