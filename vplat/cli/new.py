"""``vplat new``: the beginning of something of your own."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import click
import rich_click

from vplat.errors import UsageError

from .failures import note
from .options import common_options, load_plugins
from .writing import write_whole


@rich_click.group(
    "new",
    context_settings={"rich_help_config": {"commands_panel_title": "Commands"}},
    short_help="Start a plugin of your own.",
)
def command() -> None:
    """Start a plugin of your own.

    What is written works at once and is yours to change.
    """


@command.command("peripheral")
@rich_click.argument("name")
@rich_click.option(
    "--directory",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Where the package's directory is made; here if not given.",
)
@common_options
@click.pass_context
def peripheral(context: click.Context, name: str, directory: Path) -> None:
    """Write a package with a device, a board that has it, and tests that pass.

    NAME is what boards will call the kind of device, like pwm-timer. Nothing is ever overwritten.
    """
    from .scaffold import files

    kinds = load_plugins(context).named("vplat_peripherals", "kind", "peripheral kind")
    folder, texts = files(name, kinds)
    root = directory / folder
    _write_new(root, texts)
    note(f"{root} has {', '.join(texts)}")
    note(f"now: cd {shlex.quote(str(root))} && python -m pytest")


def _write_new(root: Path, texts: Mapping[str, str]) -> None:
    if root.exists() or root.is_symlink():
        raise UsageError(f"{root} is there already; remove it, or choose another name")
    try:
        for path in texts:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{root} cannot be made: {error.strerror}") from None
    for path, text in texts.items():
        write_whole(root / path, text)
