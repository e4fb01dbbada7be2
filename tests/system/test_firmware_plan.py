"""The plan of tiles, compiled for the host: whatever the layer, nothing is used before it is there.

A plan is followed with the most pessimistic clock: a job that was handed over may still run until
a later step has waited for it, and a transfer until somebody has waited for it.
"""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.system.firmware_tree import FIRMWARE

JOBS_AHEAD = 2
HARNESS = r"""
#include <stdio.h>
#include "tiles/plan.h"

static struct layer_plan plan;

static void print_moves(const char *what, const struct move *moves, unsigned count)
{
    printf(" %s %u", what, count);
    for (unsigned i = 0; i < count; i++)
        printf(" %u %u", moves[i].tile, moves[i].slot);
}

int main(void)
{
    unsigned input, weight, output, stores;

    if (scanf("%u %u %u", &plan.slot_count, &plan.tile_count, &plan.first_result) != 3)
        return 1;
    while (scanf("%u %u %u %u", &input, &weight, &output, &stores) == 4)
        plan.jobs[plan.job_count++] = (struct tile_job){input, weight, output, NO_BIAS, 0, stores};
    if (!plan_layer(&plan)) {
        printf("no room\n");
        return 0;
    }
    for (unsigned i = 0; i < plan.job_count; i++) {
        const struct job_step *step = &plan.steps[i];
        printf("%u %u %u %u %u %u %u", step->input, step->weight, step->next_weight, step->output,
               step->finish_stores_first, step->finish_loads, step->finish_stores);
        print_moves("stores", step->stores, step->start_stores);
        print_moves("loads", step->loads, step->start_loads);
        printf("\n");
    }
    printf("last");
    print_moves("stores", plan.stores + plan.stores_in_steps,
                plan.store_count - plan.stores_in_steps);
    printf("\n");
    return 0;
}
"""


@dataclasses.dataclass(frozen=True)
class Job:
    input: int
    weight: int
    output: int
    stores: bool


@dataclasses.dataclass(frozen=True)
class Layer:
    """``tiles`` in all; those from ``first_result`` on are wanted at home."""

    jobs: list[Job]
    tiles: int
    first_result: int


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.fail("there is no C compiler for the host: install gcc")
    folder = tmp_path_factory.mktemp("plan")
    (folder / "main.c").write_text(HARNESS, "utf-8")
    program = folder / "plan"
    sources = [folder / "main.c", FIRMWARE / "tiles" / "plan.c"]
    options = ["-std=gnu11", "-fsanitize=undefined", "-fno-sanitize-recover", f"-I{FIRMWARE}"]
    subprocess.run([compiler, *options, *sources, "-o", program], check=True)
    return program


def planned(planner: Path, layer: Layer, slots: int) -> list[list[str]]:
    """The plan's steps and what follows them, in words; empty if there is no room."""
    lines = [f"{slots} {layer.tiles} {layer.first_result}"]
    lines += [f"{job.input} {job.weight} {job.output} {job.stores:d}" for job in layer.jobs]
    text = "\n".join(lines)
    done = subprocess.run([planner], input=text, capture_output=True, text=True, check=True)
    return [] if done.stdout == "no room\n" else [line.split() for line in done.stdout.splitlines()]


def moves(words: list[str], what: str) -> list[tuple[int, int]]:
    """Tile and slot of each move."""
    start = words.index(what) + 2
    numbers = [int(word) for word in words[start : start + 2 * int(words[start - 1])]]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


