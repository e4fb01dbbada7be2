"""The layers on ITA, contributed as a plugin contributes those on an accelerator of its own.

This module is imported with every other plugin, so it imports the layers only when it is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.hookspecs import hookimpl

if TYPE_CHECKING:
    from vplat.machine.board import Board

    from .lowerings import Lowering


@hookimpl
def vplat_lowerings(board: Board, l1_bytes: int) -> list[Lowering]:
    """Products, sums and attention, for boards with an ITA that can do them."""
    from .ita import ItaMatching, Target, prepared, with_norms_beside
    from .lowerings import Lowering

    target = Target.of(board, l1_bytes)
    if target is None:
        return []
    matching = ItaMatching(target)
    return [
        Lowering(
            "ita",
            matching.matchers,
            prepare=lambda network, taken: prepared(network, target, taken),
            join=lambda lowered, taken: with_norms_beside(lowered, target, taken),
            reasons=matching.reasons,
        )
    ]
