"""A float network, quantised and deployed from the command line, beside onnxruntime."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.deploy.qdq_models import by_onnxruntime
from tests.deploy.test_quantise import encoder_layer, samples
from vplat.deploy.flow import Request, deploy, run_deployed
from vplat.deploy.layers import Engine
from vplat.plugins import Plugins


def vplat(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vplat", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def quantised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network's path, made by `vplat quantise`."""
    folder = tmp_path_factory.mktemp("quantised")
    onnx.save(encoder_layer(), folder / "float.onnx")
    np.savez(folder / "samples.npz", x=np.stack([each["x"] for each in samples(4)]))
    done = vplat("quantise", folder / "float.onnx", "--calibrate", folder / "samples.npz")
    assert done.returncode == 0, done.stderr
    assert "calibrated with 4 samples" in done.stderr
    return folder / "float.int8.onnx"


@pytest.mark.parametrize("board", ["pulp-ita", "snitch-ita"])
def test_its_result_is_that_of_onnxruntime_within_a_step(
    tmp_path: Path, quantised: Path, board: str
) -> None:
    [inputs] = samples(1, seed=3)
    plugins = Plugins([], [], installed=False)
    deployed = deploy(Request(quantised, tmp_path / "project", board, inputs), plugins)
    run = run_deployed(deployed, plugins)
    assert run.first_difference is None
    engines = [layer.engine for layer in deployed.lowered.layers if layer.kind == "product"]
    assert engines.count(Engine.ITA) == 6
    [name] = deployed.read.network.outputs
    boundary = deployed.read.boundaries[name]
    [wanted] = by_onnxruntime(onnx.load(quantised), inputs)
    apart = np.abs(run.outputs[name] - boundary.zero - wanted / boundary.scale)
    assert np.mean(apart <= 1.001) >= 0.99


def test_outputs_of_onnxruntime_may_be_held_against_it(tmp_path: Path, quantised: Path) -> None:
    [inputs] = samples(1, seed=3)
    [wanted] = by_onnxruntime(onnx.load(quantised), inputs)
    np.savez(tmp_path / "inputs.npz", x=inputs["x"])
    np.savez(tmp_path / "outputs.npz", y=wanted)
    np.savez(tmp_path / "wrong.npz", y=-wanted)
    common = (quantised, "-o", tmp_path / "project", "--inputs", tmp_path / "inputs.npz")
    good = vplat("deploy", *common, "--outputs", tmp_path / "outputs.npz", "--run")
    assert good.returncode == 0, good.stderr
    bad = vplat("deploy", *common, "--outputs", tmp_path / "wrong.npz", "--run")
    assert bad.returncode == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"text", "it is not an ONNX file, or it is truncated"),
        (None, "it cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_quantised_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes | None, complaint: str
) -> None:
    model = tmp_path / "float.onnx"
    if content is not None:
        model.write_bytes(content)
    np.savez(tmp_path / "samples.npz", x=np.zeros(3))
    done = vplat("quantise", model, "--calibrate", tmp_path / "samples.npz")
    assert done.returncode == 125
    assert done.stderr == f"vplat: {model}: {complaint}\n"
    assert not (tmp_path / "float.int8.onnx").exists()


def test_a_float_network_is_sent_to_quantise(tmp_path: Path) -> None:
    onnx.save(encoder_layer(), tmp_path / "float.onnx")
    done = vplat("deploy", tmp_path / "float.onnx", "-o", tmp_path / "project")
    assert done.returncode == 125
    assert "it looks like a float network; vplat quantise makes an 8-bit one" in done.stderr
    assert not (tmp_path / "project").exists()
