"""A 16550 serial port, on the host's console and input.

Registers are a word apart, as on Carfield, whose drivers reach them with byte accesses; what they
do is that of the PC16550D data sheet. Times are cycles of the board.

What is sent appears on the console at once; how many characters the transmitter still holds is
worked out from the time when somebody looks. A character from the host takes its time on the line.
The host is asked for it only while the receiver has room, so that its input does not overrun the
receiver, as if the line had flow control: when firmware reads a register that could tell of a
character and, while the receive interrupt is enabled, every ``poll_cycles`` cycles. Once the host's
input has ended nobody is asked any more: harts that wait for it are a deadlock then, not a hang.
"""

from __future__ import annotations

from vplat.hookspecs import hookimpl
from vplat.model import Declared, OnlyIf, Peripheral, State

from .receiver import BREAK, Receiver
from .registers import Cause, Registers16550, Trigger
from .transmitter import Transmitter, character_clocks, half_bits

Sheet = Registers16550

FIFO_DEPTH = 16
BYTE = 0xFF
TIMEOUT_CHARACTERS = 4
TRIGGER_LEVELS = {Trigger.ONE: 1, Trigger.FOUR: 4, Trigger.EIGHT: 8, Trigger.FOURTEEN: 14}

# Firmware polls lsr, so it is put together from these at once and not field by field.
LSR = {name: field.mask for name, field in Sheet.lsr.fields.items()}
FORMAT = sum(field.mask for name, field in Sheet.lcr.fields.items() if name != "dlab")
IDLE = LSR["thre"] | LSR["temt"]


