"""The text door: plain text to text or HTML, and Unicode emoji back to names. Titles, display names, notifications."""

import functools
import re
from collections.abc import Callable

from markupsafe import escape

from .emoji import MAX_NAME_LENGTH
from .limits import Budget, Limits
from .packs.index import Index
from .renderers import Html
from .tokenizer import Match, Piece, Scanner, Shortcode, links

_MANY = 20_000
_FEW = 8


class Replacer:
    """Text in, text out, with what each known shortcode becomes in its place. One for each output, shared by threads.

    The hot loop: the scan, the lookups and the join all run in C; Python runs for what is not in the table yet.
    """

    def __init__(
        self,
        scanner: Scanner,
        index: Index,
        render: Callable[[Shortcode], str],
        *,
        locale: str = "",
    ) -> None:
        self.scanner = scanner
        self.index = index
        self.pieces = _Pieces(scanner, index, locale)
        self.rendered = _Rendered(index, self.pieces, render)
        self._needs_colon = scanner.needs_colon
        self._split = scanner.split
        self._render = self.rendered.__getitem__

    def __call__(self, text: str, budget: Budget | None = None) -> str:
        """Return the text with its shortcodes replaced, as far as a budget reaches. Linear in the text."""
        if self._needs_colon and ":" not in text:
            return text
        parts = self._split(text)
        if len(parts) == 1:
            return text
        if budget:
            parts[1::2] = [self._within(budget, run) for run in parts[1::2]]
        elif len(parts) < _MANY:
            parts[1::2] = map(self._render, parts[1::2])
        else:  # most are the same, or they are an attack
            parts[1::2] = map({run: self.rendered[run] for run in set(parts[1::2])}.__getitem__, parts[1::2])
        return "".join(parts)

    def within(self, text: str, limits: Limits) -> str:
        """Return the text with as many of its shortcodes replaced as the limits allow."""
        return within_limits(text, lambda budget: self(text, budget), limits, self.scanner)

    def _within(self, budget: Budget, run: str) -> str:
        if not budget.emoji:
            return run
        done: list[str] = []
        for piece in self.pieces[run]:
            if isinstance(piece, Shortcode):
                rendered = self.rendered.of(piece)
                done.append(rendered if budget.spend(len(rendered)) else piece.source)
            else:
                done.append(piece if isinstance(piece, str) else piece.source)
        return "".join(done)


class _Pieces(dict[str, tuple[Piece, ...]]):
    """What is in each run; filled as names come up.

    Only exact names are kept, so that posts cannot make it grow beyond the names of the index.
    """

    def __init__(self, scanner: Scanner, index: Index, locale: str) -> None:
        super().__init__()
        self._entries = index.entries
        self._read = functools.partial(scanner.read, lookup=index, locale=locale)

    def __missing__(self, run: str) -> tuple[Piece, ...]:
        pieces = self._read(run)
        if _name(run) in self._entries:
            self[run] = pieces
        return pieces


class _Rendered(dict[str, str]):
    """What each run becomes; likewise."""

    def __init__(self, index: Index, pieces: _Pieces, render: Callable[[Shortcode], str]) -> None:
        super().__init__()
        self._entries = index.entries
        self._find = index.find
        self._pieces = pieces
        self._render = render

    def of(self, shortcode: Shortcode) -> str:
        """Return what a shortcode becomes, which need not be read again if it is not in the table."""
        source = shortcode.source
        rendered = self.get(source)
        if rendered is None:
            rendered = self._render(shortcode)
            if _name(source) in self._entries:
                self[source] = rendered
        return rendered

    def __missing__(self, run: str) -> str:
        if run[1:2] == "/":  # a URL
            return run
        if "::" in run and len(several := links(run)) > 1:
            return "".join(map(self.__getitem__, several))
        if run.count(":") == 2 and run[0] == run[-1] == ":" and self._find(run[1:-1]) is None:  # noqa: PLR2004  # no tone
            return run
        replaced = ""
        for piece in self._pieces[run]:
            if isinstance(piece, Shortcode):
                replaced += self._render(piece)
            else:
                replaced += piece if isinstance(piece, str) else piece.source
        if _name(run) in self._entries:
            self[run] = replaced
        return replaced


def _name(run: str) -> str:
    """Return what would be the name, were the run one shortcode."""
    return run[1:-1] if run[0] == ":" else run


def characters(shortcode: Shortcode) -> str:
    """A Unicode emoji as its characters; an image as it was typed."""
    return shortcode.characters or shortcode.source


def alt_text(shortcode: Shortcode) -> str:
    """A Unicode emoji as its characters; an image as its own text, else ``:name:``."""
    return shortcode.characters or shortcode.alt


def text_to_html(text: str, replace: Replacer, limits: Limits) -> Html:
    """Return plain text as HTML: escaped, with its shortcodes rendered."""
    # Escaping first is one pass in C, and moves no boundary: an entity begins and ends as what it stands for does.
    escaped = str(escape(without_surrogates(text)))
    return Html(replace.within(escaped, limits))


def within_limits(source: str, door: Callable[[Budget | None], str], limits: Limits, scanner: Scanner) -> str:
    """Go through a door freely if the result cannot be over the limits, else with every emoji counted."""
    if scanner.most(source) <= limits.emoji:
        result = door(None)
        if len(result) - len(source) <= limits.output:
            return result
    return door(Budget(limits, len(source)))


def without_surrogates(text: str) -> str:
    """Return the text with U+FFFD for what no encoding can carry: lone surrogates, and NUL (HTML 13.2.2)."""
    return encodable(text.replace("\0", "\ufffd") if "\0" in text else text)


