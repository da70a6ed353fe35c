"""``shortcodes pack check``: everything that is wrong with packs, or could be better, in one run."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from ...errors import InputError
from ...packs.check import Finding, check_pack, in_order
from ...packs.manifest import Reading, examine_pack
from ..files import file_or_folder
from ..options import strangers

if TYPE_CHECKING:
    from ...exchange.format import Format


@click.command()
@click.argument("packs", nargs=-1, required=True, type=file_or_folder, metavar="PACK...")
@click.option("--target", metavar="PLATFORM", help="Also check what a platform takes: mastodon, misskey, discord, …")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--no-images", is_flag=True, help="Do not look into the image files.")
def check(*, packs: tuple[str, ...], target: str | None, as_json: bool, no_images: bool) -> int:
    """List everything that is wrong with packs, or could be better, with what would be right.

    PACK is a folder with a pack.toml, or a zip of one. Exit code 1 if there are errors; warnings and notes are none. 2
    if a pack cannot be read at all; the others are checked.
    """
    platform = _find(target) if target else None
    counts: Counter[str] = Counter()
    unread = 0
    for path in packs:
        try:
            reading = examine_pack(path)
        except InputError as error:
            click.echo(f"shortcodes: {error}", err=True)
            unread += 1
            continue
        findings = in_order(_findings(reading, platform, images=not no_images), reading)
        counts.update(one.severity for one in findings)
        for one in findings:
            click.echo(_as_json(path, one) if as_json else f"{path.rstrip('/')}/{one}")
    click.echo(_summary(counts, len(packs) - unread), err=True)
    return 2 if unread else int(counts["error"] > 0)


def _find(target: str) -> "Format":
    from ...exchange import find_format

    with strangers():
        return find_format(target)


def _findings(reading: Reading, target: "Format | None", *, images: bool) -> Iterable[Finding]:
    yield from check_pack(reading)
    looks = {}
    if images:
        from ...images.inspect import image_findings, look_at_images  # Pillow is slow to import

        looks = look_at_images(reading.pack, reading.files)
        yield from image_findings(reading.pack, looks)
    if target:
        from ...exchange.check import target_findings

        yield from target_findings(reading.pack, looks, target)


def _as_json(path: str, one: Finding) -> str:
    fields = {"pack": path, "file": one.file, "where": one.where, "emoji": one.name, "severity": one.severity}
    return json.dumps({**fields, "code": one.code, "message": one.message}, ensure_ascii=False)


def _summary(counts: Counter[str], packs: int) -> str:
    found = [f"{counts[kind]:,} {kind}{'s' * (counts[kind] != 1)}" for kind in ("error", "warning", "note")]
    return f"{', '.join(found)} in {packs} pack{'s' * (packs != 1)}"