class Ns16550(Registers16550, kind="ns16550"):
    """A 16550 serial port with FIFOs of 16 characters."""

    specification = "PC16550D data sheet, table 2"

    paced = OnlyIf(
        Sheet.rbr_thr_dll,
        given=lambda uart, touch: uart.lcr.dlab or uart.divisor,
        breach="start-without-set-up",
        because="the divisor latch was never written, so that a chip sends at no certain rate; "
        "write it with lcr.dlab set first",
        section="PC16550D data sheet, programmable baud generator",
    )
    quiet = OnlyIf(
        Sheet.lcr,
        given=lambda uart, touch: not uart.garbles(touch.old ^ touch.value),
        breach="write-while-busy",
        because="it changes the format of characters that are still being sent; wait for lsr.temt",
        section="PC16550D data sheet, line control register",
    )

    divisor = State(0, "The divisor latch; 0 works as 1.")
    enabled = State(0, "IER, whose place in its register the divisor takes at times.")
    transmitter: State[Transmitter] = State(Transmitter, "What is being sent.")
    receiver: State[Receiver] = State(Receiver, "What was received.")
    trigger = State(1, "Received characters that make an interrupt.")
    refilled = State(False, "Characters were written to thr since it was last empty.")
    wants_more = State(False, "The interrupt of the empty transmitter was not acknowledged yet.")
    losing = State(False, "The last character written to thr was lost.")
    breaking = State(0, "lcr.set_break as it was.")
    raised = State(0, "The level of irq.")
    seen = State(0, "The latest cycle in which somebody looked.")
    ask_again = State(0, "The cycle from which on the host may be asked for input.")
    next_look = State(-1, "The cycle of the next look without an access; -1 if none is needed.")

    def on_reset(self) -> None:
        """Work out the pace of the characters."""
        self.transmitter.pace = self._pace

    # What firmware does with the data and the divisor.

    @Sheet.rbr_thr_dll.on_read
    def read_data(self) -> int:
        if self.lcr.dlab:
            return self.divisor & BYTE
        now = self._catch_up()
        character = self.receiver.read(now)
        self._ask_host(now)
        self._show(now)
        return character

    @Sheet.rbr_thr_dll.on_write
    def write_data(self, value: int) -> None:
        if self.lcr.dlab:
            self._set_divisor(self.divisor & ~BYTE | value & BYTE)
            return
        now = self._catch_up()
        self._send(now, value & self._character_mask)
        self._show(now)

    @Sheet.ier_dlm.on_read
    def read_enables(self) -> int:
        return self.divisor >> 8 if self.lcr.dlab else self.enabled

    @Sheet.ier_dlm.on_write
    def write_enables(self, value: int) -> None:
        if self.lcr.dlab:
            self.ier_dlm.word = self.enabled
            self._set_divisor((value & BYTE) << 8 | self.divisor & BYTE)
            return
        now = self._catch_up()
        newly = ~self.enabled & self.ier_dlm.word
        self.enabled = self.ier_dlm.word
        if Sheet.ier_dlm.etbei.get(newly) and not self.transmitter.waiting(now):
            self.wants_more = True
        self._show(now)

    @Sheet.lcr.on_write
    def change_format(self) -> None:
        now = self._catch_up()
        self.transmitter.retime(now, self._pace)
        if self.lcr.set_break and not self.breaking and self.mcr.loop:
            self.receiver.send(now + self.transmitter.pace, BREAK)
        self.breaking = self.lcr.set_break
        self._show(now)

    def _set_divisor(self, divisor: int) -> None:
        now = self._catch_up()
        self.divisor = divisor
        self.transmitter.retime(now, self._pace)
        self._show(now)

    # What firmware does with the FIFOs, the modem lines and the status.

    @Sheet.iir_fcr.on_write
    def control_fifos(self, value: int) -> None:
        now = self._catch_up()
        enable = Sheet.iir_fcr.fifo_enable.get(value)
        changes = bool(enable) != (self.receiver.depth > 1)
        if changes or (enable and Sheet.iir_fcr.rx_fifo_reset.get(value)):
            self.receiver.clear()
        if changes or (enable and Sheet.iir_fcr.tx_fifo_reset.get(value)):
            self._drop_waiting(now)
        self.trigger = TRIGGER_LEVELS[Trigger(Sheet.iir_fcr.rx_trigger.get(value))] if enable else 1
        self.transmitter.depth = self.receiver.depth = FIFO_DEPTH if enable else 1
        self.iir_fcr.fifos_enabled = 3 * enable
        self._show(now)

    @Sheet.iir_fcr.on_read
    def read_cause(self) -> int:
        now = self._catch_up()
        self._ask_host(now)
        self._show(now)
        told = self.iir_fcr.word
        if self.iir_fcr.cause == Cause.TRANSMITTER_EMPTY:
            self.wants_more = False
            self._show(now)
        return told

    @Sheet.lsr.on_read
    def read_line_status(self) -> int:
        now = self._catch_up()
        self._ask_host(now)
        told = self._show(now)
        if self._line_trouble:
            self.receiver.overrun = self.receiver.broken = False
            self._show(now)
        return told

    @Sheet.mcr.on_write
    def drive_modem_lines(self) -> None:
        now, mcr, msr = self._catch_up(), self.mcr, self.msr
        before = msr.word
        if mcr.loop:
            msr.update(cts=mcr.rts, dsr=mcr.dtr, ri=mcr.out1, dcd=mcr.out2)
        else:
            msr.update(cts=1, dsr=1, ri=0, dcd=1)
        changed = before ^ msr.word
        msr.update(
            dcts=msr.dcts | Sheet.msr.cts.get(changed),
            ddsr=msr.ddsr | Sheet.msr.dsr.get(changed),
            teri=msr.teri | Sheet.msr.ri.get(changed & before),
            ddcd=msr.ddcd | Sheet.msr.dcd.get(changed),
        )
        self._show(now)

    @Sheet.msr.on_read
    def read_modem_status(self) -> int:
        told = self.msr.word
        self.msr.update(dcts=0, ddsr=0, teri=0, ddcd=0)
        self._show(self._catch_up())
        return told

    def garbles(self, changed: int) -> bool:
        """Whether bits of lcr that change are of the format of characters that are being sent."""
        return bool(changed & FORMAT and self.transmitter.unsent(max(self.now, self.seen)))

    def doing(self) -> str:
        """What is being sent and what waits to be read."""
        unsent = self.transmitter.unsent(max(self.now, self.seen))
        unread = len(self.receiver.characters)
        parts = [f"sending {unsent} characters"] if unsent else []
        parts += [f"{unread} received characters unread"] if unread else []
        return ", ".join(parts)

    def lasts(self, register: Declared, index: int, hart: int) -> bool:
        """The line status stays when nothing is on its way in or out, and the host is silent."""
        quiet = not (self._listens or self.receiver.on_line or self._line_trouble)
        sent = not self.transmitter.unsent(max(self.now, self.seen))
        return register is Sheet.lsr and quiet and sent

    # Characters.

    def _send(self, now: int, character: int) -> None:
        if self.transmitter.full(now):
            self._report_lost_character(self.transmitter.waiting(now))
            return
        self.losing, self.refilled, self.wants_more = False, True, False
        sent_at = self.transmitter.send(now)
        self.account("characters_sent", 1)
        if self.lcr.set_break:
            return
        if self.mcr.loop:
            self.receiver.send(sent_at, character)
        else:
            self.platform.print(bytes([character]), self.stream)

    def _drop_waiting(self, now: int) -> None:
        dropped = self.transmitter.drop_waiting(now)
        if not dropped:
            return
        if self.mcr.loop:
            last = self.transmitter.sent_at
            self.receiver.on_line = [each for each in self.receiver.on_line if each[0] <= last]
        self.report(
            "characters-dropped",
            f"{self.name}.iir_fcr: the transmit FIFO was reset while {dropped} characters waited "
            "in it, which a chip would not send; wait for lsr.temt first",
        )

    def _ask_host(self, now: int) -> None:
        """Put on the line what the host has, as much as there is room for."""
        # Asking costs the host a system call, and characters come no faster than one in a pace.
        if now >= self.ask_again and self._listens:
            self.ask_again = now + self.transmitter.pace
            mask = self._character_mask
            text = self.platform.receive(self.receiver.room)
            self.receiver.follow(now, self.transmitter.pace, bytes(each & mask for each in text))

    def _catch_up(self) -> int:
        """Take what has arrived; the cycle, which does not go back whichever hart looks."""
        self.seen = max(self.now, self.seen)
        if arrived := self.receiver.catch_up(self.seen):
            self.account("characters_received", arrived)
        return self.seen

    @property
    def _listens(self) -> bool:
        """The host may send something, and there is room for it."""
        return not self.platform.input_ended and self.receiver.room > 0 and not self.mcr.loop

    @property
    def _character_mask(self) -> int:
        return BYTE >> (3 - self.lcr.word_length)

    @property
    def _pace(self) -> int:
        """Cycles that a character takes."""
        halves = half_bits(
            5 + self.lcr.word_length,
            parity=bool(self.lcr.parity_enable),
            more_stop_bits=bool(self.lcr.stop_bits),
        )
        return self.clock_divider * character_clocks(self.divisor, halves)

    # Status and interrupts.

    def look(self) -> None:
        """Something may have happened that an enabled interrupt tells of."""
        self.next_look = -1
        now = self._catch_up()
        self._ask_host(now)
        self._show(now)

    def _show(self, now: int) -> int:
        """Bring lsr, which it returns, and the interrupt up to date."""
        status = self.lsr.word = self._line_status(now)
        if self.enabled or self.raised or self.next_look >= 0:
            self._drive(now)
        return status

    def _line_status(self, now: int) -> int:
        unsent, receiver = self.transmitter.unsent(now), self.receiver
        word = IDLE if not unsent else LSR["thre"] if unsent == 1 else 0
        if receiver.characters:
            word |= LSR["dr"]
        if receiver.overrun:
            word |= LSR["oe"]
        if receiver.broken:
            word |= LSR["bi"]
        if receiver.depth > 1 and receiver.flawed:
            word |= LSR["fifo_error"]
        return word

    def _drive(self, now: int) -> None:
        """Bring iir and the interrupt line up to date, and plan the next look."""
        if self.refilled and not self.transmitter.waiting(now):
            self.refilled, self.wants_more = False, True
        cause = self._cause(now)
        self.iir_fcr.update(none_pending=cause is None, cause=cause or 0)
        if self.raised != (cause is not None):
            self.raised = int(cause is not None)
            self.irq(self.raised)
        self._plan(self._moments(now) if self.enabled else [])

    def _cause(self, now: int) -> Cause | None:
        """The most urgent enabled interrupt."""
        ier, waiting = self.ier_dlm, len(self.receiver.characters)
        if ier.elsi and self._line_trouble:
            return Cause.LINE_STATUS
        if ier.erbfi and waiting >= self.trigger:
            return Cause.RECEIVED_DATA
        if ier.erbfi and waiting and now >= self._timeout:
            return Cause.CHARACTER_TIMEOUT
        if ier.etbei and self.wants_more:
            return Cause.TRANSMITTER_EMPTY
        if ier.edssi and (self.msr.dcts or self.msr.ddsr or self.msr.teri or self.msr.ddcd):
            return Cause.MODEM_STATUS
        return None

    def _moments(self, now: int) -> list[int]:
        """The cycles at which an enabled interrupt may come."""
        ier, receiver, moments = self.ier_dlm, self.receiver, []
        if ier.etbei and self.transmitter.waiting(now):
            moments.append(self.transmitter.empties_at)
        if (ier.erbfi or ier.elsi) and receiver.on_line:
            moments.append(receiver.on_line[0][0])
        if ier.erbfi and receiver.characters and now < self._timeout:
            moments.append(self._timeout)
        if ier.erbfi and not receiver.on_line and self._listens:
            moments.append(now + self.poll_cycles)
        return moments

    def _plan(self, moments: list[int]) -> None:
        """Look at the first of ``moments``; an earlier look that is planned already will do."""
        if moments and (self.next_look < 0 or min(moments) < self.next_look):
            self.cancel(self.look)
            self.next_look = min(moments)
            self.after(self.next_look - self.now, self.look)
        elif not moments and self.next_look >= 0:
            self.cancel(self.look)
            self.next_look = -1

    @property
    def _line_trouble(self) -> bool:
        return self.receiver.overrun or self.receiver.broken

    @property
    def _timeout(self) -> int:
        """When characters that nobody fetched make an interrupt."""
        return self.receiver.quiet_since + TIMEOUT_CHARACTERS * self.transmitter.pace

    def _report_lost_character(self, waiting: int) -> None:
        if not self.losing:
            self.losing = True
            self.report(
                "transmit-overrun",
                f"{self.name}.rbr_thr_dll: a character was written while {waiting} waited already, "
                "so it is lost; wait for lsr.thre, then write one, or up to 16 with the FIFOs",
            )


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    return [Ns16550]
