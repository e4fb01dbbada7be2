"""The C files of a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vplat.deploy.layers.c_text import comment
from vplat.deploy.layers.layer import Code
from vplat.deploy.planned import Planned

from .names import LayerNames, arena, home_names, layer_function, place_text

LAYERS_OF_A_FILE: Final = 32
"""A network of more has its layers in files of their own, of so many each."""
MOST_REGIONS: Final = 2047
"""Marks of regions have no greater numbers (docs/regions.md)."""


@dataclass(frozen=True)
class Written:
    """A layer's C: its function's name, and its code."""

    function: str
    told: str
    code: Code


def written_layers(planned: Planned) -> list[Written]:
    """The code of all layers."""
    homes = home_names(planned)
    count = len(planned.layers)
    found = []
    for number, each in enumerate(planned.layers):
        code = each.layer.code(each.tiling, LayerNames(planned, homes, number))
        nodes = ", ".join(each.layer.nodes)
        sizes = ", ".join(f"{name} {value}" for name, value in each.tiling.sizes.items())
        told = f"{each.layer.kind} on {each.layer.engine.value} of {nodes}. Tiling: {sizes}."
        found.append(Written(layer_function(number, count, each.layer.name), told, code))
    return found


def includes_of(layers: Sequence[Written]) -> list[str]:
    """The headers that their code needs."""
    return sorted({each for layer in layers for each in layer.code.includes})


def layer_text(number: int, layer: Written, *, is_static: bool) -> str:
    """Descriptors and function."""
    static = "static " if is_static else ""
    marked = number < MOST_REGIONS
    begin = f"    LAYER_BEGIN({number + 1});\n" if marked else ""
    end = f"    LAYER_END({number + 1});\n" if marked else "    hal_barrier();\n"
    return (
        f"/* {comment(layer.told)} */\n{layer.code.declarations}\n"
        f"{static}void {layer.function}(void)\n{{\n{begin}{layer.code.body}{end}}}\n\n"
    )


def network_files(layers: Sequence[Written]) -> dict[str, str]:
    """``network.c``, and files of layers if there are many."""
    files = {}
    headers = ["deploy/layer.h", *includes_of(layers)]
    includes = "".join(f'#include "{each}"\n' for each in sorted(set(headers)))
    calls = "".join(f"    {layer.function}();\n" for layer in layers)
    run = f"void network_run(void)\n{{\n    hal_barrier();\n{calls}}}\n"
    own = '#include "network.h"\n#include "network_memory.h"\n'
    if len(layers) <= LAYERS_OF_A_FILE:
        body = "".join(layer_text(n, layer, is_static=True) for n, layer in enumerate(layers))
        return {"network.c": f"{own}\n{includes}\n{body}{run}"}
    for first in range(0, len(layers), LAYERS_OF_A_FILE):
        some = list(enumerate(layers))[first : first + LAYERS_OF_A_FILE]
        body = "".join(layer_text(number, layer, is_static=False) for number, layer in some)
        prefix = '#include "network_layers.h"\n#include "network_memory.h"\n'
        files[f"layers_{first:03}.c"] = f"{prefix}\n{includes}\n{body.rstrip()}\n"
    declared = "".join(f"void {layer.function}(void);\n" for layer in layers)
    files["network_layers.h"] = _guarded("NETWORK_LAYERS_H", declared)
    own = '#include "network.h"\n\n#include "hal/hal.h"\n#include "network_layers.h"\n'
    files["network.c"] = f"{own}\n{run}"
    return files


def _guarded(guard: str, text: str) -> str:
    return f"#ifndef {guard}\n#define {guard}\n\n{text}\n#endif\n"


def network_header(planned: Planned) -> str:
    """``network.h``: what a program needs to use the network."""
    lines = [
        "/*",
        f" * {comment(planned.lowered.network.name)} on {planned.board.name}.",
        " *",
        " * Write the inputs, let all harts call network_run, read the outputs; and so on.",
        " */",
    ]
    text = "#include <stdint.h>\n\n"
    network = planned.lowered.network
    for name in network.inputs:
        symbol, type_ = planned.pool.of_tensors[name], network.types[name]
        text += f"/* {comment(name)}: {type_} */\n"
        text += f"extern {type_.element.value}_t {symbol}[{max(1, type_.size)}];\n"
    text += "\n"
    for number, name in enumerate(network.outputs):
        text += f"/* {comment(name)}: {network.types[name]} */\n"
        text += f"#define NETWORK_OUTPUT_{number} {home_text(planned, name)}\n"
    memories = "".join(f"extern int8_t {arena(memory)}[];\n" for memory in planned.arenas)
    text += f"\n{memories}\nvoid network_run(void);\n"
    return "\n".join(lines) + "\n" + _guarded("NETWORK_H", text)


def home_text(planned: Planned, name: str) -> str:
    """The place of a tensor of the network, as C."""
    home = planned.lowered.homes.get(name, name)
    if home in planned.homes:
        return place_text(planned.homes[home])
    return planned.pool.of_tensors[home]


def memory_header(planned: Planned, names: Mapping[str, str]) -> str:
    """``network_memory.h``: where everything lies."""
    arenas = "".join(
        f"extern int8_t {arena(memory)}[]; /* {size} bytes */\n"
        for memory, size in planned.arenas.items()
    )
    homes = "".join(
        f"#define {names[name]} {place_text(home)} /* {comment(name)}: "
        f"{planned.lowered.types[name]} */\n"
        for name, home in planned.homes.items()
    )
    constants = "".join(
        f"extern {'' if stock.is_input else 'const '}{_element(stock.values.dtype.name)} "
        f"{symbol}[{max(1, stock.values.size)}]; /* {comment(stock.told)} */\n"
        for symbol, stock in planned.pool.symbols.items()
    )
    text = (
        "#include <stdint.h>\n\n/* Where layers compute, and where tensors are between them. */\n"
        f"extern int8_t network_l1[]; /* {planned.l1_bytes} bytes */\n{arenas}\n{homes}\n"
        f"/* Inputs, and what is known beforehand: network_data.S. */\n{constants}"
    )
    return _guarded("NETWORK_MEMORY_H", text)


def _element(name: str) -> str:
    return f"{name}_t"


MAIN: Final = """\
#include "network.h"

#ifndef NETWORK_RUNS
#define NETWORK_RUNS 1
#endif

/* On all harts. */
int main(void)
{
    for (unsigned run = 0; run < NETWORK_RUNS; run++)
        network_run();
    return 0;
}
"""
