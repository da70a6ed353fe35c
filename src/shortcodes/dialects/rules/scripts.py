"""Subscript and superscript: ``H~2~O``, ``x^2^``."""

from markdown_it import MarkdownIt
from markdown_it.parser_inline import RuleFuncInlineType
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.subscript import sub_plugin
from mdit_py_plugins.superscript import superscript_plugin
from mdit_py_plugins.utils import UNESCAPE_RE

from ..begins import begins_with


def use_scripts(md: MarkdownIt) -> None:
    """Add both. What is in them is text, without markup of its own, and without spaces that are not escaped."""
    md.use(sub_plugin).use(superscript_plugin)
    for name, sign in (("sub", "~"), ("sup", "^")):
        rule = md.inline.ruler.getRules("")[md.inline.ruler.get_active_rules().index(name)]
        md.inline.ruler.at(name, begins_with(sign, _with_escapes(rule)))


def _with_escapes(rule: RuleFuncInlineType) -> RuleFuncInlineType:
    r"""Keep what is escaped apart from the text, as the engine does elsewhere: ``^\:wave:^`` is no shortcode."""

    def read(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
        start = state.pos + 1
        if not rule(state, silent):
            return False
        state.tokens[-2:-1] = _texts(state.src, start, state.pos - 1, state.level + 1)
        return True

    return read


def _texts(src: str, start: int, end: int, level: int) -> list[Token]:
    tokens: list[Token] = []
    for escape in UNESCAPE_RE.finditer(src, start, end):
        if escape.start() > start:
            tokens.append(_text(src, start, escape.start(), level))
        tokens.append(Token("text_special", "", 0, level=level, content=escape[1], markup=escape[0], info="escape"))
        start = escape.end()
    if end > start:
        tokens.append(_text(src, start, end, level))
    return tokens


def _text(src: str, start: int, end: int, level: int) -> Token:
    return Token("text", "", 0, level=level, content=src[start:end], meta={"at": start})
