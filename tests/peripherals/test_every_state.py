"""The state of every built-in device goes to a file and comes back, whatever has happened to it.

Nothing here knows a device: accesses are drawn at random, and time passes between them.
"""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vplat.machine.snapshot.devices import decode_device, encode_device, layout, state_hints
from vplat.machine.snapshot.hints import Misfit, describe
from vplat.model import AccessFault, Peripheral, Stall
from vplat.plugins import Plugins
from vplat.testing import Bench

KINDS = sorted(
    Plugins(installed=False).named("vplat_peripherals", "kind", "peripheral kind").values(),
    key=lambda kind: kind.kind,
)
HARTS = st.integers(0, 7)
VALUES = st.integers(0, 0xFFFF_FFFF) | st.integers(0, 16) | st.just(0x1000_0000)


@st.composite
def used(draw: st.DrawFn, kind: type[Peripheral]) -> Peripheral:
    """A device to which firmware has done something."""
    bench = Bench()
    device = bench.build(kind)
    places = [
        (window, offset)
        for window in kind.windows.values()
        for offset in range(0, device.ports[window.name].size, 4)[:64]
    ]
    for _ in range(draw(st.integers(0, 25)) if places else 0):
        window, offset = draw(st.sampled_from(places))
        with contextlib.suppress(AccessFault, Stall):
            if draw(st.booleans()):
                bench.load(device, offset, hart=draw(HARTS), window=window)
            else:
                bench.store(device, offset, draw(VALUES), hart=draw(HARTS), window=window)
        bench.advance(draw(st.integers(0, 200)))
    return device


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
@settings(max_examples=10, deadline=None)
@given(st.data())
def test_every_state_of_every_device_comes_back_from_json(
    kind: type[Peripheral], data: st.DataObject
) -> None:
    device = data.draw(used(kind))
    written = json.dumps(encode_device(device, device.snapshot()))
    other = Bench().build(kind)
    other.restore(decode_device(other, json.loads(written)))
    assert json.dumps(encode_device(other, other.snapshot())) == written
    other.reset()
    assert other.snapshot()["words"] == Bench().build(kind).snapshot()["words"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_every_state_says_what_it_holds(kind: type[Peripheral]) -> None:
    hints = state_hints(kind)
    assert hints.keys() == kind.declared_states.keys()
    assert kind.kind in layout(Bench().build(kind))
    assert all(describe(hint) for hint in hints.values())


def test_a_state_of_another_kind_is_no_state_of_a_device() -> None:
    devices = [Bench().build(kind) for kind in KINDS]
    for device in devices:
        for other in devices:
            if layout(device) != layout(other):
                with pytest.raises(Misfit):
                    decode_device(other, encode_device(device, device.snapshot()))
