"""The megathread pack as a plug-in: ``installed_packs()`` finds it."""

from pathlib import Path

from shortcodes import Pack, read_pack


def pack() -> Pack:
    """Return the pack. Its images are served by the forum: give it a ``base_url`` with ``pack()._replace(...)``."""
    return read_pack(Path(__file__).parent)
