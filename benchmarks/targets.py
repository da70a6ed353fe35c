"""What the project wants to reach, and whether it does."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import peers
from children import Start
from measures import BigIndex, Hostile, Race


class Target(NamedTuple):
    """A figure that is wanted, and the one that was found."""

    what: str
    wanted: str
    found: str
    met: bool


_TYPICAL, _DENSE, _PLAIN = "typical posts, 400 B", "dense emoji, 400 B", "no markup, 400 B"
_SPEEDS = (
    (_TYPICAL, peers.OURS, peers.BARE, 1.15),
    (_DENSE, peers.OURS, peers.BARE, 0.9),
    (_PLAIN, peers.OURS, peers.BARE, 30),
    (_TYPICAL, peers.OURS, peers.PYTHON_MARKDOWN, 2),
    (_TYPICAL, peers.FAST, peers.PYTHON_MARKDOWN, 40),
    (_TYPICAL, peers.FAST, peers.NODE, 4),
    (_TYPICAL, peers.FAST, peers.COMRAK, 1),
    (_PLAIN, peers.FAST, peers.COMRAK, 2),
    ("colons, no shortcodes, 400 B", peers.FAST, peers.COMRAK, 2),
    ("posts, 2 kB", peers.FAST, peers.COMRAK, 0.75),
    ("posts, 20 kB", peers.FAST, peers.COMRAK, 0.75),
)
"""A corpus, who has to be how many times as fast as whom."""


def targets(
    text: Sequence[Race],
    markdown: Sequence[Race],
    index: BigIndex,
    start: Mapping[str, Start],
    hostile: Sequence[Hostile],
) -> Iterator[Target]:
    """Compare every figure with what is wanted."""
    speeds = {race.corpus: race.peers[peers.EMOJI].median for race in text}
    slowest = min(speeds, key=lambda corpus: speeds[corpus])
    yield Target(
        "text door ÷ `emoji.emojize`, speed, each corpus",
        "≥ 1.5×",
        f"{speeds[slowest]:.2f}× on “{slowest}”, the slowest",
        speeds[slowest] >= 1.5,
    )
    median = statistics.median(speeds.values())
    yield Target("the same, median of the corpora", "≥ 2×", f"{median:.2f}×", median >= 2)

    by_corpus = {race.corpus: race for race in markdown}
    for corpus, contender, peer, wanted in _SPEEDS:
        if peer in by_corpus[corpus].peers:  # Node may not be here
            speed = by_corpus[corpus].speed(contender, peer)
            yield Target(f"{contender} ÷ {peer}, {corpus}", f"≥ {wanted}×", f"{speed:.2f}×", speed >= wanted)

    seconds = index.values + index.build
    yield Target("100,000 emoji, each with an alias: values and index", "< 1 s", f"{seconds:.2f} s", seconds < 1)
    megabytes = index.resident / 1e6
    yield Target("the same, growth of the process", "< 150 MB", f"{megabytes:.0f} MB", megabytes < 150)
    slower = index.throughput.median
    yield Target("100,000 emoji ÷ 2,000 emoji, time", "≤ 1.05×", f"{slower:.2f}×", slower <= 1.05)

    imported = (start["import"].cpu - start["bare"].cpu) * 1e3
    yield Target("`import shortcodes`, over a bare interpreter, CPU", "≤ 20 ms", f"{imported:.1f} ms", imported <= 20)
    pack = (start["pack"].cpu - start["import"].cpu) * 1e3
    yield Target("`unicode_pack()`, on top, CPU", "< 15 ms", f"{pack:.1f} ms", pack < 15)

    worst = max(hostile, key=lambda one: one.seconds["text_to_text"])
    took = worst.seconds["text_to_text"]
    yield Target("1 MB of hostile text, text door, each kind", "< 1 s", f"{took:.2f} s for {worst.kind}", took < 1)
    steepest = max(hostile, key=lambda one: one.growth)
    found = f"{steepest.growth:.1f}× for {steepest.kind}"
    yield Target("4 times the hostile text, time", "< 8×", found, steepest.growth < 8)
