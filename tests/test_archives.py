"""Archives from strangers: none gets out, none goes over its limits, each is refused in one clear line.

Every hostile file is made here.
"""

import gzip
import io
import os
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter import Meter
from shortcodes.errors import InputError, PackError
from shortcodes.exchange.archives import ArchiveLimits
from shortcodes.exchange.fields import MAX_BYTES
from shortcodes.exchange.sources import open_source
from shortcodes.exchange.transfer import read_draft

SMALL = ArchiveLimits(files=20, bytes=1 << 20, file_bytes=1 << 19, ratio=100)
PNG = b"\x89PNG\r\n\x1a\n"


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return output.getvalue()


def with_mode(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def overlapping() -> bytes:
    """Two entries of the directory that lead to one member."""
    archive = zipped(("a.png", PNG * 50))
    end = archive.rindex(b"PK\5\6")
    start = archive.index(b"PK\1\2")
    entry = archive[start:end]
    twin = entry.replace(b"a.png", b"b.png")
    fields = list(struct.unpack("<4s4H2LH", archive[end : end + 22]))
    fields[3] = fields[4] = 2
    fields[5] = len(entry) * 2
    return archive[:end] + twin + struct.pack("<4s4H2LH", *fields)


def patched(archive: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """Change a field of each header of that signature."""
    changed = bytearray(archive)
    at = archive.find(signature)
    while at >= 0:
        changed[at + offset : at + offset + len(value)] = value
        at = archive.find(signature, at + 1)
    return bytes(changed)


def lying(size: int, *, central_alone: bool = False) -> bytes:
    """Say another size than the member has (APPNOTE.TXT, 4.3.7 and 4.3.12)."""
    archive = zipped(("a.png", PNG * 50), method=zipfile.ZIP_DEFLATED)
    archive = patched(archive, b"PK\1\2", 24, struct.pack("<L", size))
    return archive if central_alone else patched(archive, b"PK\3\4", 22, struct.pack("<L", size))


def header(name: str, kind: bytes = b"0", size: int | bytes = 0, link: str = "", prefix: str = "") -> bytes:
    """A header of tar, its sum right (POSIX 1003.1, ustar)."""
    length = size if isinstance(size, bytes) else b"%011o\0" % size
    block = name.encode()[:100].ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + length + b"00000000000\0"
    block += b" " * 8 + kind + link.encode().ljust(100, b"\0") + b"ustar\x0000" + bytes(80)
    block = (block + prefix.encode()).ljust(512, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def tarred(*blocks: bytes) -> bytes:
    """Headers and contents, each filled to its block, and the end."""
    return b"".join(block.ljust(-(-len(block) // 512) * 512, b"\0") for block in blocks) + bytes(1024)


def pax(*records: tuple[str, str]) -> bytes:
    content = b""
    for key, value in records:
        rest = f" {key}={value}\n".encode()
        length = len(rest) + 1
        while length != len(str(length)) + len(rest):
            length = len(str(length)) + len(rest)
        content += str(length).encode() + rest
    return tarred(header("pax", b"x", len(content)), content)[:-1024]


def plain(*names: str) -> bytes:
    return tarred(*(part for name in names for part in (header(name, size=len(PNG)), PNG)))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip: ..": (lambda: zipped(("../a.png", PNG)), "'../a.png' leaves the pack"),
    "zip: .. inside": (lambda: zipped(("x/../../a.png", PNG)), "leaves the pack"),
    "zip: absolute": (lambda: zipped(("/etc/a.png", PNG)), "'/etc/a.png' is an absolute path"),
    "zip: drive": (lambda: zipped(("C:a.png", PNG)), "'C:a.png' is an absolute path"),
    "zip: drive and backslash": (lambda: zipped(("C:\\a.png", PNG)), "is an absolute path"),
    "zip: backslash": (lambda: zipped(("..\\a.png", PNG)), "has a backslash"),
    "zip: network": (lambda: zipped(("//host/a.png", PNG)), "is an address, and no path of a file"),
    "zip: address": (lambda: zipped(("https://x.example/a.png", PNG)), "is an address, and no path of a file"),
    "zip: control": (lambda: zipped(("a\x1b[2J.png", PNG)), "'a\\x1b[2J.png' has the invisible character U+001B"),
    "zip: bidi": (lambda: zipped(("a\u202egnp.exe", PNG)), "has the invisible character U+202E"),
    "zip: no name": (lambda: patched(zipped(("a", PNG)), b"PK\1\2", 46, b"/"), "is an absolute path"),
    "zip: link": (lambda: zipped((with_mode("a.png", 0o120777), b"/etc/passwd")), "is a link or a device"),
    "zip: device": (lambda: zipped((with_mode("a.png", 0o060644), b"")), "is a link or a device"),
    "zip: pipe": (lambda: zipped((with_mode("a.png", 0o010644), b"")), "is a link or a device"),
    "zip: twice": (lambda: zipped(("a.png", PNG), ("b.png", PNG)).replace(b"b.png", b"a.png"), "is there twice, next"),
    "zip: case twins": (lambda: zipped(("a.png", PNG), ("A.png", PNG)), "is there twice but for upper and lower case"),
    "zip: forms": (lambda: zipped(("\u00e9.png", PNG), ("e\u0301.png", PNG)), "is there twice"),
    "zip: file and folder": (lambda: zipped(("a", PNG), ("a/b.png", PNG)), "lies in a file, as if it were a folder"),
    "zip: deep": (lambda: zipped(("a/" * 20 + "b.png", PNG)), "is a path of more than 16 folders"),
    "zip: long": (lambda: zipped(("a" * 2_000 + ".png", PNG)), "or of 1,024 characters"),
    "zip: many": (lambda: zipped(*((f"{number}.png", PNG) for number in range(21))), "has 21 files; 20 are allowed"),
    "zip: big": (lambda: zipped(("a.png", bytes(600_000))), "'a.png' has 600,000 bytes; 524,288 are allowed"),
    "zip: big in all": (
        lambda: zipped(*((f"{number}.png", os.urandom(400_000)) for number in range(3))),
        "has more than 1,048,576 bytes of files",
    ),
    "zip: overlapping": (overlapping, "'b.png' lies inside of another file"),
    "zip: reaches past the end": (
        lambda: patched(zipped(("a.png", PNG)), b"PK\1\2", 20, struct.pack("<L", 9_999)),
        "'a.png' reaches past the end",
    ),
    "zip: encrypted": (lambda: patched(zipped(("a.png", PNG)), b"PK\1\2", 8, b"\1\0"), "is encrypted"),
    "zip: other method": (lambda: zipped(("a.png", PNG), method=zipfile.ZIP_LZMA), "is packed by method 14"),
    "zip: cut off": (lambda: zipped(("a.png", PNG * 9))[:60], "is a damaged zip"),
    "zip: of nothing but its mark": (lambda: b"PK\3\4", "is a damaged zip"),
    "tar: ..": (lambda: plain("../a.png"), "'../a.png' leaves the pack"),
    "tar: absolute": (lambda: plain("/a.png"), "is an absolute path"),
    "tar: drive": (lambda: plain("C:/a.png"), "is an absolute path"),
    "tar: prefix": (lambda: tarred(header("a.png", size=8, prefix=".."), PNG), "'../a.png' leaves the pack"),
    "tar: link": (lambda: tarred(header("a.png", b"2", link="/etc/passwd")), "is a link, a device or sparse"),
    "tar: hard link": (lambda: tarred(header("a.png", b"1", link="b.png")), "is a link, a device or sparse"),
    "tar: device": (lambda: tarred(header("a.png", b"3")), "is a link, a device or sparse"),
    "tar: pipe": (lambda: tarred(header("a.png", b"6")), "is a link, a device or sparse"),
    "tar: sparse": (lambda: tarred(header("a.png", b"S")), "is a link, a device or sparse"),
    "tar: sparse of pax": (
        lambda: pax(("GNU.sparse.major", "1")) + plain("a.png"),
        "is a link, a device or sparse",
    ),
    "tar: twice": (lambda: plain("a.png", "./a.png"), "is there twice, next to 'a.png'"),
    "tar: case twins": (lambda: plain("a.png", "A.PNG"), "is there twice but for upper and lower case"),
    "tar: path of pax": (lambda: pax(("path", "../../a.png")) + plain("a.png"), "'../../a.png' leaves the pack"),
    "tar: NUL in a path of pax": (
        lambda: pax(("path", "a\0.png")) + plain("b.png"),
        "has the invisible character U+0000",
    ),
    "tar: size of pax": (lambda: pax(("size", "999999")) + plain("a.png"), "is a damaged tar: it is cut off"),
    "tar: damaged pax": (lambda: tarred(header("p", b"x", 9), b"99 path=x") + plain("a"), "a pax header is damaged"),
    "tar: pax of digits": (lambda: tarred(header("p", b"x", 60_000), b"1" * 60_000), "a pax header is damaged"),
    "tar: pax of pax": (lambda: pax(("a", "b")) * 9 + plain("a.png"), "a header is longer than those of honest tars"),
    "tar: long pax": (
        lambda: pax(("a", "b" * 70_000)) + plain("a.png"),
        "a header is longer than those of honest tars",
    ),
    "tar: long name of GNU": (
        lambda: tarred(header("././@LongLink", b"L", 12), b"../../a.png\0")[:-1024] + plain("a.png"),
        "'../../a.png' leaves the pack",
    ),
    "tar: size below zero": (
        lambda: tarred(header("a.png", size=b"\xff" * 12)),
        "is a damaged tar: a header has a number that is none",
    ),
    "tar: huge size": (lambda: tarred(header("a.png", size=b"77777777777\0")), "is a damaged tar: it is cut off"),
    "tar: wrong sum": (
        lambda: plain("a.png")[:148] + b"0000001\0" + plain("a.png")[156:],
        "the sum of a header is wrong",
    ),
    "tar: many": (lambda: plain(*(f"{number}.png" for number in range(21))), "has more than 20 files"),
    "tar: big": (lambda: tarred(header("a.png", size=600_000), bytes(600_000)), "'a.png' has 600,000 bytes"),
    "tar.gz: link": (lambda: gzip.compress(tarred(header("a.png", b"2", link="/"))), "is a link, a device or sparse"),
    "tar.gz: bomb": (lambda: gzip.compress(bytes(80 << 20)), "has more than 1,048,576 bytes of files"),
    "tar.gz: cut off": (lambda: gzip.compress(plain("a.png"))[:-12], "is a damaged tar: it is cut off"),
    "tar.gz: damaged": (lambda: gzip.compress(plain("a.png"))[:10] + b"\xff" * 50, "is a damaged tar: "),
    "tar.gz: no tar": (lambda: gzip.compress(b"hello " * 200), "is a damaged tar: a header has a number that is none"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused_in_one_line(name: str, tmp_path: Path) -> None:
    make, message = HOSTILE[name]
    path = tmp_path / "hostile"
    path.write_bytes(make())
    with pytest.raises(InputError) as error:
        open_source(path, SMALL)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert str(error.value).isprintable()
    assert [one.name for one in tmp_path.iterdir()] == ["hostile"]


def test_bombs_are_found_by_their_ratio(tmp_path: Path) -> None:
    limits = ArchiveLimits()
    (tmp_path / "bomb.zip").write_bytes(
        zipped(("a.json", bytes(15 << 20)), ("b.json", bytes(15 << 20)), method=zipfile.ZIP_DEFLATED)
    )
    with pytest.raises(InputError, match="unpacks to more than 100 times its size, as a trap does"):
        open_source(tmp_path / "bomb.zip", limits)
    (tmp_path / "bomb.tar.gz").write_bytes(gzip.compress(tarred(header("a", size=60 << 20), bytes(60 << 20))))
    with pytest.raises(InputError, match="unpacks to more than 100 times its size, as a trap does"):
        open_source(tmp_path / "bomb.tar.gz", limits)
    assert len(open_source(tmp_path / "bomb.zip", limits._replace(ratio=2_000)).files["a.json"]()) == 15 << 20


BOMB = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
from shortcodes.exchange.sources import open_source
from shortcodes.errors import InputError
try:
    open_source(sys.argv[1])
except InputError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="bounds its memory as Linux does")
def test_a_bomb_of_gigabytes_takes_little_memory(tmp_path: Path) -> None:
    pack = zlib.compressobj(9, wbits=31)
    first, again = (pack.compress(bytes(1 << 20)) + pack.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    (tmp_path / "bomb.tar.gz").write_bytes(first + again * (4 << 10))  # what is flushed so unpacks by itself
    done = subprocess.run([sys.executable, "-c", BOMB, str(tmp_path / "bomb.tar.gz")], capture_output=True, check=True)
    assert b"unpacks to more than 100 times its size" in done.stdout


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: lying(10), "'a.png' is damaged"),
        (lambda: lying(10, central_alone=True), "'a.png' is damaged"),
        (lambda: lying(100_000), "'a.png' is damaged"),
        (lambda: zipped(("a.png", PNG)).replace(PNG, PNG[::-1]), "'a.png' is damaged: Bad CRC-32"),
        (lambda: patched(zipped(("a.png", PNG)), b"PK\3\4", 26, b"\4"), "'a.png' is damaged"),
    ],
)
def test_what_lies_about_itself_is_refused_when_it_is_read(
    make: Callable[[], bytes], message: str, tmp_path: Path
) -> None:
    (tmp_path / "a.zip").write_bytes(make())
    source = open_source(tmp_path / "a.zip", SMALL)
    with pytest.raises(InputError) as error:
        source.files["a.png"]()
    assert message in str(error.value)


def test_twins_are_read_where_they_are_asked_for(tmp_path: Path) -> None:
    for name, content in (("a.zip", zipped(("D.png", PNG), ("d.png", b"2"))), ("a.tar", plain("D.png", "d.png"))):
        (tmp_path / name).write_bytes(content)
        source = open_source(tmp_path / name, SMALL._replace(case_twins=True))
        assert list(source.files) == ["D.png", "d.png"]
        assert source.files["D.png"]() == PNG


FILES = st.dictionaries(
    st.text("abc", min_size=1, max_size=3).map(lambda name: f"{name}.png"),
    st.binary(max_size=2_000),
    min_size=1,
    max_size=6,
)


@given(files=FILES, form=st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]))
def test_archives_of_others_are_read(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], form: int
) -> None:
    folder = tmp_path_factory.mktemp("archives")
    long = f"{'long' * 30}/é/"
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=form) as archive:
        folders: Iterable[str] = (long, "./") if form != tarfile.USTAR_FORMAT else ("plain/", "./")
        for start in folders:
            for name, content in files.items():
                member = tarfile.TarInfo(start + name)
                member.size, member.mtime = len(content), 1_700_000_000
                archive.addfile(member, io.BytesIO(content))
        start = next(iter(folders))
    expected = dict(files) | {start + n: c for n, c in files.items()}
    for name, content in (("a.tar", output.getvalue()), ("a.tar.gz", gzip.compress(output.getvalue()))):
        (folder / name).write_bytes(content)
        found = open_source(folder / name)
        assert {path: one() for path, one in found.files.items()} == expected
    (folder / "a.zip").write_bytes(zipped(*files.items(), method=zipfile.ZIP_DEFLATED))
    assert {path: one() for path, one in open_source(folder / "a.zip").files.items()} == files


