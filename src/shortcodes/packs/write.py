"""Write a pack: values to ``pack.toml``, and with its files to a folder or a zip that appears whole or not at all."""

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from itertools import count
from typing import IO, Any

from ..emoji import Emoji
from ..errors import InputError, PackError, Problem, ShortcodesError, quoted
from .manifest import MANIFEST, MAX_MANIFEST_BYTES, SCHEMA, read_pack
from .pack import Content, Pack, file_problem, is_url

_MAX_LINE = 120
_MAX_DEPTH = 64  # readers of TOML call themselves once a level


def to_toml(pack: Pack) -> str:
    r"""Return the manifest of a pack: the same text for the same pack, from which `read_pack` gives an equal one.

    What a manifest has no field for, an emoji's `version` and `tones`, is left out. Raises `PackError` if an `extra`
    table has what TOML cannot hold, such as None.

    >>> print(to_toml(Pack("cats", (Emoji("paw", "\U0001f43e", alt="paw\tprint"),))), end="")
    [pack]
    schema = 1
    name = "cats"
    <BLANKLINE>
    [[emoji]]
    name = "paw"
    unicode = "🐾"
    alt = "paw\tprint"
    """
    problems: list[Problem] = []
    header = {"schema": SCHEMA, **{field: getattr(pack, field) for field in _PACK_FIELDS}}
    parts = [_table("[pack]", "pack", header, pack.extra, problems)]
    for number, one in enumerate(pack.emoji):
        parts.append(emoji_to_toml(one, f"emoji[{number}]", problems))
    if problems:
        raise PackError(pack.name, problems)
    return "\n".join(parts)


def emoji_to_toml(emoji: Emoji, where: str, problems: list[Problem]) -> str:
    """Return the table of one emoji. `problems` takes what TOML cannot hold."""
    fields = {field: getattr(emoji, field) for field in _EMOJI_FIELDS}
    return _table("[[emoji]]", where, fields, emoji.extra, problems)


# In the order of docs/reference/packs.md.
_PACK_FIELDS = ("name", "version", "title", "license", "authors", "homepage", "base_url")
_EMOJI_FIELDS = (
    *("name", "aliases", "unicode", "image", "static", "alt", "category", "keywords"),
    *("width", "height", "sensitive", "retired"),
)


def _table(
    heading: str, where: str, fields: Mapping[str, object], extra: Mapping[str, Any], problems: list[Problem]
) -> str:
    """Return a table, its fields that have their default left out, and the tables below it."""
    lines = [heading]
    below: list[str] = []
    name = heading.strip("[]")
    for field, value in fields.items():
        if value is None or value is False or value in ("", ()) or value == {}:
            continue
        try:
            text = value_of(value)
        except ValueError as error:
            problems.append(Problem(f"{where}.{field}", str(error)))
            continue
        if isinstance(value, Mapping) and len(text) + len(field) > _MAX_LINE:
            below += ["", f"[{name}.{field}]", *(_assignment(key, one) for key, one in value.items())]
        else:
            lines.append(_assignment(field, value))
    for platform, table in extra.items():
        try:
            below += ["", f"[{name}.extra.{key_of(platform)}]", *_lines(table)]
        except ValueError as error:
            step = platform if re.fullmatch(_BARE, platform) else quoted(platform)
            problems.append(Problem(f"{where}.extra.{step}", str(error)))
    return "\n".join([*lines, *below, ""])


def _lines(table: object) -> Iterator[str]:
    if not isinstance(table, Mapping):
        raise ValueError(f"is {quoted(str(table))}; give a table for each format")  # noqa: TRY004  # as all that TOML cannot hold
    for key, value in table.items():
        try:
            yield _assignment(key, value)
        except ValueError as error:
            raise ValueError(f"{quoted(str(key))} {error}") from error


