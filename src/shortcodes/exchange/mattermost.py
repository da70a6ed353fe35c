"""Mattermost: custom emoji as bulk data, with their images, and as the API lists them.

mattermost/mattermost ``server/channels/app/imports`` (`EmojiImportData`): JSON lines, the first of type ``version``, an
emoji's with ``name`` and ``image``, a path beside the file, or in ``data/`` of a zip. ``GET /api/v4/emoji``
(``server/public/model/emoji.go``): a list, whose images are at ``/api/v4/emoji/ID/image``; with a ``delete_at`` it was
deleted. Names: 64 of ASCII letters, digits, ``-``, ``_``, ``+``, and none of a standard emoji (`IsValidEmojiName`).
``server/channels/app/emoji.go``: files up to 512 KiB, and 1,028 pixels; larger ones than 128 are resized.

We write bulk data if there are images, and else the list of the API.
"""

from collections.abc import Iterator
from typing import Any

from ..emoji import Emoji
from ..errors import PackError, Problem, quoted
from ..packs.pack import Content
from .addresses import ending
from .entries import document_path, draft_of, image_at, image_beside, own_name, read_entries, set_apart
from .extra import extra_for, kept
from .fields import Field, peek_json, read_json, read_json_lines, to_json, to_json_lines
from .format import Draft, Format, Rules, Source

_NAME = "mattermost"
_IMAGE = "api/v4/emoji/{}/image"
_LISTED = {"id", "name", "creator_id", "delete_at"}
_ENDINGS = (".jsonl", ".json")


def _recognises(source: Source) -> bool:
    if _bulk(source):
        return True
    path = document_path(source, ".json")
    rows = peek_json(source.files[path], "creator_id", "delete_at") if path else None
    return isinstance(rows, list) and any(isinstance(row, dict) and row.keys() >= _LISTED for row in rows)


def _bulk(source: Source) -> str | None:
    """Return the path of the file of JSON lines."""
    for path in source.files:
        if path.lower().endswith(_ENDINGS) and "/" not in path and not path.startswith("._"):
            first = _first_line(source.files[path])
            if isinstance(first, dict) and first.get("type") in ("version", "emoji"):
                return path
    return None


def _first_line(content: Content) -> object:
    try:
        line = content().removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    except Exception:  # noqa: BLE001  # whatever a damaged archive comes to
        return None
    return peek_json(lambda: line, "type")


def _read(source: Source) -> Draft:
    problems: list[Problem] = []
    if path := _bulk(source):
        return _read_bulk(source, path, problems)
    return _read_list(source, problems)


def _read_bulk(source: Source, path: str, problems: list[Problem]) -> Draft:
    others: list[dict[str, Any]] = []

    def entry(line: Field) -> Emoji | None:
        kind = line.at("type").text("the type of a line")
        if kind != "emoji":
            if kind != "version":
                others.append(line.rest())
            return None
        row = line.at("emoji")
        name = row.at("name").text("a name")
        image = image_at(row.at("image").text("the path of an image"), path)
        if image not in source.files and f"data/{image}" in source.files:
            image = f"data/{image}"
        return Emoji(name, image=image, extra=extra_for(_NAME, row.rest("name", "image")))

    emoji = read_entries(read_json_lines(path, source.files[path], problems), entry, problems)
    if others:
        kinds = ", ".join(sorted({str(one["type"]) for one in others}))
        problems.append(Problem("", f"lines that are no emoji: {len(others):,} ({kinds}); left out"))
    return draft_of(source, emoji, problems)


def _read_list(source: Source, problems: list[Problem]) -> Draft:
    path = document_path(source, ".json")
    if path is None:
        raise PackError(source.name, [Problem("", "has neither JSON lines of Mattermost nor a list of its API")])

    def entry(row: Field) -> Emoji:
        name, number = row.at("name").text("a name"), row.at("id").text("an id")
        deleted = row.at("delete_at")
        if is_gone := not deleted.is_absent and deleted.number() > 0:
            problems.append(row.problem(f"{quoted(name)} was deleted there; taken as retired"))
        table = row.rest("name", "delete_at") | ({"delete_at": deleted.number()} if is_gone else {})
        image = image_beside(source, path, name) or _IMAGE.format(number)
        return Emoji(name, image=image, retired=is_gone, extra=extra_for(_NAME, table))

    emoji = read_entries(read_json(path, source.files[path], problems).items(), entry, problems)
    return draft_of(source, set_apart(emoji, _NAME, problems), problems)


def _write(draft: Draft) -> dict[str, Content]:
    files = [emoji for emoji in draft.pack.emoji if emoji.image in draft.files]
    return _write_bulk(draft, files) if files else {"emoji_list.json": to_json(list(_listed(draft)))}


def _listed(draft: Draft) -> Iterator[dict[str, Any]]:
    for emoji in draft.pack.emoji:
        table = kept(emoji, _NAME)
        if emoji.image and "id" in table:
            row = {"id": table.pop("id"), "name": own_name(emoji, table.pop("name", None))}
            yield row | {"delete_at": 0} | table


def _write_bulk(draft: Draft, emoji: list[Emoji]) -> dict[str, Content]:
    written: dict[str, Content] = {}
    lines: list[dict[str, Any]] = [{"type": "version", "version": 1}]
    for one in emoji:
        table = kept(one, _NAME)
        name = own_name(one, table.pop("name", None))
        image = f"exported_emoji/{one.name}/image.{ending(one.image or '')}"
        written[image] = draft.files[one.image or ""]
        lines.append({"type": "emoji", "emoji": {"name": name, "image": image} | table})
    return {"export.jsonl": to_json_lines(lines), **written}


FORMAT = Format(
    _NAME,
    "Mattermost, bulk data with images, and answer of GET /emoji (docs.mattermost.com, Bulk loading data)",
    Rules(
        name=r"[A-Za-z0-9_+-]+",
        length=(1, 64),
        types=("png", "gif", "jpeg"),
        bytes=512 * 1024,
        pixels=1_028,
        urls=False,
    ),
    _recognises,
    _read,
    _write,
)
