"""Tars from strangers, with or without gzip: the plain files in them.

A reader of its own because `tarfile` of some Pythons that we run on takes quadratic time for one header, or goes in
circles for a size below zero (CVE-2024-6232, CVE-2025-8194), and all that a pack needs is 60 lines. The layout is that
of POSIX 1003.1 (pax), and of GNU tar for long names.
"""

import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..errors import InputError, quoted
from ..packs.pack import Content
from .archives import DEFAULT_LIMITS, ArchiveLimits, check_paths, check_ratio, check_sizes

_BLOCK = 512
_CHUNK = 1 << 20
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
        content = _unpacked(path, limits)
        members = list(_members(path, content, limits))
    except InputError:
        raise
    except (OSError, ValueError, zlib.error) as error:
        raise InputError(f"{path}: is a damaged tar: {error}") from error
    check_sizes(path, [(one.path, one.size) for one in members], limits)
    paths = check_paths(path, [one.path for one in members], limits)
    return {plain: _slice(content, one) for plain, one in zip(paths, members, strict=True) if not plain.endswith("/")}


def _slice(content: bytes, member: _Member) -> Content:
    return lambda: content[member.start : member.start + member.size]


def _unpacked(path: str, limits: ArchiveLimits) -> bytes:
    """Return the tar in a tar.gz, or the tar, chunk by chunk within the limits."""
    most = limits.bytes + limits.files * 2 * _BLOCK
    found = bytearray()
    packed = 0
    with open(path, "rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        unpack = zlib.decompressobj(wbits=31) if is_gzip else None
        waiting = b""
        while chunk := waiting or file.read(_CHUNK):
            packed += len(chunk) if not waiting else 0
            found += unpack.decompress(chunk, _CHUNK) if unpack else chunk
            waiting = unpack.unconsumed_tail if unpack else b""
            if len(found) > most:
                raise InputError(f"{path}: has more than {limits.bytes:,} bytes of files")
            check_ratio(path, len(found), packed, limits)
            if unpack and unpack.eof:
                break
        if unpack and not unpack.eof:
            raise ValueError("it is cut off")
    return bytes(found)


def _members(archive: str, content: bytes, limits: ArchiveLimits) -> Iterator[_Member]:
    """Yield the files and folders."""
    at = count = headers = 0
    extended: dict[str, str] = {}
    while header := content[at : at + _BLOCK].rstrip(b"\0"):
        header = header.ljust(_BLOCK, b"\0")
        _check_sum(header)
        kind, size = header[156:157], _number(header[124:136])
        at += _BLOCK
        if kind in b"xgLK" and kind:
            headers += 1
            if size > _MAX_HEADER or headers > _HEADERS or at + size > len(content):
                raise ValueError("a header is longer than those of honest tars")
            extended |= _extension(kind, content[at : at + size]) if kind != b"g" else {}
            at += -(-size // _BLOCK) * _BLOCK
            continue
        count += 1
        if count > limits.files:
            raise InputError(f"{archive}: has more than {limits.files:,} files")
        path = extended.get("path") or _ustar_path(header)
        size = int(extended["size"]) if extended.get("size", "").isdecimal() else size
        if kind not in (b"0", b"\0", b"7", b"5") or any(key.startswith("GNU.sparse") for key in extended):
            raise InputError(f"{archive}: {quoted(path)} is a link, a device or sparse; put the file itself there")
        if at + size > len(content):
            raise ValueError("it is cut off")
        if kind == b"5":
            yield _Member(path.rstrip("/") + "/", at, 0)
        else:
            yield _Member(path, at, size)
        at += -(-size // _BLOCK) * _BLOCK
        extended, headers = {}, 0
    if not count and content.strip(b"\0"):
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
