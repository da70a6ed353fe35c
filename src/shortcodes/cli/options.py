"""The options that commands share, and the converter that they ask for."""

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import click

from ..converter import Converter
from ..dialects import BUILT_IN, find_dialect
from ..dialects.dialect import Dialect
from ..errors import InputError, OptionError
from ..limits import DEFAULT_LIMITS, Limits
from ..packs.pack import Pack
from ..packs.unicode import unicode_pack
from ..renderers import RENDERERS
from .files import file_or_folder

Command = Callable[..., Any]


class Asked(NamedTuple):
    """What the command line asks of a converter."""

    packs: tuple[str, ...]
    dialect: str
    boundary: str | None
    emoticons: bool


def pack_option(command: Command) -> Command:
    """Add ``--pack``."""
    return click.option(
        "--pack",
        "packs",
        multiple=True,
        type=file_or_folder,
        metavar="PACK",
        help="A pack to resolve names in, before the bundled Unicode pack: a folder, a zip, or the name of an "
        "installed pack. Repeatable; an earlier one wins.",
    )(command)


def reading_options(command: Command) -> Command:
    """Add the options that say how posts are read: ``--pack``, ``--dialect``, ``--boundary``, ``--emoticons``."""
    for option in (
        click.option("--emoticons", is_flag=True, help="Also resolve emoticons such as :-) that stand alone."),
        click.option(
            "--boundary",
            type=click.Choice(["word", "loose", "strict", "alone"]),
            help="What may stand beside a shortcode: no letter or digit before it (word, the default), anything "
            "(loose, as GitHub), only what is neither alphanumeric nor a colon (strict, as Mastodon), only white space "
            "(alone, as CyTube, where names of images need no colons).",
        ),
        click.option(
            "--dialect",
            default="gfm",
            show_default=True,
            metavar="NAME",
            shell_complete=_complete_dialect,
            help=f"The Markdown: {', '.join(BUILT_IN)}, or an installed one.",
        ),
        pack_option,
    ):
        command = option(command)
    return command


def markup_options(when: str = "") -> Callable[[Command], Command]:
    """Return what adds the options that say how emoji are marked up: ``--renderer``, ``--base-url``."""

    def add(command: Command) -> Command:
        for option in (
            click.option(
                "--base-url", metavar="URL", help="Where the images of packs without a base_url are served from."
            ),
            click.option(
                "--renderer",
                type=click.Choice(sorted(RENDERERS)),
                help=f"{when}How emoji are marked up; as the dialect's clients do if not given.",
            ),
        ):
            command = option(command)
        return command

    return add


def engine_option(command: Command) -> Command:
    """Add ``--engine``."""
    return click.option(
        "--engine",
        type=click.Choice(["default", "fast"]),
        default="default",
        show_default=True,
        help="What reads Markdown: fast is many times as fast on usual posts, and needs the extra 'fast'.",
    )(command)


def output_option(command: Command) -> Command:
    """Add ``--output``."""
    return click.option(
        "-o", "--output", metavar="FILE", help="Write here, all or nothing, instead of to standard output."
    )(command)


def _complete_dialect(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    return [name for name in BUILT_IN if name.startswith(typed)]


def strangers() -> contextlib.AbstractContextManager[object]:
    """Return a context for plug-ins to load in: what they print is no part of what was asked for."""
    return contextlib.redirect_stdout(sys.stderr)


def read_dialect(name: str) -> Dialect:
    """Return the dialect of that name."""
    with strangers():
        return find_dialect(name)


def make_converter(  # noqa: PLR0913  # settings, by keyword
    asked: Asked,
    *,
    output: str | None = None,
    base_url: str | None = None,
    renderer: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    engine: str = "default",
) -> Converter:
    """Return a converter. Images of packs in folders are addressed as seen from where the output goes."""
    return Converter(
        read_packs(asked.packs, output=output, base_url=base_url),
        dialect=read_dialect(asked.dialect),
        boundary=asked.boundary,
        emoticons=asked.emoticons,
        renderer=renderer,
        limits=limits,
        engine=engine,
    )


def read_packs(names: Sequence[str], *, output: str | None = None, base_url: str | None = None) -> tuple[Pack, ...]:
    """Return the packs that were named, and the bundled one behind them."""
    return (*(_read(name, output, base_url) for name in names), unicode_pack())


def _read(name: str, output: str | None, base_url: str | None) -> Pack:
    if os.path.exists(name) or os.sep in name:
        from ..packs.manifest import read_pack  # only if a pack is named

        pack = read_pack(name)
        if pack.base_url:
            return pack
        return pack._replace(base_url=base_url or (_relative(name, output) if os.path.isdir(name) else ""))
    from ..packs.installed import find_pack  # slow: it looks at everything that is installed

    try:
        with strangers():
            return find_pack(name)
    except OptionError as error:
        raise InputError(f"{error}; and no file or folder has that name") from error


def _relative(folder: str, output: str | None) -> str:
    from urllib.parse import quote

    start = os.path.dirname(output) if output and output != "-" else ""
    return quote(os.path.relpath(folder, start or ".").replace(os.sep, "/"))
