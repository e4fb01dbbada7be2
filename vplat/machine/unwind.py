"""Backtraces: who called whom, from a pc and the registers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vplat.machine.dwarf.frames import CallFrames
from vplat.machine.dwarf.sections import DebugSections
from vplat.machine.frame_rule import STACK_POINTER, FrameRule, Recovery
from vplat.machine.prologue import ReadWord, scan
from vplat.machine.symbols import Intervals, SymbolTable

DEPTH_LIMIT = 64
_WORD = 0xFFFF_FFFF

Registers = Mapping[int, int]
_LEAF = FrameRule(STACK_POINTER, 0)


@dataclass(frozen=True)
class Frame:
    """One activation of a function.

    ``pc`` is the instruction that runs next in it; ``after_call`` tells that it stands behind the
    call of the next inner frame, as in all but the innermost frame and one that a trap left.
    ``cfa`` is the stack pointer its caller had at the call, None when unknown.
    """

    pc: int
    cfa: int | None
    after_call: bool = False

    @property
    def place(self) -> int:
        """The address to look up: inside the call, since nothing need follow it in the function."""
        return (self.pc - 1) & _WORD if self.after_call else self.pc


class Unwinder:
    """Walks frames by call frame information, and by reading prologues where there is none."""

    def __init__(self, debug: DebugSections, symbols: SymbolTable, code: Intervals[Any]) -> None:
        """``code`` covers the addresses that may hold instructions."""
        self._call_frames = CallFrames(debug)
        self._symbols = symbols
        self._code = code

    def frames(self, pc: int, registers: Sequence[int], read_word: ReadWord) -> Iterator[Frame]:
        """The frames from the innermost outwards, at most 64 and at least one.

        ``registers`` are x0 to x31 of the innermost frame. ``read_word`` gives the little-endian
        word at an address that is a multiple of 4, or None where nothing can be read. The walk ends
        at pc 0, outside the code, at a frame seen before, or where a frame cannot be left; nothing
        in memory makes it raise.
        """
        pc &= _WORD
        known: Registers = {index: value & _WORD for index, value in enumerate(registers[:32])}
        after_call = False
        inner_cfa = 0
        seen: set[tuple[int, int | None]] = set()
        for _ in range(DEPTH_LIMIT):
            frame, rule = self._frame(pc, known, after_call, read_word)
            if (pc, frame.cfa) in seen:
                return
            seen.add((pc, frame.cfa))
            yield frame
            if rule is None or frame.cfa is None or frame.cfa < inner_cfa:
                return
            known = _caller(rule, frame.cfa, known, read_word)
            caller = known.get(rule.return_register)
            if caller is None or not self._is_code(caller):
                return
            pc, inner_cfa, after_call = caller & ~1, frame.cfa, not rule.interrupted

    def _frame(
        self, pc: int, registers: Registers, after_call: bool, read_word: ReadWord
    ) -> tuple[Frame, FrameRule | None]:
        """The frame at ``pc``, and how to leave it; no rule means there is no way out."""
        place = Frame(pc, None, after_call).place
        rule = self.rule(pc, place, read_word)
        cfa = None
        if rule.cfa_register in registers and not (after_call and rule is _LEAF):
            cfa = (registers[rule.cfa_register] + rule.cfa_offset) & _WORD
        # A call has overwritten ra: whoever made one saved its caller's address, or has no caller.
        lost = after_call and rule.return_register not in rule.saved
        return Frame(pc, cfa, after_call), None if lost else rule

    def rule(self, pc: int, place: int, read_word: ReadWord) -> FrameRule:
        """How to leave the frame at ``pc`` that is looked up at ``place``.

        By call frame information, else by the prologue, else that of a leaf without a frame.
        """
        if not self._is_code(place):
            return _LEAF
        rule = self._call_frames.rule(place)
        function = self._symbols.function(place)
        if rule is None and function is not None:
            rule = scan(function.address, pc, read_word)
        return rule or _LEAF

    def _is_code(self, address: int) -> bool:
        return address != 0 and self._code.at(address & ~1) is not None


def _caller(rule: FrameRule, cfa: int, registers: Registers, read_word: ReadWord) -> dict[int, int]:
    """The registers the caller had; those that are lost are missing."""
    found = dict(registers)
    for register, (recovery, number) in rule.saved.items():
        value = _recover(recovery, number, cfa, registers, read_word)
        if value is None:
            found.pop(register, None)
        else:
            found[register] = value & _WORD
    found[STACK_POINTER] = cfa
    return found


def _recover(
    recovery: Recovery, number: int, cfa: int, registers: Registers, read_word: ReadWord
) -> int | None:
    if recovery is Recovery.AT_CFA:
        address = (cfa + number) & _WORD
        return read_word(address) if address % 4 == 0 else None
    if recovery is Recovery.IS_CFA:
        return cfa + number
    return registers.get(number) if recovery is Recovery.IN_REGISTER else None
