"""``vplat`` itself: finds the verb that was asked for and imports nothing of the others."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final

import click
import rich_click
from click.shell_completion import shell_complete

from vplat import __version__
from vplat.errors import PluginError

from . import verbs
from .failures import note
from .options import common_options, load_plugins

COMPLETION_VARIABLE: Final = "_VPLAT_COMPLETE"
"""What a shell sets when it asks for completions."""


def run_verb(arguments: Sequence[str]) -> int:
    """Do what ``arguments`` ask for; the status it comes to."""
    instruction = os.environ.get(COMPLETION_VARIABLE)
    if instruction:
        return shell_complete(vplat, {}, "vplat", COMPLETION_VARIABLE, instruction)
    try:
        with vplat.make_context("vplat", list(arguments)) as context:
            status = vplat.invoke(context)
    except click.exceptions.Exit as ending:
        return ending.exit_code
    return status if isinstance(status, int) else 0


class Verbs(rich_click.RichGroup):
    """The built-in verbs, then those of plugins, which are loaded only if they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb there is."""
        return [*verbs.NAMES, *sorted(_plugin_commands(ctx, tolerant=True))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb called ``cmd_name``."""
        if cmd_name in verbs.NAMES:
            return verbs.load(cmd_name)
        return _plugin_commands(ctx, tolerant=False).get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that ``args`` begin with; for an unknown one, the error names the closest."""
        name, found, rest = args[0], self.get_command(ctx, args[0]), args[1:]
        if found is None and not ctx.resilient_parsing:
            raise click.NoSuchCommand(name, possibilities=self.list_commands(ctx), ctx=ctx)
        return name if found else None, found, rest


def _plugin_commands(context: click.Context, *, tolerant: bool) -> dict[str, click.Command]:
    """The verbs that only plugins provide; if they clash, none if ``tolerant``, else an error."""
    kept: dict[str, click.Command] | None = context.meta.get(__name__)
    if kept is None:
        try:
            found = load_plugins(context, tolerant=tolerant).named(
                "vplat_commands", "name", "command"
            )
        except PluginError as error:
            if not tolerant:
                raise
            note(f"the verbs of plugins are left out here: {error}")
            found = {}
        kept = {name: found[name] for name in found if name not in verbs.NAMES}
        context.meta[__name__] = kept
    return kept


HELP_STYLE: Final[dict[str, Any]] = {
    # No boxes: the help reads as well aloud, in a pipe and in a log as on a terminal.
    "theme": "default-slim",
    "max_width": 100,
    "commands_panel_title": "From plugins",
    "text_markup": None,
    "text_paragraph_linebreaks": "\n\n",
    "style_helptext": "",
    "padding_helptext_first_line": (0, 0, 1, 0),
}


@rich_click.group(
    cls=Verbs,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "rich_help_config": HELP_STYLE,
    },
    epilog="Start with: vplat run ELF. Every verb has --help of its own.",
)
@rich_click.version_option(__version__, "-V", "--version", message="vplat %(version)s")
@common_options
def vplat() -> None:
    """Run real RISC-V firmware on a virtual cluster, and see what it does and costs."""


for _title, _names in verbs.PANELS.items():
    vplat.add_panel(rich_click.RichCommandPanel(_title, commands=list(_names)))
