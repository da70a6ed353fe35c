r"""The source door: Markdown to Markdown, with emoji written another way and all else byte for byte as it was.

Shortcodes are found where the Markdown door finds them. What takes their place reads, as plain Markdown, as they do in
that door; what cannot stays as it was typed. In ``**:heart:**x`` the asterisks stand beside a sign; beside the
variation selector at the end of ``❤️`` they would mean something else (CommonMark 6.2), so that is written ``&#xfe0f;``.
"""

import re
import unicodedata
from bisect import bisect_left
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
    start: int
    end: int
    text: Text
    at: int
    """Where in its text it is."""
    before: str
    """The post up to it, as far as it matters."""
    behind: str
    """The rest of its line, likewise."""
    is_first: bool
    """Whether it begins its block."""
    touches_kept: bool = False
    """Whether it touches one before it that stays."""


class _Edit(NamedTuple):
    """A slice of the post, and what takes its place."""

    start: int
    end: int
    text: str


def to_source(post: str, wanted: Wanted, markdown: MarkdownDoor, replace: Replacer, limits: Limits) -> str:
    """Return a post with its emoji written as wanted. Raises `OptionError` for a target or a name that cannot be."""
    if wanted.target not in _WRITERS:
        raise OptionError.unknown("target", wanted.target, _WRITERS)
    for name in wanted.names.values():
        if problem := name_problem(_Discord.of(name).name if wanted.target == "discord" else name):
            raise OptionError(f"the name {quoted(name)} {problem}")
    source = with_line_feeds(post)
    write = _WRITERS[wanted.target]
    reading = markdown.running_text(post)
    edits: list[_Edit] = []
    kept_end = -1
    for spot in _spots(source, reading, replace):
        written = write(spot._replace(touches_kept=spot.start == kept_end), wanted) if _is_apart(spot, wanted) else None
        if written is not None:
            edits.append(_Edit(spot.start, spot.end, written))
        else:
            kept_end = spot.end
    if wanted.target == "shortcode":
        edits += _read_back(source, wanted, markdown, replace)
    return _apply(post, source, _affordable(edits, len(post), limits), reading) if edits else post


def _spots(source: str, reading: list[Text | Written | Label], replace: Replacer) -> Iterator[_Spot]:
    """Yield the shortcodes of a post, known and unknown."""
    for text in reading:
        if not isinstance(text, Text):
            continue
        at = 0
        for i, part in enumerate(replace.scanner.split(text.text)):
            for piece in replace.pieces[part] if i % 2 else (part,):
                length = len(piece if isinstance(piece, str) else piece.source)
                if not isinstance(piece, str):
                    yield _spot(piece, source, text, at, length)
                at += length


def _spot(piece: Shortcode | Unknown, source: str, text: Text, at: int, length: int) -> _Spot:
    start, end = text.span(at, at + length)
    return _Spot(
        *(piece, start, end, text, at, source[max(0, start - _SEEN) : start]),
        behind=source[end : end + _SEEN].partition("\n")[0],
        is_first=not at and not text.parts[0].place.offset,
    )


_SEEN = 300  # more than the longest name, and all of a line would make the time quadratic


def _is_apart(spot: _Spot, wanted: Wanted) -> bool:
    """Tell whether no bare URL touches it that would begin or end elsewhere, were something else there."""
    if not wanted.linkify or wanted.target == "shortcode":
        return True
    bar = "|" if spot.text.in_cell else ""
    before = re.split(rf"[\s)\]}}>{bar}]", spot.before)[-1]  # no URL goes on behind these
    behind = re.split(rf"[\s()\[\]{{}}<>\"'*{bar}]", spot.behind, maxsplit=1)[0]  # and none begins before those
    return not re.search(_URL, f"{before} {behind}")


_URL = r"//|@|\.[^\W\d_]|mailto:"


def _characters(spot: _Spot) -> str | None:
    """Characters, spelt so that Markdown around them means what it meant beside colons."""
    if not isinstance(spot.piece, Shortcode) or not spot.piece.characters:
        return None
    characters = spot.piece.characters
    first, last = characters[0], characters[-1]
    if (spot.before[-1:] in _DELIMITERS and not _is_sign(first)) or (spot.touches_kept and first.isdigit()):
        first = f"&#x{ord(first):x};"  # beside a shortcode, 1️⃣ would be a digit
    elif first == "*":
        first = r"\*"  # *️⃣
    if spot.behind[:1] in _DELIMITERS and not _is_sign(last):
        last = f"&#x{ord(last):x};"
    spelt = first + characters[1:-1] + last if len(characters) > 1 else max(first, last, key=len)
    if spot.text.is_literal:
        return None if spot.touches_kept and spelt != characters else characters
    return None if spot.text.is_alt and spelt != characters else spelt  # some engines lose escapes in descriptions


