"""A preview: after each edit what the converter gives for the whole post, for what a few blocks of it cost."""

import gc
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

import hostile_posts
from conftest import CUSTOM
from costs import best, first_below, untraced
from shortcodes import Converter, Dialect, Emoji, Limits, Pack, Preview, unicode_pack

# What people type. A post is put together from these, and edited with them.
TYPICAL = (
    *(
        "Good **morning** :wave:",
        'It\'s "simple", she said -- really...',
        "See [the notes](https://example.org/n/1).",
        "a",
    ),
    *("- milk", "- eggs\n- bread :bread:", "  - nested", "1. one\n2. two", "10) ten", "* other", "- [ ] task", "+ "),
    *("> quoted\n> twice", "> lazy\nlines", "> - in a list", ">", "> ```\n> code", "> > deep", ">\ttab"),
    *(
        "# Heading",
        "## Heading | with a bar",
        "Heading\n===",
        "Heading\n---",
        "---",
        "***",
        "- - -",
        "#",
        "text\n# heading",
    ),
    *(
        "```python\nprint(':wave:')\n```",
        "```",
        "~~~",
        "````\n```\n````",
        "    indented",
        "\tindented",
        "      deep",
        "``` a`b",
    ),
    *(
        "| a | b |\n|---|:-:|\n| 1 | :tada: |",
        "a|b\n-|-",
        "|-|",
        "a | b",
        "|a|b|c|\n|-|-|-|\n|\n|",
        "- |a|\n  |-|\n  ||",
    ),
    *(
        "[a]: /url 'title'",
        "[a]",
        "[b]: <x>",
        "[text][b]",
        "[a]: /other",
        "> [b]: /in",
        "[c]:\n/url\n'a\ntitle'",
        "[c]",
    ),
    *(
        "![alt :wave:](x.png)",
        "![film](a.mp4)",
        "https://example.org/a_b_c",
        "www.example.org ann@example.org",
        "<http://x.y>",
    ),
    *(
        ":tada::tada:",
        "👋",
        "👋\n:tada:",
        ":nope:",
        "ℹ️ 1️⃣",
        "\x1c",
        "你好:wave:",
        "&amp; &#32; \\* \\",
        "EZLN",
        ":EZLN: :D:",
        ":)",
    ),
    *(
        "[^1]",
        "[^1]: note",
        "^[in place]",
        "::: spoiler What *happened*",
        ":::",
        "::: spoiler a\nb\n:::",
        "{漢|かん} H~2~O x^2^",
    ),
    *(
        '[quote="ann, post:2"]\nhi\n[/quote]',
        "[quote]",
        "[/quote]",
        "[spoiler]x[/spoiler]",
        "[details=a]",
        "[/details]",
        "[b]b[/b]",
    ),
    *(
        "```quote\nhi\n```",
        "```spoiler a",
        "~~~ quote",
        "@**Ann** #**general>lunch** $$a$$",
        "~~~ a`b\n~~~",
        "[sp]x[/sp]",
    ),
    *(
        "@ann@example.org !cats@example.org",
        "#tag ~channel",
        "`code`",
        "``",
        "*",
        "**",
        "_",
        "~~",
        "[",
        "]",
        "(",
        ")",
        "'",
        '"',
        "<b>",
    ),
)
HOSTILE = tuple(
    dict.fromkeys(
        hostile_posts.post(pattern, size)
        for patterns in (hostile_posts.MARKDOWN, *hostile_posts.OF_DIALECT.values())
        for pattern in patterns.values()
        for size in (3, 40, 300)
    )
)
SIGNS = (
    *"\n\n\n\n \n\t",
    "\n\n",
    "\r\n",
    "\r",
    "\0",
    "\ud83d",
    "\udc4b",
    " " * 4,
    "  \n",
    "\n \n",
    "\x0b",
    "\x85",
    "\u2028",
    "\xa0",
)
SMALL = Limits(characters=3_000, emoji=6, links=4, nesting=5, output=20)


@cache
def converter(dialect: str, *, small: bool = False, **options: Any) -> Converter:
    limits = SMALL if small else Limits()
    return Converter([CUSTOM, unicode_pack()], dialect=dialect, limits=limits, **options)


def pieces(chance: random.Random, *, hostile: bool) -> str:
    if hostile and chance.random() < 0.2:
        return chance.choice(HOSTILE)
    return chance.choice(SIGNS) if chance.random() < 0.4 else chance.choice(TYPICAL)


