"""What devices outside the priced cluster cost, as a plugin like any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ..hookspecs import hookimpl

if TYPE_CHECKING:
    from ..machine.board import Board

UART_CHARACTER_PICOJOULES: Final = 160.0
"""Estimated: some five edges of a pad that drives 10 pF at 1.8 V, 32 pJ each."""


@hookimpl
def vplat_energy_costs(board: Board) -> Mapping[str, float]:
    """The pad of a UART, where the board has one."""
    if any(device.kind == "ns16550" for device in board.devices):
        return {"ns16550.characters_sent": UART_CHARACTER_PICOJOULES}
    return {}
