"""``shortcodes pack export``: a pack as another platform takes it, and the names that it has there."""

import click

from ..files import file_or_folder, read_names
from ..options import strangers


@click.command()
@click.argument("pack", type=file_or_folder)
@click.option("--to", "format_name", metavar="FORMAT", required=True, help="The format to write.")
@click.option(
    "-o", "--output", type=file_or_folder, metavar="TARGET", required=True, help="The file or the folder to write."
)
@click.option("--names", metavar="FILE", help="A JSON object of names in the pack and the names to give them there.")
def export(*, pack: str, format_name: str, output: str, names: str | None) -> None:
    """Write PACK, a folder or a zip, as another platform takes it.

    Names and images that it does not take are made to fit. A line for each thing that was changed or left out goes to
    standard error. The map of names is written beside TARGET, as TARGET.names.json: `shortcodes convert --names` writes
    posts by it, and the next export keeps to it if it is given as --names.
    """
    from ...exchange.transfer import export_pack  # it loads what reads and writes archives

    given = None if names is None else read_names(names)
    with strangers():
        done = export_pack(pack, format_name, output, names=given)
    for problem in done.exported.draft.problems:
        click.echo(str(problem), err=True)
    mapped = {old: new for old, new in done.exported.names.items() if old != new}
    for old, new in mapped.items():
        click.echo(f"{old!r}: is mapped to {new!r}", err=True)
    counts = {"mapped": len(mapped), "left out": done.exported.left_out}
    more = "".join(f", {count:,} {what}" for what, count in counts.items() if count)
    count = len(done.exported.draft.pack.emoji)
    click.echo(f"{output}: {count:,} emoji exported to {done.format.name}{more}; names in {done.names_file}", err=True)
