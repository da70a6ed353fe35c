"""The index: which emoji a name resolves to, and what follows from that."""

import os
import subprocess
import sys
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CUSTOM, FIXTURES, read_cases
from shortcodes import Converter, Emoji, Index, Pack, build_index, unicode_pack

UNICODE = unicode_pack()
FOLDING = Pack(
    "folding",
    (
        Emoji("ABC-x", image="abc_x.png"),
        Emoji("abc-X", image="Abc_x.png"),
        Emoji("café", "☕"),
        Emoji("straße", image="straße.png"),
        Emoji("hello", "👋"),
    ),
)
LOOKUPS = read_cases(FIXTURES / "packs" / "lookups.jsonl")


def pack(name: str, *emoji: Emoji, base_url: str = "") -> Pack:
    return Pack(name, emoji, base_url=base_url)


def answers(index: Index) -> dict[str, tuple[str, str | None, str | None]]:
    return {name: (entry.pack.name, entry.emoji.unicode, entry.emoji.image) for name, entry in index.entries.items()}


@pytest.fixture(scope="module")
def lookups() -> Index:
    return build_index([CUSTOM, FOLDING, UNICODE])


@pytest.mark.parametrize("case", LOOKUPS, ids=lambda case: f"{case['name']}: {case['rule']}")
def test_find(case: dict[str, Any], lookups: Index) -> None:
    match = lookups.find(case["name"])
    found = match and (lookups.toned(match.entry.emoji, match.tones) if match.tones else None)
    assert (found or (match and (match.entry.emoji.unicode or match.entry.emoji.image))) == case["finds"]


# Precedence, collisions, retired emoji, renames.

CATS = pack("cats", Emoji("cat", image="cat.png"), Emoji("tada", image="tada.png", aliases=("party",)))
DOGS = pack("dogs", Emoji("dog", "🐶"), Emoji("fiesta", "🎉", aliases=("tada", "party", "cat")))


def test_an_earlier_pack_wins() -> None:
    for first, second in ((CATS, DOGS), (DOGS, CATS)):
        index = build_index([first, second])
        assert {index.entries[name].pack.name for name in ("cat", "tada", "party")} == {first.name}
        assert {index.entries[name].pack.name for name in ("dog", "fiesta")} == {"dogs"}


def test_what_is_hidden_is_listed() -> None:
    index = build_index([CATS, DOGS])
    listed = [(one.name, one.kept.pack.name, one.hidden.emoji.name) for one in index.collisions]
    assert listed == [("tada", "cats", "fiesta"), ("party", "cats", "fiesta"), ("cat", "cats", "fiesta")]
    assert all(index.entries[one.name] is one.kept for one in index.collisions)
    assert not build_index([CATS, pack("others", Emoji("other", "🐶"))]).collisions


def test_length_is_the_number_of_names() -> None:
    assert len(build_index([])) == 0
    assert len(build_index([CATS])) == 3


def test_a_retired_emoji_renders_and_is_not_offered() -> None:
    index = build_index([pack("cats", Emoji("old-cat", "🐈", retired=True, keywords=("tabby",)), Emoji("cat", "🐱"))])
    assert index.find("old-cat")
    assert [emoji.name for emoji in index.offered] == ["cat"]
    assert index.search("tabby") == []
    assert [emoji.name for emoji in index.search("cat")] == ["cat"]
    assert index.suggest("old-cta") == ()
    assert "🐈" not in index.sequences


def test_a_rename_leaves_an_alias() -> None:
    before = Converter([pack("cats", Emoji("kitty", "🐈"))])
    after = Converter([pack("cats", Emoji("cat", "🐈", aliases=("kitty",)))])
    for post in (":kitty:", ":Kitty:"):
        assert before.text_to_text(post) == after.text_to_text(post) == "🐈"


def test_hidden_emoji_are_not_offered_and_each_is_offered_once() -> None:
    offered = build_index([CATS, CATS, pack("dogs", Emoji("cat", "🐶"))]).offered
    assert [(emoji.name, emoji.image) for emoji in offered] == [("cat", "cat.png"), ("tada", "tada.png")]