def post(chance: random.Random, blocks: int, *, hostile: bool = False) -> str:
    ends = ("\n\n", "\n\n", "\n\n", "\n", "\n\n\n", "\n  \n")
    return "".join(pieces(chance, hostile=hostile) + chance.choice(ends) for _ in range(blocks))


def edits(chance: random.Random, *, hostile: bool) -> Iterator[str]:
    """Yield what somebody's text is, edit after edit."""
    text = post(chance, chance.choice((0, 1, 5, 20, 40)), hostile=hostile)
    before = [text]
    cursor = len(text)
    while True:
        yield text
        before = [*before[-20:], text]
        if chance.random() < 0.3:  # somewhere else; often to where a line begins or ends
            cursor = chance.randrange(len(text) + 1)
            if chance.random() < 0.5:
                cursor = max(0, text.find("\n", cursor) + chance.randrange(2))
        kind = chance.choice(("letter", "letter", "letter", "sign", "sign", "piece", "piece", *ERASING))
        if kind == "undo":
            text = chance.choice(before)
        elif kind == "cut":
            lines = text.split("\n")
            at = chance.randrange(len(lines))
            del lines[at : at + chance.choice((1, 1, 2, 5))]
            text = "\n".join(lines)
        elif kind in ERASING:
            text = text[: max(0, cursor - chance.choice((1, 1, 1, 2, 30)))] + text[cursor:]
            cursor -= len(before[-1]) - len(text)
        typed = ""
        if kind in ("letter", "sign"):
            typed = chance.choice(chance.choice(TYPICAL) if kind == "letter" else SIGNS)
        elif kind in ("piece", "replace"):
            typed = pieces(chance, hostile=hostile)
        text = text[:cursor] + typed + text[cursor:]
        cursor = min(cursor + len(typed), len(text))
        if len(text) > 3_500:
            text = text[: chance.randrange(3_000)]


ERASING = ("erase", "replace", "cut", "undo")

KINDS: list[tuple[str, dict[str, Any]]] = [
    *((dialect, {}) for dialect in hostile_posts.DIALECTS),
    *((dialect, {"small": True}) for dialect in hostile_posts.DIALECTS),
    ("gfm", {"emoticons": True}),
    ("gfm", {"boundary": "alone"}),
    ("gfm", {"renderer": "lemmy", "small": True, "boundary": "loose"}),
]


@pytest.mark.parametrize(("dialect", "options"), KINDS, ids=str)
@pytest.mark.parametrize("hostile", [False, True], ids=["typical", "hostile"])
def test_it_gives_what_the_converter_gives(
    dialect: str, options: dict[str, Any], *, hostile: bool, request: pytest.FixtureRequest
) -> None:
    ours = converter(dialect, **options)
    chance = random.Random(f"{dialect} {options} {hostile}")
    left = request.config.getoption("--edits") // (2 * len(KINDS))
    while left > 0:
        preview = Preview(ours)
        for text in islice(edits(chance, hostile=hostile), min(left, 60)):
            assert preview.update(text) == ours.to_html(text), text
            left -= 1


class Typing(RuleBasedStateMachine):
    """Somebody who edits a post, with small limits, and looks at it after each edit."""

    @initialize(dialect=st.sampled_from(hostile_posts.DIALECTS), small=st.booleans())
    def begin(self, dialect: str, small: bool) -> None:  # noqa: FBT001  # hypothesis passes it
        self.converter = converter(dialect, small=small)
        self.preview = Preview(self.converter)
        self.text = ""
        self.before: list[str] = []

    def put(self, at: int, size: int, typed: str) -> None:
        self.before.append(self.text)
        at = min(at, len(self.text))
        self.text = self.text[:at] + typed + self.text[at + size :]

    @rule(at=st.integers(0, 400), size=st.sampled_from((0, 0, 1, 2, 40)), typed=st.sampled_from((*TYPICAL, *SIGNS)))
    def type(self, at: int, size: int, typed: str) -> None:
        self.put(at, size, typed)

    @rule(at=st.integers(0, 400), typed=st.text(st.characters(exclude_categories=()), max_size=20))
    def paste(self, at: int, typed: str) -> None:
        self.put(at, 0, typed)

    @rule(line=st.integers(0, 40), typed=st.sampled_from(TYPICAL))
    def add_block(self, line: int, typed: str) -> None:
        at = len("\n".join(self.text.split("\n")[:line]))
        self.put(at, 0, f"\n\n{typed}\n\n")

    @rule(line=st.integers(0, 40), lines=st.integers(1, 4))
    def cut(self, line: int, lines: int) -> None:
        self.before.append(self.text)
        kept = self.text.split("\n")
        del kept[line : line + lines]
        self.text = "\n".join(kept)

    @rule(steps=st.integers(1, 3))
    def undo(self, steps: int) -> None:
        for _ in range(min(steps, len(self.before))):
            self.text = self.before.pop()

    @invariant()
    def is_what_the_converter_gives(self) -> None:
        if hasattr(self, "text"):
            assert self.preview.update(self.text) == self.converter.to_html(self.text)


