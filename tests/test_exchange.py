"""Exchange: every format, from its samples to a pack and back; names; conflicts; and the command line.

A sample is a file or a folder in tests/fixtures/exchange/FORMAT; a folder whose name ends like an archive's is packed
first. ``SAMPLE.expected`` has the pack that it becomes, below what is said about it; run this file to write those anew.
The formats that tests/test_platforms.py reads make the round trips here, too.
"""

import contextlib
import gzip
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import wheels
from conftest import FIXTURES, SHARED
from pictures import animated, encoded, flat, moving, photo
from shortcodes import Emoji, Pack, read_pack
from shortcodes.emoji import name_problem
from shortcodes.errors import InputError, OptionError, PackError, PluginError
from shortcodes.exchange import BUILT_IN, find_format, recognise
from shortcodes.exchange.conflicts import merge
from shortcodes.exchange.extra import extra_for, keep, kept
from shortcodes.exchange.format import Draft, Rules
from shortcodes.exchange.incoming import Imported, take_in
from shortcodes.exchange.names import OURS, fit_names, rule_of
from shortcodes.exchange.outgoing import fit_draft
from shortcodes.exchange.sources import open_source
from shortcodes.exchange.transfer import export_pack, import_pack, read_draft
from shortcodes.images.header import TYPES
from shortcodes.images.picture import read_picture
from shortcodes.packs.to_toml import to_toml
from shortcodes.packs.write import write_folder

SAMPLES = FIXTURES / "exchange"
FORMATS = ("native", "misskey", "discourse", "hexbear", "mastodon", "mastodon_tar", "lemmy", "piefed", "pleroma")


def samples(formats: Iterable[str]) -> list[Any]:
    found = [
        pytest.param(name, path, id=f"{name}-{path.name}")
        for name in formats
        for path in sorted((SAMPLES / name).iterdir())
        if path.suffix != ".expected"
    ]
    assert found
    return found


def packed(sample: Path, folder: Path) -> str:
    """Return where a sample is, packed as its name says, without times: the same bytes each time."""
    if not sample.is_dir() or not sample.name.endswith((".zip", ".tar.gz")):
        return str(sample)
    target = folder / sample.name
    files = {str(path.relative_to(sample)): path.read_bytes() for path in sorted(sample.rglob("*")) if path.is_file()}
    target.write_bytes(zipped(files) if target.suffix == ".zip" else tarred(files))
    return str(target)


