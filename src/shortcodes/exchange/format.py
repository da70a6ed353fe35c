"""What a foreign pack format is, to this house: how it is recognised, read and written, and what it can hold.

A format is a value, found by name in the entry point group ``shortcodes.exchange``; ours are there like anyone's.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..errors import Problem
from ..packs.pack import Content, Pack


class Source(NamedTuple):
    """What somebody hands over: a file, a folder, or an archive, opened within limits."""

    name: str
    """As it was given, for messages."""
    files: Mapping[str, Content]
    """By their paths in it, with ``/`` between folders; a single file has its own name. In the order of the names."""


class Draft(NamedTuple):
    """A pack on its way from one format to another."""

    pack: Pack
    files: Mapping[str, Content] = {}
    """The images that came with it, by the names that the pack's emoji have for them: to a reader's mind any text, as
    import gives them names of its own. URLs stay in the emoji. A relative address is the file of that path in the
    source, if it has one.
    """
    problems: tuple[Problem, ...] = ()
    """What was left out, mapped or guessed, and why. Nothing is lost in silence."""


class Rules(NamedTuple):
    """What a platform can hold. What its documentation does not limit is None, or allowed."""

    name: str = r"[^\s:]+"
    """A regex that the whole of a name matches."""
    length: tuple[int, int] = (1, 128)
    """How many characters a name has."""
    one_case: bool = False
    """Whether names that differ in case alone are one name there."""
    types: tuple[str, ...] = ("png", "gif", "webp", "jpeg", "avif", "apng")
    """The kinds of images, by their endings, ``jpg`` being ``jpeg``."""
    bytes: int | None = None
    """The size of an image."""
    pixels: int | None = None
    """The width and the height of an image."""
    animated: bool = True
    aliases: bool = False
    alt: bool = False
    category: bool = False
    unicode: bool = False
    """Whether it holds emoji that are characters. If not, they are left out."""
    urls: bool = True
    """Whether an image may be an address. If not, only files are; what was not downloaded is left out."""
    retired: bool = False
    """Whether it can say that an emoji is no longer offered."""
    emoji: int | None = None
    """How many there may be."""


class Format(NamedTuple):
    """A foreign pack format."""

    name: str
    """``mastodon``: what ``--from`` and ``--to`` say."""
    title: str
    """For people, with where its description is: shown in lists, and in the reference."""
    rules: Rules
    recognises: Callable[[Source], bool]
    """Tells by looking whether a source is of this format. Must not raise, whatever the source."""
    read: Callable[[Source], Draft]
    """Raises `PackError` with all that is wrong, if nothing can be read. What one entry has wrong is a problem of the
    draft. What the source has and we do not model goes to ``emoji.extra[format.name]`` and ``pack.extra[format.name]``.

    What our packs cannot hold need not be looked for: behind this, names that ours may not have, or that come twice,
    are mapped, and what else `pack_problems` finds is left out, all reported. The pack's name may be empty.
    """
    write: Callable[[Draft], Mapping[str, Content]] | None
    """Returns the files to write, by their paths. Names and images have been made to fit the rules before. An image
    that is a file is written with `Pack.url` where the format wants an address, and is among the files returned if the
    pack has no ``base_url``. None: it is only read.
    """
    packed: str = ""
    """``zip``, ``tar.gz``, or empty for a file or a folder: how what is written is put together."""
