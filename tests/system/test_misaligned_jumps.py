"""Jumps to between two words: an exception on harts without compressed instructions."""

from __future__ import annotations

import pytest

from tests.system.lab import DATA, board, run
from vplat.machine.outcome import Ending

both_probes = pytest.mark.parametrize("native", [True, False], ids=["native", "python"])
OPPOSITES = {
    "beq": "bne",
    "bne": "beq",
    "blt": "bge",
    "bge": "blt",
    "bltu": "bgeu",
    "bgeu": "bltu",
}
JAL_6, BEQ_6, BNE_6 = 0x0060_006F, 0x0000_0363, 0x0000_1363
"""Jumps and branches of x0 and x0 to 6 bytes further on."""


def trapped(jump: str, *, native: bool, isa: str = "rv32ima_zicsr_zifencei") -> list[int]:
    """What mcause, mepc less the jump's address, mtval less it, and minstret are in the handler.

    minstret is counted from the instruction before the jump on.
    """
    ran = run(
        f"""
        la   t0, handler
        csrw mtvec, t0
        li   s0, DATA
        la   a1, jump
        la   a2, jump + 6
        csrr s1, minstret
        jump:
        {jump}
        nop
        nop
        li   a0, 0
        j    finish
        .balign 4
        handler:
        csrr s2, minstret
        csrr t1, mcause
        sw   t1, 0(s0)
        csrr t1, mepc
        sub  t1, t1, a1
        sw   t1, 4(s0)
        csrr t1, mtval
        sub  t1, t1, a1
        sw   t1, 8(s0)
        sub  s2, s2, s1
        sw   s2, 12(s0)
        li   a0, 1
        j    finish
        """,
        on=board(isa=isa, user=False),
        native=native,
        march="rv32ima_zicsr_zifencei",
    )
    assert ran.outcome.ending is Ending.EXITED, ran.outcome.message
    return ran.words(DATA, 4) if ran.outcome.status else []


@both_probes
@pytest.mark.parametrize(
    "jump",
    [f".word {JAL_6:#x}", f".word {BEQ_6:#x}", "jr a2", "jalr ra, 0(a2)"],
    ids=["jal", "branch", "jr", "jalr"],
)
def test_the_exception_is_the_jumps(jump: str, native: bool) -> None:
    assert trapped(jump, native=native) == [0, 0, 6, 1]


@both_probes
def test_a_branch_that_is_not_taken_traps_not(native: bool) -> None:
    assert trapped(f".word {BNE_6:#x}", native=native) == []


@both_probes
@pytest.mark.parametrize(
    ("jump", "link"), [("jalr s1, 2(a2)", 7), ("jalr s1, 0(a2)", None)], ids=["offset", "register"]
)
def test_a_jump_that_says_it_may_go_astray_leaves_its_link_register_alone(
    jump: str, link: int | None, native: bool
) -> None:
    base = "handler - 4" if link else "handler - 2"
    ran = run(
        f"""
        la   t0, handler
        csrw mtvec, t0
        li   s1, 7
        la   a2, {base}
        jump:
        {jump}
        .balign 4
        handler:
        la   t0, jump + 4
        mv   a0, s1
        bne  s1, t0, finish
        li   a0, 99
        """,
        on=board(isa="rv32ima_zicsr_zifencei", user=False),
        native=native,
        march="rv32ima_zicsr_zifencei",
    )
    assert ran.outcome.status == (99 if link is None else link)


@both_probes
@pytest.mark.parametrize(
    ("operation", "first", "second"),
    [
        ("beq", 5, 5),
        ("bne", 5, 6),
        ("blt", -1, 1),
        ("bge", 1, -1),
        ("bltu", 1, -1),
        ("bgeu", -1, 1),
    ],
)
def test_an_odd_branch_goes_on_or_traps_by_its_operands(
    operation: str, first: int, second: int, native: bool
) -> None:
    functions = {"beq": 0, "bne": 1, "blt": 4, "bge": 5, "bltu": 6, "bgeu": 7}
    t0_t1_6_bytes_on = 6 << 20 | 5 << 15 | 0x363  # rs2 = t1, rs1 = t0, offset 6
    word = t0_t1_6_bytes_on | functions[operation] << 12
    traps = f"li t0, {first}\n li t1, {second}\n .word {word:#x}"
    opposite = f"{OPPOSITES[operation]}"
    word = t0_t1_6_bytes_on | functions[opposite] << 12
    goes_on = f"li t0, {first}\n li t1, {second}\n .word {word:#x}"
    for text, status in ((traps, 1), (goes_on, 0)):
        ran = run(
            f"""
            la   s0, handler
            csrw mtvec, s0
            {text}
            li   a0, 0
            j    finish
            .balign 4
            handler:
            csrr a0, mcause
            addi a0, a0, 1
            """,
            on=board(isa="rv32ima_zicsr_zifencei", user=False),
            native=native,
            march="rv32ima_zicsr_zifencei",
        )
        assert ran.outcome.status == status


@both_probes
def test_an_odd_jump_to_a_whole_word_is_a_jump(native: bool) -> None:
    ran = run(
        """
        la   a2, there - 2
        jalr s1, 2(a2)
        li   s2, 1
        there:
        la   t0, there - 4
        sub  a0, s1, t0
        add  a0, a0, s2
        """,
        on=board(isa="rv32ima_zicsr_zifencei", user=False),
        native=native,
        march="rv32ima_zicsr_zifencei",
    )
    assert ran.outcome.status == 0


@both_probes
def test_it_is_taken_each_time(native: bool) -> None:
    ran = run(
        """
        la   t0, handler
        csrw mtvec, t0
        li   s0, 5
        la   a2, again + 2
        again:
        addi s0, s0, -1
        beqz s0, done
        jr   a2
        handler:
        la   t0, again
        csrw mepc, t0
        addi s1, s1, 1
        mret
        done:
        mv   a0, s1
        """,
        on=board(isa="rv32ima_zicsr_zifencei"),
        native=native,
        march="rv32ima_zicsr_zifencei",
    )
    assert ran.outcome.status == 4


@both_probes
def test_with_compressed_instructions_it_is_a_place_like_any_other(native: bool) -> None:
    ran = run(
        """
        la   a2, there
        jr   a2
        .option push
        .option rvc
        c.nop
        there:
        c.li a0, 7
        c.nop
        .option pop
        """,
        native=native,
        march="rv32imac_zicsr_zifencei",
    )
    assert ran.outcome.status == 7


@both_probes
def test_without_a_handler_the_jump_is_named_in_the_crash(native: bool) -> None:
    ran = run(
        "la a2, finish\n addi a2, a2, 2\n jr a2",
        on=board(isa="rv32ima_zicsr_zifencei"),
        native=native,
        march="rv32ima_zicsr_zifencei",
    )
    assert ran.outcome.ending is Ending.CRASHED
    assert ran.outcome.trap is not None
    assert ran.outcome.trap.cause == 0
    assert ran.outcome.trap.pc == ran.outcome.trap.value - 2 - 4, "the jump is the word before"
    assert "where no instruction can begin" in ran.outcome.trap.detail
