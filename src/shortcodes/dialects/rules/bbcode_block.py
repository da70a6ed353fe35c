"""Tags in square brackets around paragraphs: ``[quote="ann, post:2, topic:3"]``, ``[spoiler]``, ``[details="Why"]``.

An opening tag has its line to itself, and so has the closing tag; or both stand on one line with text between them. A
tag without its partner stays text.
"""

import re
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markdown_it.utils import EnvType

from ..begins import begins_with

_TAG_RULE = r"""
    (?P<inside> (?: [>\x20\t] | [*+\-]\x20 | \d{1,9}[.)]\x20 )*+ )
    \[(?: (?P<end>/)(?P<closed>quote|spoiler|details)
      | (?P<opened>quote|spoiler|details)(?: =(?P<value>[^\]\n]*+) )?
    )\]
    (?P<rest> .*+ )
"""
_TAG = re.compile(_TAG_RULE, re.VERBOSE | re.IGNORECASE)
_QUOTATION_MARKS = "\"'«»“”„‘’‚‹›"
_PARTNERS = "tags"
_INTERRUPTS = ["paragraph", "reference", "blockquote", "list"]
_LEVELS = 4  # the engine drops text that is nested too deep: these, and a paragraph, have to fit


class _Tags(NamedTuple):
    src: str
    partners: dict[int, int]


def use_block_tags(md: MarkdownIt) -> None:
    """Teach a parser quotes, spoilers and details."""
    md.block.ruler.after(
        "fence", "tags", begins_with("[", _read), {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _read(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
    begin, line_end = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    if not state.src.startswith("[", begin) or state.is_code_block(start):
        return False
    found = _TAG.fullmatch(state.src, begin, line_end)
    if not found or found["end"] or state.level > state.md.options["maxNesting"] - _LEVELS:
        return False
    name = found["opened"].lower()
    content = _between(found["rest"], name)
    close = start if content is not None else _partners(state.src, state.env).get(start, end)
    if close >= end or (content is None and found["rest"].strip()):
        return False
    if silent:
        return True

    elements = _open(state, name, (found["value"] or "").strip(_QUOTATION_MARKS + " "))
    state.tokens[-1].map = [start, close + 1]
    if content is None:
        before, state.lineMax, state.line = state.lineMax, close, start + 1  # no lazy line goes on behind the end
        state.md.block.tokenize(state, start + 1, close)
        state.lineMax = before
        ended = state.line >= close  # else, what is around it ends before
    else:
        _paragraph(state, content, start)
        ended = True
    for kind, tag in reversed(elements):
        state.push(f"{kind}_close", tag, -1)
    state.line = close + 1 if ended else state.line
    return True


def _between(rest: str, name: str) -> str | None:
    """Return the text up to a closing tag at the end of the line."""
    rest = rest.rstrip()
    tail = f"[/{name}]"
    return rest[: -len(tail)] if rest.lower().endswith(tail) else None


def _partners(src: str, env: EnvType) -> dict[int, int]:
    """Return which line closes what a line opens: found once for the whole post, which keeps it linear."""
    known: _Tags | None = env.get(_PARTNERS)
    if known and known.src is src:
        return known.partners
    partners: dict[int, int] = {}
    waiting: dict[tuple[str, int], list[int]] = {}
    for number, line in enumerate(src.split("\n")):
        found = _TAG.fullmatch(line)
        if not found or found["rest"].strip():
            continue
        same = waiting.setdefault(((found["opened"] or found["closed"]).lower(), found["inside"].count(">")), [])
        if not found["end"]:
            same.append(number)
        elif same:
            partners[same.pop()] = number
    env[_PARTNERS] = _Tags(src, partners)
    return partners


def _open(state: StateBlock, name: str, value: str) -> list[tuple[str, str]]:
    """Open what a tag stands for; return the elements, outermost first."""
    if name == "spoiler":
        state.push("spoiler_open", "div", 1).attrs = {"class": "spoiler"}
        return [("spoiler", "div")]
    if name == "details":
        state.push("details_open", "details", 1)
        _line(state, "summary", value or "…")
        return [("details", "details")]
    user, *facts = (part.strip() for part in value.split(","))
    token = state.push("aside_open", "aside", 1)
    token.attrs = {"class": "quote no-group", "data-username": user} if user else {"class": "quote no-group"}
    for fact in facts:
        key, _, number = fact.partition(":")
        if key in ("post", "topic") and number.strip().isdecimal():
            token.attrs[f"data-{key}"] = number.strip()
    if user:
        _line(state, "div", f"{user}:", classes="title")
    state.push("blockquote_open", "blockquote", 1)
    return [("aside", "aside"), ("blockquote", "blockquote")]


def _line(state: StateBlock, tag: str, text: str, classes: str = "") -> None:
    """Add an element of plain text."""
    token = state.push(f"{tag}_open", tag, 1)
    token.attrs = {"class": classes} if classes else {}
    inline = state.push("inline", "", 0)
    inline.children = [Token("text", "", 0, content=text)]  # its content stays empty: nothing reads it as Markdown
    state.push(f"{tag}_close", tag, -1)


def _paragraph(state: StateBlock, content: str, line: int) -> None:
    state.push("paragraph_open", "p", 1).map = [line, line + 1]
    inline = state.push("inline", "", 0)
    inline.content, inline.children, inline.map = content.strip(), [], [line, line + 1]
    state.push("paragraph_close", "p", -1)
