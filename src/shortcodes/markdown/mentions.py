"""Mentions: users, communities, channels. One mechanism for all dialects; a dialect says how they are spelt.

They are claimed before shortcodes, and never in code, links or URLs. Most are looked for in the text that is left when
the engine has taken those out; the ones that have markup in their spelling are read before emphasis is.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from ..dialects.dialect import Dialect, Mention
from .positions import cut

LINK = "mention"


class _Spelling(NamedTuple):
    pattern: re.Pattern[str]
    mention: Mention


def use_mentions(md: MarkdownIt, dialect: Dialect) -> None:
    """Add a dialect's mentions to a parser."""
    spellings = [_Spelling(re.compile(one.pattern, re.VERBOSE), one) for one in dialect.mentions]
    marked = [one for one in spellings if one.mention.marked]
    if marked:
        md.inline.ruler.before("backticks", "mentions", lambda state, silent: _read(state, silent, marked, dialect))
    if spoken := [one for one in spellings if not one.mention.marked]:
        md.core.ruler.after("linkify", "mentions", lambda state: _claim(state, spoken, dialect))


def _read(state: StateInline, silent: bool, spellings: list[_Spelling], dialect: Dialect) -> bool:  # noqa: FBT001  # the engine's signature
    if state.linkLevel:
        return False
    for pattern, mention in spellings:
        if found := pattern.match(state.src, state.pos, state.posMax):
            if not silent:
                for token in _link(found, mention, dialect.urls, 0):
                    pushed = state.push(token.type, token.tag, token.nesting)
                    pushed.attrs, pushed.content = token.attrs, token.content
                    pushed.markup, pushed.info = token.markup, token.info
            state.pos = found.end()
            return True
    return False


def _claim(state: StateCore, spellings: list[_Spelling], dialect: Dialect) -> None:
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = list(_claimed(block.children, spellings, dialect))


def _claimed(tokens: list[Token], spellings: list[_Spelling], dialect: Dialect) -> Iterator[Token]:
    links = 0
    for token in tokens:
        if token.type in ("link_open", "link_close"):
            links += token.nesting
        if token.type != "text" or links:
            yield token
            continue
        end = 0
        for found, mention in _mentions(token.content, spellings):
            if found.start() > end:
                yield cut(token, end, found.start())
            yield from _link(found, mention, dialect.urls, token.level)
            end = found.end()
        if end < len(token.content):
            yield cut(token, end, len(token.content)) if end else token


def _mentions(text: str, spellings: list[_Spelling]) -> list[tuple[re.Match[str], Mention]]:
    """Return the mentions in a text in their order; where two overlap, the first, or the dialect's first."""
    found = [(match, mention) for pattern, mention in spellings for match in pattern.finditer(text)]
    apart: list[tuple[re.Match[str], Mention]] = []
    for match, mention in sorted(found, key=lambda one: one[0].start()):
        if not apart or match.start() >= apart[-1][0].end():
            apart.append((match, mention))
    return apart


def _link(found: re.Match[str], mention: Mention, urls: Mapping[str, str], level: int) -> Iterator[Token]:
    attributes: dict[str, str | int | float] = {"class": mention.classes} if mention.classes else {}
    url = _url(found, urls.get(mention.kind, ""))
    kind, tag = ("link", "a") if url else ("mention", "span")
    if url:
        attributes = {"href": url, **attributes}
    # What is marked "auto" is not running text, as with the engine's own automatic links.
    yield Token(f"{kind}_open", tag, 1, attributes, None, level, markup=LINK, info="auto")
    yield Token("text", "", 0, {}, None, level + 1, content=_shown(found, mention))
    yield Token(f"{kind}_close", tag, -1, {}, None, level, markup=LINK, info="auto")


def _shown(found: re.Match[str], mention: Mention) -> str:
    """Return a mention as readers see it: as it was typed, but of markup only what the pattern has in groups."""
    return "".join(filter(None, found.groups())) if mention.marked else found[0]


def _url(found: re.Match[str], template: str) -> str:
    groups = {key: quote(value, safe="%+") for key, value in found.groupdict().items() if value}
    name, host, query = (groups.get(key, "") for key in ("name", "host", "query"))
    address = f"{name}@{host}" if host else name
    filled = template.replace("{address}", address).replace("{name}", name).replace("{host}", host)
    return filled + (found["query"] if query else "")
