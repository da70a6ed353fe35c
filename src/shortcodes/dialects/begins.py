"""What a rule of the engine can begin with, so that a parser need not ask it everywhere else."""

from collections.abc import Callable
from typing import TypeVar

_Rule = TypeVar("_Rule", bound=Callable[..., bool])
_NAME = "begins_with"


def begins_with(characters: str, rule: _Rule) -> _Rule:
    """Say which characters a block or inline rule can begin with; it is not asked at others. Returns the rule.

    A block begins with the first character of its line that is no space. A rule that says nothing is asked everywhere.
    """
    rule.__dict__[_NAME] = characters
    return rule


def beginnings(rule: Callable[..., bool]) -> str | None:
    """Return what a rule has said that it can begin with; None if it has not."""
    found: str | None = getattr(rule, _NAME, None)
    return found
