"""A whole machine without firmware: devices on a board, and harts that follow scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from vplat.engines.script import Script, Step
from vplat.engines.scripted import ScriptedEngine
from vplat.errors import UsageError
from vplat.machine.board import Board, DeviceSpec, HartsSpec, MemorySpec, OperatingPoint
from vplat.machine.console import Console, RecordingConsole
from vplat.machine.isa import Isa
from vplat.machine.machine import Machine
from vplat.machine.outcome import Outcome
from vplat.machine.pricing import OneCycleEach
from vplat.machine.run import Run
from vplat.model import Peripheral

SCRIPTS: Final = 0x8000_0000
"""Where scripts are in memory."""
SCRIPT_BYTES: Final = 0x1000
"""The room of each hart's script, one after the other."""
RAM: Final = MemorySpec("ram", SCRIPTS, 0x10000)


class ScriptedMachine(Machine):
    """A machine whose harts follow ``scripts``, by hart; the others stay halted.

    A script is a sequence of steps, or several by their distance in bytes from ``entry(hart)``,
    where the hart begins: a trap handler is one beside it. Every instruction takes a cycle, waits
    and wait states aside. Scripts lie in the board's memory from ``at`` on.
    """

    def __init__(
        self,
        board: Board,
        kinds: Iterable[type[Peripheral]],
        scripts: Mapping[int, Sequence[Step] | Script],
        *,
        at: int = SCRIPTS,
        console: Console | None = None,
    ) -> None:
        for hart in scripts:
            if not 0 <= hart < board.harts.count:
                raise UsageError(
                    f"there is a script for hart {hart}, but board {board.name!r} has harts 0 to "
                    f"{board.harts.count - 1}"
                )
        self._at = at
        placed = [
            self._place(hart, scripts.get(hart, ())) for hart in range(max(scripts, default=-1) + 1)
        ]
        super().__init__(
            board,
            {kind.kind: kind for kind in kinds},
            ScriptedEngine.factory(placed),
            OneCycleEach(),
            RecordingConsole() if console is None else console,
        )
        for hart in scripts:
            self.harts[hart].start(self.entry(hart), 0)

    def entry(self, hart: int) -> int:
        """The address of the first step of a hart's script."""
        return self._at + hart * SCRIPT_BYTES

    def run(self, max_cycles: int = 1_000_000) -> Outcome:
        """Run to the end.

        When every script is over and nothing is due, that is ``Ending.DEADLOCKED``; ``waiting``
        names the harts that sleep.
        """
        return Run(self).until(max_cycles=max_cycles)

    def _place(self, hart: int, script: Sequence[Step] | Script) -> Script:
        sections = script if isinstance(script, Mapping) else {0: script}
        return {self.entry(hart) + offset: steps for offset, steps in sections.items()}


def scripted_board(
    devices: Sequence[DeviceSpec] = (),
    *,
    harts: int = 2,
    memories: Sequence[MemorySpec] = (),
    turn_cycles: int = 1,
    isa: str = "rv32imafc_zicsr_zifencei",
) -> Board:
    """A board for ``ScriptedMachine``: 64 KiB of RAM at ``SCRIPTS``, and what is given.

    Turns of one cycle keep the harts in step, so that their accesses come in the order of time; on
    a board with longer ones a hart runs ahead of the next one by up to a turn.
    """
    return Board(
        name="scripted",
        doc="",
        harts=HartsSpec(harts, Isa.parse(isa, user_mode=True)),
        memories=(RAM, *memories),
        devices=tuple(devices),
        operating_points=(OperatingPoint("test", 1.0, 100_000_000),),
        timing="",
        energy="",
        turn_cycles=turn_cycles,
    )
