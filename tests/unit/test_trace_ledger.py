"""What a ledger keeps of what harts and devices do."""

from __future__ import annotations

from tests.unit.ledger_samples import (
    CLUSTER,
    CONTROL,
    OWN,
    PUT,
    ROW,
    START,
    STATUS,
    WILD,
    Lamp,
    attach,
    lamp_machine,
    traced,
)
from tests.unit.machine_samples import GATE, HALT, LEVEL, OPEN, enable_interrupts, machine
from vplat.machine.machine import TRAP_CYCLES
from vplat.model import ALL_HARTS
from vplat.testing import ECALL, MRET, WFI, Load, ScriptedMachine, Store, Work
from vplat.trace.record import STATES, Entry, Kind
from vplat.trace.store import RECORDS_AT_ONCE, Row
from vplat.trace.wording import changes, in_words


def brief(entry: Entry) -> tuple[int, Kind, int, str]:
    return entry.cycle, entry.kind, entry.hart, entry.path.name


def figures(entry: Entry) -> tuple[int, int, int]:
    return entry.first, entry.second, entry.third


# Accesses.


def test_an_access_is_kept_with_its_cycle_hart_place_and_words() -> None:
    made = lamp_machine({0: [Work(5), Store(CONTROL, 0x301)], 1: [Work(9), Load(CONTROL)]})
    write, read = traced(made)
    assert brief(write) == (5, Kind.WRITE, 0, "lamp.control")
    assert figures(write) == (0x200, 0x301, 0x301)
    assert changes(write) == {"on": (0, 1), "level": (2, 3)}
    assert write.pc == made.entry(0) + 4
    assert brief(read) == (9, Kind.READ, 1, "lamp.control")
    assert read.first == 0x301
    assert read.pc == made.entry(1) + 4


def test_a_store_shows_what_the_register_holds_afterwards() -> None:
    clear, partly = traced(lamp_machine({0: [Store(STATUS, 3), Store(CONTROL + 1, 7, size=1)]}))
    assert figures(clear) == (1, 3, 0)
    assert figures(partly) == (0x200, 0x700, 0x700)


def test_elements_of_an_array_have_paths_of_their_own() -> None:
    first, second = traced(lamp_machine({0: [Store(ROW, 1), Store(ROW + 4, 2)]}))
    assert [first.path.name, second.path.name] == ["lamp.row[0]", "lamp.row[1]"]


def test_a_harts_own_copy_and_a_fixed_ports_copy_show_their_own_words() -> None:
    steps = [Store(OWN, 0x1122), Store(OWN + 1, 0x33, size=1), Store(CLUSTER, 9), Load(OWN)]
    entries = traced(lamp_machine({0: [Store(OWN, 7)], 1: [Work(1), *steps]}))
    assert [figures(each) for each in entries] == [
        (0, 7, 7),
        (0, 0x1122, 0x1122),
        (0x1122, 0x3300, 0x3322),
        (0, 9, 9),
        (0x3322, 0, 0),
    ]


def test_a_window_without_registers_is_kept_by_offset() -> None:
    read, write = traced(lamp_machine({0: [Load(WILD + 4, size=2), Store(WILD + 8, 5)]}))
    assert [read.path.name, write.path.name] == ["lamp.wild+0x4", "lamp.wild+0x8"]
    assert [read.first, write.second] == [0x44, 5]


def test_what_the_model_itself_writes_is_no_access() -> None:
    made = lamp_machine({0: [Work(3)]})
    ledger = attach(made)
    lamp = made.devices["lamp"]
    assert isinstance(lamp, Lamp)
    lamp.status.busy = 1
    made.run()
    ledger.finish()
    assert list(ledger.reader()) == []


# Events and work.


def test_events_and_lines_are_kept_with_the_harts_they_are_for() -> None:
    entries = traced(lamp_machine({0: [Work(2), Store(CONTROL, 0x1_0000)]}))
    assert [brief(each) for each in entries] == [
        (2, Kind.WRITE, 0, "lamp.control"),
        (2, Kind.PULSE, -1, "lamp.flashed"),
        (2, Kind.LEVEL, -1, "lamp.lit"),
    ]
    assert entries[1].first == 0b101
    assert figures(entries[2]) == (ALL_HARTS, 1, 0)


def test_work_is_kept_from_its_beginning_to_its_end_with_its_figures() -> None:
    made = lamp_machine({0: [Store(START, 64), Work(20)]})
    _, begin, end = traced(made)
    assert brief(begin) == (0, Kind.BEGIN, -1, "lamp.transfer")
    assert (begin.text, begin.number) == ("copy", 64)
    assert begin.details == {"from": 0x10, "to": 0x20, "bytes": 64}
    assert brief(end) == (8, Kind.END, -1, "lamp.transfer")
    assert end.number == 64


# Harts.


def test_sleep_is_kept_with_its_reason_and_the_wake_with_its_cycle() -> None:
    made = machine({0: [Work(70), Store(OPEN, 2)], 1: [Work(30), Load(GATE)]})
    entries = traced(made, "harts[1]")
    assert [brief(each) for each in entries] == [
        (30, Kind.SLEEP, 1, "harts[1].sleep"),
        (70, Kind.WAKE, 1, "harts[1].wake"),
        (70, Kind.READ, 1, "beacon.gate"),
    ]
    assert (STATES[entries[0].first], entries[0].text) == ("stalled", "the gate")
    assert entries[0].pc == entries[1].pc == entries[2].pc == made.entry(1) + 4


