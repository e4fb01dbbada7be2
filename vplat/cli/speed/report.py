"""All that ``vplat bench speed`` measures, with the goals vplat has set itself."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from vplat.demos import prebuilt
from vplat.plugins import Plugins
from vplat.session import Settings

from .measuring import FULL, QUICK, Loops, Speed, Stand
from .process import Process, measure

ONE_HART_RATIO: Final = 0.85
ALL_HARTS_RATIO: Final = 0.55
ACCOUNTING_RATIO: Final = 1 / 1.2
"""Of the speed with flat costs: accounting for time and energy takes a fifth more at most."""
RECORDED_RATIO: Final = 1 / 1.1
"""Of the plain speed: a profile or coverage takes a tenth more at most."""
ACCESS_MICROSECONDS: Final = 3.0
JOB_MICROSECONDS: Final = 150.0
HELLO_SECONDS: Final = 0.6
HELLO_MEGABYTES: Final = 200.0
PLAIN_REGISTER: Final = ("cluster_control", "boot_addr")
"""A register that only holds what was stored."""
LIVE_REGISTER: Final = ("clint", "mtime_lo")
"""A register whose value is worked out when it is loaded."""


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the table: for people, and for programs ``key`` with ``value`` and the like."""

    key: str
    what: str
    value: float
    measured: str
    ratio: str = ""
    goal: str = ""
    met: bool = True


@dataclasses.dataclass(frozen=True)
class Report:
    """Everything that was measured in one go."""

    board: str
    turn_cycles: int
    harts: int
    rounds: int
    loops: Loops
    python_probe: Speed
    accesses: dict[str, float]
    job_microseconds: tuple[float, float] | None
    hello: Process | None
    host: dict[str, str]

    @property
    def rows(self) -> list[Row]:
        """The table."""
        return [*self._loops(), *self._costs()]

    def as_json(self) -> dict[str, Any]:
        """Plain data; fields are only ever added."""
        jobs = self.job_microseconds
        return {
            "board": self.board,
            "turn_cycles": self.turn_cycles,
            "harts": self.harts,
            "rounds": self.rounds,
            "loop": {
                "bare": _speed(self.loops.bare),
                "one_hart": _speed(self.loops.one_hart, self.loops.bare),
                "all_harts": _speed(self.loops.all_harts, self.loops.bare),
                "flat_costs": _speed(self.loops.flat_costs, self.loops.bare),
                "profiled": _speed(self.loops.profiled, self.loops.bare),
                "covered": _speed(self.loops.covered, self.loops.bare),
                "python_probe": {"mips": self.python_probe.mips},
            },
            "mmio_microseconds": self.accesses,
            "ita_microseconds_per_job": jobs[0] if jobs else None,
            "ita_microseconds_per_driven_job": jobs[1] if jobs else None,
            "hello": dataclasses.asdict(self.hello) if self.hello else None,
            "goals": [
                {"what": row.key, "value": row.value, "goal": row.goal, "met": row.met}
                for row in self.rows
                if row.goal
            ],
            "host": self.host,
        }

    def _loops(self) -> Iterator[Row]:
        loops = self.loops
        bare = loops.bare
        yield Row("bare", "loop, bare engine", bare.mips, _mips(bare), "100 %")
        yield _against("one_hart", "loop, one hart", loops.one_hart, bare, ONE_HART_RATIO)
        what = f"loop, {self.harts} harts together"
        yield _against("all_harts", what, loops.all_harts, bare, ALL_HARTS_RATIO)
        what = "of its speed with flat costs"
        yield _against("accounting", what, loops.all_harts, loops.flat_costs, ACCOUNTING_RATIO)
        for key, option in (("profiled", "--profile"), ("covered", "--coverage")):
            speed: Speed = getattr(loops, key)
            what = f"of its speed with {option}"
            yield _against(key, what, speed, loops.all_harts, RECORDED_RATIO)
        slow = self.python_probe
        share = f"{100 * slow.mips / bare.mips:.2g} %"
        yield Row("python_probe", "loop, one hart, probe in Python", slow.mips, _mips(slow), share)

    def _costs(self) -> Iterator[Row]:
        for name, microseconds in self.accesses.items():
            yield _at_most(
                f"mmio_{name}", f"register {name}", microseconds, "us", ACCESS_MICROSECONDS
            )
        if self.job_microseconds is not None:
            job, driven = self.job_microseconds
            yield _at_most("ita_job", "ITA tile job", job, "us", JOB_MICROSECONDS)
            what = "with registers, event and waking"
            yield Row("ita_driven_job", what, driven, f"{driven:.3g} us")
        if self.hello is not None:
            yield _at_most("hello", "vplat run hello", self.hello.seconds, "s", HELLO_SECONDS)
            resident = self.hello.resident_megabytes
            yield _at_most("hello_resident", "its memory", resident, "MB", HELLO_MEGABYTES)


def take(
    board: str | None, plugins: Plugins, *, quick: bool, tell: Callable[[str], object]
) -> Report:
    """Measure everything; ``tell`` hears what is being measured."""
    extent = QUICK if quick else FULL
    tell("vplat run hello")
    demo = prebuilt().get("hello")
    hello = measure(demo, extent.rounds) if demo else None
    with Stand(board or Settings.board, plugins, extent) as stand:
        steps = len(dataclasses.fields(Loops)) * extent.rounds
        done: list[None] = []

        def progress() -> None:
            done.append(None)
            tell(f"the loop: {len(done)} of {steps}")

        loops = stand.loops(progress)
        tell("the probe in Python")
        python_probe = stand.python_probe()
        tell("register accesses and jobs")
        return Report(
            board=stand.board.name,
            turn_cycles=stand.board.turn_cycles,
            harts=stand.board.harts.count,
            rounds=extent.rounds,
            loops=loops,
            python_probe=python_probe,
            accesses=dict(_accesses(stand)),
            job_microseconds=stand.job_microseconds(),
            hello=hello,
            host=_host(),
        )


def _accesses(stand: Stand) -> Iterator[tuple[str, float]]:
    plain = stand.register(*PLAIN_REGISTER)
    if plain is not None:
        yield "load", stand.access_microseconds(plain, store=False)
        yield "store", stand.access_microseconds(plain, store=True)
    live = stand.register(*LIVE_REGISTER)
    if live is not None:
        yield "load with behaviour", stand.access_microseconds(live, store=False)


def _speed(speed: Speed, bare: Speed | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"mips": speed.mips, "rounds": list(speed.rounds)}
    return found if bare is None else {**found, "ratio": speed.ratio_to(bare)}


def _mips(speed: Speed) -> str:
    return f"{speed.mips:,.0f} MIPS" if speed.mips >= 10 else f"{speed.mips:.1f} MIPS"


def _against(key: str, what: str, speed: Speed, bare: Speed, least: float) -> Row:
    ratio = speed.ratio_to(bare)
    goal = f"at least {100 * least:.0f} %"
    return Row(key, what, ratio, _mips(speed), f"{100 * ratio:.0f} %", goal, ratio >= least)


def _at_most(key: str, what: str, value: float, unit: str, most: float) -> Row:
    shown = f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"
    return Row(key, what, value, shown, "", f"at most {most:g} {unit}", value <= most)


def _host() -> dict[str, str]:
    return {
        "processor": _processor(),
        "processors": str(os.cpu_count() or 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "unicorn": importlib.metadata.version("unicorn"),
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()
