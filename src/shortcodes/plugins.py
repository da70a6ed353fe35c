"""What other distributions bring, by entry points. Their code is a stranger's: whatever it raises becomes one error."""

import warnings
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from .errors import OptionError, PluginError, ShortcodesError, shown

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Value = TypeVar("Value", bound=_Named)
Function = TypeVar("Function", bound=Callable[..., Any])

Blame = Callable[[Function], Function]
"""Returns a plug-in's function as one that raises what it should not raise as a `PluginError`."""

Check = Callable[[object, "Blame[Any]"], Value]
"""Returns what an entry point leads to, if it is what it should be; what it raises is why it is not."""


class Points(NamedTuple):
    """The entry points of a group: those to load, and an error for each that cannot be."""

    by_name: "Mapping[str, EntryPoint]"
    """In the order of their names, ours last."""
    errors: tuple[PluginError, ...]


def points_of(group: str, own: Mapping[str, str]) -> Points:
    """Return the entry points of a group. `own` are ours, with their values: nobody else may have their names.

    Of two others that claim one name, the one whose value comes first in the alphabet has it, whatever the order on
    the disk. One that two paths lead to, as those of a checkout and its wheel, is there once.
    """
    points, errors = _entry_points(group)
    by_name: dict[str, EntryPoint] = {}
    unique = {(point.name, point.value): point for point in points}
    for name, value in sorted(unique, key=lambda one: (one[1] != own.get(one[0]), one)):
        point = unique[name, value]
        if (first := by_name.setdefault(name, point)) is not point:
            taken = f"{distribution_of(first)!r} brings one of that name; uninstall one of the two"
            errors.append(_error(point, taken))
    ordered = dict(sorted(by_name.items(), key=lambda one: (own.get(one[0]) == one[1].value, one[0])))
    return Points(ordered, tuple(errors))


def find(group: str, name: str, *, setting: str, own: Mapping[str, str], check: Check[Value]) -> Value:
    """Return what is installed under a name. Nothing else is loaded, so a plug-in costs those alone who name it.

    Raises `OptionError` with the names that there are, and `PluginError` if it does not load. Others that nobody can
    load are a `RuntimeWarning` each.
    """
    points = points_of(group, own)
    for error in points.errors:
        warnings.warn(str(error), RuntimeWarning, stacklevel=3)
    if name in points.by_name:
        return load(points.by_name[name], check)
    raise OptionError.unknown(setting, name, {*own, *points.by_name})


def load(point: "EntryPoint", check: Check[Value]) -> Value:
    """Load an entry point, and return what the check makes of it. Raises `PluginError`, with its distribution."""

    def blamed(function: Function) -> Function:
        return _blamed(point, function)

    try:
        return _called(point.name, check(point.load(), blamed))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a stranger's code may raise anything, SystemExit too
        raise _error(point, _reason(error)) from error


def distribution_of(point: "EntryPoint") -> str:
    """Return the name of the distribution that brings an entry point."""
    return _name(point.dist) if point.dist else "?"


def exactly(value: object) -> Any:  # noqa: ANN401  # as what it is given
    """Return a value of strangers as one of exactly Python's types, deeply, and nobody else's to change.

    A subclass may answer one thing when it is checked and another when it is rendered, and one of `str` that has
    ``__html__`` would not be escaped.

    >>> from markupsafe import Markup
    >>> exactly((Markup("<b>"), 3, {"a": [None]}))
    ('<b>', 3, {'a': [None]})
    """
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, tuple):
        return tuple(map(exactly, tuple.__iter__(value)))
    if isinstance(value, list):
        return list(map(exactly, list.__iter__(value)))
    if isinstance(value, Mapping):
        return {exactly(key): exactly(value[key]) for key in value}
    raise TypeError(f"it has a {type(value).__name__} in it")


def _entry_points(group: str) -> "tuple[Collection[EntryPoint], list[PluginError]]":
    from importlib.metadata import distributions, entry_points  # slow to import, and only plug-ins need it

    try:
        return entry_points(group=group), []
    except Exception:  # noqa: BLE001  # one damaged file is enough; then each distribution is asked on its own
        points: list[EntryPoint] = []
        errors: list[PluginError] = []
        seen: set[str] = set()
        for distribution in distributions():
            name = _name(distribution)
            if name in seen:  # what is first on the path is what is installed
                continue
            seen.add(name)
            try:
                points += distribution.entry_points.select(group=group)
            except Exception as error:  # noqa: BLE001  # likewise
                errors.append(PluginError(name, "", _reason(error), kind=_kind(group)))
        return points, errors


def _name(distribution: "Distribution") -> str:
    """Return a distribution's name, of its folder if its metadata is damaged."""
    try:
        if name := distribution.metadata["Name"]:
            return str(name)
    except Exception:  # noqa: BLE001, S110  # whatever is wrong with it: there is another place to look
        pass
    return str(getattr(distribution, "_path", "?")).replace("\\", "/").rpartition("/")[2].partition("-")[0]


def _called(name: str, value: Value) -> Value:
    if value.name != name:
        raise ValueError(f"it calls itself {value.name!r}; the entry point has to have the same name")
    return value


def _blamed(point: "EntryPoint", function: Function) -> Function:
    def called(*arguments: object) -> object:
        try:
            return function(*arguments)
        except (KeyboardInterrupt, ShortcodesError):
            raise
        except BaseException as error:
            raise _error(point, _reason(error), fails_to="work") from error

    return called  # type: ignore[return-value]  # takes and gives the same


def _error(point: "EntryPoint", reason: str, *, fails_to: str = "load") -> PluginError:
    return PluginError(distribution_of(point), point.name, reason, kind=_kind(point.group), fails_to=fails_to)


def _kind(group: str) -> str:
    return group.removeprefix("shortcodes.").removesuffix("s")


def _reason(error: BaseException) -> str:
    from traceback import format_exception_only  # it also copes with errors that cannot say what they are

    if isinstance(error, PluginError):
        return error.reason
    if isinstance(error, ShortcodesError):
        return "\n".join(map(shown, str(error).split("\n")))
    line = next(line for line in format_exception_only(error) if not line.startswith(" "))
    return shown(line.strip().partition("\n")[0])
