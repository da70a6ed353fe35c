"""Strangers' JSON and YAML, a field at a time: what it has to be, and where it stood if it is not.

Whatever a file has in it, what is raised is a `PackError`, with the place: ``data.group.customEmoji.nodes[3].name``.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, NamedTuple, NoReturn

from ..errors import PackError, Problem, ShortcodesError, quoted
from ..packs.pack import Content
from .extra import keep

MAX_BYTES = 8 * 1024 * 1024
"""Of one file of JSON or YAML: room for some 20,000 emoji, as the answers of platforms have them."""
_MAX_OBJECTS = 100_000
"""Objects and lists in one file: an empty one takes two bytes there, and a hundred times that in memory."""
_MAX_VALUES = 250_000
_MAX_DEPTH = 40
_LARGEST = 2**63 - 1  # TOML holds no larger one (TOML 1.0, Integer)
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


class _Missing:
    """Stands for a field that is not there."""


_MISSING: Final = _Missing()


class Field(NamedTuple):
    """A value, where it stands, and in which file."""

    value: object
    where: str = ""
    file: str = ""

    @property
    def is_absent(self) -> bool:
        """Whether there is nothing, for which some write null."""
        return self.value is None or self.value is _MISSING

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing, or a text without anything in it."""
        return self.is_absent or self.value == ""

    def problem(self, message: str) -> Problem:
        """Return what to report about this field."""
        return Problem(self.where, message)

    def error(self, message: str) -> PackError:
        """Return what to raise about this field."""
        return PackError(self.file, [self.problem(message)])

    def unlike(self, expected: str) -> PackError:
        """Return what to raise about a value of the wrong type."""
        return self.error(f"is {_kind(self.value)}; {expected} is expected")

    def at(self, *names: str) -> "Field":
        """Return the member of an object, by the first of its names that is there and not null."""
        if not isinstance(self.value, dict):
            raise self.unlike("an object")
        name = next((name for name in names if self.value.get(name) is not None), names[0])
        return Field(self.value.get(name, _MISSING), _joined(self.where, name), self.file)

    def items(self) -> list["Field"]:
        """Return what is in a list."""
        if not isinstance(self.value, list):
            raise self.unlike("a list")
        return [Field(value, f"{self.where}[{i}]", self.file) for i, value in enumerate(self.value)]

    def items_if_any(self) -> list["Field"]:
        """Return what is in a list, if there is one."""
        return [] if self.is_absent else self.items()

    def members(self) -> list[tuple[str, "Field"]]:
        """Return what is in an object, by its names."""
        if not isinstance(self.value, dict):
            raise self.unlike("an object")
        return [(name, Field(value, _joined(self.where, name), self.file)) for name, value in self.value.items()]

    def text(self, expected: str = "text") -> str:
        """Return a text that has something in it."""
        if not isinstance(self.value, str):
            raise self.unlike(expected)
        if not self.value.strip():
            raise self.error(f"is empty; {expected} is expected")
        return self.value

    def text_or(self, otherwise: str = "", expected: str = "text") -> str:
        """Return a text, or something else if there is none, or nothing in it."""
        if self.is_absent or (isinstance(self.value, str) and not self.value.strip()):
            return otherwise
        return self.text(expected)

    def texts(self, expected: str = "text") -> tuple[str, ...]:
        """Return the texts of a list, if there is one; empty ones left out."""
        return tuple(text for item in self.items_if_any() if (text := item.text_or(expected=expected)))

    def flag(self) -> bool:
        """Return whether something is so; it is not if nothing is said."""
        if not isinstance(self.value, bool) and not self.is_absent:
            raise self.unlike("true or false")
        return self.value is True

    def number(self, expected: str = "a whole number", *, least: int = 0, most: int = _LARGEST) -> int:
        """Return a whole number, which may be written as ``1.0``."""
        value = int(self.value) if isinstance(self.value, float) and self.value.is_integer() else self.value
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.unlike(expected)
        if not least <= value <= most:
            raise self.error(f"is out of range; {expected} from {least} to {most} is expected")
        return value

    def id(self) -> str:
        """Return an id: a text, or a whole number as one."""
        return self.text("an id") if isinstance(self.value, str) else str(self.number("an id"))

    def others(self, *known: str) -> dict[str, Any]:
        """Return the members of an object other than the known ones, as they are."""
        return {name: field.value for name, field in self.members() if name not in known}

    def rest(self, *known: str) -> dict[str, Any]:
        """Return the members of an object other than the known ones, as a table of `extra` can hold them."""
        return keep(self.others(*known))


