"""Options that several verbs share, and the kinds of value they take."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
import rich_click
from click.shell_completion import CompletionItem

from vplat.errors import PluginError

if TYPE_CHECKING:
    from vplat.plugins import PluginRecord, Plugins

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

DEBUG_HELP: Final = "Show the traceback of an error."
FILES: Final = "vplat.plugin_files"
DIRECTORIES: Final = "vplat.plugin_directories"
MULTIPLES: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


class Cycles(click.ParamType[int]):
    """A number of cycles as people write them: ``1_000_000``, ``250k``, ``10M``, ``1.5G``."""

    name = "cycles"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number, at least 1."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"([0-9][0-9_]*(?:\.[0-9]+)?)([kmg]?)", str(value).strip().lower())
        if found is None:
            self.fail(f"{value!r} is no number of cycles, like 1_000_000 or 10M", param, ctx)
        cycles = float(found[1].replace("_", "")) * MULTIPLES[found[2]]
        if not 1 <= cycles < 2**62:
            self.fail(f"{value!r} is not from 1 to 4 exa-cycles", param, ctx)
        exact = found[1].replace("_", "")
        return int(exact) * MULTIPLES[found[2]] if exact.isdecimal() else round(cycles)


class Seconds(click.ParamType[float]):
    """A length of host time, in seconds."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The seconds, more than 0."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = math.nan
        if not 0 < seconds < math.inf:
            self.fail(f"{value!r} is no number of seconds, like 30 or 0.5", param, ctx)
        return seconds


class BoardName(click.ParamType[str]):
    """A board by name, or by the path of its file."""

    name = "board"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The boards there are, and files."""
        from vplat.session import board_paths

        names = sorted(board_paths(load_plugins(ctx, tolerant=True)))
        found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
        return found or [CompletionItem(incomplete, type="file")]


class Elf(click.ParamType[Path]):
    """The path of an ELF file. Whether it is one is for the loader to say."""

    name = "elf"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path as it was given."""
        return Path(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Files and directories."""
        return [CompletionItem(incomplete, type="file")]


class ValueAfterEquals(rich_click.RichCommand):
    """A command with options whose value may be left out: it follows only an equals sign.

    ``--check firmware.elf`` is ``--check`` alone with an argument behind it. An option says what it
    means by itself with ``flag_value``.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give options that stand alone the value that means."""
        alone = {
            name: f"{name}={option.flag_value}"
            for option in self.params
            if isinstance(option, click.Option) and isinstance(option.flag_value, str)
            for name in option.opts
        }
        end = args.index("--") if "--" in args else len(args)
        return super().parse_args(ctx, [alone.get(arg, arg) for arg in args[:end]] + args[end:])


def board_option(*, required: bool = False, help_text: str) -> Callable[[Decorated], Decorated]:
    """``--board``."""
    return rich_click.option(
        "--board",
        metavar="NAME|FILE",
        type=BoardName(),
        required=required,
        panel="Machine",
        help=help_text,
    )


def json_flag(command: Decorated) -> Decorated:
    """``--json``, for verbs that print a table."""
    option = rich_click.option(
        "--json", "wants_json", is_flag=True, help="Print JSON instead of a table."
    )
    return option(command)


def common_options(command: Decorated) -> Decorated:
    """``--plugin``, ``--plugins-dir`` and ``--debug``, which verbs take after their names too."""
    for option in (
        rich_click.option("--debug", is_flag=True, expose_value=False, help=DEBUG_HELP),
        rich_click.option(
            "--plugins-dir",
            "plugin_directories",
            metavar="DIR",
            multiple=True,
            is_eager=True,
            expose_value=False,
            callback=_remember(DIRECTORIES),
            type=click.Path(path_type=Path),
            panel="Plugins",
            help="Load every plugin in a directory; may be given again.",
        ),
        rich_click.option(
            "--plugin",
            "plugin_files",
            metavar="FILE",
            multiple=True,
            is_eager=True,
            expose_value=False,
            callback=_remember(FILES),
            type=click.Path(path_type=Path),
            panel="Plugins",
            help="Load a plugin from a Python file; may be given again.",
        ),
    ):
        command = option(command)
    return command


def load_plugins(
    context: click.Context, *, tolerant: bool = False, installed: bool = True
) -> Plugins:
    """The plugins of this call: built in, asked for, and if ``installed`` the environment's.

    One that was asked for and does not load is a ``PluginError``, unless ``tolerant``.
    """
    from vplat.plugins import Plugins

    files: list[Path] = context.meta.get(FILES, [])
    directories: list[Path] = context.meta.get(DIRECTORIES, [])
    plugins = Plugins(files, directories, installed=installed)
    asked_for = {str(path) for path in (*files, *directories)}
    if not tolerant:
        for record in plugins.broken:
            if record.origin in asked_for:
                raise PluginError(did_not_load(record))
    return plugins


def did_not_load(record: PluginRecord) -> str:
    """The sentence on a plugin that did not load."""
    return f"plugin {record.name!r} ({record.origin}) did not load: {record.problem}"


def _remember(key: str) -> Callable[[click.Context, click.Parameter, tuple[Path, ...]], None]:
    """A callback that keeps an option's values for ``load_plugins``, whichever command had it."""

    def remember(context: click.Context, _: click.Parameter, values: tuple[Path, ...]) -> None:
        context.meta.setdefault(key, []).extend(values)

    return remember
