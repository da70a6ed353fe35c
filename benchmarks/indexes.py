"""Indexes to measure with: image emoji, as many as wanted, each with an alias."""

from shortcodes import Converter, Emoji, Pack


def pack_of(count: int) -> Pack:
    """Return a pack of so many image emoji: ``emoji_000042``, with the alias ``e000042``."""
    return Pack("many", tuple(_emoji(number) for number in range(count)), base_url="https://example.org/emoji")


def converter_of(count: int) -> Converter:
    """Return a converter whose index has so many emoji, and nothing else."""
    return Converter([pack_of(count)])


def names_of(count: int) -> tuple[str, ...]:
    """Return the names of those emoji, all of one length, so that texts with them are of one length too."""
    return tuple(_name(number) for number in range(count))


def _emoji(number: int) -> Emoji:
    return Emoji(_name(number), image=f"images/{_name(number)}.png", aliases=(f"e{number:06}",))


def _name(number: int) -> str:
    return f"emoji_{number:06}"
