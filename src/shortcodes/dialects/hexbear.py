"""Hexbear's Markdown: Lemmy's with straight quotes, since a code beside a quote once broke the page."""

from .lemmy import DIALECT as LEMMY

DIALECT = LEMMY._replace(name="hexbear", typographer=False)
