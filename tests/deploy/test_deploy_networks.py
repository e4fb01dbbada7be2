"""Nodes of every kind on every board, with much L1 and with little."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.made_up_networks import deploy_sketch, run_sketch
from tests.deploy.made_up_nodes import all_kinds

LITTLE = 5 * 1024
"""Bytes of L1 in which most layers have to be cut."""


@pytest.mark.parametrize(
    ("board", "seed", "l1_bytes"),
    [
        ("pulp-ita", 1, None),
        ("pulp-ita", 2, LITTLE),
        ("pulp-ita-idma", 3, LITTLE),
        ("snitch-ita", 4, None),
        ("snitch-ita", 5, LITTLE),
        ("snitch-ita-2024", 6, LITTLE),
    ],
)
def test_every_kind_of_node_computes_what_the_host_does(
    tmp_path: Path, board: str, seed: int, l1_bytes: int | None
) -> None:
    sketch = all_kinds(seed)
    project = deploy_sketch(sketch, tmp_path / "project", board, l1_bytes=l1_bytes)
    run = run_sketch(sketch, project)
    assert run.first_difference is None
    assert all(layer.compared for layer in run.layers if layer.nodes[0].count("/") == 0)
    assert set(run.outputs) == set(sketch.outputs)
