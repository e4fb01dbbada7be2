"""On a terminal: colours, the live view, and Ctrl-C as a person types it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from tests.unit import tiny_firmware
from tests.unit.command_line import command, environment

CONTROL_CODE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
CTRL_C = b"\x03"
TAKE_TERMINAL_AND_RUN = """\
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))
os.execv(sys.argv[1], sys.argv[1:])
"""
"""A new session takes the first terminal it opens for its own, and gets the Ctrl-C typed there."""


class Terminal:
    """``vplat`` in a terminal of its own, as wide as most."""

    def __init__(self, *arguments: str | Path) -> None:
        self._own, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL_AND_RUN, *command(*arguments)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env=environment(TERM="xterm-256color", COLUMNS="100", LINES="40"),
        )
        os.close(theirs)
        self.shown = ""

    def read_until(self, text: str) -> None:
        """Wait for ``text`` to be shown."""
        while text not in self.shown:
            self.shown += self._read()

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._own, keys)

    def end(self) -> int:
        """Wait for the end; the status."""
        while piece := self._read():
            self.shown += piece
        os.close(self._own)
        return self._process.wait()

    def _read(self) -> str:
        try:
            return os.read(self._own, 1 << 16).decode("utf-8", "replace")
        except OSError:  # what a terminal says when its other end is closed
            return ""

    @property
    def text(self) -> str:
        """What was shown, without control codes."""
        return CONTROL_CODE.sub("", self.shown).replace("\r\n", "\n")


def test_the_summary_is_coloured_and_an_error_stands_out(tmp_path: Path) -> None:
    good = Terminal("run", tiny_firmware.exits(tmp_path / "app.elf", says=b"hello\n"))
    assert good.end() == 0
    assert good.text.startswith("hello\nvplat: exited with status 0\n")
    assert "\x1b[" in good.shown
    bad = Terminal("run", tmp_path / "missing.elf")
    assert bad.end() == 125
    assert bad.text.startswith("vplat: ")
    assert "\x1b[" in bad.shown


def test_after_the_live_view_come_the_console_and_how_it_ended(tmp_path: Path) -> None:
    seen = Terminal("run", "--tui", tiny_firmware.exits(tmp_path / "app.elf", 7, says=b"hello\n"))
    assert seen.end() == 7
    assert "cores" in seen.text
    assert seen.text.count("hello\n") == 1
    assert "\nhello\nvplat: exited with status 7\n" in seen.text
    assert "mean power" not in seen.text.partition("exited with")[2]


def test_ctrl_c_in_the_live_view_stops_the_run(tmp_path: Path) -> None:
    seen = Terminal("run", "--tui", tiny_firmware.spins(tmp_path / "app.elf", says=b"up\n"))
    seen.read_until("cores")
    seen.type(CTRL_C)
    assert seen.end() == 130
    assert "vplat: interrupted" in seen.text


def test_results_on_standard_output_are_whole_beside_the_live_view(tmp_path: Path) -> None:
    elf = tiny_firmware.exits(tmp_path / "app.elf", says=b"hello\n")
    seen = Terminal("run", "--tui", "--json", "-", elf)
    assert seen.end() == 0
    assert '"console": "hello\\n"' in seen.text
    assert seen.text.rstrip().endswith("}")
