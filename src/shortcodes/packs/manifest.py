"""Read a pack from a folder or a zip: ``pack.toml`` to typed values, with every problem in one report."""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ..emoji import Emoji
from ..errors import InputError, PackError, Problem
from .pack import Pack, emoji_problems, file_problem, pack_problems

MANIFEST = "pack.toml"
SCHEMA = 1
MAX_MANIFEST_BYTES = 64 * 1024 * 1024


class _Source(NamedTuple):
    """Where a pack is read from: its manifest, and whether a file is in it."""

    name: str
    manifest: bytes
    has: Callable[[str], bool]


def read_pack(path: str | os.PathLike[str], *, base_url: str | None = None) -> Pack:
    """Read a pack from a folder, or a zip of one, that has a ``pack.toml``.

    `base_url` replaces the manifest's. Raises `PackError`, which lists everything that is wrong in the pack, and
    `InputError` if there is no pack at that path. Nothing is unpacked.
    """
    source = _open(os.fspath(path))
    document = _parse(source)
    problems: list[Problem] = []
    fields = _table(document.get("pack", {}), "pack", _PACK_FIELDS, problems)
    rows = document.get("emoji", [])
    if not isinstance(rows, list):
        problems.append(Problem("emoji", f"is {_kind(rows)}; write one [[emoji]] table for each"))
        rows = []
    problems += (Problem(key, "is not known; there are [pack] and [[emoji]]") for key in document.keys() - _TABLES)

    emoji: list[tuple[int, Emoji]] = []
    for number, row in enumerate(rows):
        before = len(problems)
        values = _table(row, f"emoji[{number}]", _EMOJI_FIELDS, problems)
        if len(problems) == before:
            emoji.append((number, Emoji(**values)))
    schema = fields.pop("schema", SCHEMA)
    if schema != SCHEMA:
        problems.append(Problem("pack.schema", f"is {schema}; this version of shortcodes reads {SCHEMA}"))
    if base_url is not None:
        fields["base_url"] = base_url

    name = fields.setdefault("name", source.name)
    header = Pack(**fields)
    problems += pack_problems(header)
    problems += emoji_problems(emoji)
    problems += _missing_files(emoji, source)
    if problems:
        raise PackError(str(name), sorted(problems, key=_reading_order))
    return header._replace(emoji=tuple(one for _, one in emoji))


def _open(path: str) -> _Source:
    import zipfile  # slow to import, and only readers of packs need it

    try:
        if os.path.isdir(path):
            root = os.path.realpath(path)
            if not os.path.isfile(os.path.join(root, MANIFEST)):
                raise InputError(f"{path}: there is no {MANIFEST} in this folder")
            with open(os.path.join(root, MANIFEST), "rb") as manifest:
                return _Source(os.path.basename(root), manifest.read(), lambda file: _is_inside(root, file))
        if zipfile.is_zipfile(path):
            return _open_zip(path)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if not os.path.exists(path):
        raise InputError(f"{path}: there is no such file or folder")
    raise InputError(f"{path}: is not a pack; give a folder with a {MANIFEST}, or a zip of one")


def _open_zip(path: str) -> _Source:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        names = frozenset(archive.namelist())
        manifests = [name for name in names if name.rpartition("/")[2] == MANIFEST and name.count("/") <= 1]
        if len(manifests) != 1:
            raise InputError(f"{path}: a pack's zip has one {MANIFEST}, at its top; this one has {len(manifests)}")
        with archive.open(manifests[0]) as file:
            manifest = file.read(MAX_MANIFEST_BYTES + 1)  # what the header says of its size is not to be trusted
    if len(manifest) > MAX_MANIFEST_BYTES:
        raise InputError(f"{path}: {MANIFEST} is over {MAX_MANIFEST_BYTES} bytes")
    folder = manifests[0].removesuffix(MANIFEST)
    return _Source(os.path.splitext(os.path.basename(path))[0], manifest, lambda file: folder + file in names)


def _is_inside(root: str, file: str) -> bool:
    found = os.path.realpath(os.path.join(root, file))  # a link may lead out of the pack
    return found.startswith(os.path.join(root, "")) and os.path.isfile(found)


