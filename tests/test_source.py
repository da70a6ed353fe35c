"""The source door: what it changes, what it leaves, and that a converted post reads as the post did."""

import re
from random import Random
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markupsafe import escape

import documents
from conftest import CUSTOM, FIXTURES, commonmark_examples, read_cases
from shortcodes import Converter, Emoji, Html, Limits, OptionError, Pack, Shortcode, unicode_pack

PACK = CUSTOM._replace(
    base_url="https://e.example",
    emoji=(
        *CUSTOM.emoji,
        Emoji("odd", image="https://e.example/(1)?a=1&copy;=2", alt="a *b* [c] \\ `d` | <e>\nf"),
        Emoji("a-b", image="https://cdn.discordapp.com/emojis/123456789012345678.png"),
        Emoji("é", image="https://cdn.discordapp.com/emojis/123456789012345678.png"),
        Emoji("otter", image="https://cdn.discordapp.com/emojis/123456789012345678.png"),
        Emoji("spin", image="https://cdn.discordapp.com/emojis/223456789012345678.gif"),
    ),
)
PACKS = [PACK, unicode_pack()]
PLAIN = Pack("plain", tuple(one for one in PACK.emoji if one.name != "odd"), base_url=PACK.base_url)


@pytest.mark.parametrize("case", read_cases(FIXTURES / "source.jsonl"), ids=lambda case: case["id"])
def test_source(case: dict[str, Any]) -> None:
    converter = Converter(PACKS, **{"dialect": "commonmark", **case.get("settings", {})})
    names = case.get("names", {})
    assert converter.to_source(case["input"], target=case["target"], names=names) == case["source"], case["rule"]


def as_lemmy(shortcode: Shortcode) -> Html:
    """Render as plain Markdown renders what the Lemmy target writes."""
    if not shortcode.url:
        return Html(escape(shortcode.characters))
    alt, title = escape(shortcode.alt), f"emoji {escape(shortcode.emoji.name)}"
    return Html(f'<img src="{escape(shortcode.url)}" alt="{alt}" title="{title}">')


def as_unicode(shortcode: Shortcode) -> Html:
    return Html(escape(shortcode.characters or shortcode.source))


RENDERERS: dict[str, Any] = {"unicode": as_unicode, "lemmy": as_lemmy, "html": "standard"}


class Same:
    """Renders posts through the Markdown door, and what they were converted to through the bare engine."""

    def __init__(self, preset: str, dialect: str, target: str) -> None:
        packs = [PLAIN, unicode_pack()]
        self.converter = Converter(packs, dialect=dialect, renderer=RENDERERS[target])
        self.target = target
        self._engine = MarkdownIt(preset, {"html": target == "html", "xhtmlOut": False, "maxNesting": 20})
        self._alt = Converter(packs)

    def check(self, post: str, converted: str) -> None:
        assert self._normal(self._engine.render(converted)) == self._normal(self.converter.to_html(post)), post

    def _normal(self, html: str) -> str:
        html = html.replace(' class="only-emoji"', "")
        html = re.sub(r"<span>(<img [^>]*>)</span>", r"\1", html)  # which keeps it from being a block
        # What cannot stand in a description stays a shortcode there.
        return re.sub(r'(?<=alt=")[^"]*', lambda alt: self._alt.text_to_text(alt[0]), html)


# All are the first of an endless row: `make test` takes these, `make same` twenty thousand.
@pytest.mark.parametrize("target", RENDERERS)
def test_a_converted_post_reads_as_the_post_did(target: str, request: pytest.FixtureRequest) -> None:
    same = Same("commonmark", "commonmark", target)
    for seed in range(request.config.getoption("--documents")):
        post = documents.document(Random(seed))
        if target != "html" or "<" not in post:  # our doors show what looks like a tag as it was typed
            same.check(post, same.converter.to_source(post, target=target))


