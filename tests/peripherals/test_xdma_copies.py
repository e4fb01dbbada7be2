"""Copies of the Snitch DMA against a reference that moves byte by byte."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from vplat.peripherals.xdma import SnitchDma
from vplat.testing import Bench

TCDM, L3, ZEROS = 0x1000_0000, 0x8000_0000, 0x1003_0000
AREA = 0x180
SEEN = 0x400
TWO_DIMENSIONAL = 2
WORD = 0xFFFF_FFFF

sizes = st.integers(0, 70) | st.sampled_from([64, 65, 128])
strides = st.integers(-40, 90)
addresses = st.builds(
    int.__add__, st.sampled_from([TCDM, L3, TCDM + 0x800_0000]), st.integers(0x60, AREA)
)
sources = addresses | st.just(ZEROS)
commands = st.lists(
    st.tuples(sources, addresses, sizes, st.booleans(), strides, strides, st.integers(0, 4)),
    max_size=6,
)


class Reference:
    """Memory as a dictionary; the alias is the TCDM again."""

    def __init__(self, image: Callable[[int], int]) -> None:
        self.bytes: dict[int, int] = {}
        self.image = image

    def place(self, address: int) -> int:
        """The address without the alias."""
        return address - 0x800_0000 if address >> 24 == 0x18 else address

    def get(self, address: int) -> int:
        """A byte."""
        if ZEROS <= address < ZEROS + 0x1_0000:
            return 0
        at = self.place(address)
        return self.bytes.get(at, self.image(at))

    def copy(self, source: int, destination: int, length: int) -> None:
        """A row, read whole before it is written."""
        row = [self.get(source + index) for index in range(length)]
        for index, value in enumerate(row):
            self.bytes[self.place(destination + index)] = value


class AliasedBench(Bench):
    """A bench whose memory shows the TCDM twice, as the board's does."""

    def __init__(self) -> None:
        super().__init__()
        memory = self.bus
        read, write = memory.read, memory.write

        def place(address: int) -> int:
            return address - 0x800_0000 if address >> 24 == 0x18 else address

        memory.read = lambda address, length: read(place(address), length)  # type: ignore[method-assign]
        memory.write = lambda address, data: write(place(address), data)  # type: ignore[method-assign]


def image(address: int) -> int:
    """What memory holds at first."""
    if not any(base <= address < base + SEEN for base in (TCDM, L3)):
        return 0
    return (address * 7 + (address >> 8) * 13) & 0xFF


@settings(max_examples=200, deadline=None)
@given(commands)
def test_any_sequence_of_copies_leaves_what_a_copy_byte_by_byte_leaves(
    wanted: list[tuple[int, int, int, bool, int, int, int]],
) -> None:
    bench = AliasedBench()
    for base in (TCDM, L3):
        bench.bus.write(base, bytes(image(base + index) for index in range(SEEN)))
    dma = bench.build(SnitchDma, {"queue_depth": 8})
    reference = Reference(image)
    for number, (source, destination, length, twice, back, ahead, rows) in enumerate(wanted, 2):
        dma.set_source(source, 0)
        dma.set_destination(destination, 0)
        dma.set_strides(back & WORD, ahead & WORD)
        dma.set_repetitions(rows)
        assert dma.copy(8, length, TWO_DIMENSIONAL if twice else 0) == number
        for row in range(rows if twice else 1):
            reference.copy(source + row * back, destination + row * ahead, length)
    bench.settle()
    assert dma.status(0) == 1 + len(wanted)
    for base in (TCDM, L3):
        found = bench.bus.read(base, SEEN)
        assert list(found) == [reference.get(base + index) for index in range(SEEN)]
