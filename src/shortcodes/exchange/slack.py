"""Slack: a workspace's custom emoji, as its API lists them, and as the packs of emojipacks list them.

docs.slack.dev, ``emoji.list``: ``emoji`` maps names to addresses, or to ``alias:NAME``, also of a standard emoji; and
``admin.emoji.list``: it maps them to objects with a ``url``, in pages. lambtron/emojipacks, README: YAML with ``title``
and ``emojis``, each with ``name``, ``src`` and perhaps ``aliases``; we write that for a pack that was read from it.

``admin.emoji.add`` refuses capitals ("error_lower_case_names_only") and images too big or too wide, and advises squares
under 128 KB; slack.com/help, "Add custom emoji and aliases" (read in a copy of it), has JPG, PNG and GIF, and up to 50
frames, which we do not hold anybody to. The 128 pixels are from lambtron/emojipacks, which says they are Slack's. Not
verified: that pixels are still so few, that names have ``-`` and ``_`` and no other signs, how long they may be.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ..emoji import Emoji
from ..errors import Problem, ShortcodesError, quoted
from ..packs.pack import Content
from .entries import address_of, document_of, document_path, draft_of, image_at, read_entries
from .extra import extra_for, keep, kept
from .fields import Field, peek_json, read_json, read_yaml, to_json
from .format import Draft, Format, Rules, Source

_NAME = "slack"
_ENDINGS = (".json", ".yaml", ".yml")
_ALIAS = "alias:"


def _recognises(source: Source) -> bool:
    path = document_path(source, *_ENDINGS)
    if path is None:
        return False
    if path.lower().endswith(_ENDINGS[1:]):
        return _is_yaml_pack(path, source.files[path])
    value = peek_json(source.files[path], "emoji")
    if not isinstance(value, dict) or not isinstance(names := value.get("emoji"), dict):
        return False
    one = next(iter(names.values()), "" if "ok" in value else None)
    return isinstance(one, str) or (isinstance(one, dict) and "url" in one)


def _is_yaml_pack(path: str, content: Content) -> bool:
    try:
        value = read_yaml(path, content, []).value
        rows = value.get("emojis") if isinstance(value, dict) else None
        return isinstance(rows, list) and bool(rows) and isinstance(rows[0], dict) and {"name", "src"} <= rows[0].keys()
    except (ShortcodesError, OSError):
        return False


def _read(source: Source) -> Draft:
    path, content = document_of(source, *_ENDINGS)
    problems: list[Problem] = []
    if path.lower().endswith(_ENDINGS[1:]):
        return _read_yaml(source, path, read_yaml(path, content, problems), problems)
    return _read_list(source, path, read_json(path, content, problems), problems)


# The lists of the API.


def _read_list(source: Source, path: str, answer: Field, problems: list[Problem]) -> Draft:
    if answer.at("ok").value is False:
        raise answer.at("ok").error(
            f"is false: Slack refused ({quoted(answer.at('error').text_or('without a reason'))})"
        )
    rows = dict(answer.at("emoji").members())
    targets = {name: target for name, row in rows.items() if (target := _target(row)) is not None}
    ends, lost = _follow(targets, rows, problems)
    aliases: dict[str, list[str]] = {}
    for alias, end in ends.items():
        aliases.setdefault(end, []).append(alias)

    def entry(name: str) -> Emoji | None:
        row = rows[name]
        if name in targets:
            return None
        address = row.at("url") if isinstance(row.value, dict) else row
        image = image_at(address.text("the address of an image, or 'alias:' and a name,"), path)
        rest = row.rest("url") if isinstance(row.value, dict) else {}
        return Emoji(name, image=image, aliases=tuple(aliases.get(name, ())), extra=extra_for(_NAME, rest))

    emoji = read_entries(rows, entry, problems)
    emoji += _standard({end: names for end, names in aliases.items() if end not in rows})
    following = answer.at("response_metadata")
    if not following.is_absent and following.at("next_cursor").text_or():
        problems.append(following.at("next_cursor").problem("says that there are more; ask for the other pages, too"))
    table = answer.others("ok", "emoji", "response_metadata")
    table |= {"list": "admin.emoji.list"} if any(isinstance(row.value, dict) for row in rows.values()) else {}
    table |= {"aliases": lost} if lost else {}
    noted = {name: rows[name].others("url") for name in targets if isinstance(rows[name].value, dict)}
    table |= {"noted": noted} if any(noted.values()) else {}
    return draft_of(source, emoji, problems, extra=extra_for(_NAME, keep(table)))


def _target(row: Field) -> str | None:
    """Return what a name is an alias of, if it is one."""
    address = row.value if isinstance(row.value, str) else row.value.get("url") if isinstance(row.value, dict) else None
    return address.removeprefix(_ALIAS).strip(":") if isinstance(address, str) and address.startswith(_ALIAS) else None


def _follow(
    targets: Mapping[str, str], rows: Mapping[str, Field], problems: list[Problem]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return where each alias ends, at a custom or a standard emoji; and those that end nowhere, as they stand."""
    standard = _standard_names() if any(target not in rows for target in targets.values()) else {}
    found: dict[str, str] = {}
    for alias in targets:
        way: dict[str, None] = {}
        end = alias
        while end in targets and end not in found and end not in way:
            way[end] = None
            end = targets[end]
        found |= dict.fromkeys(way, found.get(end, end))  # an alias still, if that is a circle
    ends: dict[str, str] = {}
    lost: dict[str, str] = {}
    for alias, end in found.items():
        if end in targets:
            way_there = f"{quoted(alias)} → {quoted(targets[alias])} → …"
            problems.append(rows[alias].problem(f"is an alias that leads in a circle ({way_there}); left out"))
        elif end not in rows and end not in standard:
            problems.append(rows[alias].problem(f"is an alias of {quoted(end)}, which is not there; left out"))
        else:
            ends[alias] = end
            continue
        lost[alias] = targets[alias]
    return ends, lost


