"""Writing packs: what is written is read as it was, appears whole or not at all, and nowhere else."""

import json
import math
import os
import shutil
import stat
import subprocess
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortcodes import Emoji, Pack, PackError, read_pack
from shortcodes.emoji import name_problem
from shortcodes.errors import ImageError, InputError
from shortcodes.packs.to_toml import to_toml
from shortcodes.packs.write import write_files, write_folder, write_zip
from test_manifest import GOOD, lay_out

CAT = Emoji("cat", image="images/cat.png", static="images/still/cat.png")
FILES = {"images/cat.png": lambda: b"cat", "images/still/cat.png": lambda: b"still", "LICENSE": lambda: b"CC0"}
CATS = Pack("cats", (CAT, Emoji("paw", "🐾")), version="1", license="CC0-1.0")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() or file.is_symlink()
    }


# Manifests.

_HIDDEN = "\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\ufeff"
any_text = st.text(st.characters(exclude_categories=["Cs"]))
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"], include_characters="\t\n"), max_size=20
)
filled = texts.filter(bool)
names = st.text(st.characters(categories=["L", "Nd"], include_characters="_+-"), min_size=1, max_size=8).filter(
    lambda name: name_problem(name) is None
)
values = st.recursive(
    any_text
    | st.integers()
    | st.floats(allow_nan=False)
    | st.booleans()
    | st.dates()
    | st.times()
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)
extras = st.dictionaries(any_text, st.dictionaries(any_text, values, max_size=3), max_size=2)
pixels = st.none() | st.integers(1, 10_000)
alts = texts | st.dictionaries(st.sampled_from(["en", "de", "pt-BR", "zh-Hant-TW"]), filled, min_size=1)


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    own = draw(st.lists(st.lists(names, min_size=1, max_size=3), max_size=5))
    seen: set[str] = set()
    emoji: list[Emoji] = []
    for group in own:
        fresh = [name for name in dict.fromkeys(group) if name not in seen]
        seen |= set(fresh)
        if fresh:
            image = draw(st.none() | st.just("https://e.org/a.png?b=c#d") | st.just("images/cat.png"))
            emoji.append(
                Emoji(
                    fresh[0],
                    unicode=None if image else draw(st.sampled_from(["🐾", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "👩‍💻", "❤️"])),
                    image=image,
                    static=draw(st.none() | st.just("images/cat.png")) if image else None,
                    aliases=tuple(fresh[1:]),
                    alt=draw(alts),
                    category=draw(texts),
                    keywords=tuple(draw(st.lists(filled, max_size=3))),
                    width=draw(pixels),
                    height=draw(pixels),
                    sensitive=draw(st.booleans()),
                    retired=draw(st.booleans()),
                    extra=draw(extras),
                )
            )
    return Pack(
        draw(names),
        tuple(emoji),
        version=draw(texts),
        title=draw(texts),
        license=draw(texts),
        authors=tuple(draw(st.lists(filled, max_size=3))),
        homepage=draw(st.sampled_from(["", "https://e.org/"])),
        base_url=draw(st.sampled_from(["", "/static/", "mxc://e.org/x"])),
        extra=draw(extras),
    )


@settings(deadline=None)
@given(packs())
def test_what_is_written_is_read_as_it_was(pack: Pack) -> None:
    manifest = to_toml(pack)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "images").mkdir()
        (Path(folder) / "images" / "cat.png").touch()
        (Path(folder) / "pack.toml").write_bytes(manifest.encode())
        again = read_pack(folder)
    assert again == pack
    assert to_toml(again) == manifest
    assert not any(hidden in manifest for hidden in _HIDDEN)
    assert "\r" not in manifest


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.stem)
def test_every_good_manifest_can_be_written_again(case: Path, tmp_path: Path) -> None:
    pack = read_pack(lay_out(case, tmp_path))
    folder = tmp_path / case.stem
    (folder / "pack.toml").write_text(to_toml(pack), "utf-8")
    assert read_pack(folder) == pack


def test_it_reads_well() -> None:
    long = {language: f"a cat that sleeps in {language}" for language in ("en", "de", "fr", "es", "pt-BR")}
    pack = Pack(
        "cats",
        (
            Emoji("tabby", image="t.png", aliases=("a" * 50, "b" * 50, "c" * 50), alt='say "miau"\tor\x07'),
            Emoji("nap", "😴", alt=long, extra={"misskey": {"id": 1, "roles": [{"id": "x y"}]}, "a b": {}}),
            Emoji("paw", "🐾", alt={"en": "paw"}, keywords=("foot",), sensitive=True, retired=True),
        ),
        authors=("Jane",),
    )
    assert to_toml(pack) == (Path(__file__).parent / "fixtures" / "packs" / "written.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"x": {"license": None}}, "emoji[0].extra.x: 'license' is None, which TOML cannot hold; leave it out"),
        ({"x": {"a": [b""]}}, "emoji[0].extra.x: 'a' is b'', which TOML cannot hold; leave it out"),
        ({"x": {"a": {1: 2}}}, "emoji[0].extra.x: 'a' has the key 1; the keys of TOML are texts"),
        (
            {"x": {"a": "\ud800"}},
            "emoji[0].extra.x: 'a' has half of a surrogate pair: '\\ud800'; write whole characters",
        ),
        ({"x": 1}, "emoji[0].extra.x: is '1'; give a table for each format"),
    ],
)
def test_what_toml_cannot_hold(extra: dict[str, Any], message: str) -> None:
    with pytest.raises(PackError) as caught:
        to_toml(Pack("cats", (Emoji("cat", "🐱", extra=extra),)))
    assert [str(problem) for problem in caught.value.problems] == [message]


