"""A post's running text, and where it stands in the source: what the source door reads."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from ..dialects.begins import begins_with
from .positions import END, LABEL, PLACE, Place, note_span, rules_of
from .titles import TITLE


class Part(NamedTuple):
    """A part of a text: a literal slice of the post, or an escape or entity, which is longer there."""

    offset: int
    """Where it begins in the text."""
    place: Place
    escaped: int
    """How long an escape or entity is in the post; 0 for a slice."""


class Around(NamedTuple):
    """What Markdown there is around a text."""

    emphasis: bool = True
    escapes: bool = True
    images: bool = True
    cell: bool = False
    """Whether it is in a table, where a bar ends it."""


class Text(NamedTuple):
    """A text of a post, up to the next markup."""

    text: str
    parts: tuple[Part, ...]
    around: Around
    is_alt: bool = False
    """Whether it describes an image, where only characters can stand."""

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
    around: Around


def running_text(md: MarkdownIt, tokens: list[Token], *, joined: bool = False) -> Iterator[Text | Written | Label]:
    """Yield what is in the running text of a post's tokens, which a traced parser has read.

    Escapes and entities end a text, as they do for shortcodes, unless texts are to be joined to what a reader sees.
    """
    rules = rules_of(md.inline.ruler).keys()
    around = Around("emphasis" in rules, {"escape", "entity"} <= rules)
    before: Token | None = None
    for block in tokens:
        if block.type == "inline":
            is_cell = before is not None and before.tag in ("td", "th")
            reading = Around(escapes=False, images=False) if block.info == TITLE else around._replace(cell=is_cell)
            yield from _running(block.children or [], reading, joined=joined, is_alt=False)
        before = block


def read_written(md: MarkdownIt) -> None:
    """Let a parser read emoji as others write them: Discord's ``<:name:id>``, and the HTML of our renderers."""
    md.inline.ruler.before("autolink", WRITTEN, begins_with("<", _written))


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
# In these, Markdown stays as it is typed.
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


def _running(tokens: list[Token], around: Around, *, joined: bool, is_alt: bool) -> Iterator[Text | Written | Label]:
    in_url = is_literal = False
    for is_text, group in groupby(tokens, key=lambda token: token.type in ("text", "text_special")):
        if is_text and not in_url:
            reading = Around(emphasis=False, escapes=False, images=False, cell=around.cell) if is_literal else around
            for several in _touching(group, joined=joined):
                yield Text("".join(token.content for token in several), tuple(_parts(several)), reading, is_alt)
        for token in group if not is_text else ():
            in_url = token.info == "auto" and token.nesting == 1
            is_literal = token.type in _LITERAL
            if PLACE in token.meta:
                yield from _marked(token, around)
            if token.type in ("image", "video", "audio"):
                yield from _running(token.children or [], around, joined=joined, is_alt=True)


def _marked(token: Token, around: Around) -> Iterator[Written | Label]:
    start, end = token.meta[PLACE].in_post, token.meta[END].moved(-1).in_post + 1
    title = str(token.attrs.get("title", ""))
    if LABEL in token.meta:
        text, label = token.meta[LABEL]
        yield Label(start, end, text, label, around)
    if token.type == WRITTEN:
        yield Written(start, end, token.content)
    elif token.type == "image" and title.startswith("emoji "):
        yield Written(start, end, title.removeprefix("emoji "))


def _touching(tokens: Iterable[Token], *, joined: bool) -> Iterator[list[Token]]:
    """Yield the texts that are read as one."""
    several: list[Token] = []
    for token in tokens:
        joins = joined and not (token.type == "text_special" and _ends_text(token.content))
        if several and not (joins and PLACE in token.meta):
            yield several
            several = []
        if PLACE in token.meta and (joins or token.type == "text"):
            several.append(token)
    if several:
        yield several


def _ends_text(escaped: str) -> bool:
    """Tell whether no emoji has it: all ASCII but keycaps, and a backslash that escapes nothing."""
    return escaped.isascii() and (len(escaped) > 1 or escaped not in "*#0123456789")


def _parts(tokens: list[Token]) -> Iterator[Part]:
    offset = 0
    for token in tokens:
        yield Part(offset, token.meta[PLACE], len(token.markup) if token.content != token.markup else 0)
        offset += len(token.content)
