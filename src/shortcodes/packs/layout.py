"""Where each emoji stands in the text of a manifest, so that one can be changed and all else stays, byte for byte.

tomlkit keeps what a person wrote, too, but for what lies between two tables: it takes a comment above ``[[emoji]]`` for
the end of the emoji before. So it gets no more than the fields of one emoji at a time.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .to_toml import key_of, value_of
from .toml import _STRING_OR_COMMENT


class Entry(NamedTuple):
    """Where an emoji stands: offsets into the text, each at the beginning of a line or at the end."""

    start: int
    """Of the comments that stand directly above its heading, or of the heading."""
    heading: int
    """Of the line ``[[emoji]]``."""
    fields: int
    """The end of its last field; tables such as ``[emoji.extra.misskey]`` come behind."""
    end: int
    """The end of its last line, comments directly below it included."""


def entries_of(text: str) -> tuple[Entry, ...]:
    """Return where each ``[[emoji]]`` of a manifest stands. The text is valid TOML."""
    entries: list[Entry] = []
    entry: Entry | None = None
    in_fields = False
    comments: int | None = None  # where the comments begin that stand directly above this line
    for line in _lines(text):
        if line.kind == "comment":
            comments = line.start if comments is None else comments
            continue
        if line.kind == "blank":
            if entry and comments == entry.end:
                entry = entry._replace(end=line.start)
        elif line.kind in ("emoji", "other"):
            entries += [entry] if entry else []
            start = line.start if comments is None else comments
            entry = Entry(start, line.start, line.end, line.end) if line.kind == "emoji" else None
            in_fields = True
        elif entry:
            in_fields = in_fields and line.kind == "field"
            entry = entry._replace(end=line.end, fields=line.end if in_fields else entry.fields)
        comments = None
    if entry:
        entries.append(entry._replace(end=len(text)) if comments == entry.end else entry)
    return tuple(entries)


class _Line(NamedTuple):
    start: int
    end: int
    kind: str
    """``comment``, ``blank``, ``field`` or what is within one; a heading: ``emoji``, ``table`` below one, ``other``."""


def _lines(text: str) -> Iterator[_Line]:
    masked = _STRING_OR_COMMENT.sub(_masked, text)
    depth = start = 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", masked):
        end = start + len(line)
        shown = line.strip()
        if depth == 0 and shown.startswith("["):
            kind = _heading(text[start:end])
        else:
            kind = "field" if depth or shown.strip("#") else "comment" if shown else "blank"
            depth += sum(map(shown.count, "[{")) - sum(map(shown.count, "]}"))
        yield _Line(start, end, kind)
        start = end


def _masked(match: re.Match[str]) -> str:
    """Blank a string or a comment out: no bracket in it is one. Lines stay lines."""
    return re.sub(r"[^\n]", "#" if match[0].startswith("#") else "x", match[0])


def _heading(line: str) -> str:
    table = tomllib.loads(line)
    if "emoji" not in table:
        return "other"
    return "emoji" if isinstance(table["emoji"], list) else "table"


def with_fields(text: str, entry: Entry, fields: Mapping[str, Any]) -> str:
    """Return the lines of an emoji's own fields with some of them set, or taken out where the value is None."""
    import tomlkit  # slow to import, and only who edits needs it
    from tomlkit.items import AoT, Array

    lines = text[entry.heading : entry.fields]
    windows = end_of_line_of(lines, text) == "\r\n" and lines.count("\n") == lines.count("\r\n")
    if windows:
        lines = lines.replace("\r\n", "\n")
    document = tomlkit.parse(lines)
    tables = document["emoji"]
    assert isinstance(tables, AoT)
    table = tables[0]
    new: list[str] = []
    for key, value in fields.items():
        if key not in table:
            new += [key] if value is not None else []
        elif value is None:
            del table[key]
        elif isinstance(old := table[key], Array):
            _change(old, value)
        else:
            table[key] = value
    lines = tomlkit.dumps(document)
    if new and not lines.endswith("\n"):
        lines += "\n"
    indent = re.findall(r"(?m)^([ \t]*)[^\s#\[]", lines)
    lines += "".join(f"{indent[0] if indent else ''}{key_of(key)} = {value_of(fields[key])}\n" for key in new)
    return lines.replace("\n", "\r\n") if windows else lines


def _change(array: Any, wanted: Sequence[str]) -> None:  # noqa: ANN401  # tomlkit's Array, which has no useful type
    """Make a list another one with as few changes as can be, so that its lines and their comments stay."""
    for number in reversed(range(len(array))):
        if array[number] not in wanted and len(array) > len(wanted):
            del array[number]
    for number, one in enumerate(wanted):
        if number >= len(array):
            array.append(one)
        elif array[number] != one:
            array[number] = one


def end_of_line_of(*texts: str) -> str:
    r"""Return how the lines of the first text that has some end: ``\n``, or ``\r\n`` as Windows ends them."""
    for text in texts:
        if end := re.search(r"\r?\n", text):
            return end[0]
    return "\n"


def spliced(text: str, parts: Mapping[tuple[int, int], str]) -> str:
    """Return the text with others in the place of its parts, which do not overlap."""
    pieces: list[str] = []
    last = 0
    for (start, end), other in sorted(parts.items()):
        pieces += [text[last:start], other]
        last = end
    return "".join([*pieces, text[last:]])


def without(text: str, entries: Sequence[Entry]) -> str:
    """Return the text without some of its emoji: without their lines, and the empty ones behind, or else before."""
    parts = {(entry.start, entry.end + _blank(text, entry.end)): "" for entry in entries}
    left = spliced(text, parts)
    if not any(end == len(text) for _, end in parts):
        return left
    return left.rstrip() + end_of_line_of(text) if left.strip() else ""


def _blank(text: str, start: int) -> int:
    """Return how much of the text is empty lines from there on."""
    found = re.compile(r"(?:[ \t]*\r?\n)*").match(text, start)
    assert found
    return found.end() - start