_DELIMITERS = frozenset("*_~")


def _is_sign(character: str) -> bool:
    """Tell whether it is punctuation or a symbol, as a colon is (CommonMark 2.1, "Unicode punctuation character")."""
    return unicodedata.category(character)[0] in "PS"


def _lemmy(spot: _Spot, wanted: Wanted) -> str | None:
    """As Lemmy's composer writes custom emoji: an image with the title ``emoji name``."""
    image = _image(spot)
    if image is None or spot.text.is_literal:
        return _characters(spot)
    alt = re.sub(_MARKUP, r"\\\g<0>", " ".join(image.alt.split()))
    url = re.sub(r"[()]|&(?=#?\w+;)", r"\\\g<0>", image.url or "")
    return f'![{alt}]({url} "emoji {_name(image, wanted)}")'


_MARKUP = r"[\\`*_\[\]<&!~^|{}]"


def _discord(spot: _Spot, wanted: Wanted) -> str | None:
    """As Discord stores custom emoji: ``<:name:id>``; the id is in the image's URL, or comes with the name."""
    image = _image(spot)
    if image is None or spot.text.is_literal:
        return _characters(spot)
    there = _Discord.of(_name(image, wanted))
    if not there.id and (found := re.search(_DISCORD_URL, image.url or "")):
        there = there._replace(id=found[1], animated="a" if found[2] == "gif" or image.static_url else "")
    return f"<{there.animated}:{there.name}:{there.id}>" if there.id else None


_DISCORD_URL = r"^https://cdn\.discordapp\.com/emojis/(\d{17,20})\.(\w+)"


class _Discord(NamedTuple):
    """A name as Discord's interface writes it: ``a:name:id``, ``name:id``, or the name alone."""

    animated: str
    name: str
    id: str

    @classmethod
    def of(cls, name: str) -> "_Discord":
        found = re.fullmatch(r"(?:(a):)?([^:]+):(\d{17,20})", name)
        return cls(found[1] or "", found[2], found[3]) if found else cls("", name, "")


def _html(spot: _Spot, wanted: Wanted) -> str | None:
    """As the renderer has it, for a Markdown that lets HTML through."""
    if not isinstance(spot.piece, Shortcode):
        return None
    html = str(wanted.render(spot.piece))
    if not html.startswith("<") or spot.text.is_alt:
        return _characters(spot)
    if spot.text.is_literal:
        return None
    html = html.replace("*\ufe0f", "&#42;\ufe0f")
    # A tag that is alone on its line begins a block of raw HTML (CommonMark 4.6, start condition 7).
    lone = spot.is_first and not spot.behind.strip() and re.fullmatch("<[^<>]*>", html)
    return f"<span>{html}</span>" if lone else html


def _renamed(spot: _Spot, wanted: Wanted) -> str | None:
    """The shortcode by its name there. One that no pack has may have one, too."""
    emoji = spot.piece.emoji.name if isinstance(spot.piece, Shortcode) else spot.piece.name
    name = wanted.names.get(spot.piece.name, wanted.names.get(emoji))
    if name is None or not spot.piece.source.startswith(f":{spot.piece.name}:"):
        return None
    suffix = spot.piece.source[len(spot.piece.name) + 2 :]
    renamed = f":{name}:{suffix}"
    before = spot.text.text[max(0, spot.at - _SEEN) : spot.at]
    end = spot.at + len(spot.piece.source)
    behind = spot.text.text[end : end + _SEEN]
    return renamed if reads_back(renamed, spot.piece.source, before, behind, wanted.scanner) else None


def _image(spot: _Spot) -> Shortcode | None:
    """Return the shortcode if it is an image that can stand there."""
    if isinstance(spot.piece, Shortcode) and spot.piece.url and not spot.text.is_alt:
        return spot.piece
    return None


def _name(shortcode: Shortcode, wanted: Wanted) -> str:
    return wanted.names.get(shortcode.name) or wanted.names.get(shortcode.emoji.name) or shortcode.emoji.name


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
            becomes[first] = shortcode
            yield _Edit(first, behind, shortcode)
    for one in reversed(reading):
        if isinstance(one, Written) and replace.index.find(one.name):
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
            within = edits[bisect_left(starts, label.start) : bisect_left(starts, label.end)]
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
    if not label.label:
        yield _Edit(label.end, label.end, f"[{label.text}]")
    elif label.label == "[]":
        yield _Edit(label.end - 1, label.end - 1, label.text)
    else:
        start = behind - 1 - len(label.text)
        text = label.text
        for edit in reversed(edits):
            text = text[: edit.start - start] + edit.text + text[edit.end - start :]
        if f"[{text}]" == label.label and source.startswith(label.text, start):
            yield _Edit(behind, label.end, "")
