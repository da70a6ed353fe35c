"""The four doors on typical texts. ``pytest benchmarks --benchmark-enable``."""

from collections.abc import Callable

import corpora
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from shortcodes import Converter

Door = Callable[[str], object]
CONVERTER = Converter()
TEXT_DOORS = [CONVERTER.text_to_text, CONVERTER.text_to_html, CONVERTER.filter_html]
POST_DOORS = [CONVERTER.to_html, CONVERTER.to_text, CONVERTER.convert]


def _name(value: Door | corpora.Corpus) -> str:
    return value.name if isinstance(value, corpora.Corpus) else str(getattr(value, "__name__", value))


def _through(door: Door, texts: tuple[str, ...]) -> None:
    for text in texts:
        door(text)


@pytest.mark.parametrize("corpus", corpora.text_corpora(), ids=_name)
@pytest.mark.parametrize("door", TEXT_DOORS, ids=_name)
def test_plain_text(benchmark: BenchmarkFixture, door: Door, corpus: corpora.Corpus) -> None:
    """Texts of each kind, through the doors that read no Markdown."""
    benchmark(_through, door, corpus.texts)


@pytest.mark.parametrize("door", [*TEXT_DOORS, *POST_DOORS], ids=_name)
def test_typical_posts(benchmark: BenchmarkFixture, door: Door) -> None:
    """A hundred posts of 400 characters, through every door."""
    benchmark(_through, door, corpora.posts(100))


@pytest.mark.slow
@pytest.mark.benchmark(min_rounds=2, max_time=0.1)
def test_ten_thousand_posts(benchmark: BenchmarkFixture) -> None:
    """What a forum pays to render itself again when a pack changes."""
    benchmark(_through, CONVERTER.to_html, corpora.posts(10_000))


@pytest.mark.benchmark(max_time=0.2)
@pytest.mark.parametrize("door", TEXT_DOORS, ids=_name)
@pytest.mark.parametrize(("kind", "text"), corpora.hostile(200_000).items(), ids=lambda value: value[:24])
def test_hostile(benchmark: BenchmarkFixture, door: Door, kind: str, text: str) -> None:
    """200 kB of what is made to be slow; growth is held by tests/test_guards.py."""
    assert kind
    benchmark(door, text)
