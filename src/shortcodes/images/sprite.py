"""All pictures of a pack on one sheet, and the CSS that shows one of them."""

import io
import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image

from ..errors import ImageError

MAX_PIXELS = 100_000_000
"""Of the sheet: some 6,000 pictures of 128 pixels. Browsers refuse much larger ones."""


class Stamp(NamedTuple):
    """One picture of a sheet."""

    names: tuple[str, ...]
    png: bytes


class Sprite(NamedTuple):
    """A sheet, and its CSS up to the address of the sheet."""

    png: bytes
    rules: str


def draw_sprite(stamps: Sequence[Stamp]) -> Sprite:
    """Return the sheet of some pictures, in rows of cells of one size. Each name is a class: ``emoji-NAME``.

    Raises `ImageError` if it would have more than `MAX_PIXELS`.
    """
    images = [Image.open(io.BytesIO(stamp.png), formats=["PNG"]) for stamp in stamps]
    width, height = (max((image.size[side] for image in images), default=1) for side in (0, 1))
    columns = math.isqrt(max(len(images) - 1, 0)) + 1
    rows = max(1, math.ceil(len(images) / columns))
    if columns * width * rows * height > MAX_PIXELS:
        raise ImageError(
            f"a sheet of {len(images):,} pictures would have {columns * width * rows * height:,} pixels; "
            f"{MAX_PIXELS:,} are allowed: make the pictures smaller, or split the pack"
        )
    sheet = Image.new("RGBA", (columns * width, rows * height))
    rules = []
    for number, (stamp, image) in enumerate(zip(stamps, images, strict=True)):
        x, y = number % columns * width, number // columns * height
        sheet.paste(image.convert("RGBA"), (x, y))
        selectors = ", ".join(f".emoji-{css_identifier(name)}" for name in stamp.names)
        place = f"background-position: {_pixels(-x)} {_pixels(-y)}"
        rules.append(f"{selectors} {{ width: {image.width}px; height: {image.height}px; {place}; }}\n")
    output = io.BytesIO()
    sheet.save(output, "PNG", compress_level=9)
    return Sprite(output.getvalue(), "".join(rules))


def sprite_css(sprite: Sprite, address: str) -> str:
    """Return the style sheet: ``<span class="emoji-sprite emoji-wave">``."""
    shared = f'.emoji-sprite {{ display: inline-block; background: url("{css_string(address)}") no-repeat; }}\n'
    return shared + sprite.rules


def css_identifier(name: str) -> str:
    r"""Escape a name so that it is part of a class (CSSOM, 2.1), whatever is in it.

    >>> css_identifier("+1"), css_identifier("a}b"), css_identifier("naïve")
    ('\\+1', 'a\\}b', 'naïve')
    """
    return re.sub(r"[^\w\-]", _escape, name, flags=re.ASCII)


def css_string(text: str) -> str:
    """Escape a text so that it can stand between double quotes."""
    return re.sub(r'["\\<>\x00-\x1f\x7f]', lambda found: f"\\{ord(found[0]):x} ", text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if ord(character) >= _ASCII:
        return character
    return f"\\{character}" if character.isprintable() else f"\\{ord(character):x} "


_ASCII = 0x80


def _pixels(number: int) -> str:
    return f"{number}px" if number else "0"
