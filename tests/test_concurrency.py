"""One converter for many threads, and packs that are swapped under them: no result is of two versions.

A swap is what docs/how-to/web-frameworks.md says: another `Converter` takes the place of the one that all look at. Each
version's images have its number in their addresses, so whatever is of two versions shows.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import cycle
from multiprocessing import get_all_start_methods, get_context
from typing import NamedTuple

import pytest
from markdown_it.ruler import Ruler

from shortcodes import Converter, Emoji, Pack, unicode_pack

THREADS = 8
DIALECTS = ("gfm", "lemmy", "zulip")
POST = """\
# :a: of *:b:* and 👋

- :a: :wave::skin-tone-2: :gone: `:a:`
- [:b:](https://example.org/:a:) and www.example.org/:b: ~~:a:~~

> | :a: | "quoted" |
> |:---:|---|
> | :b: | ![:a: :b:](x.png) |

::: spoiler A :a: title
:b: and ann@example.org
:::
"""
TITLE = "Of :a: & :b: **:wave:**"
HTML = '<p title=":a:">:a: &amp; <b>:b:</b> <code>:b:</code> :wave:</p>'


class Version(NamedTuple):
    """A converter, and what each of its doors gives."""

    number: int
    converter: Converter
    expected: tuple[str, ...]


def told(converter: Converter) -> str:
    """All that a result tells."""
    result = converter.convert(POST)
    found = [(one.shortcode.source, one.shortcode.url, one.line, one.column) for one in result.found]
    return json.dumps([result.html, result.version, found, [(one.name, one.suggestions) for one in result.unknown]])


DOORS: tuple[Callable[[Converter], str], ...] = (
    lambda converter: converter.to_html(POST),
    told,
    lambda converter: converter.text_to_html(TITLE),
    lambda converter: converter.filter_html(HTML),
    lambda converter: converter.to_text(POST),
    lambda converter: converter.to_source(POST, target="lemmy"),
    lambda converter: converter.title_to_html(TITLE),
    lambda converter: converter.to_text(POST, spoilers=False),
    lambda converter: converter.to_source(POST, target="shortcode"),
    lambda converter: converter.demojize("👋 :a:") + converter.text_to_text(TITLE),
)


def packs(number: int) -> list[Pack]:
    """The packs of a version. Its emoji are called by their number in alt texts, too, which texts show."""
    emoji = [Emoji(name, image=f"{name}.png", alt=f"{name} of version{number}") for name in "ab"]
    return [Pack("p", tuple(emoji), base_url=f"https://example.org/version{number}"), unicode_pack()]


def made(number: int, dialect: str) -> Converter:
    return Converter(packs(number), dialect=dialect, alt_in_text=True, renderer="standard")


@pytest.fixture(scope="module")
def versions() -> list[Version]:
    """What one thread makes of each dialect, in three versions."""
    found = []
    for number in range(3):
        for dialect in DIALECTS:
            converter = made(number, dialect)
            expected = tuple(door(converter) for door in DOORS)
            assert all(f"version{number}" in one or "version" not in one for one in expected)
            assert expected[0].count(f"version{number}") > 3
            found.append(Version(number, converter, expected))
    return found


@pytest.fixture
def impatient() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def _renewed(version: Version) -> Version:
    """The same, with a converter that has never rendered."""
    return version._replace(converter=made(version.number, version.converter.dialect.name))


class Board:
    """What a forum has one of: the converter that is used now."""

    def __init__(self, version: Version) -> None:
        self.version = version


def render(board: Board, renders: int, first: int) -> list[str]:
    """Render by every door; return what is not wholly of the version that was taken."""
    wrong = []
    for number in range(first, first + renders):
        door = number % len(DOORS)
        version = board.version
        got = DOORS[door](version.converter)
        if got != version.expected[door]:
            wrong.append(f"door {door}, version {version.number}: {got}")
    return wrong


@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("impatient")
def test_packs_are_swapped_while_threads_render(versions: list[Version], request: pytest.FixtureRequest) -> None:
    """``--renders 5000`` is what was promised of each thread, with 2,000 swaps; by default there are fewer of both.

    Every tenth swap brings a converter that has never rendered: its first posts come from several threads at once.
    """
    renders: int = request.config.getoption("--renders", default=60)
    swaps = max(20, renders * 2 // 5)
    board = Board(versions[0])
    swapped = done = 0
    with ThreadPoolExecutor(THREADS) as pool:
        working = [pool.submit(render, board, renders, first) for first in range(THREADS)]
        for version in cycle(versions):
            if swapped >= swaps:
                break
            fresh = swapped % 10 == 0
            board.version = _renewed(version) if fresh else version
            swapped += 1
            done = sum(one.done() for one in working)
            time.sleep(0.002 if done < THREADS else 0)
        wrong = [line for one in working for line in one.result()]
    assert wrong == []
    assert swapped == swaps
    print(f"{THREADS} × {renders:,} renders, {swapped:,} swaps, {len(wrong)} mixed")  # noqa: T201  # for whoever asked for more


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("door", range(len(DOORS)))
def test_first_use_from_many_threads(door: int, versions: list[Version]) -> None:
    """What is made when it is first asked for is made once, or several times the same."""
    wrong = []
    with ThreadPoolExecutor(THREADS) as pool:
        for version in versions[:2] * 2:
            fresh = made(version.number, version.converter.dialect.name)
            barrier = threading.Barrier(THREADS)

            def first(_: int, barrier: threading.Barrier = barrier, fresh: Converter = fresh) -> str:
                barrier.wait()
                return DOORS[door](fresh)

            wrong += [got for got in pool.map(first, range(THREADS)) if got != version.expected[door]]
    assert wrong == []


FRESH = """
    import sys, threading
    sys.setswitchinterval(1e-6)
    barrier, lines = threading.Barrier(8), []

    def work():
        barrier.wait()
        try:
            import shortcodes
            shared = shortcodes.Converter(dialect="lemmy", highlight=True)
            post = ":wave: *a* :wavee: :t_rex: https://example.org\\n\\n```python\\nx = 1\\n```\\n"
            result = shared.convert(post)
            found = shortcodes.shortcodes_plugin, shortcodes.read_pack
            lines.append((result.html, shared.filter_html(":cat: é :ñ:"), result.unknown[0].suggestions, str(found)))
        except BaseException as error:
            lines.append(repr(error))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for one in threads: one.start()
    for one in threads: one.join()
    print(len(lines), len(set(lines)), lines[0])
"""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_rules_of_a_parser_are_in_order_before_the_first_post(
    dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine fills its tables of rules while others may read them: one post in some hundred came out wrong."""
    converter = Converter(packs(1), dialect=dialect, highlight=True)
    door = converter._markdown
    for name in ("_traced", "_unspoiled", "_titles", "_plain", "_foreign"):
        getattr(door, name)

    def too_late(_: object) -> None:
        pytest.fail("a table of rules is made by a post")

    monkeypatch.setattr(Ruler, "__compile__", too_late)
    converter.to_html(POST + "[" * 400 + "\n\n```py\n1\n```\n")  # the wary rules, and the highlighter
    converter.convert(POST)
    converter.to_text(POST, spoilers=False)
    converter.title_to_html(TITLE)
    converter.to_source(POST, target="unicode")
    converter.to_source(POST, target="shortcode")


def test_a_fresh_interpreter() -> None:
    """Eight threads import the library, and all that it loads on demand, at once."""
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(FRESH)], capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("8 1 ("), done.stdout
        assert "🐱" in done.stdout


