"""``vplat export``: what is derived from the descriptions of devices and boards."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import rich_click
from click.shell_completion import CompletionItem

from vplat.errors import UsageError
from vplat.model.field import no_such

from . import terminal
from .failures import note
from .options import board_option, common_options, json_flag, load_plugins
from .terminal import table
from .writing import as_json, write_if_different

if TYPE_CHECKING:
    from vplat.export.file_sets import FileSet
    from vplat.model import Peripheral
    from vplat.model.exporting import Exporter
    from vplat.plugins import Plugins

Kinds = dict[str, "type[Peripheral]"]


class FormatName(click.ParamType[str]):
    """The name of a form, or of a set of files."""

    name = "format"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The forms and sets there are."""
        from vplat.export.file_sets import FILE_SETS

        forms: list[Exporter | FileSet] = [
            *_exporters(load_plugins(ctx, tolerant=True)),
            *FILE_SETS,
        ]
        return [
            CompletionItem(each.name, help=each.doc)
            for each in forms
            if each.name.startswith(incomplete)
        ]


class KindName(click.ParamType[str]):
    """A kind of device."""

    name = "kind"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The kinds there are."""
        kinds = _kinds(load_plugins(ctx, tolerant=True))
        return [CompletionItem(kind) for kind in sorted(kinds) if kind.startswith(incomplete)]


@rich_click.command("export", short_help="Write headers, SVD, reference pages, linker scripts.")
@rich_click.argument("form", type=FormatName(), required=False, metavar="[FORMAT]")
@board_option(
    help_text="The board to describe, pulp-ita if not given; for a set of files all boards."
)
@rich_click.option(
    "--device",
    metavar="KIND",
    type=KindName(),
    panel="Machine",
    help="The kind of device to describe, for the forms that describe one.",
)
@rich_click.option(
    "-o",
    "--output",
    metavar="FILE|DIR",
    help="Where to write; standard output if not given. Into a directory go files with names of "
    "their own: all kinds of device on the board if --device is not given.",
)
@json_flag
@common_options
@click.pass_context
def command(
    context: click.Context,
    form: str | None,
    board: str | None,
    device: str | None,
    output: str | None,
    wants_json: bool,
) -> None:
    """Write what is derived from the descriptions of devices and boards.

    Without FORMAT, list the forms there are.

    Files that already say the same are left alone, so that make sees no change where there is none.
    """
    from vplat.export.file_sets import FILE_SETS

    if form is None:
        _list(_exporters(load_plugins(context)), FILE_SETS, wants_json=wants_json)
        return
    if wants_json:
        raise UsageError("--json is for the list of forms; leave out FORMAT or --json")
    for each in FILE_SETS:
        if each.name == form:
            # What else is installed here must not change what a project commits.
            plugins = load_plugins(context, installed=board is not None)
            _write_set(each, plugins, board, device, output)
            return
    plugins = load_plugins(context)
    names = [each.name for each in _exporters(plugins)] + [each.name for each in FILE_SETS]
    if form not in names:
        raise UsageError(f"there is {no_such('export', form, names)}")
    _write_form(form, plugins, board, device, output)


def _exporters(plugins: Plugins) -> list[Exporter]:
    return list(plugins.named("vplat_exporters", "name", "export").values())


def _kinds(plugins: Plugins) -> Kinds:
    return plugins.named("vplat_peripherals", "kind", "peripheral kind")


def _list(exporters: Sequence[Exporter], file_sets: Sequence[FileSet], *, wants_json: bool) -> None:
    from rich.text import Text

    rows = [(e.name, "a device" if e.per_device else "a board", e.doc) for e in exporters]
    rows += [(each.name, "all devices and boards", each.doc) for each in file_sets]
    if wants_json:
        keys = ("name", "describes", "doc")
        sys.stdout.write(as_json([dict(zip(keys, row, strict=True)) for row in rows]))
        return
    made = table("format", "describes", "what it is")
    for name, scope, doc in rows:
        made.add_row(Text(name, "bold"), scope, doc)
    terminal.output().print(made)


def _write_set(
    file_set: FileSet, plugins: Plugins, board: str | None, device: str | None, output: str | None
) -> None:
    from vplat.machine.board_file import check_devices
    from vplat.session import all_boards, find_board, platform_map

    if device is not None:
        raise UsageError(f"{file_set.name!r} describes every device; leave out --device")
    if output is None:
        raise UsageError(f"{file_set.name!r} is a set of files; say where with --output DIR")
    kinds = _kinds(plugins)
    boards = [find_board(board, plugins)] if board else list(all_boards(plugins).values())
    for each in boards:
        check_devices(each, kinds)
    platforms = [platform_map(each, kinds) for each in boards]
    described = [kinds[kind] for kind in sorted(kinds)]
    if board:
        described = [kind for kind in described if kind in platforms[0].kinds]
    _write_files(Path(output), file_set.function(platforms, described))


def _write_form(
    form: str, plugins: Plugins, board: str | None, device: str | None, output: str | None
) -> None:
    from vplat.machine.board_file import check_devices
    from vplat.model.exporting import exporter_named
    from vplat.session import Settings, find_board, platform_map

    exporter = exporter_named(form, _exporters(plugins))
    kinds = _kinds(plugins)
    found = find_board(board or Settings.board, plugins)
    check_devices(found, kinds)
    platform = platform_map(found, kinds)
    into = Path(output) if output is not None else None
    directory = into is not None and (into.is_dir() or str(output).endswith("/"))
    kind = _kind_named(device, kinds) if device is not None else None
    if into is not None and directory:
        each_kind = platform.kinds if exporter.per_device and kind is None else (kind,)
        texts = {exporter.file_name(platform, each): exporter(platform, each) for each in each_kind}
        _write_files(into, texts)
    elif into is not None:
        written = write_if_different(into, exporter(platform, kind))
        note(f"{into} written" if written else f"{into} said so already")
    else:
        sys.stdout.write(exporter(platform, kind))


def _kind_named(name: str, kinds: Mapping[str, Any]) -> type[Peripheral]:
    if name not in kinds:
        raise UsageError(f"there is {no_such('kind of device', name, kinds)}")
    kind: type[Peripheral] = kinds[name]
    return kind


def _write_files(directory: Path, texts: Mapping[str, str]) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{directory} cannot be made: {error.strerror}") from None
    written = [name for name, text in texts.items() if write_if_different(directory / name, text)]
    changed = ", ".join(written) if written else "nothing, all of them said so already"
    note(f"{len(texts)} files in {directory}; written: {changed}")
