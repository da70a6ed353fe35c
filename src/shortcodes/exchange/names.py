"""Names made to fit: by a rule that gives the same whatever the order, and never one name to two emoji."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from ..emoji import MAX_NAME_LENGTH, Emoji, name_problem
from ..errors import Problem, quoted
from .format import Rules


class NameRule(NamedTuple):
    """What names may be somewhere."""

    allows: Callable[[str], bool]
    longest: int = MAX_NAME_LENGTH
    shortest: int = 1
    one_case: bool = False
    """Whether names that differ in case alone are one."""
    aliases: bool = True


class Fitted(NamedTuple):
    """Emoji with names that fit."""

    emoji: tuple[Emoji, ...]
    names: Mapping[str, str]
    """What was renamed, and its name now; an alias that was left out, and the name of its emoji. Names of emoji come
    first, so that of those that are one by now the first is the emoji's own.
    """
    problems: tuple[Problem, ...]


OURS: Final = NameRule(lambda name: name_problem(name) is None)
"""The rule of our own packs."""


def rule_of(rules: Rules) -> NameRule:
    """Return the rule of a platform, which the names of our packs keep to as well."""
    pattern = re.compile(rules.name)
    shortest, longest = rules.length

    def allows(name: str) -> bool:
        return shortest <= len(name) <= longest and pattern.fullmatch(name) is not None and name_problem(name) is None

    return NameRule(allows, min(longest, MAX_NAME_LENGTH), shortest, rules.one_case, rules.aliases)


def fit_names(emoji: Sequence[Emoji], rule: NameRule, given: Mapping[str, str] | None = None) -> Fitted:
    """Return the emoji, in their order, with names that the rule allows.

    Names that somebody has given (old name to new) come first, then those that fit as they are, then the others: made
    to fit, and with four digits of their own hash behind them if that is taken. An alias that would be another emoji's
    name is left out. The same emoji get the same names, in whatever order they come.
    """
    given = given or {}
    order = sorted(range(len(emoji)), key=lambda number: _key(emoji[number]))
    ordered = [emoji[number] for number in order]
    problems: list[Problem] = []
    chosen = _choose(ordered, rule, given, problems)
    aliases = _fit_aliases(ordered, chosen, rule, given)
    names = _map_of(ordered, chosen, aliases)
    for one, name, found in zip(ordered, chosen, aliases, strict=True):
        left_out = f"is left out as an alias of {quoted(name)}: it is taken, or may not be a name"
        problems += (Problem(quoted(alias), left_out) for alias in one.aliases if rule.aliases and alias not in found)
    fitted = {
        number: emoji[number]._replace(name=name, aliases=tuple(filter(None, found.values())))
        for number, name, found in zip(order, chosen, aliases, strict=True)
    }
    return Fitted(tuple(fitted[number] for number in range(len(emoji))), names, tuple(problems))


def _choose(emoji: Sequence[Emoji], rule: NameRule, given: Mapping[str, str], problems: list[Problem]) -> list[str]:
    """Return a name for each emoji, no two of them the same."""
    chosen: dict[int, str] = {}
    taken: set[str] = set()

    def claim(number: int, name: str) -> bool:
        if not rule.allows(name) or _folded(name, rule) in taken:
            return False
        taken.add(_folded(name, rule))
        chosen[number] = name
        return True

    for number, one in enumerate(emoji):
        if (wanted := given.get(one.name)) and not claim(number, wanted):
            why = "is another one's name there" if rule.allows(wanted) else "may not be a name there"
            problems.append(Problem(quoted(one.name), f"the name given to it, {quoted(wanted)}, {why}"))
    for number, one in enumerate(emoji):
        if number not in chosen:
            claim(number, one.name)
    for number, one in enumerate(emoji):
        if number not in chosen:
            next(name for name in _candidates(one, rule) if claim(number, name))
    return [chosen[number] for number in range(len(emoji))]


def _map_of(emoji: Sequence[Emoji], chosen: Sequence[str], aliases: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the names that changed and what they are now: first those of emoji, then those of aliases."""
    own: dict[str, str] = {}
    others: dict[str, str] = {}
    for one, name, found in zip(emoji, chosen, aliases, strict=True):
        lost = [alias for alias in one.aliases if not found.get(alias) and alias != name]
        if name != one.name or lost:  # with a lost one, so that whoever turns the map around finds the name first
            own.setdefault(one.name, name)
        for alias in one.aliases:
            if (now := found.get(alias) or name) != alias:
                others.setdefault(alias, now)
    return dict(sorted(own.items())) | {alias: name for alias, name in sorted(others.items()) if alias not in own}


