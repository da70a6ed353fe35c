"""Editing packs: what a person wrote stays, no edit is lost, and what fails changes nothing.

A case of ``fixtures/packs/edit`` is a manifest before, the command with what it prints, and the manifest after; without
that, nothing changes. A command that fails prints its errors alone.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from shortcodes import Emoji, PackError, read_pack
from shortcodes.cli import run
from shortcodes.emoji import name_problem
from shortcodes.errors import InputError
from shortcodes.packs import edit
from shortcodes.packs.edit import add_emoji, derived_name, remove_emoji, rename_emoji, retire_emoji
from shortcodes.packs.layout import entries_of
from test_write import contents, small_disk

__all__ = ["small_disk"]  # a fixture

CASES = sorted((Path(__file__).parent / "fixtures" / "packs" / "edit").iterdir())
HAND = (CASES[0].parent / "rename" / "before.toml").read_text("utf-8")


def lay_out(folder: Path, manifest: str | bytes) -> Path:
    pack = folder / "cats"
    (pack / "images").mkdir(parents=True)
    (pack / "pack.toml").write_bytes(manifest.encode() if isinstance(manifest, str) else manifest)
    for name in ("tabby.png", "void.gif", "void.png"):
        (pack / "images" / name).write_bytes(name.encode())
    return pack


@pytest.fixture
def cats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack that was written by hand, in the folder that commands run in."""
    monkeypatch.chdir(tmp_path)
    return lay_out(tmp_path, HAND)


Shell = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def shell(capfd: pytest.CaptureFixture[str]) -> Shell:
    """Run ``shortcodes pack``: its exit code, and what it prints to both."""

    def called(command: str) -> tuple[int, str, str]:
        code = run(["pack", *shlex.split(command)])
        return code, *capfd.readouterr()

    return called


# Cases.


