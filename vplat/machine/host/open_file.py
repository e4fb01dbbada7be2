"""What a semihosting handle stands for."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from io import FileIO
from typing import Final, NamedTuple

from vplat.model import Stall

from .failure import CallFailed, Errno, host_failures
from .guest import HOST_INPUT, STDERR, STDOUT, Guest

MOST_OPEN_FILES: Final = 256
_FIRST_FREE_HANDLE: Final = 3


class FileKind(StrEnum):
    """The kinds of file that a handle can stand for."""

    INPUT = "input"
    OUTPUT = "output"
    FIXED = "fixed"
    HOST = "host"


class FileState(NamedTuple):
    """An open file as data.

    ``stream`` is that of an output. ``position`` and ``length`` are in bytes; ``name`` and ``mode``
    are those that firmware gave for a file of the host.
    """

    kind: FileKind
    stream: int = 0
    position: int = 0
    name: str = ""
    mode: int = 0
    length: int = 0


class OpenFile:
    """A file that can do nothing; each kind below says what it can do."""

    is_terminal = False

    def snapshot(self) -> FileState:
        """What it is, and where it stands."""
        raise NotImplementedError

    def read(self, limit: int) -> bytes:
        """Up to ``limit`` bytes, fewer at the end; ``Stall`` when they are still to come."""
        raise CallFailed(Errno.EBADF)

    def write(self, data: bytes) -> int:
        """How many bytes of ``data`` were written."""
        raise CallFailed(Errno.EBADF)

    def seek(self, position: int) -> None:
        """Go on reading or writing at byte ``position``."""
        raise CallFailed(Errno.ESPIPE)

    def length(self) -> int:
        """The file's length in bytes."""
        raise CallFailed(Errno.ESPIPE)

    def close(self) -> None:
        """Give back what the host holds for it."""


class Terminal(OpenFile):
    """An interactive device; picolibc's ``isatty`` wants its length to be 0."""

    is_terminal = True

    def length(self) -> int:
        return 0


class ConsoleInput(Terminal):
    """The host's input."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest

    def snapshot(self) -> FileState:
        return FileState(FileKind.INPUT)

    def read(self, limit: int) -> bytes:
        if limit == 0:
            return b""
        data = self._guest.receive(limit)
        if not data and not self._guest.input_ended():
            raise Stall(f"semihosting: {HOST_INPUT}")
        return data


class ConsoleOutput(Terminal):
    """The console, one of its two streams."""

    def __init__(self, guest: Guest, stream: int) -> None:
        self._guest = guest
        self._stream = stream

    def snapshot(self) -> FileState:
        return FileState(FileKind.OUTPUT, stream=self._stream)

    def write(self, data: bytes) -> int:
        if data:
            self._guest.print(data, self._stream)
        return len(data)


class FixedFile(OpenFile):
    """Bytes that can be read and nothing else."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0

    def snapshot(self) -> FileState:
        return FileState(FileKind.FIXED, position=self._position)

    def read(self, limit: int) -> bytes:
        data = self._content[self._position : self._position + limit]
        self._position += len(data)
        return data

    def seek(self, position: int) -> None:
        if position > len(self._content):
            raise CallFailed(Errno.EINVAL)
        self._position = position

    def length(self) -> int:
        return len(self._content)


class HostFile(OpenFile):
    """A regular file of the host, unbuffered so that firmware which crashes loses nothing.

    ``name`` and ``mode`` are those that firmware opened it with.
    """

    def __init__(self, file: FileIO, name: str = "", mode: int = 0) -> None:
        self._file, self._name, self._mode = file, name, mode

    def snapshot(self) -> FileState:
        position = self._file.tell()
        return FileState(
            FileKind.HOST,
            position=position,
            name=self._name,
            mode=self._mode,
            length=self.length(),
        )

    def read(self, limit: int) -> bytes:
        if not self._file.readable():
            raise CallFailed(Errno.EBADF)
        with host_failures():
            return self._file.read(limit)

    def write(self, data: bytes) -> int:
        if not self._file.writable():
            raise CallFailed(Errno.EBADF)
        with host_failures():
            return self._file.write(data)

    def seek(self, position: int) -> None:
        with host_failures():
            self._file.seek(position)

    def length(self) -> int:
        with host_failures():
            here = self._file.tell()
            length = self._file.seek(0, 2)
            self._file.seek(here)
            return length

    def close(self) -> None:
        with host_failures():
            self._file.close()


class OpenFiles:
    """Files by handle.

    0, 1 and 2 are the standard streams from the start, as some firmware writes to 1 without opening
    ``:tt`` first. ``SYS_OPEN`` gives out 3 and up, the lowest that is free.
    """

    def __init__(self, guest: Guest) -> None:
        self._files: dict[int, OpenFile] = {
            0: ConsoleInput(guest),
            1: ConsoleOutput(guest, STDOUT),
            2: ConsoleOutput(guest, STDERR),
        }

    def __getitem__(self, handle: int) -> OpenFile:
        try:
            return self._files[handle]
        except KeyError:
            raise CallFailed(Errno.EBADF) from None

    def __setitem__(self, handle: int, file: OpenFile) -> None:
        self._files[handle] = file

    def snapshot(self) -> dict[int, FileState]:
        """Every file by its handle."""
        return {handle: file.snapshot() for handle, file in self._files.items()}

    def replace(self, files: Mapping[int, OpenFile]) -> None:
        """Have these files open and no others; closes those that were open."""
        self.close_all()
        self._files.update(files)

    def free_handle(self) -> int:
        """The handle for the next file to be opened."""
        for handle in range(_FIRST_FREE_HANDLE, _FIRST_FREE_HANDLE + MOST_OPEN_FILES):
            if handle not in self._files:
                return handle
        raise CallFailed(Errno.EMFILE)

    def close(self, handle: int) -> None:
        """Close one file."""
        file = self[handle]
        del self._files[handle]
        file.close()

    def close_all(self) -> None:
        """Close every file."""
        while self._files:
            self._files.popitem()[1].close()
