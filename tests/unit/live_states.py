"""States of a run for the live view's tests, and what it draws of them as text."""

from __future__ import annotations

import io

from hypothesis import strategies as st
from rich.console import Console, RenderableType

from vplat.tui.history import History
from vplat.tui.state import Core, Course, Device, Doing, Snapshot, Spent
from vplat.tui.wording import clean


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def terminal(width: int = 100, height: int = 30) -> Console:
    """A console on a terminal that records what it is sent."""
    return Console(
        file=Terminal(),
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
        width=width,
        height=height,
        legacy_windows=False,
        _environ={"TERM": "xterm"},
    )


def text_of(renderable: RenderableType, width: int = 100, height: int = 30) -> str:
    """What is drawn, without colours."""
    console = Console(
        file=io.StringIO(), width=width, height=height, color_system=None, legacy_windows=False
    )
    options = console.options.update(width=width, height=height)
    return "\n".join(
        "".join(segment.text for segment in line).rstrip()
        for line in console.render_lines(renderable, options)
    )


def history(*totals: float, every: int = 1000) -> History:
    """Samples at equal distances, the first at cycle 0."""
    return History(tuple(range(0, every * len(totals), every)), totals)


def core(index: int = 0, doing: Doing = Doing.RUNNING, **rest: object) -> Core:
    """A core that was active for three quarters of 4000 cycles."""
    given: dict[str, object] = {
        "function": "main",
        "cycles": 4000,
        "active_cycles": 3000,
        "instructions": 2400,
        "history": history(0, 1000, 2000, 3000, 3000),
    }
    return Core(index, doing, **{**given, **rest})  # type: ignore[arg-type]


def snapshot(**rest: object) -> Snapshot:
    """A run of one core that has just begun."""
    given: dict[str, object] = {
        "firmware": "app.elf",
        "board": "pulp-ita",
        "volts": 0.65,
        "hertz": 425_000_000,
        "cores": (core(),),
    }
    return Snapshot(**{**given, **rest})  # type: ignore[arg-type]


words = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x3FF, categories=("L", "N", "P", "S", "Zs")),
    max_size=60,
).map(clean)
amounts = st.integers(0, 10**13)
joules = st.floats(0, 10, allow_subnormal=False)
histories = st.lists(joules, max_size=20).map(lambda steps: history(*_sums(steps)))


def _sums(steps: list[float]) -> list[float]:
    sums, total = [], 0.0
    for step in steps:
        total += step
        sums.append(total)
    return sums


cores = st.builds(
    Core,
    index=st.integers(0, 99),
    doing=st.sampled_from(Doing),
    function=words,
    wait=words,
    cycles=amounts,
    active_cycles=amounts,
    instructions=amounts,
    history=histories,
)
devices = st.builds(
    Device,
    name=words.filter(bool),
    kind=words,
    doing=words,
    activities=st.dictionaries(st.just("busy_cycles"), amounts),
    cycles=amounts,
    history=st.none() | histories,
)
energies = st.builds(
    Spent,
    joules=joules,
    watts=joules,
    components=st.lists(st.tuples(words, joules), max_size=8).map(tuple),
    figure=st.sampled_from(["exact", "calibrated", "estimated"]),
    history=histories,
)
snapshots = st.builds(
    Snapshot,
    firmware=words,
    board=words,
    volts=st.just(0.8),
    hertz=st.just(500_000_000),
    cycles=amounts,
    seconds=joules,
    instructions=amounts,
    ending=st.sampled_from(["", "exited", "crashed", "deadlocked", "out-of-cycles", "interrupted"]),
    status=st.none() | st.integers(0, 255),
    message=words,
    cores=st.lists(cores, max_size=12).map(tuple),
    devices=st.lists(devices, max_size=6).map(tuple),
    energy=energies,
    console=st.lists(words, max_size=20).map(tuple),
    findings=st.integers(0, 3),
    newest_finding=words,
    course=st.none() | st.builds(Course, st.floats(0, 1), st.just("of max cycles")),
)
