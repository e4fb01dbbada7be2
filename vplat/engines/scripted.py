"""An engine without code: harts follow scripts. For tests of devices, boards and the machine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from vplat.errors import UsageError
from vplat.machine.board import PAGE
from vplat.machine.engine import (
    BlockCost,
    Client,
    Engine,
    EngineFactory,
    EngineState,
    Exit,
    ExitKind,
    MetBlock,
    Reason,
    Registers,
)
from vplat.machine.rows import (
    ACCESSES,
    ADDRESS,
    BLOCK,
    CYCLES,
    HELD,
    INSIDE,
    INSTRUCTIONS,
    LIMIT,
    NEXT_PC,
    NO_STEP,
    NOT_HELD,
    PC,
    RUNNABLE,
    SAMPLE,
    STEP,
    STOPS,
    UNIT_CYCLES,
    new_rows,
    new_turns,
)

from .contention import wait_for_banks
from .mapped import Mapped, memory_at, put_words
from .rounds import Rounds, holds, split_rows
from .script import (
    ADDRESS_REGISTER,
    STEP_BYTES,
    VALUE_REGISTER,
    Answer,
    Back,
    Call,
    Load,
    Script,
    Step,
    Store,
    Work,
    ends_of,
    steps_by_address,
    words_by_address,
)

WORD: Final = 0xFFFF_FFFF
FCSR: Final = 0x003
FETCH_FAULT: Final = 1
"""Exception code of an instruction access fault (privileged specification, table 3.6)."""


class ScriptedEngine:
    """``vplat.machine.engine.Engine`` whose harts follow ``scripts``, hart 0 the first of them.

    A step is a block of one instruction: the engine puts that into the memory at its address, has
    the machine price it, and counts it. A load, store or answered instruction that stalls is issued
    again. A hart whose script is over runs no more and can no longer be interrupted.
    """

    def __init__(self, harts: int, client: Client, scripts: Sequence[Script]) -> None:
        if len(scripts) > harts:
            raise UsageError(
                f"there are {len(scripts)} scripts for {harts} harts; leave some out, or choose a "
                "board with more harts"
            )
        self.rows = new_rows(harts)
        self.turns = new_turns()
        self._client = client
        self._rows = split_rows(self.rows)
        self._rounds = Rounds(self._rows, self.turns, self._take_turn)
        given = [*scripts, *({} for _ in range(harts - len(scripts)))]
        self._steps = [steps_by_address(script) for script in given]
        self._ends = [set(ends_of(script)) for script in given]
        self._words = words_by_address(self._steps)
        self._to_put = dict(self._words)
        self._memories: list[Mapped] = []
        self._watched: dict[int, tuple[bool, bool]] = {}
        self._held: set[tuple[int, int]] = set()
        self._costs: dict[int, BlockCost] = {}
        self._counts: list[dict[int, int]] = [{} for _ in range(harts)]
        self._left: dict[tuple[int, int], int] = {}
        """Instructions of a step of work that are still to be done, by hart and address."""
        self._stopped = self._is_charged = False
        self._faults: dict[int, Exit] = {}
        self._registers = [[0] * 32 for _ in range(harts)]
        self._float_registers = [[0] * 32 for _ in range(harts)]
        self._csrs: list[dict[int, int]] = [{} for _ in range(harts)]
        self._float_status = [0] * harts

    @classmethod
    def factory(cls, scripts: Sequence[Script]) -> EngineFactory:
        """What ``Machine`` builds its engine with; harts without a script have nothing to do."""

        def build(harts: int, client: Client) -> Engine:
            return cls(harts, client, scripts)

        return build

    # Memory.

    def reserve(self, base: int, size: int) -> None:
        """Nothing: this engine needs no addresses of its own."""

    def map_memory(
        self,
        base: int,
        memory: npt.NDArray[np.uint8],
        *,
        writable: bool,
        written: npt.NDArray[np.uint8],
    ) -> None:
        """Loads and stores there are served here."""
        self._memories.append(Mapped(base, base + len(memory), memory, written, writable))

    def map_devices(self, base: int, size: int) -> None:
        """Nothing: all that is not memory goes to the client."""

    def watch(self, page: int, *, loads: bool, stores: bool) -> None:
        """Send accesses to ``page`` to the client."""
        self._watched[page] = loads, stores

    # Turns.

    def run(self, turn_cycles: int, solo_cycles: int) -> tuple[Reason, int]:
        """See ``Engine.run``."""
        put_words(self._memories, self._to_put)
        self._to_put.clear()
        return self._rounds.run(turn_cycles, solo_cycles)

    def exit(self, hart: int) -> Exit:
        """How the hart left its turn; forgets it."""
        return self._faults.pop(hart, Exit(ExitKind.STOPPED))

    def stop(self, hart: int) -> None:
        """Leave the turn at the current step."""
        self._stopped = True

    def jump(self, hart: int, address: int) -> None:
        """Go on with the step at ``address``."""
        self._rows[hart][NEXT_PC] = address

    # Code.

    def locate(self, address: int, base: int, offset: int) -> None:
        """Nothing: the pc is always exact."""

    def answer(self, address: int) -> None:
        """Nothing: scripts say which instructions the machine answers."""

    def hold(self, hart: int, address: int) -> None:
        """Ask the client before the step at ``address``."""
        self._held.add((hart, address))

    def release(self, hart: int, address: int) -> None:
        """Ask no more."""
        self._held.discard((hart, address))

    def forget_code(self, hart: int | None = None) -> None:
        """Let the machine price every step again."""
        self._costs.clear()

    def forget_range(self, begin: int, end: int) -> None:
        """The same: scripts do not change."""
        self._costs.clear()

    def counts(self, hart: int) -> Sequence[int]:
        """Runs of each step, by the number of its block."""
        counts = self._counts[hart]
        return [counts.get(number, 0) for number in range(max(counts, default=-1) + 1)]

    # Registers.

    def read_register(self, hart: int, number: int) -> int:
        """x``number``."""
        return self._registers[hart][number]

    def write_register(self, hart: int, number: int, value: int) -> None:
        """Set x``number``."""
        if number:
            self._registers[hart][number] = value & WORD

    def read_float_register(self, hart: int, number: int) -> int:
        """The bits of f``number``; scripts leave them zero."""
        return self._float_registers[hart][number]

    def write_float_register(self, hart: int, number: int, bits: int) -> None:
        """Set the bits of f``number``."""
        self._float_registers[hart][number] = bits

    def read_csr(self, hart: int, number: int) -> int:
        """fflags, frm or fcsr; they are storage and nothing else."""
        return self._csrs[hart].get(number, 0)

    def write_csr(self, hart: int, number: int, value: int) -> None:
        """Set fflags, frm or fcsr."""
        self._csrs[hart][number] = value & WORD

    def float_status(self, hart: int) -> int:
        """mstatus.FS."""
        return self._float_status[hart]

    def set_float_status(self, hart: int, value: int) -> None:
        """Set mstatus.FS."""
        self._float_status[hart] = value

    def note_stores(self) -> None:
        """Nothing: every store is marked."""

    def snapshot(self) -> EngineState:
        """See ``Engine.snapshot``; what ``Call`` and ``Load.into`` did to the test is no part."""
        harts = range(len(self._rows))
        registers = (
            Registers(
                tuple(self._registers[hart]),
                tuple(self._float_registers[hart]),
                self._csrs[hart].get(FCSR, 0),
                self._float_status[hart],
            )
            for hart in harts
        )
        counts = (np.array(self.counts(hart), np.uint64).tobytes() for hart in harts)
        return EngineState(
            tuple(registers), tuple(counts), {}, frozenset(), frozenset(), dict(self._left)
        )

    def restore(self, state: EngineState, blocks: Sequence[MetBlock], known: int) -> None:
        """See ``Engine.restore``."""
        self._costs.clear()
        self._to_put = dict(self._words)  # the state may be of before they were put
        self._left = dict(state.left)
        for hart, registers in enumerate(state.registers):
            self._registers[hart] = list(registers.general)
            self._float_registers[hart] = list(registers.floats)
            self._csrs[hart] = {FCSR: registers.float_csr}
            self._float_status[hart] = registers.float_status
            counts = enumerate(np.frombuffer(state.counts[hart], np.uint64).tolist())
            self._counts[hart] = {number: count for number, count in counts if count}

    def falls(self, hart: int) -> Sequence[int]:
        """Nothing: scripts have no branches to take."""
        return []

    def tell_steps(self) -> None:
        """Nothing: scripts have no functions."""

    def close(self) -> None:
        """Let go of the machine's memories."""
        self._memories.clear()

    # Steps.

    def _take_turn(self, hart: int) -> bool:
        row, steps = self._rows[hart], self._steps[hart]
        self._stopped, self._is_charged, row[HELD] = False, row[HELD] == INSIDE, NOT_HELD
        while True:
            pc = row[NEXT_PC]
            wanted = (hart, pc) in self._held
            asks = partial(self._client.reached, hart, pc)
            if not self._is_charged and holds(row, wanted, asks):
                return False
            if not self._is_charged and row[CYCLES] >= row[LIMIT]:
                return True
            row[STEP] = STOPS if row[STEP] else NO_STEP
            if 0 < row[SAMPLE] <= row[CYCLES]:
                registers = self._registers[hart]
                self._client.passed(hart, pc, *(registers[number] for number in (1, 2, 5, 8)))
            step = steps.get(pc)
            if step is not None:
                self._carry_out(hart, pc, step)
                if self._stopped:
                    return False
            elif pc in self._ends[hart]:
                row[RUNNABLE] = 0
                return True
            else:
                self._faults[hart] = Exit(ExitKind.FAULT, FETCH_FAULT, pc)
                return False

    def _carry_out(self, hart: int, pc: int, step: Step) -> None:
        row = self._rows[hart]
        if isinstance(step, Work):
            self._work(hart, pc, step)
        elif isinstance(step, Load):
            self._load(hart, pc, step)
        elif isinstance(step, Store):
            self._store(hart, pc, step)
        elif isinstance(step, Answer):
            self._answer(hart, pc, step)
        elif isinstance(step, Call):
            step.function()
            row[NEXT_PC] = pc + STEP_BYTES
        elif isinstance(step, Back):
            self._charge(hart, pc)
            goes_on = step.until is not None and step.until()
            row[NEXT_PC] = pc + STEP_BYTES if goes_on else pc - STEP_BYTES * step.steps

    def _work(self, hart: int, pc: int, step: Work) -> None:
        row = self._rows[hart]
        left = self._left.pop((hart, pc), step.instructions)
        price = self._cost(hart, pc).cycles
        room = row[LIMIT] - row[CYCLES]
        done = min(left, -(-room // price)) if price else left
        self._charge(hart, pc, done)
        if done < left:
            self._left[hart, pc] = left - done
        else:
            row[NEXT_PC] = pc + STEP_BYTES

    def _load(self, hart: int, pc: int, step: Load) -> None:
        self._registers[hart][ADDRESS_REGISTER] = step.address
        self._charge(hart, pc)
        memory = memory_at(self._memories, step.address, step.size)
        watched, _ = self._watched.get(step.address & ~(PAGE - 1), (False, False))
        if memory is not None and not watched:
            value = memory.read(step.address, step.size)
        else:
            self._rows[hart][PC], self._rows[hart][ADDRESS] = pc, step.address
            value = self._client.load(hart, step.address, step.size)
            self._rows[hart][PC] = 0
        if not self._stopped:
            self._registers[hart][VALUE_REGISTER] = value
            if step.into is not None:
                step.into.append(value)
            self._rows[hart][NEXT_PC] = pc + STEP_BYTES

    def _store(self, hart: int, pc: int, step: Store) -> None:
        value = step.value & (1 << 8 * step.size) - 1
        registers = self._registers[hart]
        registers[ADDRESS_REGISTER], registers[VALUE_REGISTER] = step.address, step.value & WORD
        self._charge(hart, pc)
        memory = memory_at(self._memories, step.address, step.size)
        _, watched = self._watched.get(step.address & ~(PAGE - 1), (False, False))
        if memory is not None and memory.writable and not watched:
            memory.write(step.address, step.size, value)
        else:
            self._rows[hart][PC], self._rows[hart][ADDRESS] = pc, step.address
            self._client.store(hart, step.address, step.size, value)
            self._rows[hart][PC] = 0
        if not self._stopped:
            self._rows[hart][NEXT_PC] = pc + STEP_BYTES

    def _answer(self, hart: int, pc: int, step: Answer) -> None:
        if pc not in self._cost(hart, pc).answered:
            raise UsageError(
                f"hart {hart} is to have {step.word:#010x} at {pc:#010x} answered, but that is no "
                "instruction that the machine carries out; use another kind of step"
            )
        self._charge(hart, pc)
        self._rows[hart][PC] = pc
        self._client.answer(hart, pc)

    def _charge(self, hart: int, pc: int, times: int = 1) -> None:
        """Count the step at ``pc``."""
        row, counts, cost = self._rows[hart], self._counts[hart], self._cost(hart, pc)
        if self._is_charged:  # when it was about to be carried out, before the hart was held
            self._is_charged = False
            return
        row[BLOCK] = cost.number
        row[CYCLES] += times * cost.cycles
        row[INSTRUCTIONS] += times * cost.instructions
        row[ACCESSES] += times * cost.accesses
        row[UNIT_CYCLES] += times * cost.unit_cycles
        wait_for_banks(row)
        counts[cost.number] = counts.get(cost.number, 0) + times

    def _cost(self, hart: int, pc: int) -> BlockCost:
        cost = self._costs.get(pc)
        if cost is None:
            cost = self._client.meet_block(hart, pc, STEP_BYTES)
            if cost is None:
                raise UsageError(f"no instruction can be at {pc:#010x}, so no step can")
            self._costs[pc] = cost
        return cost
