"""``shortcodes convert``: posts at their source, in Markdown, with emoji written another way."""

import difflib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TextIO

import click

from ..errors import InputError
from ..limits import Limits
from ..packs.pack import Pack, is_url
from ..source import TARGETS
from .files import Post, open_output, read_names, read_post, read_posts, refuse_same, size_of, with_progress
from .options import Asked, make_converter, markup_options, output_option, reading_options

_SUFFIXES = (".md", ".markdown", ".txt")
_LIMITS = Limits(characters=1 << 22, output=1 << 26)  # files are one's own, and all of them is to be converted


@click.command()
@click.argument("files", nargs=-1, type=click.Path(allow_dash=True))
@click.option("--to", "target", type=click.Choice(TARGETS), required=True, help="What to write emoji as.")
@click.option("--names", metavar="FILE", help="A JSON object of names and the names they have there.")
@click.option("--in-place", is_flag=True, help="Rewrite the files that change, each all or nothing.")
@click.option("--diff", is_flag=True, help="Show what would change; write nothing.")
@click.option("--check", is_flag=True, help="List the files that would change, and exit with 1 if any does.")
@markup_options("For --to html. ")
@reading_options
@output_option
def convert(  # noqa: PLR0913  # click hands every option over by its name
    *,
    files: tuple[str, ...],
    target: str,
    names: str | None,
    in_place: bool,
    diff: bool,
    check: bool,
    renderer: str | None,
    base_url: str | None,
    packs: tuple[str, ...],
    dialect: str,
    boundary: str | None,
    emoticons: bool,
    output: str | None,
) -> int:
    """Write emoji another way in the Markdown of posts; all else stays, byte for byte.

    FILES are posts, or folders of them (.md, .markdown and .txt); - or none at all is standard input. Folders need
    --in-place, --diff or --check. A file that cannot be read is reported, and the others are done; exit code 2 then.
    """
    refuse_same(output, (*files, *packs, *filter(None, (names,))))
    asked = Asked(packs, dialect, boundary, emoticons)
    converter = make_converter(asked, output=output, base_url=base_url, renderer=renderer, limits=_LIMITS)
    renamed = {} if names is None else read_names(names)
    by_file = in_place or diff or check

    def converted(post: Post) -> str:
        if len(post.text) > _LIMITS.characters:
            raise InputError(f"{post.name}: has more than {_LIMITS.characters:,} characters; split it")
        return converter.to_source(post.text, target=target, names=renamed)

    if by_file and target in ("lemmy", "html") and any(_is_local(pack) for pack in converter.index.packs):
        raise InputError("images would be addressed as seen from here; say with --base-url where they are served from")
    if not by_file and (folder := next(filter(os.path.isdir, files), None)):
        raise InputError(f"{folder}: is a folder; say --in-place, --diff or --check")
    if in_place and (output or not files or "-" in files):
        raise click.UsageError("--in-place rewrites the files that are named; leave out --output and -")
    sources = [] if by_file else [post.mark + converted(post) for post in read_posts(files)]  # all, or nothing
    with open_output(output) as out:
        if not by_file:
            out.writelines(sources)
            return 0
        return _each(files, converted, out, in_place=in_place and not (diff or check), diff=diff, check=check)


def _is_local(pack: Pack) -> bool:
    """Tell whether a pack has images whose addresses depend on where the page is."""
    has_files = any(emoji.image and not is_url(emoji.image) for emoji in pack.emoji)
    return has_files and not is_url(pack.base_url) and not pack.base_url.startswith("/")


def _each(  # noqa: PLR0913  # what the command line asks for
    files: tuple[str, ...],
    converted: Callable[[Post], str],
    out: TextIO,
    *,
    in_place: bool,
    diff: bool,
    check: bool,
) -> int:
    """Convert each file on its own; return the exit code."""
    failures: list[str] = []
    found = list(_without_repeats(_posts_in(name, failures) for name in files or ("-",)))
    changed = 0
    for file in with_progress(found, size_of(found)):
        try:
            post = next(read_posts(["-"])) if file == "-" else read_post(file)
            source = converted(post)
            if source == post.text:
                continue
            if diff:
                out.write(_difference(post, source))
            elif check:
                out.write(f"{post.name}\n")
            if in_place:
                with open_output(os.path.realpath(file)) as rewritten:
                    rewritten.write(post.mark + source)
            changed += 1
        except InputError as error:
            failures.append(str(error))
    out.flush()
    for failure in failures:
        click.echo(f"shortcodes: {failure}", err=True)
    done = "changed" if in_place else "would change"
    failed = f", {len(failures)} failed" if failures else ""
    click.echo(f"{changed} of {len(found)} files {done}{failed}", err=True)
    return 2 if failures else int(check and changed > 0)


def _without_repeats(names: Iterable[Iterable[str]]) -> Iterator[str]:
    seen: set[str] = set()
    for name in chain.from_iterable(names):
        real = name if name == "-" else os.path.realpath(name)
        if real not in seen:
            seen.add(real)
            yield name


def _posts_in(name: str, failures: list[str]) -> Iterator[str]:
    """Yield a file, or the posts in a folder, by name; not those in hidden folders, nor behind links, nor pipes."""
    if not os.path.isdir(name):
        yield name
        return
    for folder, folders, files in os.walk(name, onerror=lambda error: failures.append(_unreadable(error))):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for file in sorted(files):
            path = os.path.join(folder, file)
            if file.lower().endswith(_SUFFIXES) and not file.startswith(".") and _is_plain_file(path):
                yield path


def _is_plain_file(path: str) -> bool:
    return os.path.isfile(path) and not os.path.islink(path)


def _unreadable(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}"


def _difference(post: Post, source: str) -> str:
    """Return a unified diff, as `patch` reads it."""
    before, after = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (post.mark + post.text, post.mark + source))
    lines = difflib.unified_diff(before, after, f"a/{post.name}", f"b/{post.name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


__all__ = ["convert"]
