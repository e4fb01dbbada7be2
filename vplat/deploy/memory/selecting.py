"""The fastest of several ways to do a layer, together with where its buffers lie in L1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from vplat.errors import DeployError

from .blocks import problem_of
from .buffers import Buffer, Memory
from .first_fit import loads, pack
from .search import Found, new_model, solve
from .shortage import largest

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpSolver, IntervalVar, LinearExpr

L1: Final = "L1"
EFFORT: Final = 0.4
"""Of the search, as ``search.solve`` counts it."""


class Room(Protocol):
    """A buffer in L1, needed from the step ``first`` of its layer to ``last``, both included."""

    @property
    def name(self) -> str: ...
    @property
    def bytes(self) -> int: ...
    @property
    def alignment(self) -> int: ...
    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...


@dataclass(frozen=True)
class Option:
    """One way to do a layer: what it takes, and what it needs in L1; ``told`` is for messages."""

    cycles: int
    rooms: tuple[Room, ...]
    told: str = ""

    @cached_property
    def buffers(self) -> tuple[Buffer, ...]:
        """The same as buffers that can be placed."""
        return tuple(
            Buffer(each.name, each.bytes, (L1,), (each.first, each.last), each.alignment)
            for each in self.rooms
        )

    @cached_property
    def least(self) -> int:
        """Bytes in use at once: no arrangement takes less."""
        problem = problem_of(self.buffers, (Memory(L1, 0, 0),))
        return int(loads(problem, range(len(problem.blocks))).max(initial=0))


@dataclass(frozen=True)
class Selected:
    """
    The option ``number`` with the offset of each of its buffers, ``arena`` bytes in all.

    ``is_optimal`` says that no faster option fits.
    """

    number: int
    offsets: Mapping[str, int]
    arena: int
    is_optimal: bool


def select(layer: str, options: Sequence[Option], room: int) -> Selected:
    """
    The fastest option that fits ``room`` bytes of L1, and how.

    Where first fit finds no addresses for a faster one, tiles and addresses are searched together.

    :raises vplat.errors.DeployError: none fits; the sentence says how many bytes are missing
    """
    order = sorted(range(len(options)), key=lambda each: (options[each].cycles, each))
    possible = [each for each in order if options[each].least <= room]
    faster: list[int] = []
    fitting: Selected | None = None
    for number in possible:
        fitting = _first_fit(options, number, room)
        if fitting is not None:
            break
        faster.append(number)
    if fitting is not None and not faster:
        return fitting
    if faster:
        joint = _Joint([options[each] for each in faster], room)
        found = solve(joint.model, EFFORT)
        if found.solver is not None:
            return joint.selected(found, faster)
        if fitting is not None:
            return Selected(fitting.number, fitting.offsets, fitting.arena, found.is_final)
    raise too_large(layer, options, room)


def _first_fit(options: Sequence[Option], number: int, room: int) -> Selected | None:
    memory = Memory(L1, 0, room)
    problem = problem_of(options[number].buffers, (memory,))
    packing = pack(problem, memory, range(len(problem.blocks)))
    if packing.end > room:
        return None
    offsets = {
        problem.blocks[block].buffers[0].name: address
        for block, address in packing.addresses.items()
    }
    return Selected(number, offsets, packing.end, is_optimal=True)


class _Joint:
    """
    Which option, and where its buffers are.

    A table for each buffer's name says whether an option has it, when, and how many bytes of it.
    """

    def __init__(self, options: Sequence[Option], room: int) -> None:
        self.options, self.model = options, new_model()
        self.option = self.model.new_int_var(0, len(options) - 1, "")
        self.addresses: dict[str, LinearExpr] = {}
        names = dict.fromkeys(each.name for option in options for each in option.rooms)
        rectangles = [self._rectangle(name, room) for name in names]
        self.model.add_no_overlap_2d(*zip(*rectangles, strict=True))
        cycles = self.model.new_int_var(0, max(each.cycles for each in options), "")
        self.model.add_element(self.option, [each.cycles for each in options], cycles)
        self.model.minimize(cycles)

    def _rectangle(self, name: str, room: int) -> tuple[IntervalVar, IntervalVar]:
        rows, alignment = [], 1
        for number, option in enumerate(self.options):
            here = next((each for each in option.rooms if each.name == name), None)
            if here is None:
                rows.append((number, 0, 0, 1, 1))
            else:
                rows.append((number, 1, here.first, here.last - here.first + 1, max(1, here.bytes)))
                alignment = max(alignment, here.alignment)
        _, _, firsts, durations, sizes = zip(*rows, strict=True)
        model = self.model
        present = model.new_bool_var("")
        first = model.new_int_var(min(firsts), max(firsts), "")
        duration = model.new_int_var(min(durations), max(durations), "")
        size = model.new_int_var(min(sizes), max(sizes), "")
        model.add_allowed_assignments([self.option, present, first, duration, size], rows)
        end = model.new_int_var(min(firsts), max(firsts) + max(durations), "")
        multiple = model.new_int_var(0, room // alignment, "")
        top = model.new_int_var(0, room, "")
        self.addresses[name] = multiple * alignment
        across = model.new_optional_interval_var(first, duration, end, present, "")
        up = model.new_optional_interval_var(multiple * alignment, size, top, present, "")
        return across, up

    def selected(self, found: Found, numbers: Sequence[int]) -> Selected:
        """The solution; ``numbers`` are those of the options."""
        solver: CpSolver | None = found.solver
        if solver is None:
            raise LookupError("the search has found nothing")
        chosen = solver.value(self.option)
        offsets = {
            each.name: solver.value(self.addresses[each.name])
            for each in self.options[chosen].rooms
        }
        arena = max(offsets[each.name] + each.bytes for each in self.options[chosen].rooms)
        return Selected(numbers[chosen], offsets, arena, found.is_final)


def too_large(layer: str, options: Sequence[Option], room: int) -> DeployError:
    """What is said when not even the smallest of ``options`` fits."""
    smallest = min(options, key=lambda each: each.least)
    needed = smallest.least
    told = f" ({smallest.told})" if smallest.told else ""
    scattered = "" if needed > room else " and they cannot be arranged in that"
    return DeployError(
        f"layer {layer!r} does not fit {L1}: with its smallest tiles{told} it needs {needed:,} "
        f"bytes and {room:,} are free{scattered}, so {max(needed - room, 1):,} bytes are missing; "
        f"the largest buffers are {largest(smallest.buffers)}"
    )
