"""Instructions that the platform carries out in the engine's place."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from vplat.model import AccessFault, Stall

from .blocks import answered_by_platform, guarded_by_platform
from .csr import FFLAGS, MACHINE, MSTATUS_TW, NoSuchCsr
from .custom import StoreFault
from .float_minimum import maximum, minimum
from .hart import (
    BREAKPOINT,
    ILLEGAL_INSTRUCTION,
    JUMP_MISALIGNED,
    LOAD_FAULT,
    LOAD_MISALIGNED,
    MACHINE_CALL,
    STORE_FAULT,
    STORE_MISALIGNED,
    USER_CALL,
    Hart,
    HartState,
)
from .host.semihosting import is_semihosting_trap
from .isa import Instruction, InterceptKind
from .odd_jumps import WORD_BYTES, destination, is_odd, why_misaligned

if TYPE_CHECKING:
    from .machine import Machine

WORD: Final = 0xFFFF_FFFF
INVALID_OPERATION: Final = 0x10
"""fflags.NV."""
DIRTY: Final = 3
"""mstatus.FS when the float registers or flags have been written."""
FLOATS_OFF: Final = "the floating-point unit is off (mstatus.FS)"


class Answering:
    """Carries out one instruction at a time, on any hart."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._kinds = {
            InterceptKind.CSR: self._csr,
            InterceptKind.MRET: self._mret,
            InterceptKind.WFI: self._wfi,
            InterceptKind.FENCE_I: self._fence_i,
            InterceptKind.EBREAK: self._ebreak,
            InterceptKind.ECALL: self._ecall,
            InterceptKind.MARK: self._mark,
            InterceptKind.CUSTOM: self._custom,
            InterceptKind.NONE: self._left_to_platform,
        }

    def takes(self, instruction: Instruction) -> bool:
        """Whether the platform, not the engine, carries ``instruction`` out."""
        if answered_by_platform(instruction) or guarded_by_platform(instruction):
            return True
        return is_odd(instruction) and self._machine.code.alignment == WORD_BYTES

    def carry_out(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        """Do what ``instruction`` at ``pc`` does, and send the hart to where it goes on."""
        self._kinds.get(instruction.intercept, self._illegal)(hart, pc, instruction)

    def _retire(self, hart: Hart, pc: int, instruction: Instruction, target: int = -1) -> None:
        following = pc + instruction.length & WORD
        hart.leave_block(following)
        self._machine.engine.jump(hart.index, following if target < 0 else target)

    def _trap(self, hart: Hart, pc: int, cause: int, value: int, detail: str = "") -> None:
        hart.leave_block(pc)
        hart.trap(cause, pc, value, detail)

    def _illegal(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        self._trap(hart, pc, ILLEGAL_INSTRUCTION, instruction.word, why_illegal(instruction))

    def _csr(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        machine, number = self._machine, instruction.csr
        operation = instruction.mnemonic.removesuffix("i")
        if instruction.mnemonic.endswith("i"):
            operand = instruction.imm
        else:
            operand = machine.engine.read_register(hart.index, instruction.rs1)
        # Set and clear with x0 or zero do not write; a swap into x0 does not read (Zicsr, table 8).
        source = instruction.imm if instruction.mnemonic.endswith("i") else instruction.rs1
        writes = operation == "csrrw" or source != 0
        try:
            if writes:
                hart.csrs.check_writable(number)
            reads = operation != "csrrw" or instruction.rd != 0
            old = hart.csrs.read(number) if reads else 0
            if writes:
                new = {"csrrw": operand, "csrrs": old | operand, "csrrc": old & ~operand}[operation]
                hart.csrs.write(number, new)
        except NoSuchCsr:
            detail = f"CSR {number:#05x} does not exist, or may not be accessed like this"
            self._trap(hart, pc, ILLEGAL_INSTRUCTION, instruction.word, detail)
            return
        except (Stall, AccessFault) as obstacle:
            self._not_yet(hart, pc, obstacle)
            return
        machine.engine.write_register(hart.index, instruction.rd, old)
        self._retire(hart, pc, instruction)

    def _mret(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        if hart.privilege != MACHINE:
            self._illegal(hart, pc, instruction)
            return
        self._retire(hart, pc, instruction, hart.return_from_trap())

    def _wfi(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        if hart.privilege != MACHINE and hart.csrs.mstatus & MSTATUS_TW:
            self._illegal(hart, pc, instruction)
            return
        self._retire(hart, pc, instruction)
        if not hart.lines & hart.csrs.mie and hart.request is None:
            hart.sleep(HartState.WAITING, "wfi")
            self._machine.engine.stop(hart.index)

    def _fence_i(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        self._retire(hart, pc, instruction)
        self._machine.fetch_anew(hart.index)
        self._machine.engine.stop(hart.index)

    def _mark(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        self._retire(hart, pc, instruction)
        self._machine.regions.mark(instruction.imm, hart.index, pc)
        self._machine.engine.stop(hart.index)

    def _ecall(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        cause = MACHINE_CALL if hart.privilege == MACHINE else USER_CALL
        self._trap(hart, pc, cause, 0)

    def _ebreak(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        machine = self._machine
        words = [machine.peek_word(address) for address in (pc - 4, pc, pc + 4)]
        if instruction.length == 4 and is_semihosting_trap(*words):
            machine.semihost(hart, pc)
            if hart.runs and machine.outcome is None:
                self._retire(hart, pc, instruction)
            else:
                machine.engine.stop(hart.index)
            return
        self._trap(hart, pc, BREAKPOINT, pc)

    def _custom(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        custom = self._machine.custom
        meaning = custom.find(hart.index, instruction.word)
        if meaning is None:
            detail = custom.why_missing(hart.index, instruction)
            self._trap(hart, pc, ILLEGAL_INSTRUCTION, instruction.word, detail)
            return
        try:
            meaning.owner.execute(meaning.port, meaning.instruction)
        except (Stall, AccessFault) as obstacle:
            self._not_yet(hart, pc, obstacle)
            return
        self._retire(hart, pc, instruction)

    def _not_yet(self, hart: Hart, pc: int, obstacle: Stall | AccessFault) -> None:
        """The hart sleeps until it is woken and issues the instruction again; or it faults."""
        if isinstance(obstacle, Stall):
            hart.leave_block(pc)
            self._machine.engine.jump(hart.index, pc)
            hart.sleep(HartState.STALLED, obstacle.reason)
            hart.interrupts_changed()
            self._machine.engine.stop(hart.index)
            return
        cause = STORE_FAULT if isinstance(obstacle, StoreFault) else LOAD_FAULT
        detail = self._machine.explain_fault(obstacle.address, obstacle.message)
        self._trap(hart, pc, cause, obstacle.address, detail)

    def _left_to_platform(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        if guarded_by_platform(instruction):
            self._minimum(hart, pc, instruction)
        elif is_odd(instruction):
            self._odd_jump(hart, pc, instruction)
        else:
            self._atomic(hart, pc, instruction)

    def _odd_jump(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        engine = self._machine.engine
        register = functools.partial(engine.read_register, hart.index)
        target = destination(instruction, pc, register)
        if target % WORD_BYTES:
            self._trap(hart, pc, JUMP_MISALIGNED, target, why_misaligned(target))
            return
        engine.write_register(hart.index, max(instruction.writes, 0), pc + instruction.length)
        self._retire(hart, pc, instruction, target)

    def _minimum(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        engine, index = self._machine.engine, hart.index
        if not engine.float_status(index):
            self._trap(hart, pc, ILLEGAL_INSTRUCTION, instruction.word, FLOATS_OFF)
            return
        first = engine.read_float_register(index, instruction.rs1)
        second = engine.read_float_register(index, instruction.rs2)
        width = 64 if instruction.mnemonic.endswith("d") else 32
        choose = maximum if instruction.mnemonic.startswith("fmax") else minimum
        bits, invalid = choose(first, second, width)
        engine.write_float_register(index, instruction.rd, bits)
        if invalid:
            flags = engine.read_csr(index, FFLAGS) | INVALID_OPERATION
            engine.write_csr(index, FFLAGS, flags)
        engine.set_float_status(index, DIRTY)
        self._retire(hart, pc, instruction)

    def _atomic(self, hart: Hart, pc: int, instruction: Instruction) -> None:
        engine = self._machine.engine
        address = engine.read_register(hart.index, instruction.rs1)
        loads = instruction.mnemonic == "lr.w"
        if address & 3:
            cause = LOAD_MISALIGNED if loads else STORE_MISALIGNED
            self._trap(hart, pc, cause, address)
            return
        try:
            if loads:
                result = self._machine.accesses.hart_load(hart.index, address, 4)
                hart.reservation = address, hart.turn
            else:
                result = self._store_conditional(hart, address, instruction.rs2)
        except AccessFault as fault:
            detail = self._machine.explain_fault(address, fault.message)
            self._trap(hart, pc, LOAD_FAULT if loads else STORE_FAULT, address, detail)
            return
        engine.write_register(hart.index, instruction.rd, result)
        self._retire(hart, pc, instruction)

    def _store_conditional(self, hart: Hart, address: int, source: int) -> int:
        """0 if the reservation holds: no other hart has had a turn since the load-reserved."""
        holds = hart.reservation == (address, hart.turn)
        hart.reservation = None
        if holds:
            value = self._machine.engine.read_register(hart.index, source)
            self._machine.accesses.hart_store(hart.index, address, 4, value)
        return 0 if holds else 1


def why_illegal(instruction: Instruction) -> str:
    """What makes an instruction illegal that the decoder or the engine refuses, in words."""
    if instruction.missing:
        return f"{instruction.mnemonic} needs the extension {instruction.missing}"
    if not instruction.legal:
        return "no instruction has this encoding"
    if instruction.kind.startswith("fp_"):
        return "the floating-point unit is off (mstatus.FS) or the rounding mode is reserved"
    return f"{instruction.mnemonic} is not allowed here"
