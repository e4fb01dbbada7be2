"""``vplat completion``: what a shell needs to complete verbs, options, boards and files."""

from __future__ import annotations

import sys
from typing import Final

import click
import rich_click
from click.shell_completion import get_completion_class

from vplat.errors import UsageError

from .options import common_options

SHELLS: Final = {
    "bash": 'add this line to ~/.bashrc:  eval "$(vplat completion bash)"',
    "zsh": 'add this line to ~/.zshrc, after compinit:  eval "$(vplat completion zsh)"',
    "fish": "run once:  vplat completion fish > ~/.config/fish/completions/vplat.fish",
}
"""How each shell is told, for people."""


@rich_click.command("completion", short_help="Print a shell's completion script.")
@rich_click.argument("shell", type=click.Choice(tuple(SHELLS)), metavar="bash|zsh|fish")
@common_options
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that lets a shell complete vplat's verbs, options, boards and files.

    For bash, add this line to ~/.bashrc: eval "$(vplat completion bash)"
    """
    from .group import COMPLETION_VARIABLE

    made = get_completion_class(shell)
    if made is None:
        raise UsageError(f"there is no completion for {shell}; choose one of {', '.join(SHELLS)}")
    root = context.find_root()
    sys.stdout.write(f"# {SHELLS[shell]}\n")
    sys.stdout.write(made(root.command, {}, "vplat", COMPLETION_VARIABLE).source())
