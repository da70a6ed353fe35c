"""Print the oldest version of each dependency that ``pyproject.toml`` allows, as constraints for pip."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
optional = [one for extra in project["optional-dependencies"].values() for one in extra]
for requirement in (*project["dependencies"], *optional):
    name, bound, version = requirement.partition(">=")
    if not bound or "," in version:
        sys.exit(f"pyproject.toml: {requirement!r} has no lower bound alone; write NAME>=VERSION")
    print(f"{name}=={version}")
