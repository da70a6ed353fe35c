"""Many posts on one core and on two: ``pytest benchmarks --benchmark-enable``, or run this while nothing else runs."""

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice

import corpora
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from shortcodes import Converter

CONVERTER = Converter()
WORKERS = [1, 2]
_ROUNDS = 5


def _all(posts: tuple[str, ...], workers: int) -> None:
    for _ in CONVERTER.convert_many(posts, workers=workers):
        pass


@pytest.mark.slow
@pytest.mark.benchmark(min_rounds=3, max_time=0.1)
@pytest.mark.parametrize("workers", WORKERS)
def test_ten_thousand_posts(benchmark: BenchmarkFixture, workers: int) -> None:
    """Typical posts, with what it takes to start the processes."""
    benchmark(_all, corpora.posts(10_000), workers)


@pytest.mark.benchmark(min_rounds=3, max_time=0.1)
@pytest.mark.parametrize("workers", WORKERS)
def test_the_first_result(benchmark: BenchmarkFixture, workers: int) -> None:
    """How long somebody waits who has many: two processes are started, and ended."""
    posts = corpora.posts(1_000)
    benchmark(lambda: next(CONVERTER.convert_many(posts, workers=workers)))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(number: int) -> None:
    """Print how many times as fast two workers are as ``convert`` in a loop, in rounds that take turns."""
    posts = corpora.posts(number)
    ratios: list[float] = []
    firsts: list[float] = []
    for _ in range(_ROUNDS):
        alone = _seconds(lambda: [CONVERTER.convert(post) for post in posts])
        gc.collect()
        start = time.perf_counter()
        results = CONVERTER.convert_many(posts, workers=2)
        next(results)
        firsts.append(time.perf_counter() - start)
        together = firsts[-1] + _seconds(lambda results=results: [*results])  # type: ignore[misc]  # a default binds it
        ratios.append(alone / together)
        rest = alone / (together - firsts[-1])
        print(
            f"{number:,} posts: {alone:.2f} s, two workers {together:.2f} s: {ratios[-1]:.2f}×, {rest:.2f}× once begun"
        )
    print(f"median {statistics.median(ratios):.2f}×; first result after {statistics.median(firsts):.2f} s;", end=" ")
    print("load", *(f"{load:.1f}" for load in os.getloadavg()))


def grow(number: int) -> None:
    """Print how this process grows from the first thousand posts to the last."""
    posts: Iterator[str] = islice(cycle(corpora.posts(5_000)), number)
    begun = 0
    for done, _ in enumerate(CONVERTER.convert_many(posts, workers=2), 1):
        begun = _resident() if done == 1_000 else begun
    print(f"{number:,} posts: {(_resident() - begun) / 1e6:+.2f} MB")


def _resident() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or ["10000", "40000"]):
        measure(size)
    grow(200_000)
