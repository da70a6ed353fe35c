"""A post as blocks that were read once, of which an edit reads those around it again.

Why that gives what reading all of it would: the engine stands at a line at which a block of the post begins, and knows
nothing of the lines before it. So a block depends on its own lines, and on those behind it that were looked at to find
its end: see `Ends`. What is not of one block, a post says of itself in the engine's environment: definitions of links,
footnotes, and what is left of the bounds; and there are tags that look for partners. Where one of these could make a
difference, or something is there that is not known here, nothing is kept, and the next edit reads the whole post.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from ..dialects import BUILT_IN, find_dialect
from ..dialects.dialect import Dialect
from ..dialects.rules.bbcode_block import _PARTNERS as _TAGS
from ..dialects.rules.bbcode_block import _TAG, _partners
from ..dialects.rules.fenced_blocks import _FENCES
from ..dialects.rules.fenced_blocks import _ends as _ends_of_fences
from ..limits import Limits
from ..text import Replacer, without_surrogates
from ..tokenizer import Shortcode
from .bounds import _CELL_OUTPUT, _CELLS, _LINES, _WARY, environment
from .plugin import ONLY_EMOJI, SHORTCODE, SIGHTINGS
from .titles import _TITLES

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.utils import EnvType

    from .positions import Sighting


class Ends(Enum):
    """By what the end of a block was found."""

    ITSELF = "its own lines, or the blank one behind it: whatever follows"
    NEXT = "a line that neither is indented nor begins as an item does: that of a list, or of indented code"
    UNSURE = "the next line that is not blank, and the one behind that, which could be the second of a table"


class Block(NamedTuple):
    """The lines from where the engine began to read a block to where it began with the next one."""

    size: int
    """In code points."""
    html: str
    ends: Ends
    defines: bool
    """Whether the destination of a link is defined in it: that concerns the whole post."""
    is_prose: bool
    """Whether it certainly is something else than emoji. A post without any such block may be marked as only emoji."""


class Reading(NamedTuple):
    """A post that was read."""

    src: str
    """The post as the engine sees it, with its line ends, and without what no encoding can carry."""
    blocks: list[Block]
    spent: Mapping[str, float]
    """Of each bound on a post, what was spent at the most."""
    definitions: Mapping[str, Any]
    prose: int
    """How many blocks are prose."""
    anew: int
    """How many characters the engine has read for it."""

    @property
    def html(self) -> str:
        """The post as HTML."""
        return "".join([block.html for block in self.blocks])


class _Part(NamedTuple):
    blocks: list[Block]
    spent: dict[str, float]


class _Group(NamedTuple):
    """What will be a block."""

    line: int
    tokens: "list[Token]"
    defines: bool = False
    is_one: bool = True
    """Whether it is one block, and the engine says which lines are in it."""


class Incremental:
    """Reads posts, and edits of them. Without state, as the door that it is of: what it returns are values."""

    def __init__(self, md: "MarkdownIt", to_html: Replacer, limits: Limits) -> None:
        self._md = md
        self._to_html = to_html
        self._limits = limits
        self._has_partners = _partners_rule(md)

    def read(self, post: str) -> tuple[str, Reading | None]:
        """Return a post as HTML, and the reading of it, if its blocks stand alone."""
        src, env = _as_read(post), environment(post)
        definitions: dict[str, Any] = env["references"]
        tokens, spent = self._parse(src, env)
        part = None if spent is None else self._part(src, tokens, spent, [*definitions.values(), *_again(env)])
        if part:
            reading = Reading(src, part.blocks, part.spent, {**definitions}, _prose(part.blocks), len(src))
            if self._stands(reading, post):
                return reading.html, reading
        return self._render(tokens, {}), None

    def read_edited(self, known: Reading, post: str) -> Reading | None:
        """Return the reading of a post that was edited, or None if all of it has to be read."""
        src = _as_read(post)
        starts = [0, *accumulate([block.size for block in known.blocks])]
        before, behind = _common(known.src, src)
        moved = len(src) - len(known.src)
        first = _first(known.blocks, starts, src, before)
        last = bisect_left(starts, len(known.src) - behind)
        anew = 0
        while True:
            last = _last(known.blocks, starts, src, first, last)
            until = starts[last] + moved
            if any(block.defines for block in known.blocks[first:last]):
                return None
            part = self._read_part(src[starts[first] : until], post, known.definitions)
            anew += until - starts[first]
            if part is None:
                return None
            if last == len(known.blocks) or _is_apart(part.blocks[-1], src, until):
                break
            last += 1 + last - first  # twice as many, so that what changes all that follows takes few steps
        reading = Reading(
            src,
            known.blocks[:first] + part.blocks + known.blocks[last:],
            {key: known.spent.get(key, 0) + part.spent.get(key, 0) for key in known.spent.keys() | part.spent.keys()},
            known.definitions,
            known.prose - _prose(known.blocks[first:last]) + _prose(part.blocks),
            anew,
        )
        return reading if self._stands(reading, post) else None

    def _read_part(self, src: str, post: str, definitions: Mapping[str, Any]) -> _Part | None:
        """Read some lines of a post. None if they concern the rest of it."""
        env = environment(post)
        env["references"].update(definitions)
        tokens, spent = self._parse(src, env)
        if spent is None or len(env["references"]) > len(definitions) or _again(env):
            return None
        if spent["output"] > self._limits.output + 16 * len(src):  # what this part might have, of what the post has
            return None
        for token in tokens:
            if token.attrs.get("class") == ONLY_EMOJI:  # this part is nothing else, but the post is
                del token.attrs["class"]
        return self._part(src, tokens, spent, [])

    def _parse(self, src: str, env: "EnvType") -> "tuple[list[Token], dict[str, float] | None]":
        """Return lines as tokens, and what they took of each bound; None if that, or something else, is not known."""
        sightings: list[Sighting] = []
        env[SIGHTINGS] = sightings
        budgets = _left(env)
        tokens = self._md.parse(src, env)
        left = _left(env)
        if env.keys() - budgets.keys() - _NO_MATTER or left.get(_CELLS) == 0:
            return tokens, None
        emoji = [piece for _, piece in sightings if isinstance(piece, Shortcode)]
        spent: dict[str, float] = {key: before - left[key] for key, before in budgets.items()}
        spent["emoji"] = len(emoji)
        spent["output"] = sum([len(self._to_html.rendered.of(piece)) for piece in emoji])
        spent[_CELLS] = _cells(src, tokens)
        quotes = [token.map for token in tokens if token.markup == ">" and token.map]
        if spent[_LINES] > sum(end - start for start, end in quotes):  # it was paid for lines up to the post's end
            return tokens, None
        return tokens, spent

    def _part(self, src: str, tokens: "list[Token]", spent: dict[str, float], definitions: list[Any]) -> _Part | None:
        """Return what was read as blocks. None if it is not known where they begin."""
        lines = src.split("\n")
        if not lines[-1]:
            lines.pop()
        groups = _groups(tokens, [definition["map"] for definition in definitions])
        if groups is None:
            return None
        places = [0, *accumulate([len(line) + 1 for line in lines])]
        places[-1] = len(src)
        behinds = [*(group.line for group in groups[1:]), len(lines)]
        for group, behind in zip(groups, behinds, strict=True):
            if not self._has_partners(src[places[group.line] : places[behind]]):
                return None
        code: EnvType = {}
        blocks = [
            Block(
                places[behind] - places[group.line],
                self._render(group.tokens, code),
                _ends(group, lines, behind),
                group.defines,
                any(map(_is_prose, group.tokens)),
            )
            for group, behind in zip(groups, behinds, strict=True)
        ]
        for coloured in code.values():  # of highlighting
            spent["code"], spent["seconds"] = coloured.characters, coloured.seconds
        return _Part(blocks, spent)

    def _render(self, tokens: "list[Token]", env: "EnvType") -> str:
        html: str = self._md.renderer.render(tokens, self._md.options, env)
        return html

    def _stands(self, reading: Reading, post: str) -> bool:
        """Tell whether no bound on a post is reached, and no mark of the whole post concerns its blocks."""
        if not reading.prose:
            return False
        budgets: dict[str, float] = {
            **_left(environment(post)),
            "emoji": self._limits.emoji,
            "output": self._limits.output + 16 * len(reading.src),
            _CELLS: _CELL_OUTPUT,
        }
        budgets[_LINES] -= reading.src.count("\n") + 1  # a quote is paid for as if it went on to the end
        if "code" in reading.spent:
            from .highlight import MAX_BLOCK, MAX_POST, MAX_SECONDS  # it is loaded then

            budgets["code"], budgets["seconds"] = MAX_POST - MAX_BLOCK, MAX_SECONDS / 2
        return all(value <= budgets[key] for key, value in reading.spent.items())


def is_known(dialect: Dialect) -> bool:
    """Tell whether all rules of a dialect are ours: what a stranger's rule looks at cannot be known."""
    return any(dialect.extend is find_dialect(name).extend for name in BUILT_IN)