def zipped(files: Mapping[str, bytes]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return output.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(output.getvalue(), mtime=0)


def written(target: str) -> dict[str, bytes]:
    path = Path(target)
    if path.is_file():
        return {"": path.read_bytes()}
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def entries(folder: str) -> list[Emoji]:
    """Return the emoji of a pack, with the bytes of their images in place of the names of files."""

    def image(file: str | None) -> str | None:
        path = Path(folder, file or "")
        return path.read_bytes().hex() if file and path.is_file() else file

    return [one._replace(image=image(one.image), static=image(one.static)) for one in read_pack(folder).emoji]


def expectation(sample: Path, folder: Path) -> str:
    """Return what a sample becomes, and what is said about it."""
    found, draft = read_draft(packed(sample, folder))
    imported = take_in(draft, "sample")
    said = "".join(f"# {problem}\n" for problem in imported.draft.problems)
    mapped = "".join(f"# {old!r} is mapped to {new!r}\n" for old, new in imported.names.items())
    files = "".join(f"# {file}: {len(content())} bytes\n" for file, content in sorted(imported.draft.files.items()))
    text = f"# {found.name}\n{said}{mapped}{files}\n{to_toml(imported.draft.pack)}"
    return text.replace(str(folder), "").replace(str(SAMPLES), "")


# The formats.


@pytest.mark.parametrize(("name", "sample"), samples(FORMATS))
def test_a_sample_is_recognised_and_read(name: str, sample: Path, tmp_path: Path) -> None:
    assert recognise(open_source(packed(sample, tmp_path)))[0].name == name
    assert expectation(sample, tmp_path) == Path(f"{sample}.expected").read_text("utf-8")


def round_trip(name: str, source: str, folder: Path) -> None:
    """Import, export, import and export again: the same entries, but for names that were mapped, and the same bytes."""
    form = find_format(name)
    packs, targets = [str(folder / "pack 1"), str(folder / "pack 2")], [str(folder / "out 1"), str(folder / "out 2")]
    if source.endswith("matrix/unstable.json"):  # stickers, and no emoticon
        with pytest.raises(PackError, match="has no emoji that could be taken over"):
            import_pack(source, packs[0])
        return
    import_pack(source, packs[0], format=name, name="trip", base_url="https://quay.example/files")
    if form.write is None:
        return
    targets = [f"{target}.{form.packed}" if form.packed else target for target in targets]
    read = entries(packs[0])
    held = [one for one in read if form.rules.urls or "://" not in (one.image or "")]
    if not held:
        with pytest.raises(PackError, match="is an address, and files are wanted; import with --download first"):
            export_pack(packs[0], name, targets[0])
        return
    done = export_pack(packs[0], name, targets[0])
    assert done.exported.left_out == len(read) - len(held)
    import_pack(targets[0], packs[1], name="trip")
    rules = form.rules
    expected = [one._replace(name=done.exported.names.get(one.name, one.name)) for one in held]
    if not rules.retired:
        expected = [one._replace(retired=False) for one in expected]
    found = entries(packs[1])
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert read_pack(packs[1]).extra == read_pack(packs[0]).extra
    export_pack(packs[1], name, targets[1])
    assert written(targets[1]) == written(targets[0])


@pytest.mark.parametrize(("name", "sample"), samples(BUILT_IN))
def test_round_trip(name: str, sample: Path, tmp_path: Path) -> None:
    round_trip(name, packed(sample, tmp_path), tmp_path)


FOREIGN = sorted(path for pattern in ("*/*", "pleroma/emoji/*") for path in (SHARED / "formats").glob(pattern))
NO_PACKS = ("messages.txt", "message.json", "thread.txt", "emojis.csv", "otters_files.json", "manifest.json")
"""Samples of posts, and parts of packs."""


@pytest.mark.skipif(not FOREIGN, reason="the second suite is not there")
@pytest.mark.parametrize("sample", [*FOREIGN, SHARED / "formats" / "hexbear"], ids=lambda path: str(path)[-40:])
def test_round_trip_of_the_second_suite(sample: Path, tmp_path: Path) -> None:
    if sample.name in NO_PACKS or sample == SHARED / "formats" / "hexbear" / "emojis.json":
        with pytest.raises((InputError, PackError)):
            import_pack(str(sample), str(tmp_path / "pack"))
        return
    found, _ = recognise(open_source(sample))
    folder = sample.relative_to(SHARED / "formats").parts[0]
    assert found.name.removesuffix("_tar") == folder or sample.name == "emojis"
    round_trip(found.name, str(sample), tmp_path)


def test_formats_are_found() -> None:
    for name in BUILT_IN:
        assert find_format(name).name == name
        assert find_format(find_format(name)) is find_format(name)
        assert find_format(name).title
    with pytest.raises(OptionError, match=r"format 'mastodn' is not known; there are: .*mastodon"):
        find_format("mastodn")


def documented(name: str) -> str:
    """Return the row of docs/reference/formats.md for a format."""
    form = find_format(name)
    rules = form.rules
    packed_as = "only read" if form.write is None else form.packed or "file or folder"
    names = f"`{rules.name}`".replace("|", "\\|") + ", one case" * rules.one_case
    types = "any" if set(rules.types) >= set(TYPES) else ", ".join(rules.types)
    limits = (
        f"{rules.bytes // 1024} KiB" if rules.bytes else "",
        f"{rules.pixels} px" if rules.pixels else "",
        "" if rules.animated else "still",
    )
    fields = [field for field in ("aliases", "alt", "category", "unicode", "retired") if getattr(rules, field)]
    length = f"{rules.length[0]} to {rules.length[1]}"
    size, urls = "; ".join(filter(None, limits)), "yes" if rules.urls else "no"
    return f"| `{name}` | {packed_as} | {names} | {length} | {types} | {size} | {urls} | {', '.join(fields)} |"


def test_the_table_of_the_documentation_is_that_of_the_formats() -> None:
    text = (Path(__file__).parents[1] / "docs" / "reference" / "formats.md").read_text("utf-8")
    assert [documented(name) for name in BUILT_IN if documented(name) not in text] == []


# Random sources must not break anybody's eyes.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from("emojis emoji name shortcode custom_emojis url custom_emoji files id".split())
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(value=JSON, name=st.sampled_from(["meta.json", "pack.json", "emojis.json", "x.json", "emojis.csv", "pack.toml"]))
def test_whatever_a_source_has_it_is_read_or_refused(value: Any, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_text(json.dumps(value), "utf-8")
        source = open_source(folder)
        for known in BUILT_IN:
            form = find_format(known)
            form.recognises(source)
            with contextlib.suppress(PackError):
                draft = form.read(source)
                taken = take_in(draft, "random").draft
                assert fit_draft(taken, form) if form.write else True


# Names.

NAMES = st.text(alphabet=st.sampled_from("aAbB_-+ éß你1２:"), min_size=1, max_size=5)
RULES = st.sampled_from(
    [
        OURS,
        rule_of(Rules(name=r"[a-z0-9_]+", length=(2, 32))),
        rule_of(Rules(name=r"[A-Za-z0-9_]+", length=(2, 8), one_case=True, aliases=True)),
        rule_of(Rules(name=r"[a-z][a-z0-9]*", length=(1, 6), aliases=True)),
        rule_of(Rules(name=r"[0-9a-z_-]*[0-9a-z]", length=(1, 100))),
    ]
)


@given(
    names=st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=2)), max_size=12),
    rule=RULES,
    pinned=st.dictionaries(NAMES, NAMES, max_size=3),
    seed=st.integers(0, 99),
)
def test_names_fit_differ_and_do_not_depend_on_the_order(
    names: list[tuple[str, list[str]]], rule: Any, pinned: dict[str, str], seed: int
) -> None:
    emoji = [Emoji(name, image=f"{number}.png", aliases=tuple(also)) for number, (name, also) in enumerate(names)]
    fitted = fit_names(emoji, rule, pinned)
    given_names = [name for one in fitted.emoji for name in one.names]
    folded = [name.casefold() if rule.one_case else name for name in given_names]
    assert len(set(folded)) == len(folded)
    assert all(rule.allows(name) and name_problem(name) is None for name in given_names)
    shuffled = Random(seed).sample(range(len(emoji)), len(emoji))
    again = fit_names([emoji[number] for number in shuffled], rule, pinned)
    assert [one.name for one in again.emoji] == [fitted.emoji[number].name for number in shuffled]
    assert again.names == fitted.names
    assert [one.image for one in fitted.emoji] == [one.image for one in emoji]


