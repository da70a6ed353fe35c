"""``shortcodes pack plugin``: a Python project that makes a pack a plug-in."""

import click

from ...packs.project import write_project
from ..files import file_or_folder


@click.command()
@click.argument("name")
@click.option(
    "--pack",
    type=file_or_folder,
    metavar="PACK",
    help="The pack, a folder or a zip; a new one of one emoji, if not given.",
)
@click.option(
    "-o",
    "--output",
    type=file_or_folder,
    metavar="FOLDER",
    help="Write the project here; to a folder of its name, if not given.",
)
def plugin(*, name: str, pack: str | None, output: str | None) -> None:
    """Write an installable Python project: the distribution NAME, such as cats-emoji, with a pack in it.

    Whoever installs it has the pack in `shortcodes packs`. All or nothing, into a new or empty folder.
    """
    folder = output or name
    for note in write_project(name, folder, pack=pack):
        click.echo(note, err=True)
    click.echo(f"wrote the project {name} to {folder}; its README.md says how to try it, and to make a wheel")
