"""What is published: the wheel works where nothing else is, and the sdist makes the same wheel."""

import email
import json
import os
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

import shortcodes
import wheels

POST = "Good **morning** :wave: :t_rex: `:wave:`"
HTML = "<p>Good <strong>morning</strong> 👋 🦖 <code>:wave:</code></p>\n"
PROGRAM = """
import importlib.metadata, json, sys
import shortcodes

print(json.dumps({
    "html": shortcodes.Converter().to_html(sys.stdin.read()),
    "version": shortcodes.__version__,
    "metadata": importlib.metadata.version("emoji-shortcodes"),
    "path": sys.path,
    "emoticons": shortcodes.Converter(emoticons=True).text_to_text(":-)"),
}))
"""


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> wheels.Environment:
    return wheels.environment(tmp_path_factory.getbasetemp() / "wheels")


@pytest.fixture(scope="session")
def files(environment: wheels.Environment) -> dict[str, bytes]:
    """The files of the wheel."""
    with zipfile.ZipFile(environment.wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_renders_in_python(environment: wheels.Environment) -> None:
    seen = json.loads(environment.run("python", "-c", PROGRAM, stdin=POST))
    assert seen["html"] == HTML
    assert seen["emoticons"] == "🙂"
    assert seen["version"] == seen["metadata"] == shortcodes.__version__
    assert not any(path.startswith(str(wheels.ROOT / "src")) for path in seen["path"])


def test_it_renders_on_the_command_line(environment: wheels.Environment) -> None:
    assert environment.run("shortcodes", "render", "-", stdin=POST).strip() == HTML.strip()
    assert shortcodes.__version__ in environment.run("shortcodes", "--version")


@pytest.mark.parametrize("file", ["packs/unicode.tsv", "emoticons.tsv", "py.typed", "cli/page.css"])
def test_what_is_not_python_is_in_the_wheel(file: str, files: dict[str, bytes]) -> None:
    assert files[f"shortcodes/{file}"] == (wheels.ROOT / "src" / "shortcodes" / file).read_bytes()


def test_the_wheel_is_the_package_and_nothing_else(files: dict[str, bytes]) -> None:
    assert {name.split("/")[0] for name in files} == {
        "shortcodes",
        f"emoji_shortcodes-{shortcodes.__version__}.dist-info",
    }
    source = wheels.ROOT / "src" / "shortcodes"
    modules = {f"shortcodes/{module.relative_to(source).as_posix()}" for module in source.rglob("*.py")}
    assert {name for name in files if name.endswith(".py")} == modules


def test_the_metadata(environment: wheels.Environment, files: dict[str, bytes]) -> None:
    folder = f"emoji_shortcodes-{shortcodes.__version__}.dist-info"
    metadata = email.message_from_bytes(files[f"{folder}/METADATA"])
    assert metadata["Name"] == "emoji-shortcodes"
    assert metadata["Version"] == shortcodes.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert {f"{folder}/licenses/LICENSE", f"{folder}/licenses/NOTICE"} <= files.keys()
    assert environment.wheel.name == f"emoji_shortcodes-{shortcodes.__version__}-py3-none-any.whl"


def test_the_sdist_makes_the_same_wheel(environment: wheels.Environment, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(environment.wheel_of_sdist) as archive:
        assert archive.namelist() == list(files)
        assert {name: archive.read(name) for name in archive.namelist()} == files
    assert environment.wheel_of_sdist.read_bytes() == environment.wheel.read_bytes()


def test_what_is_built_again_has_the_same_hash(environment: wheels.Environment, tmp_path: Path) -> None:
    """On another day, in another folder, by somebody whose files nobody else may read."""
    base = environment.folder.parent
    with tarfile.open(environment.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / environment.sdist.name.removesuffix(".tar.gz")
    for number, path in enumerate(sorted(source.rglob("*"))):
        os.utime(path, (2_000_000_000 + number,) * 2)
        path.chmod(0o700 if path.is_dir() else 0o600)
    for target, first in (("sdist", environment.sdist), ("wheel", environment.wheel)):
        again = wheels._build(target, source, base / "builder", tmp_path / target)
        assert again.name == first.name
        assert sha256(again.read_bytes()).hexdigest() == sha256(first.read_bytes()).hexdigest()


def test_the_sdist_has_what_is_needed_to_go_on(environment: wheels.Environment) -> None:
    with tarfile.open(environment.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in ("pyproject.toml", "LICENSE", "NOTICE", "README.md", "Makefile", "tests/wheels.py"):
        assert name in names
    assert "emoji_packs/megathread/pack.toml" in names
    assert not [name for name in names if name.startswith((".venv", "build/", ".git/"))]
