"""Layers of plugins: who gets which node, where their C comes from, and who is blamed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests.deploy.ita_networks import Blocks, kinds
from vplat.deploy.emit.firmware_files import files_for
from vplat.deploy.flow import Deployed, Request, deploy, run_deployed
from vplat.deploy.lowerings import map_network
from vplat.deploy.network.operators import Convolution, LayerNorm, Transpose
from vplat.errors import DeployError, PluginError
from vplat.plugins import Plugins
from vplat.session import find_board

SUMS = """
from pathlib import Path

from vplat.deploy.layers.elementwise import FlatLayer, flat
from vplat.deploy.layers.pipeline_layer import Work
from vplat.deploy.layers.stream import Plan
from vplat.deploy.lowerings import Lowering
from vplat.deploy.network import Element
from vplat.deploy.network.operators import Add, Requantise
from vplat.hookspecs import hookimpl


class SumLayer(FlatLayer):
    kind = "own sum"

    def __init__(self, nodes, sources, output, size, rescale=(1, 0, 0)):
        self.name, self.nodes = nodes[0], tuple(nodes)
        self.inputs, self.outputs = tuple(dict.fromkeys(sources)), (output,)
        self.sources, self.rescale = sources, rescale
        self.size = self.operations = size

    def plan(self, sizes):
        each = sizes["elements"]
        left, right = self.sources
        streams = (
            flat("left", left, self.size, each, 1),
            flat("right", right, self.size, each, 1),
            flat("out", self.outputs[0], self.size, each, 1, is_result=True),
        )
        return Plan(streams, inner=self.stripes(sizes), compute_cycles=self.size)

    def work(self, sizes, plan, names):
        values = dict(zip(("mult", "add", "shift"), map(str, self.rescale)))
        return Work("own_sum_stripe", "own/sum.h", "own_sum", values)


def match_sum(work, last):
    add = work.only_use(last.inputs[0])
    if not isinstance(last.operator, Requantise) or add is None:
        return None
    if not isinstance(add.operator, Add) or work.type(last.output).element is not Element.INT8:
        return None
    types = [work.type(name) for name in add.inputs]
    if len(types) != 2 or types[0] != types[1] or types[0].element is not Element.INT8:
        return None
    by = [int(work.constant(name).item()) for name in last.inputs[1:]]
    sources = tuple(work.home(name) for name in add.inputs)
    rescale = (*by, last.operator.shift)
    return SumLayer((add.name, last.name), sources, last.output, types[0].size, rescale)


class BrokenLayer(SumLayer):
    def plan(self, sizes):
        return self.nothing


def match_broken(work, last):
    found = match_sum(work, last)
    return found and BrokenLayer(found.nodes, found.sources, last.output, found.size)


def match_raising(work, last):
    return work.nothing


def match_elsewhere(work, last):
    return SumLayer(("elsewhere",), last.inputs[:2], last.output, 4)


def match_lost(work, last):
    return SumLayer((last.name,), ("lost", "lost"), last.output, 4)


@hookimpl
def vplat_lowerings(board, l1_bytes):
    assert l1_bytes > 65536
    return [Lowering("@NAME@", [@MATCHER@], Path(__file__).parent / "c")]
"""
FILES = {
    "sum.h": """\
#pragma once

#include "deploy/pipeline.h"

struct own_sum {
    int32_t mult;
    int32_t add;
    unsigned shift;
};

stripe_function own_sum_stripe;
""",
    "sum.c": """\
#include "sum.h"

#include "rescaled.h"
#include "kernels/share.h"

void own_sum_stripe(const void *layer, const struct stripe *stripe, unsigned step, unsigned worker,
                    unsigned workers)
{
    enum { LEFT, RIGHT, OUT };
    const struct tile *tiles = stripe->tiles;
    const struct own_sum *sum = layer;
    struct share share = share_of(tiles[OUT].bytes, worker, workers);

    (void)step;
    for (size_t i = share.first; i < share.end; i++)
        tiles[OUT].at[i] = own_rescaled(tiles[LEFT].at[i] + tiles[RIGHT].at[i], sum);
}
""",
    "rescaled.h": """\
#pragma once

#include "own/sum.h"

int8_t own_rescaled(int32_t value, const struct own_sum *by);
""",
    "rescaled.c": """\
#include "rescaled.h"

