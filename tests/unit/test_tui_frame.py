"""Whole frames: of any size, on any terminal, with any panel."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.table import Table

from tests.unit.live_states import core, snapshot, snapshots, terminal, text_of
from vplat.tui import Panel
from vplat.tui.drawing import in_ascii
from vplat.tui.frame import Frame
from vplat.tui.panels import console, cores, devices, energy
from vplat.tui.state import Doing, Snapshot

PANELS = [cores.PANEL, devices.PANEL, energy.PANEL, console.PANEL]


def lines_of(state: Snapshot, width: int, height: int, *, fill: bool = True) -> list[list[Segment]]:
    screen = terminal(width, height)
    return Frame(PANELS, state, fill=fill).lines(screen, screen.options)


@given(snapshots, st.integers(60, 200), st.integers(1, 70), st.booleans())
def test_every_line_of_a_frame_is_as_wide_as_the_terminal(
    state: Snapshot, width: int, height: int, fill: bool
) -> None:
    lines = lines_of(state, width, height, fill=fill)
    assert len(lines) <= height
    widths = {sum(cell_len(segment.text) for segment in line) for line in lines}
    assert widths <= {width}


@given(snapshots, st.integers(1, 59), st.integers(1, 30))
def test_a_tiny_terminal_is_never_overrun(state: Snapshot, width: int, height: int) -> None:
    lines = lines_of(state, width, height)
    assert len(lines) <= height
    assert all(sum(cell_len(segment.text) for segment in line) <= width for line in lines)


@given(snapshots)
def test_a_frame_holds_no_control_characters(state: Snapshot) -> None:
    for line in lines_of(state, 100, 30):
        assert all(segment.text.isprintable() and not segment.control for segment in line)


def test_80_by_24_has_room_for_everything() -> None:
    state = snapshot(cores=tuple(core(n) for n in range(8)), console=("hello",))
    lines = text_of(Frame(PANELS, state), 80, 24).splitlines()
    assert len(lines) == 24
    drawn = "\n".join(lines)
    for title in ("cores", "devices", "energy", "console"):
        assert f"─ {title} ─" in drawn
    assert all(f"  {n}  ● running" in drawn for n in range(8))
    assert "hello" in drawn


def test_a_wide_terminal_has_two_columns() -> None:
    first = text_of(Frame(PANELS, snapshot()), 180, 30).splitlines()[2]
    assert first.index("cores") < 10
    assert first.index("devices") > 90


def test_the_last_frame_takes_no_more_rows_than_it_needs() -> None:
    assert len(lines_of(snapshot(), 80, 60)) == 60
    assert len(lines_of(snapshot(), 80, 60, fill=False)) < 30


def printed(state: Snapshot, environment: dict[str, str]) -> str:
    file = io.StringIO()
    made = Console(file=file, width=100, height=30, force_terminal=True, _environ=environment)
    made.print(Frame(PANELS, state), end="")
    return file.getvalue()


def test_no_color_leaves_the_words_and_takes_the_colours() -> None:
    environment = {"NO_COLOR": "1", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    plain = printed(snapshot(cores=(core(0), core(1, Doing.ASLEEP))), environment)
    assert "○ asleep in wfi" in plain
    assert "\x1b[38" not in plain
    assert "\x1b[3" not in plain
    del environment["NO_COLOR"]
    assert "\x1b[38;2;" in printed(snapshot(), environment)


def test_a_terminal_without_unicode_gets_ascii() -> None:
    class Latin(io.StringIO):
        encoding = "latin-1"

    made = Console(
        file=Latin(), width=100, height=30, force_terminal=True, color_system=None, _environ={}
    )
    made.print(Frame(PANELS, snapshot(cores=(core(0), core(1, Doing.CRASHED)))), end="")
    assert isinstance(made.file, Latin)
    drawn = made.file.getvalue()
    assert drawn.isascii()
    assert "* running" in drawn
    assert "x crashed" in drawn
    assert "+- cores ---" in drawn


@given(st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs"))))
def test_ascii_text_is_as_wide_as_what_it_stands_for(text: str) -> None:
    assert in_ascii(text).isascii()
    assert len(in_ascii(text)) == sum(map(cell_len, text))


def table(state: Snapshot) -> RenderableType:
    made = Table("register", "value", expand=True)
    made.add_row("cycles", str(state.cycles))
    return made


def test_a_plugins_panel_is_any_renderable_of_rich() -> None:
    own = Panel("registers", table, lambda state: 5)
    drawn = text_of(Frame([*PANELS, own], snapshot(cycles=4711)), 100, 40)
    assert "─ registers ─" in drawn
    assert "4711" in drawn


def test_a_panel_that_draws_too_much_is_cut_off() -> None:
    screen = terminal(80, 30)
    own = Panel("flood", lambda state: "wide " * 5000, lambda state: 4)
    lines = Frame([*PANELS, own], snapshot()).lines(screen, screen.options)
    assert len(lines) == 30
    assert {sum(segment.cell_length for segment in line) for line in lines} == {80}


def fails(state: Snapshot) -> str:
    raise KeyError(state.firmware)


@pytest.mark.parametrize(
    "own",
    [
        Panel("mine", fails, lambda state: 3),
        Panel("mine", lambda state: "", lambda state: 3, note=fails),
        Panel("mine", fails, rows=lambda state: int(fails(state))),
        Panel("mine", lambda state: 7, lambda state: 3),  # type: ignore[arg-type, return-value]
    ],
)
def test_a_plugins_panel_that_raises_says_so_in_its_own_place(own: Panel) -> None:
    drawn = text_of(Frame([*PANELS, own], snapshot()), 100, 40)
    assert "─ mine ─" in drawn
    assert "raised" in drawn
    assert "● running" in drawn
