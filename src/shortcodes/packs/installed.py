"""Packs that other distributions bring: the entry point group ``shortcodes.packs``. The bundled pack uses it too."""

import warnings
from typing import NamedTuple

from ..errors import PackError, PluginError
from ..plugins import load, points_of
from .pack import Pack, pack_problems

GROUP = "shortcodes.packs"


class Installed(NamedTuple):
    """What is installed: the packs that load, and an error for each that does not."""

    packs: tuple[Pack, ...]
    errors: tuple[PluginError, ...]


def installed_packs() -> tuple[Pack, ...]:
    """Return the installed packs, by name, the bundled one last so that all others win over it.

    One that does not load is left out, with a `RuntimeWarning` that names its distribution; the rest work.
    """
    found = load_installed()
    for error in found.errors:
        warnings.warn(str(error), RuntimeWarning, stacklevel=2)
    return found.packs


def load_installed() -> Installed:
    """Load every installed pack; failures are values, so that a caller can list them."""
    packs: list[Pack] = []
    errors: list[PluginError] = []
    for point in points_of(GROUP):
        try:
            packs.append(load(point, _made))
        except PluginError as error:
            errors.append(error)
    return Installed(tuple(packs), tuple(errors))


def _made(make: object) -> Pack:
    pack: object = make()  # type: ignore[operator]  # what cannot be called is an error like any other
    if not isinstance(pack, Pack):
        raise TypeError(f"it gave a {type(pack).__name__}, not a shortcodes.Pack")
    if problems := tuple(pack_problems(pack)):
        raise PackError(pack.name, problems)
    return pack
