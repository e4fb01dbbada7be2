"""Any description behaves like a model that treats one bit at a time and knows no folding."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.drawn_kinds import WINDOW_BYTES, kinds
from vplat.model import RC, RO, RW, W1C, W1S, WO, Access, AccessFault, Peripheral
from vplat.testing import Bench

READABLE = (RW, RO, W1C, W1S, RC)


@dataclasses.dataclass
class Bit:
    """One bit of one register."""

    access: Access
    value: int

    def load(self) -> int:
        return self.value if self.access in READABLE else 0

    def was_loaded(self) -> None:
        """The word it is in has been loaded."""
        if self.access is RC:
            self.value = 0

    def store(self, level: int) -> None:
        """A store drives the bit's line to ``level``."""
        if self.access in (RW, WO):
            self.value = level
        elif self.access is W1C and level:
            self.value = 0
        elif self.access is W1S and level:
            self.value = 1


class Reference:
    """A device as a table of bits by offset and position; positions without a field are missing."""

    def __init__(self, device: Peripheral) -> None:
        self.bits: dict[int, dict[int, Bit]] = {}
        for register, index, _, offset in device.elements():
            word = device.words[register.name][index]
            self.bits[offset] = {
                position: Bit(field.access, word >> position & 1)
                for field in register.fields.values()
                for position in range(field.low, field.high + 1)
            }

    def load(self, offset: int, size: int) -> int | None:
        """What a load returns, None where there is no register."""
        word = self.bits.get(offset - offset % 4)
        if word is None:
            return None
        first = 8 * (offset % 4)
        answer = sum(
            bit.load() << position - first
            for position, bit in word.items()
            if first <= position < first + 8 * size
        )
        for bit in word.values():
            bit.was_loaded()
        return answer

    def store(self, offset: int, size: int, value: int) -> bool:
        """Make a store; False where there is no register."""
        word = self.bits.get(offset - offset % 4)
        if word is None:
            return False
        first = 8 * (offset % 4)
        for position, bit in word.items():
            if first <= position < first + 8 * size:
                bit.store(value >> position - first & 1)
        return True


@st.composite
def accesses(draw: st.DrawFn, words: list[int]) -> tuple[str, int, int, int]:
    """Kind, offset, size and value of an access within one word, mostly one of ``words``."""
    size = draw(st.sampled_from([1, 2, 4]))
    lane = draw(st.integers(0, 4 - size))
    word = draw(st.sampled_from(words) | st.integers(0, WINDOW_BYTES // 4 - 1).map(lambda i: 4 * i))
    value = draw(st.integers(0, 0xFFFF_FFFF) | st.sampled_from([0, 0xFFFF_FFFF]))
    return draw(st.sampled_from(["load", "store"])), word + lane, size, value


@given(kinds(), st.data())
def test_any_device_does_what_the_reference_does(
    kind: type[Peripheral], data: st.DataObject
) -> None:
    bench = Bench()
    device = bench.build(kind)
    for name, words in device.words.items():
        mask = sum(field.mask for field in kind.registers[name].fields.values())
        words[:] = [data.draw(st.integers(0, 0xFFFF_FFFF)) & mask for _ in words]
    reference = Reference(device)
    for access in data.draw(st.lists(accesses(list(reference.bits)), max_size=30)):
        assert _on_device(bench, device, *access) == _on_reference(reference, *access)
    for register, index, _, offset in device.elements():
        word = sum(bit.value << position for position, bit in reference.bits[offset].items())
        assert device.words[register.name][index] == word, register.element_name(index)


def _on_device(
    bench: Bench, device: Peripheral, kind: str, offset: int, size: int, value: int
) -> int | None:
    """What a load returns, 0 for a store, None for an access fault."""
    try:
        if kind == "load":
            return bench.load(device, offset, size=size)
        bench.store(device, offset, value, size=size)
    except AccessFault:
        return None
    return 0


def _on_reference(
    reference: Reference, kind: str, offset: int, size: int, value: int
) -> int | None:
    if kind == "load":
        return reference.load(offset, size)
    return 0 if reference.store(offset, size, value) else None
