"""Forty posts as people write them, with what they become: reviewed by eye, and held since.

`pytest tests/test_gallery.py --write-gallery` writes the results anew; look at every difference.
"""

from pathlib import Path

import pytest

from conftest import CUSTOM, FIXTURES
from shortcodes import Converter, unicode_pack

POSTS = sorted((FIXTURES / "posts").glob("[0-9]*.md"))
CONVERTER = Converter([CUSTOM, unicode_pack()], dialect="lemmy")


def read(file: Path) -> str:
    return file.read_bytes().decode()  # line ends are part of the post


def results(post: str) -> dict[str, str]:
    """Return what a post becomes, by the ending of its file."""
    return {
        ".html": CONVERTER.to_html(post),
        ".txt": CONVERTER.to_text(post),
        ".unicode": CONVERTER.to_source(post, target="unicode"),
        ".images": CONVERTER.to_source(post, target="lemmy"),
    }


def test_there_are_forty() -> None:
    assert len(POSTS) == 40


@pytest.mark.parametrize("file", POSTS, ids=lambda file: file.stem)
def test_post(file: Path, request: pytest.FixtureRequest) -> None:
    for ending, result in results(read(file)).items():
        if request.config.getoption("--write-gallery"):
            file.with_suffix(ending).write_bytes(result.encode())
        assert read(file.with_suffix(ending)) == result, ending


@pytest.mark.parametrize("file", POSTS, ids=lambda file: file.stem)
def test_convert_says_the_same(file: Path) -> None:
    post = read(file)
    result = CONVERTER.convert(post)
    assert result.html == CONVERTER.to_html(post)
    lines = post.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for one in result.found:
        assert lines[one.line - 1].startswith(one.shortcode.source, one.column - 1)
    for other in result.unknown:
        assert lines[other.line - 1].startswith(other.source, other.column - 1)
