"""Where in a post's source its running text stands: for whoever has to mend it, and for the source door.

The engine keeps no offsets of inline text. A parser that is traced reads exactly as any other, from the same rules, and
notes where each block's lines begin in the post, and where in its block each text begins. As texts are literal slices
of their block, all else follows; what is not literal has no place, and nothing is said of it.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice, pairwise
from typing import NamedTuple, TypeVar

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.parser_inline import ParserInline
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

from ..tokenizer import Shortcode, Unknown
from .lean import LeanBlocks, begins_like

T = TypeVar("T")
Segment = tuple[int, int]
"""Where a literal slice of a block's content begins: in the content, and in the post."""


class Place(NamedTuple):
    """Where a text begins: an offset in the content of a block, and where the block's content stands."""

    segments: tuple[Segment, ...]
    offset: int

    def moved(self, by: int) -> "Place":
        """Return the place that many code points further."""
        return Place(self.segments, self.offset + by)

    @property
    def in_post(self) -> int:
        """The offset in the post, its line ends being single characters."""
        content, post = self.segments[bisect_right(self.segments, (self.offset, _LAST)) - 1]
        return post + self.offset - content


_LAST = 1 << 60
PLACE = "place"
"""The key of a text token's place in its ``meta``; of an image's or a link's, where it begins."""
END = "end"
"""Likewise, where an image or a link ends."""
LABEL = "label"
"""Likewise, for a link by reference: its text, and the label behind it; nothing, or ``[]``, if one is both."""
_BLOCK = "block"
_OUTER = "outer"


def trace(md: MarkdownIt) -> None:
    """Make a parser that is being built a traced one."""
    md.block = _TracedBlock(md.block)
    md.inline = _TracedInline(md.inline)
    md.inline.ruler2.before("fragments_join", "fragments", _note_fragments)
    md.inline.ruler2.after("fragments_join", "places", _place_texts)
    for name in ("link", "image"):
        _wrap(md.inline, name)
    md.core.ruler.at("inline", _inline)
    if linkify := rules_of(md.core.ruler).get("linkify"):
        md.core.ruler.at("linkify", lambda state: _linkify(state, linkify))


def rules_of(ruler: Ruler[T]) -> dict[str, T]:
    """Return the rules of a chain that are on."""
    return dict(zip(ruler.get_active_rules(), ruler.getRules(""), strict=True))


def cut(token: Token, start: int, end: int) -> Token:
    """Return a part of a text token, as a token, which keeps its place."""
    meta = {PLACE: token.meta[PLACE].moved(start)} if PLACE in token.meta else {}
    return Token("text", "", 0, {}, None, token.level, None, token.content[start:end], meta=meta)