@given(names=st.lists(NAMES, max_size=8, unique=True), rule=RULES)
def test_names_that_were_given_stay_when_the_map_is_given_again(names: list[str], rule: Any) -> None:
    emoji = [Emoji(name, image=f"{number}.png") for number, name in enumerate(names)]
    first = fit_names(emoji, rule)
    more = [*emoji, Emoji("aa", image="new.png"), Emoji("a_", image="newer.png")]
    pinned = {one.name: two.name for one, two in zip(emoji, first.emoji, strict=True)}
    assert fit_names(more, rule, pinned).emoji[: len(emoji)] == first.emoji


@pytest.mark.parametrize(
    ("name", "fitted"),
    [
        *(("pika-pickaxe", "pika_pickaxe"), ("RIchard-D-Wolff", "richard_d_wolff"), ("+1", "plus1"), ("café", "cafe")),
        *(("D", "d_"), ("你好", "emoji_4f17"), ("x" * 40, "x" * 32), (":wave:", "wave")),
    ],
)
def test_names_stay_readable(name: str, fitted: str) -> None:
    rule = rule_of(Rules(name=r"[a-z0-9_]+", length=(2, 32)))
    assert fit_names([Emoji(name, image="x.png")], rule).emoji[0].name == fitted


def test_case_twins_and_aliases_stay_apart() -> None:
    emoji = [Emoji("D", image="1"), Emoji("d", image="2", aliases=("dd",)), Emoji("e", image="3", aliases=("D-",))]
    fitted = fit_names(emoji, rule_of(Rules(name=r"[A-Za-z0-9_]+", length=(2, 9), one_case=True)))
    names = [one.name for one in fitted.emoji]
    assert (names[0], names[1][:3], names[2]) == ("D_", "d__", "e_")
    # Aliases that a platform has none of lead to their emoji; its own name comes before them.
    assert list(fitted.names.items())[:3] == [("D", "D_"), ("d", names[1]), ("e", "e_")]
    assert (fitted.names["dd"], fitted.names["D-"]) == (names[1], "e_")


