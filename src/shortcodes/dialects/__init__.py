"""Dialects: how a forum's Markdown differs. One dialect a file, each a plain value that the Markdown door reads."""

from collections.abc import Mapping
from typing import Final

from ..errors import OptionError
from .commonmark import COMMONMARK
from .dialect import Dialect
from .gfm import GFM

DIALECTS: Final[Mapping[str, Dialect]] = {dialect.name: dialect for dialect in (COMMONMARK, GFM)}


def find_dialect(name: str) -> Dialect:
    """Return a dialect by its name. Raises `OptionError` with the names that there are."""
    if name not in DIALECTS:
        raise OptionError.unknown("dialect", name, DIALECTS)
    return DIALECTS[name]
