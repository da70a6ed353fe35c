"""What a call costs: seconds of the processor, and how much memory more than before, each in a process of its own.

One process loads the library, and forks for each call: so nothing of one call is left for the next, the tests live on
whatever happens, and neither coverage nor what a test has in memory counts. Linux alone tells the peak of a process.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from shortcodes import build_index, read_pack, unicode_pack
from shortcodes.cli import run
from shortcodes.errors import ImageError, InputError
from shortcodes.exchange import BUILT_IN, find_format
from shortcodes.exchange.fields import read_json
from shortcodes.exchange.sources import open_source
from shortcodes.exchange.transfer import export_pack, import_pack
from shortcodes.images.inspect import look_at
from shortcodes.images.make import MakeSettings, make
from shortcodes.images.picture import read_picture, verify
from shortcodes.packs.manifest import examine_pack
from shortcodes.packs.write import write_zip

MOST_SECONDS = 6
MOST_WAITING = 60
MOST_MEMORY = 2 << 30
"""Where a call is ended that has no end of its own, so that the machine lives on."""


class Cost(NamedTuple):
    """What became of a call."""

    said: str
    """What it returned, or its error."""
    error: str
    """The error's class; empty if there was none, and ``died`` if the process did."""
    seconds: float
    megabytes: float


class Meter:
    """The process that forks. Calls are named in `CALLS`; what they get are texts."""

    def __init__(self) -> None:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE_")}
        command = [sys.executable, __file__]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def measure(self, name: str, *arguments: str | Path) -> Cost:
        """Run a call, once."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([name, *map(str, arguments)]) + "\n")
        self._process.stdin.flush()
        return Cost(*json.loads(self._process.stdout.readline()))

    def best(self, name: str, *arguments: str | Path) -> Cost:
        """Run a call that leaves nothing behind; up to three times if it is slow, as others use the machine, too."""
        costs = [self.measure(name, *arguments)]
        while costs[-1].seconds > _SLOW and len(costs) < _TIMES:
            costs.append(self.measure(name, *arguments))
        return min(costs, key=lambda one: one.seconds)

    def close(self) -> None:
        self._process.communicate()


_SLOW, _TIMES = 0.3, 3


def _verified(path: str) -> str:
    picture = read_picture(Path(path).read_bytes())
    verify(picture)
    return repr(picture)


def _look(path: str) -> str:
    look = look_at(Path(path).read_bytes(), "", "")
    if look.problem:
        raise ImageError(look.problem)
    return look.type


def _read_source(path: str) -> str:
    source = open_source(path)
    return f"{len(source.files)} files, {sum(len(one()) for one in source.files.values())} bytes"


def _examine(path: str) -> str:
    reading = examine_pack(path)
    return f"{len(reading.problems)} problems, {sum(len(one()) for one in reading.files.values())} bytes"


def _import(source: str, folder: str, kind: str = "") -> str:
    return repr(len(import_pack(source, folder, format=kind or None).merged.imported.draft.pack.emoji))


def _command(*arguments: str) -> str:
    """Run the command line; a code of 2 or more is an error, and what it said the message."""
    written = os.memfd_create("written")
    for stream in (1, 2):
        os.dup2(written, stream)
    code = run(list(arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    said = os.pread(written, 10_000, 0).decode("utf-8", "replace")
    if code not in (0, 1):
        raise InputError(f"{code}: {said}")
    return said


CALLS: dict[str, Callable[..., str]] = {
    "verify": _verified,
    "look": _look,
    "make": lambda path: repr(make(Path(path).read_bytes(), "", MakeSettings()).width),
    "read source": _read_source,
    "read json": lambda path: type(read_json(path, Path(path).read_bytes, []).value).__name__,
    "read pack": lambda path: read_pack(path).name,
    "examine pack": _examine,
    "import": _import,
    "export": lambda path, kind, target: export_pack(path, kind, target).format.name,
    "command": _command,
}


def _memory() -> tuple[float, float]:
    """Return the most that this process has had, and what it has, in megabytes."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1000, int(status["VmRSS"].split()[0]) / 1000


def _measured(name: str, *arguments: str) -> Cost:
    error = ""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (proc(5))
    before, started = _memory()[1], os.times()
    try:
        said = CALLS[name](*arguments)
    except Exception as raised:  # noqa: BLE001  # it is told to whoever asked
        said, error = str(raised), type(raised).__name__
    seconds = sum(os.times()[:4]) - sum(started[:4])  # those of its children, too
    return Cost(said[:5_000], error, round(seconds, 3), round(_memory()[0] - before, 1))


def _forked(name: str, *arguments: str) -> Cost:
    import resource  # Unix alone has it

    reading, writing = os.pipe()
    started = time.monotonic()
    process = os.fork()
    if not process:
        try:
            signal.alarm(MOST_WAITING)  # one that waits takes no seconds of the processor
            resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            os.write(writing, json.dumps(_measured(name, *arguments)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(process, 0)
    return Cost(*json.loads(said)) if said else Cost(f"status {status}", "died", time.monotonic() - started, 0.0)


def main() -> None:
    """Load what calls load, and answer one line with another one until there are no more."""
    answers = os.fdopen(os.dup(1), "w")  # commands get streams of their own
    warnings.simplefilter("error")
    _warm_up()
    for line in sys.stdin:
        answers.write(json.dumps(_forked(*json.loads(line))) + "\n")
        answers.flush()


def _warm_up() -> None:
    """Do once what a process does once: load modules, and the tables of decoders and of the Unicode pack."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("png", "gif", "webp", "avif", "jpeg"):
            path = f"{folder}/a.{kind}"
            Image.new("RGB", (40, 40), "red").save(path)
            for name in ("verify", "look", "make"):
                CALLS[name](path)
        write_zip(unicode_pack()._replace(emoji=()), {}, f"{folder}/a.zip")
        _read_source(f"{folder}/a.zip")
        for arguments in (["check"], ["build", "-o", f"{folder}/b"], ["sheet", "-o", f"{folder}/s.html"]):
            _command("pack", arguments[0], f"{folder}/a.zip", *arguments[1:])
    build_index([unicode_pack()])
    for name in BUILT_IN:
        find_format(name)


if __name__ == "__main__":
    main()
