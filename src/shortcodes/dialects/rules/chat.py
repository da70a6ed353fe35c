"""CyTube's marks: one asterisk is bold, one underscore italic.

Where a mark opens and closes is CommonMark's rule (6.2), which spares ``2 * 3 * 4`` and ``snake_case_names``: the
original takes any two of a line, and so tears emotes that have underscores in their names.
"""

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from ..begins import begins_with

_ELEMENTS = {"*": "strong", "_": "em"}


def use_chat_marks(md: MarkdownIt) -> None:
    """Let asterisks be bold and underscores italic, however many there are."""
    md.enable("emphasis")
    md.inline.ruler2.after("emphasis", "chat_marks", begins_with("", _rename))


def _rename(state: StateInline) -> None:
    for token in state.tokens:
        kind, _, edge = token.type.partition("_")
        if kind in ("em", "strong") and edge:
            token.tag = _ELEMENTS[token.markup[0]]
            token.type = f"{token.tag}_{edge}"
