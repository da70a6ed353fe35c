"""What has been made of images before: one file for each, which is whole or is not used."""

import contextlib
import json
import os
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple, get_args

import PIL
from PIL import features

from .make import Made, MakeSettings, Part, Role

_RECIPE = 1
"""Goes up when other bytes are made of the same image."""
_LIBRARIES = ("zlib", "webp", "jpg", "avif", "littlecms2")


class Cache(NamedTuple):
    """A folder of what was made. It may be deleted at any time."""

    folder: str

    def load(self, key: str) -> Made | None:
        """Return what was made under a key, if it is there and whole."""
        try:
            with open(self._path(key), "rb") as file:
                content = file.read()
        except OSError:
            return None
        return _unpacked(content)

    def part(self, key: str, number: int) -> bytes:
        """Return the content of one part of what was made. Raises `KeyError` if it is gone."""
        made = self.load(key)
        if made is None:
            raise KeyError(key)
        return made.parts[number].content

    def store(self, key: str, made: Made) -> None:
        """Keep what was made: it appears whole, whoever else writes the same."""
        path = self._path(key)
        beside = f"{path}.{os.getpid()}"
        try:
            with open(beside, "wb") as file:
                file.write(_packed(made))
            os.replace(beside, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(beside)
            raise

    def keep(self, keys: Iterable[str]) -> None:
        """Delete all but these."""
        kept = set(keys)
        for name in os.listdir(self.folder):
            if name not in kept:
                with contextlib.suppress(OSError):
                    os.unlink(self._path(name))

    def _path(self, key: str) -> str:
        return os.path.join(self.folder, key)


def cache_key(content: bytes, name: str, settings: MakeSettings, *, only_still: bool) -> str:
    """Return what says all that a result depends on: the bytes, the ending, the settings, and the libraries."""
    ending = name.rpartition(".")[2].lower()
    recipe = repr((_RECIPE, _libraries(), ending, tuple(settings), only_still))
    return sha256(sha256(content).digest() + recipe.encode()).hexdigest()


def _libraries() -> tuple[str | None, ...]:
    return (PIL.__version__, *(features.version(name) for name in _LIBRARIES))


# A file of the cache: the digest of the rest, a line of JSON, and the parts one after the other.


def _packed(made: Made) -> bytes:
    parts = [(part.role, part.ending, len(part.content)) for part in made.parts]
    head = json.dumps({"width": made.width, "height": made.height, "source": made.source, "parts": parts})
    body = head.encode() + b"\n" + b"".join(part.content for part in made.parts)
    return sha256(body).digest() + body


def _unpacked(content: bytes) -> Made | None:
    if sha256(content[32:]).digest() != content[:32]:
        return None
    end = content.index(b"\n", 32)
    head = json.loads(content[32:end])
    parts, position = [], end + 1
    for role, ending, length in head["parts"]:
        assert role in get_args(Role)  # the digest says that we wrote it
        parts.append(Part(role, ending, content[position : position + length]))
        position += length
    return Made(head["width"], head["height"], tuple(head["source"]), tuple(parts))
