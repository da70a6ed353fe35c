"""The plug-in project: what is written, and that a real wheel of it works where nothing else is."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import wheels
from shortcodes import Emoji, Pack, PackError, read_pack
from shortcodes.cli import run
from shortcodes.errors import InputError, OptionError
from shortcodes.packs.project import write_project
from shortcodes.packs.write import write_folder, write_zip
from test_write import contents

TUTORIAL = wheels.ROOT / "docs" / "tutorial" / "plugin.md"
ODD = Pack(
    "+1",
    (Emoji("cat", image="images/tabby cat.png", aliases=("猫",)), Emoji("paw", "🐾", retired=True)),
    version="first edition",
    title='Cats "& <b>dogs</b>" \\ # [x](javascript:y)\n$name ${pack}',
    license='Mine, "all mine"',
)
FILES = {"images/tabby cat.png": lambda: b"cat", "LICENSE": lambda: b"mine", "art/cat.svg": lambda: b"<svg/>"}


def project_of(folder: Path) -> dict[str, object]:
    project: dict[str, object] = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    return project


def test_a_project_without_a_pack(tmp_path: Path) -> None:
    assert write_project("Paws.Emoji", tmp_path / "new") == ()
    assert [*contents(tmp_path)] == [
        "new/.gitignore",
        "new/README.md",
        "new/pyproject.toml",
        "new/src/paws_emoji/__init__.py",
        "new/src/paws_emoji/pack.toml",
        "new/tests/test_pack.py",
    ]
    pack = read_pack(tmp_path / "new" / "src" / "paws_emoji")
    assert (pack.name, [one.name for one in pack.emoji]) == ("Paws", ["paw"])
    assert project_of(tmp_path / "new")["entry-points"] == {"shortcodes.packs": {"Paws": "paws_emoji:pack"}}


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_pack_is_taken_over_as_it_is(kind: str, tmp_path: Path) -> None:
    source = tmp_path / "odd"
    if kind == "folder":
        write_folder(ODD, FILES, source)
        manifest = (source / "pack.toml").read_bytes() + b"# by hand\n"
        (source / "pack.toml").write_bytes(manifest)
    else:
        write_zip(ODD, FILES, source)
        with zipfile.ZipFile(source) as archive:
            manifest = archive.read("pack.toml")
    notes = write_project("odd-emoji", tmp_path / "project", pack=source)
    assert notes == (
        "not taken over, as no emoji has them: 'art/cat.svg'",
        "version 'first edition' is none of a Python project (PEP 440); it begins at 0.1.0",
    )
    written = contents(tmp_path / "project")
    assert written["src/odd_emoji/pack.toml"] == manifest
    assert written["src/odd_emoji/images/tabby cat.png"] == b"cat"
    assert written["src/odd_emoji/LICENSE"] == b"mine"
    project = project_of(tmp_path / "project")
    title = " ".join(ODD.title.split())
    assert project["description"] == f"{title}: a pack for emoji-shortcodes"
    assert project["license"] == {"text": ODD.license}
    assert project["entry-points"] == {"shortcodes.packs": {"+1": "odd_emoji:pack"}}
    heading = written["README.md"].decode().splitlines()[0]
    assert re.sub(r"\\(.)", r"\1", heading) == f"# {title}"
    assert not re.search(r"(?<!\\)[<\[&]", heading)
    compile(written["tests/test_pack.py"], "test_pack.py", "exec")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "is no name of a Python project"),
        ("-x", "is no name of a Python project"),
        ("../x", "is no name of a Python project"),
        ("x/y", "is no name of a Python project"),
        ("cats_", "is no name of a Python project"),
        ("kätzchen", "is no name of a Python project"),
        ("9lives", "gives the module '9lives', which Python cannot import"),
        ("class", "gives the module 'class', which Python cannot import"),
        ("json", "gives the module 'json', which is another one"),
        ("Emoji.Shortcodes", "gives the module 'emoji_shortcodes', which is another one"),
        ("shortcodes", "gives the module 'shortcodes', which is another one"),
    ],
)
def test_names_that_no_project_can_have(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=re.escape(message)):
        write_project(name, tmp_path / "out")
    assert not os.listdir(tmp_path)


def test_it_is_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    write_folder(Pack("cats", (Emoji("cat", image="__init__.py"),)), {"__init__.py": lambda: b"1 / 0"}, "odd")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pack.toml").write_text("[pack]\nschema = 1\n")
    before = contents(tmp_path)
    for arguments, message in {
        ("cats-emoji", "-o", "full"): "shortcodes: full: is not empty; name a new folder\n",
        ("cats-emoji", "-o", "no/where"): "shortcodes: no/where: cannot be written: No such file or directory\n",
        ("cats-emoji", "--pack", "gone"): "shortcodes: gone: there is no such file or folder\n",
        ("cats-emoji", "--pack", "broken"): "pack 'broken': pack.name: is missing; write name = \"…\"\n",
        ("cats-emoji", "--pack", "odd"): (
            "pack 'cats': __init__.py: is an image's name, and that of a module; rename it\n"
        ),
    }.items():
        assert run(["pack", "plugin", *arguments]) == 2
        assert capfd.readouterr() == ("", message)
    assert contents(tmp_path) == before
    assert sorted(os.listdir(tmp_path)) == ["broken", "full", "odd"]
    with pytest.raises((InputError, PackError)):
        write_project("cats-emoji", "full", pack="odd")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    write_folder(ODD, FILES, "odd")
    assert run(["pack", "plugin", "odd-emoji", "--pack", "odd"]) == 0
    out, err = capfd.readouterr()
    assert out == "wrote the project odd-emoji to odd-emoji; its README.md says how to try it, and to make a wheel\n"
    assert len(err.splitlines()) == 2
    assert read_pack("odd-emoji/src/odd_emoji") == ODD


def test_every_template_is_in_the_wheel_of_shortcodes(environment: wheels.Environment) -> None:
    templates = wheels.ROOT / "src" / "shortcodes" / "packs" / "templates"
    with zipfile.ZipFile(environment.wheel) as archive:
        packed = {Path(name).name for name in archive.namelist() if "/templates/" in name}
    assert packed == set(os.listdir(templates))


# The wheel. It needs PyPI, or a cache of pip that has hatchling and what we depend on.


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> wheels.Environment:
    return wheels.environment(tmp_path_factory.getbasetemp() / "wheels")


class Reader(NamedTuple):
    """Somebody with an empty folder and Python, where shortcodes has just been installed."""

    folder: Path
    programs: Path

    def sh(self, command: str, code: int = 0) -> tuple[str, int]:
        """Run a command; return what a terminal would show, and the exit code."""
        away = ("PYTHON", "COV", "PIP_USER", "VIRTUAL_ENV")
        variables = {name: value for name, value in os.environ.items() if not name.startswith(away)}
        variables |= {"PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            ["sh", "-c", f"(exit {code})\n{command}"],
            cwd=self.folder,
            env={**variables, "COLUMNS": "80", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return done.stdout, done.returncode


@pytest.fixture(scope="module")
def reader(environment: wheels.Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    base = tmp_path_factory.mktemp("reader")
    venv.create(base / "venv", with_pip=True)
    (base / "work").mkdir()
    it = Reader(base / "work", base / "venv" / ("Scripts" if os.name == "nt" else "bin"))
    printed, code = it.sh(f"python -m pip install --quiet '{environment.wheel}' pytest")
    assert code == 0, printed
    yield it
    shutil.rmtree(base)


def blocks(document: str) -> Iterator[tuple[str, str, str]]:
    """Yield all blocks of a document, those that `test_docs` leaves out as well: language, file, text."""
    for fence in re.finditer(r"(?ms)^```(\w+)(?: (\S+))?\n(.*?)^```$", document):
        yield fence[1], fence[2] or "", fence[3]


@pytest.mark.timeout(600)
def test_who_follows_the_tutorial_has_a_wheel_that_works(reader: Reader, tmp_path: Path) -> None:
    code = 0
    ran: list[str] = []
    for language, file, text in blocks(TUTORIAL.read_text("utf-8")):
        if file:
            (reader.folder / file).write_text(text, "utf-8")
        elif language == "python":
            (reader.folder / "block.txt").write_text(text, "utf-8")
            assert reader.sh("python -m doctest block.txt") == ("", 0)
            (reader.folder / "block.txt").unlink()
        else:
            for part in re.split(r"(?m)^\$ ", text)[1:]:
                command, _, expected = part.partition("\n")
                if command == "pip install emoji-shortcodes":
                    continue  # `reader` did, from this checkout
                printed, code = reader.sh(command.replace("pip install", "pip install --quiet"), code)
                assert printed == expected, command
                ran.append(command.split(" ./")[0])
    assert {"pip install", "pip wheel --quiet --no-deps --wheel-dir dist"} <= set(ran)

    # The wheel, in an environment that has had neither the project nor its folder.
    (wheel,) = (reader.folder / "dist").iterdir()
    packed = read_wheel(wheel)
    source = reader.folder / "cats-emoji" / "src"
    files = {name: content for name, content in packed.items() if ".dist-info/" not in name}
    assert files == {name: content for name, content in contents(source).items() if "__pycache__" not in name}
    metadata = packed["cats_emoji-0.1.0.dist-info/METADATA"].decode()
    assert "License-Expression: CC0-1.0\n" in metadata
    assert "Requires-Dist: emoji-shortcodes\n" in metadata
    moved = tmp_path / wheel.name
    shutil.copyfile(wheel, moved)
    shutil.rmtree(reader.folder)
    reader.folder.mkdir()
    assert reader.sh("python -m pip uninstall --quiet --yes cats-emoji") == ("", 0)
    assert "cats" not in reader.sh("shortcodes packs")[0]
    assert reader.sh(f"python -m pip install --quiet --no-index '{moved}'") == ("", 0)
    assert reader.sh("shortcodes packs")[0].splitlines()[0] == "cats 0.1.0: Cats, 2 emoji, CC0-1.0"
    rendered = reader.sh("echo ':tabby:' | shortcodes render --pack cats --renderer plain")[0]
    assert 'src="images/tabby.png" alt="ginger cat"' in rendered


def read_wheel(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.timeout(600)
def test_a_wheel_of_an_odd_pack(environment: wheels.Environment, tmp_path: Path) -> None:
    """Its name, version, licence and title are such as a build chokes on; the installed command writes the project."""
    write_folder(ODD, FILES, tmp_path / "odd")
    environment.run(
        "shortcodes", "pack", "plugin", "odd-emoji", "--pack", str(tmp_path / "odd"), "-o", str(tmp_path / "p")
    )
    builder = environment.folder.parent / "builder"
    wheel = wheels._build("wheel", tmp_path / "p", builder, tmp_path / "dist")
    site = tmp_path / "site"
    wheels._pip("install", "--no-deps", "--no-index", "--target", str(site), str(wheel))
    assert (site / "odd_emoji" / "images" / "tabby cat.png").read_bytes() == b"cat"
    test = (tmp_path / "p" / "tests" / "test_pack.py").read_text("utf-8") + "\ntest_it_is_installed_and_renders()\n"
    python = environment.folder / ("Scripts" if os.name == "nt" else "bin") / Path(sys.executable).name
    wheels.run([str(python), "-c", test], tmp_path, path=str(site))
    listed = wheels.run([str(python), "-c", "import shortcodes.cli as c; c.run(['packs'])"], tmp_path, path=str(site))
    assert f"+1 {ODD.version}: " in listed
