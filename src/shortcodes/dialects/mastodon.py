"""Mastodon: plain text with paragraphs and line breaks; URLs, ``@ann@social.example`` and ``#birds`` are links.

From its sources (https://github.com/mastodon/mastodon): app/lib/text_formatter.rb, app/models/account.rb (mentions),
app/models/concerns/tag/naming.rb (hashtags), app/models/custom_emoji.rb and app/lib/emoji_formatter.rb (boundary).
"""

from types import MappingProxyType
from typing import TYPE_CHECKING

from .begins import needs
from .dialect import Dialect, Mention

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_USER = r"""
    (?<![\w=/]) @ (?P<name> [A-Za-z0-9_]++ (?: [.\-]++[A-Za-z0-9_]++ )*+ )
    (?: @(?P<host> \w++ (?: [.\-]++\w++ )*+ ) )?+
"""
# Marks are part of words: those of Hebrew and Arabic, of India and its neighbours, and the ones for any script.
_WORD = (
    r"[\w\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0df3\u0e31-\u0e4e"
    r"\u0eb1-\u0ece\u0f71-\u0f84\u102b-\u103e\u1056-\u109d\u17b4-\u17d3\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\u3099\u309a]"
)
# Not of digits alone: `#1` is a number.
_HASHTAG = rf"(?<!\S) [\#＃] (?P<name> (?=[\d_·・]*+[^\W\d_]) {_WORD}++ (?: [·・\u200c]++{_WORD}++ )*+ )"


def _extend(md: "MarkdownIt") -> None:
    md.enable(["linkify", "newline"])
    if md.linkify:
        md.linkify.set({"fuzzy_link": False, "fuzzy_email": False})  # only what has a scheme is a link


DIALECT = Dialect(
    "mastodon",
    preset="zero",
    linkify=True,
    breaks=True,
    boundary="strict",
    renderer="mastodon",
    tone="",
    mentions=(
        Mention("user", _USER, "u-url mention", signs="@"),
        Mention("community", _HASHTAG, "mention hashtag", signs="#＃"),
    ),
    urls=MappingProxyType({"user": "/@{address}", "community": "/tags/{name}"}),
    extend=needs("", _extend),
)