def test_half_a_character_is_found_in_every_field() -> None:
    with pytest.raises(PackError) as caught:
        to_toml(Pack("cats", (Emoji("cat", "🐱", keywords=("\ud800",)),), title="\udfff", extra={"\ud800": {}}))
    assert [problem.where for problem in caught.value.problems] == [
        "pack.title",
        "pack.extra.'\\ud800'",
        "emoji[0].keywords",
    ]


def test_tables_in_tables_have_an_end() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(PackError, match="more than 64 deep"):
        to_toml(Pack("cats", extra={"x": deep}))


def test_numbers_and_dates_are_those_of_toml() -> None:
    table = {"a": math.inf, "b": 1e16, "c": -0.0, "d": 10**20, "e": date(1, 2, 3), "f": time(1, 2, 3, 4)}
    table["g"] = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert tomllib.loads(to_toml(Pack("cats", extra={"x": table})))["pack"]["extra"]["x"] == table


# Folders.


def test_a_folder(tmp_path: Path) -> None:
    write_folder(CATS, FILES, tmp_path / "cats")
    assert read_pack(tmp_path / "cats") == CATS
    assert contents(tmp_path / "cats") == {
        "LICENSE": b"CC0",
        "images/cat.png": b"cat",
        "images/still/cat.png": b"still",
        "pack.toml": to_toml(CATS).encode(),
    }
    assert stat.S_IMODE((tmp_path / "cats").stat().st_mode) == 0o777 & ~_umask()
    assert os.listdir(tmp_path) == ["cats"]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_an_empty_folder_is_filled_and_a_filled_one_refused(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir(mode=0o750)
    write_folder(CATS, FILES, tmp_path / "cats")
    assert stat.S_IMODE((tmp_path / "cats").stat().st_mode) == 0o750
    before = contents(tmp_path)
    with pytest.raises(InputError, match=r"cats: is not empty; name a new folder"):
        write_folder(CATS._replace(version="2"), FILES, tmp_path / "cats")
    assert contents(tmp_path) == before


def test_a_pack_is_replaced_and_what_is_not_of_it_stays(tmp_path: Path) -> None:
    write_folder(CATS, FILES, tmp_path / "cats")
    (tmp_path / "cats" / ".git").mkdir()
    (tmp_path / "cats" / ".git" / "HEAD").write_bytes(b"main")
    (tmp_path / "cats" / "LICENSE").write_bytes(b"by hand")
    new = Pack("cats", (Emoji("dog", image="dog.png"),))
    write_folder(new, {"dog.png": lambda: b"dog"}, tmp_path / "cats", replace=True)
    assert contents(tmp_path) == {
        "cats/.git/HEAD": b"main",
        "cats/LICENSE": b"by hand",
        "cats/dog.png": b"dog",
        "cats/pack.toml": to_toml(new).encode(),
    }


def test_what_is_no_pack_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.jpg").write_bytes(b"me")
    (tmp_path / "file").touch()
    for target, message in (("photos", "is not a pack, so it is not replaced"), ("file", "is a file; name a folder")):
        with pytest.raises(InputError, match=message):
            write_folder(CATS, FILES, tmp_path / target, replace=True)
    assert contents(tmp_path) == {"photos/me.jpg": b"me", "file": b""}


def test_a_broken_pack_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "pack.toml").write_bytes(b"[pack")
    write_folder(CATS, FILES, tmp_path / "cats", replace=True)
    assert read_pack(tmp_path / "cats") == CATS


def test_a_link_to_a_folder_stays(tmp_path: Path) -> None:
    write_folder(CATS, FILES, tmp_path / "cats-1")
    (tmp_path / "cats").symlink_to("cats-1")
    write_folder(CATS._replace(version="2"), FILES, tmp_path / "cats", replace=True)
    assert (tmp_path / "cats").is_symlink()
    assert read_pack(tmp_path / "cats-1").version == "2"


def broken() -> bytes:
    raise ImageError("is cut off")


BAD_NAMES = {
    "../x.png": "leaves the pack",
    "/x.png": "is an absolute path",
    "C:x.png": "is an absolute path",
    "a\\b.png": "has a backslash",
    "a//b.png": "is not a plain path",
    "a/": "is a folder",
    "": "is empty",
    "https://e.org/x.png": "is a URL; name a file",
    "pack.toml": "and 'pack.toml' are one file",
    "PACK.toml": "and 'pack.toml' are one file",
    "IMAGES/cat.png": "and 'images/cat.png' are one file",
    "images/CAT.png/x.png": "is a file, and a folder of another one",
    "a\u202eb.png": "has the invisible character U+202E",
}
Write = Callable[[Pack, dict[str, Any], Path], None]


