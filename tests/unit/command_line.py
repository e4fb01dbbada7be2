"""``vplat`` as a user calls it, in this process or in one of its own."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vplat.cli import main

ROOT = Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Ended:
    """What a call came to."""

    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on standard error that an error of vplat's is."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("vplat: ")
        assert lines[0].isprintable()
        return lines[0].removeprefix("vplat: ")


class CommandLine:
    """Calls ``vplat`` in this process; ``capfd`` sees what firmware prints as well."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def __call__(self, *arguments: str | Path) -> Ended:
        """What ``vplat`` with these arguments comes to."""
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as ending:
            main([str(each) for each in arguments])
        out, err = self._capfd.readouterr()
        assert isinstance(ending.value.code, int)
        return Ended(ending.value.code, out, err)

    def refusal(self, *arguments: str | Path) -> str:
        """The sentence of a call that must end with 125 and print nothing else."""
        ended = self(*arguments)
        assert ended.status == 125, ended
        assert ended.out == ""
        return ended.sentence


def command(*arguments: str | Path) -> list[str]:
    """The command that starts ``vplat`` in a process of its own."""
    return [sys.executable, "-m", "vplat", *map(str, arguments)]


def environment(**changes: str) -> dict[str, str]:
    """This process's environment with ``changes``, and with this checkout importable."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **changes}


def run_shell(script: str, cwd: Path) -> Ended:
    """What a line of shell comes to in which ``$VPLAT`` is the command."""
    vplat = f"{sys.executable} -m vplat"
    ran = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=cwd,
        env=environment(VPLAT=vplat),
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(ran.returncode, ran.stdout, ran.stderr)
