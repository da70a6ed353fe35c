"""Pictures for tests and benchmarks: flat art, photos and animations, from numbers, the same every time."""

import io
import math
from collections.abc import Sequence
from random import Random
from typing import Any

from PIL import Image, ImageDraw, ImageFilter


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
