"""Where a run stands, in words: for a test that has failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from vplat.machine.outcome import Ending, Outcome
from vplat.session import Place

if TYPE_CHECKING:
    from vplat.session import Result, Session

    from .platform import Platform

SHOWN_STRIKES: Final = 20
SHOWN_FINDINGS: Final = 20


def how_it_ended(session: Session, outcome: Outcome) -> str:
    """One clause."""
    match outcome.ending:
        case Ending.EXITED:
            return f"it exited with status {outcome.status or 0}"
        case Ending.CRASHED if outcome.trap is not None:
            place = Place.of(session.firmware, outcome.trap.pc)
            detail = f": {outcome.trap.detail}" if outcome.trap.detail else ""
            return f"hart {outcome.trap.hart} crashed at {place}{detail}; {outcome.message}"
        case _:
            return outcome.message or str(outcome.ending)


def where_harts_stand(session: Session) -> str:
    """What each hart does, harts that do the same together, in one clause."""
    groups = session.explain().groups()
    return "; ".join(f"{_named(harts)} {told.headline()}" for harts, told in groups)


def report(platform: Platform) -> Iterator[str]:
    """Lines: how the run ended or where it stands, what was found, which faults have struck."""
    machine, session, result = platform.machine, platform.session, platform.result
    what, cycle = f"{result.elf} on {machine.board.name}", result.statistics.cycles
    if machine.outcome is None:
        yield f"{what} stands at cycle {cycle:,}"
        for harts, told in session.explain().groups():
            yield f"{_named(harts)}: {told.headline()}"
    else:
        yield f"{what}: {how_it_ended(session, machine.outcome)}, at cycle {cycle:,}"
        if result.crash is not None:
            yield from result.crash.lines()
        if result.explanation is not None:
            yield from result.explanation.lines()
    yield from _strikes(platform)
    yield from _findings(result)


def _strikes(platform: Platform) -> Iterator[str]:
    for strike in platform.machine.faults.strikes[-SHOWN_STRIKES:]:
        yield f"fault at cycle {strike.cycle:,}: {strike.sentence}"
    for planned in platform.faults.planned:
        if not planned.strikes:
            yield f"{planned!r} has not struck"


def _findings(result: Result) -> Iterator[str]:
    told = Counter(
        f"finding {finding.rule}: {finding.device}: {finding.sentence} (hart {finding.hart}"
        f"{f' at {place}' if place else ''})"
        for finding, place in result.findings
    )
    for sentence, times in list(told.items())[:SHOWN_FINDINGS]:
        yield f"{sentence} [{times} times]" if times > 1 else sentence
    if len(told) > SHOWN_FINDINGS:
        yield f"and {len(told) - SHOWN_FINDINGS} more findings"


def _named(harts: Sequence[int]) -> str:
    if len(harts) == 1:
        return f"hart {harts[0]}"
    runs: list[list[int]] = []
    for hart in harts:
        if runs and runs[-1][-1] == hart - 1:
            runs[-1].append(hart)
        else:
            runs.append([hart])
    shown = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"harts {', '.join(shown)}"
