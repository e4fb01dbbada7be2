"""An engine without code: harts follow scripts. For tests of devices, boards and the machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vplat.errors import UsageError
from vplat.machine.board import PAGE
from vplat.machine.engine import BlockCost, Client, Engine, EngineFactory, Exit, ExitKind, Reason
from vplat.machine.rows import (
    ADDRESS,
    BLOCK,
    CYCLES,
    INSTRUCTIONS,
    LIMIT,
    NEXT_PC,
    PC,
    RUNNABLE,
    new_rows,
    new_turns,
)

from .rounds import Rounds, split_rows
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
)

WORD: Final = 0xFFFF_FFFF
FETCH_FAULT: Final = 1
"""Exception code of an instruction access fault (privileged specification, table 3.6)."""


class Mapped(NamedTuple):
    """Memory at ``base`` up to ``end``."""

    base: int
    end: int
    data: npt.NDArray[np.uint8]
    writable: bool

    def read(self, address: int, size: int) -> int:
        """``size`` bytes as an unsigned number."""
        start = address - self.base
        return int.from_bytes(self.data[start : start + size].tobytes(), "little")

    def write(self, address: int, size: int, value: int) -> None:
        """Store ``size`` bytes, read-only or not."""
        start = address - self.base
        self.data[start : start + size] = np.frombuffer(value.to_bytes(size, "little"), np.uint8)


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
        self._words = _words(self._steps)
        self._memories: list[Mapped] = []
        self._watched: set[int] = set()
        self._costs: dict[int, BlockCost] = {}
        self._counts: list[dict[int, int]] = [{} for _ in range(harts)]
        self._left: dict[tuple[int, int], int] = {}
        """Instructions of a step of work that are still to be done, by hart and address."""
        self._stopped = False
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

    def map_memory(self, base: int, memory: npt.NDArray[np.uint8], *, writable: bool) -> None:
        """Loads and stores there are served here."""
        self._memories.append(Mapped(base, base + len(memory), memory, writable))

    def map_devices(self, base: int, size: int) -> None:
        """Nothing: all that is not memory goes to the client."""

    def watch_stores(self, page: int) -> None:
        """Send stores to ``page`` to the client."""
        self._watched.add(page)

    # Turns.

    def run(self, turn_cycles: int, solo_cycles: int) -> tuple[Reason, int]:
        """See ``Engine.run``."""
        self._put_words()
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

    def close(self) -> None:
        """Let go of the machine's memories."""
        self._memories.clear()

    # Steps.

    def _take_turn(self, hart: int) -> bool:
        row, steps = self._rows[hart], self._steps[hart]
        self._stopped = False
        while row[CYCLES] < row[LIMIT]:
            pc = row[NEXT_PC]
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
        return True

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
        memory = self._memory_at(step.address, step.size)
        if memory is not None:
            value = memory.read(step.address, step.size)
        else:
            self._rows[hart][PC], self._rows[hart][ADDRESS] = pc, step.address
            value = self._client.load(hart, step.address, step.size)
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
        memory = self._memory_at(step.address, step.size)
        watched = step.address & ~(PAGE - 1) in self._watched
        if memory is not None and memory.writable and not watched:
            memory.write(step.address, step.size, value)
        else:
            self._rows[hart][PC], self._rows[hart][ADDRESS] = pc, step.address
            self._client.store(hart, step.address, step.size, value)
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
        row[BLOCK] = cost.number
        row[CYCLES] += times * cost.cycles
        row[INSTRUCTIONS] += times * cost.instructions
        counts[cost.number] = counts.get(cost.number, 0) + times

    def _cost(self, hart: int, pc: int) -> BlockCost:
        cost = self._costs.get(pc)
        if cost is None:
            self._costs[pc] = cost = self._client.meet_block(hart, pc, STEP_BYTES)
        return cost

    def _put_words(self) -> None:
        """Before the first turn, and after firmware was loaded: steps are what memory holds."""
        for pc, word in self._words.items():
            memory = self._memory_at(pc, STEP_BYTES)
            if memory is None:
                raise UsageError(
                    f"a script has a step at {pc:#010x}, where the board has no memory; put it "
                    "where there is some"
                )
            memory.write(pc, STEP_BYTES, word)
        self._words.clear()

    def _memory_at(self, address: int, size: int) -> Mapped | None:
        for memory in self._memories:
            if memory.base <= address and address + size <= memory.end:
                return memory
        return None


def _words(scripts: Sequence[dict[int, Step]]) -> dict[int, int]:
    """What is in memory at the address of each step; ``UsageError`` where scripts disagree."""
    words: dict[int, int] = {}
    for steps in scripts:
        for address, step in steps.items():
            if words.setdefault(address, step.word) != step.word:
                raise UsageError(
                    f"two harts have different steps at {address:#010x}; give each hart addresses "
                    "of its own"
                )
    return words
