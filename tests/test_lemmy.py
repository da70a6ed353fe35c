"""Lemmy's Markdown, as data: what its own page shows (``html``), and the text; then its bounds."""

import re
import subprocess
import sys
from typing import Any

import pytest
from markdown_it import MarkdownIt

from conftest import CUSTOM, FIXTURES, SHARED, read_cases
from shortcodes import Converter, Dialect, Limits, unicode_pack
from shortcodes.dialects.rules.footnotes import MAX_REFERENCES
from shortcodes.markdown import highlight

KIB = 1024
LEMMY = Converter([CUSTOM, unicode_pack()], dialect="lemmy", limits=Limits(characters=1024 * KIB))
SHARED_CASES = SHARED / "conformance" / "lemmy.jsonl"
# The class of a link leaks into those behind it there: a bug of theirs. fixtures/lemmy/links.jsonl has it right.
LEAKING = {"user-then-community-(class-leaks)", "path-links"}

CASES = [
    pytest.param(case, id=f"{file.stem}-{case['id']}")
    for file in sorted((FIXTURES / "lemmy").glob("*.jsonl"))
    for case in read_cases(file)
]


@pytest.mark.parametrize("case", CASES)
def test_post(case: dict[str, Any]) -> None:
    assert LEMMY.to_html(case["input"]) == case["html"], case["rule"]
    assert LEMMY.to_text(case["input"]) == case["text"], case["rule"]
    assert LEMMY.convert(case["input"]).html == case["html"], case["rule"]


def shared_cases() -> list[dict[str, Any]]:
    return read_cases(SHARED_CASES) if SHARED_CASES.exists() else []


@pytest.mark.skipif(not SHARED_CASES.exists(), reason="the shared cases are not beside this checkout")
@pytest.mark.parametrize("case", shared_cases(), ids=lambda case: case["id"])
def test_shared_case(case: dict[str, Any]) -> None:
    html = case["html"]
    if case["id"] in LEAKING:
        html = re.sub(r'("/c/[^"]+" class=)"user-link"', r'\1"community-link"', html)
    assert Converter([], dialect="lemmy").to_html(case["input"]) == html


def test_hexbear_has_straight_quotes() -> None:
    post = '::: spoiler "a"\n"b" -- ~c~ :wave:"d"\n:::'
    assert Converter(dialect="hexbear").to_html(post) == (
        "<details><summary> &quot;a&quot; </summary>\n"
        '<p dir="auto">&quot;b&quot; -- <sub>c</sub> 👋&quot;d&quot;</p>\n</details>\n'
    )


def test_mentions_lead_where_the_site_says() -> None:
    converter = Converter(dialect="lemmy", user_url="https://forum.example/user/{address}", community_url="")
    assert converter.to_html("@ann@a.example !otters@a.example") == (
        '<p dir="auto"><a href="https://forum.example/user/ann@a.example" class="user-link" rel="noopener nofollow">'
        '@ann@a.example</a> <span class="community-link">!otters@a.example</span></p>\n'
    )


# Titles


@pytest.mark.parametrize(
    ("title", "html"),
    [
        ("*A* **b** ~~c~~ `:cat:` :cat:", "<em>A</em> <strong>b</strong> <s>c</s> <code>:cat:</code> 🐱"),
        ("[a](/b) ![c](d) <http://e.f> g.example", "[a](/b) ![c](d) &lt;http://e.f&gt; g.example"),
        ('# "Q" & <b>x</b> -- @ann@forum.example', "# &quot;Q&quot; &amp; &lt;b&gt;x&lt;/b&gt; -- @ann@forum.example"),
        ("x^2^ H~2~O {a|b} a^[b] c[^d]", "x^2^ H~2~O {a|b} a^[b] c[^d]"),
        ("\\*a\\* &amp; b\0", "\\<em>a\\</em> &amp;amp; b\ufffd"),
        (":EZLN:", '<span class="icon icon-emoji"><img src="/emoji/EZLN.png" alt=":EZLN:" title="emoji EZLN"></span>'),
        ("", ""),
    ],
)
def test_title(title: str, html: str) -> None:
    assert LEMMY.title_to_html(title) == html


