"""Exchange: the packs of other platforms, read and written. One format a file, each a plain value `FORMAT`."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, cast

from ..errors import InputError, PluginError
from ..packs.pack import Content
from ..plugins import Blame, find, points_of
from .format import Draft, Format, Source

BUILT_IN: Final = (
    *("native", "misskey", "discourse", "hexbear", "mastodon", "lemmy", "piefed", "zulip", "slack", "mattermost"),
    *("rocketchat", "discord", "gitlab", "github", "matrix", "cytube", "activitypub", "emoji_mart"),
    *("emoji_picker_element", "mastodon_tar", "pleroma"),
)
"""The formats of this package: the value ``FORMAT`` of the module of that name, loaded when it is asked for.

In the order in which they are tried on a source, so what takes any folder of images is last.
"""

GROUP: Final = "shortcodes.exchange"


_OWN: Final = {name: f"{__name__}.{name}:FORMAT" for name in BUILT_IN}


def find_format(format: Format | str) -> Format:  # noqa: A002  # the field's word
    """Return a format, or the one of that name, ours or an installed one.

    Raises `OptionError` with the names that there are, and `PluginError` for an installed one that does not load. What
    an installed one raises by mistake is a `PluginError`, too, and it gets nothing that it could change for others.
    """
    if isinstance(format, Format):
        return format
    if format in BUILT_IN:
        return cast("Format", import_module(f".{format}", __name__).FORMAT)
    return find(GROUP, format, setting="format", own=_OWN, check=_checked)


def format_names() -> tuple[str, ...]:
    """Return the names of all formats, ours first."""
    return (*BUILT_IN, *(name for name in points_of(GROUP, _OWN).by_name if name not in BUILT_IN))


def recognise(source: Source) -> tuple[Format, Source]:
    """Return the format that a source is of, found by looking, and the source as that format reads it.

    That is the source without the folder that all of it lies in, where people have packed a folder and not what is in
    it. Raises `InputError` if no format knows it, or `PackError` if that may be for its size. Installed ones are asked
    if none of ours does; one that does not load, or not work, is passed over, with a `RuntimeWarning` that names its
    distribution.
    """
    inner = unwrapped(source)
    seen = (source, inner) if len(inner.files) and inner.files.keys() != source.files.keys() else (source,)
    for names in (BUILT_IN, format_names()[len(BUILT_IN) :]):
        formats = [*_loaded(names)]
        for one in seen:
            for found in formats:
                if _recognises(found, one):
                    return found, one
    _check_sizes(source)
    raise InputError(
        f"{source.name}: is not a pack of any format that is known; say which with --from; there are: "
        + ", ".join((*BUILT_IN, *(one.name for one in formats)))
    )


def _check_sizes(source: Source) -> None:
    from .fields import check_size  # loaded by now, but not by those who only ask for names

    for path, content in source.files.items():
        if path.lower().endswith(".json"):
            check_size(path, content())


def _loaded(names: Iterable[str]) -> Iterator[Format]:
    for name in names:
        try:
            yield find_format(name)
        except PluginError as error:
            warnings.warn(str(error), RuntimeWarning, stacklevel=3)


def _recognises(one: Format, source: Source) -> bool:
    try:
        return one.recognises(source)
    except PluginError as error:
        warnings.warn(str(error), RuntimeWarning, stacklevel=3)
        return False


def unwrapped(source: Source) -> Source:
    """Return a source without the folders that all of its files lie in, and without what a Mac adds to zips."""
    files = {path: content for path, content in source.files.items() if not path.startswith("__MACOSX/")}
    while files and len(tops := {path.partition("/")[0] for path in files}) == 1 and all("/" in path for path in files):
        skipped = len(tops.pop()) + 1
        files = {path[skipped:]: content for path, content in files.items()}
    return source._replace(files=files)


def _checked(found: object, blame: Blame[Any]) -> Format:
    if not isinstance(found, Format):
        raise TypeError(f"it is a {type(found).__name__}, not a shortcodes.exchange.format.Format")
    plain = Format._make(tuple.__iter__(found))

    def recognises(source: Source) -> bool:
        return bool(plain.recognises(_unchangeable(source)))

    def read(source: Source) -> Draft:
        draft: object = plain.read(_unchangeable(source))
        if not isinstance(draft, Draft):
            raise TypeError(f"it read a {type(draft).__name__}, not a shortcodes.exchange.format.Draft")
        return draft

    def write(draft: Draft) -> Mapping[str, Content]:
        assert plain.write  # there is one, or this is not asked
        files: object = plain.write(_unchangeable(draft))
        if not isinstance(files, Mapping):
            raise TypeError(f"it wrote a {type(files).__name__}, not a mapping of paths and contents")
        return {path: blame(content) for path, content in files.items()}

    return plain._replace(recognises=blame(recognises), read=blame(read), write=blame(write) if plain.write else None)


def _unchangeable(one: Any) -> Any:  # noqa: ANN401  # a source or a draft
    """Return it with files that whoever gets it can read, but not take away from the next one."""
    return one._replace(files=MappingProxyType(dict(one.files)))
