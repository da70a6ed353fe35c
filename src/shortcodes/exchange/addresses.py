"""Where an image of a foreign list is: at an address, or in a file beside the list."""

import posixpath
import re
from collections.abc import Iterable, Mapping

from ..emoji import Emoji
from ..packs.pack import Content, Pack, is_url
from .format import Draft, Source

_ENDINGS = ("png", "apng", "gif", "webp", "jpg", "jpeg", "avif", "svg")


def files_of(source: Source, pack: Pack) -> Mapping[str, Content]:
    """Return the files of a source that the emoji of a pack name."""
    named = {file for one in pack.emoji for file in (one.image, one.static) if file}
    return {file: content for file, content in source.files.items() if file in named}


def beside(draft: Draft) -> Mapping[str, Content]:
    """Return the images to write beside a list: all, if nobody serves them."""
    return {} if draft.pack.base_url else draft.files


def ending(address: str) -> str:
    """Return the ending of an image's file or address, ``png`` if it has none that is one.

    >>> ending("https://cdn.example/otter.GIF?width=48"), ending("otter")
    ('gif', 'png')
    """
    path = re.sub(r"^[^/]*//[^/?#]*|[?#].*$", "", address, flags=re.DOTALL) if is_url(address) else address
    found = posixpath.splitext(path)[1][1:].lower()
    return found if found in _ENDINGS else "png"


def upload_ending(address: str) -> str:
    """Return the ending that importers know an image by, which for an animated PNG is that of any PNG."""
    return "png" if (kind := ending(address)) == "apng" else kind


def distinct_files(emoji: Iterable[Emoji]) -> dict[str, str]:
    """Return a file for the image of each emoji, by its name: ``otter.png``, and ``Otter_2.png`` beside it.

    Names that differ in case alone get files that differ in more, since those are one on many systems.
    """
    named = {one.name: ending(one.image) for one in emoji if one.image}
    whole = {f"{name}.{kind}".casefold() for name, kind in named.items()}
    files: dict[str, str] = {}
    taken: set[str] = set()
    for name, kind in named.items():
        file, number = f"{name}.{kind}", 2
        while file.casefold() in taken or (number > 2 and file.casefold() in whole):  # noqa: PLR2004  # from the second on
            file, number = f"{name}_{number}.{kind}", number + 1
        taken.add(file.casefold())
        files[name] = file
    return files


def is_image(path: str) -> bool:
    """Tell whether a file is an image, by its name; not the shadow that a Mac makes of it, ``._otter.png``."""
    name = posixpath.basename(path)
    return not name.startswith(".") and posixpath.splitext(name)[1][1:].lower() in _ENDINGS
