"""Everything that is known beforehand, each once: constants of layers, and the inputs' homes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vplat.deploy.layers.c_text import identifier
from vplat.deploy.layers.layer import HOME_ALIGNMENT, Constant, Stored
from vplat.deploy.layers.lowering import Lowered


@dataclass(frozen=True)
class Stock:
    """Values with a symbol of their own; ``is_input`` if programs may write them."""

    values: Stored
    alignment: int
    told: str
    is_input: bool = False


@dataclass(frozen=True)
class Pool:
    """
    ``symbols`` are all values by their C symbols, ``of_layers`` the symbol of each constant by the
    layer's number and the constant's name, ``of_tensors`` those of inputs and of constant tensors.
    """

    symbols: Mapping[str, Stock]
    of_layers: Mapping[tuple[int, str], str]
    of_tensors: Mapping[str, str]

    @classmethod
    def of(cls, lowered: Lowered) -> Pool:
        """From all layers; inputs are zeros."""
        symbols: dict[str, Stock] = {}
        of_tensors: dict[str, str] = {}
        network = lowered.network
        for number, name in enumerate(network.inputs):
            symbol = _unique(f"input_{identifier(name)}", number, symbols)
            type_ = network.types[name]
            zeros = np.zeros(type_.shape, dtype=type_.element.value)
            symbols[symbol] = Stock(zeros, HOME_ALIGNMENT, f"{name}: {type_}", is_input=True)
            of_tensors[name] = symbol
        for number, name in enumerate(dict.fromkeys(lowered.homes.values())):
            if name in network.constants:
                symbol = _unique(f"output_{identifier(name)}", number, symbols)
                values = network.constants[name].astype(network.types[name].element.value)
                symbols[symbol] = Stock(values, HOME_ALIGNMENT, f"{name}: {network.types[name]}")
                of_tensors[name] = symbol
        known: dict[tuple[bytes, int], str] = {}
        of_layers: dict[tuple[int, str], str] = {}
        for number, layer in enumerate(lowered.layers):
            for constant in layer.constants:
                of_layers[number, constant.name] = _shared(number, constant, symbols, known)
        return cls(symbols, of_layers, of_tensors)


def _shared(
    number: int,
    constant: Constant,
    symbols: dict[str, Stock],
    known: dict[tuple[bytes, int], str],
) -> str:
    """The symbol of a constant; that of another one, if it has the same bytes."""
    key = (constant.values.tobytes(), constant.alignment)
    if key not in known:
        symbol = _unique(f"constant_{number:02}_{identifier(constant.name)}", number, symbols)
        shape = ", ".join(map(str, constant.values.shape))
        told = f"{constant.values.dtype}[{shape}]"
        symbols[symbol] = Stock(constant.values, constant.alignment, told)
        known[key] = symbol
    return known[key]


def _unique(symbol: str, number: int, taken: Mapping[str, object]) -> str:
    return symbol if symbol not in taken else f"{symbol}_{number}"
