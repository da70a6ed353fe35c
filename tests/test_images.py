"""Images: what comes in, from friends and strangers, and what goes out."""

import io
import json
import struct
import subprocess
import sys
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageStat

from conftest import FIXTURES, read_cases
from costs import untraced
from meter import Meter
from pictures import MARKS, SECRETS, animated, encoded, flat, moving, photo, plain_in, with_secrets
from shortcodes.errors import ImageError
from shortcodes.exchange.transfer import export_pack, import_pack
from shortcodes.images.av1 import largest_frame
from shortcodes.images.compare import SAME, distance, fingerprint
from shortcodes.images.encode import animation, looks_same, still
from shortcodes.images.fit import fit, fitted
from shortcodes.images.header import TYPES, is_svg
from shortcodes.images.make import MakeSettings, make
from shortcodes.images.picture import LIMITS, Frame, ImageLimits, read_picture, verify
from shortcodes.images.sprite import Stamp, css_identifier, draw_sprite, sprite_css
from shortcodes.images.strip import strip
from shortcodes.images.svg import BYTES as SVG_BYTES
from shortcodes.images.svg import draw, svg_problem
from shortcodes.images.visible import NEARLY_INVISIBLE, visibility

# One small file of each type, and an animation of each that has them.
STILLS: dict[str, bytes] = {
    "png": encoded(flat(1, 40), "PNG"),
    "jpeg": encoded(photo(1, 40, 30), "JPEG"),
    "gif": encoded(flat(1, 40), "GIF"),
    "webp": encoded(flat(1, 40), "WEBP"),
    "avif": encoded(flat(1, 40), "AVIF"),
}
MOVING: dict[str, bytes] = {
    "apng": animated(moving(1, 5, 40), "PNG", loop=3),
    "gif": animated(moving(1, 5, 40), "GIF", loop=2),
    "webp": animated(moving(1, 5, 40), "WEBP", loop=3),
    "avif": animated(moving(1, 5, 40), "AVIF"),
}
ALL = {**STILLS, **{f"moving {name}": content for name, content in MOVING.items()}}


def difference(a: Image.Image, b: Image.Image, ground: str = "white") -> float:
    """The root mean square of what differs, 0 to 255, on a ground."""
    on = []
    for image in (a, b):
        page = Image.new("RGBA", image.size, ground)
        page.alpha_composite(image.convert("RGBA"))
        on.append(page.convert("RGB"))
    return max(ImageStat.Stat(ImageChops.difference(*on)).rms)


# Reading.


@pytest.mark.parametrize("kind", STILLS)
def test_still_pictures(kind: str) -> None:
    picture = read_picture(STILLS[kind], name=f"a.b/cat.{kind}")
    assert (picture.type, picture.frames, picture.animated) == (kind, 1, False)
    assert picture.first().size == (picture.width, picture.height)
    assert picture.first().mode == "RGBA"
    assert [frame.duration for frame in picture.each()] == [0]
    assert repr(picture).startswith(f"Picture({kind}, 40×")
    verify(picture)


@pytest.mark.parametrize("kind", MOVING)
def test_animations(kind: str) -> None:
    picture = read_picture(MOVING[kind], name=f"cat.{kind}")
    assert (picture.type, picture.frames, picture.animated) == (kind, 5, True)
    assert picture.plays == (0 if kind == "avif" else 3)
    frames = list(picture.each())
    assert [frame.duration for frame in frames] == [60] * 5
    assert difference(frames[0].image, picture.first()) == 0
    expected = moving(1, 5, 40)
    assert all(difference(frame.image, image) < 60 for frame, image in zip(frames, expected, strict=True))
    verify(picture)


def test_a_gif_without_a_number_is_played_once() -> None:
    frames = moving(1, 3, 20)
    once = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50, disposal=2)
    assert read_picture(once).plays == 1
    assert read_picture(animated(frames, "GIF", loop=0)).plays == 0


def test_an_apng_may_have_a_picture_beside_its_animation() -> None:
    frames = [Image.new("RGBA", (9, 9), colour) for colour in ("red", "lime", "blue")]
    picture = read_picture(animated(frames, "PNG", default_image=True))
    assert (picture.frames, picture.default) == (2, True)
    assert picture.first().getpixel((0, 0)) == (255, 0, 0, 255)
    assert [frame.image.getpixel((0, 0)) for frame in picture.each()] == [(0, 255, 0, 255), (0, 0, 255, 255)]


def test_sixteen_bits_of_grey_are_scaled() -> None:
    grey = Image.frombytes("I;16", (256, 1), b"".join(struct.pack("<H", 257 * value) for value in range(256)))
    shown = read_picture(encoded(grey, "PNG")).first().getchannel("R").tobytes()
    assert all(abs(value - expected) <= 1 for expected, value in enumerate(shown))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_orientation(kind: str, orientation: int) -> None:
    """The picture is red above and blue below, as it is seen."""
    seen = Image.new("RGB", (16, 32), "red")
    seen.paste("blue", (0, 16, 16, 32))
    seen.paste("white", (0, 0, 8, 8))  # above and left
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = seen.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else seen
    exif = Image.Exif()
    exif[274] = orientation
    picture = read_picture(encoded(stored, kind, exif=exif, quality=95))
    assert (picture.width, picture.height) == (16, 32)
    assert difference(picture.first(), seen) < 60
    assert difference(picture.first(side=8).resize(seen.size), seen) < 60


def test_orientation_that_is_nonsense_is_none() -> None:
    for exif in (b"", b"Exif\0\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"XX*\0" + bytes(40)):
        content = STILLS["png"]
        chunk = b"eXIf" + exif
        content = (
            content[:33] + struct.pack(">I", len(exif)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + content[33:]
        )
        assert read_picture(content).orientation == 1


@pytest.mark.parametrize("name", ["cat.GIF", "cat", ".gif", "gif/cat", ""])
def test_names_that_fit(name: str) -> None:
    assert read_picture(STILLS["gif"], name=name).type == "gif"


@pytest.mark.parametrize("kind", STILLS)
@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "webp", "avif", "svg", "html", "eps", "php"])
def test_a_type_other_than_its_name_says(kind: str, ending: str) -> None:
    if ending == kind or (ending, kind) == ("jpg", "jpeg"):
        return
    with pytest.raises(ImageError, match=rf"^is an? \w+, but its name says '{ending}'; rename it to 'cat\.{kind}'$"):
        read_picture(STILLS[kind], name=f"cat.{ending}")


