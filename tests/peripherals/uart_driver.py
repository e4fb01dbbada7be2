"""A small driver for the serial port, as firmware would have one, for the tests of it."""

from __future__ import annotations

import dataclasses

from vplat.peripherals.uart import Ns16550
from vplat.testing.bench import Bench

RBR = THR = DLL = 0x00
IER = DLM = 0x04
IIR = FCR = 0x08
LCR, MCR, LSR, MSR, SCR = 0x0C, 0x10, 0x14, 0x18, 0x1C

ERBFI, ETBEI, ELSI, EDSSI = 1, 2, 4, 8
NONE, LINE, DATA, TIMEOUT, EMPTY, MODEM = 0x01, 0x06, 0x04, 0x0C, 0x02, 0x00
DR, OE, BI, THRE, TEMT, FIFO_ERROR = 0x01, 0x02, 0x10, 0x20, 0x40, 0x80
IDLE = THRE | TEMT
FIFO_ENABLE, RX_RESET, TX_RESET = 1, 2, 4
LOOP, BREAK, DLAB, EIGHT_BITS = 0x10, 0x40, 0x80, 0x03
PACE = 160
"""Cycles of a character of 8 bits without parity at the fastest divisor."""


@dataclasses.dataclass
class Driver:
    """One port on one bench, with byte accesses."""

    bench: Bench
    port: Ns16550

    def get(self, offset: int) -> int:
        """Load a register."""
        return self.bench.load(self.port, offset, size=1)

    def put(self, offset: int, value: int) -> None:
        """Store to a register."""
        self.bench.store(self.port, offset, value, size=1)

    def send(self, text: bytes) -> None:
        """Store each byte to THR, whether there is room or not."""
        for byte in text:
            self.put(THR, byte)

    def receive(self, count: int) -> bytes:
        """Load RBR so many times."""
        return bytes(self.get(RBR) for _ in range(count))

    def cause(self) -> int:
        """The interrupt identification without the bits that tell of the FIFOs."""
        return self.get(IIR) & 0x0F

    def set_divisor(self, divisor: int) -> None:
        """Through the divisor latch."""
        format_ = self.get(LCR)
        self.put(LCR, format_ | DLAB)
        self.put(DLL, divisor & 0xFF)
        self.put(DLM, divisor >> 8)
        self.put(LCR, format_)

    @property
    def line(self) -> list[tuple[int, int]]:
        """The changes of the interrupt line: cycle and level."""
        return [(sent.cycle, sent.level) for sent in self.bench.sent if sent.output == "irq"]

    @property
    def printed(self) -> bytes:
        """What is on the console."""
        return self.bench.printed.get(self.port.stream, b"")


def opened(*, fifos: int = 0, **parameters: object) -> Driver:
    """A port set to 8 bits, no parity, one stop bit, the fastest divisor; ``fifos`` goes to FCR."""
    bench = Bench()
    driver = Driver(bench, bench.build(Ns16550, parameters))
    driver.put(LCR, EIGHT_BITS)
    driver.put(FCR, fifos)
    return driver


def looped(fifos: int = 0) -> Driver:
    """A port as ``opened``, in loopback."""
    driver = opened(fifos=fifos)
    driver.put(MCR, LOOP)
    return driver
