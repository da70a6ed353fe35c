"""Threads: what is read, what is said of what cannot be, and what becomes of it.

A case of ``fixtures/threads/good`` is what a forum gave, beside the thread as text. One of ``bad.jsonl`` is a good case
with one thing changed, what is said of it, and the comments that a lenient reading keeps, those that are lost with a
hyphen before them.
"""

import json
from datetime import UTC, datetime
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from conftest import CUSTOM, FIXTURES, SHARED, read_cases
from costs import best, first_below
from shortcodes import Converter, InputError, unicode_pack
from shortcodes.threads import Thread, read_json, read_moment, read_thread, thread_json, thread_page, thread_text
from shortcodes.threads.ages import age
from test_cli import run

THREADS = FIXTURES / "threads"
GOOD = sorted((THREADS / "good").glob("*.json"))
BAD = read_cases(THREADS / "bad.jsonl")
EXAMPLE = Path(__file__).parents[1] / "examples" / "thread"
PACK = Path(__file__).parents[1] / "emoji_packs" / "megathread"
SEED = SHARED / "seed"
NOW = datetime(2024, 11, 22, tzinfo=UTC)
CONVERTER = Converter([CUSTOM, unicode_pack()])


def read_case(name: str) -> list[Any]:
    case: dict[str, list[Any]] = json.loads((THREADS / "good" / f"{name}.json").read_text("utf-8"))
    return case["read"]


def neutral(*comments: dict[str, Any], **post: Any) -> dict[str, Any]:
    """Return a thread in the plain form, with what each comment needs unless it says otherwise."""
    least = {"author": "ann", "body": "…", "published": "2024-11-21"}
    numbered = [least | {"id": number} | comment for number, comment in enumerate(comments, 1)]
    return {"title": "A thread", "post": least | post, "comments": numbered}


def chain(depth: int) -> dict[str, Any]:
    return neutral(*({"parent": number or None, "body": f"Number {number} :wave:"} for number in range(depth)))


def page_of(thread: Thread, converter: Converter = CONVERTER) -> LexborHTMLParser:
    return LexborHTMLParser(thread_page(thread, converter, now=NOW))


def one(node: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    found = node.css_first(selector)
    assert found is not None, selector
    return found


def inner(node: LexborHTMLParser | LexborNode, selector: str) -> str:
    return " ".join((one(node, selector).text() or "").split())


def test_there_are_cases() -> None:
    assert GOOD


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.stem)
def test_good(case: Path) -> None:
    given = json.loads(case.read_text("utf-8"))
    thread = read_thread(*given["read"])
    assert thread_text(thread, CONVERTER, now=read_moment(given["now"])) == case.with_suffix(".txt").read_text("utf-8")
    assert thread.left_out == ()
    assert read_thread(*given["read"], lenient=True) == thread


@pytest.mark.parametrize("case", BAD, ids=lambda case: f"{case['in']}: {case['error'][:50]}")
def test_bad(case: dict[str, Any]) -> None:
    read = read_case(case["in"])
    place: Any = read
    for step in case["at"][:-1]:
        place = place[step]
    if case.get("drop"):
        del place[case["at"][-1]]
    else:
        place[case["at"][-1]] = case["put"]
    with pytest.raises(InputError) as caught:
        read_thread(*read)
    assert str(caught.value) == case["error"]
    assert case["error"].isprintable()
    if "lenient" not in case:
        with pytest.raises(InputError) as caught:
            read_thread(*read, lenient=True)
        assert str(caught.value) == case["error"]
        return
    thread = read_thread(*read, lenient=True)
    assert thread.left_out == (case["error"],)
    assert " ".join("-" * (one.hidden == "missing") + one.id for one in thread.comments) == case["lenient"]