def _standard(aliases: Mapping[str, list[str]]) -> Iterator[Emoji]:
    """Yield an emoji for each standard one that has aliases: ``thumbs`` for what Slack calls ``thumbsup``."""
    standard = _standard_names() if aliases else {}
    for end, (name, *others) in aliases.items():
        yield Emoji(name, standard[end], aliases=tuple(others), extra=extra_for(_NAME, {"alias": end}))


def _standard_names() -> Mapping[str, str]:
    """Return the sequence of each name that a standard emoji has, here or on Slack."""
    from ..packs.unicode import unicode_pack  # takes a moment, and few lists need it

    return {name: emoji.unicode or "" for emoji in unicode_pack().emoji for name in emoji.names}


def _write(draft: Draft) -> dict[str, Content]:
    table = kept(draft.pack, _NAME)
    listed = table.pop("list", None)
    if listed == "emojipacks":
        return _write_yaml(draft, table)
    kind = "admin.emoji.list" if listed == "admin.emoji.list" else "emoji.list"
    written: dict[str, Content] = {}
    rows: dict[str, Any] = {}
    aliases: dict[str, str] = {}
    standard = _standard_names() if any(emoji.unicode for emoji in draft.pack.emoji) else {}
    names: dict[str, str] = {}
    for name, sequence in standard.items():
        names.setdefault(sequence, name)
    for emoji in draft.pack.emoji:
        own = kept(emoji, _NAME)
        if emoji.image:
            address = address_of(draft, emoji.image, written)
            rows[emoji.name] = {"url": address} | own if kind == "admin.emoji.list" else address
            aliases |= dict.fromkeys(emoji.aliases, emoji.name)
        elif emoji.unicode in names:
            known = str(own.get("alias"))
            aliases |= dict.fromkeys(
                emoji.names, known if standard.get(known) == emoji.unicode else names[emoji.unicode]
            )
    lost, noted = table.pop("aliases", {}), table.pop("noted", {})
    aliases = (lost if isinstance(lost, dict) else {}) | aliases
    for alias, target in aliases.items():
        if alias == target:
            continue  # a standard emoji under its own name, which is there already
        address = f"{_ALIAS}{target}"
        note = noted.get(alias) if isinstance(noted, dict) else None
        row = {"url": address} | (note if isinstance(note, dict) else {})
        rows.setdefault(alias, row if kind == "admin.emoji.list" else address)
    return {f"{kind}.json": to_json({"ok": True, "emoji": rows, **table}), **written}


# The packs of emojipacks.


def _read_yaml(source: Source, path: str, document: Field, problems: list[Problem]) -> Draft:
    def entry(row: Field) -> Emoji:
        name, image = row.at("name").text("a name"), image_at(row.at("src").text("the address of an image"), path)
        aliases = tuple(alias for alias in dict.fromkeys(row.at("aliases").texts("an alias")) if alias != name)
        return Emoji(name, image=image, aliases=aliases, extra=extra_for(_NAME, row.rest("name", "src", "aliases")))

    emoji = read_entries(document.at("emojis").items(), entry, problems)
    extra = extra_for(_NAME, {"list": "emojipacks"} | document.rest("title", "emojis"))
    return draft_of(source, emoji, problems, title=document.at("title").text_or(), extra=extra)


def _write_yaml(draft: Draft, table: dict[str, Any]) -> dict[str, Content]:
    import yaml  # slow to import, and only packs in YAML need it

    written: dict[str, Content] = {}
    rows = []
    for emoji in draft.pack.emoji:
        if emoji.image:
            row: dict[str, object] = {"name": emoji.name}
            row |= {"aliases": list(emoji.aliases)} if emoji.aliases else {}
            rows.append(row | {"src": address_of(draft, emoji.image, written)} | kept(emoji, _NAME))
    header = {"title": draft.pack.title} if draft.pack.title else {}
    text = yaml.safe_dump(header | table | {"emojis": rows}, allow_unicode=True, sort_keys=False, width=1_000)
    encoded = text.encode()
    return {"emojis.yaml": lambda: encoded, **written}


FORMAT = Format(
    _NAME,
    "Slack, answers of emoji.list and admin.emoji.list (docs.slack.dev), and YAML of emojipacks",
    Rules(
        name=r"[a-z0-9_-]+",
        types=("png", "gif", "jpeg"),
        bytes=128_000,
        pixels=128,
        aliases=True,
        unicode=True,
    ),
    _recognises,
    _read,
    _write,
)
