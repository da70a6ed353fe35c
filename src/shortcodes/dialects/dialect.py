"""What a dialect may set."""

from typing import NamedTuple


class Dialect(NamedTuple):
    """A forum's Markdown. Raw HTML is off in all of them: it is shown as it was typed."""

    name: str
    preset: str
    """The rules that it starts from, as markdown-it-py names them."""
    linkify: bool = False
    """Whether bare URLs become links. They are left alone by shortcodes either way."""
    boundary: str = "word"
    """What may stand beside a shortcode, unless a converter says otherwise."""