def test_versions_of_lemmy_say_the_same() -> None:
    third, fourth = (read_thread(*read_case(f"lemmy-{version}")) for version in ("v3", "v4"))
    assert third.community == "The kitchen"
    assert fourth.community == "kitchen"  # its title is optional
    ana = third.post.author
    assert ana is not None
    assert fourth.post.author == ana._replace(roles=("moderator",))
    plain = [[one._replace(author=None) for one in thread.comments] for thread in (third, fourth)]
    assert plain[0] == plain[1]
    assert [one.score for one in third.comments] == [2, 3, 4]


def test_a_thread_cannot_be_read_twice_over() -> None:
    with pytest.raises(InputError, match=r"^comments: are in the thread already; another answer is one too many$"):
        read_thread(neutral(), {"comments": []})
    with pytest.raises(InputError, match=r"^post: has neither Lemmy's 'post_view' nor"):
        read_thread(*reversed(read_case("lemmy-v3")))


def test_loops_end_and_nothing_but_one_of_each_is_lost() -> None:
    loops = neutral(*({"parent": number + 1 if number % 2 else number - 1} for number in range(1, 10_001)))
    with pytest.raises(InputError, match=r"^comments\[0\]\.parent: '2' stands below the comment itself$"):
        read_thread(loops)
    thread = read_thread(loops, lenient=True)
    assert len(thread.left_out) == 5_000
    assert sum(not one.hidden for one in thread.comments) == 5_000
    post, answer = read_case("lemmy-v3")
    paths = {0: "0.8.5.7", 1: "0.7.8"}  # 5 is lost, and would stand both above and below the others
    for number, path in paths.items():
        answer["comments"][number]["comment"]["path"] = path
    thread = read_thread(post, answer, lenient=True)
    assert {one.id for one in thread.comments} == {"5", "7", "8", "9"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "f:1:1: is not JSON: Expecting value"),
        ("<!doctype html>", "f:1:1: is not JSON: Expecting value"),
        ('{"a": 1,\n }', "f:2:2: is not JSON: Expecting property name enclosed in double quotes"),
        ('{"a": NaN}', "f: is not JSON that can be read: NaN is no number"),
        ("[" * 200_000 + "]" * 200_000, "f: is not JSON that can be read: it is nested too deep"),
        ('{"a":' * 200_000, "f: is not JSON that can be read: it is nested too deep"),
    ],
)
def test_what_is_not_json(text: str, error: str) -> None:
    with pytest.raises(InputError) as caught:
        read_json(text, "f")
    assert str(caught.value) == error


def test_a_number_of_thousands_of_digits() -> None:
    with pytest.raises(InputError, match=r"^the text: is not JSON that can be read: Exceeds the limit"):
        read_json("9" * 100_000)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2024-11-22T00:00:00", "just now"),
        ("2024-11-21T23:59:01", "just now"),
        ("2024-11-22T00:00:59", "just now"),
        ("2024-11-21T23:59:00", "1 minute ago"),
        ("2024-11-21T23:00:01", "59 minutes ago"),
        ("2024-11-21T23:00:00", "1 hour ago"),
        ("2024-11-21T00:00:01", "23 hours ago"),
        ("2024-11-21T00:00:00", "1 day ago"),
        ("2024-10-22T00:00:01", "30 days ago"),
        ("2024-10-22T00:00:00", "1 month ago"),
        ("2023-11-22T00:00:01", "11 months ago"),
        ("2023-11-22T00:00:00", "1 year ago"),
        ("2021-08-21T09:00:00", "3 years ago"),
        ("0001-01-01T00:00:00", "2023 years ago"),
        ("2024-11-22T00:01:00", "in 1 minute"),
        ("2025-01-01T00:00:00", "in 1 month"),
        ("9999-12-31T00:00:00", "in 7975 years"),
    ],
)
def test_ages(moment: str, said: str) -> None:
    assert age(read_moment(moment), NOW) == said
    assert age(read_moment(moment), NOW.astimezone(None)) == said


