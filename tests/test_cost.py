"""What a hostile post may cost: time and its growth, output, depth, memory, the stack. No post is slow in any door.

The posts are data, in tests/hostile_posts.py. Measured in processes without a tracer (tests/costs.py): quickly, at
64 KiB for `lemmy`, whose rules are those of the others and more, and for what each dialect has of its own, else at
less; with ``--full-cost``, in doublings, most of them up to a megabyte.
"""

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from costs import KIB, MARKDOWN_DOORS, TEXT_DOORS, Cost, Job, best, first_below, seconds
from hostile_posts import ADDRESSES, BLOCKS, CODE, DIALECTS, EVERYTHING, INLINE, OF_DIALECT, TAGGED, patterns, post
from shortcodes import Converter, PackError, ShortcodesError, read_pack
from shortcodes.exchange.transfer import read_draft
from shortcodes.source import TARGETS
from shortcodes.threads import read_moment, read_thread, thread_json, thread_page, thread_text

# Three doublings at once: from 8 to 64 KiB, or from 1 to 8. Text is too quick for that.
LARGE, SMALL, TEXT = (8, 64), (4, 16), (32, 256)
# Dear until a bound stops them, which is beyond the small sizes: measured at the large ones alone.
LATE = {"short rows, escaped", "shorter fences of spoilers", "wide table, short rows", "many wide tables"}
DOUBLINGS, ALL_DOUBLINGS = (32, 64, 128, 256), (32, 64, 128, 256, 512, 1024)
MIXED = 60
MOST_GROWTH_OF_A_SOAK = 10 * KIB * KIB


def characters() -> list[int]:
    """All of ASCII, and the first of each kind that Unicode has."""
    kinds = {unicodedata.category(chr(code)): code for code in range(0x1FFFF, 127, -1)}
    return [*range(128), *sorted(kinds.values())]


SINGLE = [f"character #{code}" for code in characters()]
OWN = [dialect for dialect in OF_DIALECT if dialect not in ("lemmy", "hexbear")]


def quick_jobs() -> Iterator[Job]:
    """Constructs, in the dialect that has most of them, at the sizes that count; signs, and other doors, at small ones.

    The doors behind one parser share the patterns: each takes every third.
    """
    constructs = [name for name in patterns("lemmy") if name not in INLINE]
    yield from jobs("to_html", "lemmy", constructs, LARGE)
    yield from jobs("to_html", "lemmy", [*INLINE, *SINGLE, *(f"mixed #{number}" for number in range(MIXED))], SMALL)
    for dialect in OWN:
        yield from jobs("to_html", dialect, OF_DIALECT[dialect], LARGE)
    for dialect in ("commonmark", "gfm"):
        yield from jobs("to_html", dialect, early(BLOCKS), SMALL)
    for number, door in enumerate(("convert", "to_text", "to_unicode")):
        yield from jobs(door, "lemmy", early(patterns("lemmy"))[number::3], SMALL)
    for number, door in enumerate(("to_shortcode", "to_lemmy")):
        yield from jobs(door, "gfm", early({**BLOCKS, **TAGGED})[number::2], SMALL)
    yield from jobs("fast", "gfm", early({**BLOCKS, **INLINE})[::2], SMALL)
    yield from jobs("title_to_html", "lemmy", INLINE, SMALL)
    yield from jobs("highlighted", "gfm", ["fences", "tilde fences", *CODE], LARGE)
    for door in TEXT_DOORS:
        yield from jobs(door, "cytube" if door == "text_to_text" else "gfm", EVERYTHING, TEXT)


def full_jobs() -> Iterator[Job]:
    yield from jobs("to_html", "lemmy", patterns("lemmy"), ALL_DOUBLINGS)
    yield from jobs("to_html", "lemmy", [*SINGLE, *TAGGED], DOUBLINGS)
    for dialect in OWN:
        yield from jobs("to_html", dialect, OF_DIALECT[dialect], DOUBLINGS)
    for door in ("convert", "to_text", "to_unicode"):
        yield from jobs(door, "lemmy", {**BLOCKS, **OF_DIALECT["lemmy"]}, DOUBLINGS)
    for door in TEXT_DOORS:
        yield from jobs(door, "cytube" if door == "text_to_text" else "gfm", EVERYTHING, ALL_DOUBLINGS)


