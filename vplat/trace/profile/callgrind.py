"""The profile in callgrind's format, for KCachegrind and ``callgrind_annotate``.

Costs of lines and counts of calls are exact. What a call costs with all that it calls comes from
the sampled stacks. The format: https://valgrind.org/docs/manual/cl-format.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .profile import Call, Cost, Function, Profile, Spot
from .stacks import Chain, frames

EVENTS = ("Cycles", "Instructions", "Picojoules", "Asleep")
Numbers = tuple[float, float, float, float]
NOTHING: Numbers = (0.0, 0.0, 0.0, 0.0)
Arcs = dict[tuple[int, Function], Numbers]
"""What calls cost with all below them, by the call's address and the function that is called."""


class Site(NamedTuple):
    """Calls of one function from one line: how many, and what they cost with all below them."""

    spot: Spot
    runs: int
    target: Function
    cost: Numbers


def callgrind(profile: Profile, chains: Sequence[Chain], command: str) -> str:
    """The text of the file, all harts together."""
    names = _Names()
    lines = [
        "# callgrind format",
        "version: 1",
        "creator: vplat",
        f"cmd: {' '.join(command.split())}",
        "positions: line",
        "event: Cycles : active cycles of harts",
        "event: Picojoules : energy of harts",
        "event: Asleep : cycles that harts slept",
        f"events: {' '.join(EVENTS)}",
    ]
    arcs = _arcs(profile, chains)
    sites: dict[Function, list[Site]] = {}
    for call in profile.calls():
        sites.setdefault(call.spot.function, []).extend(_sites(call, arcs))
    spots = profile.by_spot()
    for function in sorted({spot.function for spot in spots}, key=lambda f: (f.address, f.name)):
        own = {spot: cost for spot, cost in spots.items() if spot.function == function}
        lines += ["", f"fl={names.file(function.file)}", f"fn={names.function(function)}"]
        lines += _lines_of(function, own, names)
        lines += _calls_of(function, sites.get(function, ()), names)
    total = sum(spots.values(), Cost())
    return "\n".join([*lines, "", f"totals: {_whole(_numbers(total))}", ""])


def _lines_of(function: Function, own: dict[Spot, Cost], names: _Names) -> Iterator[str]:
    file = function.file
    for spot in sorted(own, key=lambda each: (each.file != function.file, each.file, each.line)):
        if spot.file != file:
            file = spot.file
            yield f"fi={names.file(file)}"
        yield f"{spot.line} {_whole(_numbers(own[spot]))}"
    if file != function.file:
        yield f"fe={names.file(function.file)}"


def _calls_of(function: Function, sites: Sequence[Site], names: _Names) -> Iterator[str]:
    file = function.file
    for site in sites:
        if site.spot.file != file:
            file = site.spot.file
            yield f"fi={names.file(file)}"
        yield f"cfi={names.file(site.target.file)}"
        yield f"cfn={names.function(site.target)}"
        yield f"calls={site.runs} {site.target.line}"
        yield f"{site.spot.line} {_whole(site.cost)}"


def _sites(call: Call, arcs: Arcs) -> Iterator[Site]:
    """Whom a call calls: what it says itself, or whom samples have met behind it.

    A call through a register that samples have seen go to several functions has its runs divided
    as their costs are.
    """
    if call.target is not None:
        cost = arcs.get((call.address, call.target), NOTHING)
        yield Site(call.spot, call.runs, call.target, cost)
        return
    met = {key[1]: cost for key, cost in arcs.items() if key[0] == call.address}
    whole = sum(cost[0] for cost in met.values()) or 1.0
    for target, cost in met.items():
        yield Site(call.spot, max(1, round(call.runs * cost[0] / whole)), target, cost)


def _arcs(profile: Profile, chains: Sequence[Chain]) -> Arcs:
    found: Arcs = {}
    calls = {call.address: call for call in profile.calls()}
    for chain in chains:
        numbers = tuple(chain.share * number for number in _numbers(chain.cost))
        seen = set()
        stack = frames(profile, chain)
        for place, callee in zip(chain.calls, reversed(stack[1:]), strict=True):
            address = _call_at(place, calls)
            if address is None or (address, callee) in seen:
                continue
            seen.add((address, callee))
            before = found.get((address, callee), NOTHING)
            a, b, c, d = (old + new for old, new in zip(before, numbers, strict=True))
            found[address, callee] = a, b, c, d
    return found


def _call_at(place: int, calls: dict[int, Call]) -> int | None:
    """The call that a place in a frame lies in: its second half, or its beginning."""
    return next((address for address in (place, place - 2) if address in calls), None)


def _numbers(cost: Cost) -> Numbers:
    return cost.cycles, cost.instructions, cost.joules * 1e12, cost.asleep


def _whole(numbers: Numbers) -> str:
    return " ".join(str(round(number)) for number in numbers)


class _Names:
    """Names are written once, with a number that stands for them afterwards."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._functions: dict[Function, int] = {}

    def file(self, name: str) -> str:
        """A file."""
        known = name in self._files
        number = self._files.setdefault(name, len(self._files) + 1)
        return f"({number})" if known else f"({number}) {name}"

    def function(self, function: Function) -> str:
        """A function."""
        known = function in self._functions
        number = self._functions.setdefault(function, len(self._functions) + 1)
        return f"({number})" if known else f"({number}) {function.name}"
