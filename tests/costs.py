"""What hostile posts cost, measured in a process of its own: no tracer, and memory that is nobody else's.

Reads jobs as JSON from its input, writes a line of JSON for each. tests/test_cost.py runs one for each core.
"""

import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from hostile_posts import EVERYTHING, INLINE, NESTING, Pattern, patterns, post, prose
from shortcodes import Converter, Limits

KIB = 1024
CHEAP = 0.1
"""Seconds: what takes less is not tried at the largest size, unless all are."""
HOPELESS = 10.0
"""Seconds: no noise is as slow as that."""
FLOOR = 0.002
"""Seconds: below it, a clock and a cold cache are most of what is measured."""
MARKDOWN_DOORS = (
    "to_html",
    "to_text",
    "convert",
    "to_unicode",
    "to_shortcode",
    "to_lemmy",
    "highlighted",
    "title_to_html",
)
TEXT_DOORS = ("text_to_html", "filter_html", "text_to_text", "demojize")
PROSE_RATIO = 25
SECONDS = 1.0


class Job(NamedTuple):
    """One pattern through one door, at rising sizes in KiB; each may take so many times as long as the one before."""

    door: str
    dialect: str
    pattern: str
    sizes: tuple[int, ...]
    growth: float

    @property
    def is_full(self) -> bool:
        return len(self.sizes) > 3


class Cost(NamedTuple):
    """What it took: for each size the seconds; the rest at 64 KiB, or at the largest size below."""

    seconds: tuple[float, ...]
    prose: float
    """Seconds for ordinary prose of that size."""
    at_64: float
    characters: int
    output: int
    depth: int
    memory: int
    """Bytes by which the process was larger than when it was warm."""


def mixed(number: int) -> str:
    """Three pieces that repeat in turn: no two are the same for each number, and all are the same in each run."""
    pieces = [piece for piece in INLINE.values() if isinstance(piece, str)]
    return "".join(random.Random(number).choices(pieces, k=3))


def pattern_of(job: Job) -> Pattern:
    kind, _, number = job.pattern.partition(" #")
    if kind == "mixed":
        return mixed(int(number))
    if kind == "character":
        return chr(int(number))
    return patterns(job.dialect).get(job.pattern) or EVERYTHING[job.pattern]


@cache
def converter(dialect: str, *, highlight: bool = False) -> Converter:
    return Converter(dialect=dialect, limits=Limits(characters=2 * KIB * KIB), highlight=highlight)


def door(name: str, dialect: str) -> Callable[[str], object]:
    if name.startswith("to_") and name not in ("to_html", "to_text"):
        return partial(converter(dialect).to_source, target=name.removeprefix("to_"))
    if name == "highlighted":
        return converter(dialect, highlight=True).to_html
    method: Callable[[str], object] = getattr(converter(dialect), name)
    return method


def seconds(call: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    call(text)
    return time.process_time() - start


@cache
def of_prose(name: str, dialect: str, size: int) -> float:
    call, text = door(name, dialect), prose(size * KIB)
    return min(seconds(call, text) for _ in range(5))


def cost(job: Job, warm: int) -> Cost:
    call, pattern = door(job.door, job.dialect), pattern_of(job)
    texts: list[str] = []
    times: list[float] = []
    memory = 0
    reset_peak()
    for size in job.sizes:
        if times and len(texts) > 1 and times[-1] < CHEAP and not job.is_full:
            break
        texts.append(post(pattern, size * KIB))
        times.append(seconds(call, texts[-1]))
        memory = peak() - warm if size <= 64 else memory
    at = max((i for i, size in enumerate(job.sizes[: len(times)]) if size <= 64), default=0)
    standard = max(of_prose(job.door, job.dialect, job.sizes[at]), FLOOR)
    for _ in range(5):  # noise makes figures worse, never better
        if is_quick(times, job, standard, times[at]) or sum(times) > HOPELESS:
            break
        times = [min(before, seconds(call, text)) for before, text in zip(times, texts, strict=True)]
    given = call(texts[at])
    html = str(getattr(given, "html", given))
    is_html = job.door in ("to_html", "convert", "highlighted")
    return Cost(tuple(times), standard, times[at], len(texts[at]), len(html), depth(html) if is_html else 0, memory)


def is_quick(times: list[float], job: Job, standard: float, at_64: float) -> bool:
    grows = all(after <= job.growth * max(before, FLOOR) for before, after in pairwise(times))
    return grows and at_64 <= SECONDS and (job.door not in MARKDOWN_DOORS or at_64 <= PROSE_RATIO * standard)


def depth(html: str) -> int:
    root = LexborHTMLParser(html).root
    found, level = 0, [root] if root else []
    while level:
        level = [child for node in level for child in node.iter(include_text=False)]
        found += 1
    return found


def status(key: str) -> int:
    """Return a figure of this process in bytes; on Linux, `resource` begins with the parent's."""
    try:
        with open("/proc/self/status") as lines:
            return next(int(line.split()[1]) * KIB for line in lines if line.startswith(key))
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else KIB)


