"""``shortcodes render``: posts to HTML, to a page, or to plain text."""

from typing import Literal

import click

from ..errors import OptionError
from .files import open_output, read_posts, refuse_same
from .options import Asked, engine_option, make_converter, markup_options, output_option, reading_options


@click.command()
@click.argument("files", nargs=-1, type=click.Path(allow_dash=True))
@click.option("--to", type=click.Choice(["html", "text"]), default="html", show_default=True, help="What to make.")
@click.option("--page", is_flag=True, help="Make a whole, styled HTML page, light and dark.")
@click.option("--title", help="The page's title; the first file's name if not given.")
@markup_options()
@engine_option
@reading_options
@output_option
def render(  # noqa: PLR0913  # click hands every option over by its name
    *,
    files: tuple[str, ...],
    to: Literal["html", "text"],
    page: bool,
    title: str | None,
    renderer: str | None,
    base_url: str | None,
    engine: str,
    packs: tuple[str, ...],
    dialect: str,
    boundary: str | None,
    emoticons: bool,
    output: str | None,
) -> None:
    """Render posts. FILES are Markdown; - or none at all is standard input."""
    if page and to == "text":
        raise OptionError("--page is HTML; leave out '--to text'")
    refuse_same(output, (*files, *packs))
    asked = Asked(packs, dialect, boundary, emoticons)
    converter = make_converter(asked, output=output, base_url=base_url, renderer=renderer, engine=engine)
    posts = read_posts(files)
    with open_output(output) as out:
        if page:
            from .page import page_end, page_start, post_in_page  # only pages need it

            out.write(page_start(title or (files[0] if files else "Post")))
            out.writelines(post_in_page(converter.to_html(post.text)) for post in posts)
            out.write(page_end())
        elif to == "text":
            out.writelines(converter.to_text(post.text) + "\n" for post in posts)
        else:
            out.writelines(converter.to_html(post.text) for post in posts)
