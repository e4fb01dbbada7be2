"""Every device that vplat brings, through every form that needs no compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.export_samples import board_of, registered_kinds
from tests.unit.svd_reading import read_peripherals, registers
from vplat.export.c_header import c_header
from vplat.export.markdown import markdown
from vplat.export.names import macro
from vplat.export.revisions import exists
from vplat.export.svd import svd
from vplat.model import Peripheral

every_kind = pytest.mark.parametrize("kind", registered_kinds(), ids=lambda kind: kind.kind)
every_kind_with_a_window = pytest.mark.parametrize(
    "kind", [each for each in registered_kinds() if each.windows], ids=lambda kind: kind.kind
)


@every_kind_with_a_window
def test_its_svd_is_valid_and_has_each_register(tmp_path: Path, kind: type[Peripheral]) -> None:
    found = {
        (each.name.partition("[")[0], each.address_offset)
        for peripheral in read_peripherals(tmp_path / "one.svd", svd(board_of(kind)))
        for each in registers(peripheral)
    }
    wanted = {
        (register.name if register.stride == 4 else f"{register.name}_{index}", offset)
        for register in kind.registers.values()
        if exists(kind, register)
        for index, offset in enumerate(register.offsets)
    }
    assert found == wanted


@every_kind
def test_its_page_mentions_each_register_field_and_line(kind: type[Peripheral]) -> None:
    page = markdown(kind)
    names = [*kind.declared_parameters, *kind.outputs, *kind.inputs]
    for register in kind.registers.values():
        names += [register.name, *(() if register.is_word else register.fields)]
    assert page.startswith(f"# {kind.kind}\n\n")
    assert [name for name in names if f"`{name}" not in page] == []


@every_kind
def test_its_header_defines_each_register_and_field(kind: type[Peripheral]) -> None:
    header = c_header(kind)
    for register in kind.registers.values():
        assert f"#define {macro(kind.kind, register.name)}_OFFSET" in header
        for field in () if register.is_word else register.fields:
            assert f"#define {macro(kind.kind, register.name, field)}_MASK" in header
