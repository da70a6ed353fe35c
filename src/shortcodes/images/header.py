"""What the header of an image says, read by us before a decoder sees the file: type, size, frames.

Decoders allocate what a header claims, and count frames by walking through them. So the sizes are read here first, in
one pass over the file's chunks that decodes nothing.
"""

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

from ..errors import ImageError, quoted

TYPES = ("png", "apng", "gif", "webp", "jpeg", "avif")
"""What may come in: ``apng`` is a PNG of more than one frame."""


class Header(NamedTuple):
    """What a file says of its picture."""

    type: str
    width: int
    height: int
    """Pixels as they are stored: how EXIF turns them is not applied."""
    frames: int = 1
    pixels: int = 0
    """What a decoder needs room for: a frame of a GIF may be larger than its screen."""
    exif: bytes = b""
    scans: int = 1
    """How often a progressive JPEG paints its picture."""
    default: bool = False
    """Whether an APNG has a picture before its animation, for viewers that do not know APNG."""


def read_header(content: bytes) -> Header:
    """Return what an image says of itself. Raises `ImageError` if it is none of ours, or cut off."""
    for mark, reader in _READERS:
        if re.match(mark, content, re.DOTALL):
            try:
                header = reader(content)
            except IndexError as error:
                raise ImageError("is cut off: it ends in its header; get the whole file") from error
            if header.width < 1 or header.height < 1:
                raise ImageError(f"says that it is {header.width}×{header.height} pixels; make it anew")
            return header._replace(pixels=max(header.pixels, header.width * header.height))
    if is_svg(content):
        raise ImageError("is an SVG, which is shown as the PNG that `shortcodes pack build` makes of it")
    raise ImageError(f"{_other(content)}; write a PNG, APNG, GIF, WebP, JPEG or AVIF")


def type_problem(found: str, name: str) -> str | None:
    """Return how the ending of a file's name is at odds with its type, or None. A name without one says nothing.

    >>> type_problem("gif", "cat.png")
    "is a GIF, but its name says 'png'; rename it to 'cat.gif'"
    """
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")
    if not dot or not stem or ending.lower() in _ENDINGS[found]:
        return None
    return f"is a {TITLES[found]}, but its name says {quoted(ending)}; rename it to {quoted(f'{stem}.{found}')}"


