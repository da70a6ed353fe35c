"""Edit a pack in its folder. What a person wrote in ``pack.toml`` stays, byte for byte, where nothing changes.

Every edit is all or nothing: what `read_pack` would not read is not written. Two edits at once wait for each other.
"""

import contextlib
import os
import re
import time
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..emoji import Emoji, invisible_problem
from ..errors import InputError, PackError, Problem
from ..whole import beside, clear_beside, errors_of, open_whole, synchronise_file, synchronise_folder
from .layout import end_of_line_of, entries_of, spliced, with_fields, without
from .manifest import MANIFEST, MAX_MANIFEST_BYTES, _open_folder, _parse, _read, in_reading_order
from .pack import Content, Pack
from .to_toml import emoji_to_toml
from .toml import parse_toml
from .write import file_name_problems, images_of

_PATIENCE = 10.0  # seconds that an edit waits for another one


class Edited(NamedTuple):
    """What an edit did."""

    pack: Pack
    """As it is now."""
    notes: tuple[str, ...] = ()
    """What was done, a line each."""
    warnings: tuple[str, ...] = ()
    """What it means for posts that are there, and what is left to do."""


class _Plan(NamedTuple):
    """What is to be done to a manifest, and to the files beside it."""

    fields: Mapping[int, Mapping[str, Any]] = {}
    """For an emoji, by its number: the fields to be set, None for one to be taken out."""
    gone: frozenset[int] = frozenset()
    new: tuple[Emoji, ...] = ()
    files: Mapping[str, Content] = {}
    delete: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


_Rows = Sequence[Mapping[str, Any]]


def add_emoji(
    folder: str | os.PathLike[str],
    emoji: Iterable[Emoji],
    files: Mapping[str, Content] | None = None,
    *,
    dry_run: bool = False,
) -> Edited:
    """Write emoji at the end of a manifest, and their files into the folder.

    A file that is there already is not replaced. Raises `PackError` with everything that is wrong, such as names that
    are taken, and `InputError` if something cannot be written; nothing is then.
    """
    new = tuple(emoji)
    notes = tuple(f"added :{one.name}:" for one in new)
    return _edit(folder, lambda _: _Plan(new=new, files=files or {}, notes=notes), dry_run=dry_run)


def rename_emoji(
    folder: str | os.PathLike[str], old: str, new: str, *, alias: bool = True, dry_run: bool = False
) -> Edited:
    """Give an emoji another name. The old one stays as an alias, so that posts render, unless `alias` is False.

    A new name that was an alias changes places with the old one. If the old one is an alias, the new one stands before
    it. Raises `InputError` if there is no such name, or the new one is another emoji's.
    """

    def plan(rows: _Rows) -> _Plan:
        number = _number(rows, old)
        name, aliases = _names(rows[number])
        if new == name:
            raise InputError(f":{new}: is its name already; choose another one")
        taken = _owner(rows, new)
        if taken is not None and not (taken == number and old == name and new in aliases):
            is_alias = "" if _names(rows[taken])[0] == new else f", an alias of :{_names(rows[taken])[0]}:"
            raise InputError(f":{new}: is taken by emoji[{taken}]{is_alias}; choose another name")
        others = [one for one in aliases if one != new]
        kept = [old] if alias else []
        if old == name:
            changed: dict[str, Any] = {"name": new}
            place = aliases.index(new) if new in aliases else len(others)
            others[place:place] = kept
        else:
            changed = {}
            place = others.index(old)
            others[place : place + 1] = [new, *kept]
        if others != aliases:
            changed["aliases"] = others or None
        of = f" as an alias of :{name}:" if old != name else ""
        note = f":{old}: is now :{new}:{of}" + (f"; :{old}: stays as an alias" if alias else "")
        left = () if alias else (f"posts with :{old}: will show it as text",)
        return _Plan({number: changed}, notes=(note,), warnings=left)

    return _edit(folder, plan, dry_run=dry_run)


