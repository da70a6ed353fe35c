"""The formats of chats, forges, Matrix, ActivityPub and pickers: what they are read to, and that they come back."""

import copy
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import FIXTURES, SHARED
from shortcodes import Emoji, Pack
from shortcodes.errors import InputError, PackError
from shortcodes.exchange import find_format, recognise
from shortcodes.exchange.format import Draft, Format, Source
from shortcodes.exchange.incoming import take_in
from shortcodes.exchange.outgoing import fit_draft
from shortcodes.exchange.sources import open_source
from shortcodes.exchange.targets import write_target
from shortcodes.exchange.transfer import import_pack
from shortcodes.packs.pack import Content, file_problem, pack_problems
from shortcodes.packs.to_toml import to_toml
from shortcodes.packs.write import write_files

FORMATS = (
    *("zulip", "slack", "mattermost", "rocketchat", "discord", "gitlab", "github", "matrix", "cytube"),
    *("activitypub", "emoji_mart", "emoji_picker_element"),
)
BADGER = (FIXTURES / "exchange" / "mattermost" / "listed-beside" / "brass-badger.png").read_bytes()
EXCHANGE = FIXTURES / "exchange"


def cases(name: str) -> list[Path]:
    """Return the sources of a format: files, and folders, each with ``.expected`` beside it."""
    found = sorted(path for path in (EXCHANGE / name).iterdir() if path.suffix != ".expected")
    assert found, f"{EXCHANGE / name} has no cases"
    return found


CASES = [pytest.param(name, path, id=f"{name}-{path.stem}") for name in FORMATS for path in cases(name)]


def lines(draft: Draft) -> Iterator[str]:
    """Yield what was read as a person checks it: a line for each emoji, ``!`` before what is reported."""
    header = {key: value for key, value in draft.pack._replace(emoji=())._asdict().items() if value}
    if header:
        yield f"pack {header}"
    for emoji in draft.pack.emoji:
        fields = {key: value for key, value in emoji._asdict().items() if value and key != "name"}
        mark = "+" if emoji.image in draft.files else "-"
        yield f"{mark} {emoji.name!r} {fields}"
    yield from (f"! {problem}" for problem in draft.problems)


@pytest.mark.parametrize(("name", "path"), CASES)
def test_reads_as_expected(name: str, path: Path) -> None:
    draft = find_format(name).read(open_source(path))
    expected = path.with_name(f"{path.stem}.expected")
    if os.environ.get("WRITE_EXPECTED"):
        expected.write_text("\n".join(lines(draft)) + "\n", "utf-8")
    assert list(lines(draft)) == expected.read_text("utf-8").splitlines()


@pytest.mark.parametrize(("name", "path"), CASES)
def test_recognised(name: str, path: Path) -> None:
    assert recognise(open_source(path))[0].name == name


def source_of(files: Mapping[str, bytes]) -> Source:
    def reader(content: bytes) -> Content:
        return lambda: content

    return Source("x", {file: reader(content) for file, content in sorted(files.items())})


def imported(path: Path, form: Format) -> Draft:
    return take_in(form.read(open_source(path)), "pack").draft


def exported(draft: Draft, form: Format) -> dict[str, bytes]:
    assert form.write
    return {path: content() for path, content in form.write(fit_draft(draft, form).draft).items()}


def entries(draft: Draft) -> tuple[object, ...]:
    """Return the emoji, with the bytes of their images in place of the files' names."""

    def image(file: str | None) -> str | None:
        return draft.files[file]().hex() if file and file in draft.files else file

    return tuple(emoji._replace(image=image(emoji.image), static=image(emoji.static)) for emoji in draft.pack.emoji)


@pytest.mark.parametrize(("name", "path"), CASES)
def test_import_export_import(name: str, path: Path, tmp_path: Path) -> None:
    round_trip(find_format(name), path, tmp_path)


def round_trip(form: Format, path: Path, tmp_path: Path) -> None:
    first = imported(path, form)
    assert not list(pack_problems(first.pack))
    assert tomllib.loads(to_toml(first.pack))  # so what is kept of the source can be kept

    files = exported(first, form)
    if not first.pack.emoji:  # images that lie on a server that nobody named
        return
    write_target(source_of(files).files, str(tmp_path / "out"))
    again = tmp_path / "out"
    if again.is_file():
        again = again.rename(tmp_path / next(iter(files)))
    assert recognise(open_source(again))[0].name == form.name

    second = imported(again, form)
    assert entries(second) == entries(first)
    assert second.pack._replace(emoji=(), name="") == first.pack._replace(emoji=(), name="")
    assert exported(second, form) == files