def _assignment(key: str, value: object) -> str:
    line = f"{key_of(key)} = {value_of(value)}"
    if len(line) <= _MAX_LINE or not isinstance(value, Sequence) or isinstance(value, str):
        return line
    return "\n".join([f"{key_of(key)} = [", *(f"    {value_of(one)}," for one in value), "]"])


def value_of(value: object, depth: int = 0) -> str:
    """Spell a value as TOML 1.0 does. Raises `ValueError` with what is wrong with one that it cannot hold."""
    if depth > _MAX_DEPTH:
        raise ValueError(f"has tables in tables, more than {_MAX_DEPTH} deep")
    if isinstance(value, str):
        return string_of(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = [f"{key_of(key)} = {value_of(one, depth + 1)}" for key, one in value.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(value_of(one, depth + 1) for one in value)}]"
    raise ValueError(f"is {value!r}, which TOML cannot hold; leave it out")


def key_of(key: object) -> str:
    """Spell a key as TOML does: bare if it can be, else in quotes. Raises `ValueError` if it is no text."""
    if not isinstance(key, str):
        raise ValueError(f"has the key {key!r}; the keys of TOML are texts")  # noqa: TRY004  # as all that TOML cannot hold
    return key if re.fullmatch(_BARE, key) else string_of(key)


_BARE = r"[A-Za-z0-9_-]+"


