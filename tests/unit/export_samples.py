"""Devices and a board that show every turn of the description language to the exporters."""

from __future__ import annotations

import importlib
import pkgutil
from enum import IntEnum

import vplat.peripherals
from vplat.model import (
    HART_PORT,
    RC,
    RO,
    RW,
    W1C,
    W1P,
    W1S,
    WO,
    Event,
    Input,
    Interrupts,
    Line,
    Parameter,
    Peripheral,
    PortRegister,
    PortWord,
    Register,
    Registers,
    Window,
    Word,
    Words,
    bit,
    bits,
)
from vplat.model.exporting import HART, Connection, DeviceInstance, MemoryRegion, PlatformMap


class Mode(IntEnum):
    """How the mover moves."""

    SLOW = 0
    FAST = 2


class Mover(Peripheral, kind="mover", size=0x80):
    """Moves things from */ here | to <there>.

    A second paragraph.
    """

    revision = Parameter("new", "Which register map it has.", choices=("old", "new"))
    origin = Parameter(0x1000_0000, "Where it starts.", maximum=0xFFFF_FFFF)
    depth = Parameter(4, "Entries of its queue.", minimum=1, maximum=8)
    traced = Parameter(False, "Whether it has a trace register.")

    default = Word(0x00, RW, "A name that is C's own.", reset=0xDEAD)
    here = Word(0x04, RO, "Where it is.")
    go = Word(0x08, WO, "Where to go.")
    ctrl = Register(
        0x10,
        "Control.",
        start=bit(0, W1P, "Begin."),
        mode=bits(2, 1, RW, "How.", reset=2, values=Mode),
        lock=bit(3, W1S, "Locked until reset."),
        top=bits(31, 24, RW, "Highest byte.", todo=True),
    )
    status = Register(
        0x14,
        "State.",
        done=bit(0, W1C, "It has arrived."),
        count=bits(7, 4, RC, "Arrivals since last read."),
    )
    slots = Words(4, 0x20, RW, "Slot {i}.", reset=7)
    legacy = Word(0x30, RO, "The old map's.", only=lambda it: it.revision == "old")
    modern = Word(0x30, RW, "The new map's.", only=lambda it: it.revision == "new")
    deep = Word(0x34, RW, "Only deep queues have it.", only=lambda it: it.depth > 5)
    trace = Word(0x38, RW, "Trace.", only=lambda it: it.traced and it.depth > 0)
    pairs = Words(2, 0x40, RW, "Pair {i}.", stride=8)
    fifo = Register(
        0x60,
        "One thing when read, another when written.",
        level=bits(3, 0, RO, "Entries."),
        clear=bits(1, 0, WO, "What to clear."),
    )
    ticket = Word(0x64, WO, "Stores hand one in, loads draw one.")
    bell = Word(0x68, RO, "Times rung; a store rings it.")

    arrived = Event("It has arrived.")
    busy = Line("It is on its way.")

    @here.on_read
    def look(self) -> None:
        """Count."""
        self.account("looks", 1)

    @ticket.on_read
    def draw(self) -> int:
        """The next ticket."""
        return 1

    @bell.on_write
    def ring(self) -> None:
        """Count."""
        self.bell += 1

    @go.on_write
    def leave(self) -> None:
        """Complain."""
        self.report("left-early", "do not leave")


