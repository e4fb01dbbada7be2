"""The three networks of arXiv 2408.02473, as `paper.md` has them."""

from __future__ import annotations

from typing import Final

from .figures import PaperFigures

PRINTED: Final = "printed in the abstract"
REMEMBERED: Final = "as remembered, not read again"
BOARDS: Final = ("snitch-ita", "snitch-ita-2024")
"""The paper's cluster; on another one its figures are shown for comparison all the same."""

FIGURES: Final = (
    PaperFigures("mobilebert", 32.5, 1.60e-3, 4.74, 154.0, 2960.0, 52.0e-3, PRINTED),
    PaperFigures("dinov2-small", 4.83, 7.31e-3, 11.7, 56.5, 1600.0, 35.3e-3, REMEMBERED),
    PaperFigures("whisper-tiny-encoder", 6.52, 5.55e-3, 9.74, 63.5, 1755.0, 36.2e-3, REMEMBERED),
)


def figures_of(network: str) -> PaperFigures | None:
    """The paper's figures of ``network``, if it is one of the three, however it is spelt."""
    name = network.lower().replace("_", "-").removesuffix(".onnx")
    return next((each for each in FIGURES if name == each.network), None)
