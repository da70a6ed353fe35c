"""Tags in square brackets within a paragraph: ``[spoiler]who did it[/spoiler]``.

They pair up as emphasis does, so that whatever is typed, the elements are nested well: a tag that finds no partner, or
whose partner is on the other side of an asterisk's, stays text.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

from ..begins import begins_with


class Inline(NamedTuple):
    """What a tag becomes."""

    tag: str
    classes: str


_NOT_A_CHARACTER = 0x110000  # the engine tells delimiters apart by a character's number


def use_inline_tags(md: MarkdownIt, tags: Mapping[str, Inline]) -> None:
    """Teach a parser tags, by their names in lower case; case does not matter."""
    names = list(tags)
    pattern = re.compile(rf"\[(/?)({'|'.join(names)})\]", re.IGNORECASE)

    def read(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
        found = pattern.match(state.src, state.pos, state.posMax)
        if not found:
            return False
        if not silent:
            marker = _NOT_A_CHARACTER + names.index(found[2].lower())
            token = state.push("text", "", 0)
            token.content = found[0]
            closes = bool(found[1])
            at = len(state.tokens) - 1
            state.delimiters.append(Delimiter(marker, 0, at, -1, open=not closes, close=closes))
        state.pos = found.end()
        return True

    def pair(state: StateInline) -> None:
        inner = (meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta)
        for delimiters in (state.delimiters, *inner):
            for opener in delimiters:
                if opener.marker >= _NOT_A_CHARACTER and opener.end >= 0:
                    element = tags[names[opener.marker - _NOT_A_CHARACTER]]
                    _become(state, opener.token, element, 1)
                    _become(state, delimiters[opener.end].token, element, -1)

    md.inline.ruler.after("link", "tags", begins_with("[", read))
    md.inline.ruler2.before("fragments_join", "tags", pair)


def _become(state: StateInline, at: int, element: Inline, nesting: int) -> None:
    token = state.tokens[at]
    kind = "spoiler" if element.classes == "spoiler" else "tag"  # the first is what a preview leaves out
    token.type = f"{kind}_open" if nesting == 1 else f"{kind}_close"
    token.tag, token.nesting = element.tag, nesting  # type: ignore[assignment]  # it is 1 or -1
    token.markup, token.content = token.content, ""
    if nesting == 1:
        token.attrs = {"class": element.classes}