TITLES = {"png": "PNG", "apng": "APNG", "gif": "GIF", "webp": "WebP", "jpeg": "JPEG", "avif": "AVIF"}
_ENDINGS = {
    "png": ("png", "apng"),
    "apng": ("png", "apng"),
    "gif": ("gif",),
    "webp": ("webp",),
    "jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "avif": ("avif",),
}
_SVG = rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*+>|<!--.{0,999}?-->|<!DOCTYPE[^>]*+>|\s++)*+<svg[\s>]"
_OTHERS = (
    (rb"\s*<", "is a page or other markup"),
    (rb"%!|\xc5\xd0\xd3\xc6", "is PostScript"),
    (rb"%PDF", "is a PDF"),
    (rb"8BPS", "is a Photoshop file"),
    (rb"II[\x2a\x2b]\x00|MM\x00[\x2a\x2b]", "is a TIFF"),
    (rb"BM", "is a BMP"),
    (rb"\x00\x00[\x01\x02]\x00", "is an icon or a cursor of Windows"),
    (rb"....ftyp(?:heic|heix|hevc|mif1|msf1)", "is a HEIC"),
    (rb"....ftyp|\x1a\x45\xdf\xa3", "is a film"),
    (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", "is a JPEG XL"),
    (rb"PK\x03\x04", "is a zip"),
    (rb"\x1f\x8b", "is packed with gzip"),
    (rb"version https://git-lfs", "is a pointer to a file of Git LFS, not the file"),
)


def _other(content: bytes) -> str:
    if not content:
        return "is empty"
    found = (what for mark, what in _OTHERS if re.match(mark, content[:2000], re.DOTALL))
    return next(found, "is not an image that we know")


def is_svg(content: bytes) -> bool:
    """Tell whether a file is an SVG, by how it begins."""
    return re.match(_SVG, content[:2000], re.DOTALL) is not None


# The readers. An index past the end of the file raises IndexError: `_at` sees to it that a slice does, too.

_MOST_PARTS = 20_000
"""Chunks, blocks or segments of a file: an animation has a few thousand; each costs whoever walks through them."""


def _counted(parts: int, most: int = _MOST_PARTS) -> None:
    if parts > most:
        raise ImageError(f"is made of more than {most:,} parts; save it anew")


def _at(content: bytes, start: int, length: int) -> bytes:
    if start + length > len(content):
        raise IndexError
    return content[start : start + length]


def _big(content: bytes, start: int, length: int) -> int:
    return int.from_bytes(_at(content, start, length), "big")


def _little(content: bytes, start: int, length: int) -> int:
    return int.from_bytes(_at(content, start, length), "little")


def _png(content: bytes) -> Header:
    """Walk through the chunks of a PNG (PNG, third edition, 5; the frames of APNG: 11.3.6)."""
    size = (_big(content, 16, 4), _big(content, 20, 4))
    if content[12:16] != b"IHDR":
        raise ImageError("is a PNG without its header; get the file anew")
    claimed, frames, exif, started, default = 0, 0, b"", False, False
    for kind, start, length in png_chunks(content):
        if kind == b"acTL" and not started:
            claimed = _big(content, start, 4)
        elif kind == b"fcTL":
            frames += 1
        elif kind == b"IDAT" and not started:
            started, default = True, frames == 0
        elif kind == b"eXIf":
            exif = content[start : start + length]
    if claimed and claimed != frames:
        raise ImageError(f"says that it has {claimed:,} frames, and has {frames:,}; make it anew")
    if not started:
        raise ImageError("is a PNG without a picture; get the file anew")
    if claimed <= 1 and not (claimed and default):
        return Header("png", *size, exif=exif)
    return Header("apng", *size, frames=claimed, exif=exif, default=default)


def png_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the type of each chunk, where its content begins, and how long that is. Raises `IndexError` at the end."""
    position = 8
    for number in count():
        _counted(number)
        length, kind = _big(content, position, 4), _at(content, position + 4, 4)
        _at(content, position + 8, length + 4)
        yield kind, position + 8, length
        if kind == b"IEND":
            return
        position += 12 + length


def _gif(content: bytes) -> Header:
    width, height = _little(content, 6, 2), _little(content, 8, 2)
    frames, right, bottom = 0, width, height
    for label, start, _ in gif_blocks(content):
        if label == _GIF_IMAGE:
            x, y, w, h = (_little(content, start + offset, 2) for offset in (1, 3, 5, 7))
            right, bottom, frames = max(right, x + w), max(bottom, y + h), frames + 1
    if not frames:
        raise ImageError("is a GIF without a picture; get the file anew")
    if not (width and height):  # as browsers do
        width, height = right, bottom
    return Header("gif", width, height, frames=frames, pixels=right * bottom)


def gif_blocks(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the label of each block of a GIF, where it begins and ends (GIF89a, 18 to 26); 0 is that of the screen.

    Raises `IndexError` if the file ends before its trailer does.
    """
    position = 13 + _gif_colours(content[10])
    yield 0, 0, position
    blocks = steps = 0
    most = _MOST_PARTS + len(content) // _GIF_SHORT
    while (block := content[position]) != _GIF_TRAILER:
        _counted(blocks := blocks + 1)
        start, label = position, block
        if block == _GIF_IMAGE:
            position += 11 + _gif_colours(content[position + 9])
        elif block == _GIF_EXTENSION:
            label = content[position + 1]
            position += 2
        else:
            raise ImageError("is a GIF with a block that no GIF has; get the file anew")
        while step := content[position]:  # sub-blocks, each with its length before it
            position += step + 1
            _counted(steps := steps + 1, most)
        position += 1
        yield label, start, position


_GIF_IMAGE, _GIF_EXTENSION, _GIF_TRAILER = 0x2C, 0x21, 0x3B
_GIF_SHORT = 64
"""Bytes that a sub-block has on average, at least; encoders fill all but the last, with 255."""


def _gif_colours(flags: int) -> int:
    """Return how many bytes a table of colours has."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(content: bytes) -> Header:
    size, frames, exif = (0, 0), 0, b""
    for kind, start, length in webp_chunks(content):
        if kind == b"VP8X":
            size = (_little(content, start + 4, 3) + 1, _little(content, start + 7, 3) + 1)
        elif kind == b"VP8 " and size == (0, 0):  # 14 bits each; RFC 6386, 9.1
            size = (_little(content, start + 6, 2) & 0x3FFF, _little(content, start + 8, 2) & 0x3FFF)
        elif kind == b"VP8L" and size == (0, 0):
            bits = _little(content, start + 1, 4)
            size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        elif kind == b"ANMF":
            frames += 1
        elif kind == b"EXIF":
            exif = content[start : start + length]
    return Header("webp", *size, frames=frames or 1, exif=exif)


def webp_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the type of each chunk of a WebP, where its content begins, and how long that is (RFC 9649, 2).

    Raises `IndexError` if the file ends before it says.
    """
    end = 8 + _little(content, 4, 4)
    if end > len(content):
        raise IndexError
    position, chunks = 12, 0
    while position + 8 <= end:
        _counted(chunks := chunks + 1)
        kind, length, start = content[position : position + 4], _little(content, position + 4, 4), position + 8
        if start + length > end:
            raise IndexError
        yield kind, start, length
        position = start + length + length % 2


def _jpeg(content: bytes) -> Header:
    size, exif, scans = (0, 0), b"", 0
    for marker, at, _ in jpeg_segments(content):
        if marker in _JPEG_FRAMES:
            if size != (0, 0):
                raise ImageError("is a JPEG with two headers; get the file anew")
            size = (_big(content, at + 7, 2), _big(content, at + 5, 2))
        elif marker == _JPEG_APP1 and content.startswith(b"Exif\0\0", at + 4):
            exif = exif or content[at + 10 : at + 2 + _big(content, at + 2, 2)]
        scans += marker == _JPEG_SCAN
    return Header("jpeg", *size, exif=exif, scans=scans)


def jpeg_segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the marker of each segment of a JPEG, where it begins, and where the next one does (ITU-T T.81, B.1).

    What a scan paints comes behind its segment. Raises `IndexError` if the file ends before the marker of its end.
    """
    last: tuple[int, int] | None = None
    position = 2
    for number in count():
        _counted(number)
        if not (found := _JPEG_MARKER.search(content, position)):
            raise IndexError
        if last:
            yield *last, found.start()
        if (marker := found[0][1]) == _JPEG_END:
            return
        last = marker, found.start()
        length = _big(content, found.end(), 2)
        _at(content, found.end(), length)
        position = found.end() + length


# Not those that stand alone: RST and TEM. The one before a marker may be preceded by any number that fill up.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd7]", re.DOTALL)
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_END, _JPEG_SCAN, _JPEG_APP1 = 0xD9, 0xDA, 0xE1


def _avif(_content: bytes) -> Header:
    """Leave the sizes to the decoder: to open an AVIF reads its boxes, and allocates nothing for its pictures."""
    return Header("avif", 1, 1)


_READERS: tuple[tuple[bytes, Callable[[bytes], Header]], ...] = (
    (rb"\x89PNG\r\n\x1a\n", _png),
    (rb"GIF8[79]a", _gif),
    (rb"RIFF....WEBP", _webp),
    (rb"\xff\xd8\xff", _jpeg),
    (rb"....ftyp(?:avif|avis)", _avif),
    (rb"....ftyp(?:mif1|msf1|miaf).{0,64}?avi[fs]", _avif),
)
