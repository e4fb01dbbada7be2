"""Threads as gdb names them: hart 0 is thread 1 of process 1 (E.2, "thread-id")."""

from __future__ import annotations

import re
from typing import Final

PROCESS: Final = 1
EVERY: Final = -1
ANY: Final = 0


class Malformed(ValueError):  # noqa: N818 - says what the packet is
    """A packet that is not as the protocol has it."""


def thread_name(hart: int, *, with_process: bool) -> str:
    """``p1.6`` for hart 5, or ``6`` for a gdb that knows of one process only."""
    return f"p{PROCESS:x}.{hart + 1:x}" if with_process else f"{hart + 1:x}"


def parse_thread(text: str) -> int:
    """The thread's number, ``EVERY`` or ``ANY``; that of a whole process is ``EVERY``."""
    found = re.fullmatch(r"(?:p(-1|[0-9a-fA-F]{1,8})(?:\.(?=.))?)?(-1|[0-9a-fA-F]{1,8})?", text)
    if not text or found is None or (found[1] is None and found[2] is None):
        raise Malformed(f"no thread: {text!r}")
    if found[2] is None:
        return EVERY
    return int(found[2], 16)


def parse_harts(text: str, harts: int) -> list[int]:
    """The harts that a thread id means; the first of them where it means any."""
    number = parse_thread(text)
    if number == EVERY:
        return list(range(harts))
    if number == ANY:
        return [0]
    if not 1 <= number <= harts:
        raise Malformed(f"no thread {number}: there are 1 to {harts}")
    return [number - 1]
