"""Measure on a noisy machine: contenders take turns, and only figures of the same round are compared."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

Work = Callable[[], object]
"""What is measured. One that returns a float ran in another process, for so many CPU seconds."""


class Spread(NamedTuple):
    """The median of some rounds, and the extremes."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))


class Rounds(NamedTuple):
    """CPU seconds of one call of each contender, one figure a round."""

    seconds: Mapping[str, Sequence[float]]

    def spent(self, name: str) -> Spread:
        return Spread.of(self.seconds[name])

    def ratio(self, name: str, to: str) -> Spread:
        """Return how many times as long as `to` the contender took, round by round."""
        return Spread.of([one / other for one, other in zip(self.seconds[name], self.seconds[to], strict=True)])


def take_turns(contenders: Mapping[str, Work], *, rounds: int, at_least: float = 0.004) -> Rounds:
    """Run every contender once a round, in turning order, each often enough to last `at_least` seconds.

    CPU time, as other processes come and go. What exists before is kept from the garbage collector, so that none pays
    for the tables of the others.
    """
    names = list(contenders)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    gc.collect()
    gc.freeze()
    try:
        calls = {name: _calls(work, at_least) for name, work in contenders.items()}
        for number in range(rounds):
            shift = number % len(names)
            for name in names[shift:] + names[:shift]:
                seconds[name].append(_time(contenders[name], calls[name]))
    finally:
        gc.unfreeze()
    return Rounds(seconds)


def best(work: Work, *, times: int) -> float:
    """Return the CPU seconds of the fastest of some calls: what the work costs when nothing disturbs it."""
    return min(_time(work, 1) for _ in range(times))


def _time(work: Work, calls: int) -> float:
    start = time.process_time()
    elsewhere = [seconds for _ in range(calls) if isinstance(seconds := work(), float)]
    return (sum(elsewhere) or time.process_time() - start) / calls


def _calls(work: Work, at_least: float) -> int:
    work()  # caches fill, patterns compile
    calls = 1
    while (spent := _time(work, calls) * calls) < at_least:
        calls = max(calls * 2, int(calls * at_least / max(spent, 1e-6)))
    return calls
