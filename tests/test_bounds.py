"""The bounds of the Markdown door: no post is slow, deep, or much longer as HTML; and none loses its text."""

import sys
import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from shortcodes import Converter, Limits

KIB = 1024
CONVERTER = Converter(limits=Limits(characters=1024 * KIB))

# What is repeated until it fills the post. Each was slow, deep or huge in some engine once, or looks as if.
REPEATED = {
    **{piece: piece for piece in "[ ![ [a]( [a](<b [a](b ![a]( [[a] [][ ] ]( []( < <a <!-- <? <http:// </".split()},
    **{piece: piece for piece in "a:// http:// http://( www.a.b a@b.co @a //a.co a.co/ mailto: & &a &#1 &#x".split()},
    **{piece: piece for piece in "*a *a_ **a **a* _a ~~a *a**a ` `a \\ \\: : :a a: :: :a: :wave: ::: :wave::".split()},
    **{piece: piece for piece in "\" ' ( . - + = # | ~ $ ^ { % 你 é \u0301 \u202e \u200d 👋 👩‍💻 www. ://".split()},
    "quotes": "> ",
    "quotes with lines": "> a\n",
    "deeper quotes": ">> a\n> ",
    "bullets": "- ",
    "numbers": "1. ",
    "quoted bullets": "> - ",
    "list": "- a\n",
    "nested list": "- a\n  - b\n    - c\n",
    "lazy": "> a\nb\n",
    "rules": "***\n",
    "headings": "# a\n",
    "underlined": "a\n=\n",
    "table rows": "| a | b |\n|---|---|\n",
    "table, then text": "|a|\n|-|\nb\n\n",
    "definitions": "[a]: b\n",
    "definitions with titles": "[a]: b 'c\n",
    "blank lines": "\n\n",
    "white space": " \t\n",
    "fences": "```\n",
    "tilde fences": "~~~ a\n",
    "code": "    a\n",
    "spaced links": "[a](b) ",
    "spaced images": "![:wave:](b) ",
    "spaced autolinks": "<http://a.b> ",
    "spaced URLs": "http://a.b/:wave: ",
    "html": "<div>\n",
    "entities": "&amp; ",
    "breaks": "a  \n",
    "emoji": ":wave: ",
    "tones": ":wave::skin-tone-2: ",
    "unknown": ":nope: ",
}


def crafted(size: int) -> dict[str, str]:
    """Posts whose parts play together."""
    return {
        "reference bomb": f"[a]: /{'u' * (size // 2)}\n\n" + "[a]\n\n" * (size // 10),
        "wide table, short rows": "|" * 200 + "\n" + "|-" * 199 + "|\n" + "a\n" * (size // 2),
        "many wide tables": ("|" * 60 + "\n" + "|-" * 59 + "|\n" + "a\n" * 40 + "\n") * (size // 300),
        "backtick runs": "".join("`" * i + " " for i in range(int((2 * size) ** 0.5))),
        "brackets, then text": "[" * 299 + "x*_`a " * (size // 6),
        "addresses, then text": "a://" * 299 + "x " * (size // 2),
        "emphasis in emphasis": "*a " * (size // 6) + "b*" * (size // 6),
        "strong in strong": "**a " * (size // 8) + "b**" * (size // 8),
        "links in quotes": "> [a](b)\n" * (size // 9),
        "images in images": ("![" * 12 + "a" + "](b)" * 12 + "\n\n") * (size // 80),
        "addresses in one word": "=a.b" * (size // 4),
        "international addresses": "www.xn--" * (size // 8),
        "one long line": "word " * (size // 5),
    }


POSTS = (*REPEATED, *crafted(KIB))


def post(name: str, size: int) -> str:
    piece = REPEATED.get(name)
    return (piece * (size // len(piece) + 1))[:size] if piece else crafted(size)[name]


def seconds(text: str) -> float:
    start = time.process_time()
    CONVERTER.to_html(text)
    return time.process_time() - start


@pytest.mark.parametrize("name", POSTS)
def test_time_grows_with_the_post(name: str) -> None:
    """Four times the post takes about four times the time; eight leaves room for noise, and none for its square."""
    small, large = post(name, 8 * KIB), post(name, 32 * KIB)
    seconds(small)
    for _ in range(6):
        if seconds(large) < 8 * min(seconds(small), seconds(small)) + 0.02:
            return
    pytest.fail("four times the post takes more than eight times as long, in six attempts")


@pytest.mark.parametrize("name", POSTS)
def test_html_is_bounded_and_shallow(name: str) -> None:
    text = post(name, 16 * KIB)
    html = CONVERTER.to_html(text)
    assert len(html) <= 64 * KIB + 20 * len(text)
    root = LexborHTMLParser(html).root
    depth, level = 0, [root] if root else []
    while level:
        level = [child for node in level for child in node.iter(include_text=False)]
        depth += 1
    assert depth <= 100


@pytest.mark.parametrize("name", ["quotes", "quoted bullets", "*a", "**a*", "[", "nested list", "[a]("])
def test_no_recursion_error_from_a_deep_stack(name: str) -> None:
    text = post(name, 16 * KIB)

    def call(depth: int) -> str:
        return call(depth - 1) if depth else CONVERTER.to_html(text)

    assert sys.getrecursionlimit() <= 1000
    assert call(600)


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
