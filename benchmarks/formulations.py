"""The text door, put in other ways: what was tried, and what it costs. Prints the table of the docs."""

import re
from collections.abc import Callable, Mapping

import corpora
import peers
from rounds import take_turns

from shortcodes import Converter
from shortcodes.text import Replacer

Door = Callable[[str], object]


def formulations(converter: Converter) -> Mapping[str, Door]:
    """Return ways to replace shortcodes; those that have the whole rule give the same text."""
    replace = converter._to_text  # noqa: SLF001  # what is measured
    pattern, rendered = replace.scanner._ascii, replace.rendered  # noqa: SLF001  # likewise
    table = {f":{name}:": entry.emoji.unicode or "" for name, entry in converter.index.entries.items()}
    candidates = re.compile(r":[\w+-]+:")

    def finditer(text: str) -> str:
        done: list[str] = []
        end = 0
        for match in pattern.finditer(text):
            done += (text[end : match.start()], rendered[match[0]])
            end = match.end()
        return "".join((*done, text[end:]))

    def every_name(text: str) -> str:
        for name in set(candidates.findall(text)):
            text = text.replace(name, table.get(name, name))
        return text

    def colons(text: str) -> str:
        parts = text.split(":")
        return ":".join(table.get(f":{part}:", part) for part in parts)

    return {
        "`split`, a table, `join`: ours": converter.text_to_text,
        "the same, its scan alone": pattern.split,
        "the same, but for addresses with `www.`": _without_www(replace),
        "`sub` with a callback": lambda text: pattern.sub(lambda match: rendered[match[0]], text),
        "`finditer`, slices, `join`": finditer,
        "no rule: `findall` of the candidates, and nothing else": candidates.findall,
        "no rule: `sub` with a callback": peers.re_sub({name[1:-1]: characters for name, characters in table.items()}),
        "no rule: `findall`, then `str.replace` for each name": every_name,
        "no rule, wrong: `split` at each colon": colons,
        "`emoji.emojize`": peers.text_peers(converter.index)[peers.EMOJI],
    }


def _without_www(replace: Replacer) -> Door:
    split, rendered = replace.scanner._ascii.split, replace.rendered  # noqa: SLF001  # likewise

    def door(text: str) -> str:
        parts = split(text)
        parts[1::2] = map(rendered.__getitem__, parts[1::2])
        return "".join(parts)

    return door


def main() -> None:
    wanted = ("colons, no shortcodes, 100 kB", "posts, 400 B × 250", "chat, 4 kB × 25", "shortcodes, spaced, 20 kB")
    texts = [corpus for corpus in corpora.text_corpora() if corpus.name in wanted]
    doors = formulations(Converter())
    print(f"| | {' | '.join(corpus.name for corpus in texts)} |\n|---|{'---|' * len(texts)}")
    speeds: dict[str, list[str]] = {name: [] for name in doors}
    for corpus in texts:
        took = take_turns({name: _through(door, corpus.texts) for name, door in doors.items()}, rounds=21)
        for name in doors:
            speeds[name].append(f"{corpus.characters / took.spent(name).median / 1e6:.0f}")
    for name, row in speeds.items():
        print(f"| {name} | {' | '.join(row)} |")


def _through(door: Door, texts: tuple[str, ...]) -> Callable[[], None]:
    def work() -> None:
        for text in texts:
            door(text)

    return work


if __name__ == "__main__":
    main()
