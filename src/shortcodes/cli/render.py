"""``shortcodes render``: posts to HTML, to a page, or to plain text."""

from typing import Literal

import click

from ..errors import OptionError
from ..renderers import RENDERERS
from .files import open_output, read_posts
from .options import Asked, make_converter, reading_options


@click.command()
@click.argument("files", nargs=-1, type=click.Path(allow_dash=True))
@click.option("--to", type=click.Choice(["html", "text"]), default="html", show_default=True, help="What to make.")
@click.option("--page", is_flag=True, help="Make a whole, styled HTML page, light and dark.")
@click.option("--title", help="The page's title; the first file's name if not given.")
@click.option(
    "--renderer",
    type=click.Choice(sorted(RENDERERS)),
    help="How emoji are marked up; as the dialect's clients do if not given.",
)
@click.option("--base-url", metavar="URL", help="Where the images of packs without a base_url are served from.")
@reading_options
@click.option("-o", "--output", metavar="FILE", help="Write here, all or nothing, instead of to standard output.")
def render(  # noqa: PLR0913  # click hands every option over by its name
    *,
    files: tuple[str, ...],
    to: Literal["html", "text"],
    page: bool,
    title: str | None,
    renderer: str | None,
    base_url: str | None,
    packs: tuple[str, ...],
    dialect: str,
    boundary: str | None,
    emoticons: bool,
    output: str | None,
) -> None:
    """Render posts. FILES are Markdown; - or none at all is standard input."""
    if page and to == "text":
        raise OptionError("--page is HTML; leave out '--to text'")
    asked = Asked(packs, dialect, boundary, emoticons)
    converter = make_converter(asked, output=output, base_url=base_url, renderer=renderer)
    with open_output(output) as out:
        if page:
            from .page import page_end, page_start, post_in_page  # only pages need it

            out.write(page_start(title or (files[0] if files else "Post")))
            out.writelines(post_in_page(converter.to_html(post.text)) for post in read_posts(files))
            out.write(page_end())
        elif to == "text":
            out.writelines(converter.to_text(post.text) + "\n" for post in read_posts(files))
        else:
            out.writelines(converter.to_html(post.text) for post in read_posts(files))
