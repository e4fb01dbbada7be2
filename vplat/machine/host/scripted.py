"""A guest without a machine, for trying the host interfaces by hand and in tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vplat.model import AccessFault


@dataclass
class ScriptedGuest:
    """A ``Guest`` with one memory from ``base`` on, which records all that is asked of it.

    ``typed`` is the host's input: every element is what one look finds, an empty one finds nothing
    yet, and after the last the input has ended.
    """

    base: int = 0x8000_0000
    memory: bytearray = field(default_factory=lambda: bytearray(0x1000))
    typed: Sequence[bytes] = ()
    now: int = 0
    clock_hz: int = 1_000_000
    command_line: str = "app.elf"
    heap: tuple[int, int] = (0, 0)
    stack: tuple[int, int] = (0, 0)
    printed: list[tuple[bytes, int]] = field(default_factory=list)
    findings: list[tuple[str, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pieces = list(self.typed)

    def read(self, address: int, length: int) -> bytes:
        """``length`` bytes of the memory."""
        start = self._offset(address, length)
        return bytes(self.memory[start : start + length])

    def write(self, address: int, data: bytes) -> None:
        """Store ``data`` in the memory."""
        start = self._offset(address, len(data))
        self.memory[start : start + len(data)] = data

    def print(self, text: bytes, stream: int) -> None:
        """Record what was printed."""
        self.printed.append((text, stream))

    def receive(self, limit: int) -> bytes:
        """The next piece of the input, what exceeds ``limit`` being kept for later."""
        if not self._pieces:
            return b""
        piece = self._pieces.pop(0)
        if len(piece) > limit:
            self._pieces.insert(0, piece[limit:])
        return piece[:limit]

    def input_ended(self) -> bool:
        """Every piece of the input was taken."""
        return not self._pieces

    def finish(self, status: int) -> None:
        """Record the exit status."""
        self.statuses.append(status)

    def crash(self, reason: str) -> None:
        """Record why the firmware gave up."""
        self.crashes.append(reason)

    def report(self, rule: str, sentence: str) -> None:
        """Record a finding."""
        self.findings.append((rule, sentence))

    def _offset(self, address: int, length: int) -> int:
        offset = address - self.base
        if offset < 0 or offset + length > len(self.memory):
            raise AccessFault(f"nothing answers at {address:#010x}", address=address)
        return offset