def test_an_emoji_whose_name_is_hidden_is_written_by_an_alias() -> None:
    index = build_index([CATS, DOGS])
    match = index.sequences["🎉"]
    assert index.name_of(match.entry) == "fiesta"
    index = build_index([pack("a", Emoji("tada", "🐱")), pack("b", Emoji("tada", "🎉", aliases=("party",)))])
    assert index.name_of(index.sequences["🎉"].entry) == "party"


def test_an_empty_pack_changes_nothing() -> None:
    assert build_index([Pack("empty"), UNICODE]).entries == build_index([UNICODE]).entries
    assert build_index([Pack("empty"), UNICODE]).version == build_index([UNICODE]).version


# Tones.


def test_a_packs_own_wave_takes_the_tones_of_wave() -> None:
    own = pack("own", Emoji("hello", "👋"), Emoji("thanks", "🙏"), Emoji("bear", "🐻"), Emoji("light", "👍🏻"))
    for packs in ([own, UNICODE], [UNICODE, own]):
        converter = Converter(packs)
        assert converter.text_to_text(":hello::skin-tone-4: :hello:") == "👋🏽 👋"
        assert (
            converter.text_to_text(":thanks_tone5: :bear::skin-tone-4: :light_tone2:")
            == "🙏🏿 🐻:skin-tone-4: :light_tone2:"
        )
    assert Converter([own, UNICODE]).demojize("👋🏽 👋") == ":hello::skin-tone-4: :hello:"
    assert Converter([own]).text_to_text(":hello::skin-tone-4:") == "👋:skin-tone-4:"  # nobody says what it takes


# Search and suggestions.


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("cat", "cat"),
        ("CAT", "cat"),
        ("smile cat", "smile_cat"),
        ("cat smile", "smile_cat"),
        ("-1", "-1"),
        ("skin tone 2", "skin-tone-2"),
        ("heart eyes cat", "heart_eyes_cat"),
        ("rex", "t-rex"),
        ("t-rex", "t-rex"),
        ("fireworks", "fireworks"),
        ("+1", "+1"),
        ("pizz", "pizza"),
        ("", None),
        ("  :: ", None),
        ("nosuchword", None),
        ("cat nosuchword", None),
    ],
)
def test_search(words: str, first: str | None, index: Index) -> None:
    assert next((emoji.name for emoji in index.search(words)), None) == first


def test_search_looks_at_all_texts_in_every_language() -> None:
    one = Emoji("x1", "🐱", alt={"en": "kitty", "de": "Kätzchen"}, keywords=("purring",), category="Beasts")
    index = build_index([pack("cats", one, Emoji("x2", "🐶", alt="hound"))])
    for words in ("kitty", "kätzchen", "KA\u0308TZ", "purr", "beasts", "x1", "x kitty"):
        assert index.search(words) == [one], words
    assert len(index.search("x")) == 2
    assert len(index.search("x", limit=1)) == 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("smilee", "smile"),
        ("thumbsupp", "thumbsup"),
        ("pika_pikcaxe", "pika-pickaxe"),
        ("EZNL", "EZLN"),
        ("Smlie", "smile"),
    ],
)
def test_suggest(typed: str, meant: str, lookups: Index) -> None:
    suggested = lookups.suggest(typed)
    assert suggested[0] == meant
    assert len({id(lookups.entries[name]) for name in suggested}) == len(suggested) <= 3


def test_suggest_nothing() -> None:
    assert build_index([UNICODE]).suggest("qqqqqqqqqq") == ()
    assert build_index([]).suggest("smile") == ()
    assert len(build_index([UNICODE]).suggest("smil", limit=1)) == 1


# The version: changes when, and only when, what names resolve to does.

CAT = Emoji("cat", image="cat.png", alt="a cat", aliases=("kitty", "puss"), keywords=("pet",), category="animals")
BASE = Pack("cats", (CAT, Emoji("dog", "🐶", alt={"en": "dog", "de": "Hund"})), base_url="/cats")
DOG = BASE.emoji[1]


