"""Character output; `pulp-cluster.md` section 4.3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.peripherals.stdout import Stdout
from vplat.testing.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def stdout(bench: Bench) -> Stdout:
    return bench.build(Stdout)


def put(
    bench: Bench, stdout: Stdout, text: bytes, *, core: int = 0, cluster: int = 0, size: int = 1
) -> None:
    for byte in text:
        bench.store(stdout, (core << 3) + (cluster << 7), byte, size=size)


def test_a_line_appears_when_it_is_complete(bench: Bench, stdout: Stdout) -> None:
    put(bench, stdout, b"hello")
    assert bench.printed == {}
    put(bench, stdout, b"\nand")
    assert bench.printed == {0: b"hello\n"}


def test_lines_of_cores_that_print_at_the_same_time_do_not_mix(
    bench: Bench, stdout: Stdout
) -> None:
    for letters in zip(b"abc\n", b"xyz\n", strict=True):
        for core, letter in enumerate(letters, 6):
            put(bench, stdout, bytes([letter]), core=core)
    assert bench.printed == {6: b"abc\n", 7: b"xyz\n"}


@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_low_byte_of_a_store_of_any_size_is_the_character(
    bench: Bench, stdout: Stdout, size: int
) -> None:
    put(bench, stdout, b"ok\n", size=size)
    assert bench.printed == {0: b"ok\n"}


def test_the_upper_bytes_of_a_word_do_not_matter(bench: Bench, stdout: Stdout) -> None:
    bench.store(stdout, 0, 0x1234_5600 | ord("!"))
    bench.store(stdout, 0, 0xFFFF_FF0A)
    assert bench.printed == {0: b"!\n"}


@pytest.mark.parametrize(("core", "cluster"), [(0, 1), (15, 0), (3, 31), (15, 31)])
def test_every_core_of_every_cluster_has_its_own_stream(
    bench: Bench, stdout: Stdout, core: int, cluster: int
) -> None:
    put(bench, stdout, b"x\n", core=core, cluster=cluster)
    assert bench.printed == {core + 16 * cluster: b"x\n"}


def test_a_line_without_end_appears_after_4096_bytes(bench: Bench, stdout: Stdout) -> None:
    put(bench, stdout, b"." * 4095)
    assert bench.printed == {}
    put(bench, stdout, b"..")
    assert bench.printed == {0: b"." * 4096}
    stdout.on_end()
    assert bench.printed == {0: b"." * 4097}


def test_a_flush_prints_what_is_held_back_and_only_once(bench: Bench, stdout: Stdout) -> None:
    put(bench, stdout, b"no newline", core=4)
    put(bench, stdout, b"line\n", core=2)
    stdout.on_end()
    stdout.on_end()
    assert bench.printed == {2: b"line\n", 4: b"no newline"}


def test_it_reads_as_zero_everywhere(bench: Bench, stdout: Stdout) -> None:
    put(bench, stdout, b"x")
    assert [bench.load(stdout, offset) for offset in (0, 4, 8, 0xFFC)] == [0] * 4


def test_stores_between_the_ports_print_nothing(bench: Bench, stdout: Stdout) -> None:
    bench.store(stdout, 4, ord("x"))
    stdout.on_end()
    assert bench.printed == {}


@given(
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from(b"ab\n\x00\xff")), max_size=60),
    st.booleans(),
)
def test_every_byte_comes_out_once_in_the_order_of_its_core(
    stores: list[tuple[int, int]], restored: bool
) -> None:
    bench = Bench()
    stdout = bench.build(Stdout)
    sent: dict[int, bytes] = {}
    for core, byte in stores:
        sent[core] = sent.get(core, b"") + bytes([byte])
        put(bench, stdout, bytes([byte]), core=core)
    if restored:
        stdout.restore(stdout.snapshot())
    stdout.on_end()
    assert bench.printed == sent
