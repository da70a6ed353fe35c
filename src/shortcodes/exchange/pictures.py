"""An image made to fit what a platform takes: of a type that it knows, small enough, still if it has to be."""

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import ImageError
from ..images.header import TITLES, Header, is_svg, read_header
from .format import Rules

_SMALLEST = 16
"""Pixels: below that nobody sees what it is."""
_STEP = 0.8
_DRAWN = 128
"""Pixels of an SVG's longer side, where a platform takes none."""


class Fitting(NamedTuple):
    """An image that fits, and what had to be done to it."""

    content: bytes
    type: str
    change: str = ""
    """``is 512×512 pixels; made 128×128``; nothing if it fitted as it was."""


def fit_picture(content: bytes, rules: Rules) -> Fitting:
    """Return an image that fits the rules. Raises `ImageError` if it is none, or if it cannot be made to fit.

    One that fits stays as it is, byte for byte, and only its header is looked at; of an SVG, all of it.
    """
    if is_svg(content):
        from ..images.svg import draw, svg_problem  # an extra

        if "svg" in rules.types:
            if problem := svg_problem(content):
                raise ImageError(problem)
            return Fitting(content, "svg")
        drawn = fit_picture(draw(content, min(_DRAWN, rules.pixels or _DRAWN)), rules)
        return drawn._replace(change=f"is an SVG; drawn as a {TITLES[drawn.type]}")
    header = read_header(content)
    problem = _problem(header, len(content), rules) if header.type != "avif" else None
    if header.type == "avif":  # its sizes are known to its decoder alone
        from ..images.picture import read_picture  # slow to import: Pillow

        picture = read_picture(content)
        header = header._replace(width=picture.width, height=picture.height, frames=picture.frames)
        problem = _problem(header, len(content), rules)
    if problem is None:
        return Fitting(content, header.type)
    kind = _type_for(header, rules)
    for box in _boxes(header, rules):
        made, size = _made(content, kind, box)
        if rules.bytes is None or len(made) <= rules.bytes:
            return Fitting(made, kind, f"{problem}; made {_shown(header, kind, size, len(made))}")
    raise ImageError(f"{problem}, and cannot be made smaller than that; draw it anew")


def _problem(header: Header, size: int, rules: Rules) -> str | None:
    if header.frames > 1 and not rules.animated:
        return f"is animated, with {header.frames} frames"
    if header.type not in rules.types:
        return f"is {TITLES[header.type]}"
    if rules.pixels is not None and max(header.width, header.height) > rules.pixels:
        return f"is {header.width}×{header.height} pixels; {rules.pixels} are allowed"
    if rules.bytes is not None and size > rules.bytes:
        return f"has {size:,} bytes; {rules.bytes:,} are allowed"
    return None


def _type_for(header: Header, rules: Rules) -> str:
    """Return the type to write: its own if that can be, and for a picture that stands still PNG."""
    if header.frames > 1 and rules.animated:
        for kind in (header.type, "webp", "apng", "gif"):
            if kind in rules.types and kind in ("webp", "apng", "gif"):
                return kind
    return "png"


def _boxes(header: Header, rules: Rules) -> Iterator[int]:
    """Yield sizes to try, from the largest that may be."""
    side = max(header.width, header.height)
    side = min(side, rules.pixels or side)
    while side >= _SMALLEST:
        yield side
        side = int(side * _STEP)


def _made(content: bytes, kind: str, box: int) -> tuple[bytes, tuple[int, int]]:
    from ..images.encode import animation, still  # slow to import: Pillow
    from ..images.fit import fit, fitted
    from ..images.picture import read_picture

    picture = read_picture(content)
    profile = picture.profile
    size = fitted(picture.width, picture.height, box)
    if kind == "png":
        return still(fit(picture.first(), box, profile)), size
    frames = [frame._replace(image=fit(frame.image, box, profile)) for frame in picture.each()]
    return animation(frames, plays=picture.plays, to=kind), size


def _shown(header: Header, kind: str, size: tuple[int, int], count: int) -> str:
    still = "a still " if header.frames > 1 and kind == "png" else "a "
    return f"{still}{TITLES[kind]} of {size[0]}×{size[1]} pixels, {count:,} bytes"