class Arbiter(Peripheral, kind="arbiter"):
    """Lets harts meet."""

    demux = Window(0x80, "The hart's own.", port=HART_PORT)
    cluster = Window(0x80, "Of the whole cluster.", port=8)
    plain = Window(0x400, "Of any master.")

    mask = PortWord(9, 0x00, RW, "What it waits for.", windows=(demux, cluster))
    config = PortRegister(
        9, 0x04, "Settings.", windows=(demux, cluster), enable=bit(0, RW, "Takes part.")
    )
    hart_mask = Words(8, 0x00, RW, "Mask of hart {i}.", stride=0x40, windows=(plain,))
    hart_and = Words(8, 0x04, WO, "Clears mask bits of hart {i}.", stride=0x40, windows=(plain,))
    hart_buffer = Words(8, 0x1C, RO, "Events of hart {i}.", stride=0x40, windows=(plain,))
    barrier = Registers(
        4,
        0x200,
        "Barrier {i}.",
        stride=0x20,
        windows=(plain,),
        members=bits(7, 0, RW, "Harts that belong to it."),
    )
    barrier_status = Words(4, 0x204, RO, "Harts at barrier {i}.", stride=0x20, windows=(plain,))
    left = Words(2, 0x300, RW, "Interleaved with an odd one.", stride=8, windows=(plain,))
    odd = Word(0x304, RW, "Sits in a gap.", windows=(plain,))
    red = Words(2, 0x320, RW, "Red {i}.", stride=16, windows=(plain,))
    blue = Words(2, 0x328, RW, "Blue {i}.", stride=16, windows=(plain,))

    irq = Interrupts("Asks harts to come.")
    lines = Input("What may happen.", count=32)


class Pipe(Peripheral, kind="pipe", size=0x100):
    """Takes bytes anywhere."""

    body = Window(0x1000, "Bytes.")

    @body.on_store
    def take(self, value: int) -> None:
        """Print it."""
        self.platform.print(bytes([value & 0xFF]), 0)


SAMPLES: list[type[Peripheral]] = [Mover, Arbiter, Pipe]
TCDM = MemoryRegion("tcdm", 0x1000_0000, 0x2_0000, "Banked memory.")
L2 = MemoryRegion("l2", 0x1C00_0000, 0x10_0000, "On chip.")
L3 = MemoryRegion("l3", 0x8000_0000, 0x400_0000)
ROM = MemoryRegion("rom", 0x1A00_0000, 0x2000, "Boot code.", writable=False)
BOARD = PlatformMap(
    board="my-board",
    harts=8,
    isa="rv32imafc",
    vectors=0x1C00_8000,
    stack_memory="tcdm",
    devices=(
        DeviceInstance("mover", Mover, {"": 0x1020_0000}),
        DeviceInstance("old-mover", Mover, {"": 0x1020_0080}, {"revision": "old", "traced": True}),
        DeviceInstance(
            "arbiter",
            Arbiter,
            {"demux": 0x1020_4000, "cluster": 0x1020_4080, "plain": 0x1020_0800},
        ),
        DeviceInstance("pipe", Pipe, {"": 0x4000_0000, "body": 0x4000_1000}),
    ),
    memories=(TCDM, L2, L3, ROM),
    connections=(
        Connection("mover", "arrived", "arbiter", "lines", 8),
        Connection("mover", "busy", "arbiter", "lines", 9),
        Connection("mover", "busy", HART, "external", 11),
        Connection("old-mover", "arrived", "arbiter", "lines", 10),
        Connection("old-mover", "arrived", "arbiter", "lines", 12),
    ),
    doc="A board for tests.",
)


def registered_kinds() -> list[type[Peripheral]]:
    """Every kind that a module of ``vplat.peripherals`` brings, by name."""
    modules = pkgutil.walk_packages(vplat.peripherals.__path__, "vplat.peripherals.")
    found: set[type[Peripheral]] = set()
    for module in modules:
        found |= set(getattr(importlib.import_module(module.name), "vplat_peripherals", list)())
    return sorted(found, key=lambda kind: kind.kind)


def board_of(kind: type[Peripheral]) -> PlatformMap:
    """A board with one device of ``kind``, its windows one behind another."""
    bases = {name: 0x1000_0000 + 0x100_0000 * i for i, name in enumerate(kind.windows)}
    device = DeviceInstance(kind.kind, kind, bases)
    return PlatformMap("one", 1, "rv32i", L2.base, "l2", [device], [L2])