def early(names: Iterable[str]) -> list[str]:
    return [name for name in names if name not in LATE]


def jobs(door: str, dialect: str, names: Iterable[str], sizes: tuple[int, ...]) -> list[Job]:
    return [Job(door, dialect, name, sizes) for name in names]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "share" in metafunc.fixturenames:
        shares: dict[str, list[Job]] = {}
        for job in full_jobs() if metafunc.config.getoption("--full-cost") else quick_jobs():
            shares.setdefault(f"{job.door}-{job.dialect}", []).append(job)
        metafunc.parametrize("share", shares.values(), ids=shares)


class Measuring:
    """Processes that measure the jobs of the tests which were selected, in turn, while the tests wait for theirs."""

    def __init__(self, jobs: list[Job]) -> None:
        self._next = 0
        self._processes = [start({"jobs": jobs[i::CORES]}) for i in range(CORES)]

    def __call__(self) -> Cost | str:
        output = self._processes[self._next % CORES].stdout
        self._next += 1
        assert output
        answer = json.loads(output.readline() or '"the process ended"')
        return answer if isinstance(answer, str) else Cost(tuple(answer[0]), *answer[1:])

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()


CORES = min(os.cpu_count() or 1, 2)


def start(asked: dict[str, Any]) -> "subprocess.Popen[str]":
    """Start a process without a tracer."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    code = Path(__file__).with_name("costs.py")
    process = subprocess.Popen(
        [sys.executable, str(code)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdin
    json.dump(asked, process.stdin)
    process.stdin.close()
    process.stdin = None
    return process


@pytest.fixture(scope="module")
def measure(request: pytest.FixtureRequest) -> Iterator[Measuring]:
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    measuring = Measuring([job for call in calls if call for job in call.params.get("share", ())])
    yield measuring
    measuring.end()


@pytest.mark.timeout(7_200)  # the first waits for most of the work
def test_hostile_posts(share: list[Job], measure: Measuring, record_property: Callable[[str, object], None]) -> None:
    """Faults are said with the post's name, its seconds at each size, and what was promised."""
    costs = {job: measure() for job in share}
    dear = sorted((cost.at_64 / cost.prose, job.pattern) for job, cost in costs.items() if isinstance(cost, Cost))
    record_property("times prose", dear[-10:])
    faults = {job.pattern: cost if isinstance(cost, str) else cost.faults(job.door) for job, cost in costs.items()}
    assert {name: fault for name, fault in faults.items() if fault} == {}


def test_there_are_enough_patterns() -> None:
    assert len(EVERYTHING) >= 150
    assert all(len(OF_DIALECT[dialect]) >= 10 for dialect in OF_DIALECT)
    assert all(len(post(pattern, 4 * KIB)) >= 3 * KIB for pattern in EVERYTHING.values())


@pytest.mark.parametrize("piece", ADDRESSES)
@pytest.mark.parametrize("before", ["", "http://", "a.", "("])
def test_one_word_takes_no_time(before: str, piece: str) -> None:
    """Twenty of some took ten seconds, and each more twice as long."""
    call = Converter().to_html
    for times in (6, 25, 400):
        assert seconds(call, before + piece * times) < 1


# Beyond the limit

REFUSED = ("a", "<", ":wave: ", "👋", "a\ud83d", "\r\n", "[](", "> ")
LIMITED: dict[str, Callable[[Converter, str], object]] = {
    **{name: getattr(Converter, name) for name in ("to_html", "to_text", "convert", "title_to_html", "text_to_html")},
    "filter_html": Converter.filter_html,
    **{f"to_{target}": partial(Converter.to_source, target=target) for target in TARGETS},
}


