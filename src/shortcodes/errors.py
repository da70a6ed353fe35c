"""Every error that this library raises on purpose.

::

    ShortcodesError
    ├── OptionError     a setting that does not exist (also a ValueError)
    ├── PackError       a pack that cannot be used, with every problem found in it
    ├── PluginError     an installed pack, dialect or format that does not load or work, with its distribution
    ├── ImageError      an image that cannot be used: no image, too big, too many frames
    ├── InputError      a file that cannot be read, decoded or written, or that is not what it should be
    └── WorkerError     a process that works for this one was killed, or cannot be started

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
        return cls(f"{setting} {value!r} is not known; there are: {', '.join(map(shown, sorted(known)))}")


def quoted(text: str) -> str:
    r"""Return a stranger's text as errors show it: in quotes, short, on one line, with nothing in it invisible.

    >>> quoted("a\nb")
    "'a\\nb'"
    """
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


_SHOWN = 60
_SHOWN_LINE = 500


def shown(line: str) -> str:
    r"""Return a stranger's line as messages show it: not endless, and with nothing in it that a terminal would obey.

    >>> shown("\x1b[2J, Käthe")
    '\\x1b[2J, Käthe'
    """
    line = line if len(line) <= _SHOWN_LINE else line[: _SHOWN_LINE - 1] + "…"
    if line.isprintable():
        return line
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


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
    """An installed pack, dialect or format does not load, or not work; names the distribution that brought it.

    `entry_point` is empty if the distribution is damaged, so that nobody knows what it brings.
    """

    def __init__(
        self, distribution: str, entry_point: str, reason: str, *, kind: str = "pack", fails_to: str = "load"
    ) -> None:
        self.distribution = distribution
        self.entry_point = entry_point
        self.reason = reason
        self.kind = kind
        self.fails_to = fails_to
        what = f"installed {kind} {entry_point!r} of {distribution!r} does not {fails_to}"
        super().__init__(f"{what if entry_point else f'entry points of {distribution!r} cannot be read'}: {reason}")

    def __reduce__(self) -> tuple[Any, ...]:
        return _plugin_error, (self.distribution, self.entry_point, self.reason, self.kind, self.fails_to)


def _plugin_error(distribution: str, entry_point: str, reason: str, kind: str, fails_to: str) -> PluginError:
    return PluginError(distribution, entry_point, reason, kind=kind, fails_to=fails_to)


class ImageError(ShortcodesError):
    """An image cannot be used; says why, and what would be right."""


class InputError(ShortcodesError):
    """A file cannot be read, or is not what it should be, or an output cannot be written."""


class WorkerError(ShortcodesError):
    """A process that works for this one was killed, or cannot be started; not all of the work is done."""