@pytest.mark.parametrize("case", read_cases(FIXTURES / "images" / "refused.jsonl"), ids=lambda case: str(case["title"]))
def test_refused(case: dict[str, Any]) -> None:
    content = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()
    with pytest.raises(ImageError) as raised:
        read_picture(content)
    assert str(raised.value) == case["error"]


LIMITED: dict[str, tuple[bytes, ImageLimits, str]] = {
    "bytes": (STILLS["png"], LIMITS._replace(bytes=100), r"^has [\d,]+ bytes; 100 are allowed$"),
    "pixels": (STILLS["png"], LIMITS._replace(pixels=1599), r"^is 40×40 pixels, 1,600 in all; 1,599 are allowed$"),
    "side": (STILLS["gif"], LIMITS._replace(side=39), r"^is 40×40 pixels; a side of 39 is allowed$"),
    "frames": (MOVING["webp"], LIMITS._replace(frames=4), r"^has 5 frames; 4 are allowed$"),
    "total": (MOVING["apng"], LIMITS._replace(total=7999), r"5 frames, 8,000 pixels in all; 7,999 are allowed$"),
    "frames of an AVIF": (MOVING["avif"], LIMITS._replace(frames=4), r"^has 5 frames; 4 are allowed$"),
    "pixels of an AVIF": (
        STILLS["avif"],
        LIMITS._replace(pixels=99),
        r"^is 40×40 pixels, 1,600 in all; 99 are allowed$",
    ),
}


@pytest.mark.parametrize("name", LIMITED)
def test_limits(name: str) -> None:
    content, limits, message = LIMITED[name]
    with pytest.raises(ImageError, match=message):
        read_picture(content, limits=limits)
    verify(read_picture(content))


# Strangers. Each file is made here; what it costs is measured in a process of its own.


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of(width: int, height: int, *chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


def gif_of(width: int, height: int, *blocks: bytes) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + bytes(6) + b"".join(blocks) + b";"


def gif_frame(x: int, y: int, width: int, height: int) -> bytes:
    return b"\x21\xf9\x04\x08\x01\x00\x00\x00," + struct.pack("<HHHH", x, y, width, height) + b"\0\x02\x02\x44\x01\0"


def webp_of(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def vp8x(width: int, height: int, flags: int = 0x12) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return webp_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + size)


def fctl(number: int, width: int, height: int) -> bytes:
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, 0, 0, 1, 100, 0, 0))


def apng_bomb(width: int, height: int, frames: int, claimed: int | None = None) -> bytes:
    line = zlib.compress(bytes(1 + 4))
    parts = [chunk(b"acTL", struct.pack(">II", claimed or frames, 0)), fctl(0, width, height)]
    parts.append(chunk(b"IDAT", zlib.compress(bytes(height * (1 + 4 * width)), 9)))
    for number in range(1, frames):
        parts += [
            fctl(2 * number - 1, 1, 1),
            chunk(b"fdAT", struct.pack(">I", 2 * number) + line),
        ]
    return png_of(width, height, *parts)


def jpeg_with(width: int, height: int, scans: int = 0) -> bytes:
    content = encoded(photo(1, 64, 64), "JPEG", progressive=True)
    at = content.index(b"\xff\xc2") + 5
    content = content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]
    scan = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + scan * scans + b"\xff\xd9"


def avif_saying(width: int, height: int) -> bytes:
    content = STILLS["avif"]
    at = content.index(b"ispe") + 8
    return content[:at] + struct.pack(">II", width, height) + content[at + 8 :]


def avif_of(side: int, frames: int = 1) -> bytes:
    """Its boxes say 10 by 10 pixels; what is decoded has many more."""
    image = Image.new("RGB", (side, side), "red")
    others = [Image.new("RGB", (side, side), "blue")] * (frames - 1)
    content = encoded(image, "AVIF", speed=10, quality=20, save_all=frames > 1, append_images=others)
    for box in (b"ispe\0\0\0\0", b"tkhd"):
        content = content.replace(box + struct.pack(">II", side, side), box + struct.pack(">II", 10, 10))
    return content


def webp_bomb(width: int, height: int, frames: int) -> bytes:
    small = encoded(Image.new("RGBA", (2, 2), "red"), "WEBP", lossless=True)[12:]
    anmf = webp_chunk(b"ANMF", bytes(6) + b"\1\0\0\1\0\0" + b"\x0a\0\0\0" + small)
    return webp_of(vp8x(width, height), webp_chunk(b"ANIM", bytes(6)), *[anmf] * frames)


IDAT = chunk(b"IDAT", zlib.compress(bytes(5)))
ZEROS = zlib.compress(bytes(200_000_000), 9)

