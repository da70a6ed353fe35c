"""Whether a picture can be seen on a light and on a dark page.

::

    seen = visibility(picture)          # Visibility(light=1.9, dark=88.0): white lines on nothing
    seen.light < NEARLY_INVISIBLE
"""

import functools
import math
from typing import NamedTuple

from PIL import Image

from .picture import Picture

LIGHT = "#ffffff"
DARK = "#1e2126"
NEARLY_INVISIBLE = 15.0
"""Below this it is hard to find: black on `DARK` is at 13, #dddddd on `LIGHT` at 12."""

_SIDE = 24  # pixels: the size at which emoji stand in a line of text
_PART = 0.1


class Visibility(NamedTuple):
    """How much a picture stands out: the difference in colour from the ground (CIE 1976, ΔE*ab), 0 to some 130.

    It is that of the tenth of what is painted that differs most: a yellow face is seen on white by its eyes, too.
    """

    light: float
    dark: float


def visibility(picture: Picture) -> Visibility:
    """Return how much the first frame stands out from a light and from a dark ground. Raises `ImageError`."""
    small = picture.first()
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    return Visibility(_difference(small, LIGHT), _difference(small, DARK))


def _difference(image: Image.Image, ground: str) -> float:
    page = Image.new("RGBA", image.size, ground)
    page.alpha_composite(image)
    here = _lab(*Image.new("RGB", (1, 1), ground).tobytes())
    alphas, colours = image.getchannel("A").tobytes(), page.convert("RGB").tobytes()
    painted: list[tuple[float, int]] = [
        (math.dist(_lab(*colours[3 * at : 3 * at + 3]), here), alpha) for at, alpha in enumerate(alphas) if alpha
    ]
    left = _PART * sum(alphas)
    for difference, alpha in sorted(painted, reverse=True):
        left -= alpha
        if left <= 0:
            return difference
    return 0.0


@functools.lru_cache(maxsize=1 << 16)
def _lab(red: int, green: int, blue: int) -> tuple[float, float, float]:
    """Return a colour of sRGB (IEC 61966-2-1) as CIE L*a*b* with the white D65."""
    r, g, b = (_linear(value / 255) for value in (red, green, blue))
    x = _root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
    y = _root(0.2126 * r + 0.7152 * g + 0.0722 * b)
    z = _root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _linear(value: float) -> float:
    return value / 12.92 if value <= _DARKEST else float(((value + 0.055) / 1.055) ** 2.4)


_DARKEST = 0.04045


def _root(value: float) -> float:
    return float(value ** (1 / 3)) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29
