"""A pack to one that can be published: every image looked at, made fit, and named; only what changed is made again.

::

    built = build_pack("cats", "dist/cats", BuildSettings(size=128), jobs=2)
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from itertools import count
from typing import Any, NamedTuple

from ..emoji import Emoji
from ..errors import ImageError, InputError, PackError, Problem, quoted
from ..packs.manifest import Reading, examine_pack
from ..packs.pack import Content, Pack, is_url
from ..packs.to_toml import to_toml
from .cache import Cache, cache_key
from .make import Made, MakeSettings, Part, Role, make
from .publish import opened, publish, published, size_of
from .sprite import Stamp, draw_sprite, sprite_css
from .workers import in_processes

EXTRA = "build"
"""The table of `extra` that says which files there are beside ``image`` and ``static``."""


class BuildSettings(NamedTuple):
    """What is built."""

    make: MakeSettings = MakeSettings()
    hashed: bool = False
    """Whether files are named for what is in them: ``cat.0f1e2d3c4b5a.png`` never changes, and may be kept for ever."""
    sprite: bool = False
    """Whether there is a sheet of all pictures, and its CSS."""


class Task(NamedTuple):
    """One image of the pack to be made."""

    file: str
    only_still: bool
    """Whether it is the still frame of an animation: if it moves, its first frame is what is wanted."""
    where: str
    """The first place that names it: ``emoji[3].image``."""


class Built(NamedTuple):
    """What a build did."""

    pack: Pack
    images: int
    made: int
    """How many of the images were made now, and not taken from an earlier build."""
    bytes_in: int
    bytes_out: int
    """Of all that is published; 0 if nothing had changed, and nothing was written."""


Progress = Callable[[int, int], None]
"""Is told how many images are done, of how many."""


def build_pack(  # noqa: PLR0913  # what, where, how, and by how many
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    settings: BuildSettings = BuildSettings(),  # noqa: B008  # a frozen value
    *,
    as_zip: bool = False,
    jobs: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> Built:
    """Build a pack (a folder, or a zip of one) to `target`, which becomes a zip or a link to a folder.

    The same pack and settings give the same bytes, with the same versions of the libraries. At any moment the target is
    the old build or the new one; a build that was cut off leaves what it has made for the next. More than one job means
    processes: call it where `multiprocessing` may start them. Raises `PackError` with everything that is wrong with the
    pack and its images, and `InputError` if there is no pack, or the target cannot be written.
    """
    reading = examine_pack(source)
    if reading.problems:
        raise PackError(reading.pack.name, reading.problems)
    with opened(os.fspath(target), as_zip=as_zip) as place:
        cache = Cache(place.cache)
        tasks = plan(reading.pack)
        sources = _read_sources(tasks, reading, settings)
        carried = {file: content for file, content in reading.files.items() if re.fullmatch(_CARRIED, file)}
        made_of = _digest(reading.pack, settings, tasks, sources, carried)
        bytes_in = sum(one.size for one in sources.values())
        if published(place) == made_of:
            return Built(reading.pack, len(tasks), 0, bytes_in, 0)
        missing = [task for task in tasks if not cache.load(sources[task].key)]
        _make_all(missing, reading, settings, sources, cache, jobs=jobs, progress=progress)
        cache.keep(one.key for one in sources.values())
        pack, files = assemble(reading.pack, {task: sources[task].key for task in tasks}, cache, settings)
        publish(place, pack, {**carried, **files}, made_of)
        return Built(pack, len(tasks), len(missing), bytes_in, size_of(place))


# What has to be done.


def plan(pack: Pack) -> tuple[Task, ...]:
    """Return the images of a pack that are files, each once, sorted by name; those at a URL stay as they are."""
    wanted: dict[tuple[str, bool], str] = {}
    for number, emoji in enumerate(pack.emoji):
        for field, file in (("image", emoji.image), ("static", emoji.static)):
            if file and not is_url(file):
                wanted.setdefault((file, field == "static"), f"emoji[{number}].{field}")
    return tuple(Task(file, only_still, where) for (file, only_still), where in sorted(wanted.items()))


# What it is made of.


class _SourceFile(NamedTuple):
    size: int
    key: str


def _read_sources(tasks: Iterable[Task], reading: Reading, settings: BuildSettings) -> dict[Task, _SourceFile]:
    found, problems = {}, []
    for task in tasks:
        try:
            content = reading.files[task.file]()
        except InputError as error:
            problems.append(Problem(task.where, str(error)))
            continue
        key = cache_key(content, task.file, settings.make, only_still=task.only_still)
        found[task] = _SourceFile(len(content), key)
    if problems:
        raise PackError(reading.pack.name, problems)
    return found


def _digest(
    pack: Pack,
    settings: BuildSettings,
    tasks: Iterable[Task],
    sources: Mapping[Task, _SourceFile],
    carried: Mapping[str, Content],
) -> str:
    """Return what names a build: the digest of all that goes into it."""
    inputs = [
        to_toml(pack),
        repr((settings.hashed, settings.sprite)),
        *(f"{task.file} {task.only_still} {sources[task].key}" for task in tasks),
        *(f"{file} {sha256(content()).hexdigest()}" for file, content in carried.items()),
    ]
    return sha256("\0".join(inputs).encode()).hexdigest()[:32]


def _make_all(  # noqa: PLR0913  # all that a build has
    tasks: list[Task],
    reading: Reading,
    settings: BuildSettings,
    sources: Mapping[Task, _SourceFile],
    cache: Cache,
    *,
    jobs: int,
    progress: Progress,
) -> None:
    """Make the images that are not in the cache. Raises `PackError` with all that cannot be made."""
    first = {sources[task].key: task for task in reversed(tasks)}  # the same image under several names is made once

    def pending() -> Iterator[tuple[_Job]]:
        for key, task in first.items():
            yield (_Job(cache, key, reading.files[task.file](), task.file, settings.make, task.only_still),)

    problems: dict[str, str] = {}
    workers = max(1, min(jobs, len(first) // _FOR_A_PROCESS))
    for done, (key, problem) in enumerate(in_processes(_make, pending(), workers=workers), 1):
        if problem:
            problems[key] = problem
        progress(done, len(first))
    if problems:
        wrong = ((task, problems.get(sources[task].key)) for task in tasks)
        found = [Problem(task.where, f"{quoted(task.file)} {problem}") for task, problem in wrong if problem]
        raise PackError(reading.pack.name, found)


_FOR_A_PROCESS = 6  # images: to start a process takes as long as to make these


class _Job(NamedTuple):
    """One image to be made and kept in a cache."""

    cache: Cache
    key: str
    content: bytes
    name: str
    settings: MakeSettings
    only_still: bool


def _make(job: _Job) -> tuple[str, str | None]:
    """Make an image; return its key, and what is wrong with it."""
    try:
        made = make(job.content, job.name, job.settings, only_still=job.only_still)
    except ImageError as error:
        return job.key, str(error)
    job.cache.store(job.key, made)
    return job.key, None


# What comes out.


def assemble(
    pack: Pack, keys: Mapping[Task, str], cache: Cache, settings: BuildSettings
) -> tuple[Pack, dict[str, Content]]:
    """Return the pack as it is published, and its files, which are read when they are written.

    A file keeps the name of the one that it is made of, with its new ending. Where two would be one, as when cat.jpg
    and cat.png both become PNGs, or Cat.png and cat.png on some systems, one gets a number behind.
    """
    moving = {(emoji.image or "", False) for emoji in pack.emoji if not emoji.static}  # whose still frame is of use
    files: dict[str, Content] = {}
    results: dict[tuple[str, bool], _Result] = {}
    taken = set(_RESERVED)
    for task, made in sorted(_made(keys, cache), key=_changes_name):
        numbers = [n for n, part in enumerate(made.parts) if part.role != "static" or task[:2] in moving]
        endings = {made.parts[n].role: _ending(made.parts[n], hashed=settings.hashed) for n in numbers}
        stem = _free_stem(os.path.splitext(task.file)[0], endings.values(), taken)
        files.update((stem + endings[made.parts[n].role], partial(cache.part, keys[task], n)) for n in numbers)
        names = {role: stem + ending for role, ending in endings.items()}
        results[task[:2]] = _Result(made._replace(parts=()), names)
    emoji = tuple(_published(one, results) for one in pack.emoji)
    built = pack._replace(emoji=emoji, extra={name: table for name, table in pack.extra.items() if name != EXTRA})
    if settings.sprite and (sheet := _sprite(emoji, files, hashed=settings.hashed)):
        files.update(sheet)
        built = built._replace(extra={**built.extra, EXTRA: {"sprite": list(sheet)}})
    return built, files


_HASH = 12
_RESERVED = frozenset({"sprite.png", "sprite.css"})
_CARRIED = r"(?i:licen[cs]e|copying|notice|readme|authors)(?:\.(?:md|txt|rst))?"  # who publishes images owes these
_SUFFIXES: Mapping[Role, str] = {"image": "", "gif": "", "static": "-still", "twice": "@2x"}


def _made(keys: Mapping[Task, str], cache: Cache) -> Iterator[tuple[Task, Made]]:
    for task, key in keys.items():
        made = cache.load(key)
        assert made is not None  # it has just been made, and the workshop is ours
        yield task, made


def _changes_name(made: tuple[Task, Made]) -> bool:
    """Tell those that get another ending: they give way to those that have theirs already."""
    return not made[0].file.endswith(f".{made[1].parts[0].ending}")


def _ending(part: Part, *, hashed: bool) -> str:
    digest = f".{sha256(part.content).hexdigest()[:_HASH]}" if hashed else ""
    return f"{_SUFFIXES[part.role]}{digest}.{part.ending}"


def _free_stem(wanted: str, endings: Iterable[str], taken: set[str]) -> str:
    for number in count(1):
        stem = wanted if number == 1 else f"{wanted}-{number}"
        names = {f"{stem}{ending}".casefold() for ending in endings}
        if not names & taken:
            break
    taken |= names
    return stem


class _Result(NamedTuple):
    made: Made
    names: Mapping[Role, str]


_BESIDE = frozenset({"gif", "twice"})


def _published(emoji: Emoji, results: Mapping[tuple[str, bool], _Result]) -> Emoji:
    extra: dict[str, Any] = {name: table for name, table in emoji.extra.items() if name != EXTRA}
    if still := results.get((emoji.static or "", True)):
        emoji = emoji._replace(static=still.names["image"])
    if found := results.get((emoji.image or "", False)):
        names, made = found.names, found.made
        static = emoji.static or names.get("static")
        sized = emoji.width and emoji.height and (emoji.width, emoji.height) != made.source
        if not sized:  # what the pack says on purpose stays: an emoji that is shown larger, or smaller
            emoji = emoji._replace(width=made.width, height=made.height)
        emoji = emoji._replace(image=names["image"], static=static)
        beside = {role: file for role, file in names.items() if role in _BESIDE}
        if beside:
            extra[EXTRA] = beside
    return emoji._replace(extra=extra)


def _sprite(emoji: Iterable[Emoji], files: Mapping[str, Content], *, hashed: bool) -> dict[str, Content]:
    """Return the sheet of the pictures that stand still, and its CSS; nothing if there are none."""
    stamps = []
    for one in emoji:
        file = one.static or one.image or ""
        if file in files:
            stamps.append(Stamp(one.names, files[file]()))
    if not stamps:
        return {}
    try:
        sprite = draw_sprite(stamps)
    except ImageError as error:
        raise InputError(f"--sprite: {error}") from error
    digest = f".{sha256(sprite.png).hexdigest()[:_HASH]}" if hashed else ""
    sheet = f"sprite{digest}.png"
    css = sprite_css(sprite, sheet).encode()
    style = f"sprite.{sha256(css).hexdigest()[:_HASH]}.css" if hashed else "sprite.css"
    return {sheet: lambda: sprite.png, style: lambda: css}