@given(row=st.dictionaries(st.text(max_size=4), JSON, max_size=4))
def test_what_we_do_not_model_comes_back(row: dict[str, Any]) -> None:
    pack = Pack("p", (Emoji("e", "⚓", extra=extra_for("x", keep(row))),))
    with tempfile.TemporaryDirectory() as folder:
        write_folder(pack, {}, f"{folder}/p")
        assert kept(read_pack(f"{folder}/p").emoji[0], "x") == row


# Conflicts.


def draft(*emoji: Emoji, files: Mapping[str, bytes] | None = None) -> Draft:
    contents = {one.image: b"old" for one in emoji if one.image} | dict(files or {})
    return Draft(Pack("p", emoji), {name: _content(content) for name, content in contents.items()})


def _content(content: bytes) -> Any:
    return lambda: content


OLD = draft(Emoji("owl", image="owl.png", aliases=("bird",)), Emoji("lamp", image="lamp.png", alt="a lamp"))
NEW = Imported(
    draft(
        Emoji("owl", image="owl.png", aliases=("hoot",)),
        Emoji("bird", image="bird.png", aliases=("lamp",)),
        Emoji("lamp", image="lamp.png", alt="a lamp"),
        Emoji("moss", image="moss.png"),
        files={"owl.png": b"new"},
    ),
    {},
)


def test_conflicts_fail_all_at_once() -> None:
    with pytest.raises(PackError) as error:
        merge(OLD, NEW)
    assert [problem.where for problem in error.value.problems] == ["'owl'", "'bird'"]
    assert "'bird': is an alias of 'owl' there already; say --on-conflict skip, replace or rename" in str(error.value)


def test_conflicts_are_skipped_replaced_or_renamed() -> None:
    skipped = merge(OLD, NEW, "skip")
    assert [one.name for one in skipped.imported.draft.pack.emoji] == ["owl", "lamp", "moss"]
    assert (skipped.added, skipped.replaced, skipped.skipped, skipped.same) == (1, 0, 2, 1)
    assert skipped.imported.draft.files["owl.png"]() == b"old"

    replaced = merge(OLD, NEW, "replace")
    emoji = replaced.imported.draft.pack.emoji
    assert [one.names for one in emoji] == [("owl", "hoot"), ("lamp",), ("bird",), ("moss",)]
    assert (replaced.added, replaced.replaced, replaced.same) == (2, 1, 1)
    assert replaced.imported.draft.files[emoji[0].image or ""]() == b"new"

    renamed = merge(OLD, NEW, "rename")
    emoji = renamed.imported.draft.pack.emoji
    assert [one.name for one in emoji] == ["owl", "lamp", "owl_2", "bird_2", "moss"]
    assert renamed.imported.names == {"owl": "owl_2", "bird": "bird_2"}
    assert renamed.imported.draft.files[emoji[2].image or ""]() == b"new"
    assert renamed.imported.draft.files["owl.png"]() == b"old"
    with pytest.raises(OptionError, match="on_conflict 'ask' is not known"):
        merge(OLD, NEW, "ask")


@given(
    old=st.lists(NAMES.filter(lambda name: name_problem(name) is None), max_size=6, unique=True),
    new=st.lists(NAMES.filter(lambda name: name_problem(name) is None), max_size=6, unique=True),
    how=st.sampled_from(["skip", "replace", "rename"]),
)
def test_whatever_comes_together_is_a_pack(old: list[str], new: list[str], how: str) -> None:
    def several(names: list[str], content: bytes) -> Draft:
        half = (len(names) + 1) // 2
        emoji = [
            Emoji(name, image=f"{name}.png", aliases=tuple(names[half + i : half + i + 1]))
            for i, name in enumerate(names[:half])
        ]
        return draft(*emoji, files={f"{one.name}.png": content for one in emoji})

    merged = merge(several(old, b"old"), Imported(several(new, b"new"), {}), how)
    pack, files = merged.imported.draft.pack, merged.imported.draft.files
    names = [name for one in pack.emoji for name in one.names]
    assert len(set(names)) == len(names)
    assert {one.image for one in pack.emoji} == set(files)
    assert {one.name for one in several(old, b"").pack.emoji} <= {one.name for one in pack.emoji}
    assert merged.added + merged.replaced + merged.skipped == len(several(new, b"").pack.emoji)


