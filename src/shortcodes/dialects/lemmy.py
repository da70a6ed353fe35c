"""Lemmy's Markdown, as its own page shows posts (lemmy-ui, ``src/shared/utils/markdown.ts``)."""

from typing import TYPE_CHECKING

from .begins import needs
from .dialect import Dialect, Mention

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_PAIR = "[a-zA-Z_-]++=[a-zA-Z+-_]++"  # the range from + to _ is theirs: it has digits and most signs
_ADDRESS = rf"""
    (?P<name> [a-zA-Z0-9._%+-]++ ) @
    (?P<host> [a-zA-Z0-9.-]+ \. [a-zA-Z]{{2,}} )
    (?P<query> /? \? {_PAIR} (?: & {_PAIR} )*+ )?
"""

TITLE = ("emphasis", "backticks", "strikethrough")


def _extend(md: "MarkdownIt") -> None:
    from .rules.direction import use_direction  # these load the engine
    from .rules.footnotes import use_footnotes
    from .rules.images import use_emoji_images
    from .rules.links import use_link_attributes
    from .rules.media import use_media
    from .rules.ruby import use_ruby
    from .rules.scripts import use_scripts
    from .rules.spoiler import use_spoilers
    from .rules.tables import use_table_class

    use_scripts(md)
    use_footnotes(md)
    use_media(md)
    use_spoilers(md)
    use_ruby(md)
    use_emoji_images(md)
    use_table_class(md, "table")
    use_direction(md)
    use_link_attributes(md, {"rel": "noopener nofollow"})


DIALECT = Dialect(
    "lemmy",
    preset="js-default",
    linkify=True,
    typographer=True,
    renderer="lemmy",
    mentions=(
        Mention("user", rf"(?: @ | /u/ ) {_ADDRESS}", classes="user-link", signs="@"),
        Mention("community", rf"(?: ! | /[cm]/ ) {_ADDRESS}", classes="community-link", signs="@"),
    ),
    urls={"user": "/u/{address}", "community": "/c/{address}"},
    title=TITLE,
    extend=needs("^{", _extend),
)