def test_a_hart_in_wfi_and_one_that_is_halted_sleep_too() -> None:
    made = machine({0: [Work(5), WFI], 1: [Work(9), Store(HALT, 0)]})
    entries = traced(made, "harts[*].sleep")
    assert [(each.cycle, each.hart, STATES[each.first]) for each in entries] == [
        (6, 0, "waiting"),
        (9, 0, "halted"),
    ]


def test_an_exception_is_kept_with_its_cause_and_the_return_with_its_pc() -> None:
    made = machine({0: {0: [Work(3), ECALL], 0x100: [Work(2), MRET]}})
    enable_interrupts(made, 0, handler=made.entry(0) + 0x100, mie=0)
    trap, back, *_ = traced(made, "harts[0].trap", "harts[0].return", max_cycles=40)
    assert brief(trap) == (3, Kind.TRAP, 0, "harts[0].trap")
    assert (trap.first, trap.pc) == (11, made.entry(0) + 4)
    assert brief(back) == (3 + TRAP_CYCLES + 2, Kind.RETURN, 0, "harts[0].return")
    assert back.pc == trap.pc


def test_an_interrupt_is_kept_with_its_number() -> None:
    handler = [Store(LEVEL, 1), MRET]
    made = machine(
        {0: {0: [Work(50)], 0x100: handler}, 1: [Work(20), Store(LEVEL, 1 << 16 | 1)]},
        events={"lit": ("harts.external",)},
    )
    enable_interrupts(made, 0, handler=made.entry(0) + 0x100, mie=1 << 11)
    taken, back = traced(made, "harts[0].interrupt", "harts[0].return")
    assert (taken.kind, taken.first) == (Kind.INTERRUPT, 11)
    assert back.pc == taken.pc == made.entry(0)
    assert in_words(taken) == "interrupt 11"


# Selection and order.


def test_a_pattern_for_a_field_takes_accesses_to_its_register() -> None:
    made = lamp_machine({0: [Store(CONTROL, 1), Store(PUT, 2), Load(STATUS)]})
    assert [each.path.name for each in traced(made, "lamp.status.done", "lamp.put")] == [
        "lamp.put",
        "lamp.status",
    ]


def test_a_pattern_for_a_hart_takes_what_it_loads_and_stores() -> None:
    script = [Store(PUT, 1), Load(STATUS)]
    stores = traced(lamp_machine({0: script, 1: script}), "harts[1].store")
    assert [(each.hart, each.path.name) for each in stores] == [(1, "lamp.put")]
    both = traced(lamp_machine({0: script, 1: script}), "harts[1]")
    assert [each.kind for each in both] == [Kind.WRITE, Kind.READ]


def test_a_window_of_time_keeps_what_lies_in_it_with_its_first_cycle_and_without_its_last() -> None:
    script = [Store(PUT, cycle) for cycle in range(20)]
    kept = traced(lamp_machine({0: script}), begin=5, end=8)
    assert [each.second for each in kept] == [5, 6, 7]


def test_entries_come_in_the_order_of_time_though_harts_run_ahead_of_each_other() -> None:
    script = [step for _ in range(40) for step in (Work(3), Store(PUT, 1))]
    entries = traced(lamp_machine({0: script, 1: script, 2: [Work(1), *script]}, turn_cycles=64))
    order = [(each.cycle, each.hart) for each in entries]
    assert order == sorted(order)
    assert len(order) == 120


def test_how_often_the_store_is_settled_changes_nothing() -> None:
    script = [step for _ in range(40) for step in (Work(3), Store(PUT, 1))]

    def kept(room: int) -> list[Entry]:
        made = lamp_machine({0: script, 1: [Work(2), *script]}, turn_cycles=64)
        ledger = attach(made)
        append = ledger.store.append

        def appended(row: Row) -> None:
            append(row)
            ledger.store.room = min(ledger.store.room, room)

        ledger.store.append = appended
        made.run()
        ledger.finish()
        return list(ledger.reader())

    assert kept(1) == kept(7) == kept(RECORDS_AT_ONCE)


def test_a_reader_gets_more_as_the_run_goes_on() -> None:
    made = lamp_machine({0: [Store(PUT, 1), Work(100), Store(PUT, 2)]})
    ledger = attach(made)
    reader = ledger.reader()
    made.run(max_cycles=50)
    ledger.settle()
    assert [each.second for each in reader.more()] == [1]
    assert list(reader.more()) == []
    made.outcome = None
    made.run()
    ledger.finish()
    assert [each.second for each in reader.more()] == [2]
    assert [each.second for each in reader] == [1, 2]


def test_a_run_is_the_same_with_a_ledger_and_without() -> None:
    def clocks(made: ScriptedMachine) -> list[int]:
        made.run()
        return [hart.clock for hart in made.harts]

    script = [step for _ in range(9) for step in (Work(3), Store(START, 4))]
    plain, watched = (lamp_machine({0: script, 1: script}) for _ in range(2))
    attach(watched)
    assert clocks(plain) == clocks(watched)
