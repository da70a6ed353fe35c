"""A keystroke in a long post: its preview, beside rendering all of it. ``pytest benchmarks --benchmark-enable``."""

from itertools import count
from random import Random

import corpora
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from shortcodes import Converter, Preview

SIZE = 20 * corpora.KB
CONVERTERS = {dialect: Converter(dialect=dialect) for dialect in ("gfm", "lemmy", "discourse")}


def _post() -> str:
    return "\n\n".join(corpora.posts(SIZE // 300))[:SIZE]


@pytest.mark.parametrize("dialect", CONVERTERS)
def test_whole_post(benchmark: BenchmarkFixture, dialect: str) -> None:
    """What a keystroke costs without a preview."""
    benchmark(CONVERTERS[dialect].to_html, _post())


@pytest.mark.parametrize("dialect", CONVERTERS)
def test_keystroke(benchmark: BenchmarkFixture, dialect: str) -> None:
    """A letter at a random place, and gone again: half of each round's time is one update."""
    post, random = _post(), Random(corpora.SEED)
    preview = Preview(CONVERTERS[dialect])
    preview.update(post)

    def type_and_undo(place: int) -> None:
        preview.update(post[:place] + "x" + post[place:])
        preview.update(post)

    places = (random.randrange(len(post)) for _ in count())
    benchmark(lambda: type_and_undo(next(places)))
