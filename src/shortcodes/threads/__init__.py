"""Threads: a post and its comments, read from a forum's JSON, to a page, to plain text, to JSON.

>>> from datetime import UTC, datetime
>>> from shortcodes import Converter
>>> post = {"author": "ana", "body": "Tea? :tea:", "published": "2024-11-21T09:00:00Z"}
>>> reply = {"id": 1, "author": "bo [they/them]", "body": "Yes :wave:", "published": "2024-11-22T08:57:00Z"}
>>> thread = read_thread({"title": "Morning", "post": post, "comments": [reply]})
>>> print(thread_text(thread, Converter(), now=datetime(2024, 11, 22, 9, 0, tzinfo=UTC)))
Tea? 🍵
<BLANKLINE>
  • bo [they/them]
    3 minutes ago
<BLANKLINE>
    Yes 👋
<BLANKLINE>
"""

from .ages import read_moment
from .read import read_json, read_thread
from .thread import Author, Comment, Thread
from .to_json import thread_json
from .to_page import thread_page
from .to_text import thread_text

__all__ = [
    "Author",
    "Comment",
    "Thread",
    "read_json",
    "read_moment",
    "read_thread",
    "thread_json",
    "thread_page",
    "thread_text",
]
