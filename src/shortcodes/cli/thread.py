"""``shortcodes thread``: a forum's JSON of a post and its comments, to a page, to text, to JSON."""

import json
from datetime import UTC, datetime
from typing import Literal

import click

from ..converter import Converter
from ..dialects.dialect import Dialect
from ..errors import OptionError
from ..threads import read_json, read_moment, read_thread, thread_json, thread_page, thread_text
from .files import open_output, read_posts, refuse_same
from .options import engine_option, markup_options, output_option, read_dialect, read_packs, reading_options


@click.command()
@click.argument("post", type=click.Path(allow_dash=True))
@click.argument("comments", nargs=-1, type=click.Path(allow_dash=True))
@click.option(
    "--to", type=click.Choice(["page", "text", "json"]), default="page", show_default=True, help="What to make."
)
@click.option(
    "--now", metavar="DATE", help="When ages are seen from, as 2024-11-22T09:30:00Z; the present if not given."
)
@click.option("--lenient", is_flag=True, help="Leave out comments with which something is wrong, and say so.")
@click.option("--title", help="Another title than the thread's.")
@markup_options()
@engine_option
@reading_options
@output_option
def thread(  # noqa: PLR0913  # click hands every option over by its name
    *,
    post: str,
    comments: tuple[str, ...],
    to: Literal["page", "text", "json"],
    now: str | None,
    lenient: bool,
    title: str | None,
    renderer: str | None,
    base_url: str | None,
    engine: str,
    packs: tuple[str, ...],
    dialect: str,
    boundary: str | None,
    emoticons: bool,
    output: str | None,
) -> int:
    """Render a thread.

    POST is Lemmy's answer to GetPost and COMMENTS its answers to GetComments, one a page, both as JSON. Or POST is a
    thread in the plain JSON that --to json writes, and there are no COMMENTS. One of them may be -, standard input.
    Exit code 1 if --lenient left something out.
    """
    if (post, *comments).count("-") > 1:
        raise OptionError("- is standard input, which can be read only once; name a file for the other one")
    if title is not None and to == "text":
        raise OptionError("a thread as text has no title; leave out --title")
    refuse_same(output, (post, *comments, *packs))
    moment = _moment(now)
    read = read_thread(*(read_json(file.text, file.name) for file in read_posts((post, *comments))), lenient=lenient)
    for line in read.left_out:
        click.echo(f"shortcodes: left out: {line}", err=True)
    shown = read._replace(title=title) if title else read
    converter = Converter(
        read_packs(packs, output=output, base_url=base_url),
        dialect=_leading_home(read_dialect(dialect), read.forum if to == "page" else ""),
        boundary=boundary,
        emoticons=emoticons,
        renderer=renderer,
        engine=engine,
    )
    with open_output(output) as out:
        if to == "page":
            out.write(thread_page(shown, converter, now=moment))
        elif to == "text":
            out.write(thread_text(shown, converter, now=moment))
        else:
            out.write(json.dumps(thread_json(shown, converter), ensure_ascii=False, indent=1) + "\n")
    return 1 if read.left_out else 0


def _leading_home(dialect: Dialect, forum: str) -> Dialect:
    """Let mentions lead to the forum, as a page that lies elsewhere has no ``/u/ann`` of its own."""
    return dialect._replace(
        urls={kind: f"{forum}{url}" if url.startswith("/") else url for kind, url in dialect.urls.items()}
    )


def _moment(now: str | None) -> datetime:
    try:
        return read_moment(now) if now is not None else datetime.now(UTC)
    except ValueError as error:
        raise OptionError(f"--now: {error}") from error
