"""Whole posts, as data: our own cases, and the project's shared ones where they lie beside the checkout."""

import re
from typing import Any

import pytest

from conftest import CUSTOM, FIXTURES, SHARED, read_cases
from shortcodes import Converter, Html, Shortcode, unicode_pack

SHARED_CASES = SHARED / "conformance" / "shortcodes.jsonl"


def braces(shortcode: Shortcode) -> Html:
    return Html(shortcode.characters or f"{{{shortcode.emoji.name}}}")


def body(html: str) -> str:
    """Return what is inside of a post's only paragraph."""
    return re.sub(r"^<p(?: class=\"only-emoji\")?>(.*)</p>$", r"\1", str(html).rstrip("\n"), flags=re.DOTALL)


def shared_cases() -> list[dict[str, Any]]:
    return read_cases(SHARED_CASES) if SHARED_CASES.exists() else []


@pytest.mark.skipif(not SHARED_CASES.exists(), reason="the shared cases are not beside this checkout")
@pytest.mark.parametrize("case", shared_cases(), ids=lambda case: case["id"])
def test_shared_case(case: dict[str, Any]) -> None:
    converter = Converter([CUSTOM, unicode_pack()], renderer=braces)
    assert body(converter.to_html(case["input"])) == case["html"], case["rule"]
    if "text" in case:
        assert converter.text_to_text(case["input"]) == case["text"], case["rule"]


@pytest.mark.parametrize("case", read_cases(FIXTURES / "posts.jsonl"), ids=lambda case: case["id"])
def test_post(case: dict[str, Any]) -> None:
    converter = Converter([CUSTOM, unicode_pack()], **{"renderer": braces, **case.get("settings", {})})
    assert converter.to_html(case["input"]) == case["html"], case["rule"]
    assert converter.to_text(case["input"]) == case["text"], case["rule"]


@pytest.mark.parametrize("case", read_cases(FIXTURES / "positions.jsonl"), ids=lambda case: case["id"])
def test_positions(case: dict[str, Any]) -> None:
    result = Converter([CUSTOM, unicode_pack()]).convert(case["input"])
    assert [[one.shortcode.source, one.line, one.column] for one in result.found] == case["found"], case["rule"]
    assert [[one.source, one.line, one.column] for one in result.unknown] == case["unknown"], case["rule"]
    lines = re.split(r"\r\n|\r|\n", case["input"])
    for source, line, column in case["found"] + case["unknown"]:
        assert lines[line - 1].startswith(source, column - 1)
