"""What only a fresh process can tell: the time of an import, the memory of an index."""

import atexit
import functools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

STEPS: Final = {
    "bare": "pass",
    "import": "import shortcodes",
    "pack": "import shortcodes; shortcodes.unicode_pack()",
    "converter": "import shortcodes; shortcodes.Converter()",
    "first title": "import shortcodes; shortcodes.Converter().text_to_text('Hello :wave:')",
    "first post": "import shortcodes; shortcodes.Converter().to_html('Hello :wave:')",
    "emoji": "import emoji; emoji.emojize('Hello :wave:', language='alias')",
}
"""What a process may do first; each is compared with the bare interpreter, or the step before."""

_INDEX: Final = """
import json, resource, sys, time, tracemalloc
from indexes import pack_of
from shortcodes import build_index

def resident():
    try:
        with open("/proc/self/status") as status:  # the process's own; on Linux, ru_maxrss begins with the parent's
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

build_index([pack_of(1)])
before = resident()
if {traced}:
    tracemalloc.start()
start = time.process_time()
pack = pack_of({count})
made = time.process_time()
index = build_index([pack])
built = time.process_time()
traced = tracemalloc.get_traced_memory()[1] if {traced} else 0
print(json.dumps([made - start, built - made, resident() - before, traced]))
"""


class BigIndex(NamedTuple):
    """What an index took in a fresh process: CPU seconds for its values and for itself, bytes for both."""

    values: float
    build: float
    resident: float
    """Growth of the resident set at its peak."""
    traced: float
    """Peak of what Python allocated; 0 if it was not traced."""


class Start(NamedTuple):
    """What a fresh interpreter took for a step: seconds by the clock, and of CPU, user and system."""

    wall: float
    cpu: float


@functools.cache
def _environment() -> Mapping[str, str]:
    """Return an environment in which modules come from compiled files, as those of an installed package do."""
    compiled = tempfile.TemporaryDirectory()
    atexit.register(compiled.cleanup)
    environment = os.environ | {"PYTHONPYCACHEPREFIX": compiled.name}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def run(code: str) -> bytes:
    """Run code in a fresh interpreter, with this folder to import from, and return what it printed."""
    command = [sys.executable, "-c", code]
    folder = os.path.dirname(os.path.abspath(__file__))
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=folder, env=_environment()).stdout


def start_times(rounds: int) -> Mapping[str, Start]:
    """Run each step in that many fresh interpreters, in turn, and return the fastest of each."""
    for code in STEPS.values():
        run(code)  # modules are compiled, files come into memory
    found: dict[str, list[Start]] = {step: [] for step in STEPS}
    for _ in range(rounds):
        for step, code in STEPS.items():
            found[step].append(_start(code))
    return {step: Start(min(one.wall for one in runs), min(one.cpu for one in runs)) for step, runs in found.items()}


def big_index(count: int, *, traced: bool = False) -> BigIndex:
    """Build an index of so many emoji, each with an alias, in a fresh process. Tracing slows it several times."""
    return BigIndex(*json.loads(run(_INDEX.format(count=count, traced=traced))))


def _start(code: str) -> Start:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    run(code)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Start(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
