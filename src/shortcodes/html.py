"""The HTML door: resolve shortcodes in finished HTML, whichever engine made it. Text nodes only; all else stays.

Tags are found as browsers find them (HTML Living Standard, 13.2.5), so that no attribute is ever taken for text, in
markup that is not well-formed either. Where a browser's tree would depend on more than that (a `<pre>` that is never
closed), less is converted, never more.
"""

import functools
import re

from .limits import Budget, Limits
from .text import Replacer, within_limits

# Text in these is not prose, or is not text at all; in foreign content an <img> would break out of its parent.
_OPAQUE = frozenset({"code", "pre", "kbd", "samp", "tt", "math", "svg", "template", "select", "option"})
# In these there are no tags: they end at their own end tag and nowhere else (13.2.5.2 to 13.2.5.4, 13.2.6.2).
_RAW = "script|style|textarea|title|xmp|iframe|noembed|noframes|noscript"

_MARKUP_RULE = rf"""(
    <(?:
        (?P<raw>{_RAW}) (?=[\t\n\f\r\x20/>])                           # with everything up to its end tag, or the end
        (?: (?!</(?P=raw)[\t\n\f\r\x20/>]) . )*+
      | plaintext (?=[\t\n\f\r\x20/>]) .*+
      | !--  (?: >|->| .*?(?: --!?> | \Z ) )                 # a comment, or one that never ends
      | [!?]         [^>]*+ (?: > | \Z )                     # a doctype, or a bogus comment
      | /(?![A-Za-z])[^>]*+ (?: > | \Z )
      | (?P<end>/?)(?P<tag>[A-Za-z][^\t\n\f\r\x20/>]*+)     # a tag, and its attributes
        (?: [\t\n\f\r\x20/]++
          | =?[^\t\n\f\r\x20/>=]++ [\t\n\f\r\x20]*+
            (?: = [\t\n\f\r\x20]*+ (?: "[^"]*+(?:"|\Z) | '[^']*+(?:'|\Z) | (?![>"'])[^\t\n\f\r\x20>]++ )?+ )?+
          | =
        )*+
        (?: > | \Z )
    ))"""


@functools.cache
def _markup() -> re.Pattern[str]:
    return re.compile(_MARKUP_RULE, re.VERBOSE | re.IGNORECASE | re.DOTALL)


def filter_html(html: str, replace: Replacer, limits: Limits) -> str:
    """Return the HTML with the shortcodes of its text nodes rendered. Linear in the HTML, well-formed or not.

    The text of links is converted; that of ``<code>``, ``<pre>``, ``<script>``, ``<style>``, ``<textarea>`` and the
    like is not, nor are character references: ``&colon;wave:`` is an escape.
    """
    return within_limits(html, lambda budget: _filter(html, replace, budget), limits)


def _filter(html: str, replace: Replacer, budget: Budget | None) -> str:
    out: list[str] = []
    opaque = 0
    end = 0
    for markup in _markup().finditer(html):
        start = markup.start()
        if start > end:
            text = html[end:start]
            out.append(text if opaque else replace(text, budget))
        end = markup.end()
        out.append(html[start:end])
        if (markup["tag"] or "").lower() in _OPAQUE:
            opaque = max(0, opaque - 1) if markup["end"] else opaque + 1
    rest = html[end:]
    out.append(rest if opaque else replace(rest, budget))
    return "".join(out)