def with_cat(**changes: Any) -> list[Pack]:
    return [BASE._replace(emoji=(CAT._replace(**changes), DOG))]


SAME = {
    "title": [BASE._replace(title="All cats", homepage="https://cats.example", license="CC0-1.0", authors=("Jane",))],
    "version of the pack": [BASE._replace(version="2")],
    "name of the pack": [BASE._replace(name="more-cats")],
    "what only searches look at": with_cat(keywords=("purr",), category="pets", version="1.0"),
    "retired": with_cat(retired=True),
    "order of aliases": with_cat(aliases=("puss", "kitty")),
    "order of emoji": [BASE._replace(emoji=(DOG, CAT))],
    "order of languages": [BASE._replace(emoji=(CAT, DOG._replace(alt={"de": "Hund", "en": "dog"})))],
    "split in two": [BASE._replace(emoji=(CAT,)), BASE._replace(name="dogs", emoji=(DOG,))],
    "an empty pack": [Pack("empty"), BASE, Pack("void")],
    "the same pack twice": [BASE, BASE],
    "a hidden emoji": [BASE, pack("others", Emoji("cat", "🐱"))],
}
OTHER = {
    "base_url": [BASE._replace(base_url="/cats/v2")],
    "alt": with_cat(alt="one cat"),
    "alt in a language": [BASE._replace(emoji=(CAT, DOG._replace(alt={"en": "dog", "de": "Köter"})))],
    "first language": [BASE._replace(emoji=(CAT, DOG._replace(alt={"de": "Hund", "es": "perro"})))],
    "first language, other order": [BASE._replace(emoji=(CAT, DOG._replace(alt={"es": "perro", "de": "Hund"})))],
    "image": with_cat(image="cat.webp"),
    "image, now a character": with_cat(image=None, unicode="🐱"),
    "still frame": with_cat(static="still.png"),
    "size": with_cat(width=20),
    "sensitive": with_cat(sensitive=True),
    "name and alias swapped": with_cat(name="kitty", aliases=("cat", "puss")),
    "another alias": with_cat(aliases=("kitty", "puss", "mog")),
    "one alias fewer": with_cat(aliases=("kitty",)),
    "alias moved": [BASE._replace(emoji=(CAT._replace(aliases=("kitty",)), DOG._replace(aliases=("puss",))))],
    "an emoji fewer": [BASE._replace(emoji=(CAT,))],
    "another pack": [BASE, pack("birds", Emoji("bird", "🐦"))],
    "another pack before": [pack("others", Emoji("cat", "🐱")), BASE],
    "tones of another pack": [BASE, pack("toned", Emoji("dog2", "🐶", tones=("🐶🏻",)))],
    "nothing": [],
}


@pytest.mark.parametrize("case", SAME)
def test_the_version_stays(case: str) -> None:
    assert build_index(SAME[case]).version == build_index([BASE]).version


def test_the_version_changes() -> None:
    versions = {case: build_index(packs).version for case, packs in OTHER.items()}
    assert build_index([BASE]).version not in versions.values()
    assert len(set(versions.values())) == len(versions), versions


def test_the_version_is_the_same_in_every_process() -> None:
    program = "from shortcodes import Converter; print(Converter().index.version)"
    versions = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert versions == {build_index([UNICODE]).version}


def test_the_version_is_the_same_in_every_interpreter() -> None:
    """Forums keep it beside their posts: another one makes all of them render again."""
    new = Emoji("new", "\U0003fffd")  # not assigned, so that whether repr() spells it out depends on the interpreter
    assert build_index([pack("new", new)]).version == "211fbd2e0ccd43b9"


# Properties.

NAMES = st.sampled_from(["a", "b", "c", "A", "a-b", "a_b", "é", "tone1", "a_tone1"])
EMOJI = st.builds(
    lambda name, unicode, aliases: Emoji(name, unicode, aliases=tuple(aliases)),
    NAMES,
    st.sampled_from(["👋", "🐱", "🤝", "☕"]),
    st.lists(NAMES, max_size=2),
)


