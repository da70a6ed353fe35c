"""Discourse: the zip that its administrators export and import: ``emojis.csv``, and the images beside it.

discourse/discourse ``custom_emoji/action/build_export_archive.rb`` and ``parse_import_manifest.rb``: the table is UTF-8
with a byte order mark and has the columns name, group (of 20 characters) and filename; ``default`` is the group of
those that have none. What comes in ends with ``.png``, ``.gif`` or ``.svg``, each of its own name; an SVG comes in only
where the site allows that type (not verified), so we draw it. Names: ``Emoji.sanitize_emoji_name`` makes them
lower-case, of letters, digits, ``+``, ``-`` and ``_``, no two of the last in a row.
"""

import csv
import io

from ..emoji import Emoji
from ..errors import PackError, Problem, quoted
from ..packs.pack import Content
from .addresses import upload_ending
from .entries import draft_of
from .extra import extra_for, kept
from .format import Draft, Format, Rules, Source

_NAME = "discourse"
_TABLE = "emojis.csv"
_COLUMNS = ["name", "group", "filename"]
_NO_GROUP = "default"
_MARK = b"\xef\xbb\xbf"


def _recognises(source: Source) -> bool:
    try:
        start = source.files[_TABLE]()[:1_000] if _TABLE in source.files else b""
    except Exception:  # noqa: BLE001  # whatever a damaged archive comes to; the reader says it
        return False
    return start.removeprefix(_MARK).split(b"\n")[0].strip().startswith(b"name,group,filename")


def _read(source: Source) -> Draft:
    if _TABLE not in source.files:
        raise PackError(source.name, [Problem("", f"there is no {_TABLE}")])
    try:
        text = source.files[_TABLE]().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise PackError(source.name, [Problem(_TABLE, f"is no table in UTF-8: {error}")]) from error
    problems: list[Problem] = []
    emoji = []
    for number, row in enumerate(rows, 2):
        name, file = (row.get("name") or "").strip(), (row.get("filename") or "").strip()
        if not name or file not in source.files:
            missing = f"there is no file {quoted(file)}" if name else "there is no name"
            problems.append(Problem(f"{_TABLE}:{number}", f"{quoted(name)} is left out: {missing}"))
            continue
        group = (row.get("group") or "").strip()
        more = {key: value for key, value in row.items() if key not in (*_COLUMNS, None) and isinstance(value, str)}
        emoji.append(
            Emoji(name, image=file, category="" if group == _NO_GROUP else group, extra=extra_for(_NAME, more))
        )
    used = {_TABLE, *(one.image for one in emoji)}
    problems += (Problem(quoted(path), "is not in the table; left out") for path in source.files if path not in used)
    return draft_of(source, emoji, problems)


def _write(draft: Draft) -> dict[str, Content]:
    files: dict[str, Content] = {}
    more = list(dict.fromkeys(key for one in draft.pack.emoji for key in kept(one, _NAME)))
    output = io.StringIO()
    table = csv.DictWriter(output, [*_COLUMNS, *more], lineterminator="\n")
    table.writeheader()
    for emoji in draft.pack.emoji:
        if emoji.image:
            file = f"{emoji.name}.{upload_ending(emoji.image)}"
            files[file] = draft.files[emoji.image]
            own = {"name": emoji.name, "group": emoji.category or _NO_GROUP, "filename": file}
            table.writerow({key: str(value) for key, value in kept(emoji, _NAME).items()} | own)
    content = _MARK + output.getvalue().encode()
    return {**files, _TABLE: lambda: content}


FORMAT = Format(
    _NAME,
    "Discourse, export and import of custom emoji (meta.discourse.org)",
    Rules(name=r"(?!.*__)[a-z0-9_+-]+", types=("png", "apng", "gif"), category=True, urls=False),
    _recognises,
    _read,
    _write,
    packed="zip",
)
