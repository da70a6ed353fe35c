"""The fast engine beside the default one: the same HTML, byte for byte, and the same finds, whatever the post."""

import json
import sys
from functools import cache
from random import Random

import pytest

from command_line import run
from conftest import CUSTOM, FIXTURES, SHARED, commonmark_examples
from documents import document
from hostile_posts import EVERYTHING, post
from shortcodes import Converter, Limits, OptionError, unicode_pack
from shortcodes.markdown.fast import FastPosts

pytest.importorskip("pyromark")

DIALECTS = ("commonmark", "gfm", "lemmy", "hexbear")  # what pulldown-cmark can be made to write
LIMITS = (
    Limits(),
    Limits(),
    Limits(emoji=3),
    Limits(output=200),
    Limits(nesting=6),
    Limits(links=1),
    Limits(nesting=2),
)
USUAL = (
    *"a word Wörter 你好 9 1. - # + > * ** _ __ *** `c` `x.y` !? . , (x) <3 R&D snake_case a*b".split(),
    *"a_b_c 50% 👋 “q” — … : :: word word the and of a for it is on".split(),
    *":wave: :EZLN: :fastparrot: :wavee: :t_rex: :wave::skin-tone-4: *:wave:* `:wave:` 10:30".split(),
    *"2) ## === --- ___ [t](https://x.org/a) [:wave:](http://a.b) it's don't".split(),
)
WORDS = (
    *USUAL,
    *"``` ~ & ; ` 5'6 (c) ... -- ::: \" ' 'q' https://x.org/a http://a.b/c-d/ <b> &amp; x.org @ann".split(),
    *(
        "[*t* u](http://a.b)",
        '"q"',
        "[x]: y",
        "[j](javascript://a.b)",
        "[f](ftp://a.b)",
        "<ab:c>",
        "![i](http://a.b)",
        "\\*",
        "\u00a0",
        "\t",
        "|",
    ),
)
STARTS = ("",) * 8 + ("> ", "- ", "1. ", "  ", "   ", "> > ", "- > ", "* ", "+ ", "  - ", "    - ", "# ", "## ", ">")


@cache
def converters(dialect: str, limits: Limits) -> tuple[Converter, Converter]:
    packs = [CUSTOM, unicode_pack()]
    return (
        Converter(packs, dialect=dialect, limits=limits),
        Converter(packs, dialect=dialect, limits=limits, engine="fast"),
    )


def usual(random: Random) -> str:
    """Return a post of blocks that the fast engine reads, most often."""
    words = USUAL if random.random() < 0.8 else WORDS
    lines: list[str] = []
    for _ in range(random.randint(1, 7)):
        line = "".join(random.choice(words) + random.choice("      ") for _ in range(random.randint(1, 7))).rstrip()
        if random.random() < 0.08:
            lines.append(f"```{random.choice(['', 'py', 'c++'])}\n{line}\n\n    {line}\n```")
        else:
            lines.append(random.choice(STARTS) + line + random.choice(["", "", "", "", "", "  ", " "]))
        lines += [""] * (random.random() < 0.45)
    return "\n".join(lines)


def fast_way(converter: Converter) -> FastPosts | None:
    return next((way for way in converter._markdown._ways if isinstance(way, FastPosts)), None)


def differs(text: str, dialect: str, limits: Limits = LIMITS[0]) -> bool:
    default, fast = converters(dialect, limits)
    one, other = default.convert(text), fast.convert(text)
    return not (one.html == other.html == fast.to_html(text)) or (one.found, one.unknown) != (
        other.found,
        tuple(unknown._replace(among=default.index) for unknown in other.unknown),
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_random_posts(dialect: str, request: pytest.FixtureRequest) -> None:
    random, times, spared = Random(dialect), request.config.getoption("--plain") // 4, 0
    for number in range(times):
        limits = LIMITS[number % len(LIMITS)]
        text = usual(random) if number % 8 else document(random)
        assert not differs(text, dialect, limits), text
        way = fast_way(converters(dialect, limits)[1])
        spared += way is not None and way.to_html(text) is not None
    assert spared > times / 5


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_specification(dialect: str) -> None:
    assert [text for text in commonmark_examples() if differs(text, dialect)] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_hostile_posts(dialect: str) -> None:
    for size in (60, 700):
        assert [name for name, pattern in EVERYTHING.items() if differs(post(pattern, size), dialect)] == []


@pytest.mark.parametrize("dialect", ["gfm", "lemmy"])
def test_attacks(dialect: str) -> None:
    vectors = [json.loads(line)["v"] for line in (FIXTURES / "vectors.jsonl").read_text("utf-8").splitlines()]
    assert len(vectors) > 300
    assert [vector for vector in vectors if differs(vector, dialect)] == []


@pytest.mark.skipif(not SHARED.exists(), reason="the known attacks are not here")
def test_known_attacks() -> None:
    lines = (SHARED / "data" / "xss_vectors.jsonl").read_text("utf-8").splitlines()
    default, fast = converters("gfm", LIMITS[0])
    vectors = [json.loads(line)["v"] for line in lines]
    assert [vector for vector in vectors if default.to_html(vector) != fast.to_html(vector)] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_usual_posts_are_read_by_it(dialect: str) -> None:
    """Else the default engine is asked, and nothing shows it but the time."""
    way = fast_way(converters(dialect, LIMITS[0])[1])
    assert way
    for text in (
        "I **don't** know :wave:\n\n- one\n- two `:wave:`\n\n> See [the notes](https://x.example/a/1).",
        "# Hi\n\n```python\nprint(1)\n```\n\n1. a\n2. *b*",
        *(["Look: https://x.example/a/b-c :wave:"] if dialect != "commonmark" else ()),
    ):
        assert way.to_html(text) is not None, text


@pytest.mark.parametrize("dialect", ["discourse", "mastodon", "zulip", "mattermost", "cytube"])
def test_other_dialects_keep_the_default_engine(dialect: str) -> None:
    converter = Converter(dialect=dialect, engine="fast")
    assert fast_way(converter) is None
    assert converter.to_html("*a* :cat:") == Converter(dialect=dialect).to_html("*a* :cat:")


def test_highlighted_code_keeps_the_default_engine() -> None:
    code = "```python\nprint(1)\n```"
    assert fast_way(Converter(engine="fast", highlight=True)) is None
    assert "<span" in Converter(engine="fast", highlight=True).to_html(code)


def test_a_name_that_no_engine_has() -> None:
    with pytest.raises(OptionError, match="engine 'fats' is not known; there are: default, fast"):
        Converter(engine="fats")


def test_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "site-packages" not in path])
    monkeypatch.delitem(sys.modules, "pyromark", raising=False)
    with pytest.raises(OptionError, match=r"the engine 'fast' is not installed; install 'emoji-shortcodes\[fast\]'"):
        Converter(engine="fast")


def test_the_command_line() -> None:
    done = run("render", "--engine", "fast", stdin=b"**Hi** :wave:\n")
    assert done == (0, "<p><strong>Hi</strong> 👋</p>\n", "")
