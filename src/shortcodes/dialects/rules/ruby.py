"""Ruby, the small reading above a text: ``{漢|かん}``, or ``{漢字|かん|じ}`` with one for each character."""

from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from ..begins import begins_with

_LONGEST = 300  # nobody reads more above a line, and without a bound runs of "{" would be quadratic


def use_ruby(md: MarkdownIt) -> None:
    """Add ruby. Base and reading may have markup."""
    md.inline.ruler.before("text", "ruby", begins_with("{", _ruby))
    md.inline.add_terminator_char("|")  # else the rule for text would read over the end of the base


def _ruby(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
    start, end = state.pos, state.posMax
    if silent or state.src[start] != "{" or end < start + len("{a|b}"):
        return False
    bar = _find(state.src, "|", start + 1, min(end, start + _LONGEST))
    brace = _find(state.src, "}", bar + 1, min(end, start + _LONGEST)) if bar > 0 else -1
    if brace < 0:
        return False
    readings = _readings(state.src, bar + 1, brace)
    if not readings:
        return False
    if bar - start - 1 == len(readings):
        bases = [(at, at + 1) for at in range(start + 1, bar)]
    else:
        bases, readings = [(start + 1, bar)], [(bar + 1, brace)]
    state.push("ruby_open", "ruby", 1).markup = "{"
    for base, reading in zip(bases, readings, strict=True):
        if base[1] - base[0] == 1 and state.src[base[0]] != "\n":
            state.pos = base[0]
            state.append_pending(state.src[base[0]])
        else:
            _tokenize(state, *base)
        state.push("rt_open", "rt", 1)
        _tokenize(state, *reading)
        state.push("rt_close", "rt", -1)
        state.delimiters = []  # emphasis does not reach over a reading
    state.push("ruby_close", "ruby", -1).markup = "}"
    state.pos, state.posMax = brace + 1, end
    return True


def _find(src: str, sign: str, start: int, end: int) -> int:
    """Return where the sign stands that no backslash is in front of, or -1."""
    at = src.find(sign, start, end)
    while at > 0 and src[at - 1] == "\\":
        at = src.find(sign, at + 1, end)
    return at


def _readings(src: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where the readings are: what bars set apart, if there are any."""
    bars = [at for at in range(start, end) if src[at] == "|"]
    if not bars:
        return [(start, end)]
    return [(before + 1, after) for before, after in pairwise([start - 1, *bars, end]) if after > before + 1]


def _tokenize(state: StateInline, start: int, end: int) -> None:
    state.pos, state.posMax = start, end
    state.md.inline.tokenize(state)
