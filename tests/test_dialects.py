"""Dialects: cases as data, mentions, URLs, what posts cannot do, and dialects that other distributions bring."""

import gc
import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wheels
from conftest import CUSTOM, FIXTURES, read_cases
from costs import best, first_below
from html_tree import elements, text_of
from shortcodes import Converter, Dialect, Mention, OptionError, unicode_pack
from shortcodes.dialects import BUILT_IN, find_dialect
from shortcodes.renderers import RENDERERS
from shortcodes.tokenizer import scanner
from test_cli import run
from test_conformance import braces

NAMES = sorted(file.stem for file in (FIXTURES / "dialects").glob("*.jsonl"))
CONVERTERS = {name: Converter([CUSTOM, unicode_pack()], dialect=name) for name in BUILT_IN}


def cases() -> list[Any]:
    return [
        pytest.param(name, case, id=f"{name}-{case['id']}")
        for name in NAMES
        for case in read_cases(FIXTURES / "dialects" / f"{name}.jsonl")
    ]


@pytest.mark.parametrize(("dialect", "case"), cases())
def test_case(dialect: str, case: dict[str, Any]) -> None:
    settings = {"renderer": braces, **case.get("settings", {})}
    converter = Converter([CUSTOM, unicode_pack()], dialect=dialect, **settings)
    assert converter.to_html(case["input"]) == case["html"], case["rule"]
    assert converter.to_text(case["input"]) == case["text"], case["rule"]
    assert converter.convert(case["input"]).html == case["html"], case["rule"]


def test_platforms_have_cases() -> None:
    assert {"cytube", "discourse", "mastodon", "mattermost", "zulip"} <= set(NAMES)
    assert all(len(read_cases(FIXTURES / "dialects" / f"{name}.jsonl")) >= 15 for name in NAMES)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_dialect_is_sound(name: str) -> None:
    """It is found by its own name, and what it names is there."""
    dialect = find_dialect(name)
    assert dialect.name == name
    assert dialect.renderer in RENDERERS
    assert scanner(dialect.boundary).boundary == dialect.boundary
    assert all("name" in re.compile(one.pattern, re.VERBOSE).groupindex for one in dialect.mentions)
    assert not dialect.tone or dialect.tone.count("{tone}") == 1


def test_dialects_load_no_engine() -> None:
    """They are looked at by forums that keep their own."""
    code = """
        import sys
        from shortcodes.dialects import BUILT_IN, find_dialect
        for name in BUILT_IN:
            find_dialect(name)
        print([name for name in ("markdown_it", "linkify_it", "mdit_py_plugins", "importlib.metadata")
               if name in sys.modules])
    """
    code = "\n".join(line[8:] for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


# Mentions.


@pytest.mark.parametrize("name", sorted({*BUILT_IN} - {"mastodon"}))  # which has no code
def test_no_mentions_in_what_is_no_text(name: str) -> None:
    """Code, links, addresses: nothing there is claimed, whatever the spelling."""
    spellings = "@ann #cats ~dogs !otters@forum.example @ann@forum.example /c/otters@forum.example"
    post = f"`{spellings} @**Ann**`\n\nhttps://forum.example/@ann/#cats\n\n```\n{spellings}\n```\n"
    found = elements(CONVERTERS[name].to_html(post))
    assert {dict(one.attributes).get("href") for one in found} <= {None, "https://forum.example/@ann/#cats"}
    assert not [one for one in found if "mention" in (dict(one.attributes).get("class") or "")]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)//{name}", "JavaScript:{name}", "data:text/html,{name}", "{name}:x", "a b", 'x"{name}']
)
@pytest.mark.parametrize("setting", ["user_url", "community_url"])
def test_hostile_urls_are_refused(setting: str, url: str) -> None:
    hostile: dict[str, Any] = {setting: url}
    with pytest.raises(OptionError, match=setting):
        Converter(dialect="discourse", **hostile)