def read_json(file: str, content: Content, problems: list[Problem]) -> Field:
    """Return what a file of JSON has in it. A key that one object has twice counts as it stood last, and is reported.

    A byte order mark, and UTF-16 and UTF-32, are understood: Windows' shells write them. Raises `PackError`.
    """
    return _parsed(file, _json_in(file, content()), problems)


def read_json_lines(file: str, content: Content, problems: list[Problem]) -> list[Field]:
    """Return what each line of a file of JSON lines has in it; a line that is no JSON is reported, and left out."""
    fields = []
    for number, line in enumerate(_json_in(file, content()).split("\n"), 1):
        if line.strip():
            try:
                fields.append(_parsed(file, line, problems, f"{file}:{number}"))
            except PackError as error:
                problems += error.problems
    return fields


def peek_json(content: Content, *words: str) -> object:
    """Return what a file of JSON has in it, if it has those words; None if it is no JSON, or says so late.

    For `recognises`: looking for words is quick, and most formats end there.
    """
    try:
        raw = content()
        plain = raw.replace(b"\0", b"")  # UTF-16 and UTF-32 have them between what is ASCII
        if len(raw) > MAX_BYTES or not all(word.encode() in plain for word in words):
            return None
        return _parsed("", _json_in("", raw), []).value
    except (ShortcodesError, OSError):  # a file that went away, or whose archive is damaged
        return None


def _json_in(file: str, raw: bytes) -> str:
    check_size(file, raw)
    return _decoded(file, raw)


def check_size(file: str, raw: bytes) -> None:
    """Raise `PackError` for JSON that would not fit into memory, where what is parsed is as a whole.

    `peek_json` sees nothing in it, so that a list which is too long seems to be of no format.
    """
    if len(raw) > MAX_BYTES:
        raise PackError(file, [Problem("", _TOO_LONG)])
    if raw.count(b"{") + raw.count(b"[") > _MAX_OBJECTS:
        raise PackError(file, [Problem("", f"has more than {_MAX_OBJECTS:,} objects and lists; split it")])
    if raw.count(b",") > _MAX_VALUES:
        raise PackError(file, [Problem("", _TOO_MANY)])