def test_titles_are_text_where_a_dialect_has_no_rules_for_them() -> None:
    converter = Converter(dialect="gfm")
    assert converter.title_to_html("**a** <b> :cat:") == converter.text_to_html("**a** <b> :cat:")


def test_titles_have_bounds() -> None:
    small = Converter(dialect="lemmy", limits=Limits(emoji=1, characters=30, nesting=3))
    assert small.title_to_html(":cat: :dog:") == "🐱 :dog:"
    assert small.title_to_html("**a** " * 6) == "**a** " * 6
    assert small.title_to_html("*" * 9 + "a" + "*" * 9).count("</") <= 3


# Text for meta tags


@pytest.mark.parametrize(
    ("post", "text"),
    [
        ("a\n\n::: spoiler b\nc\n:::\n\nd", "a\n\nd"),
        ("a\n\n:::: spoiler b\n::: spoiler c\nd\n:::\n::::\ne", "a\n\ne"),
        ("- a\n- ::: spoiler b\n  c\n  :::\n", "• a\n\n•"),
        ("> ::: spoiler a\n> b", ">"),
        ("::: spoiler a\nb^[secret] c[^1]\n:::\n\nd[^2]\n\n[^1]: secret\n[^2]: e", "d[1]\n\n[1] e"),
        ("a[^1]\n\n::: spoiler b\n[^1]: secret\n:::", "a[1]\n\n[1]"),
    ],
)
def test_text_without_spoilers(post: str, text: str) -> None:
    assert LEMMY.to_text(post, spoilers=False) == text
    assert "\n" in LEMMY.to_text(post)


def test_a_post_that_is_not_parsed_has_no_text_without_spoilers() -> None:
    small = Converter(dialect="lemmy", limits=Limits(characters=5))
    assert small.to_text("::: spoiler a", spoilers=False) == ""
    assert small.to_text("::: spoiler a") == "::: spoiler a"


# Footnotes of several posts on one page


def test_prefix() -> None:
    html = LEMMY.to_html("a[^1] b[^1]\n\n[^1]: c", prefix="comment 7")
    assert re.findall('(?:id|href)="([^"]*)"', html) == [
        *("#fn-comment-7-1", "fnref-comment-7-1", "#fn-comment-7-1", "fnref-comment-7-1:1"),
        *("fn-comment-7-1", "#fnref-comment-7-1", "#fnref-comment-7-1:1"),
    ]
    assert LEMMY.convert("a^[b]", prefix="c").html == LEMMY.to_html("a^[b]", prefix="c")
    assert '"><b>' not in LEMMY.to_html("a^[b]", prefix='"><b>')


# Code


def test_code_is_coloured_on_request() -> None:
    post = "```py\nx < 1\n```\n\n```nope\n<b>\n```\n\n```\n<b>\n```\n\n    <b>\n"
    assert Converter(dialect="lemmy", highlight=True).to_html(post) == (
        '<pre><code class="language-py"><span class="n">x</span> <span class="o">&lt;</span> '
        '<span class="mi">1</span>\n</code></pre>\n'
        '<pre><code class="language-nope">&lt;b&gt;\n</code></pre>\n'
        "<pre><code>&lt;b&gt;\n</code></pre>\n<pre><code>&lt;b&gt;\n</code></pre>\n"
    )
    assert "<span" not in LEMMY.to_html(post)


def coloured(post: str) -> int:
    return Converter(highlight=True).to_html(post).count("<span")