TestTyping = Typing.TestCase
TestTyping.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)

# A post, then another; and whether all of it has to be read again, and if not, what. In the dialect before the colon.
WHOLE = None
CASES: dict[str, tuple[str, str, str | None]] = {
    "gfm: a letter": ("a\n\nb\n\nc", "a\n\nbx\n\nc", "bx\n\n"),
    "gfm: a letter in a line of a paragraph": ("a\nb\nc\n\nd", "a\nbx\nc\n\nd", "a\nbx\nc\n\n"),
    "gfm: the same text": ("a\n\nb\n\nc", "a\n\nb\n\nc", "c"),
    "gfm: at the end": ("a\n\nb", "a\n\nb\n\nc", "b\n\nc"),
    "gfm: a block is cut": ("a\n\nb\n\nc\n\nd", "a\n\nc\n\nd", "c\n\n"),
    "gfm: a block is put in": ("a\n\nb\n\nc", "a\n\n# x\n\nb\n\nc", "# x\n\n"),
    "gfm: beside a list": ("a\n\n- b\n- c\n\nd\n\ne", "a\n\n- b\n- c\n\nxd\n\ne", "xd\n\n"),
    "gfm: what becomes an item": ("a\n\n- b\n- c\n\nd\n\ne", "a\n\n- b\n- c\n\n- d\n\ne", "- b\n- c\n\n- d\n\n"),
    "gfm: what goes into an item": ("a\n\n- b\n\nd\n\ne", "a\n\n- b\n\n  d\n\ne", "- b\n\n  d\n\n"),
    "gfm: an underline": ("a\n\nb\n\nc", "a\n\nb\n-\n\nc", "b\n-\n\n"),
    "gfm: paragraphs become one": ("a\n\nb\n\nc\n\nd", "a\n\nb\nc\n\nd", "b\n" + "b\nc\n\nd"),
    "gfm: an underline of a table": ("a\n\nb|c\n\nd", "a\n\nb|c\n-|-\n\nd", "b|c\n-|-\n\n"),
    "gfm: an underline of a table, below a heading": (
        "a\n\n# x\nb|c\n-|\n\nd",
        "a\n\n# x\nb|c\n-|-\n\nd",
        "b|c\n-|-\n\n",
    ),
    "gfm: a heading that becomes the head of a table": ("# a|b\nc\n\nd", "# a|b\n-|-\n\nd", "# a|b\n-|-\n\n"),
    "gfm: a line is joined to the next": ("a\n\nb\n\n# c\n\nd", "a\n\nb# c\n\nd", "b# c\n\n"),
    "gfm: a fence that is opened": ("a\n\nb\n\nc", "a\n\n```\nb\n\nc", "```\n" + "```\nb\n\n" + "```\nb\n\nc"),
    "gfm: a link beside a definition": ("[a]\n\nb\n\n[a]: /x", "[a]\n\nb[a]\n\n[a]: /x", "b[a]\n\n"),
    "gfm: another destination": ("[a]\n\nb\n\n[a]: /x", "[a]\n\nb\n\n[a]: /xy", WHOLE),
    "gfm: a definition before the other": ("[a]\n\nb\n\n[a]: /x", "[a]\n\n[a]: /y\n\nb\n\n[a]: /x", WHOLE),
    "gfm: a new definition": ("[a]\n\nb\n\nc", "[a]\n\n[a]: /x\n\nc", WHOLE),
    "gfm: a definition in a quote": ("[a]\n\n> [a]: /x\n\nc", "[a]\n\n> [b]: /x\n\nc", WHOLE),
    "gfm: nothing but emoji, then something": (":tada:\n\n👋", ":tada:\n\n👋a", WHOLE),
    "gfm: nothing but emoji any more": (":tada:\n\na", ":tada:\n\n👋", WHOLE),
    "gfm: only emoji in a block": ("a\n\nb\n\nc", "a\n\n:tada:\n\nc", ":tada:\n\n"),
    "lemmy: a footnote": ("[^1]\n\nb\n\n[^1]: c", "[^1]\n\nbx\n\n[^1]: c", WHOLE),
    "lemmy: a note in place": ("a\n\nb\n\nc", "a\n\nb^[x]\n\nc", WHOLE),
    "lemmy: in a spoiler": (
        "a\n\n::: spoiler b\nc\n:::\n\nd\n\ne",
        "a\n\n::: spoiler b\ncx\n:::\n\nd\n\ne",
        "::: spoiler b\ncx\n:::\n\nd\n\n",
    ),
    "discourse: beside a quotation": (
        "a\n\n[quote]\nb\n[/quote]\n\nc\n\nd\n\ne\n\nf",
        "a\n\n[quote]\nb\n[/quote]\n\nc\n\nd\n\nex\n\nf",
        "ex\n\n",
    ),
    "zulip: beside a quotation": (
        "a\n\n```quote\nb\n```\n\nc\n\nd\n\ne\n\nf",
        "a\n\n```quote\nb\n```\n\nc\n\nd\n\nex\n\nf",
        "ex\n\n",
    ),
    "discourse: a tag that waits for its partner": ("a\n\nb\n\n[/quote]", "a\n\n[quote]\nb\n\n[/quote]", WHOLE),
    "zulip: a fence that is not closed": ("a\n\nb\n\nc\n\n```", "a\n\n```quote\n\nc\n\n```", WHOLE),
}


