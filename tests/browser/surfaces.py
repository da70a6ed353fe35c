"""Every way from a stranger's text to a page, and the list that each is held against."""

import contextlib
import io
import json
import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import nh3
from markdown_it import MarkdownIt
from markupsafe import escape

from browser import HOOKS, Page
from shortcodes import Converter, Emoji, Html, InputError, OptionError, Pack, PackError, Shortcode, unicode_pack
from shortcodes.cli.pack.sheet import sheet
from shortcodes.cli.page import page_end, page_start, post_in_page
from shortcodes.dialects import BUILT_IN
from shortcodes.exchange import find_format
from shortcodes.exchange.format import Source
from shortcodes.exchange.incoming import take_in
from shortcodes.packs.pack import pack_problems
from shortcodes.renderers import RENDERERS
from shortcodes.threads.read import read_thread
from shortcodes.threads.to_page import thread_page

# Where a vector may stand in a post. Not `format`: vectors have braces.
IN_POSTS = (
    *("V", "V:wave:V", ":V:", ":wave::V:", ":wave::skin-tone-V:", "*V*", "**V :wave:**", "~~V~~", "`V`", "# V"),
    *("[x](V)", "[x](<V>)", '[x](/y "V")', "[V](/y)", "![V](/y)", "![x](V)", "![x](<V>)", '![x](/y "V")'),
    *('![V](V "emoji V")', '![x](/y "emoji V")', '![x](<V.mp4> "V")', '![V](V.mp3 "V")', "<V>", "<https://x/V>"),
    *("https://x.example/V", "mailto:V", "V@x.example", "www.x.example/V", "[r]: V\n\n[r]", "[r]: <V> 'V'\n\n[r] ![r]"),
    *(
        "[V]: /y 'V'\n\n[V][] ![V][]",
        "```V\nV\n```",
        "~~~ V\n:wave:\n~~~",
        "    V",
        "> V",
        "- V",
        "1. V\n2. V",
        "V\n===",
    ),
    *("|V|:wave:|\n|:-:|-:|\n|V|V|", "a[^V] b^[V]\n\n[^V]: V", "a[^1]\n\n[^1]: V\n\n    V", "::: spoiler V\nV\n:::"),
    *(
        "> ::: spoiler :wave: V\n> V",
        "{V|V}",
        "{a V|b V|c}",
        "H~V~O x^V^",
        "@V@x.example",
        "@a@x.exampleV",
        "!V@x.example",
    ),
    *("/u/V@x.example", "/c/a@x.example?a=V", "@a@x.example?V=V", "@V", "#V", "~V", "@**V**", "@_**V|1**", "@*V*"),
    *("#**V>V**", "#**V**", "<time:V>", "$$V$$", "```spoiler V\nV\n```", "~~~ quote\nV\n~~~", "[spoiler]V[/spoiler]"),
    *('[quote="V"]\nV\n[/quote]', '[quote="a, post:V, topic:2"]\nV\n[/quote]', "[details=V]\nV\n[/details]"),
    *(
        '[details="V"]\n:wave:\n[/details]',
        "a [b]V[/b] [sp]V[/sp] [spoiler]V[/spoiler]",
        "<x V>",
        "<x y='V'>",
        "&V;",
        "\\V",
    ),
    *("<:V:123456789012345678>", "a\n\nV\n\nb", "(c) V -- \"V\" 'V' ...", "![a ![V](/z)](/y)", "[![V](V)](V)"),
)
TARGETS = ("unicode", "shortcode", "lemmy", "discord", "html")
NOW = datetime(2024, 11, 22, tzinfo=UTC)
IMAGE = Pack(
    "image",
    (
        Emoji("cat", image="cat.gif", static="cat.png", alt="a cat", width=20, height=20),
        Emoji("dog", image="https://x.example/dog.png", extra={"build": {"twice": "dog@2x.png"}}),
    ),
    base_url="/emoji",
)
Part = tuple[str, str]


@cache
def converter(dialect: str = "gfm", renderer: str | None = None) -> Converter:
    return Converter([IMAGE, unicode_pack()], dialect=dialect, renderer=renderer, emoticons=True, highlight=True)


def parts(vector: str, *, thorough: bool) -> Iterator[Part]:
    """Yield the HTML of each door for a vector, and the list that it is held against."""
    yield from posts(vector, thorough=thorough)
    yield from texts(vector)
    yield from finished(vector)
    yield from sources(vector)
    yield from packs(vector)


def posts(vector: str, *, thorough: bool) -> Iterator[Part]:
    """Posts and titles: each place in one of the dialects, another one for each vector; or every other place."""
    turn = zlib.crc32(vector.encode("utf-8", "surrogatepass"))
    for number, place in enumerate(IN_POSTS):
        if thorough or not number or (turn + number) % 2:
            post = place.replace("V", vector)
            for dialect in (_turn(BUILT_IN, turn + number),) if number else BUILT_IN:
                yield dialect, converter(dialect).to_html(post)
    dialect = _turn(BUILT_IN, turn)
    yield "lemmy", converter("lemmy").to_html("a[^1]\n\n[^1]: b", prefix=vector)
    yield dialect, converter(dialect).convert(f":wave: {vector}").html
    yield "text", str(escape(converter(dialect).to_text(f"{vector}\n\n> {vector}")))
    for dialect in ("lemmy", _turn(BUILT_IN, turn + 1)):
        yield f"titles of {dialect}", converter(dialect).title_to_html(f":wave: {vector} *{vector}* `{vector}`")