int8_t own_rescaled(int32_t value, const struct own_sum *by)
{
    int32_t found = (value * by->mult + by->add + (1 << by->shift >> 1)) >> by->shift;

    return (int8_t)(found < INT8_MIN ? INT8_MIN : found > INT8_MAX ? INT8_MAX : found);
}
""",
}


def plugin(
    folder: Path, *, name: str = "sums", matcher: str = "match_sum", file: str = "own_sums"
) -> Path:
    """A plugin with a layer for sums of int8, whose kernel is C of its own."""
    own = folder / "c" / "own"
    own.mkdir(parents=True, exist_ok=True)
    for path, text in FILES.items():
        (own / path).write_text(text)
    made = folder / f"{file}.py"
    made.write_text(SUMS.replace("@NAME@", name).replace("@MATCHER@", matcher))
    return made


def model(folder: Path) -> Path:
    """Two sums of int8, the second one of a tensor with itself, then a product for ITA."""
    random = np.random.default_rng(7)
    weights = random.integers(-20, 20, (64, 64)).astype(np.float32)
    initialisers = [
        onnx.numpy_helper.from_array(weights, "w"),
        *(
            onnx.numpy_helper.from_array(np.array(value, dtype=np.float32), name)
            for name, value in (("mul", 1.0), ("mul3", 3.0), ("add", 0.0), ("add9", 9.0))
        ),
    ]

    def requantise(source: str, output: str, div: int, *by: str) -> onnx.NodeProto:
        return helper.make_node(
            "RequantShift",
            [source, *by],
            [output],
            name=f"scale_{output}",
            div=div,
            n_levels=256,
            signed=1,
        )

    nodes = [
        helper.make_node("Add", ["a", "b"], ["sum"], name="first"),
        requantise("sum", "half", 2, "mul", "add"),
        helper.make_node("Add", ["half", "half"], ["twice"], name="second"),
        requantise("twice", "again", 4, "mul3", "add9"),
        helper.make_node("MatMul", ["again", "w"], ["product"], name="product"),
        requantise("product", "y", 64, "mul", "add"),
    ]
    shapes = {name: [40, 64] for name in ("a", "b")}
    graph = helper.make_graph(
        nodes,
        "sums",
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in shapes.items()],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [40, 64])],
        initialisers,
    )
    path = folder / "sums.onnx"
    onnx.save(helper.make_model(graph), path)
    return path


def plugins(*files: Path) -> Plugins:
    found = Plugins(list(files), [], installed=False)
    assert [record.problem for record in found.broken] == []
    return found


def made(folder: Path, known: Plugins, board: str, *, cores_only: bool = False) -> Deployed:
    random = np.random.default_rng(3)
    inputs = {name: random.integers(-128, 128, (40, 64)) for name in ("a", "b")}
    request = Request(model(folder), folder / "project", board, inputs, cores_only=cores_only)
    return deploy(request, known)


@pytest.mark.parametrize("board", ["snitch-ita", "pulp-ita"])
def test_a_plugins_layer_has_its_nodes_and_is_exact_beside_ita(tmp_path: Path, board: str) -> None:
    known = plugins(plugin(tmp_path))
    deployed = made(tmp_path, known, board)
    layers = {each.nodes[0]: each for each in deployed.lowered.layers}
    assert [layers[name].kind for name in ("first", "second")] == ["own sum", "own sum"]
    assert layers["product"].engine.value == "ITA"
    assert (deployed.project.directory / "firmware" / "own" / "rescaled.c").is_file()
    run = run_deployed(deployed, known)
    assert run.first_difference is None
    compared = {layer.kind: layer.compared for layer in run.layers}
    assert compared["own sum"] == 1


def test_without_the_plugin_or_for_cores_alone_the_layers_are_vplats(tmp_path: Path) -> None:
    for known, cores_only in ((plugins(), False), (plugins(plugin(tmp_path)), True)):
        deployed = made(tmp_path, known, "snitch-ita", cores_only=cores_only)
        assert "own sum" not in {each.kind for each in deployed.lowered.layers}
        engines = {each.engine.value for each in deployed.lowered.layers}
        assert ("ITA" in engines) != cores_only
        assert not (deployed.project.directory / "firmware" / "own").exists()


@pytest.mark.parametrize(
    ("matcher", "sentence"),
    [
        ("match_raising", "was given node 'scale_y', and raised AttributeError: 'Work' object has"),
        ("match_elsewhere", "made of node 'scale_y' a layer of nodes ['elsewhere'] that writes"),
        ("match_lost", "made of node 'scale_y' a layer that reads 'lost', which the network does"),
        ("lambda work, last: 42", "made of node 'scale_y' 42, which is no layer"),
    ],
)
def test_a_plugin_that_errs_is_blamed_and_the_project_is_as_it_was(
    tmp_path: Path, matcher: str, sentence: str
) -> None:
    with pytest.raises(PluginError) as caught:
        made(tmp_path, plugins(plugin(tmp_path, matcher=matcher)), "snitch-ita")
    assert str(caught.value).startswith(f"plugin 'own_sums': lowering 'sums' {sentence}")
    assert str(caught.value).endswith("; mend it, or leave it out")
    assert not (tmp_path / "project").exists()


def test_a_plugins_layer_that_raises_when_it_is_planned_is_blamed_itself(tmp_path: Path) -> None:
    sentence = (
        r"layer 'first' \(kind 'own sum', vplat_plugin_own_sums\w*, line \d+\) raised .*nothing"
    )
    with pytest.raises(PluginError, match=sentence):
        made(tmp_path, plugins(plugin(tmp_path, matcher="match_broken")), "snitch-ita")
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize("name", ["sums", "ita"])
def test_two_lowerings_of_one_name_are_an_error_that_names_both(tmp_path: Path, name: str) -> None:
    first = plugin(tmp_path, name="sums")
    second = plugin(tmp_path, name=name, file="more_sums")
    both = r"'own_sums' and 'more_sums'" if name == "sums" else r"'vplat.deploy.builtin' and 'mo"
    with pytest.raises(PluginError, match=rf"lowering '{name}' comes from two plugins, {both}"):
        made(tmp_path, plugins(first, second), "snitch-ita")


def test_of_two_plugins_the_one_that_was_found_first_has_the_node(tmp_path: Path) -> None:
    own = plugin(tmp_path)
    other = plugin(tmp_path, name="others", file="other")
    other.write_text(other.read_text().replace("own sum", "other sum"))
    for order, kind in (((own, other), "own sum"), ((other, own), "other sum")):
        lowered = made(tmp_path, plugins(*order), "snitch-ita").lowered
        assert {each.kind for each in lowered.layers} == {kind, "product"}


HARTS = """
from vplat.deploy.layers.matching import match_convolution, match_rows
from vplat.deploy.lowerings import Lowering
from vplat.hookspecs import hookimpl


