"""How long `pack build` takes, and how much memory, for 2,000 emoji; and beside a plain Pillow loop, on one core.

    python benchmarks/pack_build.py [--emoji 2000] [--folder DIR] [--loop]

Makes the pack first, if it is not there: a third photos, 200 animations, the rest flat art. Prints seconds and MB.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from pictures import animated, encoded, flat, moving, photo

BUILD = "from shortcodes.cli import main; main()"
SIZE = 128


def make_pack(folder: Path, count: int) -> None:
    """Write the pack; every tenth emoji moves, every third of the others is a photo."""
    images = folder / "images"
    images.mkdir(parents=True)
    rows = ['[pack]\nschema = 1\nname = "bench"\nlicense = "CC0-1.0"\n']
    for number in range(count):
        name, content = f"e{number:04}", b""
        if number % 10 == 0:
            kind = ("GIF", "GIF", "WEBP", "PNG")[number // 10 % 4]
            side = (256, 128)[number // 20 % 2]
            ending = kind.lower()
            content = animated(moving(number, 12, side, clear=number % 20 == 0), kind)
        elif number % 3 == 0:
            ending = ("jpg", "jpg", "webp", "png")[number % 4]
            kind = {"jpg": "JPEG", "webp": "WEBP", "png": "PNG"}[ending]
            content = encoded(photo(number), kind)
        else:
            ending = "png"
            content = encoded(flat(number, (512, 256, 128)[number % 3]), "PNG")
        (images / f"{name}.{ending}").write_bytes(content)
        rows.append(f'\n[[emoji]]\nname = "{name}"\nimage = "images/{name}.{ending}"\nalt = "picture {number}"\n')
    (folder / "pack.toml").write_text("".join(rows), "utf-8")


class Cost(NamedTuple):
    seconds: float
    of_cores: float
    """Seconds of all cores together: what is left alone by whatever else runs on the machine."""


def build(pack: Path, target: Path, *options: str) -> Cost:
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", BUILD, "pack", "build", str(pack), "-o", str(target), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    of_cores = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - started, of_cores)


def plain_loop(pack: Path, target: Path) -> Cost:
    """The loop that everybody writes, for the same outputs: a PNG, or the animation, its still frame and a WebP."""
    started, before = time.perf_counter(), time.process_time()
    for file in sorted((pack / "images").iterdir()):
        with Image.open(file) as image:
            frames = getattr(image, "n_frames", 1)
            if frames == 1:
                _fitted(image.convert("RGBA")).save(target / f"{file.stem}.png", optimize=True)
                continue
            images, durations = [], []
            for frame in range(frames):
                image.seek(frame)
                images.append(_fitted(image.convert("RGBA")))
                durations.append(image.info["duration"])
            images[0].save(target / f"{file.stem}-still.png", optimize=True)
            kinds = {"GIF": ("gif", "webp"), "WEBP": ("webp",), "PNG": ("png",)}[image.format or ""]
            for kind in kinds:
                options: dict[str, Any] = (
                    {"disposal": 2} if kind == "gif" else {"quality": 90} if kind == "webp" else {}
                )
                images[0].save(
                    target / f"{file.stem}.{kind}",
                    save_all=True,
                    append_images=images[1:],
                    duration=durations,
                    loop=0,
                    **options,
                )
    return Cost(time.perf_counter() - started, time.process_time() - before)


def _fitted(image: Image.Image) -> Image.Image:
    if max(image.size) <= SIZE:
        return image
    ratio = SIZE / max(image.size)
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return image.resize(size, Image.Resampling.LANCZOS)


def most_memory(pack: Path, target: Path) -> tuple[float, float]:
    """Return the seconds of a build and the most MB that its processes had together, looked at ten times a second."""
    started, most = time.perf_counter(), 0
    command = [sys.executable, "-c", BUILD, "pack", "build", str(pack), "-o", str(target)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, sum(_resident(pid) for pid in _family(process.pid)))
            time.sleep(0.1)
    assert process.returncode == 0
    return time.perf_counter() - started, most / 1e6


def _family(pid: int) -> Sequence[int]:
    found = [pid]
    for parent in found:
        children = Path(f"/proc/{parent}/task/{parent}/children")
        if children.exists():
            found += map(int, children.read_text().split())
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:  # it has just ended
        return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--emoji", type=int, default=2000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--loop", action="store_true", help="also measure the plain loop, on one core")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp())
    pack = folder / f"pack-{asked.emoji}"
    if not pack.exists():
        make_pack(pack, asked.emoji)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        seconds, memory = most_memory(pack, Path(work, "cold"))
        print(f"cold: {seconds:.1f} s, {memory:.0f} MB")
        print(f"unchanged: {build(pack, Path(work, 'cold')).seconds:.2f} s")
        if asked.loop:
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
            (Path(work) / "loop").mkdir()
            for _ in range(2):
                alone = build(pack, Path(tempfile.mkdtemp(dir=work), "one"), "--jobs", "1")
                loop = plain_loop(pack, Path(work, "loop"))
                print(f"one core: {alone.of_cores:.1f} s; a plain loop: {loop.of_cores:.1f} s", end="")
                print(f"; {alone.of_cores / loop.of_cores:.2f} times")


if __name__ == "__main__":
    main()
