"""The report as a page of the docs."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import peers
from children import STEPS, Start
from measures import BigIndex, Hostile, Race
from rounds import Spread
from targets import Target

import shortcodes

_INTRODUCTION = """\
# Benchmarks

Made by `make bench`; do not edit. Every peer does the same work on the same texts in the same process, and its output
is checked against ours before the clock starts. Contenders take turns; a ratio compares figures of the same round, and
is given as median (lowest–highest). So the ratios carry over to other machines, the seconds do not.

![Speed of the text door and the Markdown door beside the peers](benchmarks.svg)
"""


class Figures(NamedTuple):
    """All that was measured."""

    text: Sequence[Race]
    markdown: Sequence[Race]
    doors: Mapping[str, Spread]
    ten_thousand: float
    start: Mapping[str, Start]
    big_index: BigIndex
    hostile: Sequence[Hostile]


def page(figures: Figures, targets: Iterable[Target]) -> str:
    """Return the page, in Markdown."""
    sections = [
        _INTRODUCTION,
        _machine(),
        "## Targets\n\n" + _table(("what", "wanted", "found", ""), _target_rows(targets)),
        _text(figures.text),
        _markdown(figures.markdown, figures.ten_thousand),
        _doors(figures.doors),
        _start(figures.start),
        _index(figures.big_index),
        _hostile(figures.hostile),
    ]
    return "\n".join(sections)


def _machine() -> str:
    versions = ", ".join(f"{name} {version}" for name, version in peers.versions().items())
    return (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}, "
        f"{os.cpu_count()} shared cores. shortcodes {shortcodes.__version__}; {versions}.\n"
    )


def _target_rows(targets: Iterable[Target]) -> Iterator[Sequence[str]]:
    for target in targets:
        yield target.what, target.wanted, target.found, "met" if target.met else "**not met**"


def _text(races: Sequence[Race]) -> str:
    names = list(races[0].peers)
    rows = [(race.corpus, _time(race.ours.median), *(_ratio(race.peers[name]) for name in names)) for race in races]
    return (
        "## Plain text to characters\n\n"
        "`Converter().text_to_text`, CPU time. How many times as long a peer takes: above 1, ours is faster. `emoji` "
        'is `emojize(text, language="alias")`; `re.sub` is one pattern with a callback that looks up the name: it has '
        "no rule about times, URLs, tones or spelling.\n\n" + _table(("corpus", "ours", *names), rows)
    )


def _markdown(races: Sequence[Race], ten_thousand: float) -> str:
    names = sorted(races[0].peers, key=lambda name: races[0].peers[name].median)
    speeds = [(name, *(f"{race.megabytes(name):.1f}" for race in races)) for name in names]
    ratios = [(name, *(_ratio(race.peers[name]) for race in races)) for name in names if name != peers.OURS]
    corpora = [race.corpus for race in races]
    return (
        "## Posts to HTML\n\n"
        "`Converter().to_html`, dialect `gfm`, with both engines. Typical posts have two shortcodes, some Markdown. "
        "Bare markdown-it-py is our default engine with the same preset and no emoji; those that take names get ours. "
        "cmark-gfm and pulldown-cmark let HTML through. Megabytes a second:\n\n"
        + _table(("", *corpora), speeds)
        + "\nHow many times as long as ours, default engine:\n\n"
        + _table(("", *corpora), ratios)
        + f"\n10,000 typical posts, once through: {ten_thousand:.1f} s.\n"
    )


def _doors(doors: Mapping[str, Spread]) -> str:
    rows = [(f"`{name}`", _time(spread.median)) for name, spread in doors.items()]
    return "## Every door\n\nOne typical post.\n\n" + _table(("door", "time"), rows)


def _start(start: Mapping[str, Start]) -> str:
    bare = start["bare"]
    rows = [
        (f"`{STEPS[step]}`", f"{(one.cpu - bare.cpu) * 1e3:.1f} ms", f"{(one.wall - bare.wall) * 1e3:.1f} ms")
        for step, one in start.items()
        if step != "bare"
    ]
    return (
        "## A fresh process\n\n"
        f"On top of a bare interpreter, which takes {bare.cpu * 1e3:.1f} ms here; the fastest of many processes, with "
        "modules already compiled.\n\n" + _table(("what it does", "CPU", "by the clock"), rows)
    )


def _index(index: BigIndex) -> str:
    rows = [
        ("values of the pack", f"{index.values:.2f} s"),
        ("`build_index`, every value checked", f"{index.build:.2f} s"),
        ("growth of the process at its peak", f"{index.resident / 1e6:.0f} MB"),
        ("allocated by Python at its peak", f"{index.traced / 1e6:.0f} MB"),
        ("time for 1 MB of chat ÷ that with 2,000 emoji", _ratio(index.throughput)),
    ]
    return "## An index of 100,000 emoji\n\n" + _table(("", ""), rows)


def _hostile(hostile: Sequence[Hostile]) -> str:
    doors = list(hostile[0].seconds)
    rows = [
        (one.kind, *(_time(one.seconds[door]) for door in doors), f"{one.growth:.1f}×")
        for one in sorted(hostile, key=lambda one: -one.seconds["text_to_text"])
    ]
    return (
        "## Hostile text\n\n"
        "1 MB in `text_to_text`; 262 kB, which is the limit, in the others. Growth: the time for 1 MB ÷ that for a "
        "quarter of it, in `text_to_text`; 4 is linear.\n\n"
        + _table(("text", *(f"`{door}`" for door in doors), "growth"), rows)
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _ratio(spread: Spread) -> str:
    return f"**{spread.median:.2f}** ({spread.low:.2f}–{spread.high:.2f})"


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e6:.1f} µs"
