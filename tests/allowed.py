"""The allow-list as it is published, in the tables of docs/reference/html.md: what any rendering may have in it."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import nh3

from shortcodes import ALLOWED_ELEMENTS
from shortcodes.dialects import BUILT_IN

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "html.md"
PAGES = ("thread page", "render --page", "pack sheet")
Elements = dict[str, frozenset[str]]


class Allowed(NamedTuple):
    """What is allowed."""

    elements: dict[str, Elements]
    """By where it is: a dialect, ``titles of`` one, ``renderers`` for any text with emoji, ``text``, and pages."""
    values: dict[str, str]
    """A regex, by attribute; or that it is an address."""


@cache
def allowed() -> Allowed:
    """Read the tables."""
    text = PAGE.read_text("utf-8").partition("## The allow-list")[2]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    lists: dict[str, dict[str, set[str]]] = {}
    for elements, attributes, where in (row for row in rows if len(row) == 3 and row[0] != "elements"):
        for place in _places(where):
            for element in _code(elements):
                lists.setdefault(place, {}).setdefault(element, set()).update(_code(attributes))
    emoji = {element: set(attributes) for element, attributes in ALLOWED_ELEMENTS.items()}
    cleaned = {element: {"lang", "title", *nh3.ALLOWED_ATTRIBUTES.get(element, ())} for element in nh3.ALLOWED_TAGS}
    cleaned["a"].add("rel")
    own = {
        place: _joined(lists.get(place, {}), emoji) for place in (*BUILT_IN, *(f"titles of {one}" for one in BUILT_IN))
    }
    pages = {
        "thread page": _joined(lists["pages"], lists["thread page"], own["lemmy"]),
        "render --page": _joined(lists["pages"], own["gfm"]),
        "pack sheet": _joined(lists["pages"], lists["pack sheet"]),
    }
    others = {"renderers": emoji, "text": {}, "sanitised": _joined(cleaned, emoji)}
    every = {**own, **pages, **others}
    values = {
        attribute: _pattern(values) if _code(values) else values
        for attributes, values in (row for row in rows if len(row) == 2 and row[0] != "attribute")
        for attribute in _code(attributes)
    }
    return Allowed(
        {place: {element: frozenset(names) for element, names in one.items()} for place, one in every.items()}, values
    )


def for_browser() -> dict[str, object]:
    """Return the lists as JSON has them."""
    lists = {
        place: {element: sorted(attributes) for element, attributes in elements.items()}
        for place, elements in allowed().elements.items()
    }
    return {"LISTS": lists, "VALUES": allowed().values}


def _code(cell: str) -> list[str]:
    return [code.strip("`") for code in re.findall(r"``|`[^`]+`", cell)]


def _places(where: str) -> list[str]:
    names = _code(where)
    if where.startswith("all"):
        return [dialect for dialect in BUILT_IN if dialect not in names]
    if where.startswith("titles of"):
        return [f"titles of {name}" for name in names]
    return names or [where]


def _joined(*lists: dict[str, set[str]]) -> dict[str, set[str]]:
    joined: dict[str, set[str]] = {}
    for one in lists:
        for element, attributes in one.items():
            joined.setdefault(element, set()).update(attributes)
    return joined


def _pattern(cell: str) -> str:
    values = (re.escape(value).replace(r"\?", "[A-Za-z0-9]").replace("?", "[A-Za-z0-9]") for value in _code(cell))
    return "|".join(value.replace("…", r"[^ \t\n\f\r]*") for value in values)
