"""From jobs in their order to a schedule: which tile is in which place of L1 when."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from .jobs import Meeting, Place, Work

STEP_MOVES: Final = 2
MOST_LOADS: Final = 8
MOST_STORES: Final = 4
RESERVE: Final = 2
"""Places that loads in advance leave to outputs."""
FORESIGHT: Final = 48
"""Jobs within which something is loaded in advance."""
NEVER: Final = 1 << 30
BIASES: Final = -2
"""Among what is being loaded."""


class NoRoomError(Exception):
    """The jobs need more places at a time than there are."""


@dataclass(slots=True)
class Move:
    """A tile on its way to or from the place ``slot``."""

    tile: int
    slot: int
    at: Place
    stores: bool


@dataclass(slots=True)
class Step:
    """One step, as `ita_schedule.h` describes it; ``job`` is -1 where there is none."""

    job: int = -1
    lag: bool = True
    meets: bool = False
    setup: int = -1
    finish_stores: int = 0
    finish_loads: int = 0
    moves: list[Move] = field(default_factory=list)
    input: int = -1
    weight: int = -1
    next_weight: int = -1
    output: int = -1
    preloads: bool = False


@dataclass
class Schedule:
    """
    Steps, and what they move: tiles loaded and stored. ``seen`` are the places of what harts look
    at, by meeting.
    """

    steps: list[Step]
    loads: int
    stores: int
    seen: list[tuple[int, ...]]


def schedule(work: Work, slots: int, *, biases: bool, padded_slots: int = 0) -> Schedule:
    """
    Places and moves for all jobs. What is needed again soonest stays; tiles come as early as there
    is room for them. ``biases`` says that there are some, which count as the first load.
    The last ``padded_slots`` places are those of padded tiles.

    :raises NoRoomError: there are too few places
    """
    return _Scheduling(work, slots, padded_slots, biases).run()


class _Scheduling:
    """The state while the steps are written."""

    def __init__(self, work: Work, slots: int, padded_slots: int, biases: bool) -> None:
        self.work, self.jobs, self.tiles = work, work.jobs, work.tiles
        self.uses: list[list[int]] = [[] for _ in work.tiles]
        for number, job in enumerate(self.jobs):
            for tile in {job.input, job.weight}:
                self.uses[tile].append(number)
        self.seen_until: dict[int, list[int]] = {}
        for number, known in enumerate(work.tiles):
            if known.until >= 0:
                self.uses[number].append(known.until)
                self.uses[number].sort()
                self.seen_until.setdefault(known.until, []).append(number)
        self.common = slots - padded_slots
        self.free: deque[int] = deque(range(self.common))
        self.free_padded: deque[int] = deque(range(self.common, slots))
        self.slot: dict[int, int] = {}
        self.loading: deque[int] = deque([BIASES] if biases else [])
        self.storing: deque[int] = deque()
        """Tiles under way home, the oldest first; their places become free with them."""
        self.to_store: deque[int] = deque()
        self.steps: list[Step] = []
        self.step = Step()
        self.retired = 0
        self.front = 0
        self.loads = self.stores = 0
        self.seen: list[tuple[int, ...]] = []
        self.changed: set[int] = set()
        """Tiles that are no longer what they are at home."""

    def run(self) -> Schedule:
        """All steps."""
        meetings = deque(self.work.meetings)
        for number, job in enumerate(self.jobs):
            while meetings and meetings[0].at == number:
                self._meet(number, meetings.popleft())
            if number == 0 or job.setup != self.jobs[number - 1].setup:
                self._wait_for_all(number)
                self.step.setup = job.setup
            self._job(number)
        while meetings:
            self._meet(len(self.jobs), meetings.popleft())
        self._end()
        return Schedule(self.steps, self.loads, self.stores, self.seen)

    # Steps.

    def _emit(self) -> None:
        """Write down the step being made, if it says anything."""
        step = self.step
        waits = step.finish_stores or step.finish_loads
        if step.job >= 0 or step.moves or step.setup >= 0 or step.meets or waits:
            self.steps.append(step)
        self.step = Step()

    def _wait_for_all(self, number: int) -> None:
        """From the next step on, the jobs before ``number`` have finished."""
        if self.retired < number:
            self._emit()
            self.step.lag = False
            self._retire(number)

    def _meet(self, number: int, meeting: Meeting) -> None:
        finished = meeting.finished
        self._emit()
        self.step.lag = finished < number
        self._retire(max(number - 1, finished))
        if meeting.changes:
            for tile in meeting.tiles:
                self._require(tile, number)
            self._await(list(meeting.tiles))
            self.changed.update(meeting.tiles)
        self.seen.append(tuple(self.slot[tile] for tile in meeting.tiles))
        self.step.meets = True
        self._emit()

    def _job(self, number: int) -> None:
        job = self.jobs[number]
        self._retire(number - 1)
        follows = number + 1 < len(self.jobs) and self.jobs[number + 1].setup == job.setup
        before = number > 0 and self.jobs[number - 1].setup == job.setup
        required = [BIASES, job.input, job.weight]
        if follows:
            required.append(self.jobs[number + 1].weight)
        self._start_stores()
        for tile in required[1:]:
            self._require(tile, number)
        if job.output >= 0:
            self.slot[job.output] = self._room(number, number)
        self._load_ahead(number)
        self._await(required)
        step = self.step
        step.job, step.preloads = number, not before
        step.input, step.weight = self.slot[job.input], self.slot[job.weight]
        step.next_weight = self.slot[required[3]] if follows else -1
        step.output = self.slot[job.output] if job.output >= 0 else -1
        self._emit()

    def _end(self) -> None:
        self._wait_for_all(len(self.jobs))
        self._start_stores()
        while self.to_store:
            self._emit()
            self._start_stores()
        self._emit()

    # What is over.

    def _retire(self, number: int) -> None:
        """The jobs before ``number`` have finished."""
        while self.retired < number:
            job = self.jobs[self.retired]
            if job.output >= 0 and self.tiles[job.output].sink is not None:
                self.to_store.append(job.output)
            seen = self.seen_until.get(self.retired, ())
            for tile in {job.input, job.weight, job.output, *seen} - {-1}:
                self._release(tile, self.retired)
            self.retired += 1

    def _release(self, tile: int, number: int) -> None:
        """Give the place of a tile back that nobody needs after the job of this number."""
        unread = self._next_use(tile, number) == NEVER
        if unread and tile in self.slot and self.tiles[tile].sink is None:
            self._give_back(self.slot.pop(tile))

    def _give_back(self, slot: int) -> None:
        (self.free if slot < self.common else self.free_padded).append(slot)

    def _next_use(self, tile: int, number: int) -> int:
        """The first job after ``number`` that reads a tile."""
        uses = self.uses[tile]
        place = bisect_right(uses, number)
        return uses[place] if place < len(uses) else NEVER

    # Stores.

    def _start_stores(self) -> None:
        while self.to_store and len(self.step.moves) < STEP_MOVES:
            if len(self.storing) == MOST_STORES:
                self._finish_store()
            tile = self.to_store.popleft()
            place = self.tiles[tile].sink
            assert place is not None  # noqa: S101 - only such tiles are in `to_store`
            self.step.moves.append(Move(tile, self.slot[tile], place, stores=True))
            self.storing.append(tile)
            self.stores += 1

    def _finish_store(self) -> None:
        """Wait for the oldest store, before what the step moves."""
        if self.step.moves:
            self._emit()
        self.step.finish_stores += 1
        tile = self.storing.popleft()
        if self._next_use(tile, self.retired - 1) == NEVER:
            self._give_back(self.slot.pop(tile))

    # Loads.

    def _require(self, tile: int, number: int) -> None:
        if tile in self.slot:
            return
        if self.tiles[tile].source is None:
            raise AssertionError("a tile is read before a job has made it")
        padded = self.tiles[tile].padded
        self._load(tile, self._padded_room(number) if padded else self._room(number, number))

    def _load(self, tile: int, slot: int) -> None:
        if len(self.step.moves) == STEP_MOVES:
            self._emit()
        if len(self.loading) == MOST_LOADS:
            self.step.finish_loads += 1
            self.loading.popleft()
            self._emit()
        place = self.tiles[tile].source
        assert place is not None  # noqa: S101 - callers looked
        self.step.moves.append(Move(tile, slot, place, stores=False))
        self.slot[tile] = slot
        self.loading.append(tile)
        self.loads += 1

    def _await(self, required: list[int]) -> None:
        """Wait for what the job reads, and so for all that was started before."""
        last = max(
            (place for place, tile in enumerate(self.loading) if tile in required), default=-1
        )
        for _ in range(last + 1):
            self.loading.popleft()
        self.step.finish_loads += last + 1

    def _load_ahead(self, number: int) -> None:
        """Start loads for the jobs to come, in their order, while there is room."""
        self.front = max(self.front, number + 1)
        end = min(len(self.jobs), number + FORESIGHT)
        while self.front < end:
            job = self.jobs[self.front]
            for tile in (job.weight, job.input):
                if tile in self.slot or self.tiles[tile].source is None:
                    continue
                full = len(self.step.moves) == STEP_MOVES or len(self.loading) == MOST_LOADS
                padded = self.tiles[tile].padded
                if full or (padded and not self.free_padded):
                    return
                slot = self.free_padded.popleft() if padded else self._spare(number, self.front)
                if slot is None:
                    return
                self._load(tile, slot)
            self.front += 1

    # Places.

    def _spare(self, number: int, needed: int) -> int | None:
        """A place for something that the job ``needed`` reads, if that costs nobody anything."""
        if len(self.free) > RESERVE:
            return self.free.popleft()
        return self._evicted(number, needed) if len(self.free) == RESERVE else None

    def _room(self, number: int, needed: int) -> int:
        """A place for what the job ``number`` needs now."""
        if self.free:
            return self.free.popleft()
        slot = self._evicted(number, needed)
        while slot is None and self.storing:
            self._finish_store()
            slot = self.free.popleft() if self.free else None
        if slot is None and self.loading:
            # What was loaded too early may go again.
            self.step.finish_loads += len(self.loading)
            self.loading.clear()
            self._emit()
            slot = self._evicted(number, needed)
        if slot is None and self.retired < number:
            self._wait_for_all(number)
            self._start_stores()
            return self._room(number, needed)
        if slot is None and self.to_store:
            self._start_stores()
            self._emit()
            return self._room(number, needed)
        if slot is None:
            raise NoRoomError
        return slot

    def _padded_room(self, number: int) -> int:
        """The same for a padded tile."""
        if not self.free_padded:
            self._wait_for_all(number)
        if not self.free_padded:
            raise NoRoomError
        return self.free_padded.popleft()

    def _evicted(self, number: int, needed: int) -> int | None:
        """The place of the tile that is needed last, and later than by the job ``needed``."""
        job = self.jobs[number]
        busy = {job.input, job.weight, job.output, *self.loading}
        if number + 1 < len(self.jobs):
            busy.add(self.jobs[number + 1].weight)
        for other in range(self.retired, number):
            busy |= {self.jobs[other].input, self.jobs[other].weight}
        victim, latest = -1, needed
        for tile in self.slot:
            known = self.tiles[tile]
            if known.source is None or known.padded or tile in busy or tile in self.changed:
                continue
            following = self._next_use(tile, number - 1)
            if following > latest:
                victim, latest = tile, following
        if victim < 0:
            return None
        self.front = min(self.front, max(latest, number + 1)) if latest < NEVER else self.front
        return self.slot.pop(victim)