def test_a_name_cannot_leave_its_place_in_the_url() -> None:
    converter = Converter(dialect="zulip", user_url="https://z.example/u/{name}?a={host}#{address}")
    [link] = elements(converter.to_html("@**../x?y=1&z#<\"'>{host}%2f|7**"))[1:]
    name = "..%2Fx%3Fy%3D1%26z%23%3C%22%27%3E%7Bhost%7D%2f"
    assert dict(link.attributes)["href"] == f"https://z.example/u/{name}?a=#{name}"


def test_urls_of_other_kinds_are_set_on_the_dialect() -> None:
    mattermost = find_dialect("mattermost")
    dialect = mattermost._replace(urls={**mattermost.urls, "tag": "/commons/search?q=%23{name}"})
    html = Converter(dialect=dialect).to_html("#release and ~town")
    assert '<a href="/commons/search?q=%23release" class="mention-link">#release</a>' in html
    assert '<span class="mention-link">~town</span>' in html


def test_the_first_of_two_that_overlap() -> None:
    """Where they begin at one place, the dialect's first."""
    long, short = Mention("long", r"(?P<name> aaa )"), Mention("short", r"(?P<name> aa )")
    dialect = Dialect("d", preset="commonmark", mentions=(short, long), urls={"short": "/s", "long": "/l"})
    assert Converter(dialect=dialect).to_html("aaa xaaaa") == (
        '<p><a href="/s">aa</a>a x<a href="/s">aa</a><a href="/s">aa</a></p>\n'
    )


def test_mentions_go_before_shortcodes() -> None:
    dialect = Dialect("d", preset="commonmark", mentions=(Mention("user", r"@ (?P<name> [\w:]++ )"),))
    assert Converter(dialect=dialect).to_html("@x:cat: :cat:") == "<p><span>@x:cat:</span> 🐱</p>\n"


PIECES = st.one_of(
    st.sampled_from(
        """
        @ @ann @ann@forum.example # #cats #a:b ~ ~town !otters@forum.example /u/ /c/x@y.example @** ** @_** |7** #**
        >t** @* * _ ~~ ` [ ] ( ) ](x) <time:1> $$ [quote] [/quote] [quote="ann,post:2"] [spoiler] [/spoiler] [b] [/b]
        [sp] [/sp] [details=x] [/details] ```quote ```spoiler ``` ::: spoiler :wave: EZLN d :d: <b> &lt; & " ' > - 1. |
        \\ \u202e
        """.split()
    ),
    st.sampled_from([" ", "\n", "\n\n", "  "]),
    st.characters(exclude_categories=["Cs"]),
)
POSTS = st.lists(PIECES, max_size=30).map("".join)
ELEMENTS = {
    *"p a span div em strong s code pre br hr img picture source blockquote aside details summary ul ol li".split(),
    *"h1 h2 h3 h4 h5 h6 table thead tbody tr th td sub sup ruby rp rt section".split(),
}


@pytest.mark.parametrize("name", BUILT_IN)
@given(post=POSTS)
def test_nothing_is_injected(name: str, post: str) -> None:
    """What a browser makes of a post has no elements but the dialect's, no attribute with code, and is nested well."""
    html = CONVERTERS[name].to_html(post)
    for element in elements(html):
        assert element.tag in ELEMENTS
        for attribute, value in element.attributes:
            assert not attribute.startswith("on")
            assert not re.match(r"\s*(?:javascript|data|vbscript):", value or "", re.IGNORECASE)
    assert well_nested(html)


def well_nested(html: str) -> bool:
    opened: list[str] = []
    for end, tag in re.findall(r"<(/?)([a-z]\w*)[^>]*>", re.sub(r"=\"[^\"]*\"", "", html)):
        if not end and tag not in {"br", "hr", "img", "source"}:
            opened.append(tag)
        elif end and (not opened or opened.pop() != tag):
            return False
    return not opened


