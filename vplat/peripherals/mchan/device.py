"""The MCHAN as software sees it: ports, transfer identifiers, queue, events."""

from __future__ import annotations

from typing import Final

from vplat.hookspecs import hookimpl
from vplat.model import (
    AccessFault,
    Address,
    Declared,
    Mark,
    Peripheral,
    Rank,
    Stall,
    State,
    Work,
)
from vplat.model.transfer import BurstFlow, BusySpan, lateness

from . import findings
from .command import Command, Direction, decode, words_needed
from .findings import CLUSTER_PORT, FABRIC_PORT, TIDS
from .lending import loan_of
from .movement import Reach
from .registers import MchanRegisters
from .timing import Rates, schedule

ALL_TIDS: Final = (1 << TIDS) - 1
PORTS: Final = 18
EVENT, INTERRUPT, BROADCAST = 1, 2, 4


class Mchan(MchanRegisters, kind="mchan"):
    """MCHAN v7: copies between TCDM and external memory while the harts compute.

    A driver reads ``cmd`` for a transfer identifier (TID), stores the words of one or several
    commands to ``cmd``, waits until its bit of ``status.active`` is 0, asleep on event line 8, and
    writes that bit to ``status`` to give the TID back. Each hart has a port of its own behind one
    address.

    The bytes of a command move in the model at one moment, when the command is finished; on silicon
    they move a burst at a time until then. Facts: `pulp-cluster.md` sections 2.1 and 5.3, and the
    synthesizable source where it is named.
    """

    allocated = State(0, "Mask of TIDs that are not free.")
    outstanding: State[list[int]] = State(lambda: [0] * TIDS, "Commands not finished, by TID.")
    last_command: State[dict[int, tuple[int, int]]] = State(
        dict, "Port and event flags of the latest command, by TID."
    )
    tid_of_port: State[list[int]] = State(lambda: [0] * PORTS, "The TID each port took last.")
    words_of_port: State[list[list[int]]] = State(
        lambda: [[] for _ in range(PORTS)], "The words of each port's incomplete command."
    )
    writer_of_port: State[list[int]] = State(
        lambda: [-1] * PORTS, "The hart that wrote the first of those words."
    )
    held: State[dict[int, Command]] = State(dict, "Complete commands that found the queue full.")
    queue: State[list[Command]] = State(list, "Commands that wait for their direction.")
    under_way: State[dict[int, tuple[Command, int, int, Mark]]] = State(
        dict, "Commands being copied, their bursts and beats, and since when, by serial number."
    )
    accepted = State(0, "Commands accepted so far.")
    serial = State(0, "Number of the next command to start.")
    flows: State[list[BurstFlow]] = State(list, "Timing of the two directions.")
    requesting: State[list[bool]] = State(
        lambda: [False, False], "The direction has bursts of its latest command to request."
    )
    busy: State[BusySpan] = State(BusySpan, "Busy cycles.")
    waiting: State[dict[int, str]] = State(dict, "Why a hart sleeps: for a TID, or the queue.")
    leak_reported = State(False, "The present shortage of TIDs has been reported.")
    last_pulse = State(-1, "Cycle of the latest termination event.")

    def on_reset(self) -> None:
        """Fit timing and reach to the parameters; nothing is under way any more."""
        self.account("busy_cycles", 0)
        for behaviour in (self.requested, self.arrive, self.complete, self.pulse):
            self.cancel(behaviour)
        self.flows = [BurstFlow(self.outstanding_bursts) for _ in Direction]
        self._external_words = self.external_address_bits // 32
        self._reach = Reach(
            self.tcdm_base, self.tcdm_size, self.external_address_bits, self.bytes_per_cycle
        )
        self._port = self.platform.memory_port(self.tcdm_base, self.bytes_per_cycle, Rank.IN_TURN)
        self._rates = Rates(
            self.bytes_per_cycle, self.start_cycles, self.external_cycles, self.finish_cycles
        )

    # Accesses.

    @MchanRegisters.cmd.on_read
    def allocate(self, hart: int, port: int) -> int:
        """The lowest TID that is free."""
        self._serve(hart, port, "loads CMD")
        free = ~self.allocated & ALL_TIDS
        if not free:
            if not self._active() and not self.leak_reported:
                self.leak_reported = True
                self.report(*findings.tid_leak(port))
            self._sleep(hart, "a free TID")
        self.leak_reported = False
        tid = (free & -free).bit_length() - 1
        self.allocated |= 1 << tid
        self.tid_of_port[port] = tid
        self._show_status()
        return tid

    @MchanRegisters.cmd.on_write
    def take_word(self, value: int, hart: int, port: int) -> None:
        """Collect the words of a command; hand it on when it is complete."""
        self._check_port(hart, port)
        self._await_place(hart, port)
        words, writer = self.words_of_port[port], self.writer_of_port[port]
        if not words:
            self.writer_of_port[port] = hart
            self._report_all(findings.odd_first_word(value))
        elif hart != writer:
            self.report(*findings.port_shared(port, hart, writer))
        words.append(value)
        if len(words) == words_needed(words[0], self._external_words):
            self.words_of_port[port] = []
            self._accept(words, port)

    @MchanRegisters.status.on_read
    def read_status(self, hart: int, port: int) -> None:
        """Let the word be read, unless the port is still busy with its last command.

        A master that is no hart may look at it through the core window too.
        """
        if port >= 0:
            self._serve(hart, port, "loads STATUS")

    @MchanRegisters.status.on_write
    def free(self, value: int, hart: int, port: int) -> None:
        """Free the TIDs whose bits are set. Drivers free all 16 at once without asking which."""
        self._serve(hart, port, "stores to STATUS")
        tids = value & ALL_TIDS
        if tids != ALL_TIDS:
            problem = "is not allocated: it is freed twice or its number is wrong"
            self._report_all(findings.tid_freed(tids & ~self.allocated, problem))
        problem = "still has something to do; wait until its bit of status.active is 0"
        self._report_all(findings.tid_freed(tids & self._active(), problem))
        self.allocated &= ~tids
        self._show_status()
        self._wake_all("a free TID")

    # A port and its command words.

    def _check_port(self, hart: int, port: int) -> None:
        """Refuse the core window to whoever is not one of its harts."""
        if not 0 <= port < self.harts and port not in (CLUSTER_PORT, FABRIC_PORT):
            who = f"hart {hart}" if hart >= 0 else "a master that is no hart"
            raise AccessFault(
                f"{self.name} has no port for {who} in its core window, only for harts 0.."
                f"{self.harts - 1}; use the cluster window"
            )

    def _serve(self, hart: int, port: int, how: str) -> None:
        """Begin any access but a command word: in mid-command it returns the port to idle."""
        self._check_port(hart, port)
        self._await_place(hart, port)
        if words := self.words_of_port[port]:
            self.words_of_port[port] = []
            self.report(*findings.command_broken(port, words, self._external_words, how))

    def _await_place(self, hart: int, port: int) -> None:
        """A port grants nothing while its last command has no place in the queue (ctrl_fsm.sv)."""
        if port in self.held:
            self._sleep(hart, "a place in the command queue")

    def _accept(self, words: list[int], port: int) -> None:
        """A command is complete: its TID is active from now on."""
        tid = self.tid_of_port[port]
        command = decode(
            words,
            self._external_words,
            port=port,
            tid=tid,
            accepted=self.now,
            number=self.accepted,
            culprit=self.platform.culprit,
        )
        self.accepted += 1
        if not self.allocated >> tid & 1:
            self.report(*findings.not_allocated(command))
        self._report_all(findings.odd_tcdm_address(command, self._reach))
        self._report_all(findings.odd_rows(words, self._external_words))
        self.outstanding[tid] += 1
        self._show_status()
        self.borrow("command", command.number, lambda: loan_of(command, self._reach))
        if len(self.queue) < self.queue_depth:
            self._enqueue(command)
        else:
            self.held[port] = command

    # The queue and the two directions.

    def _enqueue(self, command: Command) -> None:
        """The event flags of the latest command count for the whole TID (trans_allocator.sv)."""
        flags = EVENT * command.event | INTERRUPT * command.interrupt
        flags |= BROADCAST * command.broadcast
        self.last_command[command.tid] = command.port, flags
        self.queue.append(command)
        self.start_next(command.direction)

    def start_next(self, direction: int) -> None:
        """Start the oldest command of a direction that has nothing to request."""
        command = next((each for each in self.queue if each.direction == direction), None)
        if self.requesting[direction] or command is None:
            return
        self.queue.remove(command)
        self.requesting[direction] = True
        flow = self.flows[direction]
        course = schedule(command, flow, self._rates)
        use = course.tcdm
        self._port.occupy(use.begin, use.end, use.beats)
        self.under_way[self.serial] = command, course.bursts, use.beats, self._port.mark()
        self.begin_work("transfer", self.serial, lambda: _described(command))
        self.busy.begin(self.now)
        self.after(max(0, flow.request_free - self.now), self.requested, direction)
        self.after(max(0, course.finished - self.now), self.arrive, self.serial)
        self.serial += 1
        self._admit_held()

    def requested(self, direction: int) -> None:
        """All bursts of a command are requested: its direction takes the next command."""
        self.requesting[direction] = False
        self.start_next(direction)

    def _admit_held(self) -> None:
        """Give the free place in the queue to the lowest port that waits for one."""
        if self.held:
            command = self.held.pop(min(self.held))
            self._wake_all("a place in the command queue")
            self._enqueue(command)

    def arrive(self, serial: int) -> None:
        """A command is finished, unless others had banks that it wanted."""
        *_, beats, mark = self.under_way[serial]
        if late := lateness(self._port, mark, self.now, beats):
            self.after(late, self.complete, serial)
        else:
            self.complete(serial)

    def complete(self, serial: int) -> None:
        """Move the bytes of a command; the last one of a TID ends it."""
        command, bursts, *_ = self.under_way.pop(serial)
        refusals = self._reach.move(command, self.bus)
        if refusals.bytes:
            self.report(*findings.refused(command, refusals), command.culprit)
        self.account("bytes", command.length - refusals.bytes)
        self.account("bursts", bursts)
        self.account("transfers", 1)
        self.account("busy_cycles", self.busy.end(self.now))
        self.end_work("transfer", serial)
        self.hand_back("command", command.number)
        self.outstanding[command.tid] -= 1
        if not self.outstanding[command.tid]:
            self._show_status()
            self._terminate(*self.last_command[command.tid])

    def _terminate(self, port: int, flags: int) -> None:
        """Pulse what the TID asks for; two TIDs never in the same cycle (section 2.1)."""
        self.last_pulse = max(self.now, self.last_pulse + 1)
        if self.last_pulse == self.now:
            self.pulse(port, flags)
        else:
            self.after(self.last_pulse - self.now, self.pulse, port, flags)

    def pulse(self, port: int, flags: int) -> None:
        """Drive the termination lines of ``port`` as ``flags`` say."""
        broadcast = flags & BROADCAST
        harts = (1 << self.harts) - 1 if broadcast else 1 << port if port < self.harts else 0
        if flags & EVENT and harts:
            self.finished(harts=harts)
        if flags & INTERRUPT and harts:
            self.interrupt(harts=harts)
        if flags & EVENT and (broadcast or port >= self.harts):
            self.external_finished()

    # Status and sleepers.

    def _active(self) -> int:
        return sum(1 << tid for tid, count in enumerate(self.outstanding) if count)

    def _show_status(self) -> None:
        self.status.update(active=self._active(), allocated=self.allocated)

    def _sleep(self, hart: int, what: str) -> None:
        if hart < 0:
            raise AccessFault(f"{self.name} would make the access wait for {what}; try again later")
        self.waiting[hart] = what
        raise Stall(what)

    def _wake_all(self, what: str) -> None:
        for hart in [hart for hart, wanted in self.waiting.items() if wanted == what]:
            del self.waiting[hart]
            self.wake(hart)

    def _report_all(self, found: findings.Findings) -> None:
        for rule, sentence in found:
            self.report(rule, sentence)

    def doing(self) -> str:
        """The copies under way and how many wait; '' when idle."""
        copies = [findings.describe(command) for command, *_ in self.under_way.values()]
        waiting = len(self.queue) + len(self.held)
        return "; ".join(copies + [f"{waiting} queued"] * bool(waiting))

    def lasts(self, register: Declared, index: int, hart: int) -> bool:
        """The status is only looked at while no command is being written; ``cmd`` allocates."""
        writing = self.held or any(self.words_of_port)
        return register is type(self).status and not writing

    def explain_wait(self, hart: int) -> str:
        """What a sleeping hart waits for, and what stands in its way."""
        what = self.waiting.get(hart, "")
        if what == "a free TID":
            active = self._active()
            idle = ", ".join(str(tid) for tid in range(TIDS) if not active >> tid & 1)
            return f"{what}: all {TIDS} are allocated; finished and not freed: {idle or 'none'}"
        return f"{what}: {len(self.queue)} commands wait" if what else ""


def _described(command: Command) -> Work:
    """A command that begins, for traces."""
    ends = [Address(command.external.start), Address(command.tcdm.start)]
    if command.direction is Direction.TX:
        ends.reverse()
    details = {"from": ends[0], "to": ends[1], "bytes": command.length, "tid": command.tid}
    return Work(f"{command.direction.name} by {findings.port_name(command.port)}", details)


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    """The device of this package."""
    return [Mchan]
