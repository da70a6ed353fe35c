"""Pictures for tests and benchmarks: flat art, photos and animations, from numbers, the same every time."""

import io
import math
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from PIL import Image, ImageCms, ImageDraw, ImageFilter
from PIL.PngImagePlugin import PngInfo

from shortcodes.images.header import png_chunks


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def flat(seed: int, side: int = 128) -> Image.Image:
    """Flat art on nothing: a few colours, with smooth edges."""
    random = Random(seed)
    large = Image.new("RGBA", (side * 4, side * 4))
    draw = ImageDraw.Draw(large)
    for _ in range(random.randint(3, 7)):
        colour = (random.randrange(256), random.randrange(256), random.randrange(256))
        x, y = (random.randint(side // 4, side * 3) for _ in range(2))
        w, h = (random.randint(side // 2, side * 2) for _ in range(2))
        box = (x, y, min(x + w, side * 4 - 1), min(y + h, side * 4 - 1))
        random.choice((draw.ellipse, draw.rectangle))(box, fill=colour)
    return large.resize((side, side), Image.Resampling.LANCZOS)


def photo(seed: int, width: int = 640, height: int = 480) -> Image.Image:
    """What a photo is to an encoder: soft areas, edges, and noise."""
    random = Random(seed)
    coarse = Image.frombytes("RGB", (12, 9), random.randbytes(12 * 9 * 3)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    noise = Image.frombytes("RGB", (width // 2, height // 2), random.randbytes((width // 2) * (height // 2) * 3))
    grain = noise.resize((width, height)).filter(ImageFilter.GaussianBlur(1))
    return Image.blend(coarse, grain, 0.12)


def moving(seed: int, frames: int = 12, side: int = 128, *, clear: bool = True) -> list[Image.Image]:
    """Flat art that turns: frames of one size, on nothing or on white."""
    drawing = flat(seed, side)
    turned = [
        drawing.rotate(360 * number / frames, Image.Resampling.BICUBIC, translate=(int(6 * math.sin(number)), 0))
        for number in range(frames)
    ]
    if clear:
        return turned
    page = Image.new("RGBA", (side, side), "white")
    return [Image.alpha_composite(page, frame) for frame in turned]


def animated(frames: Sequence[Image.Image], kind: str, **options: Any) -> bytes:
    """A file of that kind. GIFs clear what was there, so that holes are holes."""
    given: dict[str, Any] = {"duration": 60, "loop": 0, **({"disposal": 2} if kind == "GIF" else {}), **options}
    return encoded(frames[0], kind, save_all=True, append_images=list(frames[1:]), **given)


# Metadata.

SECRETS = b"GPS 52.5200 N 13.4050 E"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
MARKS = (SECRETS, b"Exif", b"EXIF", b"eXIf", b"XMP", b"xmpmeta", b"acsp", b"iCCP", b"ICCP", b"tEXt", b"zTXt", b"iTXt")
"""What metadata has in it; ``acsp`` is in every profile (ICC.1, 7.2.11)."""


def with_secrets() -> Iterator[tuple[str, bytes]]:
    """Yield pictures of every type with all the metadata that it holds. The last word of each name is its ending."""
    exif = Image.Exif()
    exif[0x010E] = SECRETS.decode()
    exif.get_ifd(0x8825)[1] = "N"  # the place
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    some: dict[str, Any] = {"exif": exif, "xmp": b"<x:xmpmeta>" + SECRETS}
    text = PngInfo()
    text.add_text("Author", SECRETS.decode())
    text.add_text("Comment", SECRETS.decode(), zip=True)
    text.add_itxt("XML:com.adobe.xmp", SECRETS.decode())
    only: dict[str, dict[str, Any]] = {"PNG": {"pnginfo": text}, "JPEG": {"comment": SECRETS}}
    frames = moving(1, 4, 40)
    for kind in ("PNG", "WEBP", "AVIF"):
        yield kind.lower(), animated(frames, kind, **some, **only.get(kind, {}))
        yield f"profiled {kind.lower()}", animated(frames, kind, icc_profile=PROFILE, **some)
    yield "gif", animated(frames, "GIF", comment=SECRETS)
    for kind in ("PNG", "JPEG", "WEBP", "AVIF"):
        yield (
            f"still {kind.lower()}",
            encoded(photo(1, 60, 60), kind, icc_profile=PROFILE, **some, **only.get(kind, {})),
        )


def plain_in(content: bytes) -> bytes:
    """Return a file's bytes but for what is packed, which may say anything by chance."""
    if content.startswith(b"\x89PNG"):
        kinds = (content[start - 4 : start] for kind, start, _ in png_chunks(content))
        rest = (content[start : start + length] for kind, start, length in png_chunks(content) if kind not in _PACKED)
        return b"".join((*kinds, *rest))
    return content


_PACKED = {b"IDAT", b"fdAT"}
