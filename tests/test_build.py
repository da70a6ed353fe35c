"""``shortcodes pack build``: the same bytes twice, only what changed, and never a broken pack."""

import io
import os
import pty
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from pictures import MARKS, animated, encoded, flat, moving, photo, plain_in, with_secrets
from shortcodes import read_pack
from shortcodes.errors import InputError, PackError
from shortcodes.images.build import BuildSettings, Built, build_pack, plan
from shortcodes.images.make import MakeSettings

COMMAND = [sys.executable, "-c", "from shortcodes.cli import main; main()", "pack", "build"]
SMALL = BuildSettings(MakeSettings(32))

FILES: dict[str, bytes] = {
    "cat.png": encoded(flat(1, 80), "PNG"),
    "cat.jpg": encoded(photo(1, 80, 60), "JPEG"),
    "Cat.webp": encoded(flat(2, 20), "WEBP"),
    "sub/party parrot.gif": animated(moving(1, 5, 80), "GIF"),
    "spin.webp": animated(moving(2, 4, 30), "WEBP"),
    "spin.png": encoded(flat(2, 30), "PNG"),
    "LICENSE": b"CC0",
    "notes.psd": b"8BPS",
}
MANIFEST = """\
[pack]
schema = 1
name = "cats"
license = "CC0-1.0"

[[emoji]]
name = "cat"
image = "cat.png"
alt = "a cat"

[[emoji]]
name = "photo"
image = "cat.jpg"
width = 80
height = 60

[[emoji]]
name = "Cat"
aliases = ["+1"]
image = "Cat.webp"
width = 24
height = 24
extra = { build = { twice = "gone.png" }, misskey = { id = "9" } }

[[emoji]]
name = "party"
image = "sub/party parrot.gif"

[[emoji]]
name = "spin"
image = "spin.webp"
static = "spin.png"

[[emoji]]
name = "cat_again"
image = "cat.png"

[[emoji]]
name = "far"
image = "https://example.org/far.gif"

[[emoji]]
name = "wave"
unicode = "👋"
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "cats", FILES)


def write_pack(folder: Path, files: dict[str, bytes], manifest: str = MANIFEST) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "pack.toml").write_text(manifest, "utf-8")
    return folder


def run(*arguments: str, cwd: Path) -> tuple[int, str, str]:
    done = subprocess.run([*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, by its path, as whoever serves the folder sees it."""
    return {
        str(file.relative_to(folder.resolve())): file.read_bytes()
        for file in folder.resolve().rglob("*")
        if file.is_file()
    }


# What comes out.


def test_what_is_published(pack: Path, tmp_path: Path) -> None:
    built = build_pack(pack, tmp_path / "out", SMALL)
    found = read_pack(tmp_path / "out")
    assert found == built.pack
    assert (built.images, built.made, built.bytes_out) == (6, 6, sum(map(len, contents(tmp_path / "out").values())))
    emoji = {one.name: one for one in found.emoji}
    assert {one.name: (one.image, one.static, one.width, one.height) for one in found.emoji} == {
        "cat": ("cat.png", None, 32, 32),
        "photo": ("cat-3.png", None, 32, 24),
        "Cat": ("Cat-2.png", None, 24, 24),
        "party": ("sub/party parrot.webp", "sub/party parrot-still.png", 32, 32),
        "spin": ("spin.webp", "spin.png", 30, 30),
        "cat_again": ("cat.png", None, 32, 32),
        "far": ("https://example.org/far.gif", None, None, None),
        "wave": (None, None, None, None),
    }
    assert emoji["party"].extra == {"build": {"gif": "sub/party parrot.gif"}}
    assert emoji["Cat"].extra == {"misskey": {"id": "9"}}
    assert emoji["Cat"].aliases == ("+1",)
    named = {file for one in found.emoji for file in (one.image, one.static) if file and "://" not in file}
    assert set(contents(tmp_path / "out")) == {*named, "sub/party parrot.gif", "pack.toml", "LICENSE"}
    for one in found.emoji:
        if one.image in named and one.name != "Cat":  # which says that it is shown larger than it is
            with Image.open(tmp_path / "out" / str(one.image)) as image:
                assert image.size == (one.width, one.height)


