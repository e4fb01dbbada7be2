"""The live view of real runs: what it draws, when, and what it leaves behind."""

from __future__ import annotations

import io
import os
import re
import signal
from pathlib import Path

import pytest
from rich.console import Console

from tests.unit.elf_builder import CODE, build_elf
from tests.unit.live_states import Terminal, terminal
from vplat.errors import PluginError
from vplat.plugins import Plugins
from vplat.session import HostConsole, Session, Settings
from vplat.tui import Live, can_draw

ENTRY = 0x1C00_8080
LOOP_FOR_EVER = bytes.fromhex("6f000000 732540f1")
"""A jump to itself, then csrr a0, mhartid: the code is not for one hart alone."""
ENTER_SCREEN, LEAVE_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
SHOW_CURSOR = "\x1b[?25h"
PLUGIN = """
from vplat.hookspecs import hookimpl

@hookimpl
def vplat_panels(session):
    from vplat.tui import Panel
    return [Panel({name!r}, lambda snapshot: f"{{len(session.machine.harts)}} harts", lambda _: 1)]
"""


class Clock:
    """Time that passes when it is told to, and a little whenever somebody looks."""

    def __init__(self, tick: float = 0.0) -> None:
        self.now, self.tick = 100.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    """Firmware that never ends."""
    elf = tmp_path / "loop.elf"
    elf.write_bytes(build_elf([(ENTRY, LOOP_FOR_EVER, CODE)], ENTRY, {"spin": (ENTRY, 4)}))
    return elf


def session_of(elf: Path, *, plugins: Plugins | None = None, **settings: int) -> Session:
    plugins = plugins or Plugins(installed=False)
    return Session(elf, plugins, HostConsole(), Settings(max_cycles=settings.get("max_cycles")))


def sent_to(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def words_of(sent: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", sent)


def test_a_run_is_drawn_while_it_goes_on_and_its_last_state_stays(loop: Path) -> None:
    session, console, clock = session_of(loop, max_cycles=3_000_000), terminal(), Clock()

    def watch(running: Session) -> bool:
        clock.now += 0.3
        return live.update(running)

    with Live(session, console, clock=clock) as live:
        session.run(watch=watch)
    before, left, after = sent_to(console).partition(LEAVE_SCREEN)
    assert live.frames >= 2
    assert left
    assert before.count(ENTER_SCREEN) == 1
    assert "● running" in words_of(before)
    assert "spin" in words_of(before)
    assert "of max cycles" in words_of(before)
    assert "■ out of time" in words_of(after)
    assert sent_to(console).rindex(SHOW_CURSOR) > sent_to(console).rindex("\x1b[?25l")


def test_a_run_of_an_instant_has_its_last_frame_alone(loop: Path) -> None:
    session, console = session_of(loop, max_cycles=3_000_000), terminal()
    with Live(session, console, clock=Clock()) as live:
        session.run(watch=live.update)
    assert ENTER_SCREEN not in sent_to(console)
    assert "■ out of time" in words_of(sent_to(console))


@pytest.mark.parametrize(
    "console",
    [
        Console(file=io.StringIO()),
        Console(file=io.StringIO(), force_terminal=True),
        Console(file=io.StringIO(), _environ={"FORCE_COLOR": "1"}),
        Console(file=Terminal(), _environ={"TERM": "dumb"}),
    ],
)
def test_without_a_terminal_nothing_at_all_is_sent(console: Console, loop: Path) -> None:
    session = session_of(loop, max_cycles=1_000_000)
    assert not can_draw(console)
    with Live(session, console, clock=Clock(tick=0.3)) as live:
        session.run(watch=live.update)
        assert not live.update(session)
    assert sent_to(console) == ""


def test_frames_come_at_most_ten_times_a_second(loop: Path) -> None:
    session, clock = session_of(loop), Clock()
    with Live(session, terminal(), clock=clock) as live:
        for _ in range(300):
            live.update(session)
            clock.now += 1 / 30
    assert 70 <= live.frames <= 100


def test_dear_frames_come_so_rarely_that_they_cost_less_than_5_per_cent(loop: Path) -> None:
    clock = Clock()
    session = session_of(loop)
    with Live(session, terminal(), clock=clock) as live:
        sent = live.console.file.write

        def slowly(text: str) -> int:
            clock.now += 0.02
            return sent(text)

        live.console.file.write = slowly  # type: ignore[method-assign]
        busy, begun = 0.0, clock.now
        while clock.now < begun + 30:
            before = clock.now
            live.update(session)
            busy += clock.now - before
            clock.now += 0.01
    assert live.frames >= 5
    assert busy <= 0.05 * 30


def test_ctrl_c_stops_the_run_and_is_then_what_it_was(loop: Path) -> None:
    def as_before(number: int, frame: object) -> None:
        """Stands for whoever cared for Ctrl-C before."""

    outer = signal.signal(signal.SIGINT, as_before)
    try:
        session = session_of(loop, max_cycles=10**12)
        with Live(session, terminal()) as live:
            assert not live.update(session)
            os.kill(os.getpid(), signal.SIGINT)
            result = session.run(watch=live.update)
        assert signal.getsignal(signal.SIGINT) is as_before
    finally:
        signal.signal(signal.SIGINT, outer)
    assert result.outcome.ending == "interrupted"


def test_a_run_that_raises_leaves_no_picture(loop: Path) -> None:
    def fail(running: Session) -> bool:
        live.update(running)
        raise ZeroDivisionError

    session, console = session_of(loop), terminal()
    live = Live(session, console, clock=Clock(tick=0.3))
    with pytest.raises(ZeroDivisionError), live:
        session.run(watch=fail)
    assert live.frames == 1
    assert sent_to(console).count(LEAVE_SCREEN) == 1
    assert words_of(sent_to(console).partition(LEAVE_SCREEN)[2]).strip() == ""


def test_a_terminal_that_goes_away_does_not_end_the_run(loop: Path) -> None:
    class Gone(Terminal):
        def write(self, text: str, /) -> int:
            raise OSError(5, "Input/output error")

    session = session_of(loop, max_cycles=1_000_000)
    console = Console(file=Gone(), force_terminal=True, _environ={"TERM": "xterm"})
    with Live(session, console, clock=Clock(tick=0.3)) as live:
        result = session.run(watch=live.update)
    assert result.outcome.ending == "out-of-cycles"


def test_a_plugin_adds_a_panel(loop: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "extra.py"
    plugin.write_text(PLUGIN.format(name="my device"))
    plugins = Plugins(files=[plugin], installed=False)
    session, console = session_of(loop, plugins=plugins, max_cycles=10_000), terminal(100, 50)
    with Live(session, console) as live:
        session.run(watch=live.update)
    assert "─ my device ─" in words_of(sent_to(console))
    assert "8 harts" in words_of(sent_to(console))


def test_two_panels_of_one_name_are_an_error_that_names_both_plugins(
    loop: Path, tmp_path: Path
) -> None:
    plugin = tmp_path / "extra.py"
    plugin.write_text(PLUGIN.format(name="cores"))
    session = session_of(loop, plugins=Plugins(files=[plugin], installed=False))
    with pytest.raises(PluginError, match=r"panel 'cores'.*vplat\.tui\.builtin.*extra"):
        Live(session, terminal())
