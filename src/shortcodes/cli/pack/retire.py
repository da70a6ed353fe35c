"""``shortcodes pack retire``: old posts still show an emoji, and new ones are not offered it."""

import click

from ...packs.edit import retire_emoji
from ..files import file_or_folder
from .edits import as_name, dry_run_option, report


@click.command()
@click.argument("pack", type=file_or_folder)
@click.argument("names", nargs=-1, required=True)
@click.option("--undo", is_flag=True, help="Offer them again.")
@dry_run_option
def retire(*, pack: str, names: tuple[str, ...], undo: bool, dry_run: bool) -> None:
    """Take the emoji NAMES of the folder PACK out of use: old posts still show them, pickers offer them no more."""
    report(retire_emoji(pack, map(as_name, names), undo=undo, dry_run=dry_run), dry_run=dry_run)
