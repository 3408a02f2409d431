"""``offliniofs completion``: the shell's completion script."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from offliniofs.cli.context import Invocation, verb


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@verb
def command(invocation: Invocation, shell: str) -> None:
    """Print the completion script of SHELL.

    For bash: offliniofs completion bash > ~/.local/share/bash-completion/completions/offliniofs
    """
    from offliniofs.cli.main import command_line

    completion = get_completion_class(shell)
    if completion is None:
        raise click.UsageError(f"click knows no completion for {shell}.")
    click.echo(completion(command_line, {}, "offliniofs", "_OFFLINIOFS_COMPLETE").source())
