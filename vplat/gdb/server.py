"""The server: one gdb at a time, served by the thread that runs the machine.

While the machine runs, the connection is looked at between slices, some 30 times a second. While it
stands still, nothing else happens in the process: simulated time stands still by itself.
"""

from __future__ import annotations

import contextlib
import ipaddress
import select
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from vplat.errors import UsageError
from vplat.machine.debug import Resume, Stop, StopReason
from vplat.machine.outcome import Ending, Outcome

from .debuggee import Debuggee
from .link import LOOK_SECONDS, Gone, Link
from .monitor import Monitor, MonitorCommand
from .packets import Kind
from .stop_replies import exit_reply
from .target import Answer, Leave, Target
from .telling import sentences

if TYPE_CHECKING:
    from vplat.session import Session

LOOPBACK: Final = "127.0.0.1"
DEFAULT_PORT: Final = 3333
Note = Callable[[str], None]
"""Tells the person who runs vplat something."""


class GdbServer:
    """Lets a gdb in to a session, over TCP.

    A gdb may come and go while the session runs. When one detaches, or is gone without a word, its
    breakpoints are gone and the run goes on; with ``ends_with_gdb`` the run ends. ``note`` is told
    who comes and goes; ``is_over`` is asked, while the machine stands still, whether to give up.
    """

    def __init__(
        self,
        session: Session,
        *,
        host: str = LOOPBACK,
        port: int = DEFAULT_PORT,
        ends_with_gdb: bool = False,
        note: Note = lambda sentence: None,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        """Port 0 takes a free one. ``UsageError`` if the address cannot be had."""
        self._session, self._note, self._is_over = session, note, is_over
        self._ends_with_gdb = ends_with_gdb
        self._commands: dict[str, MonitorCommand] = session.plugins.named(
            "vplat_monitor_commands", "name", "monitor command", session=session
        )
        self._listener = _listen(host, port)
        self._beginning = session.machine.snapshot()
        self._visit: _Visit | None = None
        self.host = host
        self.is_local = ipaddress.ip_address(self._listener.getsockname()[0]).is_loopback
        """Only this host can reach it."""
        self.port: int = self._listener.getsockname()[1]

    def close(self) -> None:
        """Let go of gdb and of the port."""
        self._part()
        self._listener.close()

    def wait(self) -> None:
        """Before the first instruction: stand still until a gdb lets the machine go on.

        Whoever connects and hangs up without having said anything was none.
        """
        while self._session.machine.outcome is None:
            self._accept()
            if self._visit is None:
                if self._is_over():
                    self._end_run()
                began = time.perf_counter()
                select.select([self._listener], [], [], LOOK_SECONDS)
                self._session.machine.halted_seconds += time.perf_counter() - began
                continue
            visit = self._visit
            visit.debuggee.control.interrupt(0)
            if visit.has_spoken:
                return

    def look(self) -> None:
        """Between two slices: see whether a gdb comes, or wants something."""
        if self._visit is None:
            self._accept()
            if self._visit is not None:
                self._visit.debuggee.control.interrupt(0)
        elif self._wants_to_stop(self._visit):
            self._visit.debuggee.control.interrupt(self._visit.debuggee.hart)
        if self._visit is not None:
            self._visit.debuggee.history.checkpoint()

    def finish(self, outcome: Outcome) -> None:
        """The run is over: tell gdb, and let go of it."""
        if self._visit is not None:
            with_process = self._visit.target.queries.with_process
            with contextlib.suppress(Gone):
                self._visit.link.send(exit_reply(outcome, with_process=with_process))
        self.close()

    def _accept(self) -> None:
        if not select.select([self._listener], [], [], 0)[0]:
            return
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # it has hung up already
        debuggee = Debuggee(self._session, self._stopped, self._beginning)
        link = Link(connection)
        monitor = Monitor(debuggee, self._commands.values(), may_write=self.is_local)
        target = Target(debuggee, monitor, link.tell)
        target.queries.is_ours = self._ends_with_gdb
        self._visit = visit = _Visit(link, debuggee, target)
        debuggee.history.wants_to_stop = lambda: self._wants_to_stop(visit)

    def _wants_to_stop(self, visit: _Visit) -> bool:
        """Ctrl-C, or any packet: gdb sends none while the machine runs, others do."""
        try:
            found = visit.link.poll()
        except Gone:
            return True
        if found is not None and found.kind is Kind.PACKET:
            visit.waiting = found.data
        return found is not None

    def _stopped(self, stop: Stop) -> Resume:
        """Serve gdb until it lets the machine go on, or is gone."""
        visit = self._visit
        if visit is None:
            return Resume()
        try:
            resume = self._serve(visit, stop)
        except Gone:
            if visit.has_spoken:
                self._note("gdb is gone")
            return self._leave(ends=self._ends_with_gdb)
        if resume is None:
            self._end_run()
        return resume or Resume()

    def _serve(self, visit: _Visit, stop: Stop) -> Resume | None:
        """How the machine goes on; None when it is not to."""
        link, target, machine = visit.link, visit.target, self._session.machine
        ended = machine.outcome is not None and machine.outcome.ending is Ending.EXITED
        if stop.reason is StopReason.ENDED and ended:
            return Resume()
        self._tell(visit, stop)
        while True:
            packet = visit.waiting
            if packet is None:
                found = link.next(self._is_over)
                if found is None:
                    return None
                packet = found.data if found.kind is Kind.PACKET else None
            visit.waiting = None
            if packet is None:
                continue  # Ctrl-C: it stands still already
            resume = self._carry_out(visit, target.handle(packet))
            if resume is not None:
                return resume

    def _tell(self, visit: _Visit, stop: Stop) -> None:
        """The machine stands still: let gdb know if it waits for that."""
        if visit.is_owed_a_stop:
            for sentence in sentences(self._session, stop):
                visit.link.tell(f"vplat: {sentence}\n")
        reply = visit.target.stopped(stop)
        if visit.is_owed_a_stop:
            visit.link.send(reply)
        visit.is_owed_a_stop = False

    def _carry_out(self, visit: _Visit, answer: Answer) -> Resume | None:
        visit.has_spoken = True
        if answer.data is not None:
            visit.link.send(answer.data)
        visit.link.acknowledges = visit.target.queries.acknowledges
        if answer.leave is not None:
            killed = answer.leave is Leave.KILLED
            self._note("gdb has ended the run" if killed else "gdb has detached")
            return self._leave(ends=killed or self._ends_with_gdb)
        if answer.resume is None:
            return None
        history = visit.debuggee.history
        history.goes_on()
        stop = history.repeat(answer.resume)
        visit.is_owed_a_stop = True
        if stop is None:
            return answer.resume
        self._tell(visit, stop)
        return None

    def _leave(self, *, ends: bool) -> Resume:
        if self._visit is not None and not ends:
            self._visit.debuggee.history.catch_up()
        self._part()
        if ends:
            self._end_run()
        return Resume()

    def _part(self) -> None:
        visit, self._visit = self._visit, None
        if visit is not None:
            visit.debuggee.close()
            visit.link.close()

    def _end_run(self) -> None:
        self._session.machine.end(Outcome(Ending.INTERRUPTED, message="interrupted"))


class _Visit:
    """A gdb that is here."""

    def __init__(self, link: Link, debuggee: Debuggee, target: Target) -> None:
        self.link, self.debuggee, self.target = link, debuggee, target
        self.has_spoken = False
        self.is_owed_a_stop = False
        """It waits to be told that the machine stands still."""
        self.waiting: bytes | None = None
        """A packet that came while the machine ran."""


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(f"{host!r} is no address to listen at: {error.strerror}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise UsageError(
            f"gdb cannot be let in at {host}:{port}: {reason[0].lower()}{reason[1:]}; choose "
            "another port, or 0 for any that is free"
        ) from None
    return listener