BOMBS: dict[str, Callable[[], bytes]] = {
    "GIF of many frames": lambda: gif_of(4000, 4000, *[gif_frame(0, 0, 1, 1)] * 1200),
    "GIF of frames that together are too much": lambda: gif_of(4000, 4000, *[gif_frame(0, 0, 1, 1)] * 17),
    "GIF of 300 frames, all of them one": lambda: gif_of(500, 500, *[gif_frame(0, 0, 1, 1)] * 300),
    "GIF of a million frames": lambda: gif_of(1, 1, *[gif_frame(0, 0, 1, 1)] * 400_000),
    "GIF with a screen as large as they come": lambda: gif_of(65535, 65535, gif_frame(0, 0, 1, 1)),
    "GIF with a frame that sticks out": lambda: gif_of(9, 9, gif_frame(0, 0, 9, 9), gif_frame(65000, 65000, 500, 500)),
    "GIF with a frame that is too large": lambda: gif_of(9, 9, gif_frame(0, 0, 65535, 65535)),
    "GIF of comments": lambda: gif_of(
        1, 1, b"\x21\xfe" + (b"\xff" + bytes(255)) * 39_000 + b"\0", gif_frame(0, 0, 1, 1)
    ),
    "APNG of many frames": lambda: apng_bomb(1000, 1000, 1200),
    "APNG of frames that together are too much": lambda: apng_bomb(4000, 4000, 17),
    "APNG of 300 frames, all of them one": lambda: apng_bomb(500, 500, 300),
    "APNG that says more than it has": lambda: apng_bomb(10, 10, 2, 2_000_000_000),
    "APNG that says less than it has": lambda: apng_bomb(10, 10, 500, 1),
    "PNG of 60,000 by 60,000": lambda: png_of(60_000, 60_000, IDAT),
    "PNG of 2³¹ by 1": lambda: png_of(0x7FFFFFFF, 1, IDAT),
    "PNG that is a line": lambda: png_of(16_000_000, 1, IDAT),
    "PNG with more behind its picture": lambda: png_of(1, 1, chunk(b"IDAT", ZEROS)),
    "PNG with a text that unfolds": lambda: png_of(1, 1, chunk(b"zTXt", b"a\0\0" + ZEROS), IDAT),
    "PNG with a profile that unfolds": lambda: png_of(1, 1, chunk(b"iCCP", b"a\0\0" + ZEROS), IDAT),
    "PNG with 200,000 chunks": lambda: png_of(1, 1, *[chunk(b"tEXt", b"")] * 200_000, IDAT),
    "PNG as large as may be": lambda: png_of(
        1600, 1600, chunk(b"IDAT", zlib.compress(bytes(1600 * (1 + 4 * 1600)), 9))
    ),
    "WebP with a canvas as large as they come": lambda: webp_of(vp8x(16384, 16384), webp_chunk(b"VP8 ", bytes(30))),
    "WebP with a canvas of 2⁴⁸": lambda: webp_of(vp8x(1 << 24, 1 << 24), webp_chunk(b"VP8 ", bytes(30))),
    "WebP of many frames": lambda: webp_bomb(4000, 4000, 1200),
    "WebP of frames that together are too much": lambda: webp_bomb(4000, 4000, 17),
    "WebP of 300 frames, all of them one": lambda: webp_bomb(500, 500, 300),
    "WebP of nothing": lambda: webp_of(webp_chunk(b"VP8 ", bytes(10))),
    "JPEG of 65,535 by 65,535": lambda: jpeg_with(65535, 65535),
    "JPEG that is painted over and over": lambda: jpeg_with(1600, 1600, 5000),
    "JPEG that is painted as often as may be": lambda: jpeg_with(1600, 1600, 50),
    "AVIF that says 16,384 by 16,384": lambda: avif_saying(16384, 16384),
    "AVIF that says 2³² by 2³²": lambda: avif_saying(0xFFFFFFFF, 0xFFFFFFFF),
    "AVIF that says less than it is": lambda: avif_of(3000),
    "AVIF that moves, and says less than it is": lambda: avif_of(2100, 2),
    "AVIF that says 4,000 by 4,000": lambda: avif_saying(4000, 4000),
}
SECONDS, MEGABYTES = 0.5, 64


def jpeg_of(*segments: tuple[int, bytes]) -> bytes:
    """A JPEG with segments behind its first mark."""
    content = encoded(photo(1, 64, 64), "JPEG")
    parts = (b"\xff" + bytes([marker]) + struct.pack(">H", len(part) + 2) + part for marker, part in segments)
    return content[:2] + b"".join(parts) + content[2:]


def exif_of(entries: int, length: int) -> bytes:
    """EXIF in which each of many entries is as long as all (TIFF 6.0, section 2)."""
    table = b"".join(struct.pack("<HHII", 1_000 + number, 7, length - 100, 0) for number in range(entries))
    return (b"II*\0\x08\0\0\0" + struct.pack("<H", entries) + table + bytes(4)).ljust(length, b"\0")


def avif_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def avif_with(exif: bytes) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow looks into what it is to write
        return encoded(Image.new("RGB", (20, 20)), "AVIF", exif=exif)


def avif_naming(places: int, times: int) -> bytes:
    """An AVIF with a track that says of many places, again and again, that pictures begin there."""
    table = b"".join(struct.pack(">I", 30 + 2 * number) for number in range(places)) * times
    boxes = avif_box(b"stco", bytes(4) + struct.pack(">I", places * times) + table)
    return STILLS["avif"] + avif_box(b"free", b"\x12\0" * places) + avif_box(b"moov", boxes)


BOMBS |= {
    "JPEG of marks that fill up": lambda: b"\xff\xd8" + b"\xff" * 9_000_000 + b"\0",
    "JPEG of comments": lambda: jpeg_of(*[(0xFE, b"")] * 200_000),
    "JPEG of EXIF": lambda: jpeg_of(*[(0xE1, b"Exif\0\0" + exif_of(5_000, 65_000))] * 30),
    "JPEG of tables": lambda: jpeg_of(*[(0xDB, bytes(65))] * 100_000),
    "JPEG that hides its scans": lambda: jpeg_with(64, 64, 500).replace(b"\xff\xda", b"\xff\x01\xff\xda"),
    "PNG of texts that unfold": lambda: png_of(1, 1, *[chunk(b"zTXt", b"a\0\0" + ZEROS[:2_000])] * 60, IDAT),
    "PNG of pictures of nothing": lambda: png_of(1, 1, *[chunk(b"IDAT", b"")] * 800_000, IDAT),
    "PNG of EXIF": lambda: png_of(1, 1, chunk(b"eXIf", exif_of(60_000, 4_000_000)), IDAT),
    "GIF of short comments": lambda: gif_of(1, 1, b"\x21\xfe" + b"\x01a" * 4_900_000 + b"\0", gif_frame(0, 0, 1, 1)),
    "GIF of short pieces": lambda: gif_of(1, 1, gif_frame(0, 0, 1, 1)[:-4] + b"\x01\x44" * 4_900_000 + b"\0"),
    "GIF of extensions": lambda: gif_of(1, 1, *[b"\x21\xfe\0"] * 3_000_000, gif_frame(0, 0, 1, 1)),
    "WebP of chunks": lambda: webp_of(vp8x(1, 1, 0), *[webp_chunk(b"XXXX", b"")] * 1_200_000),
    "AVIF of boxes": lambda: STILLS["avif"] + avif_box(b"free", b"") * 1_200_000,
    "AVIF of places": lambda: avif_naming(2_000, 1),
    "AVIF of the same places": lambda: avif_naming(100, 10_000),
    "AVIF of EXIF": lambda: avif_with(exif_of(60_000, 4_000_000)),
    "WebP that stands still, as large as may be": lambda: encoded(
        Image.new("RGBA", (1600, 1600), "#f008"), "WEBP", lossless=True, method=0
    ),
    "APNG that moves, as large as may be": lambda: animated(
        [Image.new("RGBA", (1130, 1130), colour) for colour in ("red", "#00f8")] * 3, "PNG"
    ),
}