@pytest.mark.parametrize(("name", "path"), CASES)
def test_read_write_read(name: str, path: Path) -> None:
    """Without what import does in between: images that lie on a server stay in it, and so do their entries."""
    form = find_format(name)
    assert form.write
    first = form.read(open_source(path))
    written = form.write(first)
    second = form.read(Source("x", written))
    assert entries(second) == entries(first)
    again = form.write(second)
    assert {file: content() for file, content in again.items()} == {
        file: content() for file, content in written.items()
    }


@pytest.mark.parametrize(("name", "path"), CASES)
def test_import_to_native_export(name: str, path: Path, tmp_path: Path) -> None:
    """What a format keeps in ``extra`` survives the pack.toml that people keep in between."""
    form, native = find_format(name), find_format("native")
    first = imported(path, form)
    if not first.pack.emoji:
        return
    assert native.write
    write_files(native.write(first), tmp_path)
    second = native.read(open_source(tmp_path))
    assert exported(second, form) == exported(first, form)


# Hostile files.

DEEP = b"[" * 100_000 + b"]" * 100_000
HOSTILE = {
    "empty": b"",
    "no JSON": b"\x00\x01\x02 not json",
    "deep lists": DEEP,
    "deep objects": b'{"emoji":' * 50_000 + b"1" + b"}" * 50_000,
    "deep in an entry": b'{"ok":true,"emoji":{"a":{"url":"https://x.example/a","x":' + DEEP + b"}}}",
    "a number of a million digits": b"[" + b"9" * 1_000_000 + b"]",
    "a large number": b'[{"name":"a","image":"https://x.example/a.png","id":' + b"9" * 400 + b"}]",
    "a large float": b'[{"name":"a","image":"https://x.example/a.png","id":1e999}]',
    "NaN": b'[{"name":"a","image":"https://x.example/a.png","id":NaN}]',
    "cut off": b'[{"name":"a","image":"https://x.exam',
    "latin-1": b'[{"name":"caf\xe9","image":"https://x.example/a.png"}]',
    "half a surrogate": b'[{"name":"\\ud800","image":"https://x.example/a.png","\\udfff":"\\udc00"}]',
    "a key a hundred thousand times": b"{" + b'"a":1,' * 100_000 + b'"a":1}',
    "null": b"null",
    "a text": b'"emoji"',
    "a list of lists": b"[[[]],[{}]]",
    "null everywhere": b'{"emoji":null,"emojis":null,"data":null,"images":null,"content":null,"tag":null,"items":null}',
    "numbers everywhere": b'{"emoji":1,"emojis":2,"data":3,"images":4,"content":5,"tag":6,"items":7}',
    "YAML that grows": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(12)),
    "YAML that holds itself": b"emojis: &a\n  - *a\n",
    "YAML of Python": b"emojis: !!python/object/apply:os.system ['true']\n",
    "deep YAML": b"[" * 20_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", FORMATS)
def test_hostile_files_are_one_clear_error(name: str, content: bytes) -> None:
    form = find_format(name)
    for file in ("x.json", "x.yaml", "x.jsonl"):
        source = source_of({file: content})
        form.recognises(source)
        try:
            draft = form.read(source)
        except (PackError, InputError) as error:
            found = str(error)
        else:
            found = "\n".join(map(str, draft.problems)) or "nothing"
            assert not list(pack_problems(take_in(draft, "pack").draft.pack))
        assert all(0 < len(line) < 400 for line in found.splitlines())


@pytest.mark.parametrize("name", FORMATS)
def test_a_source_that_cannot_be_read_is_not_recognised(name: str) -> None:
    def damaged() -> bytes:
        raise InputError("x.zip: 'emoji.json' is damaged")

    for files in ({}, {"emoji.json": damaged}, {"a.json": damaged, "b.json": damaged}, {"emoji/records.json": damaged}):
        assert not find_format(name).recognises(Source("x.zip", files))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32-le"])
def test_what_windows_writes_is_understood(encoding: str) -> None:
    text = (EXCHANGE / "slack" / "list.json").read_text("utf-8")
    form = find_format("slack")
    source, plain = (source_of({"list.json": raw}) for raw in (text.encode(encoding), text.encode()))
    assert form.recognises(source)
    assert form.read(source)[0] == form.read(plain)[0]


def test_a_key_that_stands_twice_is_reported() -> None:
    raw = b'{"ok":true,"emoji":{"a":"https://x.example/1.png","a":"https://x.example/2.png"}}'
    draft = find_format("slack").read(Source("x", {"x.json": lambda: raw}))
    assert [emoji.image for emoji in draft.pack.emoji] == ["https://x.example/2.png"]
    assert [str(problem) for problem in draft.problems] == [
        "the key 'a' stands twice in one object; the last one counts"
    ]


SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["", ":", "::", "../x", "https://x.example/a.png", "javascript:x", "a\u202eb", "thumbsup"])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=80)
@given(choice=st.data())
def test_any_value_anywhere_is_read_or_reported(name: str, choice: st.DataObject) -> None:
    """Each fixture, with one value replaced by any other: an error, or a pack that can be written and read again."""
    path = choice.draw(st.sampled_from([path for path in cases(name) if path.suffix == ".json"]))
    document = json.loads(path.read_text("utf-8"))
    where = choice.draw(st.sampled_from(list(places(document))))
    new = choice.draw(VALUES)
    if where:
        holder = document = copy.deepcopy(document)
        for step in where[:-1]:
            holder = holder[step]
        holder[where[-1]] = new
    else:
        document = new
    raw = json.dumps(document).encode()
    form = find_format(name)
    source = Source("x", {"x.json": lambda: raw})
    form.recognises(source)
    try:
        draft = take_in(form.read(source), "pack").draft
    except PackError:
        return
    assert not list(pack_problems(draft.pack))
    assert tomllib.loads(to_toml(draft.pack))
    files = exported(draft, form)
    again = take_in(form.read(source_of(files)), "pack").draft
    assert len(again.pack.emoji) == len(fit_draft(draft, form).draft.pack.emoji)


KEYS = (
    *("name", "id", "_id", "list", "aliases", "noted", "alias", "realm_id", "author", "is_animated", "date_created"),
    *("remove", "stickers", "event", "pack", "content_alone", "icon", "type", "skins", "skin", "categories", "json"),
    *("url", "animated", "roles", "delete_at", "image"),
)


@pytest.mark.parametrize("name", FORMATS)
@given(tables=st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES), min_size=3, max_size=3))
def test_what_somebody_has_made_of_extra_does_no_harm(name: str, tables: list[dict[str, Any]]) -> None:
    form = find_format(name)
    assert form.write
    first, second, header = ({name: table} for table in tables)
    emoji = (Emoji("a", image="a.png", extra=first), Emoji("b", image="https://x.example/b.png", extra=second))
    draft = Draft(Pack("p", emoji, extra=header), {"a.png": lambda: BADGER})
    for some in (draft, draft._replace(pack=draft.pack._replace(emoji=emoji[:1]))):
        for file, content in form.write(some).items():
            assert file_problem(file) is None
            assert content()


# What a text cannot say.

PIECES = Pack(
    "pieces",
    (
        Emoji("badger", image="b/badger one.png", aliases=("brock",), alt="a badger", category="Sett"),
        Emoji("moss", image="https://cdn.example/moss.gif", retired=True),
        Emoji("hello_there", "\N{WAVING HAND SIGN}"),
        Emoji("with_love", "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}"),
    ),
)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("base_url", ["", "https://static.example/pieces"])
def test_a_pack_of_ours_is_written_and_read(name: str, base_url: str) -> None:
    form = find_format(name)
    assert form.write
    draft = Draft(PIECES._replace(base_url=base_url), {"b/badger one.png": lambda: BADGER})
    fitted = fit_draft(draft, form)
    files = form.write(fitted.draft)
    source = Source("x", dict(files))
    assert form.recognises(source)
    found = {emoji.name: emoji for emoji in form.read(source).pack.emoji}
    assert set(found) == {emoji.name for emoji in fitted.draft.pack.emoji}
    badger = found["badger"].image or ""
    assert badger == "https://static.example/pieces/b/badger%20one.png" or files[badger]() == BADGER
    assert ("hello_there" in found) == form.rules.unicode
    if form.rules.unicode:
        assert found["with_love"].unicode == "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}"


@pytest.mark.parametrize("name", ["cytube", "matrix", "activitypub", "emoji_mart", "zulip"])
def test_a_new_name_wins_over_the_one_that_it_had_there(name: str) -> None:
    form = find_format(name)
    assert form.write
    kept = {name: {"name": "two words", "id": "1"}}
    for ours, theirs in (("two_words", "two words"), ("two_words_4f0a", "two words"), ("pair", "pair")):
        pack = Pack("p", (Emoji(ours, image="https://x.example/a.png", extra=kept),))
        written = "".join(content().decode() for content in form.write(Draft(pack)).values())
        assert theirs in written
        assert ("two words" in written) == (theirs == "two words")
        assert (":pair:" in written) == (theirs == "pair" and name in ("cytube", "activitypub"))


def test_discord_names_twice_come_back_as_they_were() -> None:
    form = find_format("discord")
    draft = imported(EXCHANGE / "discord" / "server.json", form)
    assert len({emoji.name for emoji in draft.pack.emoji}) == 3
    rows = json.loads(exported(draft, form)["emojis.json"])
    assert [row["name"] for row in rows] == ["brass_badger", "moss", "moss"]


