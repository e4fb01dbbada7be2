"""What the tests share that run code on a machine."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["native", "python"])
def native(request: pytest.FixtureRequest) -> bool:
    """Which probe the machine uses: every such test holds for both."""
    return str(request.param) == "native"
