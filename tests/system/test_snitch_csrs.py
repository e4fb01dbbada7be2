"""CSRs of the Snitch boards, and what becomes of those that do not exist."""

from __future__ import annotations

import dataclasses

from tests.system.snitch_lab import assemble, board, run


def dumps(text: str, native: bool) -> list[tuple[int, int, int]]:
    """What a program dumps: hart, CSR, value."""
    ran = run(assemble(text), native=native)
    assert ran.status == 0
    return [(each.hart, each.csr, each.value) for each in ran.machine.dumps]


def test_a_write_to_a_csr_that_does_not_exist_is_dumped(native: bool) -> None:
    text = """
        csrr t0, mhartid
        li   t1, 3
        bltu t1, t0, rest
        li   t2, 0x12345678
        csrw 0x7c3, t2
        csrwi 0x7c3, 9
        csrr t3, 0x7c3          # reads 0
        csrrs t4, 0x801, t2
        csrrc t5, 0xcff, t2     # a read-only number, and clears what reads 0
        or   a0, t3, t4
        or   a0, a0, t5
        csrr x0, 0x7c3
        bnez t0, rest
        li   t1, 3000
    1:  addi t1, t1, -1
        bnez t1, 1b
        j    finish
    """
    found = dumps(text, native)
    expected = [(0x7C3, 0x1234_5678), (0x7C3, 9), (0x801, 0x1234_5678), (0xCFF, 0)]
    for hart in range(4):
        assert [each[1:] for each in found if each[0] == hart] == expected
    assert len(found) == 16


def test_counters_of_cycles_and_instructions_are_no_dumps(native: bool) -> None:
    text = """
        csrr t0, mhartid
        bnez t0, rest
        csrr t1, mcycle
        csrr t2, minstret
        csrr t3, mcycle
        csrr t4, minstret
        sub  t3, t3, t1
        sub  t4, t4, t2
        addi t4, t4, -2
        li   a0, 1
        beqz t3, finish
        mv   a0, t4
        j    finish
    """
    assert dumps(text, native) == []


def test_other_boards_trap_where_a_csr_does_not_exist(native: bool) -> None:
    base = board()
    traps = dataclasses.replace(
        base, harts=dataclasses.replace(base.harts, dumps_unknown_csrs=False)
    )
    ran = run(assemble("csrwi 0x7c3, 1\nj rest"), traps, native=native)
    assert ran.outcome.trap is not None
    assert ran.outcome.trap.cause == 2
