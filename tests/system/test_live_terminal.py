"""``vplat run --tui`` on a pseudo-terminal, as a person has it before them."""

from __future__ import annotations

import dataclasses
import errno
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.elf_builder import CODE, build_elf
from vplat.demos import prebuilt

ROOT = Path(__file__).resolve().parents[2]
ENTRY = 0x1C00_8080
LOOP_FOR_EVER = 0x0000_006F.to_bytes(4, "little")
ROWS, COLUMNS = 30, 100
PATIENCE_SECONDS = 30.0
ENTER_SCREEN, LEAVE_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
CTRL_C = b"\x03"


@dataclasses.dataclass
class Screen:
    """The user's end of a pseudo-terminal, with a program at the other one."""

    program: subprocess.Popen[bytes]
    keys: int
    sent: str = ""

    def read_until(self, awaited: str) -> None:
        """Read until ``awaited`` has come; at the end of the program there is no more to come."""
        while awaited not in self.sent:
            if not select.select([self.keys], [], [], PATIENCE_SECONDS)[0]:
                raise TimeoutError(f"{awaited!r} has not come; so far: {self.sent!r}")
            if not self._read():
                raise EOFError(f"{awaited!r} has not come; in all: {self.sent!r}")

    def end(self) -> int:
        """Read to the end; the program's exit status."""
        while select.select([self.keys], [], [], PATIENCE_SECONDS)[0] and self._read():
            pass
        return self.program.wait(PATIENCE_SECONDS)

    def echoes(self) -> bool:
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self.keys)[3] & termios.ECHO)

    @property
    def words(self) -> str:
        """All that was sent, without control codes."""
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.sent)

    def _read(self) -> bool:
        try:
            data = os.read(self.keys, 65536)
        except OSError as error:
            if error.errno != errno.EIO:  # how Linux tells that nobody holds the other end
                raise
            data = b""
        self.sent += data.decode("utf-8", "replace")
        return bool(data)


@contextmanager
def on_a_terminal(*arguments: str | Path) -> Iterator[Screen]:
    """``vplat run --tui`` with a terminal for input, output and errors."""
    keys, line = pty.openpty()
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    for unwanted in ("NO_COLOR", "COLUMNS", "LINES"):
        environment.pop(unwanted, None)
    program = subprocess.Popen(
        [sys.executable, "-m", "vplat", "run", "--tui", *arguments],
        stdin=line,
        stdout=line,
        stderr=line,
        env=environment,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    # This end stays open as long as the settings of the terminal are of interest.
    try:
        yield Screen(program, keys)
    finally:
        program.kill()
        program.wait()
        os.close(line)
        os.close(keys)


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    """Firmware that never ends."""
    elf = tmp_path / "loop.elf"
    elf.write_bytes(build_elf([(ENTRY, LOOP_FOR_EVER, CODE)], ENTRY, {"spin": (ENTRY, 4)}))
    return elf
