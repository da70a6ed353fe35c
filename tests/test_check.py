"""`shortcodes pack check`: what is found, how it is said, and what it costs.

A case of ``fixtures/packs/check`` is a manifest beside the lines that a person reads. The test draws the pictures that
the manifest speaks of, be it in a comment.
"""

import io
import json
import random
import re
import shutil
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

import command_line
from shortcodes import read_pack, unicode_pack
from shortcodes.emoji import invisible_problem, name_problem
from shortcodes.errors import ImageError, PackError
from shortcodes.exchange.check import target_findings
from shortcodes.exchange.format import Format, Rules
from shortcodes.images.inspect import image_findings, look_at_images
from shortcodes.images.workers import in_processes
from shortcodes.packs.check import CHECKS, Finding, check_pack, in_order
from shortcodes.packs.manifest import MAX_FILE_BYTES, examine_pack
from shortcodes.packs.names import bidi_problem, fold, look, mixed_problem

CASES = sorted((Path(__file__).parent / "fixtures" / "packs" / "check").glob("*.toml"))
DOCS = Path(__file__).parents[1] / "docs" / "reference" / "checks.md"
TIGHT = Format(
    "tight",
    "A platform that takes little",
    Rules(
        name=r"[a-z0-9_]+",
        length=(2, 8),
        one_case=True,
        types=("png", "gif"),
        bytes=900,
        pixels=63,
        animated=False,
        emoji=3,
    ),
    recognises=lambda _: False,
    read=lambda _: pytest.fail("is not read"),
    write=None,
)


# Pictures.