def test_the_page() -> None:
    thread = read_thread(*read_case("lemmy-v3"))
    page = page_of(thread)
    assert inner(page, "title") == inner(page, "h1") == "Tea or coffee?"
    assert inner(page, "h2") == "3 comments"
    assert [inner(name, "*") for name in page.css("h3")] == ["bo [they/them]", "cy", "cy"]
    assert [inner(tag, "*") for tag in page.css(".pronouns")] == ["[she/her]", "[they/them]"]
    assert inner(page, ".post .byline") == "Ana [she/her] 1 day ago 12 points"
    assert one(page, ".post .name").attributes["title"] == "ana@forum.example"
    assert one(page, "#comment-8 .age").attributes["href"] == "https://forum.example/comment/8"
    time = one(page, "#comment-8 time").attributes
    assert time == {"datetime": "2024-11-21T09:30:00Z", "title": "09:30 UTC, 2024-11-21"}
    assert page.css_matches("#comment-7 > article > details[open] > .replies > #comment-8")
    assert inner(page, "#comment-7 summary") == "Comment by bo [they/them] and 1 reply"
    assert inner(page, "#comment-8 summary") == "Comment by cy"
    assert [inner(score, "*") for score in page.css("#comments .score")] == ["2 points", "3 points", "4 points"]


def test_the_page_of_hidden_and_missing_comments() -> None:
    page = page_of(read_thread(*read_case("hidden")))
    assert inner(page, ".post .stub") == "Deleted by its author"
    assert not page.css("details.stub[open]")
    assert [inner(stub, "summary") for stub in page.css("details.stub")] == [
        "Deleted by its author",
        "Removed by a moderator",
        "Removed by a moderator",
    ]
    assert page.css_matches("#comment-7 > .replies > #comment-8 > article > details[open] #comment-9 > .replies")
    for gone in ("no longer", "not for all", "both", "Ana [she/her]"):
        assert gone not in inner(page, "#comments")
    page = page_of(read_thread(*read_case("gap")))
    assert one(page, "#comment-6").attributes["style"] == "--gap:1"
    assert inner(page, "#comment-6 > .stub") == "A comment that is not here It was not in what was saved."
    post, answer = read_case("gap")
    answer["comments"][0]["comment"]["path"] = ".".join(map(str, [0, *range(100, 150), 20]))
    page = page_of(read_thread(post, answer))
    assert one(page, "#comment-149").attributes["style"] == "--gap:9"
    assert "style" not in one(page, ".flat > #comment-20").attributes
    page = page_of(read_thread(neutral() | {"post": {"hidden": "missing"}}))
    assert inner(page, ".post") == "A thread A comment that is not here"
    assert inner(page, "h2") == "No comments"


def test_names_are_text() -> None:
    page = page_of(read_thread(*read_case("names")))
    names = [inner(name, "*") for name in page.css("h3")]
    assert names[:3] == [
        "*not* [a link](https://example.org) [she/her]",
        "!not@forum.example [he/him]",
        "<b>bold</b> & co",
    ]
    assert [inner(tag, "*") for tag in page.css(".pronouns")] == ["[she/her]", "[he/him]", "[it/its]", "[they/them]"]
    assert not page.css("h3 a, h3 b, h3 em")
    shown = page_of(read_thread(neutral({"author": "tea :fastparrot: [:cat:/:dog:]"}, author="z")))
    assert shown.css_matches("h3 img.emoji")
    assert inner(shown, ".pronouns") == "[🐱/🐶]"


def test_marks_say_who_somebody_is() -> None:
    bot = {"name": "kettle", "url": "https://[forum.example/u/kettle", "roles": ["admin", "bot"]}
    page = page_of(read_thread(neutral({"author": bot}, {"edited": "2024-11-21", "url": "https://x.example/2"})))
    assert inner(page, "#comment-1 header") == "kettle admin bot 1 day ago #"
    assert one(page, "#comment-1 .name").attributes["title"] == "kettle"
    assert inner(page, "#comment-2 header") == "ann OP 1 day ago edited #"
    assert not page.css(".post .op")


