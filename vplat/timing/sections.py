"""The sections of a timing table's file, read one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vplat.machine.cost_table import CostTable, Unit
from vplat.machine.isa import InstructionClass
from vplat.machine.pricing import InstructionCache

from .division import ByDivisor, ByQuotient, Divider
from .fetching import LineBuffer
from .pipeline import Need, Traits

MOST_CYCLES: Final = 10_000
# An instruction that took no time would let a loop run for ever within one turn.
CYCLES: Final = Unit("cycles", least=1, most=MOST_CYCLES, whole=True)
EXTRA_CYCLES: Final = Unit("cycles", most=MOST_CYCLES, whole=True)
RESULT: Final = Unit("result", least=1, most=MOST_CYCLES, whole=True)
UNIT_CYCLES: Final = Unit("unit", least=1, most=MOST_CYCLES, whole=True)
COUNT: Final = Unit("count", least=1, most=64, whole=True)
ONE: Final = Unit("count", least=1, most=1, whole=True)
LINE_BYTES: Final = Unit("bytes", least=4, most=1024, whole=True)
CSR_NUMBER: Final = Unit("CSR number", most=0xFFF, whole=True)


def read_classes(table: CostTable) -> dict[InstructionClass, Need]:
    """``[instructions]``: a line for each class."""
    table.section("instructions", known=tuple(InstructionClass))
    return {kind: _instruction(table, ("instructions", kind)) for kind in InstructionClass}


def read_mnemonics(table: CostTable) -> dict[str, Need]:
    """``[mnemonics]``: instructions that differ from others of their class."""
    if not table.has("mnemonics"):
        return {}
    return {name: _instruction(table, ("mnemonics", name)) for name in table.section("mnemonics")}


def read_branches(table: CostTable) -> tuple[int, int]:
    """``[branches]``: cycles of a taken one, and what a split target adds to that or to a jump."""
    table.section("branches", known=("taken", "split_target"))
    taken = int(table.cost("branches", "taken", unit=CYCLES).amount)
    return taken, _extra(table, "branches", "split_target")


def read_early(table: CostTable) -> int:
    """``[operands]``: how much earlier a jump to a register needs its operand."""
    table.section("operands", known=("jump_register",))
    return int(table.cost("operands", "jump_register", unit=EXTRA_CYCLES).amount)


def read_slow_csrs(table: CostTable) -> tuple[frozenset[int], int]:
    """``[csrs]``: those whose accesses take longer than others, and how long; none without it."""
    if not table.has("csrs"):
        return frozenset(), 0
    keys = ("csrs", "slow")
    table.section("csrs", known=("slow",))
    cost = table.cost(*keys, unit=CYCLES, besides=("registers",))
    registers = table.section(*keys).get("registers")
    numbers: set[int] = set()
    for pair in registers if isinstance(registers, list) and registers else [None]:
        match pair:
            case [first, last] if (
                CSR_NUMBER.accepts(first) and CSR_NUMBER.accepts(last) and first <= last
            ):
                numbers.update(range(int(first), int(last) + 1))
            case _:
                problem = "must have registers = [[first, last], ...], CSR numbers up to 0xfff"
                raise table.refuse(keys, problem)
    return frozenset(numbers), int(cost.amount)


def read_divider(table: CostTable) -> Divider | None:
    """``[divider]``: by the divisor or by the quotient; None if it is not given."""
    if not table.has("divider"):
        return None
    ways = (("known_divisor", "negative_divisor"), ("quotient", "no_quotient"))
    lines = table.section("divider", known=ways[0] + ways[1])
    if any(key in lines for key in ways[1]):
        table.section("divider", known=ways[1])
        return ByQuotient(*(_division(table, key) for key in ways[1]))
    known = int(table.cost("divider", "known_divisor", unit=CYCLES).amount)
    return ByDivisor(known, _extra(table, "divider", "negative_divisor") or None)


def read_traits(table: CostTable) -> Traits:
    """``[memory]`` and ``[registers]``, as far as they are about what is in flight."""
    if table.has("memory"):
        known = ("misaligned", "loads_in_flight", "accesses_in_flight")
        lines = table.section("memory", known=known)
        if ("loads_in_flight" in lines) != ("accesses_in_flight" in lines):
            problem = "has one of loads_in_flight and accesses_in_flight; give both or neither"
            raise table.refuse(("memory",), problem)
    if table.has("registers"):
        table.section("registers", known=("write_ports",))
    return Traits(
        _count(table, "memory", "loads_in_flight", COUNT),
        _count(table, "memory", "accesses_in_flight", COUNT),
        _count(table, "registers", "write_ports", ONE) == 1,
    )


def read_misaligned(table: CostTable) -> int:
    """``[memory]``: what the second access of a misaligned load or store adds."""
    return _extra(table, "memory", "misaligned")


def read_fetch(table: CostTable) -> tuple[LineBuffer, InstructionCache] | None:
    """``[fetch]``: a hart's own lines, and the cache behind them; None if it is not given."""
    if not table.has("fetch"):
        return None
    table.section("fetch", known=("line", "buffer", "refill", "ahead", "miss"))
    line = int(table.cost("fetch", "line", unit=LINE_BYTES).amount)
    if line & (line - 1):
        raise table.refuse(("fetch", "line"), f"has bytes = {line}; it must be a power of two")
    lines = int(table.cost("fetch", "buffer", unit=COUNT).amount)
    refill, ahead, miss = (
        int(table.cost("fetch", key, unit=EXTRA_CYCLES).amount)
        for key in ("refill", "ahead", "miss")
    )
    return LineBuffer(line, lines, refill, ahead), InstructionCache(line, miss)


def _instruction(table: CostTable, keys: tuple[str, ...]) -> Need:
    cost = table.cost(*keys, unit=CYCLES, besides=("result", "unit"))
    line = table.section(*keys)
    cycles = int(cost.amount)
    result = int(table.number(keys, RESULT)) if "result" in line else cycles
    if result < cycles:
        problem = f"has a result before its {cycles} cycles are over; raise result"
        raise table.refuse(keys, problem)
    return Need(cycles, result, _unit_cycles(table, keys, line))


def _division(table: CostTable, key: str) -> Need:
    keys = ("divider", key)
    cost = table.cost(*keys, unit=RESULT, besides=("unit",))
    return Need(1, int(cost.amount), _unit_cycles(table, keys, table.section(*keys)))


def _unit_cycles(table: CostTable, keys: tuple[str, ...], line: Mapping[str, object]) -> int:
    return int(table.number(keys, UNIT_CYCLES)) if "unit" in line else 0


def _extra(table: CostTable, section: str, key: str) -> int:
    if not table.has(section) or not table.has(section, key):
        return 0
    return int(table.cost(section, key, unit=EXTRA_CYCLES).amount)


def _count(table: CostTable, section: str, key: str, unit: Unit) -> int:
    if not table.has(section) or not table.has(section, key):
        return 0
    return int(table.cost(section, key, unit=unit).amount)
