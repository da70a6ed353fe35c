"""Where in a post's source a shortcode stands: line and column, for whoever has to mend it.

The engine keeps no offsets of inline text. So a block in which something was found is read once more, with a rule that
notes where each colon of running text stood; code, escapes, addresses and the like never come to that rule.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

from ..tokenizer import Shortcode, Unknown


class Found(NamedTuple):
    """A shortcode in a post, and where it begins. Lines and columns count from 1, columns in code points."""

    piece: Shortcode | Unknown
    line: int
    column: int


Sighting = tuple[Token, Shortcode | Unknown]
"""What the plug-in saw: the inline token, and what stood in its text."""


def trace_colons(parser: ParserInline) -> None:
    """Add the rule that notes colons. It comes last: what another rule takes is not running text."""
    parser.ruler.push("colons", _note_colon)


class _Tracing(StateInline):
    """An inline state that knows where the colons of its text stood."""

    def __init__(self, content: str, md: MarkdownIt, env: EnvType) -> None:
        super().__init__(content, md, env, [])
        self.colons: list[int] = []


def _note_colon(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
    if not silent and isinstance(state, _Tracing) and state.src[state.pos] == ":":
        state.colons.append(state.pos)
    return False


def locate(post: str, sightings: list[Sighting], md: MarkdownIt, env: EnvType) -> Iterator[Found]:
    """Yield where each sighting is, in reading order."""
    lines = post.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    line_ends: dict[int, int] = {}  # how far a line is read: the cells of a table share one
    blocks: dict[int, list[Sighting]] = {}
    for sighting in sightings:
        blocks.setdefault(id(sighting[0]), []).append(sighting)
    for block in blocks.values():
        token = block[0][0]
        first = token.map[0] if token.map else 0
        offsets = _offsets(token.content, [piece.source for _, piece in block], md, env)
        rows = token.content.split("\n")
        row_starts = [0, *(found.end() for found in re.finditer("\n", token.content))]
        last_row, start = -1, 0
        for (_, piece), offset in zip(block, offsets, strict=True):
            row = bisect_right(row_starts, offset) - 1
            number = min(first + row, len(lines) - 1)
            in_row = offset - row_starts[row]
            if row != last_row:
                last_row, start = row, _row_start(lines[number], rows[row], line_ends.get(number, 0))
            line_ends[number] = start + in_row + len(piece.source)
            yield Found(piece, number + 1, start + in_row + 1)


def _offsets(content: str, sources: list[str], md: MarkdownIt, env: EnvType) -> list[int]:
    """Return the offset in a block's content of each of the sources, which stand in its running text in this order."""
    offsets: list[int] = []
    texts = _texts(content, md, env)
    text, colons = next(texts, ("", []))
    at = ordinal = 0  # how far the text is read, and how many colons there were
    for source in sources:
        while (found := text.find(source, at)) < 0 and (following := next(texts, None)):
            (text, colons), at, ordinal = following, 0, 0
        if found < 0 or not colons:
            offsets.append(max(0, content.find(source, offsets[-1] if offsets else 0)))
            continue
        lead = max(0, source.find(":"))
        ordinal += text.count(":", at, found + lead)
        offsets.append(colons[ordinal] - lead)
        ordinal += source.count(":")
        at = found + len(source)
    return offsets


def _texts(content: str, md: MarkdownIt, env: EnvType) -> Iterator[tuple[str, list[int]]]:
    """Yield each running text of a block, and the offsets in the block of its colons."""
    state = _Tracing(content, md, env)
    md.inline.tokenize(state)
    for rule in md.inline.ruler2.getRules(""):
        rule(state)
    noted = iter(state.colons)
    in_url = False
    label_end = 0
    for token in state.tokens:
        if token.type == "text" and not in_url:
            yield token.content, [next(noted) for _ in range(token.content.count(":"))]
        elif token.info == "auto":
            in_url = token.nesting == 1
        elif token.type == "image":
            label = max(0, content.find(token.content, label_end))
            label_end = label + len(token.content)
            for text, colons in _texts(token.content, md, env):
                yield text, [label + colon for colon in colons]


def _row_start(line: str, row: str, after: int) -> int:
    """Return where a row of a block's content begins in its source line, behind quote marks, bullets and cells."""
    if line.rstrip().endswith(row.rstrip()) and len(line.rstrip()) - len(row.rstrip()) >= after:
        return len(line.rstrip()) - len(row.rstrip())
    return max(line.find(row.strip(), after), 0)
