"""GitHub Flavored Markdown: tables, strikethrough and bare links on top of CommonMark. https://github.github.com/gfm/"""

from .dialect import Dialect

GFM = Dialect("gfm", preset="gfm-like", linkify=True)
