"""``shortcodes pack remove``: take emoji, or aliases, out of a pack."""

import click

from ...packs.edit import remove_emoji
from ..files import file_or_folder
from .edits import as_name, dry_run_option, report


@click.command()
@click.argument("pack", type=file_or_folder)
@click.argument("names", nargs=-1, required=True)
@click.option("--files", is_flag=True, help="Delete their images, too, if no other emoji has them.")
@dry_run_option
def remove(*, pack: str, names: tuple[str, ...], files: bool, dry_run: bool) -> None:
    """Take the emoji NAMES out of the folder PACK; a name that is an alias, alone.

    Posts that have them will show text; to have them rendered still, retire them instead.
    """
    report(remove_emoji(pack, map(as_name, names), files=files, dry_run=dry_run), dry_run=dry_run)
