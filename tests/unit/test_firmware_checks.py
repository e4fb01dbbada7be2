"""What is said of firmware before it runs."""

from __future__ import annotations

import pytest

from vplat.machine.isa import Isa
from vplat.session.firmware_checks import lacking_extensions

BOARD = Isa.parse("rv32imafc_zicsr_zifencei", user_mode=True)


@pytest.mark.parametrize(
    ("attribute", "lacking"),
    [
        (None, []),
        ("rv32i2p1_m2p0_a2p1_f2p2_c2p0_zicsr2p0", []),
        ("rv32i2p1_m2p0_a2p1_f2p2_d2p2_c2p0_zicsr2p0", ["d"]),
        ("rv32i2p1_xsomething1p0", ["xsomething"]),
        ("nonsense", []),
    ],
)
def test_extensions_that_the_harts_lack_are_named(
    attribute: str | None, lacking: list[str]
) -> None:
    assert lacking_extensions(attribute, BOARD) == lacking
