"""A thread as a page: one HTML file with its styles inside, no script, light and dark, readable on a phone."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from markupsafe import escape

from ..converter import Converter
from ..renderers import Html
from .ages import age
from .names import split_name
from .thread import DEEPEST, Author, Comment, Thread

# No script, nothing sent, nothing framed; pictures and videos may come from where the page is, `file:` for a saved one.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data: file:; "
    "media-src http: https: data: file:; base-uri 'none'; form-action 'none'"
)
_SET_IN = 10  # the depth down to which comments are set in; further down, their depth is said
_GUIDES = 5  # how many colours the lines beside replies have

_WHY_HIDDEN = {
    "deleted": "Deleted by its author",
    "removed": "Removed by a moderator",
    "missing": "A comment that is not here",
}


class _Page(NamedTuple):
    """What is the same all over a page."""

    thread: Thread
    converter: Converter
    now: datetime
    names: dict[Author, Html]
    """Names as they were rendered: most people write more than once."""


def thread_page(thread: Thread, converter: Converter, *, now: datetime) -> Html:
    """Return a thread as a page; ages are as seen from `now`.

    Comments fold. One that does not show is folded already, and its replies are there. Below 50 levels comments stand
    below each other and name what they reply to, as browsers do not nest further.
    """
    page = _Page(thread, converter, now, {})
    return Html("".join((*_start(page), *_post(page), *_comments(page), "</main>\n</body>\n</html>\n")))


def _start(page: _Page) -> Iterator[str]:
    with open(os.path.join(os.path.dirname(__file__), "page.css"), encoding="utf-8") as file:
        style = file.read()
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
    yield f"<title>{escape(page.converter.text_to_text(page.thread.title))}</title>\n"
    yield f"<style>\n{style}</style>\n</head>\n"
    yield '<body>\n<a class="skip" href="#comments">Skip to the comments</a>\n<main>\n'


def _post(page: _Page) -> Iterator[str]:
    thread, post = page.thread, page.thread.post
    yield '<article class="post" id="post" aria-labelledby="title">\n<header>\n'
    if thread.community:
        yield f'<p class="community">{_link(thread.community_url, _bdi(page, thread.community))}</p>\n'
    title = page.converter.text_to_html(thread.title)
    yield f'<h1 id="title" dir="auto">{title}</h1>\n<p class="byline">{_byline(page, post)}</p>\n</header>\n'
    if thread.link:
        yield f'<p class="about">{_link(thread.link, escape(thread.link))}</p>\n'
    if post.hidden:
        yield f'<p class="stub">{_WHY_HIDDEN[post.hidden]}</p>\n'
    elif post.body:
        yield _body(page, post)
    yield "</article>\n"


def _comments(page: _Page) -> Iterator[str]:
    """Write the comments as lists in one another. No recursion: `ends` has the end of each element that is open."""
    comments = page.thread.comments
    shown = sum(not comment.hidden for comment in comments)
    heading = _count(shown, "comment") if shown else "No comments"
    yield f'<section id="comments" tabindex="-1" aria-labelledby="count">\n<h2 id="count">{heading}</h2>\n'
    replies = _replies(comments)
    levels = {"": 0}
    depths = {"": 0}
    authors = {comment.id: comment.author for comment in comments}
    ends: list[str] = []
    for comment in comments:
        levels[comment.id] = levels[comment.parent] + 1
        depths[comment.id] = comment.depth
        level = min(levels[comment.id], DEEPEST)
        if level > len(ends):
            yield f'<ol class="{_list_class(level, comment.depth)}" role="list">\n'
        else:
            yield ends.pop()
            while len(ends) >= level:
                yield "</ol>\n" + ends.pop()
        gap = max(min(comment.depth, _SET_IN) - depths[comment.parent] - 1, 0)
        yield f'<li id="comment-{comment.id}"' + (f' style="--gap:{gap}">\n' if gap else ">\n")
        if comment.hidden:
            yield _stub(page, comment)
            ends.append("</li>\n")
        else:
            above = authors.get(comment.parent) if levels[comment.id] > DEEPEST else None
            yield _comment(page, comment, replies[comment.id], above)
            ends.append("</details>\n</article></li>\n")
    yield "</ol>\n".join((*reversed(ends), ""))
    yield "</section>\n"


def _replies(comments: tuple[Comment, ...]) -> Counter[str]:
    """Count what shows below each comment. Replies stand behind their parents, so backwards they come first."""
    replies: Counter[str] = Counter()
    for comment in reversed(comments):
        replies[comment.parent] += replies[comment.id] + (not comment.hidden)
    return replies


def _list_class(level: int, depth: int) -> str:
    if level == 1:
        return "thread"
    return f"replies guide-{level % _GUIDES}" if depth <= _SET_IN else "replies flat"


def _comment(page: _Page, comment: Comment, replies: int, above: Author | None) -> str:
    name = escape(comment.author.display_name if comment.author else "")
    with_replies = f" and {_count(replies, 'reply')}" if replies else ""
    folded = f'<span class="folded" aria-hidden="true">{_count(replies, "reply")}</span>' if replies else ""
    depth = f' <span class="depth">depth {comment.depth}</span>' if comment.depth > _SET_IN else ""
    if above:
        depth += f' <a class="above" href="#comment-{comment.parent}">in reply to <bdi>{escape(above.name)}</bdi></a>'
    return (
        f'<article aria-labelledby="by-{comment.id}">\n'
        f'<header>{_byline(page, comment, heading=True)} <a class="anchor" href="#comment-{comment.id}" '
        f'aria-label="Link to this comment">#</a>{depth}{folded}</header>\n'
        f'<details open><summary><span class="unseen">Comment by {name}{with_replies}</span></summary>\n'
        f"{_body(page, comment)}"
    )


def _body(page: _Page, comment: Comment) -> str:
    html = str(page.converter.to_html(comment.body))
    # Footnotes are numbered from 1 in each post, but an id is one of a whole page. No text has a bare quotation mark.
    for attribute in ('id="', 'href="#'):
        html = html.replace(f"{attribute}fn", f"{attribute}in-{comment.id}-fn")
    return f'<div class="body" dir="auto">\n{html}</div>\n'


def _stub(page: _Page, comment: Comment) -> str:
    when = f"<p>Written {_age(page, comment)}</p>" if comment.published else "<p>It was not in what was saved.</p>"
    return f'<details class="stub"><summary>{_WHY_HIDDEN[comment.hidden]}</summary>\n{when}</details>\n'


def _byline(page: _Page, comment: Comment, *, heading: bool = False) -> str:
    parts: list[str] = []
    if comment.author:
        name = _name(page, comment.author)
        parts.append(f'<h3 id="by-{comment.id}">{name}</h3>' if heading else name)
        parts += _marks(page, comment.author, op=heading)
    parts.append(_age(page, comment))
    if comment.score not in (None, 1):  # 1 is the author's own, and says nothing
        parts.append(f'<span class="score">{_count(comment.score or 0, "point")}</span>')
    return " ".join(parts)


def _name(page: _Page, author: Author) -> Html:
    if author not in page.names:
        name, tag = split_name(author.display_name)
        linked = _link(author.url, _bdi(page, name), kind="name", title=_account(author))
        pronouns = f' <span class="pronouns"><i>[</i>{_bdi(page, tag)}<i>]</i></span>' if tag else ""
        page.names[author] = Html(f"{linked}{pronouns}")
    return page.names[author]


def _marks(page: _Page, author: Author, *, op: bool) -> list[str]:
    poster = page.thread.post.author
    marks = [f'<span class="mark {role}">{role}</span>' for role in author.roles]
    if op and poster and (poster.name, poster.url) == (author.name, author.url):
        marks.insert(0, '<abbr class="mark op" title="original poster">OP</abbr>')
    return marks


def _account(author: Author) -> str:
    """Return the account that is behind a display name: ``steve5487@hexbear.net``."""
    try:
        host = urlsplit(author.url).hostname
    except ValueError:  # brackets that are no IPv6 address
        host = None
    return f"{author.name}@{host}" if host else author.name


def _age(page: _Page, comment: Comment) -> str:
    if comment.published is None:
        return ""
    machine = comment.published.isoformat(timespec="seconds").replace("+00:00", "Z")
    title, ago = _minute(comment.published), age(comment.published, page.now)
    time = _link(comment.url, Html(f'<time datetime="{machine}" title="{title}">{ago}</time>'), kind="age")
    return f'{time} <span class="edited" title="{_minute(comment.edited)}">edited</span>' if comment.edited else time


def _minute(moment: datetime) -> str:
    return f"{moment:%H:%M} UTC, {moment.date()}"


def _link(url: str, content: Html, *, kind: str = "", title: str = "") -> Html:
    attributes = (f' class="{kind}"' if kind else "") + (f' title="{escape(title)}"' if title else "")
    if not url:
        return Html(f"<span{attributes}>{content}</span>")
    return Html(f'<a{attributes} href="{escape(url)}" rel="noopener nofollow">{content}</a>')


def _bdi(page: _Page, text: str) -> Html:
    """Return a stranger's text so that its direction stays its own (HTML, 4.5.24)."""
    return Html(f"<bdi>{page.converter.text_to_html(text)}</bdi>")


def _count(number: int, thing: str) -> str:
    several = "replies" if thing == "reply" else f"{thing}s"
    return f"{number:,} {thing if number == 1 else several}"
