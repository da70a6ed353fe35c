"""Posts in, results out: decoding, and outputs that appear whole or not at all."""

import contextlib
import os
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TextIO

from ..errors import InputError

_LONG_BYTES = 4_000_000
_LONG_FILES = 50


class Post(NamedTuple):
    """A post, and what to call it in messages."""

    name: str
    text: str
    mark: str = ""
    """The byte order mark that the file begins with, if it does."""


def read_posts(files: Sequence[str]) -> Iterator[Post]:
    """Yield each file's text, ``-`` (or no file at all) being standard input, with a progress bar if it takes long."""
    for file in with_progress(files or ("-",)):
        if file == "-":
            yield _decode("<stdin>", sys.stdin.buffer.read())
        else:
            yield read_post(file)


def read_post(file: str) -> Post:
    """Return a file's text. Raises `InputError` if it has none."""
    try:
        with open(file, "rb") as stream:
            content = stream.read()
    except IsADirectoryError as error:
        raise InputError(f"{file}: is a folder; name the files in it") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    return _decode(file, content)


def read_names(file: str) -> dict[str, str]:
    """Return a map of names, from a JSON object. Raises `InputError` if the file has none."""
    import json  # rarely asked for

    text = read_post(file).text
    try:
        names: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f":{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(f'{file}{where}: is not JSON; an object of names is needed: {{"old": "new"}}') from error
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise InputError(f'{file}: is not an object of names: {{"old": "new"}}')
    return names


def _decode(name: str, content: bytes) -> Post:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{name}: is UTF-16; save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = _where(content, error.start)
        raise InputError(
            f"{name}:{where}: is not UTF-8 (byte 0x{content[error.start]:02x}); save it as UTF-8"
        ) from error
    if "\0" in text:
        where = _where(content, content.index(b"\0"))
        raise InputError(f"{name}:{where}: has a NUL character, as no text has; is it another kind of file?")
    return Post(name, text, "\ufeff" if content.startswith(BOM_UTF8) else "")


def _where(content: bytes, offset: int) -> str:
    line_start = content.rfind(b"\n", 0, offset) + 1
    column = len(content[line_start:offset].decode("utf-8", "replace")) + 1
    return f"{content.count(bytes([10]), 0, offset) + 1}:{column}"


@contextlib.contextmanager
def open_output(path: str | None) -> Iterator[TextIO]:
    """Open a file that appears, whole, when all is written, in place of an older one; or standard output."""
    if path is None or path == "-":
        sys.stdout.flush()
        with open(sys.stdout.fileno(), "w", encoding="utf-8", newline="\n", closefd=False) as stdout:
            yield stdout
        return
    if os.path.isdir(path):
        raise InputError(f"{path}: is a folder; name a file to write")
    import tempfile  # only for files

    beside = None
    try:
        handle, beside = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=".shortcodes-")
        with open(handle, "w", encoding="utf-8", newline="\n") as output:
            yield output
        _keep_owner(path, beside)
        os.chmod(beside, _mode(path))
        os.replace(beside, path)
    except BaseException as error:
        if beside:
            with contextlib.suppress(OSError):
                os.unlink(beside)
        if isinstance(error, OSError):
            raise InputError(f"{path}: cannot be written: {error.strerror}") from error
        raise


def _keep_owner(path: str, beside: str) -> None:
    with contextlib.suppress(OSError, AttributeError):  # only root may give files away; Windows has no owners
        found = os.stat(path)
        os.chown(beside, found.st_uid, found.st_gid)


def _mode(path: str) -> int:
    """Return the permissions of the file that is replaced, else those of any new file."""
    with contextlib.suppress(OSError):
        return os.stat(path).st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def with_progress(files: Sequence[str]) -> Iterator[str]:
    """Yield the files, with a progress bar on a terminal if it takes long."""
    if not sys.stderr.isatty() or not _takes_long(files):
        yield from files
        return
    from rich.console import Console  # only a terminal sees it
    from rich.progress import track

    yield from track(files, description="Posts", console=Console(stderr=True), transient=True)


def _takes_long(files: Sequence[str]) -> bool:
    if len(files) > _LONG_FILES:
        return True
    with contextlib.suppress(OSError, ValueError):
        return sum(os.stat(file).st_size for file in files if file != "-") > _LONG_BYTES
    return False
