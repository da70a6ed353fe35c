"""From a pack of ours to what a platform can hold: names, images and fields made to fit, and all losses reported."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..emoji import Emoji
from ..errors import ImageError, InputError, OptionError, Problem, quoted
from ..packs.pack import Content, is_url
from .addresses import ending
from .format import Draft, Format, Rules
from .names import fit_names, rule_of
from .pictures import fit_picture


class Exported(NamedTuple):
    """A draft that fits a format's rules, and how it came about."""

    draft: Draft
    names: Mapping[str, str]
    """What has another name there than it has here; an alias has that of its emoji, where there are no aliases."""
    left_out: int = 0


def fit_draft(draft: Draft, format: Format, names: Mapping[str, str] | None = None) -> Exported:  # noqa: A002  # the field's word
    """Make a pack fit a format. `names` are to be given, by what the emoji are called here.

    Raises `OptionError` if the format is only read.
    """
    if format.write is None:
        raise OptionError(f"format {format.name!r} is only read, not written")
    problems = list(draft.problems)
    files: dict[str, Content] = {}
    held = []
    for one in draft.pack.emoji:
        try:
            held.append(_held(one, draft, format, files, problems))
        except _Unheld as reason:
            problems.append(Problem(quoted(one.name), f"is left out: {reason}"))
    fitted = fit_names(held, rule_of(format.rules), names)
    problems += fitted.problems
    problems += _losses(fitted.emoji, draft.pack.emoji, format)
    emoji = tuple(_without_losses(one, format.rules) for one in fitted.emoji)
    pack = draft.pack._replace(emoji=emoji)
    return Exported(Draft(pack, files, tuple(problems)), fitted.names, len(draft.pack.emoji) - len(emoji))


def _without_losses(emoji: Emoji, rules: Rules) -> Emoji:
    return emoji._replace(
        alt=emoji.alt if rules.alt else "",
        category=emoji.category if rules.category else "",
        retired=emoji.retired and rules.retired,
    )


class _Unheld(Exception):  # noqa: N818  # not an error of anybody's: it carries the reason out of the questions below
    """A format cannot hold an emoji."""


def _held(emoji: Emoji, draft: Draft, format: Format, files: dict[str, Content], problems: list[Problem]) -> Emoji:  # noqa: A002  # likewise
    """Return an emoji whose images fit, those being among the files now."""
    rules = format.rules
    if emoji.image is None:
        if not rules.unicode:
            raise _Unheld(f"it is characters, and {format.name} has images alone")
        return emoji
    try:
        image = _image(emoji.image, draft, rules, files)
    except ImageError as error:
        raise _Unheld(f"its image {quoted(emoji.image)} {error}") from error
    problems += (Problem(quoted(emoji.name), f"its image {change}") for change in image.changes)
    emoji = emoji._replace(image=image.file)
    if emoji.static is not None:
        try:
            static = _image(emoji.static, draft, rules, files)
            emoji = emoji._replace(static=static.file)
        except ImageError as error:
            problems.append(Problem(quoted(emoji.name), f"loses its still frame: {quoted(emoji.static or '')} {error}"))
            emoji = emoji._replace(static=None)
    return emoji


class _Image(NamedTuple):
    file: str
    changes: tuple[str, ...] = ()


def _image(file: str, draft: Draft, rules: Rules, files: dict[str, Content]) -> _Image:
    """Return the image that stands for a file or an address, which may be the same. Raises `ImageError`."""
    if file not in draft.files:
        if is_url(file) and rules.urls:
            return _Image(file)
        what = "is an address, and files are wanted; import with --download first"
        raise ImageError(what if is_url(file) else "is not there")
    try:
        fitting = fit_picture(draft.files[file](), rules)
    except InputError as error:
        raise ImageError(f"cannot be read: {error}") from error
    if not fitting.change:
        files[file] = draft.files[file]
        return _Image(file)
    stem = file.rpartition(".")[0] or file
    name = file if _says(file, fitting.type) else f"{stem}.{'png' if fitting.type == 'apng' else fitting.type}"
    while name != file and (name in draft.files or name in files):
        name = f"_{name}" if "/" not in name else name.replace("/", "/_", 1)
    files[name] = lambda: fitting.content
    return _Image(name, (fitting.change,))


def _says(file: str, kind: str) -> bool:
    return {"jpg": "jpeg"}.get(ending(file), ending(file)) == kind or (kind == "apng" and ending(file) == "png")


def _losses(emoji: tuple[Emoji, ...], before: tuple[Emoji, ...], format: Format) -> Iterator[Problem]:  # noqa: A002  # likewise
    """Yield a line for each field that the format has no place for."""
    rules = format.rules
    lost = {
        "alternative text": [one.name for one in emoji if one.alt and not rules.alt],
        "category": [one.name for one in emoji if one.category and not rules.category],
        "aliases": [one.name for one in before if one.aliases and not rules.aliases],
        "that it is retired": [one.name for one in emoji if one.retired and not rules.retired],
    }
    for field, names in lost.items():
        if names:
            yield Problem("", f"{field}: {format.name} has none; lost of {_counted(names)}")
    if rules.emoji is not None and len(emoji) > rules.emoji:
        yield Problem("", f"{len(emoji):,} emoji are more than the {rules.emoji:,} that {format.name} holds")


def _counted(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN:,} more"


_SHOWN = 5
