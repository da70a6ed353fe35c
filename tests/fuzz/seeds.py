"""Where a target begins: what the fixtures have of its kind."""

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import documents
from conftest import FIXTURES, read_cases
from pictures import animated, encoded, flat, moving
from shortcodes.dialects import BUILT_IN as DIALECTS
from shortcodes.exchange import BUILT_IN as FORMATS

CORPUS = Path(__file__).parent / "corpus"
POSTS = frozenset({"markdown_door", "source_door"})
LONG_POST = 500
"""Longer ones take longer, and show nothing that short ones do not."""


def seeds(target: str) -> Iterator[bytes]:
    """Yield the inputs to begin with, and those that earlier runs found worth keeping."""
    found = {
        "tokenizer": _texts,
        "html_door": _html,
        "markdown_door": _posts,
        "source_door": _posts,
        "manifest": _manifests,
        "importers": _packs,
        "archives": _archives,
        "threads": _threads,
        "images": _images,
    }[target]()
    yield from (seed for seed in found if target not in POSTS or len(seed) < LONG_POST)
    yield from (path.read_bytes() for path in sorted((CORPUS / target).glob("*")))


def words() -> Iterator[str]:
    """Yield the words of the languages that are read, for a fuzzer that puts inputs together."""
    for word in (*documents.EMOJI, *documents.URLS, *documents.MARKS, *documents.WORDS, *documents.LABELS):
        yield from {word, f"{word}\n", f" {word} "}
    yield from """
    ::: spoiler a\\n ::: {a|b} ^a^ ~a~ [^1] [^1]: !c@h.org @u@h.org /c/a @**Ann** #**a** ||a||
    > - 1. | |-| ``` ~~~ [pack] [[emoji]] schema=1 name="a" unicode="👋" image="https://a.b/c" aliases=["b"] alt="x" {"shortcode":"a","url":"https://a.b/c"}
    """.split()
    for case in read_cases(FIXTURES / "tokens.jsonl"):
        yield case["input"]


def _texts() -> Iterator[bytes]:
    for number, case in enumerate(read_cases(FIXTURES / "tokens.jsonl")):
        yield bytes([number % 4]) + case["input"].encode("utf-8", "surrogateescape")


def _posts() -> Iterator[bytes]:
    for number in range(200):
        yield bytes([number % 36]) + documents.document(Random(number)).encode()
    for case in (*read_cases(FIXTURES / "posts.jsonl"), *read_cases(FIXTURES / "source.jsonl")):
        yield b"\0" + case["input"].encode("utf-8", "replace")
    for path in sorted((FIXTURES / "posts").glob("*.md")):
        yield bytes([DIALECTS.index("lemmy")]) + path.read_bytes()


def _html() -> Iterator[bytes]:
    for path in sorted((FIXTURES / "html").glob("*.txt")):
        yield from (part.encode() for part in path.read_text("utf-8").split("\n.\n"))


def _manifests() -> Iterator[bytes]:
    yield from (path.read_bytes() for path in sorted((FIXTURES / "packs").rglob("*.toml")))
    yield _zipped(
        {"pack.toml": b'[pack]\nschema = 1\nname = "a"\n[[emoji]]\nname = "b"\nimage = "b.png"\n', "b.png": b"x"}
    )


def _packs() -> Iterator[bytes]:
    for number, name in enumerate(FORMATS):
        for sample in sorted((FIXTURES / "exchange" / name).iterdir()):
            if sample.suffix == ".expected":
                continue
            root = sample if sample.is_dir() else sample.parent
            files = [file for file in sorted(root.rglob("*")) if file.is_file()] if sample.is_dir() else [sample]
            parts = []
            for file in files:
                content = file.read_bytes()
                parts += [str(file.relative_to(root)).encode(), b"PNG" if b"\0" in content else content]
            yield bytes([number]) + b"\0".join(parts)
            yield b"\xff" + b"\0".join(parts)


def _archives() -> Iterator[bytes]:
    files = {"a.png": b"x" * 40, "b/c.json": b"{}"}
    yield _zipped(files)
    for mode in ("w", "w:gz"):
        for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            output = io.BytesIO()
            with tarfile.open(fileobj=output, mode=mode, format=form) as archive:
                for name, content in {**files, f"{'d' * 60}/{'e' * 60}": b"y"}.items():
                    member = tarfile.TarInfo(name)
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
            yield output.getvalue()


def _zipped(files: dict[str, bytes]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return output.getvalue()


def _threads() -> Iterator[bytes]:
    found = [json.loads(path.read_text("utf-8")) for path in sorted((FIXTURES / "threads").rglob("*.json"))]
    for number, answer in enumerate(found):
        yield bytes([number % 4]) + json.dumps(answer).encode()
        yield b"\0" + json.dumps([answer, *found[:2]]).encode()


def _images() -> Iterator[bytes]:
    still, frames = flat(3, 16), moving(3, 3, 16)
    for kind in ("PNG", "GIF", "WEBP", "AVIF"):
        yield encoded(still, kind)
        yield animated(frames, kind)
    yield encoded(still.convert("RGB"), "JPEG")
    yield encoded(still.convert("RGB"), "JPEG", progressive=True)
