"""Tars from strangers, with or without gzip: the plain files in them.

A reader of its own because `tarfile` of some Pythons that we run on takes quadratic time for one header, or goes in
circles for a size below zero (CVE-2024-6232, CVE-2025-8194), and all that a pack needs is 60 lines. The layout is that
of POSIX 1003.1 (pax), and of GNU tar for long names.
"""

import os
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, NamedTuple

from ..errors import InputError, quoted
from ..packs.pack import Content
from ..packs.zips import DEFAULT_LIMITS, ArchiveLimits, check_ratio, check_sizes
from .archives import check_paths

_BLOCK = 512
_CHUNK = 64 << 10
_UNPACKED = 1 << 20
_MAX_HEADER = 64 << 10
"""How long an extended header may be: room for any path, and for what tars note of their files."""
_HEADERS = 3
"""How many extended headers a file may have: a long name, a long link, and pax's."""


class _Member(NamedTuple):
    path: str
    start: int
    size: int


def read_tar(path: str, limits: ArchiveLimits = DEFAULT_LIMITS) -> Mapping[str, Content]:
    """Return the files of a tar by their paths. Raises `InputError` for one that is damaged or refused."""
    try:
        tar = _opened(path, limits)
        members = list(_members(path, tar, limits))
    except InputError:
        raise
    except (OSError, ValueError, zlib.error) as error:
        raise InputError(f"{path}: is a damaged tar: {error}") from error
    check_sizes(path, [(one.path, one.size) for one in members], limits)
    paths = check_paths(path, [one.path for one in members], limits)
    return {plain: _part(path, tar, one) for plain, one in zip(paths, members, strict=True) if not plain.endswith("/")}


class _Tar:
    """An open file, that is closed when the last of its members is let go."""

    def __init__(self, file: IO[bytes]) -> None:
        self._descriptor = os.dup(file.fileno())

    def __del__(self) -> None:
        os.close(self._descriptor)

    def read(self, start: int, size: int) -> bytes:
        with open(self._descriptor, "rb", closefd=False) as file:
            file.seek(start)
            return file.read(size)

    def __len__(self) -> int:
        return os.fstat(self._descriptor).st_size


def _part(path: str, tar: _Tar, member: _Member) -> Content:
    def content() -> bytes:
        found = tar.read(member.start, member.size)
        if len(found) != member.size:
            raise InputError(f"{path}: {quoted(member.path)} is damaged: somebody else has made it shorter")
        return found

    return content


def _opened(path: str, limits: ArchiveLimits) -> _Tar:
    """Open a tar, or what is in a tar.gz."""
    with open(path, "rb") as file:
        if file.read(2) != _GZIP:
            return _Tar(file)
        file.seek(0)
        # It has no name on the disk: it is gone with the process, however that ends.
        with tempfile.TemporaryFile() as unpacked:
            unpacked.writelines(_unpacked(path, file, limits))
            unpacked.flush()
            return _Tar(unpacked)


_GZIP = b"\x1f\x8b"
_MOST_STREAMS = 20_000
"""How many gzips may follow one another: some programs write one for each 64 KB."""


def _unpacked(path: str, file: IO[bytes], limits: ArchiveLimits) -> Iterator[bytes]:
    """Yield what is in a gzip, chunk by chunk within the limits. What is behind it, and is no gzip, is passed over."""
    most = limits.bytes + limits.files * 2 * _BLOCK
    packed = unpacked = 0
    waiting = file.read(_CHUNK)
    for _ in range(_MOST_STREAMS):
        unpack = zlib.decompressobj(wbits=31)
        while not unpack.eof:
            if not waiting:
                raise ValueError("it is cut off")
            packed += len(waiting)
            found = unpack.decompress(waiting, _UNPACKED)
            waiting = unpack.unconsumed_tail
            packed -= len(waiting)
            unpacked += len(found)
            if max(packed, unpacked) > most:
                raise InputError(f"{path}: has more than {limits.bytes:,} bytes of files")
            check_ratio(path, unpacked, packed + _CHUNK, limits)
            yield found
            waiting = waiting or file.read(_CHUNK * (not unpack.eof))
        packed -= len(unpack.unused_data)
        waiting = unpack.unused_data + file.read(_CHUNK * (len(unpack.unused_data) < len(_GZIP)))
        if not waiting.startswith(_GZIP):
            return
    raise InputError(f"{path}: is made of more than {_MOST_STREAMS:,} gzips; make it anew")


