"""The command line on bad input: one line, the documented exit code, no traceback, and nothing changed on the disk.

What only a process can be given (closed streams, full disks, pipes of the shell) is given to one; the rest runs here.
"""

import io
import json
import os
import resource
import shlex
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from command_line import PROGRAM, run
from pictures import encoded
from shortcodes import cli
from shortcodes.cli.files import MAX_BYTES

MANIFEST = '[pack]\nschema = 1\nname = "cats"\nlicense = "CC0-1.0"\n[[emoji]]\nname = "tom"\nunicode = "🐈"\n'
THREAD = {"title": "t", "post": {"author": "a", "body": ":wave:", "published": "2024-11-20T08:00:00Z"}, "comments": []}
ODD = "caf\udce9"
"""What the system makes of ``café`` in Latin-1."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of good things, with some bad ones."""
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "pack.toml").write_text(MANIFEST, "utf-8")
    (tmp_path / "post.md").write_text("Hi :wave:\n", "utf-8")
    (tmp_path / "thread.json").write_text(json.dumps(THREAD), "utf-8")
    (tmp_path / "cat.png").write_bytes(encoded(Image.new("RGBA", (64, 64), "orange"), "PNG"))
    (tmp_path / "empty").touch()
    (tmp_path / "filled").mkdir()
    (tmp_path / "filled" / "mine.txt").write_text("mine", "utf-8")
    (tmp_path / "cut.zip").write_bytes(b"PK\3\4" + bytes(60))
    (tmp_path / "names.json").write_text("{}", "utf-8")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "full").symlink_to("/dev/full")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "null").symlink_to("/dev/null")  # by links: who may write in /dev must not lose what is there
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    return tmp_path


def contents(folder: Path) -> dict[str, object]:
    """Return everything that is in a folder: files with their content, the rest with its kind."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        if path.is_file() and not path.is_symlink()
        else stat.S_IFMT(path.lstat().st_mode)
        for path in folder.rglob("*")
    }


@pytest.fixture
def here(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> "Here":
    return Here(folder, capfd, monkeypatch)


class Here:
    """Runs the command line in this process, in a folder that it must leave as it is."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._capfd, self._monkeypatch = folder, capfd, monkeypatch

    def says(self, *arguments: str) -> tuple[int, str]:
        """Return the exit code and the errors."""
        code = cli.run([*arguments])
        return code, self._capfd.readouterr().err

    def refuses(self, *arguments: str, stdin: bytes = b":wave:") -> str:
        """Return what is said: a line, or how the command is used and a line."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        before = contents(self.folder)
        code = cli.run([*arguments])
        said = self._capfd.readouterr()
        assert (code, said.out) == (2, ""), (code, said)
        assert contents(self.folder) == before
        lines = said.err.splitlines()
        if lines[0].startswith("Usage: "):
            (error,) = (line for line in lines if line.startswith("Error: "))
            return error
        first, *others = lines
        assert first.startswith(("shortcodes: ", "pack "))
        assert all(line.startswith("pack '") or " in 0 packs" in line or "0 of 1 files" in line for line in others), (
            lines
        )
        return first


# Places. Each command, with {} where a path is read or written; each path that cannot be.

TEXT = """
    render {} | render --to text {} | render post.md {} | render --page {} | find {} | find --json {} | thread {}
    convert --to unicode {} | convert --to unicode --in-place {} | convert --to unicode --check {}
    convert --to unicode --diff {} | convert --to shortcode --names {} post.md | thread --to text {}
    pack export cats --to slack -o new --names {} | pack import cats -o new --names {}
    pack import cats -o new --names-back {}
"""
PACK = """
    render --pack {0}/ post.md | find --pack {0}/ post.md | packs --pack {0}/ | emoji show wave --pack {0}/
    emoji search wave --pack {0}/ | thread --pack {0}/ thread.json | convert --to unicode --pack {0}/ post.md
    pack check {} | pack diff cats {} | pack diff {} cats | pack sheet --html new.html {} | pack sheet -o new.png {}
    pack export {} --to slack -o new | pack build {} -o new | pack add {} cat.png | pack remove {} tom
    pack rename {} tom jerry | pack retire {} tom | pack plugin new --pack {} | pack import {} -o new
"""
FILE = "pack add cats {} | pack from-font {} -o new"
OUTPUT = """
    render post.md -o {} | render --page post.md -o {} | convert --to unicode post.md -o {} | thread thread.json -o {}
    pack sheet cats -o {} | pack sheet cats --html {} | pack diff cats cats --picture {}
