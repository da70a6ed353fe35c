"""Mastodon: a tar.gz of images named as their emoji, from ``tootctl emoji export`` and for ``tootctl emoji import``.

mastodon/mastodon ``lib/mastodon/cli/emoji.rb``: the folders in it do not count, the name of a file without its ending
is the name, shadow files of a Mac (``._otter.png``) are passed over, and names that differ in case alone are one. An
export has every image of the server; an import takes what ends with ``.png`` or ``.gif`` alone.
"""

import posixpath

from ..emoji import Emoji
from ..errors import PackError, Problem, quoted
from ..packs.pack import Content
from .addresses import files_of, is_image, upload_ending
from .entries import draft_of
from .format import Draft, Format, Source
from .mastodon import RULES
from .names import rule_of

_NAME = "mastodon_tar"


def _recognises(source: Source) -> bool:
    is_tar = source.name.lower().endswith((".tar", ".tar.gz", ".tgz"))
    return is_tar and any(is_image(path) for path in source.files)


def _read(source: Source) -> Draft:
    problems: list[Problem] = []
    emoji: dict[str, Emoji] = {}
    allows = rule_of(RULES).allows
    for path in source.files:
        if not is_image(path):
            problems.append(Problem(quoted(path), _why_not(path)))
            continue
        name = posixpath.splitext(posixpath.basename(path))[0]
        if (twin := emoji.get(name.lower())) is not None:
            taken = quoted(twin.image or "")
            problems.append(Problem(quoted(path), f"is left out: Mastodon has {taken} for it already"))
            continue
        if not allows(name):
            problems.append(Problem(quoted(path), "is taken over, but Mastodon does not take that name"))
        emoji[name.lower()] = Emoji(name, image=path)
    if not emoji:
        raise PackError(source.name, [*problems, Problem("", "has no images")])
    draft = draft_of(source, emoji.values(), problems)
    return draft._replace(files=files_of(source, draft.pack))


def _why_not(path: str) -> str:
    if posixpath.basename(path).startswith("._"):
        return "is a shadow file of a Mac; left out"
    return "is no image; left out"


def _write(draft: Draft) -> dict[str, Content]:
    images = {one.name: one.image for one in draft.pack.emoji if one.image}
    return {f"{name}.{upload_ending(image)}": draft.files[image] for name, image in sorted(images.items())}


FORMAT = Format(
    _NAME,
    "Mastodon, tootctl emoji export and import (docs.joinmastodon.org/admin/tootctl)",
    RULES._replace(types=("png", "apng", "gif"), category=False, retired=False, urls=False),
    _recognises,
    _read,
    _write,
    packed="tar.gz",
)
