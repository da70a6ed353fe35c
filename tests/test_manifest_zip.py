"""Packs as zips, and what is at a path that is no pack. Nothing is unpacked; whatever the bytes, there is one error."""

import contextlib
import struct
import warnings
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortcodes import InputError, PackError, read_pack

CAT = b'[pack]\nschema = 1\nname = "cats"\n\n[[emoji]]\nname = "cat"\nimage = "cat.png"\n'
CENTRAL, LOCAL = b"PK\x01\x02", b"PK\x03\x04"


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip; a name may come twice."""
    buffer = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", compression) as archive:
        warnings.simplefilter("ignore")  # of a second member of the same name
        for member, content in members:
            archive.writestr(member, content)
    return buffer.getvalue()


def patched(archive: bytes, header: bytes, offset: int, value: bytes) -> bytes:
    """Return a zip with other bytes in the first header of that kind."""
    start = archive.index(header) + offset
    return archive[:start] + value + archive[start + len(value) :]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


PLAIN = zipped(("pack.toml", CAT), ("cat.png", b""))
STREAM = PLAIN.index(b"pack.toml") + len("pack.toml")
GOOD = {
    "at its top": PLAIN,
    "in one folder": zipped(("cats/", b""), ("cats/pack.toml", CAT), ("cats/cat.png", b"")),
    "with dots before": zipped(("./pack.toml", CAT), ("./cat.png", b"")),
    "not compressed": zipped(("pack.toml", CAT), ("cat.png", b""), compression=zipfile.ZIP_STORED),
    "made on a Mac": zipped(("cats/pack.toml", CAT), ("cats/cat.png", b""), ("__MACOSX/cats/._pack.toml", b"\0")),
    "smaller than it says": patched(PLAIN, CENTRAL, 24, struct.pack("<I", 2**20)),
    "behind other bytes": b"#!/bin/sh\n" + PLAIN,
}
# What is said, after the path.
BAD = {
    "no manifest": (
        zipped(("cat.png", b"")),
        "the zip of a pack has one pack.toml, at its top or in its one folder; found none",
    ),
    "empty": (zipped(), "the zip of a pack has one pack.toml, at its top or in its one folder; found none"),
    "too deep": (
        zipped(("a/cats/pack.toml", CAT)),
        "the zip of a pack has one pack.toml, at its top or in its one folder; found none",
    ),
    "two packs": (
        zipped(("cats/pack.toml", CAT), ("dogs/pack.toml", CAT)),
        "the zip of a pack has one pack.toml, at its top or in its one folder; found 'cats/pack.toml', 'dogs/pack",
    ),
    "one name twice": (
        zipped(("pack.toml", CAT), ("pack.toml", CAT)),
        "the zip of a pack has one pack.toml, at its top or in its one folder; found 'pack.toml', 'pack.toml'",
    ),
    "corrupt": (
        patched(PLAIN, PLAIN[STREAM : STREAM + 4], 0, b"\xff\xff\xff\xff"),
        "is a damaged zip: Error -3 while decompressing data",
    ),
    "another checksum": (patched(PLAIN, CENTRAL, 16, b"\0\0\0\0"), "is a damaged zip: Bad CRC-32 for file 'pack.toml'"),
    "encrypted": (
        patched(patched(PLAIN, CENTRAL, 8, b"\1"), LOCAL, 6, b"\1"),
        "is encrypted; make the zip without a password",
    ),
    "an unknown method": (
        patched(patched(PLAIN, CENTRAL, 10, b"\x63"), LOCAL, 8, b"\x63"),
        "'pack.toml' is packed by method 99; make the zip with 'deflate'",
    ),
    "larger than it says": (
        patched(PLAIN, CENTRAL, 24, struct.pack("<I", 9)),
        "is a damaged zip: Bad CRC-32 for file 'pack.toml'",
    ),
    "over the limit": (
        zipped(("pack.toml", bytes(8 * 1024 * 1024 + 1))),
        "pack.toml has more than 8 MiB; split the pack",
    ),
    "over the limit, and it lies": (
        patched(zipped(("pack.toml", bytes(8 * 1024 * 1024 + 1))), CENTRAL, 24, struct.pack("<I", 2**32 - 2)),
        "'pack.toml' has 4,294,967,294 bytes; 16,777,216 are allowed",
    ),
    "cut off": (PLAIN[:-30], "is not a pack; give a folder with a pack.toml, or a zip of one"),
    "no zip": (b"just a text", "is not a pack; give a folder with a pack.toml, or a zip of one"),
    "no bytes": (b"", "is not a pack; give a folder with a pack.toml, or a zip of one"),
}
BAD_PACKS = {
    "no image": (zipped(("pack.toml", CAT)), "'cat.png' is not in the pack; add the file, or mend its name"),
    "image beside the folder": (
        zipped(("cats/pack.toml", CAT), ("cat.png", b"")),
        "'cat.png' is not in the pack; add the file, or mend its name",
    ),
    "a link": (
        zipped(("pack.toml", CAT), (link("cat.png"), b"/etc/passwd")),
        "'cat.png' is a link; put the file itself there",
    ),
    "a folder": (zipped(("pack.toml", CAT), ("cat.png/", b"")), "'cat.png' is a folder; name a file in it"),
}


@pytest.fixture
def at(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write bytes to a file."""

    def write(content: bytes) -> Path:
        path = tmp_path / "cats.zip"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("case", GOOD)
def test_good(case: str, at: Callable[[bytes], Path]) -> None:
    pack = read_pack(at(GOOD[case]))
    assert [emoji.image for emoji in pack.emoji] == ["cat.png"]


@pytest.mark.parametrize("case", BAD)
def test_bad(case: str, at: Callable[[bytes], Path]) -> None:
    archive, message = BAD[case]
    path = at(archive)
    with pytest.raises(InputError) as caught:
        read_pack(path)
    assert str(caught.value).startswith(f"{path}: {message}")


@pytest.mark.parametrize("case", BAD_PACKS)
def test_bad_pack(case: str, at: Callable[[bytes], Path]) -> None:
    archive, message = BAD_PACKS[case]
    with pytest.raises(PackError) as caught:
        read_pack(at(archive))
    assert str(caught.value) == f"pack 'cats': emoji[0].image: {message}"


def test_paths_that_are_no_pack(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "pack.toml").write_bytes(CAT)
    for path, message in {
        "gone": "there is no such file or folder",
        "empty": "there is no pack.toml in this folder",
        "cats/pack.toml": f"give the folder that it is in: {tmp_path / 'cats'}",
    }.items():
        with pytest.raises(InputError) as caught:
            read_pack(tmp_path / path)
        assert str(caught.value) == f"{tmp_path / path}: {message}"


def test_a_folder_has_the_same_limit(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_bytes(bytes(8 * 1024 * 1024 + 1))
    with pytest.raises(InputError, match="has more than 8 MiB"):
        read_pack(tmp_path)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.integers(0, len(PLAIN) - 1), st.integers(0, 255), max_size=6), st.integers(0, len(PLAIN)))
def test_whatever_the_bytes(tmp_path_factory: pytest.TempPathFactory, changes: dict[int, int], end: int) -> None:
    archive = bytearray(PLAIN)
    for position, byte in changes.items():
        archive[position] = byte
    path = tmp_path_factory.getbasetemp() / "fuzz.zip"
    path.write_bytes(archive[:end] if end % 4 == 0 else archive)
    with contextlib.suppress(InputError, PackError):
        read_pack(path)