def without_duplicates(emoji: list[Emoji]) -> tuple[Emoji, ...]:
    taken: set[str] = set()
    kept: list[Emoji] = []
    for one in emoji:
        names = one.names
        if len(set(names)) == len(names) and taken.isdisjoint(names):
            taken.update(names)
            kept.append(one)
    return tuple(kept)


PACKS = st.lists(
    st.builds(
        lambda name, emoji: Pack(name, without_duplicates(emoji)), st.sampled_from("pqr"), st.lists(EMOJI, max_size=4)
    ),
    max_size=4,
)


@settings(deadline=None)
@given(PACKS)
def test_a_name_answers_from_the_first_pack_that_has_it(packs: list[Pack]) -> None:
    index = build_index(packs)
    for name, entry in index.entries.items():
        first = next(pack for pack in packs if any(name in emoji.names for emoji in pack.emoji))
        assert entry.pack is first
        assert name in entry.emoji.names
    assert set(index.entries) == {name for pack in packs for emoji in pack.emoji for name in emoji.names}
    hidden = sum(len(emoji.names) for pack in packs for emoji in pack.emoji) - len(index.entries)
    assert len(index.collisions) == hidden


@settings(deadline=None)
@given(PACKS, st.data())
def test_duplicates_and_empty_packs_change_nothing(packs: list[Pack], data: st.DataObject) -> None:
    index = build_index(packs)
    again = list(packs)
    for _ in range(3):
        position = data.draw(st.integers(0, len(again)))
        before = again[:position]
        again.insert(position, data.draw(st.sampled_from([Pack("empty"), *before])))
    other = build_index(again)
    assert answers(other) == answers(index)
    assert other.version == index.version
    assert other.offered == index.offered


@settings(deadline=None)
@given(PACKS, st.randoms(use_true_random=False))
def test_packs_that_share_no_name_may_come_in_any_order(packs: list[Pack], random: Any) -> None:
    seen: set[str] = set()
    apart: list[Pack] = []
    for one in packs:
        names = {name for emoji in one.emoji for name in emoji.names}
        if seen.isdisjoint(names):
            seen |= names
            apart.append(one)
    index = build_index(apart)
    random.shuffle(apart)
    assert answers(build_index(apart)) == answers(index)
    assert build_index(apart).version == index.version


@settings(deadline=None)
@given(PACKS, st.text(max_size=12))
def test_whatever_the_name(packs: list[Pack], name: str) -> None:
    index = build_index(packs)
    match = index.find(name)
    if match and match.tones:
        assert index.toned(match.entry.emoji, match.tones)
    index.search(name)
    assert all(suggested in index.entries for suggested in index.suggest(name))


def test_a_hundred_thousand_emoji() -> None:
    many = Pack("many", tuple(Emoji(f"emoji-{n}", image=f"{n}.png", aliases=(f"E{n}",)) for n in range(100_000)))
    start = time.perf_counter()
    index = build_index([many, UNICODE])
    assert len(index) == 200_000 + len(build_index([UNICODE]))
    assert index.find("EMOJI_99999")
    assert index.find("e99999")
    assert index.suggest("emoji-99999x")
    assert [emoji.name for emoji in index.search("99999")] == ["emoji-99999"]
    assert len(index.version) == 16
    assert time.perf_counter() - start < 60  # about 3 s; what is not linear takes hours


def test_emoji_are_never_hashed() -> None:
    """It would be a hash of all emoji of a pack, each time. One with texts in many languages cannot be hashed."""
    own = pack(
        "own", Emoji("dog", "🐶", alt={"en": "dog", "de": "Hund"}), Emoji("dgo", image="dgo.png", alt={"en": "?"})
    )
    with pytest.raises(TypeError):
        hash(own)
    converter = Converter([own, own, UNICODE])
    result = converter.convert(":dog: :DOG: :dgo: :dogg:")
    assert [emoji.name for emoji in result.used] == ["dog", "dgo"]
    assert result.unknown[0].suggestions
    assert converter.demojize("🐶") == ":dog:"
    assert own.emoji[0] in converter.index.search("hund")
