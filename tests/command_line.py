"""The command line as people start it: a process of its own, and what it prints."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = (sys.executable, "-c", "from shortcodes.cli import main; main()")


def run(
    *arguments: str | Path, cwd: Path | None = None, stdin: bytes = b"", env: dict[str, str] | None = None
) -> tuple[int, str, str]:
    """Run a command; return its exit code, output and errors, with line ends as they are."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "PYTHONIOENCODING": "", **(env or {})},
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode(), done.stderr.decode()
