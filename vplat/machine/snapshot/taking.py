"""Taking a machine's state, and putting it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from vplat.errors import UsageError

from ..blocks import Block
from ..board import PAGE
from ..bus import MemoryPlace
from ..clock import Due
from ..engine import MetBlock
from ..hart import Hart
from ..rows import COLUMNS, HOLD_AT, SAMPLE, STEP
from .memory import ZEROS, Memories
from .part import Latecomer
from .parts import all_parts
from .state import ClockSnapshot, HartSnapshot, MachineState, PendingCall, RunSnapshot

if TYPE_CHECKING:
    from ..machine import Machine

REQUESTS: Final = (SAMPLE, STEP, HOLD_AT)
"""Columns in which observers and debuggers say what they want: theirs, and no state."""
NO_BYTES: Final = np.zeros(0, np.int64)


class Snapshots:
    """Takes the state of one machine, and puts it back."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._places = [each for each in machine.bus.places if isinstance(each, MemoryPlace)]
        self._memories = Memories(self._places, machine.engine.note_stores)

    def take(self) -> MachineState:
        """The state now; ``UsageError`` inside a callback."""
        machine = self._machine
        self._check_moment()
        rows = machine.engine.rows.tolist()
        for column in REQUESTS:
            rows[column::COLUMNS] = [0] * len(machine.harts)
        return MachineState(
            memories=self._memories.record(),
            blocks=tuple(machine.blocks.blocks),
            left_early=tuple(dict(block.left_early) for block in machine.blocks.blocks),
            engine=machine.engine.snapshot(),
            rows=np.array(rows, np.int64).tobytes(),
            turns=bytes(machine.turns),
            harts=tuple(_hart(hart) for hart in machine.harts),
            clock=self._clock(),
            run=RunSnapshot(
                machine.started_at,
                machine.idle_behaviours,
                machine.outcome,
                tuple(machine.findings),
                tuple(machine.dumps),
                frozenset(machine.stale),
            ),
            devices={name: device.snapshot() for name, device in machine.devices.items()},
            parts={name: part.snapshot() for name, part in all_parts(machine).items()},
        )

    def put_back(self, state: MachineState) -> None:
        """Go back to ``state``, which this machine or one like it was in.

        Blocks that were met later are met again, with the registers of that time.
        """
        machine = self._machine
        self._check_moment()
        self._put_memories(state)
        known = machine.blocks.go_back(state.blocks)
        for block, left_early in zip(state.blocks, state.left_early, strict=True):
            if left_early or block.left_early:
                block.left_early = dict(left_early)
        met = [self._met(number, block) for number, block in enumerate(state.blocks[known:], known)]
        machine.engine.restore(state.engine, met, known)
        self._put_rows(state)
        for hart, snapshot in zip(machine.harts, state.harts, strict=True):
            _put_hart(hart, snapshot)
        for name, device in machine.devices.items():
            device.restore(state.devices[name])
        for name, part in all_parts(machine).items():
            if name in state.parts:
                part.restore(state.parts[name])
            elif isinstance(part, Latecomer):
                part.begin_late()
        pending = [self._due(call) for call in state.clock.pending]
        machine.clock.go_back(pending, state.clock.asked, state.clock.taken)
        self._put_run(state.run)

    def owner(self, name: str) -> object:
        """The device or part called ``name``, None if there is none."""
        return self._machine.devices.get(name) or self._machine.parts.get(name)

    def _check_moment(self) -> None:
        machine = self._machine
        if machine.accesses.current >= 0 or machine.due_cycle is not None:
            raise UsageError(
                "a machine's state can neither be taken nor put back while a device or a hart is "
                "being served; do it between two slices of the run"
            )

    # Memory and code.

    def _put_memories(self, state: MachineState) -> None:
        machine = self._machine
        for name, number, before in self._memories.put_back(state.memories):
            now = state.memories[name].get(number, ZEROS)
            for place in self._places:
                if place.memory.name == name:
                    self._forget_code(place, number * PAGE, before, now)
        machine.stale.clear()

    def _forget_code(self, place: MemoryPlace, offset: int, before: bytes, now: bytes) -> None:
        """Let harts fetch code anew that is no longer what it was, wherever ``place`` shows it."""
        blocks, size = self._machine.blocks, place.memory.size
        changed = NO_BYTES
        for page in range(place.base + offset, place.end, size):
            if not blocks.is_code(page, 1):
                continue
            if not len(changed):
                old, new = np.frombuffer(before, np.uint8), np.frombuffer(now, np.uint8)
                changed = np.flatnonzero(old != new)
            begin, end = page + int(changed[0]), page + int(changed[-1]) + 1
            if blocks.overlaps_code(begin, end - begin):
                self._machine.engine.forget_range(begin, end)

    def _met(self, number: int, block: Block) -> MetBlock:
        """A block as the engine is told of it; its code is noted wherever it can be seen."""
        size = len(block.code)
        for seen, length in self._machine.bus.sightings(block.address, size):
            self._machine.blocks.note_code(seen, length)
        return MetBlock(block.address, size, block.cost(number))

    def _put_rows(self, state: MachineState) -> None:
        rows = self._machine.engine.rows
        wanted = {column: rows[column::COLUMNS].tolist() for column in REQUESTS}
        rows[:] = memoryview(state.rows).cast("q")
        self._machine.turns[:] = memoryview(state.turns).cast("q")
        for hart in range(len(self._machine.harts)):
            rows[hart * COLUMNS + SAMPLE] = wanted[SAMPLE][hart]

    # What is due.

    def _clock(self) -> ClockSnapshot:
        clock = self._machine.clock
        calls = tuple(self._call(due) for due in clock.pending())
        return ClockSnapshot(calls, clock.asked, clock.taken)

    def _call(self, due: Due) -> PendingCall:
        owner = getattr(due.behaviour, "__self__", None)
        method = getattr(due.behaviour, "__name__", "")
        name = next((name for name in self._owners() if self.owner(name) is owner), "")
        behaviour: Callable[..., None] | None = due.behaviour
        if name and getattr(owner, method, None) == due.behaviour:
            behaviour = None
        return PendingCall(due.cycle, due.order, name, method, due.arguments, behaviour)

    def _owners(self) -> list[str]:
        return [*self._machine.devices, *self._machine.parts]

    def _due(self, call: PendingCall) -> Due:
        behaviour = call.behaviour
        if behaviour is None:
            behaviour = getattr(self.owner(call.owner), call.method)
        return Due(call.cycle, call.order, behaviour, call.arguments)

    def _put_run(self, run: RunSnapshot) -> None:
        machine = self._machine
        machine.started_at, machine.idle_behaviours = run.started_at, run.idle_behaviours
        machine.outcome = run.outcome
        machine.findings[:], machine.dumps[:] = run.findings, run.dumps
        machine.stale.update(run.stale)


def _hart(hart: Hart) -> HartSnapshot:
    return HartSnapshot(
        hart.csrs.snapshot(),
        hart.privilege,
        hart.lines,
        hart.request,
        hart.state,
        hart.reason,
        hart.asleep_since,
        hart.sleep_cycles,
        hart.reservation,
        hart.last_trap,
        hart.traps,
    )


def _put_hart(hart: Hart, snapshot: HartSnapshot) -> None:
    hart.csrs.restore(snapshot.csrs)
    hart.privilege, hart.lines, hart.request = snapshot.privilege, snapshot.lines, snapshot.request
    hart.state, hart.reason = snapshot.state, snapshot.reason
    hart.asleep_since, hart.sleep_cycles = snapshot.asleep_since, snapshot.sleep_cycles
    hart.reservation, hart.last_trap = snapshot.reservation, snapshot.last_trap
    hart.traps = snapshot.traps
