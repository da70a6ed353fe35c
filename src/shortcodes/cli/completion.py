"""``shortcodes completion``: the script that teaches a shell to complete commands, options and names."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a completion script: eval "$(shortcodes completion bash)"."""
    kind = get_completion_class(shell)
    if kind is None:  # click has all three
        raise click.UsageError(f"there is no completion for {shell}")
    click.echo(kind(context.find_root().command, {}, "shortcodes", "_SHORTCODES_COMPLETE").source())
