"""The fast engine: pulldown-cmark, by way of pyromark, for posts on which it does not differ from the default one.

One pattern proves it of a post. It has no raw HTML, escapes, entities, tables or tabs, no links that are not simple. It
errs on the side of the default engine, which reads the rest. That both give the same is held by tests/test_fast.py.
"""

import functools
import re
from collections.abc import Callable

from markdown_it import MarkdownIt

from ..dialects.dialect import Dialect
from ..limits import Budget, Limits
from ..text import Replacer
from .plain import (
    APOSTROPHE,
    ASCII_NO_TEXT,
    HARMLESS,
    HARMLESS_CURLED,
    NO_TEXT,
    PlainPosts,
    has_dot_in_word,
    has_words,
    known_signs,
    located,
)
from .positions import Found

_MARKUP = r"*`|\[\]\\~@"
_NO_CODE = r"\x00-\x09\x0b-\x1f\x7f\ud800-\udfff"
_HOST = r"//[a-z0-9]++(?:[.\-][a-z0-9]++)*+"
_LINK = rf"https?:{_HOST}(?:/[A-Za-z0-9_/=+\-]*+(?:\.[A-Za-z0-9_/=+\-]++)*+)?"
_ADDRESS = r"//[a-z0-9]{1,60}+(?:[.\-][a-z0-9]{1,60}+){1,9}+(?:/[A-Za-z0-9]++(?:[.\-][A-Za-z0-9]++)*+)*+/?(?=[\ \n]|\Z)"
_BARE = rf"(?<![^\ \n])https?:{_ADDRESS}"
_BARE_BEHIND_SCHEME = rf"(?:(?<=https:)(?<![^\ \n]https:)|(?<=http:)(?<![^\ \n]http:)){_ADDRESS}"
_CODE = rf"(?<!`)`(?!`)[^`\n\\|{_NO_CODE}]++`(?!`)"
_FENCE = rf"(?<![^\n])```[A-Za-z0-9+\-]*+\n(?:(?!\ {{0,3}}```)[^\n{_NO_CODE}]*+\n)*+```(?=\n|\Z)"
_UNITS = (
    r"(?<![^\x00-\x7f])(?:\*{1,3}+|_{1,3}+)(?![^\x00-\x7f])",  # what is a letter is a matter of Unicode's version
    rf"\[[^\[\]<>&`\\!@|~\n./]++\]\({_LINK}\)",
    _CODE,
    _FENCE,
)
# Signs that mean more here than in a post without markup.
_HARMLESS = {"<": r"<(?![A-Za-z/!?]|[^\s<>:@]*+[:@])", "!": r"!(?!\[)"}
# Where a dot may be in a link or in code, and nowhere else before a letter.
_DOT, _DOT_CURLED = r"\.(?![^\W\d_])", r"\.(?![^\W\d_]|\.)"
_SAMPLES = (
    "# a\n\n> b *c*\n> **d** [e](http://f.example/g)\n\n- h\n- i\n\n1. j\n   - k\n\n```l\nm\n```\n\n`n`  \no\n\n---\n",
    "- p\n\n  q\n\n> > r\n\n> - s\n\n2. t\n\n    u\n\n<http://v.example/w>\n",
)


