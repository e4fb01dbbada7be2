#!/usr/bin/env python3
"""Draws docs/tui.svg: the live view late in the attention layer.

    .venv/bin/python tools/screenshot.py [ELF [SVG]]

The firmware runs twice: once to see how many instructions it takes, once until most of them are
done, when the cores are at different things and the accelerator's work is still in the curves.
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
SLICE_CYCLES = 500
MOMENT = 0.85
"""Of all instructions."""
WIDTH, HEIGHT = 100, 30


def session_of(elf: Path) -> Session:
    """A run that prints nothing and is alone with the built-in plugins."""
    return Session(elf, Plugins(installed=False), HostConsole())


def snapshot_at(session: Session, instructions: float) -> Snapshot:
    """Run until so many instructions have been retired; what is to be seen then.

    The host's time is that of the run alone, without that of looking at it.
    """
    record, run = Record(session.machine), Run(session.machine)
    run.slice_cycles = SLICE_CYCLES
    snapshot = Snapshot.of(session, record)
    seconds, begun = 0.0, time.perf_counter()

    def reached() -> bool:
        nonlocal snapshot, seconds, begun
        seconds += time.perf_counter() - begun
        snapshot = Snapshot.of(session, record, seconds=seconds)
        begun = time.perf_counter()
        return snapshot.instructions >= instructions

    run.until(watch=reached)
    return snapshot


def main() -> None:
    """Draw the picture."""
    arguments = [Path(each) for each in sys.argv[1:]]
    elf, picture = [*arguments, *(FIRMWARE, PICTURE)[len(arguments) :]]
    whole = session_of(elf).run()
    session = session_of(elf)
    snapshot = snapshot_at(session, MOMENT * whole.statistics.instructions)
    picture.parent.mkdir(exist_ok=True)
    picture.write_text(screenshot_svg(session, snapshot, width=WIDTH, height=HEIGHT), "utf-8")


if __name__ == "__main__":
    main()