def peak() -> int:
    return status("VmHWM")


def reset_peak() -> None:
    """Forget the peak so far, where the system can: else, it is that of all jobs, which is a bound for each."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


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


def soak(times: int) -> dict[str, Any]:
    """Render short posts, no two the same, with names that no pack has, through all doors; tell how memory grew."""
    names = list(converter("gfm").index.entries)
    doors = [
        (door(name, dialect), dialect)
        for name, dialect in [
            *(("to_html", dialect) for dialect in ("gfm", "lemmy", "discourse", "zulip")),
            *((name, "lemmy") for name in ("convert", "to_text", "to_unicode", "to_shortcode", "title_to_html")),
            *((name, "gfm") for name in TEXT_DOORS),
        ]
    ]
    draw = random.Random(times)
    warm = start = 0
    for number in range(times):
        if number == min(times // 4, 20_000):
            warm, start = status("VmRSS"), number
        known, unknown = draw.choice(names), f"no{draw.getrandbits(64):x}"
        call, _ = doors[number % len(doors)]
        call(f"*a* :{known}: :{known.upper()}: :{unknown}:s :é{unknown}: 👋 [b](/{unknown}) ^[c]\n\n[{unknown}]: c")
    return {"renders": times, "measured": times - start, "growth": status("VmRSS") - warm}


def deep(dialect: str, depths: list[int]) -> list[str]:
    """Call every door with what nests, so deep, from a stack that is already 600 deep; return what failed."""
    doors = {name: door(name, dialect) for name in (*MARKDOWN_DOORS, "filter_html", "text_to_html", "demojize")}
    failed: list[str] = []
    for opening, closing in NESTING:
        for times in depths:
            text = opening * times + "a :wave:" + closing * times
            for name, call in doors.items():
                try:
                    from_the_deep(partial(call, text), 600)
                except Exception as error:  # noqa: BLE001  # whatever it is, it is a failure, and is said
                    failed.append(f"{name}: {opening!r} × {times}: {type(error).__name__}")
    return failed


def from_the_deep(call: Callable[[], object], depth: int) -> object:
    return from_the_deep(call, depth - 1) if depth else call()


def main() -> None:
    asked = json.load(sys.stdin)
    if "deep" in asked:
        assert sys.getrecursionlimit() == 1_000
        json.dump(deep(asked["deep"], asked["depths"]), sys.stdout)
        return
    if "soak" in asked:
        json.dump(soak(asked["soak"]), sys.stdout)
        return
    jobs = [Job(*one)._replace(sizes=tuple(one[3])) for one in asked["jobs"]]
    for name, dialect in {(job.door, job.dialect) for job in jobs}:
        door(name, dialect)(prose(64 * KIB))
    warm = status("VmRSS")
    for job in jobs:
        try:
            line = json.dumps(cost(job, warm))
        except Exception as error:  # noqa: BLE001  # the test says which post it was
            line = json.dumps(f"{type(error).__name__}: {error}")
        print(line, flush=True)  # noqa: T201  # that is how it answers


if __name__ == "__main__":
    main()
