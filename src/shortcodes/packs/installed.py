"""Packs that other distributions bring: the entry point group ``shortcodes.packs``. The bundled pack uses it too."""

import warnings
from typing import NamedTuple

from ..errors import PackError, PluginError, ShortcodesError
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
    from importlib.metadata import entry_points  # slow to import, and only plug-ins need it

    packs: list[Pack] = []
    errors: list[PluginError] = []
    points = {(point.name, point.value): point for point in entry_points(group=GROUP)}
    for name, value in sorted(points, key=lambda point: (point[1].startswith("shortcodes."), point)):
        point = points[name, value]
        distribution = point.dist.name if point.dist else "?"
        try:
            packs.append(_checked(point.load()()))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # a stranger's code may raise anything, SystemExit too
            failure = PluginError(distribution, name, _reason(error))
            failure.__cause__ = error
            errors.append(failure)
    return Installed(tuple(packs), tuple(errors))


def _reason(error: BaseException) -> str:
    from traceback import format_exception_only  # it also copes with errors that cannot say what they are

    if isinstance(error, ShortcodesError):
        return str(error)
    return next(line for line in format_exception_only(error) if not line.startswith(" ")).strip()


def _checked(pack: object) -> Pack:
    if not isinstance(pack, Pack):
        raise TypeError(f"it gave a {type(pack).__name__}, not a shortcodes.Pack")
    if problems := tuple(pack_problems(pack)):
        raise PackError(pack.name, problems)
    return pack