@pytest.fixture(scope="module")
def meter() -> Iterator[Meter]:
    meter = Meter()
    yield meter
    meter.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the meter tells the peak of a process as Linux does")
@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name: str, meter: Meter, tmp_path: Path) -> None:
    """One line says why not, or all that can be made is made: within the same time and memory."""
    (tmp_path / "bomb").write_bytes(BOMBS[name]())
    for call in ("verify", "look", "make"):
        cost = meter.best(call, tmp_path / "bomb")
        assert cost.error == ("" if name in HARMLESS or " may be" in name else "ImageError"), cost
        assert "\n" not in cost.said
        assert cost.seconds <= SECONDS, cost
        assert cost.megabytes <= MEGABYTES, cost


HARMLESS = {"GIF of comments", "PNG with more behind its picture", "PNG with a text that unfolds", "JPEG of EXIF"}
HARMLESS |= {"PNG of texts that unfold", "PNG of EXIF", "AVIF of EXIF", "AVIF of places"}


def consume(content: bytes) -> str | None:
    """Make all that can be made; return the error. Anything but an `ImageError` fails the test."""
    said: str | None = None
    try:
        picture = read_picture(content)
        verify(picture)
        fingerprint(picture)
        visibility(picture)
        make(content, "", MakeSettings(16))
    except ImageError as error:
        said = str(error)
    assert said is None or ("\n" not in said and len(said) < 300)
    return said


SMALL: dict[str, bytes] = {
    **{kind: encoded(Image.new("RGBA", (5, 4), "red"), kind.upper()) for kind in ("png", "gif", "webp", "avif")},
    "jpeg": encoded(Image.new("RGB", (5, 4), "red"), "JPEG"),
    **{
        f"moving {kind}": animated([flat(seed, 8) for seed in (1, 2)], "PNG" if kind == "apng" else kind.upper())
        for kind in ("apng", "gif", "webp", "avif")
    },
}


@pytest.mark.parametrize("kind", SMALL)
def test_every_prefix_of_a_file(kind: str) -> None:
    content = SMALL[kind]
    assert consume(content) is None
    for length in range(len(content) - 1):
        if consume(content[:length]) is None:  # what a decoder can do without: a trailer, the padding of a chunk
            assert len(content) - length <= 20


@pytest.mark.parametrize("kind", SMALL)
def test_flipped_bits(kind: str) -> None:
    random = Random(kind)
    for _ in range(500):
        content = bytearray(SMALL[kind])
        for _ in range(random.choice((1, 1, 2, 5))):
            content[random.randrange(len(content))] ^= 1 << random.randrange(8)
        consume(bytes(content))


@given(st.sampled_from(sorted(SMALL)), st.binary(max_size=60), st.integers(0, 200), st.integers(0, 40))
def test_bytes_put_in_and_taken_out(kind: str, inserted: bytes, at: int, removed: int) -> None:
    content = SMALL[kind]
    consume(content[:at] + inserted + content[at + removed :])


@pytest.mark.parametrize("side", [1, 17, 64, 300])
@pytest.mark.parametrize("frames", [1, 3])
def test_the_frames_of_an_avif_are_found(side: int, frames: int) -> None:
    images = [Image.new("RGBA", (side, 2 * side), (80 * number, 0, 9, 128)) for number in range(frames)]
    content = encoded(images[0], "AVIF", save_all=True, append_images=images[1:])
    assert largest_frame(content) == side * 2 * side


@pytest.mark.parametrize("kind", ALL)
def test_what_is_behind_the_end_is_not_published(kind: str) -> None:
    for part in make(ALL[kind] + b"<script>alert(1)</script>", "", MakeSettings()).parts:
        assert b"<script>" not in part.content


WRITTEN = {
    "TIFF": "tif",
    "ICO": "ico",
    "BMP": "bmp",
    "EPS": "eps",
    "PDF": "pdf",
    "PPM": "ppm",
    "TGA": "tga",
    "PCX": "pcx",
}
OTHERS: dict[str, bytes] = {
    **{kind: encoded(Image.new("RGB", (32, 32), "red"), kind) for kind in (*WRITTEN, "ICNS", "JPEG2000", "DDS", "SGI")},
    "big-endian TIFF": b"MM\0*\0\0\0\x08" + bytes(40),
    "BigTIFF": b"II+\0\x08\0\0\0" + bytes(40),
    "PSD": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30_000, 30_000, 8, 3) + bytes(12),
    "EPS of DOS": b"\xc5\xd0\xd3\xc6"
    + struct.pack("<II", 30, 400)
    + bytes(24)
    + b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9",
    "PostScript that runs": b"%!PS\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file\n",
    "PDF behind a space": b" \n%PDF-1.7\n",
    "cursor": b"\0\0\2\0\1\0" + bytes(40),
    "WMF": b"\xd7\xcd\xc6\x9a" + bytes(40),
    "FLI": struct.pack("<IHHHH", 100, 0xAF11, 1, 9, 9) + bytes(100),
    "HTML": b"<!doctype html><script>alert(1)</script>",
    "GIF in capitals": b"gif89a" + bytes(40),
    "PNG of a Mac's": b"\x89JNG\r\n\x1a\n" + bytes(40),
}
CHILD = """
import json, sys
from pathlib import Path
from shortcodes.errors import ImageError
from shortcodes.exchange.transfer import export_pack, import_pack
from shortcodes.images.inspect import look_at
from shortcodes.images.make import MakeSettings, make
from shortcodes.images.picture import read_picture

said = {}
for path in Path(sys.argv[1]).iterdir():
    for ending in ("png", "jpg", "gif", "webp", "avif", ""):
        name = f"a.{ending}" if ending else ""
        content = path.read_bytes()
        lines = said.setdefault(path.name, [])
        lines.append(look_at(content, "", name).problem)
        for call in (lambda: read_picture(content, name=name), lambda: make(content, name, MakeSettings())):
            try:
                raise AssertionError(call())
            except ImageError as error:
                lines.append(str(error))
print(json.dumps([said, [name for name in sys.modules if name.startswith("PIL.") and name.endswith("Plugin")]]))
"""


