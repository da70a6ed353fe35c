"""What is wrong with a pack, or could be better: every finding a value with a code, in the order of the manifest."""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from ..emoji import Emoji, invisible_problem, name_problem
from ..errors import Problem, quoted
from .index import Index, build_index
from .manifest import MANIFEST, Reading, in_reading_order
from .names import bidi_problem, fold, look, marks_problem, mixed_problem
from .pack import Pack, file_problem, is_url
from .unicode import unicode_pack

Severity = Literal["error", "warning", "note"]


class Check(NamedTuple):
    """What a code stands for."""

    severity: Severity
    """An error keeps the pack from being used, or published there; a warning is seen by somebody; a note is advice."""
    meaning: str


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        # The manifest: what `read_pack` refuses.
        "manifest": Check("error", "`read_pack` refuses it: no TOML, an unknown field, a value of the wrong kind"),
        "name": Check("error", "a name has characters that no name has, or is too long"),
        "name-bidi": Check("error", "a name has a character that turns the direction of text"),
        "name-invisible": Check("error", "a name has a character that nobody sees"),
        "name-taken": Check("error", "two emoji have the same name or alias"),
        "image-missing": Check("error", "an image is not in the pack"),
        # Names.
        "name-alike": Check("warning", "a name looks like another one of the pack, or of Unicode's, but is not"),
        "name-hides": Check("warning", "a name hides another emoji of the bundled Unicode pack"),
        "name-marks": Check("warning", "a name has marks in heaps, or begins with one"),
        "name-mixed": Check("warning", "a name has a letter of another script that looks like one of ASCII"),
        "name-near": Check("warning", "a name differs from another one in case, or in `-` and `_`, alone"),
        "name-near-unicode": Check("note", "the same, of a name of the bundled Unicode pack"),
        # Texts.
        "alt-is-name": Check("note", "an alt text says no more than the name"),
        "alt-missing": Check("warning", "an image has no alt text"),
        "alt-placeholder": Check("warning", "an alt text stands for one that is to be written"),
        "license-missing": Check("warning", "the pack has no licence"),
        "license-unknown": Check("note", "the licence is no SPDX expression"),
        "text-placeholder": Check("warning", "another text stands for one that is to be written"),
        # Images.
        "file-unused": Check("warning", "an image in the pack is no emoji's"),
        "image-alike": Check("warning", "two images look the same"),
        "image-bytes": Check("warning", "an image has too many bytes"),
        "image-faint-dark": Check("warning", "an image can hardly be seen on dark ground"),
        "image-faint-light": Check("warning", "an image can hardly be seen on light ground"),
        "image-frames": Check("warning", "an animation has too many frames"),
        "image-pixels": Check("warning", "an image is wider or higher than any emoji is shown"),
        "image-remote": Check("note", "images are elsewhere, and were not looked at"),
        "image-same": Check("warning", "two emoji have the same image, byte for byte"),
        "image-shape": Check("warning", "`width` and `height` have another shape than the image"),
        "image-unreadable": Check("error", "an image cannot be used: damaged, too big to decode, or of another kind"),
        "still-animated": Check("warning", "a still frame is animated, too"),
        "still-missing": Check("warning", "an animation has no still frame"),
        # What a platform cannot hold; asked for by `--target`.
        "target-animated": Check("error", "the platform shows no animations"),
        "target-bytes": Check("error", "an image has more bytes than the platform takes"),
        "target-case": Check("error", "two names are one for the platform, which knows no case"),
        "target-count": Check("error", "the pack has more emoji than the platform takes"),
        "target-fields": Check("note", "the platform does not keep aliases, alt texts or categories"),
        "target-name": Check("error", "the platform does not take a name"),
        "target-pixels": Check("error", "an image is wider or higher than the platform takes"),
        "target-type": Check("error", "the platform does not take images of that kind"),
    }
)
"""Every code; docs/reference/checks.md lists them."""


class Finding(NamedTuple):
    """One thing that was found in a pack, and where."""

    code: str
    """One of `CHECKS`."""
    where: str
    """``emoji[14].aliases[0]``, as in a `PackError`; empty if a file alone is meant."""
    message: str
    """What is the matter, and what would be right: a predicate, as those of a `Problem`."""
    name: str = ""
    """The emoji's name, if it is about one that has one."""
    file: str = MANIFEST
    """The file of the pack that is to be changed."""

    @property
    def severity(self) -> Severity:
        """What it means for the pack."""
        return CHECKS[self.code].severity

    def __str__(self) -> str:
        named = f" ({self.name if self.name.isprintable() else ascii(self.name)})" if self.name else ""
        place = f"{self.where}{named}: " if self.where else ""
        shown = self.file if self.file.isprintable() else ascii(self.file)
        return f"{shown}: {place}{self.severity} {self.code}: {self.message}"


def check_pack(reading: Reading) -> Iterator[Finding]:
    """Yield what there is to say of a pack without looking at its images."""
    yield from _refused(reading)
    if not reading.document:
        return
    refused = {problem.where for problem in reading.problems}  # what may not stand need not be better
    yield from (finding for finding in _advice(reading) if finding.where not in refused)


