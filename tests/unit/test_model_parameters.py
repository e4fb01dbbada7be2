"""Values that a board chooses for a device, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from vplat.errors import DeclarationError
from vplat.model import Parameter, Peripheral
from vplat.testing import Bench


class Chosen(Peripheral, kind="chosen"):
    """Parameters of every sort."""

    revision = Parameter("2025", "Which one.", choices=("2024", "2025"))
    width = Parameter(8, "Bytes.", choices=(4, 8, 16))
    depth = Parameter(4, "Entries.", minimum=1, maximum=16)
    delay = Parameter(0, "Cycles.", minimum=0)
    limit = Parameter(3, "At most.", maximum=9)
    gated = Parameter(False, "Whether it is gated.")


def test_a_device_has_the_defaults_where_the_board_says_nothing() -> None:
    device = Bench().build(Chosen)
    assert (device.revision, device.width, device.depth, device.gated) == ("2025", 8, 4, False)


def test_a_device_has_what_the_board_sets() -> None:
    chosen: dict[str, object] = {"revision": "2024", "depth": 16, "gated": True, "limit": -5}
    device = Bench().build(Chosen, chosen)
    assert (device.revision, device.depth, device.gated, device.limit) == ("2024", 16, True, -5)
    assert Bench().build(Chosen).depth == 4


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("revision", "2023", "is '2023'; choose one of '2024', '2025'"),
        ("width", 5, "is 5; choose one of 4, 8, 16"),
        ("depth", 0, r"is 0; it must be 1\.\.16"),
        ("depth", 17, r"is 17; it must be 1\.\.16"),
        ("delay", -1, "is -1; it must be at least 0"),
        ("limit", 10, "is 10; it must be at most 9"),
        ("depth", "4", "must be an integer, not '4'"),
        ("depth", True, "must be an integer, not True"),
        ("depth", 4.0, "must be an integer, not 4.0"),
        ("gated", 1, "must be true or false, not 1"),
        ("revision", 2025, "must be a string, not 2025"),
        ("revision", None, "must be a string, not None"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(name: str, value: Any, sentence: str) -> None:
    where = rf"^device 'unit' \(chosen\): parameter '{name}' {sentence}$"
    with pytest.raises(DeclarationError, match=where):
        Bench().build(Chosen, {name: value}, name="unit")


def test_an_unknown_parameter_is_refused_with_the_closest_one() -> None:
    with pytest.raises(DeclarationError, match="no parameter 'dept'; did you mean 'depth'"):
        Bench().build(Chosen, {"dept": 4})


def test_a_parameter_is_fixed_once_the_device_is_built() -> None:
    device = Bench().build(Chosen)
    with pytest.raises(AttributeError, match=r"chosen\.depth is a parameter.*in a State"):
        device.depth = 5  # type: ignore[assignment]
    assert device.depth == 4
