"""Write a pack and its files to a folder or a zip."""

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from ..emoji import Emoji
from ..errors import InputError, PackError, Problem, ShortcodesError, quoted
from ..whole import beside, errors_of, open_whole, swap, synchronise
from .manifest import MANIFEST, MAX_MANIFEST_BYTES, read_pack
from .pack import Content, Pack, file_problem, is_url
from .to_toml import to_toml


def write_folder(
    pack: Pack, files: Mapping[str, Content], folder: str | os.PathLike[str], *, replace: bool = False
) -> None:
    """Write a pack and its files to a folder, all or nothing.

    The folder that it is in must exist. All is written beside it, read again, and renamed. A folder that has something
    in it is an `InputError` unless `replace` is set and it is a pack: that one is kept until the new one is whole.
    What lies beside its manifest and is none of its files, such as a LICENSE or ``.git``, is carried over.

    Raises `PackError` if `read_pack` would not read the result, or a file may not have its name.
    """
    shown = os.fspath(folder)
    target = os.path.realpath(folder)  # a link to a folder stays, and leads to the new one
    if _is_filled(target, shown):
        if not replace:
            raise InputError(f"{shown}: is not empty; name a new folder, or say that it is to be replaced")
        if not os.path.isfile(os.path.join(target, MANIFEST)):
            raise InputError(f"{shown}: is not a pack, so it is not replaced; name another folder")
    manifest = _manifest(pack, files, shown)
    _write_folder({**files, MANIFEST: lambda: manifest}, target, shown, read_pack)


def write_files(files: Mapping[str, Content], folder: str | os.PathLike[str]) -> None:
    """Write files to a new or empty folder, all or nothing. Raises `InputError` if they cannot be written."""
    target = os.path.realpath(folder)
    if _is_filled(target, os.fspath(folder)):
        raise InputError(f"{os.fspath(folder)}: is not empty; name a new folder")
    _write_folder(files, target, os.fspath(folder), lambda _: None)


def _write_folder(files: Mapping[str, Content], target: str, shown: str, check: Callable[[str], object]) -> None:
    with errors_of(shown), beside(target, folder=True) as new:
        _fill(new, files)
        check(new)
        if os.path.isdir(target):
            _carry(target, new)
        synchronise(new)
        swap(new, target)


def write_zip(pack: Pack, files: Mapping[str, Content], path: str | os.PathLike[str]) -> None:
    """Write a pack and its files to a zip, all or nothing, in place of an older one. The same pack, the same bytes.

    Names are sorted and have no times; images are stored, as they are compressed already. Raises as `write_folder`.
    """
    import zipfile  # slow to import, and only writers of zips need it

    manifest = _manifest(pack, files, os.fspath(path))
    contents: dict[str, Content] = {**files, MANIFEST: lambda: manifest}
    with open_whole(path) as output:
        with zipfile.ZipFile(output, "w") as archive:
            for name in sorted(contents):
                member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the first moment that a zip can tell
                member.create_system = 3  # Unix, wherever it is made
                member.external_attr = 0o100644 << 16
                member.compress_type = zipfile.ZIP_STORED if _IMAGE.search(name) else zipfile.ZIP_DEFLATED
                archive.writestr(member, contents[name](), compresslevel=9)
        output.flush()
        read_pack(output.name)


_IMAGE = re.compile(r"\.(?:png|apng|gif|webp|avif|jpe?g|woff2?|zip|gz)\Z", re.IGNORECASE)


def file_name_problems(files: Iterable[str]) -> Iterator[Problem]:
    """Yield what keeps the names of files from being written, whatever the system: packs are carried between them."""
    folded: dict[str, str] = {MANIFEST: MANIFEST}
    names = list(files)
    folders = {folder.casefold() for name in names for folder in _folders(name)}
    for name in names:
        if problem := "is a URL; name a file" if is_url(name) else file_problem(name):
            yield Problem(quoted(name), problem)
        elif (twin := folded.setdefault(name.casefold(), name)) != name or name == MANIFEST:
            yield Problem(quoted(name), f"and {quoted(twin)} are one file on many systems; rename one of them")
        elif name.casefold() in folders:
            yield Problem(quoted(name), "is a file, and a folder of another one; rename one of them")


def _folders(name: str) -> list[str]:
    """``a/b/c.png``: ``a`` and ``a/b``."""
    steps = name.split("/")[:-1]
    return ["/".join(steps[: i + 1]) for i in range(len(steps))]


def _manifest(pack: Pack, files: Mapping[str, Content], path: str) -> bytes:
    manifest = to_toml(pack).encode()
    if problems := tuple(file_name_problems(files)):
        raise PackError(pack.name, problems)
    if len(manifest) > MAX_MANIFEST_BYTES:
        raise InputError(f"{path}: {MANIFEST} would have more than {MAX_MANIFEST_BYTES >> 20} MiB; split the pack")
    return manifest


def _is_filled(target: str, shown: str) -> bool:
    """Tell whether there is something in the folder. A file in its place is an `InputError`."""
    try:
        return bool(os.listdir(target))
    except FileNotFoundError:
        return False
    except OSError as error:
        reason = "is a file; name a folder" if os.path.exists(target) and not os.path.isdir(target) else error.strerror
        raise InputError(f"{shown}: {reason}") from error


def _fill(folder: str, files: Mapping[str, Content]) -> None:
    for name in sorted(files):
        path = os.path.join(folder, *name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "xb") as file:
            file.write(files[name]())


def _carry(old: str, new: str) -> None:
    """Let the new pack have, too, what lies at the top of the old one and is none of its files.

    Files are linked and not moved, so that both are whole until the new one takes the place of the old one.
    """
    import shutil

    named = {MANIFEST}
    with contextlib.suppress(ShortcodesError):  # it is replaced, perhaps because it is broken
        named |= {file.split("/")[0] for file in images_of(read_pack(old).emoji)}
    for name in os.listdir(old):
        here, there = os.path.join(old, name), os.path.join(new, name)
        if name in named or os.path.lexists(there):
            continue
        if os.path.isdir(here) and not os.path.islink(here):
            shutil.copytree(here, there, symlinks=True, copy_function=_link)
        else:
            _link(here, there)


def _link(old: str, new: str) -> None:
    """Give a file a second name, or copy it, where it can have no two."""
    import shutil

    try:
        os.link(old, new, follow_symlinks=False)
    except OSError:
        shutil.copy2(old, new, follow_symlinks=False)


def images_of(emoji: Iterable[Emoji]) -> set[str]:
    """Return the files of the pack, not the URLs, that emoji name."""
    return {file for one in emoji for file in (one.image, one.static) if file and not is_url(file)}
