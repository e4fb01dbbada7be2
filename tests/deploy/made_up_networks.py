"""Networks of many small nodes that know nothing of each other, deployed and run all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vplat.deploy.build import build
from vplat.deploy.emit import Project, write_project
from vplat.deploy.layers.lowering import lower
from vplat.deploy.network import Element, Integers, Network, Node, Operator, TensorType
from vplat.deploy.planned import plan
from vplat.deploy.reference import evaluate
from vplat.deploy.run import NetworkRun, run
from vplat.plugins import Plugins
from vplat.session import find_board


@dataclass
class Sketch:
    """A network in the making, with its inputs' values; every node's result is an output."""

    seed: int = 0
    types: dict[str, TensorType] = field(default_factory=dict)
    constants: dict[str, Integers] = field(default_factory=dict)
    inputs: dict[str, Integers] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def values(
        self, element: Element, shape: Sequence[int], least: int | None = None, most: int = 0
    ) -> Integers:
        """Random ones, over the element's whole range if none is given."""
        low, high = element.least, element.greatest
        if element is Element.INT32:
            low, high = -30_000, 30_000
        if least is not None:
            low, high = least, most
        return self.random.integers(low, high, tuple(shape), dtype=np.int64, endpoint=True)

    def input(self, element: Element, *shape: int, least: int | None = None, most: int = 0) -> str:
        """A new input."""
        name = f"input{len(self.inputs)}"
        self.types[name] = TensorType(element, shape)
        self.inputs[name] = self.values(element, shape, least, most)
        return name

    def constant(self, element: Element, values: Integers) -> str:
        """A new constant."""
        name = f"constant{len(self.constants)}"
        self.types[name] = TensorType(element, values.shape)
        self.constants[name] = values
        return name

    def weights(self, *shape: int, element: Element = Element.INT8) -> str:
        """A new constant of random values."""
        return self.constant(element, self.values(element, shape))

    def add(self, operator: Operator, *operands: str, shown: bool = True) -> str:
        """A new node; its result, which is an output if it is ``shown``."""
        name = f"tensor{len(self.nodes)}"
        self.types[name] = operator.infer([self.types[each] for each in operands])
        self.nodes.append(
            Node(f"{type(operator).__name__}{len(self.nodes)}", operator, operands, name)
        )
        if shown:
            self.outputs.append(name)
        return name

    def network(self) -> Network:
        """The network."""
        return Network(
            "made up",
            tuple(self.inputs),
            tuple(self.outputs),
            tuple(self.nodes),
            self.types,
            self.constants,
        )


def deploy_sketch(
    sketch: Sketch,
    directory: Path,
    board: str,
    library: Path | None = None,
    defines: str = "",
    l1_bytes: int | None = None,
) -> Project:
    """Write and build it, for the harts alone."""
    network = sketch.network()
    planned = plan(lower(network), find_board(board, Plugins([], [], installed=False)), l1_bytes)
    content = {
        name: values.astype(network.types[name].element.value).tobytes()
        for name, values in sketch.inputs.items()
    }
    project = write_project(directory, planned, content)
    build(project, library=library, defines=defines)
    return project


def run_sketch(sketch: Sketch, project: Project) -> NetworkRun:
    """Run it beside its reference."""
    reference = evaluate(sketch.network(), sketch.inputs)
    return run(project, reference, Plugins([], [], installed=False))
