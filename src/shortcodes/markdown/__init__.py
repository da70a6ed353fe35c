"""The Markdown door: a post to HTML, or to plain text. Only this room knows the engine, markdown-it-py."""
