"""The HTML door: resolve shortcodes in finished HTML, whichever engine made it. Text nodes only; all else stays.

Tags are found as browsers find them (HTML Living Standard, 13.2.5), so that no attribute is ever taken for text, in
markup that is not well-formed either. Where a browser's reading would depend on its tree (a `<pre>` with tags in it
that do not match, a `<style>` inside an `<svg>`), less is converted, never more: the rest stays as it is.
"""

import functools
import re

from .limits import Budget, Limits
from .text import Replacer, encodable, within_limits

# Text in these is not prose, or is not text at all; in foreign content an <img> would break out of its parent.
_OPAQUE = frozenset("code pre kbd samp tt listing math svg template select noscript".split())
# In these there are no tags: they end at their own end tag and nowhere else (13.2.5.2 to 13.2.5.4, 13.2.6.2).
_RAW = "script|style|textarea|title|xmp|iframe|noembed|noframes"
# Behind these, browsers read no more text.
_FINAL = frozenset({"plaintext", "frameset"})
# Elements that have no end tag, or may leave it out where it does not matter.
_VOID = frozenset(
    (
        "area base basefont bgsound br col embed frame hr image img input keygen link meta param source "
        "track wbr optgroup option"
    ).split()
)
# In foreign content `<path/>` has no end tag either; elements that HTML does not know are harmless, however read.
_FOREIGN_VOID = frozenset(
    (
        "animate animatemotion animatetransform circle ellipse g line mprescripts mspace none path "
        "polygon polyline rect set stop use"
    ).split()
)
_DEEPEST = 100

_MARKUP_RULE = rf"""
    <(?: !--  (?: -?> | .*?(?: --!?> | \Z ) )                  # a comment, or one that never ends
      | [!?]         [^>]*+ (?: > | \Z )                       # a doctype, or a bogus comment
      | /(?![A-Za-z])[^>]*+ (?: > | \Z )
      | (?: (?P<raw>{_RAW})(?=[\t\n\f\r\x20/>])
          | (?P<end>/?)(?P<tag>[A-Za-z][^\t\n\f\r\x20/>]*+)
        )
        (?: [\t\n\f\r\x20/]++                                  # attributes
          | (?: =[^\t\n\f\r\x20/>=]*+ | [^\t\n\f\r\x20/>=]++ ) [\t\n\f\r\x20]*+
            (?: = [\t\n\f\r\x20]*+ (?: "[^"]*+(?:"|\Z) | '[^']*+(?:'|\Z) | (?![>"'])[^\t\n\f\r\x20>]++ )?+ )?+
        )*+
        (?: > | \Z )
        (?(raw) (?P<content> [^<]*+ (?: <(?! /(?P=raw)[\t\n\f\r\x20/>] )[^<]*+ )*+ ) )
    )"""

# What the text of an emoji in place of the colon could make a tag (`<`), or another reference (`&#5️⃣`).
_UNFINISHED = r"<:|&#(?:[Xx][0-9A-Fa-f]*+|[0-9]*+):"


@functools.cache
def _markup() -> re.Pattern[str]:
    return re.compile(_MARKUP_RULE, re.VERBOSE | re.IGNORECASE | re.DOTALL | re.ASCII)


def filter_html(html: str, replace: Replacer, limits: Limits) -> str:
    """Return the HTML with the shortcodes of its text nodes rendered. Linear in the HTML, well-formed or not.

    The text of links is converted; that of ``<code>``, ``<pre>``, ``<script>``, ``<style>``, ``<textarea>`` and the
    like is not, nor are character references: ``&colon;wave:`` is an escape.
    """
    html = encodable(html)  # what becomes of NUL is for the browser to say
    if len(html) > limits.characters:
        return html
    return within_limits(html, lambda budget: _filter(html, replace, budget), limits, replace.scanner)


def _filter(html: str, replace: Replacer, budget: Budget | None) -> str:
    out: list[str] = []
    inside: list[str] = []
    end = 0
    for markup in _markup().finditer(html):
        start = markup.start()
        if start > end:
            text = html[end:start]
            out.append(text if inside or _is_unfinished(text) else replace(text, budget))
        end = markup.end()
        if not _follow(markup, inside):
            return "".join((*out, html[start:]))
        out.append(html[start:end])
    rest = html[end:]
    out.append(rest if inside or _is_unfinished(rest) else replace(rest, budget))
    return "".join(out)


def _follow(markup: re.Match[str], inside: list[str]) -> bool:
    """Note what a piece of markup opens or closes. False if only a browser's tree can tell what comes behind it.

    `inside` has what is open from an opaque element inwards. An end tag there closes what browsers close if all that
    was opened in between has been closed; if not, it depends (13.2.6.4.7, "any other end tag", adoption agency).
    """
    raw, tag = markup["raw"], (markup["tag"] or "").lower()
    if not inside:
        if raw:
            return raw.lower() != "script" or not _may_be_double_escaped(markup["content"])
        if tag in _OPAQUE and not markup["end"]:
            inside.append(tag)
        return tag not in _FINAL
    if "noscript" in inside and "</noscript" in markup[0][2:].lower():
        return False  # with scripts on, this is its end
    if raw:
        return "<" not in markup["content"]  # in foreign content, these are elements like any other
    if not tag:
        return not markup[0].startswith("<![CDATA[") or markup[0].endswith("]]>")
    if markup["end"]:
        if tag in inside and inside.pop() != tag:
            return False
    elif tag not in _VOID and not (tag in _FOREIGN_VOID and markup[0].endswith("/>")):
        inside.append(tag)
    return tag not in _FINAL and len(inside) <= _DEEPEST


def _may_be_double_escaped(script: str) -> bool:
    """Tell whether a script has a script in a comment, so that its first end tag may not be its end (13.2.5.27)."""
    return "<!--" in script and "<script" in script.lower()


def _is_unfinished(text: str) -> bool:
    return ("<" in text or "&#" in text) and re.search(_UNFINISHED, text) is not None
