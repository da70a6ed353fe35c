"""Tables with a class, which style sheets such as Bootstrap's want."""

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml


def use_table_class(md: MarkdownIt, name: str) -> None:
    """Give tables a class."""
    md.add_render_rule("table_open", lambda *_: f'<table class="{escapeHtml(name)}">')
