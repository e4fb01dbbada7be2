"""``vplat deploy`` from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from vplat.deploy.emit.project import MANIFEST


def vplat(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the verb."""
    return subprocess.run(
        [sys.executable, "-m", "vplat", "deploy", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A product, requantised: y = (x @ w + 0.5) >> 1 of int8."""
    weights = np.array([[1, -2], [3, 4], [5, 6]], dtype=np.float32)
    constants = [
        numpy_helper.from_array(weights, "w"),
        numpy_helper.from_array(np.array(1.0, dtype=np.float32), "mul"),
        numpy_helper.from_array(np.array(0.0, dtype=np.float32), "add"),
    ]
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["product"], name="product"),
        helper.make_node(
            "RequantShift",
            ["product", "mul", "add"],
            ["y"],
            name="scale",
            div=2,
            n_levels=256,
            signed=1,
        ),
    ]
    graph = helper.make_graph(
        nodes,
        "little",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 2])],
        constants,
    )
    path = tmp_path / "little.onnx"
    onnx.save(helper.make_model(graph), path)
    return path


def test_a_network_is_built_run_and_compared(tmp_path: Path, model: Path) -> None:
    x = np.array([[1, 2, 3], [-4, 5, -6]], dtype=np.int8)
    np.savez(tmp_path / "in.npz", x=x)
    np.savez(tmp_path / "out.npz", y=np.array([[11, 12], [-9, -4]]))
    file = tmp_path / "result.json"
    done = vplat(
        model, "-o", tmp_path / "project", "--run", "--json", file, "--board", "snitch-ita",
        "--inputs", tmp_path / "in.npz", "--outputs", tmp_path / "out.npz",
        "--input-type", "x=int8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "host reference" in done.stderr
    told = json.loads(file.read_text("utf-8"))
    assert told["board"] == "snitch-ita"
    assert told["run"]["matches"]
    assert told["run"]["cycles"] > 0
    assert told["result"]["outcome"] == "exited"
    assert [layer["kind"] for layer in told["layers"]] == ["product"]


def test_other_outputs_than_those_given_are_status_1(tmp_path: Path, model: Path) -> None:
    np.savez(tmp_path / "in.npz", x=np.ones((2, 3)))
    np.savez(tmp_path / "out.npz", y=np.array([[5, 4], [5, 5]]))
    done = vplat(
        model, "-o", tmp_path / "project", "--inputs", tmp_path / "in.npz",
        "--outputs", tmp_path / "out.npz",
    )  # fmt: skip
    assert done.returncode == 1
    assert "y[1, 1] is 4 instead of 5 (1 elements differ)" in done.stderr


def test_without_inputs_some_are_made_up(tmp_path: Path, model: Path) -> None:
    done = vplat(model, "-o", tmp_path / "project", "--run", "--json", "-")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["run"]["matches"]


def test_a_report_is_drawn_and_written(tmp_path: Path, model: Path) -> None:
    done = vplat(model, "-o", tmp_path / "project", "--report", "--board", "snitch-ita")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "project" / "report.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--input-type", "x"], "--input-type 'x' is not NAME=TYPE"),
        (["--input-type", "x=int7"], "choose one of int8, uint8, int32"),
        (["--input-shape", "x=a"], "give lengths"),
        (["--board", "nonsense"], "there is no board 'nonsense'"),
        (["--inputs", "nowhere.npz"], "nowhere.npz"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, model: Path, arguments: list[str], sentence: str
) -> None:
    done = vplat(model, "-o", tmp_path / "project", *arguments)
    assert done.returncode == 125
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "project").exists()


def test_a_file_that_is_no_network_leaves_the_project_as_it_was(
    tmp_path: Path, model: Path
) -> None:
    assert vplat(model, "-o", tmp_path / "project").returncode == 0
    before = (tmp_path / "project" / MANIFEST).read_bytes()
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no network")
    done = vplat(broken, "-o", tmp_path / "project")
    assert done.returncode == 125
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "project" / MANIFEST).read_bytes() == before
