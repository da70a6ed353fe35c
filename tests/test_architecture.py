"""The house: which room may import which, and what the library does not load."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import shortcodes

ROOT = Path(shortcodes.__file__).parent

# Each room, with what it may import, beside the rooms above it in this list that those may import in turn.
ROOMS: dict[str, set[str]] = {
    "errors": set(),
    "limits": set(),
    "emoji": set(),
    "once": set(),
    "whole": {"errors"},
    "processes": {"errors"},
    # packs for type checkers alone: a shortcode says which pack it is from
    "tokenizer": {"errors", "emoji", "once", "packs"},
    "plugins": {"errors"},
    "packs": {"errors", "emoji", "once", "whole", "plugins", "tokenizer"},
    "images": {"errors", "emoji", "whole", "packs", "processes"},
    "exchange": {"errors", "emoji", "whole", "packs", "images", "plugins", "tokenizer"},
    "renderers": {"errors", "tokenizer"},
    "text": {"emoji", "limits", "packs", "renderers", "tokenizer"},
    "html": {"limits", "text"},
    "dialects": {"errors", "plugins"},
    "markdown": {"dialects", "limits", "once", "packs", "renderers", "text", "tokenizer"},
    "results": {"emoji", "tokenizer", "packs", "renderers"},
    "source": {"errors", "emoji", "limits", "markdown", "packs", "renderers", "text", "tokenizer"},
    # before the converter, whose method is its door: it is given what converts, and imports no converter
    "bulk": {"errors", "packs", "processes", "renderers", "results", "tokenizer"},
    "converter": {
        *("errors", "limits", "emoji", "tokenizer", "packs", "renderers", "text", "html", "dialects", "markdown"),
        *("source", "results", "once", "bulk"),
    },
    "preview": {"renderers", "markdown", "converter"},
    "__init__": {
        *("errors", "limits", "emoji", "tokenizer", "packs", "renderers", "dialects", "markdown", "results"),
        *("converter", "preview"),
    },
    "threads": {"errors", "limits", "emoji", "tokenizer", "packs", "renderers", "results", "converter"},
    "cli": {
        *(
            "results",
            "errors",
            "emoji",
            "limits",
            "whole",
            "dialects",
            "packs",
            "images",
            "exchange",
            "renderers",
            "source",
        ),
        *("converter", "threads", "__init__"),
    },
}
THIRD_PARTY = {
    "markdown_it": {"markdown", "dialects"},
    "mdit_py_plugins": {"dialects"},
    "linkify_it": {"markdown"},
    "pygments": {"markdown"},
    "pyromark": {"markdown"},
    "resvg_py": {"images"},
    "markupsafe": {"renderers", "text", "markdown", "source", "converter", "threads", "cli"},
    "rapidfuzz": {"packs"},
    "tomlkit": {"packs"},
    "PIL": {"images"},
    "yaml": {"exchange"},
    "click": {"cli"},
    "rich": {"cli"},
}


def room_of(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(file: Path) -> set[str]:
    """Return the rooms and the packages that a file imports, anywhere in it."""
    package = ["shortcodes", *file.relative_to(ROOT).parts[:-1]]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            path = [*base, *(node.module or "").split(".")] if node.module else base
            if path[0] != "shortcodes":
                found.add(path[0])
            elif len(path) > 1:
                found.add(path[1])
            else:
                found |= {alias.name if alias.name in ROOMS else "__init__" for alias in node.names}
    return found


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_run_one_way(file: Path) -> None:
    room = room_of(file)
    found = imports(file) - {room}
    assert found & set(ROOMS) <= ROOMS[room]
    third_party = {name for name in found - set(ROOMS) if name not in sys.stdlib_module_names}
    assert third_party <= {name for name, rooms in THIRD_PARTY.items() if room in rooms}


def test_every_room_is_in_the_table() -> None:
    assert {room_of(file) for file in ROOT.rglob("*.py")} == set(ROOMS)


def test_the_table_runs_one_way() -> None:
    order = list(ROOMS)
    backwards = {
        (room, other) for room, others in ROOMS.items() for other in others if order.index(other) > order.index(room)
    }
    assert backwards == {("tokenizer", "packs")}
    tokenizer = ast.parse((ROOT / "tokenizer.py").read_text("utf-8"))
    at_run_time = [node.module for node in tokenizer.body if isinstance(node, ast.ImportFrom) and node.level]
    assert at_run_time == ["emoji", "errors", "once"]


def test_import_is_light() -> None:
    heavy = (
        "PIL click rich markdown_it mdit_py_plugins linkify_it pygments tomlkit yaml rapidfuzz regex tomllib zipfile"
        " importlib.metadata dataclasses inspect multiprocessing concurrent.futures"
    )
    code = f"import shortcodes, sys; print(*[name for name in {heavy.split()} if name in sys.modules])"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COV")}  # coverage imports too
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == []


def test_public_names_are_there() -> None:
    assert all(hasattr(shortcodes, name) for name in shortcodes.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'emojize'"):
        shortcodes.emojize  # noqa: B018  # the access is the test