@pytest.mark.parametrize("depth", [1, 5, 7, 8, 9, 10, 40])
@pytest.mark.parametrize(
    ("name", "opening", "closing"),
    [
        ("discourse", "[quote]\n", "[/quote]\n"),
        ("discourse", "[spoiler]\n- x\n\n", "[/spoiler]\n"),
        ("discourse", "- [quote]\n  ", ""),
        ("zulip", "{fence}spoiler *x*\n", "{fence}\n"),
        ("zulip", "> ", ""),
    ],
)
def test_no_text_is_lost_in_the_depths(name: str, opening: str, closing: str, depth: int) -> None:
    """The engine drops what is nested too deep; so blocks stay text before that."""
    fences = ["`" * (60 - i) for i in range(depth)]
    before = "".join(opening.format(fence=fence) for fence in fences)
    behind = "".join(closing.format(fence=fence) for fence in reversed(fences))
    html = CONVERTERS[name].to_html(f"{before}> - :cat: found\n\n{behind}\nand :wave: after")
    assert "found" in html
    assert "after" in html


@pytest.mark.parametrize("name", ["mastodon", "cytube"])
@given(post=POSTS)
def test_no_word_is_lost(name: str, post: str) -> None:
    """Where nothing is Markdown, all that was typed can be read, white space and marks aside."""
    shown = text_of(re.sub(r'<img[^>]* alt="([^"]*)"[^>]*>', r"\1", Converter([], dialect=name).to_html(post)))
    kept = re.sub(r"\[/?sp\]|[\s*_~`\0]", "", post, flags=re.IGNORECASE)
    assert re.sub(r"\[/?sp\]|[\s*_~`\ufffd]", "", shown, flags=re.IGNORECASE) == kept.replace("\ufffd", "")


# Time.

HOSTILE = {
    "discourse": [
        *(
            "@",
            "@a",
            "@a.",
            "a@",
            "#",
            "#a",
            "#a:",
            "#a::tag",
            "[quote]\n",
            "[quote]",
            "[/quote]\n",
            "[quote=a,",
            "> [quote]\n",
        ),
        *("- [quote]\n  ", "[quote]\n[/quote]\n", "[spoiler]", "[b][i]", "[b]*", "[b][/b]", "[details="),
    ],
    "mastodon": ["@", "@a", "@a@", "@a.", "@a@a.", "@a@a-", "a@", "#", "#1", " #1", " #a·", " #_", "\n", "a\n\n"],
    "zulip": [
        *("@**", "@**a", " @**a", " @*a", " @**a|1", "#**", " #**a>", "<time:", "$$", "$$a", " $$a", "*", "_a"),
        *("```quote\n", "```spoiler a\n", "```quote\n```\n", "~~~~ quote\n", "- ```quote\n"),
    ],
    "mattermost": ["@", "@a", "@_", "@a.", "~", "~a", " ~a-", "~a~ ", "#", "#a", "#abc.", "#abc-.", " #aaa"],
    "cytube": ["[sp]", "[sp][/sp]", "[sp]*", "*", "*a ", "_a", "`", "~~a", "EZLN ", "d ", "a ", "- ", "é ", "a:b "],
}
"""What each dialect may take too long for, repeated."""
EVERYTHING = sorted(
    {piece for pieces in HOSTILE.values() for piece in pieces} | {"!a@a.", "/u/a@a.", "/c/", "/u/a@a.a?a="}
)


