"""Bad moments for commands that write: killed, interrupted, the disk full or not to be written, the reader gone.

Whoever looks sees what was there or what was to be there, in full; a second run ends as an undisturbed one would have,
and takes away what the first one left.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from pictures import animated, encoded, flat, moving
from shortcodes import Emoji, Pack, read_pack, whole
from shortcodes.errors import InputError
from shortcodes.images.build import BuildSettings, build_pack
from shortcodes.images.make import MakeSettings
from shortcodes.packs.write import write_folder
from shortcodes.whole import open_whole

Tree = dict[str, bytes]
START = "import os, sys; from shortcodes.cli import main; os.close(os.open(sys.argv.pop(1), os.O_CREAT)); main()"
POSTS = 60
IMAGES = 12


class Command(NamedTuple):
    """A command that writes, and what it writes to."""

    arguments: tuple[str, ...]
    whole: tuple[str, ...] = ()
    """Folders that change in one step; of others, each file does."""


COMMANDS = {
    "convert in place": Command(("convert", "--to", "unicode", "--in-place", "posts")),
    "convert to a file": Command(("convert", "--to", "unicode", "-o", "out", "long.md")),
    "render": Command(("render", "--page", "-o", "out", "long.md")),
    "thread": Command(("thread", "thread.json", "--now", "2024-11-22T00:00:00Z", "-o", "out")),
    "build a folder": Command(("pack", "build", "cats", "-o", "built", "--jobs", "2"), ("built",)),
    "build a zip": Command(("pack", "build", "cats", "-o", "built.zip", "--jobs", "1")),
    "import": Command(("pack", "import", "dogs.zip", "-o", "new"), ("new",)),
    "import into": Command(("pack", "import", "dogs.zip", "-o", "cats")),
    "import over": Command(("pack", "import", "again", "-o", "cats", "--on-conflict", "replace"), ("cats",)),
    "export a zip": Command(("pack", "export", "cats", "--to", "misskey", "-o", "out.zip")),
    "sheet": Command(("pack", "sheet", "cats", "-o", "out.png", "--html", "out.html")),
    "add": Command(("pack", "add", "cats", "drawings")),
    "rename": Command(("pack", "rename", "cats", "e3", "other")),
    "remove": Command(("pack", "remove", "cats", "e3")),
    "plugin": Command(("pack", "plugin", "cats-emoji", "--pack", "cats", "-o", "project"), ("project",)),
    "begin": Command(("pack", "new", "begun"), ()),
}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that commands find: posts, packs, a thread, pictures, and what an older run wrote."""
    folder = tmp_path_factory.mktemp("before")
    (folder / "posts").mkdir()
    for number in range(POSTS):
        (folder / "posts" / f"{number}.md").write_text(f"{number} :wave: `:wave:` " + "and so on " * number, "utf-8")
    (folder / "long.md").write_text("# :wave:\n\n*so* it :t_rex: goes `:a:`\n\n" * 400, "utf-8")
    entry = {"author": "ana", "published": "2024-11-20T08:00:00Z"}
    comments = [{**entry, "id": str(number), "body": ":wave: " * 20, "replies": []} for number in range(200)]
    thread = {"title": "Tea", "post": {**entry, "body": "Tea :wave:"}, "comments": comments}
    (folder / "thread.json").write_text(json.dumps(thread), "utf-8")
    for name, first in (("cats", 0), ("dogs", 100), ("again", 200)):
        files = {f"images/e{n}.png": encoded(flat(first + n, 200), "PNG") for n in range(IMAGES)}
        called = "d" if name == "dogs" else "e"
        emoji = tuple(Emoji(f"{called}{n}", image=f"images/e{n}.png", width=64, height=64) for n in range(IMAGES))
        pack = Pack(name, emoji, version="1", license="CC0-1.0")
        write_folder(pack, {file: _content(content) for file, content in files.items()}, folder / name)
    (folder / "cats" / "LICENSE").write_bytes(b"CC0")
    (folder / "cats" / "notes" / "old").mkdir(parents=True)
    (folder / "cats" / "notes" / "old" / "idea.txt").write_bytes(b"more cats")
    shutil.make_archive(str(folder / "dogs"), "zip", folder / "dogs")
    (folder / "drawings").mkdir()
    for number in range(IMAGES):
        (folder / "drawings" / f"new{number}.png").write_bytes(encoded(flat(300 + number, 150), "PNG"))
    build_pack(folder / "again", folder / "built", BuildSettings(MakeSettings(32)))
    for name in ("out", "out.zip", "out.zip.names.json", "out.png", "out.html", "built.zip"):
        (folder / name).write_bytes(b"older")
    return folder


def _content(content: bytes) -> Callable[[], bytes]:
    return lambda: content


