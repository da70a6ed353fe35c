"""Texts to measure with: written here, put together by a seeded generator, the same in every run.

Every shortcode in them resolves, to the same characters, in shortcodes, `emoji` and rich; the report checks that.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from random import Random
from typing import Final, NamedTuple

SEED: Final = 18
KB: Final = 1_000
MB: Final = 1_000_000


def _read_words(path: str) -> Mapping[str, Sequence[str]]:
    words: dict[str, list[str]] = {}
    with open(path, encoding="utf-8") as rows:
        for kind, word in (row.rstrip("\n").split("\t") for row in list(rows)[1:]):
            words.setdefault(kind, []).append(word)
    return words


WORDS: Final = _read_words(os.path.join(os.path.dirname(__file__), "words.tsv"))
NAMES: Final = WORDS["name"]

# `{s}` is a sentence, `{e}` a shortcode, `{n}` a number.
_POSTS = (
    "{s} {e}\n\n> {s} {s}\n\n**Agreed.** {s} {s} {s} {e}",
    "{s} {s} *Really* {e} {s}\n\n- {s}\n- {s} {e}\n- {s}",
    "{s} {s} {e}\n\n{s} It says `Error: {n}` here. {s} {s}\n\nThanks {e}",
    "{s} See [the notes](https://example.org/notes/{n}). {s}\n{s} {e} {s}\n\n{s} {s} {e}",
)


class Corpus(NamedTuple):
    """A name for tables, and the texts that one measurement goes through."""

    name: str
    texts: tuple[str, ...]

    @property
    def characters(self) -> int:
        return sum(map(len, self.texts))


def _sentences(random: Random) -> Iterator[str]:
    while True:
        who, did, what, when = (random.choice(WORDS[kind]) for kind in ("who", "did", "what", "when"))
        yield f"{who[0].upper()}{who[1:]} {did} {what} {when}."


def _fill(size: int, pieces: Iterator[str], glue: str = " ") -> str:
    """Join pieces up to a size; the last one is left whole, so that no shortcode is cut."""
    taken: list[str] = []
    length = 0
    while length < size:
        taken.append(next(pieces))
        length += len(taken[-1]) + len(glue)
    return glue.join(taken)


def _shortcodes(random: Random, names: Sequence[str] = NAMES) -> Iterator[str]:
    while True:
        yield f":{random.choice(names)}:"


def prose(size: int) -> str:
    """Sentences, with a colon in every tenth."""
    random = Random(SEED)

    def pieces() -> Iterator[str]:
        for number, sentence in enumerate(_sentences(random)):
            yield f"{sentence[:-1]}: more later." if number % 10 == 0 else sentence

    return _fill(size, pieces())


def colons(size: int) -> str:
    """Prose with a colon in every few words, none of them a shortcode: times, addresses, URLs, `key: value`."""
    random = Random(SEED)

    def pieces() -> Iterator[str]:
        for sentence in _sentences(random):
            yield sentence
            yield from (random.choice(WORDS["no shortcode"]) for _ in range(3))

    return _fill(size, pieces())


def chat(size: int, *, accented: bool = False, names: Sequence[str] = NAMES) -> str:
    """Sentences with a shortcode in every 200 characters: a typical post, without its Markdown.

    With accents: curly quotes, dashes, é.
    """
    random = Random(SEED)
    shortcodes = _shortcodes(random, names)

    def pieces() -> Iterator[str]:
        for number, plain in enumerate(_sentences(random)):
            sentence = plain.replace(" the ", " the “").replace(".", "”.").replace("e", "é") if accented else plain
            yield f"{sentence} {next(shortcodes)}" if number % 3 == 1 else sentence

    return _fill(size, pieces())


def spaced(size: int) -> str:
    """Nothing but shortcodes, with spaces between them."""
    return _fill(size, _shortcodes(Random(SEED)))


def touching(size: int) -> str:
    """Shortcodes that touch, three by three."""
    names = _shortcodes(Random(SEED))
    return _fill(size, iter(lambda: next(names) + next(names) + next(names), ""))


def posts(number: int) -> tuple[str, ...]:
    """Typical posts: 400 characters, two shortcodes, a little Markdown."""
    random = Random(SEED)
    pieces = {"s": _sentences(random), "e": _shortcodes(random), "n": map(str, count(100))}
    return tuple(re.sub(r"\{(.)\}", lambda part: next(pieces[part[1]]), _POSTS[i % len(_POSTS)]) for i in range(number))


def long_posts(size: int, number: int) -> tuple[str, ...]:
    """Posts of that size, put together from typical ones."""
    every = posts(number * (size // 400))
    return tuple("\n\n".join(every[i::number]) for i in range(number))


def titles(number: int) -> tuple[str, ...]:
    """Titles of 200 characters, with one shortcode in every second."""
    random = Random(SEED)
    names = _shortcodes(random)
    pieces = _sentences(random)
    return tuple(f"{_fill(180, pieces)} {next(names) if i % 2 else ''}".strip() for i in range(number))


def text_corpora() -> tuple[Corpus, ...]:
    """What the text doors are compared on: 200 characters to 1 MB, each about 100 kB of work, but the last."""
    return (
        Corpus("prose, 100 kB", (prose(100 * KB),)),
        Corpus("colons, no shortcodes, 100 kB", (colons(100 * KB),)),
        Corpus("titles, 200 B × 500", titles(500)),
        Corpus("posts, 400 B × 250", posts(250)),
        Corpus("chat, 4 kB × 25", (chat(4 * KB),) * 25),
        Corpus("chat, 1 MB", (chat(MB),)),
        Corpus("accented chat, 400 B × 250", (chat(400, accented=True),) * 250),
        Corpus("accented chat, 100 kB", (chat(100 * KB, accented=True),)),
        Corpus("shortcodes, spaced, 20 kB", (spaced(20 * KB),)),
        Corpus("shortcodes, touching, 20 kB", (touching(20 * KB),)),
    )


def markdown_corpora() -> tuple[Corpus, ...]:
    """What the Markdown doors are compared on."""
    return (
        Corpus("typical posts, 400 B", posts(40)),
        Corpus("no markup, 400 B", tuple(prose(400 + i) for i in range(40))),
        Corpus("no markup, emoji, 400 B", tuple(chat(400 + i) for i in range(40))),
        Corpus("colons, no shortcodes, 400 B", tuple(colons(400 + i) for i in range(40))),
        Corpus("dense emoji, 400 B", tuple(spaced(400 + i) for i in range(20))),
        Corpus("posts, 2 kB", long_posts(2 * KB, 10)),
        Corpus("posts, 20 kB", long_posts(20 * KB, 2)),
    )


def hostile(size: int) -> Mapping[str, str]:
    """Texts made to be slow, by what they are made of."""
    return {
        "`:` × N": ":" * size,
        "`:a` × N": ":a" * (size // 2),
        "`a:` × N": "a:" * (size // 2),
        "`::` × N, spaced": ":: " * (size // 3),
        "`:é` × N": ":é" * (size // 2),
        "one name of N letters": f":{'a' * size}:",
        "names of 129 letters": f":{'a' * 129}:" * (size // 131),
        "unknown names, spaced": _fill(size, (f":no{number}:" for number in range(size))),
        "unknown names, touching": _fill(size, (f":no{number}:" for number in range(size)), ""),
        "`:wave:` × N, touching": ":wave:" * (size // 6),
        "`://` × N": "://" * (size // 3),
        "`www.` × N": "www.:" * (size // 5),
    }
