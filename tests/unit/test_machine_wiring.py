"""Outputs of devices wired to inputs of others, to lines of the harts, and to the machine."""

from __future__ import annotations

from tests.unit.machine_samples import (
    BEACON,
    CHIME,
    FLASH,
    LEVEL,
    Beacon,
    Chime,
    beacon,
    chime,
    machine,
)
from vplat.machine.board import DeviceSpec
from vplat.model import Input, Peripheral, State
from vplat.testing import Load, ScriptedMachine, Store, Work, scripted_board

ALL = 0xFFFF_FFFF


def test_an_event_reaches_the_input_it_is_wired_to_in_the_same_cycle() -> None:
    made = machine({0: [Store(FLASH, 40), Work(50)]}, events={"flashed": ("chime.bells[2]",)})
    made.run()
    assert chime(made).heard == [(40, 2, 1, ALL)]


def test_an_output_may_have_several_targets_and_an_input_several_sources() -> None:
    made = machine(
        {0: [Store(FLASH, 40), Work(5), Store(LEVEL, 1 << 16 | 6), Store(LEVEL, 6)]},
        events={"flashed": ("chime.bells[0]", "chime.bells[3]"), "lit": ("chime.bells[0]",)},
    )
    made.run()
    assert chime(made).heard == [(6, 0, 1, 6), (7, 0, 0, 6), (40, 0, 1, ALL), (40, 3, 1, ALL)]


def test_what_is_wired_to_nothing_is_lost() -> None:
    made = machine({0: [Store(FLASH, 4), Work(50)]})
    made.run()
    assert beacon(made).flashes == [4]
    assert chime(made).heard == []


def test_a_level_reaches_only_the_harts_of_its_mask() -> None:
    made = machine(
        {0: [Store(LEVEL, 1 << 16 | 0b101), Work(9), Store(LEVEL, 0b100)]},
        harts=3,
        events={"lit": ("harts.timer",)},
    )
    made.run()
    assert [hart.lines for hart in made.harts] == [1 << 7, 0, 0]


def test_each_line_of_the_harts_has_its_bit_in_mip() -> None:
    targets = ("harts.software", "harts.timer", "harts.external", "harts.fast[0]", "harts.fast[15]")
    made = machine({0: [Store(LEVEL, 1 << 16 | 1)]}, events={"lit": targets})
    made.run()
    assert made.harts[0].csrs.peek(0x344) == 1 << 3 | 1 << 7 | 1 << 11 | 1 << 16 | 1 << 31


def test_a_flush_makes_every_hart_fetch_anew_before_it_goes_on() -> None:
    made = machine({0: [Store(FLASH, 10), Work(20)]}, events={"flashed": ("machine.flush_code",)})
    beacon(made).connect("flashed", lambda _, __: stale.append(set(made.stale)))
    stale: list[set[int | None]] = []
    made.run()
    assert stale == [{None}]
    assert made.stale == set(), "by the end every hart has done so"


class Relay(Peripheral, kind="relay", size=0x10):
    """Schedules at once what it hears, at the machine's time."""

    given: State[list[int]] = State(list, "Cycles.")
    pulse = Input("Comes in.")

    @pulse.on_change
    def take(self) -> None:
        self.after(3, self.give)

    def give(self) -> None:
        self.given.append(self.now)


def test_a_device_that_an_event_sets_going_has_the_time_of_the_event() -> None:
    devices = [
        DeviceSpec(
            "beacon",
            "beacon",
            {"": BEACON},
            events={"flashed": ("relay.pulse",), "lit": ("relay.pulse",)},
        ),
        DeviceSpec("relay", "relay", {"": 0x2000_0200}),
    ]
    steps = [Store(FLASH, 50), Work(9), Store(LEVEL, 1), Work(100)]
    made = ScriptedMachine(scripted_board(devices), [Beacon, Relay], {0: steps})
    made.run()
    assert made.devices["relay"].states["given"] == [13, 53]


def test_two_machines_in_one_process_share_nothing() -> None:
    seen: list[int] = []
    first = machine({0: [Store(CHIME, 7), Store(FLASH, 3), Work(9)]})
    second = machine({0: [Load(CHIME, into=seen), Work(9)]})
    first.run()
    second.run()
    assert seen == [0]
    assert beacon(second).flashes == []
    assert isinstance(second.devices["chime"], Chime)
    assert first.devices["chime"] is not second.devices["chime"]