def test_a_converted_post_keeps_its_bare_urls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "WORDS", (*documents.WORDS, *documents.URLS, *documents.URLS))
    same = Same("gfm-like", "gfm", "unicode")
    converted_all = 0
    for seed in range(request.config.getoption("--documents")):
        post = documents.document(Random(seed))
        converted = same.converter.to_source(post, target="unicode")
        if any(one.shortcode.characters for one in same.converter.convert(converted).found):
            assert same.converter.to_html(converted) == same.converter.to_html(post)  # some stayed as they were
        else:
            converted_all += 1
            same.check(post, converted)
    assert converted_all


@pytest.mark.parametrize("target", ["unicode", "lemmy"])
def test_the_examples_of_commonmark_with_shortcodes_in_them(target: str) -> None:
    same = Same("commonmark", "commonmark", target)
    random = Random(31)
    converted_any = 0
    for example in commonmark_examples():
        for _ in range(5):
            post = example
            for _ in range(random.randint(1, 3)):
                at = random.randint(0, len(post))
                post = post[:at] + random.choice([" {} ", "{}"]).format(random.choice(documents.EMOJI)) + post[at:]
            converted = same.converter.to_source(post, target=target)
            converted_any += converted != post
            same.check(post, converted)
    assert converted_any > 1_000


def test_all_that_is_no_shortcode_stays(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "WORDS", documents.PLAIN)
    converter = Converter(
        PACKS, dialect="commonmark", renderer=lambda shortcode: Html(f"<x-{shortcode.source.encode().hex()} y><z>")
    )
    for seed in range(request.config.getoption("--documents")):
        post = documents.document(Random(seed))
        if "]:" in post:
            continue  # links by reference may get a label
        marked = converter.to_source(post, target="html")
        back = re.sub("<x-([0-9a-f]+) y><z>", lambda mark: bytes.fromhex(mark[1]).decode(), marked)
        for keycap in ("asterisk", "one", "hash", "wave"):  # which stand in descriptions as characters
            back = back.replace(converter.text_to_text(f":{keycap}:"), f":{keycap}:")
        assert back.replace("❤️", ":heart:") == post


@pytest.mark.parametrize("target", ["unicode", "lemmy", "html"])
def test_there_and_back(target: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    converter = Converter([PLAIN, unicode_pack()], dialect="commonmark")
    canonical = [
        source
        for source in documents.EMOJI
        if all(one.shortcode.name == one.shortcode.emoji.name for one in converter.convert(source).found)
    ]
    monkeypatch.setattr(documents, "EMOJI", tuple(canonical))
    colonless = tuple(word for word in documents.PLAIN if not {":", "\\"} & set(word))  # behind a colon, none begins
    monkeypatch.setattr(documents, "WORDS", colonless)
    changed = 0
    for seed in range(request.config.getoption("--documents")):
        post = documents.document(Random(seed)).replace("][]", "]")  # a collapsed reference comes back as a shortcut
        there = converter.to_source(post, target=target)
        changed += there != post
        assert converter.to_source(there, target="shortcode") == post
    assert changed


def test_what_cannot_be_is_one_clear_error() -> None:
    with pytest.raises(OptionError, match="target 'bbcode' is not known; there are: discord, html, lemmy, shortcode,"):
        Converter().to_source("", target="bbcode")
    with pytest.raises(OptionError, match="the name 'a b' has ' '"):
        Converter().to_source("", target="shortcode", names={"wave": "a b"})
    with pytest.raises(OptionError, match="the name 'x:1' is none on Discord; write name, or name:id"):
        Converter().to_source("", target="discord", names={"wave": "x:1"})
    with pytest.raises(OptionError, match="the name ':wave:' has ':'"):
        Converter().to_source("", target="shortcode", names={":wave:": "x"})


def test_limits_hold() -> None:
    assert Converter(limits=Limits(characters=10)).to_source(":wave: :wave:", target="unicode") == ":wave: :wave:"
    pack = Pack("p", (Emoji("x", image="https://x.example/" + "y" * 1000),))
    post = ":x: " * 1000
    converted = Converter([pack], limits=Limits(output=3000)).to_source(post, target="lemmy")
    assert len(converted) <= 3000 + 17 * len(post)
    assert converted.endswith(":x: ")
    emoji = Converter().to_source(":wave: " * 2000, target="unicode")
    assert emoji == "👋 " * 2000, "a migration is not bound by how many emoji a page may show"
