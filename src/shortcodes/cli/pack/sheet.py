"""``shortcodes pack sheet``: every emoji of a pack in one picture, or on one page."""

import os
from base64 import b64encode
from collections.abc import Iterator, Mapping

import click
from markupsafe import escape

from ...emoji import Emoji, url_problem
from ...errors import InputError
from ...packs.manifest import examine_pack
from ...packs.pack import Content, Pack, is_url
from ...renderers import Html
from ...whole import open_whole
from ..files import file_or_folder, open_output


@click.command()
@click.argument("pack", type=file_or_folder, metavar="PACK")
@click.option("-o", "--output", type=file_or_folder, metavar="FILE", help="The PNG to write.")
@click.option("--html", metavar="FILE", help="The page to write.")
@click.option(
    "--font",
    "fonts",
    multiple=True,
    type=file_or_folder,
    metavar="FILE",
    help="For the PNG: a font for names in other scripts, or a colour font for emoji that are characters. Repeatable.",
)
def sheet(*, pack: str, output: str | None, html: str | None, fonts: tuple[str, ...]) -> int:
    """Show every emoji of PACK at 64 and 24 pixels, on light and dark ground, with its names, by category.

    PACK is a folder with a pack.toml, or a zip of one. Write a PNG with -o, a page with --html, or both.
    """
    if not output and not html:
        raise click.UsageError("say what to write: -o sheet.png, --html sheet.html, or both")
    reading = examine_pack(pack)
    if output:
        from ...images.sheet import Glyphs, draw_sheet, pack_sections  # Pillow is slow to import

        sections = pack_sections(reading.pack, reading.files, Glyphs(fonts))
        drawn = draw_sheet(_title(reading.pack), _facts(reading.pack), sections, fonts=fonts)
        with open_whole(output) as file:
            drawn.save(file, "PNG", compress_level=6)
    if html:
        folder = pack if os.path.isdir(pack) else None
        with open_output(html) as page:
            page.writelines(_page(reading.pack, reading.files, folder, html))
    if reading.problems:
        count = len(reading.problems)
        click.echo(f"{pack}: has {count} problem{'s' * (count > 1)}; `shortcodes pack check` lists them", err=True)
    return 0


def _title(pack: Pack) -> str:
    return pack.title or pack.name


def _facts(pack: Pack) -> str:
    count = f"{len(pack.emoji):,} emoji"
    version = pack.version and f"version {pack.version}"
    return " · ".join(filter(None, (count, version, pack.license, ", ".join(pack.authors))))


# The page.


def _page(pack: Pack, files: Mapping[str, Content], folder: str | None, page: str) -> Iterator[Html]:
    """Yield a page that needs nothing but the images: those of a folder are linked, those of a zip are inside."""
    here = os.path.dirname(__file__)
    from ...images.sheet import frames_of  # as above

    with (
        open(os.path.join(here, "..", "page.css"), encoding="utf-8") as base,
        open(os.path.join(here, "sheet.css"), encoding="utf-8") as own,
    ):
        style = Html(base.read() + own.read())
    yield Html(
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(_title(pack))}</title>\n<style>\n{style}</style>\n"
        f"<main>\n<header><h1>{escape(_title(pack))}</h1><p>{escape(_facts(pack))}</p></header>\n"
    )
    sections: dict[str, list[Emoji]] = {}
    for emoji in pack.emoji:
        sections.setdefault(emoji.category, []).append(emoji)
    for category in sorted(sections, key=lambda category: not category):  # those without one are last
        title = category or ("Other" if len(sections) > 1 else "All emoji")
        count = f"<small>{len(sections[category]):,}</small>"
        yield Html(f'<h2>{escape(title)} {count}</h2>\n<ul class="tiles">\n')
        for emoji in sections[category]:
            yield _tile(emoji, _source(emoji, files, folder, page), frames_of(emoji, files))
        yield Html("</ul>\n")
    yield Html("</main>\n</html>\n")


def _tile(emoji: Emoji, source: str, frames: int) -> Html:
    grounds = Html("").join(
        Html(f'<span class="{ground}">{_picture(emoji, source, "large")}{_picture(emoji, source, "small")}</span>')
        for ground in ("light", "dark")
    )
    name = escape(emoji.name)
    marks = Html(f"<small>▶ {frames:,} frames</small>") if frames > 1 else Html("")
    marks += Html('<small class="mark">retired</small>') if emoji.retired else Html("")
    return Html(
        f'<li><div class="card" title="{escape(emoji.alt_text())}">{grounds}</div>'
        f'<p class="name"><b>{f"<s>{name}</s>" if emoji.retired else name}</b>{marks}</p>'
        f'<p class="below"><span>{escape(", ".join(emoji.aliases))}</span></p></li>\n'
    )


def _picture(emoji: Emoji, source: str, size: str) -> Html:
    if emoji.unicode:
        return Html(f'<i class="{size}">{escape(emoji.unicode)}</i>')
    if not source:
        return Html("<em>no image</em>" if size == "large" else "")
    alt = escape(emoji.alt_text() or f":{emoji.name}:") if size == "large" else ""
    return Html(f'<img class="{size}" src="{escape(source)}" alt="{alt}" loading="lazy" decoding="async">')


def _source(emoji: Emoji, files: Mapping[str, Content], folder: str | None, page: str) -> str:
    """Return the address of an emoji's image, as the page has it."""
    from urllib.parse import quote

    file = emoji.image or ""
    if file not in files:
        return file if is_url(file) and url_problem(file) is None else ""  # the pack may be one that is refused
    if folder is not None:
        start = os.path.dirname(page) if page != "-" else ""
        return quote(os.path.relpath(os.path.join(folder, file), start or ".").replace(os.sep, "/"))
    ending = file.rpartition(".")[2].lower()
    kind = {"jpg": "jpeg", "svg": "svg+xml", "apng": "png"}.get(ending, ending)
    try:
        return f"data:image/{quote(kind)};base64,{b64encode(files[file]()).decode()}"
    except InputError:
        return ""
