"""A pack under edits in any order: the disk always has what a plain list would have, and no litter."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pictures import encoded, flat
from shortcodes import Converter, Emoji, PackError, read_pack
from shortcodes.errors import InputError
from shortcodes.packs.edit import add_emoji, remove_emoji, rename_emoji, retire_emoji
from shortcodes.packs.to_toml import to_toml

HEADER = '# Ours. Ask before you rename.\n[pack]\nschema = 1\nname = "ours"  # for ever\n\n# The emoji:\n'
FIRST = '[[emoji]]\nname = "first"  # since 2019\nunicode = "👋"\n'
NAMES = st.sampled_from(["first", "a", "b", "B", "a-b", "a_b", "é", "100", "+1"])
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # each edit waits for the disk, if it is on one
PICTURE = encoded(flat(1, 8), "PNG")


class PackMachine(RuleBasedStateMachine):
    """Edits a pack in a folder, and a list of emoji in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY))
        self.model: list[Emoji] = []
        self.files: set[str] = set()

    @initialize()
    def begin(self) -> None:
        (self.folder / "pack.toml").write_text(HEADER + FIRST, "utf-8")
        self.model = [Emoji("first", "👋")]

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def owner(self, name: str) -> int | None:
        return next((i for i, one in enumerate(self.model) if name in (one.name, *one.aliases)), None)

    def replace(self, number: int, **fields: Any) -> None:
        self.model[number] = self.model[number]._replace(**fields)

    @rule(name=NAMES, aliases=st.lists(NAMES, max_size=2), image=st.booleans())
    def add(self, name: str, aliases: list[str], image: bool) -> None:  # noqa: FBT001  # hypothesis passes it
        emoji = (
            Emoji(name, image=f"{name}.png", aliases=tuple(aliases))
            if image
            else Emoji(name, "🎉", aliases=tuple(aliases))
        )
        files = {f"{name}.png": lambda: PICTURE} if image else {}
        names = [name, *aliases]
        taken = any(self.owner(one) is not None for one in names) or len(set(names)) < len(names)
        if (
            taken
            or files.keys() & self.files
            or {file.casefold() for file in files} & {one.casefold() for one in self.files}
        ):
            with pytest.raises((PackError, InputError)):
                add_emoji(self.folder, [emoji], files)
            return
        add_emoji(self.folder, [emoji], files)
        self.model.append(emoji)
        self.files |= files.keys()

    @rule(old=NAMES, new=NAMES, alias=st.booleans())
    def rename(self, old: str, new: str, alias: bool) -> None:  # noqa: FBT001  # likewise
        number = self.owner(old)
        one = None if number is None else self.model[number]
        swaps = one is not None and one.name == old and new in one.aliases
        if number is None or one is None or (self.owner(new) is not None and not swaps):
            with pytest.raises(InputError):
                rename_emoji(self.folder, old, new, alias=alias)
            return
        rename_emoji(self.folder, old, new, alias=alias)
        kept = [old] if alias else []
        aliases = list(one.aliases)
        if one.name != old:
            at = aliases.index(old)
            aliases[at : at + 1] = [new, *kept]
            self.replace(number, aliases=tuple(aliases))
            return
        at = aliases.index(new) if swaps else len(aliases)
        aliases[at : at + swaps] = kept
        self.replace(number, name=new, aliases=tuple(aliases))

    @rule(names=st.lists(NAMES, min_size=1, max_size=2), undo=st.booleans())
    def retire(self, names: list[str], undo: bool) -> None:  # noqa: FBT001  # likewise
        if any(self.owner(one) is None for one in names):
            with pytest.raises(InputError):
                retire_emoji(self.folder, names, undo=undo)
            return
        retire_emoji(self.folder, names, undo=undo)
        for one in names:
            self.replace(self.owner(one) or 0, retired=not undo)

    @rule(name=NAMES, files=st.booleans())
    def remove(self, name: str, files: bool) -> None:  # noqa: FBT001  # likewise
        number = self.owner(name)
        if number is None:
            with pytest.raises(InputError):
                remove_emoji(self.folder, [name], files=files)
            return
        remove_emoji(self.folder, [name], files=files)
        one = self.model[number]
        if one.name != name:
            self.replace(number, aliases=tuple(alias for alias in one.aliases if alias != name))
            return
        del self.model[number]
        if files and one.image and one.image not in {other.image for other in self.model}:
            self.files.discard(one.image)

    @rule(name=NAMES, new=NAMES)
    def look_before(self, name: str, new: str) -> None:
        """A dry run says what would be, and does nothing: the invariants see that."""
        if self.owner(name) is not None and self.owner(new) is None:
            pack = rename_emoji(self.folder, name, new, dry_run=True).pack
            assert any(new in (one.name, *one.aliases) for one in pack.emoji)

    @invariant()
    def it_is_what_the_list_says(self) -> None:
        if self.model or self.files or (self.folder / "pack.toml").exists():
            assert list(read_pack(self.folder).emoji) == self.model

    @invariant()
    def nothing_is_lost_or_left(self) -> None:
        text = (self.folder / "pack.toml").read_text("utf-8") if (self.folder / "pack.toml").exists() else HEADER
        assert text.startswith(HEADER.rstrip("\n").rpartition("\n")[0])
        found = {path.name for path in self.folder.iterdir()}
        assert found - {"pack.toml"} == self.files

    @invariant()
    def posts_show_every_name(self) -> None:
        if not (self.folder / "pack.toml").exists():
            return
        pack = read_pack(self.folder)
        converter = Converter([pack])
        for one in pack.emoji:
            for name in (one.name, *one.aliases):
                assert [found.name for found in converter.convert(f":{name}:").used] == [one.name]
        other = self.folder.with_name(f"{self.folder.name}-again")
        other.mkdir()
        try:
            (other / "pack.toml").write_text(to_toml(pack), "utf-8")
            for file in self.files:
                (other / file).write_bytes(PICTURE)
            assert read_pack(other) == pack
        finally:
            shutil.rmtree(other)


TestPackMachine = PackMachine.TestCase
TestPackMachine.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
