"""Exchange: the packs of other platforms, read and written. One format a file, each a plain value `FORMAT`."""

from importlib import import_module
from typing import Final, cast

from ..errors import InputError, OptionError, PluginError
from .format import Format, Source

BUILT_IN: Final = (
    *("native", "misskey", "discourse", "hexbear", "mastodon", "lemmy", "piefed", "zulip", "slack", "mattermost"),
    *("rocketchat", "discord", "gitlab", "github", "matrix", "cytube", "activitypub", "emoji_mart"),
    *("emoji_picker_element", "mastodon_tar", "pleroma"),
)
"""The formats of this package: the value ``FORMAT`` of the module of that name, loaded when it is asked for.

In the order in which they are tried on a source, so what takes any folder of images is last.
"""

GROUP: Final = "shortcodes.exchange"


def find_format(format: Format | str) -> Format:  # noqa: A002  # the field's word
    """Return a format, or the one of that name, ours or an installed one.

    Raises `OptionError` with the names that there are, and `PluginError` for an installed one that does not load.
    """
    if isinstance(format, Format):
        return format
    if format in BUILT_IN:
        return cast("Format", import_module(f".{format}", __name__).FORMAT)
    from ..plugins import load, points_of  # slow: it looks at everything that is installed

    points = points_of(GROUP)
    for point in points:
        if point.name == format:
            return load(point, _checked)
    raise OptionError.unknown("format", format, {*BUILT_IN, *(point.name for point in points)})


def format_names() -> tuple[str, ...]:
    """Return the names of all formats, ours first."""
    from ..plugins import points_of

    return (*BUILT_IN, *(point.name for point in points_of(GROUP) if point.name not in BUILT_IN))


def recognise(source: Source) -> tuple[Format, Source]:
    """Return the format that a source is of, found by looking, and the source as that format reads it.

    That is the source without the folder that all of it lies in, where people have packed a folder and not what is in
    it. Raises `InputError` if no format knows it. An installed format that does not load is passed over.
    """
    formats = []
    for name in format_names():
        try:
            formats.append(find_format(name))
        except PluginError:
            continue
    inner = unwrapped(source)
    for seen in (source, inner) if len(inner.files) and inner.files.keys() != source.files.keys() else (source,):
        for one in formats:
            if one.recognises(seen):
                return one, seen
    raise InputError(
        f"{source.name}: is not a pack of any format that is known; say which with --from; there are: "
        + ", ".join(one.name for one in formats)
    )


def unwrapped(source: Source) -> Source:
    """Return a source without the folders that all of its files lie in, and without what a Mac adds to zips."""
    files = {path: content for path, content in source.files.items() if not path.startswith("__MACOSX/")}
    while files and len(tops := {path.partition("/")[0] for path in files}) == 1 and all("/" in path for path in files):
        skipped = len(tops.pop()) + 1
        files = {path[skipped:]: content for path, content in files.items()}
    return source._replace(files=files)


def _checked(format: object) -> Format:  # noqa: A002  # likewise
    if not isinstance(format, Format):
        raise TypeError(f"it is a {type(format).__name__}, not a shortcodes.exchange.format.Format")
    return format