@given(
    content=st.binary(max_size=600), flips=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 255)), max_size=4)
)
def test_whatever_the_bytes_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, flips: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for archive in (
        zipped(("a.png", content), ("b/c.png", PNG), method=zipfile.ZIP_DEFLATED),
        plain("a.png", "b/c.png"),
    ):
        changed = bytearray(archive)
        for position, value in flips:
            changed[position % len(changed)] = value
        (folder / "any").write_bytes(changed)
        try:
            for one in open_source(folder / "any", SMALL).files.values():
                one()
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017  # it may be raised, or not


# Folders.


def test_folders_are_read_without_what_leads_out_of_them(tmp_path: Path) -> None:
    (tmp_path / "pack" / ".git").mkdir(parents=True)
    (tmp_path / "pack" / ".git" / "secret").write_text("x")
    (tmp_path / "pack" / "a.png").write_bytes(PNG)
    (tmp_path / "pack" / "same.png").symlink_to("a.png")
    assert {path: one() for path, one in open_source(tmp_path / "pack").files.items()} == {
        "a.png": PNG,
        "same.png": PNG,
    }
    with pytest.raises(InputError, match="has more than 1 files; name a smaller folder"):
        open_source(tmp_path / "pack", SMALL._replace(files=1))
    with pytest.raises(InputError, match=r"a.png: has more than 4 bytes"):
        open_source(tmp_path / "pack", SMALL._replace(file_bytes=4)).files["a.png"]()
    (tmp_path / "pack" / "out.png").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match=r"out.png: is a link out of the folder; put the file itself there"):
        open_source(tmp_path / "pack")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are Unix's")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(InputError, match=r"pipe.png: is no file that can be read"):
        open_source(tmp_path).files["pipe.png"]()
    with pytest.raises(InputError, match="is no file that can be read"):
        open_source("/dev/null")
    with pytest.raises(InputError, match="there is no such file or folder"):
        open_source(tmp_path / "none")


