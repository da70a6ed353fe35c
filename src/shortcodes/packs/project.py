"""Begin something: a pack with a commented ``pack.toml``, and a Python project that makes a pack a plug-in."""

import keyword
import os
import re
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from string import Template

from ..errors import InputError, OptionError, PackError, Problem, quoted
from ..whole import errors_of, open_whole
from .edit import derived_name
from .manifest import MANIFEST, _open, read_pack
from .pack import Content, Pack, pack_problems
from .to_toml import key_of, string_of
from .write import images_of, write_files


def begin_pack(
    folder: str | os.PathLike[str],
    *,
    name: str = "",
    title: str = "",
    license: str = "",  # noqa: A002  # the name of the field
    authors: Sequence[str] = (),
) -> Pack:
    """Write a commented ``pack.toml`` into a folder, which is made if it is not there. Return the pack: no emoji yet.

    Without a name, it is that of the folder, as `derived_name` makes one of it. Raises `InputError` if there is a
    ``pack.toml`` already, and `PackError` if a value may not be in one.
    """
    shown = os.fspath(folder)
    own = name or derived_name(os.path.basename(os.path.abspath(shown)))
    if not own:
        raise OptionError(f"{shown}: gives no name; name the pack")
    pack = Pack(own, version="0.1.0", title=title, license=license, authors=tuple(authors))
    if problems := tuple(pack_problems(pack)):
        raise PackError(own, problems)
    path = os.path.join(shown, MANIFEST)
    if os.path.lexists(path):
        raise InputError(f"{path}: is there already; add to it, or name another folder")
    made = False
    with errors_of(shown):
        if not os.path.isdir(shown):
            os.mkdir(shown)
            made = True
        try:
            with open_whole(path) as file:
                file.write(_starter(pack).encode())
        except BaseException:
            if made:
                os.rmdir(shown)
            raise
    return pack


def _starter(pack: Pack) -> str:
    def line(field: str, value: str, example: str, meaning: str) -> str:
        return f"{field} = {value}" if value else f"# {field} = {example}  # {meaning}"

    authors = f"[{', '.join(map(string_of, pack.authors))}]" if pack.authors else ""
    return _template("pack.toml").substitute(
        name=string_of(pack.name),
        title=line("title", pack.title and string_of(pack.title), '"Cats of the house"', "its name for people"),
        license=line("license", pack.license and string_of(pack.license), '"CC0-1.0"', "see https://spdx.org/licenses"),
        authors=line("authors", authors, '["A. Keeper"]', "who made it"),
    )


def write_project(
    name: str, folder: str | os.PathLike[str], *, pack: str | os.PathLike[str] | None = None
) -> tuple[str, ...]:
    """Write a Python project to a new folder: a distribution of that name, which brings a pack as a plug-in.

    The pack is a folder or a zip, whose files are copied as they are, or a new one of one emoji. Returns what the
    project could not take over, a line each. Raises `OptionError` for a name that no distribution can have, and what
    `read_pack` raises.
    """
    package = _package(name)
    own, files, notes = _taken_over(pack) if pack is not None else _new(name)
    version = own.version if re.fullmatch(_VERSION, own.version) else "0.1.0"
    if own.version and version != own.version:
        notes = (*notes, f"version {quoted(own.version)} is none of a Python project (PEP 440); it begins at {version}")
    title = " ".join((own.title or own.name).split())
    values = {
        "name": name,
        "package": package,
        "version": string_of(version),
        "title": re.sub(r"([^\w\s])", r"\\\1", title),  # any of ASCII's marks may be escaped (CommonMark, 2.4)
        "description": string_of(f"{title}: a pack for emoji-shortcodes"),
        "license": _license(own.license),
        "pack": key_of(own.name),
    }
    written: dict[str, Content] = {
        "pyproject.toml": _text("pyproject.toml.txt", {**values, "name": string_of(name)}),
        "README.md": _text("README.md.txt", values),
        ".gitignore": _text("gitignore.txt", values),
        "tests/test_pack.py": _text("test_pack.py.txt", {"pack": f'"{own.name}"'}),
        f"src/{package}/__init__.py": _text("init.py.txt", values),
        **{f"src/{package}/{file}": content for file, content in files.items()},
    }
    write_files(written, folder)
    return notes


