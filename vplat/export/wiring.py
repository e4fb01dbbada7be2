"""Names for the lines that a board wires outputs to."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.exporting import HART, Connection, PlatformMap
from .names import identifier


def named_lines(platform: PlatformMap) -> list[tuple[str, Connection]]:
    """Every connection, once, with a name of its own.

    ``mchan_finished_line`` for one that ends at a device, ``clint_timer_interrupt`` for one that
    ends at the harts; the sink, and then the number, come in where an output is wired to several.
    """
    outputs: dict[tuple[str, str], list[Connection]] = {}
    for each in dict.fromkeys(platform.connections):
        outputs.setdefault((each.device, each.output), []).append(each)
    return [
        pair
        for connections in outputs.values()
        for pair in zip(_names(connections), connections, strict=True)
    ]


def _names(connections: Sequence[Connection]) -> list[str]:
    names: list[str] = []
    for more in range(3):
        names = [_name(each, more) for each in connections]
        if len(set(names)) == len(names):
            break
    return names


def _name(connection: Connection, more: int) -> str:
    parts = [connection.device, connection.output]
    if more > 0:
        parts += [connection.sink, connection.line]
    parts.append("interrupt" if connection.sink == HART else "line")
    if more > 1:
        parts.append(str(connection.number))
    return identifier("_".join(parts))
