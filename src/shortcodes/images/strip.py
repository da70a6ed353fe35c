"""Take out of an animation what is not picture, and leave its frames as they are, byte for byte.

An animation that fits its box is not encoded again: that would cost quality. What is left out are comments, EXIF, XMP,
profiles, thumbnails, and whatever somebody put behind the end.
"""

from .header import gif_blocks, png_chunks, webp_chunks


def strip(content: bytes, kind: str) -> bytes:
    """Return a GIF, WebP or APNG of nothing but frames. It must have been read and decoded before."""
    return {"gif": _gif, "webp": _webp, "apng": _png}[kind](content)


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


def _png(content: bytes) -> bytes:
    kept = [content[start - 8 : start + length + 4] for kind, start, length in png_chunks(content) if kind in _PNG_KEPT]
    return content[:8] + b"".join(kept)


_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"IDAT", b"IEND"})


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
