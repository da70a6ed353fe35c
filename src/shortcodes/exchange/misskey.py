"""Misskey: the zip that its control panel exports and imports: ``meta.json``, and the images beside it, not compressed.

misskey-dev/misskey ``ExportCustomEmojisProcessorService.ts`` and ``ImportCustomEmojisProcessorService.ts``: each of
``emojis`` has a ``fileName``, whether it was ``downloaded``, and the ``emoji`` with the columns of its table. Aliases
are what a picker finds it by, not names in posts. Names: the import and ``admin/emoji/add.ts`` take
``^[a-zA-Z0-9_]+$``, ``models/Emoji.ts`` 128 characters. What it takes of types and sizes of images: not verified.
"""

from typing import Any

from ..emoji import Emoji
from ..errors import PackError, Problem, quoted
from ..packs.pack import Content, is_url
from .addresses import distinct_files, ending
from .entries import draft_of, read_entries
from .extra import extra_for, keep, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "misskey"
_META = "meta.json"
_MODELLED = ("name", "category", "aliases", "isSensitive")
_TYPES = {"png": "image/png", "apng": "image/apng", "gif": "image/gif", "webp": "image/webp", "avif": "image/avif"}


def _recognises(source: Source) -> bool:
    if _META not in source.files:
        return False
    found = peek_json(source.files[_META], "emojis")
    return isinstance(found, dict) and isinstance(found.get("emojis"), list) and "metaVersion" in found


def _read(source: Source) -> Draft:
    problems: list[Problem] = []
    if _META not in source.files:
        raise PackError(source.name, [Problem("", f"there is no {_META}")])
    meta = read_json(_META, source.files[_META], problems)

    def entry(row: Field) -> Emoji:
        one = row.at("emoji")
        name = one.at("name").text("a name")
        file = row.at("fileName").text_or()
        address = one.at("publicUrl").text_or() or one.at("originalUrl").text_or()
        if file not in source.files:
            if not address:
                raise row.error(f"{quoted(name)} has no file, and no address")
            problems.append(row.problem(f"{quoted(name)} has no file there; its address is kept"))
            file = address
        assert isinstance(row.value, dict)  # `at` has seen to it, twice
        assert isinstance(one.value, dict)
        return Emoji(
            name,
            image=file,
            category=one.at("category").text_or(),
            keywords=one.at("aliases").texts(),
            sensitive=one.at("isSensitive").flag(),
            extra=extra_for(_NAME, keep(row.value, "fileName", "downloaded", "emoji") | keep(one.value, *_MODELLED)),
        )

    header = keep(meta.value, "emojis") if isinstance(meta.value, dict) else {}
    emoji = read_entries(meta.at("emojis").items(), entry, problems)
    return draft_of(source, emoji, problems, extra=extra_for(_NAME, header))


def _write(draft: Draft) -> dict[str, Content]:
    rows = []
    names = distinct_files(draft.pack.emoji)
    files: dict[str, Content] = {}
    for emoji in draft.pack.emoji:
        if not emoji.image:
            continue
        name, kind = names[emoji.name], ending(emoji.image)
        is_address = is_url(emoji.image)
        if not is_address:
            files[name] = draft.files[emoji.image]
        rows.append({"fileName": name, "downloaded": not is_address, "emoji": _columns(emoji, draft, kind)})
    header = {"metaVersion": 2, "host": None, "exportedAt": None} | kept(draft.pack, _NAME)
    return {_META: to_json({**header, "emojis": rows}), **files}


def _columns(emoji: Emoji, draft: Draft, kind: str) -> dict[str, Any]:
    """Return the columns of the table: ours, then what Misskey had, then what it expects (``models/Emoji.ts``)."""
    table = kept(emoji, _NAME)
    address = draft.pack.url(emoji.image or "")
    where = address if is_url(address) else ""
    columns: dict[str, Any] = {"name": emoji.name, "category": emoji.category or None, "aliases": [*emoji.keywords]}
    columns |= {"isSensitive": emoji.sensitive, **table}
    expected: dict[str, Any] = {
        "host": None,
        "originalUrl": where,
        "publicUrl": where,
        "uri": None,
        "type": _TYPES.get(kind, "image/jpeg"),
        "license": draft.pack.license or None,
        "localOnly": False,
        "roleIdsThatCanBeUsedThisEmojiAsReaction": [],
    }
    return columns | {name: value for name, value in expected.items() if name not in columns}


FORMAT = Format(
    _NAME,
    "Misskey and its forks, export of the custom emoji (misskey-hub.net/docs/for-admin)",
    Rules(name=r"[A-Za-z0-9_]+", length=(1, 128), category=True),
    _recognises,
    _read,
    _write,
    packed="zip",
)
