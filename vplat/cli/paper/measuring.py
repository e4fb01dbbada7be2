"""Runs the benchmark programs and takes what they say of themselves, with the regions they mark."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vplat.energy import Energy
from vplat.errors import FirmwareError
from vplat.machine.console import RecordingConsole
from vplat.machine.statistics import Statistics
from vplat.plugins import Plugins
from vplat.session import Result, Session, Settings


@dataclasses.dataclass(frozen=True)
class Measured:
    """One measurement: a line ``bench NAME key=value ...`` and the region that goes with it."""

    name: str
    board: str
    values: Mapping[str, str]
    """What the program says: ``size`` or ``rows`` and ``columns``, ``macs`` where it multiplies."""
    hertz: int
    statistics: Statistics
    energy: Energy

    @property
    def size(self) -> str:
        """The edge of a product's matrices, the length of a sequence, or rows by columns."""
        if "size" in self.values:
            return self.values["size"]
        return "x".join(self.values[key] for key in ("rows", "columns") if key in self.values)

    @property
    def variant(self) -> str:
        """Which of several kernels it is; "" where there is one."""
        return self.values.get("kernel", "")

    @property
    def cycles(self) -> int:
        """From the first mark to the last."""
        return self.statistics.cycles

    @property
    def operations(self) -> int:
        """Two for a multiply-accumulate; 0 for a program that counts none."""
        return 2 * int(self.values.get("macs", "0"))

    @property
    def giga_operations_a_second(self) -> float:
        """At the operating point's clock."""
        return self.operations * self.hertz / self.cycles / 1e9

    @property
    def giga_operations_a_joule(self) -> float:
        """Of all energy in the region."""
        return self.operations / self.energy.total_joules / 1e9

    @property
    def utilisation(self) -> float | None:
        """The part of ITA's multipliers at work while ITA is busy; None where it does nothing."""
        ita = self._accelerator
        if not ita.get("macs"):
            return None
        return ita["macs"] / (PEAK_MACS_A_CYCLE * ita["busy_cycles"])

    @property
    def busy_share(self) -> float | None:
        """The part of the region in which ITA is busy; None where it does nothing."""
        ita = self._accelerator
        return ita["busy_cycles"] / self.cycles if ita.get("macs") else None

    @property
    def _accelerator(self) -> Mapping[str, int]:
        devices = self.statistics.devices.values()
        return next((each.activities for each in devices if each.kind == "ita"), {})

    def as_json(self) -> dict[str, Any]:
        """Plain data; fields are only ever added."""
        return {
            "name": self.name,
            "board": self.board,
            "size": self.size,
            "variant": self.variant,
            "macs": self.operations // 2,
            "cycles": self.cycles,
            "seconds": self.cycles / self.hertz,
            "giga_operations_a_second": self.giga_operations_a_second,
            "giga_operations_a_joule": self.giga_operations_a_joule,
            "joules": self.energy.total_joules,
            "watts": self.energy.average_watts,
            "by_component": dict(self.energy.by_component),
            "by_part": {name: dict(parts) for name, parts in self.energy.by_part.items() if parts},
            "utilisation": self.utilisation,
            "busy_share": self.busy_share,
        }


PEAK_MACS_A_CYCLE = 1024
"""ITA's multipliers (`ita.md` section 1)."""
LINE = re.compile(r"^bench (\w+)((?: \w+=\w+)+) ok$", re.MULTILINE)


def measure(program: Path, board: str, point: str, plugins: Plugins) -> list[Measured]:
    """Run a benchmark to its end.

    ``FirmwareError`` if it fails, or if its lines and its regions do not pair.
    """
    console = RecordingConsole()
    session = Session(program, plugins, console, Settings(board=board, operating_point=point))
    result = session.run()
    text = console.text.decode("utf-8", "replace")
    _check(program, result, text)
    lines = LINE.findall(text)
    if len(lines) != len(result.regions):
        raise FirmwareError(
            f"{program} says {len(lines)} lines 'bench ...' of {len(result.regions)} regions that "
            "it marks; let it print one for each"
        )
    hertz = session.point.hertz
    return [
        Measured(name, board, _values(words), hertz, region.statistics, energy)
        for (name, words), (region, energy) in zip(lines, result.regions, strict=True)
    ]


def _check(program: Path, result: Result, text: str) -> None:
    if result.exit_status != 0 or result.findings:
        found: Sequence[str] = [finding.sentence for finding, _ in result.findings[:1]]
        told = [*found, result.outcome.message, *text.splitlines()[-1:]]
        raise FirmwareError(
            f"{program} ends with status {result.exit_status}: {'; '.join(filter(None, told))}"
        )


def _values(words: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words.split())