def test_other_types_never_reach_a_decoder(tmp_path: Path) -> None:
    """Whatever their names say; Pillow would load all its decoders, that of PostScript among them, to find the one."""
    for name, content in OTHERS.items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run([sys.executable, "-c", CHILD, str(tmp_path)], capture_output=True, check=False)
    assert not done.returncode, done.stderr
    said, plugins = json.loads(done.stdout)
    assert plugins == []
    assert set(said) == set(OTHERS)
    for name, lines in said.items():
        assert len(lines) == 18, name
        assert len(set(lines)) == 1, (name, lines)
        assert lines[0].startswith("is "), lines
        assert "\n" not in lines[0]


PAYLOAD = b"<script>alert(1)</script>%PDF-1.7 PK\3\4 <?php system('id') ?>"


def behind_header(content: bytes, kind: str) -> bytes:
    """Put the payload into a part that decoders pass over, as near to the start as can be."""
    if kind == "png":
        return content[:33] + chunk(b"teSt", PAYLOAD) + content[33:]
    if kind == "gif":
        at = 13 + 3 * (2 << (content[10] & 7)) * (content[10] >> 7)
        return content[:at] + b"\x21\xfe" + bytes([len(PAYLOAD)]) + PAYLOAD + b"\0" + content[at:]
    if kind == "jpeg":
        return content[:2] + b"\xff\xed" + struct.pack(">H", len(PAYLOAD) + 2) + PAYLOAD + content[2:]
    if kind == "webp":
        return webp_of(content[12:], webp_chunk(b"teSt", PAYLOAD))
    return content + avif_box(b"free", PAYLOAD)


@pytest.mark.parametrize("kind", ALL)
def test_nothing_of_a_polyglot_is_published(kind: str) -> None:
    """A picture that is a page, a PDF, a zip and a program, too, is a picture behind the build."""
    plain = kind.removeprefix("moving ")
    content = behind_header(ALL[kind], "png" if plain == "apng" else plain)
    assert PAYLOAD in content
    for part in make(content, f"a.{plain}", MakeSettings()).parts:
        assert not [one for one in (b"<script", b"%PDF", b"PK\3\4", b"<?php") if one in part.content]
        assert read_picture(part.content, name=f"a.{part.ending}").size == len(part.content)


# Fitting.


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 512))
def test_fitted(width: int, height: int, box: int) -> None:
    w, h = fitted(width, height, box)
    assert 1 <= w <= min(width, box)
    assert 1 <= h <= min(height, box)
    assert max(w, h) == min(box, max(width, height))
    scale = max(w, h) / max(width, height)
    assert abs(w - width * scale) <= max(0.5, 1 - width * scale)
    assert abs(h - height * scale) <= max(0.5, 1 - height * scale)


def test_edges_do_not_darken() -> None:
    """White on nothing, where nothing is black: as everywhere that it can be seen, it stays white."""
    disc = Image.new("RGBA", (512, 512))
    disc.paste((255, 255, 255, 255), (100, 90, 400, 433))
    small = fit(disc.rotate(30, Image.Resampling.BICUBIC), 64)
    for colour in small.getcolors(9999) or []:
        assert isinstance(colour[1], tuple)
        assert colour[1][3] < 12 or min(colour[1][:3]) > 235


def test_what_is_hidden_is_cleared() -> None:
    secret = Image.new("RGBA", (20, 20), (10, 20, 30, 0))
    secret.paste((200, 0, 0, 255), (5, 5, 9, 9))
    assert {colour for _, colour in fit(secret, 128).getcolors() or []} == {(0, 0, 0, 0), (200, 0, 0, 255)}


