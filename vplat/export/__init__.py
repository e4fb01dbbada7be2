"""What is derived from descriptions: C headers, SVD, Markdown, linker scripts.

Each form is an ``Exporter``. Those here import what they need when they are used: a run derives
nothing and should not wait for it.
"""

from __future__ import annotations

from ..errors import UsageError
from ..model import Peripheral
from ..model.exporting import Exporter, PlatformMap


def _c_header(platform: PlatformMap, kind: type[Peripheral] | None) -> str:
    from .c_header import c_header

    kind = _required(kind)
    return c_header(kind, platform.parameters_of(kind))


def _board_header(platform: PlatformMap, _: type[Peripheral] | None) -> str:
    from .board_header import board_header

    return board_header(platform)


def _svd(platform: PlatformMap, _: type[Peripheral] | None) -> str:
    from .svd import svd

    return svd(platform)


def _markdown(_: PlatformMap, kind: type[Peripheral] | None) -> str:
    from .markdown import reference_page

    return reference_page(_required(kind))


def _linker_script(platform: PlatformMap, _: type[Peripheral] | None) -> str:
    from .linker_script import linker_script

    return linker_script(platform)


def _required(kind: type[Peripheral] | None) -> type[Peripheral]:
    if kind is None:
        raise UsageError("this export describes one kind of device; name one")
    return kind


EXPORTERS = (
    Exporter(
        "c-header",
        "Registers of a device as C structs, with masks, values and asserted offsets.",
        "h",
        _c_header,
        per_device=True,
    ),
    Exporter(
        "board-header",
        "Addresses of devices and memories, numbers of harts and event lines, for C.",
        "h",
        _board_header,
    ),
    Exporter("svd", "All registers of a board as CMSIS-SVD, for debuggers.", "svd", _svd),
    Exporter(
        "markdown",
        "The reference page of a device: parameters, windows, registers, fields, lines.",
        "md",
        _markdown,
        per_device=True,
    ),
    Exporter(
        "linker-script",
        "Memories, sections, stacks and heaps of a board, for GNU ld.",
        "ld",
        _linker_script,
    ),
)
"""The forms vplat brings along."""
