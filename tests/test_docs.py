"""The docs run: their examples, their tables, their links; and the examples in docstrings.

How a document is written so that it can be run, from the top to the end, in an empty folder of its own:

- ``python``: statements, or ``>>>`` examples and what they print. All blocks of a document share their names.
- ``console``: ``$ command``, and under it what it prints. The shell runs it; ``$?`` is the exit code before it.
- A second word, as in ``toml cats/pack.toml``, is the file that the block is saved as. Such a block is not run.
- A table whose first heading is ``Text``, ``Markdown`` or ``Name`` is checked: see `_COLUMNS`. Its packs are those that
  the document calls ``packs``. A cell that is no code says that nothing changes.
- ``<!-- continues: ../tutorial/first-pack.md -->``: the document begins with the files that the other one left.
- ``<!-- not run: reason -->`` before a block leaves it out; ``<!-- needs: flask -->`` does so where Flask is missing.
"""

import contextlib
import doctest
import importlib
import importlib.util
import io
import itertools
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import click
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

import shortcodes
from shortcodes import Converter, Limits, PackError, read_pack
from shortcodes.cli import shortcodes as command_line

ROOT = Path(__file__).parent.parent
MADE = ROOT / "docs" / "benchmarks.md"  # by `make bench`, which not everybody has run
DOCUMENTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - {MADE})
MODULES = sorted(module.name for module in pkgutil.walk_packages(shortcodes.__path__, "shortcodes."))

# Blocks in these languages are shown, or saved; all others have to be known to `_Run`.
_SHOWN = {"css", "html", "html+jinja", "markdown", "text", "toml"}
_COMMENT = re.compile(r"<!-- (not run|needs): (.+) -->\s*")


class Block(NamedTuple):
    """A fenced block or a table, and where it begins."""

    line: int
    language: str
    file: str
    text: str
    rows: tuple[tuple[str | None, ...], ...] = ()