# The command line.


def run(*arguments: str, cwd: Path) -> tuple[int, str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", "from shortcodes.cli import main; main()", *arguments],
        capture_output=True,
        cwd=cwd,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode(), done.stderr.decode().splitlines()


def test_import_and_export_at_the_command_line(tmp_path: Path) -> None:
    source = packed(SAMPLES / "misskey" / "export.zip", tmp_path)
    code, out, said = run("pack", "import", source, "-o", "quay", "--name", "harbour", cwd=tmp_path)
    assert (code, out) == (0, "")
    assert said[-1] == "quay: 3 emoji imported from misskey"
    assert any(line.startswith("emojis[3].emoji.name") for line in said)
    pack = read_pack(tmp_path / "quay")
    assert pack.name == "harbour"
    assert [one.name for one in pack.emoji] == ["night_owl", "spin", "gone"]

    code, _, said = run("pack", "export", "quay", "--to", "slack", "-o", "slack", cwd=tmp_path)
    assert code == 0
    assert said[-1].startswith("slack: 3 emoji exported to slack")
    assert json.loads((tmp_path / "slack.names.json").read_text()) == {}

    (tmp_path / "names.json").write_text('{"night_owl": "owl"}')
    to_discourse = ("pack", "export", "quay", "--to", "discourse", "-o", "d.zip")
    assert run(*to_discourse, "--names", "names.json", cwd=tmp_path)[0] == 0
    assert "'night_owl'" not in str(recognise(open_source(tmp_path / "d.zip"))[0].read(open_source(tmp_path / "d.zip")))
    assert json.loads((tmp_path / "d.zip.names.json").read_text()) == {"night_owl": "owl"}
    assert run("pack", "import", "d.zip", "-o", "back", "--names-back", "d.zip.names.json", cwd=tmp_path)[0] == 0
    assert [one.name for one in read_pack(tmp_path / "back").emoji] == ["night_owl", "spin"]


def test_the_map_of_names_writes_posts(tmp_path: Path) -> None:
    source = str(SAMPLES / "hexbear" / "site")
    assert run("pack", "import", source, "-o", "quay", cwd=tmp_path)[0] == 0
    assert run("pack", "export", "quay", "--to", "mastodon_tar", "-o", "m.tar.gz", cwd=tmp_path)[0] == 0
    (tmp_path / "post.md").write_text("see :night-owl: and `:night-owl:`\n")
    code, out, _ = run(
        *("convert", "--to", "shortcode", "--names", "m.tar.gz.names.json", "--pack", "quay", "post.md"), cwd=tmp_path
    )
    assert (code, out) == (0, "see :night_owl: and `:night-owl:`\n")


def test_an_import_into_a_pack_keeps_what_lies_there(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "native" / "harbour", tmp_path / "pack")
    (tmp_path / "pack" / "LICENSE").write_text("CC0\n")
    (tmp_path / "pack" / "birds" / "README.md").write_text("Birds.\n")
    source = str(SAMPLES / "hexbear" / "site")
    code, _, said = run("pack", "import", source, "-o", "pack", "--on-conflict", "replace", cwd=tmp_path)
    assert (code, said[-1]) == (0, "pack: 1 emoji imported from hexbear, 2 replaced")
    files = written(str(tmp_path / "pack"))
    assert sorted(files) == [
        *("LICENSE", "birds/README.md", "emojis/Boat.png", "emojis/night-owl.png", "emojis/spin.gif", "pack.toml"),
    ]
    pack = read_pack(tmp_path / "pack")
    assert (pack.name, pack.version) == ("harbour", "2.0")
    assert [one.names for one in pack.emoji][:2] == [("night-owl", "owl"), ("spin",)]


def test_conflicts_at_the_command_line_write_nothing(tmp_path: Path) -> None:
    for sample in ("site-v3.json", "request-v4.json"):
        code, _, said = run("pack", "import", str(SAMPLES / "lemmy" / sample), "-o", "quay", cwd=tmp_path)
        before = written(str(tmp_path / "quay"))
    assert (code, said) == (
        *(2, ["pack 'quay': 'night-owl': is an emoji there already; say --on-conflict skip, replace or rename"]),
    )
    assert written(str(tmp_path / "quay")) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["quay"]
    source = str(SAMPLES / "lemmy" / "request-v4.json")
    code, _, said = run("pack", "import", source, "-o", "quay", "--on-conflict", "rename", cwd=tmp_path)
    assert said[-1] == "quay: 1 emoji imported from lemmy, 1 mapped"
    assert [one.name for one in read_pack(tmp_path / "quay").emoji] == ["night-owl", "Boat", "night-owl_2"]
    code, _, said = run("pack", "import", source, "-o", "quay", "--on-conflict", "replace", cwd=tmp_path)
    assert said[-1] == "quay: 0 emoji imported from lemmy, 1 replaced"
    code, _, said = run("pack", "import", source, "-o", "quay", cwd=tmp_path)
    assert (code, said[-1]) == (0, "quay: 0 emoji imported from lemmy, 1 there already")


BAD = {
    "no source": ("import none -o p", "shortcodes: none: there is no such file or folder"),
    "no format": ("import post.md -o p", "shortcodes: post.md: is not a pack of any format that is known; say"),
    "unknown format": ("import post.md -o p --from mastodn", "shortcodes: format 'mastodn' is not known"),
    "other format": ("import post.md -o p --from mastodon", "pack 'post.md': is not JSON"),
    "nowhere": ("import list.json -o no/p", "shortcodes: no/p: there is no folder to put it in"),
    "no pack there": ("import list.json -o full", "shortcodes: full: there is no pack.toml in this folder"),
    "bad names": ("import list.json -o p --names post.md", "shortcodes: post.md:1:1: is not JSON"),
    "two maps": ("import list.json -o p --names a --names-back b", "Usage: shortcodes pack import"),
    "no whole address": ("import list.json -o p --base-url emoji", "shortcodes: base_url 'emoji' is no whole address"),
    "no pack": ("export full --to slack -o x", "shortcodes: full: there is no pack.toml in this folder"),
    "on itself": ("export pack --to native -o pack", "shortcodes: pack: is the pack itself"),
    "filled": ("export pack --to native -o full", "shortcodes: full: is not empty; name a new folder"),
    "into a file": ("export pack --to native -o post.md", "shortcodes: post.md: is a file; name a folder"),
    "nothing fits": ("export pack --to mastodon_tar -o x", "pack 'pack': "),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_said_and_nothing_written(name: str, tmp_path: Path) -> None:
    (tmp_path / "post.md").write_text("hello\n")
    (tmp_path / "list.json").write_bytes((SAMPLES / "mastodon" / "list.json").read_bytes())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "pack.toml").write_text(
        '[pack]\nschema = 1\nname = "p"\n'
        '[[emoji]]\nname = "a"\nunicode = "⚓"\n[[emoji]]\nname = "b"\nimage = "b.svg"\n'
    )
    (tmp_path / "pack" / "b.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' href='https://x.example'/>")
    before = written(str(tmp_path))
    arguments, message = BAD[name]
    code, out, said = run("pack", *arguments.split(), cwd=tmp_path)
    assert (code, out) == (2, "")
    assert "\n".join(said).startswith(message)
    assert written(str(tmp_path)) == before


CRAYON = """
from shortcodes import Emoji, Pack
from shortcodes.exchange.format import Draft, Format, Rules

def read(source):
    (content,) = source.files.values()
    rows = [line.split() for line in content().decode().splitlines()]
    return Draft(Pack("crayon", tuple(Emoji(name, image=url) for name, url in rows)))

def write(draft):
    text = "".join(f"{one.name} {one.image}\\n" for one in draft.pack.emoji)
    return {"emoji.crayon": lambda: text.encode()}

FORMAT = Format("crayon", "Crayon", Rules(name="[a-z]+"), lambda s: s.name.endswith(".crayon"), read, write)
"""


def install(folder: Path, name: str, entry_point: str, module: str) -> None:
    """Put a distribution into a folder, as an installer does."""
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[shortcodes.exchange]\n{entry_point}\n")
    (folder / f"{name}.py").write_text(module)


def test_formats_of_other_distributions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "crayon", "crayon = crayon:FORMAT", CRAYON)
    source = tmp_path / "box.crayon"
    source.write_text("red https://quay.example/red.png\ndark-blue https://quay.example/blue.png\n")
    assert recognise(open_source(source))[0].name == "crayon"
    import_pack(str(source), str(tmp_path / "pack"))
    done = export_pack(str(tmp_path / "pack"), "crayon", str(tmp_path / "out.crayon"))
    assert done.exported.names == {"dark-blue": "darkblue"}
    assert (tmp_path / "out.crayon").read_text().startswith("red https")
    install(tmp_path, "broken", "broken = broken:FORMAT", "1 / 0")
    install(tmp_path, "wrong", "wrong = wrong:FORMAT", "FORMAT = 'crayon'")
    with pytest.warns(RuntimeWarning, match="installed exchange '(broken|wrong)'"):
        assert recognise(open_source(source))[0].name == "crayon"
    with pytest.raises(PluginError, match="installed exchange 'broken' of 'broken' does not load: ZeroDivisionError"):
        find_format("broken")
    with pytest.raises(PluginError, match="it is a str, not a shortcodes"):
        find_format("wrong")


