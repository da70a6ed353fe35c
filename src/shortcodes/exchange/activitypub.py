"""ActivityPub: the ``Emoji`` tags of a note, an actor or whatever has them, or a collection of emoji.

docs.joinmastodon.org, "ActivityPub", "Emoji" (``toot:Emoji``, http://joinmastodon.org/ns#Emoji): ``name`` with colons,
``icon`` an ``Image`` with its ``url``, ``id``, ``updated``. As in all of JSON-LD, a list of one may be the one itself.
Misskey adds ``_misskey_license`` and the like, which are kept.

We write a ``Collection``; its items may be copied into the ``tag`` of anything.
"""

from typing import Any

from ..emoji import Emoji
from ..errors import PackError, Problem
from ..packs.pack import Content
from .addresses import ending
from .entries import (
    address_of,
    bare_name,
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

_NAME = "activitypub"
_TYPES = {"Emoji", "toot:Emoji", "http://joinmastodon.org/ns#Emoji"}
_HOLDERS = ("tag", "items", "orderedItems", "object", "first", "attributedTo", "actor")
"""Where tags are, or what has them in turn: the object of an activity, the page of a collection."""
_DEEPEST = 8
_CONTEXT = [
    "https://www.w3.org/ns/activitystreams",
    {"toot": "http://joinmastodon.org/ns#", "Emoji": "toot:Emoji"},
]


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json", ".jsonld")
    value = peek_json(source.files[path], "Emoji", "icon") if path else None
    return bool(_tags(Field(value)))


def _read(source: Source) -> Draft:
    path, content = document_of(source, ".json", ".jsonld")
    problems: list[Problem] = []
    tags = _tags(read_json(path, content, problems))
    if not tags:
        raise PackError(path, [Problem("tag", "has no tag of the type 'Emoji'")])
    seen: set[tuple[str, str]] = set()

    def entry(tag: Field) -> Emoji | None:
        name = tag.at("name").text("a name").strip()
        icon = tag.at("icon")
        icons = icon.items() if isinstance(icon.value, list) else [icon]
        if not icons:
            raise icon.error("is empty; an image is expected")
        image = image_at(_address(icons[0]), path)
        if (name, image) in seen:
            return None  # each note of several has the tags of its own emoji
        seen.add((name, image))
        table = tag.others("name", "icon", "@context") | {"name": name}
        if isinstance(icons[0].value, dict) and (rest := icons[0].others("url", "href")):
            table["icon"] = rest
        return Emoji(bare_name(name), image=image, extra=extra_for(_NAME, keep(table)))

    emoji = read_entries(tags, entry, problems)
    return draft_of(source, with_own_names(emoji, _NAME), problems)


def _tags(document: Field) -> list[Field]:
    """Return the emoji in a document, wherever things of its kind have them."""
    found = []
    waiting = [(document, 0)]
    while waiting:
        field, depth = waiting.pop(0)
        if isinstance(field.value, list):
            waiting += [(item, depth + 1) for item in field.items() if depth < _DEEPEST]
        elif isinstance(field.value, dict):
            if _is_emoji(field):
                found.append(field)
            elif depth < _DEEPEST:
                waiting += [(one, depth + 1) for name in _HOLDERS if not (one := field.at(name)).is_absent]
    return found


def _is_emoji(field: Field) -> bool:
    kind = field.at("type", "@type").value
    return any(one in _TYPES for one in (kind if isinstance(kind, list) else [kind]) if isinstance(one, str))


def _address(icon: Field) -> str:
    """Return the address of an image: its own, or that of a link to it."""
    if isinstance(icon.value, str):
        return icon.text("an address")
    url = icon.at("url", "href")
    if isinstance(url.value, list):
        url = (url.items() or [url._replace(value=None)])[0]
    return (url.at("href") if isinstance(url.value, dict) else url).text("an address")


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    items = []
    for emoji in draft.pack.emoji:
        if not emoji.image:
            continue
        table = kept(emoji, _NAME)
        original = table.pop("name", None)
        name = own_name(emoji, original)
        name = name if name == original else f":{name}:"
        icon = table.pop("icon", None)
        icon = icon if isinstance(icon, dict) else {"type": "Image", "mediaType": _media_type(emoji.image)}
        row: dict[str, Any] = {"id": table.pop("id")} if "id" in table else {}
        row |= {"type": table.pop("type", "Emoji"), "name": name}
        items.append(row | {"icon": icon | {"url": address_of(draft, emoji.image, written)}} | table)
    document = {"@context": _CONTEXT, "type": "Collection", "totalItems": len(items), "items": items}
    return {"emoji.json": to_json(document), **written}


def _media_type(image: str) -> str:
    kind = ending(image)
    return f"image/{ {'jpg': 'jpeg', 'svg': 'svg+xml'}.get(kind, kind) }"


FORMAT = Format(
    _NAME,
    "ActivityPub, Emoji tags of a note or an actor (docs.joinmastodon.org/spec/activitypub)",
    Rules(name=r"[^\s:]+"),
    _recognises,
    _read,
    _write,
)
