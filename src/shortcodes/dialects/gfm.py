"""GitHub Flavored Markdown: tables, strikethrough, bare links on top of CommonMark (https://github.github.com/gfm/)."""

from .dialect import Dialect

DIALECT = Dialect("gfm", preset="gfm-like", linkify=True)