@pytest.mark.parametrize("style", ["as it is", "Windows", "byte order mark"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Path, style: str, tmp_path: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def styled(text: bytes) -> bytes:
        return {"Windows": text.replace(b"\n", b"\r\n"), "byte order mark": b"\xef\xbb\xbf" + text}.get(style, text)

    monkeypatch.chdir(tmp_path)
    pack = lay_out(tmp_path, styled((case / "before.toml").read_bytes()))
    before = contents(tmp_path)
    command, _, expected = (case / "command").read_text("utf-8").partition("\n")
    code, out, err = shell(command.removeprefix("$ shortcodes pack "))
    assert out + err == expected
    after = case / "after.toml"
    changed = {"cats/pack.toml": styled(after.read_bytes())} if after.exists() else {}
    if style == "Windows" and not (case / "before.toml").read_bytes().endswith(b"\n"):
        pytest.skip("has no end of line to go by")
    assert contents(tmp_path) == before | changed
    if code == 0:
        read_pack(pack)
    else:
        assert (code, out, changed) == (2, "", {})


def test_there_are_cases() -> None:
    assert {case.name for case in CASES if not (case / "after.toml").exists()} > {"rename-taken", "dry-run"}
    assert {word for case in CASES for word in (case / "command").read_text("utf-8").split()[3:4]} == {
        *("rename", "retire", "remove")
    }


# What a person wrote.

fields = st.sampled_from(
    ['alt = "a # b"', "width = 64", "keywords = [\n  'x', # y\n\n  '[[emoji]]' ]", 'category = """\n[a]\n"""']
)
notes = st.sampled_from(["# note", "", "  # [[emoji]]", "\t", "# name = 'x'"])


@st.composite
def manifests(draw: st.DrawFn) -> str:
    def noted() -> list[str]:
        return draw(st.lists(notes, max_size=3))

    lines = [*noted(), "[pack]", *noted(), "schema = 1", 'name = "cats"', *noted()]
    for number in range(draw(st.integers(1, 4))):
        lines += ["[[emoji]]", *noted(), f"name = 'e{number}'  # {number}", *noted(), "unicode = '🐱'"]
        for field in draw(st.lists(fields, unique=True)):
            lines += [*noted(), field]
        if draw(st.booleans()):
            lines += [*noted(), "[emoji.extra.x]", *noted(), "y = [[1], {}]"]
        lines += noted()
    return "\n".join(lines) + draw(st.sampled_from(["", "\n"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(manifest=manifests(), which=st.integers(0, 3), how=st.sampled_from(["rename", "retire", "remove", "add"]))
def test_all_else_stays_byte_for_byte(manifest: str, which: int, how: str, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "cats", ignore_errors=True)
    pack = lay_out(tmp_path, manifest)
    there = read_pack(pack).emoji
    name = there[which % len(there)].name
    entry = entries_of(manifest)[which % len(there)]
    if how == "rename":
        rename_emoji(pack, name, "new")
    elif how == "retire":
        retire_emoji(pack, [name])
    elif how == "remove":
        remove_emoji(pack, [name])
    else:
        add_emoji(pack, [Emoji("new", "🐾")])
    after = (pack / "pack.toml").read_bytes().decode()
    if how == "add":
        assert after.startswith(manifest)
    elif how == "remove":
        assert after.startswith(manifest[: entry.start].rstrip())
        assert after.rstrip().endswith(manifest[entry.end :].strip())
        assert [one.name for one in read_pack(pack).emoji] == [one.name for one in there if one.name != name]
    else:
        assert after.startswith(manifest[: entry.heading])
        assert after.endswith(manifest[entry.fields :])
        own = [line for line in manifest[entry.heading : entry.fields].splitlines() if not line.startswith("name")]
        left = iter(after[entry.heading :].splitlines())
        assert all(line in left for line in own)  # in this order
    if how == "retire":
        retire_emoji(pack, [name], undo=True)
        assert (pack / "pack.toml").read_bytes().decode().rstrip("\n") == manifest.rstrip("\n")


# Names of files.


@given(st.text(max_size=140))
def test_a_derived_name_is_one_or_none(text: str) -> None:
    name = derived_name(text)
    assert not name or name_problem(name) is None or len(name) > 128
    assert derived_name(name) == name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("tabby", "tabby"),
        ("Tabby Cat", "Tabby_Cat"),
        ("tabby   cat (1)", "tabby_cat_1"),
        ("party.parrot", "party_parrot"),
        ("+1", "+1"),
        ("-1", "-1"),
        ("t-rex", "t-rex"),
        ("l'été", "lété"),
        ("cafe\u0301", "café"),
        ("猫 2", "猫_2"),
        ("a\u200bb\u202ec", "abc"),
        ("<img src=x>", "img_srcx"),
        ("_._", ""),
        ("🐱", ""),
        ("", ""),
    ],
)
def test_derived_names(file: str, name: str) -> None:
    assert derived_name(file) == name


# Adding.


@pytest.fixture
def drawings(cats: Path) -> Path:
    """Images beside the pack, in a folder that has other things, too."""
    folder = cats.parent / "drawings"
    (folder / "more").mkdir(parents=True)
    (folder / ".thumbnails").mkdir()
    for number, name in enumerate(["Sleepy Cat.png", "more/l'été.webp", "D.gif", "d.gif", ".thumbnails/x.png"]):
        Image.new("RGB", (10 + number, 20), (40 * number, 0, 0)).save(folder / name)
    (folder / "notes.txt").write_text("x")
    (folder / "._D.gif").write_bytes(b"\0\5\26\7")
    return folder


def test_add_says_what_it_derived(drawings: Path, cats: Path, shell: Shell) -> None:
    before = (cats / "pack.toml").read_text("utf-8")
    code, out, err = shell("add cats drawings --category new --keyword k")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "added :D: as images/D.gif, 12×20",
        "added :Sleepy_Cat: from drawings/Sleepy Cat.png as images/Sleepy_Cat.png, 10×20",
        "added :d: from drawings/d.gif as images/d_2.gif, 13×20",
        "added :lété: from drawings/more/l'été.webp as images/lété.webp, 11×20",
    ]
    added = read_pack(cats).emoji[3:]
    assert added[1] == Emoji(
        "Sleepy_Cat", image="images/Sleepy_Cat.png", width=10, height=20, category="new", keywords=("k",)
    )
    assert (cats / "images" / "d_2.gif").read_bytes() == (drawings / "d.gif").read_bytes()
    assert (cats / "pack.toml").read_text("utf-8").startswith(before)

    there = contents(cats)
    code, out, err = shell("add cats drawings 'drawings/*.png'")
    assert (code, out) == (0, "")
    assert len(err.splitlines()) == 4
    assert err.startswith("drawings/D.gif: is in the pack already, as :D:\n")
    assert contents(cats) == there


def test_add_one(drawings: Path, cats: Path, shell: Shell) -> None:
    assert drawings
    code, out, _ = shell("add cats drawings/D.gif --name :big-d: --alt 'a D' --alias dee --alias :DD:")
    assert (code, out) == (0, "added :big-d: from drawings/D.gif as images/big-d.gif, 12×20\n")
    assert read_pack(cats).emoji[-1] == Emoji(
        "big-d", image="images/big-d.gif", aliases=("dee", "DD"), alt="a D", width=12, height=20
    )
    code, _, err = shell("add cats drawings --name d")
    assert code == 2
    assert "--name, --alt and --alias are for one image; there are 4" in err


def test_add_takes_what_lies_in_the_pack(cats: Path, shell: Shell) -> None:
    Image.new("RGB", (5, 6)).save(cats / "images" / "new one.png")
    Image.new("RGB", (5, 6)).save(cats / "images" / "tabby.png")
    code, out, err = shell("add cats 'cats/images/*.png'")
    assert (code, out) == (2, "")
    assert err.startswith("pack 'cats': cats/images/void.png: is not an image that we know; ")
    Image.new("RGB", (5, 6)).save(cats / "images" / "void.png")
    code, out, err = shell("add cats 'cats/images/*.png'")
    assert (code, out) == (0, "added :new_one: as images/new one.png, 5×6\n")
    assert read_pack(cats).emoji[-1].image == "images/new one.png"
    assert err.splitlines() == [
        "cats/images/tabby.png: is in the pack already, as :tabby:",
        "cats/images/void.png: is in the pack already, as :void:",
    ]
    assert sorted(os.listdir(cats / "images")) == ["new one.png", "tabby.png", "void.gif", "void.png"]


def test_add_uses_what_a_killed_command_left(drawings: Path, cats: Path, shell: Shell) -> None:
    shutil.copyfile(drawings / "D.gif", cats / "images" / "D.gif")
    (cats / "images" / "Sleepy_Cat.png").write_bytes(b"another")
    assert "as images/D.gif" in shell("add cats drawings/D.gif")[1]
    assert "as images/Sleepy_Cat_2.png" in shell("add cats 'drawings/Sleepy Cat.png'")[1]


def test_add_refuses_all_or_nothing(drawings: Path, cats: Path, shell: Shell) -> None:
    (drawings / "page.png").write_text("<html>")
    (drawings / "lying.png").write_bytes((drawings / "D.gif").read_bytes())
    (drawings / "cut.png").write_bytes((drawings / "Sleepy Cat.png").read_bytes()[:60])
    (drawings / "void.gif").write_bytes((drawings / "D.gif").read_bytes())
    (drawings / "🐱.png").write_bytes((drawings / "Sleepy Cat.png").read_bytes())
    (drawings / ("x" * 129 + ".png")).write_bytes((drawings / "Sleepy Cat.png").read_bytes())
    os.mkfifo(drawings / "pipe.png")
    (drawings / "gone.png").symlink_to("nowhere")
    before = contents(cats)
    code, out, err = shell("add cats drawings")
    assert (code, out) == (2, "")
    wrong = dict(re.findall(r"(?m)^pack 'cats': drawings/(.*?\.png): (.*)$", err))
    assert len(wrong) == len(err.splitlines()) == 7
    assert wrong.pop("x" * 129 + ".png").endswith("which is 129 characters long; 128 are allowed; say --name")
    assert wrong.pop("cut.png").startswith("is ")
    assert wrong == {
        "page.png": "is a page or other markup; write a PNG, APNG, GIF, WebP, JPEG or AVIF",
        "lying.png": "is a GIF, but its name says 'png'; rename it to 'lying.gif'",
        "🐱.png": "gives no name; say --name",
        "pipe.png": "is no plain file; name an image, or a folder of them",
        "gone.png": "is no plain file; name an image, or a folder of them",
    }
    assert contents(cats) == before
    code, _, err = shell(
        "add cats drawings/void.gif drawings/D.gif drawings/more ./drawings/D.gif cats/../drawings/d.gif"
    )
    assert (code, err) == (2, "pack 'cats': drawings/void.gif: gives the name :void:, which the pack has; say --name\n")
    (cats.parent / "empty").mkdir()
    (drawings / "more" / "D.gif").write_bytes((drawings / "d.gif").read_bytes())
    code, _, err = shell("add cats drawings/more/D.gif drawings/D.gif")
    assert (code, err) == (
        2,
        "pack 'cats': drawings/D.gif: gives the name :D:, and so does drawings/more/D.gif; rename one\n",
    )
    assert contents(cats) == before
    for command, message in {
        "add cats nothing.png": "pack 'cats': nothing.png: No such file or directory",
        "add cats '*.webp'": "shortcodes: *.webp: no file is named so",
        "add cats empty": "shortcodes: no image is there: empty; they end in .png, .apng, ",
        "add dogs drawings": "shortcodes: dogs: there is no such file or folder",
        "add cats drawings/D.gif --name 'a b'": "pack 'cats': drawings/D.gif: 'a b' has ' ' (U+0020)",
        "add cats drawings/D.gif --alias void": "pack 'cats': emoji[3].aliases[0]: 'void' is already taken by emoji[1]",
        "add cats drawings/D.gif --alt '\u202e'": "pack 'cats': emoji[3].alt: has the invisible character U+202E",
        "add cats drawings/.thumbnails/..notes": "pack 'cats': drawings/.thumbnails/..notes: No such file",
    }.items():
        code, _, err = shell(command)
        assert code == 2
        assert err.startswith(message)
    assert contents(cats) == before


def test_add_to_a_zip(cats: Path, drawings: Path, shell: Shell) -> None:
    archive = shutil.make_archive("packed", "zip", cats)
    assert drawings
    code, _, err = shell("add packed.zip drawings")
    assert (code, err) == (2, "shortcodes: packed.zip: is a file; to edit a zip, unpack it\n")
    assert Path(archive).exists()


def test_nothing_is_replaced_and_nothing_leads_out(cats: Path) -> None:
    before = contents(cats.parent)
    new = Emoji("new", image="images/tabby.png")
    with pytest.raises(InputError, match=r"images/tabby.png: is there already; give the new file another name"):
        add_emoji(cats, [new], {"images/tabby.png": lambda: b"x"})
    with pytest.raises(PackError, match="leaves the pack"):
        add_emoji(cats, [new], {"../x.png": lambda: b"x"})
    (cats.parent / "elsewhere").mkdir()
    (cats / "art").symlink_to("../elsewhere")
    with pytest.raises(InputError, match=r"art/x.png: cannot be written: its folder is a link that leads out"):
        add_emoji(cats, [Emoji("new", image="art/x.png")], {"art/x.png": lambda: b"x"})
    (cats / "art").unlink()
    assert contents(cats.parent) == before


def test_what_fails_half_way_leaves_nothing(cats: Path) -> None:
    def cut_off() -> bytes:
        raise InputError("is cut off")

    before = contents(cats)
    files = {"deep/er/a.png": lambda: b"a", "deep/z.png": cut_off}
    with pytest.raises(InputError, match="is cut off"):
        add_emoji(cats, [Emoji("a", image="deep/er/a.png"), Emoji("z", image="deep/z.png")], files)
    assert contents(cats) == before
    assert sorted(os.listdir(cats)) == ["images", "pack.toml"]


# Removing.


def test_remove_deletes_images_that_nobody_else_has(cats: Path, shell: Shell) -> None:
    add_emoji(cats, [Emoji("shadow", image="images/void.png")])
    code, out, _ = shell("remove cats void tabby --files --dry-run")
    assert (code, len(contents(cats))) == (0, 4)
    assert "would be done: deleted images/tabby.png" in out
    code, out, err = shell("remove cats void tabby --files")
    assert code == 0
    assert out.splitlines()[2:] == ["deleted images/tabby.png", "deleted images/void.gif"]
    assert "no emoji has" not in err
    assert set(contents(cats)) == {"images/void.png", "pack.toml"}


def test_remove_deletes_nothing_outside(cats: Path, shell: Shell) -> None:
    (cats.parent / "shared").mkdir()
    shutil.move(cats / "images" / "tabby.png", cats.parent / "shared")
    (cats / "images" / "tabby.png").symlink_to("../../shared/tabby.png")
    (cats / "pack.toml").write_text(HAND + '[[emoji]]\nname = "far"\nimage = "art/tabby.png"\n', "utf-8")
    (cats / "art").symlink_to("../shared")
    code, out, err = shell("remove cats tabby far --files")
    assert code == 0, err
    assert "art/tabby.png is not deleted: its folder is a link that leads out of the pack" in err
    assert (cats.parent / "shared" / "tabby.png").exists()
    assert not (cats / "images" / "tabby.png").is_symlink()
    assert "deleted images/tabby.png" in out


# Beginning.


def test_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: Shell) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = shell("new 'My cats' --title 'The \"cats\"' --license CC0-1.0 --author 'A \\ B' --author Z")
    assert code == 0
    assert out.startswith("began the pack My_cats in My cats;")
    pack = read_pack("My cats")
    assert pack._replace(emoji=()) == pack
    assert (pack.name, pack.title, pack.authors) == ("My_cats", 'The "cats"', ("A \\ B", "Z"))
    assert run(["pack", "new", "plain"]) == 0
    text = (tmp_path / "plain" / "pack.toml").read_text("utf-8")
    assert '# license = "CC0-1.0"' in text
    uncommented = re.sub(r"(?m)^# (?=\S+ = |\[\[)", "", text)
    (tmp_path / "plain" / "images").mkdir()
    (tmp_path / "plain" / "images" / "tabby.png").touch()
    (tmp_path / "plain" / "pack.toml").write_text(uncommented, "utf-8")
    (tabby,) = read_pack("plain").emoji  # what the comments show is right
    assert tabby.names == ("tabby", "ginger-cat")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("cats", "shortcodes: cats/pack.toml: is there already; add to it, or name another folder"),
        ("'🐱'", "shortcodes: 🐱: gives no name; name the pack"),
        ("no/such/folder", "shortcodes: no/such/folder: cannot be written: No such file or directory"),
        ("x --name 'a b'", "pack 'a b': pack.name: 'a b' has ' ' (U+0020), which may not stand in a name"),
        ("x --title 'a\u202eb'", "pack 'x': pack.title: has the invisible character U+202E; leave it out"),
        ("cats/pack.toml", "shortcodes: cats/pack.toml: cannot be written: File exists"),
    ],
)
def test_new_where_it_cannot_be(arguments: str, message: str, cats: Path, shell: Shell) -> None:
    before = contents(cats.parent)
    code, out, err = shell(f"new {arguments}")
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert contents(cats.parent) == before
    assert os.listdir(cats.parent) == ["cats"]


