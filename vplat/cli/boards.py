"""``vplat boards``: which boards there are, and what is on one."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
import rich_click

from vplat.errors import BoardError

from . import terminal
from .failures import note
from .options import BoardName, common_options, json_flag, load_plugins
from .quantities import engineering, size
from .terminal import table
from .writing import as_json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from vplat.machine.board import Board, DeviceSpec, InstructionsSpec, MemorySpec
    from vplat.model import Peripheral
    from vplat.plugins import Plugins

Kinds = dict[str, "type[Peripheral]"]


@rich_click.command("boards", short_help="List the boards, or tell all about one.")
@rich_click.argument("board", type=BoardName(), required=False, metavar="[NAME|FILE]")
@json_flag
@common_options
@click.pass_context
def command(context: click.Context, board: str | None, wants_json: bool) -> None:
    """List the boards, or tell all about one.

    Of one board, given by name or by file, you see the memory map, where each device is, what its
    outputs are wired to, and the operating points.
    """
    from vplat.machine.board_file import check_devices
    from vplat.session import find_board

    plugins = load_plugins(context)
    kinds: Kinds = plugins.named("vplat_peripherals", "kind", "peripheral kind")
    if board is None:
        boards = _readable(plugins)
        if wants_json:
            sys.stdout.write(as_json([_as_json(each, kinds) for each in boards.values()]))
        else:
            terminal.output().print(_list(boards))
        return
    found = find_board(board, plugins)
    check_devices(found, kinds)
    if wants_json:
        sys.stdout.write(as_json(_as_json(found, kinds)))
        return
    console = terminal.output()
    for part in _parts(found, kinds):
        console.print(part)


def _readable(plugins: Plugins) -> dict[str, Board]:
    """Every board whose file makes sense, by name; about another one there is a note."""
    from vplat.machine.board_file import load_board
    from vplat.session import board_paths

    paths = board_paths(plugins)
    boards = {}
    for name, path in sorted(paths.items()):
        try:
            boards[name] = load_board(path, paths)
        except BoardError as error:
            note(f"board {name!r} is left out: {error}")
    return boards


def _list(boards: dict[str, Board]) -> RenderableType:
    from rich.text import Text

    made = table("board", "harts", "memory", "devices", "what it is", right="devices")
    for name, board in boards.items():
        made.add_row(
            Text(name, "bold"),
            f"{board.harts.count} × {board.harts.isa.canonical.partition('_')[0]}",
            "\n".join(f"{memory.name} {size(memory.size)}" for memory in board.memories),
            str(len(board.devices)),
            board.doc,
        )
    return made


def _parts(board: Board, kinds: Kinds) -> Iterator[RenderableType]:
    """The whole of a board, a piece at a time."""
    from rich.text import Text

    harts = board.harts
    boot = "the firmware's entry" if harts.boot is None else f"{harts.boot:#010x}"
    yield Text.assemble((board.name, "bold"), f": {board.doc}")
    yield ""
    yield (
        f"{harts.count} harts, {harts.isa.canonical}, mhartid from {harts.first_id:#x}, "
        f"booting at {boot}"
        + (f", firmware's entry at {harts.entry_word:#010x}" if harts.entry_word else "")
    )
    if harts.instructions:
        yield f"custom instructions: {', '.join(map(_instruction_set, harts.instructions))}"
    yield f"turns of {board.turn_cycles} cycles; timing {board.timing}, energy {board.energy}"
    for point in board.operating_points:
        yield (
            f"operating point {point.name}: {point.volts:.2f} V, {engineering(point.hertz, 'Hz')}"
        )
    if board.source:
        yield Text(f"described in {board.source}", "dim")
    yield from ("", _memory_map(board, kinds), "", _wiring(board))


def _instruction_set(spec: InstructionsSpec) -> str:
    """``xdma (hart 8, in dma)``."""
    details = []
    if spec.harts is not None:
        plural = "s" if len(spec.harts) > 1 else ""
        details.append(f"hart{plural} {', '.join(map(str, spec.harts))}")
    if spec.device:
        details.append(f"in {spec.device}")
    return f"{spec.name} ({', '.join(details)})" if details else spec.name


def _memory_map(board: Board, kinds: Kinds) -> RenderableType:
    from rich.text import Text

    made = table("from", "to", "size", "what", "wait states", right="size wait")
    made.columns[-1].justify = "right"
    rows = [row for memory in board.memories for row in _memory_rows(memory)]
    rows += [row for device in board.devices for row in _device_rows(device, kinds[device.kind])]
    for base, extent, name, about, wait in sorted(rows):
        what = Text.assemble((name, "bold"), f" {about}" if about else "")
        made.add_row(
            f"{base:#010x}",
            f"{base + extent - 1:#010x}",
            size(extent),
            what,
            str(wait) if wait else "",
        )
    for device in board.devices:
        if device.elsewhere is not None:
            wait = device.wait_states.get(device.elsewhere, 0)
            what = Text.assemble((device.name, "bold"), f" ({device.kind})")
            made.add_row("elsewhere", "", "", what, str(wait) if wait else "")
    return made


Row = tuple[int, int, str, str, int]
"""Base, size in bytes, name, what else there is to say, wait states."""


def _memory_rows(memory: MemorySpec) -> Iterator[Row]:
    about = "RAM" if memory.writable else "ROM"
    yield memory.base, memory.size, memory.name, about, memory.wait_states
    for alias in memory.aliases:
        yield alias.base, alias.size, memory.name, "again", memory.wait_states


def _device_rows(device: DeviceSpec, kind: type[Peripheral]) -> Iterator[Row]:
    from vplat.machine.board_file import window_bytes

    about = "" if device.kind == device.name else f"({device.kind})"
    for window, base in device.sightings:
        extent = window_bytes(device, kind, kind.windows[window])
        name = f"{device.name}.{window}" if window else device.name
        shown = about if device.windows[window] == base else "again"
        yield base, extent, name, shown, device.wait_states.get(window, 0)


def _wiring(board: Board) -> RenderableType:
    made = table("output", "goes to")
    for device in board.devices:
        for output, targets in device.events.items():
            made.add_row(f"{device.name}.{output}", ", ".join(targets))
    return made


def _as_json(board: Board, kinds: Kinds) -> dict[str, Any]:
    """Everything a program could ask of a board; addresses are numbers."""
    harts = board.harts
    return {
        "name": board.name,
        "doc": board.doc,
        "source": board.source,
        "harts": {
            "count": harts.count,
            "isa": harts.isa.canonical,
            "first_id": harts.first_id,
            "boot": harts.boot,
            "entry_word": harts.entry_word,
            "instructions": [each.name for each in harts.instructions],
            "instruction_sets": [dataclasses.asdict(each) for each in harts.instructions],
            "unknown_csrs": "dump" if harts.dumps_unknown_csrs else "trap",
        },
        "turn_cycles": board.turn_cycles,
        "timing": board.timing,
        "energy": board.energy,
        "operating_points": [
            {"name": point.name, "volts": point.volts, "hertz": point.hertz}
            for point in board.operating_points
        ],
        "memories": [
            {
                "name": memory.name,
                "base": memory.base,
                "size": memory.size,
                "writable": memory.writable,
                "wait_states": memory.wait_states,
                "aliases": [{"base": each.base, "size": each.size} for each in memory.aliases],
                "doc": memory.doc,
            }
            for memory in board.memories
        ],
        "devices": [_device_as_json(device, kinds) for device in board.devices],
    }


def _device_as_json(device: DeviceSpec, kinds: Kinds) -> dict[str, Any]:
    kind = kinds.get(device.kind)
    return {
        "name": device.name,
        "kind": device.kind,
        "known": kind is not None,
        "windows": dict(device.windows),
        "aliases": list(device.aliases),
        "elsewhere": device.elsewhere,
        "parameters": dict(device.parameters),
        "events": {output: list(targets) for output, targets in device.events.items()},
    }
