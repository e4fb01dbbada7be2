"""Files that a run leaves for people to look at: traces, profiles, coverage."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
import rich_click

from .options import Cycles
from .writing import check_writable, whole_file, write_whole

if TYPE_CHECKING:
    from vplat.session import Result, Session
    from vplat.trace.profile.forms import Report
    from vplat.trace.tracing import Tracing

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
KEY: Final = "vplat.recording"
FILE: Final = click.Path(path_type=Path)


def select_options(
    names: tuple[str, str, str], panel: str | None = None
) -> Callable[[Decorated], Decorated]:
    """The options that say what of a run to trace, under ``names``."""
    options = (
        rich_click.option(
            names[0],
            "patterns",
            metavar="PATTERN",
            multiple=True,
            help="Keep only what matches, like 'ita.*', 'mchan.status.active' or 'harts[3]'; may "
            "be given again.",
            panel=panel,
        ),
        rich_click.option(
            names[1],
            "begin",
            metavar="CYCLE",
            type=Cycles(),
            help="Begin at this cycle.",
            panel=panel,
        ),
        rich_click.option(
            names[2],
            "end",
            metavar="CYCLE",
            type=Cycles(),
            help="End before this cycle; the run goes on.",
            panel=panel,
        ),
    )

    def decorate(command: Decorated) -> Decorated:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@dataclasses.dataclass
class Recording:
    """What ``vplat run`` was asked to record."""

    traces: Sequence[Path] = ()
    patterns: Sequence[str] = ()
    begin: int | None = None
    end: int | None = None
    profiles: Sequence[Path] = ()
    coverage: Path | None = None

    @classmethod
    def asked_for(cls, context: click.Context) -> Recording:
        """By the options of this call, with everything checked that can be before the run."""
        asked = cls(**context.meta.get(KEY, {}))
        files = [*asked.traces, *asked.profiles, *([asked.coverage] if asked.coverage else [])]
        for file in files:
            check_writable(file)
        if asked.traces:
            from vplat.trace.views import view_of

            for file in asked.traces:
                view_of(file).check()
        if asked.profiles:
            from vplat.trace.profile.forms import form_of

            for file in asked.profiles:
                form_of(file)
        return asked

    def settings(self) -> dict[str, Any]:
        """What a session needs to be told."""
        return {
            "trace": tracing_for(self.traces, self.patterns, self.begin, self.end),
            "profile": bool(self.profiles),
            "coverage": self.coverage is not None,
        }

    def write(self, session: Session, result: Result) -> None:
        """Write all files; the run is over."""
        if self.traces:
            write_traces(session, self.traces)
        if self.profiles:
            from vplat.trace.profile.forms import form_of

            report = profile_report(session, result)
            for file in self.profiles:
                write_whole(file, form_of(file)(report))
        if self.coverage is not None:
            from vplat.trace.coverage.branches import Branches
            from vplat.trace.coverage.coverage import Coverage
            from vplat.trace.coverage.lcov import to_lcov

            branches = session.observers.get(Branches)
            write_whole(self.coverage, to_lcov(Coverage.of(session.machine, branches)))


def recording_options(command: Decorated) -> Decorated:
    """The options of ``vplat run`` that record; ``Recording.asked_for`` has what they say."""
    panel = "Recording"
    options = (
        rich_click.option(
            "--trace",
            "traces",
            metavar="FILE",
            multiple=True,
            type=FILE,
            panel=panel,
            help="Write what happens to FILE, as text, JSON lines, for Perfetto, or as waves: its "
            "ending says how (.txt .jsonl .pftrace .vcd .ledger); may be given again.",
        ),
        select_options(("--trace-select", "--trace-from", "--trace-until"), panel),
        rich_click.option(
            "--profile",
            "profiles",
            metavar="FILE",
            multiple=True,
            type=FILE,
            panel=panel,
            help="Write where the cycles went to FILE: .json, .speedscope.json, .collapsed, or "
            "callgrind.out.NAME; may be given again.",
        ),
        rich_click.option(
            "--coverage",
            metavar="FILE",
            type=FILE,
            panel=panel,
            help="Write to FILE which lines and branches have run, as lcov does.",
        ),
    )
    before = len(getattr(command, "__click_params__", ()))
    for option in reversed(options):
        command = option(command)
    for parameter in command.__click_params__[before:]:  # type: ignore[attr-defined]
        parameter.callback, parameter.expose_value = _keep, False
    return command


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    context.meta.setdefault(KEY, {})[parameter.name] = value


def tracing_for(
    files: Sequence[Path], patterns: Sequence[str], begin: int | None, end: int | None
) -> Tracing | None:
    """What the ledger has to keep so that these files can be written; None for none."""
    if not files:
        return None
    from vplat.trace.tracing import Tracing
    from vplat.trace.views import view_of

    views = [view_of(file) for file in files]
    return Tracing(
        tuple(patterns),
        begin or 0,
        end,
        functions=any(view.functions for view in views),
        counters=any(view.counters for view in views),
    )


def write_traces(session: Session, files: Sequence[Path]) -> None:
    """Write the ledger of a session, each file in its view."""
    from vplat.trace.ledger import Ledger
    from vplat.trace.views import view_of

    ledger = session.observers.get(Ledger)
    for file in files:
        with whole_file(file) as stream:
            view_of(file).write(stream, ledger.reader())


def profile_report(session: Session, result: Result) -> Report:
    """The profile of a session that is over."""
    from vplat.session.prices import code_prices
    from vplat.trace.profile.forms import Report
    from vplat.trace.profile.profile import Profile
    from vplat.trace.profile.profiler import Profiler
    from vplat.trace.profile.stacks import chains

    profiler = session.observers.get(Profiler)
    profile = Profile(session.machine, profiler, code_prices(session.meter))
    statistics = result.statistics
    return Report(
        profile,
        chains(profile, profiler),
        elf=result.elf,
        board=result.board,
        hertz=session.point.hertz,
        cycles=statistics.cycles,
        joules=result.energy.total_joules,
        active=[hart.active_cycles for hart in statistics.harts],
        asleep=[hart.sleep_cycles for hart in statistics.harts],
    )
