"""What the tests share: the index, and cases from fixture files."""

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from shortcodes import Converter, Emoji, Index, Pack, build_index, unicode_pack

settings.register_profile("shortcodes", deadline=None)  # machines are noisy; growth is held by tests/test_guards.py
settings.load_profile("shortcodes")

FIXTURES = Path(__file__).parent / "fixtures"
SHARED = Path(__file__).parents[2] / "shared"
"""A second suite of cases, beside the checkout where there is one."""


def read_cases(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines; an empty one fails."""
    cases = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    assert cases, f"{path} has no cases"
    return cases


SPECIFICATION = Path(__file__).parents[1] / "build" / "commonmark" / "markdown_it_py-4.3.0.tar.gz"
"""The engine's source distribution, which has the examples of CommonMark 0.31.2; `make test` downloads it."""


def commonmark_examples() -> list[str]:
    """Return the Markdown of every example of the specification."""
    if not SPECIFICATION.exists():
        pytest.skip("the examples of CommonMark have not been downloaded; `make test` does that")
    with tarfile.open(SPECIFICATION) as archive:
        file = archive.extractfile("markdown_it_py-4.3.0/tests/test_cmark_spec/commonmark.json")
        assert file
        examples = [example["markdown"] for example in json.load(file)]
    assert len(examples) == 652
    return examples


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--documents", type=int, default=150, help="how many random posts the source door has to pass")
    parser.addoption("--edits", type=int, default=3_000, help="how often random posts are edited under a preview")
    parser.addoption("--plain", type=int, default=6_000, help="how many posts without markup are compared, a dialect")
    parser.addoption("--kills", type=int, default=8, help="how often each kind of command is killed")
    parser.addoption("--renders", type=int, default=60, help="how often each of eight threads renders")
    parser.addoption("--full-cost", action="store_true", help="every hostile post in every dialect, up to a megabyte")
    parser.addoption("--soak", type=int, default=20_000, help="how many posts are rendered to see whether memory grows")
    parser.addoption("--write-gallery", action="store_true", help="write the results of tests/fixtures/posts anew")
    parser.addoption("--all-canaries", action="store_true", help="every hostile archive by every command, however long")
    parser.addoption("--all-vectors", action="store_true", help="load every attack in the browser, not a tenth")
    parser.addoption("--examples", type=int, default=300, help="how many posts and packs are tried for injections")


CUSTOM = Pack(
    "custom",
    (
        *(Emoji(name, image=f"{name}.png") for name in ("EZLN", "RIchard-D-Wolff", "pika-pickaxe", "D", "d")),
        Emoji("fastparrot", image="fastparrot.gif", static="fastparrot.png", alt="a parrot, fast", width=32, height=32),
    ),
    base_url="/emoji",
)


@pytest.fixture(scope="session")
def index() -> Index:
    """The bundled pack alone."""
    return build_index([unicode_pack()])


@pytest.fixture(scope="session")
def converter() -> Converter:
    """A small pack of images before the bundled pack."""
    return Converter([CUSTOM, unicode_pack()])
