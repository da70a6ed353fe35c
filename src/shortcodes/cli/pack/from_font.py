"""``shortcodes pack from-font``: the emoji of a colour font as an image pack."""

import os
from functools import partial

import click

from ...packs.unicode import EMOJI_VERSION, unicode_pack
from ...packs.write import write_folder
from ..files import file_or_folder


@click.command("from-font")
@click.argument("font", type=file_or_folder)
@click.option(
    "-o",
    "--output",
    type=file_or_folder,
    metavar="FOLDER",
    required=True,
    help="The folder of the pack: a new one, or empty.",
)
@click.option("--size", default=128, show_default=True, type=click.IntRange(8, 1024), help="Pixels, at most.")
@click.option("--verbose", is_flag=True, help="List the sequences that the font lacks.")
def from_font(*, font: str, output: str, size: int, verbose: bool) -> int:
    """Make an image pack of every Unicode emoji that FONT has, with tones and joined ones, under the same names.

    FONT is a colour font that Pillow reads (CBDT, sbix, COLR version 0), such as NotoColorEmoji.ttf. What it lacks is
    counted on standard error. The licence of the pack is that of the font: write it into the pack.toml.
    """
    from ...images.font import draw_pack  # Pillow is slow to import

    drawn = draw_pack(font, unicode_pack().emoji, size=size)
    write_folder(drawn.pack, {file: partial(bytes, content) for file, content in drawn.files.items()}, output)
    for emoji in drawn.lacking if verbose else ():
        click.echo(f"{emoji.unicode}  :{emoji.name}: {_code_points(emoji.unicode or '')}", err=True)
    have, lack = len(drawn.files), len(drawn.lacking)
    all_of_them = f"{have + lack:,} sequences of Emoji {EMOJI_VERSION}"
    click.echo(f"{output}: {have:,} of {all_of_them}; {lack:,} are not in {os.path.basename(font)}", err=True)
    return 0


def _code_points(sequence: str) -> str:
    return " ".join(f"U+{ord(character):04X}" for character in sequence)