def retire_emoji(
    folder: str | os.PathLike[str], names: Iterable[str], *, undo: bool = False, dry_run: bool = False
) -> Edited:
    """Take emoji out of use: old posts still render, new ones are not offered them. `undo` offers them again.

    Raises `InputError` if there is no such name.
    """
    wanted = tuple(names)

    def plan(rows: _Rows) -> _Plan:
        fields: dict[int, dict[str, Any]] = {}
        notes: list[str] = []
        for number in dict.fromkeys(_numbers(rows, wanted)):
            name = _names(rows[number])[0]
            if (rows[number].get("retired") is True) is not undo:
                notes.append(f":{name}: is {'not ' if undo else ''}retired already")
                continue
            fields[number] = {"retired": None if undo else True}
            notes.append(f":{name}: is {'offered again' if undo else 'retired; old posts still show it'}")
        return _Plan(fields, notes=tuple(notes))

    return _edit(folder, plan, dry_run=dry_run)


def remove_emoji(
    folder: str | os.PathLike[str], names: Iterable[str], *, files: bool = False, dry_run: bool = False
) -> Edited:
    """Take emoji out of a pack; of an emoji that is named by an alias, the alias alone. Posts will show them as text.

    `files` deletes their images, too, if no other emoji has them. Raises `InputError` if there is no such name.
    """
    wanted = tuple(names)

    def plan(rows: _Rows) -> _Plan:
        numbers = _numbers(rows, wanted)
        gone = {number for number, name in zip(numbers, wanted, strict=True) if _names(rows[number])[0] == name}
        fields: dict[int, dict[str, Any]] = {}
        notes: list[str] = []
        lost: list[str] = []
        for number in sorted(gone):
            name, aliases = _names(rows[number])
            lost += [name, *aliases]
            notes.append(f"removed :{name}:" + (f" and its aliases {_listed(aliases)}" if aliases else ""))
        for number in sorted(set(numbers) - gone):
            name, aliases = _names(rows[number])
            less = [one for one in aliases if one in wanted]
            lost += less
            fields[number] = {"aliases": [one for one in aliases if one not in wanted] or None}
            notes.append(f"removed {_listed(less)} from the aliases of :{name}:; the emoji stays")
        unused = _images(rows[number] for number in gone)
        unused -= _images(row for number, row in enumerate(rows) if number not in gone)
        instead = "; an emoji that is retired instead is still shown" if gone else ""
        warnings = [f"posts with {_listed(lost)} will show text{instead}"]
        if files:
            notes += (f"deleted {file}" for file in sorted(unused))
        elif unused:
            warnings.append(f"no emoji has these files any more: {', '.join(sorted(unused))}")
        delete = tuple(sorted(unused)) if files else ()
        return _Plan(fields, frozenset(gone), delete=delete, notes=tuple(notes), warnings=tuple(warnings))

    return _edit(folder, plan, dry_run=dry_run)


def derived_name(text: str) -> str:
    """Return the name that a file, without its ending, or a folder gives to an emoji or a pack; it may be empty.

    In NFC, with an underscore for white space and dots, and nothing else that may not stand in a name.

    >>> derived_name("Tabby  cat (sleepy)"), derived_name("l'été.2"), derived_name("!!")
    ('Tabby_cat_sleepy', 'lété_2', '')
    """
    words = re.sub(r"[\s.]+", "_", unicodedata.normalize("NFC", text))
    seen = (one for one in words if not invisible_problem(one))
    kept = "".join(one for one in seen if one in "_+-" or unicodedata.category(one)[0] in "LMN")
    name = unicodedata.normalize("NFC", kept.strip("_"))
    return name if any(map(str.isalnum, name)) else ""


# Finding.


