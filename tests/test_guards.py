"""Guards on speed and memory that noise cannot trip: ratios in one run, CPU time, the best of several, wide margins.

`make bench` has the exact figures, docs/benchmarks.md the targets; a guard fails when something is off by a factor.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from shortcodes import Converter, Emoji, Pack

CONVERTER = Converter()
SIZES = {"text_to_text": 25_000, "text_to_html": 25_000, "filter_html": 25_000, "to_html": 5_000, "convert": 5_000}
"""What the growth of each door is measured from: enough for milliseconds, little enough for a quick test."""


def repeated(piece: str) -> Callable[[int], str]:
    return lambda size: piece * (size // len(piece))


def numbered(pattern: str) -> Callable[[int], str]:
    return lambda size: "".join(pattern.format(number) for number in range(100_000, 100_000 + size // len(pattern)))


HOSTILE: dict[str, Callable[[int], str]] = {
    "colons": repeated(":"),
    "colons and letters": repeated(":a"),
    "letters and colons": repeated("a:"),
    "colon runs": repeated(":: "),
    "colons and letters that are not ASCII": repeated(":é"),
    "touching, not ASCII": repeated(":é:ü:"),
    "one long name": lambda size: f":{'a' * size}:",
    "one long name, never closed": lambda size: f":{'a' * size}",
    "names too long by one": repeated(f":{'a' * 129}:"),
    "symbols": repeated(":_-+"),
    "unknown names": numbered(":no{}: "),
    "unknown names that touch": numbered(":no{}:"),
    "known names that touch": repeated(":wave:"),
    "tones": repeated(":wave::skin-tone-4:"),
    "tones that touch nothing": repeated(":skin-tone-4:"),
    "URLs that never end": repeated("://"),
    "www": repeated("www.:"),
    "ampersands in a URL": lambda size: "http://" + "&" * size,
    "tags that never end": repeated("<a :wave: "),
    "quotes in a tag": repeated("<a b=':wave:\""),
    "comments that never end": repeated("<!-- :wave: "),
}


SOURCES: dict[str, Callable[[int], str]] = {
    "emoji": repeated("👋"),
    "emoji and colons": repeated("👋:"),
    "emoji and letters": repeated("👋a "),
    "entities": repeated("&#x1f44b;"),
    "escaped keycaps": repeated("\\*️⃣"),
    "Discord's, almost": repeated("<:xx:12345678901234567> "),
    "tags that never end": repeated('<img class="emoji" '),
    "emoji images": repeated('![a](/b "emoji wave") '),
    "labels": lambda size: "[:wave:] " * (size // 9) + "\n\n[:wave:]: /w",
    "emphasis": repeated("**:heart:**x "),
    "one row of a table": lambda size: f"{'|:wave:' * (size // 8)}\n{'|-' * (size // 8)}",
    "line ends": repeated(":wave:\r\n"),
    "one word with a URL": repeated("x.org:wave:"),
    "one word before a URL": lambda size: ":wave:" * (size // 6) + "x.org",
    "quotes": repeated("> "),
}


@contextmanager
def untraced() -> Iterator[None]:
    """Take the tracer of coverage off: it would be most of what is measured."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def best(work: Callable[[], object], times: int) -> float:
    """Return the CPU seconds of the fastest of some calls."""
    seconds: list[float] = []
    with untraced():
        for _ in range(times):
            start = time.process_time()
            work()
            seconds.append(time.process_time() - start)
    return min(seconds)


def first_below(bound: float, measure: Callable[[], float], attempts: int = 4) -> float:
    """Measure until a figure is below the bound; noise makes figures worse, never better."""
    figure = measure()
    for _ in range(attempts - 1):
        if figure < bound:
            break
        figure = min(figure, measure())
    return figure


