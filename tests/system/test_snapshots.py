"""A run that goes on from a snapshot ends as if there had been none: every program, any cycle."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.system.firmware_tree import PREBUILT, PROGRAMS, board_of, run
from tests.system.session_runs import ending, session_of, states_at
from vplat.checks import RegisterRules
from vplat.errors import UsageError
from vplat.machine.console import RecordingConsole
from vplat.machine.snapshot.state import MachineState
from vplat.plugins import Plugins
from vplat.session import Session, Settings


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_ends_the_same_from_snapshots_at_several_cycles(program: str) -> None:
    plain = plain_end(program)
    session = session_of(program)
    first, *states = states_at(session, plain, [0, plain["cycles"] // 4, plain["cycles"] * 3 // 4])
    for state in (*states, first):
        session.restore(state)
        assert ending(session) == plain


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_ends_the_same_in_another_process_and_on_the_other_probe(
    tmp_path: Path, program: str
) -> None:
    plain = plain_end(program)
    native, python = session_of(program), session_of(program, native=False)
    native.when(plain["cycles"] * 9 // 10, lambda: native.save(tmp_path / "native"))
    native.run()
    python.load(tmp_path / "native")
    python.save(tmp_path / "python")
    assert ending(python) == plain
    native.load(tmp_path / "python")
    assert ending(native) == plain
    results = tmp_path / "results.json"
    ended = run(
        *(PREBUILT / f"{program}.elf", "--json", str(results)),
        *("--restore", str(tmp_path / "native")),
    )
    assert ended.returncode == 0, ended.stderr
    assert without_time(results) == plain | {"console": plain["console"].decode()}


@functools.cache
def plain_end(program: str) -> dict[str, Any]:
    """What a program comes to in one piece."""
    return ending(session_of(program))


def without_time(path: Path) -> dict[str, Any]:
    """What a JSON file of a run says, but for host time."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert found.pop("seconds") > 0
    return found


class Repeated:
    """A program that is run again and again from its beginning."""

    def __init__(self, program: str) -> None:
        self.session = session_of(program)
        self.beginning = self.session.snapshot()
        self.plain = ending(self.session)

    def from_beginning(self) -> Session:
        """The session as it was at first."""
        self.session.restore(self.beginning)
        return self.session


@pytest.fixture(scope="module", params=["interrupts", "barrier"])
def repeated(request: pytest.FixtureRequest) -> Repeated:
    """One of the programs in which harts and devices meet most often."""
    return Repeated(str(request.param))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_wherever_a_run_is_interrupted_it_ends_the_same(
    repeated: Repeated, moments: list[float]
) -> None:
    session = repeated.from_beginning()
    cycles = [round(moment * (repeated.plain["cycles"] - 100)) for moment in sorted(moments)]
    states = states_at(session, repeated.plain, cycles)
    session.restore(states[0])
    assert ending(session) == repeated.plain


@pytest.mark.parametrize("place", ["main", "printf", "a line"])
def test_a_snapshot_at_a_place_changes_nothing_either(
    tmp_path: Path, repeated: Repeated, place: str
) -> None:
    session = repeated.from_beginning()
    place = a_line_of(session) if place == "a line" else place
    pcs: list[list[int]] = []

    def save() -> None:
        pcs.append([hart.pc for hart in session.machine.harts])
        session.save(tmp_path / "saved")

    session.when(place, save)
    assert ending(session) == repeated.plain
    assert len(pcs) == 1
    session.load(tmp_path / "saved")
    assert [hart.pc for hart in session.machine.harts] == pcs[0]
    assert ending(session) == repeated.plain


def a_line_of(session: Session) -> str:
    """The place of a line in the middle of a function that runs."""
    main = session.firmware.symbols.find("main")
    assert main is not None
    found = next(
        row
        for begin, _, row in session.firmware.lines.spans
        if begin > main.address and row.file.path.name == "main.c"
    )
    return f"main.c:{found.line}"


def test_what_happens_in_a_fork_has_not_happened_afterwards(repeated: Repeated) -> None:
    session = repeated.from_beginning()
    with session.fork() as forked:
        assert ending(forked) == repeated.plain
        forked.machine.bus.write(0x1C00_8000, bytes(0x1000))
        for device in forked.machine.devices.values():
            device.reset()
    assert ending(session) == repeated.plain


def test_a_run_that_a_limit_ended_goes_on_from_its_snapshot(tmp_path: Path) -> None:
    plain = ending(session_of("interrupts"))
    session = session_of("interrupts")
    stopped: list[MachineState] = []
    session.when(None, lambda: stopped.append(session.snapshot()))
    session.when(None, lambda: session.save(tmp_path / "saved"))
    cycles = iter(range(40))
    result = session.run(watch=lambda _: next(cycles) == 20)
    assert result.as_json()["outcome"] == "interrupted"
    other = session_of("interrupts")
    other.load(tmp_path / "saved")
    assert other.machine.outcome is None
    assert ending(other) == plain
    session.restore(stopped[0])
    assert session.machine.outcome is not None


def test_the_end_of_a_run_that_ended_itself_is_no_moment_to_save_at() -> None:
    session = session_of("hello")
    session.when(None, lambda: pytest.fail("there is nothing to go on from"))
    assert session.run().exit_status == 0


@pytest.mark.parametrize("place", ["mian", "main.c:99999", "nowhere.c:3"])
def test_a_place_that_the_firmware_does_not_have_is_refused(place: str) -> None:
    session = session_of("hello")
    with pytest.raises(UsageError, match=f"has no code for '{place}'; "):
        session.when(place, lambda: None)


def test_results_that_are_sampled_on_the_way_stay_right_after_going_back() -> None:
    session = session_of("barrier")
    beginning = session.snapshot()
    seen: list[int] = []

    def sample(running: Session) -> bool:
        seen.append(running.statistics().instructions)
        return False

    plain = session.run(watch=sample).statistics
    assert seen
    for _ in range(2):
        session.restore(beginning)
        assert session.statistics().instructions == 0
        assert session.run(watch=sample).statistics == plain


def checked_session(program: str, *, check: bool) -> Session:
    """A session that holds firmware to the rules of its devices, or does not."""
    settings = Settings(board=board_of(program), check=check)
    elf = PREBUILT / f"{program}.elf"
    return Session(elf, Plugins(installed=False), RecordingConsole(), settings)


@pytest.mark.parametrize("noted", [True, False])
def test_a_driver_is_checked_after_a_restore_as_if_nothing_had_been(
    tmp_path: Path, noted: bool
) -> None:
    first = checked_session("devices", check=noted)
    first.when(80_000, lambda: first.save(tmp_path / "saved"))
    first.run()
    plain = ending(checked_session("devices", check=True))
    session = checked_session("devices", check=True)
    session.load(tmp_path / "saved")
    assert ending(session) == plain
    unchecked = checked_session("devices", check=False)
    unchecked.load(tmp_path / "saved")
    assert ending(unchecked)["cycles"] == plain["cycles"]


def test_what_was_stored_before_a_snapshot_is_still_known_to_the_rules() -> None:
    session = checked_session("devices", check=True)
    rules = next(e for e in session.machine.watching.observers if isinstance(e, RegisterRules))
    beginning = session.snapshot()
    session.run()
    end = session.snapshot()
    name = "observer RegisterRules"
    assert end.parts[name] != beginning.parts[name]
    session.restore(beginning)
    assert rules.snapshot() == beginning.parts[name]
    session.restore(end)
    assert rules.snapshot() == end.parts[name]