# Images that a platform does not take.


@pytest.mark.parametrize(
    ("content", "name", "rules", "shown"),
    [
        (encoded(flat(1, 400), "PNG"), "a.png", Rules(pixels=128), ("png", 128, 1)),
        (encoded(photo(2), "PNG"), "a.png", Rules(bytes=64 * 1024), ("png", None, 1)),
        (encoded(photo(3), "JPEG"), "a.jpg", Rules(types=("png", "gif")), ("png", 640, 1)),
        (animated(moving(4, 6), "GIF"), "a.gif", Rules(pixels=64), ("gif", 64, 6)),
        (animated(moving(5, 6), "GIF"), "a.gif", Rules(types=("png", "webp")), ("webp", 128, 6)),
        (animated(moving(6, 6), "GIF"), "a.gif", Rules(animated=False), ("png", 128, 1)),
    ],
)
def test_images_are_made_to_fit(content: bytes, name: str, rules: Rules, shown: tuple[str, int | None, int]) -> None:
    form = find_format("lemmy")._replace(rules=rules)
    exported = fit_draft(draft(Emoji("a", image=name), files={name: content}), form)
    ((file, made),) = exported.draft.files.items()
    picture = read_picture(made(), name=file)
    kind, side, frames = shown
    assert (picture.type, picture.frames) == (kind, frames)
    assert side is None or max(picture.width, picture.height) == side
    assert rules.bytes is None or picture.size <= rules.bytes
    assert exported.draft.pack.emoji[0].image == file
    assert [problem.where for problem in exported.draft.problems] == ["'a'"]
    again = fit_draft(exported.draft, form)  # what fits stays as it is
    assert again.draft.files[file]() == made()


