"""What gdb asks about the target, and settings of the connection (E.4, "General Query Packets")."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from .exec_file import ExecFile
from .packets import MAX_PACKET
from .thread_ids import PROCESS, Malformed, parse_harts, thread_name
from .threads import describe, threads_xml

if TYPE_CHECKING:
    from .debuggee import Debuggee
    from .monitor import Monitor

FEATURES: Final = (
    f"PacketSize={MAX_PACKET:x}",
    "QStartNoAckMode+",
    "swbreak+",
    "hwbreak+",
    "vContSupported+",
    "ConditionalBreakpoints+",
    "ReverseStep+",
    "ReverseContinue+",
    "qXfer:features:read+",
    "qXfer:memory-map:read+",
    "qXfer:threads:read+",
    "qXfer:exec-file:read+",
)
OBJECT: Final = re.compile(rb"([a-z-]+):read:([^:]*):([0-9a-fA-F]{1,8}),([0-9a-fA-F]{1,8})")
SEARCH: Final = re.compile(rb"memory:([0-9a-fA-F]{1,8});([0-9a-fA-F]{1,8});(.+)", re.DOTALL)
CHECKSUM: Final = re.compile(rb"([0-9a-fA-F]{1,8}),([0-9a-fA-F]{1,8})")
MOST_SEARCHED: Final = 1 << 28
OK: Final = b"OK"
UNKNOWN: Final = b""
NO_SUCH: Final = b"E0e"


class Queries:
    """The queries of one connection."""

    def __init__(self, debuggee: Debuggee, monitor: Monitor, tell: Callable[[str], None]) -> None:
        self._debuggee, self._monitor, self._tell = debuggee, monitor, tell
        self.with_process = False
        """gdb names threads together with their process."""
        self.acknowledges = True
        """Packets are acknowledged."""
        self.is_ours = False
        """We have started what is debugged for this gdb, so it ends when gdb does."""
        self._exec_file = ExecFile(debuggee.session.firmware.path)
        self._asked: dict[bytes, Callable[[bytes], bytes]] = {
            b"Supported": self._supported,
            b"Attached": lambda _: b"0" if self.is_ours else b"1",
            b"C": lambda _: b"QC" + self._thread(debuggee.hart),
            b"fThreadInfo": self._first_threads,
            b"sThreadInfo": lambda _: b"l",
            b"ThreadExtraInfo": self._extra_information,
            b"Symbol": lambda _: OK,
            b"Rcmd": self._command,
            b"Xfer": self._transfer,
            b"CRC": self._checksum,
            b"Search": self._search,
            b"TStatus": lambda _: UNKNOWN,
        }

    def ask(self, text: bytes) -> bytes:
        """What comes behind ``q``."""
        name, _, rest = _split(text)
        handler = self._asked.get(name)
        return UNKNOWN if handler is None else handler(rest)

    def set(self, text: bytes) -> bytes:
        """What comes behind ``Q``."""
        if text == b"StartNoAckMode":
            self.acknowledges = False
            return OK
        return UNKNOWN

    def file(self, text: bytes) -> bytes:
        """What comes behind ``v``, if it concerns files of the host."""
        if text.startswith(b"File:"):
            return self._exec_file.handle(text.removeprefix(b"File:"))
        return UNKNOWN

    def _supported(self, text: bytes) -> bytes:
        self.with_process = b"multiprocess+" in text.split(b";")
        features = [*FEATURES, "multiprocess+"] if self.with_process else FEATURES
        return ";".join(features).encode()

    def _thread(self, hart: int) -> bytes:
        return thread_name(hart, with_process=self.with_process).encode()

    def _first_threads(self, _: bytes) -> bytes:
        return b"m" + b",".join(self._thread(hart) for hart in range(self._debuggee.harts))

    def _extra_information(self, text: bytes) -> bytes:
        hart = parse_harts(text.decode("latin-1"), self._debuggee.harts)[0]
        session = self._debuggee.session
        return describe(session, session.machine.harts[hart]).encode().hex().encode()

    def _command(self, text: bytes) -> bytes:
        """``monitor``: what it prints goes to gdb's terminal before the answer."""
        line = bytes.fromhex(text.decode("latin-1")).decode("utf-8", errors="replace")
        told = self._monitor.run(line)
        if told:
            self._tell(told if told.endswith("\n") else f"{told}\n")
        return OK

    def _transfer(self, text: bytes) -> bytes:
        found = OBJECT.fullmatch(text)
        if found is None:
            raise Malformed("no object")
        whole = self._object(found[1], found[2])
        if whole is None:
            return UNKNOWN if found[1] not in OBJECTS else b"E00"
        offset, length = int(found[3], 16), min(int(found[4], 16), MAX_PACKET // 2)
        part = whole[offset : offset + length]
        return (b"m" if offset + length < len(whole) else b"l") + part

    def _object(self, kind: bytes, annex: bytes) -> bytes | None:
        debuggee = self._debuggee
        match kind, annex:
            case b"features", b"target.xml":
                return debuggee.registers.description().encode()
            case b"memory-map", b"":
                return debuggee.memory.map().encode()
            case b"threads", b"":
                text = threads_xml(debuggee.session, with_process=self.with_process)
                return text.encode("utf-8", errors="replace")
            case b"exec-file", _ if annex in (b"", b"%x" % PROCESS):
                return self._exec_file.path.encode()
        return None

    def _checksum(self, text: bytes) -> bytes:
        found = CHECKSUM.fullmatch(text)
        if found is None:
            raise Malformed("no address and length")
        address, length = int(found[1], 16), int(found[2], 16)
        if length > MOST_SEARCHED:
            return NO_SUCH
        data = self._debuggee.memory.peek(address, length, self._debuggee.hart)
        return b"C%x" % _crc(data) if len(data) == length else NO_SUCH

    def _search(self, text: bytes) -> bytes:
        found = SEARCH.fullmatch(text)
        if found is None:
            raise Malformed("no search")
        address, length = int(found[1], 16), min(int(found[2], 16), MOST_SEARCHED)
        data = self._debuggee.memory.peek(address, length, self._debuggee.hart)
        at = data.find(found[3])
        return b"0" if at < 0 else b"1,%x" % (address + at)


OBJECTS: Final = (b"features", b"memory-map", b"threads", b"exec-file")


def _split(text: bytes) -> tuple[bytes, bytes, bytes]:
    """A query's name, and what comes behind the first character that belongs to no name."""
    found = re.match(rb"[A-Za-z]*", text)
    name = found[0] if found is not None else b""
    return name, text[len(name) : len(name) + 1], text[len(name) + 1 :]


def _reflected(value: int, bits: int) -> int:
    return int(f"{value:0{bits}b}"[::-1], 2)


TURNED: Final = bytes(_reflected(byte, 8) for byte in range(256))
"""Each byte with its bits the other way round."""


def _crc(data: bytes) -> int:
    """gdb's CRC-32: polynomial 0x04C11DB7, begun with ones, the most significant bit first.

    zlib has the same one with bits the other way round and inverted at its end.
    """
    return _reflected(zlib.crc32(data.translate(TURNED)) ^ 0xFFFF_FFFF, 32)
