"""One image file: checked against limits from its header, decoded when its pixels are wanted.

::

    picture = read_picture(content, name="cat.gif")   # raises ImageError; nothing is decoded yet
    picture.type, picture.width, picture.height, picture.frames, picture.size, picture.plays, picture.animated
    picture.first()                                   # an RGBA image of Pillow
    for image, duration in picture.each():            # every frame as it is seen, in milliseconds
        ...

Errors are predicates, as those of packs are: ``is cut off``. Whoever catches them says of which file they speak.
"""

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import Literal, NamedTuple

from PIL import Image

from ..errors import ImageError
from .av1 import largest_frame
from .header import Header, read_header, type_problem
from .strip import for_decoder


class ImageLimits(NamedTuple):
    """How much one image may cost. All of it is known before a pixel is decoded."""

    bytes: int = 10 * 1024 * 1024
    """Of the file."""
    pixels: int = 1600 * 1600
    """Of one frame; decoded, each takes 4 bytes, and decoders hold four or five frames. Of one that moves, half of
    that: they hold more then."""
    side: int = 16_383
    """Of width and of height: what WebP can hold."""
    frames: int = 1_000
    total: int = 48 * 1024 * 1024
    """Pixels of all frames together: some seconds of work. Of a quarter, half a second."""
    ratio: int = 256
    """Pixels of all frames together for each byte of the file, if they are more than a quarter of `total`."""
    scans: int = 64
    """How often a progressive JPEG may paint its picture; encoders write some ten."""


LIMITS = ImageLimits()


class Frame(NamedTuple):
    """One frame of a picture, as it is seen."""

    image: Image.Image
    """RGBA, and of the picture's size."""
    duration: int
    """Milliseconds; 0 for a picture that stands still."""


class Picture(NamedTuple):
    """An image file whose header is within the limits. A plain value: it holds the file, not the pixels."""

    content: bytes
    type: str
    """``png``, ``apng``, ``gif``, ``webp``, ``jpeg`` or ``avif``; ``apng`` has more than one frame."""
    width: int
    """Pixels, as the picture is seen: EXIF's orientation is applied."""
    height: int
    frames: int = 1
    plays: int = 0
    """How often an animation is played; 0: for ever."""
    orientation: int = 1
    """As EXIF has it, 1 to 8. What `first` and `each` give has been turned."""
    default: bool = False
    """Whether an APNG has a picture before its animation, which is then its `first`."""
    profile: bytes = b""
    """The ICC profile of its colours, if it has one."""

    def __repr__(self) -> str:
        """The bytes are left out: this stands in shells, logs and failed asserts."""
        return f"Picture({self.type}, {self.width}×{self.height}, {self.frames} frames, {self.size:,} bytes)"

    @property
    def size(self) -> int:
        """The size of the file, in bytes."""
        return len(self.content)

    @property
    def animated(self) -> bool:
        """Whether it has more than one frame."""
        return self.frames > 1

    def first(self, side: int | None = None) -> Image.Image:
        """Decode the first frame, or the still picture that an APNG has beside its animation; RGBA.

        With a `side`, a JPEG that is much larger may come at a half, a quarter or an eighth of its size, but with sides
        of no less than that. Raises `ImageError` if the file is damaged.
        """
        with _one_error(), _open(self.content, self.type) as image:
            if side and self.type == "jpeg":
                image.draft(None, (side, side))
            image.load()
            return self._seen(image)

    def each(self) -> Iterator[Frame]:
        """Decode one frame after the other; no more than a few are held at a time. Raises `ImageError`."""
        with _one_error():
            image = _open(self.content, self.type)
        with image:
            for number in range(self.default, self.frames + self.default):
                with _one_error():
                    image.seek(number)
                    image.load()
                    frame = Frame(self._seen(image), _duration(image) if self.animated else 0)
                yield frame

    def _seen(self, image: Image.Image) -> Image.Image:
        seen = _rgba(image)
        if (turn := _TURNS.get(self.orientation)) is not None:  # one of Pillow's is 0
            seen = seen.transpose(turn)
        if self.type == "gif" and seen.size != (
            self.width,
            self.height,
        ):  # Pillow widens a GIF for frames that stick out
            seen = seen.crop((0, 0, self.width, self.height))
        return seen


def read_picture(content: bytes, *, name: str = "", limits: ImageLimits = LIMITS) -> Picture:
    """Return the picture in a file, having looked at its header alone.

    Of `name` only the ending is looked at: if it has one, it must be that of the type. Raises `ImageError`, with what
    the file is or has too much of, and nothing else, whatever the bytes.
    """
    if len(content) > limits.bytes:
        raise ImageError(f"has {len(content):,} bytes; {limits.bytes:,} are allowed")
    header = read_header(content)
    if problem := type_problem(header.type, name):
        raise ImageError(problem)
    _check(header, limits, len(content))
    with _one_error(), _open(content, header.type) as image:
        if header.type == "avif":
            header = header._replace(width=image.width, height=image.height, frames=getattr(image, "n_frames", 1))
            inside = max(image.width * image.height, largest_frame(content))
            _check(header._replace(pixels=inside), limits, len(content))
            exif = image.info.get("exif") or b""
            header = header._replace(exif=exif if isinstance(exif, bytes) else b"")
        elif header.type != "gif" and image.size != (header.width, header.height):
            raise ImageError("has two sizes, one in its header and one in its picture; get the file anew")
        plays = _plays(header, image)
        profile = image.info.get("icc_profile") or b""
        profile = profile if len(profile) <= _LONGEST_PROFILE else b""
    orientation = _orientation(header.exif)
    width, height = header.width, header.height
    if orientation in _LYING:
        width, height = height, width
    return Picture(content, header.type, width, height, header.frames, plays, orientation, header.default, profile)