@pytest.mark.parametrize(("before", "after", "anew"), CASES.values(), ids=CASES.keys())
def test_what_is_read_again(before: str, after: str, anew: str | None, request: pytest.FixtureRequest) -> None:
    ours = converter(request.node.callspec.id.partition(":")[0])
    preview = Preview(ours)
    assert preview.update(before) == ours.to_html(before)
    assert preview.anew == len(before)
    assert preview.update(after) == ours.to_html(after)
    assert preview.anew == len(after if anew is None else anew)


LIMITS = {
    "emoji": (Limits(emoji=3), ":wave: :wave:\n\na\n\n:wave:", ":wave: :wave:\n\na :wave:\n\n:wave:"),
    "output": (Limits(output=0), "a\n\n:parrot:\n\nb", "a\n\n:parrot:\n\n:parrot: :parrot:"),
    "characters": (Limits(characters=10), "a\n\n*b*\n\nc", "a\n\n*b*\n\nc d e"),
}


@pytest.mark.parametrize(("limits", "before", "after"), LIMITS.values(), ids=LIMITS.keys())
def test_a_post_beyond_a_limit_is_read_whole(limits: Limits, before: str, after: str) -> None:
    parrot = Pack("parrots", (Emoji("parrot", image="p.gif", alt="x" * 200),))
    ours = Converter([parrot, unicode_pack()], limits=limits)
    preview = Preview(ours)
    for text in (before, after, before, after):
        assert preview.update(text) == ours.to_html(text)
        assert preview.anew == len(text)


def test_tables_that_are_too_wide_for_the_post() -> None:
    head = "|" * 200 + "\n" + "|-" * 199 + "|\n"
    ours = converter("gfm")
    preview = Preview(ours)
    before, after = (head + "a\n" * 20 + "\ntext\n\n" + head + "b\n" * rows for rows in (5, 20))
    preview.update(before)
    assert preview.update(after) == ours.to_html(after)
    assert preview.anew == len(after)


def test_bounds_count_what_was_typed_and_deleted_until_all_is_read_again() -> None:
    ours = Converter(limits=Limits(emoji=10))
    preview = Preview(ours)
    preview.update("a\n\nb :wave:\n\nc")
    whole = 0
    for number in range(40):
        text = f"a\n\nb{number} :wave:\n\nc"
        assert preview.update(text) == ours.to_html(text)
        whole += preview.anew == len(text)
    assert whole == 4


def test_a_dialect_with_rules_of_others_is_read_whole() -> None:
    def number(md: MarkdownIt) -> None:
        def rule(state: StateCore) -> None:
            for count, token in enumerate(token for token in state.tokens if token.type == "paragraph_open"):
                token.attrSet("id", f"p{count}")

        md.core.ruler.push("numbers", rule)

    ours = Converter(dialect=Dialect("numbered", preset="commonmark", extend=number))
    preview = Preview(ours)
    for text in ("a\n\nb", "a\n\nx\n\nb"):
        assert preview.update(text) == ours.to_html(text)
    assert 'id="p2"' in ours.to_html(text)


