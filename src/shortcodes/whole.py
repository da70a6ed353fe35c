"""Files and folders that appear whole or not at all, and are on the disk when they do."""

import contextlib
import os
from collections.abc import Iterator
from itertools import count
from typing import IO

from .errors import InputError, ShortcodesError


@contextlib.contextmanager
def open_whole(path: str | os.PathLike[str], *, synchronised: bool = True) -> Iterator[IO[bytes]]:
    """Open a file that appears, whole, when all is written, in place of an older one, whose owner and mode it gets.

    It is on the disk then, too, unless that is not to be waited for, as for thousands of small files. Raises
    `InputError` in one line if it cannot be written.
    """
    if os.path.isdir(path):
        raise InputError(f"{os.fspath(path)}: is a folder; name a file to write")
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"{os.fspath(path)}: is a pipe or a device, which no file may replace; name a file to write")
    with errors_of(os.fspath(path)), beside(os.path.abspath(path)) as unfinished, open(unfinished, "wb") as output:
        yield output
        output.flush()
        if synchronised:
            os.fsync(output.fileno())
        if os.name == "nt":  # which renames nothing that is open
            output.close()
        os.replace(unfinished, path)
        if synchronised:
            synchronise_folder(os.path.dirname(os.path.abspath(path)))


@contextlib.contextmanager
def beside(target: str, *, folder: bool = False) -> Iterator[str]:
    """Make a file or a folder beside a target, with its owner and mode, to be renamed to it; yield its path.

    It is gone at the end, unless it was renamed. A process that is killed leaves it, and the next one that writes the
    same target deletes it. That one knows by a lock, which goes with the process: nobody deletes what somebody writes.
    """
    clear_beside(target)
    path, locks = "", list[int]()
    try:
        path = _made_beside(target, locks, folder=folder)
        if os.path.exists(target):  # a new one keeps what the system gave it
            found = os.stat(target)
            with contextlib.suppress(OSError, AttributeError):  # only root may give files away; Windows has no owners
                os.chown(path, found.st_uid, found.st_gid)
            os.chmod(path, found.st_mode & 0o7777)  # then, as a change of owner takes some of it away
        yield path
    finally:
        if path and _is_there(path, *locks):
            _delete(path)
        for lock in locks:
            os.close(lock)
        if not path:  # a signal came while it was being made
            clear_beside(target)


def clear_beside(target: str) -> None:
    """Delete what processes that were killed left beside a target."""
    for number in range(1, _MOST_AT_ONCE + 1):
        path = _beside(target, number)
        with contextlib.suppress(OSError):  # as a rule: there is none
            handle = os.open(path, os.O_RDONLY)
            try:
                if _lock(handle, wait=False) and _is_there(path, handle):
                    _delete(path)
            finally:
                os.close(handle)


_MOST_AT_ONCE = 4  # who write the same target; more may, but what the fifth leaves is not looked for
_MAX_PREFIX = 40  # of a name that may have 255 bytes already


def _beside(target: str, number: int) -> str:
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name[:_MAX_PREFIX]}.{number}.unfinished")


def _made_beside(target: str, locks: list[int], *, folder: bool) -> str:
    """Make a file or a folder with a name that is free; return its path. `locks` gets what holds the lock on it."""
    mode = 0o600 if os.path.exists(target) else 0o666  # of a file that is replaced, perhaps nobody may see the content
    for number in count(1):
        path = _beside(target, number)
        try:
            if folder:
                os.mkdir(path)
            else:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        except FileExistsError:  # somebody else is at work
            continue
        if os.name == "nt":  # it has no such locks, and renames nothing that is open
            return path
        locks.append(os.open(path, os.O_RDONLY))
        _lock(locks[-1], wait=True)
        if _is_there(path, locks[-1]):
            return path
        os.close(locks.pop())  # somebody took it, before it was locked, for one that was left
    raise AssertionError


def _lock(handle: int, *, wait: bool) -> bool:
    """Lock what is open until it is closed. Tell whether that could be done: some file systems know no locks."""
    try:
        import fcntl  # POSIX has it

        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except (ImportError, OSError):
        return False
    return True


def _is_there(path: str, handle: int | None = None) -> bool:
    """Tell whether there is at a path what was made there, and not what somebody else made."""
    try:
        return handle is None or os.path.samestat(os.lstat(path), os.fstat(handle))
    except OSError:
        return False


def _delete(path: str) -> None:
    import shutil  # slow to import, and seldom needed

    if os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(path)


@contextlib.contextmanager
def errors_of(path: str) -> Iterator[None]:
    """Turn what the system says against writing into one line that names what was to be written."""
    try:
        yield
    except ShortcodesError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error


def synchronise(folder: str) -> None:
    """Wait until all is on the disk: else a rename may survive a power cut, and what it names may not."""
    walked = list(os.walk(folder))
    if sum(len(files) for _, _, files in walked) > _MANY_FILES and hasattr(os, "sync"):
        os.sync()  # one wait for all, where a wait for each takes seconds for thousands
        return
    for path, _, files in walked:
        for file in files:
            synchronise_file(os.path.join(path, file))
        synchronise_folder(path)


_MANY_FILES = 100


def synchronise_file(path: str) -> None:
    """Wait until a file is on the disk. When all are written: what is waited for first takes others with it."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def synchronise_folder(folder: str) -> None:
    """Wait until the names of what is in a folder are on the disk."""
    with contextlib.suppress(OSError):  # Windows opens no folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def swap(new: str, target: str) -> None:
    """Put a folder in the place of another one; a filled one cannot be renamed onto."""
    if not os.path.isdir(target):
        os.rename(new, target)
    elif _exchange(new, target):
        _delete(new)  # which is the old one now
    else:
        old = f"{new}.replaced"
        os.rename(target, old)
        try:
            os.rename(new, target)
        except BaseException:
            os.rename(old, target)
            raise
        _delete(old)
    synchronise_folder(os.path.dirname(target))


_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


def _exchange(one: str, other: str) -> bool:
    """Let two folders change places, in one step; tell whether that could be done. Linux can, on most file systems."""
    try:
        import ctypes  # only who replaces a folder needs it

        rename = ctypes.CDLL(None).renameat2
    except (ImportError, OSError, TypeError, AttributeError):
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)
