"""Call stacks with what they cost: sampled, and scaled to what each function itself cost."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .profile import Cost, Function, Profile
    from .profiler import Profiler

DEEPEST = 64
Calls = tuple[int, ...]
"""The addresses of calls, the innermost first."""


@dataclasses.dataclass(frozen=True)
class Chain:
    """A call stack on one hart: ``function`` runs, called from the addresses ``calls``.

    The innermost call comes first. ``share`` is the part of what the function itself cost on that
    hart which belongs to this stack.
    """

    hart: int
    function: Function
    calls: Calls
    share: float
    cost: Cost
    """What the function itself cost on that hart, in all stacks together."""

    @property
    def cycles(self) -> float:
        """The active cycles of this stack."""
        return self.share * self.cost.cycles


def chains(profile: Profile, profiler: Profiler) -> list[Chain]:
    """Every stack, by hart; the shares of one function on one hart add up to 1.

    A function that no sample has met has one stack: where samples have met it as a caller, the most
    frequent one to there, else that of its most frequent caller.
    """
    sampled: dict[tuple[int, Function], Counter[Calls]] = {}
    for (hart, stack), cycles in profiler.stacks.items():
        key = hart, profile.function(stack[0])
        sampled.setdefault(key, Counter())[stack[1:]] += cycles
    ways = _ways(profile, profiler)
    found = []
    for hart in range(profile.harts):
        callers = _callers(profile, hart)
        for function, cost in sorted(profile.by_function([hart]).items(), key=_order):
            stacks = sampled.get((hart, function))
            if not stacks:
                stacks = Counter({_upwards(profile, function, callers, ways): 1})
            whole = sum(stacks.values())
            for calls, cycles in sorted(stacks.items()):
                found.append(Chain(hart, function, calls, cycles / whole, cost))
    return found


def frames(profile: Profile, chain: Chain) -> list[Function]:
    """The functions of a stack, the outermost first."""
    outer = [profile.function(address) for address in reversed(chain.calls)]
    return [*outer, chain.function]


def _order(item: tuple[Function, Cost]) -> tuple[int, str]:
    return item[0].address, item[0].name


def _callers(profile: Profile, hart: int) -> dict[Function, tuple[int, int]]:
    """For each function the call of it that ran most often: (address, runs)."""
    found: dict[Function, tuple[int, int]] = {}
    runs = dict(
        zip(profile.executed.addresses, profile.executed.runs[:, hart].tolist(), strict=True)
    )
    for call in profile.calls():
        times = runs.get(call.address, 0)
        if call.target is not None and times > found.get(call.target, (0, 0))[1]:
            found[call.target] = call.address, times
    return found


def _ways(profile: Profile, profiler: Profiler) -> dict[Function, Calls]:
    """For each function that samples have met, the most frequent calls that led there."""
    met: dict[Function, Counter[Calls]] = {}
    for (_, stack), cycles in profiler.stacks.items():
        for depth, place in enumerate(stack):
            function = profile.function(place)
            met.setdefault(function, Counter())[stack[depth + 1 :]] += cycles
    return {
        function: min(stacks, key=lambda calls: (-stacks[calls], calls))
        for function, stacks in met.items()
    }


def _upwards(
    profile: Profile,
    function: Function,
    callers: dict[Function, tuple[int, int]],
    ways: dict[Function, Calls],
) -> Calls:
    """The calls from a function outwards, until nobody calls or somebody does again."""
    found: Calls = ()
    seen = {function}
    while function not in ways and function in callers and len(found) < DEEPEST:
        address = callers[function][0]
        function = profile.function(address)
        if function in seen:
            return found
        seen.add(function)
        found += (address,)
    return found + ways.get(function, ())