def test_code_in_colour() -> None:
    ours = Converter(highlight=True)
    blocks = [f"```python\nprint({number})  # {'x' * 90}\n```\n\nText {number}.\n\n" for number in range(50)]
    for text in (*blocks, "".join(blocks)):
        ours.to_html(text)  # so that all lexers are loaded, which takes of the time that code may take
    preview = Preview(ours)
    preview.update("".join(blocks))
    blocks[20] = blocks[20].replace("print", "format")
    assert preview.update("".join(blocks)) == ours.to_html("".join(blocks))
    assert preview.anew < 300
    blocks.append("```python\n" + f"# {'x' * 78}\n" * 100 + "```\n\n")
    for _ in range(4):  # until there is more code than is coloured
        blocks.append(blocks[-1])
        assert preview.update("".join(blocks)) == ours.to_html("".join(blocks))


SECTIONS = (
    "It was late when we got there, and the *kitchen* was still open :wave: so we sat down. {} people had come before "
    "us, which surprised nobody who knows the place. See [the map](https://example.org/map/{}) for the way.",
    "> The trees are **older** than the house, and nobody planted them. :evergreen_tree:\n> Nobody who said so.",
    "Agreed. I walked there in {}, and the path was closed then; https://example.org/path?id={} has pictures :tada:",
    "What to bring:\n\n- water, two litres :potable_water:\n- something warm, *even in summer*\n- bread and cheese",
    "```python\ndef walk(steps):\n    for step in range(steps):\n        print(step, ':wave:')\n```",
    "## Day {}\n\nWe began at six. Rain, then sun, then `rain` again, and **nothing** to complain about :sunny:",
    "1. Turn left at the church\n2. Over the bridge :bridge_at_night:\n3. Ask @ann",
    "| what | where |\n|---|---|\n| tea | kitchen |\n| maps | {} |",
)


def typical(size: int) -> str:
    """Return what people write in forums, that long."""
    chance = random.Random(1)
    text = ""
    while len(text) < size:
        text += chance.choice(SECTIONS).format(chance.randrange(3_000), chance.randrange(3_000)) + "\n\n"
    return text[:size]


def keystrokes(size: int, count: int) -> Iterator[tuple[str, str]]:
    """Yield posts before and after a letter was typed somewhere."""
    chance = random.Random(2)
    text = typical(size)
    for _ in range(count):
        at = chance.randrange(size)
        yield text, text[:at] + chance.choice("abc e.,-*") + text[at:]


@pytest.mark.parametrize("dialect", hostile_posts.DIALECTS)
def test_a_letter_makes_a_few_lines_be_read(dialect: str) -> None:
    preview = Preview(converter(dialect))
    read: list[int] = []
    for before, after in keystrokes(20_000, 100):
        preview.update(before)
        preview.update(after)
        read.append(preview.anew)
    assert statistics.median(read) < 400
    assert sorted(read)[90] < 1_000  # not all: the letter may tear the end of a fence


def seconds(size: int) -> float:
    """Return the CPU seconds of a typical keystroke in a post that long."""
    preview = Preview(converter("gfm"))

    def type_once(before: str, after: str) -> float:
        preview.update(before)
        start = time.process_time()
        preview.update(after)
        return time.process_time() - start

    with untraced():
        return statistics.median(type_once(*posts) for posts in keystrokes(size, 40))


def test_a_letter_takes_a_small_part_of_the_time() -> None:
    post = typical(20_000)
    assert first_below(0.1, lambda: seconds(20_000) / best(lambda: converter("gfm").to_html(post), 3)) < 0.1


def test_the_time_hardly_grows_with_the_post() -> None:
    assert first_below(1.7, lambda: seconds(80_000) / seconds(20_000)) < 1.7


def test_memory_stays_flat() -> None:
    preview = Preview(converter("gfm"))
    posts = list(keystrokes(800, 500))
    blocks: list[int] = []
    for _ in range(10):
        for before, after in posts:
            preview.update(before)
            preview.update(after)
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    assert blocks[-1] < blocks[1] + 1_000, blocks


def test_who_only_renders_does_not_load_it() -> None:
    code = "import shortcodes, sys; shortcodes.Converter().to_html('a'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"shortcodes.converter", "shortcodes.markdown.door"} <= {*loaded}
    assert not {"shortcodes.preview", "shortcodes.markdown.incremental"} & {*loaded}