"""
FOLDER = """
    pack new {} | pack import cats -o {} --name new | pack plugin new --pack cats -o {}
    pack export cats --to pleroma -o {}
"""
LONG = "n" * 300
UNREADABLE = ["missing", "no/such/folder", "loop", "pipe", "socket", LONG, "post.md/below", "", f"{'deep/' * 900}end"]
PLACES = {
    TEXT: [*UNREADABLE, "cats", "zero", f"{ODD}.md"],
    PACK: [*UNREADABLE, "post.md", "zero", "empty", "cut.zip", "filled", f"{ODD}.zip"],
    FILE: [*UNREADABLE, "zero", "empty", "cut.zip"],
    OUTPUT: ["cats", "full", "pipe", "socket", "missing/new", "post.md/new", LONG],
    FOLDER: ["post.md", "full", "pipe", "socket", "post.md/new", LONG, "loop"],
}


def commands(several: str) -> list[str]:
    return [command.strip() for command in several.strip().replace("\n", "|").split("|")]


FOLDERS = {f"convert --to unicode {how} {{}}" for how in ("--in-place", "--check", "--diff")}
CASES = [
    (command, path)
    for several, paths in PLACES.items()
    for command in commands(several)
    for path in paths
    if path != "cats" or command not in FOLDERS
]


@pytest.mark.parametrize("path", sorted({path for _, path in CASES}), ids=lambda path: ascii(path)[:20])
def test_a_path_that_cannot_be(path: str, here: Here) -> None:
    tried = [command for command, other in CASES if other == path]
    for command in tried:
        arguments = [one.replace("{}", path).replace("{0}", path) for one in shlex.split(command)]
        said = here.refuses(*arguments)
        assert len(said) < 1000 or "deep" in path
    assert tried


# Contents. Each way in which a file is no text.

POSTS: dict[str, tuple[bytes, str]] = {
    "Latin-1": (b"a\ncaf\xe9", ":2:4: is not UTF-8 (byte 0xe9); save it as UTF-8"),
    "UTF-16, little-endian": ("hi".encode("utf-16"), ": is UTF-16; save it as UTF-8"),
    "UTF-16, big-endian": (b"\xfe\xff\0h\0i", ": is UTF-16; save it as UTF-8"),
    "UTF-16 without a mark": (b"h\0i\0", ":1:2: has a NUL character, as no text has; is it another kind of file?"),
    "UTF-32": ("hi".encode("utf-32"), ": is UTF-16; save it as UTF-8"),
    "NUL": (b"abc\n\0", ":2:1: has a NUL character, as no text has; is it another kind of file?"),
    "lone surrogate": (b":wave: \xed\xa0\xbd", ":1:8: is not UTF-8 (byte 0xed); save it as UTF-8"),
    "overlong slash": (b"\xc0\xaf", ":1:1: is not UTF-8 (byte 0xc0); save it as UTF-8"),
    "beyond Unicode": (b"\xf4\x90\x80\x80", ":1:1: is not UTF-8 (byte 0xf4); save it as UTF-8"),
    "cut off": ("👋".encode()[:3], ":1:1: is not UTF-8 (byte 0xf0); save it as UTF-8"),
    "a picture": (
        encoded(Image.new("RGBA", (64, 64), "orange"), "PNG"),
        ":1:1: is not UTF-8 (byte 0x89); save it as UTF-8",
    ),
}


@pytest.mark.parametrize("kind", POSTS)
def test_a_file_that_is_no_text(kind: str, here: Here) -> None:
    content, message = POSTS[kind]
    (here.folder / "bad").write_bytes(content)
    for command in commands(TEXT):
        assert here.refuses(*shlex.split(command.format("bad"))) == f"shortcodes: bad{message}", command
    for command in ("render", "find", "convert --to unicode", "thread -", "render post.md -"):
        assert here.refuses(*shlex.split(command), stdin=content) == f"shortcodes: <stdin>{message}", command


MANIFESTS: dict[str, bytes] = {
    "Latin-1": MANIFEST.replace("tom", "caf\xe9").encode("latin-1", "replace"),
    "UTF-16": MANIFEST.encode("utf-16"),
    "NUL": MANIFEST.replace("tom", "t\0m").encode(),
    "lone surrogate": MANIFEST.replace("tom", "t\ud800m").encode("utf-8", "surrogatepass"),
    "escaped surrogate": MANIFEST.replace("tom", "t\\ud800m").encode(),
    "no TOML": b"{",
    "nothing": b"",
    "another table": b"[project]\nname = 'x'\n",
    "lists in lists": b"a = " + b"[" * 5_000,
    "a name that nobody sees": MANIFEST.replace("tom", "\u3164").encode(),
    "a name that turns around": MANIFEST.replace("tom", "a\u202eb").encode(),
    "a name in two forms": MANIFEST.replace("tom", "cafe\u0301").encode(),
}


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_manifest_that_is_none(kind: str, here: Here) -> None:
    (here.folder / "bad").mkdir()
    (here.folder / "bad" / "pack.toml").write_bytes(MANIFESTS[kind])
    for command in commands(PACK):
        if not command.startswith(("pack check", "pack sheet")):  # they show what there is
            here.refuses(*shlex.split(command.replace("{0}", "{}").format("bad")))
    assert run("pack", "check", "bad", cwd=here.folder)[0] == 1


JSON: dict[str, bytes] = {
    "nothing": b"",
    "cut off": b'{"title": "a',
    "a number": b"5",
    "lists in lists": b"[" * 100_000,
    "a long number": b'{"title": ' + b"9" * 10_000 + b"}",
    "not a number": b'{"a": NaN}',
    "a list": b'[":wave:"]',
    "a name that is a surrogate": b'{"a": "\\ud800"}',
    "the key is": b'{"\\ud800": "a b"}',
}


@pytest.mark.parametrize("kind", JSON)
def test_json_that_is_none(kind: str, here: Here) -> None:
    (here.folder / "bad").write_bytes(JSON[kind])
    for command in ("thread bad", "thread thread.json bad", "convert --to shortcode --names bad post.md"):
        here.refuses(*shlex.split(command))


# Options.


@pytest.mark.parametrize(
    "command",
    [
        "rendr",
        "render --nope",
        "render --dialect lemy",
        "render --renderer nope",
        "render --boundary nope",
        "render --to pdf",
        "render --page --to text",
        "render post.md -o post.md",
        "render post.md --page -o ./post.md",
        "render --pack cut.zip post.md -o cut.zip",
        "convert post.md",
        "convert --to unicode post.md -o post.md",
        "convert --to unicode cats",
        "convert --to unicode --in-place -",
        "thread",
        "thread thread.json -o thread.json",
        "thread thread.json --now soon",
        "thread - -",
        "emoji search",
        "emoji search cat --limit many",
        "pack check",
        "pack check cats --target nope",
        "pack export cats --to nope -o new",
        "pack export cats --to native -o cats",
        "pack import cats -o new --from nope",
        "pack import cats -o filled",
        "pack build cats -o filled",
        "pack build cats -o new --size 0",
        "pack add cats nope*.png",
        "pack add cats cat.png --name 'two words'",
        "pack add cats cat.png --name tom",
        "pack remove cats nope",
        "pack rename cats nope jerry",
        "pack rename cats tom 'two words'",
        "pack retire cats nope",
        "pack diff cats",
        "pack sheet cats",
        "pack from-font post.md -o new",
        "pack plugin 'no name'",
        "completion tcsh",
        # Bytes that are not UTF-8.
        f"render --dialect {ODD}",
        f"render --pack {ODD} post.md",
        f"render --pack cats --base-url {ODD} post.md",
        f"thread thread.json --now {ODD}",
        f"pack new new --name {ODD}",
        f"pack new new --title {ODD}",
        f"pack add cats cat.png --alt {ODD}",
        f"pack add cats cat.png --name {ODD}",
        f"pack rename cats tom {ODD}",
        f"pack retire cats {ODD}",
        f"pack plugin {ODD}",
        f"pack import cats -o new --name {ODD}",
        f"pack check cats --target {ODD}",
    ],
    ids=ascii,
)
def test_a_command_that_cannot_be(command: str, here: Here) -> None:
    here.refuses(*shlex.split(command))


# Processes: streams that are closed or full, pipes, and more than there is memory for.

SHELL: dict[str, tuple[str, int, str, str]] = {
    "standard input is closed": ("render <&-", 2, "", "shortcodes: <stdin>: Bad file descriptor\n"),
    "standard output is closed": ("render post.md >&-", 2, "", "shortcodes: standard output: Bad file descriptor\n"),
    "and it is found": ("find post.md >&-", 2, "", "shortcodes: standard output: Bad file descriptor\n"),
    "and it is asked for help": ("--help >&-", 2, "", "shortcodes: standard output: Bad file descriptor\n"),
    "and it is not needed": ("render post.md -o new >&- && cat new", 0, "<p>Hi 👋</p>\n", ""),
    "standard error is closed": ("render missing 2>&-", 2, "", ""),
    "all are closed": ("render missing <&- >&- 2>&-", 2, "", ""),
    "the disk is full": ("find post.md > /dev/full", 2, "", "shortcodes: standard output: No space left on device\n"),
    "a full device is a file": (
        "render post.md -o full",
        2,
        "",
        "shortcodes: full: cannot be written: No space left on device\n",
    ),
    "a device that takes all": ("render post.md -o null && test -L null", 0, "", ""),
    "standard output as a file": ("render post.md -o /dev/stdout | cat", 0, "<p>Hi 👋</p>\n", ""),
    "and it is a file": ("render post.md -o /proc/self/fd/1 > new; cat new", 0, "<p>Hi 👋</p>\n", ""),
    "standard input as a file": ("render /dev/stdin < post.md", 0, "<p>Hi 👋</p>\n", ""),
    "a pipe of the shell": (
        "render <(echo :wave:; sleep 0.2; echo :cat:)",
        0,
        '<p class="only-emoji">👋\n🐱</p>\n',
        "",
    ),
    "an empty one": ("render <(true)", 0, "", ""),
    "a pipe of the shell for output": ("render post.md -o >(cat) | cat", 0, "<p>Hi 👋</p>\n", ""),
    "a reader that leaves": ("emoji search face --limit 2000 | head -n 1", 0, "😀\t:grinning:\tgrinning face\n", ""),
    "a terminal that has ASCII": ("find post.md", 0, "post.md:1:4: :wave: 👋 wave (unicode)\n", ""),
    "a name that is not UTF-8": ("find $'caf\\xe9.md'", 0, "caf\\udce9.md:1:1: :cat: 🐱 cat (unicode)\n", ""),
    "and its page": ("render --page $'caf\\xe9.md' | grep '<title>'", 0, "<title>caf?.md</title>\n", ""),
    "a mark at the beginning": ("find mark.md", 0, "mark.md:1:1: :cat: 🐱 cat (unicode)\n", ""),
    "lines that end in two": ("convert --to unicode lines.md", 0, "🐱\r\n🐱", ""),
}


@pytest.mark.parametrize("name", SHELL)
def test_what_a_shell_can_do(name: str, folder: Path) -> None:
    (folder / os.fsdecode(b"caf\xe9.md")).write_text(":cat:")
    (folder / "mark.md").write_bytes(b"\xef\xbb\xbf:cat:")
    (folder / "lines.md").write_bytes(b":cat:\r\n:cat:")
    arguments, code, out, err = SHELL[name]
    done = in_shell(arguments, folder, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == (code, out, err)


def in_shell(arguments: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[bytes]":
    command = f'shortcodes() {{ {shlex.join(PROGRAM)} "$@"; }}; shortcodes {arguments}'
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    ["render", "find", "convert --to unicode", "thread -", "render <(gigabyte)", "render -o new"],
)
def test_a_line_of_a_gigabyte(arguments: str, folder: Path) -> None:
    """It is refused when so much of it has come as anything may have: the rest is neither read nor kept."""
    before = contents(folder)
    gigabyte = "gigabyte() { head -c 1G /dev/zero | tr '\\0' a; }"
    measured = f"{shlex.quote(sys.executable)} -c {shlex.quote(_MEASURED)} {shlex.join(PROGRAM)}"
    command = f"{gigabyte}; gigabyte | {measured} {arguments}"
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, timeout=60, check=False)
    message, used = done.stderr.decode().splitlines()
    assert done.returncode == 2
    assert message.endswith(f": has more than {MAX_BYTES >> 20} MiB; split it")
    assert int(used) < 4 * MAX_BYTES >> 10
    assert contents(folder) == before


_MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], close_fds=False).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def test_memory_that_runs_out_is_a_line(folder: Path) -> None:
    (folder / "long.md").write_text("x" * MAX_BYTES)

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (150 << 20, 150 << 20))

    done = subprocess.run(
        [*PROGRAM, "render", "long.md"], cwd=folder, preexec_fn=little, capture_output=True, check=False
    )
    assert done.returncode == 70
    assert done.stdout == b""
    assert done.stderr.startswith(b"shortcodes: MemoryError")
    assert done.stderr.count(b"\n") == 1


def test_what_nobody_foresaw_is_a_line_too(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError("no\n\x1b[2J")

    monkeypatch.setattr("shortcodes.cli.files.read_post", broken)
    code, said = here.says("render", "post.md")
    assert code == 70
    assert said.startswith("shortcodes: LookupError: no\\n\\x1b[2J (")
    assert said.endswith("); a mistake here, or in a plug-in\n")
