"""What the report measures, each as plain figures."""

import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import children
import corpora
import indexes
import peers
from rounds import Spread, Work, best, take_turns

from shortcodes import Converter

DOORS = ("text_to_text", "text_to_html", "filter_html", "to_html", "to_text", "convert")
DOOR_LIMIT = 262_144
"""What the doors that make HTML read at most, in characters; the text door has no limit."""


class Race(NamedTuple):
    """One corpus: what ours took for all of it, and how many times as long each contender took, round by round."""

    corpus: str
    ours: Spread
    """CPU seconds."""
    peers: Mapping[str, Spread]
    characters: int = 0

    def speed(self, name: str, to: str) -> float:
        """Return how many times as fast as another a contender was, by the medians."""
        return self.peers[to].median / self.peers[name].median

    def megabytes(self, name: str) -> float:
        """Return how many million characters a contender did in a second."""
        return self.characters / (self.ours.median * self.peers[name].median) / 1e6


class Hostile(NamedTuple):
    """CPU seconds for one hostile text: 1 MB in the text door, as much as they take in the others."""

    kind: str
    seconds: Mapping[str, float]
    growth: float
    """How many times as long 1 MB took as 250 kB, in the text door."""


class BigIndex(NamedTuple):
    """An index of 100,000 emoji, and the throughput beside one of 2,000."""

    values: float
    build: float
    resident: float
    traced: float
    throughput: Spread
    """Time with 100,000 emoji ÷ time with 2,000, round by round."""


def text_races(rounds: int) -> Sequence[Race]:
    """Plain text to characters: ours and the peers, on every corpus. Raises if their output is not the same."""
    converter = Converter()
    doors = {peers.OURS: converter.text_to_text, **peers.text_peers(converter.index)}
    return [_race(corpus, doors, rounds) for corpus in corpora.text_corpora()]


def _race(corpus: corpora.Corpus, doors: Mapping[str, peers.Door], rounds: int) -> Race:
    expected = [doors[peers.OURS](text) for text in corpus.texts]
    for name, door in doors.items():
        if [door(text) for text in corpus.texts] != expected:
            raise ValueError(f"{name} does other work than {peers.OURS} on {corpus.name!r}")
    took = take_turns({name: _through(door, corpus.texts) for name, door in doors.items()}, rounds=rounds)
    others = {name: took.ratio(name, peers.OURS) for name in doors if name != peers.OURS}
    return Race(corpus.name, took.spent(peers.OURS), others)


def markdown_races(rounds: int) -> Sequence[Race]:
    """Posts to HTML: ours with both engines, and the peers, on every corpus."""
    converter = Converter()
    doors = {
        peers.OURS: converter.to_html,
        peers.FAST: Converter(engine="fast").to_html,
        **peers.markdown_peers(converter.index),
    }
    with peers.node(converter.index) as node:
        return [_markdown_race(corpus, doors, node, rounds) for corpus in corpora.markdown_corpora()]


def _markdown_race(
    corpus: corpora.Corpus, doors: Mapping[str, peers.Door], node: peers.Node | None, rounds: int
) -> Race:
    work = {name: _through(door, corpus.texts) for name, door in doors.items()}
    if node:
        work[peers.NODE] = node.through(corpus.texts)
    took = take_turns(work, rounds=rounds)
    ratios = {name: took.ratio(name, peers.OURS) for name in work}
    return Race(corpus.name, took.spent(peers.OURS), ratios, corpus.characters)


def door_times(rounds: int) -> Mapping[str, Spread]:
    """CPU seconds of every door for one typical post."""
    converter = Converter()
    posts = corpora.posts(40)
    doors = {name: _through(getattr(converter, name), posts) for name in DOORS}
    took = take_turns(doors, rounds=rounds)
    return {name: Spread(*(seconds / len(posts) for seconds in took.spent(name))) for name in DOORS}


def many_posts(number: int) -> float:
    """CPU seconds for that many different posts to HTML, once through."""
    return best(_through(Converter().to_html, corpora.posts(number)), times=1)


def hostile_times() -> Sequence[Hostile]:
    """Every hostile text through every door; the best of two."""
    converter = Converter()
    small = corpora.hostile(corpora.MB // 4)
    limited = corpora.hostile(DOOR_LIMIT - 200)
    found: list[Hostile] = []
    for kind, text in corpora.hostile(corpora.MB).items():
        seconds = {"text_to_text": best(partial(converter.text_to_text, text), times=4)}
        quarter = best(partial(converter.text_to_text, small[kind]), times=8)
        for door in ("text_to_html", "filter_html", "to_html"):
            seconds[door] = best(partial(getattr(converter, door), limited[kind]), times=2)
        found.append(Hostile(kind, seconds, seconds["text_to_text"] / quarter))
    return found


def big_index(rounds: int) -> BigIndex:
    """Build an index of 100,000 emoji in fresh processes, and use it."""
    built = [children.big_index(100_000) for _ in range(5)]
    traced = children.big_index(100_000, traced=True).traced
    text = {count: corpora.chat(corpora.MB, names=indexes.names_of(count)) for count in (2_000, 100_000)}
    work = {str(count): partial(indexes.converter_of(count).text_to_text, text[count]) for count in text}
    took = take_turns(work, rounds=rounds)
    return BigIndex(
        min(one.values for one in built),
        min(one.build for one in built),
        statistics.median(one.resident for one in built),
        traced,
        took.ratio("100000", "2000"),
    )


def _through(door: peers.Door, texts: Sequence[str]) -> Work:
    def work() -> None:
        for text in texts:
            door(text)

    return work
