"""The whole way: from what somebody hands over to a pack of ours, and from a pack to what a platform takes."""

import os
import shutil
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, urljoin

from ..emoji import Emoji, url_problem
from ..errors import InputError, OptionError, PackError, Problem, quoted
from ..packs.edit import add_emoji
from ..packs.manifest import examine_pack
from ..packs.pack import Content, is_url
from ..packs.write import write_folder
from . import find_format, recognise, unwrapped
from .archives import DEFAULT_LIMITS, ArchiveLimits
from .conflicts import Merged, merge
from .download import FETCH_LIMITS, Fetched, FetchLimits, fetch_images
from .format import Draft, Format
from .incoming import take_in
from .outgoing import Exported, fit_draft
from .sources import open_source
from .targets import write_names, write_target


class Downloads(NamedTuple):
    """How images are fetched."""

    allow_private: bool = False
    limits: FetchLimits = FETCH_LIMITS
    seen: Callable[[Fetched], None] = lambda _: None
    """Is told of each image as it comes, for a progress bar."""


class Import(NamedTuple):
    """What became of a source."""

    format: Format
    merged: Merged
    missing: tuple[Fetched, ...] = ()
    """What could not be downloaded; its emoji keep their addresses."""


def import_pack(  # noqa: PLR0913  # each is asked for by one option
    source: str,
    folder: str,
    *,
    format: Format | str | None = None,  # noqa: A002  # the field's word
    on_conflict: str = "fail",
    names: Mapping[str, str] | None = None,
    name: str = "",
    base_url: str = "",
    downloads: Downloads | None = None,
    limits: ArchiveLimits = DEFAULT_LIMITS,
) -> Import:
    """Read a source, and write what it has to a new pack, or add it to the pack in that folder; all or nothing.

    `names` are those to give, by what the emoji are called in the source; `name` is that of a new pack; `base_url` is
    what relative addresses are relative to, where the source has no such file. Raises `InputError`, `PackError` and
    `OptionError`; then nothing was written, but for images that were downloaded, which wait beside the folder for the
    next run.
    """
    found, draft = read_draft(source, format, limits)
    old = _existing(folder)
    missing: tuple[Fetched, ...] = ()
    cache = f"{os.path.abspath(folder)}.downloads"
    if base_url:
        draft = _with_base(draft, base_url)
    if downloads:
        draft, missing = _downloaded(draft, cache, downloads)
    new = take_in(draft, name or _name_of(folder), names)
    if name:
        new = new._replace(draft=new.draft._replace(pack=new.draft.pack._replace(name=name)))
    merged = merge(old or Draft(new.draft.pack._replace(emoji=())), new, on_conflict)
    pack, files = merged.imported.draft.pack, merged.imported.draft.files
    if not pack.emoji:
        raise PackError(source, [*new.draft.problems, Problem("", "has no emoji that could be taken over")])
    if old is not None and pack.emoji[: len(old.pack.emoji)] == old.pack.emoji:  # then what is there stays as it is
        arrived = {file: content for file, content in files.items() if file not in old.files}
        add_emoji(folder, pack.emoji[len(old.pack.emoji) :], arrived)
    else:
        write_folder(pack, files, folder, replace=old is not None)
    if downloads and not missing:
        shutil.rmtree(cache, ignore_errors=True)
    return Import(found, merged, missing)


def read_draft(
    path: str,
    format: Format | str | None = None,  # noqa: A002  # likewise
    limits: ArchiveLimits = DEFAULT_LIMITS,
) -> tuple[Format, Draft]:
    """Return what a source has, and the format, which is found by looking if it is not said."""
    source = open_source(path, limits)
    if format is None:
        found, source = recognise(source)
    else:
        found = find_format(format)
        inner = unwrapped(source)
        source = inner if not found.recognises(source) and found.recognises(inner) else source
    try:
        draft = found.read(source)
    except PackError as error:
        raise PackError(path, error.problems) from error
    if (count := len(draft.pack.emoji)) > limits.files:  # a list of addresses has no files, and costs as much
        raise PackError(path, [Problem("", f"has {count:,} emoji; {limits.files:,} are allowed; split it")])
    return found, draft


