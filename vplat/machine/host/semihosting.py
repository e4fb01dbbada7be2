"""RISC-V semihosting 1.0: firmware asks the host through an ``ebreak`` between two marks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from .failure import CallFailed, Errno
from .guest import Guest
from .guest_memory import WORD_MASK, GuestMemory
from .open_file import FileState
from .operation import Operation, Operations
from .semihosting_files import FileOperations
from .semihosting_system import SystemOperations

TRAP_SEQUENCE: Final = (0x01F0_1013, 0x0010_0073, 0x4070_5013)
"""``slli x0, x0, 0x1f``; ``ebreak``; ``srai x0, x0, 7``, none of them compressed."""


def is_semihosting_trap(before: int, at: int, after: int) -> bool:
    """Whether an ``ebreak`` calls the host: the 32-bit words before it, at it and after it."""
    return (before, at, after) == TRAP_SEQUENCE


class SemihostingState(NamedTuple):
    """What firmware has open by handle, and the latest failure of each hart."""

    files: Mapping[int, FileState]
    errno: Mapping[int, Errno]


class Semihosting:
    """Every operation of the specification, for the harts of one machine.

    Host files are refused unless ``directory`` is given; then those below it may be used, by names
    relative to it. Time is simulated: ``SYS_TIME`` is ``epoch_seconds`` at the run's first cycle.
    Each hart has an ``errno`` of its own. ``close`` gives back the host's files after the run.
    """

    def __init__(self, guest: Guest, directory: Path | None = None, epoch_seconds: int = 0) -> None:
        memory = GuestMemory(guest, "semihosting")
        self._guest = guest
        self._files = FileOperations(guest, memory, directory)
        system = SystemOperations(guest, memory, epoch_seconds)
        self._operations: Operations = {**self._files.operations, **system.operations}
        self._errno: dict[int, Errno] = {}

    def call(self, hart: int, operation: int, parameter: int) -> int:
        """The result for ``a0``; ``operation`` is what it held before, ``parameter`` is ``a1``.

        Whatever the firmware passes, the only exception is ``Stall``: the host's input is empty but
        not at its end, nothing has happened yet, and the call is to be made again later.
        """
        if operation == Operation.SYS_ERRNO:
            return self._errno.get(hart, 0)
        try:
            return self._run(operation, parameter) & WORD_MASK
        except CallFailed as failure:
            self._errno[hart] = failure.errno
            if failure.sentence:
                name = _name(operation)
                self._guest.report(failure.rule, f"hart {hart}, {name}: {failure.sentence}")
            return failure.result & WORD_MASK

    def snapshot(self) -> SemihostingState:
        """The open files, and each hart's errno."""
        return SemihostingState(self._files.snapshot(), dict(self._errno))

    def restore(self, state: SemihostingState) -> None:
        """Go back to what ``snapshot`` gave; ``SnapshotError`` if a file is not there any more.

        What is in the host's files is not part of a snapshot.
        """
        self._files.restore(state.files)
        self._errno = dict(state.errno)

    def close(self) -> None:
        """Close every file the firmware left open."""
        self._files.close()

    def _run(self, operation: int, parameter: int) -> int:
        run = self._operations.get(operation)
        if run is None:
            raise CallFailed(
                Errno.ENOSYS,
                "semihosting-operation",
                "semihosting has no such operation; check a0 against the specification",
            )
        return run(parameter)


def _name(operation: int) -> str:
    try:
        return Operation(operation).name
    except ValueError:
        return f"operation {operation:#x}"
