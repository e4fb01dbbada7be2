"""Matrices at their homes, and the numbers of the accelerator's requantisers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from vplat.deploy.layers import Constant, Names
from vplat.deploy.layers.c_text import members
from vplat.deploy.network import Integers

from .jobs import Grid
from .packing import TILE_EDGE, tiled, tiles_for


class Requant(NamedTuple):
    """``mult`` 0..255, ``shift`` 0..34, ``add`` int8, which comes after the shift (5.2)."""

    mult: int
    shift: int
    add: int = 0

    def text(self) -> str:
        """As a C initialiser."""
        return f"{{{self.mult}, {self.shift}, {self.add}}}"


NOTHING: Final = Requant(0, 0, 0)


class Function(Enum):
    """An activation, and its name in C."""

    IDENTITY = "ITA_IDENTITY"
    GELU = "ITA_GELU"
    RELU = "ITA_RELU"


@dataclass(frozen=True)
class Activation:
    """What happens to int8 results before they are stored (`ita.md` section 5.4)."""

    function: Function = Function.IDENTITY
    gelu_b: int = 0
    gelu_c: int = 0
    requant: Requant = NOTHING

    def text(self) -> str:
        """As a C initialiser; empty for the identity, which is all zeros."""
        if self.function is Function.IDENTITY:
            return ""
        values = {"function": self.function.value, "requant": self.requant.text()}
        if self.function is Function.GELU:
            values |= {"gelu_b": str(self.gelu_b), "gelu_c": str(self.gelu_c)}
        return f"{{{members(values)}}}"


IDENTITY: Final = Activation()


@dataclass(frozen=True)
class Matrix:
    """
    ``rows`` of ``columns`` int8 values of a tensor, ``stride`` bytes apart, from ``offset`` on.

    A stride below ``columns`` makes rows that overlap, which can only be read.
    """

    tensor: str
    rows: int
    columns: int
    stride: int
    offset: int = 0

    @property
    def is_dense(self) -> bool:
        """Whether rows follow each other without a gap, and so do all its bytes."""
        return self.stride == self.columns

    def address(self, names: Names) -> str:
        """Its first byte, as C."""
        home = names.home(self.tensor)
        return f"{home} + {self.offset}" if self.offset else home

    def grid(self, number: int) -> Grid:
        """Its tiles, as matrix ``number`` of a schedule."""
        return Grid.of_rows(number, self.rows, self.columns, self.stride)

    def text(self, names: Names) -> str:
        """As a C initialiser of a ``struct ita_matrix``."""
        return f"{{{self.address(names)}, {self.stride}}}"


@dataclass(frozen=True)
class TileArray:
    """Constant tiles, ``rows`` times ``columns``, row by row: the layer's constant ``name``."""

    name: str
    rows: int
    columns: int
    tensor: str = field(default="", init=False)

    def grid(self, number: int) -> Grid:
        """Its tiles, as matrix ``number`` of a schedule."""
        return Grid.of_tiles(number, self.rows, self.columns)

    def text(self, names: Names) -> str:
        """As a C initialiser of a ``struct ita_matrix``."""
        return f"{{{names.constant(self.name)}, {TILE_EDGE}}}"


def constant_operand(
    name: str, operand: Matrix | Integers, constants: list[Constant]
) -> Matrix | TileArray:
    """An operand of a schedule; a constant one is added to ``constants`` as tiles."""
    if isinstance(operand, Matrix):
        return operand
    constants.append(Constant(name, tiled(operand)))
    return TileArray(name, *map(tiles_for, operand.shape))


def product_setup(inner: int, requant: Requant, activation: Activation = IDENTITY) -> str:
    """A ``struct ita_setup`` for output tiles that are sums of ``inner`` jobs."""
    values = {
        "kind": "ITA_SETUP_PRODUCT",
        "inner": str(inner),
        "requant": requant.text(),
        "activate": activation.text(),
    }
    return f"{{{members(values)}}}"


def attention_setup(sequence: int, width: int, logits: Requant, mixed: Requant) -> str:
    """A ``struct ita_setup`` for attention of so many tiles."""
    values = {
        "kind": "ITA_SETUP_ATTENTION",
        "sequence": str(sequence),
        "width": str(width),
        "requant": logits.text(),
        "mixed": mixed.text(),
    }
    return f"{{{members(values)}}}"
