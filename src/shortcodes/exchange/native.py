"""Our own packs: a folder, or a zip of one, with a ``pack.toml`` (docs/reference/packs.md)."""

from collections.abc import Mapping

from ..errors import PackError, Problem
from ..images.header import TYPES
from ..packs.manifest import MANIFEST, examine_pack
from ..packs.pack import Content
from ..packs.to_toml import to_toml
from .format import Draft, Format, Rules, Source


def _recognises(source: Source) -> bool:
    return MANIFEST in source.files


def _read(source: Source) -> Draft:
    if MANIFEST not in source.files:
        raise PackError(source.name, [Problem("", f"there is no {MANIFEST}")])
    reading = examine_pack(source.name)
    if reading.problems:
        raise PackError(reading.pack.name, reading.problems)
    named = {file for one in reading.pack.emoji for file in (one.image, one.static)}
    return Draft(reading.pack, {file: content for file, content in reading.files.items() if file in named})


def _write(draft: Draft) -> Mapping[str, Content]:
    manifest = to_toml(draft.pack).encode()
    return {MANIFEST: lambda: manifest, **dict(sorted(draft.files.items()))}


FORMAT = Format(
    "native",
    "a pack of this library: a folder or a zip with a pack.toml (docs/reference/packs.md)",
    Rules(types=(*TYPES, "svg"), aliases=True, alt=True, category=True, unicode=True, retired=True),
    _recognises,
    _read,
    _write,
)
