"""The 16550's receiver: host input, loopback, overrun, break."""

from __future__ import annotations

import pytest

from tests.peripherals.uart_driver import (
    BI,
    BREAK,
    DR,
    EIGHT_BITS,
    FCR,
    FIFO_ENABLE,
    FIFO_ERROR,
    IDLE,
    IIR,
    LCR,
    LSR,
    MSR,
    NONE,
    OE,
    PACE,
    RBR,
    RX_RESET,
    THR,
    THRE,
    TX_RESET,
    looped,
    opened,
)


def test_a_typed_character_arrives_a_character_time_after_firmware_first_looks() -> None:
    uart = opened()
    uart.bench.typed += b"a"
    uart.bench.advance(5000)
    assert uart.get(LSR) == IDLE
    uart.bench.advance(PACE - 1)
    assert uart.get(LSR) == IDLE
    uart.bench.advance(1)
    assert uart.get(LSR) == IDLE | DR
    assert uart.get(RBR) == ord("a")
    assert uart.get(LSR) == IDLE
    assert uart.port.activities == {"characters_received": 1}


def test_an_empty_receiver_reads_as_zero() -> None:
    assert opened().get(RBR) == 0


@pytest.mark.parametrize("fifos", [0, FIFO_ENABLE])
def test_polled_input_comes_whole_and_in_order(fifos: int) -> None:
    uart, text = opened(fifos=fifos), bytes(range(1, 100))
    uart.bench.typed += text
    got = b""
    for _ in range(3000):
        uart.bench.advance(10)
        if uart.get(LSR) & DR:
            got += uart.receive(1)
    assert got == text
    assert uart.bench.reports == []


def test_input_flows_at_the_pace_of_the_line() -> None:
    uart = opened(fifos=FIFO_ENABLE)
    uart.bench.typed += b"." * 40
    uart.get(LSR)
    uart.bench.advance(10 * PACE)
    assert uart.get(LSR) & DR
    assert len(uart.port.receiver.characters) == 10


@pytest.mark.parametrize(("fifos", "room"), [(0, 1), (FIFO_ENABLE, 16)])
def test_the_host_is_asked_only_for_what_there_is_room_for(fifos: int, room: int) -> None:
    uart = opened(fifos=fifos)
    uart.bench.typed += b"." * 40
    uart.get(LSR)
    uart.bench.advance(100 * PACE)
    assert uart.get(LSR) == IDLE | DR
    assert len(uart.bench.typed) == 40 - room


def test_input_that_nobody_looks_for_stays_with_the_host() -> None:
    uart = opened()
    uart.bench.typed += b"abc"
    uart.send(b"x")
    uart.get(MSR)
    uart.bench.advance(10 * PACE)
    assert uart.bench.typed == b"abc"


def test_only_the_data_bits_of_a_character_are_received() -> None:
    uart = opened()
    uart.put(LCR, 0x02)
    uart.bench.typed += b"\xff"
    uart.get(LSR)
    uart.bench.advance(PACE)
    assert uart.get(RBR) == 0x7F


def test_loopback_brings_what_is_sent_and_nothing_to_the_console() -> None:
    uart = looped(FIFO_ENABLE)
    uart.bench.typed += b"typed"
    uart.send(b"\x00loop\xff")
    uart.bench.advance(20 * PACE)
    assert uart.receive(6) == b"\x00loop\xff"
    assert uart.printed == b""
    assert uart.bench.typed == b"typed"


def test_loopback_takes_a_character_time_for_each_character() -> None:
    uart = looped(FIFO_ENABLE)
    uart.send(b"ab")
    uart.bench.advance(PACE)
    assert uart.get(LSR) == THRE | DR
    assert uart.receive(2) == b"a\x00"
    uart.bench.advance(PACE)
    assert uart.receive(1) == b"b"


