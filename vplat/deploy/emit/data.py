"""What a project's memories hold from the beginning, as one assembly file and one binary file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vplat.deploy.layers.c_text import comment
from vplat.deploy.layers.stream import aligned
from vplat.deploy.planned import Planned

from .names import arena

BINARY: Final = "network_data.bin"


def data_files(planned: Planned, inputs: Mapping[str, bytes]) -> tuple[str, bytes]:
    """``network_data.S`` and the bytes that it takes in. ``inputs`` are by tensor."""
    given = {planned.pool.of_tensors[name]: content for name, content in inputs.items()}
    content = bytearray()
    text = "/* Inputs and constants, each once. */\n"
    for memory in sorted(set(planned.constant_memories.values())):
        text += f'\n    .section .{memory}, "aw"\n'
        for symbol, stock in planned.pool.symbols.items():
            if planned.constant_memories[symbol] != memory:
                continue
            values = given.get(symbol, stock.values.tobytes())
            text += (
                f"\n/* {comment(stock.told)} */\n    .balign {stock.alignment}\n"
                f"    .global {symbol}\n    .type {symbol}, @object\n"
                f"    .size {symbol}, {len(values)}\n{symbol}:\n"
            )
            if values:
                text += f'    .incbin "{BINARY}", {len(content)}, {len(values)}\n'
            content += values
            content += bytes(aligned(len(content), 4) - len(content))
    return text, bytes(content)


def linker_script(script: str, planned: Planned) -> str:
    """A board's linker script, with the arenas behind everything else."""
    kept = " ".join(planned.pool.of_tensors.values())
    lines = [
        "",
        "/* Inputs and outputs are there for whoever wants them, used or not. */",
        f"EXTERN({kept})" if kept else "",
        "",
        "/* Of the network: L1 while a layer runs, and activations between layers. */",
        "network_l1 = ALIGN(_tcdm_heap_start, 64);",
        _expect(
            f"network_l1 + {planned.l1_bytes}", "_tcdm_heap_end", "the buffers of layers", "L1"
        ),
    ]
    for memory, size in planned.arenas.items():
        name = arena(memory)
        lines.append(f"{name} = ALIGN(_{memory}_heap_start, 64);")
        end = f"_{memory}_heap_end"
        lines.append(
            _expect(f"{name} + {size}", end, "the activations", f"{memory} beside the rest")
        )
    return script + "\n".join(lines) + "\n"


def _expect(end: str, limit: str, what: str, place: str) -> str:
    return f'ASSERT({end} <= {limit}, "{what} do not fit into {place}")'
