"""C names of all that has a place."""

from __future__ import annotations

from collections.abc import Mapping

from vplat.deploy.layers.c_text import identifier
from vplat.deploy.planned import Home, Planned


def layer_prefix(number: int, count: int) -> str:
    """``layer_07``: as many digits as the last one needs, two at least."""
    return f"layer_{number:0{max(2, len(str(count - 1)))}}"


def layer_function(number: int, count: int, name: str) -> str:
    """``layer_07_ffn_in``."""
    return f"{layer_prefix(number, count)}_{identifier(name)}"


def home_names(planned: Planned) -> Mapping[str, str]:
    """A macro for each activation: ``HOME_FFN_IN``."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for number, name in enumerate(planned.homes):
        macro = f"HOME_{identifier(name).upper()}"
        if macro in taken:
            macro = f"{macro}_{number}"
        taken.add(macro)
        found[name] = macro
    return found


def arena(memory: str) -> str:
    """The symbol at which the activations of a memory begin; the linker script has it."""
    return f"network_{memory}"


def place_text(home: Home) -> str:
    """A place in an arena, as C."""
    return f"({arena(home.memory)} + {home.offset:#x})"


class LayerNames:
    """`Names` of one layer."""

    def __init__(self, planned: Planned, homes: Mapping[str, str], number: int) -> None:
        self._planned, self._homes, self._number = planned, homes, number
        self.prefix = layer_prefix(number, len(planned.layers))

    def home(self, tensor: str) -> str:
        """A macro, or the symbol of an input."""
        if tensor in self._homes:
            return self._homes[tensor]
        return f"(int8_t *){self._planned.pool.of_tensors[tensor]}"

    def constant(self, name: str) -> str:
        """A symbol."""
        return f"(int8_t *){self._planned.pool.of_layers[self._number, name]}"

    def l1(self, buffer: str) -> str:
        """A place in L1's arena."""
        offset = self._planned.layers[self._number].offsets[buffer]
        return f"network_l1 + {offset:#x}"

    def scratch(self, buffer: str) -> str:
        """A place in an arena."""
        return place_text(self._planned.scratch[self._number, buffer])
