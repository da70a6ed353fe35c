"""Write what a format made: a file, a folder, a zip or a tar.gz; whole or not at all; the same bytes each time."""

import gzip
import json
import os
import tarfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import IO

from ..errors import InputError
from ..packs.pack import Content
from ..packs.write import write_files
from ..whole import open_whole

_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # that a zip can tell
_STORED = (".png", ".apng", ".gif", ".webp", ".jpg", ".jpeg", ".avif")
"""What is compressed already."""


def write_target(files: Mapping[str, Content], target: str, packed: str = "") -> None:
    """Write files to a target: a zip or a tar.gz if they are to be packed so, or if the target's name says so.

    Else a single file becomes the target if that ends as it does, and files go to a folder, which must be new or empty.
    Raises `InputError`.
    """
    if packed == "zip" or (not packed and target.lower().endswith(".zip")):
        with open_whole(target) as output:
            _write_zip(files, output)
    elif packed == "tar.gz" or (not packed and target.lower().endswith((".tar.gz", ".tgz"))):
        with open_whole(target) as output:
            _write_tar(files, output)
    elif len(files) == 1 and _ending(target) == _ending(next(iter(files))):
        with open_whole(target) as output:
            output.write(next(iter(files.values()))())
    else:
        _write_folder(files, target)


def _ending(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def write_names(names: Mapping[str, str], target: str) -> str:
    """Write the map of names beside a target, and return where: ``pack.zip.names.json``.

    It is an object of old names and new ones, as `shortcodes convert --names` and ``pack import --names`` read it.
    """
    path = f"{target.rstrip('/' + os.sep)}.names.json"
    with open_whole(path) as output:
        output.write((json.dumps(dict(names), ensure_ascii=False, indent=2) + "\n").encode())
    return path


def _write_zip(files: Mapping[str, Content], output: IO[bytes]) -> None:
    with zipfile.ZipFile(output, "w") as archive:
        for path, content in files.items():
            member = zipfile.ZipInfo(path, _FIRST_MOMENT)
            member.create_system = 3  # Unix, wherever it is made
            member.external_attr = 0o100644 << 16
            member.compress_type = zipfile.ZIP_STORED if path.lower().endswith(_STORED) else zipfile.ZIP_DEFLATED
            archive.writestr(member, content(), compresslevel=9)


def _write_tar(files: Mapping[str, Content], output: IO[bytes]) -> None:
    with (
        gzip.GzipFile("", "wb", 9, output, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            found = content()
            member.size = len(found)
            archive.addfile(member, BytesIO(found))


def _write_folder(files: Mapping[str, Content], target: str) -> None:
    if os.path.exists(target) and not os.path.isdir(target):
        ending = f", or a file that ends with {_ending(next(iter(files)))}" if len(files) == 1 else ""
        raise InputError(f"{target}: is a file; name a folder{ending}")
    if os.path.isdir(target) and os.listdir(target):
        raise InputError(f"{target}: is not empty; name a new folder")
    write_files(files, target)
