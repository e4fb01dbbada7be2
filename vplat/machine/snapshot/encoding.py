"""A machine's state as JSON and pages, and back with every check that keeps a machine whole."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from vplat.errors import SnapshotError

from ..blocks import Block, Demand
from ..board import PAGE
from ..engine import EngineState
from ..outcome import Trap
from ..rows import BLOCK, COLUMNS, HELD, INSIDE, NEXT_PC, POSITION, RUNNABLE, TURN_COLUMNS
from .devices import decode_device, encode_device
from .hints import Hint, Misfit
from .memory import Contents
from .part import Part
from .parts import OBSERVER, all_parts, state_hint
from .plain import decode, encode
from .state import ClockSnapshot, HartSnapshot, MachineState, PendingCall, RunSnapshot

if TYPE_CHECKING:
    from ..machine import Machine

WORD: Final = 0xFFFF_FFFF
LONG: Final = (1 << 64) - 1
REGISTERS: Final = 32
PRIVILEGES: Final = (0, 3)
HARTS: Final = tuple[HartSnapshot, ...]
Blocks = list[tuple[int, bytes, tuple[int, ...], tuple[Demand, ...]]]
"""Address, code, and the cycles and demands of each instruction."""
LeftEarly = list[tuple[int, int, int, int]]
"""Block, hart, address and times."""


class Encoded(NamedTuple):
    """The state as JSON, and the contents of the pages that it lists, one behind the other."""

    state: dict[str, Any]
    pages: bytes


def encode_state(machine: Machine, state: MachineState) -> Encoded:
    """``state`` as a file has it; ``SnapshotError`` says what of it cannot be written."""
    for call in state.clock.pending:
        if call.behaviour is not None:
            raise SnapshotError(
                f"a snapshot with a call that is due at cycle {call.cycle} and is no method of a "
                f"device, {call.behaviour!r}, cannot be written to a file; take it when none is due"
            )
    contents = [
        (name, number, pages[number])
        for name, pages in state.memories.items()
        for number in sorted(pages)
    ]
    early = [
        (number, *key, times)
        for number, left_early in enumerate(state.left_early)
        for key, times in left_early.items()
    ]
    blocks = [(each.address, each.code, _costs(each), each.demands) for each in state.blocks]
    encoded = {
        "pages": [[name, number] for name, number, _ in contents],
        "blocks": encode(blocks, Blocks),
        "left_early": encode(early, LeftEarly),
        "engine": encode(state.engine, EngineState),
        "rows": encode(state.rows, bytes),
        "turns": encode(state.turns, bytes),
        "harts": encode(state.harts, HARTS),
        "clock": encode(state.clock, ClockSnapshot),
        "run": encode(state.run, RunSnapshot),
        "devices": {
            name: encode_device(machine.devices[name], each) for name, each in state.devices.items()
        },
        "parts": {
            name: encode(state.parts[name], state_hint(part))
            for name, part in all_parts(machine).items()
            if name in state.parts
        },
    }
    return Encoded(encoded, b"".join(page for _, _, page in contents))


def decode_state(machine: Machine, encoded: Encoded) -> MachineState:
    """What ``encode_state`` made of the state of such a machine; ``Misfit`` for anything else."""
    data = encoded.state
    blocks = [_block(machine, *each) for each in _get(data, "blocks", Blocks)]
    left_early: list[dict[tuple[int, int], int]] = [{} for _ in blocks]
    for number, hart, address, times in _get(data, "left_early", LeftEarly):
        _demand(0 <= number < len(blocks) and 0 <= hart < len(machine.harts), "a block left early")
        _demand(address in blocks[number].before, "where a block was left early")
        left_early[number][hart, address] = times
    return MachineState(
        memories=_memories(machine, data, encoded.pages),
        blocks=tuple(blocks),
        left_early=tuple(left_early),
        engine=_engine(machine, _get(data, "engine", EngineState), len(blocks)),
        rows=_rows(machine, _get(data, "rows", bytes), len(blocks)),
        turns=_turns(machine, _get(data, "turns", bytes)),
        harts=_harts(machine, _get(data, "harts", HARTS)),
        clock=_clock(machine, _get(data, "clock", ClockSnapshot)),
        run=_run(machine, _get(data, "run", RunSnapshot)),
        devices=_each(data, "devices", machine.devices, decode_device),
        parts=_each(data, "parts", _expected_parts(machine, data), _decode_part),
    )


def _costs(block: Block) -> tuple[int, ...]:
    """The cycles of each instruction."""
    begins = [block.before[address][0] for address in block.addresses]
    return tuple(
        end - begin for begin, end in zip(begins, [*begins[1:], block.cycles], strict=True)
    )


def _block(
    machine: Machine,
    address: int,
    code: bytes,
    costs: tuple[int, ...],
    demands: tuple[Demand, ...],
) -> Block:
    numbers = [address, *costs, *(number for demand in demands for number in demand)]
    _demand(bool(code) and all(0 <= each <= WORD for each in numbers), "a block of code")
    _demand(len(demands) in (0, len(costs)), "what a block asks for")
    try:
        return machine.blocks.rebuild(address, code, costs, demands)
    except (ValueError, IndexError):
        raise Misfit(
            f"the block at {address:#010x} is not what it was when it was priced"
        ) from None


def _memories(machine: Machine, data: Mapping[str, Any], pages: bytes) -> Contents:
    room = {memory.name: -(-memory.size // PAGE) for memory in machine.board.memories}
    found: dict[str, dict[int, bytes]] = {name: {} for name in room}
    places = _get(data, "pages", list[tuple[str, int]])
    _demand(len(pages) == len(places) * PAGE, "the memories' contents")
    for order, (name, number) in enumerate(places):
        _demand(name in room and 0 <= number < room[name], "a page of memory")
        found[name][number] = pages[order * PAGE : (order + 1) * PAGE]
    return found


def _engine(machine: Machine, engine: EngineState, blocks: int) -> EngineState:
    harts = len(machine.harts)
    _demand(len(engine.registers) == len(engine.counts) == harts, "the harts' registers")
    for each in engine.registers:
        _demand(_within(each.general, REGISTERS, WORD), "the general registers")
        _demand(_within(each.floats, REGISTERS, LONG), "the float registers")
        _demand(0 <= each.float_csr <= WORD and 0 <= each.float_status <= 3, "fcsr")
    _demand(all(len(each) == 8 * blocks for each in engine.counts), "the runs of blocks")
    for base, offset in engine.located.values():
        _demand(0 <= base < REGISTERS and -(1 << 31) <= offset < 1 << 31, "a located instruction")
    guards = [each for guard in engine.guarded for each in (guard.first, guard.second)]
    _demand(all(0 <= each < REGISTERS for each in guards), "a guarded instruction")
    addresses = [*engine.located, *engine.answered, *(each.address for each in engine.guarded)]
    _demand(all(0 <= each <= WORD for each in addresses), "an instruction's address")
    return engine


def _rows(machine: Machine, rows: bytes, blocks: int) -> bytes:
    _demand(len(rows) == 8 * COLUMNS * len(machine.harts), "the harts' rows")
    table = np.frombuffer(rows, np.int64).reshape(-1, COLUMNS)
    limits = {BLOCK: max(blocks, 1) - 1, NEXT_PC: WORD, RUNNABLE: 1, HELD: INSIDE}
    for column, most in limits.items():
        values = table[:, column]
        _demand(bool(((values >= 0) & (values <= most)).all()), "a hart's row")
    return rows


def _turns(machine: Machine, turns: bytes) -> bytes:
    _demand(len(turns) == 8 * TURN_COLUMNS, "the row of turns")
    position = np.frombuffer(turns, np.int64)[POSITION]
    _demand(0 <= position <= len(machine.harts), "whose turn it is")
    return turns


def _harts(machine: Machine, harts: tuple[HartSnapshot, ...]) -> tuple[HartSnapshot, ...]:
    _demand(len(harts) == len(machine.harts), "the harts")
    for hart, each in zip(machine.harts, harts, strict=True):
        known = hart.csrs.snapshot()
        for name in ("values", "offsets", "frozen"):
            _demand(getattr(each.csrs, name).keys() == getattr(known, name).keys(), "the CSRs")
        _demand(each.privilege in PRIVILEGES, "a privilege")
        _check_trap(each.last_trap)
        _demand(each.request is None or each.request[1] in machine.devices, "an interrupt request")
    return harts


def _clock(machine: Machine, clock: ClockSnapshot) -> ClockSnapshot:
    for call in clock.pending:
        _demand(_can_be_called(machine, call), f"the call of {call.owner}.{call.method}")
    return clock


def _can_be_called(machine: Machine, call: PendingCall) -> bool:
    owner = machine.devices.get(call.owner) or machine.parts.get(call.owner)
    method = inspect.getattr_static(owner, call.method, None)
    if not inspect.isfunction(method) or call.method.startswith("__"):
        return False
    try:
        inspect.signature(method).bind(owner, *call.arguments)
    except TypeError:
        return False
    return call.behaviour is None and call.cycle >= 0


def _run(machine: Machine, run: RunSnapshot) -> RunSnapshot:
    harts = range(len(machine.harts))
    _demand(all(each is None or each in harts for each in run.stale), "harts that fetch anew")
    if run.outcome is not None:
        _check_trap(run.outcome.trap)
    return run


def _check_trap(trap: Trap | None) -> None:
    _demand(trap is None or len(trap.registers) == REGISTERS, "the registers at a trap")


def _expected_parts(machine: Machine, data: dict[str, Any]) -> dict[str, Part]:
    """The parts that must be there, and the observers that are there on both sides."""
    states = data.get("parts")
    found = states if isinstance(states, dict) else {}
    for name in [name for name in found if name.startswith(OBSERVER)]:
        if name not in all_parts(machine):
            del found[name]
    return {
        name: part
        for name, part in all_parts(machine).items()
        if not name.startswith(OBSERVER) or name in found
    }


def _decode_part(part: Part, data: Any) -> Any:
    return decode(data, state_hint(part))


def _each(
    data: Mapping[str, Any],
    key: str,
    owners: Mapping[str, Any],
    read: Callable[[Any, Any], Any],
) -> dict[str, Any]:
    """What ``read`` makes of the state of each owner."""
    states = data.get(key)
    if not isinstance(states, dict) or states.keys() != owners.keys():
        raise Misfit(f"there are other {key}")
    return {name: read(owner, states[name]) for name, owner in owners.items()}


def _get(data: Mapping[str, Any], key: str, hint: Hint) -> Any:
    return decode(data.get(key), hint)


def _within(values: Iterable[int], count: int, most: int) -> bool:
    found = list(values)
    return len(found) == count and all(0 <= each <= most for each in found)


def _demand(holds: bool, what: str) -> None:
    if not holds:
        raise Misfit(f"{what} cannot be like that")
