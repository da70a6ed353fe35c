r"""The source door: Markdown to Markdown, with emoji written another way and all else byte for byte as it was.

Shortcodes are found where the Markdown door finds them. What takes their place reads, as plain Markdown, as they do in
that door; what cannot stays as it was typed. In ``**:heart:**x`` the asterisks stand beside a sign; beside the
variation selector at the end of ``❤️`` they would mean something else (CommonMark 6.2), so that is written ``&#xfe0f;``.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

from .emoji import name_problem
from .errors import OptionError, quoted
from .limits import Budget, Limits
from .markdown.door import MarkdownDoor
from .markdown.positions import with_line_feeds
from .markdown.running import Label, Text, Written
from .renderers import Renderer
from .text import Replacer, emoji_in, reads_back
from .tokenizer import Scanner, Shortcode, Unknown


class Wanted(NamedTuple):
    """How emoji are to be written."""

    target: str
    names: Mapping[str, str]
    """Name → the name it has there."""
    render: Renderer
    """For ``html``."""
    tone: str
    """For ``shortcode``: the spelling of a tone, as in `Dialect.tone`."""
    linkify: bool
    """Whether bare URLs are links."""
    scanner: Scanner
    """How shortcodes will be read."""


class _Spot(NamedTuple):
    """A shortcode in a post, and what stands around it."""

    piece: Shortcode | Unknown
    text: Text
    at: int
    """Where in its text it is."""
    start: int
    end: int
    before: str
    """The post up to it, as far as it matters."""
    behind: str
    """The rest of its line, likewise."""
    is_first: bool
    """Whether it begins its block."""
    touches: str = ""
    """Whether it touches one before it that was ``written``, or one that was ``kept``."""


class _Edit(NamedTuple):
    """A slice of the post, and what takes its place."""

    start: int
    end: int
    text: str


def to_source(post: str, wanted: Wanted, markdown: MarkdownDoor, replace: Replacer, limits: Limits) -> str:
    """Return a post with its emoji written as wanted. Raises `OptionError` for a target or a name that cannot be."""
    if wanted.target not in _WRITERS:
        raise OptionError.unknown("target", wanted.target, _WRITERS)
    _check_names(wanted)
    source = with_line_feeds(post)
    reading = markdown.running_text(post)
    edits = list(_rewritten(source, wanted, reading, replace))
    if wanted.target == "shortcode":
        edits += _read_back(source, wanted, markdown, replace)
    return _apply(post, source, _affordable(edits, len(post), limits), reading) if edits else post


def _check_names(wanted: Wanted) -> None:
    for name in wanted.names:
        if problem := name_problem(name):
            raise OptionError(f"the name {quoted(name)} {problem}")
    for name in wanted.names.values():
        if wanted.target != "discord":
            problem = name_problem(name)
        else:
            problem = None if re.fullmatch(_DISCORD_NAME, name) else "is none on Discord; write name, or name:id"
        if problem:
            raise OptionError(f"the name {quoted(name)} {problem}")


def _rewritten(
    source: str, wanted: Wanted, reading: list[Text | Written | Label], replace: Replacer
) -> Iterator[_Edit]:
    write = _WRITERS[wanted.target]
    end, did = -1, ""
    for spot in _spots(source, reading, replace):
        beside = spot._replace(touches=did if spot.start == end else "")
        written = write(beside, wanted) if wanted.target == "shortcode" or _is_apart(spot, wanted) else None
        end, did = spot.end, "kept" if written is None else "written"
        if written is not None:
            yield _Edit(spot.start, spot.end, written)


def _spots(source: str, reading: list[Text | Written | Label], replace: Replacer) -> Iterator[_Spot]:
    """Yield the shortcodes of a post, known and unknown. One that does not stand where it should is left alone."""
    for text in reading:
        if not isinstance(text, Text):
            continue
        at = 0
        for i, part in enumerate(replace.scanner.split(text.text)):
            for piece in replace.pieces[part] if i % 2 else (part,):
                length = len(piece if isinstance(piece, str) else piece.source)
                if not isinstance(piece, str):
                    start, end = text.span(at, at + length)
                    if source.startswith(piece.source, start):
                        before, behind = source[max(0, start - _SEEN) : start], source[end : end + _SEEN]
                        is_first = not at and not text.parts[0].place.offset
                        yield _Spot(piece, text, at, start, end, before, behind.partition("\n")[0], is_first)
                at += length


_SEEN = 300  # more than the longest name, and all of a line would make the time quadratic


def _is_apart(spot: _Spot, wanted: Wanted) -> bool:
    """Tell whether no bare URL touches it that would begin or end elsewhere, were something else there."""
    if not wanted.linkify:
        return True
    bar = r"|(?<!\\)\|" if spot.text.around.cell else ""
    before = re.split(rf"[\s)\]}}>]{bar}", spot.before)[-1]  # no URL goes on behind these
    behind = re.split(rf"[\s()\[\]{{}}<>\"'*]{bar}", spot.behind, maxsplit=1)[0]  # and none begins before those
    return not re.search(_URL, f"{before} {behind}")


_URL = r"//|@|\.[^\W\d_]|mailto:"


def _characters(spot: _Spot) -> str | None:
    """Characters, spelt so that what is around them means what it meant beside colons."""
    if not isinstance(spot.piece, Shortcode) or not spot.piece.characters:
        return None
    characters = spot.piece.characters
    around = spot.text.around
    head = characters[0]
    if _joins(spot) or (around.emphasis and spot.before[-1:] in _DELIMITERS and not _is_sign(head)):
        head = f"&#x{ord(head):x};"
    elif head == "*" and around.emphasis:
        head = r"\*"  # *️⃣
    tail = characters[1:]
    if tail and around.emphasis and spot.behind[:1] in _DELIMITERS and not _is_sign(tail[-1]):
        tail = f"{tail[:-1]}&#x{ord(tail[-1]):x};"
    spelt = head + tail
    can_escape = around.escapes and not spot.text.is_alt  # some engines lose escapes in descriptions
    return spelt if spelt == characters or can_escape else None


_DELIMITERS = frozenset("*_~")


def _joins(spot: _Spot) -> bool:
    """Tell whether an emoji that begins with a letter or a digit would be one word, or one name, with what it touches.

    ``::one::wave:`` would be ``:1️⃣:wave:``, in which there is no ``:wave:``; ``#:one:`` would be the tag ``#1``.
    """
    characters = getattr(spot.piece, "characters", "")
    if not re.match(r"\w", characters) or spot.touches == "written":
        return False
    return spot.touches == "kept" or spot.before[-1:] in _NAMING


_NAMING = frozenset(":#@!~/&")


def _is_sign(character: str) -> bool:
    """Tell whether it is punctuation or a symbol, as a colon is (CommonMark 2.1, "Unicode punctuation character")."""
    return unicodedata.category(character)[0] in "PS"


def _lemmy(spot: _Spot, wanted: Wanted) -> str | None:
    """As Lemmy's composer writes custom emoji: an image with the title ``emoji name``."""
    image = _image(spot)
    if image is None:
        return _characters(spot)
    alt = re.sub(_MARKUP, r"\\\g<0>", " ".join(image.alt.split()))
    url = re.sub(r"[()]|&(?=#?\w+;)", r"\\\g<0>", image.url or "")
    return f'![{alt}]({url} "emoji {_name(image, wanted) or image.emoji.name}")'


