"""A colour font's emoji as pictures: which sequences it has as one glyph each, and what they look like.

Pillow tells no glyphs, so a sequence is taken for one that the font has if, shaped by HarfBuzz,

- something is painted, and it is not what the font paints for what it lacks;
- it is no wider than the widest of its parts: what a font cannot join, it sets one beside the other (UTS #51, 2.2);
- with tags behind it (England's flag), it differs from the emoji without them, since tags alone have no width;
- as a flag, it differs from that of AA, which no country gets (ISO 3166-1, user-assigned): a font may have one flag
  for all that it does not know.
"""

import io
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont, features

from ..emoji import Emoji, SkinTone
from ..errors import ImageError
from ..packs.pack import Pack
from .workers import in_processes

_LACKED = "\U0010ffff"  # a noncharacter: no font has it
_NO_COUNTRY = "\U0001f1e6\U0001f1e6"
_REGIONAL = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)
_WITHOUT_WIDTH = {0xFE0F, 0x200D, *_TAGS}
_ROOM = 1.05  # rounding, and a ligature that is a little wider than its parts
# Pixels that bitmap fonts have their glyphs in, after the one asked for: Noto's, and Apple's.
_STRIKES = (109, 160, 128, 136, 96, 72, 64, 48, 40, 32, 20)


class EmojiFont:
    """A colour font at one size. Raises `ImageError` if it cannot be opened; a process has one of its own."""

    def __init__(self, path: str, size: int) -> None:
        self._font = _open(path, size)

    @property
    def title(self) -> str:
        """The family, as the font has it."""
        return str(self._font.getname()[0] or "")

    def draw(self, sequence: str) -> Image.Image | None:
        """Return the glyph of a sequence on nothing, trimmed to what is painted; None if the font lacks it."""
        parts = [part for part in sequence if ord(part) not in _WITHOUT_WIDTH]
        if len(parts) > 1 and self._font.getlength(sequence) > _ROOM * max(map(self._font.getlength, parts)):
            return None
        image = self._paint(sequence)
        if image is None or _same(image, self._lacked):
            return None
        if ord(sequence[-1]) in _TAGS and _same(image, self._paint(parts[0])):
            return None
        if ord(sequence[0]) in _REGIONAL and _same(image, self._no_country):
            return None
        return image

    @cached_property
    def _lacked(self) -> Image.Image | None:
        return self._paint(_LACKED)

    @cached_property
    def _no_country(self) -> Image.Image | None:
        return self._paint(_NO_COUNTRY)

    def _paint(self, text: str) -> Image.Image | None:
        left, top, right, bottom = (round(side) for side in self._font.getbbox(text))
        if right <= left or bottom <= top:
            return None
        image = Image.new("RGBA", (right - left, bottom - top))
        ImageDraw.Draw(image).text((-left, -top), text, font=self._font, fill="#000", embedded_color=True)
        box = image.getchannel("A").getbbox()
        return image.crop(box) if box else None


def _same(one: Image.Image, other: Image.Image | None) -> bool:
    return other is not None and one.size == other.size and one.tobytes() == other.tobytes()


def _open(path: str, size: int) -> ImageFont.FreeTypeFont:
    if not features.check("raqm"):
        raise ImageError("this Pillow has no Raqm, which joins emoji; install a wheel of Pillow, or one with libraqm")
    reason = ""
    for pixels in (size, *_STRIKES):
        try:
            return ImageFont.truetype(path, pixels, layout_engine=ImageFont.Layout.RAQM)
        except OSError as error:
            reason = reason or str(error)
            if "pixel size" not in str(error):
                break
    raise ImageError(f"{path}: is not a font that can be read: {reason}; give a TTF, OTF or TTC")


# A pack of a font's glyphs.


class Drawn(NamedTuple):
    """What became of a font: a pack, its files, and which sequences the font lacks."""

    pack: Pack
    files: dict[str, bytes]
    lacking: tuple[Emoji, ...]
    """With the sequence in `unicode`; tones are emoji of their own here."""


def draw_pack(path: str, emoji: Sequence[Emoji], *, size: int = 128) -> Drawn:
    """Render every sequence of some emoji that a font has, each fitted into a square of `size` pixels.

    A sequence with a tone gets the names of the emoji and ``_tone1`` to ``_tone5`` behind, as lookup spells them
    (``handshake_tone1-5`` for two people). Nothing is enlarged. Raises `ImageError` if the font has none of
    them, or no colours.
    """
    title = EmojiFont(path, size).title
    wanted = [one for base in emoji for one in (base, *toned(base))]
    chunks = [[one.unicode or "" for one in islice(wanted, at, at + _CHUNK)] for at in range(0, len(wanted), _CHUNK)]
    glyphs = [
        glyph for chunk in in_processes(_draw_chunk, ((path, size, chunk) for chunk in chunks)) for glyph in chunk
    ]
    if not any(glyph.coloured for glyph in glyphs if glyph):
        found = "no colours" if any(glyphs) else "no emoji that Pillow can draw"
        raise ImageError(f"{path}: has {found}; give a colour font (CBDT, sbix or COLR version 0)")
    drawn, files, lacking = [], {}, []
    for one, glyph in zip(wanted, glyphs, strict=True):
        if glyph is None:
            lacking.append(one)
            continue
        file = f"images/{'-'.join(f'{ord(part):x}' for part in one.unicode or '')}.png"
        files[file] = glyph.content
        drawn.append(
            one._replace(unicode=None, image=file, width=glyph.width, height=glyph.height, tones=(), version="")
        )
    name = "-".join(title.lower().split()) or "font"
    return Drawn(Pack(name, tuple(drawn), title=title), files, tuple(lacking))


_CHUNK = 200  # sequences: opening the font once for each is nothing then


def toned(emoji: Emoji) -> Iterator[Emoji]:
    """Yield an emoji with every tone it takes, each as an emoji of its own."""
    pairs = [(one,) for one in SkinTone] if emoji.tones else []
    people = [(one, other) for one in SkinTone for other in SkinTone if one != other]
    for tones in (*pairs, *(people if len(emoji.tones) > 1 else ())):
        suffix = "_tone" + "-".join(str(tone - SkinTone.LIGHT + 1) for tone in tones)
        spoken = ", ".join(f"{tone.name.lower().replace('_', '-')} skin tone" for tone in tones)
        yield emoji._replace(
            name=emoji.name + suffix,
            aliases=tuple(alias + suffix for alias in emoji.aliases),
            unicode=emoji.toned(tones),
            alt=f"{emoji.alt_text()}: {spoken}",
            tones=(),
        )


class _Glyph(NamedTuple):
    content: bytes
    width: int
    height: int
    coloured: bool


def _draw_chunk(path: str, size: int, sequences: list[str]) -> list[_Glyph | None]:
    font = EmojiFont(path, size)
    return [_encode(image, size) if (image := font.draw(sequence)) else None for sequence in sequences]


def _encode(image: Image.Image, size: int) -> _Glyph:
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    output = io.BytesIO()
    image.save(output, "PNG", compress_level=6)  # 9 takes eight times as long for 6 per cent
    return _Glyph(output.getvalue(), *image.size, has_colours(image))


def has_colours(glyph: Image.Image) -> bool:
    """Tell a glyph of a colour font from one that was painted in black."""
    return max(glyph.convert("RGB").tobytes()) > 0
