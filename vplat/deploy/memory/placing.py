"""From buffers to places: greed first, then a search where greed may have missed something."""

from __future__ import annotations

from collections.abc import Sequence

from .blocks import Problem, problem_of
from .buffers import Buffer, Memory, Placed, Placement
from .choice import choose
from .first_fit import Layout, Packing, first_fit
from .packing import tighten
from .shortage import shortage


def place(
    buffers: Sequence[Buffer], memories: Sequence[Memory], layers: Sequence[str] = ()
) -> Placement:
    """
    A memory and an address for every buffer, so that none overlaps another in time and place.

    The sum of traffic times cost is as small as possible, then each memory's peak; both within a
    fixed effort, so that equal arguments give equal results on every host. It is never worse than
    first fit. ``layers`` are the names of the steps, for messages.

    :raises vplat.errors.DeployError: a memory is too small; the sentence names the layer, how many
        bytes are missing, and what fills the memory
    :raises ValueError: buffers or memories contradict each other
    """
    problem = problem_of(buffers, memories)
    layout = first_fit(problem)
    fits = not any(layout.overflow(memory) for memory in problem.memories)
    is_cheapest = fits and _is_cheapest(problem, layout)
    if not is_cheapest and (fits or any(len(each.memories) > 1 for each in problem.blocks)):
        searched = choose(problem, layout, fits=fits)
        is_cheapest = searched.is_cheapest
        found = searched.layout
        if found is not None and (not fits or _cost(problem, found) < _cost(problem, layout)):
            layout, fits = found, True
    packings: dict[str, Packing] = {}
    is_smallest = True
    for memory in problem.memories:
        packings[memory.name], is_proven = tighten(problem, memory, layout.packings[memory.name])
        is_smallest = is_smallest and is_proven
    layout = Layout(layout.memories, packings)
    if any(layout.overflow(memory) for memory in problem.memories):
        raise shortage(problem, layout, layers)
    return _placement(problem, buffers, layout, is_optimal=is_cheapest and is_smallest)


def place_by_first_fit(buffers: Sequence[Buffer], memories: Sequence[Memory]) -> Placement | None:
    """What greed alone finds: the first guess of ``place``; None where it does not fit."""
    problem = problem_of(buffers, memories)
    layout = first_fit(problem)
    if any(layout.overflow(memory) for memory in problem.memories):
        return None
    return _placement(problem, buffers, layout, is_optimal=False)


def _is_cheapest(problem: Problem, layout: Layout) -> bool:
    return all(
        problem.by_cost(block)[0] == name
        for block, name in zip(problem.blocks, layout.memories, strict=True)
    )


def _cost(problem: Problem, layout: Layout) -> tuple[int, int]:
    costs = [
        problem.cost(block, name)
        for block, name in zip(problem.blocks, layout.memories, strict=True)
    ]
    return sum(cost for cost, _ in costs), sum(rank for _, rank in costs)


def _placement(
    problem: Problem, buffers: Sequence[Buffer], layout: Layout, *, is_optimal: bool
) -> Placement:
    found: dict[str, Placed] = {}
    for number, (block, memory) in enumerate(zip(problem.blocks, layout.memories, strict=True)):
        address = layout.packings[memory].addresses[number]
        for buffer, offset in zip(block.buffers, block.offsets, strict=True):
            found[buffer.name] = Placed(buffer, memory, address + offset)
    return Placement(
        placed=tuple(found[each.name] for each in buffers),
        memories=problem.memories,
        cost=_cost(problem, layout)[0],
        is_optimal=is_optimal,
    )
