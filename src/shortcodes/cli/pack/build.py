"""``shortcodes pack build``: a pack to one that can be published."""

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ...errors import InputError
from ..files import file_or_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...images.build import Built, Progress


@click.command()
@click.argument("pack", type=file_or_folder)
@click.option(
    "-o", "--output", type=file_or_folder, metavar="TARGET", help="Where to: a folder, or a file that ends in .zip."
)
@click.option("--zip", "as_zip", is_flag=True, help="Write a zip, whatever the name of the target.")
@click.option(
    "--size",
    type=click.IntRange(1, 4096),
    default=128,
    show_default=True,
    metavar="PIXELS",
    help="The longer side of an image at most; nothing is enlarged.",
)
@click.option("--2x", "twice", is_flag=True, help="Also make images of twice the size, of those that have the pixels.")
@click.option("--hashed", is_flag=True, help="Put a hash of the content into file names, so that they can be cached.")
@click.option("--sprite", is_flag=True, help="Also make a sheet of all images, and its CSS.")
@click.option("-j", "--jobs", type=click.IntRange(1, 256), metavar="N", help="How many processes; as many as cores.")
@click.option("--max-bytes", type=click.IntRange(1), metavar="N", help="Of an image's file; 10 MiB if not given.")
@click.option(
    "--max-pixels",
    type=click.IntRange(1),
    metavar="N",
    help="Of one frame; 2,560,000 if not given. An animation may have half as many.",
)
@click.option("--max-frames", type=click.IntRange(1), metavar="N", help="Of an animation; 1,000 if not given.")
def build(  # noqa: PLR0913  # click hands every option over by its name
    *,
    pack: str,
    output: str | None,
    as_zip: bool,
    size: int,
    twice: bool,
    hashed: bool,
    sprite: bool,
    jobs: int | None,
    max_bytes: int | None,
    max_pixels: int | None,
    max_frames: int | None,
) -> None:
    """Build PACK, a folder or a zip, to one that can be published.

    Every image is checked by decoding it, turned as its EXIF says, stripped of metadata, made to fit, given a still
    frame if it moves, and written as small as it can be without a visible difference. Only what changed is made again,
    and the target is the old build until the new one is whole. Without --output it is dist/ and the name of PACK.
    """
    from ...images.build import BuildSettings, build_pack
    from ...images.make import MakeSettings
    from ...images.picture import LIMITS

    given = {"bytes": max_bytes, "pixels": max_pixels, "frames": max_frames}
    limits = LIMITS._replace(**{name: value for name, value in given.items() if value})
    limits = limits._replace(total=max(limits.total, limits.pixels))
    target = output or _default(pack, as_zip=as_zip)
    settings = BuildSettings(MakeSettings(size, twice, limits), hashed, sprite)
    with _shown() as progress:
        built = build_pack(
            pack,
            target,
            settings,
            as_zip=as_zip or target.lower().endswith(".zip"),
            jobs=jobs or _cores(),
            progress=progress,
        )
    click.echo(f"{target}: {_summary(built)}")


def _default(pack: str, *, as_zip: bool) -> str:
    if not os.path.exists(pack):
        raise InputError(f"{pack}: there is no such file or folder")
    stem = os.path.basename(os.path.abspath(pack)).removesuffix(".zip") or "pack"
    try:
        os.makedirs("dist", exist_ok=True)
    except OSError as error:
        raise InputError(f"dist: cannot be written: {error.strerror}; name a target with --output") from error
    return os.path.join("dist", stem + ".zip" * as_zip)


def _cores() -> int:
    """Return how many cores this process may use, which in a container are fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _shown() -> "Iterator[Progress]":
    """Show a progress bar, on a terminal, from the first image that is done."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console  # only a terminal sees it
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Images", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _summary(built: "Built") -> str:
    emoji = f"{len(built.pack.emoji):,} emoji, {built.images:,} images"
    if not built.bytes_out:
        return f"{emoji}, nothing has changed"
    return f"{emoji}, {built.made:,} made anew; {_size(built.bytes_in)} became {_size(built.bytes_out)}"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"  # noqa: PLR2004  # 0.1 MB
