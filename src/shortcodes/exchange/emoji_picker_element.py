"""emoji-picker-element: the ``customEmoji`` that the picker is given.

nolanlawson/emoji-picker-element, README ("Custom emoji"): a list of ``name``, ``shortcodes``, ``url`` and perhaps
``category``. ``src/database/customEmojiIndex.js`` finds them by name and by shortcode, case aside, the last winning;
and all of a list is refused if its first lacks one of the three (``assertCustomEmojis.js``). They are images alone.
"""

from typing import TYPE_CHECKING, Any

from ..emoji import Emoji
from ..packs.pack import Content
from .entries import (
    address_of,
    document_of,
    document_path,
    draft_of,
    image_at,
    own_name,
    read_entries,
    with_own_names,
)
from .extra import extra_for, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

if TYPE_CHECKING:
    from ..errors import Problem

_NAME = "emoji_picker_element"
_KEYS = {"name", "shortcodes", "url"}


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json")
    rows = peek_json(source.files[path], "shortcodes", "url") if path else None
    return isinstance(rows, list) and any(isinstance(row, dict) and row.keys() >= _KEYS for row in rows)


def _read(source: Source) -> Draft:
    path, content = document_of(source, ".json")
    problems: list[Problem] = []

    def entry(row: Field) -> Emoji:
        title = row.at("name").text_or()
        name, *others = row.at("shortcodes").texts("a shortcode") or (row.at("name").text("a name"),)
        return Emoji(
            name,
            image=image_at(row.at("url").text("the address of an image"), path),
            aliases=tuple(alias for alias in dict.fromkeys(others) if alias != name),
            alt="" if title == name else title,
            category=row.at("category").text_or(),
            extra=extra_for(_NAME, row.rest(*_KEYS, "category")),
        )

    emoji = read_entries(read_json(path, content, problems).items(), entry, problems)
    return draft_of(source, with_own_names(emoji, _NAME), problems)


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    rows = []
    titles: set[str] = set()
    for emoji in draft.pack.emoji:
        if not emoji.image:
            continue
        table = kept(emoji, _NAME)
        name = own_name(emoji, table.pop("name", None))
        # what the picker shows; it finds one emoji by it, so a text that two have is not it
        title = emoji.alt_text() if emoji.alt_text().lower() not in titles else ""
        titles.add((title or name).lower())
        row: dict[str, Any] = {"name": title or name, "shortcodes": [name, *emoji.aliases]}
        row |= {"url": address_of(draft, emoji.image, written)}
        rows.append(row | ({"category": emoji.category} if emoji.category else {}) | table)
    return {"custom_emoji.json": to_json(rows), **written}


FORMAT = Format(
    _NAME,
    "emoji-picker-element, customEmoji of the picker (github.com/nolanlawson/emoji-picker-element)",
    Rules(one_case=True, aliases=True, alt=True, category=True),
    _recognises,
    _read,
    _write,
)
