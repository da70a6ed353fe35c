"""From a foreign draft to a pack of ours: names, files and texts that our packs can hold, and all else reported."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from ..emoji import Emoji, name_problem
from ..errors import ImageError, InputError, Problem, quoted
from ..images.header import is_svg, read_header
from ..packs.pack import Content, Pack, emoji_problems, file_problem, header_problems, is_url
from .addresses import ending
from .format import Draft
from .names import OURS, fit_names


class Imported(NamedTuple):
    """A pack that `pack_problems` finds nothing wrong with, and how it came about."""

    draft: Draft
    names: Mapping[str, str]
    """What has another name now than it had there."""
    left_out: int = 0
    """How many emoji could not be taken over. Why is among the problems."""


def take_in(draft: Draft, name: str, names: Mapping[str, str] | None = None) -> Imported:
    """Make a pack of ours of what was read.

    `name` is the pack's, if it does not say one itself; `names` are to be given, by what the emoji are called there.
    """
    problems = list(draft.problems)
    usable = list(_once(_usable(draft, problems), problems))
    fitted = fit_names(usable, OURS, names)
    problems += fitted.problems
    emoji, files = _stored(fitted.emoji, draft.files)
    wrong = {problem.where.partition(".")[0]: problem for problem in emoji_problems(enumerate(emoji))}
    problems += (Problem(where, f"is left out: {problem.message}") for where, problem in wrong.items())
    emoji = [one for number, one in enumerate(emoji) if f"emoji[{number}]" not in wrong]
    named = {file for one in emoji for file in (one.image, one.static)}
    files = {file: content for file, content in files.items() if file in named}
    pack = _header(draft.pack, name, problems)._replace(emoji=tuple(emoji))
    return Imported(Draft(pack, files, tuple(problems)), fitted.names, len(draft.pack.emoji) - len(emoji))


def _usable(draft: Draft, problems: list[Problem]) -> Iterator[Emoji]:
    """Yield the emoji that have a picture or a sequence, with texts that our packs can hold."""
    for one in draft.pack.emoji:
        if one.image is not None and (problem := _image_problem(one.image, draft.files)):
            problems.append(Problem(quoted(one.name), f"is left out: its image {quoted(one.image)} {problem}"))
            continue
        if one.static is not None and (problem := _image_problem(one.static, draft.files)):
            problems.append(Problem(quoted(one.name), f"loses its still frame: {quoted(one.static)} {problem}"))
            one = one._replace(static=None)  # noqa: PLW2901  # the same one, mended
        if one.image is not None and one.image in draft.files and (problem := _picture_problem(draft.files[one.image])):
            problems.append(Problem(quoted(one.name), f"has an image that {problem}"))
        yield one._replace(
            name=unicodedata.normalize("NFC", one.name),
            alt=_plain(one.alt) if isinstance(one.alt, str) else {tag: _plain(text) for tag, text in one.alt.items()},
            category=_plain(one.category),
            keywords=tuple(dict.fromkeys(filter(None, map(_plain, one.keywords)))),
            aliases=tuple(dict.fromkeys(alias for alias in one.aliases if alias != one.name)),
        )


def _image_problem(file: str, files: Mapping[str, Content]) -> str | None:
    """Return why there is no such image, or None."""
    if file not in files:
        return file_problem(file) if is_url(file) else "is not there"
    try:
        content = files[file]()
    except InputError as error:
        return f"cannot be read: {error}"
    return _program_problem(file, content) if content else "is empty"


def _program_problem(file: str, content: bytes) -> str | None:
    """Return what of an SVG may run where it is served, or None. Servers go by the ending, readers by the content."""
    if ending(file) != "svg" and not is_svg(content):
        return None
    from ..images.svg import svg_problem  # slow to import, and few packs need it

    return svg_problem(content)


def _picture_problem(content: Content) -> str | None:
    """Return what is wrong with a picture, which is taken over as it is: `pack check` and `pack build` deal with it."""
    try:
        read_header(content())
    except ImageError as error:
        return None if str(error).startswith("is an SVG") else str(error)
    return None


def _once(emoji: Iterator[Emoji], problems: list[Problem]) -> Iterator[Emoji]:
    """Yield each emoji once: one that has the name and the picture of an earlier one is that one."""
    seen = set()
    for one in emoji:
        if (key := (one.name, one.image, one.unicode)) in seen:
            problems.append(Problem(quoted(one.name), "is there twice, with the same image; taken over once"))
            continue
        seen.add(key)
        yield one


# Files: by the paths they had, if those are plain; else by names that we make.

_PLAIN_PATH = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/){0,4}[A-Za-z0-9_-][A-Za-z0-9_.-]*\.[A-Za-z]+")
_MAX_PATH = 200
# Names that Windows keeps to itself, whatever their ending (Microsoft, "Naming Files, Paths, and Namespaces").
_DEVICE = re.compile(r"(?i:con|prn|aux|nul|com\d|lpt\d)")


def _stored(emoji: Sequence[Emoji], files: Mapping[str, Content]) -> tuple[list[Emoji], dict[str, Content]]:
    """Return the emoji with names of files that any system can hold, and the files by those."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    folders: set[str] = set()

    def stored(file: str | None, stem: str) -> str | None:
        if file is None or file not in files:
            return file
        if file not in names:
            names[file] = next(name for name in _file_names(file, stem) if _is_free(name, taken, folders))
            taken.add(names[file].casefold())
            folders.update(_folders(names[file]))
        return names[file]

    found = [
        one._replace(image=stored(one.image, one.name), static=stored(one.static, f"{one.name}.static"))
        for one in emoji
    ]
    return found, {names[file]: files[file] for file in names}


