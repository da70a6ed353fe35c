"""What rules of the engine begin with, so that they need not be asked everywhere else."""

from collections.abc import Callable
from typing import TypeVar

_Rule = TypeVar("_Rule", bound=Callable[..., object])
_NAME = "begins_with"


def begins_with(characters: str, rule: _Rule) -> _Rule:
    """Say which characters a block or inline rule can begin with; it is not asked at others. Returns the rule.

    A block begins with the first character of its line that is no space. A rule that says nothing is asked everywhere.
    One that only pairs up what others have found begins with none.
    """
    rule.__dict__[_NAME] = characters
    return rule


def beginnings(rule: Callable[..., object]) -> str | None:
    """Return what a rule has said that it can begin with; None if it has not."""
    found: str | None = getattr(rule, _NAME, None)
    return found


_Extend = TypeVar("_Extend", bound=Callable[..., None])
_NEEDED = "needs"


def needs(signs: str, extend: _Extend) -> _Extend:
    """Say that what a dialect adds does nothing to a post with none of these signs, or of those CommonMark has.

    Such a post does not enter the engine. Any text may have letters, digits, white space, and ``_&<./'"-+,!?(:)``.
    """
    extend.__dict__[_NEEDED] = signs
    return extend


def needed(extend: Callable[..., None]) -> str | None:
    """Return what was said; None if nothing was."""
    found: str | None = getattr(extend, _NEEDED, None)
    return found
