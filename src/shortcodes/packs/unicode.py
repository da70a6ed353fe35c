"""The bundled pack: every emoji of Unicode Emoji 18.0, under the names of five platforms.

Its rows are made by ``make unicode-pack`` (tools/unicode_pack.py); NOTICE names the sources.
"""

import functools
import os

from ..emoji import Emoji, read_rows
from .pack import Pack

EMOJI_VERSION = "18.0"


@functools.cache
def unicode_pack() -> Pack:
    """Return the bundled pack. Earlier name sets win: GitHub, Slack, Discord (JoyPixels), emojibase, CLDR."""
    return Pack(
        "unicode",
        tuple(_emoji(*row) for row in read_rows(os.path.dirname(__file__), "unicode.tsv")),
        version=EMOJI_VERSION,
        title=f"Unicode Emoji {EMOJI_VERSION}",
        license="Unicode-3.0",
        homepage="https://www.unicode.org/reports/tr51/",
    )


def _emoji(  # noqa: PLR0913, PLR0917  # a row of the table
    name: str, unicode: str, aliases: str, alt: str, category: str, keywords: str, version: str, tones: str
) -> Emoji:
    return Emoji(
        name,
        unicode,
        aliases=tuple(aliases.split()),
        alt=alt,
        category=category,
        keywords=tuple(keywords.split("|")) if keywords else (),
        version=version,
        tones=tuple(tones.split()),
    )
