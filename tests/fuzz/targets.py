"""What is fuzzed. A target takes bytes, and raises if what must hold for all input does not hold for this one.

The first byte chooses a setting, so that one target serves all dialects, policies and formats; the rest is the input.
"""

import json
import os
import re
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

from conftest import CUSTOM
from html_tree import elements
from pictures import encoded, flat
from reference_tokenizer import reference_sources
from shortcodes import Converter, Index, build_index, read_pack, tokenize, unicode_pack
from shortcodes.dialects import BUILT_IN as DIALECTS
from shortcodes.errors import ImageError, InputError, PackError
from shortcodes.exchange import BUILT_IN as FORMATS
from shortcodes.exchange import find_format, recognise
from shortcodes.exchange.archives import ArchiveLimits
from shortcodes.exchange.format import Draft, Source
from shortcodes.exchange.incoming import take_in
from shortcodes.exchange.outgoing import fit_draft
from shortcodes.exchange.sources import open_source
from shortcodes.images.header import read_header
from shortcodes.images.picture import ImageLimits, read_picture
from shortcodes.packs.pack import Content, is_url, pack_problems
from shortcodes.packs.to_toml import to_toml
from shortcodes.renderers import RENDERERS
from shortcodes.threads.read import read_json, read_thread
from shortcodes.threads.to_json import thread_json
from shortcodes.threads.to_page import thread_page
from shortcodes.threads.to_text import thread_text
from test_html_door import assert_only_text_changes
from test_source import Same

POLICIES = ("word", "loose", "strict", "alone")
PACKS = (CUSTOM, unicode_pack())


def chosen(data: bytes) -> tuple[int, bytes]:
    return (data[0], data[1:]) if data else (0, b"")


def text_of(data: bytes) -> str:
    """Return any text, lone surrogates included."""
    return data.decode("utf-8", "surrogateescape")


@cache
def index() -> Index:
    return build_index(PACKS)


@cache
def converter(dialect: str, renderer: str | None = None) -> Converter:
    return Converter(PACKS, dialect=dialect, renderer=renderer)


def tokenizer(data: bytes) -> None:
    """The tokens are the text, and those of the slow reference."""
    choice, rest = chosen(data)
    policy, text = POLICIES[choice % len(POLICIES)], text_of(rest)
    tokens = tokenize(text, boundary=policy)
    assert [(token.source, token.name) for token in tokens] == reference_sources(text, policy)
    assert "".join(token.source for token in tokenize(text, index(), boundary=policy)) == text
    converter("gfm").demojize(converter("gfm").text_to_text(text))


def html_door(data: bytes) -> None:
    """Nothing but text changes, whatever the tag soup."""
    html = data.decode("utf-8", "replace")
    if "was-typed" in html or re.search(r"<!-?\Z", html):  # our mark; and what lexbor reads old memory at
        return
    assert_only_text_changes(html)


ELEMENTS = frozenset(
    "a audio blockquote br code del details div em h1 h2 h3 h4 h5 h6 hr img li ol p picture pre rp rt ruby s section "
    "source span strong sub summary sup table tbody td th thead tr ul video".split()
)


def markdown_door(data: bytes) -> None:
    """What comes out is of the elements that we know, is bounded, and can be written to a file."""
    choice, rest = chosen(data)
    post = text_of(rest)
    renderers = sorted(RENDERERS)
    made = converter(DIALECTS[choice % len(DIALECTS)], renderers[choice % len(renderers)])
    result = made.convert(post)
    assert result.html == made.to_html(post)
    assert not {element.tag for element in elements(str(result.html))} - ELEMENTS
    assert not re.search("[\ud800-\udfff]", result.html)
    assert len(result.html) <= 65_536 + 20 * len(post)
    made.to_text(post, spoilers=False)
    made.title_to_html(post)


@cache
def same(target: str) -> Same:
    return Same("commonmark", "commonmark", target)


def source_door(data: bytes) -> None:
    """A converted post reads as the post did, and the others stand as they are."""
    choice, rest = chosen(data)
    post = rest.decode("utf-8", "replace")
    target = ("unicode", "lemmy")[choice % 2]
    converted = same(target).converter.to_source(post, target=target)
    if not same(target).converter.convert(post).found:
        assert converted == post
    elif "]:" not in post and not is_bounded(post):  # a label that is another word may meet another definition
        same(target).check(post, converted)
    for dialect in ("lemmy", "discourse"):
        converter(dialect).to_source(post, target="html")
        converter(dialect).to_source(post, target="shortcode")


