"""Many posts to results, in worker processes: posts go out in chunks, and what comes back is put together here.

A worker sends HTML and, of each shortcode, only its source and its place. What it stands for is looked up again, in
this process's own index: so results have the very emoji and packs that the caller has, and these never travel back.
"""

import pickle
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Protocol

from ..errors import OptionError
from ..packs.index import Index
from ..processes import in_processes, most_workers
from ..renderers import Html
from ..results import FoundShortcode, Result, UnknownShortcode
from ..tokenizer import Piece

_CHARACTERS = 32_768
"""Of a chunk: some tens of milliseconds of work, beside which a trip to a process and back is nothing."""
_POSTS = 1_000
"""Of a chunk, at the most, however short they are."""
_FEWEST = 2
"""Chunks that are worth processes: these need a third of a second before they begin."""


class Converts(Protocol):
    """What is asked of a converter: results, and the settings that it is made from, by their names."""

    @property
    def index(self) -> Index:
        """What names resolve to."""

    def convert(self, post: str) -> Result:
        """Return a post as HTML, with what was found in it."""

    def __getstate__(self) -> Mapping[str, object]: ...


_Sent = tuple[str, list[tuple[str, int, int]], list[tuple[str, str, int, int]]]
"""A result as it travels: HTML, and of each shortcode its source, its name if nothing has it, its line, its column."""


def convert_many(
    converter: Converts, pieces: Mapping[str, tuple[Piece, ...]], posts: Iterable[str], *, workers: int | None
) -> Generator[Result, None, None]:
    """Yield the result of each post, in order. `pieces`: what a shortcode's source is read as.

    Raises `OptionError`, before any process is started, for a setting that cannot travel.
    """
    several = most_workers(workers)
    if several == 1:
        return (converter.convert(post) for post in posts)
    _check(converter)
    return _converted(converter, pieces, posts, several)


def _check(converter: Converts) -> None:
    """Raise `OptionError` if a converter cannot go to another process, with the setting that keeps it."""
    try:
        pickle.dumps(converter)
    except Exception:
        for setting, value in converter.__getstate__().items():
            try:
                pickle.dumps(value)
            except Exception as error:  # what is wrong with a stranger's value may be anything
                raise OptionError(
                    f"{setting} cannot go to a worker process ({error}); a function has to stand in a module, under its"
                    " name, and an installed dialect has to be given by its name; or give workers=1"
                ) from error
        raise


def _converted(
    converter: Converts, pieces: Mapping[str, tuple[Piece, ...]], posts: Iterable[str], workers: int
) -> Generator[Result, None, None]:
    index, version = converter.index, converter.index.version
    away: deque[list[str]] = deque()

    def jobs() -> Iterator[tuple[list[str | None]]]:
        for chunk in _chunks(posts):
            away.append(chunk)
            yield ([post if type(post) is str else None for post in chunk],)  # Markup, say, stays here

    work = partial(_convert, converter)
    with closing(in_processes(work, jobs(), workers=workers, fewest=_FEWEST)) as answers:
        for answer in answers:
            for post, sent in zip(away.popleft(), answer, strict=True):
                if sent is None:
                    yield converter.convert(post)
                    continue
                html, found, unknown = sent
                yield Result(
                    Html(html),
                    tuple([FoundShortcode(pieces[source][0], line, column) for source, line, column in found]),  # type: ignore[arg-type]  # it resolved
                    tuple([UnknownShortcode(*one, index) for one in unknown]),
                    version,
                )


def _chunks(posts: Iterable[str]) -> Iterator[list[str]]:
    """Cut posts to chunks, by their characters: a trip costs as much for one post as for a hundred.

    A post that is longer than a chunk goes alone, so that no others wait for it.
    """
    chunk: list[str] = []
    characters = 0
    try:
        for post in posts:
            size = len(post) if type(post) is str else 0
            if chunk and (characters + size > _CHARACTERS or len(chunk) == _POSTS):
                yield chunk
                chunk, characters = [], 0
            chunk.append(post)
            characters += size
    except Exception:
        if chunk:  # results of what came before an error come before it, too
            yield chunk
        raise
    if chunk:
        yield chunk


# In the worker.


def _convert(converter: Converts, posts: list[str | None]) -> list[_Sent | None]:
    """Return the results of a chunk; none where a post raises, as it will raise again where it came from."""
    return [None if post is None else _sent(converter, post) for post in posts]


def _sent(converter: Converts, post: str) -> _Sent | None:
    try:
        result = converter.convert(post)
    except BaseException:  # noqa: BLE001  # a stranger's renderer may raise anything
        return None
    found = [(one.shortcode.source, one.line, one.column) for one in result.found]
    return str(result.html), found, [one[:4] for one in result.unknown]
