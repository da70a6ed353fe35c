"""A pack as the text of its ``pack.toml``."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any

from ..emoji import Emoji
from ..errors import PackError, Problem, quoted
from .manifest import SCHEMA
from .pack import Pack

_MAX_LINE = 120
_MAX_DEPTH = 64  # readers of TOML call themselves once a level


def to_toml(pack: Pack) -> str:
    r"""Return the manifest of a pack: the same text for the same pack, from which `read_pack` gives an equal one.

    What a manifest has no field for, an emoji's `version` and `tones`, is left out. Raises `PackError` if an `extra`
    table has what TOML cannot hold, such as None.

    >>> print(to_toml(Pack("cats", (Emoji("paw", "\U0001f43e", alt="paw\tprint"),))), end="")
    [pack]
    schema = 1
    name = "cats"
    <BLANKLINE>
    [[emoji]]
    name = "paw"
    unicode = "🐾"
    alt = "paw\tprint"
    """
    problems: list[Problem] = []
    header = {"schema": SCHEMA, **{field: getattr(pack, field) for field in _PACK_FIELDS}}
    parts = [_table("[pack]", "pack", header, pack.extra, problems)]
    for number, one in enumerate(pack.emoji):
        parts.append(emoji_to_toml(one, f"emoji[{number}]", problems))
    if problems:
        raise PackError(pack.name, problems)
    return "\n".join(parts)


def emoji_to_toml(emoji: Emoji, where: str, problems: list[Problem]) -> str:
    """Return the table of one emoji. `problems` takes what TOML cannot hold."""
    fields = {field: getattr(emoji, field) for field in _EMOJI_FIELDS}
    return _table("[[emoji]]", where, fields, emoji.extra, problems)


# In the order of docs/reference/packs.md.
_PACK_FIELDS = ("name", "version", "title", "license", "authors", "homepage", "base_url")
_EMOJI_FIELDS = (
    *("name", "aliases", "unicode", "image", "static", "alt", "category", "keywords"),
    *("width", "height", "sensitive", "retired"),
)


def _table(
    heading: str, where: str, fields: Mapping[str, object], extra: Mapping[str, Any], problems: list[Problem]
) -> str:
    """Return a table, its fields that have their default left out, and the tables below it."""
    lines = [heading]
    below: list[str] = []
    name = heading.strip("[]")
    for field, value in fields.items():
        if value is None or value is False or value in ("", ()) or value == {}:
            continue
        try:
            text = value_of(value)
        except ValueError as error:
            problems.append(Problem(f"{where}.{field}", str(error)))
            continue
        if isinstance(value, Mapping) and len(text) + len(field) > _MAX_LINE:
            below += ["", f"[{name}.{field}]", *(_assignment(key, one) for key, one in value.items())]
        else:
            lines.append(_assignment(field, value))
    for platform, table in extra.items():
        try:
            below += ["", f"[{name}.extra.{key_of(platform)}]", *_lines(table)]
        except ValueError as error:
            step = platform if re.fullmatch(_BARE, platform) else quoted(platform)
            problems.append(Problem(f"{where}.extra.{step}", str(error)))
    return "\n".join([*lines, *below, ""])


def _lines(table: object) -> Iterator[str]:
    if not isinstance(table, Mapping):
        raise ValueError(f"is {quoted(str(table))}; give a table for each format")  # noqa: TRY004  # as all that TOML cannot hold
    for key, value in table.items():
        try:
            yield _assignment(key, value)
        except ValueError as error:
            raise ValueError(f"{quoted(str(key))} {error}") from error


def _assignment(key: str, value: object) -> str:
    line = f"{key_of(key)} = {value_of(value)}"
    if len(line) <= _MAX_LINE or not isinstance(value, Sequence) or isinstance(value, str):
        return line
    return "\n".join([f"{key_of(key)} = [", *(f"    {value_of(one)}," for one in value), "]"])


def value_of(value: object, depth: int = 0) -> str:
    """Spell a value as TOML 1.0 does. Raises `ValueError` with what is wrong with one that it cannot hold."""
    if depth > _MAX_DEPTH:
        raise ValueError(f"has tables in tables, more than {_MAX_DEPTH} deep")
    if isinstance(value, str):
        return string_of(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = [f"{key_of(key)} = {value_of(one, depth + 1)}" for key, one in value.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(value_of(one, depth + 1) for one in value)}]"
    raise ValueError(f"is {value!r}, which TOML cannot hold; leave it out")


def key_of(key: object) -> str:
    """Spell a key as TOML does: bare if it can be, else in quotes. Raises `ValueError` if it is no text."""
    if not isinstance(key, str):
        raise ValueError(f"has the key {key!r}; the keys of TOML are texts")  # noqa: TRY004  # as all that TOML cannot hold
    return key if re.fullmatch(_BARE, key) else string_of(key)


_BARE = r"[A-Za-z0-9_-]+"


def string_of(text: str) -> str:
    """Return a basic string of TOML. What has no shape is escaped, so that whoever reads the file sees it."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(f"has half of a surrogate pair: {quoted(text)}; write whole characters")
    return f'"{_ESCAPED.sub(_escape, text)}"'


# Quotes and controls have to be (TOML 1.0, String); marks of direction and the like better are.
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]')
_SHORT = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}


def _escape(match: re.Match[str]) -> str:
    return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04X}"
