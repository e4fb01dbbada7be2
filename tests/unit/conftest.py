"""What the unit tests share."""

from __future__ import annotations

import pytest

from tests.unit.command_line import CommandLine


@pytest.fixture
def vplat(capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line, called in this process."""
    return CommandLine(capfd)