def is_bounded(post: str) -> bool:
    """Tell whether the bare engine, which has no bounds, reads more in a post than our door does."""
    bare = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False, "maxNesting": 20})
    return str(bare.render(post)) != Converter([], dialect="commonmark").to_html(post)


def manifest(data: bytes) -> None:
    """A pack is refused with its problems, or read; what was read is written, and read as the same."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        try:
            pack = read_pack(lay_out(folder, data))
        except (PackError, InputError) as error:
            assert 0 < len(str(error)) < 100_000  # noqa: PT017  # either may come
            return
        assert not list(pack_problems(pack))
        pack = pack._replace(emoji=tuple(one for one in pack.emoji if not one.image or is_url(one.image)))
        try:
            written = to_toml(pack)
        except PackError:  # an extra table that is deeper than we write
            return
        assert read_pack(lay_out(folder, written.encode())) == pack


def lay_out(folder: str, content: bytes) -> str:
    """Write a manifest, or what begins like one, as a zip."""
    if content.startswith(b"PK"):
        path = os.path.join(folder, "pack.zip")
        Path(path).write_bytes(content)
        return path
    Path(folder, "pack.toml").write_bytes(content)
    return folder


def memory() -> str | None:
    """Return a folder that is no disk, where there is one."""
    return "/dev/shm" if os.path.isdir("/dev/shm") else None


@cache
def picture() -> bytes:
    return encoded(flat(7, 8), "PNG")


def importers(data: bytes) -> None:
    """A foreign pack is refused in one line, or becomes one that our own rules find nothing wrong with.

    Files are ``path NUL content NUL path NUL content``; the content ``PNG`` is a picture.
    """
    choice, rest = chosen(data)
    parts = rest.split(b"\0")
    files = {text_of(path): content_of(content) for path, content in zip(parts[::2], parts[1::2], strict=False)}
    source = Source("fuzz", dict(sorted(files.items())))
    try:
        if choice < len(FORMATS):
            found = find_format(FORMATS[choice])
            found.recognises(source)
        else:
            found, source = recognise(source)
        imported = take_in(found.read(source), "fuzz")
    except (PackError, InputError) as error:
        assert str(error)  # noqa: PT017  # either may come
        return
    pack = imported.draft.pack
    assert not list(pack_problems(pack))
    for name in {found.name, "native", "misskey"}:
        target = find_format(name)
        if target.write:
            try:
                target.write(fit_draft(Draft(pack, imported.draft.files), target).draft)
            except (PackError, InputError):
                continue


def content_of(content: bytes) -> Content:
    return picture if content == b"PNG" else lambda: content


LIMITS = ArchiveLimits(files=200, file_bytes=1 << 20, bytes=1 << 22)


def archives(data: bytes) -> None:
    """A zip or a tar is refused in one line, or its members are within the limits and have harmless names."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        path = Path(folder, "archive")
        path.write_bytes(data)
        total = 0
        try:
            for name, content in open_source(path, LIMITS).files.items():
                assert not name.startswith("/")
                assert ".." not in name.split("/")
                total += len(content())
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017  # most are refused
        assert total <= LIMITS.bytes or not data.startswith((b"PK", b"\x1f\x8b"))
        assert os.listdir(folder) == ["archive"]


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def threads(data: bytes) -> None:
    """A thread is refused in one line, or becomes a page, a text, and JSON that reads as the same thread."""
    choice, rest = chosen(data)
    made = converter("lemmy" if choice & 1 else "gfm")
    try:
        answers = read_json(rest.decode("utf-8", "replace"))
        thread = read_thread(
            *(answers if isinstance(answers, list) and answers else [answers]), lenient=bool(choice & 2)
        )
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017  # most are refused
        return
    page = thread_page(thread, made, now=NOW)
    assert "<script" not in page
    assert not re.search("[\ud800-\udfff]", page)
    assert not re.search("[\ud800-\udfff]", thread_text(thread, made, now=NOW))
    plain = thread_json(thread, made)
    again = thread_json(read_thread(json.loads(json.dumps(plain))), made)
    assert again == plain


IMAGE_LIMITS = ImageLimits()


def images(data: bytes) -> None:
    """A picture is refused with one kind of error, or decoded within the limits."""
    try:
        read_header(data)
        read_picture(data, limits=IMAGE_LIMITS)
    except ImageError as error:
        assert "\n" not in str(error)  # noqa: PT017  # most are refused


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        tokenizer,
        html_door,
        markdown_door,
        source_door,
        manifest,
        importers,
        archives,
        threads,
        images,
    )
}

JSON = frozenset({"importers", "threads"})
"""What is mostly JSON, and is changed as such: bytes that are changed at random are seldom JSON."""
