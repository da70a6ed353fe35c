"""Wheels as users get them: built from this checkout, and installed where the checkout is out of sight."""

import functools
import os
import subprocess
import sys
import tarfile
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PLUGINS = sorted((ROOT / "tests" / "fixtures" / "plugins").iterdir())
PROJECTS = [*PLUGINS, ROOT / "emoji_packs" / "megathread"]


class Environment(NamedTuple):
    """A fresh virtual environment with the wheel of this project, those of its plug-ins, and what they need."""

    folder: Path
    wheel: Path
    sdist: Path
    wheel_of_sdist: Path

    def run(self, *command: str, stdin: str = "") -> str:
        """Run one of its programs in a folder that has nothing in it; return what it prints."""
        elsewhere = self.folder.parent / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        return run([str(programs(self.folder) / command[0]), *command[1:]], elsewhere, stdin=stdin)


@functools.cache
def environment(base: Path) -> Environment:
    """Make it, once for all tests. Needs PyPI, or a cache of pip that has what is needed."""
    builder = base / "builder"  # a folder of modules: building in isolation would take seconds for each wheel
    _pip("install", "--target", str(builder), "hatchling>=1.27")
    sdist = _build("sdist", ROOT, builder, base / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(base, filter="data")
    wheel = _build("wheel", ROOT, builder, base / "wheel")
    wheel_of_sdist = _build("wheel", base / sdist.name.removesuffix(".tar.gz"), builder, base / "wheel-of-sdist")
    plugins = [_build("wheel", project, builder, base / project.name) for project in PROJECTS]

    venv.create(base / "venv", with_pip=False)
    target = str(programs(base / "venv") / "python")
    _pip("--python", target, "install", "--no-compile", *map(str, (wheel, *plugins)))
    return Environment(base / "venv", wheel, sdist, wheel_of_sdist)


def run(command: list[str], folder: Path, *, stdin: str = "", path: str = "") -> str:
    """Run a program without anything in its environment that says where Python finds modules, `path` aside."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=variables(path),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def variables(path: str) -> dict[str, str]:
    """Return an environment in which Python finds modules where it always does, and on that path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    return {**kept, "PYTHONPATH": path, "PYTHONUTF8": "1"}


def installed_apart(projects: Sequence[Path], folder: Path, builder: Path) -> Path:
    """Build a wheel of each project, in one process, and install them into a folder, which is returned."""
    built = folder.with_name(f"{folder.name}-wheels")
    run([sys.executable, "-c", _BUILD_ALL, str(built), *map(str, projects)], ROOT, path=str(builder))
    _pip("install", "--target", str(folder), "--no-deps", "--no-compile", *map(str, sorted(built.iterdir())))
    return folder


_BUILD_ALL = """
import os, sys
from hatchling.build import build_wheel

folder, *projects = sys.argv[1:]
os.makedirs(folder)
for project in projects:
    os.chdir(project)
    build_wheel(folder)
"""


def _pip(*arguments: str) -> None:
    run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], ROOT)


def _build(target: str, project: Path, builder: Path, folder: Path) -> Path:
    run([sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)], project, path=str(builder))
    (built,) = folder.iterdir()
    return built


def programs(environment: Path) -> Path:
    return environment / ("Scripts" if os.name == "nt" else "bin")