def cat(size: int = 64) -> Image.Image:
    image = Image.new("RGBA", (size, size))
    pen = ImageDraw.Draw(image)
    pen.ellipse((size // 8, size // 4, size - size // 8, size - 2), fill="#e8912d", outline="#222", width=size // 20)
    pen.polygon([(size // 6, size // 3), (size // 5, 2), (size // 2, size // 4)], fill="#e8912d", outline="#222")
    pen.ellipse((size // 3, size // 2, size // 3 + size // 8, size // 2 + size // 8), fill="#222")
    return image


def ring(colour: str, *, ground: str | None = None) -> Image.Image:
    image = Image.new("RGBA", (64, 64), ground)
    ImageDraw.Draw(image).ellipse((6, 6, 58, 58), outline=colour, width=5)
    return image


def stripes(width: int, height: int) -> Image.Image:
    image = Image.new("RGBA", (width, height), "#2a6")
    pen = ImageDraw.Draw(image)
    for x in range(0, width, 16):
        pen.rectangle((x, 0, x + 7, height), fill="#05a")
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def animated(image: Image.Image, frames: int) -> bytes:
    turned = [image.rotate(360 / frames * number) for number in range(frames)]
    for number, frame in enumerate(turned):
        frame.putpixel((0, 0), (number, 0, 0, 255))  # Pillow makes one of two that are the same
    return encoded(turned[0], "GIF", save_all=True, append_images=turned[1:], duration=50, loop=0, disposal=2)


def photo(side: int) -> Image.Image:
    noise = random.Random(0).randbytes(side * side * 3)
    return Image.frombytes("RGB", (side, side), noise)


def bomb() -> bytes:
    """A PNG that says that it is 30,000 pixels wide and high."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    )


PICTURES: dict[str, Callable[[], bytes]] = {
    "cat.png": lambda: encoded(cat(), "PNG"),
    "cat-copy.png": lambda: encoded(cat(), "PNG"),
    "cat-again.webp": lambda: encoded(cat(256), "WEBP", quality=80),
    "dog.png": lambda: encoded(stripes(64, 64), "PNG"),
    "tall.png": lambda: encoded(stripes(20, 80).rotate(45), "PNG"),
    "ring.png": lambda: encoded(ring("#c33", ground="#fd0"), "PNG"),
    "white.png": lambda: encoded(ring("#fff"), "PNG"),
    "black.png": lambda: encoded(ring("#000"), "PNG"),
    "moving.gif": lambda: animated(cat(), 12),
    "long.gif": lambda: animated(stripes(24, 24), 201),
    "big.jpg": lambda: encoded(photo(600), "JPEG", quality=95),
    "broken.png": lambda: encoded(cat(), "PNG")[:200],
    "fake.png": lambda: animated(cat(), 2),
    "bomb.png": bomb,
    "notes.txt": lambda: b"not a picture",
    "._cat.png": lambda: b"what a Mac leaves in zips",
}


def lay_out(case: Path, folder: Path) -> Path:
    pack = folder / case.stem
    pack.mkdir()
    manifest = case.read_text("utf-8")
    (pack / "pack.toml").write_text(manifest, "utf-8")
    for name, draw in PICTURES.items():
        if re.search(rf"(?<![\w.-]){re.escape(name)}", manifest):
            (pack / name).write_bytes(draw())
    return pack


def findings(pack: Path, target: Format | None = None) -> list[Finding]:
    reading = examine_pack(pack)
    looks = look_at_images(reading.pack, reading.files, workers=1)
    found = [*check_pack(reading), *image_findings(reading.pack, looks)]
    if target:
        found += target_findings(reading.pack, looks, target)
    return in_order(found, reading)


# Cases.


def test_there_are_cases() -> None:
    assert CASES
    assert {case.with_suffix(".txt") for case in CASES} == {*CASES[0].parent.glob("*.txt")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_check(case: Path, tmp_path: Path) -> None:
    target = TIGHT if "# target: tight" in case.read_text("utf-8") else None
    lines = [sized(str(one)) for one in findings(lay_out(case, tmp_path), target)]
    assert lines == case.with_suffix(".txt").read_text("utf-8").splitlines()
    assert all(line.isprintable() for line in lines)


def sized(line: str) -> str:
    """How many bytes a picture has differs with the encoders."""
    return re.sub(r"has [\d,]+ (KiB|bytes);", r"has N \1;", line)


def test_every_code_has_a_case() -> None:
    seen = {code for case in CASES for code in re.findall(r" (?:error|warning|note) ([a-z-]+): ", expected(case))}
    assert seen == set(CHECKS)


def expected(case: Path) -> str:
    return case.with_suffix(".txt").read_text("utf-8")


def test_the_reference_has_every_code() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (.+) \|$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert [(code, severity, meaning) for code, severity, meaning in rows] == [
        (code, check.severity, check.meaning) for code, check in CHECKS.items()
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_zip_is_checked_as_a_folder_is(case: Path, tmp_path: Path) -> None:
    pack = lay_out(case, tmp_path)
    zipped = Path(shutil.make_archive(str(tmp_path / "zipped"), "zip", tmp_path, pack.name))
    assert findings(zipped) == findings(pack)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_what_read_pack_refuses_is_an_error_and_nothing_else_of_the_manifest_is(case: Path, tmp_path: Path) -> None:
    pack = lay_out(case, tmp_path)
    errors = [one for one in check_pack(examine_pack(pack)) if one.severity == "error"]
    assert refused(pack) == {one.where or one.file for one in errors}


def refused(pack: Path) -> set[str]:
    try:
        read_pack(pack)
    except PackError as error:
        return {one.where for one in error.problems}
    return set()


# Names.


@given(st.text(max_size=12))
def test_looks_are_stable(name: str) -> None:
    assert look(look(name)) == look(name)
    assert fold(fold(name)) == fold(name)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=6))
def test_what_has_no_width_is_never_a_good_name(name: str) -> None:
    hidden = bidi_problem(name) or invisible_problem(name)
    format_characters = [one for one in name if unicodedata.category(one) == "Cf"]
    assert name_problem(name) or hidden or not format_characters
    assert name_problem(name) or not hidden


def test_the_bundled_names_deceive_nobody() -> None:
    names = [name for emoji in unicode_pack().emoji for name in emoji.names]
    assert [name for name in names if mixed_problem(name) or invisible_problem(name)] == []


# Files and processes.


def test_a_file_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(CASES[0].read_text("utf-8"), "utf-8")
    for name in ("cat.png", "dog.png", "moving.gif"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(MAX_FILE_BYTES * 40)  # takes no room on the disk
    found = [one for one in findings(tmp_path) if one.code == "image-unreadable"]
    assert len(found) == 3
    assert "has more than 16 MiB" in found[0].message


def test_a_zip_that_lies_is_a_finding(tmp_path: Path) -> None:
    pack = tmp_path / "pack.zip"
    with zipfile.ZipFile(pack, "w") as archive:
        archive.writestr("pack.toml", CASES[0].read_text("utf-8"))
        for name in ("cat.png", "dog.png", "moving.gif"):
            archive.writestr(name, PICTURES[name]())
    damaged = pack.read_bytes().replace(PICTURES["cat.png"]()[30:60], bytes(30))
    pack.write_bytes(damaged)
    (found,) = [one for one in findings(pack) if one.code == "image-unreadable"]
    assert (found.where, found.name) == ("emoji[0].image", "tabby")


def test_links_out_of_the_pack_and_pipes_are_not_files(tmp_path: Path) -> None:
    import os

    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "pack.toml").write_text(CASES[0].read_text("utf-8"), "utf-8")
    (tmp_path / "secret.png").write_bytes(b"")
    (pack / "out.png").symlink_to("../secret.png")
    (pack / ".git").mkdir()
    (pack / ".git" / "in.png").touch()
    os.mkfifo(pack / "pipe.png")
    assert dict(examine_pack(pack).files) == {}


def test_several_processes_find_what_one_finds(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}.png").write_bytes(encoded(ring(f"#{number:02x}8040"), "PNG"))
    rows = "".join(f'[[emoji]]\nname = "r{number}"\nimage = "{number}.png"\n' for number in range(60))
    (tmp_path / "pack.toml").write_text(f'[pack]\nschema = 1\nname = "rings"\n{rows}', "utf-8")
    reading = examine_pack(tmp_path)
    alone = look_at_images(reading.pack, reading.files, workers=1)
    assert look_at_images(reading.pack, reading.files, workers=2) == alone
    assert list(alone) == [f"{number}.png" for number in range(60)]


def test_a_process_that_dies_is_one_line() -> None:
    with pytest.raises(ImageError, match="a process was killed"):
        list(in_processes(die, [(9,)], workers=2))


def die(code: int) -> None:
    import os

    os._exit(code)


# The command.

run = partial(command_line.run, "pack", "check")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for case in CASES:
        lay_out(case, tmp_path)
    return tmp_path


def test_the_command(folder: Path) -> None:
    assert run("clean", cwd=folder) == (0, "", "0 errors, 0 warnings, 0 notes in 1 pack\n")
    code, out, err = run("files/", cwd=folder)
    assert (code, err) == (0, "0 errors, 3 warnings, 0 notes in 1 pack\n")
    assert out.splitlines() == [f"files/{line}" for line in expected(CASES[0].with_name("files.toml")).splitlines()]
    code, out, err = run("refused", "nope", "clean", cwd=folder)
    assert code == 2
    assert err.splitlines()[0] == "shortcodes: nope: there is no such file or folder"
    assert "refused/pack.toml: emoji[2].image (cow): error image-missing: 'cow.png' is not in the pack" in out
    assert run("refused", cwd=folder)[0] == 1


def test_json(folder: Path) -> None:
    code, out, _ = run("--json", "files", cwd=folder)
    assert code == 0
    assert json.loads(out.splitlines()[1]) == {
        "pack": "files",
        "file": "dog.png",
        "where": "",
        "emoji": "",
        "severity": "warning",
        "code": "file-unused",
        "message": "is no emoji's image; name it in pack.toml, or delete it",
    }


def test_without_images(folder: Path) -> None:
    assert run("--no-images", "images", cwd=folder)[:2] == (0, "")


def test_targets(folder: Path) -> None:
    code, out, _ = run("--target", "mastodon", "target", cwd=folder)
    assert code == 1
    assert "target/pack.toml: emoji[0].name (pika-pickaxe): error target-name: 'pika-pickaxe' has '-'" in out
    code, out, err = run("--target", "mastodont", "target", cwd=folder)
    assert (code, out) == (2, "")
    assert err.startswith("shortcodes: format 'mastodont' is not known; there are:")