def _package(name: str) -> str:
    """Return the module of a distribution: ``cats-emoji`` has ``cats_emoji``."""
    if not re.fullmatch(r"(?i)[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?", name):  # PyPA, Names and normalization
        problem = "write ASCII letters and digits, and between them '-', '_' or '.'"
        raise OptionError(f"{quoted(name)} is no name of a Python project; {problem}")
    package = re.sub(r"[-_.]+", "_", name).lower()
    if not package.isidentifier() or keyword.iskeyword(package):
        raise OptionError(
            f"{quoted(name)} gives the module {quoted(package)}, which Python cannot import; choose another"
        )
    if package in {"shortcodes", "emoji_shortcodes", "tests"} or package in sys.stdlib_module_names:
        raise OptionError(
            f"{quoted(name)} gives the module {quoted(package)}, which is another one; choose another name"
        )
    return package


def _taken_over(path: str | os.PathLike[str]) -> tuple[Pack, dict[str, Content], tuple[str, ...]]:
    """Return a pack, its files, and a line for what lies beside them and is none of its."""
    pack = read_pack(path)
    source = _open(os.fspath(path))
    there = source.files()
    wanted = images_of(pack.emoji)
    kept = {file: content for file, content in there.items() if file in wanted or re.match(_LEGAL, file)}
    if "__init__.py" in map(str.lower, kept):
        raise PackError(pack.name, [Problem("__init__.py", "is an image's name, and that of a module; rename it")])
    left = sorted(there.keys() - kept.keys())
    notes = (f"not taken over, as no emoji has them: {', '.join(map(quoted, left))}",) if left else ()
    return pack, {MANIFEST: lambda: source.manifest, **kept}, notes


_LEGAL = r"(?i)(?:licen[cs]e|copying|notice|authors|readme)[^/]*\Z"


def _new(name: str) -> tuple[Pack, dict[str, Content], tuple[str, ...]]:
    pack = Pack(re.sub(r"[-_.]?emoji\Z", "", name, flags=re.IGNORECASE) or name, version="0.1.0")
    pack = pack._replace(name=derived_name(pack.name))
    manifest = (_starter(pack) + _read("paw.toml")).encode()
    return pack, {MANIFEST: lambda: manifest}, ()


# PEP 440, without epochs and local versions.
_VERSION = r"[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc)[0-9]+)?(?:\.post[0-9]+)?(?:\.dev[0-9]+)?"

# What packs are published under. A build refuses an expression that it does not know (PEP 639), and takes any text.
_SPDX = (
    "0BSD AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 BSD-2-Clause BSD-3-Clause CC-BY-3.0 CC-BY-4.0 CC-BY-NC-4.0 "
    "CC-BY-NC-SA-4.0 CC-BY-NC-ND-4.0 CC-BY-ND-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 GPL-3.0-only GPL-3.0-or-later ISC "
    "LGPL-3.0-only LGPL-3.0-or-later MIT MIT-0 MPL-2.0 OFL-1.1 Unicode-3.0 Unlicense WTFPL Zlib"
).split()


def _license(expression: str) -> str:
    if not expression:
        return ""
    known = all(one in _SPDX for one in re.split(r" (?:AND|OR) ", expression))
    value = string_of(expression) if known else f"{{ text = {string_of(expression)} }}"
    return f"license = {value}\n"


@cache
def _template(name: str) -> Template:
    return Template(_read(name))


def _read(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), "templates", name), encoding="utf-8") as file:
        return file.read()


def _text(name: str, values: Mapping[str, str]) -> Content:
    text = _template(name).substitute(values)
    return text.encode
