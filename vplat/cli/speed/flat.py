"""The platform with flat costs: what is left of a run when nobody accounts for time or energy."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

from vplat.engines.unicorn_engine import UnicornEngine
from vplat.errors import VplatError
from vplat.machine.board import Board
from vplat.machine.console import RecordingConsole
from vplat.machine.elf import Firmware
from vplat.machine.machine import Machine
from vplat.machine.pricing import FirstRun, InstructionCache, Price
from vplat.machine.run import Run

from .accelerator import Kinds


class FlatCosts:
    """Every instruction takes one cycle, whatever it does and wherever it goes."""

    cache: InstructionCache | None = None

    def price(self, run: FirstRun) -> Price:
        """A cycle each, and nothing of what harts share."""
        count = len(run.instructions)
        return Price([1] * count, [0] * count)


def run_flat(board: Board, kinds: Kinds, elf: Path) -> float:
    """The seconds of processor time that ``elf`` takes when no hart waits for another at a bank."""
    memories = tuple(dataclasses.replace(memory, banks=1) for memory in board.memories)
    board = dataclasses.replace(board, memories=memories)
    machine = Machine(board, kinds, UnicornEngine, FlatCosts(), RecordingConsole())
    machine.load(Firmware.read(elf))
    started = time.process_time()
    outcome = Run(machine).until()
    seconds = time.process_time() - started
    if outcome.status:
        raise VplatError(f"the benchmark did not end well with flat costs: {outcome}")
    return seconds
