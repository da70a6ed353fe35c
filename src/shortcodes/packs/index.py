"""The index: packs merged for lookup. An earlier pack wins, and what it hides is listed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple, cast

from ..emoji import Emoji, SkinTone
from ..errors import PackError
from ..once import once
from ..tokenizer import Entry, Match
from .pack import Pack, pack_problems


class Collision(NamedTuple):
    """A name that two packs have: the entry that answers, and the one that it hides."""

    name: str
    kept: Entry
    hidden: Entry


class Index:
    """What every name resolves to. Made by `build_index`; never changes, so threads share it without a lock."""

    def __init__(
        self, packs: tuple[Pack, ...], entries: Mapping[str, Entry], collisions: tuple[Collision, ...]
    ) -> None:
        self.packs = packs
        self.entries = entries
        """Every exact name and alias."""
        self.collisions = collisions

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self.entries)

    def find(self, name: str) -> Match | None:
        """Return what a name stands for: exact, else folded (case, ``-`` as ``_``) if one emoji answers, else toned."""
        entry = self.entries.get(name)
        if entry is not None:
            return Match(entry)
        if not name.isascii():
            name = unicodedata.normalize("NFC", name)
            if entry := self.entries.get(name):
                return Match(entry)
        if (key := _key(name)) is None:
            return None
        if entry := self._folded.get(key):
            return Match(entry)
        return self._find_toned(name)

    def toned(self, emoji: Emoji, tones: tuple[SkinTone, ...]) -> str | None:
        """Return an emoji's sequence with those tones; None if it takes none. A pack's own 👋 takes what 👋 takes."""
        return emoji._replace(tones=self._tones_of(emoji)).toned(tones)

    def search(self, words: str, *, limit: int = 20) -> list[Emoji]:
        """Return the emoji whose names, keywords or texts have every word (or its beginning), best first."""
        wanted = _words(words)
        if not wanted:
            return []
        scored: list[tuple[int, int, Emoji]] = []
        for order, (emoji, (named, tags)) in enumerate(zip(self.offered, self._searched, strict=True)):
            score = _score(wanted, named, tags)
            if score is not None:
                scored.append((score, order, emoji))
        return [emoji for _, _, emoji in sorted(scored, key=lambda row: row[:2])[:limit]]

    def suggest(self, name: str, *, limit: int = 3) -> tuple[str, ...]:
        """Return names that may have been meant, best first; one for each emoji, and no retired one."""
        from rapidfuzz import fuzz, process  # only typos pay for it

        found: dict[int, str] = {}
        offered = self._offered_names
        for folded, _, _ in process.extract(
            _fold(unicodedata.normalize("NFC", name)),
            tuple(offered),
            scorer=fuzz.ratio,
            processor=None,
            score_cutoff=60,
            limit=limit * 4,
        ):
            found.setdefault(id(self.entries[offered[folded]]), offered[folded])
        return tuple(found.values())[:limit]

    @once
    def offered(self) -> tuple[Emoji, ...]:
        """The emoji for new posts: in pack order, each once, without the retired and the hidden ones."""
        return tuple(
            entry.emoji for name, entry in self.entries.items() if name == entry.emoji.name and not entry.emoji.retired
        )

    @once
    def version(self) -> str:
        """A digest, the same in every process, that changes when, and only when, what names resolve to does."""
        import hashlib  # not needed to render

        digest = hashlib.sha256()
        numbers: dict[int, int] = {}
        for name in sorted(self.entries):
            entry = self.entries[name]
            if id(entry) not in numbers:
                numbers[id(entry)] = len(numbers)
                digest.update(ascii(self._shown(entry)).encode())  # repr() differs with a Python's Unicode tables
            digest.update(f"\n{name} {numbers[id(entry)]}\n".encode())
        return digest.hexdigest()[:16]

    @once
    def sequences(self) -> Mapping[str, Match]:
        """Every Unicode sequence, with every tone it takes, without U+FE0F: ``👋🏽`` → wave and its tones."""
        found: dict[str, Match] = {}
        for entry in {id(entry): entry for entry in self.entries.values()}.values():
            if entry.emoji.unicode and not entry.emoji.retired:
                found.setdefault(_bare(entry.emoji.unicode), Match(entry))
                for tones in _combinations(len(self._tones_of(entry.emoji))):
                    found.setdefault(_bare(self.toned(entry.emoji, tones) or ""), Match(entry, tones))
        return found

    def name_of(self, entry: Entry) -> str:
        """Return the first name of an emoji that leads back to it."""
        return next(name for name in entry.emoji.names if self.entries.get(name) is entry)

    def _shown(self, entry: Entry) -> tuple[object, ...]:
        """Everything of an emoji that a post can show; not what only searches and lists look at."""
        emoji = entry.emoji
        alts = () if isinstance(emoji.alt, str) else sorted(emoji.alt.items())
        what = (emoji.unicode, self._tones_of(emoji)) if emoji.unicode else (emoji.image, emoji.static)
        if emoji.extra and (twice := entry.pack.twice(emoji)):
            what = (*what, twice)
        size = (emoji.width, emoji.height, emoji.sensitive)
        return (emoji.name, *what, emoji.alt_text(), *alts, *size, entry.pack.base_url)

    def _tones_of(self, emoji: Emoji) -> tuple[str, ...]:
        """Return the sequences with tones. A pack's own 👋 takes the tones that any other 👋 of the index has."""
        return emoji.tones or (self._toned.get(_bare(emoji.unicode), ()) if emoji.unicode else ())

    @once
    def _toned(self) -> Mapping[str, tuple[str, ...]]:
        """Sequence without U+FE0F → with its tones."""
        toned: dict[str, tuple[str, ...]] = {}
        for pack in self.packs:
            for emoji in pack.emoji:
                if emoji.tones and emoji.unicode:
                    toned.setdefault(_bare(emoji.unicode), emoji.tones)
        return toned

    def _find_toned(self, name: str) -> Match | None:
        """Resolve names with tones in them: ``wave_tone3``, ``handshake_tone1-5``, ``man_dark_skin_tone_red_hair``."""
        if "tone" not in name.lower():
            return None
        tones = tuple(tone for part in re.finditer(_TONE_NAME, name) for tone in _spelt_tones(part))
        base = re.sub(_TONE_NAME, "", name)
        if not 1 <= len(tones) <= _MOST_PEOPLE or not base:
            return None
        entry = self.entries.get(base) or self._folded.get(_fold(base))
        return Match(entry, tones) if entry and self.toned(entry.emoji, tones) else None

    @once
    def _folded(self) -> Mapping[str, Entry]:
        """Folded names that one emoji answers."""
        folded: dict[str, Entry] = {}
        torn: set[str] = set()
        plain = {_fold(name) for name in self.entries if name.isascii()}
        for name, entry in self.entries.items():
            key = _fold(name)
            if not name.isascii() and (key in plain or not unicodedata.is_normalized("NFKC", name)):
                continue  # it would take the place of what it looks like
            if folded.setdefault(key, entry) is not entry:
                torn.add(key)
        for key in torn:
            del folded[key]
        return folded

    @once
    def _searched(self) -> tuple[tuple[list[list[str]], list[str]], ...]:
        """The words of each offered emoji: those of each of its names, and those of its texts."""
        return tuple((list(map(_words, emoji.names)), _words(_texts(emoji))) for emoji in self.offered)

    @once
    def _offered_names(self) -> Mapping[str, str]:
        """Folded name → name."""
        names: dict[str, str] = {}
        for emoji in self.offered:
            for name in emoji.names:
                if self.entries[name].emoji is emoji:
                    names.setdefault(_fold(name), name)
        return names


