"""What is said when a memory is too small."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from vplat.errors import DeployError

from .blocks import Problem
from .buffers import Buffer
from .first_fit import Layout, loads

NAMED: Final = 4
"""Buffers that a sentence names."""


def shortage(problem: Problem, layout: Layout, layers: Sequence[str]) -> DeployError:
    """The memory that lacks most, the layer where it does, and what fills it there."""
    memory = max(problem.memories, key=layout.overflow)
    numbers = layout.numbers(memory.name)
    load = loads(problem, numbers)
    moment = int(np.argmax(load))
    step, needed = problem.steps[moment], int(load[moment])
    alive = [
        buffer
        for number in numbers
        for buffer in problem.blocks[number].buffers
        if buffer.is_alive(step)
    ]
    missing = max(layout.overflow(memory), needed - memory.room)
    where = f"layer {layers[step]!r}" if 0 <= step < len(layers) else f"step {step}"
    scattered = "" if needed > memory.room else ", and no arrangement was found in which they fit"
    return DeployError(
        f"{memory.name} is {missing:,} bytes too small: {where} needs {needed:,} bytes there and "
        f"{memory.room:,} are free{scattered}; the largest buffers are {largest(alive)}. "
        f"Take a board with a larger {memory.name}, or a smaller network"
    )


def largest(buffers: Iterable[Buffer]) -> str:
    """The largest ones by name and size, as a sentence lists them."""
    ordered = sorted(buffers, key=lambda each: -each.bytes)
    return ", ".join(f"{each.name!r} ({each.bytes:,} bytes)" for each in ordered[:NAMED])