def _members(archive: str, tar: _Tar, limits: ArchiveLimits) -> Iterator[_Member]:
    """Yield the files and folders."""
    length = len(tar)
    at = count = headers = 0
    extended: dict[str, str] = {}
    while header := tar.read(at, _BLOCK).rstrip(b"\0"):
        header = header.ljust(_BLOCK, b"\0")
        _check_sum(header)
        kind, size = header[156:157], _number(header[124:136])
        at += _BLOCK
        if kind in b"xgLK" and kind:
            headers += 1
            if size > _MAX_HEADER or headers > _HEADERS or at + size > length:
                raise ValueError("a header is longer than those of honest tars")
            extended |= _extension(kind, tar.read(at, size)) if kind != b"g" else {}
            at += -(-size // _BLOCK) * _BLOCK
            continue
        count += 1
        if count > limits.files:
            raise InputError(f"{archive}: has more than {limits.files:,} files")
        path = extended.get("path") or _ustar_path(header)
        size = int(extended["size"]) if extended.get("size", "").isdecimal() else size
        if kind not in (b"0", b"\0", b"7", b"5") or any(key.startswith("GNU.sparse") for key in extended):
            raise InputError(f"{archive}: {quoted(path)} is a link, a device or sparse; put the file itself there")
        if at + size > length:
            raise ValueError("it is cut off")
        if kind == b"5":
            yield _Member(path.rstrip("/") + "/", at, 0)
        else:
            yield _Member(path, at, size)
        at += -(-size // _BLOCK) * _BLOCK
        extended, headers = {}, 0
    if not count and tar.read(0, _BLOCK).strip(b"\0"):
        raise ValueError("it has no files")


def _check_sum(header: bytes) -> None:
    """POSIX 1003.1, ustar: the sum of all bytes, those of the sum itself taken for spaces."""
    if _number(header[148:156]) != sum(header[:148]) + 8 * ord(" ") + sum(header[156:]):
        raise ValueError("the sum of a header is wrong")


def _number(field: bytes) -> int:
    """Return a size. GNU writes one of 8 GiB and more, or below zero, in base 256; no pack has any."""
    digits = field.strip(b" \0")
    if not digits.isdigit() and digits:
        raise ValueError("a header has a number that is none")
    return int(digits or b"0", 8)


def _ustar_path(header: bytes) -> str:
    name, prefix = _text(header[:100]), _text(header[345:500])
    return f"{prefix}/{name}" if prefix and header[257:263] == b"ustar\0" else name


def _extension(kind: bytes, content: bytes) -> dict[str, str]:
    if kind == b"K":
        return {}  # only links have one, and those are refused
    return {"path": _text(content)} if kind == b"L" else dict(_pax(content))


def _pax(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the records of a pax header: a length, a key, ``=``, a value, a line feed."""
    while content.strip(b"\0"):
        length, space, _ = content[:20].partition(b" ")
        if not space or not length.isdigit() or not len(length) + 2 < int(length) <= len(content):
            raise ValueError("a pax header is damaged")
        record = content[len(length) + 1 : int(length)]
        key, equals, value = record.partition(b"=")
        if not equals or not value.endswith(b"\n"):
            raise ValueError("a pax header is damaged")
        yield _text(key), _text(value[:-1]) if b"\0" not in value else "\0"
        content = content[int(length) :]


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")
