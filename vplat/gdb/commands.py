"""The monitor commands that vplat brings along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from vplat.errors import UsageError
from vplat.machine.holding import standing
from vplat.machine.rows import NOW
from vplat.model import AccessFault, Stall

from .devices import NAME, find
from .monitor import MonitorCommand
from .snapshots import COMMANDS as SNAPSHOTS
from .threads import describe
from .tracing import COMMANDS as TRACING

if TYPE_CHECKING:
    from .monitor import Monitor

WORD: Final = 0xFFFF_FFFF
STALE: Final = "gdb learns of it by: maintenance flush register-cache"
BY_NAME: Final = (
    "And by name, without any effect: a device (monitor timer), one of its registers "
    "(monitor timer.cfg_low), a field of it."
)


def _help(monitor: Monitor, words: Sequence[str]) -> str:
    if words:
        command = monitor.commands.get(words[0])
        if command is None:
            raise UsageError(f"there is no command {words[0]!r}; `monitor help` lists them")
        return f"monitor {command.name} {command.usage}".rstrip() + f"\n  {command.doc}"
    width = max(len(f"{each.name} {each.usage}") for each in monitor.commands.values())
    lines = [
        f"  {f'{each.name} {each.usage}':{width}}  {each.doc}"
        for each in sorted(monitor.commands.values(), key=lambda each: each.name)
    ]
    lines += [BY_NAME, f"Devices: {', '.join(monitor.machine.devices)}"]
    return "\n".join(lines)


def _waits(monitor: Monitor, words: Sequence[str]) -> str:
    _nothing("waits", words)
    return "\n".join(
        f"hart {hart.index}: {describe(monitor.session, hart)}" for hart in monitor.machine.harts
    )


def _harts(monitor: Monitor, words: Sequence[str]) -> str:
    _nothing("harts", words)
    lines = ["hart      cycles  instructions  pc"]
    for hart in monitor.machine.harts:
        stands = standing(monitor.machine, hart.index)
        lines.append(
            f"{hart.index:4} {stands.cycles:11,} {stands.instructions:13,}  {stands.pc:#010x} "
            f"{describe(monitor.session, hart)}"
        )
    return "\n".join(lines)


def _events(monitor: Monitor, words: Sequence[str]) -> str:
    _nothing("events", words)
    machine = monitor.machine
    lines = [f"cycle {machine.turns[NOW]:,}"]
    for due in machine.clock.pending():
        owner = getattr(due.behaviour, "__self__", None)
        name = getattr(owner, "name", "") or type(owner).__name__
        what = getattr(due.behaviour, "__name__", "").lstrip("_").replace("_", " ")
        lines.append(f"  due at {due.cycle:,}: {name}: {what}")
    for spec in machine.board.devices:
        for output, targets in spec.events.items():
            lines.append(f"  {spec.name}.{output} -> {', '.join(targets)}")
    return "\n".join(lines)


def _explain(monitor: Monitor, words: Sequence[str]) -> str:
    _nothing("explain", words)
    return str(monitor.session.explain())


def _energy(monitor: Monitor, words: Sequence[str]) -> str:
    _nothing("energy", words)
    session = monitor.session
    energy = session.energy(session.statistics())
    lines = [
        f"  {component.replace('_', ' '):20} {joules:.4g} J"
        for component, joules in sorted(energy.by_component.items(), key=lambda part: -part[1])
        if joules
    ]
    total = f"{energy.total_joules:.4g} J so far, at {energy.operating_point.name}"
    return "\n".join([total, *lines])


def _store(monitor: Monitor, words: Sequence[str]) -> str:
    found = NAME.fullmatch(words[0]) if len(words) == 2 else None
    if found is None or found["register"] is None or found["field"] is not None:
        raise UsageError("store takes a register and a value: monitor store uart.scratch 0x5a")
    machine, value = monitor.machine, number(words[1])
    if found["device"] not in machine.devices:
        raise UsageError(f"there is no device {found['device']!r}; `monitor help` lists them")
    place = next(iter(find(machine, found["device"], found["register"], found["index"] or "0")))
    monitor.changed()
    try:
        with machine.accesses.on_behalf_of(monitor.hart):
            machine.bus.store(place.address, 4, value, monitor.hart)
    except AccessFault as fault:
        return f"vplat: {fault.message}"
    except Stall as stall:
        return f"vplat: the store would have to wait for {stall.reason}, so it has not been made"
    return ""


def _reads(monitor: Monitor, words: Sequence[str]) -> str:
    memory = monitor.debuggee.memory
    if words in (["plain"], ["real"]):
        memory.reads_have_effects = words == ["real"]
    elif words:
        raise UsageError("reads are plain or real: monitor reads real")
    if memory.reads_have_effects:
        return "device registers are read as the hart would, with all that this does to the device"
    return "device registers are read without any effect"


def _interrupts(monitor: Monitor, words: Sequence[str]) -> str:
    control = monitor.debuggee.control
    if words in (["over"], ["into"]):
        control.steps_into_interrupts = words == ["into"]
    elif words:
        raise UsageError("steps go over interrupts or into them: monitor interrupts into")
    way = "into" if control.steps_into_interrupts else "over"
    return f"a step that an interrupt comes in between goes {way} its handler"


def _reset(monitor: Monitor, words: Sequence[str]) -> str:
    _nothing("reset", words)
    monitor.debuggee.history.start_again(keep_memory=True)
    return f"harts and devices are as after a reset; memory holds what it held; {STALE}"


def _restart(monitor: Monitor, words: Sequence[str]) -> str:
    _nothing("restart", words)
    monitor.debuggee.history.start_again(keep_memory=False)
    return f"everything is as it was in front of the first instruction; {STALE}"


def _halt(_: Monitor, words: Sequence[str]) -> str:
    _nothing("halt", words)
    return "the machine stands still, as it always does while gdb has its prompt"


def _nothing(name: str, words: Sequence[str]) -> None:
    if words:
        raise UsageError(f"nothing may follow {name!r}: monitor {name}")


def number(text: str) -> int:
    """A number as it is written in C; ``UsageError`` if it is none of 32 bits."""
    try:
        value = int(text, 0)
    except ValueError:
        value = -1
    if not 0 <= value <= WORD:
        raise UsageError(f"{text!r} is no number of 32 bits, like 0x5a or 90")
    return value


COMMANDS: Final = (
    MonitorCommand("help", "[COMMAND]", "What there is.", _help),
    MonitorCommand("waits", "", "What each hart does, and who waits for what.", _waits),
    MonitorCommand("harts", "", "Time, instructions and place of each hart.", _harts),
    MonitorCommand("explain", "", "What each hart polls or waits for, and why.", _explain),
    MonitorCommand("events", "", "What is due, and where outputs of devices lead.", _events),
    MonitorCommand("energy", "", "What the run has cost so far.", _energy),
    MonitorCommand("store", "DEVICE.REGISTER VALUE", "Store as the selected hart would.", _store),
    MonitorCommand(
        "reads", "[plain|real]", "Whether reading device memory has the effects of a load.", _reads
    ),
    MonitorCommand(
        "interrupts", "[over|into]", "What a step does when an interrupt comes.", _interrupts
    ),
    MonitorCommand("reset", "", "Reset harts and devices; memory stays, for after load.", _reset),
    MonitorCommand("restart", "", "Go to the first instruction, with fresh memory.", _restart),
    MonitorCommand("halt", "", "Nothing: the machine stands still already.", _halt),
    *SNAPSHOTS,
    *TRACING,
)
