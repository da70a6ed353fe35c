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
from math import log2
from pathlib import Path
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from hostile_posts import EVERYTHING, INLINE, NESTING, Pattern, patterns, post, prose
from shortcodes import Converter, Limits

KIB = 1024
DEFAULT_LIMIT = 256
"""KiB: the largest post that is read, unless a site allows more."""
LONG = 0.5
"""Seconds: beyond the default limit, what takes as long is not tried at twice the size."""
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
GROWTH = 2.6
PROSE_RATIO = 25
SECONDS = 1.0
OF_PROSE = 0.05
"""Seconds for 64 KiB of prose in `lemmy`, on the core on which a second was promised."""
WARM = 2_000
"""Renders after which all that is made once is made."""
MOST_MEMORY = 128 * KIB * KIB


class Job(NamedTuple):
    """One pattern through one door, at rising sizes in KiB; a doubling may take so many times as long."""

    door: str
    dialect: str
    pattern: str
    sizes: tuple[int, ...]


class Cost(NamedTuple):
    """What it took: for each size the seconds; the rest at 64 KiB, or at the largest size below."""

    seconds: tuple[float, ...]
    growth: float
    """The most that one doubling multiplied the time by, or the mean of those that were made at once."""
    at_64: float
    prose: float
    """Seconds for ordinary prose of that size."""
    slowness: float
    """How many times slower this core is now than the one on which a second was promised."""
    characters: int
    output: int
    depth: int
    memory: int
    """Bytes by which the process was larger than when it was warm."""

    def faults(self, door: str) -> list[str]:
        """Tell which promises were not kept. Beside prose, posts are measured at 64 KiB."""
        html = 64 * KIB + 20 * self.characters
        beside_prose = door in MARKDOWN_DOORS and self.characters > 60 * KIB
        bounds = {
            "growth": (self.growth, GROWTH),
            "seconds": (self.at_64, SECONDS * self.slowness),
            "times prose": (self.at_64 / self.prose, PROSE_RATIO if beside_prose else sys.maxsize),
            "output": (self.output, html),
            "depth": (self.depth, 100),
            "memory": (self.memory, MOST_MEMORY),
        }
        return [f"{name} {found:.4g} > {bound:.4g}" for name, (found, bound) in bounds.items() if found > bound]


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
def converter(dialect: str, *, highlight: bool = False, engine: str = "default") -> Converter:
    limits = Limits(characters=2 * KIB * KIB)
    return Converter(dialect=dialect, limits=limits, highlight=highlight, engine=engine)


def door(name: str, dialect: str) -> Callable[[str], object]:
    if name.startswith("to_") and name not in ("to_html", "to_text"):
        return partial(converter(dialect).to_source, target=name.removeprefix("to_"))
    if name == "highlighted":
        return converter(dialect, highlight=True).to_html
    if name == "fast":
        return converter(dialect, engine="fast").to_html
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
        if size > DEFAULT_LIMIT and times[-1] > LONG:
            break
        texts.append(post(pattern, size * KIB))
        times.append(seconds(call, texts[-1]))
        memory = peak() - warm if size <= 64 else memory
    at = max(i for i, size in enumerate(job.sizes[: len(times)]) if size <= 64)
    standard = max(of_prose(job.door, job.dialect, job.sizes[at]), FLOOR)
    slowness = max(1.0, of_prose("to_html", "lemmy", 64) / OF_PROSE)
    rates = [rate(*both, doublings) for both, doublings in zip(pairwise(times), steps(job.sizes), strict=False)]
    for _ in range(8):  # a core that is slowed down for a while makes figures worse, never better
        slow = {i for i, one in enumerate(rates, start=1) if one > GROWTH}
        if times[at] > min(SECONDS * slowness, PROSE_RATIO * standard):
            slow.add(at)
        if not slow:
            break
        for i in slow:
            before, after = seconds(call, texts[i - 1]), seconds(call, texts[i])
            times[i] = min(times[i], after)
            rates[i - 1] = min(rates[i - 1], rate(before, after, steps(job.sizes)[i - 1]))
    given = call(texts[at])
    html = str(getattr(given, "html", given))
    nested = depth(html) if job.door in ("to_html", "convert", "highlighted") else 0
    return Cost(tuple(times), max(rates), times[at], standard, slowness, len(texts[at]), len(html), nested, memory)


def steps(sizes: tuple[int, ...]) -> list[float]:
    """Return how many doublings lie between each size and the next."""
    return [log2(after / before) for before, after in pairwise(sizes)]


def rate(before: float, after: float, doublings: float) -> float:
    """Return what each doubling multiplied the time by."""
    return float((after / max(before, FLOOR)) ** (1 / doublings))


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
    """Render short posts, no two the same, with names that no pack has, through all doors; tell how memory grew.

    Before, each name of the index goes through each door: what is kept of them is bounded by the index.
    """
    names = list(converter("gfm").index.entries)
    doors = [
        door(name, dialect)
        for name, dialect in [
            *(("to_html", dialect) for dialect in ("gfm", "lemmy", "discourse", "zulip")),
            *((name, "lemmy") for name in ("convert", "to_text", "to_unicode", "to_shortcode", "title_to_html")),
            *((name, "gfm") for name in TEXT_DOORS),
        ]
    ]
    draw = random.Random(times)
    for number in range(0, len(names), 500):
        for call in doors:
            call("".join(f":{name}: " for name in names[number : number + 500]))
    warm, sizes = 0, []
    for number in range(times):
        if number == WARM:
            warm = status("VmRSS")
        if number % max(times // 10, 1) == 0:
            sizes.append(status("VmRSS"))
        known, unknown = draw.choice(names), f"no{draw.getrandbits(64):x}"
        call = doors[number % len(doors)]
        call(f"*a* :{known}: :{known.upper()}: :{unknown}:s :é{unknown}: 👋 [b](/{unknown}) ^[c]\n\n[{unknown}]: c")
    return {"renders": times, "growth": status("VmRSS") - warm, "sizes": sizes}


def deep(dialect: str, depths: list[int], names: list[str]) -> list[str]:
    """Call doors with what nests, so deep, from a stack that is already 600 deep; return what failed."""
    doors = {name: door(name, dialect) for name in names}
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
        json.dump(deep(asked["deep"], asked["depths"], asked["doors"]), sys.stdout)
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
