"""The engine's state as bytes: plain, versioned, checked on the way in.

Little endian: a header, the partial sums (4096 x s32), the rows' maxima (64 x s8), sums and
inverses (64 x u32 each), then the waiting weight sets (u32 address and 1024 bytes each).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .layout import TILE_BYTES, TILE_EDGE
from .revision import Revision
from .sequence import COUNTER_MODULUS, Layer, Sequence, Step, Tiles
from .softmax import SoftmaxRows
from .weights import BUFFERED_SETS, SET_BYTES, WeightSet

_MAGIC = b"ITA-engine"
_VERSION = 1
_HEADER = struct.Struct("<10sH16sBB4B4H??B")
_SUMS_BYTES = TILE_BYTES * 4
_ROWS_BYTES = TILE_EDGE * 9
_SET = struct.Struct(f"<I{SET_BYTES}s")
# One set more than the buffers hold waits when the third is what stopped the engine.
_MOST_SETS = BUFFERED_SETS + 1


@dataclass(slots=True)
class EngineState:
    """Everything that an engine carries from one job to the next."""

    sequence: Sequence
    row_tiles: int
    """QK tiles that the rows of the block under way hold."""
    rows_divided: bool
    """Whether the rows' inverses are those of their sums."""
    stuck: bool
    sums: NDArray[np.float64]
    """Partial sums [64, 64], integers of 26 bits."""
    rows: SoftmaxRows
    waiting_sets: list[WeightSet]


def pack(state: EngineState, revision: Revision) -> bytes:
    """``state`` as bytes; the same state gives the same bytes."""
    sequence = state.sequence
    header = _HEADER.pack(
        _MAGIC,
        _VERSION,
        revision.name.encode(),
        sequence.step,
        sequence.layer,
        *sequence.tiles,
        sequence.inner,
        sequence.tile,
        sequence.block,
        state.row_tiles,
        state.rows_divided,
        state.stuck,
        len(state.waiting_sets),
    )
    return b"".join(
        (
            header,
            state.sums.astype("<i4").tobytes(),
            state.rows.maximum.tobytes(),
            state.rows.total.astype("<u4").tobytes(),
            state.rows.inverse.astype("<u4").tobytes(),
            *(_SET.pack(*each) for each in state.waiting_sets),
        )
    )


def unpack(data: bytes, revision: Revision) -> EngineState:
    """The state that `pack` made for the same revision; raises ``ValueError`` for anything else."""
    if len(data) < _HEADER.size:
        raise ValueError(_complaint(f"it has {len(data)} bytes, less than a header"))
    magic, version, name, step, layer, *rest = _HEADER.unpack_from(data)
    *tiles, inner, tile, block, row_tiles, rows_divided, stuck, sets = rest
    if magic != _MAGIC or version != _VERSION:
        raise ValueError(_complaint(f"it does not begin with {_MAGIC!r}, version {_VERSION}"))
    if name.rstrip(b"\0") != revision.name.encode():
        raise ValueError(_complaint(f"it is not of revision {revision.name}"))
    size = _HEADER.size + _SUMS_BYTES + _ROWS_BYTES + sets * _SET.size
    if len(data) != size or sets > _MOST_SETS:
        raise ValueError(_complaint(f"it has {len(data)} bytes and names {sets} weight sets"))
    if step > max(Step) or layer > max(Layer):
        raise ValueError(_complaint(f"step {step} in layer {layer} does not exist"))
    if max(inner, tile, block, row_tiles) >= COUNTER_MODULUS:
        raise ValueError(_complaint("a counter has more than 11 bits"))
    return EngineState(
        sequence=Sequence(Step(step), Layer(layer), Tiles(*tiles), inner, tile, block),
        row_tiles=row_tiles,
        rows_divided=rows_divided,
        stuck=stuck,
        sums=_sums(data),
        rows=_rows(data, revision),
        waiting_sets=[
            WeightSet(*each) for each in _SET.iter_unpack(data[size - sets * _SET.size :])
        ],
    )


def _sums(data: bytes) -> NDArray[np.float64]:
    values = np.frombuffer(data, "<i4", TILE_BYTES, _HEADER.size)
    return values.astype(np.float64).reshape(TILE_EDGE, TILE_EDGE)


def _rows(data: bytes, revision: Revision) -> SoftmaxRows:
    start = _HEADER.size + _SUMS_BYTES
    rows = SoftmaxRows(revision)
    rows.maximum[:] = np.frombuffer(data, np.int8, TILE_EDGE, start)
    rows.total[:] = np.frombuffer(data, "<u4", TILE_EDGE, start + TILE_EDGE)
    rows.inverse[:] = np.frombuffer(data, "<u4", TILE_EDGE, start + 5 * TILE_EDGE)
    return rows


def _complaint(why: str) -> str:
    return f"these bytes are not the state of this ITA engine: {why}; restore what state() returned"
