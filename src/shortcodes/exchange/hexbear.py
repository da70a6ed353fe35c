"""Hexbear: ``emojis.json``, categories with lists of file names, and a folder ``emojis`` with those files.

makotech222/hexbear-migration-tool, ``Migration.cs``: the name of a file without its ending is the emoji's, with its
capitals; an emoji stands in several categories, and the first one counts.
"""

import posixpath
from typing import Any

from ..emoji import Emoji
from ..errors import PackError, Problem, quoted
from ..packs.pack import Content
from .addresses import ending, is_image
from .entries import draft_of
from .extra import extra_for, keep, kept, rows_in
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "hexbear"
_LIST = "emojis.json"
_FOLDER = "emojis/"


def _recognises(source: Source) -> bool:
    found = peek_json(source.files[_LIST], "key", "emojis") if _LIST in source.files else None
    return isinstance(found, list) and bool(found) and all(isinstance(row, dict) and "emojis" in row for row in found)


def _read(source: Source) -> Draft:
    if _LIST not in source.files:
        raise PackError(source.name, [Problem("", f"there is no {_LIST}")])
    problems: list[Problem] = []
    emoji: dict[str, Emoji] = {}
    keys: dict[str, list[str]] = {}
    categories = []
    for category in read_json(_LIST, source.files[_LIST], problems).items():
        key = category.at("key").text_or()
        title = category.at("name").text_or(key)
        assert isinstance(category.value, dict)  # `at` has seen to it
        categories.append(keep(category.value, "emojis"))
        for item in category.at("emojis").items_if_any():
            file = _file(item, source, problems)
            if file is None:
                continue
            name = posixpath.splitext(posixpath.basename(file))[0]
            if name not in emoji:
                emoji[name] = Emoji(name, image=file, category=title)
            elif emoji[name].image != file:
                problems.append(item.problem(f"{quoted(name)} has another file already; this one is left out"))
                continue
            keys.setdefault(name, []).append(key)
    several = [name for name, found in keys.items() if len(found) > 1]
    if several:
        problems.append(Problem("", f"{len(several):,} emoji stand in several categories; the first one counts"))
    listed = {one.image for one in emoji.values()}
    unlisted = [path for path in source.files if is_image(path) and path not in listed]
    problems += (Problem(quoted(path), "is in no category; left out") for path in unlisted)
    found = (one._replace(extra=extra_for(_NAME, {"categories": keys[name]})) for name, one in emoji.items())
    return draft_of(source, found, problems, extra=extra_for(_NAME, {"categories": categories}))


def _file(item: Field, source: Source, problems: list[Problem]) -> str | None:
    """Return the file of the source that a category names, or report that there is none."""
    try:
        name = item.text("the name of a file")
    except PackError as error:
        problems += error.problems
        return None
    if (found := next((path for path in (_FOLDER + name, name) if path in source.files), None)) is None:
        problems.append(item.problem(f"there is no file {quoted(name)} in {_FOLDER}; left out"))
    return found


def _write(draft: Draft) -> dict[str, Content]:
    names = {one.name: f"{one.name}.{ending(one.image)}" for one in draft.pack.emoji if one.image}
    files = {_FOLDER + names[one.name]: draft.files[one.image] for one in draft.pack.emoji if one.image}
    categories: dict[str, dict[str, Any]] = {}
    for row in rows_in(kept(draft.pack, _NAME), "categories"):
        categories[str(row.get("key", ""))] = {**row, "emojis": []}
    by_title = {str(row.get("name", key)): key for key, row in categories.items()}
    for emoji in draft.pack.emoji:
        if not emoji.image:
            continue
        was = kept(emoji, _NAME).get("categories")
        keys = [str(key) for key in was if str(key) in categories] if isinstance(was, list) else []
        if not keys or str(categories[keys[0]].get("name", keys[0])) != emoji.category:  # it is new, or was moved since
            title = emoji.category or "emojis"
            key = by_title.setdefault(title, title.lower().replace(" ", "-"))
            categories.setdefault(key, {"key": key, "name": title, "emojis": []})
            keys = list(dict.fromkeys([key, *keys[1:]]))
        for key in keys:
            categories[key]["emojis"].append(names[emoji.name])
    return {_LIST: to_json([*categories.values()]), **files}


FORMAT = Format(
    _NAME,
    "Hexbear, emojis.json and a folder of images (github.com/makotech222/hexbear-migration-tool)",
    Rules(name=r"[^\s:/]+", one_case=False, category=True, urls=False),
    _recognises,
    _read,
    _write,
)
