"""``vplat doctor``: whether everything vplat needs is here and works."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click
import rich_click

from . import terminal
from .failures import printable
from .options import common_options, json_flag, load_plugins
from .terminal import table
from .writing import as_json

if TYPE_CHECKING:
    from .examination import Check

NEEDED_IS_BROKEN: Final = 1
STYLES: Final = {"ok": "green", "lacking": "yellow", "broken": "bold red"}


@rich_click.command("doctor", short_help="Check that everything vplat needs is here and works.")
@json_flag
@common_options
@click.pass_context
def command(context: click.Context, wants_json: bool) -> int:
    """Check that everything vplat needs is here and works, and say what to do if not.

    The status is 1 if something that every run needs is broken, else 0: what is merely lacking,
    like a compiler, keeps nobody from running firmware.
    """
    from .examination import State, examine

    checks = examine(load_plugins(context, tolerant=True))
    if wants_json:
        sys.stdout.write(as_json([dataclasses.asdict(check) for check in checks]))
    else:
        _print(checks)
    broken = any(check.state is State.BROKEN for check in checks)
    return NEEDED_IS_BROKEN if broken else 0


def _print(checks: Sequence[Check]) -> None:
    from rich.text import Text

    made = table("what", "state", "found")
    for check in checks:
        found = Text(printable(check.found))
        if check.remedy:
            found.append(f"\n{printable(check.remedy)}", "italic")
        made.add_row(Text(check.name, "bold"), Text(check.state, STYLES[check.state]), found)
    terminal.output().print(made)
