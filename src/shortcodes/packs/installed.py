"""Packs that other distributions bring: the entry point group ``shortcodes.packs``. The bundled pack uses it too."""

import warnings
from types import CoroutineType
from typing import Any, Final, NamedTuple

from ..emoji import Emoji
from ..errors import PackError, PluginError
from ..plugins import Blame, exactly, find, load, points_of
from .pack import Pack, pack_problems
from .unicode import unicode_pack

GROUP: Final = "shortcodes.packs"
OWN: Final = {"unicode": "shortcodes.packs.unicode:unicode_pack"}


class Installed(NamedTuple):
    """What is installed: the packs that load, and an error for each that does not."""

    packs: tuple[Pack, ...]
    errors: tuple[PluginError, ...]


def installed_packs() -> tuple[Pack, ...]:
    """Return the installed packs, by name, the bundled one last so that all others win over it.

    One that does not load is left out, with a `RuntimeWarning` that names its distribution; the rest work. All of them
    are loaded: this takes as long as they do.
    """
    found = load_installed()
    for error in found.errors:
        warnings.warn(str(error), RuntimeWarning, stacklevel=2)
    return found.packs


def load_installed() -> Installed:
    """Load every installed pack; failures are values, so that a caller can list them."""
    points = points_of(GROUP, OWN)
    packs: list[Pack] = []
    errors = [*points.errors]
    for point in points.by_name.values():
        try:
            packs.append(load(point, _made))
        except PluginError as error:
            errors.append(error)
    return Installed(tuple(packs), tuple(errors))


def find_pack(name: str) -> Pack:
    """Return the installed pack of that name, and load no other.

    Raises `OptionError` with the names that there are, and `PluginError` if it does not load.
    """
    return find(GROUP, name, setting="pack", own=OWN, check=_made)


def _made(make: object, _blame: Blame[Any]) -> Pack:
    pack: object = make()  # type: ignore[operator]  # what cannot be called is an error like any other
    if isinstance(pack, CoroutineType):
        pack.close()  # it would be a warning of its own that nobody awaits it
    if not isinstance(pack, Pack):
        raise TypeError(f"it gave a {type(pack).__name__}, not a shortcodes.Pack")
    pack = _exactly(pack)
    if problems := tuple(pack_problems(pack)):
        raise PackError(pack.name, problems)
    return pack


def _exactly(pack: Pack) -> Pack:
    """Return a pack as a plain value, whatever it and what is in it are subclasses of."""
    if pack is unicode_pack():
        return pack
    fields = Pack._make(tuple.__iter__(pack))
    header = Pack._make(exactly(tuple(fields._replace(emoji=()))))
    several: object = fields.emoji
    if not isinstance(several, (tuple, list)):
        raise TypeError(f"its emoji are a {type(several).__name__}; give a tuple")
    return header._replace(emoji=tuple(Emoji._make(exactly(tuple(tuple.__iter__(one)))) for one in several))
