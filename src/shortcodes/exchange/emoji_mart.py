"""emoji-mart: the ``custom`` emoji that the picker is given, and its own data.

missive/emoji-mart, README ("Custom emojis") and ``packages/emoji-mart/src/config.ts``: a list of categories, with
``id``, ``name`` and ``emojis``, each with ``id``, ``name``, ``keywords`` and ``skins``, the first being the one without
a tone: ``src`` for an image, ``native`` for characters. The data have ``emojis`` by id, ``categories`` of ids and
``aliases``; they are read, too, and written as custom emoji. An id that comes again replaces the one before.
"""

from typing import Any

from ..emoji import Emoji
from ..errors import PackError, Problem, quoted
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
from .extra import extra_for, keep, kept, rows_in
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "emoji_mart"
_OURS = ("id", "name", "keywords", "aliases", "skins")


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json")
    value = peek_json(source.files[path], "emojis", "skins") if path else None
    try:
        return any("skins" in row.value for _, row in _rows(Field(value)) if isinstance(row.value, dict))
    except PackError:
        return False


def _rows(document: Field) -> list[tuple[str, Field]]:
    """Return each emoji, with the name of its category."""
    if isinstance(document.value, list):
        return [(_title(category), row) for category in document.items() for row in category.at("emojis").items()]
    emoji = dict(document.at("emojis").members())
    categories: dict[str, str] = {}
    for category in document.at("categories").items_if_any():
        for one in category.at("emojis").texts():
            categories.setdefault(one, _title(category))
    names = [name for name in categories if name in emoji]
    names += (name for name in emoji if name not in categories)
    return [(categories.get(name, ""), emoji[name]) for name in names]


def _title(category: Field) -> str:
    return category.at("name").text_or(category.at("id").text_or())


def _read(source: Source) -> Draft:
    path, content = document_of(source, ".json")
    problems: list[Problem] = []
    document = read_json(path, content, problems)
    is_custom = isinstance(document.value, list)
    aliases: dict[str, list[str]] = {}
    for alias, target in [] if is_custom or document.at("aliases").is_absent else document.at("aliases").members():
        aliases.setdefault(target.text_or(), []).append(alias)

    def entry(row: tuple[str, Field]) -> Emoji:
        category, one = row
        name = one.at("id").text("an id")
        if not (skins := one.at("skins").items()):
            raise one.at("skins").error("is empty; one skin is expected")
        title = one.at("name").text_or(name)
        table = one.others(*_OURS) | ({"skins": [skin.value for skin in skins[1:]]} if skins[1:] else {})
        if rest := skins[0].others("src", "native", "unified", "shortcodes"):
            table["skin"] = rest
        names = dict.fromkeys([*one.at("aliases").texts(), *aliases.get(name, ())])
        names.pop(name, None)
        image = skins[0].at("src").text_or()
        return Emoji(
            name,
            image=image_at(image, path) if image else None,
            unicode=None if image else _characters(skins[0]),
            aliases=tuple(names),
            alt="" if title == name else title,
            category=category,
            keywords=one.at("keywords").texts("a keyword"),
            extra=extra_for(_NAME, keep(table)),
        )

    last: dict[str, Emoji] = {}
    for row in _rows(document):
        for one in read_entries([row], entry, problems):
            if one.name in last:
                problems.append(row[1].problem(f"{quoted(one.name)} is there already; this one, the last, counts"))
                one = one._replace(category=last[one.name].category)  # noqa: PLW2901  # the category of the first
            last[one.name] = one
    categories = [one.others("emojis") for one in document.items()] if is_custom else []
    is_ours = all(row == _category(str(row.get("name"))) for row in categories)
    extra = extra_for(_NAME, {} if is_ours else keep({"categories": categories}))
    return draft_of(source, with_own_names(last.values(), _NAME), problems, extra=extra)


def _characters(skin: Field) -> str:
    if native := skin.at("native").text_or():
        return native
    points = skin.at("unified").text("'src', 'native' or 'unified'").split("-")
    try:
        return "".join(chr(int(point, 16)) for point in points)
    except (ValueError, OverflowError) as error:
        raise skin.at("unified").error("is no sequence of code points: 1f44d-1f3fb") from error


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    categories: dict[str, dict[str, Any]] = {
        str(row.get("name", row.get("id", ""))): row | {"emojis": []}
        for row in rows_in(kept(draft.pack, _NAME), "categories")
    }
    for emoji in draft.pack.emoji:
        table = kept(emoji, _NAME)
        name = own_name(emoji, table.pop("name", None))
        others, skin = list(rows_in(table, "skins")), table.pop("skin", None)
        table.pop("skins", None)
        skin = skin if isinstance(skin, dict) else {}
        if emoji.image:
            skin = {"src": address_of(draft, emoji.image, written)} | skin
        elif emoji.unicode:
            points = "-".join(f"{ord(one):04x}" for one in emoji.unicode)
            skin = {"unified": points, "native": emoji.unicode} | skin
        else:
            continue
        row = {"id": name, "name": emoji.alt_text() or name, "keywords": list(emoji.keywords)}
        row |= {"aliases": list(emoji.aliases)} if emoji.aliases else {}
        title = emoji.category or draft.pack.title or draft.pack.name or "custom"
        category = categories.setdefault(title, _category(title) | {"emojis": []})
        category["emojis"].append(row | {"skins": [skin, *others]} | table)
    return {"custom.json": to_json(list(categories.values())), **written}


def _category(title: str) -> dict[str, str]:
    """Return a category of that name without its emoji."""
    plain = "".join(one if one.isalnum() else " " for one in title.lower())
    return {"id": "-".join(plain.split()) or "custom", "name": title}


FORMAT = Format(
    _NAME,
    "emoji-mart, custom emoji of the picker (github.com/missive/emoji-mart)",
    Rules(aliases=True, alt=True, category=True, unicode=True),
    _recognises,
    _read,
    _write,
)
