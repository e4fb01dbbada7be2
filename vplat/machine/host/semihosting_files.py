"""Semihosting's operations on files and on the console."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from vplat.errors import SnapshotError

from .directory import GrantedDirectory
from .failure import CallFailed, Errno, returning
from .guest import STDERR, STDOUT, Guest
from .guest_memory import LARGEST_TRANSFER, GuestMemory
from .open_file import (
    ConsoleInput,
    ConsoleOutput,
    FileKind,
    FileState,
    FixedFile,
    OpenFile,
    OpenFiles,
)
from .operation import FEATURES, Operation, Operations

_LONGEST_NAME: Final = 4096
_MODES: Final = 12
_APPEND: Final = 8
_WRITE: Final = 4


class FileOperations:
    """``directory`` holds the host's files that firmware may use; None refuses them all."""

    def __init__(self, guest: Guest, memory: GuestMemory, directory: Path | None) -> None:
        self._guest = guest
        self._memory = memory
        self._granted = None if directory is None else GrantedDirectory(directory)
        self._files = OpenFiles(guest)
        self._console_input = ConsoleInput(guest)

    @property
    def operations(self) -> Operations:
        """What runs each operation."""
        return {
            Operation.SYS_OPEN: self._open,
            Operation.SYS_CLOSE: self._close,
            Operation.SYS_WRITEC: self._write_character,
            Operation.SYS_WRITE0: self._write_string,
            Operation.SYS_WRITE: self._write,
            Operation.SYS_READ: self._read,
            Operation.SYS_READC: self._read_character,
            Operation.SYS_ISTTY: self._is_terminal,
            Operation.SYS_SEEK: self._seek,
            Operation.SYS_FLEN: self._length,
            Operation.SYS_TMPNAM: self._temporary_name,
            Operation.SYS_REMOVE: self._remove,
            Operation.SYS_RENAME: self._rename,
        }

    def close(self) -> None:
        """Close the host's files."""
        self._files.close_all()

    def snapshot(self) -> dict[int, FileState]:
        """Every open file by its handle."""
        return self._files.snapshot()

    def restore(self, state: Mapping[int, FileState]) -> None:
        """Have the same files open, as they stood then; ``SnapshotError`` if one is not there."""
        self._files.replace({handle: self._reopened(each) for handle, each in state.items()})

    def _reopened(self, state: FileState) -> OpenFile:
        if state.kind is FileKind.INPUT:
            return ConsoleInput(self._guest)
        if state.kind is FileKind.OUTPUT:
            return ConsoleOutput(self._guest, state.stream)
        if state.kind is FileKind.FIXED:
            fixed = FixedFile(FEATURES)
            fixed.seek(state.position)
            return fixed
        if self._granted is None:
            raise SnapshotError(
                f"the firmware had the file {state.name!a} open at the snapshot; grant the "
                "directory that holds it with --files"
            )
        try:
            return self._granted.reopen(state)
        except CallFailed as failure:
            raise SnapshotError(
                f"the firmware had the file {state.name!a} open at the snapshot, at byte "
                f"{state.position} of {state.length}, and now it cannot be opened like that "
                f"({failure.errno.name}); put back the file as it was"
            ) from None

    def _open(self, parameter: int) -> int:
        address, mode, length = self._memory.words(parameter, 3)
        if mode >= _MODES:
            raise CallFailed(
                Errno.EINVAL,
                "semihosting-mode",
                f"there is no file mode {mode}; use 0 (r) to 11 (a+b)",
            )
        name = self._name(address, length)
        handle = self._files.free_handle()
        self._files[handle] = self._opened(name, mode)
        return handle

    def _opened(self, name: str, mode: int) -> OpenFile:
        if name == ":tt":
            if mode < _WRITE:
                return ConsoleInput(self._guest)
            return ConsoleOutput(self._guest, STDERR if mode >= _APPEND else STDOUT)
        if name == ":semihosting-features":
            if mode > 1:
                raise CallFailed(Errno.EACCES)
            return FixedFile(FEATURES)
        return self._directory(name).open(name, mode)

    def _close(self, parameter: int) -> int:
        (handle,) = self._memory.words(parameter, 1)
        self._files.close(handle)
        return 0

    def _write_character(self, parameter: int) -> int:
        self._guest.print(self._memory.read(parameter, 1), STDOUT)
        return 0

    def _write_string(self, parameter: int) -> int:
        text = self._memory.text(parameter)
        if text:
            self._guest.print(text, STDOUT)
        return 0

    def _write(self, parameter: int) -> int:
        """Returns the bytes not written, all of them when the call fails."""
        handle, address, length = self._memory.words(parameter, 3)
        with returning(length):
            return length - self._files[handle].write(self._memory.read(address, length))

    def _read(self, parameter: int) -> int:
        """Returns the bytes not read, all of them at the end and when the call fails."""
        handle, address, length = self._memory.words(parameter, 3)
        with returning(length):
            data = self._files[handle].read(min(length, LARGEST_TRANSFER))
            self._memory.write(address, data)
            return length - len(data)

    def _read_character(self, parameter: int) -> int:
        data = self._console_input.read(1)
        return data[0] if data else -1

    def _is_terminal(self, parameter: int) -> int:
        (handle,) = self._memory.words(parameter, 1)
        return int(self._files[handle].is_terminal)

    def _seek(self, parameter: int) -> int:
        handle, position = self._memory.words(parameter, 2)
        self._files[handle].seek(position)
        return 0

    def _length(self, parameter: int) -> int:
        (handle,) = self._memory.words(parameter, 1)
        return self._files[handle].length()

    def _temporary_name(self, parameter: int) -> int:
        """One name for each identifier, so that the same firmware gets the same names again."""
        address, identifier, length = self._memory.words(parameter, 3)
        if identifier > 0xFF:
            raise CallFailed(
                Errno.EINVAL,
                "semihosting-identifier",
                f"the identifier {identifier} of a temporary name is not in 0..255",
            )
        name = f"vplat-{identifier:02x}.tmp\0".encode()
        if len(name) > length:
            raise CallFailed(Errno.ERANGE)
        self._memory.write(address, name)
        return 0

    def _remove(self, parameter: int) -> int:
        name = self._name(*self._memory.words(parameter, 2))
        self._directory(name).remove(name)
        return 0

    def _rename(self, parameter: int) -> int:
        old_address, old_length, new_address, new_length = self._memory.words(parameter, 4)
        old, new = self._name(old_address, old_length), self._name(new_address, new_length)
        self._directory(old).rename(old, new)
        return 0

    def _name(self, address: int, length: int) -> str:
        """A file's name; some firmware counts the zero byte that ends it."""
        if length > _LONGEST_NAME:
            raise CallFailed(
                Errno.ENAMETOOLONG,
                "semihosting-length",
                f"a file name of {length} bytes is refused; the longest has {_LONGEST_NAME} bytes",
            )
        return os.fsdecode(self._memory.read(address, length).partition(b"\0")[0])

    def _directory(self, name: str) -> GrantedDirectory:
        if self._granted is None:
            raise CallFailed(
                Errno.EACCES,
                "semihosting-refused",
                f"the file {name!a} is refused, as no directory of the host is granted to "
                "the firmware; grant one to the run",
            )
        return self._granted
