"""The CSRs of one hart: which there are, who may touch them, and what their fields can hold."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.machine.board import HartsSpec
from vplat.machine.csr import (
    FCSR,
    FFLAGS,
    FRM,
    MACHINE,
    MCAUSE,
    MCOUNTEREN,
    MCOUNTINHIBIT,
    MCYCLE,
    MENVCFG,
    MEPC,
    MHARTID,
    MIE,
    MINSTRET,
    MIP,
    MISA,
    MSCRATCH,
    MSTATUS,
    MSTATUS_FS,
    MSTATUS_MIE,
    MSTATUS_MPIE,
    MSTATUS_MPP,
    MSTATUS_MPRV,
    MSTATUS_SD,
    MSTATUS_TW,
    MSTATUSH,
    MTVAL,
    MTVEC,
    USER,
    CsrFile,
    NoSuchCsr,
)
from vplat.machine.isa import Isa

CYCLE, TIME, INSTRET = 0xC00, 0xC01, 0xC02
WORD = 0xFFFF_FFFF
ISAS = ("rv32imafc_zicsr_zifencei", "rv32ima_zicsr_zifencei", "rv32imc_zicsr")


@dataclasses.dataclass
class FakeHart:
    """A hart whose answers a test sets."""

    privilege: int = MACHINE
    cycles: int = 0
    instructions: int = 0
    pending: int = 0
    time: int = 0
    float_status: int = 0
    float_csrs: dict[int, int] = dataclasses.field(default_factory=dict)
    changes: int = 0
    dumped: list[tuple[int, int]] = dataclasses.field(default_factory=list)

    def set_float_status(self, value: int) -> None:
        """mstatus.FS."""
        self.float_status = value

    def read_float_csr(self, number: int) -> int:
        """fflags, frm or fcsr."""
        return self.float_csrs.get(number, 0)

    def interrupts_changed(self) -> None:
        """Count it."""
        self.changes += 1

    def dump(self, number: int, value: int) -> None:
        """Note it."""
        self.dumped.append((number, value))


def csrs(
    isa: str = ISAS[0], *, user: bool = True, index: int = 0, first_id: int = 0
) -> tuple[CsrFile, FakeHart]:
    """The CSRs of a hart, and the hart."""
    hart = FakeHart()
    spec = HartsSpec(8, Isa.parse(isa, user_mode=user), first_id, vendor_id=0x602)
    return CsrFile(spec, index, hart), hart


KNOWN = (MSTATUS, MISA, MIE, MTVEC, MEPC, MCAUSE, MCYCLE, MHARTID, FFLAGS, CYCLE, TIME, 0x7A0)
numbers = st.integers(0, 0xFFF) | st.sampled_from(KNOWN)
values = st.integers(0, WORD)
files = st.tuples(st.sampled_from(ISAS), st.booleans())


@given(files, st.lists(st.tuples(numbers, values), max_size=30))
def test_no_sequence_of_writes_leaves_an_illegal_value(
    kind: tuple[str, bool], writes: list[tuple[int, int]]
) -> None:
    isa, user = kind
    file, _ = csrs(isa, user=user)
    interesting = (MSTATUS, MIE, MTVEC, MEPC, MCAUSE, MCOUNTEREN, MCOUNTINHIBIT, MISA)
    for number, value in writes:
        for target in (number, interesting[number % len(interesting)]):
            try:
                file.write(target, value)
            except NoSuchCsr:
                continue
            assert_legal(file, isa, user)


def assert_legal(file: CsrFile, isa: str, user: bool) -> None:
    """Every WARL and WLRL field holds a value it can hold (privileged specification, 3.1)."""
    mstatus = file.read(MSTATUS)
    writable = MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP
    if user:
        writable |= MSTATUS_MPRV | MSTATUS_TW
    if "f" in isa.partition("_")[0][4:]:
        writable |= MSTATUS_FS | MSTATUS_SD
    assert mstatus & ~writable == 0
    assert mstatus >> 11 & 3 in ((MACHINE, USER) if user else (MACHINE,))
    assert (mstatus >> 31) == (mstatus >> 13 & 3 == 3), "SD says that FS is dirty"
    assert file.read(MIE) & ~0xFFFF_0888 == 0
    assert file.read(MTVEC) & 2 == 0
    assert file.read(MEPC) & (1 if "c" in isa.partition("_")[0] else 3) == 0
    assert file.read(MCAUSE) & ~0x8000_001F == 0
    assert file.read(MCOUNTINHIBIT) & ~5 == 0
    assert file.read(MISA) == Isa.parse(isa, user_mode=user).misa
    if user:
        assert file.read(MCOUNTEREN) & ~7 == 0


@given(files, numbers, values, st.sampled_from([MACHINE, USER]))
def test_a_write_that_is_refused_changes_nothing(
    kind: tuple[str, bool], number: int, value: int, privilege: int
) -> None:
    file, hart = csrs(kind[0], user=kind[1])
    before = {each: file.peek(each) for each in range(0x1000)}
    hart.privilege = privilege
    try:
        file.write(number, value)
    except NoSuchCsr:
        assert {each: file.peek(each) for each in range(0x1000)} == before
        with pytest.raises(NoSuchCsr):
            file.check_writable(number)
    else:
        file.check_writable(number)


@given(files, numbers, st.sampled_from([MACHINE, USER]))
def test_what_can_be_read_is_what_exists_and_the_privilege_allows(
    kind: tuple[str, bool], number: int, privilege: int
) -> None:
    file, hart = csrs(kind[0], user=kind[1])
    hart.privilege = privilege
    exists = file.peek(number) is not None
    allowed = privilege >= number >> 8 & 3
    counter = 0xC00 <= number < 0xCA0
    if exists and allowed and not (counter and privilege == USER):
        assert 0 <= file.read(number) <= WORD
    else:
        with pytest.raises(NoSuchCsr):
            file.read(number)


@given(numbers)
def test_read_only_numbers_cannot_be_written(number: int) -> None:
    file, _ = csrs()
    with pytest.raises(NoSuchCsr):
        file.write(number | 0xC00, 0)


@pytest.mark.parametrize(
    ("number", "value"),
    [(MHARTID, 35), (0xF11, 0x602), (0xF12, 0), (0xF13, 0), (0xF15, 0), (MSTATUSH, 0)],
)
def test_identities_are_those_of_the_board(number: int, value: int) -> None:
    file, _ = csrs(index=3, first_id=32)
    assert file.read(number) == value


@pytest.mark.parametrize(
    "number",
    [
        0x000,  # ustatus, of the N extension
        0x100,  # sstatus
        0x180,  # satp
        0x301 + 0x10,  # nothing
        0x302,  # medeleg, without supervisor mode
        0x3A0,  # pmpcfg0
        0x3B0,  # pmpaddr0
        0x7B0,  # dcsr, outside of debug mode
        0xB01,
        0xC20,
    ],
)
def test_csrs_that_these_harts_lack_do_not_exist(number: int) -> None:
    file, _ = csrs()
    with pytest.raises(NoSuchCsr):
        file.read(number)
    assert file.peek(number) is None


def test_csrs_of_an_extension_come_with_it() -> None:
    with_all, hart = csrs("rv32imafc_zicsr", user=True)
    without, _ = csrs("rv32imc_zicsr", user=False)
    hart.float_csrs = {FFLAGS: 3, FRM: 1, FCSR: 0x23}
    assert [with_all.peek(number) for number in (FFLAGS, FRM, FCSR)] == [3, 1, 0x23]
    assert with_all.read(MENVCFG) == 0
    assert [without.peek(number) for number in (FFLAGS, MENVCFG, MCOUNTEREN)] == [None] * 3


def test_plain_registers_hold_what_is_written() -> None:
    file, _ = csrs()
    for number in (MSCRATCH, MTVAL):
        file.write(number, 0xDEAD_BEEF)
        assert file.read(number) == 0xDEAD_BEEF


def test_mip_shows_the_lines_and_cannot_be_written() -> None:
    file, hart = csrs()
    hart.pending = 0x8000_0880
    file.write(MIP, 0)
    assert file.read(MIP) == 0x8000_0880


@pytest.mark.parametrize("number", [MSTATUS, MIE])
def test_whatever_enables_interrupts_makes_the_hart_look(number: int) -> None:
    file, hart = csrs()
    file.write(number, 0x888)
    assert hart.changes == 1


def test_an_illegal_previous_privilege_leaves_the_old_one() -> None:
    file, _ = csrs()
    file.write(MSTATUS, MSTATUS_MPP)
    file.write(MSTATUS, 1 << 11)
    assert file.read(MSTATUS) & MSTATUS_MPP == MSTATUS_MPP
    file.write(MSTATUS, 0)
    file.write(MSTATUS, 2 << 11)
    assert file.read(MSTATUS) & MSTATUS_MPP == 0


def test_the_float_status_is_the_harts() -> None:
    file, hart = csrs()
    file.write(MSTATUS, 1 << 13)
    assert hart.float_status == 1
    hart.float_status = 3
    assert file.read(MSTATUS) == MSTATUS_FS | MSTATUS_SD


def test_a_board_without_floats_has_no_float_status() -> None:
    file, hart = csrs("rv32imc_zicsr")
    file.write(MSTATUS, MSTATUS_FS)
    assert (file.read(MSTATUS) & (MSTATUS_FS | MSTATUS_SD), hart.float_status) == (0, 0)


@pytest.mark.parametrize(("written", "mode"), [(0, 0), (1, 1), (2, 0), (3, 1)])
def test_a_reserved_mode_of_mtvec_reads_back_as_a_legal_one(written: int, mode: int) -> None:
    file, _ = csrs()
    assert not file.mtvec_written
    file.write(MTVEC, 0x8000_0100 | written)
    assert file.read(MTVEC) == 0x8000_0100 | mode
    assert file.mtvec_written


# Counters.


def test_counters_follow_the_hart() -> None:
    file, hart = csrs()
    hart.cycles, hart.instructions, hart.time = 0x1_2345_6789, 0x2_0000_0001, 0x3_0000_0002
    assert [file.read(number) for number in (MCYCLE, MCYCLE + 0x80)] == [0x2345_6789, 1]
    assert [file.read(number) for number in (CYCLE, CYCLE + 0x80)] == [0x2345_6789, 1]
    assert [file.read(number) for number in (MINSTRET, INSTRET, INSTRET + 0x80)] == [1, 1, 2]
    assert [file.read(number) for number in (TIME, TIME + 0x80)] == [2, 3]


@given(
    st.lists(
        st.tuples(st.sampled_from(["run", "low", "high", "inhibit"]), st.integers(0, WORD)),
        max_size=20,
    )
)
def test_mcycle_counts_from_what_was_written_while_it_is_not_inhibited(
    steps: list[tuple[str, int]],
) -> None:
    file, hart = csrs()
    expected, inhibited = 0, False
    for kind, value in steps:
        if kind == "run":
            hart.cycles += value
            expected += 0 if inhibited else value
        elif kind == "low":
            file.write(MCYCLE, value)
            expected = expected & WORD << 32 | value
        elif kind == "high":
            file.write(MCYCLE + 0x80, value)
            expected = expected & WORD | value << 32
        else:
            inhibited = bool(value & 1)
            file.write(MCOUNTINHIBIT, value & 1)
        expected &= (1 << 64) - 1
        assert file.read(MCYCLE + 0x80) << 32 | file.read(MCYCLE) == expected


def test_minstret_counts_the_instruction_after_the_one_that_wrote_it() -> None:
    file, hart = csrs()
    hart.instructions = 70
    file.write(MINSTRET, 5)
    hart.instructions += 1
    assert file.read(MINSTRET) == 5, "the write itself is not counted"
    hart.instructions += 1
    assert file.read(MINSTRET) == 6


def test_an_inhibited_minstret_stands_still() -> None:
    file, hart = csrs()
    hart.instructions = 10
    file.write(MCOUNTINHIBIT, 4)
    hart.instructions += 50
    assert file.read(MINSTRET) == 10
    file.write(MINSTRET, 99)
    assert file.read(INSTRET) == 99
    file.write(MCOUNTINHIBIT, 0)
    hart.instructions += 1
    assert file.read(MINSTRET) == 100


@pytest.mark.parametrize("number", [CYCLE, TIME, INSTRET, CYCLE + 0x80, TIME + 0x80])
def test_user_mode_reads_counters_only_where_mcounteren_lets_it(number: int) -> None:
    file, hart = csrs()
    bit = 1 << (number & 3)
    file.write(MCOUNTEREN, 7 & ~bit)
    hart.privilege = USER
    with pytest.raises(NoSuchCsr):
        file.read(number)
    hart.privilege = MACHINE
    file.write(MCOUNTEREN, bit)
    hart.privilege = USER
    assert file.read(number) == 0


def test_performance_counters_that_are_not_implemented_read_zero() -> None:
    file, _ = csrs()
    for number in (0x323, 0x33F, 0xB03, 0xB1F, 0xB83, 0xB9F):
        file.write(number, WORD)
        assert file.read(number) == 0
    assert file.read(0xC1F) == file.read(0xC9F) == 0


def test_there_is_no_trigger() -> None:
    file, _ = csrs()
    for number in (0x7A0, 0x7A1, 0x7A4):
        file.write(number, WORD)
        assert file.read(number) == 0


def test_a_custom_csr_can_be_added() -> None:
    file, hart = csrs()
    kept = [7]
    file.add(0x7C0, lambda: kept[-1], kept.append)
    file.add(0xFC0, lambda: 42, None)
    file.write(0x7C0, 9)
    assert (file.read(0x7C0), file.read(0xFC0)) == (9, 42)
    with pytest.raises(NoSuchCsr):
        file.write(0xFC0, 1)
    hart.privilege = USER
    with pytest.raises(NoSuchCsr):
        file.read(0x7C0)


@given(numbers, values)
def test_a_csr_that_does_not_exist_is_dumped_where_the_board_wants_that(
    number: int, value: int
) -> None:
    hart = FakeHart()
    spec = HartsSpec(9, Isa.parse(ISAS[1]), dumps_unknown_csrs=True)
    file, (plain, _) = CsrFile(spec, 0, hart), csrs(ISAS[1], user=False)
    try:
        plain.read(number)
    except NoSuchCsr:
        file.write(number, value)
        assert file.read(number) == 0
        assert hart.dumped == [(number, value)]
        assert file.peek(number) is None, "there is nothing for people to see"
    else:
        file.read(number)
        assert hart.dumped == []