def parse(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def read_blocks(text: str) -> Iterator[Block]:
    """Yield what a document has to run or to check, in reading order."""
    tokens = parse(text)
    for i, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else 0
        if token.type == "fence" and not _is_left_out(tokens[i - 1] if i else None):
            language, _, file = token.info.partition(" ")
            yield Block(line, language, file, token.content)
        elif token.type == "table_open":
            rows = tuple(_table_rows(tokens[i:]))
            if rows[0][0] in _COLUMNS:
                yield Block(line, "table", "", "", rows)


def _is_left_out(before: Token | None) -> bool:
    mark = _COMMENT.fullmatch(before.content) if before and before.type == "html_block" else None
    return mark is not None and (mark[1] == "not run" or importlib.util.find_spec(mark[2]) is None)


def _table_rows(tokens: list[Token]) -> Iterator[tuple[str | None, ...]]:
    """Yield the headings as texts, then each row's code: None for a cell without any."""
    cells: list[str | None] = []
    heading = False
    for token in itertools.takewhile(lambda token: token.type != "table_close", tokens):
        if token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            yield tuple(cells)
        elif token.type in ("th_open", "td_open"):
            heading = token.type == "th_open"
        elif token.type == "inline":
            code = [child.content for child in token.children or [] if child.type == "code_inline"]
            cells.append(code[0] if code else token.content if heading else None)


def _name(converter: Converter, name: str) -> str:
    match = converter.index.find(name)
    return match.entry.emoji.name if match else name


def _paragraph(converter: Converter, post: str) -> str:
    return re.sub(r'\A<p(?: class="only-emoji")?>(.*)</p>\n\Z', r"\1", str(converter.to_html(post)), flags=re.DOTALL)


_COLUMNS: dict[str, dict[str, Callable[..., str]]] = {
    "Text": {
        "word": Converter.text_to_text,
        "loose": Converter.text_to_text,
        "strict": Converter.text_to_text,
        "Becomes": Converter.text_to_text,
    },
    "Markdown": {"HTML": _paragraph, "Plain text": Converter.to_text},
    "Name": {"Stands for": _name},
}


class _Checker(doctest.OutputChecker):
    """Compares as a reader does, who sees no empty line at the end."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want.rstrip("\n"), got.rstrip("\n"), optionflags)


class _Run:
    """One document being run in a folder."""

    def __init__(self, document: str, folder: Path) -> None:
        self.document = document
        self.folder = folder
        self.names: dict[str, Any] = {"__name__": "example"}
        self.exit_code = 0
        self.site = folder.parent / f"{folder.name}-installed"

    def __call__(self, block: Block) -> None:
        if block.file:
            path = self.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            self._python(block)
        elif block.language == "console":
            for command, expected in commands(block.text):
                assert self.command(command) == expected, f"{self.document}:{block.line}: $ {command}"
        elif block.rows:
            self._table(block)
        else:
            assert block.language in _SHOWN, f"{self.document}:{block.line}: no rule for {block.language!r}"

    def _python(self, block: Block) -> None:
        name = f"{self.document}:{block.line}"
        if ">>> " in block.text:
            test = doctest.DocTestParser().get_doctest(block.text, self.names, name, self.document, block.line)
            failures: list[str] = []
            doctest.DocTestRunner(_Checker()).run(test, out=failures.append, clear_globs=False)
            self.names |= test.globs
            assert not failures, "".join(failures)
        else:
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(compile("\n" * block.line + block.text, name, "exec"), self.names)
            assert not printed.getvalue(), f"{name}: prints what no reader sees; write it with >>>"

    def command(self, command: str) -> str:
        """Run a command as a reader would; return what a terminal would show."""
        if command.startswith("pip install ./"):  # without the network, and not into our own environment
            self._install(self.folder / command.removeprefix("pip install ./"))
            return ""
        done = subprocess.run(
            ["sh", "-c", f"(exit {self.exit_code})\n{command}"],
            cwd=self.folder,
            env=os.environ | {"PATH": _path(), "PYTHONPATH": str(self.site), "COLUMNS": "80", "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        self.exit_code = done.returncode
        return done.stdout

    def _install(self, source: Path) -> None:
        """Put a package with a src folder where Python finds it, with the entry points of its pyproject.toml."""
        project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        shutil.rmtree(self.site, ignore_errors=True)
        shutil.copytree(source / "src", self.site)
        metadata = self.site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
        lines = [
            line
            for group, points in project["entry-points"].items()
            for line in (f"[{group}]", *(f"{name} = {value}" for name, value in points.items()))
        ]
        (metadata / "entry_points.txt").write_text("\n".join(lines))

    def _table(self, block: Block) -> None:
        headings, *rows = block.rows
        columns = _COLUMNS[str(headings[0])]
        checked = [(i, heading) for i, heading in enumerate(headings) if heading in columns]
        assert checked, f"{self.document}:{block.line}: no column of {headings} is known"
        wrong: list[str] = []
        for i, heading in checked:
            boundary = heading if heading in ("word", "loose", "strict") else None
            converter = Converter(self.names.get("packs"), boundary=boundary)
            for source, expected in ((str(row[0]), row[i]) for row in rows):
                result = columns[str(heading)](converter, source)
                if result != (source if expected is None else expected):
                    wrong.append(
                        f"{self.document}:{block.line}: {source!r}, {heading}: is {result!r}, not {expected!r}"
                    )
        assert not wrong, "\n".join(wrong)


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield the commands of a console block, each with what it prints."""
    for part in re.split(r"(?m)^\$ ", text)[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            more, _, output = output.partition("\n")
            command += f"\n{more.removeprefix('> ')}"
        yield command, output


def _path() -> str:
    return os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])


def run(document: str, text: str, folder: Path) -> None:
    for earlier in re.findall(r"<!-- continues: (\S+) -->", text):
        prepare(ROOT / os.path.dirname(document) / earlier, folder)
    play = _Run(document, folder)
    for block in read_blocks(text):
        play(block)


