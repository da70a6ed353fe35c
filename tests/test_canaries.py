"""Canaries: whatever a stranger's archive or folder has in it, nothing outside of the target changes or comes to be.

Around the target lie a file, a folder whose name begins as the target's does, and one that links lead to. All of it,
and the folder of temporary files, is looked at before and after each attack. What each costs is measured, too.
"""

import gzip
import hashlib
import io
import os
import re
import stat
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from meter import Cost, Meter
from pictures import encoded, flat
from test_archives import HOSTILE, header, patched, pax, tarred, zipped

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the meter tells the peak of a process as Linux does")

SECONDS, MEGABYTES = 2.0, 96.0
PICTURE = encoded(flat(1, 20), "PNG")
REFUSALS = ("", "InputError", "PackError")


class World(NamedTuple):
    """Where an attack happens."""

    root: Path
    temporary: Path
    meter: Meter

    def attack(self, call: str, *arguments: str | Path, within: str = "") -> Cost:
        """Make a call, after which nothing is another but what is at that path, and all has been within bounds."""
        before = self._seen(within)
        cost = self.meter.measure(call, *arguments)
        assert self._seen(within) == before, (call, arguments, cost)
        assert not list(self.temporary.iterdir()), (call, cost)
        assert cost.error in REFUSALS, (call, cost)
        assert "Traceback" not in cost.said, cost
        assert "canary sings" not in cost.said, cost
        assert cost.seconds <= SECONDS, (call, cost)
        assert cost.megabytes <= MEGABYTES, (call, cost)
        if "command" in call and cost.error:
            assert cost.said.startswith("2: "), cost
        return cost

    def _seen(self, within: str) -> dict[str, tuple[object, ...]]:
        """Return what is to be seen of all paths, those of the target aside; folders that hold it have new times."""
        found: dict[str, tuple[object, ...]] = {}
        target = f"{self.root}/{within}" if within else ""
        for folder, folders, files in os.walk(self.root):  # texts: a `Path` of 500 folders costs what 500 do
            if folder == target:
                folders.clear()
                continue
            for path in (folder, *(f"{folder}/{name}" for name in (*folders, *files))):
                state = os.lstat(path)
                times = () if target.startswith(f"{path}/") else (state.st_mtime_ns, state.st_size)
                content: object = os.readlink(path) if stat.S_ISLNK(state.st_mode) else None
                if stat.S_ISREG(state.st_mode) and 0 < state.st_size < 1 << 20:
                    content = hashlib.sha256(Path(path).read_bytes()).digest()
                if path != target:
                    found[path] = (state.st_mode, *times, content)
        return found


@pytest.fixture(scope="session")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="session")
def meter(temporary: Path) -> Iterator[Meter]:
    kept = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(temporary)
    meter = Meter()
    try:
        meter.measure("read pack", "")  # it has begun, with that folder
        yield meter
    finally:
        os.environ.pop("TMPDIR") if kept is None else os.environ.update(TMPDIR=kept)
        meter.close()


