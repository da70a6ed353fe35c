"""CyTube: chat lines, in which an emote is any name that stands alone between white space, without colons.

From its sources (https://github.com/calzoneman/sync): src/channel/chat.js (links), src/channel/filters.js (the marks),
src/channel/emotes.js (what an emote is), www/js/util.js (their HTML).
"""

from typing import TYPE_CHECKING

from .begins import needs
from .dialect import Dialect

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


def _extend(md: "MarkdownIt") -> None:
    from .rules.bbcode_inline import Inline, use_inline_tags  # the engine is loaded with the first post
    from .rules.chat import use_chat_marks

    md.enable(["linkify", "newline", "backticks", "strikethrough"])
    use_chat_marks(md)
    use_inline_tags(md, {"sp": Inline("span", "spoiler")})
    if md.linkify:
        md.linkify.set({"fuzzy_link": False, "fuzzy_email": False})  # only what has a scheme is a link


DIALECT = Dialect(
    "cytube",
    preset="zero",
    linkify=True,
    breaks=True,
    boundary="alone",
    renderer="cytube",
    tone="",
    extend=needs("", _extend),
)