@pytest.mark.parametrize("door", SIZES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_time_is_linear(kind: str, door: str) -> None:
    """Four times the text takes less than eight times as long; quadratic time would take sixteen."""
    convert = getattr(CONVERTER, door)
    small, large = (partial(convert, HOSTILE[kind](SIZES[door] * factor)) for factor in (1, 4))
    assert first_below(8, lambda: best(large, 2) / max(best(small, 3), 1e-5)) < 8


@pytest.mark.parametrize("target", ["unicode", "lemmy", "shortcode"])
@pytest.mark.parametrize("kind", [*SOURCES, *HOSTILE])
def test_the_time_of_the_source_door_is_linear(kind: str, target: str) -> None:
    make = {**SOURCES, **HOSTILE}[kind]
    small, large = (partial(CONVERTER.to_source, make(4_000 * factor), target=target) for factor in (1, 4))
    assert first_below(8, lambda: best(large, 2) / max(best(small, 3), 1e-4)) < 8


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_megabyte_of_hostile_text_takes_less_than_a_second(kind: str) -> None:
    text = HOSTILE[kind](1_000_000)
    assert first_below(1, lambda: best(lambda: CONVERTER.text_to_text(text), 1)) < 1


def test_typical_text_costs_little_more_than_one_substitution() -> None:
    """The yardstick is what a forum writes for itself: one pattern, one callback. It takes a third of our time."""
    names = list(CONVERTER.index.entries)[::40]
    table = {name: entry.emoji.unicode or "" for name, entry in CONVERTER.index.entries.items()}
    post = "A reply of a few sentences, at 10:30, with a link (https://example.org/a:b) and a shortcode. " * 2
    posts = [f"{post} :{name}: {post}" for name in names]
    pattern = re.compile(r":([\w+-]+):")

    def yardstick() -> None:
        for text in posts:
            pattern.sub(lambda found: table.get(found[1]) or found[0], text)

    def ours() -> None:
        for text in posts:
            CONVERTER.text_to_text(text)

    assert first_below(10, lambda: best(ours, 9) / best(yardstick, 9)) < 10


def child(code: str) -> Any:
    """Run code in a fresh interpreter, and return the JSON that it printed."""
    return json.loads(subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE).stdout)


def test_the_import_loads_nothing_heavy() -> None:
    heavy = ["PIL", "click", "linkify_it", "markdown_it", "rapidfuzz", "rich"]
    loaded = child(f"import json, sys, shortcodes; print(json.dumps(sorted(sys.modules.keys() & set({heavy}))))")
    assert loaded == []


BIG_INDEX = """
import json, resource, sys, time
from shortcodes import Emoji, Pack, build_index

def resident():
    try:
        with open("/proc/self/status") as status:  # on Linux, ru_maxrss begins with the parent's
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

before, start = resident(), time.process_time()
names = [f"emoji_{number}" for number in range(100_000)]
pack = Pack("big", tuple(Emoji(name, image=f"{name}.png", aliases=(name[1:],)) for name in names))
index = build_index([pack])
print(json.dumps([len(index), time.process_time() - start, resident() - before]))
"""


def test_an_index_of_100_000_emoji_is_small_and_soon_built() -> None:
    """Wanted is a second; it is given three, as machines differ. Memory has no noise: 150 MB are 150 MB."""
    names, seconds, memory = child(BIG_INDEX)
    assert names == 200_000
    assert seconds < 3
    assert memory < 150_000_000


def test_a_big_index_is_as_fast_as_a_small_one() -> None:
    """Wanted is 1.05 times the time; a scan of the names would take fifty times."""

    def reading(count: int) -> Callable[[], str]:
        converter = Converter([Pack("p", tuple(Emoji(f"e{i:06}", image=f"{i}.png") for i in range(count)))])
        text = " ".join(f"Some words, and :e{i:06}:" for i in range(0, count, count // 2_000))
        return partial(converter.text_to_html, text)

    small, big = reading(2_000), reading(100_000)
    assert first_below(3, lambda: best(big, 9) / best(small, 9)) < 3
