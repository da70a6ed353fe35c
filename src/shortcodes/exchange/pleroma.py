"""Pleroma and Akkoma: emoji packs as folders, and zips of them.

Akkoma ``emoji/pack.ex``, ``emoji/loader.ex`` and ``mix/tasks/pleroma/emoji.ex``: a folder with a ``pack.json``, which
has ``files`` (name to path) and ``pack`` (license, homepage, description, …); or with an ``emoji.txt`` of lines ``name,
path, tag, …``; or of images alone, named as their emoji. A server that finds a ``pack.json`` looks at no ``emoji.txt``;
we write both where there are categories, and read the tags of one beside the other. A folder of such folders is read
as one pack, the folders becoming categories. The instance's ``custom_emoji.txt`` has the lines of an ``emoji.txt``. A
manifest lists packs to download, and holds none.

Names: a pack may have any (``pack.ex`` wants them not to be empty), and posts show any; one that people react with has
to be of ``[A-Za-z0-9_-]+`` (Akkoma's ``emoji.ex``, ``@emoji_regex``), and we keep to that. Types and sizes of images:
not verified.
"""

import posixpath
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..emoji import Emoji
from ..errors import PackError, Problem, quoted
from ..packs.pack import Content
from .addresses import distinct_files, is_image
from .entries import draft_of
from .extra import extra_for, keep, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "pleroma"
_PACK, _MANIFEST = "pack.json", "manifest.json"
_LINES = ("emoji.txt", "custom_emoji.txt")


class _Folder(NamedTuple):
    """One pack in a source."""

    path: str
    """Empty, or with a slash behind."""
    files: dict[str, Content]
    """By their paths in the source."""


def _recognises(source: Source) -> bool:
    if _MANIFEST in source.files and len(source.files) <= _FEW:
        found = peek_json(source.files[_MANIFEST], "src")
        return isinstance(found, dict) and all(isinstance(row, dict) and "src" in row for row in found.values())
    if any(_is_pack(source, path) or posixpath.basename(path) in _LINES for path in source.files):
        return True
    images = [is_image(path) for path in source.files]
    return any(images) and all(image or _is_aside(path) for path, image in zip(source.files, images, strict=True))


_FEW = 10
_ASIDE = (".txt", ".md", ".license", "license", "readme", ".ds_store")


def _is_pack(source: Source, path: str) -> bool:
    if posixpath.basename(path) != _PACK:
        return False
    found = peek_json(source.files[path], "files")
    return isinstance(found, dict) and isinstance(found.get("files"), dict)


def _is_aside(path: str) -> bool:
    return posixpath.basename(path).lower().endswith(_ASIDE) or posixpath.basename(path).startswith("._")


def _read(source: Source) -> Draft:
    if _MANIFEST in source.files and not any(posixpath.basename(path) == _PACK for path in source.files):
        raise PackError(source.name, _packs_to_download(source))
    problems: list[Problem] = []
    emoji: dict[str, Emoji] = {}
    used: set[str] = set()
    header: dict[str, Any] = {}
    folders = list(_folders(source))
    for folder in folders:
        found, more = _read_folder(folder, source, problems)
        header = more if len(folders) == 1 else header
        for one in found:
            used.add(one.image or "")
            if one.name in emoji:
                problems.append(Problem(quoted(one.image or ""), f"is left out: {quoted(one.name)} is there already"))
                continue
            category = one.category or (folder.path.rstrip("/") if len(folders) > 1 else "")
            emoji[one.name] = one._replace(category=category)
    unused = [path for path in source.files if path not in used and not _is_list(path)]
    problems += (Problem(quoted(path), "is no emoji of the pack; left out") for path in unused)
    return draft_of(source, emoji.values(), problems, **header)


def _is_list(path: str) -> bool:
    return posixpath.basename(path) in (_PACK, _MANIFEST, *_LINES)


def _packs_to_download(source: Source) -> Iterator[Problem]:
    for name, row in read_json(_MANIFEST, source.files[_MANIFEST], []).members():
        address = row.at("src").text_or("its zip")
        yield row.problem(f"is a pack to download; get {address}, and import that as {quoted(name)}")


def _folders(source: Source) -> Iterator[_Folder]:
    """Yield the folders that are packs: those with a list, and those of images that no list is above."""
    lists = sorted({posixpath.dirname(path) for path in source.files if _is_list(path)})
    bare = {posixpath.dirname(path) for path in source.files if is_image(path)}
    for path in sorted({*lists, *bare}):
        above = [path[:end] for end in range(len(path)) if path[end] == "/" or not end]
        if path in lists or not any(one in lists for one in above):
            start = f"{path}/" if path else ""
            yield _Folder(start, {file: content for file, content in source.files.items() if file.startswith(start)})


