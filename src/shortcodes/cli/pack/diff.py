"""``shortcodes pack diff``: what is different between two packs, as text, JSON and a picture."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ...errors import PackError
from ...packs.diff import Diff, Drawing, Pair, diff_packs
from ...packs.manifest import Reading, examine_pack
from ...whole import open_whole
from ..files import file_or_folder

if TYPE_CHECKING:
    from ...images.inspect import Look


@click.command()
@click.argument("before", type=file_or_folder, metavar="A")
@click.argument("after", type=file_or_folder, metavar="B")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--picture", type=file_or_folder, metavar="FILE", help="Also draw the differences: a PNG of before and after."
)
def diff(*, before: str, after: str, as_json: bool, picture: str | None) -> int:
    """List what is different between the packs A and B: added, removed, renamed, redrawn, changed.

    Each is a folder with a pack.toml, or a zip of one. Exit code 1 if there is a difference, 0 if there is none.
    """
    from ...images.inspect import compare, look_at_images  # Pillow is slow to import

    old, new = _read(before), _read(after)
    old_looks, new_looks = (look_at_images(reading.pack, reading.files) for reading in (old, new))

    def drawing(one: str, other: str) -> Drawing | None:
        looks: tuple[Look | None, Look | None] = old_looks.get(one), new_looks.get(other)
        return compare(looks[0], looks[1]) if looks[0] and looks[1] else None

    found = diff_packs(old.pack, new.pack, drawing)
    rows = list(_rows(found))
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))
    if picture:
        _draw(found, old, new, _summary(rows), picture)
    click.echo(_summary(rows), err=True)
    return int(bool(found))


def _read(path: str) -> Reading:
    reading = examine_pack(path)
    if reading.problems:
        raise PackError(reading.pack.name, reading.problems)
    return reading


# What is said, one difference a row.


def _rows(found: Diff) -> Iterator[dict[str, Any]]:
    for field, old, new in found.pack:
        yield {"change": "pack", "field": field, "before": old, "after": new}
    yield from ({"change": "added", "emoji": emoji.name} for emoji in found.added)
    yield from ({"change": "removed", "emoji": emoji.name} for emoji in found.removed)
    for pair in found.pairs:
        name = pair.after.name
        if pair.renamed:
            yield {"change": "renamed", "emoji": name, "before": pair.before.name, "after": name}
        if pair.drawing.kind != "same":
            distance = round(pair.drawing.distance, 3)
            yield {"change": pair.drawing.kind, "emoji": name, "distance": distance, **_pictures(pair)}
        for field, old, new in pair.changes:
            yield {"change": "changed", "emoji": name, "field": field, "before": old, "after": new}


def _pictures(pair: Pair) -> dict[str, str]:
    before, after = (one.image or one.unicode or "" for one in (pair.before, pair.after))
    return {"before": before, "after": after}


def _line(row: dict[str, Any]) -> str:
    what = ".".join(row[key] for key in ("emoji", "field") if key in row)
    change = f": {_quoted(row['before'])} → {_quoted(row['after'])}" if "before" in row else ""
    distance = f" (distance {row['distance']})" if "distance" in row else ""
    return f"{row['change']} {what}{change}{distance}"


def _quoted(text: str) -> str:
    return repr(text) if text else "none"


def _summary(rows: list[dict[str, Any]]) -> str:
    counts = Counter(row["change"] for row in rows)
    return ", ".join(f"{count:,} {change}" for change, count in counts.items()) or "no difference"


# What is shown.


def _draw(found: Diff, old: Reading, new: Reading, facts: str, path: str) -> None:
    from ...images.sheet import Glyphs, diff_sections, draw_sheet

    drawn = draw_sheet(f"{_called(old)} to {_called(new)}", facts, diff_sections(found, old, new, Glyphs(())))
    with open_whole(path) as file:
        drawn.save(file, "PNG", compress_level=6)


def _called(reading: Reading) -> str:
    return f"{reading.pack.title or reading.pack.name} {reading.pack.version}".strip()
