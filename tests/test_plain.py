"""Posts without markup, which are spared the engine: what comes out is what the engine would have made of them."""

from collections.abc import Iterator
from functools import cache
from itertools import product
from random import Random

import pytest

from conftest import CUSTOM, commonmark_examples
from hostile_posts import DIALECTS, EVERYTHING, post
from shortcodes import Converter, Dialect, Limits, Shortcode, unicode_pack
from shortcodes.dialects import find_dialect
from shortcodes.dialects.begins import needs
from shortcodes.dialects.dialect import Mention
from shortcodes.markdown.bounds import environment
from shortcodes.markdown.door import MarkdownDoor
from shortcodes.markdown.plain import PlainPosts
from shortcodes.markdown.plugin import SIGHTINGS
from shortcodes.markdown.positions import Sighting, locate
from shortcodes.text import without_surrogates

SPARED = [dialect for dialect in DIALECTS if dialect != "cytube"]  # where each word may be an emoji
WORDS = (
    *"a word I'm Wörter 你好 x1 snake_case a_b don't O'Brien it's 9 100".split(),
    *"1st T R&D <3 <- => i.e. 3.14 e-mail 50% café".split(),
    *"Hello yes no THE Straße naïve Ελλάδα ℵ ½ x²".split(),
    *"1️⃣ 👋 ❤️ 👩‍🚀 © (really) (c) [1 #1 $5 @ann a/b http://x.y x.org".split(),
    *":wave: :EZLN: :D: :fastparrot: :wave::skin-tone-4: :+1: :-1: :t_rex: :wavee: 10:30 a:b:c :: ::: : key:".split(),
)
JOINTS: tuple[str, ...] = (" ",) * 24 + (
    ". ",
    ", ",
    "! ",
    "? ",
    "; ",
    ": ",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    "\n\n\n",
    "",
    "...",
    "--",
    " - ",
)
SPOILING = (
    *(
        "*",
        "_a_",
        "__b c__",
        "_",
        "`",
        "[",
        "]",
        "<b>",
        "&amp;",
        "&",
        "\\",
        "~",
        "|",
        "^",
        "{",
        "'",
        '"',
        "\t",
        "  ",
        " \n",
        "\n ",
        "@",
    ),
    *("\r\n", "\0", "\ud83d", "\u00a0", "\u3000", "\u2028", "\x1f", "\ufeff", "\n- ", "\n+ ", "\n1. ", "\n# ", "\n> "),
    *(
        "\n=",
        "\n-",
        "\n|",
        "\n::: ",
        "\n:-",
        "\n:",
        "\n    ",
        "!!!!",
        "????",
        ",,",
        "..",
        "+-",
        "(tm)",
        "//",
        "www.",
        "://",
    ),
)
USUAL = ("I don't know :wave:\n\nSee you at 10:30, R&D :t_rex:!\n", ":wave: hi", "x (y) 50% a/b", "Wörter 你好")
LIMITS = (Limits(), Limits(), Limits(emoji=3), Limits(output=200), Limits(nesting=1), Limits(links=0))


@cache
def converter(dialect: str, limits: Limits = LIMITS[0]) -> Converter:
    return Converter([CUSTOM, unicode_pack()], dialect=dialect, limits=limits)


def plain(random: Random) -> str:
    """Return a post that is most often plain."""
    parts = [random.choice(WORDS) + random.choice(JOINTS) for _ in range(random.randint(1, 12))]
    if random.random() < 0.4:
        parts.insert(random.randint(0, len(parts)), random.choice(SPOILING))
    return "".join(parts).rstrip(" ") + random.choice(["", "", "\n", "\n\n"])


def way_of(one: Converter) -> PlainPosts | None:
    return next((way for way in one._markdown._ways if isinstance(way, PlainPosts)), None)


def engine_html(door: MarkdownDoor, text: str) -> str:
    return door._render(door._md.parse(without_surrogates(text), environment(text)), "")


def differs(one: Converter, text: str) -> bool:
    """Compare HTML, and what was found, with what the engine gives."""
    door = one._markdown
    plain_posts = way_of(one)
    assert plain_posts
    html = plain_posts.to_html(text)
    if html is None:
        return False
    sightings: list[Sighting] = []
    env = {**environment(text), SIGHTINGS: sightings}
    traced = str(door._render(door._traced.parse(text, env), ""))
    return not (html == engine_html(door, text) == traced) or plain_posts.found(text) != list(locate(text, sightings))