# What may be in the environment without saying anything about other blocks, or is asked for. Numbers are bounds.
_NO_MATTER = frozenset({"references", "duplicate_refs", SIGHTINGS, _WARY, _TITLES, _CELLS, _TAGS, _FENCES})


def _partners_rule(md: "MarkdownIt") -> Callable[[str], bool]:
    """Return what tells whether all that looks for a partner in the whole post has it in the same block.

    Pairs are found in one pass, as with brackets. So if each block has those of its own, they are the post's.
    """
    rules = md.block.ruler.get_active_rules()
    if "tags" in rules:
        return _has_closed_tags
    return _has_closed_fences if "fenced_blocks" in rules else lambda _: True


def _has_closed_tags(src: str) -> bool:
    if "[" not in src:
        return True
    tags = [found for line in src.split("\n") if (found := _TAG.fullmatch(line)) and not found["rest"].strip()]
    return len(tags) == 2 * len(_partners(src, {}))


def _has_closed_fences(src: str) -> bool:
    if "```" not in src and "~~~" not in src:
        return True
    return max(_ends_of_fences(src, {}).values(), default=0) <= src.count("\n")


def _as_read(post: str) -> str:
    """Return a post as the engine makes it before it reads it."""
    src = without_surrogates(post)
    return src.replace("\r\n", "\n").replace("\r", "\n") if "\r" in src else src