class After(NamedTuple):
    """What a command makes of the folder, undisturbed."""

    tree: Tree
    seconds: float


@pytest.fixture(scope="module")
def after(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], After]:
    known: dict[str, After] = {}

    def run(name: str) -> After:
        if name not in known:
            folder = tmp_path_factory.mktemp("after") / "work"
            shutil.copytree(before, folder, symlinks=True)
            started = time.perf_counter()
            done = finished(name, folder)
            assert done.returncode == 0, done.stderr
            known[name] = After(tree(folder), time.perf_counter() - started)
        return known[name]

    return run


def begun(name: str, folder: Path, **options: object) -> subprocess.Popen[bytes]:
    """Start a command; it is past its first imports when the file ``ready`` beside its folder is there."""
    command = [sys.executable, "-c", START, str(folder.parent / "ready"), *COMMANDS[name].arguments]
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(command, cwd=folder, **streams)  # type: ignore[call-overload, no-any-return]  # as given


def finished(name: str, folder: Path) -> "subprocess.CompletedProcess[bytes]":
    with begun(name, folder) as process:
        _, errors = process.communicate(timeout=100)
    assert b"Traceback" not in errors
    return subprocess.CompletedProcess(process.args, process.returncode, None, errors)


def wait_until_ready(folder: Path) -> None:
    limit = time.monotonic() + 60
    while not (folder.parent / "ready").exists() and time.monotonic() < limit:
        time.sleep(0.001)


def tree(folder: Path) -> Tree:
    """Every file by its path, and where links lead; without the tables that a build keeps."""
    found = {}
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not re.fullmatch(r"\..*\.build", name)]
        for name in (*files, *folders):
            path = Path(place, name)
            if path.is_symlink():
                behind = tree(path.resolve())
                found.update({f"{path.relative_to(folder)}/{file}": content for file, content in behind.items()})
            elif path.is_file():
                found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def hidden(found: Tree) -> set[str]:
    return {name for name in found if any(step.startswith(".") for step in name.split("/"))} - {"project/.gitignore"}


