"""The bench's memory: one space of bytes, whatever pages it is kept in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.model import AccessFault
from vplat.testing.bench import PAGE_BYTES, BenchMemory

SPACE = 4 * PAGE_BYTES
places = st.integers(0, SPACE - 1)


@given(st.lists(st.tuples(places, st.binary(max_size=2 * PAGE_BYTES))), places, places)
def test_what_is_written_is_read_across_pages(
    writes: list[tuple[int, bytes]], start: int, length: int
) -> None:
    memory, expected = BenchMemory(), bytearray(3 * SPACE)
    for address, data in writes:
        memory.write(address, data)
        expected[address : address + len(data)] = data
    assert memory.read(start, length) == expected[start : start + length]


def test_an_access_that_touches_a_hole_faults_at_its_first_byte() -> None:
    memory = BenchMemory()
    memory.holes.append(range(0x1800, 0x1900))
    memory.write(0x1000, bytes(0x800))
    for address, length in ((0x17FF, 2), (0x1800, 1), (0x1000, PAGE_BYTES)):
        with pytest.raises(AccessFault) as fault:
            memory.read(address, length)
        assert fault.value.address == 0x1800
    assert memory.read(0x1900, 1) == b"\0"
