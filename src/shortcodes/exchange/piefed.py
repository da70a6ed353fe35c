"""PieFed: the rows of its emoji table, and the list in the answer about a site, which has Lemmy's shape.

A row has a ``token``, which is ``:name:`` and has a ``url``, or an emoji of Unicode and has none; ``aliases`` are words
to find it by, with spaces between them (PyFedi: ``app/admin/forms.py``, ``app/utils.py`` get_emoji_replacements).
"""

from typing import Any

from ..emoji import Emoji
from ..errors import PackError, Problem, quoted
from ..packs.pack import Content
from ..packs.unicode import unicode_pack
from .entries import address_of, bare_name, document_of, document_path, draft_of, image_at, read_entries
from .extra import extra_for, keep, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "piefed"


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json")
    found = peek_json(source.files[path]) if path else None
    if isinstance(found, dict):
        rows: Any = found.get("custom_emojis")
        inner = rows[0].get("custom_emoji") if isinstance(rows, list) and rows and isinstance(rows[0], dict) else None
        return isinstance(inner, dict) and "shortcode" in inner and not {"id", "alt_text"} & inner.keys()
    return isinstance(found, list) and bool(found) and all(isinstance(row, dict) and "token" in row for row in found)


def _read(source: Source) -> Draft:
    path, content = document_of(source, ".json")
    problems: list[Problem] = []
    document = read_json(path, content, problems)
    is_list = isinstance(document.value, dict)
    sequences = {} if is_list else {one.unicode: one.name for one in unicode_pack().emoji}

    def row_entry(row: Field) -> Emoji:
        token = row.at("token").text("a token").strip()
        known: dict[str, Any] = {
            "category": row.at("category").text_or(),
            "keywords": tuple(row.at("aliases").text_or().split()),
            "extra": extra_for(_NAME, keep(_table(row), "token", "url", "aliases", "category")),
        }
        if not row.at("url").text_or():
            if token.isascii():
                raise row.at("url").error(f"there is no image of {quoted(token)}")
            return Emoji(sequences.get(token) or _code_points(token), token, **known)
        return Emoji(bare_name(token), image=image_at(row.at("url").text("an address"), path), **known)

    def list_entry(row: Field) -> Emoji:
        one = row.at("custom_emoji")
        return Emoji(
            one.at("shortcode").text("a name").strip(),
            image=image_at(one.at("image_url").text("an address"), path),
            category=one.at("category").text_or(),
            keywords=tuple(word.at("keyword").text("a keyword") for word in row.at("keywords").items_if_any()),
            extra=extra_for(_NAME, keep(_table(one), "shortcode", "image_url", "category")),
        )

    rows = document.at("custom_emojis").items() if is_list else document.items()
    header = {"extra": extra_for(_NAME, {"shape": "site"})} if is_list else {}
    return draft_of(source, read_entries(rows, list_entry if is_list else row_entry, problems), problems, **header)


def _table(row: Field) -> dict[str, Any]:
    if not isinstance(row.value, dict):
        raise PackError(row.file, [row.problem("is no object")])
    return row.value


def _code_points(sequence: str) -> str:
    return "_".join(f"u{ord(character):x}" for character in sequence)


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    if kept(draft.pack, _NAME).get("shape") == "site":
        rows = [_listed(one, draft, written) for one in draft.pack.emoji if one.image]
        return {"site.json": to_json({"custom_emojis": rows}), **written}
    return {"emoji.json": to_json([_row(one, draft, written) for one in draft.pack.emoji]), **written}


def _row(emoji: Emoji, draft: Draft, written: dict[str, Content]) -> dict[str, Any]:
    return {
        "token": f":{emoji.name}:" if emoji.image else emoji.unicode,
        "url": address_of(draft, emoji.image, written) if emoji.image else None,
        "aliases": " ".join("_".join(word.split()) for word in emoji.keywords),
        "category": emoji.category,
        **kept(emoji, _NAME),
    }


def _listed(emoji: Emoji, draft: Draft, written: dict[str, Content]) -> dict[str, Any]:
    row = {
        "shortcode": emoji.name,
        "image_url": address_of(draft, emoji.image or "", written),
        "category": emoji.category,
        **kept(emoji, _NAME),
    }
    return {"custom_emoji": row, "keywords": [{"keyword": one} for one in emoji.keywords]}


FORMAT = Format(
    _NAME,
    "PieFed, its emoji as rows, or as the answer about a site lists them (codeberg.org/rimu/pyfedi)",
    Rules(category=True, unicode=True),
    _recognises,
    _read,
    _write,
)
