"""
Every case of the public corpus: its outputs, and every layer that is recorded.

The cases lie in ``../shared/data/deeploy`` beside the checkout; every one that is there is run. All
of them are read by one rule for the types of inputs (``docs/deploy-dialects.md``), without options.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vplat.deploy.network.ranges import value_ranges
from vplat.deploy.read import read_arrays, read_network
from vplat.deploy.reference import Tensors, evaluate, first_difference

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "deeploy"
CASES = sorted(path.parent for path in FOLDER.glob("*/network.onnx"))


def test_the_corpus_is_there() -> None:
    assert CASES, f"no networks in {FOLDER}; put the shared folder beside the checkout"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_its_outputs_and_its_recorded_layers(case: Path) -> None:
    arrays = read_arrays(case / "inputs.npz")
    read = read_network(case / "network.onnx", samples=list(arrays.values()))
    got = evaluate(read.network, read.bind_inputs(arrays))
    expected = read.bind_outputs(read_arrays(case / "outputs.npz"))
    assert first_difference(read.network, expected, got) is None
    assert set(expected) <= set(got)
    recorded = case / "activations.npz"
    if recorded.exists():
        assert missing_layers(recorded, got) == []


def missing_layers(recorded: Path, got: Tensors) -> list[str]:
    """Recorded layers that no tensor of the network is equal to. Their keys name no tensors."""
    made = {got[name].tobytes() for name in got}
    layers = read_arrays(recorded)
    return [name for name, array in layers.items() if array.astype(np.int64).tobytes() not in made]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_tensor_of_a_case_is_within_its_range(case: Path) -> None:
    arrays = read_arrays(case / "inputs.npz")
    read = read_network(case / "network.onnx", samples=list(arrays.values()))
    ranges = value_ranges(read.network)
    tensors = evaluate(read.network, read.bind_inputs(arrays))
    outside = [
        name
        for name in tensors
        if tensors[name].size
        and not (
            ranges[name].least <= tensors[name].min()
            and tensors[name].max() <= ranges[name].greatest
        )
    ]
    assert outside == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_case_can_overflow(case: Path) -> None:
    arrays = read_arrays(case / "inputs.npz")
    read = read_network(case / "network.onnx", samples=list(arrays.values()))
    assert [note for note in read.notes if "can reach" in note] == []