def _left(env: "EnvType") -> dict[str, int]:
    """Return what is left of the bounds on a post."""
    left = {key: value for key, value in env.items() if isinstance(value, int)}
    return {**left, "references": env["references"]._budget}  # noqa: SLF001  # the room's


def _again(env: "EnvType") -> list[Any]:
    """Return the definitions of what was defined before."""
    again: list[Any] = env.get("duplicate_refs", [])
    return again


def _cells(src: str, tokens: "list[Token]") -> int:
    """Return the most that rows of tables are paid for, as `bounds` has it, wherever in the post they stand."""
    tables = [token for token in tokens if token.type == "table_open" and token.map]
    if not tables:
        return 0
    lines = src.split("\n")
    cost = 0
    for table in tables:
        start, end = table.map or (0, 0)
        columns = lines[start].count("|") + 1
        for line in lines[start:end]:
            length = 0 if table.level else len(line)
            cost += max(0, 36 * columns - 8 * length, 10 * columns - 4 * length)
    return cost


def _groups(tokens: "list[Token]", definitions: list[list[int]]) -> list[_Group] | None:
    """Return the tokens of each block, and where it begins. None if that cannot be said."""
    found: list[_Group] = []
    first = 0
    for i, token in enumerate(tokens):
        if token.level or token.nesting > 0:
            continue
        group = tokens[first : i + 1]
        first = i + 1
        begins = group[0].map
        if begins and (not found or begins[0] > found[-1].line):
            found.append(_Group(begins[0], group))
        elif found:
            found[-1] = found[-1]._replace(tokens=found[-1].tokens + group, is_one=False)
        else:
            found.append(_Group(0, group, is_one=False))
    if first < len(tokens):
        return None
    for start, _ in sorted(definitions):
        at = bisect_right([group.line for group in found], start) - 1
        if at < 0 or (found[at].is_one and _behind(found[at]) <= start):
            found.insert(at + 1, _Group(start, [], defines=True))
        else:
            found[at] = found[at]._replace(defines=True)
    if not found or found[0].line:
        found[:1] = [found[0]._replace(line=0)] if found else [_Group(0, [])]
    return found


def _behind(group: _Group) -> int:
    """Return the line behind a block."""
    return group.tokens[0].map[1] if group.tokens and group.tokens[0].map else group.line


_PLAIN = frozenset({"paragraph_open", "heading_open", "table_open", "blockquote_open"})
_INDENTED = frozenset({"bullet_list_open", "ordered_list_open", "code_block"})
# What ends in a list where the list does, at a line that is not indented.
_LISTED = frozenset(
    {
        *(f"{kind}_{edge}" for kind in "bullet_list ordered_list list_item".split() for edge in ("open", "close")),
        *(f"{kind}_{edge}" for kind in "paragraph heading blockquote".split() for edge in ("open", "close")),
        *("inline", "fence", "code_block", "hr"),
    }
)
_MARKERS_OR_BLANK = frozenset("-+*0123456789 \t\n")


