"""Curly quotes for straight ones, by what stands beside them. As the engine's rule has it, but in linear time.

The engine looks for an opening quote through all that are open, and builds the text anew for each: 64 KiB of quotes
took it half a minute.
"""

import re
from collections.abc import Iterable, Iterator

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_APOSTROPHE = "’"
_BREAKS = frozenset({"softbreak", "hardbreak"})
_Mark = tuple[int, int]
"""A quote: the token it is in, and where it stands there."""


def curl(state: StateCore) -> None:
    """Make the straight quotes of running text curly: the engine's rule ``smartquotes``."""
    if not state.md.options.typographer:
        return
    quotes = state.md.options.quotes
    pairs = {'"': (quotes[0], quotes[1]), "'": (quotes[2], quotes[3])}
    for block in state.tokens:
        if block.type == "inline" and block.children and ('"' in block.content or "'" in block.content):
            _curl(block.children, pairs)


def _curl(tokens: list[Token], pairs: dict[str, tuple[str, str]]) -> None:
    curled: dict[int, dict[int, str]] = {}
    opened = _Opened()
    befores = _neighbours(tokens, -1)
    behinds = reversed(_neighbours(reversed(tokens), 0))
    for i, (token, before, behind) in enumerate(zip(tokens, befores, behinds, strict=True)):
        opened.leave(token.level)
        if token.type != "text":
            continue
        text = token.content
        for found in re.finditer("[\"']", text):
            at, quote = found.start(), found[0]
            left = text[at - 1] if at else before
            right = text[at + 1] if at + 1 < len(text) else behind
            opens, closes = _sides(left, quote, right)
            opener = opened.match(quote, token.level) if closes else None
            if opener:
                curled.setdefault(opener[0], {})[opener[1]], curled.setdefault(i, {})[at] = pairs[quote]
            elif opens:
                opened.push(quote, token.level, (i, at))
            elif quote == "'":
                curled.setdefault(i, {})[at] = _APOSTROPHE
    for i, marks in curled.items():
        tokens[i].content = "".join(_replaced(tokens[i].content, marks))


def _replaced(text: str, marks: dict[int, str]) -> Iterator[str]:
    end = 0
    for at in sorted(marks):
        yield text[end:at]
        yield marks[at]
        end = at + 1
    yield text[end:]


def _neighbours(tokens: Iterable[Token], edge: int) -> list[str]:
    """Return the character that each token finds before it: a space after a break, and at the beginning."""
    found: list[str] = []
    character = " "
    for token in tokens:
        found.append(character)
        if token.type in _BREAKS:
            character = " "
        elif token.content:
            character = token.content[edge]
    return found


def _sides(left: str, quote: str, right: str) -> tuple[bool, bool]:
    """Tell whether a quote may open, and whether it may close."""
    if left.isdecimal() and left.isascii() and quote == right == '"':
        return False, False  # 1"", the first of them an inch
    space_left, space_right = isWhiteSpace(ord(left)), isWhiteSpace(ord(right))
    sign_left, sign_right = _is_sign(left), _is_sign(right)
    opens = not space_right and (not sign_right or space_left or sign_left)
    closes = not space_left and (not sign_left or space_right or sign_right)
    if opens and closes:  # foo-"-bar-"-baz, but not foo"bar"baz
        return sign_left, sign_right
    return opens, closes


def _is_sign(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


class _Opened:
    """The opening quotes that may still be closed, with their levels, which never fall from first to last."""

    def __init__(self) -> None:
        self._stack: list[tuple[str, int, _Mark]] = []
        self._tops: dict[str, list[int]] = {'"': [], "'": []}

    def push(self, quote: str, level: int, mark: _Mark) -> None:
        self._tops[quote].append(len(self._stack))
        self._stack.append((quote, level, mark))

    def match(self, quote: str, level: int) -> _Mark | None:
        """Return the last one of the kind on this level, closed now, with what was opened behind it."""
        tops = self._tops[quote]
        if not tops or self._stack[tops[-1]][1] != level:
            return None
        top = tops[-1]
        mark = self._stack[top][2]
        while len(self._stack) > top:
            self._drop()
        return mark

    def leave(self, level: int) -> None:
        """Forget those of levels that are deeper."""
        while self._stack and self._stack[-1][1] > level:
            self._drop()

    def _drop(self) -> None:
        self._tops[self._stack.pop()[0]].pop()
