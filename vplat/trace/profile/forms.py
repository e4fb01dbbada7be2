"""The forms in which a profile is written to files, and the whole of it as plain data."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from vplat.errors import UsageError

from .callgrind import callgrind
from .flame import collapsed, speedscope
from .profile import Cost, Function, Profile
from .stacks import Chain, frames


@dataclasses.dataclass(frozen=True)
class Report:
    """A profile with its call stacks.

    ``active`` and ``asleep`` are the cycles of each hart as the machine counted them, ``joules``
    the energy of the whole platform.
    """

    profile: Profile
    chains: Sequence[Chain]
    elf: str
    board: str
    hertz: int
    cycles: int
    joules: float
    active: Sequence[int]
    asleep: Sequence[int]

    def unattributed(self, harts: Sequence[int] | None = None) -> int:
        """Active cycles that belong to no instruction, of some harts or of all."""
        chosen = range(len(self.active)) if harts is None else harts
        return sum(self.profile.unattributed(hart, self.active[hart]) for hart in chosen)


def as_json(report: Report) -> dict[str, Any]:
    """Everything: functions and lines in the order of their cycles, and the stacks."""
    profile = report.profile
    return {
        "elf": report.elf,
        "board": report.board,
        "hertz": report.hertz,
        "cycles": report.cycles,
        "total_joules": report.joules,
        "harts": [
            {
                "id": hart,
                "active_cycles": report.active[hart],
                "sleep_cycles": report.asleep[hart],
                "unattributed_cycles": report.unattributed([hart]),
            }
            for hart in range(profile.harts)
        ],
        "functions": _functions(profile),
        "lines": [
            {"file": spot.file, "line": spot.line, "function": spot.function.name, **_figures(cost)}
            for spot, cost in ordered(profile.by_spot())
        ],
        "stacks": [
            {
                "hart": chain.hart,
                "functions": [function.name for function in frames(profile, chain)],
                "cycles": chain.cycles,
            }
            for chain in report.chains
        ],
    }


def _functions(profile: Profile) -> list[dict[str, Any]]:
    by_hart = [profile.by_function([hart]) for hart in range(profile.harts)]
    return [
        {
            "function": function.name,
            "address": function.address,
            "file": function.file,
            "line": function.line,
            **_figures(cost),
            "cycles_by_hart": [own.get(function, Cost()).cycles for own in by_hart],
        }
        for function, cost in ordered(profile.by_function())
    ]


def ordered(costs: Mapping[Any, Cost], key: str = "cycles") -> list[tuple[Any, Cost]]:
    """Costs from the greatest to the smallest; equal ones by place."""
    return sorted(costs.items(), key=lambda each: (-getattr(each[1], key), _place(each[0])))


def _place(subject: Any) -> tuple[str, int, str]:
    function = subject if isinstance(subject, Function) else subject.function
    return subject.file, subject.line, function.name


def _figures(cost: Cost) -> dict[str, int | float]:
    return {
        "cycles": cost.cycles,
        "instructions": cost.instructions,
        "joules": cost.joules,
        "sleep_cycles": cost.asleep,
    }


def _json(report: Report) -> str:
    return json.dumps(as_json(report), indent=1) + "\n"


def _speedscope(report: Report) -> str:
    return json.dumps(speedscope(report.profile, report.chains, Path(report.elf).name)) + "\n"


def _collapsed(report: Report) -> str:
    return collapsed(report.profile, report.chains)


def _callgrind(report: Report) -> str:
    return callgrind(report.profile, report.chains, report.elf)


FORMS: Final[Sequence[tuple[str, str, Callable[[Report], str]]]] = (
    ("speedscope", "NAME.speedscope.json", _speedscope),
    ("JSON", "NAME.json", _json),
    ("collapsed stacks", "NAME.collapsed", _collapsed),
    ("callgrind", "callgrind.out.NAME", _callgrind),
)
"""What a file can hold, and which name says so; the first that fits counts."""


def form_of(path: Path) -> Callable[[Report], str]:
    """What makes the text of a file of this name; a ``UsageError`` if the name says nothing."""
    for _, pattern, write in FORMS:
        start, _, end = pattern.partition("NAME")
        if path.name.startswith(start) and path.name.endswith(end):
            return write
    known = ", ".join(f"{pattern} ({what})" for what, pattern, _ in FORMS)
    raise UsageError(f"{path}: its name does not say what it is to hold; use {known}")
