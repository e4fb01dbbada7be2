"""Every register of every built-in device keeps what its description promises.

Nothing here knows a device: kinds come from the plugins, places, accesses and reset values from
their declarations. Where a behaviour computes or follows an access, what it does is the business of
the device's own tests; that it answers, and consistently, is tested here all the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vplat.model import (
    RC,
    RO,
    RW,
    AccessFault,
    Declared,
    Parameter,
    Peripheral,
    Stall,
    Window,
)
from vplat.model.plan import mask_of
from vplat.plugins import Plugins
from vplat.testing import Bench

ONES: Final = 0xFFFF_FFFF
PATTERNS: Final = (ONES, 0, 0xA5C3_960F, 0x5A3C_69F0)
LARGEST_COUNT: Final = 4096
"""A parameter with a maximum up to this one is a number of things the device has."""
LANES: Final = [(4, 0), *((2, lane) for lane in (0, 2)), *((1, lane) for lane in range(4))]
TCDM: Final = 0x1000_0000
MASTERS: Final = (0, 3, 31, -1)
"""Harts, of which some devices have no copy for the higher ones, and a master that is no hart."""

Chosen = dict[str, object]


@dataclasses.dataclass(frozen=True)
class Place:
    """A word of one window of a device; ``register`` is None where a window has no registers."""

    window: Window
    offset: int
    register: Declared | None = None
    index: int = 0

    def __str__(self) -> str:
        name = self.register.element_name(self.index) if self.register else hex(self.offset)
        return f"{self.window.name}:{name}"


def largest(kind: type[Peripheral]) -> Chosen:
    """As many harts, streams and the like as the device can have."""
    return {
        name: parameter.maximum
        for name, parameter in kind.declared_parameters.items()
        if parameter.maximum is not None and parameter.maximum <= LARGEST_COUNT
    }


def variations(kind: type[Peripheral]) -> Iterator[Chosen]:
    """The device by default, at its largest, and with every choice that a parameter lists."""
    yield {}
    if largest(kind):
        yield largest(kind)
    for name, parameter in kind.declared_parameters.items():
        yield from ({name: value} for value in _others(parameter))


def _others(parameter: Parameter[int] | Parameter[str] | Parameter[bool]) -> list[object]:
    choices = (False, True) if isinstance(parameter.default, bool) else parameter.choices
    return [value for value in choices if value != parameter.default]


def _title(value: object) -> str:
    if isinstance(value, dict):
        return ",".join(f"{name}={each}" for name, each in value.items()) or "default"
    return str(getattr(value, "kind", value))


KINDS: Final[dict[str, type[Peripheral]]] = Plugins(installed=False).named(
    "vplat_peripherals", "kind", "peripheral kind"
)
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=_title)
every_device = pytest.mark.parametrize(
    ("kind", "chosen"),
    [(kind, chosen) for kind in KINDS.values() for chosen in variations(kind)],
    ids=_title,
)


class Rig:
    """A device on a bench of its own, whose accesses return None for a stall or a fault."""

    def __init__(self, kind: type[Peripheral], chosen: Chosen) -> None:
        self.bench = Bench()
        self.fill_memory()
        self.device = self.bench.build(kind, chosen)

    def fill_memory(self) -> None:
        """The same few bytes in a memory that is zero elsewhere."""
        self.bench.bus.pages.clear()
        self.bench.bus.write(TCDM, bytes(range(1, 255)))

    def places(self) -> list[Place]:
        """Every register, and some words of every window without one."""
        found = [
            Place(window, offset, register, index)
            for register, index, window, offset in self.device.elements()
        ]
        occupied = {place.window for place in found}
        for name, window in self.device.windows.items():
            if window not in occupied:
                size = self.device.ports[name].size
                found += [Place(window, offset) for offset in (0, 4, size // 2 & ~3, size - 4)]
        return found

    def load(self, place: Place, size: int = 4, lane: int = 0, hart: int = 0) -> int | None:
        """A load, None if it stalls or faults."""
        try:
            return self.bench.load(
                self.device, place.offset + lane, hart=hart, size=size, window=place.window
            )
        except (Stall, AccessFault):
            return None

    def store(self, place: Place, value: int, size: int = 4, lane: int = 0, hart: int = 0) -> bool:
        """A store; False if it stalls or faults."""
        try:
            self.bench.store(
                self.device, place.offset + lane, value, hart=hart, size=size, window=place.window
            )
        except (Stall, AccessFault):
            return False
        return True

    def word(self, place: Place) -> int:
        """What the register at ``place`` holds, whatever firmware may see of it."""
        assert place.register is not None
        words = self.device.words[place.register.name]
        return words[_copy(place)]


def _copy(place: Place) -> int:
    """Which word of storage hart 0 reaches at ``place``."""
    register, port = place.register, place.window.port
    if register is not None and register.ports:
        return max(port, 0)
    return place.index


def _readable(register: Declared) -> int:
    return sum(field.mask for field in register.fields.values() if field.access.readable)


def _answers_itself(kind: type[Peripheral], register: Declared) -> bool:
    return kind.reacts_to("read", register)


def _follows_stores(kind: type[Peripheral], register: Declared) -> bool:
    """Whether a behaviour runs when ``register`` is stored to."""
    return kind.reacts_to("write", register) or any(
        kind.reacts_to("set", register, field) for field in register.fields
    )


@every_kind
def test_registers_read_after_reset_as_the_reference_says(kind: type[Peripheral]) -> None:
    rig = Rig(kind, largest(kind))
    wrong = [
        str(place)
        for place in rig.places()
        if place.register is not None
        and not _answers_itself(kind, place.register)
        and rig.load(place) != place.register.reset & _readable(place.register)
    ]
    assert wrong == []


@every_device
def test_what_firmware_may_only_read_survives_every_store(
    kind: type[Peripheral], chosen: Chosen
) -> None:
    rig = Rig(kind, chosen)
    for place in rig.places():
        if place.register is None or _follows_stores(kind, place.register):
            continue
        fixed = mask_of(place.register, RO, RC)
        before = rig.word(place) & fixed
        for value in PATTERNS:
            assert rig.store(place, value), place
            assert rig.word(place) & fixed == before, place


@every_device
def test_what_firmware_may_write_and_read_keeps_what_is_stored(
    kind: type[Peripheral], chosen: Chosen
) -> None:
    rig = Rig(kind, chosen)
    for place in rig.places():
        if place.register is None or _follows_stores(kind, place.register):
            continue
        kept = mask_of(place.register, RW)
        for value in PATTERNS:
            rig.store(place, value)
            assert rig.word(place) & kept == value & kept, place
            if not _answers_itself(kind, place.register):
                assert rig.load(place) == rig.word(place) & _readable(place.register), place


@every_device
def test_a_store_to_a_register_without_behaviours_changes_no_other_register(
    kind: type[Peripheral], chosen: Chosen
) -> None:
    rig = Rig(kind, chosen)
    for place in rig.places():
        if place.register is None or _follows_stores(kind, place.register):
            continue
        before = rig.device.snapshot()
        rig.store(place, 0xA5C3_960F)
        after = rig.device.snapshot()
        own = place.register.mirrors.name if place.register.mirrors else place.register.name
        changed = {name for name, words in after["words"].items() if words != before["words"][name]}
        shown = {name for name in changed if rig.device.words[name] is rig.device.words[own]}
        assert changed == shown, place


@every_device
def test_what_firmware_may_only_write_reads_zero(kind: type[Peripheral], chosen: Chosen) -> None:
    rig = Rig(kind, chosen)
    for place in rig.places():
        if place.register is None or _answers_itself(kind, place.register):
            continue
        hidden = ONES & ~_readable(place.register)
        for value in PATTERNS:
            rig.store(place, value)
            word = rig.load(place)
            assert word is None or word & hidden == 0, place


@every_device
def test_a_narrow_load_returns_its_lanes_of_what_a_word_load_returns(
    kind: type[Peripheral], chosen: Chosen
) -> None:
    rig = Rig(kind, chosen)
    fresh = rig.device.snapshot()
    for place in rig.places():
        answers = {}
        for size, lane in LANES:
            rig.device.restore(fresh)
            rig.fill_memory()
            answers[size, lane] = rig.load(place, size, lane)
        word = answers.pop((4, 0))
        for (size, lane), answer in answers.items():
            expected = None if word is None else word >> 8 * lane & (1 << 8 * size) - 1
            assert answer == expected, (str(place), size, lane)


@every_device
def test_four_byte_stores_leave_what_one_word_store_leaves(
    kind: type[Peripheral], chosen: Chosen
) -> None:
    whole, pieces = Rig(kind, chosen), Rig(kind, chosen)
    for place in whole.places():
        if place.register is None or _follows_stores(kind, place.register):
            continue
        for value in PATTERNS:
            whole.store(place, value)
            for lane in range(4):
                pieces.store(place, value >> 8 * lane & 0xFF, 1, lane)
            assert pieces.word(place) == whole.word(place), place


@every_device
def test_no_single_access_raises_anything_but_a_stall_or_a_fault(
    kind: type[Peripheral], chosen: Chosen
) -> None:
    rig = Rig(kind, chosen)
    fresh = rig.device.snapshot()
    for place in rig.places():
        for value in PATTERNS:
            for hart in MASTERS:
                rig.store(place, value, hart=hart)
                rig.load(place, hart=hart)
        for size, lane in LANES:
            rig.store(place, ONES, size, lane)
            rig.load(place, size, lane)
        rig.bench.advance(20)
        rig.device.restore(fresh)


@every_device
def test_a_place_without_a_register_answers_or_faults(
    kind: type[Peripheral], chosen: Chosen
) -> None:
    rig = Rig(kind, chosen)
    taken = {(place.window, place.offset) for place in rig.places()}
    for name, window in kind.windows.items():
        gaps = [
            offset
            for offset in range(0, min(rig.device.ports[name].size, LARGEST_COUNT), 4)
            if (window, offset) not in taken
        ]
        for offset in gaps:
            for size, lane in LANES:
                rig.load(Place(window, offset), size, lane)
                rig.store(Place(window, offset), ONES, size, lane)


@every_kind
@settings(max_examples=25)
@given(data=st.data())
def test_no_sequence_of_accesses_raises_anything_but_stalls_and_faults(
    kind: type[Peripheral], data: st.DataObject
) -> None:
    rig = Rig(kind, data.draw(st.sampled_from(list(variations(kind)))))
    places, values = rig.places(), st.sampled_from([*PATTERNS, 1]) | st.integers(0, ONES)
    step = st.tuples(
        st.sampled_from(places) if places else st.nothing(),
        st.booleans(),
        st.sampled_from(LANES),
        values,
        st.integers(-1, 8),
    )
    steps = st.lists(step, max_size=20 if places else 0)
    for place, loads, (size, lane), value, hart in data.draw(steps):
        if loads:
            rig.load(place, size, lane, hart)
        else:
            rig.store(place, value, size, lane, hart)
        rig.bench.advance(value % 50)
    assert all(isinstance(rig.device.explain_wait(hart), str) for hart in range(-1, 33))
    assert isinstance(rig.device.doing(), str)
    rig.device.reset()
    assert rig.device.snapshot()["words"] == Rig(kind, dict(rig.device.parameters)).device.words
