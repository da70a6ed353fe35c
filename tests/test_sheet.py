"""`shortcodes pack sheet`: a picture and a page of any pack, whatever is in it.

What a sheet looks like is for eyes; here is what it must have in it, and what must not happen.
"""

import zipfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import command_line
from shortcodes import Emoji, Pack
from shortcodes.images.sheet import Glyphs, Section, Tile, draw_sheet, pack_sections
from shortcodes.packs.to_toml import to_toml

ROOT = Path(__file__).parents[1]
MEGATHREAD = ROOT / "emoji_packs" / "megathread"
RED, BLUE = (220, 20, 40), (20, 60, 220)
LIGHT, DARK = (255, 255, 255), (0x1E, 0x21, 0x26)


def square(colour: tuple[int, int, int], size: int = 40) -> Image.Image:
    return Image.new("RGBA", (size, size), colour)


def counted(sheet: Image.Image, colour: tuple[int, int, int]) -> int:
    return {found: count for count, found in sheet.getcolors(1 << 24) or [] if isinstance(found, tuple)}.get(colour, 0)


def tile(*pictures: Image.Image | str, name: str = "one", below: str = "") -> Tile:
    return Tile(tuple(lambda one=one: one for one in pictures), name, below)  # type: ignore[misc]  # mypy's defaults


def test_each_is_there_in_two_sizes_on_two_grounds() -> None:
    sheet = draw_sheet("Pack", "1 emoji", [Section("All", (tile(square(RED)),))])
    assert counted(sheet, RED) == 2 * (64 * 64 + 24 * 24)
    assert counted(sheet, LIGHT) > 5_000
    assert counted(sheet, DARK) > 5_000


@pytest.mark.parametrize("size", [(10, 40), (40, 10), (1, 2000), (3, 3), (999, 1001)])
def test_an_aspect_is_kept(size: tuple[int, int]) -> None:
    sheet = draw_sheet("Pack", "", [Section("All", (tile(Image.new("RGBA", size, RED)),))])
    scale = 1 / max(size)
    expected = sum(
        2 * max(1, round(size[0] * side * scale)) * max(1, round(size[1] * side * scale)) for side in (64, 24)
    )
    assert counted(sheet, RED) == expected


def test_pairs_stand_beside_one_another() -> None:
    sheet = draw_sheet("Diff", "", [Section("Redrawn", (tile(square(RED), square(BLUE)),))])
    assert counted(sheet, RED) == counted(sheet, BLUE) == 2 * (64 * 64 + 24 * 24)
    red = next(x for x in range(sheet.width) if RED in {sheet.getpixel((x, y)) for y in range(sheet.height)})
    blue = next(x for x in range(sheet.width) if BLUE in {sheet.getpixel((x, y)) for y in range(sheet.height)})
    assert red < blue


@pytest.mark.parametrize("count", [0, 1, 5, 300])
def test_all_are_there(count: int) -> None:
    tiles = tuple(tile(square(RED), name=f"emoji-{number}") for number in range(count))
    sheet = draw_sheet("Pack", f"{count} emoji", [Section("All", tiles)] if tiles else [])
    assert counted(sheet, RED) == count * 2 * (64 * 64 + 24 * 24)


names = st.text(st.characters(codec="utf-8"), max_size=200)


@settings(max_examples=60)
@given(names, names, names)
def test_no_text_breaks_a_sheet(title: str, name: str, below: str) -> None:
    sheet = draw_sheet(title, name, [Section(below, (tile(name, name=name, below=below),))])
    assert sheet.width == draw_sheet("", "", [Section("", (tile("", name="x"),))]).width


@pytest.mark.parametrize("name", ["قطة", "שלום-x", "猫咪", "ก็็็็็", "x" * 128, "\u202eabc", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "a\u0300\u0301\u0302"])
def test_a_name_stays_in_its_column(name: str) -> None:
    alone = draw_sheet("", "", [Section("", (tile(square(RED), name=""), tile(square(RED), name="")))])
    named = draw_sheet("", "", [Section("", (tile(square(RED), name=name, below=name), tile(square(RED), name="")))])
    box = (48 + 240 + 20, 0, *alone.size)  # right of the first card
    assert named.crop(box).tobytes() == alone.crop(box).tobytes()
    assert named.tobytes() != alone.tobytes()


