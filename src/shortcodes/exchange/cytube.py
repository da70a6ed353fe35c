"""Cytube: a channel's emotes, as its settings export and import them: a list of ``name`` and ``image``.

From calzoneman/sync ``src/channel/emotes.js``: a name is any text, often with its colons, and stands alone between
white space, case aside; the last of a name wins, at the place of the first (`EmoteList`); one without a name or an
image is dropped, and an address is cut after 1,000 characters (`validateEmote`).
"""

from ..emoji import Emoji
from ..errors import Problem, quoted
from ..packs.pack import Content
from .entries import address_of, bare_name, document_of, document_path, draft_of, image_at, own_name, read_entries
from .extra import extra_for, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "cytube"
_LONGEST_ADDRESS = 1_000
_KEYS = {"name", "image", "source"}


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json")
    rows = peek_json(source.files[path], "image", "name") if path else None
    return isinstance(rows, list) and bool(rows) and all(isinstance(row, dict) and row.keys() <= _KEYS for row in rows)


def _read(source: Source) -> Draft:
    path, content = document_of(source, ".json")
    problems: list[Problem] = []

    def entry(row: Field) -> Emoji:
        name, image = row.at("name").text("a name"), row.at("image")
        if len(address := image.text("the address of an image")) > _LONGEST_ADDRESS:
            raise image.error(f"is {len(address)} characters long; Cytube keeps {_LONGEST_ADDRESS:,}")
        # 'source' is the regex that Cytube makes of the name, anew when it imports
        kept = {"name": name} | row.rest(*_KEYS)
        return Emoji(bare_name(name.strip()), image=image_at(address, path), extra=extra_for(_NAME, kept))

    rows = read_json(path, content, problems).items()
    emoji: dict[str, Emoji] = {}
    for row in rows:
        for one in read_entries([row], entry, problems):
            name = str(one.extra[_NAME]["name"])
            if name in emoji:
                problems.append(row.problem(f"{quoted(name)} is there already; this one, the last, counts"))
            emoji[name] = one
    return draft_of(source, emoji.values(), problems)


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    rows = []
    for emoji in draft.pack.emoji:
        if emoji.image:
            table = kept(emoji, _NAME)
            original = table.pop("name", None)
            name = own_name(emoji, original)
            # without colons a name of ours would stand for the word itself, wherever it is said in chat
            name = name if name == original else f":{name}:"
            rows.append({"name": name, "image": address_of(draft, emoji.image, written), **table})
    return {"emotes.json": to_json(rows), **written}


FORMAT = Format(
    _NAME,
    "Cytube, emotes of a channel as its settings export them (github.com/calzoneman/sync)",
    Rules(name=r"[^\s:]+", one_case=True),
    _recognises,
    _read,
    _write,
)
