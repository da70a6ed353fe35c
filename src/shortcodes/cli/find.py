"""``shortcodes find``: every shortcode in posts, and where it is."""

import json
from collections.abc import Iterator
from typing import Any

import click

from ..results import FoundShortcode, Result, UnknownShortcode
from .files import Post, read_posts
from .options import Asked, make_converter, reading_options


@click.command()
@click.argument("files", nargs=-1, type=click.Path(allow_dash=True))
@click.option("--unknown", "only_unknown", is_flag=True, help="Only those that no pack has.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@reading_options
def find(  # noqa: PLR0913  # click hands every option over by its name
    *,
    files: tuple[str, ...],
    only_unknown: bool,
    as_json: bool,
    packs: tuple[str, ...],
    dialect: str,
    boundary: str | None,
    emoticons: bool,
) -> int:
    """List the shortcodes in posts as file:line:column. Exit code 1 if any is unknown."""
    converter = make_converter(Asked(packs, dialect, boundary, emoticons))
    any_unknown = False
    for post in read_posts(files):
        result = converter.convert(post.text)
        any_unknown = any_unknown or bool(result.unknown)
        for row in _rows(post, result, only_unknown=only_unknown):
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))
    return int(any_unknown)


def _rows(post: Post, result: Result, *, only_unknown: bool) -> Iterator[dict[str, Any]]:
    found = () if only_unknown else result.found
    both: list[FoundShortcode | UnknownShortcode] = [*found, *result.unknown]
    for one in sorted(both, key=lambda one: (one.line, one.column)):
        row: dict[str, Any] = {"file": post.name, "line": one.line, "column": one.column}
        if isinstance(one, FoundShortcode):
            shortcode = one.shortcode
            yield row | {
                "source": shortcode.source,
                "known": True,
                "name": shortcode.emoji.name,
                "unicode": shortcode.characters or None,
                "pack": shortcode.pack.name,
            }
        else:
            yield row | {
                "source": one.source,
                "known": False,
                "name": one.name,
                "suggestions": list(one.suggestions),
            }


def _line(row: dict[str, Any]) -> str:
    place = f"{row['file']}:{row['line']}:{row['column']}: {row['source']}"
    if row["known"]:
        return f"{place} {row['unicode'] or '[image]'} {row['name']} ({row['pack']})"
    if not row["suggestions"]:
        return f"{place} is unknown"
    return f"{place} is unknown; did you mean {', '.join(f':{name}:' for name in row['suggestions'])}?"
