"""A group of commands whose modules are loaded when they are asked for."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Finds the command ``from-font`` as ``from_font`` in the module of that name in its package."""

    def __init__(self, *, package: str, names: Sequence[str], **settings: Any) -> None:  # noqa: ANN401  # click's
        super().__init__(**settings)
        self._package = package
        self._names = tuple(names)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names, in the order of the help."""
        return list(self._names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # likewise
        """Load a command from the module of its name; a name that Python keeps to itself has an underscore behind."""
        if cmd_name not in self._names:
            return None
        name = cmd_name.replace("-", "_")
        name += "_" * (name == "import")
        command: click.Command = getattr(import_module(f".{name}", self._package), name)
        return command
