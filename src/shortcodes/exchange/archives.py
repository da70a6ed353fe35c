"""Zips from strangers: read member by member, within limits. What no honest archive has is refused, whole.

That is a member that is no plain file or folder, whose path leads out or is another one's, or that is said to lie where
another one does; and more files, more bytes or more compression than a pack has. The sizes that an archive states are
checked and then not relied on.
"""

import stat
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from ..errors import InputError, quoted
from ..packs.pack import Content, file_problem, is_url

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo


class ArchiveLimits(NamedTuple):
    """How much an archive, or a folder, may have."""

    files: int = 20_000
    bytes: int = 512 << 20
    """All files together, unpacked."""
    file_bytes: int = 64 << 20
    """One file, unpacked."""
    ratio: int = 100
    """How many bytes may come out of one that is read, on average; an archive that unpacks to little may have any."""
    case_twins: bool = False
    """Whether paths may differ by upper and lower case alone. On many systems they are one file."""


DEFAULT_LIMITS: Final = ArchiveLimits()
_LITTLE = 16 << 20
_MAX_PATH = 1_024
_MAX_DEPTH = 16
_ENCRYPTED = 0x1  # APPNOTE.TXT, 4.4.4
_LOCAL_HEADER = 30  # 4.3.7, without the name
_STORED, _DEFLATED = 0, 8  # 4.4.5


def read_zip(path: str, limits: ArchiveLimits = DEFAULT_LIMITS) -> Mapping[str, Content]:
    """Return the files of a zip by their paths. Raises `InputError` for one that is damaged or refused."""
    from zipfile import ZipFile  # slow to import

    try:
        archive = ZipFile(path)
    except Exception as error:  # zipfile raises many for a file that is cut off or made by hand
        raise InputError(f"{path}: is a damaged zip: {str(error) or 'it is cut off'}") from error
    try:
        members = archive.infolist()
        _check_count(path, len(members), limits)
        _check_members(path, members, archive.start_dir)
        check_sizes(path, [(one.filename, one.file_size) for one in members], limits)
        check_ratio(path, sum(one.file_size for one in members), sum(one.compress_size for one in members), limits)
        paths = check_paths(path, [one.filename for one in members], limits)
    except BaseException:
        archive.close()
        raise
    return {
        plain: _member(path, archive, one) for plain, one in zip(paths, members, strict=True) if not plain.endswith("/")
    }


def _check_members(path: str, members: list["ZipInfo"], end: int) -> None:
    for one in members:
        kind = stat.S_IFMT(one.external_attr >> 16)  # of Unix; zips of other systems have none
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise InputError(f"{path}: {quoted(one.filename)} is a link or a device; put the file itself there")
        if one.flag_bits & _ENCRYPTED:
            raise InputError(f"{path}: is encrypted; make the zip without a password")
        if one.compress_type not in (_STORED, _DEFLATED):
            raise InputError(
                f"{path}: {quoted(one.filename)} is packed by method {one.compress_type}; make the zip with 'deflate'"
            )
    # Overlapping members: 46 MB that unpack to 4.5 PB (Fifield, "A better zip bomb", WOOT 2019).
    free = 0
    for one in sorted(members, key=lambda member: member.header_offset):
        if one.header_offset < free:
            raise InputError(f"{path}: {quoted(one.filename)} lies inside of another file; make the zip anew")
        free = one.header_offset + _LOCAL_HEADER + len(one.orig_filename.encode()) + one.compress_size
        if free > end:
            raise InputError(f"{path}: {quoted(one.filename)} reaches past the end; make the zip anew")


def _member(path: str, archive: "ZipFile", member: "ZipInfo") -> Content:
    def content() -> bytes:
        try:
            with archive.open(member) as file:
                found = file.read(member.file_size + 1)  # it ends there, and checks the sum
        except Exception as error:  # as above, and the codec's
            raise InputError(f"{path}: {quoted(member.filename)} is damaged: {error}") from error
        if len(found) != member.file_size:
            raise InputError(f"{path}: {quoted(member.filename)} is damaged: it is not as long as it says")
        return found

    return content


def _check_count(archive: str, count: int, limits: ArchiveLimits) -> None:
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


def check_paths(archive: str, paths: Iterable[str], limits: ArchiveLimits) -> list[str]:
    """Return the paths of files and (with a slash behind) folders, plainly. Raises `InputError` for one that leads out.

    And for two that are one, by case or by Unicode's normal form, since they are one file on Windows or a Mac.
    """
    plain = []
    seen: dict[str, str] = {}
    for path in paths:
        found = path.removeprefix("./") or "./"
        if problem := _path_problem(found.removesuffix("/") or "/") if found != "./" else None:
            raise InputError(f"{archive}: {quoted(path)} {problem}")
        key = unicodedata.normalize("NFC", found if limits.case_twins else found.casefold())
        if key in seen and not found.endswith("/"):
            twin = " but for upper and lower case" if seen[key] != found else ""
            raise InputError(f"{archive}: {quoted(found)} is there twice{twin}, next to {quoted(seen[key])}")
        seen[key] = found
        plain.append(found)
    for path in plain:
        if not path.endswith("/") and any(one in seen for one in _folders_that_are_files(path, limits)):
            raise InputError(f"{archive}: {quoted(path)} lies in a file, as if it were a folder")
    return plain


def _path_problem(path: str) -> str | None:
    if len(path) > _MAX_PATH or path.count("/") >= _MAX_DEPTH:
        return f"is a path of more than {_MAX_DEPTH} folders, or of {_MAX_PATH:,} characters"
    if is_url(path):
        return "is an address, and no path of a file"
    return file_problem(path)


def _folders_that_are_files(path: str, limits: ArchiveLimits) -> Iterable[str]:
    steps = unicodedata.normalize("NFC", path if limits.case_twins else path.casefold()).split("/")
    return ("/".join(steps[:count]) for count in range(1, len(steps)))
