"""Lemmy: the custom emoji of a site, as its API lists them, and the request that makes one.

``custom_emojis`` of GET /api/v3/site (0.18 and 0.19) and of GET /api/v4/custom_emoji/list; POST /api/v4/custom_emoji
takes one ``shortcode``, which the server trims and lower-cases, with ``image_url``, ``alt_text``, ``category`` and
``keywords`` (LemmyNet/lemmy: ``db_schema/src/source/custom_emoji.rs``, ``api_crud/src/custom_emoji/create.rs``).
"""

from typing import Any

from ..emoji import Emoji
from ..errors import Problem, quoted
from ..packs.pack import Content
from .entries import address_of, document_of, document_path, draft_of, image_at, read_entries
from .extra import extra_for, keep, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "lemmy"
_ROW = ("shortcode", "image_url", "alt_text", "category")
_OURS = {"id", "alt_text"}
"""What PieFed's lists, of the same shape, do not have."""
_REQUEST = {"shortcode", "image_url", "alt_text"}


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json")
    found = peek_json(source.files[path]) if path else None
    if isinstance(found, dict) and isinstance(rows := found.get("custom_emojis"), list):
        inner = rows[0].get("custom_emoji") if rows and isinstance(rows[0], dict) else None
        return not rows or (isinstance(inner, dict) and "shortcode" in inner and bool(_OURS & inner.keys()))
    requests = found if isinstance(found, list) else [found]
    return bool(requests) and all(isinstance(one, dict) and one.keys() >= _REQUEST for one in requests)


def _read(source: Source) -> Draft:
    path, content = document_of(source, ".json")
    problems: list[Problem] = []
    document = read_json(path, content, problems)
    value = document.value
    if isinstance(value, dict) and "custom_emojis" in value:
        rows, is_request = document.at("custom_emojis").items(), False
        if rest := [name for name in value if name != "custom_emojis"]:  # of admins, and of whoever asked: their e-mail
            names = ", ".join(rest)
            problems.append(Problem("", f"the rest of the answer is no part of a pack, and is left out: {names}"))
    else:
        rows, is_request = document.items() if isinstance(value, list) else [document], True

    def entry(row: Field) -> Emoji:
        one = row if is_request else row.at("custom_emoji")
        name = one.at("shortcode").text("a name")
        if is_request and name != name.strip().lower():
            problems.append(one.at("shortcode").problem(f"is {quoted(name)}; the server makes it lower-case"))
            name = name.strip().lower()
        keywords = one.at("keywords").texts() if is_request else _keywords(row.at("keywords"))
        assert isinstance(one.value, dict)  # `at` has seen to it
        return Emoji(
            name.strip(),
            image=image_at(one.at("image_url").text("an address"), path),
            alt=one.at("alt_text").text_or(),
            category=one.at("category").text_or(),
            keywords=keywords,
            extra=extra_for(_NAME, keep(one.value, *_ROW, "keywords")),
        )

    return draft_of(source, read_entries(rows, entry, problems), problems)


def _keywords(rows: Field) -> tuple[str, ...]:
    return tuple(row.at("keyword").text("a keyword") for row in rows.items_if_any())


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    rows = []
    for emoji in draft.pack.emoji:
        if not emoji.image:
            continue
        table = kept(emoji, _NAME)
        number = {"custom_emoji_id": table["id"]} if "id" in table else {}
        row: dict[str, Any] = {name: table.pop(name) for name in ("id", "local_site_id") if name in table}
        row |= {"shortcode": emoji.name, "image_url": address_of(draft, emoji.image, written)}
        row |= {"alt_text": emoji.alt_text(), "category": emoji.category, **table}
        rows.append({"custom_emoji": row, "keywords": [number | {"keyword": one} for one in emoji.keywords]})
    return {"custom_emojis.json": to_json({"custom_emojis": rows}), **written}


FORMAT = Format(
    _NAME,
    "Lemmy, the custom emoji of a site: GET /api/v3/site, GET /api/v4/custom_emoji/list (join-lemmy.org/api)",
    Rules(length=(1, 128), one_case=True, alt=True, category=True),
    _recognises,
    _read,
    _write,
)
