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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.elf_builder import CODE, build_elf
from vplat.demos import prebuilt

ROOT = Path(__file__).resolve().parents[2]
ENTRY = 0x1C00_8080
LOOP_FOR_EVER = bytes.fromhex("6f000000 732540f1")
"""A jump to itself, then csrr a0, mhartid: the code is not for one hart alone."""
ROWS, COLUMNS = 30, 100
PATIENCE_SECONDS = 30.0
ENTER_SCREEN, LEAVE_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
CTRL_C, CTRL_Z = b"\x03", b"\x1a"
STARTER = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "vplat", *sys.argv[1:]])
"""
"""Makes the terminal the one that Ctrl-C comes from."""


@dataclasses.dataclass
class Screen:
    """The user's end of a pseudo-terminal, with a program at the other one."""

    program: subprocess.Popen[bytes]
    keys: int
    sent: str = ""

    def read_until(self, awaited: str) -> None:
        """Read until ``awaited`` has come; at the end of the program there is no more to come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while awaited not in self.sent:
            if time.monotonic() > deadline or not self._has_more():
                raise TimeoutError(f"{awaited!r} has not come; so far: {self.sent!r}")
            if not self._read():
                raise EOFError(f"{awaited!r} has not come; in all: {self.sent!r}")

    def _has_more(self) -> bool:
        return bool(select.select([self.keys], [], [], PATIENCE_SECONDS)[0])

    def end(self) -> int:
        """Read to the end; the program's exit status."""
        while self._has_more() and self._read():
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
    """``vplat run --tui`` with a terminal of its own for input, output and errors."""
    keys, line = pty.openpty()
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    for unwanted in ("NO_COLOR", "COLUMNS", "LINES"):
        environment.pop(unwanted, None)
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, "run", "--tui", *arguments],
        stdin=line,
        stdout=line,
        stderr=line,
        env=environment,
        start_new_session=True,
    ) as program:
        os.close(line)
        try:
            yield Screen(program, keys)
        finally:
            program.kill()
            os.close(keys)


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    """Firmware that never ends."""
    elf = tmp_path / "loop.elf"
    elf.write_bytes(build_elf([(ENTRY, LOOP_FOR_EVER, CODE)], ENTRY, {"spin": (ENTRY, 4)}))
    return elf


def test_a_short_run_shows_its_last_state_then_what_the_firmware_printed_and_the_summary() -> None:
    with on_a_terminal(prebuilt()["hello"]) as screen:
        status = screen.end()
        words = screen.words
        assert status == 0
        assert ENTER_SCREEN not in screen.sent
        assert screen.echoes()
    picture, printed, summary = (words.index(each) for each in ("─ cores ─", "Hello", "vplat: "))
    assert picture < printed < summary
    assert "✓ exited with 0" in words[:printed]
    assert "─ console ─" not in words
    assert words.count("Hello from hart 7") == 1


def test_a_long_run_is_drawn_until_ctrl_c_and_leaves_the_terminal_as_it_was(loop: Path) -> None:
    with on_a_terminal(loop) as screen:
        screen.read_until(ENTER_SCREEN)
        screen.read_until("Ctrl-C stops the run")  # a terminal drops at Ctrl-C what is on its way
        assert not screen.echoes()
        os.write(screen.keys, CTRL_C)
        status = screen.end()
        assert screen.echoes()
    assert status == 130
    after = screen.sent.partition(LEAVE_SCREEN)[2]
    assert "spin" in screen.words
    assert "■ interrupted" in after
    assert "vplat: interrupted" in screen.words
    assert ENTER_SCREEN not in after
    assert screen.sent.rindex("\x1b[?25h") > screen.sent.rindex("\x1b[?25l")


def test_ctrl_z_gives_the_terminal_back_until_the_run_goes_on(loop: Path) -> None:
    with on_a_terminal(loop) as screen:
        screen.read_until("Ctrl-C stops the run")
        # Nobody could let this process go on, so the kernel does not stop it: it goes on at once.
        os.write(screen.keys, CTRL_Z)
        screen.read_until(LEAVE_SCREEN)
        screen.sent = ""
        screen.read_until(ENTER_SCREEN)
        screen.read_until("Ctrl-C stops the run")
        assert not screen.echoes()
        os.write(screen.keys, CTRL_C)
        assert screen.end() == 130
        assert screen.echoes()


def test_a_limit_has_a_progress_bar_and_ends_the_run(loop: Path) -> None:
    with on_a_terminal("--timeout", "0.6", loop) as screen:
        assert screen.end() == 124
    assert "of timeout" in screen.sent.partition(LEAVE_SCREEN)[0]
    assert "■ out of time" in screen.sent.partition(LEAVE_SCREEN)[2]


def test_without_a_terminal_there_are_no_control_codes() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "vplat", "run", "--tui", prebuilt()["hello"]],
        env={**os.environ, "FORCE_COLOR": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert b"Hello from hart 7" in run.stdout
    assert b"\x1b" not in run.stdout + run.stderr
