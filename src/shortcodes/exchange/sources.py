"""Open what somebody hands over: a file, a folder, a zip or a tar. No name in it ever becomes one on a disk."""

import os
from collections.abc import Iterator

from ..errors import InputError
from ..packs.files import open_regular
from ..packs.pack import Content
from .archives import DEFAULT_LIMITS, ArchiveLimits, read_zip
from .format import Source
from .tar import read_tar

_GZIP = b"\x1f\x8b"
_MAGIC = 265
"""How many bytes from its start tell an archive."""


def open_source(path: str | os.PathLike[str], limits: ArchiveLimits = DEFAULT_LIMITS) -> Source:
    """Return what is at a path: a file, the files of a folder, or the members of a zip, tar or tar.gz.

    Files are read when they are wanted; a compressed tar has to be unpacked as a whole, to a file without a name.
    Raises `InputError` for what is not there, and for an archive that is damaged, goes over a limit, or has a member
    that no honest one has (see `archives`), with one line that says which.
    """
    path = os.fspath(path)
    try:
        if os.path.isdir(path):
            return Source(path, dict(sorted(_folder(path, limits))))
        with open_regular(path) as file:
            start = file.read(_MAGIC)
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file or folder") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if start.startswith((b"PK\3\4", b"PK\5\6")):
        return Source(path, dict(sorted(read_zip(path, limits).items())))
    if start.startswith(_GZIP) or start[257:262] == b"ustar":
        return Source(path, dict(sorted(read_tar(path, limits).items())))
    return Source(path, {os.path.basename(path): _file(path, path, limits)})


def _folder(root: str, limits: ArchiveLimits) -> Iterator[tuple[str, Content]]:
    """Yield the files of a folder, those in hidden folders aside. Links may lead to files in it, and nowhere else."""
    inside = os.path.join(os.path.realpath(root), "")
    count = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in files:
            full = os.path.join(folder, name)
            path = os.path.relpath(full, root).replace(os.sep, "/")
            if not os.path.realpath(full).startswith(inside):
                raise InputError(f"{full}: is a link out of the folder; put the file itself there")
            count += 1
            if count > limits.files:
                raise InputError(f"{root}: has more than {limits.files:,} files; name a smaller folder")
            yield path, _file(full, full, limits)


def _file(path: str, shown: str, limits: ArchiveLimits) -> Content:
    def content() -> bytes:
        try:
            with open_regular(path) as file:
                found = file.read(limits.file_bytes + 1)
        except OSError as error:
            raise InputError(f"{shown}: {error.strerror or error}") from error
        if len(found) > limits.file_bytes:
            raise InputError(f"{shown}: has more than {limits.file_bytes:,} bytes")
        return found

    return content
