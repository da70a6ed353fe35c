"""A whole page around rendered posts: styles inside, light and dark, readable on a phone."""

import os

from markupsafe import escape

from ..renderers import Html


def page_start(title: str) -> Html:
    """Return the page up to its first post."""
    with open(os.path.join(os.path.dirname(__file__), "page.css"), encoding="utf-8") as file:
        style = Html(file.read())
    return Html(
        "<!doctype html>\n"
        '<html lang="en">\n'
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>\n{style}</style>\n"
        f"<main>\n<header><p>{escape(title)}</p></header>\n"
    )


def post_in_page(post: Html) -> Html:
    """Return a post as a part of the page."""
    return Html(f"<article>\n{post}</article>\n")


def page_end() -> Html:
    """Return the page from its last post on."""
    return Html("</main>\n</html>\n")
