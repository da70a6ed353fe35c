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

MAX_BYTES = 64 * 1024 * 1024
"""Of one file of JSON or YAML: room for some 100,000 emoji."""
_MAX_VALUES = 4_000_000
"""In one file."""
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
    return _parsed(file, _decoded(file, content()), problems)


def read_json_lines(file: str, content: Content, problems: list[Problem]) -> list[Field]:
    """Return what each line of a file of JSON lines has in it; a line that is no JSON is reported, and left out."""
    fields = []
    for number, line in enumerate(_decoded(file, content()).split("\n"), 1):
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
        return _parsed("", _decoded("", raw), []).value
    except (ShortcodesError, OSError):  # a file that went away, or whose archive is damaged
        return None


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

    class Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]  # either of the two
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ANN401, FBT001, FBT002
            keys = [key.value for key, _ in node.value if isinstance(key.value, str)]
            repeated.update((key, None) for key, count in Counter(keys).items() if count > 1)
            mapping: dict[Any, Any] = super().construct_mapping(node, deep)
            return mapping

    repeated: dict[str, None] = {}
    try:
        text = _decoded(file, content())
        _check_yaml(file, yaml.parse(text, Loader))
        value = yaml.load(text, Loader)  # noqa: S506  # the base loader makes texts, lists and dicts
    except yaml.MarkedYAMLError as error:
        place = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise PackError(file, [Problem("", f"is not YAML: {error.problem or error.context}{place}")]) from error
    except yaml.YAMLError as error:
        raise PackError(file, [Problem("", f"is not YAML: {str(error).splitlines()[0]}")]) from error
    except (RecursionError, ValueError, TypeError) as error:  # lists in lists; whatever its constructor trips over
        raise PackError(file, [Problem("", _TOO_DEEP)]) from error
    field = Field(_checked(file, value, ""), "", file)
    problems += (Problem("", _twice(key)) for key in repeated)
    return field


def _check_yaml(file: str, events: Iterable[Any]) -> None:
    """Raise `PackError` for what lies too deep, on which libyaml's loader crashes, and for aliases, which multiply."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > _MAX_DEPTH:
            raise PackError(file, [Problem("", _TOO_DEEP)])
        if kind == "AliasEvent":
            raise PackError(
                file, [Problem("", f"has the reference {quoted('*' + event.anchor)}; write out what it is")]
            )


def to_json(value: object) -> Content:
    """Return a file of JSON: indented, in the order of the value, with a line end."""
    encoded = (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")
    return lambda: encoded


def to_json_lines(rows: Iterable[object]) -> Content:
    """Return a file with a line of JSON for each row."""
    encoded = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "replace")
    return lambda: encoded


_TOO_DEEP = f"has lists in lists, too deep to read; {_MAX_DEPTH} levels are allowed"


def _decoded(file: str, raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise PackError(file, [Problem("", f"has more than {MAX_BYTES >> 20} MiB; split it")])
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


def _checked(file: str, value: object, where: str) -> object:
    """Return a value without lone surrogates, which no file can hold, if it is neither too deep nor too large."""
    left = _MAX_VALUES

    def checked(value: object, depth: int) -> object:
        nonlocal left
        left -= 1
        if depth > _MAX_DEPTH:
            raise PackError(file, [Problem(where, _TOO_DEEP)])
        if left < 0:
            raise PackError(file, [Problem(where, f"has more than {_MAX_VALUES:,} values; split it")])
        if isinstance(value, str):
            return value if value.isascii() else _LONE_SURROGATES.sub("\ufffd", value)
        if isinstance(value, list):
            return [checked(one, depth + 1) for one in value]
        if isinstance(value, dict):
            return {str(checked(key, depth)): checked(one, depth + 1) for key, one in value.items()}
        return value

    return checked(value, 0)


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
