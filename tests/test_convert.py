"""``shortcodes convert``: files, folders, diffs, and nothing half-written."""

import json
import os
import subprocess
from functools import partial
from pathlib import Path

import pytest

import command_line

run = partial(command_line.run, "convert")


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """A folder of posts: changed ones, one that stays, one that is no text, and what is none of its posts."""
    for name, content in {
        "a.md": b"x :wave:\r\ny\r\n",
        "b/c.markdown": b"\xef\xbb\xbf:wave: \xe2\x80\xa8 z",
        "b/same.txt": b"nothing\n",
        "b/latin.md": b"caf\xe9 :wave:\n",
        ".git/hidden.md": b":wave:",
        ".hidden.md": b":wave:",
        "picture.png": b":wave:",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "link.md").symlink_to(tmp_path / "picture.png")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_standard_input_to_standard_output() -> None:
    assert run("--to", "unicode", stdin=b"a :wave:\r\n`:wave:`") == (0, "a 👋\r\n`:wave:`", "")
    assert run("--to", "shortcode", "-", stdin="👋 \ufeff".encode()) == (0, ":wave: \ufeff", "")
    assert run("--to", "unicode", stdin=b"\xef\xbb\xbf:wave:") == (0, "\ufeff👋", "")


def test_files_in_a_row_and_to_a_file(posts: Path) -> None:
    assert run("--to", "unicode", "a.md", "b/same.txt", cwd=posts)[1] == "x 👋\r\ny\r\nnothing\n"
    assert run("--to", "unicode", "a.md", "-o", "out.md", cwd=posts) == (0, "", "")
    assert (posts / "out.md").read_bytes() == "x 👋\r\ny\r\n".encode()


def test_in_place_changes_what_changes_and_nothing_else(posts: Path) -> None:
    before = contents(posts)
    untouched = os.stat(posts / "b" / "same.txt").st_mtime_ns
    os.chmod(posts / "a.md", 0o640)
    code, out, errors = run("--to", "unicode", "--in-place", str(posts))
    assert (code, out) == (2, "")
    assert errors.splitlines() == [
        f"shortcodes: {posts}/b/latin.md:1:4: is not UTF-8 (byte 0xe9); save it as UTF-8",
        "2 of 4 files changed, 1 failed",
    ]
    changed = {"a.md": "x 👋\r\ny\r\n".encode(), "b/c.markdown": "\ufeff👋 \u2028 z".encode()}
    assert contents(posts) == before | changed
    assert os.stat(posts / "b" / "same.txt").st_mtime_ns == untouched
    assert os.stat(posts / "a.md").st_mode & 0o777 == 0o640
    assert run("--to", "unicode", "--in-place", str(posts / "a.md"))[2] == "0 of 1 files changed\n"


def test_in_place_follows_a_link_that_is_named(posts: Path) -> None:
    assert run("--to", "unicode", "--in-place", "link.md", cwd=posts)[0] == 0
    assert (posts / "link.md").is_symlink()
    assert (posts / "picture.png").read_text() == "👋"


def test_check_lists_and_writes_nothing(posts: Path) -> None:
    before = contents(posts)
    (posts / "b" / "latin.md").unlink()
    before.pop("b/latin.md")
    for more in ((), ("--in-place",)):
        code, out, errors = run("--to", "unicode", "--check", *more, ".", cwd=posts)
        assert (code, out) == (1, "./a.md\n./b/c.markdown\n")
        assert errors == "2 of 3 files would change\n"
    assert run("--to", "unicode", "--check", "b/same.txt", cwd=posts) == (0, "", "0 of 1 files would change\n")
    assert contents(posts) == before


def test_a_diff_is_one_that_patch_takes(posts: Path) -> None:
    before = contents(posts)
    code, out, _ = run("--to", "unicode", "--diff", "a.md", "b/c.markdown", cwd=posts)
    assert code == 0
    assert contents(posts) == before
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=out.encode(), cwd=posts, check=True)
    assert (posts / "a.md").read_bytes() == "x 👋\r\ny\r\n".encode()
    assert (posts / "b" / "c.markdown").read_bytes() == "\ufeff👋 \u2028 z".encode()


