"""A gdb of our own, as far as the protocol goes, and sessions that it debugs."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.unit.elf_builder import CODE, build_elf
from tests.unit.rv32_code import A0, A1, T0, addi, branch, load_constant, sw
from tests.unit.tiny_firmware import (
    APPLICATION_EXIT,
    BASE,
    EXIT_EXTENDED,
    READ_MHARTID_TO_T0,
    SLEEP,
    TEXT,
    call,
)
from vplat.gdb import GdbServer
from vplat.plugins import Plugins
from vplat.session import HostConsole, Result, Session, Settings

TCDM = 0x1000_0000
COUNTED_TO = 10
PATIENCE_SECONDS = 30.0
T1 = 6


class Client:
    """Talks to a server. ``told`` is what it was to show, in order."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._bytes = b""
        self.acknowledges = True
        self.told: list[str] = []

    def close(self) -> None:
        self._socket.close()

    def send(self, packet: bytes) -> None:
        self.send_bytes(b"$%b#%02x" % (packet, sum(packet) & 0xFF))

    def send_bytes(self, data: bytes) -> None:
        self._socket.sendall(data)

    def interrupt(self) -> None:
        self.send_bytes(b"\x03")

    def receive(self) -> bytes:
        """The next packet that is no text to show, with its runs at full length."""
        while True:
            packet = self._packet()
            if packet.startswith(b"O") and packet != b"OK":
                self.told.append(bytes.fromhex(packet[1:].decode()).decode())
            else:
                return packet

    def receive_whatever_there_is(self) -> None:
        """Take what has come, and look at none of it."""
        while select.select([self._socket], [], [], 0)[0]:
            if not self._socket.recv(65536):
                raise EOFError

    def ask(self, packet: bytes | str) -> bytes:
        """Send a packet and receive the answer."""
        self.send(packet.encode() if isinstance(packet, str) else packet)
        return self.receive()

    def monitor(self, line: str) -> str:
        """What a monitor command shows."""
        self.told.clear()
        assert self.ask(f"qRcmd,{line.encode().hex()}") == b"OK"
        return "".join(self.told)

    def registers(self) -> list[int]:
        """x0 to x31 and pc of the selected hart."""
        data = bytes.fromhex(self.ask("g").decode())
        return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]

    def word(self, address: int) -> int:
        return int.from_bytes(bytes.fromhex(self.ask(f"m{address:x},4").decode()), "little")

    def read_object(self, name: str) -> str:
        """A whole object of qXfer, in pieces of 100 bytes."""
        whole = b""
        while True:
            piece = self.ask(f"qXfer:{name}:{len(whole):x},64")
            assert piece[:1] in (b"m", b"l"), piece
            whole += piece[1:]
            if piece[:1] == b"l":
                return whole.decode()

    def _packet(self) -> bytes:
        while True:
            start = self._bytes.find(b"$")
            end = self._bytes.find(b"#", start)
            if start >= 0 and 0 <= end <= len(self._bytes) - 3:
                break
            piece = self._socket.recv(4096)
            if not piece:
                raise EOFError
            self._bytes += piece
        data, told = self._bytes[start + 1 : end], self._bytes[end + 1 : end + 3]
        self._bytes = self._bytes[end + 3 :]
        assert int(told, 16) == sum(data) & 0xFF
        if self.acknowledges:
            self._socket.sendall(b"+")
        return _plain(data)


def _plain(data: bytes) -> bytes:
    found, at = bytearray(), 0
    while at < len(data):
        if data[at] == ord("*"):
            found += found[-1:] * (data[at + 1] - 29)
            at += 2
        elif data[at] == ord("}"):
            found.append(data[at + 1] ^ 0x20)
            at += 2
        else:
            found.append(data[at])
            at += 1
    return bytes(found)


Talk = Callable[[Client], None]


def session_of(elf: Path, **settings: Any) -> Session:
    return Session(elf, Plugins(installed=False), HostConsole(), Settings(**settings))


def debugged(session: Session, talk: Talk, *, waits: bool = True, **options: Any) -> Result:
    """Run a session while ``talk`` talks to its server from another thread."""
    server = GdbServer(session, port=0, **options)
    errors: list[BaseException] = []

    def client() -> None:
        try:
            with contextlib.closing(Client(server.port)) as visitor:
                talk(visitor)
        except BaseException as error:  # noqa: BLE001 - the test's own thread raises it again
            errors.append(error)

    thread = threading.Thread(target=client)
    thread.start()

    def watch(_: Session) -> bool:
        server.look()
        return bool(errors)

    result = session.run(watch, ready=server.wait if waits else None)
    server.finish(result.outcome)
    thread.join(PATIENCE_SECONDS)
    if errors:
        raise errors[0]
    return result


def counting(path: Path) -> Path:
    """Every hart counts to ten in its word of TCDM; then hart 0 ends the run with status 3.

    ``count`` is where the counting loop begins, ``done`` what follows it.
    """
    loop = [addi(A0, A0, 1), sw(A0, A1), branch(1, A0, T1, -8)]
    count = [
        READ_MHARTID_TO_T0,
        *(each.word for each in load_constant(A1, TCDM)),
        0x0022_9393,  # slli t2, t0, 2
        0x0075_85B3,  # add a1, a1, t2
        addi(T1, 0, COUNTED_TO).word,
        addi(A0, 0, 0).word,
    ]
    # Hart 0 takes its time, so that the others come to their ends before it ends the run.
    delay = [*(each.word for each in load_constant(T1, 10_000)), addi(T1, T1, -1).word]
    ending = [*delay, branch(1, T1, 0, -4).word, *call(EXIT_EXTENDED, TEXT)]
    skip = branch(1, T0, 0, 4 * len(ending) + 4).word
    words = [*count, *(each.word for each in loop), skip, *ending, *SLEEP]
    code = b"".join(word.to_bytes(4, "little") for word in words)
    data = APPLICATION_EXIT.to_bytes(4, "little") + (3).to_bytes(4, "little")
    symbols = {
        "main": (BASE, len(code)),
        "count": (BASE + 4 * len(count), 4 * len(loop)),
        "done": (BASE + 4 * (len(count) + len(loop)), 4),
    }
    path.write_bytes(build_elf([(BASE, code, CODE), (TEXT, data, CODE)], symbols=symbols))
    return path


COUNT = BASE + 4 * 7
STORE, DONE = COUNT + 4, COUNT + 12
