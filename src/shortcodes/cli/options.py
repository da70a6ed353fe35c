"""The options that commands share, and the converter that they ask for."""

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import click

from ..converter import Converter
from ..dialects import BUILT_IN
from ..errors import InputError
from ..limits import DEFAULT_LIMITS, Limits
from ..packs.pack import Pack
from ..packs.unicode import unicode_pack

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


def _complete_dialect(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    return [name for name in BUILT_IN if name.startswith(typed)]


def make_converter(
    asked: Asked,
    *,
    output: str | None = None,
    base_url: str | None = None,
    renderer: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Converter:
    """Return a converter. Images of packs in folders are addressed as seen from where the output goes."""
    return Converter(
        read_packs(asked.packs, output=output, base_url=base_url),
        dialect=asked.dialect,
        boundary=asked.boundary,
        emoticons=asked.emoticons,
        renderer=renderer,
        limits=limits,
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
    from ..packs.installed import load_installed  # slow: it looks at everything that is installed

    found = load_installed()
    for pack in found.packs:
        if pack.name == name:
            return pack
    for error in found.errors:
        if error.entry_point == name:
            raise error
    known = ", ".join(pack.name for pack in found.packs)
    raise InputError(f"there is no pack {name!r}: no such file or folder, and installed are: {known}")


def _relative(folder: str, output: str | None) -> str:
    from urllib.parse import quote

    start = os.path.dirname(output) if output and output != "-" else ""
    return quote(os.path.relpath(folder, start or ".").replace(os.sep, "/"))