# Lists, which become objects in memory as a whole.

ROW = b'{"shortcode":"%s","url":"https://cdn.example/custom_emojis/%s.png","static_url":"https://cdn.example/%s.png",'
ROW += b'"visible_in_picker":true,"category":"of the trip, all of it","id":"100000000000000%s","aliases":[],"uri":null,'
ROW += (
    b'"updated_at":"2026-01-01T00:00:00.000Z","domain":null,"disabled":false,"license":"CC-BY-SA-4.0, by its author",'
)
ROW += b'"note":"a description as people write them, in whole sentences, of what is to be seen there, and of who it '
ROW += b'is that is meant by it"}'
EMOJI = b'{"shortcode":"n","url":"https://cdn.example/n.png","static_url":null,"note":%s}'


def rows(count: int) -> bytes:
    numbers = (b"%05d" % number for number in range(count))
    return b"[" + b",".join(ROW % (number, number, number, number) for number in numbers) + b"]"


TOO_LARGE: dict[str, tuple[bytes, str]] = {
    "bytes": (EMOJI % (b'"' + b"a" * MAX_BYTES + b'"'), "has more than 8 MiB; split it"),
    "empty lists": (EMOJI % b"[%s0]" % (b"[]," * 200_000), "has more than 100,000 objects and lists; split it"),
    "small objects": (EMOJI % b"[%s0]" % (b'{"":0},' * 200_000), "has more than 100,000 objects and lists; split it"),
    "lists in lists": (
        EMOJI % b"[%s0]" % ((b"[" * 30 + b"]" * 30 + b",") * 4_000),
        "has more than 100,000 objects and",
    ),
    "numbers": (EMOJI % b"[%s0]" % (b"1.5," * 300_000), "has more than 250,000 values; split it"),
    "texts": (EMOJI % b"[%s0]" % (b'"ab",' * 300_000), "has more than 250,000 values; split it"),
    "emoji": (
        b"[" + b",".join(EMOJI % b"0" for _ in range(20_001)) + b"]",
        "has 20,001 emoji; 20,000 are allowed; split it",
    ),
}


