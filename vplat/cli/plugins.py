"""``vplat plugins``: what is loaded, what it provides, and what did not load and why."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING

import click
import rich_click

from vplat.errors import VplatError

from . import terminal
from .failures import printable
from .options import common_options, json_flag, load_plugins
from .terminal import table
from .writing import as_json

if TYPE_CHECKING:
    from rich.console import Console

    from vplat.plugins import PluginRecord, Plugins


@rich_click.command("plugins", short_help="List the plugins, and why one did not load.")
@json_flag
@common_options
@click.pass_context
def command(context: click.Context, wants_json: bool) -> None:
    """List every plugin with its version, its hooks, and what keeps it from loading.

    The status is 0 even if some did not load: a run fails only if it needs them.
    """
    plugins = load_plugins(context, tolerant=True)
    clashes = found_clashes(plugins)
    if wants_json:
        records = [dataclasses.asdict(record) for record in plugins.records]
        sys.stdout.write(as_json({"plugins": records, "clashes": clashes}))
        return
    console = terminal.output()
    _print_table(console, plugins)
    for sentence in (*map(_did_not_load, plugins.broken), *clashes):
        console.print()
        console.print(printable(sentence), style="red")


def found_clashes(plugins: Plugins) -> list[str]:
    """A sentence on each name that two plugins claim, and on each hook that raises."""
    from vplat.session import board_paths

    sentences = []
    for hook, key, what in (
        ("vplat_peripherals", "kind", "peripheral kind"),
        ("vplat_instructions", "name", "instruction set"),
        ("vplat_exporters", "name", "export"),
        ("vplat_commands", "name", "command"),
    ):
        try:
            plugins.named(hook, key, what)
        except VplatError as error:
            sentences.append(str(error))
    try:
        board_paths(plugins)
    except VplatError as error:
        sentences.append(str(error))
    return sentences


def _print_table(console: Console, plugins: Plugins) -> None:
    from rich.text import Text

    made = table("plugin", "version", "from", "hooks")
    for record in plugins.records:
        hooks = ", ".join(hook.removeprefix("vplat_") for hook in record.hooks)
        state = Text("did not load", "bold red") if record.problem else Text(hooks or "none")
        made.add_row(Text(printable(record.name), "bold"), record.version, record.origin, state)
    console.print(made)


def _did_not_load(record: PluginRecord) -> str:
    return f"{record.name} ({record.origin}) did not load: {record.problem}"
