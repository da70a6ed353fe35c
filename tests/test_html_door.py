"""The HTML door: fixtures, and tag soup against a real HTML parser."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it.utils import read_fixture_file
from markupsafe import escape

from conftest import FIXTURES
from html_tree import Element, Node, tree, without_space
from shortcodes import Converter, Emoji, Html, Limits, Pack, Shortcode, unicode_pack

FILES = sorted((FIXTURES / "html").glob("*.txt"))
OPAQUE = frozenset(
    "code pre kbd samp tt listing math svg template select script style textarea title xmp iframe noembed noframes "
    "noscript plaintext".split()
)


def cases(path: Path) -> list[tuple[str, str, str]]:
    """Read a file of ``title . input . expected .``; an empty one fails."""
    found = [(f"{path.stem}: {title}", html, expected) for _, title, html, expected in read_fixture_file(path)]
    assert found, f"{path} has no cases"
    return found


CASES = [case for path in FILES for case in cases(path)]


def marked(shortcode: Shortcode) -> Html:
    """An element that remembers what was typed."""
    return Html(f'<img class="was-typed" alt="{escape(shortcode.source)}">')


MARKING = Converter(
    [Pack("marks", (Emoji("x", image="x.png"), Emoji("wave", image="wave.png"))), unicode_pack()], renderer=marked
)


def test_there_are_fixtures() -> None:
    assert FILES


@pytest.mark.parametrize(("title", "html", "expected"), CASES, ids=[title for title, _, _ in CASES])
def test_fixture(converter: Converter, title: str, html: str, expected: str) -> None:
    assert converter.filter_html(html) == expected, title
    assert_only_text_changes(html)


def assert_only_text_changes(html: str) -> None:
    """Hold the door to its promise: emoji stand where shortcodes were in text, and nothing else is another."""
    inside: list[str] = []

    def typed(element: Element) -> str | None:
        if element.tag != "img" or dict(element.attributes).get("class") != "was-typed":
            return None
        inside.extend(element.ancestors & OPAQUE)
        return dict(element.attributes)["alt"]

    filtered = str(MARKING.filter_html(html))
    assert re.sub(r'<img class="was-typed" alt="([^"]*)">', r"\1", filtered) == html, "what was no shortcode is another"
    assert comparable(tree(filtered, typed), html) == comparable(tree(html), html), "the tree is another"
    assert not inside, "there is an emoji where no prose is"
    if not re.search(":(?:skin-tone-|t)[2-6]", html):  # a tone that its emoji does not take is an emoji the next time
        assert MARKING.filter_html(filtered) == filtered, "filtering twice gives more"


def comparable(nodes: list[Node], html: str) -> list[Node]:
    return without_space(nodes) if re.search(r"(?i)<(table|col)", html) else nodes


NAMES = st.sampled_from(
    """
    b p a div li td tr table caption col colgroup button form head body html br img object marquee h1 x-y
    code pre kbd samp tt listing math mi mtext annotation-xml svg path g desc foreignObject template select option
    noscript script SCRIPT style textarea title xmp iframe noembed noframes plaintext frameset
    """.split()
)
ODDS = st.sampled_from(
    """
    < </ > /> = == ' " <!-- --> --!> <!- <!x <? <![CDATA[ ]]> & &# &#5 &lt; / a é ſ <ſ :x: :x: :wave: '>:x:'> ">:x:">
    """.split()
    + [" ", "\n", "\t", "\f", "\r", "\0", " :x: ", " :x: ", " :wave: "]
)


def tags(names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return start tags, end tags and what may become one."""
    attribute = st.sampled_from(["", "", "", " ", "/", " a", " a=", " a=b", ' a="', " a='", ' a=">:x:"', " ==", ' "'])
    end = st.sampled_from([">", ">", ">", ">", "/>", "", " "])
    return st.builds("<{}{}{}{}".format, st.sampled_from(["", "", "/"]), names, attribute, end)


SOUP = st.lists(st.one_of(tags(NAMES), ODDS), max_size=16).map("".join)
# Few names, so that they meet: start tags, end tags and text in every order.
NESTED = st.lists(NAMES, min_size=2, max_size=4).flatmap(
    lambda names: st.lists(
        st.one_of(
            st.builds("<{}>".format, st.sampled_from(names)),
            st.builds("</{}>".format, st.sampled_from(names)),
            st.sampled_from([":x:", " :x: ", "'>", "<b t='", "<!--", "-->"]),
        ),
        max_size=14,
    ).map(lambda parts: "".join([*parts, " :x: "]))
)


@settings(max_examples=500, deadline=None)
@given(html=st.one_of(SOUP, NESTED))
@example(html="<svg><a></svg><title><b t='</title>:x:'>")
def test_only_text_changes(html: str) -> None:
    assert_only_text_changes(html)


def test_lone_surrogates_become_visible_and_all_else_stays(converter: Converter) -> None:
    html = "<p\0 title='\r\n'>\0\ud83d :wave:\r\n\udc4b</p>"
    assert converter.filter_html(html) == "<p\0 title='\r\n'>\0\ufffd 👋\r\n\ufffd</p>"


@pytest.mark.parametrize("text", ["\0", "\0é", "é\0\ud83d"])
def test_what_is_too_long_comes_back_at_once(converter: Converter, text: str) -> None:
    html = text * (2**20 // len(text))
    assert converter.filter_html(html) == html.replace("\ud83d", "\ufffd")
    assert best_time(converter.filter_html, html) < 0.05


def test_emoticons_are_found_as_they_are_escaped() -> None:
    converter = Converter(emoticons=True)
    assert converter.filter_html("<p>I &lt;3 you :)</p><code>:)</code>") == "<p>I ❤️ you 🙂</p><code>:)</code>"


HOSTILE = """
< </ <a <!-- <!- <? <![CDATA[ <a\x20b= <a\x20b=" <a== <a/ " ' > : :: :a :a: :wave: x:wave: <b>:wave:</b> &#: http:// ://a
<script> <script><!-- <style> </style> <textarea <plaintext <xmp></xmp <code> </code> <code></code> <pre><b> <pre></b>
<svg><path/> <svg><style> <svg></path> <noscript></noscript <template> <kbd><kbd> <br> <b></b> <ſcript> <é :é :\u0301:
""".split()


@pytest.mark.parametrize("before", ["", "<pre>", "<svg>", "<noscript>", "<script>", "<a title="])
def test_time_is_linear(before: str) -> None:
    converter = Converter(limits=Limits(characters=2**21))
    for unit in HOSTILE:
        assert_linear(converter.filter_html, lambda size, unit=unit: before + unit * (size // len(unit)), 2**13)  # type: ignore[misc]  # mypy infers no lambda with a default


def assert_linear(run: Callable[[str], object], text: Callable[[int], str], size: int) -> None:
    """Four times the text may take eight times the time, which noise does not add and quadratic time exceeds."""
    for _ in range(3):
        if best_time(run, text(4 * size)) < 8 * best_time(run, text(size)) + 0.05:
            return
    raise AssertionError(f"more than linear: {text(20)!r}")


def best_time(run: Callable[[str], object], text: str) -> float:
    times = []
    for _ in range(2):
        start = time.process_time()
        run(text)
        times.append(time.process_time() - start)
    return min(times)
