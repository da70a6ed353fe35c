"""The index: packs merged for lookup. An earlier pack wins, and what it hides is listed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import NamedTuple

from ..emoji import Emoji, SkinTone
from ..errors import PackError
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
        """Return what a name stands for: exact, else case-folded with ``-`` as ``_`` if one emoji answers, else toned."""
        entry = self.entries.get(name)
        if entry is not None:
            return Match(entry)
        if not name.isascii():
            name = unicodedata.normalize("NFC", name)
            if entry := self.entries.get(name):
                return Match(entry)
        if entry := self._folded.get(_fold(name)):
            return Match(entry)
        return self._find_toned(name)

    def toned(self, emoji: Emoji, tones: tuple[SkinTone, ...]) -> str | None:
        """Return an emoji's sequence with those tones; None if it takes none. A pack's own 👋 takes what 👋 takes."""
        if emoji.tones or not emoji.unicode:
            return emoji.toned(tones)
        known = self.sequences.get(_bare(emoji.unicode))
        return known.entry.emoji.toned(tones) if known and not known.tones else None

    def search(self, words: str, *, limit: int = 20) -> list[Emoji]:
        """Return the emoji whose names, keywords or texts have every word (or its beginning), best first."""
        wanted = _words(words)
        scored: list[tuple[int, int, Emoji]] = []
        for order, emoji in enumerate(self.offered):
            named = " ".join(emoji.names)
            tags = " ".join((emoji.alt_text(), *emoji.keywords, emoji.category))
            score = _score(wanted, _words(named), _words(tags)) if wanted else None
            if score is not None:
                scored.append((score, order, emoji))
        return [emoji for _, _, emoji in sorted(scored, key=lambda row: row[:2])[:limit]]

    def suggest(self, name: str, *, limit: int = 3) -> tuple[str, ...]:
        """Return names that may have been meant, best first; one for each emoji, and no retired one."""
        from rapidfuzz import fuzz, process  # only typos pay for it

        found: dict[int, str] = {}
        offered = self._offered_names
        for folded, _, _ in process.extract(
            _fold(name), tuple(offered), scorer=fuzz.ratio, processor=None, score_cutoff=60, limit=limit * 4
        ):
            found.setdefault(id(self.entries[offered[folded]]), offered[folded])
        return tuple(found.values())[:limit]

    @cached_property
    def offered(self) -> tuple[Emoji, ...]:
        """The emoji for new posts: in pack order, without the retired and the hidden ones."""
        return tuple(
            emoji
            for pack in self.packs
            for emoji in pack.emoji
            if not emoji.retired and self.entries[emoji.name].emoji is emoji
        )

    @cached_property
    def version(self) -> str:
        """A digest, the same in every process, that changes when, and only when, what names resolve to does."""
        import hashlib  # not needed to render

        digest = hashlib.sha256()
        numbers: dict[int, int] = {}
        for name in sorted(self.entries):
            entry = self.entries[name]
            if id(entry) not in numbers:
                numbers[id(entry)] = len(numbers)
                alt = entry.emoji.alt if isinstance(entry.emoji.alt, str) else sorted(entry.emoji.alt.items())
                digest.update(repr((*entry.emoji._replace(alt=""), alt, entry.pack.base_url)).encode())
            digest.update(f"\n{name} {numbers[id(entry)]}\n".encode())
        return digest.hexdigest()[:16]

    @cached_property
    def sequences(self) -> Mapping[str, Match]:
        """Every Unicode sequence, with every tone it takes, without U+FE0F: ``👋🏽`` → wave and its tones."""
        found: dict[str, Match] = {}
        for entry in {id(entry): entry for entry in self.entries.values()}.values():
            if entry.emoji.unicode and not entry.emoji.retired:
                found.setdefault(_bare(entry.emoji.unicode), Match(entry))
                for tones in _combinations(len(entry.emoji.tones)):
                    found.setdefault(_bare(entry.emoji.toned(tones) or ""), Match(entry, tones))
        return found

    def name_of(self, entry: Entry) -> str:
        """Return the first name of an emoji that leads back to it."""
        return next(name for name in entry.emoji.names if self.entries.get(name) is entry)

    def _find_toned(self, name: str) -> Match | None:
        """Resolve ``wave_tone3``, ``handshake_tone1_tone5``, ``man_medium_skin_tone_red_hair``: names spelt with tones."""
        if "tone" not in name.lower():
            return None
        tones = tuple(_spelt_tone(part) for part in re.finditer(_TONE_NAME, name))
        base = re.sub(_TONE_NAME, "", name)
        if not 1 <= len(tones) <= 2 or not base:
            return None
        entry = self.entries.get(base) or self._folded.get(_fold(base))
        return Match(entry, tones) if entry and self.toned(entry.emoji, tones) else None

    @cached_property
    def _folded(self) -> Mapping[str, Entry]:
        """Folded names that one emoji answers."""
        folded: dict[str, Entry] = {}
        torn: set[str] = set()
        for name, entry in self.entries.items():
            key = _fold(name)
            if folded.setdefault(key, entry) is not entry:
                torn.add(key)
        for key in torn:
            del folded[key]
        return folded

    @cached_property
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
    packs = tuple(packs)
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


# CLDR's and JoyPixels' spellings, which emoji 2.x and emojibase share.
_TONE_NAME = r"(?i)[_-](?:tone([1-5])(?:-([1-5]))?|(light|medium[_-]light|medium|medium[_-]dark|dark)[_-]skin[_-]tone)(?![A-Za-z0-9])"
_CLDR_TONES = {"light": 2, "medium_light": 3, "medium": 4, "medium_dark": 5, "dark": 6}


def _spelt_tone(part: re.Match[str]) -> SkinTone:
    return SkinTone(int(part[1]) + 1 if part[1] else _CLDR_TONES[_fold(part[3])])


def _combinations(people: int) -> Iterator[tuple[SkinTone, ...]]:
    if people:
        yield from product(SkinTone, repeat=1)
    if people == 2:
        yield from (pair for pair in product(SkinTone, repeat=2) if pair[0] != pair[1])


def _bare(sequence: str) -> str:
    """Drop the variation selectors that unqualified sequences lack (UTS #51, ED-19)."""
    return sequence.replace("\ufe0f", "")


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_")


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|[+-]\d+", text.casefold())


def _score(wanted: list[str], named: list[str], tags: list[str]) -> int | None:
    """Rank: 0 all words are in names, then beginnings of names, then tags; None if a word is nowhere."""
    worst = 0
    for word in wanted:
        if word in named:
            continue
        if any(other.startswith(word) for other in named):
            worst = max(worst, 1)
        elif word in tags:
            worst = max(worst, 2)
        elif any(other.startswith(word) for other in tags):
            worst = max(worst, 3)
        else:
            return None
    return worst
