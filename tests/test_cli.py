"""The command line, as a person and as a script meet it: real processes, real files."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from command_line import run as run  # noqa: PLC0414  # other tests have it from here

BAD_PACK = '[pack]\nschema = 1\nname = "cats"\n[[emoji]]\nname = "tabby"\nimage = "tabby.png"\nalais = ["tiger"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "post.md").write_text("Hi :wave: :tabby: :wavee:\n\n`:code:`\n", "utf-8")
    (tmp_path / "other.md").write_text("*two* :heart:\n", "utf-8")
    pack = tmp_path / "my cats"
    pack.mkdir()
    (pack / "pack.toml").write_text(BAD_PACK.replace("alais", "aliases"), "utf-8")
    (pack / "tabby.png").write_bytes(b"\x89PNG")
    return tmp_path


def test_render_html_and_text(folder: Path) -> None:
    code, out, err = run("render", "post.md", "other.md", cwd=folder)
    assert (code, err) == (0, "")
    assert out == "<p>Hi 👋 :tabby: :wavee:</p>\n<p><code>:code:</code></p>\n<p><em>two</em> ❤️</p>\n"
    assert run("render", "--to", "text", "other.md", cwd=folder)[1] == "two ❤️\n"
    assert run("render", cwd=folder, stdin=b":wave:")[1] == '<p class="only-emoji">👋</p>\n'
    assert run("render", "-", "--dialect", "commonmark", cwd=folder, stdin=b"~~a~~")[1] == "<p>~~a~~</p>\n"
    assert run("render", "--boundary", "loose", cwd=folder, stdin=b"a:wave:b")[1] == "<p>a👋b</p>\n"
    assert run("render", "--emoticons", cwd=folder, stdin=b"a :-)")[1] == "<p>a 🙂</p>\n"


def test_images_are_addressed_from_where_the_output_goes(folder: Path) -> None:
    (folder / "out").mkdir()
    code, out, _ = run("render", "post.md", "--pack", "my cats", "-o", "out/post.html", cwd=folder)
    assert (code, out) == (0, "")
    assert 'src="../my%20cats/tabby.png"' in (folder / "out" / "post.html").read_text("utf-8")
    assert 'src="my%20cats/tabby.png"' in run("render", "post.md", "--pack", "my cats", cwd=folder)[1]
    url = "https://cdn.example/c"
    assert f'src="{url}/tabby.png"' in run("render", "post.md", "--pack", "my cats", "--base-url", url, cwd=folder)[1]


def test_page_is_whole(folder: Path) -> None:
    code, out, _ = run("render", "post.md", "other.md", "--page", "--title", "Cats & <dogs>", cwd=folder)
    assert code == 0
    assert out.startswith("<!doctype html>")
    assert "<title>Cats &amp; &lt;dogs&gt;</title>" in out
    assert out.count("<article>") == out.count("</article>") == 2
    assert "prefers-color-scheme: dark" in out
    assert "<script" not in out


def test_find(folder: Path) -> None:
    code, out, err = run("find", "post.md", "--pack", "my cats", cwd=folder)
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "post.md:1:4: :wave: 👋 wave (unicode)",
        "post.md:1:11: :tabby: [image] tabby (cats)",
        "post.md:1:19: :wavee: is unknown; did you mean :wave:, :whale:, :wheel:?",
    ]
    assert run("find", "other.md", cwd=folder)[0] == 0
    code, out, _ = run("find", "--unknown", "--json", "post.md", "other.md", cwd=folder)
    rows: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    assert [(row["file"], row["line"], row["column"], row["name"]) for row in rows] == [
        ("post.md", 1, 11, "tabby"),
        ("post.md", 1, 19, "wavee"),
    ]


def test_emoji(folder: Path) -> None:
    code, out, _ = run("emoji", "search", "red", "heart", cwd=folder)
    assert (code, out.splitlines()[0]) == (0, "❤️\t:heart:\tred heart")
    assert run("emoji", "search", "tig", "--pack", "my cats", cwd=folder)[1].startswith("[image]\t:tabby:")
    code, _, err = run("emoji", "search", "xyzzy", cwd=folder)
    assert (code, err) == (1, "no emoji has 'xyzzy'\n")
    assert json.loads(run("emoji", "show", ":Wave:", "--json", cwd=folder)[1])["codepoints"] == "U+1F44B"
    assert "❤️  :heart:" in run("emoji", "show", "❤", cwd=folder)[1]
    code, _, err = run("emoji", "show", "wavee", cwd=folder)
    assert code == 1
    assert err.startswith("no emoji is named 'wavee'; did you mean :wave:")
    assert len(run("emoji", "search", "face", "--limit", "3", "--json", cwd=folder)[1].splitlines()) == 3


def test_packs(folder: Path) -> None:
    code, out, _ = run("packs", "--pack", "my cats", cwd=folder)
    assert code == 0
    assert out.splitlines()[0] == "cats: cats, 1 emoji"
    assert ":tiger: of unicode is hidden by cats's" in out
    assert "Unicode Emoji 18.0, 1932 emoji, Unicode-3.0" in out


def test_completion(folder: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        code, out, _ = run("completion", shell, cwd=folder)
        assert code == 0
        assert "_SHORTCODES_COMPLETE" in out
    words = {"COMP_WORDS": "shortcodes emoji show wav", "COMP_CWORD": "3", "_SHORTCODES_COMPLETE": "bash_complete"}
    assert "plain,wave" in run(cwd=folder, env=words)[1].splitlines()


def test_version_and_help(folder: Path) -> None:
    assert run("--version", cwd=folder)[1].startswith("shortcodes, version ")
    for command in ((), ("render",), ("find",), ("emoji",), ("emoji", "search"), ("packs",), ("completion",)):
        code, out, err = run(*command, "--help", cwd=folder)
        assert (code, err) == (0, "")
        assert "Usage: shortcodes" in out


BAD: dict[str, tuple[list[str], bytes, str]] = {
    "missing file": (["render", "nope.md"], b"", "shortcodes: nope.md: No such file or directory"),
    "folder": (["render", "my cats"], b"", "shortcodes: my cats: is a folder; name the files in it"),
    "not UTF-8": (["render"], b"a\nb\xff", "shortcodes: <stdin>:2:2: is not UTF-8 (byte 0xff); save it as UTF-8"),
    "lone surrogate": (
        ["find"],
        b"\xed\xa0\x80",
        "shortcodes: <stdin>:1:1: is not UTF-8 (byte 0xed); save it as UTF-8",
    ),
    "UTF-16": (["render"], "hi".encode("utf-16"), "shortcodes: <stdin>: is UTF-16; save it as UTF-8"),
    "NUL": (
        ["render"],
        b"abc\0",
        "shortcodes: <stdin>:1:4: has a NUL character, as no text has; is it another kind of file?",
    ),
    "NUL in the name": (["render", "--pack", "x/y", "a.md"], b"", "shortcodes: x/y: there is no such file or folder"),
    "missing pack": (
        ["render", "--pack", "dogs"],
        b"",
        "shortcodes: pack 'dogs' is not known; there are: unicode; and no file or folder has that name",
    ),
    "no pack in the folder": (["render", "--pack", "."], b"", "shortcodes: .: there is no pack.toml in this folder"),
    "output is a folder": (["render", "-o", "my cats"], b"", "shortcodes: my cats: is a folder; name a file to write"),
    "output nowhere": (
        ["render", "-o", "no/out.html"],
        b"",
        "shortcodes: no/out.html: cannot be written: No such file or directory",
    ),
    "page of text": (["render", "--page", "--to", "text"], b"", "shortcodes: --page is HTML; leave out '--to text'"),
    "bad base URL": (
        ["render", "--pack", "my cats", "--base-url", "javascript:x"],
        b"",
        (
            "pack 'cats': pack.base_url: 'javascript:x' has the scheme 'javascript'; "
            "http, https, mxc or a relative URL is allowed"
        ),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_exit_code_2(name: str, folder: Path) -> None:
    arguments, stdin, message = BAD[name]
    code, out, err = run(*arguments, cwd=folder, stdin=stdin)
    assert (code, out, err) == (2, "", message + "\n")


def test_usage_errors(folder: Path) -> None:
    for arguments in (["rendr"], ["render", "--dialect", "lemy"], ["emoji", "show"], ["render", "--nope"]):
        code, out, err = run(*arguments, cwd=folder)
        assert (code, out) == (2, "")
        assert err.startswith(("Usage: ", "shortcodes: dialect 'lemy' is not known; there are: "))


def test_a_typo_in_a_pack(folder: Path) -> None:
    (folder / "my cats" / "pack.toml").write_text(BAD_PACK, "utf-8")
    code, out, err = run("render", "post.md", "--pack", "my cats", cwd=folder)
    assert (code, out) == (2, "")
    assert err == "pack 'cats': emoji[0].alais: is not a field; did you mean 'aliases'?\n"


def test_nothing_is_half_written(folder: Path) -> None:
    (folder / "bad.md").write_bytes(b"\xff")
    (folder / "out.html").write_text("old", "utf-8")
    (folder / "out.html").chmod(0o640)
    before = sorted(path.name for path in folder.iterdir())
    code, _, _ = run("render", "post.md", "bad.md", "-o", "out.html", cwd=folder)
    assert code == 2
    assert (folder / "out.html").read_text("utf-8") == "old"
    assert sorted(path.name for path in folder.iterdir()) == before
    assert run("render", "post.md", "-o", "out.html", cwd=folder)[0] == 0
    assert (folder / "out.html").stat().st_mode & 0o777 == 0o640
    assert "👋" in (folder / "out.html").read_text("utf-8")


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="a file that opens but does not read is Linux's")
def test_an_unreadable_file(folder: Path) -> None:
    code, out, err = run("render", "/proc/self/mem", cwd=folder)
    assert (code, out, err) == (2, "", "shortcodes: /proc/self/mem: Input/output error\n")


def test_a_full_disk_and_a_closed_pipe(folder: Path) -> None:
    (folder / "long.md").write_text("a paragraph :wave:\n\n" * 20_000, "utf-8")
    command = f"{sys.executable} -c 'from shortcodes.cli import main; main()' render long.md"
    full = subprocess.run(f"{command} > /dev/full", shell=True, cwd=folder, capture_output=True, check=False)
    assert (full.returncode, full.stderr) == (2, b"shortcodes: standard output: No space left on device\n")
    closed = subprocess.run(f"{command} | head -n 1", shell=True, cwd=folder, capture_output=True, check=False)
    assert closed.stderr == b""


def test_byte_order_mark_and_latin_terminal(folder: Path) -> None:
    assert run("render", cwd=folder, stdin=b"\xef\xbb\xbf# :wave:")[1] == "<h1>👋</h1>\n"
    assert run("find", cwd=folder, stdin=b":wave:", env={"PYTHONIOENCODING": "ascii"})[0] == 0


def test_progress_is_for_terminals(folder: Path) -> None:
    for i in range(60):
        (folder / f"{i}.md").write_text(":wave:", "utf-8")
    names = [f"{i}.md" for i in range(60)]
    assert run("render", *names, cwd=folder)[2] == ""
    parent, child = pty.openpty()
    command = [sys.executable, "-c", "from shortcodes.cli import main; main()", "render", *names]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=child)
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
    assert b"Posts" in shown


@pytest.fixture
def plugins(tmp_path: Path) -> dict[str, str]:
    """Two installed plug-ins, one of which does not load, and the environment in which they are."""
    site = tmp_path / "site"
    for name, body in (("good", "from shortcodes import Emoji, Pack\ndef pack(): return PACK"), ("bad", "1 / 0")):
        info = site / f"emoji_{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: emoji-{name}\nVersion: 1.0\n", "utf-8")
        (info / "entry_points.txt").write_text(f"[shortcodes.packs]\n{name} = emoji_{name}:pack\n", "utf-8")
        pack = 'Pack("good", (Emoji("wave", image="https://e.org/w.png", alt="big wave"),))'
        (site / f"emoji_{name}.py").write_text(body.replace("PACK", pack), "utf-8")
    return {"PYTHONPATH": str(site)}


def test_installed_packs_are_used_if_they_are_named(folder: Path, plugins: dict[str, str]) -> None:
    assert "👋" in run("render", cwd=folder, stdin=b":wave:", env=plugins)[1]
    assert "https://e.org/w.png" in run("render", "--pack", "good", cwd=folder, stdin=b":wave:", env=plugins)[1]
    code, out, err = run("render", "--pack", "bad", cwd=folder, stdin=b":wave:", env=plugins)
    assert (code, out) == (2, "")
    assert err == (
        "shortcodes: installed pack 'bad' of 'emoji-bad' does not load: ZeroDivisionError: division by zero\n"
    )


def test_packs_lists_what_does_not_load(folder: Path, plugins: dict[str, str]) -> None:
    code, out, err = run("packs", cwd=folder, env=plugins)
    assert code == 1
    assert [line.partition(" ")[0].rstrip(":") for line in out.splitlines()] == ["good", "unicode", ":wave"]
    assert ":wave: of unicode is hidden by good's" in out
    assert "'emoji-bad' does not load" in err


def test_find_without_a_suggestion(folder: Path) -> None:
    assert run("find", cwd=folder, stdin=b":qqqqqqqqqqqqqq:")[1] == "<stdin>:1:1: :qqqqqqqqqqqqqq: is unknown\n"
