"""GitHub: ``GET /emojis``, an object of names and the addresses of their images, several names to one.

docs.github.com, "REST API endpoints for emojis". Where the address has ``unicode/1f44d.png``, the name stands for those
code points, U+FE0F left out; the others (``octocat``) are GitHub's own images. Tools for Markdown read such objects.
"""

import re
from collections.abc import Mapping
from functools import cache

from ..emoji import Emoji
from ..errors import PackError, Problem
from ..packs.pack import Content, is_url
from .entries import address_of, document_of, document_path, draft_of, image_at, read_entries
from .extra import extra_for, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "github"
_UNICODE = re.compile(r"/unicode/((?:[0-9a-f]{2,6}-)*[0-9a-f]{2,6})\.png(?:\?[^/]*)?", re.IGNORECASE)
_ADDRESS = "https://github.githubassets.com/images/icons/emoji/unicode/{}.png?v8"
_VARIATION = "\ufe0f"


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json")
    names = peek_json(source.files[path], ".") if path else None
    if path is None or not isinstance(names, dict) or not names or names.keys() & {"@context", "$schema"}:
        return False
    addresses = names.values()
    return all(isinstance(one, str) and (is_url(one) or image_at(one, path) in source.files) for one in addresses)


def _read(source: Source) -> Draft:
    path, content = document_of(source, ".json")
    problems: list[Problem] = []
    qualified = _qualified_sequences()
    groups: dict[str, list[str]] = {}
    places: dict[str, Field] = {}
    for name, field in read_json(path, content, problems).members():
        try:
            address = field.text("the address of an image")
        except PackError as error:
            problems += (one._replace(message=f"{one.message}; left out") for one in error.problems)
            continue
        groups.setdefault(address, []).append(name)
        places.setdefault(address, field)

    def entry(address: str) -> Emoji:
        name, *aliases = groups[address]
        image = image_at(address, path)
        if sequence := _sequence(address):
            known = qualified.get(sequence.replace(_VARIATION, ""))
            if known:
                extra = extra_for(_NAME, {"url": address})
                return Emoji(name, known, aliases=tuple(aliases), extra=extra)
            problems.append(places[address].problem("is not a sequence of Unicode's that is known; taken as an image"))
        return Emoji(name, image=image, aliases=tuple(aliases))

    return draft_of(source, read_entries(groups, entry, problems), problems)


def _sequence(address: str) -> str | None:
    """Return the characters that an address names."""
    if not (found := _UNICODE.search(address)):
        return None
    points = [int(point, 16) for point in found[1].split("-")]
    return "".join(map(chr, points)) if max(points) <= 0x10FFFF else None  # noqa: PLR2004  # Unicode's last


@cache
def _qualified_sequences() -> Mapping[str, str]:
    """Return the fully-qualified form of every sequence, with and without tones, by the form without U+FE0F."""
    from ..packs.index import build_index  # takes a moment, and only sources with characters need it
    from ..packs.unicode import unicode_pack

    found = {}
    for bare, match in build_index([unicode_pack()]).sequences.items():
        emoji = match.entry.emoji
        found[bare] = (emoji.toned(match.tones) if match.tones else emoji.unicode) or bare
    return found


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    names: dict[str, str] = {}
    for emoji in draft.pack.emoji:
        if emoji.unicode:
            points = "-".join(f"{ord(one):04x}" for one in emoji.unicode if one != _VARIATION)
            url = kept(emoji, _NAME).get("url")
            address = url if isinstance(url, str) and _sequence(url) else _ADDRESS.format(points)
        elif emoji.image:
            address = address_of(draft, emoji.image, written)
        else:
            continue
        names |= dict.fromkeys(emoji.names, address)
    return {"emojis.json": to_json(names), **written}


FORMAT = Format(
    _NAME,
    "GitHub, answer of GET /emojis (docs.github.com/rest/emojis)",
    Rules(name=r"[a-z0-9_+-]+", aliases=True, unicode=True),
    _recognises,
    _read,
    _write,
)
