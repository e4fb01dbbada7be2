"""Flame graphs: collapsed stacks, and the JSON that speedscope.app reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .profile import Function, Profile
from .stacks import Chain, frames

SCHEMA = "https://www.speedscope.app/file-format-schema.json"
Stack = tuple[Function, ...]


def collapsed(profile: Profile, chains: Sequence[Chain]) -> str:
    """One line a stack, the outermost function first, then its active cycles on all harts."""
    lines = [
        f"{';'.join(function.name for function in stack)} {cycles}"
        for stack, cycles in _stacks(profile, chains).items()
    ]
    return "".join(f"{line}\n" for line in sorted(lines))


def speedscope(profile: Profile, chains: Sequence[Chain], name: str) -> dict[str, Any]:
    """All harts together, then each hart by itself."""
    numbers: dict[Function, int] = {}
    profiles = [_sampled("all harts", _stacks(profile, chains), numbers)]
    for hart in range(profile.harts):
        own = _stacks(profile, [chain for chain in chains if chain.hart == hart])
        profiles.append(_sampled(f"hart {hart}", own, numbers))
    shared = [_frame(function) for function in numbers]
    return {
        "$schema": SCHEMA,
        "name": name,
        "exporter": "vplat",
        "activeProfileIndex": 0,
        "shared": {"frames": shared},
        "profiles": profiles,
    }


def _stacks(profile: Profile, chains: Sequence[Chain]) -> dict[Stack, int]:
    """Whole cycles by stack, without those that have none."""
    sums: Counter[Stack] = Counter()
    exact: dict[Stack, float] = {}
    for chain in chains:
        stack = tuple(frames(profile, chain))
        exact[stack] = exact.get(stack, 0.0) + chain.cycles
    for stack, cycles in exact.items():
        sums[stack] = round(cycles)
    return {stack: cycles for stack, cycles in sums.items() if cycles}


def _sampled(name: str, stacks: dict[Stack, int], numbers: dict[Function, int]) -> dict[str, Any]:
    samples = [
        [numbers.setdefault(function, len(numbers)) for function in stack] for stack in stacks
    ]
    return {
        "type": "sampled",
        "name": f"{name} (cycles)",
        "unit": "none",
        "startValue": 0,
        "endValue": sum(stacks.values()),
        "samples": samples,
        "weights": list(stacks.values()),
    }


def _frame(function: Function) -> dict[str, Any]:
    return {"name": function.name, "file": function.file, "line": function.line}
