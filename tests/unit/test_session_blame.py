"""Whose fault it is when Python code raises in the middle of a run."""

from __future__ import annotations

import pytest

from vplat.model import RW, Peripheral, Word
from vplat.session.blame import blame
from vplat.testing import Bench


class Faulty(Peripheral, kind="faulty", size=4):
    """Raises when it is written."""

    value = Word(0x00, RW, "Anything.")

    @value.on_write
    def break_down(self, value: int) -> None:
        raise ZeroDivisionError(f"cannot divide by {value}")


def test_a_device_that_raises_is_named_with_its_kind_and_place() -> None:
    bench = Bench()
    device = bench.build(Faulty, name="pump")
    try:
        bench.store(device, "value", 7)
    except ZeroDivisionError as error:
        culprit = blame(error)
    assert culprit is not None
    sentence = str(culprit)
    assert "device 'pump' (kind 'faulty'" in sentence
    assert "ZeroDivisionError: cannot divide by 7" in sentence


def test_an_error_without_a_device_is_nobodys_plugin() -> None:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("x")
    assert blame(caught.value) is None
