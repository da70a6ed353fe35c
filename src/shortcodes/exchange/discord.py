"""Discord: the emoji of a server or an application, as its API lists them, with the images beside them if they are had.

docs.discord.com, "Emoji Resource": ``id``, ``name``, ``roles``, ``user``, ``require_colons``, ``managed``, ``animated``
and ``available`` (false where boosts were lost: old posts keep it, new ones do not get it). Names may come twice, told
apart by the id. The image is at ``cdn.discordapp.com/emojis/ID.webp``, ``.gif`` if animated ("Reference", "CDN
Endpoints"). Uploads are PNG, JPEG, GIF, WebP or AVIF up to 256 KiB; names 2 to 32 word characters, as in messages
(``<:NAME:ID>``). A server holds 50 still and 50 animated ones, at its highest level 250 and 250.
"""

import re
from collections import Counter

from ..emoji import Emoji
from ..errors import Problem, quoted
from ..packs.pack import Content, is_url
from .addresses import ending
from .entries import document_of, document_path, draft_of, image_at, own_name, read_entries
from .extra import extra_for, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "discord"
_CDN = "https://cdn.discordapp.com/emojis/{}.{}"
_SNOWFLAKE = re.compile(r"[0-9]{1,20}")
_OURS = {"animated", "available", "managed", "require_colons", "roles"}


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json")
    value = peek_json(source.files[path], "name", "animated") if path else None
    rows = value.get("items", value.get("emojis")) if isinstance(value, dict) else value
    return isinstance(rows, list) and any(
        isinstance(row, dict) and "name" in row and len(_OURS & row.keys()) > 1 for row in rows
    )


def _read(source: Source) -> Draft:
    path, content = document_of(source, ".json")
    problems: list[Problem] = []
    document = read_json(path, content, problems)
    # a list of a server's, an application's ``items``, or a whole server
    rows = (document if isinstance(document.value, list) else document.at("items", "emojis")).items()
    names = Counter(row.at("name").text_or() for row in rows if _is_named(row))

    def entry(row: Field) -> Emoji:
        name, number = row.at("name").text("a name"), row.at("id")
        if not number.is_absent and not _SNOWFLAKE.fullmatch(number.id()):
            raise number.error(f"{quoted(number.id())} is no id; digits are expected")
        image = row.at("image")
        if not image.is_absent:  # we put it there, for a file that lies beside the list
            file = image_at(image.text("an image"), path)
        elif number.is_absent:
            raise row.error("has no id, so there is no image of it")
        else:
            file = _CDN.format(number.id(), "gif" if row.at("animated").flag() else "webp")
        is_gone = row.at("available").value is False
        if is_gone:
            problems.append(row.problem(f"{quoted(name)} is not available there (boosts were lost); taken as retired"))
        table = row.rest("name", "image", "available") | ({"name": name} if names[name] > 1 else {})
        return Emoji(name, image=file, retired=is_gone, extra=extra_for(_NAME, table))

    return draft_of(source, read_entries(rows, entry, problems), problems)


def _is_named(row: Field) -> bool:
    return isinstance(row.value, dict) and isinstance(row.value.get("name"), str)


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    rows = []
    for emoji in draft.pack.emoji:
        if not emoji.image:
            continue
        table = kept(emoji, _NAME)
        row = {"id": table.pop("id")} if "id" in table else {}
        row |= {"name": own_name(emoji, table.pop("name", None))} | table | {"available": not emoji.retired}
        row.setdefault("animated", ending(emoji.image) == "gif" or emoji.static is not None)
        row.setdefault("roles", [])
        if emoji.image in draft.files:
            # the settings of a server take several files at once, and name them for their names
            file = _free(f"{emoji.name}.{ending(emoji.image)}", written)
            written[file] = draft.files[emoji.image]
            row["image"] = file
        elif emoji.image != _CDN.format(row.get("id"), "gif" if row["animated"] else "webp"):
            row["image"] = emoji.image if is_url(emoji.image) else draft.pack.url(emoji.image)
        rows.append(row)
    return {"emojis.json": to_json(rows), **written}


def _free(file: str, taken: dict[str, Content]) -> str:
    """Return a name of a file that is not taken: names may come twice on Discord."""
    stem, dot, ending = file.rpartition(".")
    number = 1
    while file in taken:
        number += 1
        file = f"{stem}~{number}{dot}{ending}"
    return file


FORMAT = Format(
    _NAME,
    "Discord, list of a server's emoji, and their images (docs.discord.com/developers/resources/emoji)",
    Rules(
        name=r"[A-Za-z0-9_]+",
        length=(2, 32),
        types=("png", "jpeg", "gif", "webp", "avif"),
        bytes=256 * 1024,
        retired=True,
        emoji=500,
    ),
    _recognises,
    _read,
    _write,
)
