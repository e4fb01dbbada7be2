"""Schedules, carried out by a machine that notices whatever comes too early or too late."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.deploy.ita.jobs import Grid, Work
from vplat.deploy.ita.orders import (
    Guard,
    Head,
    Multiplied,
    attention,
    normalised_products,
    product,
    scaled_sum,
)
from vplat.deploy.ita.scheduling import (
    MOST_LOADS,
    MOST_STORES,
    STEP_MOVES,
    NoRoomError,
    Schedule,
    Step,
    schedule,
)

SIZES = st.integers(1, 6)


class Machine:
    """
    L1 as places with tiles. A load has come only when it was waited for, a result is there only
    when its job has surely finished, and nothing may be overwritten before.
    """

    def __init__(self, work: Work, made: Schedule, *, biases: bool = False) -> None:
        self.work, self.made = work, made
        self.places: dict[int, int] = {}
        self.loading: deque[tuple[int, int]] = deque([(-1, -1)] if biases else [])
        self.storing: deque[tuple[int, int]] = deque()
        self.finished = self.next_job = 0
        self.stored: list[int] = []
        self.seen: dict[int, int] = {}

    def run(self) -> None:
        for step in self.made.steps:
            self.take(step)
        assert self.next_job == len(self.work.jobs)
        self.finished = self.next_job
        sinks = [number for number, tile in enumerate(self.work.tiles) if tile.sink is not None]
        assert sorted(self.stored) == sinks

    def take(self, step: Step) -> None:
        assert len(step.moves) <= STEP_MOVES
        self.finished = max(self.finished, self.next_job - (1 if step.lag else 0))
        for _ in range(step.finish_stores):
            self.storing.popleft()
        for move in step.moves:
            assert self.work.tiles[move.tile].padded <= (move.slot >= 0)
            if move.stores:
                assert self.places[move.slot] == move.tile
                assert self.made_by(move.tile) < self.finished
                self.storing.append((move.tile, move.slot))
                self.stored.append(move.tile)
            else:
                self.check_free(move.slot)
                self.places[move.slot] = move.tile
                self.loading.append((move.tile, move.slot))
            assert len(self.loading) <= MOST_LOADS
            assert len(self.storing) <= MOST_STORES
        if step.setup >= 0:
            assert self.finished == self.next_job
        for _ in range(step.finish_loads):
            self.loading.popleft()
        if step.meets:
            self.meet()
        if step.job >= 0:
            self.submit(step)

    def meet(self) -> None:
        shown = self.made.seen[len(self.seen)]
        meeting = self.work.meetings[len(self.seen)]
        assert self.finished >= meeting.finished
        for tile, slot in zip(meeting.tiles, shown, strict=True):
            assert self.places[slot] == tile
        self.seen[len(self.seen)] = self.next_job
        self.shown = set(shown)

    def submit(self, step: Step) -> None:
        assert step.job == self.next_job
        job = self.work.jobs[step.job]
        for tile, slot in ((job.input, step.input), (job.weight, step.weight)):
            self.check_there(tile, slot, step.job)
        if step.next_weight >= 0:
            following = self.work.jobs[step.job + 1].weight
            self.check_there(following, step.next_weight, step.job)
        if job.output >= 0:
            self.check_free(step.output)
            self.places[step.output] = job.output
        self.next_job += 1

    def check_there(self, tile: int, slot: int, job: int) -> None:
        assert self.places[slot] == tile
        assert tile not in [each for each, _ in self.loading]
        maker = self.made_by(tile)
        assert maker < job  # jobs follow one another, so an earlier one has stored by then

    def check_free(self, slot: int) -> None:
        """Nobody reads or writes the place any more."""
        assert slot not in [each for _, each in self.loading]
        assert slot not in [each for _, each in self.storing]
        for number in range(self.finished, self.next_job):
            job = self.work.jobs[number]
            for tile in (job.input, job.weight, job.output):
                assert tile < 0 or self.places.get(slot) != tile
        kept = self.places.get(slot)
        if kept is not None and self.work.tiles[kept].source is None:
            later = self.work.jobs[self.next_job :]
            assert all(kept not in (job.input, job.weight) for job in later)
            assert self.work.tiles[kept].sink is None or kept in self.stored

    def made_by(self, tile: int) -> int:
        if self.work.tiles[tile].source is not None:
            return -1
        return next(n for n, job in enumerate(self.work.jobs) if job.output == tile)


def grids(rows: int, columns: int, inner: int) -> tuple[Grid, Grid, Grid]:
    return (
        Grid.of_rows(0, 64 * rows - 3, 64 * inner, 64 * inner),
        Grid.of_tiles(1, columns, inner),
        Grid.of_rows(2, 64 * rows - 3, 64 * columns - 5, 64 * columns),
    )


@given(rows=SIZES, columns=SIZES, inner=SIZES, height=SIZES, extra=st.integers(0, 20))
def test_products_find_their_tiles_in_any_room(
    rows: int, columns: int, inner: int, height: int, extra: int
) -> None:
    work = product(*grids(rows, columns, inner), height, bias=True, bias_by_rows=False)
    for slots in range(4 + extra, 64):
        try:
            made = schedule(work, slots, biases=True)
        except NoRoomError:
            continue
        Machine(work, made, biases=True).run()
        break
    else:
        pytest.fail("63 places are enough")


@given(rows=SIZES, columns=SIZES, operands=st.integers(1, 3), one=st.booleans())
def test_sums_find_their_tiles(rows: int, columns: int, operands: int, one: bool) -> None:
    matrices = [Grid.of_rows(n, 64 * rows, 64 * columns, 64 * columns) for n in range(operands)]
    weights = Grid.of_tiles(operands, operands, 1 if one else columns)
    out = Grid.of_rows(operands + 1, 64 * rows, 64 * columns, 64 * columns)
    work = scaled_sum(matrices, weights, out, one_scale=one, bias=False)
    Machine(work, schedule(work, 12, biases=False)).run()


@given(rows=SIZES, inner=st.integers(1, 4), widths=st.lists(SIZES, min_size=1, max_size=3))
def test_normalised_rows_are_shown_before_they_are_multiplied(
    rows: int, inner: int, widths: list[int]
) -> None:
    source = Grid.of_rows(0, 64 * rows - 7, 64 * inner, 64 * inner)
    products = []
    for number, width in enumerate(widths):
        shape = (64 * rows - 7, 64 * width)
        turned = number == 1
        out = Grid.of_rows(4 + number, *(shape[::-1] if turned else shape), 512)
        products.append(Multiplied(Grid.of_tiles(1 + number, width, inner), out, turned, 192))
    work = normalised_products(source, products)
    made = schedule(work, 2 * inner + 8, biases=True)
    Machine(work, made, biases=True).run()
    first_read = [
        next(n for n, job in enumerate(work.jobs) if {job.input, job.weight} & set(meeting.tiles))
        for meeting in work.meetings[:-1]
    ]
    met = [n for n, step in enumerate(made.steps) if step.meets]
    read = {step.job: n for n, step in enumerate(made.steps) if step.job >= 0}
    assert all(met[block + 1] < read[job] for block, job in enumerate(first_read))
    changed: set[int] = set()
    blocks = iter(work.meetings)
    for step in made.steps:
        assert not changed & {move.tile for move in step.moves if not move.stores}
        if step.meets:
            changed |= set(next(blocks).tiles)


def heads(count: int, rows: int, width: int, cut: int) -> Iterator[Head]:
    for head in range(count):
        sequence, columns = 64 * rows - 1, 64 * width - cut
        queries, keys, out = (
            Grid.of_rows(number, sequence, columns, 512, head * columns) for number in (0, 1, 3)
        )
        values = Grid.of_rows(2, columns, sequence, sequence, head * columns * sequence)
        yield Head(queries, keys, values, out, (-1,) * (rows - 1) + (192,))


@given(
    count=st.integers(1, 3),
    rows=st.integers(1, 5),
    width=st.integers(1, 2),
    cut=st.sampled_from([0, 20]),
    guard=st.sampled_from(list(Guard)),
)
def test_attention_finds_its_tiles_and_shows_its_logits(
    count: int, rows: int, width: int, cut: int, guard: Guard
) -> None:
    work = attention(list(heads(count, rows, width, cut)), guard)
    made = schedule(work, 26, biases=True, padded_slots=3)
    Machine(work, made, biases=True).run()
    shown = [places for places in made.seen if places]
    assert len(shown) == (count * rows if guard is not Guard.NONE else 0)
    padded = {
        move.slot for step in made.steps for move in step.moves if work.tiles[move.tile].padded
    }
    others = {
        move.slot for step in made.steps for move in step.moves if not work.tiles[move.tile].padded
    }
    assert not padded & others


def test_logits_stay_until_harts_that_look_beside_are_met_again() -> None:
    work = attention(list(heads(1, 4, 1, 0)), Guard.BESIDE)
    made = schedule(work, 24, biases=True)
    shown = -1
    visible: set[int] = set()
    for step in made.steps:
        if step.meets:
            shown += 1
            visible = set(made.seen[shown])
        loads = {move.slot for move in step.moves if not move.stores}
        assert not visible & loads
        assert step.output not in visible


def test_too_few_places_are_an_error() -> None:
    work = product(*grids(2, 2, 2), 1, bias=False, bias_by_rows=False)
    with pytest.raises(NoRoomError):
        schedule(work, 3, biases=False)


def test_with_room_for_everything_each_tile_is_loaded_once() -> None:
    work = product(*grids(3, 4, 2), 1, bias=False, bias_by_rows=False)
    made = schedule(work, 40, biases=False)
    assert (made.loads, made.stores) == (3 * 2 + 4 * 2, 3 * 4)