@pytest.mark.parametrize("write", [write_folder, write_zip])
@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_lead_elsewhere(name: str, write: Write, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(PackError, match="pack 'cats': ") as caught:
        write(CATS, {**FILES, name: lambda: b"x"}, tmp_path / "out" / "cats")
    assert BAD_NAMES[name] in str(caught.value)
    assert os.listdir(tmp_path) == ["out"]
    assert not os.listdir(tmp_path / "out")


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_nothing_is_left_of_what_fails(write: Write, tmp_path: Path) -> None:
    target = tmp_path / "cats"
    with pytest.raises(ImageError, match="is cut off"):
        write(CATS, {**FILES, "z.png": broken}, target)
    with pytest.raises(PackError, match=r"emoji\[0\].image: 'images/cat.png' is not in the pack"):
        write(CATS, {}, target)
    with pytest.raises(PackError, match=r"emoji\[0\].keywords\[0\]: is empty"):
        write(Pack("cats", (Emoji("cat", "🐱", keywords=("",)),)), {}, target)
    with pytest.raises(InputError, match=r"pack\.toml would have more than 8 MiB"):
        write(Pack("cats", title="x" * 9_000_000), {}, target)
    assert not os.listdir(tmp_path)
    with pytest.raises(InputError, match=r"no/cats: cannot be written: No such file or directory"):
        write(CATS, FILES, tmp_path / "no" / "cats")


def test_a_failed_replacement_leaves_the_old_pack(tmp_path: Path) -> None:
    write_folder(CATS, FILES, tmp_path / "cats")
    before = contents(tmp_path)
    with pytest.raises(ImageError):
        write_folder(CATS, {**FILES, "z.png": broken}, tmp_path / "cats", replace=True)
    write_zip(CATS, FILES, tmp_path / "cats.zip")
    packed = (tmp_path / "cats.zip").read_bytes()
    with pytest.raises(ImageError):
        write_zip(CATS, {**FILES, "z.png": broken}, tmp_path / "cats.zip")
    assert contents(tmp_path) == {**before, "cats.zip": packed}


def test_files_without_a_pack(tmp_path: Path) -> None:
    write_files({"a/b": lambda: b"x"}, tmp_path / "new")
    assert contents(tmp_path) == {"new/a/b": b"x"}
    with pytest.raises(InputError, match="is not empty"):
        write_files({"a/c": lambda: b"x"}, tmp_path / "new")


# Zips.


def test_a_zip_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    write_zip(CATS, FILES, tmp_path / "one.zip")
    write_zip(CATS, dict(reversed(FILES.items())), tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert read_pack(tmp_path / "one.zip") == CATS
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["LICENSE", "images/cat.png", "images/still/cat.png", "pack.toml"]
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.getinfo("images/cat.png").compress_type == zipfile.ZIP_STORED
        assert archive.getinfo("pack.toml").compress_type == zipfile.ZIP_DEFLATED
    assert sorted(os.listdir(tmp_path)) == ["one.zip", "two.zip"]


def test_a_zip_is_not_written_to_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; name a file to write"):
        write_zip(CATS, FILES, tmp_path)


# Disks that are full, or may not be written.


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        not shutil.which("mount")
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_a_full_disk(write: Write, small_disk: Path) -> None:
    target = small_disk / "cats"
    with pytest.raises(InputError) as caught:
        write(CATS, {**FILES, "big.bin": lambda: os.urandom(1_000_000)}, target)
    assert str(caught.value) == f"{target}: cannot be written: No space left on device"
    assert not os.listdir(small_disk)


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_a_disk_that_is_only_read(write: Write, small_disk: Path) -> None:
    target = small_disk / "cats"
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(InputError) as caught:
        write(CATS, FILES, target)
    assert str(caught.value) == f"{target}: cannot be written: Read-only file system"


def test_every_field_is_written() -> None:
    """A field that is new in `Emoji` or `Pack` must not be forgotten here."""
    unwritten = {"version", "tones"}  # facts of Unicode, which a manifest does not repeat
    every = {field: {"en": field} if field == "alt" else field for field in Emoji._fields}
    emoji = Emoji(**{**every, "extra": {"x": {"extra": "extra"}}})  # type: ignore[arg-type]  # any value will do
    manifest = tomllib.loads(to_toml(Pack("p", (emoji,))))
    assert set(manifest["emoji"][0]) == set(Emoji._fields) - unwritten
    header = Pack(**{field: field for field in Pack._fields if field not in {"emoji", "extra"}}, extra={"x": {}})  # type: ignore[arg-type]  # likewise
    assert set(tomllib.loads(to_toml(header))["pack"]) == set(Pack._fields) - {"emoji"} | {"schema"}
    assert json.dumps(manifest)
