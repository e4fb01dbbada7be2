"""Blocks of code: decoded and priced once, and charged for what ran of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.unit.machine_samples import machine
from tests.unit.rv32_code import A0, A1, DECODER, T0, X0, addi, branch, ecall, lw, multiply
from vplat.machine.blocks import BlockTable
from vplat.machine.board import MemorySpec, Span
from vplat.machine.hart import Hart
from vplat.machine.isa import Instruction
from vplat.machine.pricing import UNSEEN, FirstRun, OneCycleEach, Price, Seen
from vplat.machine.rows import ACCESSES, BLOCK, CYCLES, INSTRUCTIONS, PC, UNIT_CYCLES
from vplat.machine.statistics import Statistics
from vplat.testing import ECALL, WFI, Answer, Load, Work

BASE = 0x8000_4000
LR_A0 = 0x1002_A52F  # lr.w a0, (t0)


def code_of(instructions: Sequence[Instruction]) -> bytes:
    """The bytes of instructions."""
    return b"".join(each.word.to_bytes(each.length, "little") for each in instructions)


def nothing_seen(_: int, instructions: Sequence[Instruction]) -> list[Seen]:
    return [UNSEEN] * len(instructions)


class Prices(OneCycleEach):
    """A multiplication takes five cycles, one of them of the shared unit."""

    def price(self, run: FirstRun) -> Price:
        mul = [each.mnemonic == "mul" for each in run.instructions]
        cycles = super().price(run).cycles
        return Price([all_of + 4 * is_mul for all_of, is_mul in zip(cycles, mul, strict=True)], mul)


LOOP = [lw(T0, 0, A0), multiply(0, T0, T0, A1), addi(A0, A0, 4), branch(1, A0, A1, -12)]


def test_a_block_knows_what_comes_before_each_of_its_instructions() -> None:
    table = BlockTable(DECODER, Prices())
    block = table[table.meet(BASE, code_of(LOOP), nothing_seen)]
    assert block.cycles == 8
    assert block.before == {
        BASE: (0, 0),
        BASE + 4: (1, 1),
        BASE + 8: (6, 2),
        BASE + 12: (7, 3),
        BASE + 16: (8, 4),
    }
    assert block.instruction_at(BASE + 4) == LOOP[1]
    assert block.instruction_at(BASE + 2) is None


def test_waits_for_memory_are_part_of_the_cost() -> None:
    table = BlockTable(DECODER, Prices())
    slow = Seen(wait_states=14)
    number = table.meet(BASE, code_of(LOOP), lambda _, __: [slow, UNSEEN, UNSEEN, UNSEEN])
    assert table[number].cycles == 22
    assert table[number].before[BASE + 4] == (15, 1)


def test_what_a_block_asks_of_what_harts_share_is_part_of_its_cost() -> None:
    table = BlockTable(DECODER, Prices())
    banked = Seen(accesses=1)
    number = table.meet(BASE, code_of(LOOP), lambda _, __: [banked, UNSEEN, UNSEEN, UNSEEN])
    cost = table[number].cost(number)
    assert (cost.accesses, cost.unit_cycles) == (1, 1)
    assert table[number].demand_from(1) == (0, 1)


def test_a_block_that_is_rebuilt_asks_for_what_it_did() -> None:
    table = BlockTable(DECODER, Prices())
    banked = Seen(accesses=1)
    number = table.meet(BASE, code_of(LOOP), lambda _, __: [banked, UNSEEN, UNSEEN, UNSEEN])
    met = table[number]
    assert table.rebuild(BASE, met.code, [1, 5, 1, 1], met.demands) == met


def test_a_block_is_met_once_and_numbered_in_order() -> None:
    table = BlockTable(DECODER, Prices())
    first = table.meet(BASE, code_of(LOOP), nothing_seen)
    second = table.meet(BASE + 4, code_of(LOOP[1:]), nothing_seen)
    assert (first, second) == (0, 1)
    assert table.meet(BASE, code_of(LOOP), nothing_seen) == 0
    assert len(table.blocks) == 2


def test_changed_code_is_a_block_of_its_own() -> None:
    table = BlockTable(DECODER, Prices())
    table.meet(BASE, code_of(LOOP), nothing_seen)
    changed = [addi(X0, X0, 0), *LOOP[1:]]
    assert table.meet(BASE, code_of(changed), nothing_seen) == 1
    assert table[0].instructions[0].mnemonic == "lw"
    assert table[1].instructions[0].mnemonic == "addi"


@pytest.mark.parametrize(
    ("word", "answered"),
    [
        (ECALL.word, True),
        (WFI.word, True),
        (LR_A0, True),
        (0xB000_2573, True),  # csrr a0, mcycle
        (0x0010_2573, False),  # csrr a0, fflags: the engine's
        (LOOP[0].word, False),
        (0xFFFF_FFFF, True),  # illegal
    ],
)
def test_the_machine_answers_what_the_engine_cannot(word: int, answered: bool) -> None:
    table = BlockTable(DECODER, Prices())
    block = table[table.meet(BASE, word.to_bytes(4, "little"), nothing_seen)]
    assert block.answered == ((BASE,) if answered else ())


def test_the_pages_of_code_are_known() -> None:
    table = BlockTable(DECODER, Prices())
    table.meet(0x8000_0FFC, code_of(LOOP), nothing_seen)
    pages = [table.is_code(address, 4) for address in (0x8000_0000, 0x8000_1FFF, 0x8000_2000)]
    assert pages == [True, True, False]
    assert table.is_code(0x7FFF_FFFF, 2)


# A hart in a block.


def hart_in_block() -> Hart:
    """A hart that the engine charged for the whole of ``LOOP`` at 100 cycles, 50 instructions."""
    made = machine({0: []})
    made.bus.load_image(BASE, code_of(LOOP))
    number = made.blocks.meet(BASE, code_of(LOOP), nothing_seen)
    rows = made.engine.rows
    rows[BLOCK], rows[CYCLES], rows[INSTRUCTIONS] = number, 100 + 4, 50 + 4
    return made.harts[0]


def test_a_hart_knows_its_time_at_the_instruction_that_runs() -> None:
    hart = hart_in_block()
    rows = hart._rows
    seen = []
    for index in range(4):
        rows[PC] = BASE + 4 * index
        seen.append((hart.cycles, hart.instructions))
    assert seen == [(100, 50), (101, 51), (102, 52), (103, 53)]
    rows[PC] = 0
    assert (hart.cycles, hart.instructions) == (104, 54)


@pytest.mark.parametrize("executed", [0, 1, 3])
def test_leaving_a_block_takes_back_what_did_not_run(executed: int) -> None:
    hart = hart_in_block()
    at = BASE + 4 * executed
    hart.leave_block(at)
    assert (hart.clock, hart.instructions) == (100 + executed, 50 + executed)
    assert hart.block is not None
    assert hart.block.left_early == {(0, at): 1}


def test_leaving_a_block_takes_back_the_accesses_that_were_not_made() -> None:
    hart = hart_in_block()
    assert hart.block is not None
    hart.block.demands = ((1, 0), (0, 1), (0, 0), (0, 0))
    rows = hart._rows
    rows[ACCESSES], rows[UNIT_CYCLES] = 10, 10
    hart.leave_block(BASE + 4)
    assert (rows[ACCESSES], rows[UNIT_CYCLES]) == (10, 9)


def test_leaving_a_block_at_its_end_takes_nothing_back() -> None:
    hart = hart_in_block()
    hart.leave_block(BASE + 16)
    assert (hart.clock, hart.instructions) == (104, 54)
    assert hart.block is not None
    assert hart.block.left_early == {}


def test_leaving_for_an_address_outside_the_block_takes_nothing_back() -> None:
    hart = hart_in_block()
    hart.leave_block(0x8000_0000)
    assert hart.clock == 104


def test_blocks_that_were_left_early_are_counted_by_hart_and_address() -> None:
    made = machine({0: [Work(1), Load(0x4000_0000), Work(5)]})
    made.harts[0].csrs.write(0x305, made.entry(0) + 8)
    made.run()
    left = [block.left_early for block in made.blocks.blocks if block.left_early]
    assert left == [{(0, made.entry(0) + 4): 1}]
    (first, *_) = Statistics.of(made).harts
    assert first.instructions == sum(first.mix.values()) == 6


def test_a_trap_does_not_retire_its_instruction() -> None:
    made = machine({0: {0: [Work(2), ECALL], 0x100: [Answer(0x3410_2573), Work(1)]}})
    made.harts[0].csrs.write(0x305, made.entry(0) + 0x100)
    made.run()
    assert made.harts[0].instructions == 4
    assert made.engine.read_register(0, 10) == made.entry(0) + 4, "csrr a0, mepc"
    assert ecall().mnemonic == "ecall"


@pytest.mark.parametrize("written", [0x3000_0000, 0x3000_3000])
def test_code_that_a_device_writes_is_forgotten_wherever_it_can_be_seen(
    written: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alias = Span(0x3000_2000, 0x2000)
    made = machine({}, memories=[MemorySpec("code", 0x3000_0000, 0x1000, aliases=(alias,))])
    forgotten: list[tuple[int, int]] = []
    monkeypatch.setattr(made.engine, "forget_range", lambda *bounds: forgotten.append(bounds))
    made.bus.write(written + 4, b"data")
    assert forgotten == [], "nobody has run it"
    made.accesses.meet_block(0, 0x3000_2000, 8)
    made.bus.write(written + 4, b"code")
    made.bus.write(0x8000_0000, b"data")
    bases = (0x3000_0000, 0x3000_2000, 0x3000_3000)
    assert forgotten == [(base + 4, base + 8) for base in bases]
