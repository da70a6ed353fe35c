"""Emoji that come to a pack which has their names already: found, all of them, before anything is written."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ..emoji import Emoji
from ..errors import OptionError, PackError, Problem, quoted
from ..packs.pack import Content
from .format import Draft
from .incoming import Imported

CHOICES: Final = ("fail", "skip", "replace", "rename")
"""What to do about an emoji whose name is taken: refuse all of them, keep the old one, take the new one, keep both."""


class Merged(NamedTuple):
    """A pack, with what came to it."""

    imported: Imported
    added: int = 0
    replaced: int = 0
    skipped: int = 0
    same: int = 0
    """How many were there already, with the same image and all."""


def merge(old: Draft, new: Imported, on_conflict: str = "fail") -> Merged:
    """Add emoji to a pack.

    Names that both have are settled as asked. `replace` puts the new emoji in the old one's place and keeps the old
    one's aliases; an alias of an old emoji goes to the new one that has it as its name. A name of an old emoji is never
    taken by a new one's alias. Raises `PackError` with every conflict if they are to fail.
    """
    if on_conflict not in CHOICES:
        raise OptionError.unknown("on_conflict", on_conflict, CHOICES)
    owners = {name: one for one in old.pack.emoji for name in one.names}
    incoming, same = _without_same(old, new, owners)
    clashes = {one.name: owners[one.name] for one in incoming if one.name in owners}
    if clashes and on_conflict == "fail":
        raise PackError(old.pack.name, [Problem(quoted(name), _taken(name, owner)) for name, owner in clashes.items()])
    if on_conflict == "skip":
        problems = [Problem(quoted(name), f"is skipped: {_taken(name, owner)}") for name, owner in clashes.items()]
        merged = _joined(old, new, [one for one in incoming if one.name not in clashes], problems)
        return merged._replace(skipped=len(clashes), same=same)
    if on_conflict == "rename":
        new, incoming = _renamed(new, incoming, owners)
        return _joined(old, new, incoming, [])._replace(same=same)
    return _joined(old, new, incoming, [], clashes)._replace(same=same)


def _taken(name: str, owner: Emoji) -> str:
    is_alias = f"an alias of {quoted(owner.name)}" if owner.name != name else "an emoji"
    return f"is {is_alias} there already; say --on-conflict skip, replace or rename"


def _without_same(old: Draft, new: Imported, owners: Mapping[str, Emoji]) -> tuple[list[Emoji], int]:
    """Return the emoji that are not there already, as they are, and how many are."""
    incoming = [one for one in new.draft.pack.emoji if not _is_same(old, new.draft, owners.get(one.name), one)]
    return incoming, len(new.draft.pack.emoji) - len(incoming)


def _is_same(old: Draft, new: Draft, one: Emoji | None, other: Emoji) -> bool:
    if one is None or one._replace(image=None, static=None) != other._replace(image=None, static=None):
        return False
    return all(
        _bytes(old.files, before) == _bytes(new.files, after)
        for before, after in ((one.image, other.image), (one.static, other.static))
    )


def _bytes(files: Mapping[str, Content], file: str | None) -> bytes | str | None:
    return files[file]() if file is not None and file in files else file


def _renamed(new: Imported, incoming: list[Emoji], owners: Mapping[str, Emoji]) -> tuple[Imported, list[Emoji]]:
    """Give the emoji whose names are taken the next number that is free: ``otter_2``."""
    taken = {*owners, *(name for one in incoming for name in one.names)}
    names: dict[str, str] = {}
    for one in incoming:
        if one.name in owners:
            number = 2
            while (name := f"{one.name[:_ROOM]}_{number}") in taken:
                number += 1
            taken.add(name)
            names[one.name] = name
    mapped = {old: names.get(name, name) for old, name in new.names.items()}
    mapped |= {old: name for old, name in names.items() if old not in new.names.values()}
    return new._replace(names=mapped), [one._replace(name=names.get(one.name, one.name)) for one in incoming]


_ROOM = 120  # of the 128 characters of a name


def _joined(
    old: Draft,
    new: Imported,
    incoming: list[Emoji],
    problems: list[Problem],
    replaced: Mapping[str, Emoji] | None = None,
) -> Merged:
    """Put both together: names first, so that no alias takes one."""
    replaced = replaced or {}
    in_place = {owner.name: name for name, owner in replaced.items() if owner.name == name}
    by_name = {one.name: one for one in incoming}
    kept = [one for one in old.pack.emoji if one.name not in in_place]
    names = {*(one.name for one in kept), *by_name}
    owners = {alias: one.name for one in kept for alias in one.aliases if alias not in names}
    for one in incoming:  # an old alias stays where it is, unless a new emoji has that name
        old_ones = next((was.aliases for was in old.pack.emoji if was.name == one.name), ())
        aliases = []
        for alias in dict.fromkeys((*one.aliases, *old_ones)):
            if alias in names or owners.get(alias, one.name) != one.name:
                problems.append(Problem(quoted(alias), f"is left out as an alias of {quoted(one.name)}: it is taken"))
                continue
            owners[alias] = one.name
            aliases.append(alias)
        by_name[one.name] = one._replace(aliases=tuple(aliases))
    emoji, files = _with_files(old, new.draft, [by_name[one.name] for one in incoming], in_place)
    for number, one in enumerate(emoji):
        if one.name in by_name:
            continue
        if lost := [alias for alias in one.aliases if alias in by_name]:
            emoji[number] = one._replace(aliases=tuple(alias for alias in one.aliases if alias not in lost))
            was = f"was an alias of {quoted(one.name)}; it is an emoji now"
            problems += (Problem(quoted(alias), was) for alias in lost)
    draft = Draft(old.pack._replace(emoji=tuple(emoji)), files, (*new.draft.problems, *problems))
    return Merged(new._replace(draft=draft), len(incoming) - len(in_place), len(in_place))


def _with_files(
    old: Draft, new: Draft, incoming: list[Emoji], in_place: Mapping[str, str]
) -> tuple[list[Emoji], dict[str, Content]]:
    """Return all emoji in their places, and all files: new ones under names that no old one has."""
    used = {file for one in old.pack.emoji if one.name not in in_place for file in (one.image, one.static)}
    gone = {file for one in old.pack.emoji if one.name in in_place for file in (one.image, one.static)} - used
    files = {file: content for file, content in old.files.items() if file not in gone}
    taken = {file.casefold() for file in files}
    names: dict[str, str] = {}
    for one in incoming:
        for file in (one.image, one.static):
            if file is not None and file in new.files and file not in names:
                stem, dot, kind = file.rpartition(".")
                number, name = 2, file
                while name.casefold() in taken:
                    number, name = number + 1, f"{stem}-{number}{dot}{kind}"
                taken.add(name.casefold())
                names[file] = name
                files[name] = new.files[file]
    arrived = {
        one.name: one._replace(
            image=names.get(one.image or "", one.image), static=names.get(one.static or "", one.static)
        )
        for one in incoming
    }
    emoji = [arrived.pop(one.name) if one.name in in_place else one for one in old.pack.emoji]
    return [*emoji, *arrived.values()], files
