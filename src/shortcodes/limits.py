"""How much one post may cost: past a limit, text stays text."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Bounds on one render. Nothing is ever lost or refused: what is over a bound is left as it was typed.

    The defaults hold any post of the large forums (Lemmy 50,000 characters, GitHub 65,536, Discourse 150,000).
    """

    characters: int = 262_144
    """Longer posts are not parsed as Markdown, nor longer HTML filtered; their text is escaped and shown as it is."""

    emoji: int = 1_000
    """Shortcodes beyond this many stay text."""

    links: int = 300
    """A block with more ``[``, or more ``://``, than this is read without links and images."""

    nesting: int = 20
    """Blocks, and emphasis within a block, nest at most this deep."""

    output: int = 65_536
    """HTML of emoji may add up to this, and 16 times the input on top, in code points."""


DEFAULT_LIMITS = Limits()


class Budget:
    """What is left of the bounds on emoji, in one render of a text of that many code points."""

    def __init__(self, limits: Limits, characters: int) -> None:
        self.emoji = limits.emoji
        self.output = limits.output + 16 * characters

    def spend(self, size: int) -> bool:
        """Pay for one emoji of that many code points; False if it is not affordable, and so stays text."""
        if not self.emoji or size > self.output:
            return False
        self.emoji -= 1
        self.output -= size
        return True
