"""Hostile posts, whichever door they take: limits, characters that break things; and nothing is ever lost."""
# What they may cost is in test_cost.py.

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markupsafe import escape

from conftest import CUSTOM
from html_tree import text_of
from shortcodes import Converter, Emoji, Limits, Pack, unicode_pack

KIB = 1024
CONVERTER = Converter([CUSTOM, unicode_pack()])


def test_ordinary_addresses_are_links() -> None:
    url = "https://example.org/search?q=a+b&lang=en#:~:text=(c)"
    post = f"See {url}, www.example.org/wiki/A_(b), a@example.org and http://xn--mnchen-3ya.xn--p1ai/xn--a !\n\n" * 50
    assert CONVERTER.to_html(post).count("<a ") == 200


@pytest.mark.parametrize("markers", ["> ", "- ", "1. ", "> - ", "- > ", "*", "[", "**", "> 1. - "])
def test_no_text_is_lost_in_the_depth(markers: str) -> None:
    for times in (5, 12, 20, 40, 200):
        html = CONVERTER.to_html(markers * times + "hello :wave:")
        assert "hello 👋" in html
        assert "hello 👋" in CONVERTER.to_text(markers * times + "hello :wave:")


def test_ordinary_posts_are_as_they_were() -> None:
    """Two hundred links, a table with a few short rows, ten levels of quotes: people do that."""
    assert CONVERTER.to_html("[a](b) " * 200).count("<a ") == 200
    assert CONVERTER.to_html("|a|b|c|\n|-|-|-|\n" + "|x|\n" * 50).count("<td></td>") == 100
    assert CONVERTER.to_html("> " * 10 + "a").count("<blockquote>") == 10
    assert CONVERTER.to_html("- a\n  - b\n    - c\n      - d\n        - e").count("<ul>") == 5
    assert CONVERTER.to_html("*a **b ~~c~~***").count("</") == 4


# The engine alone, without bounds: what people write comes out alike.
PIECES = st.sampled_from(
    """
    # ## > - * + 1. 2) ``` ~~~ --- === | |-| |a|b| |-|:-:| [a] [a]: (b) [a](b) ![a](b) [a](<b> "c") <http://a.b>
    https://a.b/c www.a.b a@b.co *a* **a** _a_ __a__ *a **b ~~a~~ `a` ``a`b``
    \\* &amp; &#58; &lt; <b> <!-- \\ a b é : :a b: :wav
    e: 10:30:45
    """.split()
    + [" ", "  ", "\n", "\n\n", "    ", "\t", "> ", "- ", "1. ", "  \n", "\\\n"]
)


@settings(max_examples=200, deadline=None)
@given(post=st.lists(PIECES, max_size=40).map("".join))
@example("> " * 12 + "a\n" + "- " * 4 + "b\n\n|a|b|\n|-|-|\n|c|\n\n[![d](e)](f) ![g ![h](i)](j)\n\n" + "[k](l) " * 99)
@pytest.mark.parametrize(("dialect", "preset"), [("gfm", "gfm-like"), ("commonmark", "commonmark")])
def test_ordinary_posts_are_as_the_engine_has_them(dialect: str, preset: str, post: str) -> None:
    engine = MarkdownIt(preset, {"html": False, "xhtmlOut": False, "linkify": dialect == "gfm"})
    assert Converter([], dialect=dialect).to_html(post) == engine.render(post)