def verify(picture: Picture) -> None:
    """Decode all of a picture. Raises `ImageError` if it is damaged."""
    picture.first()
    if picture.animated:
        for _ in picture.each():
            pass


_LONGEST_PROFILE = 1 << 20
"""Bytes. Those of RGB, the only ones that are applied, have a few thousand."""


def _check(header: Header, limits: ImageLimits, size_of_file: int) -> None:
    size = f"is {header.width:,}×{header.height:,} pixels"
    if max(header.width, header.height) > limits.side:
        raise ImageError(f"{size}; a side of {limits.side:,} is allowed")
    if header.pixels > limits.pixels:
        rest = "in all" if header.pixels == header.width * header.height else "in what is inside"
        raise ImageError(f"{size}, {header.pixels:,} {rest}; {limits.pixels:,} are allowed")
    if header.frames > limits.frames:
        raise ImageError(f"has {header.frames:,} frames; {limits.frames:,} are allowed")
    if header.frames > 1 and header.pixels > limits.pixels // 2:
        raise ImageError(f"{size} and moves; {limits.pixels // 2:,} pixels are allowed to what moves")
    total = header.frames * header.pixels
    if header.frames > 1 and total > max(limits.total // 4, size_of_file * limits.ratio):
        raise ImageError(
            f"unfolds to {header.frames:,} frames and {total:,} pixels out of {size_of_file:,} bytes, as a trap does"
        )
    if total > limits.total:
        raise ImageError(
            f"{size} and has {header.frames:,} frames, {total:,} pixels in all; {limits.total:,} are allowed"
        )
    if header.scans > limits.scans:
        raise ImageError(f"is a JPEG that is painted {header.scans:,} times; {limits.scans} are allowed")


# Pillow. One decoder for one type: a PNG's name never leads to the decoders of PostScript, PDF or TIFF.

_FORMATS = {"png": "PNG", "apng": "PNG", "gif": "GIF", "webp": "WEBP", "jpeg": "JPEG", "avif": "AVIF"}


def _open(content: bytes, kind: str) -> Image.Image:
    return Image.open(io.BytesIO(for_decoder(content, kind)), formats=[_FORMATS[kind]])


@contextlib.contextmanager
def _one_error() -> Iterator[None]:
    """Make one `ImageError` of whatever a decoder raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow warns of is checked by us, or does not matter
            yield
    except ImageError:
        raise
    except Exception as error:  # decoders of damaged files raise of every kind: OSError, SyntaxError, struct.error, …
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ImageError(f"is damaged: {reason[:200]}; get the file anew") from error


def _rgba(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA":
        return image.copy()
    if image.mode.startswith("I;16") or image.mode == "I":  # Pillow would cut 16 bits of grey off, not scale them
        image = image.convert("I").point(_eight_bits).convert("L")
    return image.convert("RGBA")


def _eight_bits(value: float) -> float:
    return value * (1 / 257)


def _duration(image: Image.Image) -> int:
    duration = image.info.get("duration", 0)
    return max(0, min(round(duration), _LONGEST)) if isinstance(duration, (int, float)) else 0


_LONGEST = 0xFFFF * 10  # milliseconds: what GIF and APNG can hold


def _plays(header: Header, image: Image.Image) -> int:
    if header.frames <= 1:
        return 0
    loop: int = image.info.get("loop", 0)
    if header.type != "gif":
        return loop
    if "loop" not in image.info:
        return 1
    return loop and loop + 1  # a GIF counts how often it is repeated


# EXIF's orientation (CIPA DC-008, 4.6.4, tag 274): the only thing that we ask of EXIF, so we read it ourselves.

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = frozenset({5, 6, 7, 8})
_ORIENTATION = 274
_MAX_ENTRIES = 200


def _orientation(exif: bytes) -> int:
    exif = exif.removeprefix(b"Exif\0\0")
    order: Literal["little", "big"]
    if exif.startswith(b"II*\0"):
        order = "little"
    elif exif.startswith(b"MM\0*"):
        order = "big"
    else:
        return 1

    def number(start: int, length: int) -> int:
        return int.from_bytes(exif[start : start + length], order)  # past the end: 0

    table = number(4, 4)
    for entry in range(table + 2, table + 2 + 12 * min(number(table, 2), _MAX_ENTRIES), 12):
        if number(entry, 2) == _ORIENTATION:
            value = number(entry + 8, 2)
            return value if value in _TURNS else 1
    return 1
