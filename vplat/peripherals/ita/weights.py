"""The queue of weight sets and its prefetch across jobs (`ita.md` section 3.4)."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from numpy.typing import NDArray

from .hazards import Hazard
from .job import Job
from .layout import TILE_BYTES

SET_BYTES = 1024
"""16 rows of 64 weights: what one pass over the input needs."""
TILE_SETS = TILE_BYTES // SET_BYTES
BUFFERED_SETS = 2
"""Sets that the two buffers hold between jobs."""
POINTER_MASK = 0xFFFF_FFFC
"""The low two bits of a pointer are dropped (`ita.md` section 1)."""


class Memory(Protocol):
    """What the port is connected to; addresses are bytes, as the job's pointers give them."""

    def read(self, address: int, length: int, /) -> bytes | bytearray | memoryview | NDArray[Any]:
        """``length`` bytes from ``address``."""

    def write(self, address: int, data: bytes, /) -> object:
        """Store ``data`` at ``address``."""


class WeightSet(NamedTuple):
    """A set that was fetched, and the address it came from."""

    address: int
    data: bytes


class Fetch(NamedTuple):
    """What the weight stream of one job amounts to."""

    tile: bytes | None
    """The four sets the job uses; None if the engine waits for one that never comes."""
    left: list[WeightSet]
    """The sets that wait for the jobs after it."""
    hazards: tuple[Hazard, ...]

    @property
    def ends(self) -> bool:
        """Whether the stream delivers all its sets; a third that is left over has no place."""
        return len(self.left) <= BUFFERED_SETS


def fetch(waiting: list[WeightSet], job: Job, memory: Memory) -> Fetch:
    """Read the sets that ``job`` loads, behind those already ``waiting``, and take four."""
    own = job.weight_ptr0 & POINTER_MASK
    hazards: list[Hazard] = []
    if job.weight_preload:
        tile = bytes(memory.read(own, TILE_BYTES))
        sets = [*waiting, *_sets(own, tile)] if waiting else []
    elif len(waiting) == 1:
        tile, hazard = _with_prefetched(waiting[0], own, memory)
        hazards += hazard
        sets = []
    else:
        rest = bytes(memory.read(own + SET_BYTES, TILE_BYTES - SET_BYTES))
        tile, sets = b"", [*waiting, *_sets(own + SET_BYTES, rest)]
    after: list[WeightSet] = []
    if job.weight_nextload:
        address = job.weight_ptr1 & POINTER_MASK
        after = [WeightSet(address, bytes(memory.read(address, SET_BYTES)))]
    if not sets:
        return Fetch(tile, after, tuple(hazards))
    return _out_of_step(waiting, sets + after)


def _out_of_step(waiting: list[WeightSet], sets: list[WeightSet]) -> Fetch:
    """The sets do not fall on their places, since PRELOAD does not match the NEXTLOAD before."""
    hazards = [Hazard.WEIGHTS_LEFT_OVER] if waiting else []
    if len(sets) < TILE_SETS:
        return Fetch(None, sets, (*hazards, Hazard.WEIGHTS_MISSING))
    if not waiting:
        hazards.append(Hazard.WEIGHTS_SHIFTED)
    used, left = sets[:TILE_SETS], sets[TILE_SETS:]
    if len(left) > BUFFERED_SETS:
        hazards.append(Hazard.WEIGHTS_OVERFLOW)
    return Fetch(b"".join(each.data for each in used), left, tuple(hazards))


def _with_prefetched(
    first: WeightSet, own: int, memory: Memory
) -> tuple[bytes, tuple[Hazard, ...]]:
    """The tile of a job whose set 0 was prefetched, and what is wrong with that set."""
    if first.address != own:
        rest = bytes(memory.read(own + SET_BYTES, TILE_BYTES - SET_BYTES))
        return first.data + rest, (Hazard.PREFETCH_FROM_ELSEWHERE,)
    # The port reads only sets 1 to 3. Set 0 is read along to see whether it is still what was
    # prefetched; a driver that loads weights too late finds out in no other way.
    tile = bytes(memory.read(own, TILE_BYTES))
    if tile.startswith(first.data):
        return tile, ()
    return first.data + tile[SET_BYTES:], (Hazard.PREFETCH_TOO_EARLY,)


def _sets(address: int, data: bytes) -> list[WeightSet]:
    return [
        WeightSet(address + low, data[low : low + SET_BYTES])
        for low in range(0, len(data), SET_BYTES)
    ]
