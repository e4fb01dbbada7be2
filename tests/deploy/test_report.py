"""The report's figures, from a run and from a placed network, and on a terminal."""

from __future__ import annotations

import json

import numpy as np
import pytest
from rich.console import Console

from tests.deploy.report_samples import region, report, run
from vplat.cli.deploy_report import draw, write_page
from vplat.deploy.layers.lowering import lower
from vplat.deploy.network import Element, Integers, Network, Node, TensorType
from vplat.deploy.network.operators import Convolution, Gemm, MatMul, Relu, Requantise
from vplat.deploy.planned import plan
from vplat.deploy.report import (
    LayerFacts,
    Report,
    facts_of,
    figures_of,
    gather,
    macs_of,
    page,
    sheets,
)
from vplat.deploy.report.deployed import memory_maps_of
from vplat.deploy.report.naming import clipped, short_names, telling_names
from vplat.deploy.report.quantities import percent, plain, quantity, size
from vplat.errors import DeployError
from vplat.plugins import Plugins
from vplat.session.boards import find_board

FACTS = [
    LayerFacts("first", "product", ("MatMul",), "ITA", 1000),
    LayerFacts("second", "add", (), "cores"),
]
SNITCH = find_board("snitch-ita", Plugins(installed=False))


def test_a_layer_has_what_its_region_measured() -> None:
    made = gather("net", SNITCH, run(region(2, 900, 50), region(1, 100, 800)), FACTS)
    first = made.layers[0]
    assert (first.facts.name, first.begin, first.end) == ("first", 100, 900)
    assert (first.dma, first.ita, first.moved, first.ita_macs) == (30, 271, 640, 64**3)
    assert first.energy == pytest.approx(3e-9)
    assert made.cycles == 850
    assert made.computing == tuple(range(8))
    assert made.point.hertz == 500_000_000
    assert made.cores(first) == 400


def test_of_a_layer_that_ran_twice_the_first_time_counts() -> None:
    again = [region(1, 5000, 10), region(2, 6000, 10)]
    made = gather("net", SNITCH, run(region(1, 0, 100), region(2, 100, 100), *again), FACTS)
    assert made.cycles == 200


def test_a_run_that_ended_too_early_is_refused() -> None:
    with pytest.raises(DeployError, match="measured no layer 'second'"):
        gather("net", SNITCH, run(region(1, 100, 800)), FACTS)


def test_the_figures_of_the_whole_are_those_of_its_layers() -> None:
    made = report([f"layer {number}" for number in range(8)])
    assert made.cycles == made.layers[-1].end - 5000
    assert made.seconds == pytest.approx(made.cycles / 425e6)
    assert made.operations == 2 * sum(each.facts.macs for each in made.layers)
    assert made.joules == pytest.approx(sum(each.energy for each in made.layers))
    assert made.giga_operations_a_joule == pytest.approx(made.operations / made.joules / 1e9)
    assert made.watts == pytest.approx(made.joules * made.inferences_a_second)
    assert made.ita_utilisation == pytest.approx(2 / 3, rel=0.01)
    assert 0 < made.cores_share < 1
    told = json.loads(json.dumps(made.as_json()))
    assert told["layers"][3]["facts"]["kind"] == "attention"
    assert told["cycles"] == made.cycles


def test_a_report_without_layers_is_all_zeros() -> None:
    made = report([])
    assert (made.cycles, made.joules, made.inferences_a_second, made.watts) == (0, 0, 0, 0)
    assert "0 layers" in page(made)


def test_the_paper_has_three_networks() -> None:
    paper = figures_of("MobileBERT")
    assert paper is not None
    assert paper.inferences_a_second * paper.joules == pytest.approx(paper.watts, rel=0.01)
    assert figures_of("Whisper_Tiny_encoder.onnx") is not None
    assert figures_of("bert") is None
    for name in ("mobilebert", "dinov2-small", "whisper-tiny-encoder"):
        each = figures_of(name)
        assert each is not None
        a_second = each.giga_operations * each.inferences_a_second
        assert each.giga_operations_a_second == pytest.approx(a_second, rel=0.01)
        a_joule = each.giga_operations / each.joules
        assert each.giga_operations_a_joule == pytest.approx(a_joule, rel=0.01)


def test_multiply_accumulates_are_those_of_the_network_s_shapes() -> None:
    def shaped(*shape: int) -> TensorType:
        return TensorType(Element.INT8, shape)

    types = {
        "x": shaped(1, 16, 32),
        "w": shaped(32, 8),
        "wt": shaped(8, 32),
        "y": shaped(1, 16, 8),
        "image": shaped(1, 6, 10, 10),
        "taps": shaped(4, 3, 3, 3),
        "out": shaped(1, 4, 8, 8),
    }
    assert macs_of(Node("m", MatMul(), ("x", "w"), "y"), types) == 16 * 8 * 32
    turned = Gemm(transpose_right=True)
    assert macs_of(Node("g", turned, ("x", "wt"), "y"), types) == 16 * 8 * 32
    convolution = Convolution((1, 1), (0, 0, 0, 0), (1, 1), groups=2)
    assert macs_of(Node("c", convolution, ("image", "taps"), "out"), types) == 256 * 27
    assert macs_of(Node("r", Relu(), ("x",), "x"), types) == 0


