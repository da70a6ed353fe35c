"""Characters that deceive: nothing invisible or confusable resolves to what it is not, and no surrogate gets out.

tests/fixtures/confusables.jsonl has a text and what it becomes as characters, in the packs below.
"""

import copy
import pickle
import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import FIXTURES, read_cases
from shortcodes import Converter, Emoji, Pack, PackError, build_index, tokenize, unicode_pack
from shortcodes.emoji import NOTHING, invisible_problem, name_problem
from shortcodes.packs.names import bidi_problem

CASES = read_cases(FIXTURES / "confusables.jsonl")
OWN = Pack(
    "own",
    (
        Emoji("caf\xe9", "☕"),
        Emoji("\u1ec7x", "🥶"),
        Emoji("Key", "🔑"),
        Emoji("\xe5ngstrom", "📏"),
        Emoji("stra\xdfe", "🛣️"),
        Emoji("class", "🏫"),
        Emoji("fianc\xe9", "💍"),
        Emoji("\u03bb\u03cc\u03c6\u03bf\u03c2", "⛰️"),
        Emoji("\u043a\u043e\u0442", "🐈"),
        Emoji("\u732b", "🐈\u200d⬛"),
        Emoji("\u8c48", "🚗"),
        Emoji("\xbd", "🥪"),
    ),
)
CONVERTER = Converter([OWN, unicode_pack()])
SURROGATE = re.compile("[\ud800-\udfff]")
INVISIBLE = [chr(code) for code in range(sys.maxunicode + 1) if invisible_problem(chr(code)) or bidi_problem(chr(code))]


def without(text: str) -> str:
    return SURROGATE.sub("\ufffd", text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_case(case: dict[str, str]) -> None:
    text, expected = case["input"], case["text"]
    tokens = tokenize(text, CONVERTER.index)
    assert "".join(token.source for token in tokens) == text
    assert "".join(token.shortcode.characters if token.shortcode else token.source for token in tokens) == expected
    doors = {
        "to_text": (CONVERTER.to_text(f"x {text}"), f"x {without(expected)}"),
        "text_to_html": (CONVERTER.text_to_html(text), without(expected)),
        "to_html": (CONVERTER.to_html(f"x {text}"), f"<p>x {without(expected)}</p>\n"),
        "convert": (CONVERTER.convert(f"x {text}").html, f"<p>x {without(expected)}</p>\n"),
        "filter_html": (CONVERTER.filter_html(text), without(expected)),
    }
    assert {door: made for door, (made, _) in doors.items()} == {door: wanted for door, (_, wanted) in doors.items()}


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 15
    assert len({case["what"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("door", ["to_html", "to_text", "text_to_html", "text_to_text", "filter_html", "demojize"])
@given(
    text=st.lists(st.sampled_from([":", "w", "wave", "\ud83d", "\udc4b", "👋", "é", " ", "`", "<", "\U0001f3fd"])).map(
        "".join
    )
)
def test_no_surrogate_leaves_a_render(door: str, text: str) -> None:
    assert not SURROGATE.search(getattr(CONVERTER, door)(text))


@pytest.mark.parametrize("name", ["wave", "caf\xe9"])
def test_nothing_that_nobody_sees_is_in_a_name(name: str) -> None:
    """Every such character of Unicode, at every place of a name."""
    assert len(INVISIBLE) > 4000
    for character in INVISIBLE:
        for place in (0, 2, len(name)):
            odd = name[:place] + character + name[place:]
            assert CONVERTER.index.find(odd) is None, ascii(odd)
            assert name_problem(odd), ascii(odd)


@given(
    st.text(st.characters(min_codepoint=0x80), min_size=1, max_size=4), st.sampled_from(["wave", "fire", "class", "k"])
)
def test_a_name_of_ascii_is_spelt_in_ascii(odd: str, name: str) -> None:
    """Whatever is put for a letter: only what NFC makes that letter of is the same name."""
    for place in range(len(name)):
        typed = name[:place] + odd + name[place + 1 :]
        match = CONVERTER.index.find(typed)
        spelt = unicodedata.normalize("NFC", typed)
        assert match is None or spelt.isascii() or not all(one.isascii() for one in match.entry.emoji.names)


def test_every_letter_that_folds_to_another() -> None:
    """Of all of Unicode: what is found of a letter has that letter for a name, or the other case of it."""
    letters = [Emoji(letter, "👋") for letter in "abcdefghijklmnopqrstuvwxyz"]
    pairs = [Emoji(pair, "👋") for pair in ("ff", "fi", "fl", "ffi", "ffl", "st", "ss")]
    index = build_index([Pack("letters", (*letters, *pairs))])
    found = [chr(code) for code in range(0x80, sys.maxunicode + 1) if index.find(chr(code))]
    assert found == ["\u212a"]  # KELVIN SIGN, which is K in NFC


def test_a_pack_cannot_take_an_ascii_name_from_another() -> None:
    """``ſmile`` folds to ``smile``: `Smile` would be torn between the two, and lost."""
    index = build_index([Pack("odd", (Emoji("\u017fmile", "😈"), Emoji("\ufb01re", "😈"))), unicode_pack()])
    for name, characters in (("Smile", "😄"), ("FIRE", "🔥"), ("\u017fmile", "😈"), ("\ufb01re", "😈")):
        match = index.find(name)
        assert match
        assert match.entry.emoji.unicode == characters


@pytest.mark.parametrize(
    "character", ["\u3164", "\u115f", "\u1160", "\uffa0", "\u034f", "\ufe0f", "\U000e0100", "\u17b4"]
)
def test_a_pack_with_a_name_that_nobody_sees_is_refused(character: str) -> None:
    with pytest.raises(PackError, match=f"U\\+{ord(character):04X}"):
        build_index([Pack("odd", (Emoji(f"wa{character}ve", "👋"),))])


def test_what_is_suggested_for_a_look_alike_is_what_it_looks_like() -> None:
    (unknown,) = CONVERTER.convert(":w\u0430ve:").unknown
    assert unknown.name == "w\u0430ve"
    assert "wave" in unknown.suggestions


@pytest.mark.parametrize("change", ["update", "setdefault", "__setitem__"])
def test_what_all_share_that_have_nothing_stays_so(change: str) -> None:
    one = Emoji("a", "👋")
    with pytest.raises(TypeError, match="give a mapping of your own"):
        getattr(one.extra, change)("build", {"twice": "other.png"})
    assert one.extra == {} == NOTHING
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one