def test_an_image_that_cannot_be_made_to_fit_is_left_out() -> None:
    form = find_format("lemmy")._replace(rules=Rules(bytes=60))
    both = draft(Emoji("a", image="a.png"), Emoji("b", image="b.png"), files={"a.png": small_png(1), "b.png": b"hello"})
    exported = fit_draft(both, form)
    assert (exported.draft.pack.emoji, exported.left_out) == ((), 2)
    assert "is left out: its image 'a.png' has 77 bytes; 60 are allowed" in str(exported.draft.problems[0])
    assert "is left out: its image 'b.png' is not an image that we know" in str(exported.draft.problems[1])


# How long, and a pack on a long way.


def test_two_thousand_emoji_of_misskey_take_less_than_five_seconds(tmp_path: Path) -> None:
    rows = [
        {
            "fileName": f"emoji_{number}.png",
            "downloaded": True,
            "emoji": {"name": f"emoji_{number}", "category": "c", "aliases": ["a"], "host": None, "id": str(number)},
        }
        for number in range(2_000)
    ]
    images = {f"emoji_{number}.png": small_png(number) for number in range(2_000)}
    meta = json.dumps({"metaVersion": 2, "emojis": rows}).encode()
    (tmp_path / "export.zip").write_bytes(zipped({"meta.json": meta, **images}))
    begin = time.process_time()  # not the disk's time, which others may be keeping busy
    done = import_pack(str(tmp_path / "export.zip"), str(tmp_path / "pack"))
    took = time.process_time() - begin
    assert done.merged.added == 2_000
    assert took < 5