def test_each_image_is_one_task(pack: Path) -> None:
    tasks = plan(read_pack(pack))
    assert [(task.file, task.only_still, task.where) for task in tasks] == [
        ("Cat.webp", False, "emoji[2].image"),
        ("cat.jpg", False, "emoji[1].image"),
        ("cat.png", False, "emoji[0].image"),
        ("spin.png", True, "emoji[4].static"),
        ("spin.webp", False, "emoji[4].image"),
        ("sub/party parrot.gif", False, "emoji[3].image"),
    ]


def test_twice_hashed_and_sprite(pack: Path, tmp_path: Path) -> None:
    settings = BuildSettings(MakeSettings(32, twice=True), hashed=True, sprite=True)
    found = build_pack(pack, tmp_path / "out.zip", settings, as_zip=True).pack
    assert read_pack(tmp_path / "out.zip") == found
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        names = set(archive.namelist())
        cat = found.emoji[0]
        twice = cat.extra["build"]["twice"]
        assert Image.open(io.BytesIO(archive.read(twice))).size == (64, 64)
        sheet, style = found.extra["build"]["sprite"]
        css = archive.read(style).decode()
    assert {sheet, style, twice, str(cat.image)} <= names
    hashed = names - {"pack.toml", "LICENSE"}
    assert all(len(name.split(".")[-2]) == 12 and int(name.split(".")[-2], 16) for name in hashed)
    assert f'url("{sheet}")' in css
    assert ".emoji-Cat, .emoji-\\+1 { width: 20px; height: 20px;" in css


def test_a_build_can_be_built(pack: Path, tmp_path: Path) -> None:
    """What fits stays as it is."""
    build_pack(pack, tmp_path / "one", SMALL)
    build_pack(tmp_path / "one", tmp_path / "two", SMALL)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    images = {name for name in two if name.endswith((".png", ".webp"))}
    assert images
    assert [name for name in images if one[name] != two[name]] == []