class Follower:
    """L1 and home while a plan is carried out; an assertion fails where it goes wrong."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.holds: dict[int, int] = {}
        """The tile in each slot, or on its way there."""
        self.at_home = {tile for tile in range(layer.tiles) if self.is_given(tile)}
        self.loads: deque[tuple[int, int]] = deque()
        self.stores: deque[tuple[int, int]] = deque()
        self.last_use: dict[int, int] = {}
        """The last job that reads or writes each slot."""

    def is_given(self, tile: int) -> bool:
        return all(tile != job.output for job in self.layer.jobs)

    def finish(self, queue: deque[tuple[int, int]], count: int) -> None:
        for _ in range(count):
            tile, _ = queue.popleft()
            if queue is self.stores:
                self.at_home.add(tile)

    def start_stores(self, started: list[tuple[int, int]], ended: int) -> None:
        for tile, slot in started:
            if len(self.stores) == 4:
                self.finish(self.stores, 1)
            assert self.holds[slot] == tile
            assert self.last_written(tile) < ended
            self.stores.append((tile, slot))

    def last_written(self, tile: int) -> int:
        return max(i for i, job in enumerate(self.layer.jobs) if job.output == tile and job.stores)

    def start_loads(self, started: list[tuple[int, int]], ended: int) -> None:
        for tile, slot in started:
            assert tile in self.at_home
            assert self.last_use.get(slot, -1) < ended
            assert all(slot != other for _, other in [*self.stores, *self.loads])
            self.holds[slot] = tile
            self.loads.append((tile, slot))
            assert len(self.loads) <= 8

    def hand_over(self, index: int, words: list[str]) -> None:
        job, last = self.layer.jobs[index], index + 1 == len(self.layer.jobs)
        source, weight, next_weight, output = map(int, words[:4])
        under_way = {slot for _, slot in self.loads}
        assert (self.holds[source], self.holds[weight]) == (job.input, job.weight)
        assert not under_way & {source, weight}
        if not last:
            assert next_weight not in under_way
        for slot in (source, weight):
            self.last_use[slot] = index
        if not last and self.layer.jobs[index + 1].weight != job.output:
            assert self.holds[next_weight] == self.layer.jobs[index + 1].weight
            self.last_use[next_weight] = index + 1
        if job.stores:
            assert output not in under_way | {source, weight}
            assert all(output != slot for _, slot in self.stores)
            self.holds[output] = job.output
            self.at_home.discard(job.output)
            self.last_use[output] = index

    def follow(self, steps: list[list[str]]) -> None:
        for index, words in enumerate(steps[:-1]):
            ended = max(0, index + 1 - JOBS_AHEAD)
            self.start_stores(moves(words, "stores"), ended)
            self.finish(self.stores, int(words[4]))
            self.start_loads(moves(words, "loads"), ended)
            self.finish(self.loads, int(words[5]))
            self.finish(self.stores, int(words[6]))
            self.hand_over(index, words)
        self.start_stores(moves(steps[-1], "stores"), len(self.layer.jobs))
        self.finish(self.stores, len(self.stores))
        assert not self.loads
        assert self.at_home >= set(range(self.layer.first_result, self.layer.tiles))


def product(rows: int, columns: int, inner: int) -> Layer:
    weights, results = rows * inner, (rows + columns) * inner
    jobs = [
        Job(y * inner + i, weights + x * inner + i, results + y * columns + x, i == inner - 1)
        for y in range(rows)
        for x in range(columns)
        for i in range(inner)
    ]
    return Layer(jobs, results + rows * columns, results)


def chain(rows: int, columns: int) -> Layer:
    """Products whose results are the operands of later ones, as in attention."""
    inputs, firsts, seconds = 2 * rows, 2 * rows + 2 * columns, 2 * rows + 2 * columns + rows
    jobs = [Job(2 * y + i, inputs + i, firsts + y, i == 1) for y in range(rows) for i in range(2)]
    jobs += [
        Job(firsts + y, inputs + 2 * x, seconds + y * columns + x, True)
        for y in range(rows)
        for x in range(columns)
    ]
    results = seconds + rows * columns
    jobs += [
        Job(seconds + y * columns + x, firsts + x % rows, results + y, x == columns - 1)
        for y in range(rows)
        for x in range(columns)
    ]
    return Layer(jobs, results + rows, results)


SIZES = st.integers(1, 6)


@settings(deadline=None, max_examples=60)
@given(rows=SIZES, columns=SIZES, inner=st.integers(1, 8), slots=st.integers(10, 32))
def test_a_product_finds_every_tile_where_it_was_put(
    planner: Path, rows: int, columns: int, inner: int, slots: int
) -> None:
    layer = product(rows, columns, inner)
    steps = planned(planner, layer, slots)
    assert len(steps) == len(layer.jobs) + 1
    Follower(layer).follow(steps)


@settings(deadline=None, max_examples=60)
@given(rows=SIZES, columns=SIZES, slots=st.integers(10, 32))
def test_results_that_are_operands_later_survive_in_l1_or_at_home(
    planner: Path, rows: int, columns: int, slots: int
) -> None:
    layer = chain(rows, columns)
    steps = planned(planner, layer, slots)
    assert len(steps) == len(layer.jobs) + 1
    Follower(layer).follow(steps)


def test_tiles_are_loaded_once_where_l1_holds_them_all(planner: Path) -> None:
    layer = product(3, 3, 4)
    steps = planned(planner, layer, 32)
    loaded = [tile for words in steps[:-1] for tile, _ in moves(words, "loads")]
    assert sorted(loaded) == list(range(layer.first_result))


@pytest.mark.parametrize("slots", [0, 3, 33])
def test_too_few_slots_or_more_than_there_can_be_are_no_plan(planner: Path, slots: int) -> None:
    assert planned(planner, product(2, 2, 2), slots) == []
