"""
Every case of the public corpus on the harts of both clusters: layer by layer, and its outputs.

The cases lie in ``../shared/data/deeploy`` beside the checkout; every one that is there is run.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.firmware_library import library_for
from vplat.deploy.flow import Request, deploy, run_deployed
from vplat.deploy.read import read_arrays
from vplat.plugins import Plugins

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "deeploy"
CASES = sorted(path.parent for path in FOLDER.glob("*/network.onnx"))


@pytest.mark.parametrize("board", ["pulp-ita", "snitch-ita"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_runs_on_the_harts_and_matches_layer_by_layer(
    tmp_path: Path, case: Path, board: str
) -> None:
    plugins = Plugins([], [], installed=False)
    request = Request(
        case / "network.onnx",
        tmp_path / "project",
        board,
        read_arrays(case / "inputs.npz"),
        read_arrays(case / "outputs.npz"),
        cores_only=True,
        library=library_for(board),
    )
    deployed = deploy(request, plugins)
    assert deployed.output_differences == ()
    run = run_deployed(deployed, plugins)
    assert run.first_difference is None
    assert run.layers
    assert sum(layer.compared for layer in run.layers) >= len(run.layers) * 9 // 10
    assert all(layer.cycles > 0 and layer.joules > 0 for layer in run.layers)
