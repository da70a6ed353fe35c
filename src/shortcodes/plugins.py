"""What other distributions bring, by entry points. Their code is a stranger's: whatever it raises becomes one error."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .errors import PluginError, ShortcodesError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")


def points_of(group: str) -> "list[EntryPoint]":
    """Return the entry points of a group by name, ours last; one that two paths lead to, once."""
    from importlib.metadata import entry_points  # slow to import, and only plug-ins need it

    points = {(point.name, point.value): point for point in entry_points(group=group)}
    return [points[key] for key in sorted(points, key=lambda point: (point[1].startswith("shortcodes."), point))]


def load(point: "EntryPoint", checked: Callable[[object], T]) -> T:
    """Load an entry point, and return what the check makes of it. Raises `PluginError`, with its distribution."""
    try:
        return checked(point.load())
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a stranger's code may raise anything, SystemExit too
        kind = point.group.removeprefix("shortcodes.").removesuffix("s")
        distribution = point.dist.name if point.dist else "?"
        raise PluginError(distribution, point.name, _reason(error), kind=kind) from error


def _reason(error: BaseException) -> str:
    from traceback import format_exception_only  # it also copes with errors that cannot say what they are

    if isinstance(error, ShortcodesError):
        return str(error)
    return next(line for line in format_exception_only(error) if not line.startswith(" ")).strip()
