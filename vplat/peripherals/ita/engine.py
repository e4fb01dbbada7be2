"""The engine behind the registers: what a job computes, and what stays from one to the next.

Its state is what SOFT_CLEAR does not reset (`ita.md` sections 2.4 and 3.1): the step and its
counters, the waiting weight sets, partial sums and softmax rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import snapshot
from .activation import Activation, activation_table
from .hazards import Hazard
from .job import Job, JobResult
from .layout import BIAS_BYTES, TILE_BYTES, TILE_EDGE, unpack_biases
from .requantisation import GREATEST_SHIFT, requantise, wrap
from .revision import Revision
from .sequence import COUNTER_MODULUS, Layer, Sequence, Step, Tiles, limits
from .softmax import SoftmaxRows
from .weights import POINTER_MASK, SET_BYTES, Fetch, Memory, WeightSet, fetch

BIAS_READ_BYTES = 224
"""Two beats of 128 bytes, 96 apart; only the first 192 bytes are biases."""
_INNER_TILES_WITHIN_RANGE = 15
_TILE_SHAPE = (TILE_EDGE, TILE_EDGE)


class Engine:
    """One ITA engine of a given revision, as it is after a hard reset.

    `run` computes one job. The device decides when: the arithmetic takes no simulated time, and
    `vplat.peripherals.ita.timing` says how long the job is busy.
    """

    def __init__(self, revision: Revision) -> None:
        self.revision = revision
        self._products = np.empty(_TILE_SHAPE, np.float64)
        self._inputs = np.empty(_TILE_SHAPE, np.float64)
        self._weights = np.empty(_TILE_SHAPE, np.float64)
        self._table_key: object = None
        self._table = b""
        self.reset()

    def reset(self) -> None:
        """A hard reset, the only one the engine has."""
        self.sequence = Sequence()
        self.waiting_sets: list[WeightSet] = []
        self.rows = SoftmaxRows(self.revision)
        self._row_tiles = 0
        self._rows_divided = False
        self._sums = np.zeros(_TILE_SHAPE, np.float64)
        self._stuck = False

    @property
    def is_stuck(self) -> bool:
        """Whether the engine stands in the middle of a tile, so that no further job completes."""
        return self._stuck

    def abandon(self) -> None:
        """A soft clear cut off a running job: the engine stays in the middle of its tile.

        Not for a job that `run` said hangs: after that one the state is already what it leaves.
        """
        self._stuck = True

    def observe(self, layer: Layer, tiles: Tiles) -> tuple[Hazard, ...]:
        """Between jobs the engine sees the registers of the next context, written or not.

        Call it when a job ends, with what the next context holds then: a TILES that equals the
        inner counter ends the inner loop (`ita.md` section 11).
        """
        moved = not self._stuck and self.sequence.settle(layer, tiles)
        return (Hazard.LOOP_CUT_SHORT,) if moved else ()

    def run(self, job: Job, memory: Memory) -> JobResult:
        """Compute one job from and to ``memory``, and move on to the next place in the sequence.

        Whatever ``memory`` raises passes through; while operands are being read that leaves the
        partial sums, rows and waiting sets as they were.
        """
        sequence = self.sequence
        if self._stuck:
            return self._result(job, (Hazard.ENGINE_STUCK,), hangs=True)
        hazards = list(self.observe(job.layer, job.tiles))
        hazards += self._sequence_hazards(job)
        sequence.begin(job.layer, job.tiles)
        self._prepare_rows()
        last = sequence.is_last_inner(job.tiles)
        hazards += _register_hazards(job, sequence.step, last=last)
        inputs, biases, loaded = self._read(job, memory)
        hazards += loaded.hazards
        hangs = not loaded.ends or job.output_disable == last
        self.waiting_sets = loaded.left
        # Each of these stops the engine in mid-tile, where it stays.
        if loaded.tile is None or (last and job.output_disable):
            self._stuck = True
            return self._result(job, tuple(hazards), hangs=True, last=last)
        if not self._rows_ready():
            self._stuck = True
            hazards.append(Hazard.ROW_SUMS_NOT_READY)
            return self._result(job, tuple(hazards), hangs=True, last=last)
        self._multiply(inputs, loaded.tile)
        if last:
            hazards += self._finish(job, biases, memory)
        result = self._result(job, tuple(hazards), hangs=hangs, last=last, stored=last)
        sequence.advance(job.layer, job.tiles)
        self._stuck = not loaded.ends
        return result

    def read_ahead(self, memory: Memory) -> None:
        """Read once more the set that the last job prefetches: the port does so late in the job."""
        if self.waiting_sets:
            address = self.waiting_sets[-1].address
            data = bytes(memory.read(address, SET_BYTES))
            self.waiting_sets[-1] = WeightSet(address, data)

    def state(self) -> bytes:
        """All of the engine's state, for `restore`."""
        return snapshot.pack(
            snapshot.EngineState(
                sequence=self.sequence,
                row_tiles=self._row_tiles,
                rows_divided=self._rows_divided,
                stuck=self._stuck,
                sums=self._sums,
                rows=self.rows,
                waiting_sets=self.waiting_sets,
            ),
            self.revision,
        )

    def restore(self, state: bytes) -> None:
        """Take on what `state` returned, in an engine of the same revision.

        Raises ``ValueError``, and changes nothing, where ``state`` is not such a state.
        """
        restored = snapshot.unpack(state, self.revision)
        self.sequence = restored.sequence
        self._row_tiles = restored.row_tiles
        self._rows_divided = restored.rows_divided
        self._stuck = restored.stuck
        self._sums = restored.sums
        self.rows = restored.rows
        self.waiting_sets = restored.waiting_sets

    def _read(self, job: Job, memory: Memory) -> tuple[NDArray[np.int8], bytes, Fetch]:
        """All that the streams read; biases are read in every job and used in the last."""
        inputs = np.frombuffer(memory.read(job.input_ptr & POINTER_MASK, TILE_BYTES), np.int8)
        loaded = fetch(self.waiting_sets, job, memory)
        biases = b""
        if not job.bias_disable:
            biases = bytes(memory.read(job.bias_ptr & POINTER_MASK, BIAS_READ_BYTES))
        return inputs.reshape(_TILE_SHAPE), biases, loaded

    def _multiply(self, inputs: NDArray[np.int8], weights: bytes) -> None:
        """Add the products to the partial sums, which the first inner tile replaces.

        float64 holds every sum exactly, and its matrix product is the fastest there is.
        """
        if self.sequence.step is Step.AV:
            np.copyto(self._inputs, self.rows.probabilities(inputs))
        else:
            np.copyto(self._inputs, inputs)
        np.copyto(self._weights, np.frombuffer(weights, np.int8).reshape(_TILE_SHAPE))
        if self.sequence.inner == 0:
            np.dot(self._inputs, self._weights.T, out=self._sums)
            return
        np.dot(self._inputs, self._weights.T, out=self._products)
        self._sums += self._products
        if self.sequence.inner >= _INNER_TILES_WITHIN_RANGE:
            np.copyto(self._sums, wrap(self._sums.astype(np.int64)))

    def _finish(self, job: Job, biases: bytes, memory: Memory) -> list[Hazard]:
        """The last inner tile: bias, requantisation, row statistics, activation, output."""
        step = self.sequence.step
        hazards: list[Hazard] = []
        accumulators = self._sums
        if biases:
            accumulators, hazards = self._add_biases(biases, by_row=job.bias_direction)
        index = step.requant_index
        values = requantise(accumulators, job.mult[index], job.shift[index], job.add[index])
        if step is Step.QK:
            self._add_to_rows(values, job.tiles)
        output = values.tobytes()
        if job.activation is not Activation.IDENTITY:
            output = output.translate(self._activation_table(job))
        memory.write(job.output_ptr & POINTER_MASK, output)
        return hazards

    def _add_biases(
        self, packed: bytes, *, by_row: bool
    ) -> tuple[NDArray[np.float64], list[Hazard]]:
        biases = unpack_biases(packed[: TILE_EDGE * BIAS_BYTES])
        accumulators = self._sums + (biases[:, None] if by_row else biases)
        # Only the u8 inputs of AV make sums that a bias can push out of range (section 5.1).
        if self.sequence.step is not Step.AV and self.sequence.inner < _INNER_TILES_WITHIN_RANGE:
            return accumulators, []
        wrapped = wrap(accumulators.astype(np.int64)).astype(np.float64)
        overflowed = not np.array_equal(wrapped, accumulators)
        return wrapped, [Hazard.ACCUMULATOR_OVERFLOW] if overflowed else []

    def _add_to_rows(self, logits: NDArray[np.int8], tiles: Tiles) -> None:
        """Statistics come from the logits before any activation (section 2.4)."""
        if self._row_tiles == 0:
            self.rows.begin()
        self.rows.accumulate(logits)
        self._row_tiles = (self._row_tiles + 1) % COUNTER_MODULUS
        if self._row_tiles == tiles.s:
            self.rows.divide()
            self._rows_divided = True

    def _prepare_rows(self) -> None:
        """Any QK job makes the inverses wait; any other job ends the rows that were summed."""
        if self.sequence.step is Step.QK:
            self._rows_divided = False
        else:
            self._row_tiles = 0

    def _rows_ready(self) -> bool:
        """AV waits for the inverses in its first tile only."""
        sequence = self.sequence
        at_start = sequence.step is Step.AV and sequence.tile == 0 and sequence.inner == 0
        return self._rows_divided or not at_start

    def _activation_table(self, job: Job) -> bytes:
        key = job.activation, job.activation_constants
        if key != self._table_key:
            self._table_key, self._table = key, activation_table(*key)
        return self._table

    def _sequence_hazards(self, job: Job) -> list[Hazard]:
        sequence = self.sequence
        if sequence.step is Step.IDLE:
            return []
        hazards = []
        if job.layer is not sequence.layer:
            hazards.append(Hazard.LAYER_CHANGED)
        counted = job.tiles.counted_by(sequence.layer)
        if counted != sequence.tiles.counted_by(sequence.layer):
            hazards.append(Hazard.TILES_CHANGED)
        return hazards

    def _result(
        self,
        job: Job,
        hazards: tuple[Hazard, ...],
        *,
        hangs: bool,
        last: bool = False,
        stored: bool = False,
    ) -> JobResult:
        traffic = job.traffic
        return JobResult(
            step=self.sequence.step,
            first_inner=self.sequence.inner == 0,
            last_inner=last,
            stored=stored,
            hangs=hangs,
            reads=traffic.reads,
            writes=traffic.writes,
            hazards=hazards,
        )