def _names(row: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the name and the aliases, as far as they are there: a pack that is broken may be mended by an edit."""
    name, aliases = row.get("name"), row.get("aliases")
    texts = [one for one in aliases if isinstance(one, str)] if isinstance(aliases, list) else []
    return (name if isinstance(name, str) else ""), texts


def _owner(rows: _Rows, name: str) -> int | None:
    """Return the number of the emoji that has the name, as its own rather than as an alias."""
    as_alias = None
    for number, row in enumerate(rows):
        own, aliases = _names(row)
        if own == name:
            return number
        if as_alias is None and name in aliases:
            as_alias = number
    return as_alias


def _numbers(rows: _Rows, names: Sequence[str]) -> list[int]:
    owners = {name: number for number, row in reversed([*enumerate(rows)]) for name in _names(row)[1]}
    owners |= {_names(row)[0]: number for number, row in reversed([*enumerate(rows)])}
    if missing := [name for name in names if name not in owners]:
        from difflib import get_close_matches  # only typos pay for it

        close = get_close_matches(missing[0], owners, n=1)
        hint = f"; did you mean :{close[0]}:?" if close else ""
        raise InputError(f"the pack has no {_listed(missing)}{hint}")
    return [owners[name] for name in names]


def _number(rows: _Rows, name: str) -> int:
    return _numbers(rows, (name,))[0]


def _images(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    files = ((row.get("image"), row.get("static")) for row in rows)
    return images_of(Emoji("", image=_text(image), static=_text(static)) for image, static in files)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f":{name}:" for name in names)


# Writing.


def _edit(folder: str | os.PathLike[str], decide: Callable[[_Rows], _Plan], *, dry_run: bool) -> Edited:
    shown = os.fspath(folder)
    root = os.path.realpath(folder)
    if not os.path.isdir(root):
        what = "is a file; to edit a zip, unpack it" if os.path.exists(root) else "there is no such folder"
        raise InputError(f"{shown}: {what}")
    with _alone(root, shown):
        source = _open_folder(shown)
        document = _parse(source)
        text = source.manifest.decode("utf-8-sig")
        plan = decide(_rows(document))
        edited = _apply(text, document, plan, source.name)
        manifest = BOM_UTF8 * source.manifest.startswith(BOM_UTF8) + edited.encode()
        if len(manifest) > MAX_MANIFEST_BYTES:
            raise InputError(f"{shown}: {MANIFEST} would have more than {MAX_MANIFEST_BYTES >> 20} MiB; split the pack")
        if problems := tuple(file_name_problems(plan.files)):
            raise PackError(source.name, problems)
        checked = source._replace(
            manifest=manifest, file_problem=lambda file: None if file in plan.files else source.file_problem(file)
        )
        after = _parse(checked)
        pack, wrong = _read(checked, after, None)
        if wrong:
            raise PackError(pack.name or source.name, in_reading_order(wrong, after))
        left: tuple[str, ...] = ()
        if not dry_run and (manifest != source.manifest or plan.files):
            with _written(root, shown, plan.files):
                _replace(shown, source.manifest, manifest)
            left = tuple(_delete(root, plan.delete))
        return Edited(pack, plan.notes, (*plan.warnings, *left))


def _rows(document: Mapping[str, Any]) -> _Rows:
    rows = document.get("emoji", [])
    return [row if isinstance(row, dict) else {} for row in rows] if isinstance(rows, list) else []


def _apply(text: str, document: Mapping[str, Any], plan: _Plan, name: str) -> str:
    """Return the manifest with the plan carried out, and be sure that it says that and nothing else."""
    entries = entries_of(text)
    if len(entries) != len(_rows(document)) or ("emoji" in document and not entries):
        problem = "is written as one list; to edit it, write [[emoji]] above each emoji, and its fields below"
        raise PackError(name, [Problem("emoji", problem)])
    parts = {
        (entries[number].heading, entries[number].fields): with_fields(text, entries[number], fields)
        for number, fields in plan.fields.items()
        if fields
    }
    edited = spliced(text, parts) if parts else text
    if plan.gone:
        now = entries_of(edited) if parts else entries
        edited = without(edited, [now[number] for number in sorted(plan.gone)])
    problems: list[Problem] = []
    first = len(entries) - len(plan.gone)
    new = [emoji_to_toml(one, f"emoji[{first + number}]", problems) for number, one in enumerate(plan.new)]
    if problems:
        raise PackError(name, problems)
    edited = _appended(edited, new)
    expected = [*_expected(_rows(document), plan), *parse_toml("\n".join(new).encode()).get("emoji", [])]
    if parse_toml(edited.encode()) != _with_emoji(document, expected):
        raise InputError(f"{name}: {MANIFEST} is written in a way that cannot be edited safely; edit it by hand")
    return edited


def _expected(rows: _Rows, plan: _Plan) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows):
        if number not in plan.gone:
            merged = {**row, **plan.fields.get(number, {})}
            yield {key: value for key, value in merged.items() if value is not None}


def _with_emoji(document: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    others = {key: value for key, value in document.items() if key != "emoji"}
    return {**others, "emoji": rows} if rows else others


def _appended(text: str, tables: Sequence[str]) -> str:
    end = end_of_line_of(text)
    for table in tables:
        if text:
            text += ("" if text.endswith("\n") else end) + end
        text += table.replace("\n", end)
    return text


@contextlib.contextmanager
def _alone(root: str, shown: str) -> Iterator[None]:
    """Wait until no other edit has the folder; `InputError` if that takes too long."""
    try:
        import fcntl  # POSIX has it
    except ImportError:  # what is left then is the look that `_replace` takes
        yield
        return
    descriptor = os.open(root, os.O_RDONLY)
    try:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                clear_beside(root)  # what was left of a pack that was to be put here
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise InputError(f"{shown}: another command is editing this pack; try again later") from error
                time.sleep(0.02)
            except OSError:  # some network file systems lock no folders
                break
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _written(root: str, shown: str, files: Mapping[str, Content]) -> Iterator[None]:
    """Write new files into the folder; they are gone again if what is done with them fails."""
    made: list[str] = []
    folders: list[str] = []
    try:
        with errors_of(shown):
            for name in sorted(files):
                content = files[name]()
                path = os.path.join(shown, *name.split("/"))
                folders.extend(_make_folders(root, os.path.dirname(path), f"{path}: cannot be written"))
                _write_new(path, content)
                made.append(path)
            for path in made:
                synchronise_file(path)
            for folder in {os.path.dirname(path) for path in made}:
                synchronise_folder(folder)
        yield
    except BaseException:
        for path in made:
            with contextlib.suppress(OSError):
                os.unlink(path)
        for folder in reversed(folders):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        raise


def _check_inside(root: str, folder: str, what: str) -> None:
    if not os.path.join(os.path.realpath(folder), "").startswith(os.path.join(root, "")):
        raise InputError(f"{what}: its folder is a link that leads out of the pack; make it a folder")


def _write_new(path: str, content: bytes) -> None:
    """Write a file that is not there yet, and that is whole as soon as it is there."""
    if os.path.lexists(path):  # it is not ours
        raise InputError(f"{path}: is there already; give the new file another name")
    with beside(os.path.abspath(path)) as unfinished:
        with open(unfinished, "wb") as file:
            file.write(content)
        os.rename(unfinished, path)


def _make_folders(root: str, folder: str, what: str) -> Iterator[str]:
    """Make a folder of the pack, and those that it is in; yield each that was not there, from the top."""
    missing: list[str] = []
    while not os.path.lexists(folder):
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    _check_inside(root, folder, what)  # before anything is made in it
    for one in missing:
        os.mkdir(one)
        yield one


def _replace(shown: str, before: bytes, after: bytes) -> None:
    path = os.path.join(shown, MANIFEST)
    with open_whole(os.path.realpath(path) if os.path.islink(path) else path) as file:
        file.write(after)
        with open(path, "rb") as now:
            if now.read(len(before) + 1) != before:  # by an editor, which knows no locks
                raise InputError(f"{shown}: {MANIFEST} was changed by somebody else meanwhile; try again")


def _delete(root: str, files: Iterable[str]) -> Iterator[str]:
    """Delete files of the pack; yield a line for each that cannot be."""
    for name in files:
        path = os.path.join(root, *name.split("/"))
        try:
            _check_inside(root, os.path.dirname(path), f"{name} is not deleted")
            os.unlink(path)
        except InputError as error:
            yield str(error)
        except OSError as error:
            yield f"{name} is not deleted: {error.strerror}"
