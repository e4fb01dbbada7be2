"""What every layer tells the planner and the emitter, and what they tell it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from vplat.deploy.network import TensorType

Stored: TypeAlias = npt.NDArray[Any]
"""Values as they lie in memory: the array's element type is the one that the cluster reads."""

HOME_ALIGNMENT: Final = 64
"""What homes and constants are aligned to: a line of the accelerator's tiles (`ita.md` 4)."""


class Engine(Enum):
    """Who does a layer's arithmetic."""

    CORES = "cores"
    ITA = "ITA"
    ACCELERATOR = "accelerator"
    """One that a plugin brings."""
    DMA = "DMA"
    """Nobody: the layer only moves bytes."""


@dataclass(frozen=True)
class Constant:
    """
    Values that are known beforehand, in the layout in which the layer reads them from their home.

    ``name`` is unique within the layer, like ``weights``. Two constants of a network with the same
    bytes are stored once, so a layer need not care for what others have.
    """

    name: str
    values: Stored
    alignment: int = HOME_ALIGNMENT

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", np.ascontiguousarray(self.values))


@dataclass(frozen=True)
class Buffer:
    """
    Room in L1, or in home memory for what a layer keeps there for itself.

    It is needed from the layer's step ``first`` to its step ``last``, both included; steps are the
    layer's own count. Buffers of one layer whose steps do not meet may share their room. Nothing is
    kept from one call of the layer to the next, and nothing is zeroed.
    """

    name: str
    bytes: int
    alignment: int = HOME_ALIGNMENT
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class Cost:
    """
    What a tiling is expected to take; only differences between tilings of one layer matter.

    ``compute_cycles`` are those of the slowest engine, ``dma_bytes`` those between L1 and homes,
    ``transfers`` their copies, ``barriers`` the phases. ``outside_bytes`` are read or written by
    harts one by one outside L1, where each costs its wait.
    """

    compute_cycles: int = 0
    dma_bytes: int = 0
    transfers: int = 0
    barriers: int = 1
    outside_bytes: int = 0


@dataclass(frozen=True)
class Tiling:
    """One way to cut a layer: what it needs in L1, and what it is expected to cost."""

    sizes: Mapping[str, int]
    """The layer's own parameters, like ``{"rows": 32, "columns": 128}``; reports show them."""
    buffers: tuple[Buffer, ...] = ()
    cost: Cost = field(default_factory=Cost)


class Names(Protocol):
    """What the emitter has given places: each method answers a C expression of an address.

    The expressions are constant, of type ``int8_t *``, and fit initialisers of static objects.
    """

    def home(self, tensor: str) -> str:
        """Where a tensor of the network has its home."""

    def constant(self, name: str) -> str:
        """Where one of this layer's constants is."""

    def l1(self, buffer: str) -> str:
        """Where one of the buffers of this layer's tiling is."""

    def scratch(self, buffer: str) -> str:
        """Where one of this layer's `scratch` buffers is, outside L1."""

    @property
    def prefix(self) -> str:
        """What the layer's own file-level names begin with, like ``layer_07``."""


@dataclass(frozen=True)
class Code:
    """
    A layer as C.

    ``declarations`` stand before the function: ``static const`` descriptors, whose names begin with
    ``names.prefix``. ``body`` are the statements of ``static void layer_07_ffn_in(void)``, without
    its braces and region marks, which all harts execute. The body begins with every hart having
    passed a barrier, and may return on each hart as soon as *its own* part is done, stores ended
    included: the emitter puts a barrier behind it. Lines are indented by four spaces.

    ``includes`` are headers like ``deploy/pipeline.h``; whatever belongs to a header (a source of
    the same name) and whatever that includes is copied into the project and built.
    """

    body: str
    declarations: str = ""
    includes: tuple[str, ...] = ()


class Layer(ABC):
    """
    Some nodes of the network as one C function that all harts call.

    A layer is immutable. It reads tensors at their homes, writes one or more to theirs, and leaves
    nothing else behind. Homes are outside L1, dense, row-major, little-endian, aligned to
    ``HOME_ALIGNMENT``; an output's home overlaps no input's home. The flow calls, in this order:
    ``tilings`` (the planner chooses one and places its buffers), ``code``.
    """

    name: str
    """For people and for C: that of the layer's main node, any text."""
    kind: str
    """What it computes, in a word or two: ``product``, ``softmax``, ``attention``."""
    nodes: tuple[str, ...]
    """The nodes it covers, in the network's order."""
    engine: Engine
    inputs: tuple[str, ...]
    """The tensors it reads, constants left out, each once. Only such names as have homes."""
    outputs: tuple[str, ...]
    """The tensors it writes."""
    constants: tuple[Constant, ...] = ()
    scratch: tuple[Buffer, ...] = ()
    """Room outside L1 that it needs while it runs, beside its outputs' homes."""
    operations: int = 0
    """Multiply-accumulates, or elements where there are none: what utilisation is reckoned by."""

    @abstractmethod
    def tilings(self, l1_bytes: int) -> Sequence[Tiling]:
        """
        The ways to do it with buffers of at most ``l1_bytes`` in all, the best one first.

        :raises vplat.errors.DeployError: there is none; the sentence says how many bytes are
            missing in L1
        """

    @abstractmethod
    def code(self, tiling: Tiling, names: Names) -> Code:
        """The layer as C for one of its tilings."""


@dataclass(frozen=True)
class Typed:
    """A tensor by its name, with its type: what constructors of layers like to be handed."""

    name: str
    type: TensorType
