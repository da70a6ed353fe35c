"""How large the frames inside an AVIF are, which its boxes need not say: 3 KB that claim ten pixels took 960 MB.

Only what the frames are decoded by tells: the sequence headers in the data of its items and tracks. Places in the file
may be named any number of times, so each is looked at once, and how many there may be is bounded.
"""

from collections.abc import Iterator

from ..errors import ImageError


def largest_frame(content: bytes) -> int:
    """Return the pixels of the largest frame that a decoder may make room for. Raises `ImageError` if none is found."""
    seen: set[int] = set()
    sizes: set[int] = set()
    for number, start in enumerate(_starts(content)):
        _counted(number)
        sizes.update(_frames_from(content, start, seen))
    if not sizes:
        raise ImageError("is an AVIF without a picture that we can find; save it anew, or as a PNG")
    return max(sizes)


def without_exif(content: bytes) -> bytes:
    """Return an AVIF whose EXIF nobody finds: how it is turned is said by its boxes (MIAF, 7.3.6.7)."""
    changed = bytearray(content)
    for kind, start, end in _boxes(content, 0, len(content)):
        if kind == b"iinf":
            changed[start:end] = content[start:end].replace(b"Exif", b"free")
    return bytes(changed)


_MOST_PARTS = 20_000
"""Boxes, places that they name, and units there: an animation has a few for each frame."""


def _counted(parts: int) -> None:
    if parts > _MOST_PARTS:
        raise ImageError(f"is an AVIF of more than {_MOST_PARTS:,} parts; save it anew")


# Boxes (ISO/IEC 14496-12, 4.2): length, type, content.

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_VERSIONED = 4  # bytes: version and flags, before the content of a full box
_DEPTH = 6  # of a track's places: moov, trak, mdia, minf, stbl, stco


def _boxes(content: bytes, start: int, end: int, depth: int = 1) -> Iterator[tuple[bytes, int, int]]:
    """Yield the type of each box, where its content begins and ends; those in containers, too."""
    boxes = 0
    while start + 8 <= end:
        _counted(boxes := boxes + 1)
        length, kind, head = _number(content, start, 4), content[start + 4 : start + 8], 8
        if length == 1:
            length, head = _number(content, start + 8, 8), 16
        stop = start + length if length else end
        if (length and length < head) or stop > end:
            return
        yield kind, start + head, stop
        if depth < _DEPTH and (kind in _CONTAINERS or kind == b"meta"):
            inside = start + head + _VERSIONED * (kind == b"meta")
            yield from _boxes(content, inside, stop, depth + 1)
        start = stop


def _starts(content: bytes) -> Iterator[int]:
    """Yield where the data of each picture, and each chunk of a track, begins."""
    boxes = list(_boxes(content, 0, len(content)))
    data = next((start for kind, start, _ in boxes if kind == b"idat"), 0)
    for kind, start, end in boxes:
        if kind == b"iloc":
            yield from _items(content, start, end, data)
        elif kind in {b"stco", b"co64"}:
            width = 4 if kind == b"stco" else 8
            count = min(_number(content, start + 4, 4), (end - start) // width)
            yield from (_number(content, start + 8 + width * n, width) for n in range(count))


def _items(content: bytes, start: int, end: int, data: int) -> Iterator[int]:
    """Yield where each extent of each item begins (ISO/IEC 14496-12, 8.11.3)."""
    version, sizes = content[start], _number(content, start + 4, 2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    wide = 4 if version > 1 else 2
    at = start + 6 + wide
    for _ in range(min(_number(content, start + 6, wide), end - start)):
        at += wide
        in_data = bool(version) and _number(content, at, 2) & 15 == 1
        at += 2 * bool(version) + 2
        base = _number(content, at, base_size)
        at += base_size + 2
        for _ in range(min(_number(content, at - 2, 2), end - start)):
            at += index_size
            if at > end:
                return
            yield base + _number(content, at, offset_size) + data * in_data
            at += offset_size + length_size


def _number(content: bytes, start: int, length: int) -> int:
    return int.from_bytes(content[start : start + length], "big")


# Open bitstream units (AV1 Bitstream, 5.3).

_SEQUENCE_HEADER = 1


def _frames_from(content: bytes, at: int, seen: set[int]) -> Iterator[int]:
    """Yield the pixels that each sequence header from here on allows, as far as there are units not seen before."""
    while (
        at < len(content) and at not in seen and not content[at] & 0x81
    ):  # the first bit is forbidden, the last reserved
        seen.add(at)
        _counted(len(seen))
        head = content[at]
        at += 2 if head & 4 else 1
        length, shift = 0, 0
        while head & 2 and at < len(content):  # leb128
            byte = content[at]
            at, length, shift = at + 1, length | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80 or shift > 56:  # noqa: PLR2004  # the highest bit says that there is more; eight bytes at most
                break
        if not head & 2:
            length = len(content) - at
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            yield _size(content[at : at + min(length, 256)])
        at += length


class _Bits:
    """Reads numbers of so many bits; behind the end there are zeros."""

    def __init__(self, content: bytes) -> None:
        self._number = int.from_bytes(content, "big")
        self._left = 8 * len(content)

    def take(self, count: int) -> int:
        self._left -= count
        return (self._number >> self._left if self._left >= 0 else 0) & ((1 << count) - 1)


def _size(header: bytes) -> int:
    """Return the largest width times the largest height that a sequence header gives (AV1 Bitstream, 5.5.1)."""
    bits = _Bits(header)
    bits.take(4)
    if bits.take(1):  # a still picture with a short header
        bits.take(5)
    else:
        _skip_operating_points(bits)
    wide, high = bits.take(4) + 1, bits.take(4) + 1
    return (bits.take(wide) + 1) * (bits.take(high) + 1)


def _skip_operating_points(bits: _Bits) -> None:
    delay = 0
    if bits.take(1):  # timing_info_present_flag
        bits.take(64)
        if bits.take(1):
            zeros = 0
            while zeros < 32 and not bits.take(1):  # noqa: PLR2004  # uvlc: as many zeros as there are bits
                zeros += 1
            bits.take(zeros)
        if bits.take(1):  # decoder_model_info_present_flag
            delay = bits.take(5) + 1
            bits.take(42)
    shown = bits.take(1)  # initial_display_delay_present_flag
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:  # noqa: PLR2004  # levels that have tiers
            bits.take(1)
        if delay and bits.take(1):
            bits.take(2 * delay + 1)
        if shown and bits.take(1):
            bits.take(4)