def encodable(text: str) -> str:
    """Return the text with U+FFFD for lone surrogates alone."""
    if text.isascii():
        return text
    for _ in range(_FEW):
        try:
            text.encode("utf-32")  # takes half of the time of UTF-8
        except UnicodeEncodeError as error:
            text = text.replace(text[error.start], "\ufffd")
        else:
            return text
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def demojize(text: str, replace: Replacer) -> str:
    """Return the text with its Unicode emoji as shortcodes: ``👋🏽`` → ``:wave::skin-tone-4:``.

    A sequence is taken whole or not at all (UTS #51, ED-17), qualified or not. Left alone are text presentation
    (U+FE0E), sequences that the index does not have, and emoji in URLs or where a shortcode would not be read back:
    ``a👋`` would be ``a:wave:``. So `Replacer` gives the same for the result as for the text.
    All else stays, but for lone surrogates, which no file or database could hold: they are U+FFFD.
    """
    text = encodable(text)
    return _put(text, emoji_in(text, replace))


def emoji_in(text: str, replace: Replacer, *, tone: str = ":skin-tone-{tone}:") -> list[tuple[int, int, str]]:
    """Return where the Unicode emoji of a text begin and end, and the shortcode for each; see `demojize`."""
    if text.isascii():
        return []
    found = list(_sequence_pattern(replace.index).finditer(text))
    every = [(one.start(), one.end(), source) for one in found if (source := _spelt(one, replace.index, tone))]
    if not every or _bare(replace(_put(text, every))) == _bare(replace(text)):
        return every
    apart: list[tuple[int, int, str]] = []
    following = ""  # how the result goes on: what is behind an emoji decides, and may be one that becomes a name
    end = len(text)
    for start, behind, source in reversed(every):
        following = (text[behind:end] + following)[:_LONGEST_BOUNDARY]
        before = text[max(0, start - MAX_NAME_LENGTH - 2) : start]
        end = start
        if reads_back(source, text[start:behind], before, following, replace.scanner):
            apart.append((start, behind, source))
            following = (source + following)[:_LONGEST_BOUNDARY]
        else:
            following = (text[start:behind] + following)[:_LONGEST_BOUNDARY]
    return apart[::-1]


def _put(text: str, sources: list[tuple[int, int, str]]) -> str:
    done: list[str] = []
    end = 0
    for start, behind, source in sources:
        done += (text[end:start], source)
        end = behind
    return "".join((*done, text[end:]))


def reads_back(shortcode: str, instead: str, before: str, following: str, scanner: Scanner) -> bool:
    """Tell whether a shortcode instead of another spelling would be read between these texts, and change no other."""
    start, longer = len(before), len(shortcode) - len(instead)
    had = _shortcodes(before + instead + following, scanner)
    wanted = [(at + longer * (at >= start), source) for at, source in had if not start <= at < start + len(instead)]
    return _shortcodes(before + shortcode + following, scanner) == sorted([*wanted, (start, shortcode)])


def _shortcodes(text: str, scanner: Scanner) -> list[tuple[int, str]]:
    """Return where the shortcodes of a text are."""
    found: list[tuple[int, str]] = []
    end = 0
    for i, part in enumerate(scanner.split(text)):
        for piece in links(part) if i % 2 else (part,):
            if i % 2 and piece[0] == ":" and piece[1:2] not in ("", "/"):
                found.append((end, piece))
            end += len(piece)
    return found


def only_emoji(text: str, index: Index) -> bool:
    """Tell whether a text has nothing but Unicode emoji of the index, and white space."""
    text = text.strip()
    if not text or text.isascii() or text[0].isalpha():
        return not text
    return not _sequence_pattern(index).sub(lambda found: "" if _match(found, index) else "x", text).strip()


def _match(found: re.Match[str], index: Index) -> Match | None:
    return index.sequences.get(_bare(found[0]))


def _spelt(found: re.Match[str], index: Index, tone: str) -> str | None:
    """Return the shortcode for a sequence, if there is one."""
    match = _match(found, index)
    if match is None:
        return None
    tones = "-".join(str(int(tone)) for tone in match.tones)
    if (tones and not tone) or ("-" in tones and not tone.startswith(":skin-tone-")):  # no other spelling has two
        return None
    return f":{index.name_of(match.entry)}:" + (tone.replace("{tone}", tones) if tones else "")


def _bare(text: str) -> str:
    return text.replace("\ufe0f", "")


_LONGEST_BOUNDARY = len(":skin-tone-2-2:")
_INDICATOR = "[\U0001f1e6-\U0001f1ff]"
_MODIFIED = r"(?:[\U0001f3fb-\U0001f3ff]|\ufe0f?\u20e3|\ufe0f|[\U000e0020-\U000e007e]+\U000e007f)?"
# What may not follow a sequence that is whole: it is matched with it, and then not found in the index.
_REST = r"[\u200d\ufe0e\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"


@functools.lru_cache(maxsize=16)
def _sequence_pattern(index: Index) -> re.Pattern[str]:
    """Compile UTS #51's regex for what may be an emoji (1.4.9), over the characters that begin an element here."""
    starts = {element[0] for sequence in index.sequences for element in sequence.split("\u200d")}
    characters = "".join(sorted(start for start in starts if not re.match(_INDICATOR, start)))
    element = f"(?:{_INDICATOR}{{2}}|[{re.escape(characters)}]{_MODIFIED})"
    return re.compile(rf"""(?:://|www\.)[^\s<>"]*|{element}(?:\u200d{element})*{_REST}""")
