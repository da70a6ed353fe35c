"""``shortcodes pack add``: image files to emoji of a pack, named for their files."""

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import click

from ...emoji import Emoji, name_problem
from ...errors import ImageError, InputError, PackError, Problem, ShortcodesError, quoted
from ...packs.edit import Edited, add_emoji, derived_name
from ...packs.manifest import read_pack
from ...packs.pack import Content, Pack
from ...packs.write import images_of
from ..files import file_or_folder
from .edits import as_name, dry_run_option, report

_ENDINGS = (".png", ".apng", ".gif", ".webp", ".avif", ".jpg", ".jpeg", ".jpe", ".jfif")
_FOLDER = "images"


class _Found(NamedTuple):
    """An image that was found, and what is known of it."""

    path: str
    name: str
    size: tuple[int, int]
    digest: bytes


@click.command()
@click.argument("pack", type=file_or_folder)
@click.argument("files", nargs=-1, required=True)
@click.option("--name", help="The name, if it is not to be that of the file. For one file.")
@click.option("--alt", default="", help="What a screen reader says. For one file.")
@click.option("--alias", "aliases", multiple=True, metavar="NAME", help="Another name. Repeatable; for one file.")
@click.option("--category", default="", help="The group in a picker, of all of them.")
@click.option("--keyword", "keywords", multiple=True, help="A word to find them by. Repeatable.")
@dry_run_option
def add(  # noqa: PLR0913  # click hands every option over by its name
    *,
    pack: str,
    files: tuple[str, ...],
    name: str | None,
    alt: str,
    aliases: tuple[str, ...],
    category: str,
    keywords: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Add images to the folder PACK: FILES, folders of them with all below, or globs in quotes.

    Each is named for its file: without the ending, in Unicode's NFC form, with _ for white space and dots, and without
    what may not stand in a name. Its width and height are written down. An image that lies in PACK stays where it is,
    others are copied to PACK/images. What is in the pack already is left out. All or nothing: if one is no image, or
    its name is taken, all such are listed, and nothing is written.
    """
    there = read_pack(pack)
    paths = tuple(_paths(files))
    if not paths:
        raise InputError(f"no image is there: {', '.join(files)}; they end in {', '.join(_ENDINGS)}")
    if len(paths) > 1 and (name is not None or alt or aliases):
        raise click.UsageError(f"--name, --alt and --alias are for one image; there are {len(paths)}")
    found = _look(paths, None if name is None else as_name(name), there.name)
    new, known = _sort_out(found, there, pack)
    for line in known:
        click.echo(line, err=True)
    fields = Emoji("", alt=alt, aliases=tuple(map(as_name, aliases)), category=category, keywords=keywords)
    emoji, copies = _placed(new, fields, there, pack)
    edited = add_emoji(pack, emoji, copies, dry_run=dry_run)
    report(Edited(edited.pack, tuple(map(_line, emoji, new))), dry_run=dry_run)


# Which files.


def _paths(arguments: Iterable[str]) -> Iterator[str]:
    """Yield the files that are meant, each once, in the order of the arguments and then of their paths."""
    seen: set[str] = set()
    for argument in arguments:
        for path in _expanded(argument):
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                yield path


def _expanded(argument: str) -> Iterator[str]:
    if os.path.isdir(argument):
        yield from _images_in(argument)
    elif os.path.lexists(argument) or not glob.has_magic(argument):
        yield argument
    else:  # in quotes, or typed where the shell expands nothing
        matches = sorted(glob.glob(argument, recursive=True))
        if not matches:
            raise InputError(f"{argument}: no file is named so")
        for match in matches:
            yield from _images_in(match) if os.path.isdir(match) else (match,)


def _images_in(folder: str) -> Iterator[str]:
    """Yield the images in a folder and below, by their endings; no hidden ones, such as the ``._`` files of macOS."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(_ENDINGS) and not name.startswith("."):
                yield os.path.join(place, name)


# What they are.


def _look(paths: Sequence[str], name: str | None, pack: str) -> list[_Found]:
    """Look at each image. Raises `PackError` with everything that is wrong with any of them."""
    found: list[_Found] = []
    problems: list[Problem] = []
    for path in paths:
        own = derived_name(os.path.splitext(os.path.basename(path))[0]) if name is None else name
        if problem := name_problem(own):
            hint = f"gives the name {quoted(own)}, which {problem}" if own else "gives no name"
            problems.append(
                Problem(_shown(path), f"{quoted(own)} {problem}" if name is not None else f"{hint}; say --name")
            )
            continue
        try:
            found.append(_Found(path, own, *_seen(path)))
        except (ImageError, InputError) as error:
            problems.append(Problem(_shown(path), str(error)))
    if problems:
        raise PackError(pack, problems)
    return found


def _seen(path: str) -> tuple[tuple[int, int], bytes]:
    """Decode an image; return its width and height in pixels, and its digest."""
    from ...images.picture import read_picture, verify  # Pillow is slow to import

    content = _read(path)
    picture = read_picture(content, name=os.path.basename(path))
    verify(picture)
    return (picture.width, picture.height), hashlib.sha256(content).digest()


def _read(path: str) -> bytes:
    from ...images.picture import LIMITS

    if os.path.lexists(path) and not os.path.isfile(path):
        raise InputError("is no plain file; name an image, or a folder of them")  # a pipe would be waited for
    try:
        with open(path, "rb") as file:
            return file.read(LIMITS.bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(getattr(error, "strerror", None) or str(error)) from error


# Where they go.


def _sort_out(found: Iterable[_Found], there: Pack, folder: str) -> tuple[list[_Found], list[str]]:
    """Return which images are new to the pack, and a line for each that is not. Raises `PackError` for taken names."""
    files = {file: one.name for one in there.emoji for file in (one.image, one.static) if file}
    owners = {name: one for one in there.emoji for name in one.names}
    new: dict[str, _Found] = {}
    known: list[str] = []
    problems: list[Problem] = []
    for one in found:
        if (inside := _inside(one.path, folder)) and inside in files:
            known.append(f"{_shown(one.path)}: is in the pack already, as :{files[inside]}:")
        elif (owner := owners.get(one.name)) is not None:
            if _is_same(one, owner, folder):
                known.append(f"{_shown(one.path)}: is in the pack already, as :{owner.name}:")
            else:
                problems.append(
                    Problem(_shown(one.path), f"gives the name :{one.name}:, which the pack has; say --name")
                )
        elif twin := new.get(one.name):
            problems.append(
                Problem(_shown(one.path), f"gives the name :{one.name}:, and so does {_shown(twin.path)}; rename one")
            )
        else:
            new[one.name] = one
    if problems:
        raise PackError(there.name, problems)
    return [*new.values()], known


def _inside(path: str, folder: str) -> str | None:
    """Return the path of a file in the pack, as its manifest spells it; None if it lies elsewhere."""
    root = os.path.join(os.path.realpath(folder), "")
    real = os.path.realpath(path)
    return real[len(root) :].replace(os.sep, "/") if real.startswith(root) else None


def _is_same(one: _Found, owner: Emoji, folder: str) -> bool:
    return any(_digest(os.path.join(folder, *file.split("/"))) == one.digest for file in images_of([owner]))


def _digest(path: str) -> bytes | None:
    try:
        return hashlib.sha256(_read(path)).digest()
    except ShortcodesError:
        return None


def _placed(new: Iterable[_Found], fields: Emoji, there: Pack, folder: str) -> tuple[list[Emoji], dict[str, Content]]:
    """Return the emoji, and the files to copy, by their names in the pack."""
    taken = {file.casefold() for file in images_of(there.emoji)}
    emoji: list[Emoji] = []
    copies: dict[str, Content] = {}
    for one in new:
        image = _inside(one.path, folder)
        if image is None:
            image = _free(one, taken, folder)
            if not os.path.lexists(os.path.join(folder, image)):
                copies[image] = partial(_read, one.path)
        taken.add(image.casefold())
        width, height = one.size
        emoji.append(fields._replace(name=one.name, image=image, width=width, height=height))
    return emoji, copies


def _free(one: _Found, taken: set[str], folder: str) -> str:
    """Return a name for the copy, with a number if there is another file of that name.

    ``D.png`` and ``d.png`` would be one on many systems. A file that is the same picture, and no emoji's, is not
    another one: it was left by a command that was killed, or laid there by hand.
    """
    ending = os.path.splitext(one.path)[1].lower()
    images = os.path.join(folder, _FOLDER)
    there = {f"{_FOLDER}/{file}".casefold(): file for file in os.listdir(images)} if os.path.isdir(images) else {}
    number = 1
    while True:
        name = f"{_FOLDER}/{one.name}{f'_{number}' if number > 1 else ''}{ending}"
        if name.casefold() not in taken:
            found = there.get(name.casefold())
            if found is None:
                return name
            if _digest(os.path.join(images, found)) == one.digest:
                return f"{_FOLDER}/{found}"
        number += 1


def _line(emoji: Emoji, found: _Found) -> str:
    source = (
        "" if os.path.basename(found.path) == os.path.basename(emoji.image or "") else f" from {_shown(found.path)}"
    )
    return f"added :{emoji.name}:{source} as {emoji.image}, {emoji.width}×{emoji.height}"


def _shown(path: str) -> str:
    """Return a path on one line, with nothing in it that a terminal would obey."""
    return path if path.isprintable() else ascii(path)
