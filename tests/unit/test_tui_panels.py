"""What each panel says of a state."""

from __future__ import annotations

import pytest

from tests.unit.live_states import core, history, snapshot, text_of
from vplat.tui.panels import console, cores, devices, energy
from vplat.tui.panels.heading import footing, heading
from vplat.tui.state import Course, Device, Doing, Spent

ITA = Device(
    "ita",
    "ita",
    "QK tile 3/8, 2 jobs queued",
    {"busy_cycles": 2480},
    cycles=4000,
    history=history(0, 620, 1240, 1860, 2480),
)
DMA = Device("mchan", "mchan", "", {"busy_cycles": 0}, 4000, history(0, 0, 0, 0, 0))
EVENTS = Device("event_unit", "event_unit", "barrier 0: missing hart 7")
TIMER = Device("timer", "timer")
SPENT = Spent(
    2e-3,
    0.125,
    (("ita", 1.2e-3), ("cores", 6e-4), ("tcdm", 2e-4)),
    "calibrated",
    history(0, 1e-3, 1.2e-3, 2e-3),
)


def test_a_core_shows_state_activity_work_and_function() -> None:
    row = text_of(cores.PANEL.draw(snapshot()), 90, 2).splitlines()[1]
    assert row.split()[:3] == ["0", "●", "running"]
    assert "━━" in row
    assert "75 %" in row
    assert row.split()[-3:] == ["2400", "0.80", "main"]


def test_a_cores_recent_activity_is_a_curve() -> None:
    row = text_of(cores.PANEL.draw(snapshot()), 90, 2).splitlines()[1]
    curve = row.partition("%")[2].partition("2400")[0].strip()
    assert curve.startswith("█████")
    asleep = core(history=history(0, 0, 0))
    assert "█" not in text_of(cores.PANEL.draw(snapshot(cores=(asleep,))), 90, 2)


@pytest.mark.parametrize(
    ("doing", "wait", "words"),
    [
        (Doing.RUNNING, "", "● running"),
        (Doing.WAITING, "barrier 0: missing hart 7", "◐ barrier 0: missing hart 7"),
        (Doing.WAITING, "", "◐ waiting"),
        (Doing.ASLEEP, "", "○ asleep in wfi"),
        (Doing.HALTED, "", "· halted"),
        (Doing.DONE, "", "✓ done"),
        (Doing.CRASHED, "", "✗ crashed"),
    ],
)
def test_a_core_says_in_words_what_it_does(doing: Doing, wait: str, words: str) -> None:
    state = snapshot(cores=(core(doing=doing, wait=wait),))
    assert words in text_of(cores.PANEL.draw(state), 130, 2)


def test_a_narrow_terminal_keeps_the_state_of_every_core() -> None:
    state = snapshot(cores=(core(0), core(1, Doing.WAITING, wait="barrier 0: missing hart 7")))
    rows = text_of(cores.PANEL.draw(state), 20, 2).splitlines()
    assert [row.split()[:3] for row in rows] == [["0", "●", "running"], ["1", "◐", "barrier"]]
    assert rows[1].endswith("…")


def test_cores_without_a_line_of_their_own_are_counted() -> None:
    many = tuple(core(n, Doing.RUNNING if n < 10 else Doing.ASLEEP) for n in range(16))
    rows = text_of(cores.PANEL.draw(snapshot(cores=many)), 80, 8).splitlines()
    assert len(rows) == 8
    assert rows[-1] == "… 9 more cores: 3 running, 6 asleep in wfi"


def test_the_title_counts_running_cores_while_the_run_goes_on() -> None:
    state = snapshot(cores=(core(0), core(1, Doing.ASLEEP)), instructions=12_000)
    assert cores.PANEL.note(state) == "1 of 2 running, 12.0 k instructions"
    ended = snapshot(instructions=12_000, ending="exited")
    assert cores.PANEL.note(ended) == "12.0 k instructions"


def test_a_device_shows_its_utilisation_in_all_and_now_and_what_it_does() -> None:
    drawn = text_of(devices.PANEL.draw(snapshot(devices=(ITA,))), 60, 2).splitlines()
    assert drawn[0].startswith("ita")
    assert "62 %" in drawn[0]
    assert "now  62 %" in drawn[0]
    assert drawn[1] == "  QK tile 3/8, 2 jobs queued"


def test_a_device_that_does_nothing_is_idle() -> None:
    drawn = text_of(devices.PANEL.draw(snapshot(devices=(ITA, DMA))), 60, 4).splitlines()
    assert drawn[2].startswith("mchan")
    assert " 0 %" in drawn[2]
    assert drawn[3] == "  idle"


def test_after_the_run_nothing_is_now() -> None:
    ended = snapshot(devices=(ITA,), ending="exited")
    assert "now" not in text_of(devices.PANEL.draw(ended), 60, 2)
    assert devices.PANEL.note(ended) == ""
    assert devices.PANEL.note(snapshot(devices=(ITA, DMA))) == "1 at work"


