"""Pictures to files: as small as they can be while nobody sees a difference.

::

    png = still(image)                                      # one RGBA image to a PNG
    gif = animation(frames, plays=picture.plays, to="gif")  # RGBA frames to a GIF, WebP or APNG
"""

import io
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from PIL import Image, ImageChops, ImageStat

from .picture import Frame

GROUNDS = ("#ffffff", "#1e2126", "#808080")
"""Where a reduced picture is held against the whole one: it is seen on light, on dark, and something between."""
MAX_ERROR = 20
"""Of 255: how far a pixel may be off in red, green or blue, on any of the grounds."""
MAX_RMS = 1.5
"""Of 255: how far all of them may be off, as the root of the mean square; a PSNR of 44.6 dB."""


def still(image: Image.Image) -> bytes:
    """Return a PNG: with a palette if that is exact, or if it looks the same; else with all its colours."""
    reduced = _reduced(image)
    if not reduced:
        return _png(_plain(image))
    small = _png(reduced)
    if len(small) > _TINY:
        return small
    return min(small, _png(_plain(reduced.convert("RGBA"))), key=len)


def _reduced(image: Image.Image) -> Image.Image | None:
    """Return the image with a palette, if nobody sees it."""
    found = image.getcolors(_MOST_COLOURS)
    if found is None:  # a photo, which no palette holds
        return None
    colours = _by_number(found)
    if len(colours) <= _COLOURS:
        return _with_palette(image, {colour: colour for colour, _ in colours})
    for step in _STEPS:
        if chosen := _choose(colours, step):
            reduced = _with_palette(image, chosen)
            return reduced if looks_same(image, reduced) else None
    return None


_COLOURS = 256
_MOST_COLOURS = 4096
_STEPS = (6, 10, 14, 18)  # of the grids that colours are put into, 0 to 255
_TINY = 2048  # bytes: a palette, which may have half of them, may cost more than it saves


def looks_same(a: Image.Image, b: Image.Image) -> bool:
    """Tell whether nobody sees a difference between two images of one size, on any ground: see `MAX_ERROR`."""
    a, b = a.convert("RGBA"), b.convert("RGBA")
    for ground in GROUNDS if _has_alpha(a) or _has_alpha(b) else GROUNDS[:1]:
        difference = ImageChops.difference(_on(a, ground), _on(b, ground))
        apart = ImageStat.Stat(difference)
        if max(highest for _, highest in apart.extrema) > MAX_ERROR or max(apart.rms) > MAX_RMS:
            return False
    return True


def _on(image: Image.Image, ground: str) -> Image.Image:
    page = Image.new("RGBA", image.size, ground)
    page.alpha_composite(image)
    return page.convert("RGB")


def _has_alpha(image: Image.Image) -> bool:
    return image.getchannel("A").getextrema() != (_OPAQUE, _OPAQUE)


_OPAQUE = 255


_Premultiplied = tuple[int, int, int, int]