def test_a_link_is_what_some_posts_are() -> None:
    post, answer = read_case("any-order")
    thread = read_thread(post, answer)
    link = one(page_of(thread), ".about a")
    assert (link.attributes["href"], link.text()) == ("https://example.org/kettle",) * 2
    post["post_view"]["post"]["url"] = "javascript:alert(1)"
    del post["post_view"]["community"]
    page = page_of(read_thread(post, answer))
    assert not page.css(".about, .community, .post .body")


HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'&lt;"


def test_strangers_do_not_get_into_the_page() -> None:
    urls = [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://x.example/\" onclick='x'",
        "//x.example",
        "https://" + "x" * 3_000,
    ]
    author = {"name": HOSTILE, "display_name": f"{HOSTILE} [{HOSTILE}]"}
    comments = [{"author": author | {"url": url}, "url": url, "body": HOSTILE} for url in urls]
    thread = neutral(*comments, author=author, body=HOSTILE) | {"title": HOSTILE, "link": urls[2], "community": HOSTILE}
    page = page_of(read_thread(thread))
    assert not page.css("script, img, form, iframe, object, link, base")
    attributes = [key for node in page.css("*") for key in node.attributes]
    assert not [key for key in attributes if key.startswith("on")]
    assert all(str(link.attributes["href"]).startswith("#") for link in page.css("[href]"))
    policy = one(page, "meta[http-equiv=Content-Security-Policy]").attributes["content"]
    assert str(policy).startswith("default-src 'none'; ")


def test_footnotes_of_several_comments_are_told_apart() -> None:
    body = {"body": 'A note[^1], and `id="fn1"`\n\n[^1]: Below.'}
    page = page_of(read_thread(neutral(body, body)), Converter(dialect="lemmy"))
    notes = page.css(".body sup a, .body .footnote-backref")
    ids = [str(node.attributes["id"]) for node in page.css(".body [id]")]
    assert len(ids) == len(set(ids)) == 4
    assert {str(note.attributes["href"])[1:] for note in notes} == set(ids)
    assert inner(page, ".body code") == 'id="fn1"'