def build_index(packs: Iterable[Pack]) -> Index:
    """Flatten packs into one lookup table; an earlier pack wins. Raises `PackError` with every problem of a bad one."""
    packs = _packs(packs)
    entries: dict[str, Entry] = {}
    collisions: list[Collision] = []
    for pack in packs:
        if problems := tuple(pack_problems(pack)):
            raise PackError(pack.name, problems)
        for emoji in pack.emoji:
            entry = Entry(emoji, pack)
            for name in (emoji.name, *emoji.aliases):
                kept = entries.setdefault(name, entry)
                if kept is not entry:
                    collisions.append(Collision(name, kept, entry))
    return Index(packs, entries, tuple(collisions))


def _packs(packs: object) -> tuple[Pack, ...]:
    if isinstance(packs, Pack):
        raise TypeError("one pack alone was given; give a list of packs: [pack]")  # it is a tuple, but not of packs
    several = tuple(cast("Iterable[object]", packs))
    for pack in several:
        if not isinstance(pack, Pack):
            raise TypeError(f"a {type(pack).__name__} was given for a pack; read_pack(path) returns one")
    return cast("tuple[Pack, ...]", several)


# CLDR's and JoyPixels' spellings, which emoji 2.x and emojibase share.
_TONE_NAME = (
    r"(?ia)[_-](?:tone([1-5])(?:-([1-5]))?|(light|medium[_-]light|medium|medium[_-]dark|dark)[_-]skin[_-]tone)"
    r"(?![a-z0-9])"
)
_MOST_PEOPLE = 2  # that have tones of their own, in any sequence of Emoji 18.0
_CLDR_TONES = {"light": "1", "medium_light": "2", "medium": "3", "medium_dark": "4", "dark": "5"}


def _spelt_tones(part: re.Match[str]) -> list[SkinTone]:
    digits = part[1] + (part[2] or "") if part[1] else _CLDR_TONES[_fold(part[3])]
    return [SkinTone(int(digit) + 1) for digit in digits]


def _combinations(people: int) -> Iterator[tuple[SkinTone, ...]]:
    if people:
        yield from product(SkinTone, repeat=1)
    if people == _MOST_PEOPLE:
        yield from (pair for pair in product(SkinTone, repeat=2) if pair[0] != pair[1])


def _bare(sequence: str) -> str:
    """Drop the variation selectors that unqualified sequences lack (UTS #51, ED-19)."""
    return sequence.replace("\ufe0f", "")


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_")


def _key(name: str) -> str | None:
    """Return what a name that is nowhere exactly is looked up by; None for one that would pass for another.

    Those are ``ﬁre``, ``ſmile`` and ``claß``, which fold to letters that they do not have.
    """
    key = _fold(name)
    if name.isascii() or not (key.isascii() or not unicodedata.is_normalized("NFKC", name)):
        return key
    return None


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|(?<!\w)[+-]\d+", unicodedata.normalize("NFC", text).casefold())


def _texts(emoji: Emoji) -> str:
    alts = (emoji.alt,) if isinstance(emoji.alt, str) else emoji.alt.values()
    return " ".join((*alts, *emoji.keywords, emoji.category))


def _score(wanted: list[str], named: list[list[str]], tags: list[str]) -> int | None:
    """Rank: 0 for a whole name, then words of names, their beginnings, tags, theirs; None if a word is nowhere."""
    if wanted in named:
        return 0
    names = [word for name in named for word in name]
    worst = 1
    for word in wanted:
        if word in names:
            continue
        if any(other.startswith(word) for other in names):
            worst = max(worst, 2)
        elif word in tags:
            worst = max(worst, 3)
        elif any(other.startswith(word) for other in tags):
            worst = max(worst, 4)
        else:
            return None
    return worst
