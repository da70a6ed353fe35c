"""Rocket.Chat: the custom emoji of a workspace, as ``GET /api/v1/emoji-custom.list`` answers.

developer.rocket.chat, "Get Updated List of Custom Emojis" and "List Custom Emoji": ``update`` has those that are there
(or were changed since a time that was asked for), ``remove`` those that were deleted, whose images are gone; the image
is at ``/emoji-custom/NAME.EXTENSION`` of the workspace. ``emoji-custom.all`` has a list in pages instead. Names:
``insertOrUpdateEmoji.ts`` of RocketChat/Rocket.Chat makes a lower-case slug of names and aliases, with lovell/limax:
hyphens stay, other signs become underscores, none at the ends and no two in a row. ``uploadEmojiCustom.ts`` checks no
types or sizes and shrinks what is no GIF to 512 pixels; that PNG, JPEG and GIF are all it shows is not verified.
"""

from ..emoji import Emoji
from ..errors import Problem, quoted
from ..packs.pack import Content
from .addresses import ending
from .entries import document_of, document_path, draft_of, image_beside, read_entries
from .extra import extra_for, keep, kept, rows_in
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "rocketchat"
_FOLDER = "emoji-custom"


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json")
    value = peek_json(source.files[path], "emojis", "extension") if path else None
    lists = value.get("emojis") if isinstance(value, dict) else None
    rows = lists.get("update") or lists.get("remove") if isinstance(lists, dict) else lists
    return isinstance(rows, list) and any(isinstance(row, dict) and {"name", "extension"} <= row.keys() for row in rows)


def _read(source: Source) -> Draft:
    path, content = document_of(source, ".json")
    problems: list[Problem] = []
    answer = read_json(path, content, problems)
    lists = answer.at("emojis")
    is_paged = isinstance(lists.value, list)

    def entry(row: Field) -> Emoji:
        name, kind = row.at("name").text("a name"), row.at("extension").text("the ending of the image's name")
        image = f"{_FOLDER}/{name}.{kind}"
        if image not in source.files:
            image = image_beside(source, path, name) or image
        aliases = tuple(alias for alias in dict.fromkeys(row.at("aliases").texts("an alias")) if alias != name)
        rest = row.rest("name", "aliases", "extension")
        return Emoji(name, image=image, aliases=aliases, extra=extra_for(_NAME, rest))

    emoji = read_entries(lists.items() if is_paged else lists.at("update").items_if_any(), entry, problems)
    removed = [] if is_paged else lists.at("remove").items_if_any()
    problems += (row.problem(f"{quoted(row.at('name').text_or('?'))} was deleted there; left out") for row in removed)
    if is_paged and not answer.at("total").is_absent and answer.at("total").number() > len(lists.items()):
        problems.append(answer.at("total").problem("says that there are more; ask for the other pages, too"))
    header = {"extra": extra_for(_NAME, keep({"remove": [row.others() for row in removed]}))} if removed else {}
    return draft_of(source, emoji, problems, **header)


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    update = []
    for emoji in draft.pack.emoji:
        if not emoji.image:
            continue
        table = kept(emoji, _NAME)
        extension = ending(emoji.image)
        row = {"_id": table.pop("_id")} if "_id" in table else {}
        row |= {"name": emoji.name, "aliases": list(emoji.aliases), "extension": extension}
        update.append(row | table)
        if emoji.image in draft.files:
            written[f"{_FOLDER}/{emoji.name}.{extension}"] = draft.files[emoji.image]
    remove = list(rows_in(kept(draft.pack, _NAME), "remove"))
    answer = {"emojis": {"update": update, "remove": remove}, "success": True}
    return {"emoji-custom.list.json": to_json(answer), **written}


FORMAT = Format(
    _NAME,
    "Rocket.Chat, answer of emoji-custom.list, and the images (developer.rocket.chat)",
    Rules(name=r"[a-z0-9-]+(_[a-z0-9-]+)*", types=("png", "jpeg", "gif"), aliases=True, urls=False),
    _recognises,
    _read,
    _write,
)
