"""Renderers: what each preset emits, and that no pack and no post can make them emit anything else."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markupsafe import escape

from conftest import CUSTOM
from html_tree import elements, text_of
from shortcodes import (
    ALLOWED_ELEMENTS,
    Converter,
    Emoji,
    Html,
    Pack,
    PackError,
    Renderer,
    build_index,
    unicode_images,
    unicode_pack,
)
from shortcodes.renderers import RENDERERS

LAZY = 'loading="lazy" decoding="async" draggable="false">'
PARROT = '"a parrot, fast" title=":fastparrot:" width="32" height="32"'
EXPECTED = {
    "standard": (
        "👋",
        f'<img class="emoji" src="/emoji/EZLN.png" alt=":EZLN:" title=":EZLN:" {LAZY}',
        '<picture><source srcset="/emoji/fastparrot.png" media="(prefers-reduced-motion: reduce)">'
        f'<img class="emoji" src="/emoji/fastparrot.gif" alt={PARROT} {LAZY}</picture>',
    ),
    "labelled": (
        '<span class="emoji" role="img" aria-label="waving hand" title=":wave:">👋</span>',
        f'<img class="emoji" src="/emoji/EZLN.png" alt=":EZLN:" title=":EZLN:" {LAZY}',
        '<picture><source srcset="/emoji/fastparrot.png" media="(prefers-reduced-motion: reduce)">'
        f'<img class="emoji" src="/emoji/fastparrot.gif" alt={PARROT} {LAZY}</picture>',
    ),
    "plain": (
        "👋",
        '<img class="emoji" src="/emoji/EZLN.png" alt=":EZLN:" title=":EZLN:">',
        f'<img class="emoji" src="/emoji/fastparrot.gif" alt={PARROT}>',
    ),
    "lemmy": (
        "👋",
        '<span class="icon icon-emoji"><img src="/emoji/EZLN.png" alt=":EZLN:" title="emoji EZLN"></span>',
        '<span class="icon icon-emoji">'
        '<img src="/emoji/fastparrot.gif" alt="a parrot, fast" title="emoji fastparrot"></span>',
    ),
    "mastodon": (
        "👋",
        '<img draggable="false" class="emojione custom-emoji" alt=":EZLN:" title=":EZLN:" src="/emoji/EZLN.png"'
        ' data-original="/emoji/EZLN.png" data-static="/emoji/EZLN.png">',
        '<img draggable="false" class="emojione custom-emoji" alt=":fastparrot:" title=":fastparrot:"'
        ' src="/emoji/fastparrot.png" data-original="/emoji/fastparrot.gif" data-static="/emoji/fastparrot.png">',
    ),
    "discourse": (
        "👋",
        '<img src="/emoji/EZLN.png" title=":EZLN:" class="emoji emoji-custom" alt=":EZLN:" loading="lazy"'
        ' width="20" height="20">',
        '<img src="/emoji/fastparrot.gif" title=":fastparrot:" class="emoji emoji-custom" alt=":fastparrot:"'
        ' loading="lazy" width="20" height="20">',
    ),
    "zulip": (
        '<span class="emoji emoji-1f44b" title="wave" role="img" aria-label="wave">:wave:</span>',
        '<img src="/emoji/EZLN.png" class="emoji" alt=":EZLN:" title="EZLN">',
        '<img src="/emoji/fastparrot.gif" class="emoji" alt=":fastparrot:" title="fastparrot">',
    ),
    "mattermost": (
        '<span class="emoticon emoticon--unicode">👋</span>',
        '<img class="emoticon" src="/emoji/EZLN.png" alt=":EZLN:" title=":EZLN:">',
        '<img class="emoticon" src="/emoji/fastparrot.gif" alt=":fastparrot:" title=":fastparrot:">',
    ),
    "cytube": (
        "👋",
        '<img class="channel-emote" src="/emoji/EZLN.png" title="EZLN" alt="EZLN">',
        '<img class="channel-emote" src="/emoji/fastparrot.gif" title="fastparrot" alt="a parrot, fast">',
    ),
    "matrix": (
        "👋",
        '<img data-mx-emoticon="" src="/emoji/EZLN.png" alt=":EZLN:" title=":EZLN:" height="32">',
        '<img data-mx-emoticon="" src="/emoji/fastparrot.gif" alt=":fastparrot:" title=":fastparrot:" height="32">',
    ),
    "email": (
        "👋",
        '<img src="/emoji/EZLN.png" alt=":EZLN:" title=":EZLN:" width="20" height="20"'
        ' style="vertical-align:middle;border:0">',
        '<img src="/emoji/fastparrot.png" alt="a parrot, fast" title=":fastparrot:" width="20" height="20"'
        ' style="vertical-align:middle;border:0">',
    ),
    "characters": ("👋", ":EZLN:", ":fastparrot:"),
}


def test_every_preset_is_tested() -> None:
    assert EXPECTED.keys() == RENDERERS.keys()


@pytest.mark.parametrize("preset", RENDERERS)
def test_preset(preset: str) -> None:
    converter = Converter([CUSTOM, unicode_pack()], renderer=preset)
    assert tuple(converter.text_to_html(f":{name}:") for name in ("wave", "EZLN", "fastparrot")) == EXPECTED[preset]


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("hash", '<span class="emoji emoji-0023-20e3" title="hash" role="img" aria-label="hash">:hash:</span>'),
        ("grey_question", "emoji-2754"),
        ("family_man_woman_boy", 'class="emoji emoji-1f468-200d-1f469-200d-1f466" title="family man woman boy"'),
        ("heart", 'class="emoji emoji-2764"'),
        ("wave::skin-tone-4", "👋🏽"),
    ],
)
def test_zulip_names_sequences_by_their_codepoints(name: str, html: str) -> None:
    """At least four digits, without U+FE0F; tones it has none."""
    assert html in Converter(renderer="zulip").text_to_html(f":{name}:")


@pytest.mark.parametrize(
    ("name", "codepoints"),
    [
        ("wave::skin-tone-4", "1f44b-1f3fd"),
        ("heart", "2764"),
        ("us", "1f1fa-1f1f8"),
        ("ok_man", "1f646-200d-2642-fe0f"),
    ],
)
def test_unicode_emoji_as_images(name: str, codepoints: str) -> None:
    converter = Converter([unicode_pack()], renderer=unicode_images("/e/{codepoints}.svg"))
    [image] = elements(converter.text_to_html(f":{name}:"))
    assert dict(image.attributes)["src"] == f"/e/{codepoints}.svg"
    assert dict(image.attributes)["alt"] == Converter().text_to_text(f":{name}:")


# What Markdown emits by itself, in the dialects that there are.
MARKDOWN: dict[str, set[str]] = {
    **{tag: set() for tag in "em strong s pre h1 h2 h3 h4 h5 h6 ul li blockquote hr br table thead tbody tr".split()},
    "p": {"class"},
    "code": {"class"},
    "a": {"href", "title"},
    "ol": {"start"},
    "th": {"style"},
    "td": {"style"},
}
WAVE = Pack("unicode", (Emoji("wave", "👋", alt="waving hand", tones=("👋🏻",)),))
CONSTANTS = {
    "class": {
        *("emoji", "icon icon-emoji", "emojione custom-emoji", "emoji emoji-custom", "emoji emoji-1f44b"),
        *("emoticon", "emoticon emoticon--unicode", "channel-emote"),
    },
    "role": {"img"},
    "media": {"(prefers-reduced-motion: reduce)"},
    "loading": {"lazy"},
    "decoding": {"async"},
    "draggable": {"false"},
    "style": {"vertical-align:middle;border:0"},
    "data-mx-emoticon": {""},
}
FROM_URLS = {"src", "srcset", "data-original", "data-static"}
FROM_TEXTS = {"alt", "title", "aria-label"}

HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(
            """
            " ' ` < > & = / \\ ; : ( ) [ ] * _ # --> <!-- ]]> &quot; &#34; &#x27; &lt; "> '> onerror=alert(1) x
            <script>alert(1)</script> <img/src/onerror=x> javascript:alert(1) {{7*7}} {codepoints} %22 <b </textarea>
            """.split()
            + [" ", "\n", "\t", ":e0:", ":e1:", ":wave:", "a"]
        ),
        st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]),
    ),
    max_size=12,
).map("".join)
ALTS = st.one_of(HOSTILE, st.dictionaries(st.sampled_from(["en", "de", "pt-BR"]), HOSTILE, min_size=1, max_size=2))
PATHS = st.lists(
    st.sampled_from(["'", "&quot;", "&", "=", "onerror=x", ":", "(", ")", ",", ";", "%22", "?", "#", "é"])
).map("".join)
FILES = st.one_of(
    PATHS.map(lambda path: f"a{path.replace(':', '')} b.png"),
    PATHS.map(lambda path: f"https://cdn.example/{path}"),
    st.sampled_from(["a.png", "//cdn.example/a.png", "mxc://example.org/a", "https://cdn.example/?a=1&b='", "a b.png"]),
)
SIZES = st.one_of(st.none(), st.integers(1, 512))


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    """Draw packs of strangers that pass the checks."""
    emoji = [
        Emoji(
            f"e{i}",
            image=draw(FILES),
            static=draw(st.one_of(st.none(), FILES)),
            alt=draw(ALTS),
            width=draw(SIZES),
            height=draw(SIZES),
        )
        for i in range(2)
    ]
    base_url = draw(
        st.sampled_from(["", "/emoji/", "https://cdn.example/'a'?b&c=", "emoji", "https://é.example/&quot;/"])
    )
    return Pack("hostile", tuple(emoji), title=draw(HOSTILE), base_url=base_url)


def renders(converter: Converter, text: str) -> Iterator[tuple[Html, dict[str, set[str]]]]:
    """Yield what each door makes of a text, and which elements it may have."""
    emitted = {tag: set(attributes) for tag, attributes in ALLOWED_ELEMENTS.items()}
    yield converter.text_to_html(text), emitted
    yield converter.filter_html(str(escape(text))), emitted
    yield converter.filter_html(f"<p title='{escape(text)}'>{escape(text)}"), {**emitted, "p": {"title"}}
    yield converter.to_html(text), {**emitted, **MARKDOWN}
    yield converter.convert(text).html, {**emitted, **MARKDOWN}


@settings(max_examples=40, deadline=None)
@given(pack=packs(), text=HOSTILE, locale=st.sampled_from(["", "de"]))
@pytest.mark.parametrize(
    "renderer",
    [*RENDERERS.values(), unicode_images("/{codepoints}.svg")],
    ids=lambda r: getattr(r, "__name__", "unicode_images"),
)
def test_nothing_is_injected(renderer: Renderer, pack: Pack, text: str, locale: str) -> None:
    try:
        converter = Converter([pack, WAVE], renderer=renderer, locale=locale)
    except PackError:
        assume(False)
    own = {file and pack.url(file) for emoji in pack.emoji for file in (emoji.image, emoji.static)}
    urls = own | {"/1f44b.svg"}
    texts = {
        text
        for emoji in pack.emoji
        for text in (emoji.alt_text(locale), f":{emoji.name}:", f"emoji {emoji.name}", emoji.name)
    }
    texts |= {"👋", ":wave:", "wave", "waving hand"}
    for html, allowed in renders(converter, f"{text} :e0: :e1: :wave:".replace("![", "!")):
        for tag, attributes, _ in elements(html):
            assert tag in allowed
            assert {name for name, _ in attributes} <= allowed[tag]
            if tag in MARKDOWN:
                continue
            for name, value in attributes:
                if name in FROM_URLS:
                    assert value in urls or (name == "srcset" and value in {commaless(url) for url in urls if url})
                elif name in FROM_TEXTS:
                    assert shown(value) in {shown(text) for text in texts}
                elif name in CONSTANTS:
                    assert value in CONSTANTS[name]
                else:
                    assert (value or "").isdigit()


def shown(text: str | None) -> str:
    """An HTML parser takes all line breaks for one."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


