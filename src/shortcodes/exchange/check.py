"""What of a pack a platform does not take, or does not keep, as it stands."""

import re
from collections.abc import Iterator, Mapping

from ..emoji import Emoji
from ..errors import quoted
from ..images.inspect import Look
from ..packs.check import Finding
from ..packs.pack import Pack
from .format import Format, Rules


def target_findings(pack: Pack, looks: Mapping[str, Look], target: Format) -> Iterator[Finding]:
    """Yield what keeps a pack from being published on a platform as it is. `looks` may be empty: names alone then."""
    rules, who = target.rules, target.name
    offered = [emoji for emoji in pack.emoji if not emoji.retired]
    if rules.emoji is not None and len(offered) > rules.emoji:
        yield Finding(
            "target-count", "pack", f"has {len(offered):,} emoji; {who} takes {rules.emoji:,}; split the pack"
        )
    yield from _lost_fields(pack, target)
    first: dict[str, tuple[int, str]] = {}
    for number, emoji in enumerate(pack.emoji):
        for where, name in _names(number, emoji, rules):
            if problem := _name_problem(name, rules):
                yield Finding(
                    "target-name", where, f"{quoted(name)} {problem} in a name on {who}; export maps it", emoji.name
                )
            twin_number, twin = first.setdefault(name.casefold() if rules.one_case else name, (number, name))
            if twin_number != number and twin != name:
                message = f"{quoted(name)} and {quoted(twin)} of emoji[{twin_number}] are one name on {who}; rename one"
                yield Finding("target-case", where, message, emoji.name)
        if emoji.image and emoji.image in looks and not looks[emoji.image].problem:
            for code, message in _image_problems(looks[emoji.image], target):
                yield Finding(code, f"emoji[{number}].image", f"{quoted(emoji.image)} {message}", emoji.name)


def _names(number: int, emoji: Emoji, rules: Rules) -> Iterator[tuple[str, str]]:
    """Yield the names that the platform is given; aliases only if it has any."""
    if emoji.name:
        yield f"emoji[{number}].name", emoji.name
    for position, alias in enumerate(emoji.aliases if rules.aliases else ()):
        yield f"emoji[{number}].aliases[{position}]", alias


def _name_problem(name: str, rules: Rules) -> str | None:
    least, most = rules.length
    if not least <= len(name) <= most:
        return f"has {len(name)} character{'s' * (len(name) > 1)}; {least} to {most} may stand"
    if not re.fullmatch(rules.name, name):
        refused = ", ".join(quoted(one) for one in dict.fromkeys(name) if not _may_stand(one, rules))
        return f"has {refused}, which may not stand" if refused else "may not stand"
    return None


def _may_stand(character: str, rules: Rules) -> bool:
    """Tell whether a character is at home in names there, be it only behind a letter."""
    tries = (character * max(rules.length[0], 1), "aa" + character)
    return any(re.fullmatch(rules.name, name) for name in tries)


def _image_problems(look: Look, target: Format) -> Iterator[tuple[str, str]]:
    rules, who = target.rules, target.name
    if look.type not in rules.types:
        yield "target-type", f"is {look.type}; {who} takes {', '.join(rules.types)}"
    if rules.bytes is not None and look.bytes > rules.bytes:
        yield "target-bytes", f"has {look.bytes:,} bytes; {who} takes {rules.bytes:,}"
    if rules.pixels is not None and max(look.width, look.height) > rules.pixels:
        yield "target-pixels", f"is {look.width}×{look.height} pixels; {who} takes {rules.pixels}×{rules.pixels}"
    if look.frames > 1 and not rules.animated:
        yield "target-animated", f"has {look.frames} frames; {who} shows the first one alone"


def _lost_fields(pack: Pack, target: Format) -> Iterator[Finding]:
    """Yield one note for each field: an author cannot mend it, but should know."""
    rules = target.rules
    kept = {"aliases": rules.aliases, "alt": rules.alt, "category": rules.category, "unicode": rules.unicode}
    for field, is_kept in kept.items():
        count = sum(bool(getattr(emoji, field)) for emoji in pack.emoji)
        if count and not is_kept:
            yield Finding(
                "target-fields", "pack", f"has {count:,} emoji with {field!r}, which {target.name} does not keep"
            )
