"""One image of a pack to the files that are published for it.

::

    made = make(content, "images/cat.gif", MakeSettings(size=128))
    for part in made.parts:
        part.role, part.ending, part.content      # "image", "webp", b"RIFF…"
"""

from typing import Literal, NamedTuple

from ..errors import ImageError, quoted
from .encode import animation, still
from .fit import fit, fitted
from .header import is_svg
from .picture import LIMITS, Frame, ImageLimits, Picture, read_picture
from .strip import strip
from .svg import draw

Role = Literal["image", "gif", "static", "twice"]
"""``image`` is the one that is shown; ``gif`` is what it was made from, for those who cannot show a WebP; ``static`` is
the still frame of an animation; ``twice`` has twice the pixels of ``image``."""


class MakeSettings(NamedTuple):
    """What is made of each image."""

    size: int = 128
    """Pixels of the longer side; what is smaller stays as it is."""
    twice: bool = False
    """Whether there is one of twice the size for screens with twice the pixels, if the picture has them."""
    limits: ImageLimits = LIMITS


class Part(NamedTuple):
    """One file that is published."""

    role: Role
    ending: str
    content: bytes


class Made(NamedTuple):
    """What has been made of one image."""

    width: int
    """Pixels, of the part whose role is ``image``."""
    height: int
    source: tuple[int, int]
    """Width and height of the picture that came in."""
    parts: tuple[Part, ...]


def make(content: bytes, name: str, settings: MakeSettings, *, only_still: bool = False) -> Made:
    """Return what is published for an image: all of it has been decoded, and nothing of it is metadata.

    A picture that stands still becomes a PNG; so does the first frame of an animation, which keeps its type: a GIF
    gets a WebP before it where that is smaller, and an animated AVIF becomes a WebP. Raises `ImageError`.
    """
    if is_svg(content):
        if not name.lower().endswith(".svg"):
            raise ImageError(f"is an SVG, and its name does not say so: rename {quoted(name)}")
        picture = read_picture(draw(content, settings.size * (1 + settings.twice)), limits=settings.limits)
    else:
        picture = read_picture(content, name=name, limits=settings.limits)
    parts = _still(picture, settings) if only_still or not picture.animated else _animated(picture, settings)
    width, height = fitted(picture.width, picture.height, settings.size)
    return Made(width, height, (picture.width, picture.height), tuple(parts))


def _boxes(picture: Picture, settings: MakeSettings) -> list[tuple[Role, int]]:
    boxes: list[tuple[Role, int]] = [("image", settings.size)]
    if settings.twice and max(picture.width, picture.height) >= 2 * settings.size:
        boxes.append(("twice", 2 * settings.size))
    return boxes


def _still(picture: Picture, settings: MakeSettings) -> list[Part]:
    boxes = _boxes(picture, settings)
    image = picture.first(side=2 * boxes[-1][1])
    return [Part(role, "png", still(fit(image, box, picture.profile))) for role, box in boxes]


def _animated(picture: Picture, settings: MakeSettings) -> list[Part]:
    static = Part("static", "png", still(fit(picture.first(), settings.size, picture.profile)))
    boxes = _boxes(picture, settings)
    frames: dict[Role, list[Frame]] = {role: [] for role, _ in boxes}
    for frame in picture.each():
        for role, box in boxes:
            frames[role].append(frame._replace(image=fit(frame.image, box, picture.profile)))
    kind = "webp" if picture.type == "avif" else picture.type
    fits = max(picture.width, picture.height) <= settings.size
    if fits and kind == picture.type and not picture.profile and picture.orientation == 1 and not picture.default:
        image = Part("image", _ENDINGS[kind], strip(picture.content, kind))
    else:
        image = Part("image", _ENDINGS[kind], animation(frames["image"], plays=picture.plays, to=kind))
    parts = [image, static]
    if kind == "gif":
        shown = frames["image"] if fits else list(read_picture(image.content).each())
        webp = animation(shown, plays=picture.plays, to="webp", exact=True)  # pixel for pixel what the GIF shows
        if len(webp) < len(image.content):
            parts = [Part("image", "webp", webp), image._replace(role="gif"), static]
            kind = "webp"
    if "twice" in frames:
        twice = animation(frames["twice"], plays=picture.plays, to=kind)
        parts.append(Part("twice", _ENDINGS[kind], twice))
    return parts


_ENDINGS = {"gif": "gif", "webp": "webp", "apng": "png"}
