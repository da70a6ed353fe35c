"""The command line: arguments, files, exit codes. What it does is done by the library.

Exit codes: 0 done, 1 done but something was not found (an unknown shortcode, a pack that does not load), 2 bad input
or usage, in one line on standard error and with nothing half-written, 70 a mistake of ours, or of a plug-in.
"""

import os
import re
import signal
import sys
import traceback
import warnings
from io import TextIOWrapper
from typing import Any, Literal, TextIO

import click

from .. import __version__
from ..errors import PackError, ShortcodesError, quoted, shown
from .lazy import LazyGroup

_BUG = 70  # EX_SOFTWARE of sysexits.h; Python's own 1 would mean "not found" here


@click.group(
    cls=LazyGroup,
    package=__name__,
    names=("render", "find", "convert", "thread", "emoji", "pack", "packs", "completion"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="shortcodes")
def shortcodes() -> None:
    """Emoji shortcodes in forum posts: find :wave:, resolve it against packs, emit HTML or text."""


def main() -> None:
    """Run the command line, and exit."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number and signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores it
            signal.signal(number, _end)
    _open_standard_streams()
    sys.exit(run(sys.argv[1:]))


def _open_standard_streams() -> None:
    """Make sure that there are three, of which text goes out as UTF-8, and that names of files may be any bytes.

    One that was closed (``>&-``) becomes one that cannot be used: else the next file to be opened has its number, and
    what is printed goes there.
    """
    for descriptor, flags in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_RDWR)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, flags)
    sys.stdin = sys.stdin or _opened(0, "r")
    sys.stdout = sys.stdout or _opened(1, "w")
    sys.stderr = sys.stderr or _opened(2, "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _opened(descriptor: int, mode: Literal["r", "w"]) -> TextIO:
    return open(descriptor, mode, encoding="utf-8", closefd=False)  # open as long as the process is


def _end(number: int, _frame: object) -> None:
    """Leave as from an error: what was begun is cleared away on the way out."""
    raise SystemExit(128 + number)


def run(arguments: list[str]) -> int:
    """Run the command line; return its exit code. No error leaves as a traceback."""
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        return _run(arguments)


def _run(arguments: list[str]) -> int:
    try:
        code = shortcodes.main(arguments, prog_name="shortcodes", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except SystemExit as error:
        if error.code != 1:
            raise
        return 0  # so click leaves if the reader has left, and for nothing else
    except Exception as error:  # noqa: BLE001  # the last resort
        return _explain(error, arguments)
    return code if isinstance(code, int) else 0


def _explain(error: Exception, arguments: list[str]) -> int:
    """Say in a line what is wrong; return the exit code."""
    if isinstance(error, PackError):
        return _fail(str(error))
    if isinstance(error, ShortcodesError):
        return _fail(f"shortcodes: {error}")
    if isinstance(error, BrokenPipeError):
        _silence(sys.stdout.fileno())  # the reader has left: there is nobody to tell
        return 0
    if isinstance(error, OSError):
        _silence(sys.stdout.fileno())
        where = f"{error.filename}: " if error.filename else "standard output: "
        return _fail(f"shortcodes: {where}{error.strerror or error}")
    if isinstance(error, UnicodeEncodeError) and (odd := next(filter(_SURROGATE.search, arguments), "")):
        return _fail(f"shortcodes: {quoted(odd)} is not UTF-8, as all but the names of files has to be")
    return _report(error)


_SURROGATE = re.compile("[\ud800-\udfff]")


def _report(error: Exception) -> int:
    """Say in a line what nobody foresaw, and where; in Python's development mode, as a traceback."""
    if sys.flags.dev_mode:
        raise error
    place = traceback.extract_tb(error.__traceback__)[-1]
    _silence(sys.stdout.fileno())
    told = shown(f"{type(error).__name__}: {error}")
    return _fail(f"shortcodes: {told} ({place.filename}:{place.lineno}); a mistake here, or in a plug-in", _BUG)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:  # noqa: ANN401  # the interpreter's signature
    """Say in a line what a plug-in warns of, and what is to be said of plug-ins."""
    click.echo(f"shortcodes: {' '.join(map(shown, str(message).splitlines()))}", err=True)


def _fail(message: str, code: int = 2) -> int:
    click.echo(message, err=True)
    return code


def _silence(descriptor: int) -> None:
    """Give a stream that cannot be written somewhere to go, so that the interpreter's last flush does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
