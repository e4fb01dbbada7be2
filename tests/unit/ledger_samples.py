"""Ledgers of scripted machines, and entries made up, for the tests of the trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vplat.engines.script import Script, Step
from vplat.machine.board import DeviceSpec
from vplat.machine.machine import Machine
from vplat.model import (
    HART_PORT,
    RO,
    RW,
    W1C,
    W1P,
    WO,
    Address,
    Event,
    Line,
    Peripheral,
    PortWord,
    Register,
    Window,
    Word,
    Words,
    Work,
    bit,
    bits,
)
from vplat.testing import ScriptedMachine, scripted_board
from vplat.trace.ledger import Ledger
from vplat.trace.record import Entry, FieldLayout, Kind, Path, Place
from vplat.trace.tracing import Tracing

LAMP = 0x2000_0000
CONTROL, STATUS, ROW, PUT, START = (LAMP + offset for offset in (0, 4, 8, 0x10, 0x14))
OWN, CLUSTER, WILD = LAMP + 0x100, LAMP + 0x200, LAMP + 0x300
NOWHERE = Place()
HEADING: Mapping[str, Any] = {
    "board": "scripted",
    "elf": "a.elf",
    "operating_point": "test",
    "hertz": 100_000_000,
}


class Lamp(Peripheral, kind="lamp", size=0x40):
    """A register of every kind, an event, a line, and transfers of eight cycles."""

    own = Window(0x10, "Each hart's.", port=HART_PORT)
    cluster = Window(0x10, "The last port's.", port=2)
    wild = Window(0x10, "No registers.")
    control = Register(
        0x00,
        "Control.",
        on=bit(0, RW, "On."),
        level=bits(11, 8, RW, "Level.", reset=2),
        go=bit(16, W1P, "Go."),
    )
    status = Register(0x04, "Status.", done=bit(0, W1C, "Done.", reset=1), busy=bit(1, RO, "Busy."))
    row = Words(2, 0x08, RW, "Row.")
    put = Word(0x10, WO, "Put.")
    start = Word(0x14, RW, "Begins a transfer of so many bytes.")
    mine = PortWord(3, 0x00, RW, "Mine.", windows=(own, cluster))
    flashed = Event("Flashed.")
    lit = Line("Lit.")

    @control.go.on_set
    def shine(self) -> None:
        self.flashed(harts=0b101)
        self.lit(1)

    @start.on_write
    def begin(self, value: int) -> None:
        self.account("bytes", value)
        details = {"from": Address(0x10), "to": Address(0x20), "bytes": value}
        self.begin_work("transfer", value, lambda: Work("copy", details))
        self.after(8, self.end, value)

    def end(self, value: int) -> None:
        self.end_work("transfer", value)

    @wild.on_load
    def load_wild(self, offset: int) -> int:
        return offset + 0x40

    @wild.on_store
    def store_wild(self, value: int) -> None:
        self.account("wild", value)


def lamp_machine(
    scripts: Mapping[int, Sequence[Step] | Script], *, turn_cycles: int = 1
) -> ScriptedMachine:
    """A lamp and harts that follow ``scripts``."""
    windows = {"": LAMP, "own": OWN, "cluster": CLUSTER, "wild": WILD}
    spec = DeviceSpec("lamp", "lamp", windows)
    board = scripted_board([spec], harts=max(scripts, default=0) + 1, turn_cycles=turn_cycles)
    return ScriptedMachine(board, [Lamp], scripts)


def attach(machine: Machine, *select: str, begin: int = 0, end: int | None = None) -> Ledger:
    """A ledger that watches the machine."""
    ledger = Ledger(machine, HEADING, Tracing(select, begin, end))
    machine.watching.watch(ledger)
    return ledger


def traced(
    made: ScriptedMachine,
    *select: str,
    begin: int = 0,
    end: int | None = None,
    max_cycles: int = 1_000_000,
) -> list[Entry]:
    """What a ledger keeps of the machine's run."""
    ledger = attach(made, *select, begin=begin, end=end)
    made.run(max_cycles)
    ledger.finish()
    return list(ledger.reader())


def entry(
    kind: Kind,
    name: str = "lamp.control",
    *,
    cycle: int = 10,
    hart: int = -1,
    first: int = 0,
    second: int = 0,
    third: int = 0,
    text: str = "",
    fields: Sequence[FieldLayout] = (),
    place: Place = NOWHERE,
    pc: int = 0,
    unit: str = "",
    readable: bool = True,
    details: Mapping[str, int | str] | None = None,
) -> Entry:
    """An entry made up; the owner is what stands before the path's first full stop."""
    path = Path(name, name.partition(".")[0], tuple(fields), unit, readable)
    return Entry(cycle, kind, hart, path, pc, place, first, second, third, text, details or {})
