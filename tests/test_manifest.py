"""`pack.toml`: what is read, and what is said about what is wrong.

A case of ``fixtures/packs/good`` is a manifest beside the pack that it gives, one of ``fixtures/packs/bad`` a manifest
beside the report that a person reads. Around each lie the files of ``fixtures/packs/files``.
"""

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

from shortcodes import Emoji, Pack, PackError, PluginError, Problem, build_index, read_pack

PACKS = Path(__file__).parent / "fixtures" / "packs"
GOOD = sorted((PACKS / "good").glob("*.toml"))
BAD = sorted((PACKS / "bad").glob("*.toml"))
CAT = '[pack]\nschema = 1\nname = "cats"\n\n[[emoji]]\nname = "cat"\nimage = "cat.png"\n'


def lay_out(case: Path, folder: Path) -> Path:
    """Put a manifest and the files beside it into a folder, with a link that stays inside and one that leads out."""
    pack = folder / case.stem
    shutil.copytree(PACKS / "files", pack)
    shutil.copyfile(case, pack / "pack.toml")
    (folder / "secret.png").touch()
    (pack / "link-in.png").symlink_to("cat.png")
    (pack / "link-out.png").symlink_to("../secret.png")
    return pack


def as_json(pack: Pack) -> dict[str, Any]:
    """Only what a manifest says: without the fields that have their default."""
    emoji = [
        {key: value for key, value in one._asdict().items() if value != Emoji("")._asdict()[key]} for one in pack.emoji
    ]
    fields = {key: value for key, value in pack._asdict().items() if value != Pack("")._asdict()[key]}
    shown: dict[str, Any] = json.loads(json.dumps(fields | {"emoji": emoji}))
    return shown


def test_there_are_cases() -> None:
    assert GOOD
    assert BAD


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.stem)
def test_good(case: Path, tmp_path: Path) -> None:
    pack = read_pack(lay_out(case, tmp_path))
    assert as_json(pack) == json.loads(case.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.stem)
def test_bad(case: Path, tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        read_pack(lay_out(case, tmp_path))
    report = str(caught.value).splitlines()
    assert report == case.with_suffix(".txt").read_text("utf-8").splitlines()
    assert len(report) == len(caught.value.problems)  # one line each
    assert all(line.isprintable() for line in report)


@pytest.mark.parametrize("part", ["a", '"a "', "'a.a'"])
def test_a_key_of_many_parts_does_not_take_all_memory(part: str, tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(f"{part}{f' . {part}' * 100_000} = 1")
    with pytest.raises(PackError, match="has a key of more than 8 parts"):
        read_pack(tmp_path)


def test_every_case_has_its_answer() -> None:
    cases = {case.with_suffix(".json") for case in GOOD} | {case.with_suffix(".txt") for case in BAD}
    assert cases == {*(PACKS / "good").glob("*.json"), *(PACKS / "bad").glob("*.txt")}


@pytest.mark.parametrize(
    "error", [PackError("cats", [Problem("emoji[0].name", "is missing")]), PluginError("cats-emoji", "cats", "no")]
)
def test_an_error_survives_the_way_back_from_a_worker(error: PackError | PluginError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))


@pytest.mark.parametrize(
    ("given", "address"),
    [(None, "https://cdn.example/cat.png"), ("/static/", "/static/cat.png"), ("", "cat.png")],
)
def test_the_caller_says_where_files_are_served(given: str | None, address: str, tmp_path: Path) -> None:
    (tmp_path / "cat.png").touch()
    (tmp_path / "pack.toml").write_text(CAT.replace("[[", 'base_url = "https://cdn.example"\n[[', 1))
    pack = read_pack(tmp_path, base_url=given)
    assert pack.url("cat.png") == address


def test_a_base_url_of_the_caller_is_checked_too(tmp_path: Path) -> None:
    (tmp_path / "cat.png").touch()
    (tmp_path / "pack.toml").write_text(CAT)
    with pytest.raises(PackError, match=r"pack\.base_url: 'javascript:x' has the scheme"):
        read_pack(tmp_path, base_url="javascript:x")


@pytest.mark.parametrize(
    ("file", "address"),
    [
        ("cat.png", "https://cdn.example/c/cat.png"),
        ("tabby cat.png", "https://cdn.example/c/tabby%20cat.png"),
        ("100%.png", "https://cdn.example/c/100%25.png"),
        ("%2e%2e/cat.png", "https://cdn.example/c/%252e%252e/cat.png"),
        ("a?b#c.png", "https://cdn.example/c/a%3Fb%23c.png"),
        ('"<猫>.png', "https://cdn.example/c/%22%3C%E7%8C%AB%3E.png"),
        ("https://cats.example/a?b#c", "https://cats.example/a?b#c"),
        ("//cats.example/cat.png", "//cats.example/cat.png"),
        ("mxc://cats.example/AbCd", "mxc://cats.example/AbCd"),
    ],
)
def test_the_address_of_a_file(file: str, address: str) -> None:
    assert Pack("cats", base_url="https://cdn.example/c/").url(file) == address


# What only Python can hand over: a manifest's values are typed already.
@pytest.mark.parametrize(
    ("pack", "report"),
    [
        (Pack("cats", emoji=iter(())), "emoji: is a tuple_iterator; give a tuple"),  # type: ignore[arg-type]
        (Pack("cats", authors="Jane"), "pack.authors: is a str; give a tuple"),  # type: ignore[arg-type]
        (
            Pack("cats", (Emoji("cat", "🐱", aliases="kitty", keywords="pet"),)),  # type: ignore[arg-type]
            "emoji[0].aliases: is a str; give a tuple",
        ),
        (
            Pack("cats", (Emoji("cat", "🐱", keywords="pet"),)),  # type: ignore[arg-type]
            "emoji[0].keywords: is a str; give a tuple",
        ),
        (
            Pack("cats", (Emoji("cat", "🐱", width='1" onload="x'),)),  # type: ignore[arg-type]
            "emoji[0].width: is not a number of pixels from 1 to 10000",
        ),
        (
            Pack("cats", (Emoji("cat", image=""),)),
            "emoji[0].image: '' is empty; name a file of the pack, or give a URL",
        ),
        (Pack("", (Emoji(""),)), "pack.name: '' is empty"),
    ],
)
def test_packs_made_in_python_are_checked(pack: Pack, report: str) -> None:
    with pytest.raises(PackError) as caught:
        build_index([pack])
    assert str(caught.value).splitlines()[0] == f"pack {pack.name!r}: {report}"


@pytest.mark.parametrize(("packs", "message"), [(Pack("cats"), "give a list"), (["cats"], "a str was given")])
def test_what_is_no_list_of_packs(packs: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        build_index(packs)
