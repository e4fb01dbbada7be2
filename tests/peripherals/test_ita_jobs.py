"""ITA's jobs: when they touch memory, what a driver's mistakes come to, what is accounted for."""

from __future__ import annotations

import numpy as np
import pytest

from tests.peripherals.ita_driver import (
    BIAS_PTR,
    BIASES,
    CTRL_ENGINE,
    CTRL_STREAM,
    EPS_MULT0,
    INPUT,
    INPUT_PTR,
    NEXT_WEIGHTS,
    NEXTLOAD,
    NO_BIAS,
    NO_OUTPUT,
    OUTPUT,
    OUTPUT_PTR,
    PRELOAD,
    RIGHT_SHIFT0,
    SINGLE_ATTENTION,
    STATUS,
    STORED_CYCLES,
    TILE,
    TILES,
    TRIGGER,
    WEIGHT_PTR0,
    WEIGHT_PTR1,
    WEIGHTS,
    Driver,
    identity,
    random_tile,
)

LAST_BEAT = TILE - 128
TWO_INNER_TILES = {TILES: 0x1121, CTRL_STREAM: PRELOAD | NO_BIAS | NO_OUTPUT}


@pytest.fixture
def ita() -> Driver:
    driver = Driver()
    driver.fill(INPUT, identity())
    driver.fill(WEIGHTS, random_tile())
    return driver


def hole(driver: Driver, start: int, length: int) -> None:
    driver.bench.bus.holes.append(range(start, start + length))


# Memory.


def test_the_output_is_in_memory_when_busy_falls_and_not_before(ita: Driver) -> None:
    ita.commit()
    ita.bench.advance(STORED_CYCLES - 1)
    assert not ita.tile(OUTPUT).any()
    ita.bench.advance(1)
    assert (ita.tile(OUTPUT) == random_tile().T).all()
    assert len(ita.events) == 1


def test_operands_are_those_in_memory_when_busy_rises(ita: Driver) -> None:
    ita.program()
    ita.fill(WEIGHTS, random_tile(2))
    ita.put(TRIGGER, 0)
    ita.fill(WEIGHTS, random_tile(3))
    ita.bench.settle()
    assert (ita.tile(OUTPUT) == random_tile(2).T).all()


def test_pointers_are_offsets_from_the_pointer_base() -> None:
    ita = Driver(pointer_base=0x1000_0000)
    ita.fill(0x1000_0000 + INPUT, identity())
    ita.fill(0x1000_0000 + WEIGHTS, random_tile())
    ita.run()
    assert (ita.tile(0x1000_0000 + OUTPUT) == random_tile().T).all()


@pytest.mark.parametrize(
    ("register", "name", "length"),
    [
        (INPUT_PTR, "INPUT_PTR", TILE),
        (WEIGHT_PTR0, "WEIGHT_PTR0", TILE),
        (WEIGHT_PTR1, "WEIGHT_PTR1", 1024),
        (BIAS_PTR, "BIAS_PTR", 192),
        (OUTPUT_PTR, "OUTPUT_PTR", TILE),
    ],
)
def test_a_pointer_to_where_nothing_answers_is_reported_with_its_register(
    ita: Driver, register: int, name: str, length: int
) -> None:
    hole(ita, 0x8000_0040, length)
    ita.run({register: 0x8000_0000, CTRL_STREAM: PRELOAD | NEXTLOAD})
    assert ita.rules == ["ita-pointer"]
    assert f"job 0 (context 0, MATMUL): {name} 0x80000000." in ita.sentence
    assert "0x80000040" in ita.sentence
    assert len(ita.events) == 1


def test_the_beats_that_are_refused_read_as_zeros_and_the_others_count(ita: Driver) -> None:
    hole(ita, INPUT + LAST_BEAT, 128)
    ita.run()
    expected = random_tile().T.copy()
    expected[62:] = 0
    assert (ita.tile(OUTPUT) == expected).all()


def test_the_rows_of_an_output_that_are_refused_are_dropped(ita: Driver) -> None:
    hole(ita, OUTPUT + TILE - 64, 64)
    ita.run()
    ita.bench.bus.holes.clear()
    expected = random_tile().T.copy()
    expected[63] = 0
    assert (ita.tile(OUTPUT) == expected).all()


def test_what_lies_behind_the_biases_is_read_and_not_missed(ita: Driver) -> None:
    biases = np.arange(64, dtype="<i4").reshape(64, 1).view(np.uint8)[:, :3].tobytes()
    ita.bench.bus.write(BIASES, biases)
    ita.fill(WEIGHTS, np.zeros((64, 64), np.int8))
    hole(ita, BIASES + 192, 32)
    ita.run()
    assert ita.rules == []
    assert (ita.tile(OUTPUT) == np.arange(64)).all()