@pytest.mark.usefixtures("impatient")
def test_asyncio(versions: list[Version]) -> None:
    """Calls in the loop and in its threads, between swaps."""
    board = Board(versions[0])

    async def posts(number: int) -> list[str]:
        wrong: list[str] = []
        for turn in range(6):
            wrong += await asyncio.to_thread(render, board, 3, number + turn)
            wrong += render(board, 1, number)
            await asyncio.sleep(0)
        return wrong

    async def swap() -> None:
        for version in versions:
            board.version = _renewed(version)
            await asyncio.sleep(0)

    async def forum() -> list[list[str]]:
        swapping = asyncio.create_task(swap())
        wrong = await asyncio.gather(*(posts(number) for number in range(12)))
        await swapping
        return wrong

    assert asyncio.run(forum()) == [[]] * 12


# Processes.


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")  # it is what is tested
@pytest.mark.usefixtures("impatient")
def test_a_fork_while_threads_render(versions: list[Version]) -> None:
    """A child renders by the converter that it was forked with, and by one of its own, whatever threads did then."""
    board = Board(versions[0])
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            for version in versions:
                board.version = _renewed(version)
                render(board, 1, 1)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        codes = [_forked(board, versions[number % len(versions)]) for number in range(8)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert codes == [0] * 8


def _forked(board: Board, version: Version) -> int:
    """Fork; return what the child says: 0 if all was right, 1 if not, below 0 if it hung."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:  # nothing of pytest may run here
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(20)
        own = made(version.number, version.converter.dialect.name)
        right = DOORS[1](own) == version.expected[1] and not render(board, len(DOORS), 0)
        os._exit(not right)
    finally:
        os._exit(2)


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_processes(method: str, versions: list[Version]) -> None:
    if method not in get_all_start_methods():
        pytest.skip("not on this system")
    version = versions[1]
    with ProcessPoolExecutor(2, get_context(method)) as pool:
        got = list(pool.map(_in_process, [version.converter.dialect.name] * 2, range(2)))
    for number, results in enumerate(got):
        expected = versions[number * len(DIALECTS) + 1].expected
        assert tuple(results) == expected


def _in_process(dialect: str, number: int) -> list[str]:
    converter = made(number, dialect)
    return [door(converter) for door in DOORS]


def test_versions_are_told_apart(versions: list[Version]) -> None:
    """Else the tests above could not fail."""
    for door, _ in enumerate(DOORS):
        by_number = {version.number: version.expected[door] for version in versions}
        names = {name for text in by_number.values() for name in re.findall(r"version\d", text)}
        assert len(set(by_number.values())) == len(names) or not names
    assert len({json.loads(version.expected[1])[1] for version in versions}) == 3
