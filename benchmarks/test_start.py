"""What a process pays before its first post: the import, the bundled pack, a converter."""

import children
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from shortcodes import Converter, build_index, unicode_pack


@pytest.mark.parametrize("step", children.STEPS)
def test_fresh_interpreter(benchmark: BenchmarkFixture, step: str) -> None:
    """A new interpreter that does one thing; compare with ``bare``."""
    benchmark(children.run, children.STEPS[step])


def test_pack(benchmark: BenchmarkFixture) -> None:
    """The bundled pack, read from its table."""
    benchmark(unicode_pack.__wrapped__)


def test_index(benchmark: BenchmarkFixture) -> None:
    """The bundled pack's index, with every value checked."""
    benchmark(build_index, [unicode_pack()])


def test_converter(benchmark: BenchmarkFixture) -> None:
    """A converter of the bundled pack, and its first title."""
    benchmark(lambda: Converter().text_to_text("Hello :wave:"))