@pytest.mark.parametrize("door", LIMITED)
def test_what_is_too_long_is_refused_at_once(door: str) -> None:
    """A megabyte is escaped, not parsed: 50 ms. What is a hundred times as long takes a hundred times as long."""
    converter = Converter(dialect="lemmy")
    call = LIMITED[door]
    for piece in REFUSED:
        text = post(piece, KIB * KIB)
        once = partial(call, converter, text)
        assert first_below(0.05, partial(best, once, 3)) < 0.05, piece


# The stack

DEPTHS = [1, 5, 18, 19, 20, 21, 60, 500]
FEW = [20, 500]
ALL_DEPTHS = [*range(1, 301), 1_000, 10_000]


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_depth_is_too_deep(dialect: str, request: pytest.FixtureRequest) -> None:
    """Each construct in itself, through each door, called from a stack that is 600 deep, of a thousand."""
    is_full, is_superset = request.config.getoption("--full-cost"), dialect == "lemmy"
    depths = ALL_DEPTHS if is_full else DEPTHS if is_superset else FEW
    doors = [*MARKDOWN_DOORS, "fast", *TEXT_DOORS] if is_full or is_superset else ["to_html", "to_unicode"]
    process = start({"deep": dialect, "depths": depths, "doors": doors})
    assert json.loads(process.communicate()[0]) == []


def deep_call(call: Callable[[], object], depth: int = 600) -> object:
    return deep_call(call, depth - 1) if depth else call()


@pytest.mark.parametrize("depth", [1, 19, 50, 51, 300, 3_000])
def test_threads_of_any_depth_are_shown_from_a_deep_stack(depth: int) -> None:
    comments = [
        {
            "id": str(i),
            "parent": str(i - 1) if i else "",
            "author": {"name": "ann"},
            "body": "> " * (i % 30) + "a",
            "published": NOW,
        }
        for i in range(depth)
    ]
    thread = {
        "title": "t",
        "post": {"author": {"name": "ann"}, "body": "- " * 99, "published": NOW},
        "comments": comments,
    }
    converter = Converter(dialect="lemmy")

    def show() -> None:
        read = read_thread(thread)
        assert thread_page(read, converter, now=read_moment(NOW))
        assert thread_text(read, converter, now=read_moment(NOW))
        assert thread_json(read, converter)

    assert sys.getrecursionlimit() <= 1_000
    deep_call(show)


NOW = "2024-11-22T00:00:00Z"


@pytest.mark.parametrize("depth", [10, 120, 2_000, 50_000])
@pytest.mark.parametrize("value", ["[", "{a=", '[{"a"='])
def test_packs_of_any_depth_raise_what_a_pack_may_raise(value: str, depth: int, tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(f'[pack]\nschema = 1\nname = "p"\nversion = {value * depth}\n')
    with pytest.raises(PackError):
        deep_call(lambda: read_pack(tmp_path))


@pytest.mark.parametrize("depth", [10, 120, 2_000, 50_000])
@pytest.mark.parametrize(
    ("suffix", "opening"), [("json", "["), ("json", '{"a":'), ("yaml", "["), ("yaml", "{a: "), ("yaml", "- ")]
)
def test_imports_of_any_depth_raise_what_an_import_may_raise(
    suffix: str, opening: str, depth: int, tmp_path: Path
) -> None:
    file = tmp_path / f"emoji.{suffix}"
    file.write_text(opening * depth)
    with pytest.raises(ShortcodesError):
        deep_call(lambda: read_draft(str(file)))


# Memory


@pytest.mark.timeout(7_200)
def test_a_soak_leaves_no_memory_behind(request: pytest.FixtureRequest) -> None:
    """Posts that are no two alike, with names that no pack has: what they write must not be kept."""
    times = request.config.getoption("--soak")
    found = json.loads(start({"soak": times}).communicate()[0])
    assert found["renders"] == times
    assert found["growth"] <= MOST_GROWTH_OF_A_SOAK, found
