"""A machine in motion: one board, its harts, devices and memories, and the firmware in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from vplat.errors import FirmwareError
from vplat.model import Peripheral, Stall

from .accesses import Accesses
from .answering import Answering
from .blocks import BlockTable
from .board import PAGE, Board
from .bus import Bus, DevicePlace, memory_places
from .clock import NEVER, Clock
from .code import Code
from .console import Console
from .control import Control
from .custom import CustomInstructions
from .elf import Firmware
from .engine import Engine, EngineFactory
from .faults.faults import Faults
from .findings import Dump, Finding
from .fitting import fit
from .hart import Hart, HartState
from .hart_counting import HartCounting
from .holding import Holds
from .host.htif import Htif
from .host.semihosting import Semihosting
from .instruction_set import InstructionSet
from .interconnect import Interconnect
from .isa import Decoder
from .outcome import Ending, Outcome, Trap
from .pages import map_pages
from .pricing import Timing
from .regions import Regions
from .rows import BANKS, COLUMNS, DUE, HORIZON, NOW, PC, RETURN_AT
from .services import DeviceServices, HostServices, wire
from .snapshot.part import Part
from .snapshot.state import MachineState
from .snapshot.taking import Snapshots
from .watched_pages import WatchedPages
from .watching import Watching

RESULT_REGISTER, PARAMETER_REGISTER = 10, 11
FIRST_TURN = 16
"""Cycles of a turn right after a hart has started."""
TRAP_CYCLES = 4
"""From the last instruction before a trap to the first of the handler: the pipeline is flushed and
refilled from the vector (estimated)."""


class Machine:
    """Built from a board; loaded once; run by ``Turns`` until it has an ``outcome``.

    ``kinds`` are the device classes by kind, ``timing`` gives instructions their cycles, ``engine``
    builds what executes them. Nothing here is shared between machines.
    """

    def __init__(
        self,
        board: Board,
        kinds: Mapping[str, type[Peripheral]],
        engine: EngineFactory,
        timing: Timing,
        console: Console,
        *,
        instruction_sets: Sequence[InstructionSet] = (),
        hertz: int | None = None,
    ) -> None:
        self.board, self.console = board, console
        self.hertz = hertz or board.operating_point().hertz
        self._begin()
        decoder = Decoder(board.harts.isa, [each.decode for each in instruction_sets])
        self.blocks = BlockTable(decoder, timing)
        self.accesses = Accesses(self, board.harts.count)
        self.engine: Engine = engine(board.harts.count, self.accesses)
        self.turns = self.engine.turns
        self.holds = Holds(self.engine)
        self.stale: set[int | None] = set()
        """Harts that must fetch code anew before they go on; None means all of them."""
        self.answering = Answering(self)
        self.interconnect = Interconnect(self)
        self.devices = {
            spec.name: kinds[spec.kind](spec.name, DeviceServices(self, spec.name), spec.parameters)
            for spec in board.devices
        }
        self.bus = Bus(
            memory_places(board.memories), self._device_places(), self._place_elsewhere()
        )
        self.bus.on_write, self.bus.concerns = self._written_by_device, self.blocks.is_code
        self.code = Code(self, timing.cache)
        self.accesses.connect()
        map_pages(self.engine, self.bus)
        self.harts = [Hart(self, index) for index in range(board.harts.count)]
        self._join(instruction_sets)

    def _begin(self) -> None:
        """What is true before anything runs."""
        self.trap_cycles = TRAP_CYCLES
        self.clock = Clock()
        self.due_cycle: int | None = None
        self.started_at = 0
        """The cycle at which a hart last began to fetch."""
        self.last_cycle = NEVER
        """Where the run ends at the latest; turns are shorter close to it."""
        self.on_look: Callable[[int], None] | None = None
        """Told of each cycle at which sleeping harts are let ask for the host's input again."""
        self.idle_behaviours = 0
        """Device behaviours in a row that ran while every hart was asleep."""
        self.outcome: Outcome | None = None
        self.control: Control | None = None
        self.halted_seconds = 0.0
        """Host time for which somebody made the machine stand still."""
        self.findings: list[Finding] = []
        self.dumps: list[Dump] = []
        self.on_dump: Callable[[Dump], None] | None = None
        self.firmware: Firmware | None = None

    def _join(self, instruction_sets: Sequence[InstructionSet]) -> None:
        """Put around the harts what looks into them, and connect the devices."""
        self.custom = CustomInstructions(self, instruction_sets)
        self.counting = HartCounting(self)
        self.regions = Regions(self)
        self.faults = Faults(self)
        self.host = HostServices(self, "")
        self.semihosting = Semihosting(self.host)
        self.htif: Htif | None = None
        self.watching = Watching(self)
        self.watched_pages = WatchedPages(self)
        self.parts: dict[str, Part] = {
            "accesses": self.accesses,
            "code": self.code,
            "faults": self.faults,
            "interconnect": self.interconnect,
            "regions": self.regions,
            "semihosting": self.semihosting,
        }
        """What has state beside memories, harts and devices, by name; a new part is added here."""
        self._snapshots = Snapshots(self)
        self._wire()
        self.turns[DUE], self.turns[BANKS] = self.clock.next_due, self.code.banks

    def _device_places(self) -> list[DevicePlace]:
        places = []
        for spec in self.board.devices:
            device = self.devices[spec.name]
            for window, base in spec.sightings:
                port = device.ports[window]
                wait = spec.wait_states.get(window, 0)
                places.append(DevicePlace(base, base + port.size, port, wait))
        return places

    def _place_elsewhere(self) -> DevicePlace | None:
        """The device that answers wherever nothing else does."""
        for spec in self.board.devices:
            if spec.elsewhere is not None:
                port = self.devices[spec.name].ports[spec.elsewhere]
                return DevicePlace(0, 1 << 32, port, spec.wait_states.get(spec.elsewhere, 0))
        return None

    def _wire(self) -> None:
        for spec in self.board.devices:
            for output, targets in spec.events.items():
                for target in targets:
                    wire(self, self.devices[spec.name], output, target)

    # Loading.

    def load(
        self, firmware: Firmware, *, files: Path | None = None, lone_hart: bool = False
    ) -> None:
        """Put ``firmware`` into the memories and let the harts go at its entry.

        ``files`` is the directory that semihosting may use; ``lone_hart`` lets hart 0 go and no
        other. ``FirmwareError`` if it does not fit.
        """
        memories = [(m.name, span.base, span.size) for m in self.board.memories for span in m.spans]
        if fit(firmware, memories):
            raise FirmwareError(
                f"{firmware.path} does not fit the memories of board {self.board.name}; "
                "link it for this board, or choose another with --board"
            )
        self.firmware = firmware
        for segment in firmware.segments:
            self.bus.load_image(segment.address, segment.data)
        self.host.command_line = firmware.path.name
        self.semihosting = self.parts["semihosting"] = Semihosting(self.host, files)
        self._watch_tohost(firmware)
        spec = self.board.harts
        entry = firmware.entry if spec.boot is None else spec.boot
        if spec.entry_word is not None:
            self.bus.load_image(spec.entry_word, firmware.entry.to_bytes(4, "little"))
        for hart in self.harts:
            if spec.mtvec_follows_boot:
                hart.csrs.mtvec = entry & ~0xFF | 1
            if hart.index == 0 or not lone_hart:
                hart.start(entry, 0)
        for device in self.devices.values():
            device.on_boot(entry)

    def _watch_tohost(self, firmware: Firmware) -> None:
        if firmware.tohost is None:
            return
        self.htif = self.parts["htif"] = Htif(self.host, firmware.tohost, firmware.fromhost)
        cells = [cell for cell in (firmware.tohost, firmware.fromhost) if cell is not None]
        for page in sorted({cell & ~(PAGE - 1) for cell in cells}):
            self.accesses.watched[page] = self.htif.stored
            self.engine.watch(page, loads=False, stores=True)

    # Going back.

    def snapshot(self) -> MachineState:
        """Everything that the future depends on; between two slices of a run."""
        return self._snapshots.take()

    def restore(self, state: MachineState) -> None:
        """Go back to ``state``, which this machine was in: its future is the same again."""
        self._snapshots.put_back(state)

    # Time.

    @property
    def now(self) -> int:
        """The cycle of the access being served, or of the device behaviour that is due."""
        if self.accesses.current >= 0:
            return self.accesses.now
        return self.turns[NOW] if self.due_cycle is None else self.due_cycle

    @property
    def time(self) -> int:
        """What the time CSR reads: the real-time counter of a device that has one, else cycles."""
        for device in self.devices.values():
            if (counter := device.real_time()) is not None:
                return counter
        return self.now

    def schedule(
        self, cycle: int, behaviour: Callable[..., None], arguments: tuple[int, ...]
    ) -> None:
        """Call ``behaviour`` when every hart has reached ``cycle``."""
        self.clock.at(cycle, behaviour, arguments)
        self.turns[DUE] = self.clock.next_due
        if self.accesses.current >= 0:
            self.harts[self.accesses.current].limit(cycle)

    def schedule_between(
        self, cycle: int, behaviour: Callable[..., None], arguments: tuple[int, ...]
    ) -> None:
        """The same between two slices, where harts may be held in turns that would go beyond."""
        self.schedule(cycle, behaviour, arguments)
        self.turns[HORIZON] = min(self.turns[HORIZON], cycle)
        for hart in self.harts:
            hart.limit(cycle)

    def cancel(self, behaviour: Callable[..., None]) -> None:
        """Forget pending calls of ``behaviour``."""
        self.clock.cancel(behaviour)
        self.turns[DUE] = self.clock.next_due

    def stretch(self, cycles: int) -> None:
        """The access being served takes longer."""
        if self.accesses.current >= 0:
            self.harts[self.accesses.current].spend(cycles)

    # Harts.

    def hart_woke(self, hart: Hart) -> None:
        """A hart runs again: whoever ran alone must not run far ahead of it."""
        if self.control is not None:
            self.control.hart_woke(hart.index)
        self._stay_near(hart, self.board.turn_cycles)

    def hart_started(self, hart: Hart) -> None:
        """A hart begins to fetch: for a while, harts take short turns."""
        self.started_at = hart.clock
        self.turns[RETURN_AT] = 0
        self._stay_near(hart, min(FIRST_TURN, self.board.turn_cycles))

    def _stay_near(self, hart: Hart, cycles: int) -> None:
        horizon = hart.clock + cycles
        self.turns[HORIZON] = min(self.turns[HORIZON], horizon)
        if self.accesses.current >= 0:
            self.harts[self.accesses.current].limit(horizon)

    def start_hart(self, index: int, address: int) -> None:
        """Let a halted hart fetch from ``address``."""
        self.harts[index].start(address, self.now)

    def halt_hart(self, index: int) -> None:
        """Stop a hart where it is."""
        hart = self.harts[index]
        hart.sleep(HartState.HALTED, "")
        hart.limit(0)

    def acknowledge(self, hart: int, number: int, device: str) -> None:
        """Tell a device that the interrupt it requested is being taken."""
        self.devices[device].interrupt_taken(hart, number)

    def new_trap(self, hart: int, cause: int, pc: int, value: int, detail: str) -> Trap:
        """A trap with the hart's registers as they are now."""
        registers = tuple(self.engine.read_register(hart, number) for number in range(32))
        return Trap(hart, cause, pc, value, registers, self.harts[hart].clock, detail)

    def last_trap(self) -> Trap | None:
        """The exception that the hart being served met last."""
        current = self.accesses.current
        return self.harts[current].last_trap if current >= 0 else None

    def fetch_anew(self, hart: int | None) -> None:
        """Before it goes on, this hart (None: every hart) sees code as it is in memory now."""
        self.stale.add(hart)
        self.code.flush()

    def semihost(self, hart: Hart, pc: int) -> None:
        """Serve the semihosting call of a hart at ``pc``; it sleeps if it must wait for input."""
        operation = self.engine.read_register(hart.index, RESULT_REGISTER)
        parameter = self.engine.read_register(hart.index, PARAMETER_REGISTER)
        try:
            result = self.semihosting.call(hart.index, operation, parameter)
        except Stall as stall:
            hart.leave_block(pc)
            hart.sleep(HartState.STALLED, stall.reason)
            return
        self.engine.write_register(hart.index, RESULT_REGISTER, result)

    # Endings and findings.

    def finish(self, status: int) -> None:
        """The firmware ends the run."""
        self.end(Outcome(Ending.EXITED, status))

    def crash(self, message: str, trap: Trap | None) -> None:
        """The firmware cannot go on."""
        self.end(Outcome(Ending.CRASHED, message=message, trap=trap))

    def end(self, outcome: Outcome) -> None:
        """End the run; the first outcome is the one that counts."""
        if self.outcome is None:
            self.outcome = outcome
        self.turns[RETURN_AT] = 0
        if self.accesses.current >= 0:
            self.engine.stop(self.accesses.current)

    def report(self, device: str, rule: str, sentence: str) -> None:
        """Record what the firmware did wrong."""
        hart = self.accesses.current
        pc = self.engine.rows[hart * COLUMNS + PC] if hart >= 0 else 0
        self.report_at(device, rule, sentence, hart, pc)

    def report_at(self, device: str, rule: str, sentence: str, hart: int, pc: int) -> None:
        """Record what a hart did wrong at ``pc``."""
        self.findings.append(Finding(rule, device, sentence, self.now, hart, pc))

    def dump(self, hart: int, csr: int, value: int) -> None:
        """Record a write to a CSR that does not exist, and show it to whoever wants it."""
        dump = Dump(self.now, hart, csr, value)
        self.dumps.append(dump)
        if self.on_dump is not None:
            self.on_dump(dump)

    # Looking into memory.

    def peek_word(self, address: int) -> int:
        """The 32 bits at ``address`` of a memory, zeros where there is none; no side effects."""
        return int.from_bytes(self.bus.peek(address, 4), "little")

    def explain_fault(self, address: int, message: str) -> str:
        """An access fault in words: what is at the address, or what lies next to it."""
        if self.bus.place_at(address) is not None:
            return message
        gap = self.bus.describe_gap(address)
        return f"{message} at {address:#010x}" + (f": {gap}" if gap else "")

    def _written_by_device(self, address: int, length: int) -> None:
        if self.blocks.is_code(address, length):
            for seen, count in self.bus.sightings(address, length):
                self.engine.forget_range(seen, seen + count)