def _by_number(found: Sequence[tuple[int, float | tuple[int, ...]]]) -> list[tuple[bytes, _Premultiplied]]:
    """Return the colours, the most common first, each with what is seen of it: multiplied by its alpha."""
    colours = sorted((-count, bytes(colour)) for count, colour in found if isinstance(colour, tuple))
    return [
        (colour, (colour[0] * alpha // _OPAQUE, colour[1] * alpha // _OPAQUE, colour[2] * alpha // _OPAQUE, alpha))
        for _, colour in colours
        for alpha in colour[3:]
    ]


def _choose(colours: Sequence[tuple[bytes, _Premultiplied]], step: int) -> dict[bytes, bytes] | None:
    """Return for each colour the one that stands for it: the most common of those in one cell of a grid.

    So flat areas keep their exact colour, and the many colours of smooth edges become few. The grid is one of what is
    seen: a nearly transparent colour may be farther off. None if 256 are not enough.
    """
    cells: dict[_Premultiplied, bytes] = {}
    chosen = {}
    for colour, (red, green, blue, alpha) in colours:
        # What is opaque stays so, and a hole stays a hole.
        level = alpha // step if 0 < alpha < _OPAQUE else -1 - alpha
        chosen[colour] = cells.setdefault((red // step, green // step, blue // step, level), colour)
        if len(cells) > _COLOURS:
            return None
    return chosen


def _with_palette(image: Image.Image, chosen: Mapping[bytes, bytes]) -> Image.Image:
    """Return the image in 256 colours or fewer, each in place of those that it was chosen for."""
    # Those that are not opaque first: a PNG holds the alpha of as many as it has to. Then by number: the same bytes.
    palette = sorted(set(chosen.values()), key=lambda colour: (colour[3] == _OPAQUE, colour))
    number_of = {colour: number for number, colour in enumerate(palette)}
    numbers = {int.from_bytes(colour, sys.byteorder): number_of[other] for colour, other in chosen.items()}
    pixels = memoryview(image.tobytes()).cast("I")
    reduced = Image.frombytes("P", image.size, bytes(map(numbers.__getitem__, pixels)))
    reduced.putpalette([value for colour in palette for value in colour[:3]])
    if clear := bytes(colour[3] for colour in palette if colour[3] != _OPAQUE):
        reduced.info["transparency"] = clear
    return reduced


def _plain(image: Image.Image) -> Image.Image:
    """Leave out the alpha of a picture that is opaque, and the colours of one that is grey."""
    red, green, blue, alpha = image.split()
    grey = not (ImageChops.difference(red, green).getbbox() or ImageChops.difference(green, blue).getbbox())
    if alpha.getextrema()[0] == _OPAQUE:
        return red if grey else Image.merge("RGB", (red, green, blue))
    return Image.merge("LA", (red, alpha)) if grey else image


def _png(image: Image.Image) -> bytes:
    return _saved(image, "PNG", optimize=True)


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401  # Pillow's, different for each kind
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


# Animations.


def animation(frames: Sequence[Frame], *, plays: int, to: str, exact: bool = False) -> bytes:
    """Return a file of type ``gif``, ``webp`` or ``apng`` with these frames, all of one size.

    A WebP that is `exact` has the colours of the frames, as an APNG always has; else they are nearly the same.
    Durations and `plays` (0: for ever) are kept, as far as the type can hold them: a GIF counts hundredths of a
    second, an animation of WebP or PNG plays at most 65,535 times. Frames that are the same are written once.
    """
    frames = _joined(frames)
    if len(frames) == 1:  # all are the same: a picture that stands still, in the type that was asked for
        frames = [*frames, frames[0]]
        frames[0] = frames[1]._replace(duration=frames[0].duration // 2)
    if to == "gif":
        return _gif(frames, plays)
    images = [frame.image for frame in frames]
    options: dict[str, Any] = {
        "save_all": True,
        "append_images": images[1:],
        "duration": [frame.duration for frame in frames],
        "loop": min(plays, _MOST_PLAYS),
    }
    if to == "webp":
        content = _saved(images[0], "WEBP", **options, **(_WEBP_EXACT if exact else _WEBP))
        return _transparent(content) if any(map(_has_alpha, images)) else content
    return _saved(images[0], "PNG", **options)


_MOST_PLAYS = 0xFFFF
_WEBP = {"quality": 90, "alpha_quality": 100, "method": 4}
_WEBP_EXACT = {"lossless": True, "quality": 25, "method": 2}


def _transparent(content: bytes) -> bytes:
    """Say in the header of a WebP that one sees through it.

    Its library does not where every frame is an opaque piece of a canvas with nothing behind: then that became black.
    """
    if content[12:16] != b"VP8X":  # nothing is to be seen of its frames, so it stands still
        return content
    return content[:20] + bytes([content[20] | _WEBP_ALPHA]) + content[21:]


_WEBP_ALPHA = 0x10


def _joined(frames: Sequence[Frame]) -> list[Frame]:
    """Make one frame of those in a row that are the same."""
    joined = []
    for _, same in groupby(frames, key=lambda frame: frame.image.tobytes()):
        several = list(same)
        joined.append(Frame(several[0].image, sum(frame.duration for frame in several)))
    return joined


def _gif(frames: Sequence[Frame], plays: int) -> bytes:
    clear = any(_has_alpha(frame.image) for frame in frames)
    palette = _shared_palette([frame.image for frame in frames], _COLOURS - clear)
    images = [_gif_frame(frame.image, palette, clear=clear) for frame in frames]
    options: dict[str, Any] = {"transparency": _LAST} if clear else {}
    if plays != 1:  # without a number it is played once; the number counts how often it is repeated
        options["loop"] = min(max(plays - 1, 0), _MOST_PLAYS)
    return _saved(
        images[0],
        "GIF",
        save_all=True,
        append_images=images[1:],
        duration=[frame.duration for frame in frames],
        disposal=2 if clear else 1,  # a pixel becomes transparent again only if what was there is taken away
        optimize=False,
        **options,
    )


_LAST = _COLOURS - 1


def _shared_palette(images: Sequence[Image.Image], colours: int) -> Image.Image:
    """Return the colours of an animation: one table for all frames is smaller, and does not flicker."""
    some = images[:: len(images) // _SAMPLES + 1]
    width, height = some[0].size
    sheet = Image.new("RGB", (width, height * len(some)))
    for number, image in enumerate(some):
        sheet.paste(image, (0, number * height), image)  # holes stay black, and cost one colour
    if width * height * len(some) > _SAMPLED:
        ratio = (_SAMPLED / (width * height * len(some))) ** 0.5
        size = (max(1, int(sheet.width * ratio)), max(1, int(sheet.height * ratio)))
        sheet = sheet.resize(size, Image.Resampling.NEAREST)  # no colours between the colours
    return sheet.quantize(colours, Image.Quantize.MEDIANCUT)


_SAMPLES = 64  # frames
_SAMPLED = 1 << 16  # pixels


def _gif_frame(image: Image.Image, palette: Image.Image, *, clear: bool) -> Image.Image:
    """Return a frame in these colours; if some frame has holes, what is less than half opaque is one."""
    reduced = image.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
    if clear:
        table = reduced.getpalette() or []
        reduced.putpalette((table + [0] * 768)[: 3 * _LAST] + [0, 0, 0])
        reduced.paste(_LAST, mask=image.getchannel("A").point(_HALF))
    return reduced


_HALF = [255] * 128 + [0] * 128
