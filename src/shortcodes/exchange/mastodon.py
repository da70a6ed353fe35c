"""Mastodon: the custom emoji of a server, as GET /api/v1/custom_emojis lists them, or as a status has them.

``shortcode``, ``url``, ``static_url``, ``visible_in_picker`` and perhaps ``category`` (docs.joinmastodon.org,
"CustomEmoji"). One that is not visible in the picker is shown in old posts, and not offered: retired.

Names and images: mastodon/mastodon ``app/models/custom_emoji.rb`` (``SHORTCODE_RE_FRAGMENT``, ``MAX_SHORTCODE_SIZE``,
``IMAGE_MIME_TYPES``; an image has less than ``LIMIT``). That names which differ in case alone are one is said by
``tootctl`` and not by the model; we keep to the stricter.
"""

from typing import TYPE_CHECKING, Any

from ..emoji import Emoji
from ..packs.pack import Content
from .entries import address_of, document_of, document_path, draft_of, image_at, read_entries
from .extra import extra_for, keep, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

if TYPE_CHECKING:
    from ..errors import Problem

_NAME = "mastodon"
_KEYS = ("shortcode", "url", "static_url", "visible_in_picker", "category")

# mastodon/mastodon, app/models/custom_emoji.rb: SHORTCODE_RE_FRAGMENT, MINIMUM_SHORTCODE_SIZE,
# MAX_SHORTCODE_SIZE, LIMIT, IMAGE_MIME_TYPES; case: the check for uniqueness, and `tootctl emoji import`, ignore it.
RULES = Rules(
    name=r"[A-Za-z0-9_]+",
    length=(2, 128),
    one_case=True,
    types=("png", "apng", "gif", "webp"),
    bytes=256 * 1024 - 1,
    category=True,
    retired=True,
)


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json")
    found = peek_json(source.files[path], "shortcode", "static_url") if path else None
    rows = found.get("emojis") if isinstance(found, dict) else found
    return isinstance(rows, list) and bool(rows) and all(_is_entry(row) for row in rows)


def _is_entry(row: object) -> bool:
    return isinstance(row, dict) and row.keys() >= {"shortcode", "url", "static_url"}


def _read(source: Source) -> Draft:
    path, content = document_of(source, ".json")
    problems: list[Problem] = []
    document = read_json(path, content, problems)
    rows = document.items() if isinstance(document.value, list) else document.at("emojis").items()

    def entry(row: Field) -> Emoji:
        image = row.at("url").text("an address")
        static = row.at("static_url").text_or(image)
        assert isinstance(row.value, dict)  # `at` has seen to it
        return Emoji(
            row.at("shortcode").text("a name"),
            image=image_at(image, path),
            static=image_at(static, path) if static != image else None,
            category=row.at("category").text_or(),
            retired=row.at("visible_in_picker").value is False,
            extra=extra_for(_NAME, keep(row.value, *_KEYS)),
        )

    return draft_of(source, read_entries(rows, entry, problems), problems)


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    rows = []
    for emoji in draft.pack.emoji:
        if not emoji.image:
            continue
        image = address_of(draft, emoji.image, written)
        row: dict[str, Any] = {
            "shortcode": emoji.name,
            "url": image,
            "static_url": address_of(draft, emoji.static, written) if emoji.static else image,
            "visible_in_picker": not emoji.retired,
        }
        rows.append(row | ({"category": emoji.category} if emoji.category else {}) | kept(emoji, _NAME))
    return {"custom_emojis.json": to_json(rows), **written}


FORMAT = Format(
    _NAME,
    "Mastodon, GET /api/v1/custom_emojis (docs.joinmastodon.org/entities/CustomEmoji)",
    RULES,
    _recognises,
    _read,
    _write,
)
