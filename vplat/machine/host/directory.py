"""The one directory of the host that firmware may be allowed to use."""

from __future__ import annotations

import os
import stat
from io import FileIO
from pathlib import Path, PurePath
from typing import Final

from vplat.errors import UsageError

from .failure import CallFailed, Errno, host_failures
from .open_file import FileState, HostFile

_MODES: Final = ("rb", "r+b", "wb", "w+b", "ab", "a+b")
_APPEND: Final = 8


class GrantedDirectory:
    """Files below ``directory``, by names relative to it.

    Names that lead out of it (absolute, through ``..`` or a symbolic link) raise ``CallFailed``
    with EACCES, whether or not something is there. A directory that does not exist is a
    ``UsageError``.
    """

    def __init__(self, directory: Path) -> None:
        if not directory.is_dir():
            raise UsageError(
                f"{directory}: no such directory to grant to the firmware; "
                "create it or name another one"
            )
        self._root = directory.resolve()

    def open(self, name: str, mode: int) -> HostFile:
        """Open a regular file, as bytes; ``mode`` is semihosting's 0 (``r``) to 11 (``a+b``)."""
        path = self._locate(name)
        with host_failures():
            self._check_kind(path)
            file = path.open(_MODES[mode // 2], buffering=0)
            file.seek(0)  # the specification has every file begin there; appending goes to the end
        return HostFile(file, name, mode)

    def reopen(self, state: FileState) -> HostFile:
        """Open a file as it stood at ``state``; what it holds is as the host has it now.

        A file that firmware appends to loses what came after. ``CallFailed`` if it is not there,
        or shorter than it was.
        """
        path = self._locate(state.name)
        if not 0 <= state.mode < 2 * len(_MODES):
            raise CallFailed(Errno.EINVAL)
        with host_failures():
            self._check_kind(path)
            if path.stat().st_size < state.length:
                raise CallFailed(Errno.EIO)
            file = FileIO(path, _MODES[state.mode // 2].replace("b", ""), opener=_without_clearing)
            if state.mode >= _APPEND:
                file.truncate(state.length)
            file.seek(state.position)
        return HostFile(file, state.name, state.mode)

    def remove(self, name: str) -> None:
        """Delete a file (a symbolic link itself, not what it leads to)."""
        path = self._locate(name)
        with host_failures():
            if path.is_dir() and not path.is_symlink():
                raise CallFailed(Errno.EISDIR)
            path.unlink()

    def rename(self, old: str, new: str) -> None:
        """Give a file another name; a file that has it already is replaced."""
        source, target = self._locate(old), self._locate(new)
        with host_failures():
            source.replace(target)

    def _locate(self, name: str) -> Path:
        """Where ``name`` lies below the directory; its last part may be a symbolic link."""
        if not name:
            raise CallFailed(Errno.ENOENT)
        if PurePath(name).is_absolute() or PurePath(name).name in ("", ".."):
            raise self._refused(name)
        try:
            with host_failures():
                path = self._root / name
                path = path.parent.resolve() / path.name
                leads_to = path.resolve()
        except RuntimeError:  # before 3.13 this is how pathlib tells of links in a circle
            raise CallFailed(Errno.ELOOP) from None
        if not (path.is_relative_to(self._root) and leads_to.is_relative_to(self._root)):
            raise self._refused(name)
        return path

    def _refused(self, name: str) -> CallFailed:
        return CallFailed(
            Errno.EACCES,
            "semihosting-refused",
            f"the file {name!a} is outside the directory granted to the firmware; "
            "use a name relative to that directory",
        )

    @staticmethod
    def _check_kind(path: Path) -> None:
        """Opening a pipe or a device could hang the host or do more than reading and writing."""
        if not path.exists():
            return
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise CallFailed(Errno.EISDIR)
        if not stat.S_ISREG(kind):
            raise CallFailed(Errno.EACCES)


def _without_clearing(path: str, flags: int) -> int:
    """Opens a file that exists and leaves what it holds."""
    return os.open(path, flags & ~(os.O_CREAT | os.O_TRUNC | os.O_EXCL))
