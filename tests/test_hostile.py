"""Hostile posts, whichever door they take: time, limits, characters that break things; and nothing is ever lost."""

import re
import time
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

# Words of which a few hundred characters took linkify-it-py seconds, minutes or, with `xn--`, years.
ADDRESSES = {
    piece: piece
    for piece in """
    =a. $a. a.^ |a. +1. `a.b =www. (a.co/ [a.co/ {a.co/ 'a.co/ "a.co/ !a.co/ http://a.b/! http://a.b/( http://a.b/[
    http://a.b/? http://a.b/* http://a.b/_a_ http://a.b/' http://a.b/-- http://a.b/:wave: https:// ftp://a
    www.xn-- xn--a. xn--a.b. http://xn--a. localhost.xn-- a@xn--b. "a@ (a@b a@b. mailto:a@b. ?ftp:a.b 1.1. //a.b! -a.
    *(a.co/? \\a(a.co/ ~a.b/
    """.split()
}
REPEATED = {
    **ADDRESSES,
    "addresses of a line": "http://a.b/(c) www.d.e/f?g=h&i=j k@l.mn ",
    "nested descriptions": "![" * 18 + "a" + "](b)" * 18 + "\n\n",
    "nested descriptions with emoji": "![x " * 18 + ":wave:" + " y](b)" * 18 + "\n\n",
    "descriptions that never end": "![:wave: ",
    "links in links": "[" * 100 + "a" + "](b)" * 100 + "\n\n",
    "brackets up to the limit": "[" * 299 + "\n\n",
    "brackets and code": "[`" * 100 + "]`" * 100 + "\n\n",
    "labels that never end": "[a\n",
    "titles that never end": "[a]: b '\n",
    "titles that never end, in quotes": "> [a]: b\n> '\n",
    "links whose title never ends": '[a](b "',
    "tables of two lines": "|a|\n-|\n",
    "tables cut by headings": "|a|b|c|\n|-|-|-|\n# \n",
    "tables in quotes": f"> |{'a|' * 40}\n> |{'-|' * 40}\n> |b\n> |b\n\n",
    "tables in lists": f"- |{'a|' * 40}\n  |{'-|' * 40}\n  |b\n  |b\n",
    "tables without rows": f"|{'a|' * 40}\n|{'-|' * 40}\n\n",
    "rows of delimiters": "-|-\n",
    "quotes 19 deep, with lazy lines": "> " * 19 + "a\n" + "b\n" * 20 + "\n",
    "quotes 100 deep": "> " * 100 + "a\n",
    "lists 100 deep": "- " * 100 + "a\n",
    "quotes and lists in turn": "> - " * 15 + "a\n",
    "emphasis 20 deep": "*a **b " * 10 + "b** a*" * 10 + "\n\n",
    "emphasis across links": "*a [b *c](d) " * 100 + "b* " * 100 + "\n\n",
    "emphasis of three kinds": "*a _b ~~c " * 20 + "d** e__\n\n",
    "changing bullets": "- a\n* b\n+ c\n",
    "changing numbers": "1. a\n1) b\n",
    "nearly rules": "* " * 99 + "a\n",
    "everything": "*[_`<a:!(&\\~",
    "everything, closed": "*[a](b)_`c`<http://x>**![d](e)~~&amp;:x:",
    "names spelt with tones": ":wave_tone1_tone2_tone3:",
    "names of 128": ":" + "a" * 128,
    "marks": ":\u0301\u0301:",
    "selectors": ":wave\ufe0f:",
    "joiners": "\U0001f468\u200d",
    "flags": "\U0001f1e6",
    "tags": "\U0001f3f4\U000e0067\U000e0062",
}
CRAFTED: dict[str, Callable[[int], str]] = {
    "empty cells": lambda size: row(100, "a") + row(100, "-") + row(100, "") * (size // 101),
    "empty cells in the middle": lambda size: row(30, "a") + row(30, ":-:") + row(30, "") * (size // 31),
    "short rows, escaped": lambda size: row(300, "a") + row(300, "-") + "\\|\n" * (size // 3),
    "a title for all": lambda size: f"[a]: b '{'&' * (size // 2)}'\n\n" + "[a]\n\n" * (size // 10),
    "a definition for each": lambda size: "\n".join(f"[a{i}]: b" for i in range(size // 10)),
    "one long host": lambda size: f"http://{'a' * size}",
    "one long host of many": lambda size: f"http://{'a.' * (size // 2)}",
    "one long path": lambda size: f"http://a.b/{'(' * size}",
    "one long address": lambda size: f"{'a.' * (size // 2)}@b.com",
    "long hosts": lambda size: f"http://{'a' * (size // 260)} " * 249,
    "steps of a list": lambda size: "".join(f"{'  ' * i}- a\n" for i in range(int(size**0.5))),
    "steps of quotes": lambda size: "".join(f"{'>' * i}a\n" for i in range(int((2 * size) ** 0.5))),
    "brackets, then emphasis": lambda size: "[" * 299 + "*a " * (size // 3),
    "brackets among emphasis": lambda size: ("[" + "* " * (size // 600)) * 299,
}


def row(columns: int, cell: str) -> str:
    return "|" + f"{cell}|" * columns + "\n"


def post(name: str, size: int) -> str:
    piece = REPEATED.get(name)
    return (piece * (size // len(piece) + 1) if piece else CRAFTED[name](size))[:size]


@pytest.mark.parametrize("name", [*REPEATED, *CRAFTED])
def test_post(name: str) -> None:
    """Four times the post may take eight times as long; to find where emoji stand, what has some is read once more."""
    small, large = post(name, 2 * KIB), post(name, 8 * KIB)
    for _ in range(4):
        quick, slow, found = (
            seconds(CONVERTER.to_html, small),
            seconds(CONVERTER.to_html, large),
            seconds(CONVERTER.convert, large),
        )
        if slow < 8 * quick + 0.05 and found < 5 * slow + 0.05:
            break
    else:
        pytest.fail(f"four times the post: {quick:.3f} s, {slow:.3f} s, {found:.3f} s to convert it")
    assert slow < 5
    assert len(CONVERTER.to_html(large)) <= 64 * KIB + 20 * len(large)


def seconds(door: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    door(text)
    return time.process_time() - start


@pytest.mark.parametrize("piece", ADDRESSES)
@pytest.mark.parametrize("before", ["", "http://", "a.", "("])
def test_one_word_takes_no_time(before: str, piece: str) -> None:
    """Twenty of some took ten seconds, and each more twice as long."""
    for times in (6, 25, 400):
        assert seconds(CONVERTER.to_html, before + piece * times) < 1


def test_ordinary_addresses_are_links() -> None:
    url = "https://example.org/search?q=a+b&lang=en#:~:text=(c)"
    post = f"See {url}, www.example.org/wiki/A_(b), a@example.org and http://xn--mnchen-3ya.xn--p1ai/xn--a !\n\n" * 50
    assert CONVERTER.to_html(post).count("<a ") == 200


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
        *(one.source for one in result.unknown),
    ):
        assert not re.search("[\ud800-\udfff]", output)
    assert result.html == converter.to_html(text)


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