def string_of(text: str) -> str:
    """Return a basic string of TOML. What has no shape is escaped, so that whoever reads the file sees it."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(f"has half of a surrogate pair: {quoted(text)}; write whole characters")
    return f'"{_ESCAPED.sub(_escape, text)}"'


# Quotes and controls have to be (TOML 1.0, String); marks of direction and the like better are.
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]')
_SHORT = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}


def _escape(match: re.Match[str]) -> str:
    return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04X}"


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
        _synchronise(new)
        _swap(new, target)


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


@contextlib.contextmanager
def open_whole(path: str | os.PathLike[str], *, synchronised: bool = True) -> Iterator[IO[bytes]]:
    """Open a file that appears, whole, when all is written, in place of an older one, whose owner and mode it gets.

    It is on the disk then, too, unless that is not to be waited for, as for thousands of small files. Raises
    `InputError` in one line if it cannot be written.
    """
    if os.path.isdir(path):
        raise InputError(f"{os.fspath(path)}: is a folder; name a file to write")
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"{os.fspath(path)}: is a pipe or a device, which no file may replace; name a file to write")
    with errors_of(os.fspath(path)), beside(os.path.abspath(path)) as unfinished, open(unfinished, "wb") as output:
        yield output
        output.flush()
        if synchronised:
            os.fsync(output.fileno())
        if os.name == "nt":  # which renames nothing that is open
            output.close()
        os.replace(unfinished, path)
        if synchronised:
            synchronise_folder(os.path.dirname(os.path.abspath(path)))


@contextlib.contextmanager
def beside(target: str, *, folder: bool = False) -> Iterator[str]:
    """Make a file or a folder beside a target, with its owner and mode, to be renamed to it; yield its path.

    It is gone at the end, unless it was renamed. A process that is killed leaves it, and the next one that writes the
    same target deletes it. That one knows by a lock, which goes with the process: nobody deletes what somebody writes.
    """
    clear_beside(target)
    path, handle = _made_beside(target, folder=folder)
    try:
        if os.path.exists(target):  # a new one keeps what the system gave it
            found = os.stat(target)
            with contextlib.suppress(OSError, AttributeError):  # only root may give files away; Windows has no owners
                os.chown(path, found.st_uid, found.st_gid)
            os.chmod(path, found.st_mode & 0o7777)  # then, as a change of owner takes some of it away
        yield path
    finally:
        if _is_there(path, handle):
            _delete(path)
        if handle is not None:
            os.close(handle)


def clear_beside(target: str) -> None:
    """Delete what processes that were killed left beside a target."""
    for number in range(1, _MOST_AT_ONCE + 1):
        path = _beside(target, number)
        with contextlib.suppress(OSError):  # as a rule: there is none
            handle = os.open(path, os.O_RDONLY)
            try:
                if _lock(handle, wait=False) and _is_there(path, handle):
                    _delete(path)
            finally:
                os.close(handle)


_MOST_AT_ONCE = 4  # who write the same target; more may, but what the fifth leaves is not looked for
_MAX_PREFIX = 40  # of a name that may have 255 bytes already


def _beside(target: str, number: int) -> str:
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name[:_MAX_PREFIX]}.{number}.unfinished")


def _made_beside(target: str, *, folder: bool) -> tuple[str, int | None]:
    """Make a file or a folder with a name that is free, and lock it; return its path, and what holds the lock."""
    mode = 0o600 if os.path.exists(target) else 0o666  # of a file that is replaced, perhaps nobody may see the content
    for number in count(1):
        path = _beside(target, number)
        try:
            if folder:
                os.mkdir(path)
            else:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        except FileExistsError:  # somebody else is at work
            continue
        if os.name == "nt":  # it has no such locks, and renames nothing that is open
            return path, None
        handle = os.open(path, os.O_RDONLY)
        _lock(handle, wait=True)
        if _is_there(path, handle):
            return path, handle
        os.close(handle)  # somebody took it, before it was locked, for one that was left
    raise AssertionError


def _lock(handle: int, *, wait: bool) -> bool:
    """Lock what is open until it is closed. Tell whether that could be done: some file systems know no locks."""
    try:
        import fcntl  # POSIX has it

        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except (ImportError, OSError):
        return False
    return True


def _is_there(path: str, handle: int | None) -> bool:
    """Tell whether there is at a path what was made there, and not what somebody else made."""
    try:
        return handle is None or os.path.samestat(os.lstat(path), os.fstat(handle))
    except OSError:
        return False


def _delete(path: str) -> None:
    import shutil  # slow to import, and seldom needed

    if os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(path)


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


@contextlib.contextmanager
def errors_of(path: str) -> Iterator[None]:
    """Turn what the system says against writing into one line that names what was to be written."""
    try:
        yield
    except ShortcodesError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error


def _fill(folder: str, files: Mapping[str, Content]) -> None:
    for name in sorted(files):
        path = os.path.join(folder, *name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "xb") as file:
            file.write(files[name]())


def _synchronise(folder: str) -> None:
    """Wait until all is on the disk: else a rename may survive a power cut, and what it names may not."""
    walked = list(os.walk(folder))
    if sum(len(files) for _, _, files in walked) > _MANY_FILES and hasattr(os, "sync"):
        os.sync()  # one wait for all, where a wait for each takes seconds for thousands
        return
    for path, _, files in walked:
        for file in files:
            synchronise_file(os.path.join(path, file))
        synchronise_folder(path)


_MANY_FILES = 100


def synchronise_file(path: str) -> None:
    """Wait until a file is on the disk. When all are written: what is waited for first takes others with it."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def synchronise_folder(folder: str) -> None:
    """Wait until the names of what is in a folder are on the disk."""
    with contextlib.suppress(OSError):  # Windows opens no folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _swap(new: str, target: str) -> None:
    """Put a folder in the place of another one; a filled one cannot be renamed onto."""
    if not os.path.isdir(target):
        os.rename(new, target)
    elif _exchange(new, target):
        _delete(new)  # which is the old one now
    else:
        old = f"{new}.replaced"
        os.rename(target, old)
        try:
            os.rename(new, target)
        except BaseException:
            os.rename(old, target)
            raise
        _delete(old)
    synchronise_folder(os.path.dirname(target))


_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


def _exchange(one: str, other: str) -> bool:
    """Let two folders change places, in one step; tell whether that could be done. Linux can, on most file systems."""
    try:
        import ctypes  # only who replaces a folder needs it

        rename = ctypes.CDLL(None).renameat2
    except (ImportError, OSError, TypeError, AttributeError):
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


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