def prepare(document: Path, folder: Path) -> None:
    """Do what an earlier document leaves behind: its files, and those of its commands that are not ours."""
    play = _Run(name_of(document.resolve()), folder)
    for block in read_blocks(document.read_text(encoding="utf-8")):
        if block.file:
            play(block)
        elif block.language == "console":
            for command, _ in commands(block.text):
                if not command.startswith("shortcodes "):
                    play.command(command)


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The empty folder that a document is read in."""
    place = tmp_path / "reader"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.syspath_prepend(str(tmp_path / "reader-installed"))
    monkeypatch.syspath_prepend(str(place))
    modules = set(sys.modules)
    yield place
    for module in set(sys.modules) - modules:
        if str(tmp_path) in str(getattr(sys.modules[module], "__file__", "")):
            del sys.modules[module]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_examples_of_the_docs(document: Path, folder: Path) -> None:
    run(name_of(document), document.read_text(encoding="utf-8"), folder)


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_docstrings(module: str) -> None:
    assert not doctest.testmod(importlib.import_module(module), report=True).failed


@pytest.mark.parametrize(
    "text",
    [
        "```python\n>>> 1 + 1\n3\n```",
        "```python\nassert 1 + 1 == 3\n```",
        "```python\nprint(2)\n```",
        "```console\n$ echo wave\nwavee\n```",
        "```console\n$ echo wave\nwave\n$ (exit 3)\n$ echo $?\n0\n```",
        "```pycon\n>>> 1 + 1\n```",
        "| Text | Becomes |\n|---|---|\n| `:wave:` | stays |",
        "| Text | loose | strict |\n|---|---|---|\n| `x:wave:` | `x👋` | `x👋` |",
        "| Name | Stands for |\n|---|---|\n| `Wave` | `cat` |",
        "| Text | Turns into |\n|---|---|\n| `:wave:` | `👋` |",
        "<!-- needs: shortcodes -->\n```console\n$ shortcodes emoji show wavee\n```",
    ],
)
def test_a_wrong_example_fails(text: str, folder: Path) -> None:
    with pytest.raises(AssertionError):
        run("wrong.md", text, folder)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(document: Path) -> None:
    broken = [
        target
        for target in _links(parse(document.read_text(encoding="utf-8")))
        if not re.match(r"[a-z]+:", target) and not _exists(document, unquote(target))
    ]
    assert not broken


def _links(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        target = token.attrs.get("href") or token.attrs.get("src")
        if target:
            yield str(target)
        yield from _links(token.children or [])


def _exists(document: Path, target: str) -> bool:
    file, _, anchor = target.partition("#")
    path = document.parent / file if file else document
    if path.resolve() == MADE:
        return True
    return path.exists() and (not anchor or anchor in _anchors(path.read_text(encoding="utf-8")))


def _anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a document."""
    anchors: set[str] = set()
    for heading, inline in itertools.pairwise(parse(text)):
        if heading.type == "heading_open":
            shown = "".join(child.content for child in inline.children or [])
            anchor = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
            anchors.add(next(new for new in (anchor, *(f"{anchor}-{i}" for i in range(1, 99))) if new not in anchors))
    return anchors


def test_the_index_lists_every_document() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in _links(parse(index.read_text("utf-8")))}
    assert {name_of(document) for document in DOCUMENTS if document.parent != ROOT and document not in listed} == {
        name_of(index)
    }


def test_the_reference_has_every_public_name() -> None:
    assert not _missing("docs/reference/python.md", shortcodes.__all__)


def test_the_reference_has_every_limit() -> None:
    assert not _missing("docs/reference/limits.md", Limits._fields)


def test_the_reference_has_every_field_of_a_pack(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text("[pack]\nxyzzy = 1\n[[emoji]]\nxyzzy = 1\n", encoding="utf-8")
    with pytest.raises(PackError) as caught:
        read_pack(tmp_path)
    fields = [field for found in re.findall(r"there are (.+)", str(caught.value)) for field in found.split(", ")]
    assert {"base_url", "retired"} <= set(fields)
    assert not _missing("docs/reference/packs.md", fields)


def test_the_how_to_has_every_command_and_option() -> None:
    usage = list(_usage(command_line, "shortcodes"))
    assert {"shortcodes render", "shortcodes emoji show", "--pack"} <= set(usage)
    assert not _missing("docs/how-to/command-line.md", usage)


def _usage(command: click.Command, path: str) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield max(parameter.opts, key=len)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(
            context
        ):  # what is loaded when it is asked for has no place in `commands` yet
            inner = command.get_command(context, name)
            assert inner is not None
            if not isinstance(inner, click.Group):
                yield f"{path} {name}"
            yield from _usage(inner, f"{path} {name}")


def _missing(document: str, names: Iterable[str]) -> list[str]:
    """Return what does not stand in a document as code."""
    code = "\n".join(_code(parse((ROOT / document).read_text(encoding="utf-8"))))
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", code)]


def _code(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "code_inline":
            yield token.content
        yield from _code(token.children or [])