class _Lines(StateBlock):
    """The state of the block rules, which notes where in the post the content of each block stands."""

    def __init__(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> None:
        self._block: Token | None = None
        self._row = -1
        self._left: Iterator[tuple[int, int]] = iter(())
        super().__init__(src, md, env, tokens)

    def push(self, ttype: str, tag: str, nesting: int) -> Token:
        self.note()
        token = super().push(ttype, tag, nesting)  # type: ignore[arg-type]  # is handed through
        if ttype == "inline":
            self._block = token
        return token

    def note(self) -> None:
        """Note where the last block's content stands, now that it is known, and while its lines are as it saw them."""
        block, self._block = self._block, None
        if block and block.map:
            opener = self.tokens[-2] if len(self.tokens) > 1 else block
            if opener.tag in ("td", "th"):
                segments = self._of_cell(block.content, block.map[0])
            else:
                segments = self._of_rows(block.content, block.map[0], opener.markup)
            block.meta[PLACE] = tuple(segments)

    def _of_rows(self, content: str, line: int, markup: str) -> Iterator[Segment]:
        offset = 0
        while content and not mdTrim(self.src[self.bMarks[line] + self.tShift[line] : self.eMarks[line]]):
            line += 1  # a line of no-break spaces begins a paragraph, and is then trimmed
        for number, row in enumerate(content.split("\n"), line):
            begin, end = self.bMarks[number], self.eMarks[number]
            literal = mdTrim(row)  # a tab that is cut by an indent is spaces in the content
            if markup.startswith("#"):  # may have more of them behind it
                start = self.src.find(literal, begin + self.tShift[number] + len(markup), end)
            else:
                start = self.src.rfind(literal, begin, end)
            yield offset + row.find(literal), start
            offset += len(row) + 1

    def _of_cell(self, content: str, line: int) -> Iterator[Segment]:
        begin = self.bMarks[line] + self.tShift[line]
        if self._row != line:
            self._row = line
            self._left = iter(_cells(self.src[begin : self.eMarks[line]]))
        start, end = next(self._left, (0, 0))
        cell = self.src[begin + start : begin + end]
        start += begin + cell.find(mdTrim(cell))
        offset = 0
        for part in content.split("|") if content else ():  # each bar in a cell has a backslash before it
            yield offset, start
            yield offset + len(part), start + len(part) + 1
            offset += len(part) + 1
            start += len(part) + 2


def _cells(row: str) -> list[tuple[int, int]]:
    """Return where the cells of a table's row are, as the engine cuts it."""
    stripped = mdTrim(row)
    begin = row.find(stripped)
    bars = [begin - 1, *(begin + found.start() for found in re.finditer(r"(?<!\\)\|", stripped)), begin + len(stripped)]
    cells = [(left + 1, right) for left, right in pairwise(bars)]
    if cells and cells[0][0] == cells[0][1]:
        cells.pop(0)
    return cells


class _TracedBlock(LeanBlocks):
    """The block rules of another parser, traced."""

    def parse(self, src: str, md: MarkdownIt, env: EnvType, outTokens: list[Token]) -> list[Token] | None:  # noqa: N803  # the engine's name
        state = _Lines(src, md, env, outTokens)
        self.tokenize(state, state.line, state.lineMax)
        state.note()
        return state.tokens


class _Texts(StateInline):
    """The state of the inline rules, which notes where in the block each text begins."""

    fragments: Sequence[tuple[str, int | None, int]] = ()

    def __init__(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token], start: Place) -> None:
        self.start = start
        self._text_at = 0
        super().__init__(src, md, env, tokens)

    def append_pending(self, text: str) -> None:
        if not self._pending and not self._pending_buffer:
            self._text_at = self.pos
        super().append_pending(text)

    @property
    def pending(self) -> str:
        return super().pending

    @pending.setter
    def pending(self, value: str) -> None:
        if not self._pending and not self._pending_buffer:
            self._text_at = self.pos
        self._pending = value
        self._pending_buffer = []

    def pushPending(self) -> Token:  # noqa: N802  # the engine's name
        at = self._text_at
        token = super().pushPending()
        token.meta["at"] = at
        return token

    def push(self, ttype: str, tag: str, nesting: int) -> Token:
        token = super().push(ttype, tag, nesting)  # type: ignore[arg-type]  # is handed through
        if ttype == "text_special":
            token.meta["at"] = self.pos
        return token

    def place(self, token: Token) -> None:
        """Give a text its place, if it stands there literally."""
        at = token.meta.pop("at", None)
        if at is not None and self.start.segments and self.src.startswith(token.markup or token.content, at):
            token.meta[PLACE] = self.start.moved(at)


class _TracedInline(ParserInline):
    """The inline rules of another parser, traced."""

    def __init__(self, rules: ParserInline) -> None:
        self.ruler = rules.ruler
        self.ruler2 = rules.ruler2
        self.terminator_re = rules.terminator_re
        self.tokenize = rules.tokenize  # type: ignore[method-assign]  # which may choose among rules
        self.skipToken = rules.skipToken  # type: ignore[method-assign]  # likewise

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        outer: _Texts | None = env.get(_OUTER)
        start = Place(env.get(_BLOCK, ()), 0)
        if outer:  # what the engine reads by itself, as the description of an image, begins behind its bracket
            start = outer.start.moved(outer.src.find(src, outer.pos))
        state = _Texts(src, md, env, tokens, start)
        env[_OUTER] = state
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        env[_OUTER] = outer
        return state.tokens


