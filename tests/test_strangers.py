"""Plug-ins that go wrong, as wheels that are really installed: each is one line with its name, and the rest work.

tests/fixtures/strangers.toml has them. A project is written and a wheel is built of each; they are installed into a
folder of their own, which is put on the path beside an environment with good plug-ins.
"""

import json
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import wheels
from conftest import FIXTURES
from shortcodes import PluginError

STRANGERS: dict[str, dict[str, str]] = {
    one["name"]: one for one in tomllib.loads((FIXTURES / "strangers.toml").read_text("utf-8"))["plugin"]
}
HANGS = {group: f"hangs-{group}" for group in ("packs", "dialects", "exchange")}
GOOD = {"cats", "megathread", "unicode"}
POST = ":cat: :wave::skin-tone-4: :lie: :mark: <b>"

PROJECT = """
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "1.0"
dependencies = ["emoji-shortcodes"]

[project.entry-points."shortcodes.{group}"]
{point} = "{module}:it"

[tool.hatch.build.targets.wheel]
include = ["{module}.py"]
"""


def point_of(one: dict[str, str]) -> str:
    return one.get("point", one["name"])


def said_of(one: dict[str, str]) -> str:
    kind = {"packs": "pack", "dialects": "dialect", "exchange": "exchange"}[one["group"]]
    return f"installed {kind} {point_of(one)!r} of {one['name']!r} does not {one['says']}"


def in_group(group: str) -> list[dict[str, str]]:
    return [one for one in STRANGERS.values() if one["group"] == group]


def write_project(folder: Path, one: dict[str, str]) -> Path:
    project = folder / one["name"]
    project.mkdir(parents=True)
    module = one["name"].replace("-", "_")
    text = PROJECT.format(name=one["name"], group=one["group"], point=point_of(one), module=module)
    (project / "pyproject.toml").write_text(text, "utf-8")
    (project / f"{module}.py").write_text(one["module"], "utf-8")
    return project


