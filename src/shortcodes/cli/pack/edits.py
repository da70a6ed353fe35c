"""What the commands that edit a pack share: names with or without colons, ``--dry-run``, and what was done."""

import unicodedata
from collections.abc import Callable
from typing import Any

import click

from ...packs.edit import Edited

Command = Callable[..., Any]


def dry_run_option(command: Command) -> Command:
    """Add ``--dry-run``."""
    return click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")(command)


def as_name(typed: str) -> str:
    """Return a name as packs have it, of a shortcode or a name as it was typed."""
    return unicodedata.normalize("NFC", typed[1:-1] if typed[:1] == typed[-1:] == ":" else typed)


def report(edited: Edited, *, dry_run: bool) -> None:
    """Print what was done, and on standard error what that means."""
    for note in edited.notes:
        click.echo(f"would be done: {note}" if dry_run else note)
    for warning in edited.warnings:
        click.echo(warning, err=True)