@pytest.fixture(scope="session")
def thorough(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--all-canaries"))


@pytest.fixture
def world(tmp_path: Path, temporary: Path, meter: Meter) -> World:
    root = tmp_path / "world"
    for folder in ("out", "pack-evil", "outside", "in"):
        (root / folder).mkdir(parents=True)
    for path in ("canary.png", "pack-evil/canary.png", "outside/canary.png", "out/canary.png"):
        (root / path).write_text("the canary sings")
    (root / "out" / "link").symlink_to("../outside")
    return World(root, temporary, meter)


def manifest(*images: str) -> bytes:
    lines = ['[pack]\nschema = 1\nname = "cats"\n']
    for number, image in enumerate(images):
        escaped = "".join(f"\\u{ord(one):04x}" if not 32 <= ord(one) < 127 or one in '"\\' else one for one in image)
        lines.append(f'[[emoji]]\nname = "cat{number}"\nimage = "{escaped}"\n')
    return "\n".join(lines).encode()


# Names, in every kind of archive, next to a pack that asks for them.

NAMES = {
    **{name: name for name in ("../canary.png", "x/../../canary.png", "../pack-evil/canary.png", "..\\canary.png")},
    **{
        name: name
        for name in ("/canary.png", "C:canary.png", "C:\\canary.png", "//host/canary.png", "a\\..\\..\\b.png")
    },
    **{
        name: name
        for name in ("CON.png", "con", "nul.tar.png", "AUX", "COM1.png", "lpt9.png", "a:b.png", "a.png:$DATA")
    },
    **{
        name: name
        for name in ("a.png.", "a.png ", " ", ".", "..", "...", "./a.png", "a//b.png", "a/./b.png", "~/a.png")
    },
    **{
        name: name
        for name in ("-rf", "|id", "$HOME/a.png", "%2e%2e%2fcanary.png", "..%2fcanary.png", "PACK.TOML", "a/")
    },
    **{
        name: name
        for name in (".git/config", "__MACOSX/._a.png", ".pack.toml.abcdefgh", "LICENSE\\..\\x", "../LICENSE")
    },
    "escape": "a\x1b[2J.png",
    "turned": "a\u202egnp.exe",
    "unseen": "\u200b.png",
    "fraction slash": "..\u2215canary.png",
    "full width": "\uff0e\uff0e/canary.png",
    "long": f"{'x' * 300}.png",
    "very long": f"{'x' * 60_000}.png",
    "deep": f"{'a/' * 40}a.png",
}


def as_zip(files: list[tuple[str, bytes]]) -> bytes:
    return zipped(*files, method=zipfile.ZIP_DEFLATED)


def as_tar(files: list[tuple[str, bytes]]) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz", format=tarfile.PAX_FORMAT, compresslevel=1) as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return output.getvalue()


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
@pytest.mark.parametrize("name", NAMES)
def test_names_lead_nowhere(name: str, kind: str, world: World, *, thorough: bool) -> None:
    """All commands read a zip by one door, `examine_pack`, and all imports an archive by another, `check_paths`."""
    path = NAMES[name]
    files = [("pack.toml", manifest(path, "fine.png")), ("fine.png", PICTURE), (path, PICTURE)]
    source = world.root / "in" / f"a.{kind}"
    source.write_bytes((as_zip if kind == "zip" else as_tar)(files))
    world.attack("import", source, world.root / "out/pack", within="out/pack")
    world.attack("import", source, world.root / "out/other", "pleroma", within="out/other")
    for target in ("out/pack", "out/other"):
        for found in (world.root / target).rglob("*"):
            assert re.fullmatch(r"[\w.-]+", found.name, re.ASCII), found
            assert not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)", found.name), found
    if kind == "zip":
        world.attack("command", "pack", "build", source, "-o", world.root / "out/built.zip", within="out")
    if kind == "zip" and thorough:
        world.attack("command", "pack", "check", source)
        world.attack("command", "pack", "plugin", "cats-x", "--pack", source, "-o", world.root / "out/p", within="out")
        world.attack(
            "command", "pack", "export", source, "--to", "misskey", "-o", world.root / "out/m.zip", within="out"
        )


# Archives that are no archives of anybody.


def sized(packed: bytes, fields: bytes) -> bytes:
    """Put an extra field (zip64: APPNOTE.TXT, 4.5.3) behind the name of the one entry of the directory."""
    at = packed.index(b"PK\1\2")
    name = int.from_bytes(packed[at + 28 : at + 30], "little")
    packed = packed[: at + 30] + len(fields).to_bytes(2, "little") + packed[at + 32 :]
    packed = packed[: at + 46 + name] + fields + packed[at + 46 + name :]
    end = packed.rindex(b"PK\5\6")
    length = int.from_bytes(packed[end + 12 : end + 16], "little") + len(fields)
    return packed[: end + 12] + length.to_bytes(4, "little") + packed[end + 16 :]


PACK = [("pack.toml", manifest("a.png")), ("a.png", PICTURE)]


