"""`shortcodes pack diff`: what is different between two packs, as text, JSON and a picture."""

import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import command_line
from shortcodes import Emoji, Pack
from shortcodes.packs.diff import Drawing, diff_packs

MEGATHREAD = Path(__file__).parents[1] / "emoji_packs" / "megathread"


def alike(one: str, other: str) -> Drawing:
    """Images of the same letter look the same; the same name has the same bytes."""
    if one == other:
        return Drawing("same", 0.0)
    return Drawing("saved anew", 0.01) if one[0] == other[0] else Drawing("redrawn", 0.7)


def compared(before: list[Emoji], after: list[Emoji]) -> list[str]:
    found = diff_packs(Pack("p", tuple(before)), Pack("p", tuple(after)), alike)
    lines = [f"+ {emoji.name}" for emoji in found.added] + [f"- {emoji.name}" for emoji in found.removed]
    for pair in found.pairs:
        changes = " ".join(f"{one.field}:{one.before}>{one.after}" for one in pair.changes)
        lines.append(f"{pair.before.name} > {pair.after.name}, {pair.drawing.kind} {changes}".rstrip())
    return lines


A, B = Emoji("a", image="a.png"), Emoji("b", image="b.png")
CASES: dict[str, tuple[list[Emoji], list[Emoji], list[str]]] = {
    "nothing": ([A, B], [A, B], []),
    "another order": ([A, B], [B, A], []),
    "added and removed": ([A], [B], ["+ b", "- a"]),
    "redrawn": ([A], [A._replace(image="z.png")], ["a > a, redrawn"]),
    "saved anew": ([A], [A._replace(image="a.webp")], ["a > a, saved anew"]),
    "renamed, with an alias": (
        [A],
        [Emoji("c", image="z.png", aliases=("a",))],
        ["a > c, redrawn aliases:>a"],
    ),
    "renamed, the same image": ([A], [A._replace(name="c")], ["a > c, same"]),
    "renamed and saved anew": ([A], [Emoji("c", image="a.webp")], ["a > c, saved anew"]),
    "the same image before one that looks the same": (
        [A],
        [Emoji("c", image="a.webp"), Emoji("d", image="a.png")],
        ["+ c", "a > d, same"],
    ),
    "renamed, a sequence": ([Emoji("a", "😀")], [Emoji("c", "😀")], ["a > c, same"]),
    "another sequence": ([Emoji("a", "😀")], [Emoji("a", "😃")], ["a > a, redrawn"]),
    "a sequence becomes an image": ([Emoji("a", "😀")], [A], ["a > a, redrawn"]),
    "a name wins over an alias, and that over a picture": (
        [A, B],
        [Emoji("b", image="a.png"), Emoji("c", image="y.png", aliases=("a",))],
        ["b > b, redrawn", "a > c, redrawn aliases:>a"],
    ),
    "two with one picture": (
        [A, Emoji("b", image="a.png")],
        [Emoji("c", image="a.png")],
        ["- b", "a > c, same"],
    ),
    "fields": (
        [A._replace(alt="x", keywords=("k",), width=3, category="C")],
        [A._replace(alt={"en": "x", "de": "y"}, keywords=("k", "l"), retired=True, static="a.gif")],
        ["a > a, same alt:x>en: x, de: y category:C> keywords:k>k, l width:3> retired:>yes static:>a.gif"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_cases(name: str) -> None:
    before, after, expected = CASES[name]
    assert compared(before, after) == expected


def test_images_that_cannot_be_looked_at_are_compared_by_name() -> None:
    before = Pack("p", (Emoji("a", image="https://e.org/a.png"), Emoji("b", image="https://e.org/b.png")))
    after = Pack("p", (Emoji("a", image="https://e.org/a.png"), Emoji("b", image="https://e.org/c.png")))
    (pair,) = diff_packs(before, after, lambda _one, _other: None).pairs
    assert (pair.after.name, pair.redrawn) == ("b", True)


names = st.sampled_from("abcdef")
images = st.sampled_from(["a.png", "a.webp", "b.png", "c.png", "d.png"])
aliases = st.lists(st.sampled_from("ghij"), max_size=2, unique=True).map(tuple)
emoji = st.tuples(names, images, aliases).map(lambda drawn: Emoji(drawn[0], image=drawn[1], aliases=drawn[2]))
packs = st.lists(emoji, max_size=6, unique_by=lambda one: one.name)


@given(packs, packs)
def test_every_emoji_is_accounted_for_once(before: list[Emoji], after: list[Emoji]) -> None:
    there = diff_packs(Pack("p", tuple(before)), Pack("p", tuple(after)), alike)
    old = [*there.removed, *(pair.before for pair in there.pairs)]
    new = [*there.added, *(pair.after for pair in there.pairs)]
    assert len(old) == len({one.name for one in old})
    assert len(new) == len({one.name for one in new})
    unmentioned = [[one for one in several if one not in listed] for several, listed in ((before, old), (after, new))]
    assert sorted(unmentioned[0]) == sorted(unmentioned[1])  # what is in neither list is the same in both


@given(packs)
def test_nothing_is_different_from_itself(pack: list[Emoji]) -> None:
    assert not diff_packs(Pack("p", tuple(pack)), Pack("p", tuple(reversed(pack))), alike)


# The command.

run = partial(command_line.run, "pack", "diff")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The megathread pack, and a next version of it."""
    for name in ("old", "new"):
        shutil.copytree(MEGATHREAD, tmp_path / name, ignore=shutil.ignore_patterns("art", "*.py"))
    new = tmp_path / "new"
    manifest = (new / "pack.toml").read_text("utf-8")
    for before, after in {
        'version = "1.0.0"': 'version = "1.1.0"',
        'name = "sabo"\naliases = [': 'name = "wildcat"\naliases = ["sabo", ',
        'name = "unity"': 'name = "hands"',
        'alt = "purple Venus symbol with a raised fist"': 'alt = "a fist in a Venus symbol"',
        'name = "LIB"': 'name = "paw"\nunicode = "🐾"\n\n[[emoji]]\nname = "LIB"',
    }.items():
        assert manifest.count(before) == 1
        manifest = manifest.replace(before, after)
    (new / "pack.toml").write_text(manifest, "utf-8")
    with Image.open(new / "images" / "feminism.png") as image:
        image.convert("RGBA").rotate(45).save(new / "images" / "feminism.png")
    with Image.open(new / "images" / "USSR.png") as image:
        image.convert("RGBA").resize((96, 96)).save(new / "images" / "USSR.png")
    return tmp_path


def test_the_command(folder: Path) -> None:
    code, out, err = run("old", "new", cwd=folder)
    lines = [line.partition(" (distance")[0] for line in out.splitlines()]
    assert (code, lines) == (
        1,
        [
            "pack version: '1.0.0' → '1.1.0'",
            "added paw",
            "redrawn feminism: 'images/feminism.png' → 'images/feminism.png'",
            "changed feminism.alt: 'purple Venus symbol with a raised fist' → 'a fist in a Venus symbol'",
            "renamed wildcat: 'sabo' → 'wildcat'",
            "changed wildcat.aliases: 'sabo-tabby, sabo-cat' → 'sabo, sabo-tabby, sabo-cat'",
            "saved anew USSR: 'images/USSR.png' → 'images/USSR.png'",
            "renamed hands: 'unity' → 'hands'",
        ],
    )
    assert err == "1 pack, 1 added, 1 redrawn, 2 changed, 2 renamed, 1 saved anew\n"
    assert run("old", "old", cwd=folder) == (0, "", "no difference\n")


def test_json(folder: Path) -> None:
    code, out, _ = run("old", "new", "--json", cwd=folder)
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert {"change": "added", "emoji": "paw"} in rows
    assert {"change": "renamed", "emoji": "hands", "before": "unity", "after": "hands"} in rows
    (redrawn,) = [row for row in rows if row["change"] == "redrawn"]
    assert 0.1 < redrawn["distance"] < 2


def test_the_picture(folder: Path) -> None:
    assert run("old", "new", "--picture", "diff.png", cwd=folder)[0] == 1
    with Image.open(folder / "diff.png") as picture:
        picture.load()
        assert picture.width == 48 * 2 + 3 * 260 - 20
    assert run("old", "old", "--picture", "same.png", cwd=folder)[0] == 0
    assert (folder / "same.png").stat().st_size > 0


def test_a_zip_is_as_its_folder(folder: Path) -> None:
    shutil.make_archive(str(folder / "zipped"), "zip", folder / "old")
    assert run("old", "zipped.zip", cwd=folder) == (0, "", "no difference\n")


def test_bad_input_is_exit_code_2(folder: Path) -> None:
    assert run("old", "nope", cwd=folder) == (2, "", "shortcodes: nope: there is no such file or folder\n")
    (folder / "new" / "pack.toml").write_text('[pack]\nschema = 1\nname = "bad name"\n', "utf-8")
    code, out, err = run("old", "new", "--picture", "d.png", cwd=folder)
    assert (code, out) == (2, "")
    assert err.startswith("pack 'bad name': pack.name: 'bad name' has ' ' (U+0020)")
    assert not (folder / "d.png").exists()
