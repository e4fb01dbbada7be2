"""The 16550's transmitter, its format, and the registers that only keep a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.peripherals.uart_driver import (
    BREAK,
    DLAB,
    DLL,
    DLM,
    EIGHT_BITS,
    EMPTY,
    ETBEI,
    FCR,
    FIFO_ENABLE,
    IER,
    LCR,
    LOOP,
    LSR,
    MCR,
    MSR,
    NONE,
    PACE,
    SCR,
    TEMT,
    THR,
    THRE,
    TX_RESET,
    opened,
)
from vplat.model import AccessFault
from vplat.peripherals.uart import Ns16550
from vplat.testing.bench import Bench


def test_after_reset_the_transmitter_is_idle_and_nothing_is_pending() -> None:
    bench = Bench()
    port = bench.build(Ns16550)
    values = [bench.load(port, offset) for offset in range(0, 0x20, 4)]
    assert values == [0, 0, NONE, 0, 0, THRE | TEMT, 0xB0, 0]
    assert bench.sent == []


def test_what_is_written_appears_at_once() -> None:
    uart = opened(fifos=FIFO_ENABLE)
    uart.send(b"hello\n")
    assert uart.printed == b"hello\n"
    assert uart.port.activities == {"characters_sent": 6}


def test_a_board_chooses_the_console_stream() -> None:
    uart = opened(stream=7)
    uart.send(b"x")
    assert uart.bench.printed == {7: b"x"}


def test_a_word_store_sends_its_low_byte() -> None:
    uart = opened()
    uart.bench.store(uart.port, THR, 0x1234_5641)
    assert uart.printed == b"A"


def test_without_fifos_one_character_is_on_the_line_and_one_waits() -> None:
    uart = opened()
    assert uart.get(LSR) == THRE | TEMT
    uart.send(b"a")
    assert uart.get(LSR) == THRE
    uart.send(b"b")
    assert uart.get(LSR) == 0
    uart.bench.advance(PACE - 1)
    assert uart.get(LSR) == 0
    uart.bench.advance(1)
    assert uart.get(LSR) == THRE
    uart.bench.advance(PACE)
    assert uart.get(LSR) == THRE | TEMT


def test_with_fifos_sixteen_characters_wait_behind_the_one_on_the_line() -> None:
    uart = opened(fifos=FIFO_ENABLE)
    uart.send(b"." * 17)
    assert uart.bench.reports == []
    uart.bench.advance(16 * PACE - 1)
    assert uart.get(LSR) == 0
    uart.bench.advance(1)
    assert uart.get(LSR) == THRE
    uart.bench.advance(PACE)
    assert uart.get(LSR) == THRE | TEMT


@pytest.mark.parametrize(("fifos", "room"), [(0, 2), (FIFO_ENABLE, 17)])
def test_a_character_written_to_a_full_transmitter_is_lost_and_reported_once(
    fifos: int, room: int
) -> None:
    uart = opened(fifos=fifos)
    uart.send(b"." * room + b"xyz")
    assert uart.printed == b"." * room
    (finding,) = uart.bench.reports
    assert finding[0] == "transmit-overrun"
    assert f"while {room - 1} waited" in finding[1]
    uart.bench.advance(PACE)
    uart.send(b"!?")
    assert uart.printed == b"." * room + b"!"
    assert len(uart.bench.reports) == 2


def test_bulk_output_schedules_nothing() -> None:
    uart = opened(fifos=FIFO_ENABLE)
    uart.send(b"." * 17)
    uart.bench.settle(limit=0)


@pytest.mark.parametrize(
    ("lcr", "half_bits"),
    [
        (0x03, 20),
        (0x00, 14),
        (0x04, 15),
        (0x07, 22),
        (0x0B, 22),
        (0x1E, 22),
        (0x06, 20),
        (0x3F, 24),
    ],
)
def test_a_character_takes_its_start_data_parity_and_stop_bits(lcr: int, half_bits: int) -> None:
    uart = opened()
    uart.put(LCR, lcr)
    uart.set_divisor(3)
    uart.send(b"a")
    uart.bench.advance(3 * 8 * half_bits - 1)
    assert not uart.get(LSR) & TEMT
    uart.bench.advance(1)
    assert uart.get(LSR) & TEMT


def test_a_board_may_clock_the_port_slower_than_its_harts() -> None:
    uart = opened(clock_divider=4)
    uart.set_divisor(2)
    uart.send(b"a")
    uart.bench.advance(4 * 2 * PACE - 1)
    assert not uart.get(LSR) & TEMT
    uart.bench.advance(1)
    assert uart.get(LSR) & TEMT


@pytest.mark.parametrize("length", range(4))
def test_only_the_data_bits_of_a_character_are_sent(length: int) -> None:
    uart = opened()
    uart.put(LCR, length)
    uart.put(THR, 0xFF)
    assert uart.printed == bytes([(1 << (5 + length)) - 1])


def test_the_divisor_is_behind_its_latch_bit_and_nothing_else_is_touched() -> None:
    uart = opened()
    uart.put(IER, 0x0F)
    uart.put(LCR, EIGHT_BITS | DLAB)
    uart.put(DLL, 0x34)
    uart.put(DLM, 0x12)
    assert (uart.get(DLL), uart.get(DLM)) == (0x34, 0x12)
    uart.put(LCR, EIGHT_BITS)
    assert uart.get(IER) == 0x0F
    assert uart.printed == b""
    assert uart.port.divisor == 0x1234


def test_a_new_divisor_counts_for_characters_that_are_on_their_way() -> None:
    uart = opened(fifos=FIFO_ENABLE)
    uart.send(b"abc")
    uart.bench.advance(PACE // 2)
    uart.set_divisor(10)
    uart.bench.advance(10 * (PACE // 2 + PACE) - 1)
    assert not uart.get(LSR) & THRE
    uart.bench.advance(1)
    assert uart.get(LSR) & THRE
    uart.set_divisor(1)
    uart.bench.advance(PACE)
    assert uart.get(LSR) & TEMT


def test_a_reset_of_the_fifo_drops_what_waits_and_is_reported() -> None:
    uart = opened(fifos=FIFO_ENABLE)
    uart.send(b"abcd")
    uart.put(FCR, FIFO_ENABLE | TX_RESET)
    assert uart.get(LSR) == THRE
    uart.bench.advance(PACE)
    assert uart.get(LSR) == THRE | TEMT
    (finding,) = uart.bench.reports
    assert finding[0] == "characters-dropped"
    assert "while 3 characters waited" in finding[1]


def test_a_reset_of_an_empty_fifo_is_no_finding() -> None:
    uart = opened(fifos=FIFO_ENABLE)
    uart.send(b"a")
    uart.put(FCR, FIFO_ENABLE | TX_RESET)
    assert uart.bench.reports == []
    assert uart.get(LSR) == THRE


def test_reset_bits_count_only_with_the_enable_bit() -> None:
    uart = opened()
    uart.send(b"ab")
    uart.put(FCR, TX_RESET)
    assert uart.get(LSR) == 0
    assert uart.bench.reports == []


def test_turning_the_fifos_on_or_off_drops_what_waits() -> None:
    uart = opened()
    uart.send(b"ab")
    uart.put(FCR, FIFO_ENABLE)
    assert uart.get(LSR) == THRE


def test_a_break_keeps_characters_from_the_line() -> None:
    uart = opened()
    uart.put(LCR, EIGHT_BITS | BREAK)
    uart.send(b"a")
    uart.put(LCR, EIGHT_BITS)
    uart.bench.advance(PACE)
    uart.send(b"b")
    assert uart.printed == b"b"


def test_enabling_the_empty_interrupt_raises_it_and_reading_its_cause_acknowledges_it() -> None:
    uart = opened()
    uart.put(IER, ETBEI)
    assert uart.line == [(0, 1)]
    assert uart.cause() == EMPTY
    assert uart.cause() == NONE
    assert uart.line == [(0, 1), (0, 0)]


def test_the_empty_interrupt_comes_when_the_last_waiting_character_goes_onto_the_line() -> None:
    uart = opened(fifos=FIFO_ENABLE)
    uart.put(IER, ETBEI)
    uart.cause()
    uart.bench.advance(1000)
    uart.send(b"." * 16)
    assert uart.cause() == NONE
    uart.bench.advance(100 * PACE)
    assert uart.line[2:] == [(1000, 1), (1000, 0), (1000 + 15 * PACE, 1)]


def test_writing_a_character_withdraws_the_empty_interrupt() -> None:
    uart = opened()
    uart.put(IER, ETBEI)
    uart.send(b"ab")
    assert uart.line[-1] == (0, 0)
    uart.bench.advance(PACE)
    assert uart.line[-1] == (PACE, 1)
    uart.put(IER, 0)
    assert uart.line[-1] == (PACE, 0)


def test_the_scratch_register_keeps_a_byte() -> None:
    uart = opened()
    uart.bench.store(uart.port, SCR, 0xFFFF_FFA5)
    assert uart.bench.load(uart.port, SCR) == 0xA5


def test_line_and_modem_status_ignore_stores() -> None:
    uart = opened()
    uart.put(LSR, 0xFF)
    uart.put(MSR, 0xFF)
    assert uart.get(LSR) == THRE | TEMT
    assert uart.get(MSR) == 0xB0


def test_modem_control_keeps_its_five_bits() -> None:
    uart = opened()
    uart.put(MCR, 0xFF)
    assert uart.get(MCR) == 0x0F | LOOP


def test_there_is_nothing_behind_the_registers() -> None:
    uart = opened()
    with pytest.raises(AccessFault):
        uart.get(0x20)


def test_it_tells_how_much_it_still_sends() -> None:
    uart = opened(fifos=FIFO_ENABLE)
    assert uart.port.doing() == ""
    uart.send(b"abc")
    assert uart.port.doing() == "sending 3 characters"


def test_a_snapshot_keeps_what_is_being_sent() -> None:
    uart = opened(fifos=FIFO_ENABLE)
    uart.send(b"abc")
    saved = uart.port.snapshot()
    uart.bench.advance(3 * PACE)
    assert uart.get(LSR) == THRE | TEMT
    uart.port.restore(saved)
    uart.bench.now = PACE
    assert uart.get(LSR) == 0


@given(st.lists(st.tuples(st.sampled_from("wa"), st.integers(1, 400)), max_size=40))
def test_the_lazy_transmitter_is_as_full_as_one_that_is_stepped(
    steps: list[tuple[str, int]],
) -> None:
    uart, now, queue = opened(fifos=FIFO_ENABLE), 0, list[int]()
    for step, amount in steps:
        if step == "a":
            now += amount
            uart.bench.advance(amount)
            queue = [end for end in queue if end > now]
        elif len(queue) < 17:
            uart.put(THR, amount & 0xFF)
            queue.append((queue[-1] if queue else now) + PACE)
        status = uart.get(LSR)
        assert bool(status & TEMT) == (len(queue) == 0)
        assert bool(status & THRE) == (len(queue) <= 1)
    assert uart.bench.reports == []
