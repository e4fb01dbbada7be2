"""The state of a whole machine, as data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from ..blocks import Block
from ..csr import CsrState
from ..engine import EngineState
from ..findings import Dump, Finding
from ..hart import HartState
from ..outcome import Outcome, Trap
from .memory import Contents


@dataclasses.dataclass(frozen=True)
class PendingCall:
    """A call that is due at ``cycle``: of ``method`` of the device or part called ``owner``.

    ``behaviour`` is there in place of the two where the call is of something else: such a snapshot
    is good for its own machine alone.
    """

    cycle: int
    order: int
    owner: str
    method: str
    arguments: tuple[int, ...]
    behaviour: Callable[..., None] | None = None


@dataclasses.dataclass(frozen=True)
class ClockSnapshot:
    """What ``Clock`` knows."""

    pending: tuple[PendingCall, ...]
    asked: int
    taken: int


@dataclasses.dataclass(frozen=True)
class HartSnapshot:
    """What ``Hart`` knows beside its row and the engine's registers."""

    csrs: CsrState
    privilege: int
    lines: int
    request: tuple[int, str] | None
    state: HartState
    reason: str
    asleep_since: int
    sleep_cycles: int
    reservation: tuple[int, int] | None
    last_trap: Trap | None
    traps: int


@dataclasses.dataclass(frozen=True)
class RunSnapshot:
    """How far the run has come, and what it has brought so far."""

    started_at: int
    idle_behaviours: int
    outcome: Outcome | None
    findings: tuple[Finding, ...]
    dumps: tuple[Dump, ...]
    stale: frozenset[int | None]


@dataclasses.dataclass(frozen=True)
class MachineState:
    """Everything that the future of a machine depends on, and all that was counted so far.

    It shares with the machine and with other snapshots what never changes. ``left_early`` goes with
    ``blocks``; ``devices`` holds what ``Peripheral.snapshot`` returned, ``parts`` what ``Part``.
    """

    memories: Contents
    blocks: tuple[Block, ...]
    left_early: tuple[Mapping[tuple[int, int], int], ...]
    engine: EngineState
    rows: bytes
    turns: bytes
    harts: tuple[HartSnapshot, ...]
    clock: ClockSnapshot
    run: RunSnapshot
    devices: Mapping[str, Mapping[str, Any]]
    parts: Mapping[str, Any]