def _turn(several: Sequence[str], number: int) -> str:
    return several[number % len(several)]


def texts(vector: str) -> Iterator[Part]:
    for renderer in RENDERERS:
        yield "renderers", converter(renderer=renderer).text_to_html(f":cat:{vector}:wave::dog: {vector} :{vector}:")
    yield "text", str(escape(converter().text_to_text(f"{vector} :wave:")))
    yield "text", str(escape(converter().demojize(f"{vector} 👋")))


def finished(vector: str) -> Iterator[Part]:
    """The HTML door, behind what makes HTML that is safe: an escape, an engine, a sanitiser; and before one."""
    door = converter(renderer="standard").filter_html
    yield "renderers", door(str(escape(f"{vector} :cat: {vector}:wave:")))
    yield "commonmark", door(_engine().render(f"{vector} :cat:\n\n:dog: {vector}"))
    whole = vector.encode("utf-8", "replace").decode()
    yield "sanitised", door(nh3.clean(f":dog:{whole}:cat:{whole.replace('<', ':cat:<')}"))


def sources(vector: str) -> Iterator[Part]:
    turn = len(vector)
    for number, target in enumerate(TARGETS):
        source = converter(_turn(("gfm", "lemmy", "zulip"), turn + number))
        written = source.to_source(f"{vector} :cat: 👋 :wave: {vector}", target=target)
        yield "commonmark", _engine().render(written)


@cache
def _engine() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def packs(vector: str) -> Iterator[Part]:
    """What of a pack may be a vector, as values, through all presets; what is refused has nothing to show."""
    for pack in (*hostile_packs(vector), imported(vector)):
        if pack is not None:
            yield from through_presets(pack)
    try:
        linked = Converter([], dialect="lemmy", user_url=vector + "{address}", community_url=vector)
    except OptionError:
        return
    yield "lemmy", linked.to_html("@ann@x.example !otters@x.example?a=b")


def hostile_packs(vector: str) -> Iterator[Pack | None]:
    """Yield packs with a vector in each of their values: all those that the library takes in one, and as an address."""
    taken = [emoji for emoji in hostile_emoji(vector) if not list(pack_problems(Pack("p", (emoji,))))]
    yield usable(Pack("p", tuple(taken)))
    cat = Emoji("cat", image="cat.png", static="b/cat still.png", extra={"build": {"twice": vector}})
    yield usable(Pack("p", (cat,), base_url=vector, title=vector))


def hostile_emoji(vector: str) -> Iterator[Emoji]:
    yield Emoji("a1", image=vector)
    yield Emoji("a2", image="https://x.example/y.png", static=vector, extra={"build": {"twice": vector}})
    yield Emoji("a3", image="y.png", alt=vector, category=vector, keywords=(vector,))
    yield Emoji("a4", image="y.png", alt={"en": vector, "de": vector})
    yield Emoji("a5", unicode=vector, alt=vector)
    yield Emoji("a6", image="y.png", aliases=(vector,))
    yield Emoji(vector, image="y.png")


def usable(pack: Pack) -> Pack | None:
    """Return a pack that the library takes."""
    return None if list(pack_problems(pack)) else pack


def through_presets(pack: Pack) -> Iterator[Part]:
    names = " ".join(f":{emoji.name}:" for emoji in pack.emoji)
    yield "renderers", Converter([pack], renderer=every_preset).text_to_html(names)
    yield "text", str(escape(Converter([pack], alt_in_text=True).text_to_text(names)))


def every_preset(shortcode: Shortcode) -> Html:
    return Html(" ").join(render(shortcode) for render in RENDERERS.values())


# Every text in the samples of the foreign formats, by its key, and their keys themselves: the places for a vector.
SAMPLES = Path(__file__).parents[1] / "fixtures" / "exchange"
_KEYS = ""


class Spot(NamedTuple):
    """A place in a sample."""

    format: str
    file: str
    sample: Any
    key: str


@cache
def spots() -> tuple[Spot, ...]:
    found: list[Spot] = []
    for path in sorted(SAMPLES.glob("*/*.json")):
        sample = json.loads(path.read_text("utf-8"))
        found += (Spot(path.parent.name, path.name, sample, key) for key in (_KEYS, *sorted(_texts(sample))))
    assert len({spot.format for spot in found}) >= 12
    return tuple(found)


def _texts(sample: object) -> set[str]:
    """Return the keys whose values are texts."""
    if isinstance(sample, dict):
        own = {key for key, value in sample.items() if isinstance(value, str)}
        return own.union(*map(_texts, sample.values()))
    return set().union(*map(_texts, sample)) if isinstance(sample, list) else set()