SCHEMES = st.sampled_from(["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "blob:x"])
NOISE = st.sampled_from(
    ["", "", "\t", "\n", "\r", " ", "\0", "\x01", "\x1f", "\u00ad", "\u200b", "\ufeff", "/", "\\", "%09"]
)


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """Draw a scheme that runs code, as filters have been led to overlook it."""
    scheme = draw(SCHEMES)
    at = draw(st.integers(0, scheme.index(":")))
    scheme = draw(NOISE) + scheme[:at] + draw(NOISE) + scheme[at:]
    scheme = draw(st.sampled_from([scheme, scheme.upper(), scheme.title(), scheme.swapcase()]))
    colon = draw(st.sampled_from([":", ":", "&colon;", "&#58;", "%3A", "\uff1a"]))
    return scheme.replace(":", colon, 1)


@settings(max_examples=200, deadline=None)
@given(
    url=disguised(), field=st.sampled_from(["image", "static", "base_url"]), preset=st.sampled_from(sorted(RENDERERS))
)
def test_no_scheme_that_runs_code(url: str, field: str, preset: str) -> None:
    emoji = Emoji("e", image=url if field == "image" else "a.png", static=url if field == "static" else "b.png")
    try:
        converter = Converter([Pack("p", (emoji,), base_url=url if field == "base_url" else "")], renderer=preset)
    except PackError:
        return
    for tag, attributes, _ in elements(converter.to_html(":e:")):
        for name, value in attributes:
            assert name not in FROM_URLS or scheme_of(value or "") in {"", "http", "https", "mxc"}, (tag, name, value)


def commaless(url: str) -> str:
    """Return an address as a srcset has it, where commas part addresses."""
    return url.replace(",", "%2C")


def scheme_of(url: str) -> str:
    """Return the scheme that a browser finds (URL Standard, "basic URL parser")."""
    url = re.sub(r"[\t\n\r]", "", url.strip("".join(map(chr, range(33)))))
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*):", url)
    return scheme[1].lower() if scheme else ""


@given(text=HOSTILE)
def test_all_of_the_text_is_there(text: str) -> None:
    converter = Converter([])
    assert shown(text_of(converter.text_to_html(f"x{text}"))) == f"x{text}"


def test_sequences_of_strangers_open_no_tag() -> None:
    pack = Pack("hostile", (Emoji("x", "img src=x onerror=alert(1) 👋"),))
    try:
        converter = Converter([pack])
    except PackError:
        return
    assert not elements(converter.filter_html("<:x: >"))
    assert not elements(converter.text_to_html("<:x: >"))


def test_an_image_of_two_sizes_has_both() -> None:
    emoji = Emoji("tom", image="tom.png", extra={"build": {"twice": "tom@2x.png"}})
    html = Converter([Pack("cats", (emoji,), base_url="/cats")]).text_to_html(":tom:")
    assert 'src="/cats/tom.png"' in html
    assert 'srcset="/cats/tom%402x.png 2x"' in html
    for bad in ("javascript:alert(1)", "../x.png", 3, None, "a b\tc"):
        again = emoji._replace(extra={"build": {"twice": bad}})
        assert "srcset" not in Converter([Pack("cats", (again,))]).text_to_html(":tom:")
    quoted = emoji._replace(extra={"build": {"twice": 'x" onerror="'}})
    assert 'srcset="x%22%20onerror%3D%22 2x"' in Converter([Pack("cats", (quoted,))]).text_to_html(":tom:")
    plain = emoji._replace(extra={"build": "x"})
    assert "srcset" not in Converter([Pack("cats", (plain,))]).text_to_html(":tom:")
    assert build_index([Pack("cats", (emoji,))]).version != build_index([Pack("cats", (plain,))]).version