def small_network() -> Network:
    """Two products, one behind the other, each requantised."""
    byte, wide = Element.INT8, Element.INT32
    types, nodes, before = {"x": TensorType(byte, (64, 64))}, [], "x"
    constants: dict[str, Integers] = {}
    for number in range(2):
        weights, total, after = f"w{number}", f"s{number}", f"y{number}"
        types |= {
            weights: TensorType(byte, (64, 64)),
            total: TensorType(wide, (64, 64)),
            after: TensorType(byte, (64, 64)),
            f"m{number}": TensorType(wide, (1,)),
            f"a{number}": TensorType(wide, (1,)),
        }
        constants |= {
            weights: np.full((64, 64), number + 1, np.int64),
            f"m{number}": np.array([1], np.int64),
            f"a{number}": np.array([0], np.int64),
        }
        requantise = Requantise(8, byte)
        nodes += [
            Node(f"product {number}", MatMul(), (before, weights), total),
            Node(f"scale {number}", requantise, (total, f"m{number}", f"a{number}"), after),
        ]
        before = after
    return Network("small", ("x",), (before,), tuple(nodes), types, constants)


def test_a_placed_network_tells_layers_and_memory_maps() -> None:
    planned = plan(lower(small_network()), SNITCH)
    facts = facts_of(planned)
    assert sum(each.macs for each in facts) == 2 * 64**3
    assert all("MatMul" in each.operators for each in facts)
    symbols = {"network_l1": 0x1000_0400, "network_l3": 0x8010_0000}
    maps = {each.name: each for each in memory_maps_of(planned, symbols.get)}
    assert set(maps) == {"tcdm", "l3"}
    assert maps["tcdm"].reserved == 0x400
    assert {each.first for each in maps["tcdm"].buffers} == set(range(len(facts)))
    homes = {each.name: (each.first, each.last) for each in maps["l3"].buffers}
    assert homes["y0"] == (0, 1)
    assert homes["y1"] == (1, 1)
    placed = {"network_l1": 0, "network_l3": 0} | dict.fromkeys(planned.pool.symbols, 64)
    constants = [
        each
        for memory in memory_maps_of(planned, placed.get)
        for each in memory.buffers
        if each.first is None
    ]
    assert len(constants) == len(planned.pool.symbols)


def drawn(made: Report, width: int, layers: int | None = 20) -> str:
    """What a terminal of ``width`` columns shows."""
    console = Console(width=width, force_terminal=False, highlight=False, record=True, quiet=False)
    with console.capture() as captured:
        draw(made, console, layers=layers)
    return captured.get()


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_terminal_shows_the_longest_layers_with_whole_numbers(width: int) -> None:
    made = report([f"encoder/block {number}/product" for number in range(60)])
    told = drawn(made, width, layers=5)
    longest = sorted(made.layers, key=lambda each: -each.cycles)[:5]
    assert all(f"{each.cycles:,}" in told for each in longest)
    assert "and 55 shorter layers" in told
    assert all(len(line) <= width for line in told.splitlines())
    assert f"{made.cycles:,} cycles" in told
    assert "printed in the abstract" in told


def test_all_layers_are_shown_where_that_is_asked_for() -> None:
    told = drawn(report([f"layer {number}" for number in range(30)], "other"), 100, layers=None)
    assert "shorter layers" not in told
    assert "paper" not in told
    assert "29" in told


def test_a_page_is_written_as_a_whole(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("report") / "report.html"
    made = report(["a", "b"])
    write_page(made, file)
    assert file.read_text("utf-8") == page(made)


def test_every_sheet_has_as_many_cells_as_headings() -> None:
    for sheet in sheets(report(["a", "b", "c"])):
        assert {len(row) for row in sheet.rows} == {len(sheet.headings)}
        assert sheet.numbers <= set(sheet.headings)


def test_names_are_shortened_to_what_tells_them_apart() -> None:
    names = ["net/block_1/ffn/MatMul", "net/block_1/ffn/2", "net/block_2/add"]
    assert telling_names(names) == ["1/ffn/MatMul", "1/ffn/2", "2/add"]
    assert short_names(names) == ["MatMul", "ffn/2", "add"]
    assert short_names(["conv1", "conv2"]) == ["conv1", "conv2"]
    assert short_names(["one/only"]) == ["only"]
    assert short_names(["same", "same"]) == ["same", "same"]
    assert short_names([]) == []
    assert clipped("a long name", 6) == "… name"
    assert clipped("short", 6) == "short"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (quantity(0.00123, "J"), "1.23 mJ"),
        (quantity(999.6, "W"), "1.00 kW"),
        (quantity(4.74e9, "Op"), "4.74 GOp"),
        (quantity(0), "0.00"),
        (quantity(5e-9, "J"), "5.00 nJ"),
        (percent(0.5), "50 %"),
        (percent(0.0123), "1.2 %"),
        (percent(0.0001), "< 0.1 %"),
        (percent(0), "0 %"),
        (size(1 << 17), "128 KiB"),
        (size(100), "100 B"),
        (plain(1234.5), "1,234"),
        (plain(32.46), "32.5"),
    ],
)
def test_quantities_are_printed_as_people_write_them(shown: str, expected: str) -> None:
    assert shown == expected
