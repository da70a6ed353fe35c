"""Dialects: how a forum's Markdown differs. One dialect a file, each a plain value that the Markdown door reads."""

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

from .dialect import Dialect, Mention

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt

    from ..plugins import Blame

BUILT_IN: Final = (
    *("commonmark", "gfm", "lemmy", "hexbear", "discourse", "mastodon", "zulip", "mattermost", "cytube"),
)
"""The dialects of this package: the value ``DIALECT`` of the module of that name, loaded when it is asked for."""

GROUP: Final = "shortcodes.dialects"


def find_dialect(dialect: Dialect | str) -> Dialect:
    """Return a dialect, or the one of that name, ours or an installed one.

    Raises `OptionError` with the names that there are, and `PluginError` for an installed one that does not load, or
    that cannot be made a parser of.
    """
    if isinstance(dialect, Dialect):
        return dialect
    if dialect in BUILT_IN:
        return cast("Dialect", import_module(f".{dialect}", __name__).DIALECT)
    from ..plugins import find  # slow: it looks at everything that is installed

    own = {name: f"{__name__}.{name}:DIALECT" for name in BUILT_IN}
    return find(GROUP, dialect, setting="dialect", own=own, check=_checked)


def _checked(found: object, blame: "Blame[Any]") -> Dialect:
    if not isinstance(found, Dialect):
        raise TypeError(f"it is a {type(found).__name__}, not a shortcodes.Dialect")
    from ..plugins import exactly

    *fields, extend = tuple.__iter__(found)
    dialect = Dialect._make((*exactly(fields), extend))
    mentions = tuple(Mention._make(mention) for mention in dialect.mentions)
    for mention in mentions:
        re.compile(mention.pattern, re.VERBOSE)
    checked = dialect._replace(mentions=mentions, extend=blame(_without_html(dialect)))
    _try(checked)
    return checked


def _without_html(dialect: Dialect) -> "Callable[[MarkdownIt], None]":
    """Return how a dialect extends a parser, with a check that it lets no raw HTML through: posts are strangers'."""

    def extend(md: "MarkdownIt") -> None:
        dialect.extend(md)
        if md.options["html"]:
            raise ValueError("it lets raw HTML through, which is off in all dialects")

    return extend


def _try(dialect: Dialect) -> None:
    """Extend a parser that nobody uses: what does not work is to be known before there is a post."""
    from markdown_it import MarkdownIt  # the engine is needed soon

    options = {"linkify": dialect.linkify, "typographer": dialect.typographer, "breaks": dialect.breaks}
    dialect.extend(MarkdownIt(dialect.preset, {"html": False, **options}))
    MarkdownIt("zero").enable([*dialect.title])
