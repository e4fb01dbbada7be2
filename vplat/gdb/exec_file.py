"""The firmware's own file, so that gdb finds symbols without being told where (E.9).

No other file of the host can be reached.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .packets import MAX_PACKET
from .thread_ids import Malformed

NO_ENTRY: Final = b"F-1,2"
BAD_DESCRIPTOR: Final = b"F-1,9"
DENIED: Final = b"F-1,d"
DESCRIPTOR: Final = 1
ACCESS_MODE: Final = 3
"""The bits of the open flags that ask for more than reading."""


class ExecFile:
    """Serves one file, for reading."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._data: bytes | None = None

    @property
    def path(self) -> str:
        """Where it is."""
        return str(self._path)

    def handle(self, text: bytes) -> bytes:
        """What comes behind ``vFile:``."""
        operation, _, rest = text.partition(b":")
        match operation:
            case b"setfs":
                return b"F0"
            case b"open":
                return self._open(rest)
            case b"pread":
                return self._read(rest)
            case b"fstat":
                return self._status(rest)
            case b"close":
                self._data = None
                return b"F0"
        return b""

    def _open(self, text: bytes) -> bytes:
        name, flags, _ = (*text.split(b","), b"", b"", b"")[:3]
        path = bytes.fromhex(name.decode("latin-1")).decode("utf-8", errors="replace")
        if path != self.path:
            return NO_ENTRY
        if int(flags, 16) & ACCESS_MODE:
            return DENIED
        try:
            self._data = self._path.read_bytes()
        except OSError:
            return NO_ENTRY
        return b"F%x" % DESCRIPTOR

    def _read(self, text: bytes) -> bytes:
        numbers = [int(part, 16) for part in text.split(b",")]
        if len(numbers) != 3:
            raise Malformed("no descriptor, count and offset")
        descriptor, count, offset = numbers
        if self._data is None or descriptor != DESCRIPTOR or offset < 0:
            return BAD_DESCRIPTOR
        piece = self._data[offset : offset + min(max(count, 0), MAX_PACKET // 2)]
        return b"F%x;" % len(piece) + piece

    def _status(self, text: bytes) -> bytes:
        if self._data is None or int(text, 16) != DESCRIPTOR:
            return BAD_DESCRIPTOR
        fields = [(0, 4), (0, 4), (0o100444, 4), (1, 4), (0, 4), (0, 4), (0, 4)]
        size = [(len(self._data), 8), (512, 8), (-(-len(self._data) // 512), 8)]
        times = [(0, 4), (0, 4), (0, 4)]
        packed = b"".join(value.to_bytes(width, "big") for value, width in fields + size + times)
        return b"F%x;" % len(packed) + packed