def _is_free(name: str, taken: set[str], folders: set[str]) -> bool:
    folded = name.casefold()
    return folded not in taken and folded not in folders and not taken & set(_folders(name))


def _folders(name: str) -> list[str]:
    steps = name.casefold().split("/")
    return ["/".join(steps[:count]) for count in range(1, len(steps))]


def _file_names(file: str, stem: str) -> Iterator[str]:
    """Yield the names that a file may get: its own, then one of its emoji's."""
    digest = sha256(file.encode("utf-8", "replace")).hexdigest()
    kind = ending(file)
    steps = file.split("/")
    is_plain = len(file) <= _MAX_PATH and _PLAIN_PATH.fullmatch(file) and file.lower().endswith(f".{kind}")
    if is_plain and not any(_DEVICE.fullmatch(step.partition(".")[0]) or step.endswith(".") for step in steps):
        yield file
    plain = re.sub(r"[^A-Za-z0-9_.-]", "", stem).strip(".")[:100]
    if plain and not _DEVICE.fullmatch(plain.partition(".")[0]):
        yield f"{plain}.{kind}"
    yield from (f"{plain or 'emoji'}-{digest[:length]}.{kind}" for length in range(8, len(digest) + 1, 8))


# Texts.


def _plain(text: str) -> str:
    """Return a text on one line, without controls and what else nobody sees: packs have none."""
    text = re.sub(r"\s+", " ", text).strip()
    if text.isprintable():
        return text
    return "".join(character for character in text if _is_seen(character))


def _is_seen(character: str) -> bool:
    joins = "\u200c\u200d\u00ad"  # they join what stands beside them; emoji in texts have them
    return character in joins or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _header(pack: Pack, name: str, problems: list[Problem]) -> Pack:
    """Return the pack without its emoji, its name made to fit, and its fields that ours may not have left out."""
    wanted = pack.name or name
    fitted = fit_names([Emoji(wanted)], OURS).emoji[0].name if name_problem(wanted) else wanted
    if wanted != fitted and pack.name:
        problems.append(Problem("pack.name", f"{quoted(wanted)} is renamed to {quoted(fitted)}"))
    pack = pack._replace(
        name=fitted,
        emoji=(),
        version=_plain(pack.version),
        title=_plain(pack.title),
        license=_plain(pack.license),
        authors=tuple(filter(None, map(_plain, pack.authors))),
    )
    for problem in header_problems(pack):
        field = problem.where.removeprefix("pack.").partition("[")[0]
        problems.append(Problem(problem.where, f"is left out: {problem.message}"))
        empty: dict[str, Any] = {field: () if field == "authors" else ""}
        pack = pack._replace(**empty)
    return pack