def small_png(number: int) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (8, 8), (number % 256, number // 256, 99)).save(output, "PNG")
    return output.getvalue()


def test_a_pack_of_300_moves_through_six_formats_and_back(tmp_path: Path) -> None:
    words = ["night-owl", "Boat", "RIchard-D", "moss", "D", "d", "+1", "tea_lamp"]
    names = [f"{words[number % 8]}{number // 8 or ''}" for number in range(300)]
    emoji = tuple(
        Emoji(name, image=f"{number}.png", category=f"c{number % 3}", keywords=(f"k{number}",))
        for number, name in enumerate(names)
    )
    files = {f"{number}.png": _content(small_png(number)) for number in range(300)}
    write_folder(Pack("long", emoji), files, tmp_path / "start")
    expected = {one.name: one.image for one in entries(str(tmp_path / "start"))}
    here = str(tmp_path / "start")
    for step, form in enumerate(("misskey", "discourse", "mastodon_tar", "pleroma", "hexbear", "zulip")):
        packed_as = find_format(form).packed
        target = str(tmp_path / f"out {step}") + (f".{packed_as}" if packed_as else "")
        done = export_pack(here, form, target)
        assert done.exported.left_out == 0
        names_back = {new: old for old, new in reversed(list(done.exported.names.items()))}
        here = str(tmp_path / f"pack {step}")
        import_pack(target, here, format=form, names=names_back)
        assert {one.name: one.image for one in entries(here)} == expected


if __name__ == "__main__":  # write what is expected anew
    for parameters in samples(FORMATS):
        with tempfile.TemporaryDirectory() as place:
            Path(f"{parameters.values[1]}.expected").write_text(expectation(parameters.values[1], Path(place)), "utf-8")


def test_comments_of_a_pack_that_is_added_to_stay(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    mine = '# mine\n[pack]\nschema = 1\nname = "p"\n\n[[emoji]]  # the first\nname = "old"\nunicode = "🐱"\n'
    (pack / "pack.toml").write_text(mine, "utf-8")
    list_of_one = '[{"shortcode": "new", "url": "https://x.example/n.png", "static_url": "https://x.example/n.png"}]'
    (tmp_path / "list.json").write_text(list_of_one, "utf-8")
    import_pack(str(tmp_path / "list.json"), str(pack))
    after = (pack / "pack.toml").read_text("utf-8")
    assert after.startswith(mine)
    assert [emoji.name for emoji in read_pack(pack).emoji] == ["old", "new"]


@pytest.mark.parametrize("format_name", ["discourse", "mastodon_tar"])
def test_an_animated_png_is_written_under_the_ending_that_importers_take(format_name: str) -> None:
    pack = Pack("p", (Emoji("spin", image="spin.apng"),))
    content = encoded(flat(1), "PNG")
    written = find_format(format_name).write
    assert written
    names = list(written(Draft(pack, {"spin.apng": lambda: content})))
    assert [name for name in names if "spin" in name and name.endswith(".png")]
    assert not [name for name in names if name.endswith(".apng")]


def test_a_format_from_its_own_wheel(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    installed = wheels.environment(tmp_path_factory.getbasetemp() / "wheels")
    source, pack, out = tmp_path / "box.crayon", tmp_path / "pack", tmp_path / "out.crayon"
    source.write_text("red https://quay.example/red.png\ndark-blue https://quay.example/blue.png\n")
    installed.run("shortcodes", "pack", "import", str(source), "-o", str(pack))
    assert [emoji.name for emoji in read_pack(pack).emoji] == ["red", "dark-blue"]
    installed.run("shortcodes", "pack", "export", str(pack), "--to", "crayon", "-o", str(out))
    assert out.read_text() == "red https://quay.example/red.png\ndarkblue https://quay.example/blue.png\n"