def _put(sample: Any, key: str, vector: str) -> Any:
    if isinstance(sample, dict):
        if not key and sample and all(isinstance(value, (str, dict)) for value in sample.values()):
            last = list(sample)[-1]  # in some formats, names are the keys
            sample = {(vector if name == last else name): value for name, value in sample.items()}
        return {name: vector if key and name == key else _put(value, key, vector) for name, value in sample.items()}
    return [_put(one, key, vector) for one in sample] if isinstance(sample, list) else sample


def imported(vector: str) -> Pack | None:
    """Return the pack that a foreign format becomes with a vector in one of its places, another for each vector."""
    spot = spots()[zlib.crc32(vector.encode("utf-8", "surrogatepass")) % len(spots())]
    content = json.dumps(_put(spot.sample, spot.key, vector)).encode()
    source = Source(spot.file, {spot.file: lambda: content})
    try:
        draft = take_in(find_format(spot.format).read(source), "p", None).draft
    except (PackError, InputError):
        return None
    return usable(draft.pack)


# Whole pages, each of several vectors.


def every_door(vectors: Sequence[str]) -> Page:
    return Page([part for vector in vectors for part in dict.fromkeys(parts(vector, thorough=True))])


def some_of_each_door(vectors: Sequence[str]) -> Page:
    return Page([part for vector in vectors for part in dict.fromkeys(parts(vector, thorough=False))])


def thread_document(vectors: Sequence[str]) -> Page:
    return Page(list="thread page", document=_watched(thread(vectors), _POLICY))


def rendered_document(vectors: Sequence[str]) -> Page:
    page = page_start(vectors[0]) + Html("").join(map(post_in_page, map(converter("gfm").to_html, vectors)))
    return Page(list="render --page", document=_watched(page + page_end()))


def sheet_document(vectors: Sequence[str]) -> Page:
    return Page(list="pack sheet", document=_watched(sheet_of(vectors)))


DOCUMENTS = (thread_document, rendered_document, sheet_document)
_POLICY = re.compile('<meta http-equiv="Content-Security-Policy"[^>]*>')


def _watched(document: str, before: re.Pattern[str] = re.compile('(?<=<meta charset="utf-8">)')) -> str:
    """Let the hooks in: where the page has a policy, in its place, since it is the escaping that is asked."""
    watched, count = before.subn(HOOKS, document, count=1)
    assert count
    return watched


def thread(vectors: Sequence[str]) -> str:
    """Return a thread's page with the vectors in all that strangers write."""
    comments = [
        {
            "id": number,
            "parent": number - 1 if number % 3 else None,
            "author": {"name": f"n{vector}", "display_name": f"{vector} [{vector}]", "url": vector, "roles": ["bot"]},
            "body": f"{vector}\n\n::: spoiler {vector}\n{vector}\n:::\n\n!{vector}@x.example a[^1]\n\n[^1]: {vector}",
            "published": "2024-11-21",
            "url": f"https://x.example/{vector}",
        }
        for number, vector in enumerate(vectors, 1)
    ]
    first = vectors[0]
    author = {"name": "n", "display_name": f"n{first}"}
    post = {"id": 9, "author": author, "body": first, "published": "2024-11-20", "url": first}
    whole = {"title": f"t{first}", "post": post, "comments": comments, "link": vectors[-1]}
    read = read_thread({**whole, "community": f"c{first}", "community_url": first}, lenient=True)
    return thread_page(read, converter("lemmy"), now=NOW)


def sheet_of(vectors: Sequence[str]) -> str:
    """Return the page of a pack that has the vectors in its manifest, as the command writes it, refused or not."""
    lines = [
        f"[pack]\nschema = 1\nname = {_toml(vectors[0])}\ntitle = {_toml(vectors[-1])}\nlicense = {_toml(vectors[0])}"
    ]
    for number, vector in enumerate(vectors):
        text = _toml(vector)
        lines += (f"[[emoji]]\nname = 'a{number}'\nimage = 'a{number}.png'\nalt = {text}\ncategory = {text}",)
        lines += (f"[[emoji]]\nname = {text}\nimage = {text}\nstatic = {text}",)
        lines += (f"[[emoji]]\nname = 'b{number}'\nunicode = {text}\naliases = [{text}]",)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pack.toml").write_text("\n".join(lines), "utf-8")
        for number, vector in enumerate(vectors):
            with contextlib.suppress(OSError, ValueError):  # not every vector may be a file's name
                Path(folder, vector.replace("/", "\u2215")[:60] + f"{number}.png").write_bytes(b"")
        page = Path(folder, "sheet.html")
        assert sheet.callback
        with contextlib.redirect_stderr(io.StringIO()):  # it says how many problems there are
            sheet.callback(pack=folder, output=None, html=str(page), fonts=())
        return page.read_text("utf-8")


def _toml(text: str) -> str:
    return json.dumps(text.encode("utf-8", "replace").decode()).replace("\x7f", "\\u007f")
