"""The six jobs of a one-tile attention on ITA, as a driver makes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final

from vplat.machine.board import Board, DeviceSpec
from vplat.model import Peripheral

from .places import data_memory
from .program import Access

Kinds = Mapping[str, type[Peripheral]]

TILE_BYTES: Final = 4096
FIRST_TILE_OFFSET: Final = 0x1000
STREAMS: Final = (0x07, 0x06, 0x0E, 0x06, 0x06, 0x04)
"""CTRL_STREAM of the jobs Q, K, V, QK, AV and OW (`ita.md` section 3.4), all without biases: who
lets them differ must write the next job's before this one ends (section 11)."""
JOBS: Final = len(STREAMS)
SETTINGS: Final = {
    "tiles": 0x1111,
    "eps_mult0": 0x0101_0101,
    "eps_mult1": 0x0101_0101,
    "right_shift0": 0x0808_0808,
    "right_shift1": 0x0808_0808,
    "ctrl_engine": 0,
}
PAUSE_LOADS: Final = 40
"""Loads from memory that take longer than a job: with the loop around it, one is more than 10
cycles, and a job less than 400 (`ita.md` section 6.2)."""
HWPE_CLOCK_ENABLE: Final = 1 << 11
"""Of cluster control's CLUSTER_CFG (`pulp-cluster.md` section 3)."""


class Flow(Enum):
    """What a driver does about a job whose registers it has written."""

    DRIVEN = "driven"
    """It starts the job and sleeps until the event that tells of its end."""
    TIMED = "timed"
    """It starts the job and does something else until the job must be over."""
    WRITTEN = "written"
    """It does something else, and nothing is started."""


def attention(board: Board, kinds: Kinds, flow: Flow) -> tuple[Access, ...] | None:
    """The accesses for ``JOBS`` jobs, or None for a board without the devices they need."""
    devices = {device.kind: device for device in board.devices}
    if not {"ita", "event_unit", "cluster_control"} <= set(devices):
        return None
    ita, events = devices["ita"], devices["event_unit"]
    line = re.search(r"lines\[(\d+)\]", " ".join(ita.events.get("finished", ())))
    if line is None:
        return None
    control = _address(devices["cluster_control"], kinds, "cluster_cfg")
    mask = _address(events, kinds, "event_mask", "demux")
    wait = Access(_address(events, kinds, "event_wait_clear", "demux"))
    pause = [Access(data_memory(board).base)] * PAUSE_LOADS
    accesses = [Access(control, HWPE_CLOCK_ENABLE), Access(mask, 1 << int(line[1]))]
    for stream in STREAMS:
        accesses.append(Access(_address(ita, kinds, "acquire")))
        for register, value in _job(board, stream):
            accesses.append(Access(_address(ita, kinds, register), value))
        if flow is not Flow.WRITTEN:
            accesses.append(Access(_address(ita, kinds, "trigger"), 0))
        accesses += [wait] if flow is Flow.DRIVEN else pause
    return tuple(accesses)


def _job(board: Board, stream: int) -> Iterator[tuple[str, int]]:
    """What a driver stores for one job before the trigger."""
    tiles = [data_memory(board).base + FIRST_TILE_OFFSET + TILE_BYTES * n for n in range(3)]
    yield "input_ptr", tiles[0]
    yield "weight_ptr0", tiles[1]
    yield "weight_ptr1", tiles[1]
    yield "output_ptr", tiles[2]
    yield from SETTINGS.items()
    yield "ctrl_stream", stream


def _address(device: DeviceSpec, kinds: Kinds, register: str, window: str = "") -> int:
    return device.windows[window] + kinds[device.kind].registers[register].offset
