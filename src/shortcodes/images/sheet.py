"""A picture of many emoji, made to be looked at: each at 64 and 24 pixels, on light and dark ground, with its name.

The look is that of the pages of the command line (cli/page.css). ASCII is set in the font that Pillow brings, so a
sheet looks the same on any machine; what that font lacks comes from the fonts that are given, or from one that most
systems have, and else is shown as code points.
"""

import contextlib
import functools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from ..emoji import Emoji
from ..errors import ImageError, InputError
from ..packs.diff import Diff, Pair
from ..packs.manifest import Reading
from ..packs.pack import Content, Pack, is_url
from .font import EmojiFont, has_colours
from .picture import read_picture
from .visible import DARK, LIGHT

Shown = Image.Image | str
"""A picture, or what is written in its place."""


class Tile(NamedTuple):
    """One emoji on a sheet, or two to be compared."""

    pictures: tuple[Callable[[], Shown], ...]
    """Drawn when their turn comes: together they may be large."""
    name: str
    below: str = ""
    """Set small: aliases, or what has changed."""
    mark: str = ""
    """Set at the right: ``retired``."""
    frames: int = 1
    struck: bool = False
    """Whether the name is struck through."""


class Section(NamedTuple):
    """Tiles below a heading."""

    title: str
    tiles: tuple[Tile, ...]


# Pixels, and the colours of cli/page.css.
_MARGIN, _GAP, _PAD = 48, 20, 12
_LARGE, _SMALL = 64, 24
_HALF = _PAD + _LARGE + 8 + _SMALL + _PAD
_CARD = 2 * _HALF, _LARGE + 2 * 16
_TEXTS = 62  # below a card: the name, the small line, and room
_HEAD, _HEADING = 120, 64
_GROUND, _INK, _QUIET, _LINE, _MARK = "#f4f4f1", "#1d1f24", "#63676f", "#e2e2dd", "#c8402f"
_QUIET_ON_DARK = "#9ba0a8"


class _Style(NamedTuple):
    """How a line of text looks."""

    size: int
    colour: str = _INK
    anchor: str = "ls"
    """Where its place is: the left or the right end of its base line, or the middle (Pillow's letters)."""
    bold: bool = False


_TITLE, _FACTS = _Style(34, bold=True), _Style(16, _QUIET)
_SECTION, _COUNT = _Style(20, bold=True), _Style(15, _QUIET, "rs")
_NAME, _NAME_STRUCK, _BELOW = _Style(15), _Style(15, _QUIET), _Style(12, _QUIET)
_TAG, _FRAMES = _Style(13, _MARK, "rs"), _Style(12, _QUIET, "rs")
_INSTEAD, _INSTEAD_ON_DARK = _Style(12, _QUIET, "ms"), _Style(12, _QUIET_ON_DARK, "ms")


