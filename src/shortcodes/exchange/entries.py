"""What formats share: entries read one by one, so that a bad one costs itself alone; and addresses of images."""

import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import unquote

from ..emoji import Emoji, name_problem
from ..errors import PackError, Problem, quoted
from ..packs.pack import Content, Pack, is_url
from .addresses import beside, files_of
from .format import Draft, Source

T = TypeVar("T")


def document_path(source: Source, *endings: str) -> str | None:
    """Return the path of a source's one file, or of the one at its top with such an ending, images being beside it."""
    if len(source.files) == 1:
        return next(iter(source.files))
    found = [path for path in source.files if path.lower().endswith(endings) and _is_at_the_top(path)]
    return found[0] if len(found) == 1 else None


def _is_at_the_top(path: str) -> bool:
    # '._' begins the shadow file that a Mac adds; a name map lies beside what we export
    return "/" not in path and not path.startswith("._") and not path.endswith(".names.json")


def document_of(source: Source, *endings: str) -> tuple[str, Content]:
    """Return the document of a source with its path. Raises `PackError` if there is none, or several may be it."""
    path = document_path(source, *endings)
    if path is None:
        wanted = " or ".join(endings)
        raise PackError(source.name, [Problem("", f"has not one file that ends with {wanted}; name that file")])
    return path, source.files[path]


def read_entries(rows: Iterable[T], read: Callable[[T], Emoji | None], problems: list[Problem]) -> list[Emoji]:
    """Return what is read from each row. What is wrong with one is reported, and the row left out."""
    emoji = []
    for row in rows:
        try:
            if one := read(row):
                emoji.append(one)
        except PackError as error:
            problems += (problem._replace(message=f"{problem.message}; left out") for problem in error.problems)
    return emoji


def draft_of(
    source: Source,
    emoji: Iterable[Emoji],
    problems: Iterable[Problem],
    **header: Any,  # noqa: ANN401  # the fields of a pack
) -> Draft:
    """Return a draft with the images that came with it. Raises `PackError` if there are problems and nothing else."""
    emoji, problems = tuple(emoji), tuple(problems)
    if problems and not emoji and not any(header.values()):
        raise PackError(source.name, problems)
    pack = Pack(**{"name": ""} | header, emoji=emoji)
    away = [one.image for one in emoji if one.image and not is_url(one.image) and one.image not in source.files]
    if away:
        hint = f"images that did not come with it: {len(away):,}, such as {quoted(away[0])}"
        problems += (Problem("", f"{hint}; they are looked for beside it, or under --base-url"),)
    return Draft(pack, files_of(source, pack), problems)


def with_own_names(emoji: Iterable[Emoji], format_name: str) -> list[Emoji]:
    """Return the emoji, each that has a name ours may not have with that in its extra, for `own_name` to find."""
    return [
        one._replace(extra={format_name: {"name": one.name, **one.extra.get(format_name, {})}})
        if name_problem(one.name)
        else one
        for one in emoji
    ]


def image_beside(source: Source, document: str, name: str) -> str | None:
    """Return the image that lies beside a document under the name of an emoji, where lists do not say which it is."""
    stem = posixpath.join(posixpath.dirname(document), name)
    return next((path for kind in IMAGE_ENDINGS if (path := f"{stem}.{kind}") in source.files), None)


IMAGE_ENDINGS = ("png", "apng", "gif", "webp", "jpg", "jpeg", "avif")


def set_apart(emoji: Iterable[Emoji], format_name: str, problems: list[Problem]) -> list[Emoji]:
    """Return the emoji, those out of use with their id behind the name where another one has that name by now."""
    emoji = list(emoji)
    taken = {one.name for one in emoji if not one.retired}
    found = []
    for one in emoji:
        if one.retired and one.name in taken:
            table = one.extra.get(format_name, {})
            name = f"{one.name}_{table.get('id', 'old')}"
            problems.append(Problem(quoted(one.name), f"is another one's name by now; this one is {quoted(name)}"))
            one = one._replace(name=name, extra={format_name: {"name": one.name, **table}})  # noqa: PLW2901  # now so
        taken.add(one.name)
        found.append(one)
    return found


def bare_name(name: str) -> str:
    """Return a name without the colons around it, which some keep with it."""
    return name[1:-1] if len(name) > 2 and name[0] == name[-1] == ":" else name  # noqa: PLR2004  # colons and a letter


def own_name(emoji: Emoji, original: object) -> str:
    """Return what the name of an emoji was in the source, if that is still to be seen in it; else the name.

    Ours has the letters and digits of the original, and perhaps some of its hash, if two came to be one.

    >>> own_name(Emoji("tea_2f0c"), "(tea)"), own_name(Emoji("mug"), "(tea)")
    ('(tea)', 'mug')
    """
    if not isinstance(original, str) or not original:
        return emoji.name
    ours, theirs = _plain(emoji.name), _plain(original) or "emoji"  # as `names` calls what has no letter
    stems = (stem for stem in (theirs, f"e{theirs}") if ours.startswith(stem))
    return original if any(_MARK.fullmatch(ours, len(stem)) for stem in stems) else emoji.name


_MARK = re.compile(r"(_?[0-9a-f]{4,}|_[0-9]+)?")  # of a hash, or an id


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFC", name).casefold()
    return "_".join("".join(one if one.isalnum() else " " for one in folded).split())


def image_at(address: str, document: str) -> str:
    """Return an image for an address in a document: a URL, or the path of a file as seen from the top of the source.

    >>> image_at("images/sleepy%20otter.png?v=2", "export/emoji.json"), image_at("/avatars/1.png", "emoji.json")
    ('export/images/sleepy otter.png', 'avatars/1.png')
    """
    address = address.strip()
    if is_url(address):
        return address
    path = unquote(address.partition("#")[0].partition("?")[0])
    if path.startswith("/"):
        return path.lstrip("/")
    return posixpath.join(posixpath.dirname(document), path.removeprefix("./"))


def address_of(draft: Draft, image: str, written: dict[str, Content]) -> str:
    """Return the address of an image. A file that nobody serves goes to what is written, beside the document."""
    if image in (files := beside(draft)):
        written[image] = files[image]
    return draft.pack.url(image)
