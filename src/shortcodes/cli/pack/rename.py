"""``shortcodes pack rename``: give an emoji another name, and leave the old one as an alias."""

import click

from ...packs.edit import rename_emoji
from ..files import file_or_folder
from .edits import as_name, dry_run_option, report


@click.command()
@click.argument("pack", type=file_or_folder)
@click.argument("old")
@click.argument("new")
@click.option("--no-alias", is_flag=True, help="Forget the old name: posts that have it will show it as text.")
@dry_run_option
def rename(*, pack: str, old: str, new: str, no_alias: bool, dry_run: bool) -> None:
    """Give the emoji OLD of the folder PACK the name NEW. OLD stays as an alias, so that old posts render.

    If NEW is an alias of the emoji, the two change places. If OLD is an alias, NEW becomes one, too.
    """
    report(rename_emoji(pack, as_name(old), as_name(new), alias=not no_alias, dry_run=dry_run), dry_run=dry_run)