def test_matrix_names_have_a_hundred_bytes() -> None:
    form = find_format("matrix")
    names = ["a" * 100, "a" * 101, "ж" * 50, "ж" * 51, "猫" * 33, "猫" * 34, "𝒜" * 25, "𝒜" * 26]
    pack = Pack("p", tuple(Emoji(name, image="mxc://x.example/a") for name in names))
    written = fit_draft(Draft(pack), form).draft.pack.emoji
    assert [len(emoji.name.encode()) <= 100 for emoji in written] == [True] * len(names)
    assert [emoji.name for emoji in written[::2]] == names[::2]


def test_slack_says_where_an_alias_of_a_standard_emoji_leads() -> None:
    raw = json.dumps({"ok": True, "emoji": {"hooray": "alias:tada", "yay": "alias:hooray"}}).encode()
    (emoji,) = find_format("slack").read(Source("x", {"x.json": lambda: raw})).pack.emoji
    assert (emoji.name, emoji.unicode, emoji.aliases) == ("hooray", "\N{PARTY POPPER}", ("yay",))


def test_refusals_are_said() -> None:
    slack = b'{"ok":false,"error":"not_authed","emoji":{}}'
    with pytest.raises(PackError, match=r"ok: is false: Slack refused \('not_authed'\)"):
        find_format("slack").read(Source("x", {"x.json": lambda: slack}))
    gitlab = b'{"errors":[{"message":"Field does not exist"}],"data":null}'
    with pytest.raises(PackError, match="GitLab refused: 'Field does not exist'"):
        find_format("gitlab").read(Source("x", {"x.json": lambda: gitlab}))


def test_several_matrix_packs_are_not_guessed_at() -> None:
    raw = json.dumps([{"type": "m.image_pack", "state_key": key, "content": {"images": {}}} for key in "ab"]).encode()
    with pytest.raises(PackError, match="save one event alone; found: 'a', 'b'"):
        find_format("matrix").read(Source("x", {"x.json": lambda: raw}))


# The second suite.

SAMPLES = {
    "zulip/realm_emoji.json": 3,
    "zulip/converted_export": 1,
    "slack/emoji.list.json": 3,
    "slack/admin.emoji.list.json": 1,
    "slack/emojipack.yaml": 2,
    "mattermost/bulk_export": 1,
    "mattermost/emoji_list.json": 1,
    "rocketchat/emoji-custom.list.json": 1,
    "discord/guild_emojis.json": 2,
    "gitlab/custom_emoji_graphql.json": 1,
    "github/emojis.json": 2,
    "matrix/room_pack_stable.json": 1,
    "matrix/room_pack_unstable.json": 1,
    "cytube/emotes.json": 3,
    "activitypub/note.json": 1,
}


@pytest.mark.parametrize(("path", "count"), SAMPLES.items())
def test_samples(path: str, count: int, tmp_path: Path) -> None:
    sample = SHARED / "formats" / path
    if not sample.exists():
        pytest.skip("the samples are not here")
    form, source = recognise(open_source(sample))
    assert form.name == path.partition("/")[0]
    assert len(form.read(source).pack.emoji) == count
    round_trip(form, sample, tmp_path)


@pytest.mark.parametrize(
    ("path", "image"),
    [
        ("zulip/on-its-server.json", "https://chat.example/x/user_avatars/2/emoji/images/5a.png"),
        ("rocketchat/all.json", "https://chat.example/x/emoji-custom/brass_badger.png"),
        ("mattermost/list.json", f"https://chat.example/x/api/v4/emoji/{'k' * 26}/image"),
    ],
)
def test_images_on_a_server_get_its_address(path: str, image: str, tmp_path: Path) -> None:
    done = import_pack(str(EXCHANGE / path), str(tmp_path / "pack"), base_url="https://chat.example/x")
    assert done.merged.imported.draft.pack.emoji[0].image == image


def test_aliases_in_rows_and_circles_take_linear_time() -> None:
    names = range(20_000)
    rows = {f"a{number}": f"alias:a{number + 1}" for number in names} | {"a20000": "https://x.example/a.png"}
    rows |= {f"b{number}": f"alias:b{(number + 1) % 20_000}" for number in names}
    raw = json.dumps({"ok": True, "emoji": rows}).encode()
    draft = find_format("slack").read(source_of({"x.json": raw}))
    assert [len(emoji.aliases) for emoji in draft.pack.emoji] == [20_000]
    assert len(draft.problems) == 20_000


def test_shadow_files_and_name_maps_are_not_the_list(tmp_path: Path) -> None:
    content = (EXCHANGE / "gitlab" / "pages.json").read_bytes()
    files = {"emoji.json": content, "._emoji.json": b"\0\5\26\7", "emoji.json.names.json": b"{}", "._a.png": b"\0"}
    for file, raw in files.items():
        (tmp_path / file).write_bytes(raw)
    form, source = recognise(open_source(tmp_path))
    assert form.name == "gitlab"
    assert len(form.read(source).pack.emoji) == 2
