"""The run loop: turns of harts, due behaviours of devices, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from .answering import why_illegal
from .clock import NEVER
from .engine import ExitKind, Reason
from .explain.looks import next_look
from .hart import (
    ILLEGAL_INSTRUCTION,
    LOAD_MISALIGNED,
    STORE_MISALIGNED,
    HartState,
)
from .machine import FIRST_TURN, Machine
from .outcome import Ending, Outcome, Waiting
from .rows import DUE, NOW, RETURN_AT

SOLO_TURNS: Final = 1000
"""How many turns a hart may have at a stretch while no other hart runs."""
IDLE_LIMIT: Final = 1_000_000
"""Device behaviours in a row, with every hart asleep, after which nothing is expected any more."""
LOOKS_BETWEEN_WAITS: Final = 1000
"""Device behaviours between two waits for the host's input, when that is all there is to come."""

Watcher = Callable[[], bool]
"""Called between slices; True ends the run as interrupted."""


class Run:
    """One run of a loaded machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._engine = machine.engine
        self._slice_end = 0
        self._next_look = NEVER
        self.slice_cycles = 1_000_000
        self.ends_polls = False
        """End the run as deadlocked when harts only go round in loops that nothing can end any
        more. Not for a machine that somebody may change from outside while it runs."""
        self.at_end: Callable[[], None] | None = None
        """Called when the run is over, before devices show what they still hold."""

    def until(self, *, max_cycles: int | None = None, watch: Watcher | None = None) -> Outcome:
        """Run to the outcome, calling ``watch`` about every ``slice_cycles``.

        Where slices end changes nothing of what the firmware sees.
        """
        machine = self._machine
        machine.last_cycle = end = NEVER if max_cycles is None else max_cycles
        while machine.outcome is None:
            self.advance(machine.turns[NOW] + self.slice_cycles)
            if machine.outcome is None and machine.turns[NOW] >= end:
                sentence = f"the firmware had not ended after {end} cycles"
                machine.end(Outcome(Ending.OUT_OF_CYCLES, message=sentence))
            elif machine.outcome is None and watch is not None and watch():
                machine.end(Outcome(Ending.INTERRUPTED, message="interrupted"))
        if self.at_end is not None:
            self.at_end()
        for device in machine.devices.values():
            device.on_end()
        return machine.outcome

    def advance(self, cycle: int) -> None:
        """Run a slice: until every hart that runs has come to ``cycle``, or the run has ended.

        It is over earlier where harts are to ask for input again, and where ``Control`` says so.
        """
        self._slice_end = min(self._machine.last_cycle, cycle)
        self._next_look = next_look(self._machine.turns[NOW]) if self.ends_polls else NEVER
        if self._machine.faults.is_untidy:
            self._machine.faults.tidy()
        self._offer_input()
        self._step()

    def _step(self) -> None:
        """Run until a slice is over or the run has ended."""
        machine = self._machine
        while machine.outcome is None:
            self._refresh_code()
            if machine.regions.passed:
                machine.regions.look()
            reason, hart = self._engine.run(*self._next_turns())
            slice_is_over = self._deal_with(reason, hart)
            if machine.turns[NOW] >= self._next_look:
                self._look_for_polls()
            if machine.control is not None and machine.control.look():
                return
            if slice_is_over:
                return

    def _deal_with(self, reason: Reason, hart: int) -> bool:
        """Do what the engine came back for; whether the slice is over."""
        machine = self._machine
        if reason is Reason.EXIT:
            self._after_exit(hart)
        elif reason is Reason.ATTENTION:
            machine.harts[hart].take_interrupt()
        elif reason is Reason.IDLE:
            if self._wait_for_input():
                return True
            machine.end(self.deadlock("nothing is due"))
        else:
            if reason is Reason.DUE:
                self._run_due()
            return bool(machine.turns[NOW] >= self._slice_end)
        return False

    def _next_turns(self) -> tuple[int, int]:
        """The cycles of the next round's turns, and of that of a hart which runs alone.

        Harts that start together run the same first instructions and often settle in shared memory
        who does what, relying on the hardware's lock step. So turns begin short and grow no faster
        than the time since the start, until they are as long as the board has them. No turn passes
        the end of the run. The engine gives one round at a time while either shortens turns.
        """
        machine = self._machine
        turn, now = machine.board.turn_cycles, machine.turns[NOW]
        alone = SOLO_TURNS * turn
        age, left = now - machine.started_at, max(machine.last_cycle - now, 1)
        if age >= turn and left > alone:
            slice_end = min(self._slice_end, self._next_look)
            machine.turns[RETURN_AT] = min(slice_end, machine.last_cycle - alone)
            return turn, alone
        machine.turns[RETURN_AT] = now + 1
        return min(turn, max(FIRST_TURN, age), left), min(alone, left)

    def _refresh_code(self) -> None:
        stale = self._machine.stale
        if stale:
            for hart in {None} if None in stale else set(stale):
                self._engine.forget_code(hart)
            stale.clear()

    def _after_exit(self, index: int) -> None:
        machine = self._machine
        found = self._engine.exit(index)
        if found.kind is ExitKind.STOPPED:
            machine.accesses.after_turn(index)
            return
        hart = machine.harts[index]
        pc = hart.pc
        hart.leave_block(pc)
        cause, value, detail = found.number, found.address, ""
        if found.kind is ExitKind.FAULT:
            detail = machine.explain_fault(found.address, "nothing answers")
        elif cause == ILLEGAL_INSTRUCTION:
            instruction = machine.blocks.decode(machine.peek_word(pc))
            value, detail = instruction.word, why_illegal(instruction)
        elif cause in (LOAD_MISALIGNED, STORE_MISALIGNED):
            instruction = machine.blocks.decode(machine.peek_word(pc))
            value = self._engine.read_register(index, instruction.rs1)
            detail = f"{instruction.mnemonic} needs an aligned address"
        with machine.accesses.on_behalf_of(index):
            hart.trap(machine.accesses.cause_at(pc, cause), pc, value, detail)

    def _run_due(self) -> None:
        machine = self._machine
        everyone_sleeps = not any(hart.runs for hart in machine.harts)
        while (due := machine.clock.take(machine.turns[NOW])) is not None:
            machine.due_cycle = due.cycle
            try:
                due.behaviour(*due.arguments)
            finally:
                machine.due_cycle = None
            machine.idle_behaviours += 1
        machine.turns[DUE] = machine.clock.next_due
        if not everyone_sleeps or any(hart.runs for hart in machine.harts):
            machine.idle_behaviours = 0
        elif machine.idle_behaviours > IDLE_LIMIT:
            if machine.console.input_ended():
                machine.end(self.deadlock("only devices are still busy"))
            else:
                machine.console.wait_for_input()
                machine.idle_behaviours -= LOOKS_BETWEEN_WAITS

    def _offer_input(self) -> None:
        """Let calls for the host's input look again whether there is some."""
        machine, now = self._machine, self._machine.turns[NOW]
        waiting = [hart for hart in machine.harts if hart.awaits_input]
        polls = machine.htif is not None and machine.htif.awaits_input
        if (waiting or polls) and machine.on_look is not None:
            machine.on_look(now)
        for hart in waiting:
            hart.wake(now)
        if machine.htif is not None and polls:
            machine.htif.poll()

    def _wait_for_input(self) -> bool:
        """Nobody runs: wait for a while if it is for input that may still come."""
        console = self._machine.console
        awaited = any(hart.awaits_input for hart in self._machine.harts)
        return awaited and (console.wait_for_input() or console.input_ended())

    def _look_for_polls(self) -> None:
        """End the run if it goes round for ever.

        When this is done depends on the cycle alone, so a run ends in the same cycle each time.
        """
        from .explain.endless import endless_polls

        machine = self._machine
        self._next_look = next_look(machine.turns[NOW])
        if polling := endless_polls(machine):
            machine.end(self._endless(polling))

    def _endless(self, polling: Sequence[int]) -> Outcome:
        """Who polls, in a sentence, and who sleeps meanwhile."""
        *others, last = (str(hart) for hart in polling)
        who = f"harts {', '.join(others)} and {last} poll" if others else f"hart {last} polls"
        runs_else = any(hart.runs and hart.index not in polling for hart in self._machine.harts)
        rest = "no other hart changes it" if runs_else else "every other hart sleeps"
        rest = f", {rest}" if len(polling) < len(self._machine.harts) else ""
        return self.deadlock("", f"{who} what nothing can change any more{rest}, nothing is due")

    def deadlock(self, why: str, sentence: str = "") -> Outcome:
        """Every hart sleeps, or ``sentence`` says what else it is: who waits on what."""
        machine = self._machine
        waiting = []
        for hart in machine.harts:
            if hart.state is HartState.RUNNING:
                continue
            explained = (device.explain_wait(hart.index) for device in machine.devices.values())
            explanation = "; ".join(part for part in explained if part)
            if hart.state is HartState.WAITING:
                explanation = _explain_wfi(hart.csrs.mie, hart.lines)
            waiting.append(Waiting(hart.index, hart.pc, hart.reason, explanation))
        message = sentence or f"every hart sleeps and {why}"
        return Outcome(Ending.DEADLOCKED, message=message, waiting=tuple(waiting))


def _explain_wfi(enabled: int, pending: int) -> str:
    text = f"interrupts enabled in mie {enabled:#010x}, pending in mip {pending:#010x}"
    return f"{text}; none is enabled" if not enabled else text
