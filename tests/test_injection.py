"""No attribute injection: what any rendering has in it is on the published allow-list, with the pack's own values.

Parsed by lexbor, as browsers do. ``--examples`` says how many posts and packs are tried.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from random import Random
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from allowed import Elements, allowed
from conftest import FIXTURES, read_cases
from documents import document
from html_tree import Element, elements, text_of
from shortcodes import Converter, Emoji, Pack, unicode_pack
from shortcodes.dialects import BUILT_IN
from shortcodes.packs.pack import pack_problems
from shortcodes.renderers import RENDERERS

VECTORS = [case["v"].encode("utf-8", "replace").decode() for case in read_cases(FIXTURES / "vectors.jsonl")]
PRESETS = [*RENDERERS]
BASE = "https://cdn.example/7f3a/"  # that no post has
SIGNS = """
    < > " ' ` = & ; : / \\ ( ) [ ] { } ! # @ * _ ~ ^ | % + - . , ? $ on onerror= javascript: data: &quot; &#34; &lt;
    &gt; &colon; <img src= <script> </p> --> <!-- ::: spoiler 2x ` ``` title= srcset= style= [^1] ![a]( ](/x https://
    www.
""".split()
SPACES = [" ", "\t", "\n", "\n\n", "\u00a0", "\u2028", "\x0c", "\0"]

hostile = st.one_of(
    st.lists(st.sampled_from([*SIGNS, *SPACES, "a", "b"]), max_size=12).map("".join),
    st.sampled_from(VECTORS),
    st.text(max_size=20),
)
names = st.one_of(
    st.text(st.sampled_from("abzD19_+-éж猫"), min_size=1, max_size=12),
    st.sampled_from(["constructor", "onerror", "javascript", "x" * 128, "a\u0338", "ＡＢ", "1", "a-b_c"]),
)
addresses = st.one_of(
    hostile,
    hostile.map("https://x.example/{}".format),
    hostile.map("mxc://x.example/{}".format),
    hostile.map("{}.png".format),
    hostile.map("a/{}.gif".format),
    hostile.map("//x.example/{}".format),
)
alts = st.one_of(hostile, st.dictionaries(st.sampled_from(["en", "de", "pt-BR"]), hostile, min_size=1))


@st.composite
def hostile_packs(draw: st.DrawFn) -> Pack:
    """Return a pack whose values are as bad as the library takes them."""
    emoji: list[Emoji] = []
    for name in draw(st.lists(names, min_size=1, max_size=4, unique_by=str.casefold)):
        size = st.one_of(st.none(), st.integers(1, 10_000))
        one = Emoji(
            name,
            image=draw(addresses),
            static=draw(st.one_of(st.none(), addresses)),
            aliases=(),
            alt=draw(alts),
            category=draw(hostile),
            keywords=(draw(hostile),),
            width=draw(size),
            height=draw(size),
            extra={"build": {"twice": draw(addresses)}},
        )
        sound = Emoji(name, image="a.png")
        taken = {
            field: getattr(one, field)
            for field in one._fields
            if is_taken(sound._replace(**{field: getattr(one, field)}))
        }
        emoji.append(sound._replace(**taken))
    pack = Pack("p", tuple(emoji), title=draw(hostile), base_url=draw(addresses))
    for title, base_url in ((pack.title, pack.base_url), ("", pack.base_url), (pack.title, ""), ("", "")):
        tried = pack._replace(title=title, base_url=base_url)
        if not list(pack_problems(tried)):
            return tried
    return Pack("p", tuple(one for one in emoji if is_taken(one))[:1])


def is_taken(emoji: Emoji) -> bool:
    return not list(pack_problems(Pack("p", (emoji,))))


def examples(request: pytest.FixtureRequest, property_: Callable[..., None], **given_: st.SearchStrategy[Any]) -> None:
    """Try a property as often as the command line says."""
    count = request.config.getoption("--examples")
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    settings(max_examples=count, suppress_health_check=checks)(given(**given_)(property_))()


def own_values(pack: Pack, emoji: Emoji) -> set[str]:
    """Return what an attribute may have of an emoji of a pack."""
    name, shown = emoji.name, f":{emoji.name}:"
    files = [pack.url(file) for file in (emoji.image, emoji.static) if file]
    sizes = [str(size) for size in (emoji.width, emoji.height) if size]
    texts = [emoji.alt_text() or shown, emoji.alt_text() or name, shown, name, name.replace("_", " "), f"emoji {name}"]
    return {*files, *sizes, *texts, f"{in_srcset(pack.twice(emoji) or '')} 2x"}


def in_srcset(url: str) -> str:
    """Return an address as a srcset has it, where commas part addresses."""
    return url.replace(",", "%2C")


# What presets write that is nobody's: their own classes and sizes.
FIXED = {
    "class": r"emoji|emoji emoji-custom|emojione custom-emoji|emoticon|channel-emote|icon icon-emoji",
    "width": "20",
    "height": "20|32",
}


def check(html: str, where: str) -> list[Element]:
    """Hold HTML against the allow-list; return its elements."""
    found = elements(html)
    for one in found:
        check_element(one, allowed().elements[where])
    return found


def check_element(element: Element, listed: Elements) -> None:
    assert element.tag in listed, element
    for name, value in element.attributes:
        assert name in listed[element.tag], element
        pattern = allowed().values.get(name)
        if pattern == "an address":
            for address in value_of(value).split(",") if name == "srcset" else [value_of(value)]:
                assert is_safe(address), element
        elif pattern is not None:
            assert re.fullmatch(pattern, value_of(value)), element


def value_of(value: str | None) -> str:
    return value or ""


def is_safe(address: str) -> bool:
    """Tell whether an address runs nothing, as browsers read it (URL Living Standard, 4.4)."""
    address = re.sub(r"[\t\n\r]", "", re.sub(r"^[\0-\x20]+|[\0-\x20]+$", "", address)).lower()
    scheme = re.match(r"[a-z][a-z0-9+.-]*:", address)
    if re.match(r"data:image/(?:gif|png|jpeg|webp)[;,]", address):
        return True
    return not scheme or scheme[0] not in ("javascript:", "vbscript:", "data:", "file:")


def test_values_of_packs(request: pytest.FixtureRequest) -> None:
    """Whatever a pack has in it: an image for each emoji, and in each attribute the value, unescaped, that it has."""

    def property_(pack: Pack, preset: str, between: str) -> None:
        converter = Converter([pack], renderer=preset)
        shortcodes = [f":{emoji.name}:" for emoji in pack.emoji]
        apart = re.sub(r"[^\s<>\"'&]|[\0\ud800-\udfff]", " ", between) or " "
        html = converter.text_to_html(f" {apart} ".join(shortcodes))
        found = check(html, "renderers")
        images = [one for one in found if one.tag == "img"]
        shown = [emoji for emoji in pack.emoji if converter.text_to_html(f":{emoji.name}:") != f":{emoji.name}:"]
        assert len(images) == (len(shown) if preset != "characters" else 0)
        assert len(shown) == len(pack.emoji) or preset == "characters"
        for image, emoji in zip(images, shown, strict=False):
            own = own_values(pack, emoji)
            for name, value in image.attributes:
                published = FIXED.get(name) or allowed().values.get(name, "an address")
                fixed = published != "an address" and re.fullmatch(published, value_of(value))
                assert fixed or value_of(value) in own, (name, value, own)
        for source in (one for one in found if one.tag == "source"):
            assert dict(source.attributes)["srcset"] in {
                in_srcset(pack.url(one.static)) for one in pack.emoji if one.static
            }

    examples(request, property_, pack=hostile_packs(), preset=st.sampled_from(PRESETS), between=hostile)


@cache
def door_of(dialect: str, preset: str) -> Converter:
    return Converter([hostile_pack(), unicode_pack()], dialect=dialect, renderer=preset, emoticons=True, highlight=True)


@cache
def hostile_pack() -> Pack:
    """Return a pack with our attacks for texts; its images are at an address that no post has."""
    alts_ = [alt for alt in VECTORS if is_taken(Emoji("a", image="a", alt=alt))]
    files = [
        file for file in VECTORS if is_taken(Emoji("a", image=file)) and "://" not in file and ":" not in file[:12]
    ]
    assert len(alts_) > 300
    assert len(files) > 50
    emoji = (
        Emoji(
            f"e{number}",
            image=files[number % len(files)],
            static="s.png" if number % 2 else None,
            alt=alt,
            category=alt,
        )
        for number, alt in enumerate(alts_)
    )
    return Pack("p", tuple(one for one in emoji if not one.image.startswith("/")), base_url=BASE)  # type: ignore[union-attr]  # all have one


@st.composite
def posts(draw: st.DrawFn) -> str:
    """Return a post: Markdown of all kinds, attacks, and shortcodes of the pack anywhere among them."""
    random = Random(draw(st.integers(0, 2**32)))
    pieces = draw(st.lists(st.one_of(hostile, st.just("\n\n"), st.sampled_from(VECTORS)), min_size=1, max_size=5))
    pieces += [f":{random.choice(hostile_pack().emoji).name}:" for _ in range(3)]
    if draw(st.booleans()):
        pieces.append(f"\n\n{document(random)}\n\n")
    random.shuffle(pieces)
    return draw(st.sampled_from(["", " "])).join(pieces)


def doors(post: str, dialect: str, preset: str) -> Iterator[tuple[str, str]]:
    """Yield what each door makes of a text, and the list that it is held against."""
    converter = door_of(dialect, preset)
    engine = MarkdownIt("commonmark", {"html": False})
    yield dialect, converter.to_html(post, prefix=post)
    yield f"titles of {dialect}", converter.title_to_html(post)
    yield "renderers", converter.text_to_html(post)
    yield "renderers", converter.filter_html(str(escape(post)))
    yield "commonmark", converter.filter_html(engine.render(post))
    yield "text", str(escape(converter.to_text(post)))
    yield "text", str(escape(converter.text_to_text(post)))
    target = ("unicode", "shortcode", "lemmy", "discord", "html")[len(post) % 5]
    yield "commonmark", engine.render(converter.to_source(post, target=target))


def test_posts(request: pytest.FixtureRequest) -> None:
    """Whatever is in a post: only what is listed, and an image for each shortcode that resolved to one."""

    def property_(post: str, dialect: str, preset: str) -> None:
        for where, html in doors(post, dialect, preset):
            found = check(html, where)
            for one in found:
                values = dict(one.attributes)
                source = value_of(values.get("src"))
                if one.tag == "img" and source.startswith(BASE):
                    assert any(values_fit(one, emoji) for emoji in by_source()[source]), one
        result = door_of(dialect, preset).convert(post)
        found = check(result.html, dialect)
        images = sum(one.tag == "img" and value_of(dict(one.attributes).get("src")).startswith(BASE) for one in found)
        wanted = sum(one.shortcode.url is not None for one in result.found) if preset != "characters" else 0
        assert images == wanted if "![" not in post else images <= wanted  # in a description, it is text

    examples(request, property_, post=posts(), dialect=st.sampled_from(BUILT_IN), preset=st.sampled_from(PRESETS))


@cache
def by_source() -> dict[str, list[Emoji]]:
    found: dict[str, list[Emoji]] = {}
    pack = hostile_pack()
    for emoji in pack.emoji:
        for file in (emoji.image, emoji.static):
            if file:
                found.setdefault(pack.url(file), []).append(emoji)
    return found


def values_fit(image: Element, emoji: Emoji) -> bool:
    own = own_values(hostile_pack(), emoji)
    own |= {" ".join(value.split()) for value in own}  # in Markdown's source, a description has no lines of its own
    return all(
        value_of(value) in own or re.fullmatch(FIXED.get(name) or allowed().values.get(name, "(?!)"), value_of(value))
        for name, value in image.attributes
    )


# The base URL and the still frame of an image, whose commas a srcset would take for its own (HTML, 4.8.4.2.1).
COMMAS = [
    (",", "a.png"),
    (",,/e", "a.png"),
    ("/e", "a.png,"),
    (",", "a,b.png,,"),
    ("/e", "a,b.png"),
    ("", ",javascript:alert(1)"),
    ("https://x.example/,", ","),
]


@pytest.mark.parametrize(("base_url", "file"), COMMAS)
def test_commas_of_addresses_are_none_of_the_list(base_url: str, file: str) -> None:
    emoji = Emoji("a", image="a.gif", static=file, extra={"build": {"twice": file}})
    pack = Pack("p", (emoji,), base_url=base_url)
    assert not list(pack_problems(pack))
    found = check(Converter([pack]).text_to_html(":a:"), "renderers")
    for one in (dict(one.attributes) for one in found if "srcset" in dict(one.attributes)):
        [read] = candidates(value_of(one["srcset"]))
        assert unquote(read) == unquote(pack.url(file))
    assert sum("srcset" in dict(one.attributes) for one in found) == 2


def candidates(srcset: str) -> list[str]:
    """Return the addresses that a browser finds in a srcset without parentheses."""
    found = re.findall(r"[ \t\n\f\r,]*([^ \t\n\f\r]+)(?:(?<!,)[^,]*)", srcset)
    return [address.rstrip(",") for address in found]


HTML = '"><script>alert(1)</script><img alt="'


def test_a_renderer_that_returns_text_gives_text() -> None:
    """Only what is `Html` is taken for HTML: a renderer is somebody's, and its values are others'."""
    converter = Converter([Pack("p", (Emoji("a", image="a.png"),))], renderer=lambda _: HTML)  # type: ignore[arg-type,return-value]  # the mistake
    for html in (
        converter.to_html("a :a:"),
        converter.convert("a :a:").html,
        converter.text_to_html("a :a:"),
        converter.filter_html("a :a:"),
    ):
        assert {one.tag for one in elements(html)} <= {"p"}, html
        assert "<script>alert(1)</script>" in text_of(html)


@pytest.mark.parametrize("preset", PRESETS)
def test_what_a_pack_calls_markup_is_text(preset: str) -> None:
    """A pack made in a program may have `Markup` for texts, from a template, say; nobody has escaped it for us."""
    sound = Emoji("a", image="a.png", static="s.png")
    marked = sound._replace(name=Markup("a"), image=Markup("a'&quot;.png"), alt=Markup(HTML), static=Markup("<s>.png"))
    converter = Converter([Pack("p", (marked,), base_url=Markup("/&lt;"))], renderer=preset)
    assert not list(pack_problems(Pack("p", (marked,), base_url=Markup("/&lt;"))))
    for html in (converter.text_to_html(":a:"), converter.to_html(":a:"), converter.filter_html(":a:")):
        found = check(html, "commonmark" if html.startswith("<p") else "renderers")
        values = {value_of(value) for one in found for _, value in one.attributes}
        assert {one.tag for one in found} <= {"p", "img", "picture", "source", "span"}
        assert preset == "characters" or values & {HTML, ":a:"}


LISTED = [*BUILT_IN, "titles of lemmy", "titles of hexbear"]


@pytest.mark.parametrize("where", LISTED)
def test_the_list_is_no_longer_than_it_has_to_be(where: str) -> None:
    """Everything on a dialect's list is in some rendering: a sanitiser lets nothing else through."""
    dialect = where.rpartition(" ")[2]
    emitted: dict[str, set[str]] = {}
    for html in rendered(dialect, titles=where != dialect):
        for one in elements(html):
            emitted.setdefault(one.tag, set()).update(name for name, _ in one.attributes)
    unused = {
        f"{element} {attribute}".strip()
        for element, attributes in allowed().elements[where].items()
        for attribute in (*attributes, "")
        if element not in emitted or (attribute and attribute not in emitted[element])
    }
    assert not unused - OF_EMOJI


# What renderers have: tests/test_renderers.py holds each.
OF_EMOJI = {
    f"{element} {attribute}".strip()
    for element, names_ in allowed().elements["renderers"].items()
    for attribute in (*names_, "")
}
EVERYTHING = """
# 1\n\n## 2\n\n### 3\n\n#### 4\n\n##### 5\n\n###### 6\n\n***\n\n> quote\n\n- a\n\n7. b\n\n**s** *e* `c` ~~d~~ a\\
b _i_\n\n    code\n\n```js\nlet a = 1\n```\n\n[a](/b "c") ![d](/e "f") https://x.example\n
a[^1]\n\n[^1]: b\n\n{a|b} H~2~O x^2^ @ann@x.example !o@x.example @ann #bird ~town @**Ann** #**a** $$x$$\n
::: spoiler a\nb\n:::\n\n![a](b.mp4 "c") ![a](b.mp3 "c")\n\n[quote="ann, post:1, topic:2"]\na\n[/quote]\n
[details=a]\nb\n[/details]\n\n[spoiler]\na\n[/spoiler]\n\n```spoiler a\nb\n```\n\n|a|b|\n|:-:|-:|\n|c|d|
"""


def rendered(dialect: str, *, titles: bool) -> Iterable[str]:
    options = {"user_url": "/u/{name}", "community_url": "/c/{name}"}
    converter = Converter([unicode_pack()], dialect=dialect, **options)  # type: ignore[arg-type]  # texts, all of them
    if titles:
        return [converter.title_to_html("**s** *e* `c` ~~d~~")]
    long = "a" * (converter.limits.characters + 1)
    return [converter.to_html(EVERYTHING), converter.to_html(":wave:"), converter.to_html(long)]