def growth(convert: Callable[[str], object], piece: str) -> float:
    """Return how much longer 64 KiB take for each time that they are doubled, from 16 on."""
    small, large = (partial(convert, piece * (size // len(piece))) for size in (16_384, 65_536))
    gc.disable()  # it would look at all that other tests have left
    try:
        return float((best(large, 1) / max(best(small, 2), 5e-4)) ** 0.5)
    finally:
        gc.enable()


@pytest.mark.parametrize("name", BUILT_IN)
def test_patterns_are_linear(name: str) -> None:
    for mention in find_dialect(name).mentions:
        find = re.compile(mention.pattern, re.VERBOSE).findall
        for piece in EVERYTHING:
            factor = first_below(2.6, partial(growth, find, piece))
            assert factor < 2.6, (mention, piece)


@pytest.mark.parametrize(("name", "piece"), [(name, piece) for name, pieces in HOSTILE.items() for piece in pieces])
def test_time_is_linear(name: str, piece: str) -> None:
    assert first_below(2.6, partial(growth, CONVERTERS[name].to_html, piece)) < 2.6


# Dialects that other distributions bring, in wheels as users get them.

PROGRAM = """
import json, sys
from shortcodes import Converter, OptionError, PluginError

def tried(name):
    try:
        return str(Converter(dialect=name).to_html(sys.argv[1]))
    except (OptionError, PluginError) as error:
        return [type(error).__name__, str(error), getattr(error, "distribution", None)]

print(json.dumps({name: tried(name) for name in ("board", "raises", "not-a-dialect", "bored", "gfm")}))
"""
POST = "~~Hello~~ +ann :wave:\nx+bob"
BOARD = '<p><s>Hello</s> <a href="https://board.example/members/ann" class="member">+ann</a> 👋<br>\nx+bob</p>\n'


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> wheels.Environment:
    return wheels.environment(tmp_path_factory.getbasetemp() / "wheels")


@pytest.fixture(scope="session")
def tried(installed: wheels.Environment) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(installed.run("python", "-c", PROGRAM, POST))
    return found


def test_an_installed_dialect_is_found_by_its_name(tried: dict[str, Any]) -> None:
    assert tried["board"] == BOARD


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("raises", "ModuleNotFoundError: No module named 'gone'"),
        ("not-a-dialect", "TypeError: it is a dict, not a shortcodes.Dialect"),
    ],
)
def test_a_bad_one_is_one_error_with_its_distribution(tried: dict[str, Any], name: str, reason: str) -> None:
    message = f"installed dialect '{name}' of 'shortcodes-bad-dialects' does not load: {reason}"
    assert tried[name] == ["PluginError", message, "shortcodes-bad-dialects"]


def test_a_bad_one_keeps_nobody_from_the_others(tried: dict[str, Any]) -> None:
    assert tried["gfm"].startswith("<p><s>Hello</s>")


def test_an_unknown_name_lists_those_that_there_are(tried: dict[str, Any]) -> None:
    kind, message, _ = tried["bored"]
    assert kind == "OptionError"
    listed = set(message.partition("there are: ")[2].split(", "))
    assert listed == {*BUILT_IN, "board", "raises", "not-a-dialect"}


def test_the_command_line_has_installed_dialects(installed: wheels.Environment) -> None:
    assert installed.run("shortcodes", "render", "--dialect", "board", stdin=POST) == BOARD


@pytest.mark.parametrize(
    ("arguments", "post", "printed"),
    [
        ("--dialect discourse", "@ann :wave:t4:", '<p><a href="/u/ann" class="mention">@ann</a> 👋🏽</p>\n'),
        (
            "--dialect zulip --renderer standard",
            "@**Ann Lee** :cat:",
            '<p><span class="user-mention">@Ann Lee</span> 🐱</p>\n',
        ),
        ("--dialect cytube --to text", "*bold* :cat: (:cat:)", "bold 🐱 (:cat:)\n"),
        ("--boundary alone --to text", ":cat: (:cat:)", "🐱 (:cat:)\n"),
    ],
)
def test_the_command_line_reads_dialects(arguments: str, post: str, printed: str, tmp_path: Path) -> None:
    assert run("render", *arguments.split(), cwd=tmp_path, stdin=post.encode()) == (0, printed, "")


def test_the_command_line_lists_dialects(tmp_path: Path) -> None:
    code, _, said = run("render", "--dialect", "discord", cwd=tmp_path)
    assert code != 0
    assert "dialect 'discord' is not known; there are: commonmark, cytube, discourse, gfm, hexbear, lemmy" in said


@pytest.mark.parametrize(
    ("dialect", "post"),
    [("discourse", "a [spoiler]b **c** :wave:[/spoiler] d"), ("cytube", "a [sp]b :wave:[/sp] d")],
)
def test_a_preview_has_no_spoilers(dialect: str, post: str) -> None:
    assert Converter(dialect=dialect).to_text(post, spoilers=False) == "a  d"
