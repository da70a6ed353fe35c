"""Display names: a name, and the pronouns behind it."""

from typing import NamedTuple

_LONGEST_TAG = 60


class Parts(NamedTuple):
    """A display name in its parts."""

    name: str
    tag: str
    """What stands in the brackets at the end; empty if there are none."""


def split_name(display_name: str) -> Parts:
    """Set the tag at the end of a display name apart, as forums that ask for pronouns write it.

    >>> split_name("steve5487 [none/use name]")
    Parts(name='steve5487', tag='none/use name')
    >>> split_name("[they/them]")
    Parts(name='[they/them]', tag='')
    """
    name, bracket, tag = display_name.removesuffix("]").rpartition("[")
    tag = tag.strip()
    whole = not display_name.endswith("]") or not bracket or not name.strip()
    if whole or not tag or "]" in tag or len(tag) > _LONGEST_TAG:
        return Parts(display_name, "")
    return Parts(name.rstrip(), tag)
