"""Following a hart without running it, on machines whose memory holds real code."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit import machine_samples as samples
from tests.unit.elf_builder import CODE as CODE_SEGMENT
from tests.unit.elf_builder import build_elf
from tests.unit.rv32_code import A0, A1, T0, T1, X0, addi, branch, decoded, lw, read_csr, sw
from vplat.machine.elf import Firmware
from vplat.machine.explain.endless import endless_polls
from vplat.machine.explain.looks import FIRST_LOOK, next_look
from vplat.machine.explain.polls import polled
from vplat.machine.explain.walk import Walk, walk
from vplat.machine.isa import Instruction
from vplat.testing import ScriptedMachine, Work

CODE, DATA, OTHER = 0x8000_8000, 0x8000_9000, 0x8000_9004
MCYCLE, MIP, MHARTID, MSCRATCH = 0xB00, 0x344, 0xF14, 0x340
WFI = 0x1050_0073
AMOSWAP_A0_T0_A1 = 0x0855_A52F
TO_ITSELF = branch(0, X0, X0, 0)
BACK_4 = branch(0, X0, X0, -4)
POLL = [lw(A0, 0, A1), branch(0, A0, X0, -4)]
"""While the word at a1 is 0."""


def machine(*programs: Sequence[Instruction]) -> ScriptedMachine:
    """One running hart a program, about to execute it; a1 points to ``DATA``, t1 to ``OTHER``."""
    made = samples.machine({hart: [Work(1)] for hart in range(len(programs))})
    for hart, program in enumerate(programs):
        address = CODE + 0x100 * hart
        code = b"".join(each.word.to_bytes(4, "little") for each in program)
        made.bus.load_image(address, code)
        made.engine.jump(hart, address)
        made.engine.write_register(hart, A1, DATA)
        made.engine.write_register(hart, T1, OTHER)
    return made


def put(made: ScriptedMachine, address: int, value: int) -> None:
    made.bus.load_image(address, value.to_bytes(4, "little"))


def strict(*program: Instruction) -> Walk:
    return walk(machine(program), 0, strict=True)


def test_a_poll_is_a_closed_loop_of_its_two_instructions() -> None:
    found = strict(*POLL)
    assert found.is_closed
    assert {step.pc for step in found.loop} == {CODE, CODE + 4}
    assert found.changed == frozenset()


def test_a_poll_whose_value_has_come_is_followed_beyond() -> None:
    made = machine([*POLL, TO_ITSELF])
    put(made, DATA, 3)
    assert {step.pc for step in walk(made, 0, strict=True).loop} == {CODE + 8}


def test_a_loop_that_counts_is_not_closed() -> None:
    found = strict(addi(T0, T0, 1), *POLL, branch(0, X0, X0, -12))
    closed = strict(addi(T0, T0, 1), lw(A0, 0, A1), branch(0, A0, X0, -8))
    assert found.is_closed  # it counts once, then it polls
    assert not closed.is_closed
    assert closed.loop == ()


def test_a_loop_that_counts_is_still_found_when_it_is_only_to_be_explained() -> None:
    made = machine([addi(T0, T0, 1), lw(A0, 0, A1), branch(0, A0, X0, -8)])
    found = walk(made, 0, strict=False)
    assert not found.is_closed
    assert [step.pc - CODE for step in found.loop] in ([0, 4, 8], [4, 8, 0], [8, 0, 4])


def test_stores_that_come_to_the_same_each_round_close_the_loop() -> None:
    found = strict(addi(T0, X0, 5), sw(T0, T1), lw(A0, 0, A1), branch(0, A0, X0, -12))
    assert found.is_closed
    assert ("ram", OTHER - 0x8000_0000) in found.changed


def test_stores_of_what_is_there_change_nothing() -> None:
    found = strict(sw(X0, T1), lw(A0, 0, A1), branch(0, A0, X0, -8))
    assert found.is_closed
    assert found.changed == frozenset()
    assert ("ram", OTHER - 0x8000_0000) in found.touched


def test_a_taken_lock_that_is_swapped_with_itself_closes_the_loop() -> None:
    swap = decoded(AMOSWAP_A0_T0_A1)
    made = machine([addi(T0, X0, 1), swap, branch(1, A0, X0, -4)])
    put(made, DATA, 1)
    found = walk(made, 0, strict=True)
    assert found.is_closed
    assert found.changed == frozenset()


def test_a_free_lock_is_taken_once() -> None:
    made = machine([addi(T0, X0, 1), decoded(AMOSWAP_A0_T0_A1), branch(1, A0, X0, -4)])
    found = walk(made, 0, strict=True)
    assert ("ram", DATA - 0x8000_0000) in found.changed
    assert not found.is_closed


@pytest.mark.parametrize(
    ("program", "obstacle"),
    [
        ([read_csr(A0, MCYCLE), BACK_4], "changes by itself"),
        ([decoded(0x73)], "ecall, which is not followed"),
        ([decoded(WFI)], "wfi, which is not followed"),
        ([decoded(0)], "an instruction that traps"),
        ([decoded(MSCRATCH << 20 | 1 << 12 | A0 << 15 | 0x73)], "a write to a CSR"),
        ([addi(A1, X0, 64), lw(A0, 0, A1)], "an access that traps"),
        ([addi(A1, X0, 64), decoded(0x0005_8067)], "a jump to where no instruction is"),
    ],
)
def test_what_is_not_certain_is_not_followed(program: Sequence[Instruction], obstacle: str) -> None:
    found = strict(*program)
    assert not found.is_closed
    assert obstacle in found.obstacle


@pytest.mark.parametrize("number", [MIP, MHARTID, MSCRATCH])
def test_csrs_that_only_change_when_somebody_does_something_are_followed(number: int) -> None:
    assert strict(read_csr(A0, number), BACK_4).is_closed


def test_wfi_is_passed_while_an_enabled_interrupt_is_pending() -> None:
    made = machine([decoded(WFI), BACK_4])
    made.harts[0].csrs.write(0x304, 8)
    made.harts[0].lines = 8
    assert walk(made, 0, strict=True).is_closed


def test_a_register_without_behaviours_is_followed_and_others_are_not() -> None:
    for address, closed in ((samples.CHIME, True), (samples.STAMP, False), (samples.GATE, False)):
        made = machine(POLL)
        made.engine.write_register(0, A1, address)
        assert walk(made, 0, strict=True).is_closed == closed
    assert samples.beacon(made).issued == []


def test_nobody_is_told_of_loads_that_are_only_followed() -> None:
    made = machine(POLL)
    made.engine.write_register(0, A1, samples.CHIME)
    before = made.snapshot().devices
    walk(made, 0, strict=True)
    walk(made, 0, strict=False)
    assert made.snapshot().devices == before


def test_harts_that_poll_different_words_are_endless() -> None:
    assert endless_polls(machine(POLL, POLL)) == (0, 1)


def test_a_hart_that_changes_what_another_one_polls_is_not() -> None:
    writer = [addi(T0, X0, 1), sw(T0, A1), lw(A0, 0, T1), branch(0, A0, X0, -4)]
    assert walk(machine(POLL, writer), 1, strict=True).is_closed
    assert endless_polls(machine(POLL, writer)) == ()


def test_nothing_is_endless_while_something_is_due() -> None:
    made = machine(POLL)
    assert endless_polls(made) == (0,)
    made.schedule(1_000_000_000, samples.beacon(made).shine, (1,))
    assert endless_polls(made) == ()


def test_nothing_is_endless_while_an_interrupt_is_to_be_taken() -> None:
    made = machine(POLL)
    samples.enable_interrupts(made, 0, handler=CODE, mie=8)
    made.harts[0].set_line(3, 1, 0)
    assert endless_polls(made) == ()


def test_a_loop_without_a_load_is_nobodys_poll() -> None:
    assert endless_polls(machine([TO_ITSELF])) == ()
    assert endless_polls(machine([TO_ITSELF], POLL)) == (1,)


def test_looks_are_ever_further_apart_and_depend_on_the_cycle_alone() -> None:
    looks = [0]
    while looks[-1] < 1 << 40:
        looks.append(next_look(looks[-1]))
    assert looks[1:5] == [FIRST_LOOK << octave for octave in range(4)]
    assert len(looks) < 30
    for earlier, later in itertools.pairwise(looks):
        assert next_look((earlier + later) // 2) == later
        assert next_look(later - 1) == later


@pytest.mark.parametrize(
    ("program", "until"),
    [
        (POLL, "it != 0x0"),
        ([lw(A0, 0, A1), branch(1, A0, X0, -4)], "it == 0x0"),
        ([lw(A0, 0, A1), decoded(0x0045_7513), branch(0, A0, X0, -8)], "(it & 0x4) != 0x0"),
        ([lw(A0, 0, A1), addi(A0, A0, -7), branch(1, A0, X0, -8)], "it == 0x7"),
        ([lw(A0, 0, A1), decoded(0x01F5_1513), branch(5, A0, X0, -8)], "(it & 0x1) == 0x1"),
    ],
)
def test_what_ends_a_poll_is_told(program: Sequence[Instruction], until: str) -> None:
    made = machine(program)
    put(made, DATA, 8 if until == "it == 0x0" else 0)
    found = walk(made, 0, strict=True)
    assert found.is_closed
    (poll,) = polled(made, found.loop)
    assert (poll.address, poll.until) == (DATA, until)
    assert poll.name == "a word of ram"


def test_a_word_with_a_symbol_is_named_after_it() -> None:
    made = machine(POLL)
    image = build_elf(
        [(CODE, bytes(0x2000), CODE_SEGMENT)], symbols={"flag": (DATA, 4)}, entry=CODE
    )
    made.firmware = Firmware.parse(image, Path("a.elf"))
    (poll,) = polled(made, walk(made, 0, strict=True).loop)
    assert poll.name == "flag in ram"
