"""What a thread is: a post, and its comments in the order in which they are read."""

from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

ROLES = ("admin", "moderator", "bot")
"""What an author may be, beside a person who writes."""

Hidden: TypeAlias = Literal["", "deleted", "removed", "missing"]
"""Why a comment does not show: deleted by its author, removed by a moderator, or not in the source at all."""

DEEPEST = 50
"""Comments below this depth are no longer set further in. Lemmy has none (``MAX_COMMENT_DEPTH_LIMIT`` of its utils);
a browser gives up at 512 elements in one another, and every line of a text grows with the depth."""


class Author(NamedTuple):
    """Who wrote something."""

    name: str
    """Of the account: ``steve5487``."""
    display_name: str
    """As they want to be called, which may be with their pronouns: ``steve5487 [none/use name]``."""
    url: str = ""
    """Their page: http(s), or empty."""
    roles: tuple[str, ...] = ()
    """Those of `ROLES` that they have."""


class Comment(NamedTuple):
    """A comment, or the post itself, whose depth is 0."""

    id: str
    """ASCII letters, digits, ``_`` and ``-``; empty for a post without one."""
    author: Author | None
    """None if the comment is missing."""
    body: str = ""
    """Markdown; empty if the comment does not show."""
    published: datetime | None = None
    """In UTC; None if the comment is missing."""
    edited: datetime | None = None
    url: str = ""
    """Where it stands in the forum: http(s), or empty."""
    hidden: Hidden = ""
    score: int | None = None
    parent: str = ""
    """The `id` of the comment that this one replies to, which stands before it; empty if it replies to the post."""
    depth: int = 0
    """1 for a reply to the post. One more than the parent's, or more, where comments between them are missing."""


class Thread(NamedTuple):
    """A post with its comments."""

    title: str
    post: Comment
    comments: tuple[Comment, ...]
    """Children follow their parent, and siblings each other in the source's order. A comment that is missing, but has
    replies, stands in its place, `hidden`."""
    link: str = ""
    """What the post is about, if it is a link: http(s), or empty."""
    community: str = ""
    community_url: str = ""
    left_out: tuple[str, ...] = ()
    """What a lenient reading left out, and why: a line each."""

    @property
    def forum(self) -> str:
        """Where the forum is, as far as the post's own address says: ``https://forum.example``, or empty."""
        return "/".join(self.post.url.split("/", 3)[:3])
