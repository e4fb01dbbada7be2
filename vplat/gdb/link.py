"""The connection to one gdb: packets over a socket."""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from .packets import Kind, Received, Receiver, encode_runs, escape, frame

PATIENCE_SECONDS: Final = 10.0
"""How long gdb may refuse to take what is sent before it counts as gone."""
LOOK_SECONDS: Final = 0.2
"""How often whoever waits for gdb looks whether waiting is over."""
PIECE: Final = 1 << 16
MOST_REPEATS: Final = 10
"""How often in a row gdb may refuse a packet."""


class Gone(Exception):  # noqa: N818 - the other side is gone
    """The connection is no more."""


class Link:
    """Sends and receives packets; every method may raise ``Gone``."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._receiver = Receiver()
        self._received: deque[Received] = deque()
        self._last = b""
        self._repeats = 0
        self.acknowledges = True

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def next(self, is_over: Callable[[], bool] = lambda: False) -> Received | None:
        """The next packet or Ctrl-C; None when ``is_over``, which is asked now and then."""
        while True:
            if (found := self.poll()) is not None:
                return found
            if is_over():
                return None
            select.select([self._socket], [], [], LOOK_SECONDS)

    def poll(self) -> Received | None:
        """The next packet or Ctrl-C if there is one already; None otherwise."""
        if not self._received:
            self._read()
        while self._received:
            found = self._received.popleft()
            if self._is_for_others(found):
                return found
        return None

    def send(self, data: bytes) -> None:
        """Send a packet."""
        self._last = frame(encode_runs(escape(data)))
        self._repeats = 0
        self._write(self._last)

    def tell(self, text: str) -> None:
        """Show ``text`` in gdb; only while gdb waits for something (E.3, "O")."""
        self.send(b"O" + text.encode().hex().encode())

    def _is_for_others(self, found: Received) -> bool:
        """Deal with what only concerns the connection."""
        match found.kind:
            case Kind.PACKET:
                if self.acknowledges:
                    self._write(b"+")
                return True
            case Kind.INTERRUPT:
                return True
            case Kind.DAMAGED if self.acknowledges:
                self._write(b"-")
            case Kind.REFUSED if self.acknowledges:
                self._repeats += 1
                if self._repeats > MOST_REPEATS:
                    raise Gone
                self._write(self._last)
        return False

    def _read(self) -> None:
        try:
            piece = self._socket.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            raise Gone from None
        if not piece:
            raise Gone
        self._received.extend(self._receiver.feed(piece))

    def _write(self, data: bytes) -> None:
        view, until = memoryview(data), time.monotonic() + PATIENCE_SECONDS
        while view:
            try:
                view = view[self._socket.send(view) :]
            except BlockingIOError:
                left = until - time.monotonic()
                if left <= 0 or not select.select([], [self._socket], [], left)[1]:
                    raise Gone from None
            except OSError:
                raise Gone from None