def _advice(reading: Reading) -> Iterator[Finding]:
    yield from _license_findings(reading.pack)
    yield from _text_findings(reading.pack)
    yield from _name_findings(reading.pack, build_index([unicode_pack()]))
    for number, emoji in enumerate(reading.pack.emoji):
        yield from _alt_findings(f"emoji[{number}]", emoji)
    yield from _unused_files(reading)


def in_order(findings: Iterable[Finding], reading: Reading) -> list[Finding]:
    """Sort findings by place: those of the manifest as it is read, then those of files, by name."""
    found = list(findings)
    placed = in_reading_order((one for one in found if one.where), reading.document)
    return placed + sorted(one for one in found if not one.where)


# The manifest: its problems, each with a code.


def _refused(reading: Reading) -> Iterator[Finding]:
    names = _names_at(reading.pack)
    taken: set[str] = set()
    twice: set[str] = set()
    for where, (_, name) in names.items():
        (twice.add(where) if name in taken else taken.add(name))
    for problem in reading.problems:
        emoji = _emoji_at(problem.where, reading.pack)
        code, message = _classified(problem, emoji, names.get(problem.where, (0, ""))[1], problem.where in twice)
        where = "" if problem.where == MANIFEST else problem.where  # it is no TOML
        yield Finding(code, where, message, emoji.name if emoji else "")


def _classified(problem: Problem, emoji: Emoji | None, name: str, taken: bool) -> tuple[str, str]:  # noqa: FBT001  # a fact
    """Return the code of what the manifest's reader says, and what is to be said of it."""
    if name:
        for code, deceives in (("name-bidi", bidi_problem), ("name-invisible", invisible_problem)):
            if message := deceives(name):
                return code, f"{quoted(name)} {message}"
        return ("name-taken" if taken and not name_problem(name) else "name"), problem.message
    field = problem.where.rpartition(".")[2]
    file = getattr(emoji, field) if emoji and field in {"image", "static"} else None
    is_file = file and not is_url(file) and not file_problem(file)
    return ("image-missing" if is_file else "manifest"), problem.message


def _emoji_at(where: str, pack: Pack) -> Emoji | None:
    found = re.match(r"emoji\[(\d+)\]", where)
    return pack.emoji[int(found[1])] if found and int(found[1]) < len(pack.emoji) else None


def _names_at(pack: Pack) -> dict[str, tuple[int, str]]:
    """Return every name and alias by its place, with the number of its emoji."""
    found: dict[str, tuple[int, str]] = {}
    for number, emoji in enumerate(pack.emoji):
        if emoji.name:
            found[f"emoji[{number}].name"] = number, emoji.name
        for position, alias in enumerate(emoji.aliases):
            found[f"emoji[{number}].aliases[{position}]"] = number, alias
    return found


# Names.


class _Named(NamedTuple):
    """A name in its place."""

    where: str
    name: str
    number: int
    emoji: Emoji

    def found(self, code: str, message: str) -> Finding:
        return Finding(code, self.where, f"{quoted(self.name)} {message}", self.emoji.name)


def _name_findings(pack: Pack, bundled: Index) -> Iterator[Finding]:
    bundled_looks = {look(name): name for name in bundled.entries}
    folded: dict[str, _Named] = {}
    looks: dict[str, _Named] = {}
    for where, (number, name) in _names_at(pack).items():
        named = _Named(where, name, number, pack.emoji[number])
        yield from _deceptive(named)
        near, alike = folded.setdefault(fold(name), named), looks.setdefault(look(name), named)
        if near.number != number and near.name != name:
            yield named.found(
                "name-near",
                f"and {quoted(near.name)} of emoji[{near.number}] differ in case, or in '-' and '_', alone; rename one "
                "of them, as people take one for the other",
            )
        elif alike.number != number and alike.name != name:
            yield named.found(
                "name-alike", f"looks like {quoted(alike.name)} of emoji[{alike.number}]; rename one of them"
            )
        yield from _beside_bundled(named, bundled, bundled_looks.get(look(name), name))


def _deceptive(named: _Named) -> Iterator[Finding]:
    if message := invisible_problem(named.name):  # a letter or a mark, else it is refused
        yield named.found("name-invisible", message)
    if message := marks_problem(named.name):
        yield named.found("name-marks", message)
    if message := mixed_problem(named.name):
        yield named.found("name-mixed", message)


def _beside_bundled(named: _Named, bundled: Index, alike: str) -> Iterator[Finding]:
    """Compare a name with those of the bundled pack, but for the emoji that is the same one there."""
    match = bundled.find(named.name)
    if match is None:
        if alike != named.name:
            yield named.found("name-alike", f"looks like {quoted(alike)}, a name of Unicode's; rename it")
        return
    entry, tones = match
    if tones or _bare(entry.emoji.unicode) == _bare(named.emoji.unicode):
        return
    shown = f"{entry.emoji.unicode} ({entry.emoji.alt_text()})"
    if named.name in bundled.entries:
        yield named.found(
            "name-hides", f"hides {shown}, which has that name in Unicode's pack; rename it, unless that is meant"
        )
    else:
        other = next(name for name in entry.emoji.names if fold(name) == fold(named.name))
        yield named.found(
            "name-near-unicode", f"is close to {quoted(other)}, which is {shown}; rename it, unless that is meant"
        )


