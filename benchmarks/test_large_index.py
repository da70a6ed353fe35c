"""An index of 100,000 emoji beside one of 2,000: building, and using."""

import corpora
import indexes
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from shortcodes import build_index

SIZES = [2_000, 100_000]


@pytest.mark.benchmark(min_rounds=3)
@pytest.mark.parametrize("count", SIZES)
def test_build(benchmark: BenchmarkFixture, count: int) -> None:
    """Flatten one pack, every value checked."""
    benchmark(build_index, [indexes.pack_of(count)])


@pytest.mark.parametrize("count", SIZES)
def test_throughput(benchmark: BenchmarkFixture, count: int) -> None:
    """1 MB of chat with names from all over the index."""
    converter = indexes.converter_of(count)
    benchmark(converter.text_to_text, corpora.chat(corpora.MB, names=indexes.names_of(count)))


@pytest.mark.parametrize("count", SIZES)
def test_suggestions(benchmark: BenchmarkFixture, count: int) -> None:
    """The names that a typo may have meant."""
    converter = indexes.converter_of(count)
    benchmark(converter.index.suggest, "emoji_00420")