def check_old_or_new(command: Command, old: Tree, now: Tree, new: Tree) -> None:
    """Each file is the old or the new one; so is each folder that changes in one step; and none is lost."""
    seen = {name: content for name, content in now.items() if name not in hidden(now)}
    partial = [name for name, content in seen.items() if content not in (old.get(name), new.get(name))]
    assert partial == []
    lost = [name for name in old.keys() & new.keys() if name not in seen]
    assert lost == []
    for folder in command.whole:
        inside = [{k: v for k, v in one.items() if k.startswith(f"{folder}/")} for one in (seen, old, new)]
        assert inside[0] in inside[1:]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_random_moments(
    name: str, before: Path, after: Callable[[str], After], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """``--kills 200`` is what was promised, of all together; by default each is killed once."""
    kills = -(-int(request.config.getoption("--kills", default=16)) // len(COMMANDS))
    random = Random(name)
    old, new = tree(before), after(name).tree
    killed = 0
    for number in range(kills):
        folder = tmp_path / str(number) / "work"
        shutil.copytree(before, folder, symlinks=True)
        with begun(name, folder, stderr=subprocess.DEVNULL) as process:
            wait_until_ready(folder)
            time.sleep(random.random() * after(name).seconds * 0.7)
            process.kill()
        killed += process.returncode == -signal.SIGKILL
        now = tree(folder)
        check_old_or_new(COMMANDS[name], old, now, new)
        for pack in ("cats", "new", "begun"):
            if (folder / pack / "pack.toml").exists():
                read_pack(folder / pack)
        was_done = {k: v for k, v in now.items() if k not in hidden(now)} == new
        again = finished(name, folder)
        assert again.returncode == 0 or (was_done and again.returncode == 2), again.stderr
        assert tree(folder) == new
        shutil.rmtree(folder.parent)
    print(f"{name}: {killed} of {kills} killed in time")  # noqa: T201  # for whoever asked for more


# What a killed process left.


@pytest.fixture
def small_pack(tmp_path: Path) -> Path:
    write_folder(Pack("cats", (Emoji("cat", image="cat.png"),)), {"cat.png": lambda: b"1"}, tmp_path / "cats")
    return tmp_path / "cats"


NEW = Pack("cats", (Emoji("cat", image="cat.png"), Emoji("dog", image="dog.png")))
NEW_FILES = {"cat.png": lambda: b"2", "dog.png": lambda: b"2"}


def test_what_is_left_is_known_by_its_lock(tmp_path: Path) -> None:
    """What another process is writing stays; so does what only looks like it."""
    target = tmp_path / "out.md"
    others = (tmp_path / ".out.md.template", tmp_path / ".other.md.1.unfinished")
    for file in (*others, tmp_path / ".out.md.1.unfinished", tmp_path / ".out.md.3.unfinished"):
        file.write_text("x", "utf-8")
    with open_whole(target) as one:
        one.write(b"one")
        with open_whole(target) as two:
            two.write(b"two")
            assert sorted(os.listdir(tmp_path)) == sorted(
                [".out.md.1.unfinished", ".out.md.2.unfinished", *(file.name for file in others)]
            )
        assert target.read_bytes() == b"two"
    assert target.read_bytes() == b"one"
    assert sorted(tmp_path.iterdir()) == sorted([*others, target])


def test_a_pack_is_never_gone_while_it_is_replaced(small_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two renames have a moment between them; an exchange has none. Linux has it."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the system cannot exchange folders")
    (small_pack / "LICENSE").write_bytes(b"mine")
    renamed: list[object] = []
    monkeypatch.setattr("os.rename", lambda *names: renamed.append(names))
    write_folder(NEW, NEW_FILES, small_pack, replace=True)
    assert renamed == []
    assert read_pack(small_pack) == NEW
    assert sorted(os.listdir(small_pack)) == ["LICENSE", "cat.png", "dog.png", "pack.toml"]
    assert os.listdir(small_pack.parent) == ["cats"]


def test_where_folders_cannot_be_exchanged(small_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "_exchange", lambda *_: False)
    (small_pack / "LICENSE").write_bytes(b"mine")
    write_folder(NEW, NEW_FILES, small_pack, replace=True)
    assert read_pack(small_pack) == NEW
    assert (small_pack / "LICENSE").read_bytes() == b"mine"
    assert os.listdir(small_pack.parent) == ["cats"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_no_file_takes_the_place_of_a_pipe(tmp_path: Path) -> None:
    """As root, ``-o /dev/null`` once would have been the end of it."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is a pipe or a device"), open_whole(tmp_path / "pipe"):
        pass
    assert (tmp_path / "pipe").is_fifo()


# Signals.


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals(name: str, before: Path, after: Callable[[str], After], tmp_path: Path) -> None:
    """Whoever ends a command sees a line or nothing, and nothing is left: no part of a file, and no process."""
    number = signal.Signals[name]
    random = Random(name)
    for kind in ("convert in place", "render", "build a folder", "import over", "add"):
        folder = tmp_path / kind / "work"
        shutil.copytree(before, folder, symlinks=True)
        with begun(kind, folder, start_new_session=True) as process:
            wait_until_ready(folder)
            time.sleep(random.random() * after(kind).seconds * 0.5)
            os.killpg(process.pid, number)  # as a terminal does
            _, errors = process.communicate(timeout=60)
        now = tree(folder)
        check_old_or_new(COMMANDS[kind], tree(before), now, after(kind).tree)
        on_its_way_out = -number if now == after(kind).tree else 0  # Python takes handlers away at the end
        assert process.returncode in (0, 128 + number, on_its_way_out), errors
        assert b"Traceback" not in errors, errors
        assert len(errors.splitlines()) <= 1
        assert hidden(now) == set()
        assert not group_is_alive(process.pid)


def group_is_alive(group: int) -> bool:
    """Tell whether a process of a group is left after some seconds."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True


LINUX = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are looked for in Linux's /proc")


def children_of(process: "subprocess.Popen[bytes]", wanted: int) -> list[int]:
    """Wait for the processes that work for another one."""
    limit = time.monotonic() + 60
    found: list[int] = []
    while len(found) < wanted and time.monotonic() < limit and process.poll() is None:
        pids = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
        found = [int(pid) for pid in pids if b"spawn_main" in _command_of(pid)]
        time.sleep(0.01)
    assert len(found) == wanted
    return found


def _command_of(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@LINUX
@pytest.mark.parametrize("ended", ["worker", "build"])
def test_a_process_of_a_build_is_killed(ended: str, tmp_path: Path) -> None:
    """If a worker is, for want of memory say, the build says so; if the build is, no worker stays."""
    count = 24
    files = {f"e{n}.gif": _content(animated(moving(n, 8, 160), "GIF")) for n in range(count)}
    emoji = tuple(Emoji(f"e{n}", image=f"e{n}.gif") for n in range(count))
    write_folder(Pack("cats", emoji), files, tmp_path / "cats")
    with begun("build a folder", tmp_path, start_new_session=True) as process:
        workers = children_of(process, 2)
        time.sleep(0.3)
        os.kill(workers[0] if ended == "worker" else process.pid, signal.SIGKILL)
        _, errors = process.communicate(timeout=60)
    assert not group_is_alive(process.pid)
    assert not (tmp_path / "built").exists()
    if ended == "worker":
        message = b"shortcodes: not all images were done: a process was killed, perhaps for want of memory\n"
        assert (process.returncode, errors) == (2, message)
    assert finished("build a folder", tmp_path).returncode == 0
    assert len(read_pack(tmp_path / "built").emoji) == count


# Disks.


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


# What is written to the disk, by a command in the folder beside it; `{}` is the disk.
TO_DISK = {
    "convert in place": "convert --to shortcode --in-place {}/posts",
    "convert to a file": "convert --to unicode long.md -o {}/out",
    "render": "render long.md -o {}/out",
    "thread": "thread thread.json -o {}/out",
    "build a folder": "pack build cats -o {}/built --jobs 1",
    "build in processes": "pack build cats -o {}/built --jobs 2",
    "build a zip": "pack build cats -o {}/out.zip --jobs 1",
    "import": "pack import dogs.zip -o {}/new",
    "import into": "pack import dogs.zip -o {}/cats",
    "export a zip": "pack export cats --to misskey -o {}/out.zip",
    "export a folder": "pack export cats --to mastodon -o {}/exported",
    "sheet": "pack sheet cats -o {}/out",
    "sheet as a page": "pack sheet cats --html {}/out",
    "diff": "pack diff cats again --picture {}/out",
    "add": "pack add {}/cats drawings",
    "new": "pack new {}/begun",
    "rename": "pack rename {}/cats cat cats",
    "plugin": "pack plugin cats-emoji --pack cats -o {}/project",
}
NEEDS_NO_ROOM = {"new", "rename"}
"""What writes a few bytes, for which there is room on a disk that has none for more."""


@pytest.mark.parametrize("reason", ["No space left on device", "Read-only file system"])
def test_disks(reason: str, before: Path, disk: Path) -> None:
    """What cannot be written is told in one line, and all that was there is there."""
    (disk / "out").write_bytes(b"older")
    (disk / "out.zip").write_bytes(b"older")
    write_folder(Pack("cats", (Emoji("cat", "🐱"),)), {}, disk / "cats")
    (disk / "posts").mkdir()
    (disk / "posts" / "one.md").write_text("👋" * 30_000, "utf-8")
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    (disk / "filler").write_bytes(bytes(free - 8_192))
    if reason.startswith("Read-only"):
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    old = tree(disk)
    for name, arguments in TO_DISK.items():
        if name in NEEDS_NO_ROOM and not reason.startswith("Read-only"):
            continue
        command = [sys.executable, "-c", START, os.devnull, *arguments.format(disk).split()]
        done = subprocess.run(command, cwd=before, capture_output=True, text=True, check=False, timeout=100)
        told = [line for line in done.stderr.splitlines() if "1 failed" not in line]
        assert done.returncode == 2, (name, done.stderr)
        assert len(told) == 1, (name, told)
        assert re.fullmatch(rf"shortcodes: {disk}/\S+: cannot be written: {reason}", told[0]), (name, told)
        assert tree(disk) == old, name
        shutil.rmtree(disk / ".built.build", ignore_errors=True)  # what it has made stays, for the next build
        shutil.rmtree(disk / ".out.zip.build", ignore_errors=True)


def test_a_file_that_may_not_grow(before: Path, tmp_path: Path) -> None:
    """The same where nothing can be mounted: a limit of the process, which the system tells likewise."""
    pytest.importorskip("resource")
    (tmp_path / "out").write_bytes(b"older")
    for name in ("render", "thread", "sheet", "export a zip"):
        limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); {START}"
        arguments = TO_DISK[name].replace("out.zip", "out").format(tmp_path).split()
        command = [sys.executable, "-B", "-c", limited, os.devnull, *arguments]
        done = subprocess.run(command, cwd=before, capture_output=True, text=True, check=False, timeout=100)
        message = f"shortcodes: {tmp_path}/out: cannot be written: File too large\n"
        assert (name, done.returncode, done.stderr) == (name, 2, message)
        assert tree(tmp_path) == {"out": b"older"}


# Readers that leave.

TALKATIVE = {
    "render": "render long.md long.md long.md",
    "find": "find --json long.md",
    "convert": "convert --to unicode long.md long.md long.md",
    "diff": "convert --to unicode --diff long.md posts",
    "thread": "thread thread.json",
    "search": "emoji search a --json --limit 5000",
}


@pytest.mark.parametrize("name", TALKATIVE)
def test_a_reader_that_leaves(name: str, before: Path) -> None:
    """As ``| head -c 1`` does. It is no error."""
    command = [sys.executable, "-c", START, os.devnull, *TALKATIVE[name].split()]
    with subprocess.Popen(command, cwd=before, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.read(1)
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, b"")