@hookimpl
def vplat_lowerings():
    return [Lowering("harts", [match_convolution, match_rows])]
"""


@pytest.mark.parametrize("has_plugin", [False, True])
def test_what_a_plugin_takes_is_neither_prepared_for_ita_nor_joined_with_its_layers(
    tmp_path: Path, has_plugin: bool
) -> None:
    blocks = Blocks()
    x = blocks.input(1, 40, 90)
    convolution = blocks.node(Convolution((1,), (1, 1), (1,)), x, blocks.weights(64, 40, 3))
    turned = blocks.node(Transpose((0, 2, 1)), blocks.requantised(convolution))
    weights, bias = (blocks.constant(np.arange(64) * factor) for factor in (900, 31))
    normalised = blocks.node(LayerNorm(12), turned, weights, bias)
    network = blocks.network(blocks.linear(normalised, 64))
    path = tmp_path / "harts.py"
    path.write_text(HARTS)
    known = plugins(path) if has_plugin else plugins()
    board = find_board("snitch-ita", known)
    found = [
        kind
        for _, kind in kinds(map_network(network, board, known, cores_only=False).lowered.layers)
    ]
    if has_plugin:
        assert [kind for kind in found if kind != "movement"] == [
            "convolution", "normalisation", "product",
        ]  # fmt: skip
    else:
        assert found[-1] == "norm and products"
        assert "convolution" not in found


def test_a_missing_folder_of_sources_and_a_path_that_is_the_firmwares_are_errors(
    tmp_path: Path,
) -> None:
    path = plugin(tmp_path)
    (tmp_path / "c" / "kernels").mkdir()
    (tmp_path / "c" / "kernels" / "share.h").write_text("/* not ours */\n")
    with pytest.raises(DeployError, match=r"would both be firmware/kernels/share\.h"):
        made(tmp_path, plugins(path), "snitch-ita")
    path.write_text(path.read_text().replace('/ "c"', '/ "nowhere"'))
    with pytest.raises(PluginError, match=r"'own_sums': lowering 'sums' has its C files in .*nowh"):
        made(tmp_path, plugins(path), "snitch-ita")


def test_no_include_leaves_the_projects_firmware(tmp_path: Path) -> None:
    (tmp_path / "outside.h").touch()
    own = tmp_path / "c" / "own"
    own.mkdir(parents=True)
    (own / "near.h").touch()
    lines = ["../near/../own/near.h", "../../outside.h", str(tmp_path / "outside.h")]
    (own / "all.h").write_text("".join(f'#include "{each}"\n' for each in lines))
    files = files_for("snitch-ita", ["own/all.h"], [tmp_path / "c"])
    assert files["own/near.h"] == own / "near.h"
    assert not [name for name in files if "outside" in name or ".." in name]


def test_a_run_imports_nothing_of_deploy_but_the_hook() -> None:
    listed = (
        "import sys\n"
        "from vplat.plugins import Plugins\n"
        "Plugins(installed=False)\n"
        "print([name for name in sys.modules if name.startswith(('vplat.deploy', 'onnx'))])"
    )
    ran = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['vplat.deploy', 'vplat.deploy.builtin']"
