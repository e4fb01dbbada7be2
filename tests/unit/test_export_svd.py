"""The SVD of a board, read back by another project's parser and held against the schema."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from cmsis_svd.parser import SVDParser
from hypothesis import given

from tests.unit.drawn_kinds import kinds
from tests.unit.export_samples import BOARD, Arbiter, Mover, Pipe, board_of
from tests.unit.svd_reading import SCHEMAS, masks, read_peripherals, registers
from vplat.export.svd import svd
from vplat.model import RW, Peripheral, Words
from vplat.model.exporting import PlatformMap


@pytest.fixture(scope="module")
def peripherals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("svd") / "my-board.svd"
    return {each.name: each for each in read_peripherals(path, svd(BOARD))}


def found(peripherals: dict[str, Any], peripheral: str, register: str) -> Any:
    return next(each for each in registers(peripherals[peripheral]) if each.name == register)


def field_of(peripherals: dict[str, Any], register: str, field: str) -> Any:
    fields = found(peripherals, "mover", register).fields
    return next(each for each in fields if each.name == field)


@pytest.mark.parametrize("version", SCHEMAS)
def test_it_is_valid_by_every_revision_of_the_schema(version: str) -> None:
    valid, complaint = SVDParser.validate_xml_str(
        svd(BOARD), version, schema_version_detection=False
    )
    assert valid, complaint


def test_each_window_is_a_peripheral_at_its_base_grouped_by_kind(
    peripherals: dict[str, Any],
) -> None:
    places = {name: (each.base_address, each.group_name) for name, each in peripherals.items()}
    assert places == {
        "mover": (0x1020_0000, "mover"),
        "old_mover": (0x1020_0080, "mover"),
        "arbiter_demux": (0x1020_4000, "arbiter"),
        "arbiter_cluster": (0x1020_4080, "arbiter"),
        "arbiter_plain": (0x1020_0800, "arbiter"),
        "pipe": (0x4000_0000, "pipe"),
        "pipe_body": (0x4000_1000, "pipe"),
    }


def test_an_address_block_covers_each_window(peripherals: dict[str, Any]) -> None:
    [block] = peripherals["pipe_body"].address_blocks
    assert (block.offset, block.size, block.usage.value) == (0, 0x1000, "buffer")
    [block] = peripherals["arbiter_plain"].address_blocks
    assert (block.offset, block.size, block.usage.value) == (0, 0x400, "registers")


def test_words_side_by_side_are_an_array(peripherals: dict[str, Any]) -> None:
    offsets = {each.name: each.address_offset for each in registers(peripherals["mover"])}
    assert [offsets[f"slots[{i}]"] for i in range(4)] == [0x20, 0x24, 0x28, 0x2C]


def test_words_farther_apart_are_a_list(peripherals: dict[str, Any]) -> None:
    offsets = {each.name: each.address_offset for each in registers(peripherals["arbiter_plain"])}
    assert [offsets[f"hart_and_{i}"] for i in range(8)] == [4 + 0x40 * i for i in range(8)]


def test_only_registers_that_the_boards_parameters_bring_are_shown(
    peripherals: dict[str, Any],
) -> None:
    new = {each.name for each in registers(peripherals["mover"])}
    old = {each.name for each in registers(peripherals["old_mover"])}
    assert {"modern"} == new & {"legacy", "modern", "deep", "trace"}
    assert {"legacy", "trace"} == old & {"legacy", "modern", "deep", "trace"}


@pytest.mark.parametrize(
    ("register", "field", "access", "on_write", "on_read"),
    [
        ("ctrl", "mode", "read-write", None, None),
        ("ctrl", "start", "write-only", None, None),
        ("ctrl", "lock", "read-write", "oneToSet", None),
        ("status", "done", "read-write", "oneToClear", None),
        ("status", "count", "read-only", None, "clear"),
        ("fifo", "level", "read-only", None, None),
        ("fifo", "clear", "write-only", None, None),
    ],
)
def test_an_access_is_told_with_what_it_does(
    peripherals: dict[str, Any],
    register: str,
    field: str,
    access: str,
    on_write: str | None,
    on_read: str | None,
) -> None:
    read = field_of(peripherals, register, field)
    assert read.access.value == access
    assert (read.modified_write_values and read.modified_write_values.value) == on_write
    assert (read.read_action and read.read_action.value) == on_read


def test_a_register_that_a_behaviour_serves_can_be_touched_in_that_way(
    peripherals: dict[str, Any],
) -> None:
    assert found(peripherals, "mover", "here").access.value == "read-only"
    assert found(peripherals, "mover", "go").access.value == "write-only"
    assert found(peripherals, "mover", "ticket").access.value == "read-write"
    assert found(peripherals, "mover", "bell").access.value == "read-write"


def test_a_register_whose_load_runs_a_behaviour_warns_debuggers_off(
    peripherals: dict[str, Any],
) -> None:
    assert found(peripherals, "mover", "here").read_action.value == "modifyExternal"
    assert found(peripherals, "mover", "default").read_action is None


def test_values_have_their_names(peripherals: dict[str, Any]) -> None:
    [values] = field_of(peripherals, "ctrl", "mode").enumerated_values
    assert {each.name: each.value for each in values.enumerated_values} == {"SLOW": 0, "FAST": 2}


def test_resets_are_those_of_the_declaration(peripherals: dict[str, Any]) -> None:
    assert found(peripherals, "mover", "default").reset_value == 0xDEAD
    assert found(peripherals, "mover", "ctrl").reset_value == 4


def test_lines_that_outputs_are_wired_to_are_interrupts(peripherals: dict[str, Any]) -> None:
    numbers = {each.name: each.value for each in peripherals["mover"].interrupts}
    assert numbers == {
        "mover_arrived_line": 8,
        "mover_busy_line": 9,
        "mover_busy_interrupt": 11,
    }


@pytest.mark.parametrize(("isa", "has_float"), [("rv32imafc", True), ("rv32imc_zfinx", False)])
def test_the_cpu_has_floating_point_if_its_isa_says_so(isa: str, has_float: bool) -> None:
    text = svd(dataclasses.replace(BOARD, isa=isa))
    assert f"<fpuPresent>{str(has_float).lower()}</fpuPresent>" in text


def test_what_xml_cannot_hold_is_left_out_of_a_description() -> None:
    class Odd(Peripheral, kind="odd", size=4):
        """Rings \x07 & <rings>."""

        word = Words(1, 0, RW, "\x00")

    assert "Rings &amp; &lt;rings&gt;." in svd(board_of(Odd))


Found = tuple[str, int, tuple[tuple[str, int], ...]]
"""A register's name and offset, and its fields' names and masks."""


def described(kind: type[Peripheral]) -> set[Found]:
    """Each element's name in SVD, its offset, and its fields' masks."""
    found = set()
    for register in kind.registers.values():
        fields = () if register.is_word else register.fields.values()
        places = tuple((field.name, field.mask) for field in fields)
        for index, offset in enumerate(register.offsets):
            suffix = f"[{index}]" if register.stride == 4 else f"_{index}"
            found.add((register.name + (suffix if register.count else ""), offset, places))
    return found


def read_back(board: PlatformMap, path: Path) -> set[Found]:
    return {
        (each.name, each.address_offset, tuple(masks(each).items()))
        for peripheral in read_peripherals(path, svd(board))
        for each in registers(peripheral)
    }


@given(kind=kinds())
def test_names_offsets_and_masks_come_back_as_declared(
    tmp_path_factory: pytest.TempPathFactory, kind: type[Peripheral]
) -> None:
    path = tmp_path_factory.getbasetemp() / "drawn.svd"
    assert read_back(board_of(kind), path) == described(kind)


@pytest.mark.parametrize("kind", [Mover, Arbiter, Pipe], ids=lambda kind: kind.kind)
def test_every_existing_register_of_a_sample_comes_back(
    tmp_path: Path, kind: type[Peripheral]
) -> None:
    present = {each for each in described(kind) if each[0] not in {"legacy", "deep", "trace"}}
    assert read_back(board_of(kind), tmp_path / "one.svd") == present
