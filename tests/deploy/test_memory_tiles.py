"""Tiles of one layer: they fit L1, hide what can be hidden, and take what a simulation takes."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vplat.deploy.layers import Buffer, Cost
from vplat.deploy.layers import Tiling as ListedTiling
from vplat.deploy.memory import (
    Axis,
    Direction,
    Engine,
    Option,
    Rates,
    TileBuffer,
    TiledLayer,
    Tiling,
    Transfer,
    Work,
    amount,
    choose_tiling,
    expected_cycles,
    select,
    tile,
)
from vplat.errors import DeployError
from vplat.plugins import Plugins
from vplat.session.boards import find_board

PLUGINS = Plugins(installed=False)
RATES = {name: Rates.of(find_board(name, PLUGINS)) for name in ("snitch-ita", "pulp-ita")}
ARENA = 120 * 1024
TILE = 64


def product(
    rows: int, columns: int, inner: int, rates: Rates, *, waits: bool = False
) -> TiledLayer:
    """A product on ITA, whose left operand comes in tiles; its weights are stored as tiles."""
    assert rates.ita is not None
    jobs = amount(Fraction(rates.ita.inner_job, TILE**3), "rows", "columns", "inner")
    last = amount(Fraction(rates.ita.output_job - rates.ita.inner_job, TILE**2), "rows", "columns")
    left, out = (amount(Fraction(1, TILE), "rows", axis) for axis in ("inner", "columns"))
    return TiledLayer(
        "product",
        (
            Axis("rows", rows, TILE),
            Axis("columns", columns, TILE),
            Axis("inner", inner, -(-inner // TILE) * TILE),
        ),
        (
            TileBuffer(
                "left",
                amount(1, "rows", "inner"),
                Transfer(Direction.LOAD, rows=left),
                may_wait=waits,
            ),
            TileBuffer("right", amount(1, "columns", "inner"), Transfer(Direction.LOAD)),
            TileBuffer("bias", amount(3, "columns"), Transfer(Direction.LOAD)),
            TileBuffer("out", amount(1, "rows", "columns"), Transfer(Direction.STORE, rows=out)),
        ),
        (Work(Engine.ITA, jobs + last),),
        setup=amount(100),
    )


def by_rows(rows: int, columns: int, cycles: int = 2) -> TiledLayer:
    """A layer of the cores, row by row."""
    size = amount(1, "rows", "columns")
    return TiledLayer(
        "norm",
        (Axis("rows", rows), Axis("columns", columns, columns)),
        (
            TileBuffer("x", size, Transfer(Direction.LOAD)),
            TileBuffer("y", size, Transfer(Direction.STORE)),
        ),
        (Work(Engine.CORES, size * cycles),),
        setup=amount(50),
    )


def stripes(tiling: Tiling) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """Number and size of the tile along each axis, for one stripe after the other."""
    counts = [range(axis.count) for axis in tiling.axes]
    for numbers in itertools.product(*counts):
        at = {axis.name: number for axis, number in zip(tiling.axes, numbers, strict=True)}
        yield (
            at,
            {
                axis.name: axis.last if at[axis.name] == axis.count - 1 else axis.tile
                for axis in tiling.axes
            },
        )


def simulate(layer: TiledLayer, tiling: Tiling, rates: Rates) -> float:
    """The pipeline phase by phase: who starts a stripe when, and how long each phase takes."""
    loads: list[float] = []
    stores: list[float] = []
    works: list[list[int]] = []
    sequence = list(stripes(tiling))
    seen: dict[str, tuple[int, ...]] = {}
    for number, (at, sizes) in enumerate(sequence):
        moved = {Direction.LOAD: 0.0, Direction.STORE: 0.0}
        for buffer in layer.buffers:
            if buffer.transfer is None:
                continue
            axes = [axis.name for axis in tiling.axes if axis.name in buffer.bytes.axes]
            here = tuple(at[name] for name in axes)
            if buffer.transfer.direction is Direction.LOAD:
                due = seen.get(buffer.name) != here
            else:
                after = sequence[number + 1][0] if number + 1 < len(sequence) else None
                due = after is None or tuple(after[name] for name in axes) != here
            seen[buffer.name] = here
            if due:
                cycles: float = rates.dma.cycles(
                    buffer.bytes.value(sizes), buffer.transfer.rows.value(sizes)
                )
                moved[buffer.transfer.direction] += cycles - rates.dma.latency
        loads.append(moved[Direction.LOAD] + rates.dma.latency * (moved[Direction.LOAD] > 0))
        stores.append(moved[Direction.STORE] + rates.dma.latency * (moved[Direction.STORE] > 0))
        works.append([work.cycles.value(sizes) for work in layer.works])
    stages = len(layer.works)
    total = 0.0
    for phase in range(len(sequence) + stages + 1):
        load = loads[phase] if phase < len(loads) else 0.0
        stored = phase - stages - 1
        store = stores[stored] if stored >= 0 else 0.0
        dma = max(load, store) if rates.dma.duplex else load + store
        busy = [
            works[phase - 1 - stage][stage]
            for stage in range(stages)
            if 0 <= phase - 1 - stage < len(works)
        ]
        total += max([dma, *busy]) + layer.setup.value({})
    return total


def check(layer: TiledLayer, tiling: Tiling, room: int) -> None:
    """Tiles cover the axes, and no two buffers of L1 overlap."""
    for axis in layer.axes:
        cut = tiling.axis(axis.name)
        assert cut.tile % axis.granularity == cut.last % axis.granularity == 0
        assert 0 < cut.last <= cut.tile
        covered = (cut.count - 1) * cut.tile + cut.last
        assert axis.extent <= covered < axis.extent + axis.granularity
    taken = []
    for buffer in layer.buffers:
        cut_buffer = tiling.buffer(buffer.name)
        sizes = {axis.name: axis.tile for axis in tiling.axes}
        assert cut_buffer.bytes == buffer.bytes.value(sizes)
        assert len(cut_buffer.offsets) <= buffer.copies
        for offset in cut_buffer.offsets:
            assert offset % buffer.alignment == 0
            taken.append((offset, offset + cut_buffer.bytes))
    taken.sort()
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(taken))
    assert max(end for _, end in taken) == tiling.arena <= room


extents = st.integers(1, 700)
boards = st.sampled_from(sorted(RATES))


@settings(max_examples=40)
@given(boards, extents, extents, st.integers(1, 320), st.booleans())
def test_tiles_of_a_product_fit_and_cover_it(
    board: str, rows: int, columns: int, inner: int, waits: bool
) -> None:
    layer = product(rows, columns, inner, RATES[board], waits=waits)
    tiling = tile(layer, RATES[board], ARENA)
    check(layer, tiling, ARENA)
    assert tiling == tile(layer, RATES[board], ARENA)


@settings(max_examples=40)
@given(boards, extents, extents, st.integers(1, 320))
def test_the_estimate_is_what_a_simulation_of_the_phases_takes(
    board: str, rows: int, columns: int, inner: int
) -> None:
    layer = product(rows, columns, inner, RATES[board])
    tiling = tile(layer, RATES[board], ARENA)
    assert tiling.cycles == pytest.approx(simulate(layer, tiling, RATES[board]), rel=0.2)


@settings(max_examples=25)
@given(boards, st.integers(1, 600), st.integers(1, 1000), st.integers(1, 8))
def test_the_estimate_of_a_layer_cut_along_one_axis_is_close(
    board: str, rows: int, columns: int, cycles: int
) -> None:
    layer = by_rows(rows, columns, cycles)
    tiling = tile(layer, RATES[board], ARENA)
    check(layer, tiling, ARENA)
    assert tiling.cycles == pytest.approx(simulate(layer, tiling, RATES[board]), rel=0.1, abs=60)


@settings(max_examples=25)
@given(boards, extents, extents, st.integers(1, 200))
def test_more_room_is_never_slower(board: str, rows: int, columns: int, inner: int) -> None:
    layer = product(rows, columns, inner, RATES[board], waits=True)
    small, large = (tile(layer, RATES[board], room) for room in (64 * 1024, 120 * 1024))
    assert large.cycles <= small.cycles


def test_a_large_product_on_the_paper_s_cluster_keeps_ita_busy() -> None:
    rates = RATES["snitch-ita"]
    tiling = tile(product(512, 512, 256, rates), rates, ARENA)
    busy = dict(tiling.busy)
    assert busy[Engine.ITA] > 0.9 * tiling.cycles
    assert tiling.is_optimal


def test_a_layer_that_fits_as_a_whole_is_not_double_buffered() -> None:
    rates = RATES["snitch-ita"]
    tiling = tile(product(64, 64, 64, rates), rates, ARENA)
    assert all(len(each.offsets) == 1 for each in tiling.buffers)
    assert tiling.phases == 3


def test_one_copy_is_taken_where_two_would_make_tiles_too_small() -> None:
    rates = RATES["snitch-ita"]
    with pytest.raises(DeployError):
        tile(product(256, 128, 512, rates), rates, ARENA)
    tiling = tile(product(256, 128, 512, rates, waits=True), rates, ARENA)
    assert len(tiling.buffer("left").offsets) == 1
    assert len(tiling.buffer("right").offsets) in (1, 2)


def test_a_reduction_is_the_innermost_loop() -> None:
    rates = RATES["snitch-ita"]
    layer = product(256, 256, 1024, rates)
    inner = Axis("inner", 1024, TILE, reduction=True)
    layer = dataclasses.replace(layer, axes=(*layer.axes[:2], inner))
    tiling = tile(layer, rates, ARENA)
    check(layer, tiling, ARENA)
    cut = [axis.name for axis in tiling.axes if axis.count > 1]
    assert cut[-1] == "inner"


def test_a_layer_too_large_names_itself_the_bytes_and_its_buffers() -> None:
    rates = RATES["snitch-ita"]
    with pytest.raises(DeployError) as caught:
        tile(product(64, 64, 2048, rates), rates, ARENA)
    needed = 2 * 64 * 2048 + 64 * 3 + 4096
    assert str(caught.value).startswith(
        f"layer 'product' does not fit L1: with its smallest tiles (rows 64, columns 64, inner "
        f"2048) it needs {needed:,} bytes and {ARENA:,} are free, so {needed - ARENA:,} bytes are "
        "missing; the largest buffers are 'left' (131,072 bytes), 'right' (131,072 bytes)"
    )


def test_buffers_that_take_turns_within_a_phase_share_l1() -> None:
    rates = RATES["snitch-ita"]
    size = amount(1, "rows", "columns")
    layer = TiledLayer(
        "attention",
        (Axis("rows", 256, 256), Axis("columns", 256, 256)),
        (
            TileBuffer("q", size, copies=1, lifetime=(0, 1)),
            TileBuffer("logits", size, copies=1, lifetime=(1, 2)),
            TileBuffer("o", size, copies=1, lifetime=(2, 3)),
        ),
        (Work(Engine.ITA, size),),
    )
    tiling = tile(layer, rates, 2 * 256 * 256)
    assert tiling.arena == 2 * 256 * 256


def test_a_faster_option_is_found_that_first_fit_cannot_arrange() -> None:
    lifetimes = [(0, 6), (4, 6), (2, 4), (0, 2), (1, 3), (5, 7), (3, 5)]
    sizes = [3, 5, 4, 6, 2, 7, 3]
    tangled = tuple(
        Buffer(f"x{number}", 64 * size, first=first, last=last)
        for number, (size, (first, last)) in enumerate(zip(sizes, lifetimes, strict=True))
    )
    options = [Option(2000, (Buffer("y", 64),)), Option(1000, tangled)]
    least = options[1].least
    selected = select("layer", options, least)
    assert (selected.number, selected.is_optimal) == (1, True)
    assert selected.arena <= least
    for one, two in itertools.combinations(tangled, 2):
        if one.first <= two.last and two.first <= one.last:
            low, high = sorted((one, two), key=lambda each: selected.offsets[each.name])
            assert selected.offsets[low.name] + low.bytes <= selected.offsets[high.name]
    assert select("layer", options, least - 1).number == 0


def test_the_tiling_that_a_layer_lists_is_chosen_by_the_board_s_figures() -> None:
    moves_twice = ListedTiling({"rows": 64}, (Buffer("x", 4096),), Cost(10_000, 1 << 17, 32, 16))
    moves_once = ListedTiling({"rows": 8}, (Buffer("x", 512),), Cost(12_000, 1 << 16, 32, 128))
    chosen, selected = choose_tiling("l", [moves_twice, moves_once], RATES["snitch-ita"], ARENA)
    assert chosen is moves_twice
    assert selected.offsets == {"x": 0}
    assert choose_tiling("l", [moves_twice, moves_once], RATES["pulp-ita"], ARENA)[0] is moves_once
    assert choose_tiling("l", [moves_twice, moves_once], RATES["snitch-ita"], 1024)[0] is moves_once
    with pytest.raises(DeployError, match=r"smallest tiles \(rows 8\) it needs 512 bytes"):
        choose_tiling("l", [moves_twice, moves_once], RATES["snitch-ita"], 100)


def test_waiting_for_memory_outside_l1_is_priced() -> None:
    rates = RATES["pulp-ita"]
    inside, outside = Cost(compute_cycles=1000), Cost(compute_cycles=1000, outside_bytes=8000)
    assert expected_cycles(outside, rates) - expected_cycles(inside, rates) == 8000 * 13 // 8
