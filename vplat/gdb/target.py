"""The other end of the protocol: what each packet of gdb's asks for, and the answer.

Nothing here knows of sockets. Sections are those of appendix E of gdb's manual.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from vplat.errors import VplatError
from vplat.machine.debug import Resume, Stop, StopReason

from .actions import parse_actions
from .memory import CannotAccess
from .packets import MAX_PACKET
from .points import Points
from .queries import Queries
from .registers import PC
from .stop_replies import stop_reply
from .telling import sentences
from .thread_ids import EVERY, Malformed, parse_harts, parse_thread

if TYPE_CHECKING:
    from .debuggee import Debuggee
    from .monitor import Monitor

OK: Final = b"OK"
MALFORMED: Final = b"E01"
NO_SUCH: Final = b"E0e"
"""Bad address, or a register that cannot be written."""
UNKNOWN: Final = b""
"""How a packet is answered that is not supported (E.1)."""
SPAN: Final = re.compile(rb"([0-9a-fA-F]{1,8}),([0-9a-fA-F]{1,8})")
STORE: Final = re.compile(rb"([0-9a-fA-F]{1,8}),([0-9a-fA-F]{1,8}):(.*)", re.DOTALL)
SETTING: Final = re.compile(rb"([0-9a-fA-F]{1,4})=([0-9a-fA-F]{2,16})")
NUMBER: Final = re.compile(rb"[0-9a-fA-F]{1,8}")


class Leave(Enum):
    """How gdb goes away."""

    DETACHED = auto()
    KILLED = auto()
    """The run is to end."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a packet comes to: ``data`` is sent, None is nothing; then the machine goes on, or gdb
    leaves."""

    data: bytes | None
    resume: Resume | None = None
    leave: Leave | None = None


class Target:
    """One connection's view of a debuggee. It is asked while the machine stands still."""

    def __init__(self, debuggee: Debuggee, monitor: Monitor, tell: Callable[[str], None]) -> None:
        """``tell`` shows a text in gdb, while gdb waits for something."""
        self._debuggee, self._tell = debuggee, tell
        self._points = Points(debuggee)
        self.queries = Queries(debuggee, monitor, tell)
        self._stop = Stop(StopReason.ASKED)
        self._stopped = 0
        self._going: int | None = None
        self._access_is_made = False
        """gdb is about to step over an access that it was told of, and that has been made."""
        self._packets: dict[int, Callable[[bytes], bytes | Answer]] = {
            ord("?"): lambda _: self.stop_reply(),
            ord("!"): lambda _: OK,
            ord("H"): self._choose,
            ord("T"): self._is_alive,
            ord("g"): lambda _: self._general(),
            ord("G"): self._set_general,
            ord("p"): self._register,
            ord("P"): self._set_register,
            ord("m"): self._memory,
            ord("M"): self._set_memory,
            ord("X"): self._set_memory_binary,
            ord("Z"): self._set_point,
            ord("z"): self._clear_point,
            ord("c"): self._go,
            ord("C"): self._go,
            ord("s"): self._step,
            ord("S"): self._step,
            ord("b"): self._back,
            ord("v"): self._word,
            ord("q"): self.queries.ask,
            ord("Q"): self.queries.set,
            ord("D"): lambda _: Answer(OK, leave=Leave.DETACHED),
            ord("k"): lambda _: Answer(None, leave=Leave.KILLED),
        }

    def handle(self, packet: bytes) -> Answer:
        """Do what ``packet`` asks for; whatever goes wrong, the run outlives it."""
        try:
            return self.answer(packet)
        except Exception as error:  # noqa: BLE001 - a packet must not end the run
            return Answer(b"E." + f"this is a mistake in vplat: {error!r}".encode())

    def answer(self, packet: bytes) -> Answer:
        """Do what ``packet`` asks for; one that makes no sense is answered with an error."""
        handler = self._packets.get(packet[0]) if packet else None
        if handler is None:
            return Answer(UNKNOWN)
        try:
            answer = handler(packet[1:])
        except CannotAccess:
            return Answer(NO_SUCH)
        except (Malformed, ValueError):
            return Answer(MALFORMED)
        except VplatError as error:
            return Answer(b"E." + str(error).encode())
        return answer if isinstance(answer, Answer) else Answer(answer)

    def stopped(self, stop: Stop) -> bytes:
        """The machine stands still: remember why; what gdb is told if it waits for that."""
        if self._debuggee.control.took_disorder():
            self._changed()
        self._stop = stop
        self._access_is_made = stop.reason is StopReason.WATCHPOINT
        self._stopped = stop.hart if stop.hart >= 0 else self._debuggee.hart
        self._debuggee.hart = self._stopped
        self._going = None
        return self.stop_reply()

    def stop_reply(self) -> bytes:
        """Why the machine stands still."""
        debuggee = self._debuggee
        return stop_reply(
            self._stop,
            self._stopped,
            debuggee.machine,
            debuggee.registers,
            with_process=self.queries.with_process,
        )

    # Threads.

    def _choose(self, text: bytes) -> bytes:
        operation, thread = text[:1], text[1:].decode("latin-1")
        if operation == b"g":
            self._debuggee.hart = parse_harts(thread, self._debuggee.harts)[0]
        elif operation == b"c":
            every = parse_thread(thread) == EVERY
            self._going = None if every else parse_harts(thread, self._debuggee.harts)[0]
        else:
            raise Malformed("no such operation")
        return OK

    def _is_alive(self, text: bytes) -> bytes:
        parse_harts(text.decode("latin-1"), self._debuggee.harts)
        return OK

    # Registers.

    def _general(self) -> bytes:
        debuggee = self._debuggee
        return b"".join(debuggee.registers.shown(debuggee.hart, n) for n in range(PC + 1))

    def _set_general(self, text: bytes) -> bytes:
        debuggee = self._debuggee
        data = bytes.fromhex(text.decode("latin-1"))
        if len(data) % 4 or len(data) > 4 * (PC + 1):
            raise Malformed("no registers")
        self._changed()
        for number in range(len(data) // 4):
            value = int.from_bytes(data[4 * number : 4 * number + 4], "little")
            if debuggee.registers.read(debuggee.hart, number) != value:
                debuggee.registers.write(debuggee.hart, number, value)
        return OK

    def _register(self, text: bytes) -> bytes:
        debuggee, number = self._debuggee, _number(text)
        if number not in debuggee.registers.known:
            return NO_SUCH
        return debuggee.registers.shown(debuggee.hart, number)

    def _set_register(self, text: bytes) -> bytes:
        found = SETTING.fullmatch(text)
        if found is None:
            raise Malformed("no register")
        number, data = int(found[1], 16), bytes.fromhex(found[2].decode())
        registers = self._debuggee.registers
        if number not in registers.known or len(data) != registers.size(number):
            return NO_SUCH
        self._changed()
        value = int.from_bytes(data, "little")
        return OK if registers.write(self._debuggee.hart, number, value) else NO_SUCH

    # Memory.

    def _memory(self, text: bytes) -> bytes:
        address, length = _span(text)
        if 2 * length > MAX_PACKET:
            length = MAX_PACKET // 2  # gdb asks for the rest (E.2, "m")
        data = self._debuggee.memory.read(address, length, self._debuggee.hart)
        return data.hex().encode() if data or not length else NO_SUCH

    def _set_memory(self, text: bytes) -> bytes:
        found = STORE.fullmatch(text)
        if found is None:
            raise Malformed("no store")
        return self._put(found, bytes.fromhex(found[3].decode("latin-1")))

    def _set_memory_binary(self, text: bytes) -> bytes:
        found = STORE.fullmatch(text)
        if found is None:
            raise Malformed("no store")
        return self._put(found, found[3])

    def _put(self, found: re.Match[bytes], data: bytes) -> bytes:
        if len(data) != int(found[2], 16):
            raise Malformed("another length")
        if data:
            self._changed()
            self._debuggee.memory.write(int(found[1], 16), data, self._debuggee.hart)
        return OK

    # Points.

    def _set_point(self, text: bytes) -> bytes:
        self._points.set(text)
        return OK

    def _clear_point(self, text: bytes) -> bytes:
        self._points.clear(text)
        return OK

    # Going on, and back.

    def _resume(self, resume: Resume) -> Answer:
        """Go on, but for the step that gdb makes by itself after each access to watched memory.

        To gdb a RISC-V hart stops before the access, as its debug triggers may do. It makes the
        step with a breakpoint behind the instruction.
        """
        made, self._access_is_made = self._access_is_made, False
        if made and resume.only == frozenset((self._stopped,)):
            return Answer(self.stopped(Stop(StopReason.STEP, self._stopped)))
        return Answer(None, resume)

    def _go(self, text: bytes) -> Answer:
        self._jump(text)
        only = None if self._going is None else frozenset((self._going,))
        return self._resume(Resume(only=only))

    def _step(self, text: bytes) -> Answer:
        self._jump(text)
        hart = self._stopped if self._going is None else self._going
        only = None if self._going is None else frozenset((hart,))
        return self._resume(Resume({hart: None}, only))

    def _jump(self, text: bytes) -> None:
        """``c`` and ``s`` may name an address, ``C`` and ``S`` a signal before it."""
        address = text.rpartition(b";")[2] if b";" in text else text
        if len(text) == 2 or not address:
            return
        self._changed()
        self._debuggee.control.set_pc(self._stopped, _number(address))

    def _back(self, text: bytes) -> Answer:
        if text not in (b"s", b"c"):
            return Answer(UNKNOWN)
        hart = self._stopped if self._going is None else self._going
        made, self._access_is_made = self._access_is_made, False
        if made and text == b"s" and hart == self._stopped:
            return Answer(self.stopped(Stop(StopReason.STEP, hart)))
        history = self._debuggee.history
        stop = history.step_back(hart) if text == b"s" else history.go_back()
        for sentence in sentences(self._debuggee.session, stop):
            self._tell(f"vplat: {sentence}\n")
        return Answer(self.stopped(stop))

    def _word(self, text: bytes) -> bytes | Answer:
        if text == b"Cont?":
            return b"vCont;c;C;s;S;r"
        if text.startswith(b"Cont;"):
            actions = text.removeprefix(b"Cont;").decode("latin-1")
            return self._resume(parse_actions(actions, self._debuggee.harts))
        if text.startswith(b"Kill"):
            return Answer(OK, leave=Leave.KILLED)
        return self.queries.file(text)

    def _changed(self) -> None:
        self._debuggee.history.changed()


def _number(text: bytes) -> int:
    if NUMBER.fullmatch(text) is None:
        raise Malformed("no number")
    return int(text, 16)


def _span(text: bytes) -> tuple[int, int]:
    found = SPAN.fullmatch(text)
    if found is None:
        raise Malformed("no address and length")
    return int(found[1], 16), int(found[2], 16)
