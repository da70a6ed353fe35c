"""``shortcodes pack import``: what another platform exports becomes a pack, or is added to one."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from ...errors import InputError
from ..files import file_or_folder, read_names
from ..options import strangers

if TYPE_CHECKING:
    from ...exchange.download import Fetched
    from ...exchange.transfer import Import

_CONFLICTS = ("fail", "skip", "replace", "rename")


@click.command("import")
@click.argument("source", type=file_or_folder)
@click.option(
    "-o",
    "--output",
    type=file_or_folder,
    metavar="PACK",
    required=True,
    help="The folder of a new pack, or of one to add to.",
)
@click.option("--from", "format_name", metavar="FORMAT", help="The format of SOURCE. Found by looking if not said.")
@click.option(
    "--on-conflict",
    type=click.Choice(_CONFLICTS),
    default="fail",
    show_default=True,
    help="What to do with emoji whose names the pack has already.",
)
@click.option("--names", metavar="FILE", help="A JSON object of names in SOURCE and the names to give them.")
@click.option("--names-back", metavar="FILE", help="The map that an export wrote; names become what they were before.")
@click.option("--name", metavar="NAME", help="The name of a new pack. Without it, the source's, or the folder's.")
@click.option("--base-url", metavar="URL", help="What relative addresses of images in SOURCE are relative to.")
@click.option("--download", is_flag=True, help="Fetch the images that SOURCE has by address.")
@click.option("--allow-private", is_flag=True, help="Also fetch from private networks and this machine.")
@click.option("--case-twins", is_flag=True, help="Read archives with files that differ in case alone.")
@click.option("--max-files", type=click.IntRange(1), metavar="N", help="How many files an archive may have.")
@click.option("--max-bytes", type=click.IntRange(1), metavar="N", help="How many bytes they may have, unpacked.")
def import_(  # noqa: PLR0913  # click hands every option over by its name
    *,
    source: str,
    output: str,
    format_name: str | None,
    on_conflict: str,
    names: str | None,
    names_back: str | None,
    name: str | None,
    base_url: str | None,
    download: bool,
    allow_private: bool,
    case_twins: bool,
    max_files: int | None,
    max_bytes: int | None,
) -> int:
    """Make a pack of SOURCE, which another platform exported: a file, a folder, a zip or a tar.gz.

    A line for each thing that was left out or changed goes to standard error. All conflicts are listed before anything
    is written. Exit code 1 if an image could not be downloaded: run it again, and what was fetched is not fetched anew.
    """
    from ...exchange.archives import DEFAULT_LIMITS  # it loads what opens archives
    from ...exchange.transfer import Downloads, import_pack

    if names and names_back:
        raise click.UsageError("give --names or --names-back, not both")
    if allow_private and not download:
        raise click.UsageError("--allow-private is for --download")
    if not os.path.isdir(os.path.dirname(os.path.abspath(output))):
        raise InputError(f"{output}: there is no folder to put it in")
    limits = DEFAULT_LIMITS._replace(
        files=max_files or DEFAULT_LIMITS.files, bytes=max_bytes or DEFAULT_LIMITS.bytes, case_twins=case_twins
    )
    given: dict[str, str] = {}
    if names is not None:
        given = read_names(names)
    elif names_back is not None:
        given = _turned(read_names(names_back), names_back)
    with strangers(), _progress(shown=download and sys.stderr.isatty()) as seen:
        done = import_pack(
            source,
            output,
            format=format_name,
            on_conflict=on_conflict,
            names=given,
            name=name or "",
            base_url=base_url or "",
            downloads=Downloads(allow_private, seen=seen) if download else None,
            limits=limits,
        )
    _report(done, output)
    return 1 if done.missing else 0


@contextlib.contextmanager
def _progress(*, shown: bool) -> Iterator[Callable[["Fetched"], None]]:
    """Give what is to be called for each image that comes, and show how many did."""
    if not shown:
        yield lambda _: None
        return
    from rich.console import Console  # only a terminal sees it
    from rich.progress import Progress, TextColumn

    columns = (TextColumn("Images"), TextColumn("{task.completed}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Images", total=None)
        yield lambda _: progress.advance(task)


def _report(done: "Import", output: str) -> None:
    merged = done.merged
    for problem in merged.imported.draft.problems:
        click.echo(str(problem), err=True)
    for old, new in merged.imported.names.items():
        if old != new:
            click.echo(f"{old!r}: is mapped to {new!r}", err=True)
    counts = {
        "replaced": merged.replaced,
        "mapped": sum(old != new for old, new in merged.imported.names.items()),
        "skipped": merged.skipped,
        "there already": merged.same,
        "left out": merged.imported.left_out,
        "not downloaded": len(done.missing),
    }
    more = "".join(f", {count:,} {what}" for what, count in counts.items() if count)
    click.echo(f"{output}: {merged.added:,} emoji imported from {done.format.name}{more}", err=True)


def _turned(names: dict[str, str], file: str) -> dict[str, str]:
    """Return new names with the old ones. Of several old ones the first is an emoji's own; the others are aliases."""
    turned: dict[str, str] = {}
    for old, new in names.items():
        if new in turned:
            click.echo(f"{file}: {new!r} was {turned[new]!r} and {old!r}; the first one is taken", err=True)
        turned.setdefault(new, old)
    return turned
