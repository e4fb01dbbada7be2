"""A layer as the choice of its tiles sees it: axes, buffers in L1, transfers, and work of engines.

The scheme is a pipeline of stripes with a barrier between phases. A stripe is one tile of the
layer's axes. In phase k stripe k is loaded, stripe k - 1 is at the first engine, stripe k - 2 at
the second one if there is one, and what the last engine has finished is stored a phase later.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .amount import NOTHING, ONE, Amount


class Engine(StrEnum):
    """Who works."""

    DMA = "dma"
    ITA = "ita"
    CORES = "cores"


class Direction(StrEnum):
    """Which way a transfer goes."""

    LOAD = "load"
    """Into L1."""
    STORE = "store"
    """Out of L1."""


@dataclass(frozen=True)
class Axis:
    """
    One dimension of a layer's work, ``extent`` elements long.

    Tiles are multiples of ``granularity``, the last one too: what lies beyond the extent is padding
    that takes bytes and cycles. ``largest`` bounds a tile. An axis that is not to be cut has its
    extent as its granularity. Along a ``reduction`` axis results accumulate, so that it is the
    innermost loop.
    """

    name: str
    extent: int
    granularity: int = 1
    largest: int | None = None
    reduction: bool = False


@dataclass(frozen=True)
class Transfer:
    """
    How the DMA moves a buffer of L1: ``rows`` contiguous runs in ``commands`` commands.

    ``follows`` are the axes whose next tile makes a new transfer necessary; ``None`` for those that
    the buffer's bytes depend on. ``bytes`` are those moved; ``None`` for all of the buffer.
    """

    direction: Direction
    rows: Amount = ONE
    commands: Amount = ONE
    follows: tuple[str, ...] | None = None
    bytes: Amount | None = None


@dataclass(frozen=True)
class TileBuffer:
    """
    A buffer in L1 for one stripe, ``copies`` times: 2 let the DMA work ahead.

    One that is moved only once in the layer gets one copy anyway. With ``may_wait`` one copy is
    among the choices elsewhere, too: its transfers then take turns with the engines. ``lifetime``
    are the first and the last part of a phase in which its bytes matter, for buffers of one copy
    which take turns; ``None`` for always, as everything is that the pipeline hands from phase to
    phase.
    """

    name: str
    bytes: Amount
    transfer: Transfer | None = None
    copies: int = 2
    may_wait: bool = False
    lifetime: tuple[int, int] | None = None
    alignment: int = 64


@dataclass(frozen=True)
class Work:
    """What an engine does for a stripe, in cycles; for the cores, those of the slowest hart."""

    engine: Engine
    cycles: Amount


@dataclass(frozen=True)
class TiledLayer:
    """
    One layer, described for ``tile``.

    ``works`` are in the order in which a stripe passes the engines. ``setup`` are cycles of a phase
    beyond all that: the barrier, what the driving hart needs to issue jobs. ``command_cycles`` are
    those in which it issues one command of the DMA. With ``order_is_fixed`` loops are in the order
    of ``axes``, outermost first.
    """

    name: str
    axes: tuple[Axis, ...]
    buffers: tuple[TileBuffer, ...]
    works: tuple[Work, ...]
    setup: Amount = NOTHING
    command_cycles: int = 0
    order_is_fixed: bool = False


@dataclass(frozen=True)
class TiledAxis:
    """An axis cut into ``count`` tiles of ``tile`` elements, the last one ``last`` (padded)."""

    name: str
    tile: int
    count: int
    last: int


@dataclass(frozen=True)
class TiledBuffer:
    """A buffer of L1 with the offset of each copy from the beginning of the arena."""

    name: str
    bytes: int
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class Tiling:
    """
    The choice: ``axes`` in the order of the loops, outermost first.

    ``cycles`` is the estimate for the layer, ``busy`` what of it each engine works, ``moved`` the
    bytes that the DMA moves, ``arena`` the bytes of L1 in use. ``is_optimal`` says that no other
    choice is estimated to be faster.
    """

    layer: str
    axes: tuple[TiledAxis, ...]
    buffers: tuple[TiledBuffer, ...]
    phases: int
    cycles: int
    busy: tuple[tuple[Engine, int], ...]
    moved: int
    arena: int
    is_optimal: bool

    def axis(self, name: str) -> TiledAxis:
        """The axis of that name."""
        return next(each for each in self.axes if each.name == name)

    def buffer(self, name: str) -> TiledBuffer:
        """The buffer of that name."""
        return next(each for each in self.buffers if each.name == name)
