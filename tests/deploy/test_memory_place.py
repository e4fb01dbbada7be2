"""Homes of tensors: placements are valid, alike for alike input, and no worse than first fit."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vplat.deploy.memory import Buffer, Memory, Placement, memories_of, place, place_by_first_fit
from vplat.errors import DeployError
from vplat.plugins import Plugins
from vplat.session.boards import find_board

STEPS = 8
NEAR, FAR = Memory("l2", 0x1C00_0000, 8192, 256, 13), Memory("l3", 0x8000_0000, 1 << 20, 0, 57)


@st.composite
def lists_of_buffers(draw: st.DrawFn) -> list[Buffer]:
    """Up to 24 buffers; some constant, some of one memory only, some in the place of another."""
    found: list[Buffer] = []
    for number in range(draw(st.integers(1, 24))):
        steps = draw(st.lists(st.integers(0, STEPS - 1), min_size=2, max_size=2).map(sorted))
        buffer = Buffer(
            name=f"buffer {number}",
            bytes=draw(st.integers(0, 3000)),
            memories=draw(st.sampled_from([("l2", "l3"), ("l3",), ("l3", "l2")])),
            lifetime=draw(st.sampled_from([None, (steps[0], steps[1])])),
            alignment=draw(st.sampled_from([1, 16, 64, 256])),
            traffic=draw(st.one_of(st.none(), st.integers(0, 100_000))),
        )
        if found and draw(st.integers(0, 4)) == 0:
            other = draw(st.sampled_from(found))
            buffer = dataclasses.replace(
                buffer,
                inside=other.name,
                offset=256 * draw(st.integers(0, 2)),
                memories=other.memories,
            )
        found.append(buffer)
    return found


def check(placement: Placement, buffers: list[Buffer], memories: tuple[Memory, ...]) -> None:
    """Inside a memory, aligned, at the distance asked for, and never two at one byte and time."""
    by_name = {each.name: each for each in memories}
    root = {each.name: each.name for each in buffers}
    for buffer in buffers:
        if buffer.inside:
            root[buffer.name] = root[buffer.inside]
            here, there = placement[buffer.name], placement[buffer.inside]
            assert (here.memory, here.address) == (there.memory, there.address + buffer.offset)
    assert [each.buffer for each in placement.placed] == buffers
    for each in placement.placed:
        memory = by_name[each.memory]
        assert each.memory in each.buffer.memories
        assert memory.base + memory.reserved <= each.address
        assert each.address + each.buffer.bytes <= memory.base + memory.size
        assert each.address % each.buffer.alignment == 0
    for step in range(STEPS):
        alive = [each for each in placement.placed if each.buffer.is_alive(step)]
        for one in alive:
            for two in alive:
                if root[one.buffer.name] < root[two.buffer.name]:
                    apart = one.end <= two.address or two.end <= one.address
                    assert apart, (one, two)


@settings(max_examples=60)
@given(lists_of_buffers())
def test_a_placement_never_overlaps_in_time_and_address_and_stays_inside_aligned(
    buffers: list[Buffer],
) -> None:
    check(place(buffers, (NEAR, FAR)), buffers, (NEAR, FAR))


@settings(max_examples=25)
@given(lists_of_buffers())
def test_equal_buffers_get_equal_places(buffers: list[Buffer]) -> None:
    assert place(buffers, (NEAR, FAR)) == place(list(buffers), (NEAR, FAR))


@settings(max_examples=60)
@given(lists_of_buffers())
def test_a_placement_is_not_worse_than_first_fit(buffers: list[Buffer]) -> None:
    greedy = place_by_first_fit(buffers, (NEAR, FAR))
    assert greedy is not None
    check(greedy, buffers, (NEAR, FAR))
    found = place(buffers, (NEAR, FAR))
    assert found.cost <= greedy.cost
    if [each.memory for each in found.placed] == [each.memory for each in greedy.placed]:
        assert all(found.peak(name) <= greedy.peak(name) for name in ("l2", "l3"))


@settings(max_examples=60)
@given(lists_of_buffers(), st.integers(0, 4000))
def test_what_does_not_fit_is_refused_with_the_bytes_that_are_missing(
    buffers: list[Buffer], size: int
) -> None:
    small = Memory("l3", 0x8000_0000, size)
    buffers = [dataclasses.replace(each, memories=("l3",)) for each in buffers]
    layers = [f"layer {number}" for number in range(STEPS)]
    if place_by_first_fit(buffers, (small,)) is not None:
        check(place(buffers, (small,), layers), buffers, (small,))
        return
    try:
        check(place(buffers, (small,), layers), buffers, (small,))
    except DeployError as error:
        told = re.match(r"l3 is ([0-9,]+) bytes too small: layer 'layer \d' needs ", str(error))
    else:
        return
    assert told
    missing = int(told[1].replace(",", ""))
    assert missing > 0
    larger = Memory("l3", 0x8000_0000, size + missing)
    check(place(buffers, (larger,)), buffers, (larger,))


def test_buffers_that_take_turns_share_their_bytes() -> None:
    buffers = [Buffer(f"x{step}", 3072, ("l2",), (step, step + 1)) for step in range(6)]
    placement = place(buffers, (NEAR,))
    assert placement.is_optimal
    assert placement.peak("l2") == 2 * 3072


def test_first_fit_is_bettered_where_its_order_leaves_a_gap() -> None:
    lifetimes = [(0, 6), (4, 6), (2, 4), (0, 2), (1, 3), (5, 7), (3, 5)]
    sizes = [3, 5, 4, 6, 2, 7, 3]
    buffers = [
        Buffer(f"x{number}", 64 * size, ("l2",), lifetime)
        for number, (size, lifetime) in enumerate(zip(sizes, lifetimes, strict=True))
    ]
    most = max(sum(each.bytes for each in buffers if each.is_alive(step)) for step in range(STEPS))
    placement = place(buffers, (NEAR,))
    assert placement.is_optimal
    assert placement.peak("l2") == most


def test_the_nearer_memory_holds_what_is_moved_most() -> None:
    buffers = [
        Buffer("weights", 6000, ("l2", "l3")),
        Buffer("read often", 5000, ("l2", "l3"), traffic=50_000),
    ]
    placement = place(buffers, (NEAR, FAR))
    assert (placement["weights"].memory, placement["read often"].memory) == ("l3", "l2")
    assert placement.cost == 50_000 * 13 + 6000 * 57
    assert placement.is_optimal


def test_a_choice_that_greed_misses_is_found() -> None:
    room = Memory("l2", 0, 1000, 0, 1)
    sizes = (("a", 600, 700), ("b", 500, 550), ("c", 500, 550))
    buffers = [
        Buffer(name, size, ("l2", "l3"), alignment=4, traffic=moved) for name, size, moved in sizes
    ]
    placement = place(buffers, (room, Memory("l3", 1 << 20, 4096, 0, 2)))
    assert [placement[name].memory for name in "abc"] == ["l3", "l2", "l2"]


def test_a_result_in_place_takes_no_bytes_of_its_own() -> None:
    buffers = [
        Buffer("x", 4096, ("l2",), (0, 1)),
        Buffer("y", 4096, ("l2",), (1, 2), inside="x"),
        Buffer("half of y", 2048, ("l2",), (2, 3), inside="y", offset=2048),
    ]
    placement = place(buffers, (NEAR,))
    assert placement.peak("l2") == 4096
    assert placement["half of y"].address == placement["x"].address + 2048


def test_the_refusal_names_layer_memory_bytes_and_the_largest_buffers() -> None:
    buffers = [
        Buffer("x", 3000, ("l2",), (0, 1)),
        Buffer("scores", 5000, ("l2",), (1, 2)),
        Buffer("late", 4000, ("l2",), (2, 2)),
        Buffer("weights", 2000, ("l2",)),
    ]
    with pytest.raises(DeployError) as caught:
        place(buffers, (NEAR,), ("embedding", "attention", "sum"))
    sentence = str(caught.value)
    assert "layer 'sum' needs 11,000 bytes there and 7,936 are free" in sentence
    assert "'scores' (5,000 bytes), 'late' (4,000 bytes), 'weights' (2,000 bytes)" in sentence
    assert "'x'" not in sentence
    assert sentence.startswith("l2 is 3,")


@pytest.mark.parametrize(
    ("buffer", "told"),
    [
        (Buffer("x", 4, ("l9",)), "may be in"),
        (Buffer("x", 4, ("l2",), (3, 2)), "ends before it begins"),
        (Buffer("x", 4, ("l2",), alignment=48), "no power of 2"),
        (Buffer("x", 4, ("l2",), inside="y"), "no such place"),
        (Buffer("x", 4, ("l2",), inside="x"), "no such place"),
        (Buffer("x", 4, ("l2",), offset=64), "cannot be 64 bytes inside nothing"),
        (Buffer("x", -1, ("l2",)), "negative"),
    ],
)
def test_a_buffer_that_contradicts_itself_is_refused(buffer: Buffer, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        place([buffer], (NEAR, FAR))


def test_a_board_s_memories_come_with_the_nearest_first() -> None:
    board = find_board("pulp-ita", Plugins(installed=False))
    l1, l2, l3 = memories_of(board, {"l2": 4096})
    assert [each.name for each in (l1, l2, l3)] == ["tcdm", "l2", "l3"]
    assert l2.begin == 0x1C00_0000 + 4096
    assert 0 == l1.cost_per_byte < l2.cost_per_byte < l3.cost_per_byte
