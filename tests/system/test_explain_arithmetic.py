"""What is followed without being run comes to what the engine computes."""

from __future__ import annotations

import itertools

import pytest

from tests.system.lab import DATA, run
from vplat.machine.explain.walk import walk
from vplat.machine.machine import Machine

VALUES = (0, 1, 7, 31, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFF9, 0x1234_5678)
OPERATIONS = (
    *("add", "sub", "sll", "slt", "sltu", "xor", "srl", "sra", "or", "and"),
    *("mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"),
)
ATOMICS = ("swap", "add", "xor", "and", "or", "min", "max", "minu", "maxu")
IMMEDIATES = ("addi", "slti", "sltiu", "xori", "ori", "andi")
LOADS = ("lb", "lbu", "lh", "lhu", "lw")
BRANCHES = ("beq", "bne", "blt", "bge", "bltu", "bgeu")
SUM = "    slli s1, s1, 1\n    srli t5, s1, 31\n    xor s1, s1, t5\n    add s1, s1, a2\n"


def program(which: str) -> str:
    """Sums up, in s1, what the instructions of a kind make of all pairs of values."""
    lines = [f"    li s0, {DATA:#x}\n    li s1, 0\n"]
    for first, second in itertools.product(VALUES, VALUES):
        lines.append(f"    li a0, {first:#x}\n    li a1, {second:#x}\n    sw a0, 0(s0)\n")
        lines += {
            "operations": [f"    {name} a2, a0, a1\n{SUM}" for name in OPERATIONS],
            "atomics": [f"    amo{name}.w a2, a1, (s0)\n{SUM}" for name in ATOMICS],
            "immediates": [f"    {name} a2, a0, -7\n{SUM}" for name in IMMEDIATES],
            "loads": [f"    {name} a2, 0(s0)\n{SUM}" for name in LOADS],
            "branches": [
                f"    li a2, 1\n    {name} a0, a1, 1f\n    li a2, 2\n1:\n{SUM}" for name in BRANCHES
            ],
        }[which]
    return "".join(lines) + "    mv a0, s1\n    j finish\n"


@pytest.mark.parametrize("which", ["operations", "atomics", "immediates", "loads", "branches"])
@pytest.mark.parametrize("march", ["rv32imac_zicsr", "rv32ima_zicsr"])
def test_instructions_are_followed_to_what_they_come_to(which: str, march: str) -> None:
    followed = []

    def follow(machine: Machine) -> None:
        found = walk(machine, 0, strict=True, steps=40_000)
        assert found.obstacle == "a store to a device"
        followed.append(found.registers[10])

    ran = run(program(which), march=march, prepare=follow)
    assert ran.outcome.status == followed[0]
