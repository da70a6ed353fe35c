"""Posts in, results out: decoding, and outputs that appear whole or not at all."""

import contextlib
import os
import stat
import sys
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from typing import IO, NamedTuple, TextIO, TypeVar

from ..errors import InputError
from ..whole import open_whole

MAX_BYTES = 64 << 20
"""What is read of one input. A thread of ten thousand comments has half of it."""
Value = TypeVar("Value")

_LONG_BYTES = 4_000_000
_LONG_FILES = 50


class Post(NamedTuple):
    """A post, and what to call it in messages."""

    name: str
    text: str
    mark: str = ""
    """The byte order mark that the file begins with, if it does."""


def read_posts(files: Sequence[str]) -> Iterator[Post]:
    """Read all files, ``-`` (or no file at all) being standard input; then return their texts, one by one.

    So all has been read before anything is written. A progress bar shows how many are done, if it takes long.
    """
    posts = [_standard_input() if file == "-" else read_post(file) for file in files or ("-",)]
    return with_progress(posts, sum(len(post.text) for post in posts))


def _standard_input() -> Post:
    return _decode("<stdin>", _content("<stdin>", sys.stdin.buffer))


def read_post(file: str) -> Post:
    """Return a file's text. Raises `InputError` if it has none."""
    try:
        if _is_named_pipe(file):
            raise InputError(f"{file}: is a pipe, which may never have anything; give it as standard input: < {file}")
        with open(file, "rb") as stream:
            content = _content(file, stream)
    except IsADirectoryError as error:
        raise InputError(f"{file}: is a folder; name the files in it") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    return _decode(file, content)


def _content(name: str, stream: IO[bytes]) -> bytes:
    try:
        content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or error}") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{name}: has more than {MAX_BYTES >> 20} MiB; split it")
    return content


def _is_named_pipe(file: str) -> bool:
    """Tell a pipe that waits for somebody to write from that of ``<(…)``, which has no name in any folder."""
    return stat.S_ISFIFO(os.stat(file).st_mode) and os.path.lexists(os.path.realpath(file))


def file_or_folder(path: str) -> str:
    """Return a path that may be opened as a pack, a font or an archive, or be replaced by one: for click.

    Raises `InputError` for a pipe, a socket or a device. They would be waited for, or never end, or be gone.
    """
    if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
        raise InputError(f"{path}: is neither a file nor a folder")
    return path


def refuse_same(output: str | None, inputs: Iterable[str]) -> None:
    """Raise `InputError` if what is read is what is to be written."""
    for file in inputs:
        with contextlib.suppress(OSError, ValueError):
            if output and os.path.isfile(output) and os.path.samefile(output, file):
                raise InputError(f"{output}: is what is read; name another file to write")


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
        with open(sys.stdout.fileno(), "w", encoding="utf-8", errors="replace", newline="\n", closefd=False) as stdout:
            yield stdout
        return
    if _cannot_be_replaced(path):
        with _as_it_is(path) as device:
            yield device
        return
    with open_whole(path, synchronised=False) as file:  # thousands of posts would wait for the disk, one by one
        output = TextIOWrapper(file, encoding="utf-8", errors="replace", newline="\n")
        yield output
        output.flush()


def _cannot_be_replaced(path: str) -> bool:
    """Tell whether a path is a device or a pipe, or another name for what is open already: ``/dev/stdout``."""
    if not os.path.exists(path) or os.path.isdir(path):
        return False
    return not os.path.isfile(path) or os.path.abspath(path).startswith(("/dev/", "/proc/"))


@contextlib.contextmanager
def _as_it_is(path: str) -> Iterator[TextIO]:
    """Open a device, or a pipe that somebody reads: there is no other to put in its place."""
    try:
        handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))  # else a pipe nobody reads is waited for
        os.set_blocking(handle, True)
        with open(handle, "w", encoding="utf-8", errors="replace", newline="\n") as output:
            yield output
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error


def with_progress(several: Sequence[Value], size: int) -> Iterator[Value]:
    """Yield files or posts, which together have about that many bytes, with a progress bar on a terminal."""
    if not sys.stderr.isatty() or (len(several) <= _LONG_FILES and size <= _LONG_BYTES):
        yield from several
        return
    from rich.console import Console  # only a terminal sees it
    from rich.progress import track

    yield from track(several, description="Posts", console=Console(stderr=True), transient=True)


def size_of(files: Iterable[str]) -> int:
    """Return how many bytes files have, as far as that can be told."""
    with contextlib.suppress(OSError, ValueError):
        return sum(os.stat(file).st_size for file in files if file != "-")
    return 0
