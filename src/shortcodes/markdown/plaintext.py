"""A post without its markup: for feeds, search, e-mail, notifications, terminals.

Blocks are set apart by blank lines; lists keep their bullets and numbers, quotes their ``>``, code its text; links are
their text, images and media their description; the cells of a row are set apart by tabs. A spoiler is its title, then
what is in it. Footnotes stand at the end.
"""

from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from ..tokenizer import Shortcode
from .plugin import SHORTCODE

_CONTAINERS = frozenset(
    {"blockquote", "bullet_list", "ordered_list", "list_item", "table", "tr", "details", "footnote_block", "footnote"}
)
_TIGHT = frozenset({"table", "footnote_block"})
_SPOILERS = ("details", "spoiler")
_AROUND = {"rt_open": "(", "rt_close": ")"}


class _Open:
    """A block that is open, and the texts of the blocks in it so far."""

    def __init__(self, number: int | None = None) -> None:
        self.texts: list[str] = []
        self.number = number
        self.tight = False


def plain_text(tokens: list[Token], characters: Callable[[Shortcode], str]) -> str:
    """Return the text of a post's tokens, without a line break at the end."""
    stack = [_Open()]
    for token in tokens:
        kind, _, edge = token.type.rpartition("_")
        if token.type == "inline":
            stack[-1].texts.append(_inline(token.children or [], characters))
        elif token.type in ("fence", "code_block"):
            stack[-1].texts.append(token.content.removesuffix("\n"))
        elif token.type == "hr":
            stack[-1].texts.append("---")
        elif token.hidden:  # the paragraphs of a tight list
            stack[-1].tight = True
        elif kind in _CONTAINERS and edge == "open":
            stack.append(_Open(_number(token)))
        elif kind in _CONTAINERS and edge == "close":
            done = stack.pop()
            _close(kind, done, stack[-1])
    return "\n\n".join(stack[0].texts)


def _number(token: Token) -> int | None:
    if token.type == "footnote_open":
        return int(token.meta["id"]) + 1
    return int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None


def cut_spoilers(md: MarkdownIt) -> None:
    """Leave spoilers out of what a parser reads, with the footnotes that they alone refer to."""
    md.core.ruler.after("block", "spoilers", _cut_spoilers)
    md.core.ruler.after("inline", "inline_spoilers", _cut_inline_spoilers)


def _cut_spoilers(state: StateCore) -> None:
    state.tokens = _without_spoilers(state.tokens)


def _cut_inline_spoilers(state: StateCore) -> None:
    for block in state.tokens:
        if block.children:
            block.children = _without_spoilers(block.children)


def _without_spoilers(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    depth = 0
    for token in tokens:
        is_edge = token.nesting != 0 and token.type.startswith(_SPOILERS)
        depth += token.nesting if is_edge else 0
        if not depth and not is_edge:
            kept.append(token)
    return kept


def _close(kind: str, block: _Open, parent: _Open) -> None:
    text = "\n".join(block.texts) if block.tight or kind in _TIGHT else "\n\n".join(block.texts)
    if kind == "tr":
        text = "\t".join(" ".join(cell.split("\n")) for cell in block.texts)
    elif kind == "blockquote":
        text = _prefixed(text, "> ", "> ")
    elif kind == "details":
        text = "\n".join(filter(None, (*block.texts[:1], "\n\n".join(block.texts[1:]))))
    elif kind == "footnote":
        text = _prefixed(text, f"[{block.number}] ", "    ")
    elif kind == "list_item":
        bullet = "• " if parent.number is None else f"{parent.number}. "
        parent.number = None if parent.number is None else parent.number + 1
        parent.tight = block.tight
        text = _prefixed(text, bullet, " " * len(bullet))
    parent.texts.append(text)


def _prefixed(text: str, first: str, others: str) -> str:
    return "\n".join(((others if i else first) + line).rstrip() for i, line in enumerate(text.split("\n")))


def _inline(tokens: list[Token], characters: Callable[[Shortcode], str]) -> str:
    text = ""
    for token in tokens:
        if token.type == SHORTCODE:
            text += characters(token.meta["shortcode"])
        elif token.type in ("softbreak", "hardbreak"):
            text += "\n"
        elif token.type == "image":
            text += _inline(token.children or [], characters)
        elif token.type in ("video", "audio"):
            text += _inline(token.children or [], characters) or str(token.attrs["src"])
        elif token.type == "footnote_ref":
            text += f"[{token.meta['id'] + 1}]"
        else:
            text += _AROUND.get(token.type, token.content)
    return text