def _with_base(draft: Draft, base_url: str) -> Draft:
    """Return the draft with the addresses of its images made whole."""
    if problem := url_problem(base_url) or (None if is_url(base_url) else "is no whole address: https://…"):
        raise OptionError(f"base_url {quoted(base_url)} {problem}")
    images = (file for one in draft.pack.emoji for file in (one.image, one.static) if file)
    names = {
        file: urljoin(f"{base_url.rstrip('/')}/", quote(file.lstrip("/")))
        for file in images
        if file not in draft.files and not is_url(file)
    }
    return draft._replace(pack=draft.pack._replace(emoji=tuple(_with_images(one, names) for one in draft.pack.emoji)))


def _existing(folder: str) -> Draft | None:
    """Return the pack that is in a folder. Raises `PackError` for one that cannot be used."""
    if not os.path.isdir(folder) or not os.listdir(folder):
        return None
    reading = examine_pack(folder)
    if reading.problems:
        raise PackError(reading.pack.name, reading.problems)
    return Draft(reading.pack, reading.files)


def _name_of(folder: str) -> str:
    return os.path.basename(os.path.abspath(folder))


def _downloaded(draft: Draft, cache: str, downloads: Downloads) -> tuple[Draft, tuple[Fetched, ...]]:
    """Return the draft with its images fetched, and what could not be."""
    images = [file for one in draft.pack.emoji for file in (one.image, one.static) if file and is_url(file)]
    addresses = {image: f"https:{image}" if image.startswith("//") else image for image in images}
    found: dict[str, Fetched] = {}
    for fetched in fetch_images(
        addresses.values(), cache=cache, allow_private=downloads.allow_private, limits=downloads.limits
    ):
        found[fetched.url] = fetched
        downloads.seen(fetched)
    names: dict[str, str] = {}
    files: dict[str, Content] = dict(draft.files)
    for image, address in addresses.items():
        if not (fetched := found[address]).problem:
            # ':' keeps it from being the name of a file: it gets one from its emoji
            names[image] = (
                f":{sha256(address.encode()).hexdigest()}.{'png' if fetched.type == 'apng' else fetched.type}"
            )
            files[names[image]] = _content(fetched.content)
    emoji = tuple(_with_images(one, names) for one in draft.pack.emoji)
    missing = tuple(fetched for fetched in found.values() if fetched.problem)
    problems = (Problem(quoted(one.url), f"is not downloaded, and stays an address: {one.problem}") for one in missing)
    return Draft(draft.pack._replace(emoji=emoji), files, (*draft.problems, *problems)), missing


def _content(content: bytes) -> Content:
    return lambda: content


def _with_images(emoji: Emoji, names: Mapping[str, str]) -> Emoji:
    return emoji._replace(
        image=names.get(emoji.image or "", emoji.image), static=names.get(emoji.static or "", emoji.static)
    )


class Export(NamedTuple):
    """What became of a pack."""

    format: Format
    exported: Exported
    names_file: str


def export_pack(
    path: str,
    format: Format | str,  # noqa: A002  # likewise
    target: str,
    *,
    names: Mapping[str, str] | None = None,
) -> Export:
    """Write a pack as a platform takes it, and beside it the map of names: old to new, as JSON.

    `names` are those to give, by what the emoji are called in the pack. Raises `InputError`, `PackError` and
    `OptionError`; then nothing was written.
    """
    found = find_format(format)
    reading = examine_pack(path)
    if reading.problems:
        raise PackError(reading.pack.name, reading.problems)
    exported = fit_draft(Draft(reading.pack, reading.files), found, names)
    if found.write is None:
        raise OptionError(f"format {found.name!r} is only read, not written")
    if not exported.draft.pack.emoji:
        raise PackError(path, [*exported.draft.problems, Problem("", f"has no emoji that {found.name} can hold")])
    files = found.write(exported.draft)
    if os.path.abspath(target) == os.path.abspath(path):
        raise InputError(f"{target}: is the pack itself; name another target")
    write_target(files, target, found.packed)
    return Export(found, exported, write_names(exported.names, target))
