"""The front door: results, settings, threads, and the plug-in alone."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markupsafe import Markup

from conftest import CUSTOM
from shortcodes import (
    Converter,
    Emoji,
    Html,
    Index,
    Limits,
    OptionError,
    Pack,
    PackError,
    Shortcode,
    build_index,
    shortcodes_plugin,
    unicode_images,
    unicode_pack,
)

POST = (
    "Hi :wave: :EZLN: and :nope:, `:code:` https://e.org/:wave:/ **bold**\n\n> quote :heart:\n\n| a |\n|---|\n| :x: |\n"
)


def test_result_says_what_a_forum_has_to_know(converter: Converter) -> None:
    result = converter.convert(":wave: :EZLN: :waving_hand: :wavee:")
    assert [emoji.name for emoji in result.used] == ["wave", "EZLN"]
    [unknown] = result.unknown
    assert (unknown.source, unknown.name, unknown.line, unknown.column) == (":wavee:", "wavee", 1, 29)
    assert unknown.suggestions[0] == "wave"
    assert len(unknown.suggestions) <= 3
    assert result.version == converter.index.version
    assert result.html == converter.to_html(":wave: :EZLN: :waving_hand: :wavee:")


def test_html_is_not_escaped_twice(converter: Converter) -> None:
    for html in (converter.to_html(":EZLN:"), converter.filter_html(":EZLN:"), converter.text_to_html(":EZLN: <")):
        assert isinstance(html, Markup)
        assert Markup("{}").format(html) == html


def test_converter_alone_is_the_bundled_pack_and_gfm() -> None:
    converter = Converter()
    assert converter.to_html("~~:wave:~~") == "<p><s>👋</s></p>\n"
    assert [pack.name for pack in converter.index.packs] == ["unicode"]


@pytest.mark.parametrize("packs", [[], [Pack("empty")]])
@given(
    text=st.lists(
        st.sampled_from(
            [*"*_`:[]()!<>&\"'#-+ \nabc1~|\\./@é。", "http://", "www.", "e.org", "mailto:", "1.2.3.4", "xn--"]
        )
    ).map("".join)
)
def test_an_empty_pack_changes_nothing(packs: list[Pack], text: str) -> None:
    bare = MarkdownIt("gfm-like", {"html": False, "maxNesting": 20, "xhtmlOut": False})
    assert Converter(packs).to_html(text) == bare.render(text)
    assert Converter(packs).text_to_text(text) == text
    assert Converter(packs).filter_html(text) == text


def test_an_empty_index_leaves_a_parser_as_it_was() -> None:
    plain, taught = MarkdownIt("gfm-like"), MarkdownIt("gfm-like").use(shortcodes_plugin, build_index([]))
    assert plain.get_all_rules() == taught.get_all_rules()


def test_plugin_alone(index: Index) -> None:
    md = MarkdownIt("commonmark", {"typographer": True}).enable(["replacements", "smartquotes"])
    md.use(shortcodes_plugin, index)
    assert md.render('":wave:" -- "quote" (c) :a--b:') == "<p>“👋” – “quote” © :a–b:</p>\n"
    assert md.render("<i title=':wave:'>:wave:</i>") == "<p><i title=':wave:'>👋</i></p>\n"
    [inline] = [token for token in md.parse("a :wave:") if token.type == "inline"]
    assert inline.children
    shortcode = inline.children[1].meta["shortcode"]
    assert isinstance(shortcode, Shortcode)
    assert shortcode.emoji.name == "wave"


def test_a_name_may_have_what_typography_would_tear() -> None:
    index = build_index([Pack("p", (Emoji("a--b", unicode="🅰️"),))])
    md = MarkdownIt("commonmark", {"typographer": True}).enable(["replacements", "smartquotes"])
    assert md.use(shortcodes_plugin, index).render("x :a--b: y--z") == "<p>x 🅰️ y–z</p>\n"


def test_settings_that_do_not_exist_are_one_clear_error() -> None:
    for settings, message in (
        ({"dialect": "lemy"}, "dialect 'lemy' is not known; there are: commonmark, cytube, discourse, gfm, hexbear,"),
        ({"boundary": "tight"}, "boundary 'tight' is not known; there are: alone, loose, strict, word"),
        ({"renderer": "gif"}, "renderer 'gif' is not known; there are: characters, cytube, discourse, email,"),
    ):
        with pytest.raises(OptionError, match=message):
            Converter(**settings)  # type: ignore[arg-type]  # the test is about them
    with pytest.raises(
        PackError, match=r"pack 'p': emoji\[0\].name: 'a b' has ' ' \(U\+0020\), which may not stand in a name"
    ):
        Converter([Pack("p", (Emoji("a b", unicode="🅰️"),))])


def test_own_renderer_and_locale() -> None:
    pack = Pack("p", (Emoji("cat", image="cat.png", alt={"en": "a cat", "de": "eine Katze"}),))

    def speak(shortcode: Shortcode) -> Html:
        return Html("<i>{}</i>").format(shortcode.alt)

    assert Converter([pack], renderer=speak, locale="de-AT").text_to_html(":cat:") == "<i>eine Katze</i>"
    assert Converter([pack], renderer=speak, locale="fr").text_to_html(":cat:") == "<i>a cat</i>"
    assert Converter([pack], renderer=speak).text_to_html(":cat:") == "<i>a cat</i>"


def test_unicode_as_images() -> None:
    converter = Converter(renderer=unicode_images("https://cdn.example/{codepoints}.svg"))
    assert 'src="https://cdn.example/1f44b-1f3fd.svg" alt="👋🏽"' in converter.text_to_html(":wave:t4:")
    assert "/2764.svg" in converter.text_to_html(":heart:")
    assert "/1f441-fe0f-200d-1f5e8-fe0f.svg" in converter.text_to_html(":eye_speech_bubble:")


def test_limits_leave_text() -> None:
    few = Converter([CUSTOM, unicode_pack()], limits=Limits(characters=100, emoji=2))
    post = ":wave: " * 4
    assert few.to_html(post) == "<p>👋 👋 :wave: :wave:</p>\n"
    assert few.text_to_html(post) == few.filter_html(post) == "👋 👋 :wave: :wave: "
    assert few.convert(post).html == few.to_html(post)
    over = "<b>*a* :wave:" * 20
    assert (
        few.to_html(over)
        == few.convert(over).html
        == f"<pre>{over.replace('<', '&lt;')}</pre>\n".replace(">*", "&gt;*")
    )
    assert few.to_text(over) == over
    assert few.filter_html(over) == over
    assert ":wave:" in few.text_to_html(over)


def test_demojize_finds_the_names_of_packs() -> None:
    converter = Converter([Pack("p", (Emoji("hello", unicode="👋"),)), unicode_pack()])
    assert converter.demojize("👋🏽 👋 👩‍💻") == ":hello::skin-tone-4: :hello: :woman_technologist:"
    assert converter.text_to_text(":hello::skin-tone-4:") == "👋🏽"


def test_threads_share_a_converter() -> None:
    converter = Converter([CUSTOM, unicode_pack()])
    expected = (converter.to_html(POST), converter.to_text(POST), converter.filter_html(POST))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        fresh = Converter([CUSTOM, unicode_pack()])
        barrier = threading.Barrier(4)

        def work(_: int) -> bool:
            barrier.wait()
            return all(
                (fresh.to_html(POST), fresh.to_text(POST), fresh.filter_html(POST)) == expected for _ in range(40)
            )

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(work, range(4)))
    finally:
        sys.setswitchinterval(interval)


def test_what_is_kept_is_bounded_by_the_index(converter: Converter) -> None:
    replace = converter._to_text
    before = len(replace.rendered)
    for i in range(1000):
        converter.text_to_text(f":unknown{i}: :WAVE: :wAve::EZLN: :wave::skin-tone-{i % 5 + 2}:")
    assert len(replace.rendered) <= before + 1


EMOJI_PIECES = """
a 1 : :: x: :wave: :100: t2: :skin-tone-3: 👋 👋🏽 ❤ ❤️ ❌ 💯 👩‍💻 🇺🇸 1️⃣ 😀 🏽 https:// www. / é _
""".split()


@given(text=st.lists(st.sampled_from([*EMOJI_PIECES, " ", "\u200d", "\ufe0f", "\ufe0e"])).map("".join))
def test_demojize_is_read_back(text: str) -> None:
    """Qualification apart: ``❤`` comes back as ``❤️``."""
    converter = Converter()
    back = converter.text_to_text(converter.demojize(text))
    assert back.replace("\ufe0f", "") == converter.text_to_text(text).replace("\ufe0f", "")
