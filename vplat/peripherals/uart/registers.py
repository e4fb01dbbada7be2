"""The data sheet of a 16550: its registers, fields and what a board chooses."""

from __future__ import annotations

from enum import IntEnum

from vplat.model import RC, RO, RW, W1P, WO, Line, Parameter, Peripheral, Register, bit, bits


class Cause(IntEnum):
    """What the most urgent interrupt is about, the greatest first but for the timeout."""

    MODEM_STATUS = 0
    TRANSMITTER_EMPTY = 1
    RECEIVED_DATA = 2
    LINE_STATUS = 3
    CHARACTER_TIMEOUT = 6


class Trigger(IntEnum):
    """Characters in the receive FIFO that make an interrupt."""

    ONE = 0
    FOUR = 1
    EIGHT = 2
    FOURTEEN = 3


class Registers16550(Peripheral, size=0x20):
    """What firmware and boards see of a 16550."""

    clock_divider = Parameter(1, "Cycles of the board in one of the port's clock.", minimum=1)
    poll_cycles = Parameter(
        16_384,
        "Cycles from one look for host input to the next while the receive interrupt is enabled.",
        minimum=1,
    )
    stream = Parameter(1024, "Number of the console stream that the port prints to.", minimum=0)

    rbr_thr_dll = Register(
        0x00,
        "Load: the oldest received character (RBR). Store: a character to send (THR). With "
        "lcr.dlab: bits 7:0 of the divisor (DLL).",
        data=bits(7, 0, RW, "The character, in as many low bits as lcr.word_length says."),
    )
    ier_dlm = Register(
        0x04,
        "Which interrupts are enabled (IER). With lcr.dlab: bits 15:8 of the divisor (DLM).",
        erbfi=bit(0, RW, "Received data, and the timeout of characters left in the FIFO."),
        etbei=bit(1, RW, "The transmitter takes another character."),
        elsi=bit(2, RW, "An error or a break in lsr."),
        edssi=bit(3, RW, "A change of the modem lines in msr."),
    )
    iir_fcr = Register(
        0x08,
        "Load: the most urgent interrupt (IIR). Store: control of the FIFOs (FCR).",
        none_pending=bit(0, RO, "No interrupt is pending.", reset=1),
        cause=bits(3, 1, RO, "What is pending, if none_pending is 0.", values=Cause),
        fifos_enabled=bits(7, 6, RO, "Both bits are set while the FIFOs are enabled."),
        fifo_enable=bit(0, WO, "Use the FIFOs. Other bits of this register count only with it."),
        rx_fifo_reset=bit(1, W1P, "Drop the received characters."),
        tx_fifo_reset=bit(2, W1P, "Drop the characters that are not on the line yet."),
        dma_mode=bit(3, WO, "Of the pins that ask for DMA, which nothing is connected to."),
        rx_trigger=bits(
            7, 6, WO, "Received characters that make an interrupt: 1, 4, 8, 14.", values=Trigger
        ),
    )
    lcr = Register(
        0x0C,
        "Format of a character, and the divisor latch.",
        word_length=bits(1, 0, RW, "Data bits, less 5."),
        stop_bits=bit(2, RW, "1: two stop bits; one and a half with 5 data bits."),
        parity_enable=bit(3, RW, "Send and check a parity bit."),
        even_parity=bit(4, RW, "1: even parity. 0: odd."),
        stick_parity=bit(5, RW, "The parity bit is the inverse of even_parity."),
        set_break=bit(6, RW, "Hold the line at zero."),
        dlab=bit(7, RW, "Reach the divisor in place of rbr, thr and ier."),
    )
    mcr = Register(
        0x10,
        "Modem control.",
        dtr=bit(0, RW, "Data terminal ready."),
        rts=bit(1, RW, "Request to send."),
        out1=bit(2, RW, "First output for free use."),
        out2=bit(3, RW, "Second output for free use."),
        loop=bit(4, RW, "Connect the transmitter to the receiver, dtr, rts, out1, out2 to msr."),
    )
    lsr = Register(
        0x14,
        "Line status.",
        dr=bit(0, RO, "A received character waits in rbr."),
        oe=bit(1, RC, "A character was lost: the receiver was full."),
        pe=bit(2, RC, "The oldest character came with a wrong parity bit."),
        fe=bit(3, RC, "The oldest character came without a stop bit."),
        bi=bit(4, RC, "The oldest character, a zero, stands for a break."),
        thre=bit(5, RO, "thr, or the transmit FIFO, is empty.", reset=1),
        temt=bit(6, RO, "All characters have left on the line.", reset=1),
        fifo_error=bit(7, RO, "A character in the receive FIFO came with an error or a break."),
    )
    msr = Register(
        0x18,
        "Modem status. But for loopback the host is always ready: cts, dsr, dcd are 1, ri is 0.",
        dcts=bit(0, RC, "cts has changed."),
        ddsr=bit(1, RC, "dsr has changed."),
        teri=bit(2, RC, "ri has gone from 1 to 0."),
        ddcd=bit(3, RC, "dcd has changed."),
        cts=bit(4, RO, "Clear to send.", reset=1),
        dsr=bit(5, RO, "Data set ready.", reset=1),
        ri=bit(6, RO, "Ring indicator."),
        dcd=bit(7, RO, "Data carrier detect.", reset=1),
    )
    scr = Register(0x1C, "Scratch.", value=bits(7, 0, RW, "Anything; it means nothing here."))

    irq = Line("An enabled interrupt is pending.")