class _Balance(HTMLParser):
    """Fails where an end is not that of what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # its interface
        if tag not in {"meta", "img", "br", "hr", "source"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_made() -> None:
    """Every label has its element, every id is one, every list has nothing but items, and nothing is left open."""
    for thread in (read_thread(*json.loads(case.read_text("utf-8"))["read"]) for case in GOOD):
        html = thread_page(thread, CONVERTER, now=NOW)
        page = LexborHTMLParser(html)
        ids = [str(node.attributes["id"]) for node in page.css("[id]")]
        assert len(ids) == len(set(ids))
        assert {str(node.attributes["aria-labelledby"]) for node in page.css("[aria-labelledby]")} <= set(ids)
        assert {str(node.attributes["href"])[1:] for node in page.css("[href^='#']")} <= set(ids)
        assert not page.css("ol[role] > :not(li), script, a:not([href])")
        _Balance().feed(html)
        assert len(page.css("main > article, main > section")) == 2


@pytest.mark.parametrize("depth", [200, 5_000])
def test_deep_threads(depth: int) -> None:
    thread = read_thread(chain(depth))
    assert [one.depth for one in thread.comments] == list(range(1, depth + 1))
    page = page_of(thread)
    deepest = one(page, f"#comment-{depth}")
    elements = 0
    node: LexborNode | None = deepest
    while node is not None:
        elements, node = elements + 1, node.parent
    assert elements < 300  # browsers nest 512
    assert inner(deepest, ".depth") == f"depth {depth}"
    assert one(deepest, ".above").attributes["href"] == f"#comment-{depth - 1}"
    assert inner(page, "#comment-10 > article > header") == f"ann OP 1 day ago #{depth - 10:,} replies"
    text = thread_text(thread, CONVERTER, now=NOW)
    assert f"{'  ' * 50}• ann (depth {depth})\n" in text
    assert f"{'  ' * 50}• ann\n" in text
    assert len(text) < depth * 500


def test_the_page_costs_little_more_than_the_bodies() -> None:
    """Wanted is 5 times the time of 10,000 bodies alone; it takes about 1.5, all of the reading included."""
    comments = [
        {
            "parent": number * 7919 % number or None,
            "author": f"Person {number % 900} [they/them]",
            "body": f"Reply **{number}** has some words, and an emoji :wave: and a link https://example.org/{number}",
        }
        for number in range(10_000)
        if number
    ]
    parsed = neutral(*comments)
    bodies = [str(comment["body"]) for comment in comments]

    def rendered() -> None:
        for body in bodies:
            CONVERTER.to_html(body)

    def page() -> None:
        thread_page(read_thread(parsed), CONVERTER, now=NOW)

    assert first_below(5, lambda: best(page, 1) / best(rendered, 1)) < 5


def test_json_is_a_thread_again() -> None:
    for case in GOOD:
        thread = read_thread(*json.loads(case.read_text("utf-8"))["read"])
        again = read_thread(json.loads(json.dumps(thread_json(thread, CONVERTER))))
        if case.stem == "gap":  # the plain form names a parent, not those above it
            assert [one._replace(depth=0) for one in again.comments] == [
                one._replace(depth=0) for one in thread.comments
            ]
        else:
            assert again == thread
    thread = read_thread(neutral({"body": "*a* :wave: :EZLN: :EZLN: :wavee: :wavee:"}))
    row = thread_json(thread, CONVERTER)["comments"][0]
    assert (row["used"], row["unknown"]) == (["wave", "EZLN"], ["wavee"])
    assert (row["parent"], row["depth"], row["text"]) == (None, 1, "a 👋 :EZLN: :EZLN: :wavee: :wavee:")
    assert row["html"].startswith('<p><em>a</em> 👋 <img class="emoji"')


def test_the_example_shows_the_whole_pack() -> None:
    thread = read_thread(*(json.loads((EXAMPLE / name).read_text("utf-8")) for name in ("post.json", "comments.json")))
    from shortcodes import read_pack  # only this test reads files

    pack = read_pack(PACK)
    rows = thread_json(thread, Converter([pack, unicode_pack()]))
    used = {name for row in (rows["post"], *rows["comments"]) for name in row["used"]}
    assert {emoji.name for emoji in pack.emoji} <= used | {"sicko-queer"}  # which is in a name
    assert not [name for row in (rows["post"], *rows["comments"]) for name in row["unknown"]]


def write(folder: Path, **files: object) -> None:
    for name, value in files.items():
        (folder / f"{name}.json").write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")


def test_the_command(tmp_path: Path) -> None:
    post, comments = read_case("lemmy-v3")
    write(tmp_path, post=post, comments=comments, thread=neutral({}))
    thread = partial(run, "thread", cwd=tmp_path)
    text = (THREADS / "good" / "lemmy-v3.txt").read_text("utf-8")
    now = ("--now", "2024-11-22")
    assert thread("post.json", "comments.json", "--to", "text", *now) == (0, text, "")
    assert thread("-", "comments.json", "--to", "text", *now, stdin=json.dumps(post).encode()) == (0, text, "")
    code, out, err = thread("thread.json", "--title", "Another :tea:", "-o", "page.html")
    assert (code, out, err) == (0, "", "")
    page = LexborHTMLParser((tmp_path / "page.html").read_text("utf-8"))
    assert inner(page, "h1") == "Another 🍵"
    code, out, _ = thread("thread.json", "--to", "json")
    assert (code, json.loads(out)["comments"][0]["text"]) == (0, "…")
    write(tmp_path, again=out)
    assert thread("again.json", "--to", "json") == (0, out, "")


def test_the_command_on_what_is_wrong(tmp_path: Path) -> None:
    post, comments = read_case("lemmy-v3")
    comments["comments"][1]["comment"]["path"] = "0.8.8"
    comments["comments"][2]["comment"]["content"] = None
    write(tmp_path, post=post, comments=comments, broken="{")
    thread = partial(run, "thread", cwd=tmp_path)
    for arguments, message in {
        ("post.json", "comments.json"): "comments[1].comment.path: '0.8.8' names the comment itself",
        ("post.json", "comments.json", "-o", "x"): "comments[1].comment.path: '0.8.8' names the comment itself",
        ("broken.json",): "broken.json:1:2: is not JSON: Expecting property name enclosed in double quotes",
        ("post.json",): "comments: are missing; Lemmy's answer to GetComments is expected",
        ("post.json", "none.json"): "none.json: No such file or directory",
        ("-", "-"): "- is standard input, which can be read only once; name a file for the other one",
        ("post.json", "--now", "noon"): "--now: 'noon' is no date; '2024-11-22T09:30:00Z' is one",
        ("post.json", "--title", "x", "--to", "text"): "a thread as text has no title; leave out --title",
    }.items():
        assert thread(*arguments) == (2, "", f"shortcodes: {message}\n")
    code, out, err = thread("post.json", "comments.json", "--lenient", "--to", "text", "--now", "2024-11-22")
    assert code == 1
    assert "Tea 🍵" in out
    assert err.splitlines() == [
        "shortcodes: left out: comments[1].comment.path: '0.8.8' names the comment itself",
        "shortcodes: left out: comments[2].comment.content: is null; the Markdown is expected",
    ]
    assert not (tmp_path / "x").exists()


def test_mentions_on_a_page_lead_to_the_forum(tmp_path: Path) -> None:
    post, comments = read_case("lemmy-v3")
    comments["comments"][0]["comment"]["content"] = "!otters@forum.example"
    write(tmp_path, post=post, comments=comments)
    thread = partial(run, "thread", "post.json", "comments.json", "--dialect", "lemmy", cwd=tmp_path)
    assert 'href="https://forum.example/c/otters@forum.example"' in thread()[1]
    assert 'href=\\"/c/otters@forum.example\\"' in thread("--to", "json")[1]


needs_seed = pytest.mark.skipif(not SEED.exists(), reason="the real thread lies beside the checkout, if anywhere")


@needs_seed
def test_the_real_thread_as_text() -> None:
    thread = read_thread(*(json.loads((SEED / name).read_text("utf-8")) for name in ("post.json", "comments.json")))
    text = thread_text(thread, Converter(dialect="hexbear"), now=NOW)
    shown, expected = (
        [line.rstrip() for line in lines.splitlines() if line.strip()]
        for lines in (text, (SEED / "megathread.txt").read_text("utf-8"))
    )
    assert shown == expected


@needs_seed
def test_the_real_thread_as_a_page(tmp_path: Path) -> None:
    files = [str(SEED / name) for name in ("post.json", "comments.json")]
    options = ["--dialect", "hexbear", "--pack", str(PACK), "--now", NOW.isoformat()]
    code, out, err = run("thread", *files, *options, cwd=tmp_path)
    assert (code, err) == (0, "")
    page = LexborHTMLParser(out)
    assert len({image.attributes["src"] for image in page.css(".post .body img")}) == 19
    assert len(page.css(".community-link[href^='https://hexbear.net/c/']")) == 2
    assert inner(page, "h2") == "6 comments"
    assert len(page.css("details.stub:not([open])")) == 1
    depths = {"1": 1, "2": 2, "3": 3, "4": 3, "5": 4, "6": 5, "7": 5}
    for number, depth in depths.items():
        assert len(page.css(f"li:has(#comment-{number})")) == depth - 1
