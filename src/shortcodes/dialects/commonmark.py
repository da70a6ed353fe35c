"""CommonMark 0.31, nothing added (https://spec.commonmark.org/0.31.2/)."""

from .dialect import Dialect

DIALECT = Dialect("commonmark", preset="commonmark")
