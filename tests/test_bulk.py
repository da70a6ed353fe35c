"""Many posts at once: what comes is what `convert` gives, in order, whatever happens to the processes."""

import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import chain, count, islice, repeat
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

import strange_renderers as strange
from conftest import CUSTOM
from costs import status
from shortcodes import (
    Converter,
    Dialect,
    Emoji,
    Limits,
    OptionError,
    Pack,
    Result,
    WorkerError,
    processes,
    unicode_images,
    unicode_pack,
)
from shortcodes.bulk import workers as bulk
from shortcodes.dialects.lemmy import DIALECT as LEMMY
from shortcodes.processes import _AHEAD, in_processes
from test_crashes import group_is_alive

ALT = Pack("alt", (Emoji("gato", image="gato.png", alt={"en": "a cat", "pt": "um gato", "pt-BR": "um gatinho"}),))
PACKS = [CUSTOM, ALT, unicode_pack()]
POSTS = [
    "",
    "Good **morning** :wave: :wavee: `:wave:`",
    "# :t:\r\n\r\n> :EZLN: :ezln:\n> :gone::cat:\t:Gone:\n\n| :wave: | b |\n|-|-|\n| é:wave::skin-tone-4: | \\| :d: |",
    ":wave::skin-tone-9: :cat::skin-tone-2: :wave:t3: :::a::cat::: :handshake::skin-tone-2-5: :wave_tone3:",
    ":-) <3 :D EZLN fastparrot :fastparrot: [:gato:](/x) ![:gato: :wave:](y.png) @ann@a.example https://a.example/:cat:",
    "```python\nx = 1  # :cat:\n```\n\n::: spoiler :cat: title\n:D: and :d:\n:::\n\nx[^1]\n\n[^1]: :wave:",
    "\ud800 \0 :wave:\ud800 :кот: :e\u0301:",
    "<script>:wave:</script> \u2028 :+1: :-1: " + ":cat: " * 30,
]
SETTINGS: dict[str, dict[str, Any]] = {
    "lemmy, in Portuguese": {"dialect": "lemmy", "locale": "pt-BR", "alt_in_text": True, "highlight": True},
    "links of one's own": {"dialect": "lemmy", "user_url": "https://f.example/u/{address}", "community_url": ""},
    "a dialect as a value": {"dialect": LEMMY._replace(typographer=False), "boundary": "loose"},
    "zulip": {"dialect": "zulip"},
    "emoticons": {"emoticons": True, "boundary": "strict", "renderer": "labelled"},
    "words alone": {"boundary": "alone", "emoticons": True, "renderer": strange.marked},
    "text from a renderer": {"renderer": strange.plain_text},
    "a renderer with a setting": {"renderer": strange.Tagged("s"), "limits": Limits(emoji=2, characters=120)},
    "a preset's renderer": {"renderer": unicode_images("/{codepoints}.svg"), "packs": [unicode_pack()]},
}


def many(converter: Converter, posts: Any = POSTS, workers: int | None = 2) -> Generator[Result, None, None]:
    return converter.convert_many(posts, workers=workers)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Whatever a test does, no process stays, but those of `stream`."""
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


@pytest.fixture(autouse=True)
def chunks_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few posts are many chunks."""
    monkeypatch.setattr(bulk, "_CHARACTERS", 200)


@pytest.fixture(scope="module")
def plain() -> Converter:
    return Converter(PACKS)


# The same results.


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_same(setting: str) -> None:
    converter = Converter(**{"packs": PACKS, **SETTINGS[setting]})
    expected = [converter.convert(post) for post in POSTS]
    got = list(many(converter))
    assert got == expected
    for mine, theirs in zip(got, expected, strict=True):
        assert mine.html is not theirs.html  # it was in another process
        assert type(mine.html) is type(theirs.html)
        assert mine.used == theirs.used
        assert [one.suggestions for one in mine.unknown] == [one.suggestions for one in theirs.unknown]
        assert all(one.among is converter.index for one in mine.unknown)
        assert all(one.shortcode.pack in converter.index.packs for one in mine.found)
        assert all(a.shortcode.emoji is b.shortcode.emoji for a, b in zip(mine.found, theirs.found, strict=True))


