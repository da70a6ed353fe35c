"""`shortcodes pack from-font`: which sequences a font has, and what becomes of them.

The fonts are made here, of squares: a colour font (COLR version 0) that joins some sequences and not others.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString  # type: ignore[import-untyped]  # has no types
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]  # has no types
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]  # has no types
from PIL import Image, features

import command_line
from shortcodes import Emoji, read_pack, unicode_pack
from shortcodes.errors import ImageError
from shortcodes.images.font import EmojiFont, draw_pack, toned

pytestmark = pytest.mark.skipif(not features.check("raqm"), reason="this Pillow has no Raqm")

NOTO = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
EM = 1000
COLOURS = [(0.9, 0.1, 0.1, 1.0), (0.1, 0.8, 0.1, 1.0), (0.1, 0.1, 0.9, 1.0)]
WAVE, FARMER, WOMAN, RICE = "\U0001f44b", "\U0001f469\u200d\U0001f33e", "\U0001f469", "\U0001f33e"
TAGGED = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"  # the flag of England
GERMANY, SARK = "\U0001f1e9\U0001f1ea", "\U0001f1e8\U0001f1f6"
REGIONS = {chr(code): f"region{code - 0x1F1E6}" for code in range(0x1F1E6, 0x1F200)}
SINGLE = {
    "\U0001f600": "grin",
    WAVE: "wave",
    "\U0001f3fb": "light",
    "\U0001f3fc": "mediumlight",
    WOMAN: "woman",
    RICE: "rice",
    "\U0001f3f4": "flag",
    "\u2764": "heart",
    "\u200d": "joiner",
    **REGIONS,
}
# As Noto does it: one flag for every pair that is not known, after those that are.
JOINED = """
feature ccmp {
  lookup known {
    sub wave light by wavelight;
    sub woman joiner rice by farmer;
    sub region3 region4 by germany;
  } known;
  lookup unknown { sub [REGIONS] [REGIONS] by unknown; } unknown;
} ccmp;
""".replace("REGIONS", " ".join(REGIONS.values()))


def make_font(path: Path, *, coloured: bool = True, joined: str = JOINED, single: Mapping[str, str] = SINGLE) -> Path:
    """Make a font in which each glyph is a bar of a height and a colour of its own."""
    extra = ["wavelight", "farmer", "germany", "unknown"] if joined else []
    glyphs = [".notdef", *single.values(), *extra]
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder([*glyphs, "bar"])
    builder.setupCharacterMap({ord(character): name for character, name in single.items()})
    shapes = {name: bar(100 + 15 * number) for number, name in enumerate(glyphs)}
    shapes[".notdef"] = bar(700)
    builder.setupGlyf(
        {**shapes, "bar": bar(10), "joiner": TTGlyphPen(None).glyph()} if joined else {**shapes, "bar": bar(10)}
    )
    widths = {name: (0 if name == "joiner" else EM, 0) for name in (*glyphs, "bar")}
    builder.setupHorizontalMetrics(widths)
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Bar Emoji", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    builder.setupPost()
    if coloured:
        builder.setupCPAL([COLOURS])
        layers = {name: [(name, number % 3)] for number, name in enumerate(glyphs) if name not in {".notdef", "joiner"}}
        builder.setupCOLR(layers, version=0)
    if joined:
        addOpenTypeFeaturesFromString(builder.font, joined)
    builder.save(path)
    return path


def bar(height: int) -> object:
    pen = TTGlyphPen(None)
    corners: Sequence[tuple[int, int]] = ((100, 0), (100, height), (900, height), (900, 0))
    pen.moveTo(corners[0])
    for corner in corners[1:]:
        pen.lineTo(corner)
    pen.closePath()
    return pen.glyph()


@pytest.fixture(scope="module")
def font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_font(tmp_path_factory.mktemp("font") / "bars.ttf")


HAS = ["\U0001f600", WAVE, f"{WAVE}\U0001f3fb", FARMER, GERMANY, "\u2764\ufe0f", "\U0001f3f4"]
LACKS = {
    "no glyph": "\U0001f601",
    "a tone beside the hand": f"{WAVE}\U0001f3fc",
    "two people beside one another": f"{WOMAN}\u200d{WOMAN}",
    "a part without a glyph": f"{WOMAN}\u200d\U0001f52c",
    "the flag without its tags": TAGGED,
    "the flag of all that is not known": SARK,
}


@pytest.mark.parametrize("sequence", HAS)
def test_has(sequence: str, font: Path) -> None:
    glyph = EmojiFont(str(font), 100).draw(sequence)
    assert glyph
    assert glyph.getchannel("A").getbbox() == (0, 0, *glyph.size)  # trimmed
    assert 78 <= glyph.width <= 82


@pytest.mark.parametrize("why", LACKS)
def test_lacks(why: str, font: Path) -> None:
    assert EmojiFont(str(font), 100).draw(LACKS[why]) is None


def test_a_pack(font: Path) -> None:
    emoji = [
        Emoji("wave", WAVE, aliases=("hi",), alt="waving hand", category="People", tones=(f"{WAVE}\U0001f3fb",)),
        Emoji("farmer", FARMER, alt="farmer", keywords=("field",)),
        Emoji("sark", SARK),
    ]
    drawn = draw_pack(str(font), emoji, size=64)
    assert [one.name for one in drawn.pack.emoji] == ["wave", "wave_tone1", "farmer"]
    assert [one.name for one in drawn.lacking] == [*(f"wave_tone{tone}" for tone in range(2, 6)), "sark"]
    toned_wave = drawn.pack.emoji[1]
    assert toned_wave[:7] == (
        *("wave_tone1", None, "images/1f44b-1f3fb.png", None, ("hi_tone1",)),
        *("waving hand: light skin tone", "People"),
    )
    assert (drawn.pack.name, drawn.pack.title) == ("bar-emoji", "Bar Emoji")
    with Image.open(__import__("io").BytesIO(drawn.files["images/1f44b-1f3fb.png"])) as image:
        assert (image.mode, image.size) == ("RGBA", (toned_wave.width, toned_wave.height))
        assert max(image.size) <= 64


def test_names_with_tones_are_those_that_lookup_spells() -> None:
    from shortcodes import build_index

    index = build_index([unicode_pack()])
    seen = set()
    for base in unicode_pack().emoji:
        for one in toned(base):
            match = index.find(one.name)
            assert match
            assert index.toned(match.entry.emoji, match.tones) == one.unicode
            seen.add(one.unicode)
    assert len(seen) == 2040


@pytest.mark.parametrize(
    ("made", "message"),
    [({"coloured": False}, "has no colours"), ({"joined": "", "single": {"a": "a"}}, "has no emoji")],
)
def test_fonts_without_emoji(made: dict[str, object], message: str, tmp_path: Path) -> None:
    path = make_font(tmp_path / "f.ttf", **made)  # type: ignore[arg-type]  # as above
    with pytest.raises(ImageError, match=message):
        draw_pack(str(path), [Emoji("grin", "\U0001f600"), Emoji("heart", "\u2764\ufe0f")])


run = partial(command_line.run, "pack", "from-font")


def test_the_command(font: Path, tmp_path: Path) -> None:
    code, out, err = run(str(font), "-o", "bars", "--verbose", cwd=tmp_path)
    assert (code, out) == (0, "")
    lines = err.splitlines()
    have = len(read_pack(tmp_path / "bars").emoji)
    assert lines[-1] == f"bars: {have} of 3,972 sequences of Emoji 18.0; {3972 - have:,} are not in bars.ttf"
    assert "🏴󠁧󠁢󠁥󠁮󠁧󠁿  :england: U+1F3F4 U+E0067 U+E0062 U+E0065 U+E006E U+E0067 U+E007F" in lines
    assert len(lines) == 3972 - have + 1


@pytest.mark.parametrize(
    ("font_file", "message"),
    [
        ("nope.ttf", "shortcodes: nope.ttf: is not a font that can be read: cannot open resource;"),
        ("text.ttf", "shortcodes: text.ttf: is not a font that can be read: unknown file format;"),
    ],
)
def test_bad_input_is_one_line(font_file: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "text.ttf").write_text("no font", "utf-8")
    code, out, err = run(font_file, "-o", "pack", cwd=tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(message)
    assert not (tmp_path / "pack").exists()


@pytest.mark.skipif(not NOTO.exists(), reason="Noto Color Emoji is not installed")
def test_noto() -> None:
    """A few of its 3,800 glyphs, each kind of sequence among them."""
    wanted = {
        "grinning",
        "wave",
        "handshake",
        "england",
        "us",
        "farmer",
        "one",
        "heart",
        "snowboarder",
        "couple_with_heart",
    }
    emoji = [one for one in unicode_pack().emoji if wanted & {*one.names}]
    drawn = draw_pack(str(NOTO), emoji)
    names = {one.name for one in drawn.pack.emoji}
    assert {"grinning", "wave_tone5", "handshake_tone1-5", "england", "us", "farmer", "one", "snowboarder"} <= names
    assert [one.name for one in drawn.lacking] == []
    assert {max(one.width or 0, one.height or 0) for one in drawn.pack.emoji} <= set(range(60, 129))