def _parse(source: _Source) -> dict[str, Any]:
    import tomllib  # only readers of packs need it

    try:
        return tomllib.loads(source.manifest.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = source.manifest.count(b"\n", 0, error.start) + 1
        problem = f"is not UTF-8 at line {line}; save it as UTF-8"
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = f"is not valid TOML: {error}"
    raise PackError(source.name, [Problem(MANIFEST, problem)])


def _missing_files(emoji: list[tuple[int, Emoji]], source: _Source) -> Iterator[Problem]:
    for number, one in emoji:
        for field, file in (("image", one.image), ("static", one.static)):
            if (
                file
                and ":" not in file
                and not file.startswith("//")
                and not file_problem(file)
                and not source.has(file)
            ):
                yield Problem(f"emoji[{number}].{field}", f"there is no file {file!r} in the pack")


def _reading_order(problem: Problem) -> tuple[int, int]:
    """Sort as a person reads the file: [pack] first, then the emoji by number."""
    number = problem.where.partition("[")[2].partition("]")[0]
    return (1, int(number)) if number.isdigit() else (0, 0)


# What each field must be. A reader takes a value and gives it typed, or raises ValueError with what would be right.


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"is {_kind(value)}; write a text in quotes")
    if not value:
        raise ValueError("is empty")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise ValueError(f'is {_kind(value)}; write a list of texts: ["one", "two"]')
    return tuple(value)


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 10_000:
        raise ValueError(f"is {value!r}; write a number of pixels from 1 to 10000")
    return value


def _schema(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"is {_kind(value)}; write schema = {SCHEMA}")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"is {_kind(value)}; write true or false")
    return value


def _alt(value: object) -> str | Mapping[str, str]:
    if isinstance(value, dict) and value and all(isinstance(one, str) for one in value.values()):
        return value
    if not isinstance(value, str):
        raise ValueError(f'is {_kind(value)}; write a text, or a table of texts: {{ en = "…", de = "…" }}')
    return value


_Reader = Callable[[object], Any]
_TABLES = {"pack", "emoji"}
_PACK_FIELDS: Mapping[str, _Reader] = {
    "schema": _schema,
    "name": _text,
    "version": _text,
    "title": _text,
    "license": _text,
    "authors": _texts,
    "homepage": _text,
    "base_url": _text,
}
_EMOJI_FIELDS: Mapping[str, _Reader] = {
    "name": _text,
    "aliases": _texts,
    "unicode": _text,
    "image": _text,
    "static": _text,
    "alt": _alt,
    "category": _text,
    "keywords": _texts,
    "width": _integer,
    "height": _integer,
    "sensitive": _flag,
    "retired": _flag,
}
_REQUIRED = {"pack": ("schema", "name"), "emoji": ("name",)}


def _table(table: object, where: str, fields: Mapping[str, _Reader], problems: list[Problem]) -> dict[str, Any]:
    """Read one table; what is wrong in it goes to `problems`, the rest is returned typed."""
    if not isinstance(table, dict):
        problems.append(Problem(where, f"is {_kind(table)}; write a table"))
        return {}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in fields:
            problems.append(Problem(f"{where}.{key}", _not_a_field(key, fields)))
            continue
        try:
            values[key] = fields[key](value)
        except ValueError as error:
            problems.append(Problem(f"{where}.{key}", str(error)))
    for key in _REQUIRED[where.partition("[")[0]]:
        if key not in table:
            problems.append(Problem(f"{where}.{key}", f"is missing; every {where.partition('[')[0]} has one"))
    return values


def _not_a_field(key: str, fields: Mapping[str, _Reader]) -> str:
    from difflib import get_close_matches  # only typos pay for it

    close = get_close_matches(key, fields, n=1)
    return f"is not a field; did you mean {close[0]!r}?" if close else f"is not a field; there are {', '.join(fields)}"


def _kind(value: object) -> str:
    """Name a TOML type as its users do."""
    kinds = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date or time")