def _ends(group: _Group, lines: list[str], behind: int) -> Ends:
    """Return by what the end of a block was found. Lines may end behind it that are not the last ones of the post."""
    if not group.is_one:
        return Ends.UNSURE
    if not group.tokens:  # blank lines, or a definition, which a blank line ends
        return Ends.ITSELF if all(map(_is_blank, lines[behind - 1 : behind])) else Ends.UNSURE
    opening, end = group.tokens[0], _behind(group)
    if opening.type == "hr" or (opening.type == "heading_open" and opening.markup[0] == "#"):
        if "|" not in lines[end - 1]:  # else it may be the head of a table
            return Ends.ITSELF
    elif opening.type == "fence":
        return Ends.ITSELF if end < len(lines) else Ends.UNSURE
    elif opening.type in _INDENTED:
        is_next = _is_blank(lines[behind - 1]) and all(token.type in _LISTED for token in group.tokens)
        return Ends.NEXT if is_next else Ends.UNSURE
    if opening.type in _PLAIN or opening.type == "hr":
        return Ends.ITSELF if end < behind and _is_blank(lines[end]) else Ends.UNSURE
    return Ends.UNSURE


def _is_blank(line: str) -> bool:
    return not line.strip(" \t")


def _is_apart(block: Block, src: str, end: int) -> bool:
    """Tell whether a block that ends there does so whatever is in the lines behind it, but for the first character."""
    if block.ends is Ends.NEXT:
        return end == len(src) or src[end] not in _MARKERS_OR_BLANK
    return block.ends is Ends.ITSELF


def _first(blocks: list[Block], starts: list[int], src: str, same: int) -> int:
    """Return the first block that may be another one if only so many characters of a post stayed the same."""
    edited = min(bisect_right(starts, same), len(blocks)) - 1
    for number in range(max(0, edited - 2), edited):  # nothing is found by more than two lines, nor so by two blocks
        start = starts[number + 1]
        if not _is_apart(blocks[number], src, start) and not 0 < _behind_two_lines(src, start) <= same:
            return number
    return edited


def _behind_two_lines(src: str, start: int) -> int:
    """Return where the third line from there begins, or 0."""
    end = src.find("\n", start)
    return src.find("\n", end + 1) + 1 if end >= 0 else 0


def _last(blocks: list[Block], starts: list[int], src: str, first: int, last: int) -> int:
    """Return the first block, not before that one, from which on blocks may be as they were."""
    moved = len(src) - starts[-1]
    while last < len(blocks):
        end = starts[last] + moved
        if end > starts[first] and src[end - 1] == "\n" and (last <= first or _is_apart(blocks[last - 1], src, end)):
            return last
        last += 1
    return len(blocks)


def _common(one: str, other: str) -> tuple[int, int]:
    """Return how many characters of two texts are the same from the beginning, and how many of the rest from the end.

    By halves: comparing slices is a hundred times faster than comparing characters.
    """
    shorter = min(len(one), len(other))
    before = _most(shorter, lambda low, high: one[low:high] == other[low:high])
    end, other_end = len(one), len(other)
    behind = _most(
        shorter - before, lambda low, high: one[end - high : end - low] == other[other_end - high : other_end - low]
    )
    return before, behind


def _most(high: int, is_same: Callable[[int, int], bool]) -> int:
    """Return how far from 0 something is the same, at most to an end."""
    low = 0
    while low < high:
        middle = (low + high + 1) // 2
        if is_same(low, middle):
            low = middle
        else:
            high = middle - 1
    return low


def _prose(blocks: Iterable[Block]) -> int:
    return sum(block.is_prose for block in blocks)


_LETTER = re.compile("[^\\W\\d_\u2139]")  # U+2139, the information source, is a letter and an emoji


def _is_prose(token: "Token") -> bool:
    if token.type != "inline":
        return token.type not in ("paragraph_open", "paragraph_close")
    return any(
        _LETTER.search(child.content) is not None if child.type == "text" else child.type not in _EMOJI
        for child in token.children or ()
    )


_EMOJI = frozenset({SHORTCODE, "softbreak", "hardbreak"})