def test_profiles_become_srgb() -> None:
    """A profile with red and green exchanged would show if it were only stripped; one that is damaged is left out."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = flat(3, 40)
    assert difference(fit(image, 40, lab), fit(image, 40)) < 1.5
    assert difference(fit(image, 40, lab[:200]), fit(image, 40)) == 0
    swapped = lab.replace(b"rXYZ", b"tmpX").replace(b"gXYZ", b"rXYZ").replace(b"tmpX", b"gXYZ")
    content = encoded(Image.new("RGB", (9, 9), (255, 0, 0)), "PNG", icc_profile=swapped)
    made = Image.open(io.BytesIO(make(content, "", MakeSettings()).parts[0].content)).convert("RGB")
    assert made.getpixel((4, 4)) == (0, 255, 0)


# Encoding.


@st.composite
def images(draw: st.DrawFn) -> Image.Image:
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    palette = draw(st.lists(st.binary(min_size=4, max_size=4), min_size=1, max_size=300))
    random = Random(draw(st.integers(0, 1 << 30)))
    return Image.frombytes("RGBA", (width, height), b"".join(random.choices(palette, k=width * height)))


@given(images())
def test_a_png_looks_the_same_and_few_colours_are_exact(image: Image.Image) -> None:
    made = Image.open(io.BytesIO(still(image))).convert("RGBA")
    assert looks_same(image, made)
    if len(image.getcolors(9999) or []) <= 256:
        assert made.tobytes() == image.tobytes()


def test_flat_art_gets_smaller_and_nobody_sees_it() -> None:
    before = after = 0
    for seed in range(12):
        image = fit(flat(seed, 300), 128)
        whole, made = encoded(image, "PNG", optimize=True), still(image)
        shown = Image.open(io.BytesIO(made)).convert("RGBA")
        assert all(difference(image, shown, ground) <= 1.5 for ground in ("white", "#1e2126"))
        assert len(made) <= len(whole)
        before, after = before + len(whole), after + len(made)
    assert after < 0.8 * before


def test_a_photo_keeps_its_colours() -> None:
    image = photo(1, 128, 96)
    made = Image.open(io.BytesIO(still(image.convert("RGBA"))))
    assert made.mode == "RGB"
    assert difference(image, made) == 0
    assert Image.open(io.BytesIO(still(image.convert("L").convert("RGBA")))).mode in {"L", "P"}


def test_looks_same_sees_what_is_off() -> None:
    image = flat(1, 64)
    dot = image.copy()
    dot.putpixel((30, 30), (1, 254, 3, 255))
    assert looks_same(image, image)
    assert not looks_same(image, dot)
    assert not looks_same(image, image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    # White on nothing and nothing are the same on white alone.
    assert not looks_same(Image.new("RGBA", (9, 9), "white"), Image.new("RGBA", (9, 9)))


@pytest.mark.parametrize("kind", ["gif", "webp", "apng"])
@pytest.mark.parametrize("plays", [0, 1, 2, 7])
def test_animations_keep_their_times(kind: str, plays: int) -> None:
    images = moving(2, 6, 48)
    durations = [20, 100, 30, 500, 60, 1000]
    content = animation([Frame(*pair) for pair in zip(images, durations, strict=True)], plays=plays, to=kind)
    picture = read_picture(content)
    frames = list(picture.each())
    assert (picture.type, picture.plays, [frame.duration for frame in frames]) == (kind, plays, durations)
    worst = max(difference(frame.image, image) for frame, image in zip(frames, images, strict=True))
    assert worst < {"gif": 16, "webp": 9, "apng": 0.01}[kind]


@pytest.mark.parametrize("kind", ["gif", "webp", "apng"])
def test_what_moves_leaves_no_trace(kind: str) -> None:
    """A dot on nothing that jumps: where it was, nothing is left."""
    frames = []
    for x in (0, 20, 40):
        image = Image.new("RGBA", (64, 16))
        image.paste("red", (x, 4, x + 8, 12))
        frames.append(Frame(image, 50))
    shown = list(read_picture(animation(frames, plays=0, to=kind)).each())
    for frame, given_frame in zip(shown, frames, strict=True):
        assert difference(frame.image, given_frame.image, "#1e2126") < 3


@pytest.mark.parametrize("kind", ["gif", "webp", "apng"])
def test_frames_that_are_the_same_are_one(kind: str) -> None:
    images = [flat(1, 16), flat(1, 16), flat(2, 16), flat(2, 16)]
    picture = read_picture(animation([Frame(image, 40) for image in images], plays=0, to=kind))
    assert [frame.duration for frame in picture.each()] == [80, 80]


@pytest.mark.parametrize("kind", ["gif", "webp", "apng"])
def test_an_animation_that_does_not_move(kind: str) -> None:
    picture = read_picture(animation([Frame(flat(1, 16), 50)] * 3, plays=0, to=kind))
    assert (picture.width, picture.height) == (16, 16)
    assert difference(picture.first(), flat(1, 16)) < 30


@pytest.mark.parametrize("size", [20, 128])
@pytest.mark.parametrize("kind", [kind for kind, _ in with_secrets()])
def test_metadata_is_stripped(kind: str, size: int) -> None:
    content = dict(with_secrets())[kind]
    assert SECRETS in content
    assert (b"acsp" in content or b"iCCP" in content) == ("profiled" in kind or "still" in kind)
    for part in make(content, "", MakeSettings(size)).parts:
        assert SECRETS not in part.content
        assert not [mark for mark in MARKS if mark in plain_in(part.content)]
        assert not {"exif", "xmp", "comment", "icc_profile", "dpi"} & set(Image.open(io.BytesIO(part.content)).info)


@pytest.mark.parametrize("kind", ["apng", "gif", "webp"])
def test_stripping_leaves_every_frame_as_it_is(kind: str) -> None:
    content = dict(with_secrets())["png" if kind == "apng" else kind]
    before, after = read_picture(content), read_picture(strip(content, kind))
    assert after._replace(content=b"") == before._replace(content=b"")
    for a, b in zip(before.each(), after.each(), strict=True):
        assert a.duration == b.duration
        assert a.image.tobytes() == b.image.tobytes()


# What is made of an image.


class Case(NamedTuple):
    content: bytes
    size: int
    roles: dict[str, str]
    """The role and the ending of each part."""


CASES = {
    "PNG": Case(STILLS["png"], 128, {"image": "png"}),
    "JPEG": Case(encoded(photo(1), "JPEG"), 128, {"image": "png"}),
    "AVIF": Case(STILLS["avif"], 16, {"image": "png"}),
    "GIF that stands still": Case(STILLS["gif"], 16, {"image": "png"}),
    "GIF that fits": Case(MOVING["gif"], 128, {"image": "webp", "gif": "gif", "static": "png"}),
    "GIF": Case(animated(moving(1, 5, 80), "GIF"), 32, {"image": "webp", "gif": "gif", "static": "png"}),
    "WebP": Case(MOVING["webp"], 20, {"image": "webp", "static": "png"}),
    "WebP that fits": Case(MOVING["webp"], 128, {"image": "webp", "static": "png"}),
    "APNG": Case(MOVING["apng"], 20, {"image": "png", "static": "png"}),
    "APNG that fits": Case(MOVING["apng"], 128, {"image": "png", "static": "png"}),
    "AVIF that moves": Case(MOVING["avif"], 128, {"image": "webp", "static": "png"}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_made(name: str) -> None:
    case = CASES[name]
    made = make(case.content, "", MakeSettings(case.size))
    assert {part.role: part.ending for part in made.parts} == case.roles
    before = read_picture(case.content)
    assert made.source == (before.width, before.height)
    assert (made.width, made.height) == fitted(*made.source, case.size)
    for part in made.parts:
        picture = read_picture(part.content, name=f"a.{part.ending}")
        assert (picture.width, picture.height) == (made.width, made.height)
        assert picture.animated == (before.animated and part.role != "static")
        assert not picture.animated or picture.plays == before.plays
    assert make(case.content, "", MakeSettings(case.size)) == made


def test_twice_is_made_of_what_has_the_pixels() -> None:
    made = make(encoded(flat(1, 80), "PNG"), "", MakeSettings(40, twice=True))
    assert [(part.role, read_picture(part.content).width) for part in made.parts] == [("image", 40), ("twice", 80)]
    made = make(encoded(flat(1, 79), "PNG"), "", MakeSettings(40, twice=True))
    assert [part.role for part in made.parts] == ["image"]
    made = make(animated(moving(1, 4, 80), "GIF"), "", MakeSettings(40, twice=True))
    twice = read_picture(made.parts[-1].content)
    assert (made.parts[-1].role, made.parts[-1].ending, twice.width, twice.frames) == (
        "twice",
        made.parts[0].ending,
        80,
        4,
    )


def test_a_webp_shows_what_the_gif_shows() -> None:
    for size in (24, 128):
        parts = {
            part.role: part.content for part in make(animated(moving(3, 5, 64), "GIF"), "", MakeSettings(size)).parts
        }
        assert len(parts["image"]) < len(parts["gif"])
        frames = zip(read_picture(parts["image"]).each(), read_picture(parts["gif"]).each(), strict=True)
        assert all(difference(a.image, b.image) == 0 and a.duration == b.duration for a, b in frames)


# SVG.

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="10"><rect width="30" height="10" fill="red"/></svg>'


def test_svg() -> None:
    pytest.importorskip("resvg_py")
    made = make(SVG, "flag.SVG", MakeSettings(60, twice=True))
    assert [(part.role, read_picture(part.content).width) for part in made.parts] == [("image", 60), ("twice", 120)]
    image = read_picture(made.parts[0].content, name="a.png")
    assert (image.height, image.first().getpixel((30, 10))) == (20, (255, 0, 0, 255))
    with pytest.raises(ImageError, match="is an SVG, and its name does not say so"):
        make(SVG, "flag.png", MakeSettings())


def test_svg_without_its_library() -> None:
    code = "import sys; sys.modules['resvg_py'] = None; from shortcodes.images.svg import main; main()"
    assert subprocess.run([sys.executable, "-c", code, "16"], input=SVG, check=False).returncode == 4


@pytest.mark.parametrize(
    "case", read_cases(FIXTURES / "images" / "svg_refused.jsonl"), ids=lambda case: str(case["title"])
)
def test_svg_refused(case: dict[str, Any]) -> None:
    pytest.importorskip("resvg_py")
    with pytest.raises(ImageError) as raised:
        draw(case["svg"].encode(), 32)
    assert str(raised.value).startswith(case["error"])
    assert "\n" not in str(raised.value)


def test_svg_of_endless_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uses of uses, two to the thirtieth: the process that draws is stopped, or stops itself."""
    pytest.importorskip("resvg_py")
    monkeypatch.setattr("shortcodes.images.svg.SECONDS", 2)
    uses = "".join(f'<g id="a{n}"><use href="#a{n - 1}"/><use href="#a{n - 1}" x="1"/></g>' for n in range(1, 30))
    first = '<g id="a0"><rect width="1" height="1"/></g>'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{first}{uses}</svg>'
    with pytest.raises(ImageError, match=r"^(?:takes more than 2 seconds to draw|cannot be drawn: )"):
        draw(drawing.encode(), 32)


