"""``monitor trace``: what happens from here on, with every device access by name."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vplat.errors import UsageError
from vplat.trace.builtin import new_ledger
from vplat.trace.tracing import Tracing
from vplat.trace.views import view_of

from .monitor import MonitorCommand

if TYPE_CHECKING:
    from vplat.trace.ledger import Ledger

    from .monitor import Monitor

USAGE: Final = "on [PATTERN...]|show [LINES]|write FILE|off"
TEXT: Final = Path("trace.txt")
"""A name that stands for the view in text."""
SHOWN_LINES: Final = 40


def _trace(monitor: Monitor, words: Sequence[str]) -> str:
    match list(words):
        case ["on", *patterns]:
            return _begin(monitor, patterns)
        case ["off"]:
            _ledger(monitor)
            monitor.debuggee.stop_tracing()
            return "no more is recorded; monitor trace show and write still know what was"
        case ["show"]:
            return _show(monitor, SHOWN_LINES)
        case ["show", lines] if lines.isdecimal():
            return _show(monitor, int(lines))
        case ["write", name]:
            path = monitor.path(name)
            view = view_of(path)
            view.check()
            _write(path, _rendered(monitor, path))
            return f"written to {name}"
    raise UsageError(f"it is: monitor trace {USAGE}")


def _begin(monitor: Monitor, patterns: Sequence[str]) -> str:
    debuggee = monitor.debuggee
    ledger = new_ledger(monitor.session, Tracing(tuple(patterns)))
    debuggee.stop_tracing()
    debuggee.ledger = ledger
    debuggee.machine.watching.watch(ledger)
    return "recorded from here on; monitor trace show lists it"


def _show(monitor: Monitor, count: int) -> str:
    lines = _rendered(monitor, TEXT).decode("utf-8", errors="replace").splitlines()
    shown = lines[-count:] if count else []
    left_out = f"({len(lines) - len(shown)} lines before these)\n" if shown != lines else ""
    return left_out + "\n".join(shown) if lines else "nothing has happened yet"


def _rendered(monitor: Monitor, path: Path) -> bytes:
    """What has been recorded, in the view of files with such a name."""
    ledger = _ledger(monitor)
    ledger.settle()
    stream = io.BytesIO()
    view_of(path).write(stream, ledger.reader())
    return stream.getvalue()


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}; name another") from None


def _ledger(monitor: Monitor) -> Ledger:
    if monitor.debuggee.ledger is None:
        raise UsageError("nothing is recorded; begin with: monitor trace on")
    return monitor.debuggee.ledger


COMMANDS: Final = (
    MonitorCommand("trace", USAGE, "Every device access, event, sleep and wake, by name.", _trace),
)
