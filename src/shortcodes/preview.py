"""A post while somebody types it: rendered after each keystroke, for what a few of its lines cost."""

from typing import TYPE_CHECKING

from .renderers import Html

if TYPE_CHECKING:
    from .converter import Converter
    from .markdown.incremental import Reading


class Preview:
    r"""One composer's text, and what became of it: one for each composer, and not shared between threads.

    >>> from shortcodes import Converter
    >>> preview = Preview(Converter())
    >>> preview.update("Good **morning**")
    Markup('<p>Good <strong>morning</strong></p>\n')
    >>> preview.update("Good **morning** :wave:")
    Markup('<p>Good <strong>morning</strong> 👋</p>\n')

    It remembers the last text, which makes it the only object here that changes.
    """

    def __init__(self, converter: "Converter") -> None:
        """Begin with no text. `converter`: what renders; it is shared as always."""
        self._converter = converter
        self._incremental = converter._markdown.incremental()  # noqa: SLF001  # the door that `to_html` goes through
        self._reading: Reading | None = None
        self.anew = 0
        """How many characters of the last text had to be read; the others were known."""

    def update(self, text: str) -> Html:
        """Return what `Converter.to_html` returns for a text, character for character.

        What changed since the last one is rendered again, with the blocks (paragraphs, lists, tables) around it. All of
        the text is, if it is the first one, or if its blocks depend on one another, as with footnotes.
        """
        if self._incremental is None or len(text) > self._converter.limits.characters:
            self._reading, self.anew = None, len(text)
            return self._converter.to_html(text)
        known = self._reading
        edited = self._incremental.read_edited(known, text) if known else None
        if edited:
            self._reading, self.anew = edited, edited.anew
            return Html(edited.html)
        html, self._reading = self._incremental.read(text)
        self.anew = len(text)
        return Html(html)