class FastPosts:
    """One dialect's posts of the usual kind, with the emoji of one index."""

    def __init__(
        self, patterns: list[str], engine: Callable[[str], str], replace: Replacer, limits: Limits, plain: PlainPosts
    ) -> None:
        self._is_usual = [re.compile(pattern, re.VERBOSE).fullmatch for pattern in patterns]
        self._engine = engine
        self._replace = replace
        self._limits = limits
        self._plain = plain
        self._few_links = len("http://a") * limits.links
        self._most_signs = 2 * limits.nesting  # emphasis has one where it begins, and one where it ends
        self._bare = re.compile(_BARE, re.VERBOSE)
        self._code = re.compile("(<pre>.*?</pre>|<code>.*?</code>)", re.DOTALL)
        self._code_in_source = re.compile(f"{_FENCE}|{_CODE}", re.VERBOSE)

    def to_html(self, post: str) -> str | None:
        """Return a post as HTML; None if the default engine has to read it."""
        if "*" not in post and "`" not in post and "[" not in post:
            html = self._plain.to_html(post)
            if html is not None:
                return html
        bare = self._read(post)
        if bare is None:
            return None
        if ":" not in post:
            return self._html(bare, None)
        html = self._html(bare, None) if post.count(":") // 2 <= self._limits.emoji else ""
        if html and len(html) - len(bare) <= self._limits.output:
            return html
        return self._html(bare, Budget(self._limits, len(post)))  # which counts

    def _html(self, bare: str, budget: Budget | None) -> str:
        if "<code" not in bare:
            return self._text(bare, budget)
        parts = self._code.split(bare)
        parts[::2] = [self._text(part, budget) for part in parts[::2]]
        return "".join(parts)

    def found(self, post: str) -> list[Found] | None:
        """Return the shortcodes of such a post, known and unknown, and where they are; None if that cannot be told."""
        if ":" not in post:
            return []
        texts = self._code.split(self._read(post) or "")[::2]
        seen = [one.piece for text in texts for one in located(text, self._replace)]
        places = list(located(self._code_in_source.sub(_blank, post), self._replace))
        return places if [one.piece for one in places] == seen else None

    def _text(self, html: str, budget: Budget | None) -> str:
        return self._replace(html.replace("'", APOSTROPHE) if self._plain.curl else html, budget)

    def _read(self, post: str) -> str | None:
        """Return the HTML without emoji."""
        is_usual = self._is_usual[2 * (has_dot_in_word(post) is not None) + (not post.isascii())]
        if (
            ":::" in post
            or not is_usual(post)
            or not self._is_within_limits(post)
            or not has_words(post, self._replace)
        ):
            return None
        if "://" in post and (" http" in post or "\nhttp" in post or post.startswith("http")):  # a bare address
            if "`" in post or "[" in post:  # or code, or the text of a link
                return None
            post = self._bare.sub(r"<\g<0>>", post)
        return self._engine(post if post.endswith("\n") else f"{post}\n")

    def _is_within_limits(self, post: str) -> bool:
        """Tell whether nothing comes near a bound of the default engine, but for what the pattern sees at each line."""
        if len(post) > self._few_links and max(post.count("["), post.count("://")) > self._limits.links:
            return False
        return post.count("*") + post.count("_") < self._most_signs or all(
            block.count("*") + block.count("_") < self._most_signs for block in post.split("\n\n")
        )


def fast_posts(
    dialect: Dialect, md: MarkdownIt, replace: Replacer, limits: Limits, plain: PlainPosts
) -> FastPosts | None:
    """Return the way around a dialect's parser; None if the dialect has what pulldown-cmark cannot be made to do."""
    signs = known_signs(dialect)
    if signs is None:
        return None
    harmless = {**(HARMLESS_CURLED if dialect.typographer else HARMLESS), **_HARMLESS}
    if dialect.typographer:
        harmless["!"] = r"!(?!\[|!!!)"
    del harmless["_"]
    # A list counts as two levels, and has at least two signs at the beginning of its lines.
    start = rf"(?!\ {{4}}|[\ >*+\-0-9.)]{{{max(limits.nesting // 2, 1)}}})"
    units = [rf"\n{start}", *_UNITS, *([_BARE_BEHIND_SCHEME] if dialect.linkify else [])]
    patterns: list[str] = []
    for rules in (harmless, {**harmless, ".": _DOT_CURLED if dialect.typographer else _DOT}):
        others = re.escape("".join({*signs, *rules}))
        either = " | ".join([*(rule for sign, rule in rules.items() if sign not in signs), *units])
        patterns += (
            rf"{start}(?: [^\n_{others}{_MARKUP}{no_text}]++ | {either} )++" for no_text in (ASCII_NO_TEXT, NO_TEXT)
        )
    for engine in (_as_it_is, _directed):
        if all(md.render(sample) == engine(sample) for sample in _SAMPLES):
            return FastPosts(patterns, engine, replace, limits, plain)
    return None


@functools.cache
def _pulldown_cmark() -> Callable[[str], str]:
    import pyromark  # an extra

    return pyromark.Markdown().html


def _as_it_is(post: str) -> str:
    """Spell what it spells otherwise as the default engine does."""
    html = _pulldown_cmark()(post)
    if " />" in html:
        html = html.replace("<br />", "<br>").replace("<hr />", "<hr>")
    if ">" in post:
        html = html.replace("<blockquote>\n</blockquote>", "<blockquote></blockquote>")
    if '"' in post:
        html = html.replace('"', "&quot;").replace("&quot;>", '">')  # no text has a ">"
        for attribute in _ATTRIBUTES:
            html = html.replace(f"{attribute}&quot;", f'{attribute}"')
    return html


_ATTRIBUTES = ("<a href=", "<code class=", "<ol start=")


def _directed(post: str) -> str:
    """As with links that ask not to be followed, and blocks that have a direction, but for the first in another one."""
    html = _DIRECTED.sub(r'<\1 dir="auto">', _as_it_is(post))
    return _ANCHOR.sub(r'\g<0> rel="noopener nofollow"', html)


_DIRECTED = re.compile(r'(?<!<blockquote>\n)<((?:p|h[1-6]|ul|ol|blockquote)(?: start="\d+")?)>')
_ANCHOR = re.compile(r'<a href="[^"]*"')


def _blank(code: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", code[0])
