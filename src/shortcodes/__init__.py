"""Emoji shortcodes for forums: find ``:wave:`` in posts, resolve it against packs, emit HTML or text."""

from typing import TYPE_CHECKING

from .converter import Converter
from .dialects.dialect import Dialect, Mention
from .emoji import Emoji, SkinTone
from .errors import ImageError, InputError, OptionError, PackError, PluginError, Problem, ShortcodesError, WorkerError
from .limits import Limits
from .packs.index import Collision, Index, build_index
from .packs.pack import Pack
from .packs.unicode import unicode_pack
from .renderers import ALLOWED_ELEMENTS, Html, Renderer, unicode_images
from .tokenizer import Shortcode, Token, tokenize

if TYPE_CHECKING:
    from .markdown.plugin import shortcodes_plugin
    from .packs.installed import installed_packs
    from .packs.manifest import read_pack
    from .preview import Preview
    from .results import FoundShortcode, Result, UnknownShortcode

__version__ = "0.1.0"

__all__ = [
    "ALLOWED_ELEMENTS",
    "Collision",
    "Converter",
    "Dialect",
    "Emoji",
    "FoundShortcode",
    "Html",
    "ImageError",
    "Index",
    "InputError",
    "Limits",
    "Mention",
    "OptionError",
    "Pack",
    "PackError",
    "PluginError",
    "Preview",
    "Problem",
    "Renderer",
    "Result",
    "Shortcode",
    "ShortcodesError",
    "SkinTone",
    "Token",
    "UnknownShortcode",
    "WorkerError",
    "build_index",
    "installed_packs",
    "read_pack",
    "shortcodes_plugin",
    "tokenize",
    "unicode_images",
    "unicode_pack",
]

# What a process that renders posts may never need is loaded when it is first asked for (PEP 562).
_ON_DEMAND = {
    "FoundShortcode": "results",
    "Preview": "preview",
    "Result": "results",
    "UnknownShortcode": "results",
    "installed_packs": "packs.installed",
    "read_pack": "packs.manifest",
    "shortcodes_plugin": "markdown.plugin",
}


def __getattr__(name: str) -> object:
    if name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_ON_DEMAND[name]}", __name__), name)
