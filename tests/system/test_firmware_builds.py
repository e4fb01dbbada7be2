"""The prebuilt programs are what their sources give, wherever they are built."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.firmware_tree import PREBUILT, copy_of_firmware, make

PROGRAMS = sorted(path.name for path in PREBUILT.glob("*.elf"))


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All programs, built by the same toolchain at another place; a sentence where that differs."""
    firmware = copy_of_firmware(tmp_path_factory.mktemp("elsewhere"))
    here = make(firmware, "toolchain").strip()
    recorded = (PREBUILT / "TOOLCHAIN").read_text("utf-8").strip()
    if here != recorded:
        pytest.fail(
            "firmware/prebuilt was built with another toolchain, so its bytes cannot be compared.\n"
            f"It was built with:\n{recorded}\nThis machine has:\n{here}\n"
            "Get that toolchain (toolchain.md), or rebuild with yours: run `make firmware` and "
            "commit firmware/prebuilt."
        )
    make(firmware)
    return firmware / "prebuilt"


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_rebuilt_program_is_byte_identical(rebuilt: Path, program: str) -> None:
    same = (rebuilt / program).read_bytes() == (PREBUILT / program).read_bytes()
    assert same, f"{program} is not what its source gives: run `make firmware` and commit it"


def test_everything_that_is_built_is_committed_and_nothing_else(rebuilt: Path) -> None:
    assert sorted(path.name for path in rebuilt.iterdir()) == sorted([*PROGRAMS, "TOOLCHAIN"])
