"""A post's running text, and where it stands in the source: what the source door reads."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from .positions import END, LABEL, PLACE, Place, note_span


class Part(NamedTuple):
    """A part of a text: a literal slice of the post, or an escape or entity, which is longer there."""

    offset: int
    """Where it begins in the text."""
    place: Place
    escaped: int
    """How long an escape or entity is in the post; 0 for a slice."""


class Text(NamedTuple):
    """A text of a post, up to the next markup."""

    text: str
    parts: tuple[Part, ...]
    is_alt: bool = False
    """Whether it describes an image, where only characters can stand."""
    is_literal: bool = False
    """Whether Markdown in it stays as it is typed, as in ``H~2~O``."""
    in_cell: bool = False
    """Whether it is in a table, where a bar ends it."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a slice of the text stands in the post."""
        first, last = (self.parts[bisect_right(self.parts, at, key=_offset) - 1] for at in (start, end - 1))
        before = first.place if first.escaped else first.place.moved(start - first.offset)
        behind = last.place.moved(last.escaped - 1 if last.escaped else end - 1 - last.offset)
        return before.in_post, behind.in_post + 1


def _offset(part: Part) -> int:
    return part.offset


class Written(NamedTuple):
    """An emoji that is written as another platform writes it: an image, a tag, an id."""

    start: int
    end: int
    name: str


class Label(NamedTuple):
    """A link, or an image, by reference: ``[text][label]``, or ``[text][]`` and ``[text]``, where the text is both."""

    start: int
    end: int
    text: str
    label: str
    """With its brackets; empty, or nothing in them, if the text is the label."""


def running_text(tokens: list[Token], *, joined: bool = False) -> Iterator[Text | Written | Label]:
    """Yield what is in the running text of a post's tokens, which must have been traced.

    Escapes and entities end a text, as they do for shortcodes, unless texts are to be joined to what a reader sees.
    """
    in_cell = False
    for block in tokens:
        if block.type == "inline":
            for one in _running(block.children or [], joined=joined, is_alt=False):
                yield one._replace(in_cell=in_cell) if isinstance(one, Text) else one
        in_cell = block.type in ("th_open", "td_open")


def read_written(md: MarkdownIt) -> None:
    """Let a parser read emoji as others write them: Discord's ``<:name:id>``, and the HTML of our renderers."""
    md.inline.ruler.before("autolink", WRITTEN, _written)


WRITTEN = "written"
_ATTRIBUTES = r"(?:\s++[a-z\-]++(?:=\"[^\"<>]*+\")?+)*?"
_NAME = r"[^\s:<>\"&]{1,128}"
_IMAGE = rf"<img\sclass=\"emoji\"{_ATTRIBUTES}\stitle=\":({_NAME}):\"[^<>]*+>"
_WRITTEN = re.compile(
    rf"""
      <a?:([A-Za-z0-9_]{{2,32}}):\d{{17,20}}>
    | {_IMAGE}
    | <span>{_IMAGE}</span>
    | <picture><source[^<>]*+>{_IMAGE}</picture>
    | <span\sclass="icon\sicon-emoji"><img{_ATTRIBUTES}\stitle="emoji\s({_NAME})"></span>
    | <span\sclass="emoji"{_ATTRIBUTES}\stitle=":({_NAME}):">[^<>]*+</span>
    """,
    re.VERBOSE,
)
_LITERAL = frozenset({"sub_open", "sup_open", "ruby_open", "rt_open"})


def _written(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
    found = _WRITTEN.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "<" else None
    if not found:
        return False
    if not silent:
        token = state.push(WRITTEN, "", 0)
        token.content = next(filter(None, found.groups()))
        note_span(state, token, state.pos, found.end())
    state.pos = found.end()
    return True


def _running(tokens: list[Token], *, joined: bool, is_alt: bool) -> Iterator[Text | Written | Label]:
    in_url = is_literal = False
    for is_text, group in groupby(tokens, key=lambda token: token.type in ("text", "text_special")):
        if is_text and not in_url:
            for several in _touching(group, joined=joined):
                parts = tuple(_parts(several))
                text = "".join(token.content for token in several)
                yield Text(text, parts, is_alt, is_literal)
        for token in group if not is_text else ():
            in_url = token.info == "auto" and token.nesting == 1
            is_literal = token.type in _LITERAL
            if PLACE in token.meta:
                yield from _marked(token)
            if token.type in ("image", "video", "audio"):
                yield from _running(token.children or [], joined=joined, is_alt=True)


def _marked(token: Token) -> Iterator[Written | Label]:
    start, end = token.meta[PLACE].in_post, token.meta[END].moved(-1).in_post + 1
    title = str(token.attrs.get("title", ""))
    if LABEL in token.meta:
        yield Label(start, end, *token.meta[LABEL])
    if token.type == WRITTEN:
        yield Written(start, end, token.content)
    elif token.type == "image" and title.startswith("emoji "):
        yield Written(start, end, title.removeprefix("emoji "))


def _touching(tokens: Iterable[Token], *, joined: bool) -> Iterator[list[Token]]:
    """Yield the texts that are read as one."""
    several: list[Token] = []
    for token in tokens:
        joins = joined and not (token.type == "text_special" and token.content in _ENDS_TEXT)
        if several and not (joins and PLACE in token.meta):
            yield several
            several = []
        if PLACE in token.meta and (joins or token.type == "text"):
            several.append(token)
    if several:
        yield several


# No emoji has these; all others that can be escaped, the keycaps and what is not ASCII, may be part of one.
_ENDS_TEXT = frozenset(map(chr, range(128))) - frozenset("*#0123456789")


def _parts(tokens: list[Token]) -> Iterator[Part]:
    offset = 0
    for token in tokens:
        yield Part(offset, token.meta[PLACE], len(token.markup))
        offset += len(token.content)
