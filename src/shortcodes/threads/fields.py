"""Strangers' JSON, a field at a time: what it has to be, and where it stood if it is not."""

import re
from datetime import datetime
from typing import Final, NamedTuple

from ..errors import InputError, quoted
from .ages import read_moment


class _Missing:
    """Stands for a field that is not there."""


_MISSING: Final = _Missing()
_LARGEST = 2**53  # what every JSON reader gets right (RFC 8259, section 6)
_LONGEST_URL = 2_000

# What a page cannot carry or a terminal would obey: controls other than tab and line ends, and lone surrogates.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# What would turn the line around a name: embeddings, overrides and isolates (UAX #9, 2.1 to 2.4).
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_URL = re.compile(r"""https?://[^\s"'<>\\^`{|}]+""", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Field(NamedTuple):
    """A value, and where it stands: ``comments[3].comment.path``."""

    value: object
    where: str = ""

    @property
    def is_absent(self) -> bool:
        """Whether there is nothing, for which some write null."""
        return self.value is None or self.value is _MISSING

    def error(self, message: str) -> InputError:
        """Return what to raise about this field."""
        return InputError(f"{self.where}: {message}")

    def unlike(self, expected: str) -> InputError:
        """Return what to raise about a value of the wrong type."""
        return self.error(f"is {_kind(self.value)}; {expected} is expected")

    def at(self, *names: str) -> "Field":
        """Return the member of an object, by the first of its names that is there."""
        if not isinstance(self.value, dict):
            raise self.unlike("an object")
        name = next((name for name in names if self.value.get(name) is not None), names[0])
        return Field(self.value.get(name, _MISSING), f"{self.where}.{name}" if self.where else name)

    def items(self) -> list["Field"]:
        """Return what is in a list."""
        if not isinstance(self.value, list):
            raise self.unlike("a list")
        return [Field(value, f"{self.where}[{i}]") for i, value in enumerate(self.value)]

    def text(self, expected: str = "text") -> str:
        """Return a text, of several lines perhaps."""
        if not isinstance(self.value, str):
            raise self.unlike(expected)
        return _CONTROLS.sub("\ufffd", self.value)

    def line(self, expected: str) -> str:
        """Return a text that shows on one line: a title, a name."""
        line = " ".join(_TURNS.sub("", self.text(expected)).split())
        if not line:
            raise self.error(f"is empty; {expected} is expected")
        return line

    def line_or(self, otherwise: str, expected: str) -> str:
        """Return a line, or something else if there is none, or nothing in it."""
        return otherwise if self.is_absent or not self.text(expected).strip() else self.line(expected)

    def number(self, expected: str, *, least: int) -> int:
        """Return a whole number."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.unlike(expected)
        if not least <= self.value <= _LARGEST:
            raise self.error(f"is out of range; {expected} is expected")
        return self.value

    def score(self) -> int | None:
        """Return a number of votes, if there is one."""
        return None if self.is_absent else self.number("a whole number", least=-_LARGEST)

    def id(self) -> str:
        """Return what may stand as it is in the ``id`` of an element: a number, or a word."""
        if not isinstance(self.value, str):
            return str(self.number("a whole number, or a word,", least=0))
        if not _ID.fullmatch(self.value):
            raise self.error(f"{quoted(self.value)} is no id; 1 to 64 ASCII letters, digits, '_' and '-' are expected")
        return self.value

    def flag(self) -> bool:
        """Return whether something is so; it is not if nothing is said."""
        if not isinstance(self.value, bool) and not self.is_absent:
            raise self.unlike("true or false")
        return self.value is True

    def moment(self) -> datetime:
        """Return a date."""
        if not isinstance(self.value, str):
            raise self.unlike("a date")
        try:
            return read_moment(self.value)
        except ValueError as error:
            raise self.error(str(error)) from error

    def moment_if_any(self) -> datetime | None:
        """Return a date, if there is one."""
        return None if self.is_absent else self.moment()

    def url(self) -> str:
        """Return an address that a reader may follow: http(s). What is another, or none, becomes empty."""
        if self.is_absent:
            return ""
        address = self.text("an address").strip()
        return address if len(address) <= _LONGEST_URL and _URL.fullmatch(address) else ""


def _kind(value: object) -> str:
    if value is _MISSING:
        return "missing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {dict: "an object", list: "a list", str: "text", int: "a number", float: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")
