r"""Zulip: ``@**Ann Lee**``, ``#**general>lunch**``, fenced quotes and spoilers; no raw ``_emphasis_``, no escapes.

From its sources (https://github.com/zulip/zulip): zerver/lib/markdown/__init__.py (which rules there are, channels,
times, emoji and their boundary), zerver/lib/mention.py, zerver/lib/markdown/fenced_code.py. It is Python-Markdown
there; where that differs from CommonMark in nothing but rare cases, this is CommonMark.
"""

from typing import TYPE_CHECKING

from .begins import needs
from .dialect import Dialect, Mention

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

_BEFORE = r"""(?<! [^\s'"({\[/<] )"""
_NAME = r"(?P<name> [^*|\n]{1,100}+ ) (?: \|\d{1,10}+ )?"
_CHANNEL = r"(?P<sign> \# ) \*\* (?P<name> [^*>\n]{1,100}+ )"

_MENTIONS = (
    Mention("user", rf"{_BEFORE} (?P<sign> @ ) \*\* {_NAME} \*\*", "user-mention", signs="@", marked=True),
    Mention("user", rf"{_BEFORE} @_ \*\* {_NAME} \*\*", "user-mention silent", signs="@", marked=True),
    Mention("group", rf"{_BEFORE} (?P<sign> @ ) \* {_NAME} \*", "user-group-mention", signs="@", marked=True),
    Mention("group", rf"{_BEFORE} @_ \* {_NAME} \*", "user-group-mention silent", signs="@", marked=True),
    Mention("community", rf"{_BEFORE} {_CHANNEL} \*\*", "stream", signs="#", marked=True),
    Mention(
        "community",
        rf"{_BEFORE} {_CHANNEL} (?P<topic> > [^*@\n]{{0,100}}+ ) (?: @\d{{1,20}}+ )? \*\*",
        "stream-topic",
        signs="#",
        marked=True,
    ),
    Mention("time", r"<time: (?P<name> [^>\n]{1,100}+ ) >", "timestamp", signs="<", marked=True),
)


def _extend(md: "MarkdownIt") -> None:
    from markdown_it.rules_inline import emphasis  # the engine is loaded with the first post

    from .begins import begins_with
    from .rules.dollars import use_dollars
    from .rules.fenced_blocks import use_fenced_blocks

    def asterisks(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
        return state.src[state.pos] != "_" and emphasis.tokenize(state, silent)

    md.disable(["escape", "image", "lheading", "reference"])
    md.inline.ruler.at("emphasis", begins_with("*", asterisks))
    use_fenced_blocks(md)
    use_dollars(md)


DIALECT = Dialect(
    "zulip",
    preset="gfm-like",
    linkify=True,
    breaks=True,
    boundary="loose",
    renderer="zulip",
    tone="",
    mentions=_MENTIONS,
    extend=needs("$", _extend),
)
