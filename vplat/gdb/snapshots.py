"""``monitor snapshot``: the whole machine's state, kept by name or in a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from vplat.errors import UsageError
from vplat.machine.rows import NOW
from vplat.machine.snapshot.state import MachineState

from .monitor import MonitorCommand

if TYPE_CHECKING:
    from .monitor import Monitor

USAGE: Final = "save|restore|list [NAME|FILE]"
STALE: Final = "gdb learns of it by: maintenance flush register-cache"


@dataclasses.dataclass(frozen=True)
class Kept:
    """A snapshot kept in memory, while gdb is connected."""

    state: MachineState
    cycle: int


def is_file(name: str) -> bool:
    """A name with a slash or a dot in it is a file."""
    return "/" in name or "." in name


def _snapshot(monitor: Monitor, words: Sequence[str]) -> str:
    match list(words):
        case ["list"]:
            return _list(monitor)
        case ["save", name]:
            return _save(monitor, name)
        case ["restore", name]:
            return _restore(monitor, name)
    raise UsageError(f"it is: monitor snapshot {USAGE}")


def _list(monitor: Monitor) -> str:
    kept = monitor.debuggee.snapshots
    if not kept:
        return "none is kept; monitor snapshot save NAME keeps one"
    return "\n".join(f"{name}: cycle {each.cycle:,}" for name, each in kept.items())


def _save(monitor: Monitor, name: str) -> str:
    debuggee = monitor.debuggee
    cycle = debuggee.machine.turns[NOW]
    with debuggee.history.untouched():
        if is_file(name):
            monitor.session.save(monitor.path(name))
        else:
            debuggee.snapshots[name] = Kept(debuggee.machine.snapshot(), cycle)
    return f"saved as {name} in cycle {cycle:,}"


def _restore(monitor: Monitor, name: str) -> str:
    debuggee = monitor.debuggee
    if is_file(name):
        path = monitor.path(name)
        debuggee.history.put(lambda: monitor.session.load(path))
    elif name in debuggee.snapshots:
        state = debuggee.snapshots[name].state
        debuggee.history.put(lambda: debuggee.machine.restore(state))
    else:
        raise UsageError(
            f"no snapshot is kept as {name!r}; `monitor snapshot list` lists them, and a file has "
            "a slash or a dot in its name"
        )
    return f"the machine is in cycle {debuggee.machine.turns[NOW]:,} again; {STALE}"


COMMANDS: Final = (
    MonitorCommand("snapshot", USAGE, "Keep the whole machine, go back to it.", _snapshot),
)
