"""The prebuilt programs are what their sources give, wherever they are built."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.system.firmware_tree import (
    PREBUILT,
    PROGRAMS,
    board_of,
    copy_of_firmware,
    expected,
    make,
    run,
)


@dataclasses.dataclass(frozen=True)
class Rebuilt:
    """All programs, built at another place; by the recorded toolchain or another one."""

    folder: Path
    same_toolchain: bool


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Rebuilt:
    """The programs, rebuilt with this machine's toolchain."""
    firmware = copy_of_firmware(tmp_path_factory.mktemp("elsewhere"))
    here = make(firmware, "toolchain").strip()
    recorded = (PREBUILT / "TOOLCHAIN").read_text("utf-8").strip()
    make(firmware)
    return Rebuilt(firmware / "prebuilt", here == recorded)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_rebuilt_program_is_the_committed_one(rebuilt: Rebuilt, program: str) -> None:
    """Byte for byte with the toolchain of prebuilt/TOOLCHAIN; by what it does with another one."""
    elf = rebuilt.folder / f"{program}.elf"
    if rebuilt.same_toolchain:
        same = elf.read_bytes() == (PREBUILT / elf.name).read_bytes()
        assert same, f"{program} is not what its source gives: run `make firmware` and commit it"
    else:
        result = run(elf, "--board", board_of(program))
        assert expected(program).fullmatch(result.stdout), result.stdout
        assert result.returncode == 0


def test_everything_that_is_built_is_committed_and_nothing_else(rebuilt: Rebuilt) -> None:
    names = sorted(path.name for path in rebuilt.folder.iterdir())
    assert names == sorted([*(f"{program}.elf" for program in PROGRAMS), "TOOLCHAIN"])