def test_an_installed_dialect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its functions are none that could travel; its name does."""
    (tmp_path / "our_dialect.py").write_text(
        "from shortcodes import Dialect\n"
        "def extend(md): md.disable('emphasis')\n"
        "IT = Dialect('ours', 'commonmark', boundary='loose', extend=extend)\n"
    )
    information = tmp_path / "ours-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[shortcodes.dialects]\nours = our_dialect:IT\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    converter = Converter(dialect="ours")
    assert list(many(converter)) == [converter.convert(post) for post in POSTS]
    with pytest.raises(OptionError, match=r"^dialect cannot go .* has to be given by its name"):
        many(Converter(dialect=converter.dialect))


@pytest.fixture(scope="module")
def stream(plain: Converter) -> Iterator[Callable[[list[str]], None]]:
    """Two processes for all examples: what they ask for is put among posts that never end."""
    asked: deque[str] = deque()
    pulled: list[str] = []

    def posts() -> Iterator[str]:
        for number in count():
            pulled.append(asked.popleft() if asked else f"{number} :cat:")
            yield pulled[-1]

    done = 0
    with pytest.MonkeyPatch.context() as patch, closing(many(plain, posts())) as results:
        patch.setattr(bulk, "_CHARACTERS", 200)

        def compare(some: list[str]) -> None:
            nonlocal done
            asked.extend(some)
            end = len(pulled) + len(some)
            for result in islice(results, end - done):
                assert result == plain.convert(pulled[done])
                done += 1
            assert not asked

        compare(["begun"])
        yield compare
    assert done > 100


PIECES = st.sampled_from(
    [
        *(":cat:", ":wave:", ":wave::skin-tone-3:", ":gone:", ":EZLN:", ":d:", ":D:", ":", "::", "a", "é", " ", "\n\n"),
        *("\r\n", "> ", "- ", "|", "|--|--|\n", "**", "`", "[", "](", ")", "https://", "&colon;", "\\", "\ud800", "\t"),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=30), st.lists(PIECES, max_size=40).map("".join), st.lists(PIECES).map(lambda p: "".join(p) * 30)
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(posts=st.lists(TEXTS, max_size=8))
def test_any_posts(posts: list[str], stream: Callable[[list[str]], None]) -> None:
    stream(posts)


def test_two_threads_and_their_own_processes(plain: Converter) -> None:
    got: dict[int, list[Result]] = {}

    def work(number: int) -> None:
        got[number] = list(many(plain, [f"{number}: {post}" for post in POSTS]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {number: [plain.convert(f"{number}: {post}") for post in POSTS] for number in range(2)}


# Chunks, order, and how far is read ahead.

CHUNKS = {
    "no posts": ([], []),
    "as many as fit": ([100, 100, 100], [[100, 100], [100]]),
    "a long one goes alone": ([10, 10, 5000, 10, 10], [[10, 10], [5000], [10, 10]]),
    "long ones": ([300, 300], [[300], [300]]),
    "empty ones": ([0] * 2500, [[0] * 1000, [0] * 1000, [0] * 500]),
}


@pytest.mark.parametrize("case", CHUNKS)
def test_chunks(case: str) -> None:
    sizes, expected = CHUNKS[case]
    assert [[*map(len, chunk)] for chunk in bulk._chunks("x" * size for size in sizes)] == expected


def test_posts_of_all_sizes_keep_their_order(plain: Converter) -> None:
    posts = [f"{number}. " + "*a* :cat: " * (1500 if number % 37 == 5 else number % 7) for number in range(200)]
    starts = [re.search(r"start=.(\d+)|<li>", one.html) for one in many(plain, posts)]
    assert [int(found[1] or 1) for found in starts if found] == [0, 1, *range(2, 200)]


def test_an_endless_input_is_read_a_few_chunks_ahead(plain: Converter) -> None:
    pulled = 0

    def posts() -> Iterator[str]:
        nonlocal pulled
        for pulled in count(1):  # is looked at below
            yield f"{pulled:05d} :cat: {'x' * 8}"  # 20 characters: ten are a chunk

    most = 10 * (2 * _AHEAD + 1) + 1
    with closing(many(plain, posts())) as results:
        assert pulled == 0
        for taken in range(1, 1_001):
            assert f"<p>{taken:05d} " in next(results).html
            assert taken <= pulled <= taken + most
        before = pulled
        time.sleep(0.2)
        assert pulled == before


def test_a_slow_job_does_not_stop_the_others(tmp_path: Path) -> None:
    """While one process is at it, the other one does what may be read ahead, but what waits behind it."""
    jobs = [(str(tmp_path / str(number)), 0.0 if number else 1.0) for number in range(20)]
    assert 2 * _AHEAD - 2 <= next(in_processes(_slow, jobs, workers=2)) < 2 * _AHEAD


def _slow(path: str, seconds: float) -> int:
    """Leave a file, or wait, and count the files of the others."""
    time.sleep(seconds)
    if not seconds:
        Path(path).touch()
    return len(list(Path(path).parent.iterdir()))


def test_long_jobs_and_long_results_go_both_ways() -> None:
    """More than a pipe holds: nobody waits for one who waits."""
    results = in_processes(_doubled, ((bytes([number]) * 1_000_000,) for number in range(10)), workers=2)
    assert [(one[0], len(one)) for one in results] == [(number, 2_000_000) for number in range(10)]


def _doubled(content: bytes) -> bytes:
    return content * 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells what a process has in memory")
def test_memory_is_flat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_CHARACTERS", 10_000)
    begun = 0
    for number, result in enumerate(many(Converter(), (f"{number} :wave:" for number in range(20_000)))):
        assert result.found
        if number == 2_000:
            begun = status("VmRSS")
    assert status("VmRSS") - begun < 2_000_000


def test_few_posts_start_no_process(monkeypatch: pytest.MonkeyPatch, plain: Converter) -> None:
    _no_process(monkeypatch)
    monkeypatch.setattr(bulk, "_CHARACTERS", 32_768)
    assert list(many(plain)) == [plain.convert(post) for post in POSTS]
    assert list(many(plain, [])) == []


def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(_: object) -> None:
        pytest.fail("a process was started")

    monkeypatch.setattr("multiprocessing.process.BaseProcess.start", started)


@pytest.mark.parametrize(("cores", "workers"), [(1, None), (8, 1)])
def test_one_worker_is_no_process(
    cores: int, workers: int | None, plain: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is anything read ahead: one post, one result."""
    monkeypatch.setattr(processes, "cores", lambda: cores)
    _no_process(monkeypatch)
    posts = iter(POSTS * 5)
    with closing(many(plain, posts, workers)) as results:
        assert next(results) == plain.convert(POSTS[0])
        assert next(posts) == POSTS[1]