def test_colours_have_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highlight, "MAX_SECONDS", 60)
    line = "a = b + 1  # c\n"
    assert coloured(f"~~~py\n{line * 500}~~~")
    assert not coloured(f"~~~py\n{line * 600}~~~")
    block = f"~~~py\n{line * 400}~~~\n"
    assert coloured(block * 5) == coloured(block * 8) > coloured(block * 4)
    assert not coloured("~~~py\n" + "a|" * 99 + "\n~~~")  # each sign would be an element
    monkeypatch.setattr(highlight, "MAX_SECONDS", -1)
    assert not coloured(block)


def test_a_lexer_that_fails_leaves_code_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    from pygments.lexers.python import PythonLexer

    monkeypatch.setattr(PythonLexer, "get_tokens", lambda *_: iter([("Text", "other")]))
    assert not coloured("~~~py\na\n~~~")
    monkeypatch.setattr(PythonLexer, "get_tokens", lambda *_: 1 / 0)
    assert not coloured("~~~py\na\n~~~")


@pytest.mark.parametrize("piece", ["\n", "a\n", '"\\', "'\\", "a.", "((", "{{", ":", "&", "_", "<a ", "a "])
@pytest.mark.parametrize("language", ["c", "csharp", "java", "make", "ini", "bash", "html", "markdown", "typescript"])
def test_hostile_code_is_quick(language: str, piece: str) -> None:
    spent = highlight._Spent()
    highlight._highlight("a", language, spent)  # loads the lexer
    spent = highlight._Spent()
    highlight._highlight((piece * highlight.MAX_BLOCK)[: highlight.MAX_BLOCK], language, spent)
    assert spent.seconds < 1


@pytest.mark.parametrize("highlighting", ["", ", highlight=True"])
def test_the_engine_is_loaded_when_it_is_used(highlighting: str) -> None:
    code = (
        f"import sys; from shortcodes import Converter; converter = Converter(dialect='lemmy'{highlighting});"
        "converter.text_to_html('a'); print(*({'markdown_it', 'pygments', 'mdit_py_plugins'} & {*sys.modules}));"
        "converter.to_html('a'); print('pygments' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["", str(bool(highlighting))]


# Bounds


@pytest.mark.parametrize("opener", ["::: spoiler a\n", "> ::: spoiler a\n> ", "- ::: spoiler a\n  ", "[^1]: "])
def test_no_text_is_lost_in_the_depth(opener: str) -> None:
    for times in (5, 12, 20, 40, 200):
        text = "[^1]\n\n" + opener * times + "hello :wave: you"
        assert "hello 👋 you" in LEMMY.to_html(text)
        assert "hello 👋 you" in LEMMY.to_text(text)


def test_references_have_a_bound_and_no_note_is_lost() -> None:
    many = "".join(f"a[^{i}]\n\n" for i in range(MAX_REFERENCES + 9))
    notes = "".join(f"[^{i}]: note {i}!\n" for i in range(MAX_REFERENCES + 9))
    html = LEMMY.to_html(many + notes)
    assert html.count('class="footnote-ref"') == html.count('class="footnote-backref"') == MAX_REFERENCES
    assert all(f"note {i}!" in html for i in range(MAX_REFERENCES + 9))


def test_many_references_in_a_block_are_read() -> None:
    assert LEMMY.to_html("[^1] " * 400 + "\n\n[^1]: a").count('class="footnote-ref"') == 400


# Rules for other dialects


def test_a_title_without_a_place() -> None:
    """A rule need not know where a title stands; then nothing is said of it."""

    def extend(md: MarkdownIt) -> None:
        from markdown_it.rules_block import StateBlock

        def heading(state: StateBlock, start: int, _end: int, _silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
            state.push("heading_open", "h1", 1)
            state.push("title", "", 0).content = "*:cat:*"
            state.push("heading_close", "h1", -1)
            state.line = start + 1
            return True

        md.block.ruler.before("paragraph", "title", heading)

    converter = Converter(dialect=Dialect("mine", preset="commonmark", title=("emphasis",), extend=extend))
    result = converter.convert("a:")
    assert result.html == "<h1><em>🐱</em></h1>\n"
    assert [found.shortcode.name for found in result.found] == ["cat"]
