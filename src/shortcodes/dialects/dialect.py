"""What a dialect may set."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from .begins import needs

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


class Mention(NamedTuple):
    """What a dialect makes a link of by itself: ``@ann@forum.example``, ``!otters@forum.example``."""

    kind: str
    """Which of the dialect's URLs it leads to: ``user``, ``community`` (a channel, a category), or one of its own."""
    pattern: str
    """A verbose regex, linear in the text, with a group ``name`` and, where it has them, ``host`` and ``query``."""
    classes: str = ""
    """The link's classes."""
    signs: str = ""
    """Characters of which every match has one. If they are not known, every post has to go through the engine."""
    marked: bool = False
    """Whether it has markup in it, as Zulip's ``@**Ann Lee**``: it is read before emphasis, and shown as its groups."""


def _unchanged(md: "MarkdownIt") -> None:
    """Add no rule."""


class Dialect(NamedTuple):
    """A forum's Markdown. Raw HTML is off in all of them: it is shown as it was typed.

    A plain value, found by name: those of this package, and those that other distributions bring in the entry point
    group ``shortcodes.dialects``. One that differs in a setting is made with ``_replace``.
    """

    name: str
    preset: str
    """The rules that it starts from, as markdown-it-py names them."""
    linkify: bool = False
    """Whether bare URLs become links. They are left alone by shortcodes either way."""
    typographer: bool = False
    """Whether straight quotes become curly ones, ``...`` an ellipsis, and so on."""
    breaks: bool = False
    """Whether every line break in a paragraph is shown as one."""
    boundary: str = "word"
    """What may stand beside a shortcode, unless a converter says otherwise."""
    renderer: str = "standard"
    """How its clients show emoji, unless a converter says otherwise: the name of a preset."""
    tone: str = ":skin-tone-{tone}:"
    """How it spells a skin tone, 2 to 6, behind a shortcode; empty if it cannot. All known spellings are read."""
    mentions: tuple[Mention, ...] = ()
    """Claimed in running text before shortcodes are."""
    urls: Mapping[str, str] = {}
    """Where mentions lead, by their kind: ``{address}`` is ``{name}@{host}``, or ``{name}`` if there is no host."""
    title: tuple[str, ...] = ()
    """The inline rules that titles have, by their names in the engine. None: titles are plain text."""
    extend: "Callable[[MarkdownIt], None]" = needs("", _unchanged)
    """Adds what else it has to a parser, through the engine's own interface. Called for each parser that is built."""