def _register_hazards(job: Job, step: Step, *, last: bool) -> list[Hazard]:
    """What the registers of the job alone are wrong about, in the place the engine is in."""
    hazards = []
    if 0 in limits(step, job.tiles):
        hazards.append(Hazard.TILE_COUNT_ZERO)
    if last and job.output_disable:
        hazards.append(Hazard.NO_OUTPUT_ON_LAST_INNER_TILE)
    if not last and not job.output_disable:
        hazards.append(Hazard.OUTPUT_BEFORE_LAST_INNER_TILE)
    if _pointers_in_use(job) & ~POINTER_MASK:
        hazards.append(Hazard.POINTER_UNALIGNED)
    if last and not job.output_disable:
        hazards += _output_hazards(job, step)
    return hazards


def _output_hazards(job: Job, step: Step) -> list[Hazard]:
    hazards = []
    shift = job.shift[step.requant_index]
    if job.activation is Activation.RESERVED:
        hazards.append(Hazard.ACTIVATION_UNKNOWN)
    elif job.activation is not Activation.IDENTITY:
        shift = max(shift, job.activation_constants.shift)
        if step not in (Step.F1, Step.MATMUL):
            hazards.append(Hazard.ACTIVATION_UNEXPECTED)
    if shift > GREATEST_SHIFT:
        hazards.append(Hazard.SHIFT_OUT_OF_RANGE)
    if _output_overlaps(job):
        hazards.append(Hazard.OUTPUT_OVERLAPS_OPERANDS)
    return hazards


def _pointers_in_use(job: Job) -> int:
    """All pointers the job follows, one over the other: only their low bits mean anything."""
    used = job.input_ptr | job.weight_ptr0
    if job.weight_nextload:
        used |= job.weight_ptr1
    if not job.bias_disable:
        used |= job.bias_ptr
    return used if job.output_disable else used | job.output_ptr


def _output_overlaps(job: Job) -> bool:
    """Whether the output tile shares bytes with the operands of the same job."""
    prefetched = 0 if job.weight_preload else SET_BYTES
    operands = [
        (job.input_ptr, TILE_BYTES),
        (job.weight_ptr0 + prefetched, TILE_BYTES - prefetched),
    ]
    if job.weight_nextload:
        operands.append((job.weight_ptr1, SET_BYTES))
    if not job.bias_disable:
        operands.append((job.bias_ptr, TILE_EDGE * BIAS_BYTES))
    output = job.output_ptr
    return any(-TILE_BYTES < output - start < length for start, length in operands)
