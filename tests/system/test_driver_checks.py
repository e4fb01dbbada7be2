"""The driver checker on our own firmware, which breaks no rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.firmware_tree import PREBUILT, board_of
from vplat.machine.console import RecordingConsole
from vplat.plugins import Plugins
from vplat.session import Session, Settings

PROGRAMS = sorted(PREBUILT.glob("*.elf"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_our_own_programs_break_no_rule(program: Path) -> None:
    settings = Settings(board=board_of(program.stem), check=True)
    session = Session(program, Plugins(installed=False), RecordingConsole(b"hello\n"), settings)
    result = session.run()
    assert result.exit_status == 0
    assert [finding.sentence for finding, _ in result.findings] == []
