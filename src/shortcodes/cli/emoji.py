"""``shortcodes emoji``: look for emoji, and look at one."""

import json
from typing import Any

import click
from click.shell_completion import CompletionItem

from ..emoji import Emoji, SkinTone
from ..packs.index import build_index
from .options import pack_option, read_packs


@click.group()
def emoji() -> None:
    """Search the emoji that there are, and show one."""


@emoji.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", default=20, show_default=True, help="How many to list.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pack_option
def search(*, words: tuple[str, ...], limit: int, as_json: bool, packs: tuple[str, ...]) -> int:
    """List the emoji whose names, texts or keywords have all WORDS, best first. Exit code 1 if there is none."""
    found = build_index(read_packs(packs)).search(" ".join(words), limit=limit)
    for one in found:
        if as_json:
            click.echo(json.dumps(_facts(one), ensure_ascii=False))
        else:
            click.echo(f"{one.unicode or '[image]'}\t:{one.name}:\t{one.alt_text()}")
    if not found:
        click.echo(f"no emoji has {' and '.join(map(repr, words))}", err=True)
    return 0 if found else 1


def _complete_name(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    index = build_index(read_packs(()))
    names = [name for one in index.offered for name in one.names if name.startswith(typed)]
    return [CompletionItem(name, help=index.entries[name].emoji.alt_text()) for name in names[:100]]


@emoji.command()
@click.argument("names", nargs=-1, required=True, shell_complete=_complete_name)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pack_option
def show(*, names: tuple[str, ...], as_json: bool, packs: tuple[str, ...]) -> int:
    """Show all that is known of emoji. NAMES are names, with or without colons, or the emoji themselves.

    Exit code 1 if one is unknown.
    """
    index = build_index(read_packs(packs))
    code = 0
    for name in names:
        match = index.find(name.strip(":")) or index.sequences.get(name.replace("\ufe0f", ""))
        if match is None:
            close = ", ".join(f":{other}:" for other in index.suggest(name.strip(":")))
            click.echo(f"no emoji is named {name!r}" + (f"; did you mean {close}?" if close else ""), err=True)
            code = 1
        else:
            facts = _facts(match.entry.emoji) | {"pack": match.entry.pack.name}
            click.echo(json.dumps(facts, ensure_ascii=False) if as_json else _sheet(facts))
    return code


def _facts(one: Emoji) -> dict[str, Any]:
    facts = one._asdict() | {
        "codepoints": " ".join(f"U+{ord(character):04X}" for character in one.unicode or ""),
        "tones": [toned for tone in SkinTone if (toned := one.toned((tone,)))],
        "alt": one.alt_text() if isinstance(one.alt, str) else dict(one.alt),
    }
    return {key: value for key, value in facts.items() if value not in (None, "", (), [], {}, False)}


def _sheet(facts: dict[str, Any]) -> str:
    own = facts.pop("name")
    width = max(map(len, facts))
    lines = [f"{facts.get('unicode') or '[image]'}  :{own}:"]
    for key, value in facts.items():
        if key != "unicode":
            shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            lines.append(f"  {key.ljust(width)}  {shown}")
    return "\n".join(lines)


__all__ = ["emoji"]