_MARKUP = r"[\\`*_\[\]<&!~^|{}]"


def _discord(spot: _Spot, wanted: Wanted) -> str | None:
    """As Discord stores custom emoji: ``<:name:id>``; the id is in the image's URL, or comes with the name."""
    image = _image(spot)
    if image is None:
        return _characters(spot)
    there = re.fullmatch(_DISCORD_NAME, _name(image, wanted) or image.emoji.name.replace("-", "_"))
    found = re.search(_DISCORD_URL, image.url or "")
    if there and there["id"]:
        return f"<{there['animated'] or ''}:{there['name']}:{there['id']}>"
    if there and found:
        return f"<{'a' if found[2] == 'gif' or image.static_url else ''}:{there['name']}:{found[1]}>"
    return None


# A name as Discord's own interface writes it: alone, with its id, and with what says that it moves.
_DISCORD_NAME = r"(?:(?P<animated>a):(?=.+:))?(?P<name>[A-Za-z0-9_]{2,32})(?::(?P<id>\d{17,20}))?"
_DISCORD_URL = r"^https://cdn\.discordapp\.com/emojis/(\d{17,20})\.(\w+)"


def _html(spot: _Spot, wanted: Wanted) -> str | None:
    """As the renderer has it, for a Markdown that lets HTML through."""
    if not isinstance(spot.piece, Shortcode):
        return None
    html = str(wanted.render(spot.piece))
    if not html.startswith("<") or spot.text.is_alt:
        return _characters(spot)
    if not spot.text.around.images:
        return None
    html = html.replace("*\ufe0f", "&#42;\ufe0f")
    # A tag that is alone on its line begins a block of raw HTML (CommonMark 4.6, start condition 7).
    lone = spot.is_first and not spot.behind.strip() and re.fullmatch("<[^<>]*>", html)
    return f"<span>{html}</span>" if lone else html


def _renamed(spot: _Spot, wanted: Wanted) -> str | None:
    """The shortcode by its name there. One that no pack has may have one, too."""
    piece = spot.piece
    name = _name(piece, wanted)
    if name is None or not piece.source.startswith(f":{piece.name}:"):
        return None
    suffix = piece.source[len(piece.name) + 2 :]
    if isinstance(piece, Shortcode) and piece.tones and not suffix and piece.name not in wanted.names:
        suffix = _tone(piece, wanted)  # the name has the tone in it
        if not suffix:
            return None
    renamed = f":{name}:{suffix}"
    if len(name) > 1 and not name.isdecimal():  # then what is behind may be what it was
        return renamed
    end = spot.at + len(piece.source)
    before, behind = spot.text.text[max(0, spot.at - _SEEN) : spot.at], spot.text.text[end : end + _SEEN]
    return renamed if reads_back(renamed, piece.source, before, behind, wanted.scanner) else None