# Two at once.


def _add(pack: Path, number: int) -> None:
    add_emoji(pack, [Emoji(f"new{number}", image=f"images/{number}.png")], {f"images/{number}.png": lambda: b"x"})


def test_no_edit_is_lost(cats: Path) -> None:
    with ProcessPoolExecutor(4, get_context("spawn")) as processes:
        list(processes.map(_add, [cats] * 24, range(24)))
    assert {one.name for one in read_pack(cats).emoji} >= {f"new{number}" for number in range(24)}
    assert sorted(os.listdir(cats)) == ["images", "pack.toml"]


def test_an_editor_that_saves_meanwhile_is_not_overwritten(cats: Path) -> None:
    saved = HAND.replace("the best one", "the very best one")

    def save() -> bytes:
        (cats / "pack.toml").write_text(saved, "utf-8")
        return b"x"

    with pytest.raises(InputError, match="was changed by somebody else meanwhile; try again"):
        add_emoji(cats, [Emoji("new", image="images/n.png")], {"images/n.png": save})
    assert (cats / "pack.toml").read_text("utf-8") == saved
    assert sorted(os.listdir(cats)) == ["images", "pack.toml"]
    assert not (cats / "images" / "n.png").exists()


def test_an_edit_does_not_wait_for_ever(cats: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(edit, "_PATIENCE", 0.1)
    descriptor = os.open(cats, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with pytest.raises(InputError, match="another command is editing this pack; try again later"):
            rename_emoji(cats, "void", "nox")
    finally:
        os.close(descriptor)
    assert (cats / "pack.toml").read_text("utf-8") == HAND


RENAME_FOR_EVER = """
import sys
from shortcodes.packs.edit import rename_emoji
print("go", flush=True)
while True:
    rename_emoji(sys.argv[1], "void", "nox")
    rename_emoji(sys.argv[1], "nox", "void")
"""


def test_killed_at_any_moment_the_pack_is_whole(cats: Path) -> None:
    for number in range(20):
        process = subprocess.Popen([sys.executable, "-c", RENAME_FOR_EVER, cats], stdout=subprocess.PIPE)
        assert process.stdout
        process.stdout.readline()
        time.sleep(0.003 * number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert {"void", "nox"} & set(read_pack(cats).emoji[1].names)
    retire_emoji(cats, ["tabby"])
    assert sorted(os.listdir(cats)) == ["images", "pack.toml"]  # what they left is gone


# Links, and disks that are full or may not be written.


def test_a_link_to_the_manifest_or_to_the_pack_stays(cats: Path) -> None:
    shutil.move(cats / "pack.toml", cats / "kept.toml")
    (cats / "pack.toml").symlink_to("kept.toml")
    (cats.parent / "link").symlink_to("cats")
    rename_emoji(cats.parent / "link", "void", "nox")
    assert (cats / "pack.toml").is_symlink()
    assert 'name = "nox"' in (cats / "kept.toml").read_text("utf-8")


def test_permissions_stay(cats: Path) -> None:
    (cats / "pack.toml").chmod(0o640)
    rename_emoji(cats, "void", "nox")
    assert (cats / "pack.toml").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("remount", ["ro", ""])
def test_a_disk_that_cannot_be_written(remount: str, small_disk: Path, shell: Shell) -> None:
    pack = lay_out(small_disk, HAND)
    Image.effect_noise((900, 900), 100).save(small_disk.parent / "big.png")
    before = contents(pack)
    if remount:
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    code, out, err = shell(f"add {shlex.quote(str(pack))} {shlex.quote(str(small_disk.parent / 'big.png'))}")
    reason = "Read-only file system" if remount else "No space left on device"
    assert (code, out, err) == (2, "", f"shortcodes: {pack}: cannot be written: {reason}\n")
    assert contents(pack) == before
    if remount:
        code, out, err = shell(f"new {shlex.quote(str(pack.parent / 'dogs'))}")
        assert (code, out, err) == (2, "", f"shortcodes: {pack.parent / 'dogs'}: cannot be written: {reason}\n")
        code, out, err = shell(f"rename {shlex.quote(str(pack))} void nox")
        assert (code, out, err) == (2, "", f"shortcodes: {pack / 'pack.toml'}: cannot be written: {reason}\n")


@pytest.fixture
def unprivileged(cats: Path) -> Iterator[Path]:
    """A folder that its owner may not write."""
    if os.getuid() == 0:
        pytest.skip("root may write it all the same")
    cats.chmod(0o555)
    yield cats
    cats.chmod(0o755)


def test_a_folder_that_may_not_be_written(unprivileged: Path, shell: Shell) -> None:
    assert shell("rename cats void nox")[2] == "shortcodes: cats/pack.toml: cannot be written: Permission denied\n"
    assert (unprivileged / "pack.toml").read_text("utf-8") == HAND


def test_a_big_pack_is_edited_in_a_moment(tmp_path: Path) -> None:
    manifest = '[pack]\nschema = 1\nname = "big"\n' + "".join(
        f'\n# {i}\n[[emoji]]\nname = "e{i}" # x\nunicode = "🐱"\nkeywords = ["a", "b"]\n' for i in range(2_000)
    )
    pack = lay_out(tmp_path, manifest)
    began = time.monotonic()
    rename_emoji(pack, "e1000", "new")
    assert time.monotonic() - began < 5
    assert (pack / "pack.toml").read_text("utf-8").count("# ") == 4_000
