"""The peers: the same work, done by others. Each gets our names where it takes any.

Text: `emoji.emojize(language="alias")` and rich (tables of their own), and `re.sub` with a callback, which is what a
forum writes for itself. Markdown: bare markdown-it-py (the floor: our engine, no emoji), markdown-it-py with
mdit-py-emoji, Python-Markdown with pymdownx.emoji, mistune with an inline rule, comrak with its own shortcodes, and
Node's markdown-it with markdown-it-emoji, where there is Node. Engines alone, no emoji: cmark-gfm, pulldown-cmark.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from typing import Any

import cmarkgfm
import comrak
import emoji
import markdown
import mistune
import pymdownx.emoji
import pyromark
from markdown_it import MarkdownIt
from mdit_py_emoji import emoji_plugin
from rich.emoji import Emoji as RichEmoji

from shortcodes import Index

Door = Callable[[str], object]

OURS = "shortcodes"
FAST = "shortcodes, fast engine"
NODE = "Node: markdown-it + markdown-it-emoji"
EMOJI = "emoji"
RE_SUB = "re.sub"
RICH = "rich"
BARE = "markdown-it-py, no emoji"
MDIT_PY_EMOJI = "markdown-it-py + mdit-py-emoji"
PYTHON_MARKDOWN = "Python-Markdown + pymdownx.emoji"
MISTUNE = "mistune + a rule"
COMRAK = "comrak, its own shortcodes"
CMARKGFM = "cmark-gfm, no emoji"
PYROMARK = "pulldown-cmark, no emoji"

_PACKAGES = (
    *("emoji", "rich", "markdown-it-py", "mdit-py-emoji", "Markdown", "pymdown-extensions", "mistune"),
    *("comrak", "cmarkgfm", "pyromark"),
)


def versions() -> Mapping[str, str]:
    """Return the version of every peer."""
    return {package: version(package) for package in _PACKAGES}


def text_peers(index: Index) -> Mapping[str, Door]:
    """Return what replaces shortcodes by characters in plain text."""
    return {
        EMOJI: partial(emoji.emojize, language="alias"),
        RE_SUB: re_sub(_characters(index)),
        RICH: RichEmoji.replace,
    }


def markdown_peers(index: Index) -> Mapping[str, Door]:
    """Return what renders Markdown posts with emoji to HTML."""
    table = _characters(index)
    return {
        BARE: bare_markdown_it().render,
        MDIT_PY_EMOJI: bare_markdown_it().use(emoji_plugin, defs=table, shortcuts={}).render,
        PYTHON_MARKDOWN: _python_markdown(index),
        MISTUNE: _mistune(table),
        COMRAK: _comrak(),
        CMARKGFM: cmarkgfm.github_flavored_markdown_to_html,
        PYROMARK: pyromark.Markdown(
            options=pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH
        ).html,
    }


def re_sub(table: Mapping[str, str]) -> Door:
    """Return the home-made text door: one pattern, one callback, no rule about what stands beside a colon."""
    get = table.get

    def replace(match: re.Match[str]) -> str:
        return get(match[1]) or match[0]

    return partial(re.compile(r":([\w+-]+):").sub, replace)


def bare_markdown_it() -> MarkdownIt:
    """Return our engine, with the preset and the options of our dialect `gfm`, and nothing else."""
    return MarkdownIt("gfm-like", {"html": False, "xhtmlOut": False})


def _characters(index: Index) -> dict[str, str]:
    return {name: entry.emoji.unicode or "" for name, entry in index.entries.items()}


def _codepoints(sequence: str) -> str:
    return "-".join(f"{ord(character):x}" for character in sequence)


def _python_markdown(index: Index) -> Door:
    """Python-Markdown with as few extensions as the posts allow: fenced code, and emoji as characters."""
    bundled = [one for pack in index.packs for one in pack.emoji]
    rows = {f":{one.name}:": {"name": one.name, "unicode": _codepoints(one.unicode or "")} for one in bundled}
    aliases = {f":{alias}:": f":{one.name}:" for one in bundled for alias in one.aliases}

    def emoji_index(_options: object, _md: object) -> Mapping[str, object]:
        return {"name": "shortcodes", "emoji": rows, "aliases": aliases}

    settings = {"emoji_index": emoji_index, "emoji_generator": pymdownx.emoji.to_alt}
    dialect = ["tables", "fenced_code", "pymdownx.tilde", "pymdownx.magiclink"]  # GitHub's, as all others have it
    md = markdown.Markdown(extensions=[*dialect, "pymdownx.emoji"], extension_configs={"pymdownx.emoji": settings})

    def render(post: str) -> object:
        return md.reset().convert(post)

    return render


class Node:
    """Node's markdown-it in a process of its own, which measures itself."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def through(self, texts: Sequence[str]) -> Callable[[], float]:
        def work() -> float:
            return float(self.ask(0))

        self.ask(list(texts))
        return work

    def ask(self, what: object) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


@contextlib.contextmanager
def node(index: Index) -> Iterator[Node | None]:
    """Start Node, if it is here and `make bench` has fetched its packages."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "build", "node")
    if not shutil.which("node") or not os.path.isdir(os.path.join(folder, "node_modules")):
        yield None
        return
    with subprocess.Popen(
        ["node", "-e", _NODE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    ) as process:
        peer = Node(process)
        peer.ask(_characters(index))
        yield peer
        process.kill()


_NODE = """
const { full } = require("markdown-it-emoji");
const md = require("markdown-it")({ linkify: true });
let texts = [];
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  if (Array.isArray(asked)) {
    texts = asked;
    for (let i = 0; i < 200; i++) texts.forEach((text) => md.render(text));
    console.log("0");
  } else if (asked) {
    md.use(full, { defs: asked, shortcuts: {} });
    console.log("0");
  } else {
    const before = process.cpuUsage();
    texts.forEach((text) => md.render(text));
    const spent = process.cpuUsage(before);
    console.log(String((spent.user + spent.system) / 1e6));
  }
});
"""


def _comrak() -> Door:
    """comrak with GitHub's dialect, made once; raw HTML is left out, as it comes."""
    extensions = comrak.ExtensionOptions()
    extensions.table = extensions.strikethrough = extensions.autolink = extensions.shortcodes = True
    return partial(comrak.render_markdown, extension_options=extensions)


def _mistune(table: Mapping[str, str]) -> Door:
    """mistune with the plug-ins that make it GitHub's dialect, and a rule for shortcodes."""

    def shortcode(_inline: object, match: re.Match[str], state: Any) -> int:  # noqa: ANN401  # mistune's own class
        name = match["shortcode_name"]
        state.append_token({"type": "text", "raw": table.get(name) or f":{name}:"})
        return match.end()

    def plugin(md: Any) -> None:  # noqa: ANN401  # likewise
        md.inline.register("shortcode", r":(?P<shortcode_name>[\w+-]+):", shortcode, before="link")

    render: Door = mistune.create_markdown(escape=True, plugins=["strikethrough", "table", "url", plugin])
    return render
