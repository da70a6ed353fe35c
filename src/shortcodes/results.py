"""What a post became, and what a forum has to know to render it again when, and only when, it has to."""

from typing import NamedTuple

from .emoji import Emoji
from .packs.index import Index
from .renderers import Html
from .tokenizer import Shortcode


class UnknownShortcode(NamedTuple):
    """A shortcode whose name no pack has. It stayed text."""

    source: str
    """As typed: ``:wavee:``."""
    name: str
    line: int
    """From 1."""
    column: int
    """From 1, in code points: where the opening colon is."""
    among: Index

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Up to three names that may have been meant, best first. Sought when asked for, as that takes a while."""
        return self.among.suggest(self.name)


class FoundShortcode(NamedTuple):
    """A shortcode that resolved, and where it stands in the post's source."""

    shortcode: Shortcode
    line: int
    column: int


class Result(NamedTuple):
    """A post's HTML, and what was found in the post."""

    html: Html
    found: tuple[FoundShortcode, ...]
    """Every shortcode that resolved, in reading order; those past a limit too, which stayed text."""
    unknown: tuple[UnknownShortcode, ...]
    """Every one that did not."""
    version: str
    """The index's version: it changes when, and only when, what names resolve to does."""

    @property
    def used(self) -> tuple[Emoji, ...]:
        """The emoji of the post, each once, in the order of their first use."""
        return tuple({id(one.shortcode.emoji): one.shortcode.emoji for one in self.found}.values())
