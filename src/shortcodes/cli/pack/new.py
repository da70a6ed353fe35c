"""``shortcodes pack new``: begin a pack."""

import click

from ...packs.project import begin_pack
from ..files import file_or_folder
from .edits import as_name


@click.command()
@click.argument("folder", type=file_or_folder)
@click.option("--name", default="", help="The name of the pack; that of the folder, if not given.")
@click.option("--title", default="", help="Its name for people.")
@click.option("--license", "license_", default="", metavar="SPDX", help="Its licence: CC0-1.0, CC-BY-4.0, …")
@click.option("--author", "authors", multiple=True, help="Who made it. Repeatable.")
def new(*, folder: str, name: str, title: str, license_: str, authors: tuple[str, ...]) -> None:
    """Begin a pack: write a pack.toml with comments into FOLDER, which is made if it is not there."""
    pack = begin_pack(folder, name=as_name(name), title=title, license=license_, authors=authors)
    click.echo(f"began the pack {pack.name} in {folder}; add images: shortcodes pack add FOLDER IMAGES")
