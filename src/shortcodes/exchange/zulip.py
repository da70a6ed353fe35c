"""Zulip: an organisation's custom emoji, as its API lists them, and as a converted export has them.

zulip/zulip ``zerver/models/realm_emoji.py`` (`EmojiInfo`) for ``GET /api/v1/realm/emoji``, an object by id; and
``zerver/data_import/import_util.py`` (`build_realm_emoji`, `process_emojis`) for ``emoji/records.json``, whose ``path``
is one in ``emoji/``. A deactivated emoji still shows in old messages, and another one may have its name by now. An
animated one has a still frame, at ``…/still/….png`` (`STILL_PATH_ID_TEMPLATE`).

Names: ``zerver/lib/emoji.py`` (`check_valid_emoji_name`); types: those in both ``THUMBNAIL_ACCEPT_IMAGE_TYPES`` and
``INLINE_MIME_TYPES`` (``zerver/actions/realm_emoji.py``); files up to 5 MiB, as ``MAX_EMOJI_FILE_SIZE_MIB`` is unless
it is changed. We write a converted export if all images are files, and else the list of the API.
"""

import posixpath
from typing import Any

from ..emoji import Emoji
from ..errors import Problem, quoted
from ..packs.pack import Content
from .addresses import ending
from .entries import (
    address_of,
    document_of,
    document_path,
    draft_of,
    image_at,
    own_name,
    read_entries,
    set_apart,
    with_own_names,
)
from .extra import extra_for, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "zulip"
_FOLDER = "emoji"
_RECORDS = "records.json"
_OURS = ("id", "name", "author_id", "source_url", "still_url", "deactivated")
_OURS_OF_RECORDS = ("id", "name", "author", "path", "s3_path", "file_name", "is_animated", "deactivated")


def _recognises(source: Source) -> bool:
    if _records(source):
        return True
    path = document_path(source, ".json")
    value = peek_json(source.files[path], "source_url", "deactivated") if path else None
    rows = value.get("emoji", value.get("realm_emoji")) if isinstance(value, dict) else None
    return isinstance(rows, dict) and bool(rows) and all(isinstance(row, dict) for row in rows.values())


def _records(source: Source) -> str | None:
    """Return the path of the records: in the folder of an export, or in its folder of emoji alone."""
    paths = (path for path in (f"{_FOLDER}/{_RECORDS}", _RECORDS) if path in source.files)
    return next((path for path in paths if isinstance(peek_json(source.files[path], "path", "name"), list)), None)


def _read(source: Source) -> Draft:
    problems: list[Problem] = []
    records = _records(source)
    path = records or document_of(source, ".json")[0]
    document = read_json(path, source.files[path], problems)

    def listed(row: Field) -> Emoji:
        still = row.at("still_url").text_or()
        return Emoji(
            row.at("name").text("a name"),
            image=image_at(row.at("source_url").text("the address of an image"), path),
            static=image_at(still, path) if still else None,
            retired=_is_deactivated(row, problems),
            extra=extra_for(_NAME, _identity(row, "author_id") | row.rest(*_OURS)),
        )

    def recorded(row: Field) -> Emoji:
        image = image_at(row.at("path", "s3_path").text("the path of an image"), path)
        is_animated = row.at("is_animated").flag()
        still = _still_path(image) if is_animated and _still_path(image) in source.files else None
        table = _identity(row, "author") | row.rest(*_OURS_OF_RECORDS)
        return Emoji(
            row.at("name").text("a name"),
            image=image,
            static=still,
            retired=_is_deactivated(row, problems),
            extra=extra_for(_NAME, table | ({"is_animated": True} if is_animated and not still else {})),
        )

    if records:
        emoji = read_entries(document.items(), recorded, problems)
    else:
        rows = [row for _, row in document.at("emoji", "realm_emoji").members()]
        emoji = read_entries(rows, listed, problems)
    return draft_of(source, with_own_names(set_apart(emoji, _NAME, problems), _NAME), problems)


