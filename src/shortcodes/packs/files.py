"""Files of strangers' folders, in which anything may lie, and may change while it is read."""

import os
import stat
from typing import BinaryIO

from ..errors import InputError


def open_regular(path: str) -> BinaryIO:
    """Open a file to be read. Raises `InputError` for a pipe or a device, for which it does not wait, and `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | _NO_WAIT | _BINARY)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InputError(f"{path}: is no file that can be read")
    return open(descriptor, "rb")


_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)  # Windows has no pipes with names in folders
_BINARY = getattr(os, "O_BINARY", 0)  # and ends lines in its own way


def is_inside(path: str, root: str) -> bool:
    """Tell whether a file, or what a link leads to, lies in a folder, which is a real path."""
    return os.path.realpath(path).startswith(os.path.join(root, ""))
