"""Draw the pack: every ``art/NAME.svg`` becomes ``images/NAME.png``, 128 pixels square.

Art with a SMIL rotation (``<animateTransform>``) also becomes ``images/NAME.webp``, a loop;
its PNG is the still frame. The same art, drawn by the same versions of Pillow and resvg-py,
gives the same bytes.

    pip install pillow resvg-py
    python emoji_packs/megathread/draw.py
    python emoji_packs/megathread/draw.py --sheet sheet.png

``--sheet`` leaves the pack alone and shows its images on light and on dark ground.
"""

from __future__ import annotations

import argparse
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

import resvg_py
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE: Final = Path(__file__).parent
ART: Final = HERE / "art"
IMAGES: Final = HERE / "images"
SIZE: Final = 128
FRAMES: Final = 20
SVG: Final = "{http://www.w3.org/2000/svg}"

COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
PALETTE: Final = frozenset(
    COLOUR.findall("""
    #1d1a26 #3d4258 #7b8090 #c9ccd6 #e6e8ee #ffffff  ink, greys, sticker edge
    #9c2420 #cf4f2a #f08a5a #e0252f #ff9fb0          brick (shade, face, top), red, pink
    #ff9f2e #ffb81f #ffce2e #fff0a8 #fff4df          orange, sun, gold, ray, shine
    #1f7a4d #1f9d4d #1f2456 #2350b8 #2b6fd6 #5bb4f0  greens; blues from night to sky
    #7b3fc4 #f1e6ff #8a5333 #a8703f #e8b98a #ffd2a6  purples; skin, fur and wood
    """)
)

SHEET_SIZES: Final = (24, 48, SIZE)
SHEET_COLUMNS: Final = 3
GAP: Final = 8
LIGHT: Final = "#ffffff"
DARK: Final = "#111111"


def read_art(path: Path) -> ElementTree.Element:
    """Parse one SVG; a ``ValueError`` names the colours that the palette lacks."""
    svg = path.read_text(encoding="utf-8")
    if strange := sorted(set(COLOUR.findall(svg)) - PALETTE):
        raise ValueError(f"{path.name}: not in the palette: {', '.join(strange)}")
    return ElementTree.fromstring(svg)


def rasterise(art: ElementTree.Element) -> Image.Image:
    """Render an SVG tree to RGBA, :data:`SIZE` pixels square."""
    svg = ElementTree.tostring(art, encoding="unicode")
    png = resvg_py.svg_to_bytes(svg_string=svg, width=SIZE, height=SIZE, skip_system_fonts=True)
    return Image.open(BytesIO(png)).convert("RGBA")


def loop_seconds(art: ElementTree.Element) -> float:
    """Return how long the art's rotation takes; 0 for art that stands still."""
    rotation = art.find(f".//{SVG}animateTransform")
    return 0.0 if rotation is None else float(rotation.attrib["dur"].rstrip("s"))


def draw_frame(art: ElementTree.Element, part: float) -> Image.Image:
    """Render the art when ``part`` (0 to 1) of its rotation is done."""
    for group in art.iter(f"{SVG}g"):
        for rotation in group.findall(f"{SVG}animateTransform"):
            degrees, centre = rotation.attrib["to"].split(" ", 1)
            group.set("transform", f"rotate({float(degrees) * part} {centre})")
    return rasterise(art)


def draw(path: Path) -> tuple[Path, ...]:
    """Draw one SVG into the pack; return the images written."""
    art = read_art(path)
    still = IMAGES / f"{path.stem}.png"
    rasterise(art).save(still, optimize=True)
    seconds = loop_seconds(art)
    if not seconds:
        return (still,)
    first, *rest = (draw_frame(art, frame / FRAMES) for frame in range(FRAMES))
    loop = still.with_suffix(".webp")
    first.save(
        loop,
        save_all=True,
        append_images=rest,
        duration=round(seconds * 1000 / FRAMES),
        loop=0,
        lossless=True,  # lossy is hardly smaller here and frays the transparent edge
        quality=100,
        method=6,
    )
    return (still, loop)


def draw_sheet(paths: Sequence[Path]) -> Image.Image:
    """Return a contact sheet: each image with its name, at every size, on both grounds."""
    half, height = sum(SHEET_SIZES) + GAP * (len(SHEET_SIZES) + 1), SIZE + 5 * GAP
    rows = -(-len(paths) // SHEET_COLUMNS)
    sheet = Image.new("RGB", (2 * half * SHEET_COLUMNS, height * rows), LIGHT)
    pen = ImageDraw.Draw(sheet)
    for cell, path in enumerate(paths):
        row, column = divmod(cell, SHEET_COLUMNS)
        image = Image.open(path).convert("RGBA")
        for side, (ground, ink) in enumerate(((LIGHT, DARK), (DARK, LIGHT))):
            x, y = (2 * column + side) * half, row * height
            pen.rectangle((x, y, x + half - 1, y + height - 1), fill=ground)
            pen.text((x + GAP, y + GAP), path.stem, fill=ink, font_size=16)
            for size in SHEET_SIZES:
                small = image.resize((size, size), Image.Resampling.LANCZOS)
                x += GAP
                sheet.paste(small, (x, y + 4 * GAP + (SIZE - size) // 2), small)
                x += size
    return sheet


def main() -> None:
    """Draw the pack, or with ``--sheet`` a contact sheet of it."""
    parser = argparse.ArgumentParser(description="Draw the images of the pack.")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="contact sheet")
    sheet: Path | None = parser.parse_args().sheet
    if sheet is not None:
        draw_sheet(sorted(IMAGES.glob("*.png"))).save(sheet)
        return
    IMAGES.mkdir(exist_ok=True)
    for path in sorted(ART.glob("*.svg")):
        for image in draw(path):
            print(f"{image.relative_to(HERE)}: {image.stat().st_size} bytes")


if __name__ == "__main__":
    main()