def test_a_port_that_leads_to_the_tcdm_alone_reaches_nothing_else() -> None:
    ita = Driver(memory_base=INPUT, memory_size=4 * TILE)
    ita.fill(INPUT, identity())
    ita.fill(WEIGHTS, random_tile())
    ita.run()
    assert ita.rules == ["ita-pointer"]
    assert "OUTPUT_PTR 0x00005000" in ita.sentence
    assert "outside of the accelerator's memory (0x00001000..0x00004fff)" in ita.sentence
    assert "dropped" in ita.sentence
    assert not ita.tile(OUTPUT).any()


def test_a_pointer_out_of_the_memory_is_reported_when_its_job_is_committed() -> None:
    ita = Driver(memory_base=INPUT, memory_size=4 * TILE)
    ita.commit({BIAS_PTR: 0x7000_0000})
    assert ita.rules == ["ita-pointer", "ita-pointer"]
    assert "BIAS_PTR 0x70000000" in ita.bench.reports[0][1]
    ita.bench.settle()
    assert len(ita.rules) == 2, "and not once more when the job runs"


def test_a_port_with_few_address_bits_takes_a_pointer_out_of_the_memory_for_one_in_it() -> None:
    ita = Driver(memory_base=0x1000_0000, memory_size=0x2_0000, memory_wraps=True)
    ita.bench.bus.write(0x1000_0000 + INPUT, identity().tobytes())
    ita.bench.bus.write(0x1000_0000 + WEIGHTS, random_tile().tobytes())
    ita.run()
    assert ita.rules == ["ita-pointer"] * 4, "input, weights, biases, output"
    assert f"takes {OUTPUT:#010x} for {0x1000_0000 + OUTPUT:#010x}" in ita.sentence
    assert (ita.tile(0x1000_0000 + OUTPUT) == random_tile().T).all()


