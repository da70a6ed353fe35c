"""The bundled pack, held against what Unicode says is an emoji."""

import itertools
from collections import Counter
from functools import cache
from typing import Any

import pytest

from conftest import FIXTURES, read_cases
from shortcodes import Converter, Index, build_index, tokenize, unicode_pack
from shortcodes.emoji import name_problem

PACK = unicode_pack()
UNICODE = Converter()
SEQUENCES = [
    "".join(chr(int(point, 16)) for point in line.split())
    for line in (FIXTURES / "emoji-18.0.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
PLATFORMS = [line.split("\t") for line in (FIXTURES / "packs" / "platforms.tsv").read_text("utf-8").splitlines()[1:]]
CATEGORIES = [
    *("Smileys & Emotion", "People & Body", "Component", "Animals & Nature", "Food & Drink"),
    *("Travel & Places", "Activities", "Objects", "Symbols", "Flags"),
]
TONES = "🏻🏼🏽🏾🏿"


@cache
def names_of_sequences() -> dict[str, list[str]]:
    """Every sequence that a name gives, also with the suffixes for tones, and these names."""
    given: dict[str, list[str]] = {}
    for emoji in PACK.emoji:
        pairs = [f"-{a}-{b}" for a, b in itertools.product(range(2, 7), repeat=2)]
        tones = [f"-{a}" for a in range(2, 7)] + (pairs if len(emoji.tones) > 1 else [])
        suffixes = ["", *(f":skin-tone{tone}:" for tone in tones if emoji.tones)]
        for name, suffix in itertools.product(emoji.names, suffixes):
            given.setdefault(UNICODE.text_to_text(f":{name}:{suffix}"), []).append(f":{name}:{suffix}")
    return given


def test_there_are_all_of_emoji_18() -> None:
    assert len(SEQUENCES) == len(set(SEQUENCES)) == 3972


def test_every_sequence_has_a_name_and_every_name_a_sequence() -> None:
    assert set(names_of_sequences()) == set(SEQUENCES)  # so all of them are fully qualified


def test_there_and_back() -> None:
    """Each sequence alone, and all of them in one text."""
    for sequence in SEQUENCES:
        named = UNICODE.demojize(sequence)
        assert named.isascii(), sequence
        assert UNICODE.text_to_text(named) == sequence, named
    text = " ".join(SEQUENCES)
    assert UNICODE.text_to_text(UNICODE.demojize(text)) == text


def test_what_is_not_fully_qualified_is_the_same_emoji() -> None:
    for sequence in SEQUENCES:
        parts = sequence.split("\ufe0f")
        for kept in itertools.product(["", "\ufe0f"], repeat=len(parts) - 1):
            less = "".join(part + selector for part, selector in zip(parts, (*kept, ""), strict=True))
            assert UNICODE.demojize(less) == UNICODE.demojize(sequence), ascii(less)


def test_text_presentation_is_left_alone() -> None:
    for sequence in SEQUENCES:
        if len(sequence.replace("\ufe0f", "")) == 1:
            as_text = f"{sequence[0]}\ufe0e"
            assert UNICODE.demojize(f"a {as_text} b") == f"a {as_text} b"


@pytest.mark.parametrize(
    "case", read_cases(FIXTURES / "packs" / "demojize.jsonl"), ids=lambda case: f"{case['rule']}: {case['input']}"
)
def test_demojize(case: dict[str, Any]) -> None:
    assert UNICODE.demojize(case["input"]) == case["output"]


def test_an_image_is_no_name_of_a_character(converter: Converter) -> None:
    assert converter.demojize("🐈 :EZLN:") == ":cat2: :EZLN:"


@pytest.mark.parametrize(("platform", "name", "emoji"), PLATFORMS, ids=str)
def test_names_of_the_platforms(platform: str, name: str, emoji: str) -> None:
    assert UNICODE.text_to_text(f":{name}:") == emoji, platform


@pytest.mark.parametrize(
    ("name", "emoji", "elsewhere"),
    [
        ("kiss", "💋", "💏"),  # CLDR, emojibase
        ("sunglasses", "😎", "🕶️"),  # CLDR
        ("cat", "🐱", "🐈"),  # emojibase
        ("dog", "🐶", "🐕"),  # emojibase
        ("moon", "🌔", "🌙"),
        ("satisfied", "😆", "😌"),
        ("umbrella", "☔", "☂️"),  # CLDR
        ("snowman", "⛄", "☃️"),  # CLDR
        ("medal", "🎖️", "🏅"),
    ],
)
def test_a_name_that_sets_disagree_on_is_githubs_then_slacks(name: str, emoji: str, elsewhere: str) -> None:
    assert UNICODE.text_to_text(f":{name}:") == emoji != elsewhere


def test_names_are_unique_and_can_be_typed(index: Index) -> None:
    names = [name for emoji in PACK.emoji for name in emoji.names]
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert [name for name in names if name_problem(name)] == []
    assert [name for name in names if [token.name for token in tokenize(f":{name}:")] != [name]] == []
    assert not index.collisions


def test_every_row_is_complete() -> None:
    for emoji in PACK.emoji:
        assert emoji.alt, emoji
        assert emoji.category in CATEGORIES, emoji
        assert 0.6 <= float(emoji.version) <= 18.0, emoji
        assert all(keyword == keyword.strip() != "" for keyword in emoji.keywords), emoji
        assert emoji.image is emoji.static is None
        assert not emoji.retired
        assert not emoji.sensitive
    assert {emoji.category for emoji in PACK.emoji} == set(CATEGORIES)
    assert PACK.version == max((emoji.version for emoji in PACK.emoji), key=float)


def test_rows_carry_no_tones_but_exemplars() -> None:
    for emoji in PACK.emoji:
        toned = [tone for tone in TONES if tone in str(emoji.unicode)]
        assert not toned or emoji.category == "Component", emoji
        assert [sorted(set(one) & set(TONES)) for one in emoji.tones] == [["🏻"], ["🏻", "🏼"]][: len(emoji.tones)], (
            emoji
        )


def test_names_spell_tones_as_discord_does() -> None:
    for emoji in PACK.emoji:
        for number, modifier in enumerate(TONES, 1):
            toned = UNICODE.text_to_text(f":{emoji.name}_tone{number}:")
            if emoji.tones:
                assert toned == emoji.tones[0].replace("🏻", modifier)
            else:
                assert toned == f":{emoji.name}_tone{number}:"


def test_it_is_made_once() -> None:
    assert unicode_pack() is unicode_pack()
    assert build_index([unicode_pack()]).packs == (PACK,)
