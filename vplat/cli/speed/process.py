"""What a whole ``vplat run`` costs, as a process of its own."""

from __future__ import annotations

import dataclasses
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from vplat.errors import ToolError

KILOBYTES_PER_UNIT: Final = 1 / 1024 if sys.platform == "darwin" else 1
"""ru_maxrss counts bytes on macOS and kilobytes elsewhere."""


@dataclasses.dataclass(frozen=True)
class Process:
    """The medians of some runs: from start to end, and the largest resident size."""

    seconds: float
    resident_megabytes: float


def measure(elf: Path, rounds: int) -> Process:
    """Run ``elf`` so often, after one run more that fills caches."""
    runs = [_run(elf) for _ in range(rounds + 1)][1:]
    return Process(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.resident_megabytes for run in runs),
    )


def _run(elf: Path) -> Process:
    command = [sys.executable, "-m", "vplat", "run", str(elf)]
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        told = " ".join(command)
        raise ToolError(f"`{told}` ended with status {process.returncode}; run it to see why")
    return Process(seconds, usage.ru_maxrss * KILOBYTES_PER_UNIT * 1024 / 1e6)