def test_an_overrun_keeps_the_fifo_and_loses_the_new_character() -> None:
    uart = looped(FIFO_ENABLE)
    uart.send(bytes(range(1, 17)))
    uart.bench.advance(16 * PACE)
    uart.send(b"\xee")
    uart.bench.advance(PACE)
    assert uart.get(LSR) == IDLE | DR | OE
    assert uart.get(LSR) == IDLE | DR
    assert uart.receive(17) == bytes(range(1, 17)) + b"\x00"


def test_without_a_fifo_an_overrun_loses_the_old_character() -> None:
    uart = looped()
    uart.send(b"ab")
    uart.bench.advance(2 * PACE)
    assert uart.get(LSR) == IDLE | DR | OE
    assert uart.receive(2) == b"b\x00"


def test_a_break_arrives_as_one_zero_with_its_sign_when_it_is_the_oldest() -> None:
    uart = looped(FIFO_ENABLE)
    uart.send(b"a")
    uart.bench.advance(PACE)
    uart.put(LCR, EIGHT_BITS | BREAK)
    uart.bench.advance(5 * PACE)
    uart.put(LCR, EIGHT_BITS)
    assert uart.get(LSR) == IDLE | DR | FIFO_ERROR
    assert uart.get(RBR) == ord("a")
    assert uart.get(LSR) == IDLE | DR | BI | FIFO_ERROR
    assert uart.get(LSR) == IDLE | DR
    assert uart.receive(2) == b"\x00\x00"
    assert uart.get(LSR) == IDLE


def test_characters_sent_during_a_break_do_not_arrive() -> None:
    uart = looped(FIFO_ENABLE)
    uart.put(LCR, EIGHT_BITS | BREAK)
    uart.send(b"abc")
    uart.bench.advance(10 * PACE)
    assert uart.get(LSR) & BI
    assert uart.receive(1) == b"\x00"
    assert uart.get(LSR) == IDLE


def test_a_break_without_fifos_does_not_show_as_a_fifo_error() -> None:
    uart = looped()
    uart.put(LCR, EIGHT_BITS | BREAK)
    uart.bench.advance(PACE)
    assert uart.get(LSR) == IDLE | DR | BI


def test_a_reset_of_the_receive_fifo_drops_what_was_received() -> None:
    uart = looped(FIFO_ENABLE)
    uart.send(b"abc")
    uart.bench.advance(3 * PACE)
    uart.put(FCR, FIFO_ENABLE | RX_RESET)
    assert uart.get(LSR) == IDLE
    assert uart.receive(1) == b"\x00"
    assert uart.bench.reports == []


def test_a_reset_of_the_transmit_fifo_drops_what_would_have_looped() -> None:
    uart = looped(FIFO_ENABLE)
    uart.send(b"abc")
    uart.put(FCR, FIFO_ENABLE | TX_RESET)
    uart.bench.advance(10 * PACE)
    assert uart.receive(3) == b"a\x00\x00"


def test_turning_the_fifos_off_drops_what_was_received() -> None:
    uart = looped(FIFO_ENABLE)
    uart.send(b"abc")
    uart.bench.advance(3 * PACE)
    assert uart.get(IIR) == NONE | 0xC0
    uart.put(FCR, 0)
    assert uart.get(LSR) == IDLE
    assert uart.get(IIR) == NONE


def test_it_tells_what_waits_to_be_read() -> None:
    uart = looped(FIFO_ENABLE)
    uart.send(b"ab")
    uart.bench.advance(PACE)
    uart.get(LSR)
    assert uart.port.doing() == "sending 1 characters, 1 received characters unread"


def test_a_hart_that_is_behind_finds_what_another_has_seen_arrive() -> None:
    uart = looped(FIFO_ENABLE)
    uart.send(b"ab")
    uart.bench.now = 2 * PACE
    assert uart.get(LSR) & DR
    uart.bench.now = 10
    assert uart.bench.load(uart.port, LSR, hart=1) & DR
    uart.bench.store(uart.port, THR, ord("c"), hart=1)
    uart.bench.now = 3 * PACE
    assert uart.receive(3) == b"abc"
