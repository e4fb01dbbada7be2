"""The 16550's receive, line and modem interrupts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.peripherals.uart_driver import (
    DATA,
    DR,
    EDSSI,
    ELSI,
    EMPTY,
    ERBFI,
    ETBEI,
    FIFO_ENABLE,
    IER,
    IIR,
    LINE,
    LOOP,
    LSR,
    MCR,
    MODEM,
    MSR,
    NONE,
    OE,
    PACE,
    RBR,
    TIMEOUT,
    looped,
    opened,
)

POLL = 16_384


def test_the_receive_interrupt_looks_for_input_by_itself() -> None:
    uart = opened()
    uart.put(IER, ERBFI)
    uart.bench.advance(100)
    uart.bench.typed += b"a"
    uart.bench.advance(POLL + PACE)
    assert uart.line == [(POLL + PACE, 1)]
    assert uart.cause() == DATA
    assert uart.get(RBR) == ord("a")
    assert uart.line[1:] == [(100 + POLL + PACE, 0)]


def test_a_board_chooses_how_often_the_host_is_asked() -> None:
    uart = opened(poll_cycles=50)
    uart.put(IER, ERBFI)
    uart.bench.advance(10)
    uart.bench.typed += b"a"
    uart.bench.advance(1000)
    assert uart.line == [(PACE + 40 + 10, 1)]


def test_when_the_input_has_ended_nothing_is_due_any_more() -> None:
    uart = opened()
    uart.bench.typed += b"a"
    uart.put(IER, ERBFI)
    uart.bench.advance(POLL + PACE)
    uart.bench.input_ended = True
    assert uart.receive(1) == b"a"
    uart.bench.settle()
    assert uart.line[-1][1] == 0


def test_without_interrupts_nothing_is_scheduled() -> None:
    uart = opened(fifos=FIFO_ENABLE)
    uart.bench.typed += b"abc"
    uart.get(LSR)
    uart.bench.settle(limit=0)
    uart.put(IER, ERBFI)
    uart.put(IER, 0)
    uart.bench.settle(limit=0)


@pytest.mark.parametrize(("code", "level"), [(0, 1), (1, 4), (2, 8), (3, 14)])
def test_the_fifo_interrupts_at_its_trigger_level_and_until_it_is_below(
    code: int, level: int
) -> None:
    uart = looped(FIFO_ENABLE | code << 6)
    uart.put(IER, ERBFI)
    uart.send(b"x" * level)
    uart.bench.advance(level * PACE)
    assert uart.line == [(level * PACE, 1)]
    assert uart.get(IIR) == DATA | 0xC0
    assert uart.get(RBR) == ord("x")
    assert uart.get(IIR) & 0x0F == NONE
    assert uart.line[1:] == [(level * PACE, 0)]


def test_characters_left_in_the_fifo_make_an_interrupt_after_four_character_times() -> None:
    uart = looped(FIFO_ENABLE | 3 << 6)
    uart.put(IER, ERBFI)
    uart.send(b"ab")
    uart.bench.advance(20 * PACE)
    assert uart.line == [((2 + 4) * PACE, 1)]
    assert uart.cause() == TIMEOUT
    assert uart.get(RBR) == ord("a")
    assert uart.line[-1] == (20 * PACE, 0)
    uart.bench.advance(20 * PACE)
    assert uart.line[-1] == (24 * PACE, 1)


def test_a_received_character_puts_the_timeout_off() -> None:
    uart = looped(FIFO_ENABLE | 3 << 6)
    uart.put(IER, ERBFI)
    uart.send(b"a")
    uart.bench.advance(4 * PACE)
    uart.send(b"b")
    uart.bench.advance(20 * PACE)
    assert uart.line == [((5 + 4) * PACE, 1)]


def test_without_a_fifo_there_is_no_timeout() -> None:
    uart = looped()
    uart.put(IER, ERBFI)
    uart.send(b"a")
    uart.bench.advance(20 * PACE)
    assert uart.line == [(PACE, 1)]
    assert uart.cause() == DATA


def test_a_line_error_interrupts_until_the_line_status_is_read() -> None:
    uart = looped()
    uart.put(IER, ELSI)
    uart.send(b"ab")
    uart.bench.advance(5 * PACE)
    assert uart.line == [(2 * PACE, 1)]
    assert uart.cause() == LINE
    uart.get(LSR)
    assert uart.cause() == NONE
    assert uart.line[-1][1] == 0


@pytest.mark.parametrize(
    ("mcr", "msr"),
    [(0x01, 0x20), (0x02, 0x10), (0x04, 0x40), (0x08, 0x80), (0x0F, 0xF0), (0x00, 0x00)],
)
def test_loopback_shows_the_modem_outputs_as_inputs(mcr: int, msr: int) -> None:
    uart = opened()
    uart.put(MCR, LOOP | mcr)
    uart.get(MSR)
    assert uart.get(MSR) == msr
    uart.put(MCR, 0)
    assert uart.get(MSR) & 0xF0 == 0xB0


@pytest.mark.parametrize(
    ("output", "delta"), [(0x02, 0x01), (0x01, 0x02), (0x08, 0x08)], ids=["rts", "dtr", "out2"]
)
def test_a_change_of_a_modem_line_shows_until_it_is_read(output: int, delta: int) -> None:
    uart = looped()
    uart.get(MSR)
    uart.put(MCR, LOOP | output)
    assert uart.get(MSR) & 0x0F == delta
    assert uart.get(MSR) & 0x0F == 0
    uart.put(MCR, LOOP)
    uart.put(MCR, LOOP | output)
    assert uart.get(MSR) & 0x0F == delta


def test_the_ring_indicator_tells_only_of_its_end() -> None:
    uart = looped()
    uart.get(MSR)
    uart.put(MCR, LOOP | 0x04)
    assert uart.get(MSR) == 0x40
    uart.put(MCR, LOOP)
    assert uart.get(MSR) == 0x04
    assert uart.get(MSR) == 0


def test_a_modem_change_interrupts_until_the_modem_status_is_read() -> None:
    uart = looped()
    uart.get(MSR)
    uart.put(IER, EDSSI)
    assert uart.line == []
    uart.put(MCR, LOOP | 0x02)
    assert uart.line == [(0, 1)]
    assert uart.cause() == MODEM
    uart.get(MSR)
    assert uart.cause() == NONE
    assert uart.line == [(0, 1), (0, 0)]


def test_the_most_urgent_interrupt_is_told_first() -> None:
    uart = looped()
    uart.get(MSR)
    uart.put(IER, ERBFI | ETBEI | ELSI | EDSSI)
    uart.send(b"ab")
    uart.put(MCR, LOOP | 0x02)
    uart.bench.advance(2 * PACE)
    told = [uart.cause()]
    for settle in (
        lambda: uart.get(LSR),
        lambda: uart.get(RBR),
        lambda: None,
        lambda: uart.get(MSR),
    ):
        settle()
        told.append(uart.cause())
    assert told == [LINE, DATA, EMPTY, MODEM, NONE]


@given(
    text=st.binary(max_size=60),
    pauses=st.lists(st.integers(100, 3000), min_size=1, max_size=20),
    fifos=st.sampled_from([0, *(FIFO_ENABLE | code << 6 for code in range(4))]),
)
def test_an_interrupt_driven_reader_gets_all_input(
    text: bytes, pauses: list[int], fifos: int
) -> None:
    uart, got = opened(fifos=fifos, poll_cycles=1000), b""
    uart.put(IER, ERBFI)
    uart.bench.typed += text
    for turn in range(2000):
        uart.bench.advance(pauses[turn % len(pauses)])
        if uart.line and uart.line[-1][1]:
            assert uart.cause() in (DATA, TIMEOUT)
            while uart.get(LSR) & DR:
                got += uart.receive(1)
        if got == text and turn > 20:
            break
    assert got == text
    assert not uart.get(LSR) & OE
