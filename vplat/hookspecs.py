"""Everything a plugin may add to vplat.

Hooks are called while a session is built and when it ends, never while instructions run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pluggy import HookimplMarker, HookspecMarker

from .model import Observer, Peripheral
from .model.exporting import Exporter

if TYPE_CHECKING:
    from .cli.verbs import Command
    from .deploy.lowerings import Lowering
    from .gdb import MonitorCommand
    from .machine.board import Board
    from .machine.instruction_set import InstructionSet
    from .machine.outcome import Outcome
    from .session import Session
    from .tui import Panel

hookspec = HookspecMarker("vplat")
hookimpl = HookimplMarker("vplat")


@hookspec
def vplat_peripherals() -> Iterable[type[Peripheral]]:
    """Peripheral classes, found afterwards by their ``kind``. Two of one kind is an error."""
    raise NotImplementedError


@hookspec
def vplat_instructions() -> Iterable[InstructionSet]:
    """Sets of custom instructions and CSRs, which boards name in ``harts.instructions``.

    They are found afterwards by their ``name``. Two of one name is an error.
    """
    raise NotImplementedError


@hookspec
def vplat_boards() -> Iterable[Path]:
    """Board files in TOML, found afterwards by the name of the file without ``.toml``.

    Boards of other plugins and of users can extend them by that name. Two of one name is an error.
    """
    raise NotImplementedError


@hookspec
def vplat_exporters() -> Iterable[Exporter]:
    """Forms that ``vplat export`` derives from a board, or from a kind of device on it.

    They are found afterwards by their ``name``. Two of one name is an error.
    """
    raise NotImplementedError


@hookspec
def vplat_lowerings(board: Board, l1_bytes: int) -> Iterable[Lowering]:
    """Layers that ``vplat deploy`` makes of a network's nodes for the board.

    Layers may use ``l1_bytes`` of its L1. The first one that takes a node has it: plugins are asked
    in the order in which they were found, those that come with vplat behind them, the harts' own
    layers last. Lowerings are found afterwards by their ``name``. Two of one name is an error.
    """
    raise NotImplementedError


@hookspec
def vplat_energy_costs(board: Board) -> Mapping[str, float]:
    """What the work of devices costs: picojoules of a unit, by "kind.activity".

    They hold at the voltage of the board's energy table, and where that table has no price itself.
    """
    raise NotImplementedError


@hookspec
def vplat_observers(session: Session) -> Iterable[Observer]:
    """Who is to watch the machine of a session that is about to run.

    The machine is built and loaded; ``session.settings`` tells what was asked for.
    """
    raise NotImplementedError


@hookspec
def vplat_commands() -> Iterable[Command]:
    """Verbs of ``vplat``: commands of the package click, or of rich-click.

    They are found afterwards by their ``name``. Two of one name is an error.
    """
    raise NotImplementedError


@hookspec
def vplat_panels(session: Session) -> Iterable[Panel]:
    """Boxes of the live view, for a run that has one.

    They are found afterwards by their ``name``, and get room in the order in which they come.
    Two of one name is an error.
    """
    raise NotImplementedError


@hookspec
def vplat_monitor_commands(session: Session) -> Iterable[MonitorCommand]:
    """Commands behind ``monitor`` at the prompt of a gdb that debugs the session.

    They are found afterwards by their ``name``. Two of one name is an error.
    """
    raise NotImplementedError


@hookspec
def vplat_session_started(session: Session) -> None:
    """The machine is built and loaded; no instruction has run."""
    raise NotImplementedError


@hookspec
def vplat_session_finished(session: Session, outcome: Outcome) -> None:
    """The run is over, however it ended; ``outcome`` says how."""
    raise NotImplementedError