def draw_sheet(title: str, facts: str, sections: Sequence[Section], *, fonts: Sequence[str] = ()) -> Image.Image:
    """Return a sheet: a title with a line of facts, and sections of tiles. `fonts` are files, asked in their order."""
    letters = _Letters(fonts)
    inner = _columns(sections) * (_CARD[0] + _GAP) - _GAP
    width = inner + 2 * _MARGIN
    row = _CARD[1] + _TEXTS
    grids = [_grid(section, inner) for section in sections]
    height = _HEAD + sum(_HEADING + lines * row for _, _, lines in grids) + _MARGIN
    sheet = Image.new("RGB", (width, height), _GROUND)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, width, 5), fill=_MARK)
    letters.write(pen, (_MARGIN, 66), title, _TITLE, width - 2 * _MARGIN)
    letters.write(pen, (_MARGIN, 96), facts, _FACTS, width - 2 * _MARGIN)
    top = _HEAD
    for section, (cell, columns, lines) in zip(sections, grids, strict=True):
        letters.write(pen, (_MARGIN, top + 36), section.title, _SECTION, width - 2 * _MARGIN - 80)
        letters.write(pen, (width - _MARGIN, top + 36), f"{len(section.tiles):,}", _COUNT, 80)
        pen.line((_MARGIN, top + 47, width - _MARGIN, top + 47), fill=_LINE, width=1)
        top += _HEADING
        for number, tile in enumerate(section.tiles):
            at = (_MARGIN + number % columns * (cell + _GAP), top + number // columns * row)
            _draw_tile(sheet, at, tile, cell, letters)
        top += lines * row
    return sheet


def _columns(sections: Sequence[Section]) -> int:
    """Return how many cards stand in a row: more of them on a large sheet, but no more than there are."""
    counts = [sum(len(tile.pictures) for tile in section.tiles) for section in sections]
    return max(3, min(16, max(4, round(math.sqrt(sum(counts) / 2))), max(counts, default=0)))


def _grid(section: Section, inner: int) -> tuple[int, int, int]:
    """Return how wide the tiles of a section are, how many stand in a row, and how many rows there are."""
    across = max(len(tile.pictures) for tile in section.tiles)
    cell = across * _CARD[0] + (across - 1) * _GAP
    columns = (inner + _GAP) // (cell + _GAP)
    return cell, columns, math.ceil(len(section.tiles) / columns)


def _draw_tile(sheet: Image.Image, at: tuple[int, int], tile: Tile, width: int, letters: "_Letters") -> None:
    pen = ImageDraw.Draw(sheet)
    left, top = at
    for number, picture in enumerate(tile.pictures):
        x = left + number * (_CARD[0] + _GAP)
        _draw_card(sheet, (x, top), picture(), letters)
        if number:
            middle = top + _CARD[1] // 2
            pen.line((x - 16, middle, x - 9, middle), fill=_QUIET, width=2)
            pen.polygon([(x - 4, middle), (x - 11, middle - 5), (x - 11, middle + 5)], fill=_QUIET)
    base = top + _CARD[1] + 21
    right = left + width
    if tile.mark:
        right -= letters.write(pen, (right, base), tile.mark, _TAG, width // 2) + 8
    if tile.frames > 1:
        right -= letters.write(pen, (right, base), f"{tile.frames} frames", _FRAMES, 80) + 5
        pen.polygon([(right - 7, base - 9), (right - 7, base), (right, base - 4.5)], fill=_QUIET)
        right -= 15
    style = _NAME_STRUCK if tile.struck else _NAME
    wide = letters.write(pen, (left + 1, base), tile.name, style, right - left - 1)
    if tile.struck:
        pen.line((left + 1, base - 5, left + 1 + wide, base - 5), fill=_QUIET, width=1)
    if tile.below:
        letters.write(pen, (left + 1, base + 17), tile.below, _BELOW, width - 1)


def _draw_card(sheet: Image.Image, at: tuple[int, int], shown: Shown, letters: "_Letters") -> None:
    """Draw a card of two halves, light and dark."""
    width, height = _CARD
    card = Image.new("RGBA", _CARD, _LINE)
    pen = ImageDraw.Draw(card)
    pen.rounded_rectangle((1, 1, width - 2, height - 2), radius=9, fill=LIGHT)
    pen.rectangle((_HALF, 0, width, height), fill=DARK)
    for start, style in ((0, _INSTEAD), (_HALF, _INSTEAD_ON_DARK)):
        if isinstance(shown, str):
            lines = shown.split("\n")[:4]
            for number, line in enumerate(lines):
                y = height // 2 + 4 + (2 * number - len(lines) + 1) * 8
                letters.write(pen, (start + _HALF // 2, y), line, style, _HALF - 12)
            continue
        for size, x in ((_LARGE, _PAD), (_SMALL, _PAD + _LARGE + 8)):
            fitted = _fitted(shown, size)
            card.alpha_composite(fitted, (start + x + (size - fitted.width) // 2, height // 2 - fitted.height // 2))
    sheet.paste(card, at, _card_mask())


@functools.cache
def _card_mask() -> Image.Image:
    """Return the shape of a card, drawn four times as large first, as Pillow's curves have steps."""
    width, height = _CARD
    large = Image.new("L", (width * 4, height * 4))
    ImageDraw.Draw(large).rounded_rectangle((0, 0, width * 4 - 1, height * 4 - 1), radius=40, fill=255)
    return large.resize(_CARD, Image.Resampling.BOX)


def _fitted(image: Image.Image, size: int) -> Image.Image:
    """Return an image as a page shows it in a square: scaled down or up, its aspect kept."""
    scale = min(size / image.width, size / image.height)
    wanted = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(wanted, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC)


# Emoji as tiles.


class Glyphs:
    """Emoji that are characters, as the first of some fonts has them. Raises `ImageError` for what is no font."""

    def __init__(self, fonts: Sequence[str]) -> None:
        self._fonts = [EmojiFont(font, 2 * _LARGE) for font in fonts]

    def draw(self, sequence: str) -> Shown:
        """Return the glyph of a sequence, else its code points."""
        drawn = (font.draw(sequence) for font in self._fonts)
        coloured = (glyph for glyph in drawn if glyph and has_colours(glyph))  # a letter's black is not seen on dark
        return next(coloured, "\n".join(f"U+{ord(one):04X}" for one in sequence))


def pack_sections(pack: Pack, files: Mapping[str, Content], glyphs: Glyphs) -> tuple[Section, ...]:
    """Return a pack's emoji by category, in its order, those without one at the end."""
    found: dict[str, list[Tile]] = {}
    for emoji in pack.emoji:
        tile = Tile(
            (functools.partial(picture_of, emoji, files, glyphs),),
            emoji.name,
            ", ".join(emoji.aliases),
            "retired" if emoji.retired else "",
            frames_of(emoji, files),
            struck=emoji.retired,
        )
        found.setdefault(emoji.category, []).append(tile)
    rest = found.pop("", [])
    titles = {**found, "Other" if found else "All emoji": rest} if rest else found
    return tuple(Section(title, tuple(tiles)) for title, tiles in titles.items())


def diff_sections(found: Diff, before: Reading, after: Reading, glyphs: Glyphs) -> tuple[Section, ...]:
    """Return what is different between two packs: what was drawn anew as before and after, the rest as it is."""

    def new(emoji: Emoji, below: str = "") -> Tile:
        return Tile((functools.partial(picture_of, emoji, after.files, glyphs),), emoji.name, below)

    def old(emoji: Emoji) -> Tile:
        return Tile((functools.partial(picture_of, emoji, before.files, glyphs),), emoji.name)

    def both(pair: Pair) -> Tile:
        pictures = (*old(pair.before).pictures, *new(pair.after).pictures)
        return Tile(pictures, pair.after.name, f"distance {pair.drawing.distance:.2f}")

    sections = {
        "Redrawn": [both(pair) for pair in found.pairs if pair.redrawn],
        "Renamed": [new(pair.after, f"was {pair.before.name}") for pair in found.pairs if pair.renamed],
        "Added": [new(emoji) for emoji in found.added],
        "Removed": [old(emoji) for emoji in found.removed],
        "Changed": [
            new(pair.after, ", ".join(one.field for one in pair.changes)) for pair in found.pairs if pair.changes
        ],
        "Saved anew, looks the same": [both(pair) for pair in found.pairs if pair.drawing.kind == "saved anew"],
    }
    return tuple(Section(title, tuple(tiles)) for title, tiles in sections.items() if tiles)


def frames_of(emoji: Emoji, files: Mapping[str, Content]) -> int:
    """Return how many frames an emoji's image has; 1 if there is none that can be read."""
    with contextlib.suppress(ImageError, InputError, KeyError):
        return read_picture(files[emoji.image or ""]()).frames
    return 1


def picture_of(emoji: Emoji, files: Mapping[str, Content], glyphs: Glyphs) -> Shown:
    """Return an emoji's picture, or why there is none."""
    if emoji.unicode:
        return glyphs.draw(emoji.unicode)
    if not emoji.image or emoji.image not in files:
        return "at a URL" if emoji.image and is_url(emoji.image) else "no image"
    try:
        return read_picture(files[emoji.image]()).first()
    except (ImageError, InputError):
        return "cannot\nbe read"


# Lettering.

_ON_MOST_SYSTEMS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "segoeui.ttf", "Arial.ttf")


class _Letters:
    """Writes text in the first font that has all of it."""

    def __init__(self, files: Sequence[str]) -> None:
        self._files = files
        self._fonts: dict[int, list[ImageFont.FreeTypeFont]] = {}
        self._has: dict[tuple[int, int, str], bool] = {}

    def write(self, pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, style: _Style, room: int) -> int:
        """Write a line, shortened to the room there is, in pixels; return how wide it is."""
        font, text = self._set(" ".join(text.split()), style.size)
        text = _shortened(text, font, room)
        weight = style.size / 60 if style.bold else 0  # Pillow's font has one weight
        pen.text(at, text, font=font, fill=style.colour, anchor=style.anchor, stroke_width=weight)
        return math.ceil(font.getlength(text))

    def _set(self, text: str, size: int) -> tuple[ImageFont.FreeTypeFont, str]:
        if size not in self._fonts:
            self._fonts[size] = list(_open_fonts(self._files, size))
        fonts = self._fonts[size]
        for number, font in enumerate(fonts):
            if all(self._covers(size, number, character) for character in text):
                return font, text
        known = [one if self._covers(size, 0, one) else f"<{ord(one):04X}>" for one in text]
        return fonts[0], "".join(known)

    def _covers(self, size: int, number: int, character: str) -> bool:
        key = (size, number, character)
        if key not in self._has:
            font = self._fonts[size][number]
            self._has[key] = character == " " or bytes(font.getmask(character)) != bytes(font.getmask("\U0010ffff"))
        return self._has[key]


def _open_fonts(files: Iterable[str], size: int) -> Iterator[ImageFont.FreeTypeFont]:
    default = ImageFont.load_default(size)
    if not isinstance(default, ImageFont.FreeTypeFont):
        raise ImageError("this Pillow has no FreeType, which sets names; install a wheel of Pillow")
    yield default
    for file in (*files, *_ON_MOST_SYSTEMS):
        with contextlib.suppress(OSError):  # not there, or a font of pictures in another size
            yield ImageFont.truetype(file, size)


def _shortened(text: str, font: ImageFont.FreeTypeFont, room: int) -> str:
    text = text[: max(room, 1)]  # no letter is narrower than a pixel
    if font.getlength(text) <= room:
        return text
    ellipsis = "..."  # the font of Pillow has no other
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if font.getlength(text[:middle] + ellipsis) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip(" -_,") + ellipsis