def _identity(row: Field, author: str) -> dict[str, Any]:
    """Return the id and the author, which the two kinds spell differently."""
    number, found = row.at("id"), row.at(author)
    table: dict[str, Any] = {} if number.is_absent else {"id": number.id()}
    return table if found.is_absent else table | {"author": found.number()}


def _is_deactivated(row: Field, problems: list[Problem]) -> bool:
    if is_gone := row.at("deactivated").flag():
        problems.append(row.problem(f"{quoted(row.at('name').text())} is deactivated there; taken as retired"))
    return is_gone


def _still_path(image: str) -> str:
    folder, file = posixpath.split(image)
    return posixpath.join(folder, "still", f"{posixpath.splitext(file)[0]}.png")


def _write(draft: Draft) -> dict[str, Content]:
    images = [emoji for emoji in draft.pack.emoji if emoji.image]
    if images and all(emoji.image in draft.files for emoji in images):
        return _write_records(draft, images)
    written: dict[str, Content] = {}
    rows: dict[str, dict[str, Any]] = {}
    for emoji, number in zip(images, _ids(images), strict=True):
        table = kept(emoji, _NAME)
        row = {
            "id": number,
            "name": own_name(emoji, table.pop("name", None)),
            "source_url": _address(draft, emoji.image, written),
            "deactivated": emoji.retired,
            "author_id": table.pop("author", None),
            "still_url": _address(draft, emoji.static, written),
        }
        rows[number] = row | {key: value for key, value in table.items() if key != "id"}
    return {"realm_emoji.json": to_json({"result": "success", "msg": "", "emoji": rows}), **written}


def _address(draft: Draft, image: str | None, written: dict[str, Content]) -> str | None:
    """Return an address as Zulip has it: what lies on its own server begins with a slash."""
    if image is None:
        return None
    address = address_of(draft, image, written)
    return f"/{address}" if address == image and image not in draft.files and "//" not in image else address


def _write_records(draft: Draft, images: list[Emoji]) -> dict[str, Content]:
    written: dict[str, Content] = {}
    records = []
    for emoji, number in zip(images, _ids(images), strict=True):
        table = kept(emoji, _NAME)
        realm = table.pop("realm_id", 0)
        realm = realm if isinstance(realm, int) else 0
        file = f"{number}.{ending(emoji.image or '')}"
        path = f"{realm}/emoji/images/{file}"
        written[f"{_FOLDER}/{path}"] = draft.files[emoji.image or ""]
        if emoji.static in draft.files:
            written[_still_path(f"{_FOLDER}/{path}")] = draft.files[emoji.static or ""]
        record = {
            "id": int(number) if number.isdecimal() else number,
            "author": table.pop("author", None),
            "name": own_name(emoji, table.pop("name", None)),
            "file_name": file,
            "is_animated": bool(table.pop("is_animated", emoji.static)),
            "deactivated": emoji.retired,
            "path": path,
            "s3_path": path,
            "realm_id": realm,
        }
        records.append(record | {key: value for key, value in table.items() if key != "id"})
    return {f"{_FOLDER}/{_RECORDS}": to_json(records), **written}


def _ids(emoji: list[Emoji]) -> list[str]:
    """Return the ids that the emoji had, and free ones for the others. They name files: letters and digits."""
    had = [str(kept(one, _NAME).get("id", "")) for one in emoji]
    free = iter(str(number) for number in range(1, 2 * len(emoji) + 1) if str(number) not in had)
    taken: set[str] = set()
    ids = []
    for one in had:
        number = one if one.isascii() and one.isalnum() and one not in taken else next(free)
        taken.add(number)
        ids.append(number)
    return ids


FORMAT = Format(
    _NAME,
    "Zulip, answer of GET /realm/emoji, and emoji/ of a converted export (zulip.com/api/get-custom-emoji)",
    Rules(
        name=r"[0-9a-z_-]*[0-9a-z]", types=("png", "gif", "jpeg", "webp", "avif"), bytes=5 * 1024 * 1024, retired=True
    ),
    _recognises,
    _read,
    _write,
)