def test_devices_without_busy_cycles_show_only_while_they_do_something() -> None:
    state = snapshot(devices=(TIMER, EVENTS, ITA))
    drawn = text_of(devices.PANEL.draw(state), 60, 3).splitlines()
    assert drawn[2] == "event_unit  barrier 0: missing hart 7"
    assert devices.PANEL.rows(state) == 3
    assert "timer" not in "".join(drawn)


def test_few_rows_hold_a_line_a_device() -> None:
    drawn = text_of(devices.PANEL.draw(snapshot(devices=(ITA, DMA))), 60, 2).splitlines()
    assert [line.split()[0] for line in drawn] == ["ita", "mchan"]


def test_a_platform_at_rest_says_so() -> None:
    assert "none has been at work" in text_of(devices.PANEL.draw(snapshot(devices=(TIMER,))), 60, 2)


def test_energy_shows_total_mean_power_and_every_component() -> None:
    drawn = text_of(energy.PANEL.draw(snapshot(energy=SPENT)), 50, 4).splitlines()
    assert drawn[0].startswith("2.00 mJ, 125 mW mean")
    assert [line.split()[0] for line in drawn[1:]] == ["ita", "cores", "tcdm"]
    assert "60 %  1.20 mJ" in drawn[1]
    assert drawn[1].count("━") > drawn[2].count("━") > drawn[3].count("━")
    assert energy.PANEL.note(snapshot(energy=SPENT)) == "calibrated"


def test_components_without_a_line_of_their_own_come_together() -> None:
    drawn = text_of(energy.PANEL.draw(snapshot(energy=SPENT)), 50, 3).splitlines()
    assert drawn[2].split()[:2] == ["2", "more"]
    assert "40 %   800 µJ" in drawn[2]


def test_the_course_of_power_is_in_the_line_of_the_total_or_below_it() -> None:
    state = snapshot(energy=SPENT, hertz=500_000_000)
    low = text_of(energy.PANEL.draw(state), 50, 4).splitlines()
    assert "█" in low[0]
    high = text_of(energy.PANEL.draw(state), 50, 8).splitlines()
    assert "█" not in high[0]
    assert high[4].split() == ["recent", "power", "up", "to", "500", "W"]
    assert [set(line) <= set(" ▁▂▃▄▅▆▇█") for line in high[5:]] == [True] * 3
    assert high[7].count("█") == 50 - 17 + 1


def test_a_run_that_has_cost_nothing_shows_zero() -> None:
    assert text_of(energy.PANEL.draw(snapshot()), 50, 3).startswith("0 J, 0 W mean")


def test_the_console_shows_its_last_lines() -> None:
    state = snapshot(console=("one", "two", "three"))
    assert text_of(console.PANEL.draw(state), 40, 2).splitlines() == ["two", "three"]


def test_a_silent_firmware_is_said_to_be_silent() -> None:
    assert "printed nothing" in text_of(console.PANEL.draw(snapshot()), 60, 2)


def test_the_heading_tells_simulated_time_from_host_time_and_the_speed() -> None:
    state = snapshot(cycles=425_000, seconds=0.5, instructions=20_000_000)
    title, times = text_of(heading(state), 80, 2).splitlines()
    assert title.startswith(" vplat  app.elf on pulp-ita, 0.65 V, 425 MHz ")
    assert title.endswith("● running")
    assert times.strip() == "1.00 ms simulated, 500 ms host, 40.0 MIPS"


def test_a_run_with_a_limit_has_a_progress_bar() -> None:
    half = snapshot(seconds=1.0, course=Course(0.5, "of max cycles"))
    times = text_of(heading(half), 100, 2).splitlines()[1]
    assert times.endswith("50 % of max cycles")
    assert times.count("━") == times.count("─") > 5
    assert "━" not in text_of(heading(snapshot(seconds=1.0)), 100, 2)


@pytest.mark.parametrize(
    ("ending", "status", "words"),
    [
        ("exited", 0, "✓ exited with 0"),
        ("exited", 3, "✓ exited with 3"),
        ("crashed", None, "✗ crashed"),
        ("deadlocked", None, "✗ deadlocked"),
        ("out-of-cycles", None, "■ out of time"),
        ("interrupted", None, "■ interrupted"),
    ],
)
def test_the_heading_says_how_the_run_ended(ending: str, status: int | None, words: str) -> None:
    state = snapshot(ending=ending, status=status)
    assert text_of(heading(state), 80, 2).splitlines()[0].endswith(words)


def test_the_footing_has_the_newest_finding() -> None:
    state = snapshot(findings=2, newest_finding="ita: TRIGGER while no context is acquired")
    drawn = text_of(footing(state), 100, 1)
    assert drawn == " ⚠ 2 findings: ita: TRIGGER while no context is acquired"


def test_the_footing_says_how_to_stop_and_after_a_failure_why_it_ended() -> None:
    assert text_of(footing(snapshot()), 80, 1).strip() == "Ctrl-C stops the run"
    ended = snapshot(ending="crashed", message="the trap handler itself traps", findings=2)
    assert text_of(footing(ended), 80, 1).strip() == "the trap handler itself traps"
