r"""Discourse: markdown-it with line breaks, curly quotes, ``[quote]``, ``[spoiler]``, ``@ann`` and ``#support``.

From its sources (https://github.com/discourse/discourse), with its settings as they come:
frontend/discourse-markdown-it/src/setup.js (options), features/emoji.js (boundary, tones, HTML), features/mentions.js,
features/hashtag-autocomplete.js, features/text-post-process.js (what may stand beside a mention), features/quotes.js,
features/bbcode-block.js, features/bbcode-inline.js; plugins/spoiler-alert.
"""

from types import MappingProxyType
from typing import TYPE_CHECKING

from .begins import needs
from .dialect import Dialect, Mention

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_USER = r"(?<![^\W_]) @ (?P<name> (?> [A-Za-z0-9_](?: [A-Za-z0-9_.\-]{0,58}[A-Za-z0-9_] )? ) ) (?![^\W_])"
_SLUG = r"[\w\u00c0-\u1fff\u2c00-\ud7ff]"
# `#parent:child` is a category in another; what follows two colons says which kind of thing it is.
_HASHTAG = rf"""
    (?<![^\W_])(?<!/) \# (?P<name> (?> {_SLUG}(?:[\-.]?{_SLUG}){{0,99}} ) (?: :(?>{_SLUG}(?:[\-.]?{_SLUG}){{0,99}}) )? )
    (?: ::(?:tag|category|channel) )? (?![^\W_])
"""


def _extend(md: "MarkdownIt") -> None:
    from .rules.bbcode_block import use_block_tags  # the engine is loaded with the first post
    from .rules.bbcode_inline import Inline, use_inline_tags

    use_block_tags(md)
    styles = {name: Inline("span", f"bbcode-{name}") for name in "bius"}
    use_inline_tags(md, {"spoiler": Inline("span", "spoiler"), **styles})


DIALECT = Dialect(
    "discourse",
    preset="js-default",
    linkify=True,
    typographer=True,
    breaks=True,
    renderer="discourse",
    tone="t{tone}:",
    mentions=(Mention("user", _USER, "mention", signs="@"), Mention("community", _HASHTAG, "hashtag-raw", signs="#")),
    urls=MappingProxyType({"user": "/u/{name}"}),
    extend=needs("", _extend),
)
