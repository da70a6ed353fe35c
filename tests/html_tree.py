"""What a browser makes of HTML, as a flat list: parsed by lexbor, which follows the HTML Living Standard."""

import re
from collections.abc import Callable
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode


class Element(NamedTuple):
    """The start of an element."""

    tag: str
    attributes: tuple[tuple[str, str | None], ...]
    ancestors: frozenset[str]


Node = Element | str | tuple[str, str]
"""An element, the text that comes next, or, as pairs, a comment, the content of a template, an end."""


def tree(html: str, as_text: Callable[[Element], str | None] = lambda _: None) -> list[Node]:  # noqa: C901  # a walk
    """Return the nodes of a document in their order; elements that `as_text` takes for text are text."""
    nodes: list[Node] = []

    def add_text(text: str) -> None:
        if nodes and isinstance(nodes[-1], str):
            nodes[-1] += text
        elif text:
            nodes.append(text)

    def visit(node: LexborNode | None, ancestors: frozenset[str]) -> None:
        while node is not None:
            if node.is_text_node:
                add_text(node.text_content or "")
            elif node.is_comment_node:
                nodes.append(("comment", node.comment_content or ""))
            elif node.is_element_node:
                element = Element(str(node.tag), tuple(node.attributes.items()), ancestors)
                text = as_text(element)
                if text is not None:
                    add_text(text)
                else:
                    nodes.append(element)
                    if element.tag == "template":  # its content is not among its children
                        nodes.append(("content", node.html or ""))
                    else:
                        visit(node.child, ancestors | {element.tag})
                    nodes.append(("end", element.tag))
            node = node.next

    visit(LexborHTMLParser(html).root, frozenset())
    return nodes


def elements(html: str) -> list[Element]:
    """Return the elements that the HTML has, without those that every document has."""
    return [node for node in tree(html) if isinstance(node, Element) and node.tag not in {"html", "head", "body"}]


def text_of(html: str) -> str:
    """Return the text of all text nodes."""
    return "".join(node for node in tree(html) if isinstance(node, str))


def without_space(nodes: list[Node]) -> list[Node]:
    """Drop the white space: in a table, it does not go where the rest of the text goes (HTML, 13.2.6.4.10)."""
    found: list[Node] = []
    for node in nodes:
        if not isinstance(node, str):
            found.append(node)
        elif text := re.sub(r"\s+", "", node):
            if found and isinstance(found[-1], str):
                found[-1] += text
            else:
                found.append(text)
    return found
