"""Take out of a file what is not picture, and leave its frames as they are, byte for byte.

An animation that fits its box is not encoded again: that would cost quality. What is left out are comments, EXIF, XMP,
profiles, thumbnails, and whatever somebody put behind the end. Nor do decoders get to see any of that, profiles aside:
they take it apart in Python, where 10 MB of comments took 20 seconds, or 383 MB.
"""

from .av1 import without_exif
from .header import gif_blocks, jpeg_segments, png_chunks, webp_chunks


def strip(content: bytes, kind: str) -> bytes:
    """Return a GIF, WebP or APNG of nothing but frames. It must have been read and decoded before."""
    return {"gif": _gif, "webp": _webp, "apng": _png}[kind](content)


def for_decoder(content: bytes, kind: str) -> bytes:
    """Return a file with what its decoder needs, and its profile. Its header must have been read before."""
    if kind in ("png", "apng"):
        return _png(content, _PNG_KEPT | {b"iCCP"})
    readers = {"gif": _gif, "jpeg": _jpeg, "avif": without_exif}
    return readers[kind](content) if kind in readers else content  # that of WebP looks at nothing else


def _gif(content: bytes) -> bytes:
    kept = [
        content[start:end]
        for label, start, end in gif_blocks(content)
        if label in _GIF_KEPT or (label == _GIF_APPLICATION and content[start + 3 : start + 14] in _GIF_LOOPS)
    ]
    return b"".join(kept) + b";"


_GIF_KEPT = frozenset({0, 0x2C, 0xF9})  # the screen, images, and how each image is shown (GIF89a, 18, 20, 23)
_GIF_APPLICATION = 0xFF
_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"IDAT", b"IEND"})


def _png(content: bytes, wanted: frozenset[bytes] = _PNG_KEPT) -> bytes:
    kept = [content[start - 8 : start + length + 4] for kind, start, length in png_chunks(content) if kind in wanted]
    return content[:8] + b"".join(kept)


def _jpeg(content: bytes) -> bytes:
    kept = [
        content[start:end]
        for marker, start, end in jpeg_segments(content)
        if marker not in _JPEG_LEFT or (marker == _JPEG_APP2 and content.startswith(b"ICC_PROFILE\0", start + 4))
    ]
    return content[:2] + b"".join(kept) + b"\xff\xd9"


_JPEG_APP2 = 0xE2
_JPEG_LEFT = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})  # APP0 and APP14 say which colours it has (T.81, B.2.4.6)


def _webp(content: bytes) -> bytes:
    kept = b""
    for kind, start, length in webp_chunks(content):
        if kind == b"VP8X":
            flags = content[start] & _WEBP_FLAGS
            kept += content[start - 8 : start] + bytes([flags]) + content[start + 1 : start + length]
        elif kind in {b"ANIM", b"ANMF"}:
            kept += content[start - 8 : start + length] + b"\0" * (length % 2)
    return b"RIFF" + (4 + len(kept)).to_bytes(4, "little") + b"WEBP" + kept


_WEBP_FLAGS = 0x12  # alpha and animation; no profile, EXIF, XMP (RFC 9649, 2.7)
