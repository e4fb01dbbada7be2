#!/usr/bin/env python3
"""Draws docs/tui.svg: the live view in the middle of the attention layer.

    .venv/bin/python tools/screenshot.py [ELF [SVG]]

The firmware runs twice: once to see how much work the accelerator has to do, once until half of it is
done and accelerator and DMA are both busy.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from vplat.machine.run import Run
from vplat.plugins import Plugins
from vplat.session import HostConsole, Session
from vplat.tui import Record, Snapshot, screenshot_svg

ROOT = Path(__file__).parent.parent
FIRMWARE = ROOT / "firmware" / "prebuilt" / "attention.elf"
PICTURE = ROOT / "docs" / "tui.svg"
ACCELERATOR, DMA = "ita", "mchan"
SLICE_CYCLES = 250
WIDTH, HEIGHT = 100, 33


def session_of(elf: Path) -> Session:
    """A run that prints nothing and is alone with the built-in plugins."""
    return Session(elf, Plugins(installed=False), HostConsole())


def jobs_of(session: Session) -> int:
    """How many jobs the accelerator has done so far."""
    return session.machine.devices[ACCELERATOR].activities.get("jobs", 0)


def snapshot_in_the_middle(session: Session, jobs: int) -> Snapshot:
    """Run until half of the jobs are done and both devices are at work; what is to be seen then."""
    machine = session.machine
    record, began, run = Record(machine), time.perf_counter(), Run(machine)
    run.slice_cycles = SLICE_CYCLES

    def reached() -> bool:
        record.note_work()
        record.note_energy(*_spent(session))
        half = 2 * jobs_of(session) >= jobs
        return half and all(machine.devices[name].doing() for name in (ACCELERATOR, DMA))

    run.until(watch=reached)
    machine.outcome = None
    return Snapshot.of(session, record, seconds=time.perf_counter() - began)


def main() -> None:
    """Draw the picture."""
    elf, picture = (*map(Path, sys.argv[1:]), *(FIRMWARE, PICTURE)[len(sys.argv) - 1 :])
    whole = session_of(elf)
    whole.run()
    session = session_of(elf)
    snapshot = snapshot_in_the_middle(session, jobs_of(whole))
    picture.parent.mkdir(exist_ok=True)
    picture.write_text(screenshot_svg(session, snapshot, width=WIDTH, height=HEIGHT), "utf-8")


def _spent(session: Session) -> tuple[int, float]:
    statistics = session.statistics()
    return statistics.cycles, session.energy(statistics).total_joules


if __name__ == "__main__":
    main()