def test_a_tile_across_the_end_of_a_memory_that_wraps_goes_on_at_its_beginning() -> None:
    ita = Driver(memory_base=0, memory_size=0x8000, memory_wraps=True)
    ita.fill(INPUT, identity())
    ita.fill(WEIGHTS, random_tile())
    ita.run({OUTPUT_PTR: 0x8000 - TILE // 2})
    expected = random_tile().T
    whole = ita.bench.bus.read(0x8000 - TILE // 2, TILE // 2) + ita.bench.bus.read(0, TILE // 2)
    assert whole == expected.tobytes()
    assert "0x00008000, outside" in ita.sentence


def test_a_tile_that_reaches_past_the_port_s_memory_is_reported_where_that_ends() -> None:
    ita = Driver(memory_base=INPUT, memory_size=4 * TILE + 64)
    ita.run()
    assert "0x00005040" in ita.sentence


# Mistakes.


def test_an_output_before_the_last_inner_tile_keeps_busy_high(ita: Driver) -> None:
    ita.commit({TILES: 0x1121})
    ita.commit({TILES: 0x1121, CTRL_STREAM: 0})
    ita.bench.settle()
    assert ita.rules == ["ita-output-before-last-inner-tile"]
    assert "CTRL_STREAM 0x00000001, TILES 0x00001121" in ita.sentence
    assert "(ita.md section 2.4)" in ita.sentence
    assert ita.events == []
    assert ita.get(STATUS) == 0x101
    assert ita.ita.doing() == "MATMUL tile 1/1, inner 1/2 hangs, 1 job queued"


def test_no_output_on_the_last_inner_tile_keeps_busy_high(ita: Driver) -> None:
    ita.run({CTRL_STREAM: PRELOAD | NO_OUTPUT})
    assert ita.rules == ["ita-no-output-on-last-inner-tile"]
    assert ita.events == []


def test_a_soft_clear_ends_a_job_that_hangs_and_not_the_engine(ita: Driver) -> None:
    ita.run({CTRL_STREAM: PRELOAD | NO_OUTPUT})
    ita.clear(0)
    assert [edge.level for edge in ita.bench.sent] == [1, 0]
    assert ita.ita.doing() == "stuck in the middle of a tile until a hard reset"
    ita.clear(0)
    assert ita.rules[1:] == ["ita-clear-while-running"]
    assert ita.ita.activities == {"busy_cycles": 284 + 2, "matmul_cycles": 284 + 2}


def test_preload_after_nextload_is_reported_and_uses_the_left_over_weights(ita: Driver) -> None:
    ita.fill(NEXT_WEIGHTS, random_tile(2))
    ita.commit({CTRL_STREAM: PRELOAD | NEXTLOAD})
    ita.commit()
    ita.bench.settle()
    assert ita.rules == ["ita-weights-left-over"]
    assert "job 1 (context 1, MATMUL): CTRL_STREAM 0x00000001" in ita.sentence
    left_over = np.concatenate([random_tile(2)[:16], random_tile()[:48]])
    assert (ita.tile(OUTPUT) == left_over.T).all()


def test_weights_that_arrive_after_the_prefetch_are_reported(ita: Driver) -> None:
    ita.commit({CTRL_STREAM: PRELOAD | NEXTLOAD})
    ita.program({WEIGHT_PTR0: NEXT_WEIGHTS, CTRL_STREAM: 0})
    ita.bench.advance(STORED_CYCLES // 2)
    ita.fill(NEXT_WEIGHTS, random_tile(2))
    ita.put(TRIGGER, 0)
    ita.bench.settle()
    assert ita.rules == ["ita-prefetch-too-early"]
    assert not ita.tile(OUTPUT)[:, :16].any()
    assert (ita.tile(OUTPUT)[:, 16:] == random_tile(2)[16:].T).all()


def test_tiles_that_are_not_written_when_the_job_before_ends_are_reported(ita: Driver) -> None:
    ita.run(TWO_INNER_TILES)
    assert ita.rules == ["ita-loop-cut-short"]
    assert "job 1 (context 1): TILES 0x00000000" in ita.sentence


def test_tiles_that_pass_by_a_wrong_value_between_two_jobs_are_reported(ita: Driver) -> None:
    ita.commit({TILES: 0x1131, CTRL_STREAM: PRELOAD | NO_BIAS | NO_OUTPUT})
    ita.put(TILES, 0x1131)
    ita.bench.settle()
    assert ita.rules == []
    ita.put(TILES, 0x1111)
    assert ita.rules == ["ita-loop-cut-short"]


def test_a_layer_that_changes_within_a_sequence_is_reported(ita: Driver) -> None:
    ita.commit(TWO_INNER_TILES)
    ita.commit({TILES: 0x1121, CTRL_ENGINE: 0, CTRL_STREAM: PRELOAD | NO_BIAS})
    ita.bench.settle()
    assert ita.rules == ["ita-layer-changed"]
    assert "CTRL_ENGINE 0x00000000" in ita.sentence


def test_bias_disable_cleared_only_after_the_job_before_is_reported(ita: Driver) -> None:
    ita.program({CTRL_STREAM: PRELOAD | NO_BIAS})
    ita.put(CTRL_STREAM, PRELOAD)
    ita.put(TRIGGER, 0)
    ita.program({CTRL_STREAM: PRELOAD | NO_BIAS})
    ita.bench.settle()
    assert ita.rules == ["ita-late-bias"]
    ita.put(CTRL_STREAM, PRELOAD)
    ita.put(TRIGGER, 0)
    ita.bench.settle()
    assert ita.rules == ["ita-late-bias"] * 2
    assert "job 1 (context 1, MATMUL): CTRL_STREAM 0x00000001" in ita.sentence
    ita.run()
    assert len(ita.rules) == 2


def test_a_soft_clear_that_shows_a_stale_bias_disable_counts_too(ita: Driver) -> None:
    ita.run({CTRL_STREAM: PRELOAD | NO_BIAS})
    ita.clear(1)
    ita.run()
    assert ita.rules == ["ita-late-bias"]


def test_an_unaligned_pointer_is_reported_and_rounded_down(ita: Driver) -> None:
    ita.run({OUTPUT_PTR: OUTPUT + 3})
    assert ita.rules == ["ita-pointer-unaligned"]
    assert "OUTPUT_PTR 0x00005003" in ita.sentence
    assert (ita.tile(OUTPUT) == random_tile().T).all()


# What it tells.


def test_a_job_is_accounted_for_when_it_ends(ita: Driver) -> None:
    ita.commit()
    assert ita.ita.activities == {"busy_cycles": 0}
    ita.bench.settle()
    assert ita.ita.activities == {
        "busy_cycles": STORED_CYCLES,
        "matmul_cycles": STORED_CYCLES,
        "jobs": 1,
        "macs": 262144,
        "matmul_macs": 262144,
        "tcdm_reads": 162,
        "tcdm_writes": 128,
    }


def test_a_job_that_is_stopped_has_been_busy_and_done_nothing(ita: Driver) -> None:
    ita.commit()
    ita.bench.advance(99)
    ita.clear(0)
    assert ita.ita.activities == {"busy_cycles": 101, "matmul_cycles": 101}


def test_it_says_what_it_does(ita: Driver) -> None:
    assert ita.ita.doing() == ""
    for _ in range(3):
        changes = {CTRL_ENGINE: SINGLE_ATTENTION, CTRL_STREAM: PRELOAD | NO_BIAS | NO_OUTPUT}
        ita.commit({TILES: 0x1213} | changes)
    assert ita.ita.doing() == "QK tile 1/3, inner 1/2, row block 1/3, 2 jobs queued"


def test_a_snapshot_in_mid_layer_goes_on_like_the_original() -> None:
    original, copy = (Driver() for _ in range(2))
    for driver in (original, copy):
        driver.fill(INPUT, random_tile(1))
        driver.fill(WEIGHTS, random_tile(2))
    original.run(TWO_INNER_TILES | {TILES: 0x1131})
    copy.ita.restore(original.ita.snapshot())
    copy.bench.now = original.bench.now
    outputs = []
    for driver in (original, copy):
        driver.bench.reports.clear()
        driver.run({TILES: 0x1131, RIGHT_SHIFT0: 0xC, CTRL_STREAM: PRELOAD | NO_BIAS})
        outputs.append(driver.tile(OUTPUT))
    assert (outputs[0] == outputs[1]).all()
    assert original.rules == copy.rules
    assert original.ita.snapshot()["words"] == copy.ita.snapshot()["words"]
    assert original.ita.engine.state() == copy.ita.engine.state()


def test_a_snapshot_shares_nothing_with_the_device(ita: Driver) -> None:
    before = ita.ita.snapshot()
    ita.run(TWO_INNER_TILES)
    ita.ita.restore(before)
    assert ita.ita.engine.sequence.inner == 0
    assert ita.get(INPUT_PTR + 0x100) == 0


# The two softmaxes.


def attention_row(ita: Driver, logits: list[int]) -> int:
    """Half of what AV makes of a row of ``logits`` when all values are 1."""
    keys = np.tile(np.array(logits, np.int8)[:, None], (1, 64))
    ita.fill(INPUT, identity())
    ita.fill(WEIGHTS, keys)
    ita.fill(NEXT_WEIGHTS, np.ones((64, 64), np.int8))
    shared = {TILES: 0x1111, CTRL_ENGINE: SINGLE_ATTENTION, CTRL_STREAM: PRELOAD | NO_BIAS}
    ita.commit(shared | {OUTPUT_PTR: INPUT + 0x8000})
    ita.commit(shared | {INPUT_PTR: INPUT + 0x8000, WEIGHT_PTR0: NEXT_WEIGHTS, RIGHT_SHIFT0 + 4: 1})
    ita.bench.settle()
    assert ita.rules == []
    return int(ita.tile(OUTPUT)[0, 0])


def test_the_softmax_has_the_unit_and_the_shift_of_its_revision_or_the_board() -> None:
    equal = [0] * 64
    # 64 equal logits sum up to 16384, which gives 65280 // 16384 = 3, or 32512 // 16384 = 1.
    assert attention_row(Driver(), equal) == 3 * 64 // 2
    assert attention_row(Driver(softmax_unit=127), equal) == 1 * 64 // 2
    peak = [0] + [-16] * 63
    # A distance of 16 counts nothing, or with a shift of 5 half: 65280 // (256 + 63 * 128) = 7.
    assert attention_row(Driver(), peak) == 127
    assert attention_row(Driver(softmax_shift=5), peak) == (7 + 63 * (7 >> 1)) // 2


def test_the_first_release_runs_attention_with_its_own_softmax() -> None:
    ita = Driver(revision="2024-08")
    assert ita.ita.engine.revision.softmax_shift == 5
    assert ita.ita.engine.revision.softmax_unit == 127
    ita.fill(INPUT, identity())
    ita.fill(WEIGHTS, random_tile())
    for offset, value in {
        INPUT_PTR: INPUT,
        WEIGHT_PTR0: WEIGHTS,
        OUTPUT_PTR: OUTPUT,
        TILES: 0x111,
        EPS_MULT0: 1,
        0x54: PRELOAD | NO_BIAS,
    }.items():
        ita.put(offset, value)
    ita.put(TRIGGER, 0)
    assert ita.ita.doing() == "Q tile 1/1"
    ita.bench.settle()
    assert (ita.tile(OUTPUT) == random_tile().T).all()
    assert ita.rules == []
