"""Whether two pictures look the same, whatever their files say.

::

    near = distance(fingerprint(a), fingerprint(b))   # 0.0: the same; 1.0 and more: nothing in common
    near <= SAME                                      # the same drawing, scaled, recompressed or in another format
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from PIL import Image

from .picture import Picture

SAME = 0.1
"""Up to here two pictures look the same: scaled, recompressed. Those that have nothing in common are above 0.3."""

_CELLS = 8
_NOISE = 4  # of 255: what recompression does to a flat area
_GROUND = (128, 128, 128)  # black and white drawings on nothing both stand out from it


class Fingerprint(NamedTuple):
    """What a picture looks like from afar, small enough to be compared with thousands."""

    bits: int
    """For each cell of a grid, whether it is brighter than its neighbours: to the right, and below (dHash)."""
    length: int
    """How many bits there are: two moments of an animation have twice as many."""
    colours: bytes
    """Red, green and blue of the picture's quarters, on a grey ground."""


def fingerprint(picture: Picture) -> Fingerprint:
    """Return what a picture looks like; of an animation its beginning and its middle. Raises `ImageError`."""
    bits, length, colours = 0, 0, b""
    for image in _moments(picture):
        small = image.resize((_CELLS + 1, _CELLS + 1), Image.Resampling.BOX)  # premultiplied by Pillow
        seen = Image.new("RGBA", small.size, (*_GROUND, 255))
        seen.alpha_composite(small)
        grey = seen.convert("L").tobytes()
        for at in range(_CELLS * (_CELLS + 1)):
            if (at + 1) % (_CELLS + 1):
                bits = bits << 1 | (grey[at] > grey[at + 1] + _NOISE)
                bits = bits << 1 | (grey[at] > grey[at + _CELLS + 1] + _NOISE)
                length += 2
        colours += seen.convert("RGB").resize((2, 2), Image.Resampling.BOX).tobytes()
    return Fingerprint(bits, length, colours)


def distance(a: Fingerprint, b: Fingerprint) -> float:
    """Return how far apart two pictures are: by shape, 0 to 1, and by colour, 0 to 1, added.

    An animation and a still picture are 1.0 apart.
    """
    if a.length != b.length:
        return 1.0
    shape = (a.bits ^ b.bits).bit_count() / a.length
    return shape + max(abs(x - y) for x, y in zip(a.colours, b.colours, strict=True)) / 255


def _moments(picture: Picture) -> Iterator[Image.Image]:
    if not picture.animated:
        yield picture.first()
        return
    middle = picture.frames // 2
    for number, frame in enumerate(islice(picture.each(), middle + 1)):
        if number in {0, middle}:
            yield frame.image
