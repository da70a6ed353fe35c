"""Installed packs: the good ones are found, a bad one is one warning, and the rest work."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

import wheels
from shortcodes import Converter, installed_packs, unicode_pack
from shortcodes.packs.installed import load_installed

WARNED = {
    "shortcodes-exits": "installed pack 'exits' of 'shortcodes-exits' does not load: SystemExit: usage: exits PACK",
    "shortcodes-invalid": (
        "installed pack 'invalid' of 'shortcodes-invalid' does not load: "
        "pack 'invalid': emoji[0].name: 'two words' has ' ' (U+0020), which may not stand in a name; "
        "letters, digits, '_', '+' and '-' may\n"
        "pack 'invalid': emoji[1].image: 'javascript:alert(1)' has the scheme 'javascript'; "
        "http, https, mxc or a relative URL is allowed"
    ),
    "shortcodes-raises": (
        "installed pack 'raises' of 'shortcodes-raises' does not load: ImportError: No module named 'gone'"
    ),
    "shortcodes-wrong-type": (
        "installed pack 'wrong-type' of 'shortcodes-wrong-type' does not load: "
        "TypeError: it gave a dict, not a shortcodes.Pack"
    ),
}
PROGRAM = """
import json, sys, warnings
from shortcodes import Converter, installed_packs

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    packs = installed_packs()
converter = Converter(packs)
print(json.dumps({
    "packs": [pack.name for pack in packs],
    "warnings": [[one.category.__name__, str(one.message)] for one in caught],
    "html": converter.to_html(sys.stdin.read()),
    "files": [sys.modules[name].__file__ for name in ("shortcodes", "shortcodes_cats", "shortcodes_megathread")],
}))
"""


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a program sees that is installed with good and bad plug-ins."""
    environment = wheels.environment(tmp_path_factory.getbasetemp() / "wheels")
    post = ":cat: :purring: :wave::skin-tone-4: :pika-pickaxe:"
    seen: dict[str, Any] = json.loads(environment.run("python", "-c", PROGRAM, stdin=post))
    assert all(Path(file).is_relative_to(environment.folder) for file in seen["files"])
    return seen


def test_good_ones_come_by_name_and_the_bundled_one_last(installed: dict[str, Any]) -> None:
    assert installed["packs"] == ["cats", "megathread", "unicode"]


def test_a_bad_one_is_one_warning_with_its_name(installed: dict[str, Any]) -> None:
    assert installed["warnings"] == [["RuntimeWarning", WARNED[name]] for name in sorted(WARNED)]


def test_they_render(installed: dict[str, Any]) -> None:
    assert '<img class="emoji" src="https://cats.example/cat.png" alt="a tabby cat" title=":cat:"' in installed["html"]
    assert "🐈 👋🏽" in installed["html"]
    assert 'src="images/pika-pickaxe.png" alt="yellow pika holding a pickaxe"' in installed["html"]


# In this process: what is on the path looks installed.


def install(folder: Path, name: str, entry_points: str, module: str = "") -> None:
    """Put a distribution into a folder, as an installer does."""
    metadata = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[shortcodes.packs]\n{entry_points}\n")
    (folder / f"{name.replace('-', '_')}.py").write_text(module)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "function", "reason"),
    [
        ("bad-key", "pack = {}['gone']", "KeyError: 'gone'"),
        ("bad-syntax", "def pack(:", "SyntaxError: "),
        ("bad-name", "", "AttributeError: module 'bad_name' has no attribute 'pack'"),
        ("bad-value", "pack = 5", "TypeError: 'int' object is not callable"),
        ("bad-argument", "def pack(path): ...", "TypeError: pack() missing 1 required positional argument: 'path'"),
        ("bad-nothing", "def pack(): ...", "TypeError: it gave a NoneType, not a shortcodes.Pack"),
        ("bad-recursion", "def pack(): return pack()", "RecursionError: maximum recursion depth exceeded"),
        ("bad-exit", "raise SystemExit", "SystemExit"),
        (
            "bad-words",
            "class Mute(Exception):\n    def __str__(self): raise ValueError\ndef pack(): raise Mute",
            "bad_words.Mute: <exception str() failed>",
        ),
        (
            "bad-folder",
            "from shortcodes import read_pack\ndef pack(): return read_pack('no/such/folder')",
            "no/such/folder: there is no such file or folder",
        ),
        (
            "bad-note",
            "def pack():\n    error = ValueError('no')\n    error.add_note('but')\n    raise error",
            "ValueError: no",
        ),
        (
            "bad-types",
            "from shortcodes import Pack\ndef pack(): return Pack(None)",
            "TypeError: ",
        ),
    ],
)
def test_reasons(name: str, function: str, reason: str, site: Path) -> None:
    install(site, name, f"bad = {name.replace('-', '_')}:pack", function)
    found = load_installed()
    assert unicode_pack() in found.packs
    (error,) = (error for error in found.errors if error.distribution == name)
    assert error.entry_point == "bad"
    assert error.reason.startswith(reason)
    assert error.__cause__ is not None
    with pytest.warns(RuntimeWarning, match=f"'bad' of '{name}' does not load") as caught:
        installed_packs()
    assert caught[0].filename == __file__


def test_an_interrupt_is_not_swallowed(site: Path) -> None:
    install(site, "interrupted", "bad = interrupted:pack", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load_installed()


def test_one_entry_point_of_two_distributions_is_one_pack(site: Path) -> None:
    """As when a checkout and a wheel of one project are both on the path."""
    twice = "from shortcodes import Pack\ndef pack(): return Pack('twice')"
    install(site, "twice", "twice = twice:pack", twice)
    install(site, "twice-again", "twice = twice:pack")
    assert [pack.name for pack in load_installed().packs].count("twice") == 1


def test_two_packs_of_one_distribution(site: Path) -> None:
    module = "from shortcodes import Emoji, Pack\n" + "\n".join(
        f"def {name}(): return Pack('{name}', (Emoji('wave', image='{name}.png'),))" for name in ("zebra", "ant")
    )
    install(site, "zoo", "zebra = zoo:zebra\nant = zoo:ant", module)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        packs = installed_packs()
    assert [pack.name for pack in packs if pack.name in ("zebra", "ant", "unicode")] == ["ant", "zebra", "unicode"]
    assert Converter(packs).index.entries["wave"].pack.name == "ant"