def _fit_aliases(
    emoji: Sequence[Emoji], chosen: Sequence[str], rule: NameRule, given: Mapping[str, str]
) -> list[dict[str, str]]:
    """Return for each emoji what became of its aliases: a name, or nothing if that is the emoji's own by now."""
    found: list[dict[str, str]] = [{} for _ in emoji]
    if not rule.aliases:
        return found
    taken = {_folded(name, rule): number for number, name in enumerate(chosen)}
    wanted = sorted((alias, number) for number, one in enumerate(emoji) for alias in one.aliases)
    # In three rounds, as with names: what is given, what fits as it is, what has to be made to fit.
    for fit in (given.get, lambda alias: alias, lambda alias: _cleaned(alias, rule)):
        for alias, number in wanted:
            name = fit(alias)
            if alias in found[number] or not name or not rule.allows(name):
                continue
            if _folded(name, rule) not in taken:
                found[number][alias] = name
            elif taken[_folded(name, rule)] == number:
                found[number][alias] = ""
            taken.setdefault(_folded(name, rule), number)
    return [
        {alias: ways[alias] for alias in one.aliases if alias in ways} for one, ways in zip(emoji, found, strict=True)
    ]


def _key(emoji: Emoji) -> tuple[str, str]:
    return emoji.name, emoji.image or emoji.unicode or ""


def _folded(name: str, rule: NameRule) -> str:
    return name.casefold() if rule.one_case else name


def _candidates(emoji: Emoji, rule: NameRule) -> Sequence[str]:
    clean = _cleaned(emoji.name, rule)
    digest = hashlib.sha256("\0".join(_key(emoji)).encode("utf-8", "replace")).hexdigest()
    stem = clean if any(character.isalnum() for character in clean) else "emoji"
    plain = [name for name in (clean, clean.strip("_+-"), f"e{clean}") if stem == clean and rule.allows(name)][:1]
    marked = [
        f"{stem[: rule.longest - length - len(mark)]}{mark}{digest[:length]}"
        for length in range(4, len(digest) + 1, 4)
        for mark in ("_", "-", "")
        if length + len(mark) < rule.longest
    ]
    return [*plain, *marked, *(f"e{digest[:length]}" for length in range(4, rule.longest))]


def _cleaned(name: str, rule: NameRule) -> str:
    """Return a name with each character that may not be replaced by the nearest that may."""
    name = unicodedata.normalize("NFC", name.strip().strip(":"))
    if signed := re.fullmatch(r"([+-])(\d+)", name):
        if rule.allows(name):
            return name
        name = {"+": "plus", "-": "minus"}[signed[1]] + signed[2]
    clean = "".join(_nearest(character, rule) for character in name)[: rule.longest]
    if not rule.allows(clean) and (short := rule.shortest - len(clean)) > 0:
        clean += "_" * short
    single = re.sub("_{2,}", "_", clean)  # some have no two in a row
    return single if not rule.allows(clean.strip("_")) and rule.allows(single.strip("_")) else clean


def _nearest(character: str, rule: NameRule) -> str:
    unaccented = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    for one in (character, character.lower(), unaccented, unaccented.lower(), "_", "-"):
        if one and rule.allows(f"aa{one}aa"):  # in the middle: some have rules for how a name begins
            return one
    return ""
