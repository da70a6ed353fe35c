"""Dialects: how a forum's Markdown differs. One dialect a file, each a plain value that the Markdown door reads."""

from importlib import import_module
from typing import Final, cast

from ..errors import OptionError
from .dialect import Dialect

BUILT_IN: Final = (
    *("commonmark", "gfm", "lemmy", "hexbear", "discourse", "mastodon", "zulip", "mattermost", "cytube"),
)
"""The dialects of this package: the value ``DIALECT`` of the module of that name, loaded when it is asked for."""

GROUP: Final = "shortcodes.dialects"


def find_dialect(dialect: Dialect | str) -> Dialect:
    """Return a dialect, or the one of that name, ours or an installed one.

    Raises `OptionError` with the names that there are, and `PluginError` for an installed one that does not load.
    """
    if isinstance(dialect, Dialect):
        return dialect
    if dialect in BUILT_IN:
        return cast("Dialect", import_module(f".{dialect}", __name__).DIALECT)
    from ..plugins import load, points_of  # slow: it looks at everything that is installed

    points = points_of(GROUP)
    for point in points:
        if point.name == dialect:
            return load(point, _checked)
    raise OptionError.unknown("dialect", dialect, {*BUILT_IN, *(point.name for point in points)})


def _checked(dialect: object) -> Dialect:
    if not isinstance(dialect, Dialect):
        raise TypeError(f"it is a {type(dialect).__name__}, not a shortcodes.Dialect")
    return dialect
