"""Which name an address gets, and which symbol a name means."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.elf_builder import (
    CODE,
    DATA,
    FILE,
    FUNCTION,
    LOCAL,
    NOTYPE,
    OBJECT,
    SECTION,
    WEAK,
    Name,
    Piece,
    build_elf,
)
from vplat.machine.elf import Firmware
from vplat.machine.symbols import Intervals, Symbol, SymbolKind, SymbolTable

START = 0x8000_0000
SIZE = 0x100


def table(symbols: dict[str, int | tuple[int, int] | Name]) -> SymbolTable:
    """The symbols of a file with 0x100 bytes of code and then, at 0x90000000, of data."""
    pieces = [Piece(START, bytes(SIZE), CODE), Piece(0x9000_0000, bytes(SIZE), DATA)]
    return Firmware.parse(build_elf(pieces, symbols=symbols), Path("app.elf")).symbols


def test_an_address_is_named_by_its_function_and_the_distance_from_it() -> None:
    symbols = table({"main": (START + 0x10, 0x20), "exit": (START + 0x30, 4)})
    assert symbols.name(START + 0x10) == "main"
    assert symbols.name(START + 0x22) == "main+0x12"
    assert symbols.name(START + 0x2F) == "main+0x1f"
    assert symbols.name(START + 0x30) == "exit"


def test_an_address_behind_a_function_s_size_is_not_that_function() -> None:
    symbols = table({"main": (START, 0x20)})
    assert symbols.function(START + 0x20) is None
    assert symbols.name(START + 0x20) == "0x80000020"
    assert symbols.name(0) == "0x00000000"


def test_an_assembly_label_reaches_to_the_next_symbol() -> None:
    symbols = table({"_start": START, "trap": START + 0x10, "main": (START + 0x40, 4)})
    assert symbols.name(START + 0xC) == "_start+0xc"
    assert symbols.name(START + 0x3C) == "trap+0x2c"
    assert symbols.name(START + 0x44) == "0x80000044"


def test_the_last_label_ends_with_its_section() -> None:
    symbols = table({"trap": START + 0xF0, "_etext": START + SIZE})
    assert symbols.name(START + 0xFE) == "trap+0xe"
    assert symbols.function(START + SIZE) is None


def test_a_label_that_does_not_lie_in_its_section_names_no_code() -> None:
    symbols = table({"__stack": Name(0x7000_0000, section=1), "main": (START, 4)})
    assert symbols.find("__stack") is not None
    assert symbols.name(0x7000_0000) == "0x70000000"
    assert [each.name for each in symbols.functions] == ["main"]


def test_a_function_without_a_size_is_a_label() -> None:
    symbols = table({"reset": Name(START, 0, FUNCTION), "main": (START + 8, 4)})
    assert symbols.name(START + 4) == "reset+0x4"


def test_a_label_inside_a_function_does_not_hide_it() -> None:
    symbols = table({"main": (START, 0x20), "loop": START + 8})
    assert symbols.name(START + 0xC) == "main+0xc"
    assert symbols.find("loop") is not None


def test_of_nested_functions_the_inner_one_holds_the_address() -> None:
    symbols = table({"outer": (START, 0x40), "inner": (START + 0x10, 0x10)})
    names = [symbols.name(START + offset) for offset in (0xF, 0x10, 0x1F, 0x20, 0x40)]
    assert names == ["outer+0xf", "inner", "inner+0xf", "outer+0x20", "0x80000040"]


def test_of_aliases_a_function_and_a_global_and_a_plain_name_are_preferred() -> None:
    symbols = table(
        {
            "local": Name(START, 8, FUNCTION, LOCAL),
            "main": Name(START, 8, FUNCTION),
            "__main": Name(START, 8, FUNCTION),
            "weak": Name(START, 8, FUNCTION, WEAK),
            "text_start": START,
            "__boot": START + 0x10,
            "boot": START + 0x10,
        }
    )
    assert symbols.name(START) == "main"
    assert symbols.name(START + 0x10) == "boot"


def test_mapping_section_and_file_symbols_are_no_names() -> None:
    symbols = table(
        {
            "$xrv32i2p1": START,
            "$x": Name(START, 0, NOTYPE, LOCAL),
            "$d": START + 4,
            ".L12": START + 4,
            ".text": Name(START, 0, SECTION, LOCAL),
            "main.c": Name(START, 0, FILE, LOCAL),
        }
    )
    assert len(symbols) == 0
    assert symbols.name(START) == "0x80000000"


def test_undefined_symbols_are_no_names() -> None:
    assert table({"missing": Name(START, 4, FUNCTION, section=0)}).find("missing") is None


def test_absolute_constants_have_values_but_name_no_code() -> None:
    symbols = table({"stack_size": START + 4, "__size": Name(START + 8, section=0xFFF1)})
    size = symbols.find("__size")
    assert size is not None
    assert (size.address, size.kind) == (START + 8, SymbolKind.OTHER)
    assert symbols.name(START + 8) == "stack_size+0x4"


def test_data_is_named_by_its_object_but_is_no_function() -> None:
    symbols = table({"weights": Name(0x9000_0010, 0x20, OBJECT), "bss": 0x9000_0040})
    assert symbols.name(0x9000_0014) == "weights+0x4"
    assert symbols.function(0x9000_0014) is None
    assert symbols.name(0x9000_0044) == "0x90000044"


def test_a_name_means_the_global_symbol_before_a_local_one() -> None:
    symbols = SymbolTable(
        [
            Symbol("count", 1, rank=2),
            Symbol("count", 2, rank=1),
            Symbol("count", 3, rank=0),
            Symbol("count", 4, rank=0),
        ]
    )
    found = symbols.find("count")
    assert found is not None
    assert found.address == 3
    assert symbols.find("") is None


def test_functions_are_listed_by_address_one_for_each() -> None:
    symbols = table(
        {"main": (START + 8, 8), "alias": (START + 8, 8), "inner": START + 0xC, "_start": START}
    )
    assert [each.name for each in symbols.functions] == ["_start", "main"]


def test_sizes_that_reach_past_4_gib_are_cut() -> None:
    symbols = table({"main": (START, 0xFFFF_FFFF)})
    assert symbols.name(0xFFFF_FFFF) == "main+0x7fffffff"
    assert symbols.name(0x1_0000_0000 + START) == "main"


def test_an_empty_table_names_nothing() -> None:
    symbols = SymbolTable()
    assert (len(symbols), list(symbols), symbols.functions) == (0, [], ())
    assert symbols.name(-4) == "0xfffffffc"


spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12)


@given(spans)
def test_of_several_spans_around_an_address_the_one_that_starts_last_wins(
    pairs: list[tuple[int, int]],
) -> None:
    intervals = Intervals((start, end, index) for index, (start, end) in enumerate(pairs))
    for address in range(42):
        around = [
            (start, index) for index, (start, end) in enumerate(pairs) if start <= address < end
        ]
        assert intervals.at(address) == (max(around)[1] if around else None)
    found = intervals.spans()
    ends = [0, *(end for _, end, _ in found)]
    assert all(end <= start < stop for end, (start, stop, _) in zip(ends, found, strict=False))


code_symbols = st.lists(
    st.builds(
        Symbol,
        name=st.sampled_from("abcd"),
        address=st.integers(0, 60),
        size=st.integers(0, 30),
        kind=st.sampled_from(SymbolKind),
        rank=st.integers(0, 2),
        limit=st.integers(0, 70),
    ),
    max_size=10,
)


@given(code_symbols)
def test_a_function_found_for_an_address_begins_at_or_before_it(symbols: list[Symbol]) -> None:
    names = SymbolTable(symbols)
    for address in range(100):
        found = names.function(address)
        holders = [
            each
            for each in symbols
            if each.kind is SymbolKind.FUNCTION and each.address <= address < each.end
        ]
        if found is None:
            assert not holders
            continue
        assert found.address <= address
        assert found in holders if holders else address < found.limit
        assert names.name(address).startswith(found.name)
