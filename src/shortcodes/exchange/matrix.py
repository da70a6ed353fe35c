"""Matrix: an image pack, as a room's state or a user's account data has it.

matrix-org/matrix-spec-proposals, MSC2545: ``m.image_pack``, before it was accepted ``im.ponies.room_emotes`` and
``im.ponies.user_emotes``, with ``images`` by their shortcodes and ``pack``. Shortcodes are up to 100 bytes without
colon, slash and space; images are ``mxc:`` addresses. ``usage``, of an image or else of the pack, tells emoticons from
stickers; without it an image is both. What is a sticker alone is no emoji: it is kept aside, and written again.

Where an image is a file, it is written beside the event, to be uploaded: its address there is not one of Matrix yet.
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
from .extra import extra_for, keep, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "matrix"
_TYPE = "m.image_pack"
_TYPES = (_TYPE, "im.ponies.room_emotes", "im.ponies.user_emotes")
_EVENT = ("type", "state_key", "content")


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json")
    value = peek_json(source.files[path], "images", "url") if path else None
    try:
        return bool(_events(Field(value)))
    except PackError:
        return False


def _events(document: Field) -> list[Field]:
    """Return the image packs among a room's state, or the only event, or its bare content."""
    if isinstance(document.value, list):
        return [event for event in document.items() if event.at("type").value in _TYPES]
    content = document.at("content")
    images = (document if content.is_absent else content).at("images")
    return [document] if isinstance(images.value, dict) else []


def _read(source: Source) -> Draft:
    path, file = document_of(source, ".json")
    problems: list[Problem] = []
    events = _events(read_json(path, file, problems))
    if len(events) != 1:
        keys = ", ".join(quoted(event.at("state_key").text_or()) for event in events) or "none"
        raise PackError(path, [Problem("", f"has not one image pack; save one event alone; found: {keys}")])
    event = events[0]
    is_bare = event.at("content").is_absent
    content = event if is_bare else event.at("content")
    header = content.at("pack")
    pack = header if not header.is_absent else header._replace(value={})
    stickers: dict[str, Any] = {}

    def entry(member: tuple[str, Field]) -> Emoji | None:
        name, image = member
        url = image_at(image.at("url").text("an mxc: address"), path)
        if "emoticon" not in (image.at("usage").texts() or pack.at("usage").texts() or ("emoticon",)):
            stickers[name] = image.value
            problems.append(image.problem("is a sticker, and no emoticon; left out"))
            return None
        alt = image.at("body").text_or()
        return Emoji(name, image=url, alt=alt, extra=extra_for(_NAME, image.rest("url", "body")))

    emoji = read_entries(content.at("images").members(), entry, problems)
    table: dict[str, Any] = {"content_alone": True} if is_bare else {"event": event.others("content")}
    table |= {"pack": pack.others("display_name", "attribution"), "stickers": stickers}
    authors = (credit,) if (credit := pack.at("attribution").text_or()) else ()
    return draft_of(
        source,
        with_own_names(emoji, _NAME),
        problems,
        title=pack.at("display_name").text_or(),
        authors=authors,
        extra=extra_for(_NAME, keep({key: value for key, value in table.items() if value})),
    )


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    table = kept(draft.pack, _NAME)
    images: dict[str, Any] = {}
    for emoji in draft.pack.emoji:
        if emoji.image:
            row = kept(emoji, _NAME)
            name = own_name(emoji, row.pop("name", None))
            body = {"body": emoji.alt_text()} if emoji.alt_text() else {}
            images[name] = {"url": address_of(draft, emoji.image, written)} | body | row
    images |= {name: row for name, row in _table(table, "stickers").items() if name not in images}
    pack = {"display_name": draft.pack.title, "attribution": ", ".join(draft.pack.authors)}
    content = {"images": images, "pack": {key: text for key, text in pack.items() if text} | _table(table, "pack")}
    if table.get("content_alone") is True:  # as the API gives account data
        return {"image_pack.json": to_json(content), **written}
    event = _table(table, "event") or {"type": _TYPE, "state_key": draft.pack.name}
    return {"image_pack.json": to_json({**event, "content": content}), **written}


def _table(row: dict[str, Any], key: str) -> dict[str, Any]:
    found = row.get(key)
    return found if isinstance(found, dict) else {}


# A shortcode has 100 bytes: so many characters of one byte each, half as many up to U+07FF, and so on.
_BYTES = (
    r"[!-.0-9;-~]{1,100}",
    r"[^:/ \u0800-\U0010ffff]{1,50}",
    r"[^:/ \U00010000-\U0010ffff]{1,33}",
    r"[^:/ ]{1,25}",
)

FORMAT = Format(
    _NAME,
    "Matrix, image pack (MSC2545, github.com/matrix-org/matrix-spec-proposals)",
    Rules(name="|".join(_BYTES), length=(1, 100), alt=True),
    _recognises,
    _read,
    _write,
)
