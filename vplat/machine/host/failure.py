"""Why a call to the host fails."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum


class Errno(IntEnum):
    """The error numbers of newlib and picolibc, which semihosting firmware compares with.

    They are the same on every host, whatever numbers its own C library uses.
    """

    EPERM = 1
    ENOENT = 2
    EIO = 5
    EBADF = 9
    EACCES = 13
    EFAULT = 14
    EBUSY = 16
    EEXIST = 17
    EXDEV = 18
    ENOTDIR = 20
    EISDIR = 21
    EINVAL = 22
    ENFILE = 23
    EMFILE = 24
    EFBIG = 27
    ENOSPC = 28
    ESPIPE = 29
    EROFS = 30
    ERANGE = 34
    ENOSYS = 88
    ENOTEMPTY = 90
    ENAMETOOLONG = 91
    ELOOP = 92


class CallFailed(Exception):  # noqa: N818 - the call fails, as firmware is told; vplat does not
    """A call to the host fails with ``errno``; ``result`` is what it returns.

    ``sentence`` is empty for what happens to correct firmware too (no such file); otherwise it
    tells the developer what the firmware did wrong, and ``rule`` names the kind of finding.
    """

    def __init__(self, errno: Errno, rule: str = "", sentence: str = "") -> None:
        super().__init__(sentence or errno.name)
        self.errno, self.rule, self.sentence = errno, rule, sentence
        self.result = -1


@contextmanager
def host_failures() -> Iterator[None]:
    """Turn what the host's file system refuses into ``CallFailed``."""
    try:
        yield
    except OSError as failure:
        name = errno.errorcode.get(failure.errno or 0, "")
        raise CallFailed(Errno.__members__.get(name, Errno.EIO)) from failure


@contextmanager
def returning(result: int) -> Iterator[None]:
    """Make a call that fails inside return ``result`` instead of -1."""
    try:
        yield
    except CallFailed as failure:
        failure.result = result
        raise