def _inline(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            state.env[_BLOCK] = token.meta.get(PLACE, ())
            token.children = state.md.inline.parse(token.content, state.md, state.env, token.children or [])


def _note_fragments(state: StateInline) -> None:
    if isinstance(state, _Texts):
        state.fragments = [(token.type, token.meta.get("at"), len(token.content)) for token in state.tokens]


def _place_texts(state: StateInline) -> None:
    """Give each text its place. The engine has joined those that touch; all but markers know where they began."""
    if not isinstance(state, _Texts):
        return
    places: list[int | None] = []
    for joined, group in groupby(state.fragments, key=lambda fragment: fragment[0] == "text"):
        at, size = None, 0
        for _, start, length in group:
            at = start - size if at is None and start is not None else at
            size += length
            places += [] if joined else [start]
        places += [at] if joined else []
    for token, at in zip(state.tokens, places, strict=True):
        if token.type in ("text", "text_special"):
            token.meta["at"] = at
            state.place(token)


def _wrap(parser: ParserInline, name: str) -> None:
    """Let a rule note where what it read begins and ends."""
    rule = rules_of(parser.ruler).get(name)
    if rule is None:
        return

    def traced(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
        start, before = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        if not silent:
            token = next(token for token in state.tokens[before:] if token.type in ("link_open", "image"))
            note_span(state, token, start, state.pos)
            _note_label(state, token, start)
        return True

    parser.ruler.at(name, begins_like(rule, traced))


def note_span(state: StateInline, token: Token, start: int, end: int) -> None:
    """Note where what an inline rule read begins and ends."""
    if isinstance(state, _Texts) and state.start.segments:
        token.meta[PLACE] = state.start.moved(start)
        token.meta[END] = state.start.moved(end)


def _note_label(state: StateInline, token: Token, start: int) -> None:
    opening = state.src.index("[", start)
    end = state.md.helpers.parseLinkLabel(state, opening)
    if state.src[end + 1 : end + 2] != "(" or state.src[state.pos - 1] != ")":
        token.meta[LABEL] = state.src[opening + 1 : end], state.src[end + 1 : state.pos]


def _linkify(state: StateCore, rule: Callable[[StateCore], None]) -> None:
    """Find bare links, and give the texts between them their places."""
    before = [(block, block.children) for block in state.tokens if block.type == "inline" and block.children]
    rule(state)
    for block, children in before:
        if block.children is not children and children and block.children:
            _place_between(children, block.children, state.md)


def _place_between(before: list[Token], after: list[Token], md: MarkdownIt) -> None:
    following = iter(after)
    token = next(following, None)
    for i, old in enumerate(before):
        if token is old:
            token = next(following, None)
            continue
        end = 0
        for start, behind in (*_links(old.content, before[i - 1] if i else None, md), (len(old.content), 0)):
            if start > end and token:
                if PLACE in old.meta:
                    token.meta[PLACE] = old.meta[PLACE].moved(end)
                token = next(following, None)
            if behind:  # past the link, its text, and its end
                token = _third(following)
            end = behind


def _third(tokens: Iterator[Token]) -> Token | None:
    return next(islice(tokens, 2, None), None)


def _links(text: str, before: Token | None, md: MarkdownIt) -> list[tuple[int, int]]:
    """Return where the bare links are that the engine makes in a text."""
    links = (md.linkify.match(text) if md.linkify else None) or []
    if links and links[0].index == 0 and before and before.type == "text_special":
        links = links[1:]
    return [(link.index, link.last_index) for link in links if md.validateLink(md.normalizeLink(link.url))]


class Found(NamedTuple):
    """A shortcode in a post, and where it begins. Lines and columns count from 1, columns in code points."""

    piece: Shortcode | Unknown
    line: int
    column: int


Sighting = tuple[Place | None, Shortcode | Unknown]
"""What the plug-in saw, and its place."""


def locate(post: str, sightings: list[Sighting]) -> Iterator[Found]:
    """Yield where each sighting is; one without a place is said to be where the last one was."""
    source = with_line_feeds(post)
    ends = [found.start() for found in re.finditer("\n", source)]
    line = column = 1
    for place, piece in sightings:
        if place and source.startswith(piece.source, place.in_post):
            line = bisect_right(ends, place.in_post - 1) + 1
            column = place.in_post - (ends[line - 2] if line > 1 else -1)
        yield Found(piece, line, column)


def with_line_feeds(post: str) -> str:
    """Return the post as the engine reads it (CommonMark 2.1): each line end a line feed."""
    return post.replace("\r\n", "\n").replace("\r", "\n") if "\r" in post else post
