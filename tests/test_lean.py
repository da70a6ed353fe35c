"""The lean loops against the engine's own: the same tokens, the same HTML, whatever the post and the plug-ins."""

from collections.abc import Callable, Iterator
from random import Random

import pytest
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.attrs import attrs_block_plugin, attrs_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.field_list import fieldlist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin
from mdit_py_plugins.subscript import sub_plugin
from mdit_py_plugins.substitution import substitution_plugin
from mdit_py_plugins.superscript import superscript_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from conftest import commonmark_examples
from documents import document
from hostile_posts import EVERYTHING, post
from shortcodes.dialects.begins import begins_with
from shortcodes.markdown.lean import LeanBlocks, LeanInline, LeanRenderer

PRESETS = ("commonmark", "gfm-like", "js-default", "zero")
PLUGINS: dict[str, Callable[..., None]] = {
    "admon": admon_plugin,
    "amsmath": amsmath_plugin,
    "anchors": anchors_plugin,
    "attrs": attrs_plugin,
    "attrs of blocks": attrs_block_plugin,
    "container": lambda md: container_plugin(md, "spoiler"),
    "deflist": deflist_plugin,
    "dollarmath": dollarmath_plugin,
    "fieldlist": fieldlist_plugin,
    "footnote": footnote_plugin,
    "front matter": front_matter_plugin,
    "myst blocks": myst_block_plugin,
    "myst role": myst_role_plugin,
    "sub": sub_plugin,
    "substitution": substitution_plugin,
    "sup": superscript_plugin,
    "tasklists": tasklists_plugin,
}
OF_PLUGINS = (
    *("!!! note\n    text\n", "$a$ b $$c$$", "\\begin{equation}\na\n\\end{equation}", "*a*{.b} `c`{#d}", "{.a}\n# b"),
    *(
        "::: spoiler\n> a\n:::\n",
        "a\n: b\n\n  c\n",
        ":a: b\n:c d: e\n",
        "a[^1] ^[b *c*]\n\n[^1]: d\n    e",
    ),
    *(
        "---\na: b\n---",
        "+++\n\n(a)=\n% b\n",
        "{a}`b`",
        "H~2~O x^2^ ~a b~",
        "{{ a }} b\n\n{{ c }}",
        "- [ ] a\n- [x] b\n  - [X] c",
    ),
)


def lean(md: MarkdownIt) -> MarkdownIt:
    """Put the lean loops into a parser, as a converter's are."""
    md.block, md.inline = LeanBlocks(md.block), LeanInline(md.inline)
    return md


def pair(preset: str, *plugins: str, html: bool = True) -> tuple[MarkdownIt, MarkdownIt]:
    options = {"html": html, "typographer": True}
    engine, ours = MarkdownIt(preset, options), MarkdownIt(preset, options, renderer_cls=LeanRenderer)
    for plugin in plugins:
        engine.use(PLUGINS[plugin])
        ours.use(PLUGINS[plugin])
    return engine, lean(ours)


def differs(post: str, engine: MarkdownIt, ours: MarkdownIt) -> bool:
    expected, found = engine.parse(post), ours.parse(post)
    if [token.as_dict() for token in expected] != [token.as_dict() for token in found]:
        return True
    return bool(engine.renderer.render(expected, engine.options, {}) != ours.renderer.render(found, ours.options, {}))


def posts(number: int) -> Iterator[str]:
    random = Random(number)
    for _ in range(number):
        yield document(random)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_specification(preset: str) -> None:
    parsers = pair(preset)
    assert [post for post in commonmark_examples() if differs(post, *parsers)] == []


@pytest.mark.parametrize("preset", PRESETS)
def test_random_posts(preset: str, request: pytest.FixtureRequest) -> None:
    parsers = pair(preset, html=False)
    assert [post for post in posts(request.config.getoption("--documents")) if differs(post, *parsers)] == []


@pytest.mark.parametrize("preset", ["gfm-like", "js-default"])
def test_hostile_posts(preset: str) -> None:
    parsers = pair(preset, html=False)
    for md in parsers:  # whose search for bare links takes minutes, without bounds
        md.options.linkify = False
    assert [name for name, pattern in EVERYTHING.items() if differs(post(pattern, 400), *parsers)] == []


@pytest.mark.parametrize("plugins", [*([plugin] for plugin in PLUGINS), list(PLUGINS)], ids=" ".join)
def test_plugins(plugins: list[str]) -> None:
    """They know nothing of the lean loops, and what they add is found all the same."""
    parsers, random = pair("commonmark", *plugins), Random(len(plugins))
    made = [
        "\n\n".join(random.choice([*OF_PLUGINS, *OF_PLUGINS, document(random)]) for _ in range(random.randint(1, 6)))
        for _ in range(60)
    ]
    assert [post for post in [*OF_PLUGINS, *made] if differs(post, *parsers)] == []


def test_rules_that_come_later_are_asked() -> None:
    """A parser that is in use already takes them too, before and after it has read something."""
    md = lean(MarkdownIt("commonmark"))
    assert md.render("a=b\n§") == "<p>a=b\n§</p>\n"

    def equals(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
        if state.src[state.pos] != "=":
            return False
        if not silent:
            state.push("text", "", 0).content = "≡"
        state.pos += 1
        return True

    def section(state: StateBlock, start: int, _end: int, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
        if not state.src.startswith("§", state.bMarks[start]):
            return False
        if not silent:
            state.push("hr", "hr", 0)
            state.line = start + 1
        return True

    md.inline.ruler.push("equals", equals)
    md.block.ruler.before("paragraph", "section", section, {"alt": ["paragraph"]})
    assert md.render("a=b\n§") == "<p>a≡b</p>\n<hr />\n"
    md.disable(["equals", "section"])
    assert md.render("a=b\n§") == "<p>a=b\n§</p>\n"


def test_rules_are_asked_where_they_say_that_they_begin() -> None:
    asked: list[str] = []

    def rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
        assert not silent
        asked.append(state.src[state.pos])
        return False

    md = MarkdownIt("commonmark")
    md.inline.ruler.push("rule", begins_with("=@", rule))
    lean(md).render("a = b @ c # d *e*")
    assert asked == ["=", "@"]


@pytest.mark.parametrize("chain", ["block", "inline"])
def test_rules_that_read_nothing_are_found_out(chain: str) -> None:
    md = lean(MarkdownIt("commonmark"))
    md[chain].ruler.before("paragraph" if chain == "block" else "text", "stuck", lambda *_: True)
    with pytest.raises(RuntimeError, match="rule didn't increment state"):
        md.render("a")
    with pytest.raises(RuntimeError, match="none of the block rules matched"):
        lean(MarkdownIt("commonmark").disable("paragraph")).render("a")
