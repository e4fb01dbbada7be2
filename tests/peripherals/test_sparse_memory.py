"""Memory where nothing else is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vplat.peripherals.sparse_memory import SparseMemory
from vplat.testing import Bench


def test_it_reads_zero_where_nobody_has_written() -> None:
    bench = Bench()
    memory = bench.build(SparseMemory)
    assert bench.load(memory, 0xF123_0000) == 0
    assert memory.pages == {}


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from([1, 2, 4]), st.integers(0, 0xFFFF_FFFF)),
        max_size=20,
    )
)
def test_it_keeps_what_was_stored_in_any_size(stores: list[tuple[int, int, int]]) -> None:
    bench = Bench()
    memory = bench.build(SparseMemory, {"reports": 0})
    reference = bytearray(64)
    for word, size, value in stores:
        offset = word & ~(size - 1)
        part = value & (1 << 8 * size) - 1
        bench.store(memory, 0x2FF0 + offset, part, size=size)
        reference[offset : offset + size] = part.to_bytes(size, "little")
    found = [bench.load(memory, 0x2FF0 + offset, size=1) for offset in range(44)]
    assert found == list(reference[:44])


def test_a_hart_s_first_access_to_a_page_is_reported_and_others_are_not() -> None:
    bench = Bench()
    memory = bench.build(SparseMemory)
    bench.load(memory, 0x0000_0010, hart=3)
    bench.store(memory, 0x0000_0014, 1, hart=4)
    bench.load(memory, 0x0000_2000, hart=-1)
    assert [rule for rule, _ in bench.reports] == ["stray-access"]
    assert bench.reports[0][1].startswith("hart 3 loads from 0x00000010, where")


def test_reports_have_an_end() -> None:
    bench = Bench()
    memory = bench.build(SparseMemory, {"reports": 2})
    for page in range(5):
        bench.store(memory, page << 12, 1)
    assert len(bench.reports) == 2
    assert "further pages are not reported" in bench.reports[1][1]
