"""Attributes that all links have: ``rel="noopener nofollow"``."""

from collections.abc import Mapping

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore


def use_link_attributes(md: MarkdownIt, attributes: Mapping[str, str]) -> None:
    """Give links these attributes: those that were written, bare addresses and mentions."""

    def mark(state: StateCore) -> None:
        for block in state.tokens:
            for token in block.children or []:
                if token.type == "link_open":
                    token.attrs.update(attributes)

    md.core.ruler.push("link_attributes", mark)
