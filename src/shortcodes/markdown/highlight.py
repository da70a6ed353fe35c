"""Code in colour: fenced blocks through Pygments, as elements with classes that a style sheet of Pygments' colours.

Lexers are regexes by some hundred authors, and most have a text on which their time is quadratic: 4 KiB of ``a`` lines
took that of C# 2.3 s. So only languages that were measured are read, a block and a post only up to a size, and by the
clock: what takes longer is shown plain, which it is in any case to who has no style sheet.
"""

import functools
import io
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import find_lexer_class, get_all_lexers

if TYPE_CHECKING:
    from markdown_it.utils import OptionsType
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

MAX_BLOCK = 8_192
"""Longer blocks are plain, in code points."""
MAX_POST = 32_768
"""What is coloured of a post, in code points."""
MAX_SECONDS = 0.2
"""How long all code of a post may take the processor."""
_MAX_GROWTH = 16  # HTML for each character of code; a sign in an element of its own is 25
# Measured on 8 KiB of sixty patterns: none takes half a second for one step, as Matlab's and OCaml's lexers do.
_LANGUAGES = frozenset(
    (
        "awk bash batch c clojure cmake common-lisp cpp csharp css dart delphi diff docker elixir elm emacs-lisp "
        "erlang fish fortran fsharp gas glsl go graphql haskell hcl html http ini java javascript json julia kotlin "
        "less lua make markdown nasm nginx nim nix objective-c perl php powershell prolog protobuf python r racket "
        "ruby rust scala scheme scss sql swift tcl terraform tex toml typescript vbnet verilog vhdl vim wgsl xml "
        "yaml zig"
    ).split()
)
_CODE = "code"


def use_highlighting(md: MarkdownIt) -> None:
    """Colour fenced code whose language is known."""
    md.add_render_rule("fence", _fence)


def _fence(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    spent = env.setdefault(_CODE, _Spent())
    settings = {**options, "highlight": lambda code, language, _: _highlight(code, language, spent)}
    return RendererHTML.fence(self, tokens, idx, OptionsDict(cast("OptionsType", settings)), env)


class _Spent:
    """What the code of one post has taken so far."""

    def __init__(self) -> None:
        self.characters = 0
        self.seconds = 0.0


def _highlight(code: str, language: str, spent: _Spent) -> str:
    """Return code as HTML, or nothing if it is to be plain."""
    if len(code) > MAX_BLOCK or spent.characters + len(code) > MAX_POST or spent.seconds > MAX_SECONDS:
        return ""
    start = time.thread_time()  # the processor's, so that a busy machine changes nothing
    name = _lexers().get(language.lower())
    lexer_class = find_lexer_class(name) if name else None  # loads it, which is the slowest part if it is the first
    if lexer_class is None:
        return ""
    html = _coloured(code, lexer_class(stripnl=False, ensurenl=False), start + MAX_SECONDS - spent.seconds)
    spent.seconds += time.thread_time() - start
    spent.characters += len(code)
    return html if len(html) <= _MAX_GROWTH * len(code) else ""


def _coloured(code: str, lexer: "Lexer", deadline: float) -> str:
    try:
        tokens = list(_until(lexer.get_tokens(code), deadline))
    except Exception:  # noqa: BLE001  # posts never raise, whatever a lexer does
        return ""
    if "".join(text for _, text in tokens) != code:  # some say a text twice, or leave it out
        return ""
    html = io.StringIO()
    HtmlFormatter(nowrap=True).format(iter(tokens), html)
    return html.getvalue()


def _until(tokens: "Iterator[tuple[_TokenType, str]]", deadline: float) -> "Iterator[tuple[_TokenType, str]]":
    for token in tokens:
        if time.thread_time() > deadline:
            return
        yield token


@functools.cache
def _lexers() -> dict[str, str]:
    """Return the lexers by their languages' names. Installed plug-ins are not asked, as that takes long each time."""
    return {
        alias: name
        for name, aliases, _, _ in get_all_lexers(plugins=False)
        if _LANGUAGES & {*aliases}
        for alias in aliases
    }
