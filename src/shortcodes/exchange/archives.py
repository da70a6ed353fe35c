"""Archives from strangers: read member by member, within limits. What no honest archive has is refused, whole.

That is what `packs.zips` says of zips, a member that is no plain file or folder, and a path that leads out or is
another one's. The sizes that an archive states are checked and then not relied on.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ..errors import InputError, quoted
from ..packs.pack import Content, file_problem, is_url
from ..packs.zips import DEFAULT_LIMITS, ArchiveLimits, is_plain, open_zip

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

__all__ = ["DEFAULT_LIMITS", "ArchiveLimits", "check_paths", "read_zip"]

_MAX_PATH = 1_024
_MAX_DEPTH = 16


def read_zip(path: str, limits: ArchiveLimits = DEFAULT_LIMITS) -> Mapping[str, Content]:
    """Return the files of a zip by their paths. Raises `InputError` for one that is damaged or refused."""
    archive = open_zip(path, limits)
    try:
        paths = _paths(path, archive, limits)
    except BaseException:
        archive.close()
        raise
    members = zip(paths, archive.infolist(), strict=True)
    return {plain: _member(path, archive, one) for plain, one in members if not plain.endswith("/")}


def _paths(path: str, archive: "ZipFile", limits: ArchiveLimits) -> list[str]:
    for one in archive.infolist():
        if not is_plain(one):
            raise InputError(f"{path}: {quoted(one.filename)} is a link or a device; put the file itself there")
    return check_paths(path, [one.filename for one in archive.infolist()], limits)


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