def test_names_from_a_file(tmp_path: Path) -> None:
    names = tmp_path / "names.json"
    names.write_text(json.dumps({"wave": "hello", "gone": "back"}))
    assert run("--to", "shortcode", "--names", str(names), stdin=b":wave: :gone:")[1] == ":hello: :back:"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "unicode", "."], "shortcodes: .: is a folder; say --in-place, --diff or --check"),
        (["--to", "unicode", "--in-place"], "--in-place rewrites the files that are named; leave out --output and -"),
        (["--to", "unicode", "--in-place", "-"], "--in-place rewrites the files that are named"),
        (["--to", "unicode", "--in-place", "a.md", "-o", "x"], "--in-place rewrites the files that are named"),
        (["--to", "unicode", "--check", "nowhere.md"], "shortcodes: nowhere.md: No such file or directory"),
        (["--to", "unicode", "--names", "a.md"], 'a.md:1:1: is not JSON; an object of names is needed: {"old": "new"}'),
        (["--to", "unicode", "--names", "list.json"], 'list.json: is not an object of names: {"old": "new"}'),
        (
            ["--to", "shortcode", "--names", "bad.json"],
            "the name 'a b' has ' ' (U+0020), which may not stand in a name",
        ),
        (["--to", "bbcode"], "'bbcode' is not one of 'unicode', 'shortcode', 'lemmy', 'discord', 'html'"),
        ([], "Missing option '--to'"),
    ],
)
def test_mistakes_are_one_clear_line(posts: Path, arguments: list[str], message: str) -> None:
    (posts / "list.json").write_text('{"a": 1}')
    (posts / "bad.json").write_text('{"a": "a b"}')
    before = contents(posts)
    code, out, errors = run(*arguments, cwd=posts)
    assert (code, out) == (2, "")
    assert message in errors
    assert "Traceback" not in errors
    assert contents(posts) == before


def test_what_is_in_a_folder_twice_or_is_no_file(posts: Path) -> None:
    os.mkfifo(posts / "pipe.md")
    code, out, errors = run("--to", "unicode", "--check", "b", "a.md", "b/../a.md", "b/c.markdown", cwd=posts)
    assert (code, out) == (2, "b/c.markdown\na.md\n")
    assert errors.endswith("2 of 4 files would change, 1 failed\n")
    assert run("--to", "unicode", "--check", ".", cwd=posts)[1] == "./a.md\n./b/c.markdown\n"


def test_a_diff_goes_to_the_output(posts: Path) -> None:
    assert run("--to", "unicode", "--diff", "a.md", "-o", "changes.patch", cwd=posts)[:2] == (0, "")
    assert "+x 👋\r\n" in (posts / "changes.patch").read_bytes().decode()


def test_images_must_have_an_address_that_is_right_everywhere(posts: Path) -> None:
    pack = posts / "cats"
    pack.mkdir()
    (pack / "pack.toml").write_text('[pack]\nschema = 1\nname = "cats"\n[[emoji]]\nname = "tom"\nimage = "tom.png"\n')
    (pack / "tom.png").write_bytes(b"\x89PNG")
    (posts / "t.md").write_text(":tom:")
    code, _, errors = run("--to", "lemmy", "--in-place", "--pack", "cats", "t.md", cwd=posts)
    assert (code, errors) == (
        2,
        "shortcodes: images would be addressed as seen from here; say with --base-url where they are served from\n",
    )
    assert (posts / "t.md").read_text() == ":tom:"
    url = "https://static.example/cats"
    assert run("--to", "lemmy", "--in-place", "--pack", "cats", "--base-url", url, "t.md", cwd=posts)[0] == 0
    assert (posts / "t.md").read_text() == f'![:tom:]({url}/tom.png "emoji tom")'


def test_long_posts_are_converted_or_reported(posts: Path) -> None:
    (posts / "long.md").write_text(":wave: x\n\n" * 40_000)
    assert run("--to", "unicode", "--in-place", "long.md", cwd=posts)[0] == 0
    assert (posts / "long.md").read_text() == "👋 x\n\n" * 40_000
    (posts / "long.md").write_text("x" * 4_200_000)
    code, _, errors = run("--to", "unicode", "--in-place", "long.md", cwd=posts)
    assert (code, errors) == (
        2,
        "shortcodes: long.md: has more than 4,194,304 characters; split it\n0 of 1 files changed, 1 failed\n",
    )