def _bare(sequence: str | None) -> str:
    return (sequence or "").replace("\ufe0f", "")


# Texts.

# What people leave standing: words of templates, and what an image is instead of what it shows.
_TEMPLATES = frozenset(
    (
        "todo|to do|to-do|fixme|tbd|tba|xxx|n/a|none|null|undefined|untitled|placeholder|placeholder text|changeme|"
        "change me|alt|alt text|alt-text|alternative text|description|image description|text|title|category|keyword|"
        "image|an image|image of|an image of|picture|a picture|photo|icon|an icon|emoji|an emoji|custom emoji|emote|"
        "sticker|your name|your title|your text|author|author name|insert text here|insert alt text here"
    ).split("|")
)
_TEMPLATE = re.compile(
    r"""(?xi) .*\blorem[ ]ipsum\b.*
    | (?:to-?do|fixme)\b[ ]*[:-].*
    | (?:img|dsc|image|picture|screenshot|untitled)[ _-]*\d+.*
    | [\w-]+\.(?:png|apng|gif|webp|jpe?g|avif|svg)
    | [\W_]+"""
)


_UNWRITTEN = frozenset("todo|fixme|tbd|placeholder|changeme|lorem ipsum".split("|"))  # no emoji is found by these


def _is_placeholder(text: str) -> bool:
    return text.strip(" .:!?<>[](){}*_-…").casefold() in {*_TEMPLATES, ""} or bool(_TEMPLATE.fullmatch(text.strip()))


# The shape of a licence expression (SPDX 3.0, annex B), not the list of licences, which grows.
_SPDX = re.compile(
    r"""(?x) \(* (?!(?:AND|OR|WITH)\b) [A-Za-z0-9.-]+ \+? (?: : [A-Za-z0-9.-]+ )? \)*
    (?: [ ]+ (?:AND|OR|WITH) [ ]+ \(* [A-Za-z0-9.-]+ \+? (?: : [A-Za-z0-9.-]+ )? \)* )*"""
)


def _license_findings(pack: Pack) -> Iterator[Finding]:
    if not pack.license:
        yield Finding("license-missing", "pack.license", 'is missing; write whose terms apply: license = "CC0-1.0"')
    elif not _is_placeholder(pack.license) and not _SPDX.fullmatch(pack.license):
        message = (
            f"{quoted(pack.license)} is no SPDX expression; write one of https://spdx.org/licenses, or LicenseRef-…"
        )
        yield Finding("license-unknown", "pack.license", message)


def _text_findings(pack: Pack) -> Iterator[Finding]:
    texts = [("version", pack.version), ("title", pack.title), ("license", pack.license)]
    texts += ((f"authors[{number}]", author) for number, author in enumerate(pack.authors))
    for field, text in texts:
        if text and _is_placeholder(text):
            yield Finding("text-placeholder", f"pack.{field}", _to_be_written(text))
    for number, emoji in enumerate(pack.emoji):
        keywords = ((f"keywords[{position}]", keyword) for position, keyword in enumerate(emoji.keywords))
        for field, text in (("category", emoji.category), *keywords):
            if text.strip(" <>[]").casefold() in _UNWRITTEN:
                yield Finding("text-placeholder", f"emoji[{number}].{field}", _to_be_written(text), emoji.name)


def _to_be_written(text: str) -> str:
    return f"{quoted(text)} stands for a text that is to be written; write it, or leave the field out"


def _alt_findings(where: str, emoji: Emoji) -> Iterator[Finding]:
    if not emoji.image:
        return
    texts = {f"{where}.alt": emoji.alt} if isinstance(emoji.alt, str) else _by_language(where, emoji.alt)
    for place, text in texts.items():
        if not text.strip():
            message = "is missing; write what the image shows, for those who do not see it"
            yield Finding("alt-missing", place, message, emoji.name)
        elif text.strip(" :").casefold() in {name.casefold() for name in emoji.names}:
            message = f"{quoted(text)} is the name; write what the image shows, if there is more to say"
            yield Finding("alt-is-name", place, message, emoji.name)
        elif _is_placeholder(text):
            message = f"{quoted(text)} stands for a text that is to be written; write what the image shows"
            yield Finding("alt-placeholder", place, message, emoji.name)


def _by_language(where: str, alt: Mapping[str, str]) -> dict[str, str]:
    return {f"{where}.alt.{language}": text for language, text in alt.items()}


# Files.

_IMAGE = re.compile(r"(?i).+\.(?:png|apng|gif|webp|jpe?g|jpe|jfif|avif)")


def _unused_files(reading: Reading) -> Iterator[Finding]:
    used = {file for emoji in reading.pack.emoji for file in (emoji.image, emoji.static) if file}
    for file in reading.files:
        if file not in used and _IMAGE.fullmatch(file):
            yield Finding("file-unused", "", "is no emoji's image; name it in pack.toml, or delete it", file=file)
