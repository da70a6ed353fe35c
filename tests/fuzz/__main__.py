"""Fuzz: ``python -m fuzz MINUTES [TARGET …]`` in tests/; `make fuzz` installs what it needs and calls it.

Each target gets its share of the minutes in a process of its own. What it found worth keeping is in build/fuzz/TARGET,
an input that breaks a promise in build/fuzz/findings; the exit code is 1 if there is one. ``--keep`` puts some of the
former into the corpus here.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "fuzz"
KEPT = 40
"""How many inputs a committed corpus has."""
ENOUGH = 5
"""How many findings of a target end its turn: they are likely one."""


def fuzz(target: str, options: list[str]) -> None:
    """Hand one target to libFuzzer, in this process, which ends with it."""
    import atheris  # only here, because it is made for few machines

    with atheris.instrument_imports(include=["shortcodes"]):
        from fuzz.mutations import mutate_json
        from fuzz.targets import JSON, TARGETS  # the library is instrumented as it is imported, now and later

        def mutate(content: bytes, most: int, seed: int) -> bytes:
            mutated = mutate_json(content, Random(seed)) or bytes(atheris.Mutate(content, most))
            return mutated[:most]

        atheris.Setup(
            [sys.argv[0], *options], TARGETS[target], **({"custom_mutator": mutate} if target in JSON else {})
        )
        atheris.Fuzz()


def fuzz_for(target: str, seconds: float) -> tuple[int, int]:
    """Fuzz a target for some seconds; return how many inputs ran, and how many of them broke a promise."""
    from fuzz.seeds import CORPUS, seeds, words
    from fuzz.targets import JSON

    corpus, findings = BUILD / target, BUILD / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number:04}").write_bytes(seed)
    dictionary = BUILD / "words.dict"
    escaped = sorted({"".join(f"\\x{byte:02x}" for byte in word.encode("utf-8", "replace")) for word in words()})
    dictionary.write_text("".join(f'"{word}"\n' for word in escaped), "ascii")
    inputs = broken = 0
    end = time.monotonic() + seconds
    while (left := int(end - time.monotonic())) > 0 and broken < ENOUGH:
        options = [
            *(f"-max_total_time={left}", f"-max_len={8_192 if target in JSON else 1_024}", f"-dict={dictionary}"),
            *("-timeout=60", "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={findings}/{target}-"),
            *map(str, filter(Path.is_dir, (corpus, CORPUS / target))),
        ]
        code, said = in_process(target, options)
        (BUILD / f"{target}.log").write_text(said, "utf-8")
        counted = re.search(r"stat::number_of_executed_units: (\d+)", said)
        inputs += int(counted[1]) if counted else 0
        if code:
            broken += 1
            print(said[said.find("===") :][:2_000])
    return inputs, broken


def in_process(target: str, options: list[str]) -> tuple[int, str]:
    """Run libFuzzer in a process of its own; return its exit code, and what it said."""
    command = [sys.executable, "-m", "fuzz", "--in-process", target, *options]
    done = subprocess.run(command, cwd=ROOT / "tests", stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    return done.returncode, done.stderr


def keep(target: str) -> None:
    """Put some of what was found into the corpus: short ones and long ones, each of which reached something new."""
    from fuzz.seeds import CORPUS

    kept = CORPUS / target
    kept.mkdir(parents=True, exist_ok=True)
    found = [path for path in (BUILD / target).iterdir() if not path.name.startswith("seed-")]
    found.sort(key=lambda path: (path.stat().st_size, path.name))
    for path in found[:: max(len(found) // KEPT, 1)][:KEPT]:
        (kept / path.name).write_bytes(path.read_bytes())


def main(arguments: list[str]) -> int:
    """Fuzz the targets that are named, or all, one after another."""
    if arguments[0] == "--in-process":
        fuzz(arguments[1], arguments[2:])
    from fuzz.targets import TARGETS

    if arguments[0] == "--keep":
        for target in arguments[1:] or TARGETS:
            keep(target)
        return 0
    minutes, targets = float(arguments[0]), arguments[1:] or list(TARGETS)
    broken = 0
    for target in targets:
        start = time.monotonic()
        executed, found = fuzz_for(target, minutes * 60 / len(targets))
        broken += found
        print(f"{target}: {executed:,} inputs in {time.monotonic() - start:.0f} s, {found} findings", flush=True)
    if broken:
        print(f"Findings are in {os.path.relpath(BUILD / 'findings')}; make each a case of a fixture.")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