ODD = st.lists(
    st.sampled_from(
        [":", ":", ":wave:", "wave", "a", " ", "\n", "*", "[", "](", ")", "`", "|", "<", "&", "\0", "\ud83d", "\udc4b"]
        + ["\u200b", "\u200d", "\ufe0e", "\ufe0f", "\u202e", "\u2066", "\u0301", "\x1b", "\x85", "\r", "👋", "🏽", "🇩"]
    ),
    max_size=30,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(text=ODD)
@example("\ud83d:wave:\udc4b")
@pytest.mark.parametrize("emoticons", [False, True])
def test_odd_characters_break_nothing(emoticons: bool, text: str) -> None:  # noqa: FBT001  # pytest passes it
    converter = Converter([CUSTOM, Pack("u", (Emoji("wave", "👋"),))], emoticons=emoticons)
    result = converter.convert(text)
    for output in (
        converter.to_html(text),
        converter.to_text(text),
        converter.text_to_html(text),
        converter.filter_html(text),
        converter.text_to_text(text),
        converter.demojize(text),
        *(one.source for one in result.unknown),
    ):
        assert not re.search("[\ud800-\udfff]", output)
    assert result.html == converter.to_html(text)


def test_what_a_lone_surrogate_becomes() -> None:
    """NUL is for HTML to say, so characters keep it."""
    assert CONVERTER.text_to_text("a\ud83d\udc4b :wave:\0") == "a\ufffd\ufffd 👋\0"
    assert CONVERTER.demojize("a\ud83d 👋\0") == "a\ufffd :wave:\0"
    assert CONVERTER.demojize("".join(map(chr, range(0xD800, 0xD820)))) == "\ufffd" * 32
    assert CONVERTER.to_source("\ud83d :wave:", target="unicode") == "\ud83d 👋"


@pytest.mark.parametrize(
    "text", [":wa\u200bve:", ":wave\ufe0f:", ":\u202ewave:", ":wa\0ve:", ":wa\ud83dve:", ":\u2066wave\u2069:"]
)
def test_what_cannot_be_seen_is_in_no_name(text: str) -> None:
    assert "👋" not in CONVERTER.to_html(text)
    assert "👋" not in CONVERTER.text_to_html(text)


DOORS: dict[str, Callable[[Converter, str], str]] = {
    "to_html": Converter.to_html,
    "convert": lambda converter, text: converter.convert(text).html,
    "to_text": Converter.to_text,
    "text_to_html": Converter.text_to_html,
    "filter_html": Converter.filter_html,
}


@pytest.mark.parametrize("between", [" ", "", "\n\n"])
@pytest.mark.parametrize("door", DOORS)
def test_emoji_beyond_the_limit_stay_text(door: str, between: str) -> None:
    result = DOORS[door](CONVERTER, f":wave:{between}" * 1_200)
    assert (result.count("👋"), result.count(":wave:")) == (1_000, 200)
    result = DOORS[door](Converter(limits=Limits(emoji=3)), f":wave:{between}:nope:{between}" * 9)
    assert (result.count("👋"), result.count(":wave:"), result.count(":nope:")) == (3, 6, 9)


@pytest.mark.parametrize("door", ["to_html", "convert", "text_to_html", "filter_html"])
def test_html_of_emoji_is_bounded(door: str) -> None:
    pack = Pack("p", (Emoji("i", image="i.png", alt="&" * 5_000),))
    text = ":i: " * 900
    result = DOORS[door](Converter([pack]), text)
    assert len(result) <= 64 * KIB + 20 * len(text)
    assert result.count("<img") + len(re.findall(r"(?<!\"):i:", result)) == 900


@pytest.mark.parametrize("door", DOORS)
def test_a_post_that_is_too_long_is_shown_as_it_is(door: str) -> None:
    text = "**a** :wave: <b>&\n" * 20
    result = DOORS[door](Converter(limits=Limits(characters=300)), text)
    assert (
        result
        == {
            "to_html": f"<pre>{escape(text)}</pre>\n",
            "convert": f"<pre>{escape(text)}</pre>\n",
            "text_to_html": escape(text),
            "to_text": text,
            "filter_html": text,
        }[door]
    )


@settings(deadline=None)
@given(
    text=st.lists(
        st.sampled_from(["a", "é", " ", ":wave:", ":nope:", ":", "<", "&amp;", "'", "👋", "::"]), max_size=30
    ).map("".join)
)
def test_nothing_is_lost(text: str) -> None:
    """Plain text comes out as plain text, whatever the limits, emoji aside."""
    for limits in (Limits(), Limits(emoji=1), Limits(output=0), Limits(characters=9)):
        converter = Converter([Pack("u", (Emoji("wave", "👋"),))], limits=limits)
        shown = text_of(converter.text_to_html(f"x{text}"))
        assert shown.replace("👋", ":wave:") == f"x{text}".replace("👋", ":wave:")


@pytest.mark.parametrize("door", DOORS)
def test_emoticons_count_too(door: str) -> None:
    assert DOORS[door](Converter(emoticons=True), ":) " * 1_200).count("🙂") == 1_000