def _read_folder(folder: _Folder, source: Source, problems: list[Problem]) -> tuple[list[Emoji], dict[str, Any]]:
    if folder.path + _PACK in folder.files:
        return _read_pack(folder, source, problems)
    for name in _LINES:
        if folder.path + name in folder.files:
            return list(_read_lines(folder.path + name, folder, source, problems)), {}
    images = (path for path in folder.files if is_image(path) and posixpath.dirname(path) == folder.path.rstrip("/"))
    return [Emoji(posixpath.splitext(posixpath.basename(path))[0], image=path) for path in images], {}


def _read_pack(folder: _Folder, source: Source, problems: list[Problem]) -> tuple[list[Emoji], dict[str, Any]]:
    document = read_json(folder.path + _PACK, folder.files[folder.path + _PACK], problems)
    emoji = []
    for name, file in document.at("files").members():
        path = folder.path + file.text_or()
        if path not in folder.files:
            problems.append(file.problem(f"{quoted(name)} is left out: there is no file {quoted(file.text_or())}"))
            continue
        emoji.append(Emoji(name, image=path))
    if (lines := folder.path + _LINES[0]) in folder.files:
        tagged = {one.name: one for one in _read_lines(lines, folder, source, [])}
        emoji = [tagged[one.name]._replace(image=one.image) if one.name in tagged else one for one in emoji]
    about = document.at("pack")
    table = about.value if isinstance(about.value, dict) else {}
    about = Field(table, "pack", folder.path + _PACK)
    header = {
        "license": about.at("license").text_or(),
        "homepage": about.at("homepage").text_or(),
        "title": about.at("description").text_or(),
        "extra": extra_for(_NAME, keep(table, "license", "homepage", "description")),
    }
    return emoji, header


def _read_lines(path: str, folder: _Folder, source: Source, problems: list[Problem]) -> Iterator[Emoji]:
    """Yield the emoji of lines ``name, path, tag, …``. A path is in the folder, or begins at the server's root."""
    for number, line in enumerate(folder.files[path]().decode("utf-8-sig", "replace").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, *rest = (part.strip() for part in line.split(","))
        if not name or not rest:
            problems.append(Problem(f"{path}:{number}", f"{quoted(line)} is left out: it is not 'name, path'"))
            continue
        file = _file_at(rest[0], folder, source)
        tags = [tag for tag in rest[1:] if tag]
        extra = extra_for(_NAME, {"tags": tags[1:]} if tags[1:] else {})
        yield Emoji(name, image=file, category="".join(tags[:1]), extra=extra)


def _file_at(path: str, folder: _Folder, source: Source) -> str:
    """Return the file that a line names; ``/emoji/kitchen/pot.png`` is ``pot.png`` in the folder of the kitchen."""
    steps = path.lstrip("/").split("/")
    rests = ["/".join(steps[skipped:]) for skipped in range(len(steps))]
    tries = (start + rest for start in dict.fromkeys((folder.path, "")) for rest in rests)
    return next((file for file in tries if file in source.files), path)


def _write(draft: Draft) -> dict[str, Content]:
    names = distinct_files(draft.pack.emoji)
    files = {names[emoji.name]: draft.files[emoji.image] for emoji in draft.pack.emoji if emoji.image}
    fields = {"license": draft.pack.license, "homepage": draft.pack.homepage, "description": draft.pack.title}
    about = {key: value for key, value in fields.items() if value} | kept(draft.pack, _NAME)
    lists = {_PACK: to_json({"files": names, "files_count": len(names), "pack": about})}
    if any(emoji.category for emoji in draft.pack.emoji):
        lines = "".join(_line(emoji, names[emoji.name]) for emoji in draft.pack.emoji if emoji.image).encode()
        lists[_LINES[0]] = lambda: lines
    return {**lists, **files}


def _line(emoji: Emoji, file: str) -> str:
    tags = kept(emoji, _NAME).get("tags")
    more = [str(tag) for tag in tags] if isinstance(tags, list) else []
    return ", ".join([emoji.name, file, *(tag.replace(",", " ") for tag in (emoji.category, *more) if tag)]) + "\n"


FORMAT = Format(
    _NAME,
    "Pleroma and Akkoma, a pack.json, emoji.txt or folder of images (docs.akkoma.dev, emoji packs)",
    Rules(name=r"[A-Za-z0-9_-]+", category=True, urls=False),
    _recognises,
    _read,
    _write,
    packed="zip",
)
