"""Every error that this library raises on purpose.

::

    ShortcodesError
    ├── OptionError     a setting that does not exist (also a ValueError)
    ├── PackError       a pack that cannot be used, with every problem found in it
    ├── PluginError     an installed pack or dialect that does not load, with its distribution
    ├── ImageError      an image that cannot be used: no image, too big, too many frames
    └── InputError      a file that cannot be read, decoded or written, or that is not what it should be

Posts never raise: what cannot be converted stays text.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple


class ShortcodesError(Exception):
    """The root: ``except ShortcodesError`` catches all of them."""


class OptionError(ShortcodesError, ValueError):
    """A setting has a value that does not exist; the message lists those that do."""

    @classmethod
    def unknown(cls, setting: str, value: object, known: Iterable[str]) -> "OptionError":
        """Say which values the setting takes: ``dialect 'lemy' is not known; there are: commonmark, gfm``."""
        return cls(f"{setting} {value!r} is not known; there are: {', '.join(sorted(known))}")


def quoted(text: str) -> str:
    r"""Return a stranger's text as errors show it: in quotes, short, on one line, with nothing in it invisible.

    >>> quoted("a\nb")
    "'a\\nb'"
    """
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


_SHOWN = 60


class Problem(NamedTuple):
    """One thing that is wrong in a pack, and where: ``emoji[14].aliases[0]``."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class PackError(ShortcodesError):
    """A pack cannot be used; ``problems`` holds everything that is wrong with it, not only the first."""

    def __init__(self, pack: str, problems: Iterable[Problem]) -> None:
        self.pack = pack
        self.problems = tuple(problems)
        super().__init__("\n".join(f"pack {quoted(pack)}: {problem}" for problem in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:  # what a worker process raises is pickled on its way back
        return type(self), (self.pack, self.problems)


class PluginError(ShortcodesError):
    """An installed pack or dialect does not load; names the distribution that brought it."""

    def __init__(self, distribution: str, entry_point: str, reason: str, *, kind: str = "pack") -> None:
        self.distribution = distribution
        self.entry_point = entry_point
        self.reason = reason
        self.kind = kind
        super().__init__(f"installed {kind} {entry_point!r} of {distribution!r} does not load: {reason}")

    def __reduce__(self) -> tuple[Any, ...]:
        return _plugin_error, (self.distribution, self.entry_point, self.reason, self.kind)


def _plugin_error(distribution: str, entry_point: str, reason: str, kind: str) -> PluginError:
    return PluginError(distribution, entry_point, reason, kind=kind)


class ImageError(ShortcodesError):
    """An image cannot be used; says why, and what would be right."""


class InputError(ShortcodesError):
    """A file cannot be read, or is not what it should be, or an output cannot be written."""