@pytest.mark.parametrize("name", TOO_LARGE)
@pytest.mark.parametrize("said", ["mastodon", None])
def test_lists_that_are_too_large_are_refused_in_one_line(name: str, said: str | None, tmp_path: Path) -> None:
    content, message = TOO_LARGE[name]
    (tmp_path / "list.json").write_bytes(b"[" + content + b"]" if content[:1] != b"[" else content)
    with pytest.raises(PackError) as error:
        read_draft(str(tmp_path / "list.json"), said)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_list_of_ten_thousand_emoji_is_read(tmp_path: Path) -> None:
    """As large as servers have them, and half as much again."""
    (tmp_path / "list.json").write_bytes(rows(10_000))
    assert 4_500_000 < (tmp_path / "list.json").stat().st_size < 5_500_000
    found, draft = read_draft(str(tmp_path / "list.json"))
    assert (found.name, len(draft.pack.emoji)) == ("mastodon", 10_000)


# What fits, and takes as much memory as it can: objects of one, texts that take a byte each, and one of four.
WIDE = '"\U0001f600",'.encode()
WORST: dict[str, bytes] = {
    "objects": WIDE + b'{"":0},' * 99_000 + '"\u20ac.",'.encode() * 120_000,
    "texts": WIDE + '"\u20ac.",'.encode() * 240_000,
    "lists in lists": WIDE + (b"[" * 38 + b"]" * 38 + b",") * 2_600,
    "one object": b"{" + b",".join(f'"\u20ac{number:x}":0.5'.encode() for number in range(245_000)) + b"},",
    "one text": b'"' + b"a" * (MAX_BYTES - 200) + WIDE[1:],
}


@pytest.mark.skipif(sys.platform != "linux", reason="the meter tells the peak of a process as Linux does")
def test_the_worst_list_that_is_read_takes_little_memory(tmp_path: Path) -> None:
    meter = Meter()
    try:
        for name, content in WORST.items():
            path = tmp_path / "list.json"
            path.write_bytes((b"[" + content + b"0]").ljust(MAX_BYTES - 10))
            cost = meter.best("read json", path)
            assert not cost.error, (name, cost)
            assert cost.seconds <= 2, (name, cost)
            assert cost.megabytes <= 96, (name, cost)
    finally:
        meter.close()