def test_categories_are_sections() -> None:
    emoji = (
        Emoji("a", "😀", category="Faces"),
        Emoji("b", "🐱"),
        Emoji("c", "😃", category="Faces", aliases=("d", "e"), retired=True),
    )
    faces, other = pack_sections(Pack("p", emoji), {}, Glyphs(()))
    assert (faces.title, [one.name for one in faces.tiles]) == ("Faces", ["a", "c"])
    assert (faces.tiles[1].below, faces.tiles[1].mark, faces.tiles[1].struck) == ("d, e", "retired", True)
    assert (other.title, other.tiles[0].pictures[0]()) == ("Other", "U+1F431")


# The command.

run = partial(command_line.run, "pack", "sheet")


def test_the_command(tmp_path: Path) -> None:
    assert run(str(MEGATHREAD), "-o", "sheet.png", "--html", "sheet.html", cwd=tmp_path) == (0, "", "")
    with Image.open(tmp_path / "sheet.png") as sheet:
        sheet.load()
        assert sheet.width > 1000
    page = (tmp_path / "sheet.html").read_text("utf-8")
    assert page.count("<li>") == 19
    assert "<p>19 emoji · version 1.0.0 · CC0-1.0 · The shortcodes authors</p>" in page
    assert page.count("▶ 20 frames") == 2
    for line in page.splitlines():
        for source in line.split('src="')[1:]:
            assert (tmp_path / source.split('"')[0]).is_file()


def hostile() -> Pack:
    evil = '"><script>alert(1)</script>'
    return Pack(
        "evil",
        (
            Emoji("one", image="a b&'.png", alt=evil, category=evil, aliases=("two",)),
            Emoji("three", image="https://example.org/x.png", retired=True),
            Emoji("four", "👩🏽‍🌾", category=evil),
        ),
        title=evil,
        license=evil,
    )


def test_nothing_of_a_pack_reaches_the_page_unescaped(tmp_path: Path) -> None:
    (tmp_path / "evil").mkdir()
    manifest = to_toml(hostile()) + '\n[[emoji]]\nname = "<b>"\nimage = "javascript:alert(1)"\n'  # refused, and shown
    (tmp_path / "evil" / "pack.toml").write_text(manifest, "utf-8")
    square(RED).save(tmp_path / "evil" / "a b&'.png")
    code, out, err = run("evil", "-o", "s.png", "--html", "s.html", cwd=tmp_path)
    assert (code, out) == (0, "")
    assert err == "evil: has 2 problems; `shortcodes pack check` lists them\n"
    page = (tmp_path / "s.html").read_text("utf-8")
    assert "<script" not in page
    assert "javascript:" not in page
    assert "<b>&lt;b&gt;</b>" in page
    assert 'src="evil/a%20b%26%27.png"' in page
    assert "<s>three</s>" in page


def test_the_page_of_a_zip_has_its_images_inside(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr("pack.toml", to_toml(Pack("p", (Emoji("a", image="a.png"), Emoji("b", image="b.png")))))
        archive.write(MEGATHREAD / "images" / "sabo.png", "a.png")
        archive.writestr("b.png", "not a picture")
    assert run("p.zip", "--html", "s.html", "-o", "s.png", cwd=tmp_path)[0] == 0
    assert (tmp_path / "s.html").read_text("utf-8").count('src="data:image/png;base64,') == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["p"], "say what to write"),
        (["nope", "-o", "s.png"], "shortcodes: nope: there is no such file or folder"),
        (["p", "-o", "."], "shortcodes: .: is a folder; name a file to write"),
        (["p", "-o", "s.png", "--font", "p/pack.toml"], "p/pack.toml: is not a font that can be read"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(arguments: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "pack.toml").write_text('[pack]\nschema = 1\nname = "p"\n', "utf-8")
    code, out, err = run(*arguments, cwd=tmp_path)
    assert (code, out) == (2, "")
    assert message in err
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_an_empty_pack_has_a_sheet(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text('[pack]\nschema = 1\nname = "p"\n', "utf-8")
    assert run(".", "-o", "s.png", "--html", "s.html", cwd=tmp_path) == (0, "", "")