def _parsed(file: str, text: str, problems: list[Problem], where: str = "") -> Field:
    repeated: dict[str, None] = {}

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            repeated.update((key, None) for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        return found

    try:
        value = json.loads(text, object_pairs_hook=members, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise PackError(file, [Problem(where, f"is not JSON: {error.msg} at {place}")]) from error
    except RecursionError as error:
        raise PackError(file, [Problem(where, _TOO_DEEP)]) from error
    except ValueError as error:  # of the hooks; or int() refuses
        reason = str(error) if str(error).startswith("has ") else "has a number of thousands of digits"
        raise PackError(file, [Problem(where, reason)]) from error
    field = Field(_checked(file, value, where), where, file)
    problems += (Problem(where, _twice(key)) for key in repeated)
    return field


def read_yaml(file: str, content: Content, problems: list[Problem]) -> Field:
    """Return what a file of YAML has in it, with every scalar as the text that was written: ``on`` is a name.

    Raises `PackError`.
    """
    import yaml  # slow to import, and only packs in YAML need it

    repeated: dict[str, None] = {}
    try:
        text = _decoded(file, content())
        value = _built(file, yaml.parse(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader)), repeated)
    except yaml.MarkedYAMLError as error:
        place = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise PackError(file, [Problem("", f"is not YAML: {error.problem or error.context}{place}")]) from error
    except yaml.YAMLError as error:
        raise PackError(file, [Problem("", f"is not YAML: {str(error).splitlines()[0]}")]) from error
    except (RecursionError, ValueError, TypeError) as error:  # whatever its parser trips over
        raise PackError(file, [Problem("", f"is not YAML: {type(error).__name__}")]) from error
    field = Field(_checked(file, value, ""), "", file)
    problems += (Problem("", _twice(key)) for key in repeated)
    return field


def _built(file: str, events: Iterable[Any], repeated: dict[str, None]) -> object:
    """Return what events of YAML build. Its own loader makes a tree of nodes first, 300 bytes and more for each value.

    Raises `PackError` for what lies too deep, and for aliases, which multiply.
    """
    whole: list[Any] = []
    unfinished = [whole]  # what is in each list or object that has not ended: of an object, keys and values in turn
    for number, event in enumerate(events):
        kind = type(event).__name__
        if number > _MAX_VALUES:
            raise PackError(file, [Problem("", _TOO_MANY)])
        if kind == "AliasEvent":
            name = quoted("*" + event.anchor)
            raise PackError(file, [Problem("", f"has the reference {name}; write out what it is")])
        if kind == "DocumentStartEvent" and whole:
            raise PackError(file, [Problem("", "is not YAML of one document; split it")])
        if kind in ("SequenceStartEvent", "MappingStartEvent"):
            unfinished.append([])
        elif kind in ("SequenceEndEvent", "MappingEndEvent"):
            found = unfinished.pop()
            unfinished[-1].append(_object(file, found, repeated) if kind == "MappingEndEvent" else found)
        elif kind == "ScalarEvent":
            unfinished[-1].append(event.value)
        if len(unfinished) > _MAX_DEPTH + 1:
            raise PackError(file, [Problem("", _TOO_DEEP)])
    return whole[0] if whole else None


def _object(file: str, parts: list[Any], repeated: dict[str, None]) -> dict[str, Any]:
    keys = parts[::2]
    if not all(isinstance(key, str) for key in keys):
        raise PackError(file, [Problem("", "has a key that is no text; write a name")])
    found = dict(zip(keys, parts[1::2], strict=True))
    if len(found) < len(keys):
        repeated.update((key, None) for key, count in Counter(keys).items() if count > 1)
    return found


def to_json(value: object) -> Content:
    """Return a file of JSON: indented, in the order of the value, with a line end."""
    encoded = (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")
    return lambda: encoded


def to_json_lines(rows: Iterable[object]) -> Content:
    """Return a file with a line of JSON for each row."""
    encoded = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "replace")
    return lambda: encoded


_TOO_LONG = f"has more than {MAX_BYTES >> 20} MiB; split it"
_TOO_MANY = f"has more than {_MAX_VALUES:,} values; split it"
_TOO_DEEP = f"has lists in lists, too deep to read; {_MAX_DEPTH} levels are allowed"


def _decoded(file: str, raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise PackError(file, [Problem("", _TOO_LONG)])
    try:
        return raw.decode(json.detect_encoding(raw)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise PackError(file, [Problem("", f"is not UTF-8 at line {line}; save it as UTF-8")]) from error


def _twice(key: str) -> str:
    return f"the key {quoted(key)} stands twice in one object; the last one counts"


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"has {constant}, which is not JSON; write a number, or null")


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(f"has the number {quoted(number)}, which is too large; write a smaller one")
    return value


def _checked(file: str, value: object, where: str, depth: int = 0) -> object:
    """Return a value, which is changed, without lone surrogates, which no file holds, if it does not lie too deep."""
    if depth > _MAX_DEPTH:
        raise PackError(file, [Problem(where, _TOO_DEEP)])
    if isinstance(value, str):
        return value if value.isascii() else _LONE_SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        value[:] = (_checked(file, one, where, depth + 1) for one in value)
    elif isinstance(value, dict):
        for key in [key for key in value if _LONE_SURROGATES.search(key)]:
            value[_LONE_SURROGATES.sub("\ufffd", key)] = value.pop(key)
        for key, one in value.items():
            value[key] = _checked(file, one, where, depth + 1)
    return value


def _joined(where: str, name: str) -> str:
    """Spell a place as people do: bare, or in quotes."""
    step = name if re.fullmatch(r"[\w+-]{1,60}", name) else quoted(name)
    return f"{where}.{step}" if where else step


def _kind(value: object) -> str:
    if value is _MISSING:
        return "missing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {dict: "an object", list: "a list", str: "text", int: "a number", float: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")
