"""``shortcodes packs``: what is installed, and which names more than one pack has."""

import click

from ..packs.index import build_index
from ..packs.installed import load_installed
from .options import pack_option, read_packs, strangers


@click.command()
@pack_option
def packs(*, packs: tuple[str, ...]) -> int:
    """List the packs named with --pack, then the installed ones, and which names more than one of them has.

    This is also the way to check a pack. Other commands use an installed pack only if it is named. Exit code 1 if an
    installed pack does not load.
    """
    with strangers():
        found = load_installed()
    index = build_index((*read_packs(packs)[:-1], *found.packs))
    for pack in index.packs:
        name = f"{pack.name} {pack.version}".rstrip()
        facts = (pack.title or pack.name, f"{len(pack.emoji)} emoji", pack.license)
        click.echo(f"{name}: {', '.join(filter(None, facts))}")
    for name, kept, hidden in index.collisions:
        click.echo(f":{name}: of {hidden.pack.name} is hidden by {kept.pack.name}'s")
    for error in found.errors:
        click.echo(str(error), err=True)
    return 1 if found.errors else 0