def linked_folder() -> bytes:
    """A link first, and then a file below it."""
    return tarred(header("x", b"2", link="../outside"), header("x/canary.png", size=8), b"overhere")


def with_descriptor() -> bytes:
    """A member whose sizes are said behind it, falsely (APPNOTE.TXT, 4.3.9)."""
    packed = patched(patched(as_zip(PACK), b"PK\3\4", 6, b"\x08"), b"PK\1\2", 8, b"\x08")
    return packed.replace(b"PK\1\2", b"PK\7\x08" + b"\xff" * 12 + b"PK\1\2", 1)


def in_two_parts(tar: bytes) -> bytes:
    return gzip.compress(tar[:700]) + gzip.compress(tar[700:])


STRUCTURES: dict[str, Callable[[], bytes]] = {
    **{name: make for name, (make, _) in HOSTILE.items()},
    "zip: behind a program": lambda: b"#!/bin/sh\nrm -rf ~\n" + as_zip(PACK),
    "zip: behind a picture": lambda: PICTURE + as_zip(PACK),
    "zip: before a tar": lambda: as_zip(PACK) + tarred(header("../canary.png", size=8), PICTURE[:8]),
    "zip: two, one behind the other": lambda: as_zip(PACK) + as_zip([("pack.toml", manifest("../canary.png"))]),
    "zip: in a zip in a zip": lambda: as_zip([("a.zip", as_zip([("b.zip", as_zip(PACK))]))]),
    "zip: a comment with a zip": lambda: as_zip(PACK)[:-2] + b"\x16\0PK\5\6" + bytes(18),
    "zip: a long comment": lambda: as_zip(PACK)[:-2] + b"\xff\xff" + b"PK\5\6" * 16_384,
    "zip: a comment that is not there": lambda: as_zip(PACK)[:-2] + b"\xff\xff",
    "zip: sizes behind it, that lie": with_descriptor,
    "zip: 64 bits that lie": lambda: sized(
        patched(zipped(PACK[0]), b"PK\1\2", 24, b"\xff" * 4), b"\1\0\x08\0" + b"\xff" * 8
    ),
    "zip: 64 bits that are missing": lambda: patched(zipped(PACK[0]), b"PK\1\2", 24, b"\xff" * 4),
    "zip: directory elsewhere": lambda: as_zip(PACK)[:-6] + b"\xff\xff\xff\x7f\0\0",
    "zip: says 65,535 files": lambda: patched(as_zip(PACK), b"PK\5\6", 8, b"\xff" * 4),
    "zip: overlong UTF-8": lambda: patched(
        as_zip([*PACK, ("aaaaaaaaa.png", PICTURE)]).replace(b"aaaaaaaaa.png", b"\xc0\xae\xc0\xae\xc0\xafaaa.png"),
        b"PK\1\2",
        8,
        b"\0\x08",
    ),
    "zip: NUL in a name": lambda: as_zip([*PACK, ("c.pngXexe", PICTURE)]).replace(b"c.pngXexe", b"c.png\0exe"),
    "zip: one name here, another there": lambda: patched(as_zip(PACK), b"PK\3\4", 30, b"xxxx"),
    "zip: deflate64": lambda: patched(patched(as_zip(PACK), b"PK\1\2", 10, b"\x09"), b"PK\3\4", 8, b"\x09"),
    "zip: bzip2": lambda: zipped(*PACK, method=zipfile.ZIP_BZIP2),
    "zip: zstd": lambda: patched(patched(as_zip(PACK), b"PK\1\2", 10, b"\x5d"), b"PK\3\4", 8, b"\x5d"),
    "zip: a folder with something in it": lambda: patched(as_zip([("pack.toml/", b"x"), *PACK]), b"zz", 0, b""),
    "zip: a file, then a folder": lambda: as_zip([*PACK, ("a.png/b.png", PICTURE)]),
    "zip: only its end": lambda: b"PK\5\6" + bytes(18),
    "tar: below a link": linked_folder,
    "tar: a link of pax": lambda: pax(("linkpath", "/etc/passwd")) + tarred(header("a.png", b"2")),
    "tar: another charset": lambda: pax(("hdrcharset", "BINARY"), ("path", "../canary.png")) + tarred(header("a")),
    "tar: a global path": lambda: (
        pax(("path", "../canary.png")).replace(b"0000000\x0000000000000", b"", 0)[:156]
        + b"g"
        + pax(("path", "../canary.png"))[157:]
        + tarred(header("a.png", size=8), PICTURE[:8])
    ),
    "tar: bytes that are no UTF-8": lambda: tarred(header("a.png", size=8), PICTURE[:8]).replace(
        b"a.png", b"\xff\xfe\xfd.p"
    ),
    "tar: two, one behind the other": lambda: tarred(header("a.png")) + tarred(header("../canary.png")),
    "tar: a device of characters": lambda: tarred(header("a.png", b"3")),
    "tar: a volume of several": lambda: tarred(header("a.png", b"M", 8), b"12345678"),
    "tar: sizes of pax": lambda: pax(("size", "9" * 5_000)) + tarred(header("a.png")),
    "tar: a size below zero": lambda: pax(("size", "-512")) + tarred(header("a.png")),
    "tar.gz: with garbage behind it": lambda: as_tar(PACK) + b"garbage" * 99,
    "tar.gz: in two parts": lambda: in_two_parts(gzip.decompress(as_tar(PACK))),
    "tar.gz: of no parts": lambda: gzip.compress(b"") * 30_000,
    "tar.gz: in a tar.gz": lambda: gzip.compress(as_tar(PACK)),
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_archives_leave_nothing(name: str, world: World) -> None:
    source = world.root / "in" / "pack.zip"
    source.write_bytes(STRUCTURES[name]())
    world.attack("read source", source)
    world.attack("import", source, world.root / "out/pack", within="out/pack")
    world.attack("import", source, world.root / "out/more", "mastodon_tar", within="out/more")
    world.attack("command", "pack", "check", source)


# Bombs.


def zeros(count: int, *, head: bytes = b"", gz: bool = True) -> bytes:
    """Return so many megabytes of nothing, packed: one of them, again and again, which takes no time to make."""
    pack = zlib.compressobj(9, wbits=31 if gz else -15)
    first = pack.compress(head) + pack.compress(bytes(1 << 20)) + pack.flush(zlib.Z_FULL_FLUSH)
    again = pack.compress(bytes(1 << 20)) + pack.flush(zlib.Z_FULL_FLUSH)
    return first + again * (count - 1) + pack.flush()


def directory(entries: int) -> bytes:
    """A zip of nothing but its directory, which goes on and on."""
    entry = b"PK\1\2" + bytes(24) + b"\1\0" + bytes(16) + b"a"
    return (
        entry * entries + b"PK\5\6" + bytes(4) + b"\xff\xff\xff\xff" + (47 * entries).to_bytes(4, "little") + bytes(6)
    )


def of_noise(megabytes: int) -> bytes:
    """A tar.gz as large as may be, of files that are what they say."""
    noise = os.urandom(1 << 20)
    blocks = (part for number in range(megabytes) for part in (header(f"{number}.png", size=1 << 20), noise))
    return gzip.compress(tarred(*blocks), 1)


BOMBS: dict[str, Callable[[], bytes]] = {
    "4 GiB in a tar.gz": lambda: zeros(4_096),
    "4 GiB of one file in a tar.gz": lambda: zeros(4_096, head=header("a.png", size=b"40000000000\0")),
    "200 MiB of one file in a tar.gz": lambda: zeros(200, head=header("a.png", size=200 << 20)),
    "a tar.gz that is worth its size": lambda: of_noise(200),
    "a zip of 60 MiB in one file": lambda: as_zip([*PACK, ("b.png", bytes(60 << 20))]),
    "a zip of 15 MiB in each file": lambda: as_zip([*PACK, *((f"{one}.png", bytes(15 << 20)) for one in range(10))]),
    "a zip that is a manifest": lambda: as_zip([("pack.toml", b"#" * (100 << 20))]),
    "a zip of half a million files": lambda: directory(500_000),
    "a zip of 30,000 files": lambda: as_zip([*PACK, *((f"{one}.png", b"") for one in range(30_000))]),
    "a zip of 20,000 files": lambda: as_zip([*PACK, *((f"{one}.png", b"") for one in range(19_900))]),
    "a tar of 20,000 files": lambda: tarred(*(header(f"{one}.png") for one in range(19_900))),
    "a tar of long names": lambda: b"".join(
        pax(("path", f"{'a/' * 14}{one}{'b' * 900}.png")) + header("a") for one in range(3_000)
    ),
}


LONG = {"a tar.gz that is worth its size", "a zip of 20,000 files", "21,000 files"}
"""What takes seconds to make, or to watch: others stand for it, smaller ones, or those that are refused sooner."""


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_cheap(name: str, world: World, *, thorough: bool) -> None:
    if name in LONG and not thorough:
        pytest.skip("takes long; --all-canaries")
    source = world.root / "in" / "bomb.zip"
    source.write_bytes(BOMBS[name]())
    world.attack("read source", source)
    world.attack("import", source, world.root / "out/pack", "pleroma", within="out/pack")
    world.attack("examine pack", source)
    world.attack("command", "pack", "check", source)
    world.attack("command", "pack", "build", source, "-o", world.root / "out/b.zip", within="out")


# Folders.


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def replaced(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


def filled(path: Path) -> None:
    for number in range(21_000):
        (path.parent / f"{number}").touch()


FOLDERS: dict[str, Callable[[Path], object]] = {
    "a link out": lambda pack: replaced(pack / "a.png", lambda path: path.symlink_to("../canary.png")),
    "a link to the sibling": lambda pack: replaced(
        pack / "a.png", lambda path: path.symlink_to("../pack-evil/canary.png")
    ),
    "a link to itself": lambda pack: replaced(pack / "a.png", lambda path: path.symlink_to("a.png")),
    "a link to its folder": lambda pack: (pack / "loop").symlink_to("."),
    "a link to a folder outside": lambda pack: (pack / "art").symlink_to("../outside"),
    "a link to a device": lambda pack: replaced(pack / "a.png", lambda path: path.symlink_to("/dev/zero")),
    "a link to a process": lambda pack: replaced(pack / "a.png", lambda path: path.symlink_to("/proc/self/environ")),
    "a pipe": lambda pack: replaced(pack / "a.png", os.mkfifo),
    "a folder": lambda pack: replaced(pack / "a.png", Path.mkdir),
    "a huge picture": lambda pack: sparse(pack / "a.png", 4 << 30),
    "a huge manifest": lambda pack: sparse(pack / "pack.toml", 4 << 30),
    "the manifest a pipe": lambda pack: replaced(pack / "pack.toml", os.mkfifo),
    "the manifest a folder": lambda pack: replaced(pack / "pack.toml", Path.mkdir),
    "the manifest a link out": lambda pack: replaced(pack / "pack.toml", lambda path: path.symlink_to("../canary.png")),
    "the manifest a link to a device": lambda pack: replaced(
        pack / "pack.toml", lambda path: path.symlink_to("/dev/zero")
    ),
    "21,000 files": lambda pack: filled(pack / "a.png"),
    "a deep folder": lambda pack: (pack / "/".join(["d"] * 500)).mkdir(parents=True),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_lead_nowhere(name: str, world: World, *, thorough: bool) -> None:
    if name in LONG and not thorough:
        pytest.skip("takes long; --all-canaries")
    pack = world.root / "pack"
    pack.mkdir()
    for file, content in PACK:
        (pack / file).write_bytes(content)
    FOLDERS[name](pack)
    out = world.root / "out"
    world.attack("read pack", pack)
    world.attack("examine pack", pack)
    world.attack("command", "pack", "check", pack)
    world.attack("import", pack, out / "i", within="out")
    world.attack("import", pack, out / "j", "pleroma", within="out")
    world.attack("command", "pack", "build", pack, "-o", out / "b.zip", within="out")
    world.attack("command", "pack", "sheet", pack, "-o", out / "s.html", within="out")
    world.attack("command", "pack", "export", pack, "--to", "lemmy", "-o", out / "e.json", within="out")
    world.attack("command", "pack", "plugin", "cats-x", "--pack", pack, "-o", out / "p", within="out")
    assert not any(b"canary sings" in path.read_bytes() for path in out.rglob("*") if _is_new(path))


def _is_new(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.name != "canary.png"


# Where something is written: links in the way, and names that lead out.

EDITS: dict[str, Callable[[Path], list[str | Path]]] = {
    "a name that leads out": lambda pack: ["rename", pack, "cat0", "../x"],
    "a name of a device": lambda pack: ["rename", pack, "cat0", "CON"],
    "a link to be added": lambda pack: ["add", pack, pack.parent / "in/link.png"],
    "a link in the pack to be added": lambda pack: ["add", pack, pack / "out.png"],
    "a folder with links to be added": lambda pack: ["add", pack, pack.parent / "in"],
    "a folder of images that leads out": lambda pack: ["add", pack, pack.parent / "in/real.png"],
    "removing what is a link": lambda pack: ["remove", "--files", pack, "cat0"],
    "retiring": lambda pack: ["retire", pack, "cat0"],
    "an import into it": lambda pack: ["import", pack.parent / "in/more.zip", "-o", pack],
    "an import that replaces": lambda pack: [
        *("import", pack.parent / "in/more.zip", "-o", pack, "--on-conflict", "replace")
    ],
    "a build over a link": lambda pack: ["build", pack, "-o", pack.parent / "out/link"],
    "an export over a link": lambda pack: ["export", pack, "--to", "lemmy", "-o", pack.parent / "out/file.json"],
    "an export into a link": lambda pack: ["export", pack, "--to", "discord", "-o", pack.parent / "out/link"],
    "a sheet over a link": lambda pack: ["sheet", pack, "-o", pack.parent / "out/file.html"],
    "a project into a link": lambda pack: ["plugin", "cats-x", "--pack", pack, "-o", pack.parent / "out/link"],
    "a project that leads out": lambda pack: ["plugin", "../x", "--pack", pack, "-o", pack.parent / "out/p"],
}


@pytest.mark.parametrize("manifest_is_link", [False, True])
@pytest.mark.parametrize("name", EDITS)
def test_what_is_written_stays_inside(name: str, world: World, *, manifest_is_link: bool) -> None:
    root, pack = world.root, world.root / "pack"
    pack.mkdir()
    (pack / "pack.toml").write_bytes(manifest("a.png"))
    (pack / "a.png").write_bytes(PICTURE)
    (pack / "out.png").symlink_to("../outside/real.png")
    (pack / "images").symlink_to("../outside")
    for path in ("outside/real.png", "in/real.png"):
        (root / path).write_bytes(PICTURE)
    (root / "in/link.png").symlink_to("../canary.png")
    more = [("pack.toml", manifest("images/b.png", "images/new/b.png")), ("images/b.png", PICTURE)]
    (root / "in/more.zip").write_bytes(as_zip([*more, ("images/new/b.png", encoded(flat(2, 20), "PNG"))]))
    (root / "out/file.json").symlink_to("../canary.png")
    (root / "out/file.html").symlink_to("../canary.png")
    if manifest_is_link:
        (pack / "pack.toml").rename(root / "outside/pack.toml")
        (pack / "pack.toml").symlink_to("../outside/pack.toml")
    arguments = EDITS[name](pack)
    within = "out" if "out" in map(str, arguments) or any(f"{root}/out" in str(one) for one in arguments) else "pack"
    world.attack("command", "pack", *arguments, within=within)
