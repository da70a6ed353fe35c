"""``shortcodes pack``: make, check, build, import, export and compare packs. One command a file."""

import click

from ..lazy import LazyGroup


@click.group(
    cls=LazyGroup,
    package=__name__,
    names=(
        "new",
        "add",
        "remove",
        "rename",
        "retire",
        "build",
        "check",
        "import",
        "export",
        "sheet",
        "diff",
        "from-font",
        "plugin",
    ),
)
def pack() -> None:
    """Make, check, build, import, export and compare packs."""
