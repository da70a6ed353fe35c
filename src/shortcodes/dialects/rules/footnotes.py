"""Footnotes: ``[^1]`` with ``[^1]: note`` somewhere in the post, and ``^[note]`` in place."""

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_def, footnote_inline, footnote_ref

from ..begins import begins_with

MAX_REFERENCES = 500
"""Further ones stay text: each is a link, and has a link back, which is forty times what was typed."""

_REFERENCE = re.compile(r"\[\^[^ \n\]]{1,200}\]")  # a longer label stays text: looking for its end would be quadratic
_LEFT = "footnotes left"


def use_footnotes(md: MarkdownIt) -> None:
    """Add footnotes. They stand at the end of the post, in the order in which they are referred to.

    Their anchors have the ``docId`` of the renderer's environment in them, so that posts on one page do not collide.
    """
    md.use(footnote_plugin, move_to_end=False)
    md.block.ruler.at("footnote_def", begins_with("[", _define), {"alt": ["paragraph", "reference"]})
    md.inline.ruler.at("footnote_inline", begins_with("^", _note))
    md.inline.ruler.at("footnote_ref", begins_with("[", _refer))
    md.core.ruler.after("inline", "footnotes", _move)


def _define(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
    if state.level >= state.md.options.maxNesting - 2:
        return False
    label = _REFERENCE.match(state.src, state.bMarks[start] + state.tShift[start])
    return label is not None and footnote_def(state, start, end, silent)


def _note(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # likewise
    if not state.src.startswith("^[", state.pos) or not state.env.get(_LEFT, MAX_REFERENCES):
        return False
    return footnote_inline(state, silent) and _count(state, silent)


def _refer(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # likewise
    if not _REFERENCE.match(state.src, state.pos, state.posMax) or not state.env.get(_LEFT, MAX_REFERENCES):
        return False
    return footnote_ref(state, silent) and _count(state, silent)


def _count(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # likewise
    if not silent:
        state.env[_LEFT] = state.env.get(_LEFT, MAX_REFERENCES) - 1
    return True


def _move(state: StateCore) -> None:
    """Move the footnotes that are referred to behind the post. A definition in another one is one of its own."""
    if "footnotes" not in state.env:
        return
    post: list[Token] = []
    bodies: dict[str, list[Token]] = {}
    within = [post]
    for token in state.tokens:
        if token.type == "footnote_reference_open":
            within.append([])
            bodies[token.meta["label"]] = within[-1]
        elif token.type == "footnote_reference_close":
            within.pop()
        else:
            within[-1].append(token)
    state.tokens = post
    notes = state.env["footnotes"]["list"]
    if not notes:
        return
    if not state.env[_LEFT]:  # then not all that refer to them were read
        for label in bodies.keys() - {note.get("label") for note in notes.values()}:
            post += bodies[label]
    post.append(Token("footnote_block_open", "", 1))
    for number, note in notes.items():
        label = note.get("label")
        body = bodies.get(label, []) if "tokens" not in note else _paragraph(note)
        closing = body[-1:] if body and body[-1].type == "paragraph_close" else []
        post.append(Token("footnote_open", "", 1, meta={"id": number, "label": label}))
        post += body[: len(body) - len(closing)]
        post += (
            Token("footnote_anchor", "", 0, meta={"id": number, "subId": i, "label": label})
            for i in range(note.get("count") or 1)
        )
        post += (*closing, Token("footnote_close", "", -1))
    post.append(Token("footnote_block_close", "", -1))


def _paragraph(note: dict[str, Any]) -> list[Token]:
    return [
        Token("paragraph_open", "p", 1, block=True),
        Token("inline", "", 0, children=note["tokens"], content=note["content"]),
        Token("paragraph_close", "p", -1, block=True),
    ]