class Site(NamedTuple):
    """An environment with good plug-ins, and what else is on its path."""

    environment: wheels.Environment
    strangers: Path
    hanging: Path
    """Those that never return."""

    def run(self, *command: str, stdin: str = "", hanging: bool = False, at_most: float = 60) -> tuple[int, str, str]:
        """Run a program of the environment; return its exit code, output and errors."""
        done = subprocess.run(
            [str(wheels.programs(self.environment.folder) / command[0]), *command[1:]],
            cwd=self.strangers,
            env=wheels.variables(f"{self.strangers}{':' + str(self.hanging) if hanging else ''}"),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=at_most,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    base = tmp_path_factory.getbasetemp()
    environment = wheels.environment(base / "wheels")
    never = "while True: pass"
    hanging = [{"name": name, "group": group, "module": never} for group, name in HANGS.items()]
    folders = []
    for folder, plugins in (("strangers", [*STRANGERS.values()]), ("hanging", hanging)):
        projects = [write_project(base / f"{folder}-projects", one) for one in plugins]
        folders.append(wheels.installed_apart(projects, base / folder, base / "wheels" / "builder"))
    return Site(environment, *folders)


def test_there_are_enough_of_them() -> None:
    assert len(STRANGERS) >= 16
    assert {one["group"] for one in STRANGERS.values()} == set(HANGS)


# Packs: all of them are loaded at once, and whatever one does, the others are there.

PACKS = """
import json, sys, warnings
from shortcodes import Converter, installed_packs

alone = Converter().to_html(sys.argv[1])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    packs = installed_packs()
print(json.dumps({
    "packs": [pack.name for pack in packs],
    "warnings": [[one.category.__name__, str(one.message)] for one in caught],
    "html": Converter(packs, renderer="plain").to_html(sys.argv[1]),
    "alone": [alone, Converter().to_html(sys.argv[1])],
}))
"""


@pytest.fixture(scope="session")
def packs(site: Site) -> dict[str, Any]:
    """What a program sees that asks for all packs; what plug-ins print comes before."""
    code, out, err = site.run("python", "-c", PACKS, POST)
    assert code == 0, err
    seen: dict[str, Any] = json.loads(out.splitlines()[-1])
    return seen


def test_each_is_one_warning_with_its_distribution(packs: dict[str, Any]) -> None:
    said = [text for kind, text in packs["warnings"] if kind == "RuntimeWarning" and "'shortcodes-" not in text[:60]]
    expected = [said_of(one) for one in in_group("packs") if "says" in one]
    assert len(said) == len(expected)
    for start in expected:
        assert sum(text.startswith(start) for text in said) == 1, start
    assert all(text.isprintable() and len(text) < 600 for text in said)


def test_the_others_are_there_and_render(packs: dict[str, Any]) -> None:
    loaded = {one["name"] for one in in_group("packs") if "says" not in one}
    assert set(packs["packs"]) == GOOD | loaded
    assert packs["packs"][-1] == "unicode"
    assert (
        '<img class="emoji" src="https://cats.example/cat.png" alt="a tabby cat" title=":cat:"> 👋🏽' in packs["html"]
    )


def test_a_pack_is_what_it_was_checked_as(packs: dict[str, Any]) -> None:
    """Neither a subclass that answers otherwise nor text that calls itself markup gets into a page."""
    assert '<img class="emoji" src="lie.png" alt=":lie:" title=":lie:">' in packs["html"]
    alt = "&lt;script&gt;alert(&#39;alt&#39;)&lt;/script&gt;"
    assert f'<img class="emoji" src="/m/mark.png" alt="{alt}" title=":mark:" width="3">' in packs["html"]
    assert "<script" not in packs["html"]
    assert "javascript:" not in packs["html"]


def test_who_asks_for_none_has_none(packs: dict[str, Any]) -> None:
    assert packs["alone"][0] == packs["alone"][1] == "<p>🐱 👋🏽 :lie: :mark: &lt;b&gt;</p>\n"


# Dialects and formats: one is loaded, by its name.

NAMED = """
import json, sys, warnings
from shortcodes import Converter, PluginError
from shortcodes.exchange import find_format, recognise
from shortcodes.exchange.format import Draft, Source
from shortcodes import Pack

def tried(act):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            done = act()
        except PluginError as error:
            done = [str(error), error.distribution]
    return done, sorted({str(one.message) for one in caught})

def used(name):
    form = find_format(name)
    form.read(Source("x", {"x": bytes}))
    return form.write(Draft(Pack("x")))

dialects, formats = json.loads(sys.argv[1])
print(json.dumps({
    "dialects": {name: tried(lambda: str(Converter(dialect=name).to_html("~~a~~ <b>"))) for name in dialects},
    "formats": {name: tried(lambda: used(name)) for name in formats},
    "recognised": tried(lambda: recognise(Source("x", {"x.crayon": lambda: b"red https://x.example/red.png"}))[0].name),
}))
"""


@pytest.fixture(scope="session")
def named(site: Site) -> dict[str, Any]:
    dialects = ["gfm", "board", *map(point_of, in_group("dialects"))]
    names = dialects, [one["name"] for one in in_group("exchange") if "point" not in one]
    code, out, err = site.run("python", "-c", NAMED, json.dumps(names))
    assert code == 0, err
    seen: dict[str, Any] = json.loads(out)
    return seen


def taken(group: str) -> list[str]:
    """What is said whenever somebody looks into the group: names that another distribution has."""
    return sorted(said_of(one) for one in in_group(group) if "uninstall" in one.get("says", ""))


@pytest.mark.parametrize("group", ["dialects", "exchange"])
def test_a_named_one_is_one_error_with_its_distribution(named: dict[str, Any], group: str) -> None:
    for one in in_group(group):
        if said_of(one) not in taken(group):
            done, warned = named["dialects" if group == "dialects" else "formats"][point_of(one)]
            assert done == [said_of(one), one["name"]]
            assert warned == taken(group)


def test_a_name_that_is_taken_stays_with_who_has_it(named: dict[str, Any]) -> None:
    assert named["dialects"]["gfm"] == ["<p><s>a</s> &lt;b&gt;</p>\n", []]
    assert named["dialects"]["board"] == ["<p><s>a</s> &lt;b&gt;</p>\n", taken("dialects")]


def test_a_format_that_fails_keeps_nobody_from_being_recognised(named: dict[str, Any]) -> None:
    done, warned = named["recognised"]
    assert done == "crayon"
    passed_over = {"bad-format-raises", "bad-format-none", "bad-format-fails", "bad-format-exits", "bad-format-takes"}
    assert warned == sorted([*(said_of(STRANGERS[name]) for name in passed_over), *taken("exchange")])


# The command line.


@pytest.mark.parametrize("name", [name for name, one in STRANGERS.items() if "says" in one and "point" not in one])
def test_the_command_line_says_it_in_a_line(name: str, site: Site, tmp_path: Path) -> None:
    one = STRANGERS[name]
    command = {
        "packs": ["render", "--pack", name],
        "dialects": ["render", "--dialect", name],
        "exchange": ["pack", "import", "--from", name, "-o", str(tmp_path / "new"), str(FIXTURES / "strangers.toml")],
    }[one["group"]]
    code, out, err = site.run("shortcodes", *command, stdin=":wave: <b>")
    *before, last = err.splitlines()
    assert (code, out) == (2, "")
    assert last.startswith(f"shortcodes: {said_of(one)}")
    assert before == [f"shortcodes: {line}" for line in taken(one["group"])]
    assert not (tmp_path / "new").exists()


def test_what_a_plugin_prints_is_not_in_the_output(site: Site) -> None:
    code, out, err = site.run("shortcodes", "find", "--json", "--pack", "prints", "--pack", "warns", stdin=":wave:")
    assert (code, [json.loads(line)["name"] for line in out.splitlines()]) == (0, ["wave"])
    assert {"hello from a plug-in", "and again", "shortcodes: warned\\x1b[2J"} <= {*err.splitlines()}


def test_packs_lists_those_that_load_and_says_what_is_wrong_with_the_others(site: Site) -> None:
    code, out, err = site.run("shortcodes", "packs")
    assert code == 1
    names = [line.partition(" ")[0].rstrip(":") for line in out.splitlines() if not line.startswith(":")]
    assert set(names) == GOOD | {one["name"] for one in in_group("packs") if "says" not in one}
    for one in in_group("packs"):
        assert ("says" not in one) or said_of(one) in err


# Those that never return: whoever names one waits, and nobody else.


@pytest.mark.parametrize(
    "arguments",
    [
        ["render", "--pack", "cats", "--dialect", "board"],
        ["render", "--dialect", "lemmy"],
        ["emoji", "show", "cat", "--pack", "cats"],
        ["pack", "check", "--target", "mastodon", str(FIXTURES / "packs" / "cats")],
    ],
)
def test_nobody_waits_who_does_not_name_it(arguments: list[str], site: Site) -> None:
    code, _, err = site.run("shortcodes", *arguments, stdin=":cat:", hanging=True)
    assert code in {0, 2}, err


def test_who_names_it_waits(site: Site) -> None:
    """There is no safe way to stop code in the process that it runs in: this says so, and that the others are true."""
    start = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        site.run("shortcodes", "render", "--pack", HANGS["packs"], stdin=":cat:", hanging=True, at_most=3)
    assert time.monotonic() - start >= 3


# Damaged after it was installed: no installer would have written it.

DAMAGE: dict[str, tuple[str, bytes, str]] = {
    "entry points that are no such file": (
        "entry_points.txt",
        b"[shortcodes.packs]\nbroken\n",
        "entry points of 'damaged' cannot be read: ",
    ),
    "entry points that are no text": (
        "entry_points.txt",
        b"[shortcodes.packs]\n\xff = damaged:it\n",
        "entry points of 'damaged' cannot be read: UnicodeDecodeError: ",
    ),
    "no name, and a value that is none": (
        "entry_points.txt",
        b"[shortcodes.packs]\n = damaged it!\n",
        "entry points of 'damaged' cannot be read: ",
    ),
    "a value that leads nowhere": (
        "entry_points.txt",
        b"[shortcodes.packs]\nodd\x1b name = damaged it!\n",
        r"installed pack 'odd\x1b name' of 'damaged' does not load: ",
    ),
    "no metadata": (
        "METADATA",
        b"",
        "installed pack 'damaged' of 'damaged' does not load: TypeError: ",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_ones(damage: str, tmp_path: Path) -> None:
    file, content, message = DAMAGE[damage]
    info = tmp_path / "damaged-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: damaged\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[shortcodes.packs]\ndamaged = damaged:it\n")
    (tmp_path / "damaged.py").write_text("it = 5")
    (info / file).write_bytes(content)
    code = "from shortcodes import *; import sys; print([one.name for one in installed_packs()])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=wheels.variables(str(tmp_path)), capture_output=True, text=True, check=True
    )
    assert "'unicode'" in done.stdout
    assert done.stderr.count("RuntimeWarning") == 1
    assert message in done.stderr


def test_the_errors_say_what_fails() -> None:
    assert str(PluginError("d", "p", "no", kind="dialect", fails_to="work")) == (
        "installed dialect 'p' of 'd' does not work: no"
    )
