"""ITA's register map: control registers, contexts, pages and aliases (`ita.md` section 2)."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.peripherals.ita_driver import (
    ACQUIRE,
    CTRL_STREAM,
    FINISHED,
    INPUT_PTR,
    OUTPUT_PTR,
    RESERVED,
    RUNNING_JOB,
    SOFT_CLEAR,
    STATUS,
    SW_EVENT,
    TILES,
    TRIGGER,
    Driver,
)
from vplat.errors import DeclarationError
from vplat.peripherals.ita import Ita

LOCKED, ALL_PENDING = 0xFFFF_FFFE, 0xFFFF_FFFF
COMMIT_ONLY = 1
PAGE = 0x100


@pytest.fixture
def ita() -> Driver:
    return Driver()


def test_after_reset_every_register_is_zero_and_trigger_reads_a_marker(ita: Driver) -> None:
    assert ita.get(TRIGGER) == 0xDEAD_BEEF
    for offset in (FINISHED, STATUS, RUNNING_JOB, SOFT_CLEAR, RESERVED, SW_EVENT):
        assert ita.get(offset) == 0
    for offset in range(INPUT_PTR, 0x64, 4):
        assert ita.get(offset) == 0
    assert ita.rules == []


def test_every_job_register_keeps_all_of_its_bits(ita: Driver) -> None:
    for offset in range(INPUT_PTR, 0x64, 4):
        ita.put(offset, 0xF0E1_D2C3 ^ offset)
    for offset in range(INPUT_PTR, 0x64, 4):
        assert ita.get(offset) == 0xF0E1_D2C3 ^ offset


def test_a_narrow_store_changes_only_its_bytes(ita: Driver) -> None:
    ita.put(0x3C, 0x1122_3344)
    ita.put(0x3D, 0xAA, size=1)
    assert ita.get(0x3C) == 0x1122_AA44
    ita.put(0x3E, 0xBBCC, size=2)
    assert ita.get(0x3C) == 0xBBCC_AA44
    assert ita.get(0x3E, size=2) == 0xBBCC
    assert ita.get(0x13C) == 0xBBCC_AA44


def test_registers_have_the_fields_of_the_data_sheet(ita: Driver) -> None:
    ita.put(TILES, 0x4321)
    tiles = ita.ita.tiles
    assert (tiles.tile_s, tiles.tile_e, tiles.tile_p, tiles.tile_f) == (1, 2, 3, 4)
    ita.put(0x3C, 0x0403_0201)
    multipliers = ita.ita.eps_mult0
    assert (multipliers.q, multipliers.k, multipliers.v, multipliers.qk) == (1, 2, 3, 4)
    ita.put(0x4C, 0x0403_0201)
    assert ita.ita.add0.qk == 4
    ita.put(0x48, 0x0403_0201)
    shifts = ita.ita.right_shift1
    assert (shifts.av, shifts.ow, shifts.f1, shifts.f2) == (1, 2, 3, 4)
    ita.put(0x54, 0b1001)
    assert Ita.ctrl_engine.describe(0b1001) == "layer=FEEDFORWARD activation=RELU"
    ita.put(0x58, 0b10110)
    assert Ita.ctrl_stream.describe(0b10110) == "weight_nextload bias_disable output_disable"
    ita.put(0x5C, 0xE44D_FFB0)
    assert (ita.ita.gelu_b_c.b, ita.ita.gelu_b_c.c) == (0xFFB0, 0xE44D)
    ita.put(0x60, 0x00EF_127F)
    requant = ita.ita.act_requant
    assert (requant.mult, requant.shift, requant.add) == (0x7F, 0x12, 0xEF)


def test_acquire_gives_ids_and_locks_until_the_commit(ita: Driver) -> None:
    assert [ita.get(ACQUIRE) for _ in range(3)] == [0, LOCKED, LOCKED]
    ita.put(TRIGGER, COMMIT_ONLY)
    assert [ita.get(ACQUIRE), ita.get(ACQUIRE)] == [1, LOCKED]


def test_acquire_says_that_all_contexts_are_pending(ita: Driver) -> None:
    for job_id in range(4):
        assert ita.get(ACQUIRE) == job_id
        ita.put(TRIGGER, COMMIT_ONLY)
    assert [ita.get(ACQUIRE), ita.get(ACQUIRE)] == [ALL_PENDING, ALL_PENDING]


def test_a_commit_without_acquire_is_legal(ita: Driver) -> None:
    ita.put(TRIGGER, COMMIT_ONLY)
    assert ita.get(ACQUIRE) == 0
    assert ita.rules == []


def test_job_ids_are_eight_bits_and_survive_a_clear_that_keeps_registers(ita: Driver) -> None:
    for job_id in itertools.chain(range(256), [0, 1]):
        assert ita.get(ACQUIRE) == job_id
        ita.clear(1)


def test_software_events_are_not_connected(ita: Driver) -> None:
    ita.put(SW_EVENT, 3)
    assert ita.rules == ["ita-software-event"]
    assert ita.get(SW_EVENT) == 0
    ita.put(RESERVED, 0xFFFF_FFFF)
    assert ita.get(RESERVED) == 0
    assert ita.bench.sent == []


def test_a_commit_shows_the_next_context_and_pages_show_each(ita: Driver) -> None:
    for context in range(4):
        ita.put(INPUT_PTR, 0x1000 * (context + 1))
        ita.put(TRIGGER, COMMIT_ONLY)
    ita.clear(1)
    ita.put(INPUT_PTR, 0x5000)
    pages = [ita.get(INPUT_PTR + PAGE * page) for page in range(8)]
    contexts = [0x5000, 0x2000, 0x3000, 0x4000]
    assert pages == [contexts[0], *contexts, *contexts[:3]]


def test_control_registers_repeat_on_every_page_and_above_bit_10(ita: Driver) -> None:
    assert ita.get(ACQUIRE + 3 * PAGE) == 0
    assert ita.get(ACQUIRE + 0x800) == LOCKED
    ita.put(TRIGGER + 2 * PAGE, COMMIT_ONLY)
    assert ita.get(ACQUIRE) == 1
    ita.put(INPUT_PTR + 0x1800, 0x1234)
    assert ita.get(INPUT_PTR) == ita.get(INPUT_PTR + 2 * PAGE) == 0x1234
    assert ita.rules == []


def test_a_store_to_a_page_reaches_the_context_being_programmed_and_is_reported(
    ita: Driver,
) -> None:
    ita.put(INPUT_PTR + PAGE, 0x1111)
    assert ita.rules == []
    ita.put(INPUT_PTR + 3 * PAGE + 1, 0x22, size=1)
    assert ita.get(INPUT_PTR) == 0x2211
    assert ita.get(INPUT_PTR + 3 * PAGE) == 0
    assert ita.rules == ["ita-page-write"]
    assert "context 2" in ita.sentence
    assert "INPUT_PTR of context 0" in ita.sentence


def test_an_offset_behind_the_last_register_reaches_the_contexts_that_follow(ita: Driver) -> None:
    ita.put(0x64, 0xAAAA_AAAA)
    assert "INPUT_PTR of context 1" in ita.sentence
    ita.put(0xFC + 2, 0xBBBB, size=2)
    assert "OUTPUT_PTR of context 3" in ita.sentence
    assert ita.get(INPUT_PTR + 2 * PAGE) == 0xAAAA_AAAA
    assert ita.get(OUTPUT_PTR + 4 * PAGE) == 0xBBBB_0000
    assert ita.get(0xFC) == 0xBBBB_0000
    assert set(ita.rules) == {"ita-alias"}


def test_words_behind_all_contexts_keep_what_is_stored(ita: Driver) -> None:
    for _ in range(3):
        ita.put(TRIGGER, COMMIT_ONLY)
    ita.put(0x64, 0x5555_5555)
    assert "behind all contexts" in ita.sentence
    assert ita.get(0x64) == 0x5555_5555
    assert ita.get(0x464) == 0x5555_5555
    assert [ita.get(INPUT_PTR + PAGE * page) for page in range(1, 5)] == [0] * 4


LANES = [(0, 4), (0, 2), (2, 2), (0, 1), (1, 1), (2, 1), (3, 1)]
COMMIT = ("commit", 0, 4, 0)


@st.composite
def accesses(draw: st.DrawFn) -> tuple[str, int, int, int]:
    """A store or load of 1, 2 or 4 bytes at a page and a word behind the control registers."""
    what = draw(st.sampled_from(["store", "load"]))
    low, size = draw(st.sampled_from(LANES))
    offset = 0x100 * draw(st.integers(0, 7)) + 4 * draw(st.integers(8, 63)) + low
    return what, offset, size, draw(st.integers(0, (1 << 8 * size) - 1))


@given(
    st.lists(accesses() | st.just(COMMIT), max_size=30),
    st.sampled_from([("2025-04", 4, 17, 128), ("2024-08", 2, 14, 64)]),
)
def test_the_register_file_is_one_memory_that_pages_look_into(
    steps: list[tuple[str, int, int, int]], shape: tuple[str, int, int, int]
) -> None:
    revision, contexts, registers, words = shape
    driver = Driver(revision=revision)
    memory, programming = bytearray(4 * words), 0
    for what, offset, size, value in steps:
        if what == "commit":
            programming = (programming + 1) % contexts
            driver.put(TRIGGER, COMMIT_ONLY)
            continue
        page = offset // 0x100 % (2 * contexts) if what == "load" else 0
        context = (page - 1) % contexts if page else programming
        word = (context * registers + offset % 0x100 // 4 - 8) % words
        place = slice(4 * word + offset % 4, 4 * word + offset % 4 + size)
        if what == "store":
            memory[place] = value.to_bytes(size, "little")
            driver.put(offset, value, size=size)
        else:
            assert driver.get(offset, size=size) == int.from_bytes(memory[place], "little")


def test_the_first_release_has_fourteen_registers_in_two_contexts() -> None:
    ita = Driver(revision="2024-08")
    assert [ita.get(ACQUIRE), ita.get(ACQUIRE)] == [0, LOCKED]
    for offset in range(INPUT_PTR, CTRL_STREAM, 4):
        ita.put(offset, offset)
    assert ita.rules == []
    assert ita.ita.ctrl_stream_2024_08.word == 0x54
    ita.put(TRIGGER, COMMIT_ONLY)
    assert [ita.get(0x120), ita.get(0x220), ita.get(0x320)] == [0x20, 0, 0x20]
    assert ita.get(ACQUIRE) == 1
    ita.put(TRIGGER, COMMIT_ONLY)
    assert ita.get(ACQUIRE) == ALL_PENDING
    assert ita.rules == []
    assert ita.get(CTRL_STREAM) == 0
    assert "INPUT_PTR of context 1" in ita.sentence


def test_an_intermediate_revision_has_the_current_map_in_two_contexts() -> None:
    ita = Driver(contexts=2)
    ita.put(0x60, 7)
    for _ in range(2):
        ita.put(TRIGGER, COMMIT_ONLY)
    assert ita.get(ACQUIRE) == ALL_PENDING
    assert ita.get(0x60) == 7


def test_the_board_sets_how_much_of_the_bus_it_decodes() -> None:
    assert Driver().ita.ports[""].size == 0x400
    assert Driver(revision="2024-08", window_bytes=0x58).ita.ports[""].size == 0x58


@pytest.mark.parametrize(
    "parameters",
    [{"revision": "2023"}, {"contexts": 3}, {"softmax_shift": 4}, {"softmax_unit": 128}],
)
def test_a_parameter_that_no_hardware_has_is_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(DeclarationError, match=next(iter(parameters))):
        Driver(**parameters)