def _tone(shortcode: Shortcode, wanted: Wanted) -> str:
    tones = "-".join(str(int(tone)) for tone in shortcode.tones)
    return wanted.tone.replace("{tone}", tones) if "-" not in tones or "skin-tone-" in wanted.tone else ""


def _image(spot: _Spot) -> Shortcode | None:
    """Return the shortcode if it is an image that can stand there."""
    piece = spot.piece
    if isinstance(piece, Shortcode) and piece.url and not spot.text.is_alt and spot.text.around.images:
        return piece
    return None


def _name(piece: Shortcode | Unknown, wanted: Wanted) -> str | None:
    """Return the name that it has there, by the name as typed, else by the emoji's own."""
    own = piece.emoji.name if isinstance(piece, Shortcode) else piece.name
    return wanted.names.get(piece.name, wanted.names.get(own))


Writer: TypeAlias = Callable[[_Spot, Wanted], "str | None"]
"""Returns what takes a shortcode's place, or None if it stays."""

_WRITERS: Final[Mapping[str, Writer]] = {
    "unicode": lambda spot, _: _characters(spot),
    "shortcode": _renamed,
    "lemmy": _lemmy,
    "discord": _discord,
    "html": _html,
}
TARGETS: Final = tuple(_WRITERS)
"""What emoji can be written as."""


def _read_back(source: str, wanted: Wanted, markdown: MarkdownDoor, replace: Replacer) -> Iterator[_Edit]:
    """Yield shortcodes for emoji that are written otherwise: as characters, images, tags."""
    becomes: dict[int, str] = {}
    reading = markdown.running_text(source, foreign=True)
    for text in (one for one in reading if isinstance(one, Text)):
        for start, end, shortcode in emoji_in(text.text, replace, tone=wanted.tone):
            first, behind = text.span(start, end)
            is_literal = not any(part.escaped for part in text.parts)
            if text.text[start - 1 : start] == "\\" or (is_literal and source[first:behind] != text.text[start:end]):
                continue  # a colon behind a backslash is none
            _, name, suffix = shortcode.split(":", 2)
            becomes[first] = f":{wanted.names.get(name, name)}:{suffix}"
            yield _Edit(first, behind, becomes[first])
    for one in reversed(reading):
        if isinstance(one, Written) and (one.name in wanted.names or replace.index.find(one.name)):
            name = wanted.names.get(one.name, one.name)
            before = source[max(0, one.start - _SEEN) : one.start]
            following = becomes.get(one.end, source[one.end : one.end + _SEEN])
            if reads_back(f":{name}:", "\0", before, following, wanted.scanner):
                becomes[one.start] = f":{name}:"
                yield _Edit(one.start, one.end, f":{name}:")


def _affordable(edits: list[_Edit], characters: int, limits: Limits) -> list[_Edit]:
    """Return the edits in their order, those in others left out, as far as the limit on output reaches."""
    budget = Budget(limits._replace(emoji=len(edits)), characters)
    apart: list[_Edit] = []
    for edit in sorted(edits):
        if (not apart or edit.start >= apart[-1].end) and budget.spend(len(edit.text)):
            apart.append(edit)
    return apart


def _apply(post: str, source: str, edits: list[_Edit], reading: list[Text | Written | Label]) -> str:
    """Return the post with its slices replaced. The edits count a line end as one character."""
    starts = [edit.start for edit in edits]
    for label in reading:
        if isinstance(label, Label):
            within = edits[bisect_right(starts, label.start) : bisect_left(starts, label.end)]
            edits = [*edits, *_relabelled(label, within, source)]
    crlf = [found.start() - number for number, found in enumerate(re.finditer("\r\n", post))]
    done: list[str] = []
    end = 0
    for edit in sorted(edits):
        start = edit.start + bisect_left(crlf, edit.start)
        done += (post[end:start], edit.text)
        end = edit.end + bisect_left(crlf, edit.end)
    return "".join((*done, post[end:]))


def _relabelled(label: Label, edits: list[_Edit], source: str) -> Iterator[_Edit]:
    """Name the reference that the text of a link no longer names: ``[👋][:wave:]``; and drop it where it does again."""
    behind = label.end - len(label.label)
    if not edits or source[behind : label.end] != label.label:
        return
    if label.label in ("", "[]"):
        text = re.sub(r"\s*\n\s*", " ", label.text)  # labels are compared with white space collapsed (CommonMark 4.7)
        text = text.replace("|", r"\|") if label.around.cell else text
        yield _Edit(behind, label.end, f"[{text}]")
        return
    start = behind - 1 - len(label.text)
    text = label.text
    for edit in reversed(edits):
        text = text[: edit.start - start] + edit.text + text[edit.end - start :]
    if f"[{text}]" == label.label and source.startswith(label.text, start):
        yield _Edit(behind, label.end, "")
