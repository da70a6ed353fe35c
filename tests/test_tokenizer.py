"""The tokenizer's rule: cases, the slow reference, and what must hold for any text."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import CUSTOM, FIXTURES, read_cases
from reference_tokenizer import reference_sources
from shortcodes import Converter, Index, Limits, OptionError, SkinTone, build_index, tokenize, unicode_pack
from shortcodes.emoji import known_emoticons
from shortcodes.text import Replacer
from shortcodes.tokenizer import scanner

POLICIES = ("word", "loose", "strict", "alone")
INDEX = build_index([CUSTOM, unicode_pack()])
CONVERTERS = {boundary: Converter([CUSTOM, unicode_pack()], boundary=boundary) for boundary in POLICIES}
PIECES = [
    *r"""
: :: ::: a 1 x D wave heart 100 +1 -1 _ - + cat: s nope skin-tone-2 t4: :skin-tone-2: :skin-tone-4-2: t2:t2: :wave: :a:
https:// www. / . & &lt; &amp; " ' < > @ é é ́ ñ 你 ٣ ٣٠ ½ 👋 😀
""".split(),
    "\u200d",
    "️",
    "\u202e",
]
TEXTS = st.lists(st.one_of(st.sampled_from([*PIECES, " ", "\n", "b" * 128]), st.characters()), max_size=24).map("".join)


@pytest.mark.parametrize("case", read_cases(FIXTURES / "tokens.jsonl"), ids=lambda case: case["id"])
def test_case(case: dict[str, Any]) -> None:
    found = [token.name for token in tokenize(case["input"], boundary=case.get("boundary", "word")) if token.name]
    assert found == case["names"], case["rule"]


@pytest.mark.parametrize("boundary", POLICIES)
@given(text=TEXTS)
def test_agrees_with_the_reference(boundary: str, text: str) -> None:
    assert [(token.source, token.name) for token in tokenize(text, boundary=boundary)] == reference_sources(
        text, boundary
    )


@pytest.mark.parametrize("boundary", POLICIES)
@given(text=TEXTS)
def test_tokens_are_the_text(boundary: str, text: str) -> None:
    tokens = tokenize(text, INDEX, boundary=boundary)
    assert "".join(token.source for token in tokens) == text
    assert all(text[token.start : token.end] == token.source for token in tokens)


@given(text=TEXTS)
def test_packs_do_not_change_the_cut(text: str) -> None:
    """Only a tone that an emoji does not take is cut off, and stays text."""
    without = [token.source for token in tokenize(text) if token.name]
    with_packs = [token.source for token in tokenize(text, INDEX) if token.name]
    assert len(without) == len(with_packs)
    assert all(whole.startswith(part) for whole, part in zip(without, with_packs, strict=True))


@pytest.mark.parametrize("boundary", POLICIES)
@given(text=TEXTS)
def test_text_door_says_what_the_tokens_say(boundary: str, text: str) -> None:
    tokens = tokenize(text, INDEX, boundary=boundary)
    expected = "".join((token.shortcode and token.shortcode.characters) or token.source for token in tokens)
    assert CONVERTERS[boundary].text_to_text(text) == re.sub("[\ud800-\udfff]", "\ufffd", expected)


WORDS = st.lists(
    st.sampled_from("D d D! :D: EZLN ezln :EZLN: fastparrot cat :cat: nope -- _ wave::skin-tone-2: ½ é".split())
)


@given(words=WORDS, space=st.sampled_from([" ", "\n", "\t ", "\u3000"]))
def test_words_that_stand_alone_are_images(words: list[str], space: str) -> None:
    """The second rule of the policy, told apart from the first: names of images, in any case, need no colons."""
    images = {"D", "d", ":D:", "EZLN", "ezln", ":EZLN:", "fastparrot"}
    found = [token.source for token in tokenize(space.join(words), INDEX, boundary="alone") if token.shortcode]
    assert found == [word for word in words if word in images or word == ":cat:"]


def test_words_that_stand_alone_are_not_unknown() -> None:
    tokens = tokenize("nope :nope: EZLN", INDEX, boundary="alone")
    assert [(token.source, token.name) for token in tokens] == [
        ("nope ", None),
        (":nope:", "nope"),
        (" ", None),
        ("EZLN", "EZLN"),
    ]
    assert [one.source for one in CONVERTERS["alone"].convert("nope :nope: EZLN").unknown] == [":nope:"]


def test_limits_count_words_that_stand_alone() -> None:
    """A word and its white space have two characters; the rest of an over-long post stays text."""
    limited = Converter([CUSTOM], boundary="alone", limits=Limits(emoji=3))
    for door in (limited.text_to_html, limited.filter_html, limited.to_html):
        assert door("d " * 3).count("<img") == 3
        assert door("d " * 9).count("<img") == 3
        assert door("d " * 9).count("d") > 6
    small = Converter([CUSTOM], boundary="alone", limits=Limits(output=0))
    assert small.text_to_html("d d d d").count("<img") < 4


def test_tables_hold_nothing_but_names() -> None:
    """What posts are made of must not make a converter grow."""
    replace = Replacer(scanner("alone"), INDEX, str)
    replace(" ".join(f"{a}EZLN{b}" for a in "abc" for b in "xyz") + " EZLN :EZLN: ezln nope :nope:")
    assert set(replace.pieces) | set(replace.rendered) == {"EZLN", ":EZLN:"}


def test_tokens_carry_what_they_resolved_to(index: Index) -> None:
    text = "é :wave::skin-tone-4-4: :heart:t2: :nope:"
    wave, heart, nope = (token for token in tokenize(text, index) if token.name)
    assert (wave.start, wave.end, wave.name, wave.source) == (2, 23, "wave", ":wave::skin-tone-4-4:")
    assert wave.shortcode
    assert wave.shortcode.tones == (SkinTone.MEDIUM, SkinTone.MEDIUM)
    assert wave.shortcode.characters == "👋🏽"
    assert heart.shortcode
    assert heart.source == ":heart:"
    assert (nope.name, nope.shortcode) == ("nope", None)


def test_emoticons_stand_alone_and_only_if_switched_on(index: Index) -> None:
    text = "c:) :-) a:-)b <3, (:-) :-)"
    assert all(not token.name for token in tokenize(text, index))
    resolved = [token.source for token in tokenize(text, index, emoticons=True) if token.shortcode]
    assert resolved == [":-)", "<3", ":-)"]


def test_every_emoticon_has_an_emoji(index: Index) -> None:
    assert all(index.find(name) for name in known_emoticons().values())


def test_an_emoticon_without_its_emoji_stays_text() -> None:
    converter = Converter([CUSTOM], emoticons=True)
    assert converter.text_to_text("hi :-) :D") == "hi :-) :D"


def test_unknown_policy_is_one_clear_error() -> None:
    with pytest.raises(OptionError, match="boundary 'words' is not known; there are: alone, loose, strict, word"):
        tokenize("", boundary="words")