@pytest.mark.parametrize("dialect", SPARED)
def test_random_posts(dialect: str, request: pytest.FixtureRequest) -> None:
    random, times = Random(dialect), request.config.getoption("--plain")
    spared = 0
    for number in range(times):
        one = converter(dialect, LIMITS[number % len(LIMITS)])
        text = plain(random)
        assert not differs(one, text), text
        spared += one._markdown._ways[0].to_html(text) is not None
    assert spared > times / 10


def signs() -> Iterator[str]:
    """Each sign and each two of them, wherever they may mean something."""
    ascii_signs = [chr(code) for code in range(9, 128) if not chr(code).isalnum()]
    for one, other in product(ascii_signs, ["", *ascii_signs]):
        yield from (f"{one}{other}a", f"a{one}{other}", f"a{one}{other}b c", f"a {one}{other} b", f"a\n{one}{other}b")
        yield from (f"{one}{other}a b{other}{one}", f"c {one}a{other} d")


@pytest.mark.parametrize("dialect", SPARED)
def test_every_two_signs(dialect: str) -> None:
    assert [text for text in signs() if differs(converter(dialect), text)] == []


@pytest.mark.parametrize("dialect", SPARED)
def test_the_specification_and_hostile_posts(dialect: str) -> None:
    texts = [*commonmark_examples(), *(post(pattern, 300) for pattern in EVERYTHING.values())]
    assert [text for text in texts if differs(converter(dialect), text)] == []


@pytest.mark.parametrize("dialect", SPARED)
def test_every_kind_of_character(dialect: str) -> None:
    codes = (*range(0x80, 0x3100, 7), *range(0x2000, 0x2070), 0xFE0F, 0xFEFF, 0x1F44B, 0xE0061)
    texts = [
        text
        for character in map(chr, codes)
        for text in (
            f"{character}a",
            f"a{character}b :wave:",
            f"a\n{character}",
            f"a{character}\nb",
            f"don{character}'t",
        )
    ]
    assert [text for text in texts if differs(converter(dialect), text)] == []


@pytest.mark.parametrize("dialect", SPARED)
def test_usual_posts_are_spared(dialect: str) -> None:
    """Else the engine is asked, and nothing shows it but the time."""
    spared = way_of(converter(dialect))
    assert spared
    for text in (
        "I don't know :wave:\n\nSee you at 10:30, R&D :t_rex:!\n",
        ":wave: hi",
        "x (y) 50% a/b",
        "Wörter 你好",
    ):
        assert spared.to_html(text) is not None


def unlike(md: object) -> None:
    assert md


@pytest.mark.parametrize(
    "dialect",
    [
        find_dialect("lemmy")._replace(extend=unlike),
        find_dialect("gfm")._replace(mentions=(Mention("user", "% (?P<name> a)"),), urls={"user": "/u/{name}"}),
        find_dialect("gfm")._replace(preset="gfm-like2"),
        Dialect("chat", preset="zero", boundary="alone"),
    ],
    ids=["a rule of its own", "a mention of its own", "another preset", "words alone"],
)
def test_what_is_not_known_goes_through_the_engine(dialect: Dialect) -> None:
    assert way_of(Converter(dialect=dialect)) is None


def test_emoticons_go_through_the_engine() -> None:
    assert way_of(Converter(emoticons=True)) is None


def test_a_dialect_may_say_what_its_rules_need() -> None:
    def extend(md: object) -> None:
        assert md

    one = Converter(dialect=find_dialect("gfm")._replace(extend=needs("%", extend)))
    spared = way_of(one)
    assert spared
    assert spared.to_html("a b") == "<p>a b</p>\n"
    assert spared.to_html("50%") is None


def test_renderers_may_write_lines() -> None:
    def lines(shortcode: Shortcode) -> str:
        return f"<{shortcode.name}>\n\n"

    for dialect in ("gfm", "discourse"):
        one = Converter(dialect=dialect, renderer=lines)  # type: ignore[arg-type]  # no Html, which is escaped
        assert not differs(one, "a :wave:\nb\n\nc :wave: d")
