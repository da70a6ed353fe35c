"""What a hostile post may cost: time and its growth, output, depth, memory, the stack. No post is slow in any door.

The posts are data, in tests/hostile_posts.py. Measured in processes without a tracer (tests/costs.py): quickly, for
`lemmy`, whose rules are those of the others and more, and for what each dialect has of its own; with ``--full-cost``,
every pattern in every dialect and through every door, up to a megabyte.
"""

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from costs import FLOOR, KIB, MARKDOWN_DOORS, PROSE_RATIO, SECONDS, TEXT_DOORS, Cost, Job, best, first_below, seconds
from hostile_posts import ADDRESSES, BLOCKS, DIALECTS, EVERYTHING, INLINE, MARKDOWN, OF_DIALECT, TAGGED, patterns, post
from shortcodes import Converter, PackError, ShortcodesError, read_pack
from shortcodes.exchange.transfer import read_draft
from shortcodes.source import TARGETS
from shortcodes.threads import read_moment, read_thread, thread_json, thread_page, thread_text

# Quick: four times the post may take eight times as long, which leaves room for noise, and none for its square.
MARKDOWN_SIZES, OTHER_SIZES, TEXT_SIZES, QUICK_GROWTH = (8, 32, 64), (4, 16, 64), (64, 256, 1024), 8.0
# In full: doublings.
FULL_SIZES, FULL_GROWTH = (64, 128, 256, 512, 1024), 2.6
MIXED = 60
MOST_MEMORY = 128 * KIB * KIB
MOST_GROWTH_OF_A_SOAK = 10 * KIB * KIB


def characters() -> list[int]:
    """All of ASCII, and the first of each kind that Unicode has."""
    kinds = {unicodedata.category(chr(code)): code for code in range(0x1FFFF, 127, -1)}
    return [*range(128), *sorted(kinds.values())]


def quick_jobs() -> Iterator[Job]:
    def jobs(door: str, dialect: str, names: Any, sizes: tuple[int, ...]) -> Iterator[Job]:
        return (Job(door, dialect, name, sizes, QUICK_GROWTH) for name in names)

    yield from jobs("to_html", "lemmy", patterns("lemmy"), MARKDOWN_SIZES)
    yield from jobs("to_html", "lemmy", [f"character #{code}" for code in characters()], OTHER_SIZES)
    yield from jobs("to_html", "lemmy", [f"mixed #{number}" for number in range(MIXED)], OTHER_SIZES)
    for dialect in DIALECTS:
        if dialect not in ("lemmy", "hexbear"):
            yield from jobs("to_html", dialect, OF_DIALECT.get(dialect, BLOCKS), OTHER_SIZES)
    yield from jobs("convert", "lemmy", patterns("lemmy"), OTHER_SIZES)
    yield from jobs("to_text", "lemmy", {**BLOCKS, **OF_DIALECT["lemmy"]}, OTHER_SIZES)
    yield from jobs("to_unicode", "lemmy", patterns("lemmy"), OTHER_SIZES)
    yield from jobs("to_shortcode", "gfm", {**MARKDOWN, **TAGGED}, OTHER_SIZES)
    yield from jobs("title_to_html", "lemmy", INLINE, OTHER_SIZES)
    yield from jobs("highlighted", "gfm", ["fences", "tilde fences", *CODE], OTHER_SIZES)
    for door in ("text_to_html", "filter_html", "demojize"):
        yield from jobs(door, "gfm", EVERYTHING, TEXT_SIZES)
    yield from jobs("text_to_text", "cytube", INLINE, TEXT_SIZES)


def full_jobs() -> Iterator[Job]:
    for dialect in DIALECTS:
        for door in MARKDOWN_DOORS:
            for name in {**patterns(dialect), **TAGGED, **{f"character #{code}": "" for code in characters()}}:
                yield Job(door, dialect, name, FULL_SIZES, FULL_GROWTH)
        for door in TEXT_DOORS:
            for name in EVERYTHING:
                yield Job(door, dialect, name, FULL_SIZES, FULL_GROWTH)


CODE = [name for name in EVERYTHING if name.startswith("code: ")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "job" in metafunc.fixturenames:
        jobs = list(full_jobs() if metafunc.config.getoption("--full-cost") else quick_jobs())
        metafunc.parametrize("job", jobs, ids=[f"{job.door}-{job.dialect}-{job.pattern}" for job in jobs])


class Measuring:
    """Processes that measure the jobs which were selected, a share each, while the tests wait for their own."""

    def __init__(self, jobs: list[Job]) -> None:
        self._shares = {job: i % CORES for i, job in enumerate(jobs)}
        self._processes = [start({"jobs": jobs[i::CORES]}) for i in range(CORES)]

    def __call__(self, job: Job) -> Cost:
        output = self._processes[self._shares[job]].stdout
        assert output
        answer = json.loads(output.readline() or '"the process ended"')
        assert not isinstance(answer, str), answer
        return Cost(tuple(answer[0]), *answer[1:])

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
    measuring = Measuring([call.params["job"] for call in calls if call and "job" in call.params])
    yield measuring
    measuring.end()


def test_a_post(job: Job, measure: Measuring, record_property: Callable[[str, object], None]) -> None:
    cost = measure(job)
    record_property("cost", cost)
    for before, after in pairwise(cost.seconds):
        assert after <= job.growth * max(before, FLOOR), "time grows faster than the post"
    assert cost.at_64 <= SECONDS
    assert cost.output <= 64 * KIB + 20 * cost.characters
    assert cost.depth <= 100
    assert cost.memory <= MOST_MEMORY
    if job.door in MARKDOWN_DOORS:
        assert cost.at_64 <= PROSE_RATIO * cost.prose


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

DEPTHS = [1, 2, 5, 10, 16, 18, 19, 20, 21, 24, 300, 3_000]
FEW = [3, 20, 300]
ALL_DEPTHS = [*range(1, 301), 1_000, 10_000]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_depth_is_too_deep(dialect: str, request: pytest.FixtureRequest) -> None:
    """Each construct in itself, through each door, called from a stack that is 600 deep, of a thousand."""
    quick = DEPTHS if dialect == "lemmy" else FEW
    depths = ALL_DEPTHS if request.config.getoption("--full-cost") else quick
    process = start({"deep": dialect, "depths": depths})
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


def test_a_soak_leaves_no_memory_behind(request: pytest.FixtureRequest) -> None:
    """Posts that are no two alike, with names that no pack has: what they write must not be kept."""
    times = request.config.getoption("--soak")
    found = json.loads(start({"soak": times}).communicate()[0])
    assert found["measured"] >= times // 2
    assert found["growth"] <= MOST_GROWTH_OF_A_SOAK, found
