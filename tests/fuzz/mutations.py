"""Change JSON as a forum's next version would, or an attacker: other types, and fields gone, added or doubled."""

import json
from random import Random
from typing import Any

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**63, 10**400, "", " ", "a", ":a:", "a b", "../a", "a/b.png", "A" * 300),
    *("https://a.example/b.png", "javascript:alert(1)", "//a", "data:,a", "mxc://a/b", "\0", "\ud83d", "\u202e", "👋"),
    *("2024-11-22T00:00:00Z", "0000-00-00", "9999-12-31T23:59:59.999999+23:59", "1.2.3", "0.1.1.0", "<b>", "&lt;"),
    *([], {}, [[]], [None], {"": None}, ["a", "a"], {"a": {"b": []}}),
)


def mutate_json(content: bytes, random: Random) -> bytes | None:
    """Return the content with one to four changes in what of it is JSON; None if none is, or to have bytes changed."""
    if random.random() < 0.1:
        return None
    parts = content[1:].split(b"\0")
    numbers = [number for number, part in enumerate(parts) if part.lstrip()[:1] in (b"{", b"[")]
    if not numbers:
        return None
    chosen = random.choice(numbers)
    try:
        value = json.loads(parts[chosen])
    except (ValueError, RecursionError):
        return None
    for _ in range(random.randint(1, 4)):
        value = _changed(value, random)
    parts[chosen] = json.dumps(value).encode()
    return content[:1] + b"\0".join(parts)


def _changed(value: Any, random: Random) -> Any:
    """Return a copy with one change, somewhere below: deeper is as likely as here."""
    if not value or not isinstance(value, (dict, list)) or random.random() < 0.1:
        return random.choice(VALUES)
    if isinstance(value, list):
        at = random.randrange(len(value))
        kind = random.random()
        if kind < 0.1:
            return value[:at] + value[at + 1 :]
        if kind < 0.2:
            return [*value, value[at]]
        return [*value[:at], _changed(value[at], random), *value[at + 1 :]]
    key = random.choice(list(value))
    kind = random.random()
    if kind < 0.1:
        return {one: value[one] for one in value if one != key}
    if kind < 0.15:
        return {**value, random.choice(list(value)): value[key]}
    return {**value, key: _changed(value[key], random)}
