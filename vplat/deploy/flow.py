"""The whole way: a quantised network in ONNX becomes a project, a program, a run, a comparison."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vplat.deploy.network import Element, Integers, Network
from vplat.plugins import Plugins
from vplat.session import DEFAULT_BOARD, Settings, find_board

from .build import build
from .emit import Project, write_project
from .emit.project import check_directory
from .layers.lowering import Lowered
from .lowerings import blaming_layers, map_network
from .planned import plan
from .read.read_network import ReadNetwork, read_network
from .reference import evaluate
from .run import Difference, NetworkRun, difference, run

SEED = 1
"""Of the inputs that are made up where none are given."""


@dataclass(frozen=True)
class Request:
    """
    What is to be deployed. ``inputs`` are arrays by position, ``outputs`` those that should come
    out; ``input_types`` and ``input_shapes`` say what the file leaves open.
    """

    model: Path
    directory: Path
    board: str = DEFAULT_BOARD
    inputs: Mapping[str, np.ndarray] | None = None
    outputs: Mapping[str, np.ndarray] | None = None
    input_types: Mapping[str, Element] | None = None
    input_shapes: Mapping[str, tuple[int, ...]] | None = None
    cores_only: bool = False
    library: Path | None = None
    """An archive of the board's firmware that has been built before."""
    defines: str = ""


@dataclass(frozen=True)
class Deployed:
    """A project that is built, with what its network should compute of its inputs."""

    read: ReadNetwork
    lowered: Lowered
    project: Project
    reference: Mapping[str, Integers]
    output_differences: tuple[Difference, ...]
    """Where the reference itself differs from the outputs that were given."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why what the accelerator might have done is done by the harts, by node."""


Tell = Callable[[str], None]
"""Called with what is being done, in a few words."""


def deploy(request: Request, plugins: Plugins, tell: Tell = lambda doing: None) -> Deployed:
    """
    Read, take apart, place, write and build.

    :raises DeployError: the network cannot be deployed; the directory is then as it was
    :raises ToolError: there is no toolchain, or it failed
    :raises PluginError: what a plugin makes layers with clashes with another one, or raised
    """
    board = find_board(request.board, plugins)
    check_directory(request.directory)
    tell("reading")
    samples = list(request.inputs.values()) if request.inputs is not None else None
    network = read_network(
        request.model,
        input_shapes=request.input_shapes,
        input_types=request.input_types,
        samples=samples,
    )
    inputs = _inputs(network, request.inputs)
    tell("taking it apart")
    mapped = map_network(network.network, board, plugins, cores_only=request.cores_only)
    tell("computing the reference")
    reference = _reference(network.network, mapped.network, inputs)
    differences = _compared(network, request.outputs, reference)
    lowered = mapped.lowered
    content = {
        name: values.astype(network.network.types[name].element.value).tobytes()
        for name, values in inputs.items()
    }
    with blaming_layers():
        tell("finding places")
        planned = plan(lowered, board)
        tell("writing")
        project = write_project(request.directory, planned, content, mapped.sources)
    tell("building")
    build(project, library=request.library, defines=request.defines)
    return Deployed(network, lowered, project, reference, differences, mapped.reasons)


def run_deployed(
    deployed: Deployed, plugins: Plugins, settings: Settings | None = None
) -> NetworkRun:
    """
    Run it, and compare every layer with the reference.

    :raises DeployError: the program did not come to its end
    """
    return run(deployed.project, deployed.reference, plugins, settings)


def _reference(
    network: Network, deployed: Network, inputs: Mapping[str, Integers]
) -> Mapping[str, Integers]:
    """What the network itself makes of its inputs; beside it, what only its other form has."""
    reference = evaluate(network, inputs)
    if deployed is network:
        return reference
    return ChainMap[str, Integers](reference, evaluate(deployed, inputs))  # type: ignore[arg-type]


def _inputs(network: ReadNetwork, given: Mapping[str, np.ndarray] | None) -> Mapping[str, Integers]:
    if given is not None:
        return network.bind_inputs(given)
    random = np.random.default_rng(SEED)
    made = {}
    for name in network.network.inputs:
        type_ = network.network.types[name]
        least, greatest = type_.element.least, type_.element.greatest
        if type_.element is Element.INT32:  # wide enough to say something, with room for sums
            least, greatest = -(1 << 15), (1 << 15) - 1
        made[name] = random.integers(least, greatest, type_.shape, dtype=np.int64, endpoint=True)
    return made


def _compared(
    network: ReadNetwork,
    given: Mapping[str, np.ndarray] | None,
    reference: Mapping[str, Integers],
) -> tuple[Difference, ...]:
    if given is None:
        return ()
    found = []
    for name, expected in network.bind_outputs(given).items():
        where = difference(name, reference[name], expected)
        if where is None or (name in network.boundaries and _agrees(reference[name], expected)):
            continue
        found.append(where)
    return tuple(found)


def _agrees(found: Integers, expected: Integers) -> bool:
    """
    Whether results of float arithmetic are those of integers: within one step, but for one element
    in a hundred.
    """
    far = int((np.abs(found - expected) > 1).sum())
    return far * 100 <= found.size
