"""Zips from strangers: opened only if nothing in their directory is what no honest zip has.

That is more files, more bytes or more compression than a pack has; members that are said to lie where others do; and
methods that nothing bounds. The sizes that a zip states are checked here, and no reader gets more out of a member.
"""

import os
import stat
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from ..errors import InputError, quoted

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo


class ArchiveLimits(NamedTuple):
    """How much an archive, or a folder, may have."""

    files: int = 20_000
    bytes: int = 256 << 20
    """All files together, unpacked."""
    file_bytes: int = 16 << 20
    """One file, unpacked."""
    ratio: int = 100
    """How many bytes may come out of one that is read, on average; an archive that unpacks to little may have any."""
    case_twins: bool = False
    """Whether paths may differ by upper and lower case alone. On many systems they are one file."""


DEFAULT_LIMITS: Final = ArchiveLimits()
_LITTLE = 16 << 20
_ENCRYPTED = 0x1  # APPNOTE.TXT, 4.4.4
_UTF_8 = 0x800
_LOCAL_HEADER = 30  # 4.3.7, without the name
_STORED, _DEFLATED = 0, 8  # 4.4.5
_END, _END_64, _LOCATOR_64 = b"PK\5\6", b"PK\6\6", b"PK\6\7"  # 4.3.16, 4.3.14, 4.3.15
_END_LENGTH = 22  # without its comment
_LONGEST_END = _END_LENGTH + 0xFFFF
_IN_64 = 0xFFFFFFFF  # the length is in the record of 64 bits (4.4.1.4)
_ENTRY = 512
"""Bytes that an entry of the directory has at most, on average; `zipfile` takes as many again to keep it."""


def open_zip(path: str, limits: ArchiveLimits = DEFAULT_LIMITS) -> "ZipFile":
    """Open a zip. Raises `InputError` for one that is damaged or refused."""
    from zipfile import ZipFile  # slow to import

    try:
        with open(path, "rb") as file:
            _check_directory(path, file, limits)
        archive = ZipFile(path)
    except InputError:
        raise
    except Exception as error:  # zipfile raises many for a file that is cut off or made by hand
        raise InputError(f"{path}: is a damaged zip: {str(error) or 'it is cut off'}") from error
    try:
        _check_members(path, archive.infolist(), archive.start_dir, limits)
    except BaseException:
        archive.close()
        raise
    return archive


def is_plain(member: "ZipInfo") -> bool:
    """Tell a file or a folder from a link or a device, by what Unix notes of it; other systems have none."""
    return stat.S_IFMT(member.external_attr >> 16) in (0, stat.S_IFREG, stat.S_IFDIR)


def _check_directory(path: str, file: IO[bytes], limits: ArchiveLimits) -> None:
    """Raise `InputError` for a directory that is too long: `zipfile` reads all of it, whatever it says it has."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LONGEST_END - 76))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_LENGTH:
        raise InputError(f"{path}: is a damaged zip: it is cut off")
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    if tail[at - 20 : at].startswith(_LOCATOR_64) and tail[at - 76 : at].startswith(_END_64):
        length = max(length * (length != _IN_64), int.from_bytes(tail[at - 36 : at - 28], "little"))
    if length > limits.files * _ENTRY:
        raise InputError(f"{path}: has a directory for more than {limits.files:,} files, which are allowed")


def _check_members(path: str, members: Sequence["ZipInfo"], end: int, limits: ArchiveLimits) -> None:
    check_count(path, len(members), limits)
    for one in members:
        if one.flag_bits & _ENCRYPTED:
            raise InputError(f"{path}: is encrypted; make the zip without a password")
        if "\0" in one.orig_filename:
            raise InputError(f"{path}: {quoted(one.orig_filename)} has the invisible character U+0000; leave it out")
        if one.compress_type not in (_STORED, _DEFLATED):
            raise InputError(
                f"{path}: {quoted(one.filename)} is packed by method {one.compress_type}; make the zip with 'deflate'"
            )
    # Overlapping members: 46 MB that unpack to 4.5 PB (Fifield, "A better zip bomb", WOOT 2019).
    free = 0
    for one in sorted(members, key=lambda member: member.header_offset):
        if one.header_offset < free:
            raise InputError(f"{path}: {quoted(one.filename)} lies inside of another file; make the zip anew")
        name = one.orig_filename.encode("utf-8" if one.flag_bits & _UTF_8 else "cp437", "replace")
        free = one.header_offset + _LOCAL_HEADER + len(name) + one.compress_size
        if free > end:
            raise InputError(f"{path}: {quoted(one.filename)} reaches past the end; make the zip anew")
    check_sizes(path, [(one.filename, one.file_size) for one in members], limits)
    check_ratio(path, sum(one.file_size for one in members), sum(one.compress_size for one in members), limits)


def check_count(archive: str, count: int, limits: ArchiveLimits) -> None:
    """Raise `InputError` for more files than the limits allow."""
    if count > limits.files:
        raise InputError(f"{archive}: has {count:,} files; {limits.files:,} are allowed")


def check_sizes(archive: str, sizes: Iterable[tuple[str, int]], limits: ArchiveLimits) -> None:
    """Raise `InputError` for files that are more than the limits allow, alone or together."""
    total = 0
    for path, size in sizes:
        if not 0 <= size <= limits.file_bytes:
            raise InputError(f"{archive}: {quoted(path)} has {size:,} bytes; {limits.file_bytes:,} are allowed")
        total += size
        if total > limits.bytes:
            raise InputError(f"{archive}: has more than {limits.bytes:,} bytes of files")


def check_ratio(archive: str, unpacked: int, packed: int, limits: ArchiveLimits) -> None:
    """Raise `InputError` for an archive that unpacks to much more than it is."""
    if unpacked > max(_LITTLE, packed * limits.ratio):
        raise InputError(f"{archive}: unpacks to more than {limits.ratio} times its size, as a trap does")
