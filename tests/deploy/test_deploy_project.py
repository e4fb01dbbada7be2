"""What is in a project's directory, and what happens to what was there before."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.made_up_networks import Sketch, deploy_sketch, run_sketch
from vplat.deploy.build import build
from vplat.deploy.emit.firmware_files import files_for, firmware_root
from vplat.deploy.layers.lowering import lower
from vplat.deploy.network import Element
from vplat.deploy.network.operators import (
    Add,
    Convolution,
    MatMul,
    Relu,
    Requantise,
    Reshape,
    Transpose,
)
from vplat.deploy.planned import plan
from vplat.errors import DeployError
from vplat.plugins import Plugins
from vplat.session import HostConsole, Session, Settings, find_board

INT8, INT32 = Element.INT8, Element.INT32


def small() -> Sketch:
    """Two products with the same weights, a sum with broadcast, and a function that is a table."""
    sketch = Sketch(3)
    x = sketch.input(INT8, 12, 20)
    weights = sketch.weights(20, 20)
    scales = [sketch.constant(INT32, sketch.values(INT32, (), 1, 9)) for _ in range(2)]
    made = x
    for _ in range(2):
        product = sketch.add(MatMul(), made, weights, shown=False)
        made = sketch.add(Requantise(8, INT8), product, *scales, shown=False)
    added = sketch.add(Add(), made, sketch.weights(20, element=INT32))
    sketch.add(Relu(), sketch.add(Requantise(2, INT8), added, *scales, shown=False))
    return sketch


@pytest.mark.parametrize("board", ["pulp-ita", "snitch-ita"])
def test_a_network_that_runs_twice_gives_the_same_twice(tmp_path: Path, board: str) -> None:
    sketch = small()
    project = deploy_sketch(sketch, tmp_path / "twice", board, defines="-DNETWORK_RUNS=2")
    run = run_sketch(sketch, project)
    assert run.first_difference is None
    assert len(run.result.regions) == 2 * len(run.layers)
    assert set(run.outputs) == set(sketch.outputs)


def test_comparing_every_layer_takes_no_cycle(tmp_path: Path) -> None:
    sketch = small()
    project = deploy_sketch(sketch, tmp_path / "project", "snitch-ita")
    compared = run_sketch(sketch, project).result
    console = HostConsole(None, None, None)
    plugins = Plugins([], [], installed=False)
    alone = Session(project.elf, plugins, console, Settings(board="snitch-ita")).run()
    assert compared.statistics.cycles == alone.statistics.cycles
    assert compared.energy.total_joules == alone.energy.total_joules


def test_a_wrong_layer_is_named_with_its_first_wrong_element(tmp_path: Path) -> None:
    sketch = small()
    project = deploy_sketch(sketch, tmp_path / "project", "snitch-ita")
    data = project.directory / "network_data.bin"
    content = bytearray(data.read_bytes())
    sums = sketch.constants[next(name for name in sketch.constants if name.endswith("3"))]
    at = bytes(content).index(sums.astype("<i4").tobytes()[:8])
    content[at + 4] ^= 1  # the second column of what is added
    data.write_bytes(content)
    build(project)
    found = run_sketch(sketch, project).first_difference
    assert found is not None
    layer, difference = found
    assert "add" in layer
    assert difference.index == (0, 1)
    assert abs(difference.found - difference.expected) == 1
    assert difference.count == 12


def test_a_project_needs_nothing_but_its_directory(tmp_path: Path) -> None:
    project = deploy_sketch(small(), tmp_path / "project", "pulp-ita")
    before = project.elf.read_bytes()
    moved = tmp_path / "elsewhere"
    shutil.move(project.directory, moved)
    subprocess.run(["make", "-s", "-C", str(moved), "clean", "all"], check=True)
    assert (moved / "network.elf").read_bytes() == before
    names = {path.name for path in moved.iterdir()}
    assert {"network.c", "network.h", "main.c", "Makefile", "pulp-ita.ld", "firmware"} <= names
    assert str(tmp_path) not in (moved / "Makefile").read_text("utf-8")


def test_the_same_network_is_written_the_same_way_each_time(tmp_path: Path) -> None:
    texts = []
    for name in ("one", "two"):
        project = deploy_sketch(small(), tmp_path / name, "snitch-ita")
        files = sorted(path for path in project.directory.glob("*") if path.is_file())
        texts.append({path.name: path.read_bytes() for path in files})
    assert texts[0] == texts[1]


def test_constants_are_stored_once_and_not_broadcast(tmp_path: Path) -> None:
    project = deploy_sketch(small(), tmp_path / "project", "snitch-ita")
    stocks = project.planned.pool.symbols.values()
    assert sum(stock.values.nbytes == 20 * 20 for stock in stocks) == 1
    assert all(stock.values.nbytes <= 20 * 20 for stock in stocks)


def test_a_reshape_and_transposed_heads_cost_no_layer() -> None:
    sketch = Sketch(5)
    x = sketch.input(INT8, 1, 6, 8)
    heads = sketch.add(Reshape((1, 6, 2, 4)), x, shown=False)
    queries = sketch.add(Transpose((0, 2, 1, 3)), heads, shown=False)
    keys = sketch.add(Transpose((0, 2, 3, 1)), heads, shown=False)
    sketch.add(MatMul(), queries, keys)
    assert [layer.kind for layer in lower(sketch.network()).layers] == ["product"]


def test_an_output_that_is_an_input_in_another_shape_has_its_home(tmp_path: Path) -> None:
    sketch = Sketch(7)
    x = sketch.input(INT8, 3, 4)
    output = sketch.add(Reshape((12,)), x)
    project = deploy_sketch(sketch, tmp_path / "project", "snitch-ita")
    run = run_sketch(sketch, project)
    assert (run.outputs[output] == sketch.inputs[x].reshape(-1)).all()


def test_a_project_replaces_one_of_ours(tmp_path: Path) -> None:
    directory = tmp_path / "project"
    deploy_sketch(small(), directory, "snitch-ita")
    (directory / "stale.c").write_text("no C at all")
    project = deploy_sketch(small(), directory, "snitch-ita")
    assert project.elf.exists()
    assert not (directory / "stale.c").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


def test_a_directory_with_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    directory = tmp_path / "precious"
    directory.mkdir()
    (directory / "thesis.tex").write_text("42")
    with pytest.raises(DeployError, match="has not written"):
        deploy_sketch(small(), directory, "snitch-ita")
    assert [path.name for path in directory.iterdir()] == ["thesis.tex"]
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


@pytest.mark.parametrize(
    ("place", "sentence"),
    [("file", "is a file"), ("missing/project", "there is no directory")],
)
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, place: str, sentence: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeployError, match=sentence):
        deploy_sketch(small(), tmp_path / place, "snitch-ita")


def test_a_layer_that_does_not_fit_says_how_many_bytes_are_missing() -> None:
    board = find_board("snitch-ita", Plugins([], [], installed=False))
    with pytest.raises(DeployError, match=r"needs at least \d+ bytes of L1.*bytes are missing"):
        plan(lower(small().network()), board, l1_bytes=256)


def test_all_nodes_that_cannot_be_deployed_are_listed_at_once() -> None:
    sketch = Sketch(9)
    x = sketch.input(INT8, 2, 4, 5, 5)
    for _ in range(2):
        weights = sketch.input(INT8, 3, 4, 2, 2)
        sketch.add(Convolution((1, 1), (0,) * 4, (1, 1)), x, weights)
    with pytest.raises(DeployError, match=r"(?s)Convolution0.*Convolution1"):
        lower(sketch.network())


def test_files_are_those_that_are_included_and_no_others() -> None:
    files = files_for("snitch-ita", ["hal/hal.h", "deploy/table_layer.h"])
    assert "kernels/table.c" in files
    assert "drivers/xdma.h" in files
    assert "kernels/gemm.c" not in files
    assert all((firmware_root() / name).is_file() for name in files)
    with pytest.raises(DeployError, match="no firmware for board 'nonsense'"):
        files_for("nonsense", [])