@pytest.mark.parametrize("workers", [0, -1])
def test_no_worker_at_all(workers: int, plain: Converter) -> None:
    with pytest.raises(OptionError, match=f"^workers is {workers}; give 1 or more"):
        many(plain, workers=workers)


# What cannot travel.

UNFIT: dict[str, tuple[str, dict[str, Any]]] = {
    "a lambda": ("renderer", {"renderer": lambda shortcode: Markup(shortcode.name)}),
    "a closure": ("renderer", {"renderer": strange._on_cat(list)}),
    "a rule within a function": ("dialect", {"dialect": Dialect("a", "commonmark", extend=lambda md: None)}),  # noqa: ARG005  # the engine's parser
    "a proxy": ("packs", {"packs": [Pack("a", extra=MappingProxyType({}))]}),
}


@pytest.mark.parametrize("what", UNFIT)
def test_a_setting_that_cannot_travel(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said when it is asked for, not when a million posts are half done, nor only if there are many."""
    setting, given_ = UNFIT[what]
    _no_process(monkeypatch)
    converter = Converter(**given_)
    with pytest.raises(OptionError, match=rf"^{setting} cannot go to a worker process \(.*; or give workers=1$"):
        converter.convert_many(["one"], workers=2)
    assert list(many(converter, workers=1)) == [converter.convert(post) for post in POSTS]


def test_a_function_that_the_processes_do_not_find(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that was written into a shell: here it has a name in a module, there it has none."""
    renderer = strange._on_cat(list)
    renderer.__qualname__ = "only_here"
    monkeypatch.setattr(strange, "only_here", renderer, raising=False)
    with pytest.raises(WorkerError, match=r"^a worker process cannot have what it is to work with: .*only_here"):
        list(many(Converter(renderer=renderer)))


def test_posts_that_are_not_plain_text(plain: Converter) -> None:
    """Their classes may be none that travel."""

    class Text(str):
        __slots__ = ()

    posts: list[str] = []
    for post in POSTS:
        posts += [post, Markup("<b>:cat:"), Text(":wave:")]
    assert list(many(plain, posts)) == [plain.convert(post) for post in posts]


@pytest.mark.parametrize("post", [None, b":cat:"], ids=str)
def test_posts_that_are_no_text(post: Any, plain: Converter) -> None:
    """What `convert` raises is raised in their turn."""
    with pytest.raises(TypeError) as expected:
        plain.convert(post)
    got: list[Result] = []
    with pytest.raises(TypeError) as caught:
        got.extend(many(plain, [*POSTS, post, *POSTS]))
    assert str(caught.value) == str(expected.value)
    assert len(got) == len(POSTS)


# Errors of others.


@pytest.mark.parametrize("at", [0, 5, 1_000])
def test_an_input_that_fails(at: int, plain: Converter) -> None:
    """All results of what came before it come before it."""

    def posts() -> Iterator[str]:
        for number in range(at):
            yield f"{number} :wave:"
        raise ZeroDivisionError(at)

    got: list[Result] = []
    with pytest.raises(ZeroDivisionError, match=f"^{at}$"):
        got.extend(many(plain, posts()))
    assert got == [plain.convert(f"{number} :wave:") for number in range(at)]


def test_a_renderer_that_raises() -> None:
    """The error comes from this process, with all that a debugger looks at."""
    got: list[Result] = []
    with pytest.raises(LookupError, match="no cats here") as caught:
        got.extend(many(Converter(renderer=strange.raising), [":wave: " * 5] * 50 + [":cat:"] + [":dog:"] * 99))
    assert len(got) == 50
    assert caught.traceback[-1].name == "raising"


def test_a_renderer_that_raises_in_other_processes_alone() -> None:
    converter = Converter(renderer=strange.fails_in_workers)
    assert list(many(converter)) == [converter.convert(post) for post in POSTS]


# Processes that die, and those who leave them.

FILLED = [f"{number} :wave:" for number in range(100)]
DEATHS = {
    "killed": "a worker process was killed (SIGKILL), perhaps for want of memory",
    "killed_while_answering": "a worker process was killed (SIGKILL), perhaps for want of memory",
    "leaving": "a worker process ended, with code 9, before its work was done",
}


@pytest.mark.parametrize("how", DEATHS)
def test_a_process_that_dies(how: str) -> None:
    converter = Converter(renderer=getattr(strange, how))
    with pytest.raises(WorkerError) as caught:
        list(many(converter, [*FILLED, ":cat:", *FILLED]))
    assert str(caught.value) == DEATHS[how]


def test_a_process_that_is_killed_between_results(plain: Converter) -> None:
    before = set(multiprocessing.active_children())
    results = many(plain, (f"{number} :cat:" for number in count()))
    next(results)
    for child in set(multiprocessing.active_children()) - before:
        os.kill(child.pid or 0, signal.SIGKILL)
    with pytest.raises(WorkerError, match="SIGKILL"):
        list(results)


@pytest.mark.parametrize("leave", ["close", "forget", "throw"])
def test_who_stops_early(leave: str) -> None:
    """Processes are not waited for: these would sleep for an hour."""
    before = set(multiprocessing.active_children())
    results = many(Converter(renderer=strange.sleeping), chain([":wave:" * 40] * 3, repeat(":cat:" * 40)))
    next(results)
    assert len(set(multiprocessing.active_children()) - before) == 2
    if leave == "close":
        results.close()
    elif leave == "forget":
        del results
    else:
        with pytest.raises(KeyboardInterrupt):
            results.throw(KeyboardInterrupt)
    assert set(multiprocessing.active_children()) == before


PROGRAM = """
import itertools, sys, time
import strange_renderers
from shortcodes import Converter

def main():
    global results
    converter = Converter(renderer=strange_renderers.sleeping)
    results = converter.convert_many(itertools.chain([":wave:" * 999] * 9, itertools.repeat(":cat:" * 999)), workers=2)
    next(results)
    print("begun", flush=True)
    {then}

if __name__ == "__main__":
    main()
"""
ENDS = {
    "it is killed": ("time.sleep(60)", signal.SIGKILL, -signal.SIGKILL, ""),
    "Ctrl-C": ("list(results)", signal.SIGINT, -signal.SIGINT, "KeyboardInterrupt"),
    "it forgets them": ("sys.exit(3)", None, 3, ""),
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups")
@pytest.mark.parametrize("end", ENDS)
def test_no_process_stays(end: str, tmp_path: Path) -> None:
    """However a program ends, its processes do, and they say nothing."""
    then, number, code, said = ENDS[end]
    with _program(tmp_path, PROGRAM.format(then=then)) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        if number == signal.SIGINT:
            time.sleep(0.5)
            os.killpg(process.pid, number)  # as a terminal does
        elif number:
            os.kill(process.pid, number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert errors.count("Traceback") == bool(said)
    assert errors.rstrip().endswith(said)
    assert not group_is_alive(process.pid)


def _program(folder: Path, text: str) -> "subprocess.Popen[str]":
    (folder / "program.py").write_text(text)
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "program.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_script_that_does_its_work_when_it_is_imported(tmp_path: Path) -> None:
    """Each process imports it. What is wrong is the last line that it prints."""
    text = "from shortcodes import Converter\nlist(Converter().convert_many([':wave:' * 9999] * 9, workers=2))\n"
    with _program(tmp_path, text) as process:
        _, errors = process.communicate(timeout=60)
    last = errors.rstrip().splitlines()[-1]
    assert process.returncode == 1
    assert last.startswith("shortcodes.errors.WorkerError: a worker process ended with code 1 when it was started")
    assert last.endswith("""below 'if __name__ == "__main__":'""")


def test_renderers_of_a_script(tmp_path: Path) -> None:
    text = """
    from shortcodes import Converter, Html

    def ours(shortcode):
        return Html("<hr>")

    if __name__ == "__main__":
        print({one.html for one in Converter(renderer=ours).convert_many([":wave:"] * 9999, workers=2)})
    """
    with _program(tmp_path, textwrap.dedent(text)) as process:
        assert process.communicate(timeout=60) == ("{Markup('<p class=\"only-emoji\"><hr></p>\\n')}\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_has_no_say(plain: Converter) -> None:
    """What forks while results come has a copy of all; that it ends, or closes them, is nothing to us."""
    results = many(plain, FILLED * 4)
    first = next(results)
    if not (child := os.fork()):
        results.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert [first, *results] == [plain.convert(post) for post in FILLED * 4]


@pytest.mark.parametrize("daemonic", [True, False])
def test_within_a_process(daemonic: bool) -> None:  # noqa: FBT001  # a case
    """A daemonic process may start none: it does the work itself, or says so; others may."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=strange.convert_many_within, args=(theirs,), daemon=daemonic)
    process.start()
    theirs.close()
    by_default, two = ours.recv()
    process.join()
    assert by_default == 400
    assert two == ("workers is 2, and a daemonic process may start none; give 1, or None" if daemonic else 400)


def test_errors_come_as_they_are() -> None:
    """And those that cannot be made again are told."""
    for number, (kind, message) in enumerate([(KeyError, "'gone'"), (WorkerError, "Stubborn: cannot be pickled")]):
        with pytest.raises(kind) as caught:
            list(in_processes(strange.fail, [(number,)] * 3, workers=2))
        assert str(caught.value) == message
        assert "in fail" in caught.value.__notes__[0]


def test_a_converter_can_be_pickled(plain: Converter) -> None:
    again = pickle.loads(pickle.dumps(plain))
    assert again.index.version == plain.index.version
    assert [again.to_html(post) for post in POSTS] == [plain.to_html(post) for post in POSTS]
    assert len(pickle.dumps(again)) == len(pickle.dumps(plain))