def test_svg_becomes_png(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><rect width="4" height="2"/></svg>'
    manifest = '[pack]\nschema = 1\nname = "a"\n[[emoji]]\nname = "b"\nimage = "b.svg"\n'
    built = build_pack(write_pack(tmp_path / "a", {"b.svg": drawing}, manifest), tmp_path / "out", SMALL)
    assert [(one.image, one.width, one.height) for one in built.pack.emoji] == [("b.png", 32, 16)]
    assert not any(b"<svg" in content for content in contents(tmp_path / "out").values())


def test_nothing_but_pixels_is_published(tmp_path: Path) -> None:
    """No place, no camera, no name, no profile: of any type, smaller than it was or as large."""
    named = {f"e{number}": (kind.split()[-1], content) for number, (kind, content) in enumerate(with_secrets())}
    files = {f"{name}.{ending}": content for name, (ending, content) in named.items()}
    rows = "".join(f'\n[[emoji]]\nname = "{name}"\nimage = "{name}.{ending}"\n' for name, (ending, _) in named.items())
    write_pack(tmp_path / "a", files, f'[pack]\nschema = 1\nname = "a"\n{rows}')
    for size in (20, 128):
        build_pack(tmp_path / "a", tmp_path / f"{size}", BuildSettings(MakeSettings(size, twice=True), sprite=True))
        published = contents(tmp_path / f"{size}")
        assert len(published) > len(files)
        assert [(name, mark) for name, one in published.items() for mark in MARKS if mark in plain_in(one)] == []


# The same bytes, and only what changed.


@pytest.mark.parametrize("options", [[], ["--2x", "--hashed", "--sprite"]])
def test_two_builds_are_the_same(options: list[str], tmp_path: Path) -> None:
    """In one process and in two, from a folder and from a zip, to a folder and to a zip."""
    files = {**FILES, **{f"e{n}.png": encoded(flat(n, 60), "PNG") for n in range(16)}}
    manifest = MANIFEST + "".join(f'\n[[emoji]]\nname = "e{n}"\nimage = "e{n}.png"\n' for n in range(16))
    write_pack(tmp_path / "cats", files, manifest)
    with zipfile.ZipFile(tmp_path / "cats.zip", "w") as archive:
        for file in (tmp_path / "cats").rglob("*"):
            archive.write(file, file.relative_to(tmp_path))
    for source, target, jobs in (
        ("cats", "a", 1),
        ("cats.zip", "b", 2),
        ("cats", "a.zip", 2),
        ("cats.zip", "b.zip", 1),
    ):
        assert run(source, "-o", target, "--size", "32", "--jobs", str(jobs), *options, cwd=tmp_path)[0] == 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == contents(tmp_path / "a")


@pytest.mark.parametrize("target", ["out", "out.zip"])
def test_only_what_changed_is_made(target: str, pack: Path, tmp_path: Path) -> None:
    def again(settings: BuildSettings = SMALL) -> Built:
        return build_pack(pack, tmp_path / target, settings, as_zip=target.endswith(".zip"))

    assert again().made == 6
    stamp = (tmp_path / target).lstat()
    assert (again().made, again().bytes_out) == (0, 0)
    assert (tmp_path / target).lstat() == stamp
    (pack / "cat.png").write_bytes(encoded(flat(9, 80), "PNG"))
    assert again().made == 1
    (pack / "LICENSE").write_bytes(b"CC0-1.0")
    assert (again().made, again().made) == (0, 0)
    (pack / "pack.toml").write_text(MANIFEST.replace("a cat", "the cat"), "utf-8")
    assert again().made == 0
    assert read_pack(tmp_path / target).emoji[0].alt == "the cat"
    assert again(SMALL._replace(hashed=True)).made == 0
    assert again(BuildSettings(MakeSettings(16))).made == 6


@pytest.mark.parametrize("target", ["out", "out.zip"])
def test_what_was_lost_is_made_again(target: str, pack: Path, tmp_path: Path) -> None:
    def again() -> Built:
        return build_pack(pack, tmp_path / target, SMALL, as_zip=target.endswith(".zip"))

    again()
    whole = contents(tmp_path / target) or (tmp_path / target).read_bytes()
    workshop = tmp_path / f".{target}.build"
    for number, file in enumerate(sorted((workshop / "cache").iterdir())):  # cut off, changed, and gone
        content = file.read_bytes()
        file.write_bytes((content[:-3], content[:-1] + bytes([content[-1] ^ 1]), b"")[number % 3])
    if target == "out":
        (tmp_path / target / "spin.webp").unlink()
    else:
        (tmp_path / target).write_bytes(b"PK")
    assert again().made == 6
    assert (contents(tmp_path / target) or (tmp_path / target).read_bytes()) == whole
    assert again().bytes_out == 0


def test_nothing_old_stays_in_the_workshop(pack: Path, tmp_path: Path) -> None:
    for size in (16, 32, 24):
        build_pack(pack, tmp_path / "out", BuildSettings(MakeSettings(size)))
        workshop = tmp_path / ".out.build"
        assert sorted(file.name for file in workshop.iterdir()) == sorted(
            ["cache", "lock", (tmp_path / "out").resolve().name]
        )
        assert len(list((workshop / "cache").iterdir())) == 6


# What is wrong. What ends a build half way is in test_crashes.py.


@pytest.mark.parametrize("target", ["out", "out.zip"])
def test_everything_wrong_is_listed_and_the_old_build_stays(target: str, pack: Path, tmp_path: Path) -> None:
    assert run("cats", "-o", target, "--size", "32", cwd=tmp_path)[0] == 0
    before = contents(tmp_path / target) or (tmp_path / target).read_bytes()
    (pack / "cat.png").write_bytes(FILES["cat.jpg"])
    (pack / "spin.png").write_bytes(FILES["spin.png"][:-40])
    (pack / "sub" / "party parrot.gif").write_bytes(b"%PDF-1.7")
    code, out, err = run("cats", "-o", target, "--size", "32", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "pack 'cats': emoji[0].image: 'cat.png' is a JPEG, but its name says 'png'; rename it to 'cat.jpeg'",
        "pack 'cats': emoji[4].static: 'spin.png' is cut off: it ends in its header; get the whole file",
        ("pack 'cats': emoji[3].image: 'sub/party parrot.gif' is a PDF; write a PNG, APNG, GIF, WebP, JPEG or AVIF"),
    ]
    assert (contents(tmp_path / target) or (tmp_path / target).read_bytes()) == before


def test_limits_are_adjustable(pack: Path, tmp_path: Path) -> None:
    limits = ["--max-bytes", "100000", "--max-pixels", "6399", "--max-frames", "4"]
    code, _, err = run("cats", "-o", "out", *limits, cwd=tmp_path)
    assert code == 2
    assert err.splitlines() == [
        "pack 'cats': emoji[0].image: 'cat.png' is 80×80 pixels, 6,400 in all; 6,399 are allowed",
        "pack 'cats': emoji[3].image: 'sub/party parrot.gif' is 80×80 pixels, 6,400 in all; 6,399 are allowed",
    ]
    assert not (tmp_path / "out").exists()
    assert run("cats", "-o", "out", "--max-frames", "4", cwd=tmp_path)[2].count("has 5 frames; 4 are allowed") == 1
    assert pack.exists()


REFUSED: dict[str, tuple[list[str], str]] = {
    "no pack": (["nope"], "shortcodes: nope: there is no such file or folder"),
    "no pack, and a target": (["nope", "-o", "out"], "shortcodes: nope: there is no such file or folder"),
    "a folder of others": (
        ["cats", "-o", "full"],
        "shortcodes: full: is a folder that was not built here; name a new one, or write a zip",
    ),
    "its own folder": (
        ["cats", "-o", "cats"],
        "shortcodes: cats: is a folder that was not built here; name a new one, or write a zip",
    ),
    "a file": (["cats", "-o", "file"], "shortcodes: file: is a file; name a folder, or write a zip"),
    "a link of others": (
        ["cats", "-o", "link"],
        "shortcodes: link: is a link to something that was not built here; name another folder",
    ),
    "a folder in place of a zip": (
        ["cats", "-o", "empty", "--zip"],
        "shortcodes: empty: is a folder; name a zip to write",
    ),
    "nowhere": (
        ["cats", "-o", "no/out"],
        "shortcodes: no/out: cannot be written: there is no folder no",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_targets_that_are_refused(name: str, pack: Path, tmp_path: Path) -> None:
    for folder in ("full", "empty"):
        (tmp_path / folder).mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", "utf-8")
    (tmp_path / "file").write_text("mine", "utf-8")
    (tmp_path / "link").symlink_to("full")
    before = contents(tmp_path)
    arguments, message = REFUSED[name]
    assert run(*arguments, cwd=tmp_path) == (2, "", message + "\n")
    assert contents(tmp_path) == before
    assert not list(tmp_path.glob(".*"))
    assert pack.exists()


def test_an_empty_folder_may_be_the_target(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    build_pack(pack, tmp_path / "out", SMALL)
    assert (tmp_path / "out").is_symlink()
    assert len(read_pack(tmp_path / "out").emoji) == 8


def test_two_builds_at_once(pack: Path, tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    build_pack(pack, tmp_path / "out", SMALL)
    with (tmp_path / ".out.build" / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InputError, match=r"is being built by another process; wait for it$"):
            build_pack(pack, tmp_path / "out", SMALL)


def test_a_pack_that_cannot_be_used(tmp_path: Path) -> None:
    manifest = '[pack]\nschema = 1\nname = "a"\n[[emoji]]\nname = "b"\nimage = "../b.png"\n'
    write_pack(tmp_path / "a", {}, manifest)
    with pytest.raises(PackError, match="leaves the pack"):
        build_pack(tmp_path / "a", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_hostile_names_stay_in_their_css(tmp_path: Path) -> None:
    """Names have letters only, but whoever writes CSS does not rely on it; files may have quotes and braces."""
    manifest = '[pack]\nschema = 1\nname = "a"\n[[emoji]]\nname = "猫+1"\nimage = "a\'){}<b>.png"\n'
    write_pack(tmp_path / "a", {"a'){}<b>.png": FILES["cat.png"]}, manifest)
    build_pack(tmp_path / "a", tmp_path / "out", SMALL._replace(sprite=True))
    css = (tmp_path / "out" / "sprite.css").read_text("utf-8")
    assert css.splitlines()[1] == ".emoji-猫\\+1 { width: 32px; height: 32px; background-position: 0 0; }"


# At the command line.


def test_summary_and_default_target(pack: Path, tmp_path: Path) -> None:
    code, out, err = run("cats", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert out.startswith("dist/cats: 8 emoji, 6 images, 6 made anew; ")
    assert run("cats", cwd=tmp_path)[1] == "dist/cats: 8 emoji, 6 images, nothing has changed\n"
    assert run("cats", "--zip", cwd=tmp_path)[1].startswith("dist/cats.zip: 8 emoji")
    assert read_pack(tmp_path / "dist" / "cats.zip").emoji == read_pack(tmp_path / "dist" / "cats").emoji
    assert pack.exists()


def test_progress_is_for_terminals(pack: Path, tmp_path: Path) -> None:
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, str(pack), "-o", "out"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=child
    )
    os.close(child)
    shown = b""
    while True:
        try:
            chunk = os.read(parent, 4096)
        except OSError:  # the terminal is closed when the process ends
            break
        if not chunk:
            break
        shown += chunk
    os.close(parent)
    assert process.wait() == 0
    assert b"Images" in shown