def test_svg_too_deep_and_too_large() -> None:
    assert svg_problem(SVG) is None
    for deep in (
        b"<svg>" + b"<g>" * 50_000 + b"</g>" * 50_000 + b"</svg>",
        b"<!DOCTYPE svg [<!ENTITY a '" + b"<g>" * 300 + b"</g>" * 300 + b"'>]><svg>&a;</svg>",
    ):
        assert svg_problem(deep) == "has elements in elements, more than 200 deep; draw it anew"
    assert svg_problem(b"<svg>" + b"<g/><g a='>'></g><!-- <g> -->" * 1000 + b"</svg>") is None
    assert svg_problem(b"<svg>" + bytes(2_200_000)) == "has 2,200,005 bytes; 2,097,152 are allowed for an SVG"
    assert svg_problem("<svg>é</svg>".encode("latin-1")) == "is an SVG that is not UTF-8; save it as UTF-8"


ACTIVE = (
    SVG.replace(b"<rect", b"<script>alert(1)</script><rect"),
    SVG.replace(b"<rect", b"<rect onclick='alert(1)'"),
    SVG.replace(b"<rect", b"<h:script xmlns:h='http://www.w3.org/1999/xhtml' href='#'/><rect"),
    (b"\xff\xfe" + SVG.decode().encode("utf-16-le")),
    b"<?xml version='1.0'?><?xml-stylesheet href='#x'?>" + SVG,
    b"<!DOCTYPE svg [<!ENTITY a '<b>'>]>" + SVG.replace(b"<rect", b"<script>1</script><rect"),
    b"<h:svg xmlns:h='http://www.w3.org/2000/svg'><h:script>alert(1)</h:script></h:svg>",
    b"<html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>",
    b"\x1f\x8b\x08\0 whatever it unfolds to",
)


@pytest.mark.parametrize("number", range(len(ACTIVE)))
def test_no_svg_is_passed_on_that_may_run(number: int, tmp_path: Path) -> None:
    """Where images go through as they are: into a pack, and out of it in our own format."""
    files = {"pack.toml": TWO, "good.svg": SVG, "bad.svg": ACTIVE[number], "sub/still.SVG": ACTIVE[number]}
    pack, target = tmp_path / "pack", tmp_path / "to"
    (pack / "sub").mkdir(parents=True)
    for name, content in files.items():
        (pack / name).write_bytes(content)
    found = import_pack(str(pack), str(target)).merged.imported
    assert [(one.name, one.image, one.static) for one in found.draft.pack.emoji] == [
        ("good", "good.svg", None),
        ("still", "good.svg", None),
    ]
    assert sorted(file.name for file in target.iterdir()) == ["good.svg", "pack.toml"]
    assert found.left_out == 1
    said = [str(problem) for problem in found.draft.problems]
    assert [one for one in said if one.startswith("'bad': is left out: its image 'bad.svg' ")]
    assert [one for one in said if one.startswith("'still': loses its still frame: 'sub/still.SVG' ")]
    if not is_svg(ACTIVE[number]):  # no picture at all then, and refused as that
        return
    exported = export_pack(str(pack), "native", str(tmp_path / "out")).exported
    assert [one.name for one in exported.draft.pack.emoji] == ["good", "still"]
    assert not [one for one in (tmp_path / "out").rglob("*") if one.name.lower() in ("bad.svg", "still.svg")]


