"""The driver checker on buffers: who touches memory that a device has, to the byte."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from vplat.checks import BufferRules
from vplat.checks.buffers import BuffersState
from vplat.engines.script import Step
from vplat.machine.board import DeviceSpec, MemorySpec, Span
from vplat.machine.debug import Resume, RunControl, Stop
from vplat.machine.debug_watches import Watch
from vplat.machine.run import Run
from vplat.model import RO, RW, Event, Lent, Line, Loan, Peripheral, Rows, State, Word
from vplat.testing import Call, Load, ScriptedMachine, Store, Work, scripted_board
from vplat.testing.scripted_machine import SCRIPT_BYTES

PORTER, SECOND, DATA, AGAIN = 0x3000_0000, 0x3000_1000, 0x4000_0000, 0x4001_0000
ROW, PITCH, ROWS = 16, 64, 100
SOURCE, TARGET, ELSEWHERE = DATA, DATA + 0x4000, DATA + 0xC000
BEGIN, LONG, STATUS, FIRST, ORDERED = (4 * index for index in range(5))


class Porter(Peripheral, kind="porter", size=0x40):
    """Copies rows to places apart, in 100 cycles, or in 40 without an event."""

    specification = "porter.md"

    begin = Word(BEGIN, RW, "Copies rows from here to the target.")
    until = Word(LONG, RW, "Cycles that it takes.", reset=100)
    status = Word(STATUS, RO, "Copies so far.")
    target = Word(FIRST, RW, "To where.", reset=TARGET)
    order = Word(ORDERED, RW, "Number of the queue.")
    done = Event("It has done.")
    busy = Line("It works.")
    number = State(0, "Of the copy.")

    buffers = Lent(until="status has grown", section="porter.md section 3")

    @begin.on_write
    def start(self, value: int) -> None:
        loan = Loan(
            "a copy",
            reads=(Rows(value, ROW * ROWS),),
            writes=(Rows.of(self.target, ROW, PITCH, ROWS),),
            order=str(self.order),
        )
        self.borrow("copy", self.number, lambda: loan)
        self.after(self.until, self.finish, self.number)
        self.number += 1

    def finish(self, number: int) -> None:
        self.hand_back("copy", number)
        self.status = self.status + 1
        self.done()


def lent(*scripts: Sequence[Step], to_harts: bool = False) -> tuple[ScriptedMachine, BufferRules]:
    """A machine whose harts follow scripts, and the checker that watches it."""
    memory = MemorySpec("data", DATA, 0x10000, aliases=(Span(AGAIN, 0x10000),))
    wired = {"busy": ("harts.external",)} if to_harts else {}
    devices = [
        DeviceSpec("porter", "porter", {"": PORTER}, events=wired),
        DeviceSpec("second", "porter", {"": SECOND}),
    ]
    board = scripted_board(devices, harts=max(len(scripts), 1), memories=[memory])
    machine = ScriptedMachine(board, [Porter], dict(enumerate(scripts)))
    rules = BufferRules(machine)
    machine.watching.watch(rules)
    return machine, rules


def told(machine: ScriptedMachine) -> list[tuple[str, int]]:
    """Rules, and the number of the step that each is about."""
    return [(each.rule, each.pc % SCRIPT_BYTES // 4) for each in machine.findings]


def run(*steps: Step, to_harts: bool = False) -> list[tuple[str, int]]:
    machine, _ = lent(steps, to_harts=to_harts)
    machine.run()
    return told(machine)


START = Store(PORTER + BEGIN, SOURCE)
WAIT = [Work(200), Load(PORTER + STATUS)]


def test_a_load_of_what_is_still_written_is_told_once_for_its_place() -> None:
    machine, _ = lent([START, Load(TARGET), Load(TARGET + 4), *WAIT, Load(TARGET)])
    machine.run()
    assert told(machine) == [("buffer-read-early", 1), ("buffer-read-early", 2)]
    sentence = machine.findings[0].sentence
    assert f"hart 0 loads from {TARGET:#010x}, which porter still writes (a copy," in sentence
    assert "wait until status has grown (porter.md section 3)" in sentence
    assert machine.findings[0].device == "porter"


@pytest.mark.parametrize("row", [0, 1, 63, 64, ROWS - 1])
@pytest.mark.parametrize(
    ("offset", "size", "meets"),
    [(0, 1, True), (ROW - 1, 1, True), (ROW, 1, False), (ROW, 4, False), (ROW - 2, 2, True)],
)
def test_rows_are_watched_and_what_is_between_them_is_not(
    row: int, offset: int, size: int, meets: bool
) -> None:
    address = TARGET + row * PITCH + offset
    expected = [("buffer-read-early", 1)] if meets else []
    assert run(START, Load(address, size)) == expected


def test_loads_of_what_is_read_are_fine_and_stores_are_not() -> None:
    found = run(START, Load(SOURCE), Store(SOURCE + ROW * ROWS, 1), Store(SOURCE + 5, 1, 1))
    assert found == [("buffer-overwritten", 3)]


def test_a_store_to_what_is_written_is_told() -> None:
    assert run(START, Store(TARGET + PITCH, 1)) == [("buffer-overwritten", 1)]


def test_an_alias_of_the_memory_shows_the_same_bytes() -> None:
    machine, _ = lent(
        [
            Store(PORTER + FIRST, TARGET - DATA + AGAIN),
            START,
            Load(TARGET),
            Load(TARGET - DATA + AGAIN + 4),
        ]
    )
    machine.run()
    assert told(machine) == [("buffer-read-early", 2), ("buffer-read-early", 3)]


def test_values_are_what_memory_holds_while_it_is_watched() -> None:
    values: list[int] = []
    machine, _ = lent(
        [
            Store(TARGET + ROW, 0x1234_5678),
            START,
            Load(TARGET + ROW, into=values),
            Store(TARGET + ROW + 4, 0xCAFE),
            Load(TARGET + ROW + 4, 2, into=values),
        ]
    )
    machine.run()
    assert values == [0x1234_5678, 0xCAFE]
    assert machine.findings == []


def test_who_has_waited_may_do_anything() -> None:
    assert run(START, *WAIT, Load(TARGET), Store(SOURCE, 1), Store(TARGET, 1)) == []


def test_who_goes_on_without_a_look_has_not_waited() -> None:
    machine, _ = lent([START, Work(300), Load(TARGET), Store(SOURCE, 1)])
    machine.run()
    assert told(machine) == [("buffer-not-awaited", 2), ("buffer-not-awaited", 3)]
    assert "happens to have done with" in machine.findings[0].sentence


def test_another_hart_may_have_looked() -> None:
    machine, _ = lent([START, Work(400), Load(TARGET)], [Work(250), Load(SECOND + STATUS)])
    machine.run()
    assert machine.findings == []


def test_a_device_whose_line_goes_to_the_harts_can_be_heard_without_a_load() -> None:
    assert run(START, Work(300), Load(TARGET), to_harts=True) == []


def test_two_devices_must_not_share_what_one_of_them_writes() -> None:
    second = Store(SECOND + FIRST, ELSEWHERE)
    reading = Store(SECOND + BEGIN, TARGET + 3 * PITCH)
    machine, _ = lent([START, second, reading])
    machine.run()
    assert told(machine) == [("buffer-read-early", 2)]
    sentence = machine.findings[0].sentence
    assert f"second is to read {TARGET + 3 * PITCH:#010x} (a copy), which porter still" in sentence
    assert run(START, Store(SECOND + FIRST, SOURCE + 8), Store(SECOND + BEGIN, ELSEWHERE)) == [
        ("buffer-overwritten", 2)
    ]
    # Its rows lie between the first one's.
    between = Store(SECOND + FIRST, TARGET + ROW)
    assert run(START, between, Store(SECOND + BEGIN, SOURCE)) == []


def test_a_device_works_off_its_own_queue_in_turn_and_others_side_by_side() -> None:
    back = [Store(PORTER + FIRST, ELSEWHERE), Store(PORTER + BEGIN, TARGET)]
    assert run(START, *back) == []
    assert run(START, Store(PORTER + ORDERED, 1), *back) == [("buffer-read-early", 3)]


def test_a_loan_that_is_not_over_before_the_next_of_its_number_ends_with_it() -> None:
    machines: list[ScriptedMachine] = []

    def again() -> None:
        loan = Loan("another", writes=(Rows(ELSEWHERE, 4),))
        machines[0].devices["porter"].borrow("copy", 0, lambda: loan)

    machine, rules = lent([START, Call(again), Load(TARGET), Load(ELSEWHERE)])
    machines.append(machine)
    machine.run()
    assert told(machine) == [("buffer-read-early", 3)]
    assert isinstance(rules.snapshot(), BuffersState)


def test_what_is_lent_is_part_of_a_snapshot() -> None:
    wait = [Work(20_000), Load(PORTER + STATUS)]
    long = Store(PORTER + LONG, 20_000)
    machine, rules = lent([long, START, Work(9000), Load(TARGET), *wait, Load(TARGET + PITCH)])
    Run(machine).advance(3000)
    state = machine.snapshot()
    Run(machine).until(max_cycles=100_000)
    found = told(machine)
    assert found == [("buffer-read-early", 3)]
    machine.restore(state)
    assert machine.findings == []
    Run(machine).until(max_cycles=100_000)
    assert told(machine) == found
    rules.begin_late()
    assert rules.snapshot().held == ()


def test_nothing_is_watched_once_harts_have_their_buffers_back() -> None:
    machine, rules = lent([START, *WAIT, Load(TARGET), Load(TARGET + 0x1000), Load(SOURCE)])
    watched: list[int] = []
    original = machine.engine.watch

    def watch(page: int, *, loads: bool, stores: bool) -> None:
        (watched.append if loads or stores else watched.remove)(page)
        original(page, loads=loads, stores=stores)

    machine.engine.watch = watch  # type: ignore[method-assign]
    machine.run()
    assert TARGET not in watched
    assert TARGET + 0x1000 not in watched
    rules.finish()
    assert not watched
    assert machine.accesses.watches is None


def test_a_debugger_watches_beside_the_checker() -> None:
    machine, _ = lent([START, Load(TARGET), Store(TARGET + 4, 7), Load(TARGET + ROW)])
    stops: list[Stop] = []

    def stopped(stop: Stop) -> Resume:
        stops.append(stop)
        return Resume()

    control = RunControl(machine, stopped)
    control.watches.add(Watch(TARGET + 4, 4, loads=True, stores=True))
    control.watches.add(Watch(TARGET + ROW, 4, loads=True, stores=False))
    machine.run()
    hits = [(hit.address, hit.new) for stop in stops for hit in stop.hits]
    assert hits == [(TARGET + 4, b"\x07\0\0\0"), (TARGET + ROW, bytes(4))]
    assert told(machine) == [("buffer-read-early", 1), ("buffer-overwritten", 2)]
    control.close()


def test_a_machine_that_goes_back_after_its_end_is_checked_again() -> None:
    wait = [Work(20_000), Load(PORTER + STATUS)]
    machine, rules = lent([Work(9000), START, Load(TARGET), *wait])
    Run(machine).advance(3000)
    state = machine.snapshot()
    for _ in range(2):
        machine.restore(state)
        Run(machine).until(max_cycles=100_000)
        rules.finish()
        assert told(machine) == [("buffer-read-early", 2)]
