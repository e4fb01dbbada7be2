"""What DMA, accelerator and other devices do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..columns import GAP, Column, fit
from ..drawing import Row, Rows, curve
from ..history import History
from ..palette import MUTED, PLAIN, STRONG, VIOLET
from ..panel import Panel
from ..state import Device, Snapshot
from ..wording import percent

COLUMNS: Final = (
    Column("bar", 6, 28, 2),
    Column("share", 5, 5, 1),
    Column("now", 9, 9, 3),
    Column("recent", 6, 24, 4),
)
LONGEST_NAME: Final = 12
OTHERS: Final = 3
"""Lines for devices that are at something without counting busy cycles, if there is room."""


def devices(snapshot: Snapshot) -> Rows:
    """For every device with busy cycles its utilisation, in all and lately, and what it does.

    What other devices are at follows, as far as there is room.
    """
    return Rows(lambda width, height: _rows(snapshot, width, height))


def note(snapshot: Snapshot) -> str:
    """How many of them work."""
    working = sum(device.doing != "" for device in _busy(snapshot.devices))
    return f"{working} at work" if working and not snapshot.ending else ""


def rows(snapshot: Snapshot) -> int:
    """Two lines a device, one for each of a few others."""
    busy = len(_busy(snapshot.devices))
    return max(2 * busy + min(len(_others(snapshot.devices)), OTHERS), 1)


def _rows(snapshot: Snapshot, width: int, height: int) -> Iterator[Row]:
    busy, others = _busy(snapshot.devices), _others(snapshot.devices)
    if not busy and not others:
        so_far = "" if snapshot.ending else " so far"
        yield Row(width).add(f"none has been at work{so_far}", MUTED)
    longest = max((len(device.name) for device in busy), default=0)
    name = Column("name", min(longest, LONGEST_NAME), min(longest, LONGEST_NAME), 0)
    # When all is over, nothing is now.
    columns = [each for each in COLUMNS if each.name != "now" or not snapshot.ending]
    widths = fit((name, *columns), width)
    detailed = height >= 2 * len(busy)
    for device in busy:
        yield _figures(device, widths, width)
        if detailed:
            yield Row(width).add("  ").add(device.doing or "idle", MUTED)
    for device in others:
        yield Row(width).add(device.name).add(" " * GAP).add(device.doing, MUTED)


def _figures(device: Device, widths: Mapping[str, int], width: int) -> Row:
    row, history = Row(width), device.history or History()
    for name, cells in widths.items():
        match name:
            case "name":
                row.column(device.name, cells, STRONG if device.doing else PLAIN)
            case "bar":
                row.bar(device.utilisation, cells, VIOLET)
            case "share":
                row.column(percent(device.utilisation), cells, right=True)
            case "now":
                row.column(f"now {percent(min(history.present, 1.0)):>5}", cells, MUTED)
            case "recent":
                row.column(curve(history.rates(cells), 1.0), cells, VIOLET)
        row.add(" " * GAP)
    return row


def _busy(devices: Sequence[Device]) -> list[Device]:
    return [device for device in devices if device.history is not None]


def _others(devices: Sequence[Device]) -> list[Device]:
    return [device for device in devices if device.history is None and device.doing]


PANEL: Final = Panel("devices", devices, rows, 1, note)