TWO = b"""[pack]
schema = 1
name = "two"
[[emoji]]
name = "good"
image = "good.svg"
[[emoji]]
name = "bad"
image = "bad.svg"
[[emoji]]
name = "still"
image = "good.svg"
static = "sub/still.SVG"
"""


def test_svgs_that_take_long_to_look_at() -> None:
    """They are looked at in this process: the time grows with the file, and 2 MiB are the most."""
    size = SVG_BYTES - 100
    start = b"<svg xmlns='http://www.w3.org/2000/svg'>"
    rows = {
        "elements": start + b"<g/>" * (size // 4 - 20) + b"</svg>",
        "attributes": start + b"<g " + b" ".join(b"a%d='1'" % number for number in range(size // 13)) + b"/></svg>",
        "instructions": start + b"<?a " * (size // 4 - 20),
        "comments": start + b"<!--" * (size // 4 - 20),
        "entities": b"<!DOCTYPE svg [<!ENTITY a '" + b"x" * 900_000 + b"'>]>" + start + b"&a;" * 300_000 + b"</svg>",
    }
    for name, content in rows.items():
        assert size - 300_000 < len(content) <= SVG_BYTES, name
        with untraced():
            seconds = min(cpu_of(svg_problem, content) for _ in range(3))
        assert seconds <= 2 * SECONDS, (name, seconds)  # twice, for machines that are busy


def cpu_of(function: Callable[[bytes], object], content: bytes) -> float:
    started = time.process_time()
    function(content)
    return time.process_time() - started


# Comparing, and being seen.


@pytest.mark.parametrize("seed", range(6))
def test_the_same_drawing_is_near_and_another_is_far(seed: int) -> None:
    image = flat(seed, 200)
    mark = fingerprint(read_picture(encoded(image, "PNG")))
    again = (
        encoded(image.resize((128, 128)), "PNG"),
        encoded(image.quantize(64), "PNG"),
        encoded(image, "WEBP", quality=70),
        encoded(image.resize((64, 64), Image.Resampling.LANCZOS), "AVIF"),
    )
    assert all(distance(mark, fingerprint(read_picture(content))) <= SAME for content in again)
    others = [image.transpose(Image.Transpose.ROTATE_90), flat(seed + 100, 200)]
    red, green, blue, alpha = image.split()
    others.append(Image.merge("RGBA", (blue, red, green, alpha)))
    assert all(distance(mark, fingerprint(read_picture(encoded(other, "PNG")))) > SAME for other in others)


def test_animations_are_compared_by_what_moves() -> None:
    a, b = (read_picture(animated([flat(1), flat(seed)], "WEBP")) for seed in (2, 3))
    again = read_picture(animated([flat(1), flat(2)], "GIF"))
    assert distance(fingerprint(a), fingerprint(again)) <= SAME < distance(fingerprint(a), fingerprint(b))
    assert distance(fingerprint(a), fingerprint(read_picture(encoded(flat(1), "PNG")))) == 1.0


@pytest.mark.parametrize(
    ("colour", "light", "dark"),
    [
        ("white", False, True),
        ("#eeeeee", False, True),
        ("black", True, False),
        ("#1e2126", True, False),
        ("yellow", True, True),
        ("#cc0000", True, True),
        ("#00000000", False, False),
        ("#ffffff20", False, False),
    ],
)
def test_visibility(colour: str, *, light: bool, dark: bool) -> None:
    image = Image.new("RGBA", (40, 30))
    image.paste(colour, (10, 5, 30, 25))
    seen = visibility(read_picture(encoded(image, "PNG")))
    assert (seen.light >= NEARLY_INVISIBLE, seen.dark >= NEARLY_INVISIBLE) == (light, dark)


def test_a_yellow_face_is_seen_by_its_eyes() -> None:
    image = Image.new("RGBA", (40, 40), "#ffffee")
    image.paste("black", (10, 10, 25, 22))
    assert visibility(read_picture(encoded(image, "PNG"))).light > 90


# Sprites.


def test_a_sprite_has_every_picture_where_its_css_says() -> None:
    images = {f"e{number}": flat(number, 10 + number) for number in range(7)}
    sprite = draw_sprite([Stamp((name,), still(image)) for name, image in images.items()])
    sheet = Image.open(io.BytesIO(sprite.png)).convert("RGBA")
    for line, image in zip(sprite.rules.splitlines(), images.values(), strict=True):
        x, y = (-int(number.strip("px;")) for number in line.split("background-position: ")[1].split()[:2])
        assert looks_same(sheet.crop((x, y, x + image.width, y + image.height)), image)
    assert sprite_css(sprite, "sprite.png").count("{") == 8


@given(st.text(max_size=20))
def test_names_do_not_leave_their_selector(name: str) -> None:
    escaped = css_identifier(name)
    bare = escaped.replace("\\\\", "")
    for character in "{}<>;:,./\"'()*\n ":
        bare = bare.replace(f"\\{character}", "")
    for code in (*range(0x20), 0x7F):
        bare = bare.replace(f"\\{code:x} ", "")
    assert not set(bare) & set("{}<>;:,./\"'()*\n ")


def test_a_sheet_has_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shortcodes.images.sprite.MAX_PIXELS", 399)
    with pytest.raises(ImageError, match=r"^a sheet of 4 pictures would have 400 pixels; 399 are allowed"):
        draw_sprite([Stamp((f"e{number}",), still(flat(number, 10))) for number in range(4)])


def test_the_types_are_those_of_formats() -> None:
    assert set(STILLS) | {"apng"} == set(TYPES)
