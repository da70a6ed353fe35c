"""The command line: arguments, files, exit codes. What it does is done by the library.

Exit codes: 0 done, 1 done but something was not found (an unknown shortcode, a pack that does not load), 2 bad input
or usage, in one line on standard error and with nothing half-written.
"""

import os
import sys

import click

from .. import __version__
from ..errors import PackError, ShortcodesError
from .lazy import LazyGroup


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
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line; return its exit code. No error leaves as a traceback."""
    try:
        code = shortcodes.main(arguments, prog_name="shortcodes", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        _silence(sys.stdout.fileno())  # the reader has left: there is nobody to tell
        return 0
    except PackError as error:
        return _fail(str(error))
    except ShortcodesError as error:
        return _fail(f"shortcodes: {error}")
    except OSError as error:
        _silence(sys.stdout.fileno())
        where = f"{error.filename}: " if error.filename else "standard output: "
        return _fail(f"shortcodes: {where}{error.strerror or error}")
    return code if isinstance(code, int) else 0


def _fail(message: str) -> int:
    click.echo(message, err=True)
    return 2


def _silence(descriptor: int) -> None:
    """Give a stream that cannot be written somewhere to go, so that the interpreter's last flush does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
