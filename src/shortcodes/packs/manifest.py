"""Read a pack from a folder or a zip: ``pack.toml`` to typed values, with every problem in one report."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from ..emoji import Emoji
from ..errors import InputError, PackError, Problem, quoted
from .files import is_inside, open_regular
from .pack import Content, Pack, emoji_problems, file_problem, header_problems, is_url
from .toml import parse_toml
from .zips import DEFAULT_LIMITS, is_plain, open_zip

if TYPE_CHECKING:
    from zipfile import ZipFile

MANIFEST = "pack.toml"
SCHEMA = 1
MAX_MANIFEST_BYTES = 8 * 1024 * 1024
"""Room for some 50,000 emoji."""
MAX_FILE_BYTES = DEFAULT_LIMITS.file_bytes
"""What is read of any other file."""
MAX_FILES = DEFAULT_LIMITS.files
"""How many files a pack may have."""


class Reading(NamedTuple):
    """What could be read of a pack, be it usable or not."""

    pack: Pack
    """What is wrong in it is left out, or as it stands there, if it has the right type."""
    problems: tuple[Problem, ...]
    """Everything for which `read_pack` would refuse it, in the order of the file."""
    files: Mapping[str, Content]
    """Every file beside the manifest, by its path in the pack, in the order of the paths; hidden ones aside.

    Reading one raises `InputError` if it cannot be read, or has more than `MAX_FILE_BYTES`.
    """
    document: Mapping[str, Any]
    """The manifest, as TOML: empty if it is none."""


class _Source(NamedTuple):
    """Where a pack is read from: its manifest, what keeps a file of it from being used, and which files there are."""

    name: str
    manifest: bytes
    file_problem: Callable[[str], str | None]
    files: Callable[[], Mapping[str, Content]]


def read_pack(path: str | os.PathLike[str], *, base_url: str | None = None) -> Pack:
    """Read a pack from a folder, or a zip of one, that has a ``pack.toml``.

    `base_url` replaces the manifest's. Raises `PackError`, which lists everything that is wrong in the pack, and
    `InputError` if there is no pack at that path. Nothing is unpacked.
    """
    source = _open(os.fspath(path))
    document = _parse(source)
    pack, problems = _read(source, document, base_url)
    if problems:
        raise PackError(pack.name or source.name, in_reading_order(problems, document))
    return pack


def examine_pack(path: str | os.PathLike[str]) -> Reading:
    """Read a pack as far as it can be read, with its files: for whoever wants to say what is wrong with it.

    Raises `InputError` if there is no pack at that path.
    """
    source = _open(os.fspath(path))
    try:
        document = _parse(source)
    except PackError as error:
        return Reading(Pack(source.name), error.problems, source.files(), {})
    pack, problems = _read(source, document, None)
    pack = pack._replace(name=pack.name or source.name)
    return Reading(pack, tuple(in_reading_order(problems, document)), source.files(), document)


def _read(source: _Source, document: Mapping[str, Any], base_url: str | None) -> tuple[Pack, list[Problem]]:
    problems: list[Problem] = []
    fields = _read_header(document, problems)
    emoji = _read_emoji(document, problems)
    problems += (Problem(_step(key), _not_a_table(key)) for key in document if key not in _TABLES)
    if base_url is not None:
        fields["base_url"] = base_url

    header = Pack(**fields)
    found = (*header_problems(header), *emoji_problems(enumerate(emoji)), *_missing_files(emoji, source))
    unread = {problem.where for problem in problems}
    problems += (problem for problem in found if not unread & {problem.where, problem.where.partition(".")[0]})
    return header._replace(emoji=tuple(emoji)), problems


# Opening: a folder or a zip.


def _open(path: str) -> _Source:
    import zipfile  # slow to import, and only readers of packs need it

    try:
        if os.path.isdir(path):
            return _open_folder(path)
        if zipfile.is_zipfile(path):
            with open_zip(path) as archive:
                return _open_zip(path, archive)
    except InputError:
        raise
    except Exception as error:  # a file that is cut off, encrypted or made by hand: zipfile and its codecs raise many
        reason = getattr(error, "strerror", None) or f"is a damaged zip: {str(error) or 'it is cut off'}"
        raise InputError(f"{path}: {reason}") from error
    if not os.path.exists(path):
        raise InputError(f"{path}: there is no such file or folder")
    if os.path.basename(path) == MANIFEST:
        raise InputError(f"{path}: give the folder that it is in: {os.path.dirname(path) or '.'}")
    raise InputError(f"{path}: is not a pack; give a folder with a {MANIFEST}, or a zip of one")


def _open_folder(path: str) -> _Source:
    root = os.path.realpath(path)
    if not os.path.isfile(os.path.join(root, MANIFEST)):
        raise InputError(f"{path}: there is no {MANIFEST} in this folder")
    if not is_inside(os.path.join(root, MANIFEST), root):
        raise InputError(f"{path}: {MANIFEST} {_LEADS_OUT}")
    with open_regular(os.path.join(root, MANIFEST)) as file:
        manifest = file.read(MAX_MANIFEST_BYTES + 1)

    def problem(file: str) -> str | None:
        found = os.path.join(root, file)
        if not is_inside(found, root):
            return _LEADS_OUT
        return None if os.path.isfile(found) else _IS_A_FOLDER if os.path.isdir(found) else _NO_FILE

    def files() -> Mapping[str, Content]:
        found = sorted(islice(_files_in(root), MAX_FILES + 1))
        if len(found) > MAX_FILES:
            raise InputError(f"{path}: has more than {MAX_FILES:,} files; {MAX_FILES:,} are allowed")
        return {file: partial(_read_file, root, file) for file in found}

    return _Source(os.path.basename(root), _bounded(path, manifest), problem, files)


def _files_in(root: str) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = [one for one in folders if not one.startswith(".")]
        for name in names:
            found = os.path.join(folder, name)
            inside = is_inside(found, root) and os.path.isfile(found)  # no link that leads out, no pipe
            if inside and not name.startswith(".") and found != os.path.join(root, MANIFEST):
                yield os.path.relpath(found, root).replace(os.sep, "/")


def _read_file(root: str, file: str) -> bytes:
    path = os.path.join(root, file)
    if not is_inside(path, root):  # by now: somebody has put it there since
        raise InputError(f"{path}: {_LEADS_OUT}")
    try:
        with open_regular(path) as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    return _bounded_file(path, content)


def _bounded_file(name: str, content: bytes) -> bytes:
    if len(content) > MAX_FILE_BYTES:
        raise InputError(f"{name}: has more than {MAX_FILE_BYTES >> 20} MiB")
    return content


def _open_zip(path: str, archive: "ZipFile") -> _Source:
    members = {one.filename: one for one in archive.infolist()}
    manifests = [one for one in archive.infolist() if re.fullmatch(rf"([^/]*/)?{re.escape(MANIFEST)}", one.filename)]
    if len(manifests) != 1:
        found = "none" if not manifests else ", ".join(quoted(one.filename) for one in manifests[:3])
        raise InputError(
            f"{path}: the zip of a pack has one {MANIFEST}, at its top or in its one folder; found {found}"
        )
    if len(members) < len(archive.infolist()):
        names = Counter(one.filename for one in archive.infolist())
        raise InputError(f"{path}: has {quoted(names.most_common(1)[0][0])} more than once; make the zip anew")
    with archive.open(manifests[0]) as file:
        manifest = file.read(MAX_MANIFEST_BYTES + 1)  # what the header says of its size is not to be trusted
    folder = manifests[0].filename.removesuffix(MANIFEST)

    def problem(file: str) -> str | None:
        if found := members.get(folder + file):
            return None if is_plain(found) else "is a link; put the file itself there"
        return _IS_A_FOLDER if f"{folder}{file}/" in members else _NO_FILE

    def files() -> Mapping[str, Content]:
        opened = open_zip(path)  # is closed when the last of the files is let go
        names = (one.filename for one in opened.infolist() if not one.is_dir() and is_plain(one))
        inside = {name.removeprefix(folder): name for name in names if name.startswith(folder)}
        return {
            file: partial(_read_member, opened, member)
            for file, member in sorted(inside.items())
            if file != MANIFEST and not re.search(_HIDDEN, file) and not _is_no_path(file)
        }

    return _Source(os.path.splitext(os.path.basename(path))[0], _bounded(path, manifest), problem, files)


def _is_no_path(file: str) -> bool:
    return is_url(file) or file_problem(file) is not None


def _read_member(archive: "ZipFile", member: str) -> bytes:
    try:
        with archive.open(member) as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except Exception as error:  # as above
        raise InputError(f"{quoted(member)}: cannot be read from the zip: {error}") from error
    return _bounded_file(quoted(member), content)


_HIDDEN = r"(?:^|/)(?:\.|__MACOSX/)"
_HIDDEN_FILE = "is hidden, and no file of a pack is; give it a name without a dot before it"
_LEADS_OUT = "is a link to a file outside of the pack; put the file itself there"
_IS_A_FOLDER = "is a folder; name a file in it"
_NO_FILE = "is not in the pack; add the file, or mend its name"


def _bounded(path: str, manifest: bytes) -> bytes:
    if len(manifest) > MAX_MANIFEST_BYTES:
        raise InputError(f"{path}: {MANIFEST} has more than {MAX_MANIFEST_BYTES >> 20} MiB; split the pack")
    return manifest


def _parse(source: _Source) -> dict[str, Any]:
    try:
        return parse_toml(source.manifest)
    except ValueError as error:
        raise PackError(source.name, [Problem(MANIFEST, str(error))]) from error


# Reading: what each field must be. A reader takes a value and returns it typed; what is wrong with it goes to the
# problems, and something harmless is returned, so that the rest of the pack can be looked at too.


class _Place(NamedTuple):
    """Where a value stands, and the list that takes what is wrong with it."""

    where: str
    problems: list[Problem]

    def at(self, step: str) -> "_Place":
        return _Place(self.where + step, self.problems)

    def wrong(self, message: str) -> None:
        self.problems.append(Problem(self.where, message))


_BEGIN = f'write [pack], and below it schema = {SCHEMA} and name = "…"'


def _read_header(document: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    place = _Place("pack", problems)
    if "pack" not in document:
        place.wrong(f"is missing; {_BEGIN}")
        return {"name": ""}
    fields = _read_table(document["pack"], place, _PACK_FIELDS, {"schema": str(SCHEMA), "name": '"…"'})
    fields.pop("schema", None)
    return fields


def _read_emoji(document: Mapping[str, Any], problems: list[Problem]) -> list[Emoji]:
    rows = document.get("emoji", [])
    if not isinstance(rows, list):
        found = "[emoji]" if isinstance(rows, dict) else _kind(rows)
        _Place("emoji", problems).wrong(f"is {found}; write [[emoji]], in double brackets, above each emoji")
        return []
    return [
        Emoji(**_read_table(row, _Place(f"emoji[{number}]", problems), _EMOJI_FIELDS, {"name": '"…"'}))
        for number, row in enumerate(rows)
    ]


def _read_table(
    table: object, place: _Place, readers: Mapping[str, "_Reader"], required: Mapping[str, str]
) -> dict[str, Any]:
    if not isinstance(table, dict):
        found = "[[pack]]" if place.where == "pack" and isinstance(table, list) else _kind(table)
        place.wrong(f"is {found}; " + (_BEGIN if place.where == "pack" else 'write [[emoji]], and below it name = "…"'))
        return {"name": ""}
    values: dict[str, Any] = {"name": ""}
    for key, example in required.items():
        if key not in table:
            place.at(f".{key}").wrong(f"is missing; write {key} = {example}")
    for key, value in table.items():
        if reader := readers.get(key):
            values[key] = reader(value, place.at(f".{key}"))
        else:
            place.at(f".{_step(key)}").wrong(_not_a_field(key, readers))
    return values


def _text(value: object, place: _Place) -> str:
    if not isinstance(value, str):
        place.wrong(f"is {_kind(value)}; write a text in quotes")
        return ""
    if not value:
        place.wrong("is empty; " + ("write a name" if place.where.endswith(".name") else "fill it in, or leave it out"))
    return value


def _texts(value: object, place: _Place) -> tuple[str, ...]:
    if not isinstance(value, list):
        place.wrong(f'is {_kind(value)}; write a list of texts: ["one", "two"]')
        return ()
    return tuple(_text(one, place.at(f"[{position}]")) for position, one in enumerate(value))


def _alt(value: object, place: _Place) -> str | Mapping[str, str]:
    if isinstance(value, dict) and value:
        return {language: _text(text, place.at(f".{_step(language)}")) for language, text in value.items()}
    if not isinstance(value, str):
        place.wrong(f'is {_kind(value)}; write a text, or one for each language: {{ en = "…", de = "…" }}')
        return ""
    return value


def _number(value: object, place: _Place) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = "not a whole number" if isinstance(value, float) else _kind(value)
    place.wrong(f"is {found}; write a whole number of pixels")
    return None


def _schema(value: object, place: _Place) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        place.wrong(f"is {_kind(value)}; write schema = {SCHEMA}")
    elif value != SCHEMA:
        place.wrong(f"is not known to this version of shortcodes; write schema = {SCHEMA}, or update shortcodes")


def _extra(value: object, place: _Place) -> Mapping[str, Any]:
    if isinstance(value, dict) and all(isinstance(table, dict) for table in value.values()):
        return value
    place.wrong(f"is {_kind(value)}; write a table for each format: [pack.extra.mastodon], [emoji.extra.mastodon]")
    return {}


def _flag(value: object, place: _Place) -> bool:
    if not isinstance(value, bool):
        place.wrong(f"is {_kind(value)}; write true or false")
    return value is True


_Reader = Callable[[object, _Place], Any]
_TABLES = {"pack": "[pack]", "emoji": "[[emoji]]"}
_PACK_FIELDS: Mapping[str, _Reader] = {
    "schema": _schema,
    "name": _text,
    "version": _text,
    "title": _text,
    "license": _text,
    "authors": _texts,
    "homepage": _text,
    "base_url": _text,
    "extra": _extra,
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
    "width": _number,
    "height": _number,
    "sensitive": _flag,
    "retired": _flag,
    "extra": _extra,
}


def _missing_files(emoji: list[Emoji], source: _Source) -> Iterator[Problem]:
    for number, one in enumerate(emoji):
        for field, file in (("image", one.image), ("static", one.static)):
            if not file or is_url(file) or file_problem(file):
                continue
            if problem := _HIDDEN_FILE if re.search(_HIDDEN, file) else source.file_problem(file):
                yield Problem(f"emoji[{number}].{field}", f"{quoted(file)} {problem}")


# Reporting.


def _not_a_field(key: str, fields: Mapping[str, _Reader]) -> str:
    from difflib import get_close_matches  # only typos pay for it

    close = get_close_matches(key, fields, n=1)
    return "is not a field; " + (f"did you mean {close[0]!r}?" if close else f"there are {', '.join(fields)}")


def _not_a_table(key: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(key, (*_TABLES, *_PACK_FIELDS), n=1)
    if close and close[0] in _PACK_FIELDS:
        return f"stands outside of [pack]; write {close[0]} below [pack]"
    meant = f"did you mean {_TABLES[close[0]]}?" if close else "there are [pack] and [[emoji]]"
    return f"is not a table of a pack; {meant}"


def _kind(value: object) -> str:
    """Name a TOML type as its users do."""
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date or time")


def _step(key: str) -> str:
    """Spell a key as TOML does: bare, or in quotes."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", key) else quoted(key)


class _Placed(Protocol):
    """Anything that says where in a pack it is: a `Problem`, or more than that."""

    @property
    def where(self) -> str: ...


_Found = TypeVar("_Found", bound=_Placed)


def in_reading_order(found: Iterable[_Found], document: Mapping[str, Any]) -> list[_Found]:
    """Sort what was found in a manifest as a person reads it, from its top."""
    lines: dict[str, int] = {}
    for name, value in document.items():
        tables = [(name, value)] if name != "emoji" or not isinstance(value, list) else _numbered(value)
        for where, table in tables:
            lines[where] = len(lines)
            for key in table if isinstance(table, dict) else ():
                lines[f"{where}.{_step(key)}"] = len(lines)

    def line(one: _Found) -> tuple[int, int]:
        where = one.where
        while where and where not in lines:  # what is missing is looked for where its table begins
            where = re.sub(r"(?:\.[^.\[]*|\[\d+\]|[^.\[]+)$", "", where)
        position = re.search(r"\[(\d+)\]$", one.where)
        return lines.get(where, -1), int(position[1]) if position else -1

    return sorted(found, key=line)


def _numbered(rows: list[Any]) -> list[tuple[str, Any]]:
    return [(f"emoji[{number}]", row) for number, row in enumerate(rows)]
