"""One inference of a network on a board: deployed, run, compared with the host reference."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vplat.deploy import models
from vplat.deploy.flow import Request, deploy, run_deployed
from vplat.errors import DeployError
from vplat.plugins import Plugins
from vplat.session import Settings


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What to measure: a network, in full or its first ``layers``, on a board's engines."""

    network: str
    board: str
    cores_alone: bool
    operating_point: str
    layers: int | None = None


@dataclasses.dataclass(frozen=True)
class Measured:
    """
    One inference, from the beginning of its first layer to the end of its last one.

    ``operations`` are two for each multiply-accumulate of the network's own products.
    ``compile_seconds`` (reading, host reference, planning, C compiler) and ``simulation_seconds``
    are this host's.
    """

    wanted: Wanted
    hertz: int
    cycles: int
    joules: float
    figure: str
    operations: int
    ita_busy_cycles: int
    compile_seconds: float
    simulation_seconds: float

    @property
    def seconds(self) -> float:
        """Of the cluster's time."""
        return self.cycles / self.hertz

    @property
    def inferences_a_second(self) -> float:
        """One after the other."""
        return 1 / self.seconds

    @property
    def giga_operations_a_second(self) -> float:
        """Of the network's own operations."""
        return self.operations / self.seconds / 1e9

    @property
    def giga_operations_a_joule(self) -> float:
        """Of the energy of the cluster."""
        return self.operations / self.joules / 1e9

    @property
    def watts(self) -> float:
        """Mean power."""
        return self.joules / self.seconds

    def as_json(self) -> dict[str, Any]:
        """Plain data; fields are only ever added."""
        return {
            "network": self.wanted.network,
            "layers": self.wanted.layers,
            "board": self.wanted.board,
            "engines": "cores" if self.wanted.cores_alone else "cores + ITA",
            "operating_point": self.wanted.operating_point,
            "cycles": self.cycles,
            "seconds": self.seconds,
            "joules": self.joules,
            "watts": self.watts,
            "operations": self.operations,
            "inferences_a_second": self.inferences_a_second,
            "giga_operations_a_second": self.giga_operations_a_second,
            "giga_operations_a_joule": self.giga_operations_a_joule,
            "ita_busy_cycles": self.ita_busy_cycles,
            "figure": self.figure,
            "matches_reference": True,
            "compile_seconds": self.compile_seconds,
            "simulation_seconds": self.simulation_seconds,
        }


def measure(wanted: Wanted, plugins: Plugins, tell: Callable[[str], None]) -> Measured:
    """
    Make the network, deploy it, run it.

    :raises DeployError: it cannot be deployed, or a layer's result differs from the reference
    """
    model = models.build(wanted.network, layers=wanted.layers)
    sample = models.sample_inputs(wanted.network)
    engines = "cores" if wanted.cores_alone else "cores and ITA"
    place = f"{wanted.network} on {engines} of {wanted.board}"
    with tempfile.TemporaryDirectory(prefix="vplat-") as directory:
        file = Path(directory) / f"{wanted.network}.onnx"
        file.write_bytes(model.SerializeToString())
        begin = time.perf_counter()
        deployed = deploy(
            Request(
                file,
                Path(directory) / "project",
                board=wanted.board,
                inputs=sample,
                cores_only=wanted.cores_alone,
            ),
            plugins,
            lambda doing: tell(f"{place}: {doing}"),
        )
        compile_seconds = time.perf_counter() - begin
        tell(f"{place}: simulating")
        settings = Settings(board=wanted.board, operating_point=wanted.operating_point)
        run = run_deployed(deployed, plugins, settings)
    if run.first_difference is not None:
        layer, difference = run.first_difference
        raise DeployError(f"{place} differs from the reference in layer {layer}: {difference}")
    devices = run.result.statistics.devices.values()
    return Measured(
        wanted=wanted,
        hertz=run.result.energy.operating_point.hertz,
        cycles=run.cycles,
        joules=run.joules,
        figure=str(run.result.energy.figure),
        operations=models.operations(model),
        ita_busy_cycles=sum(
            each.activities.get("busy_cycles", 0) for each in devices if each.kind == "ita"
        ),
        compile_seconds=compile_seconds,
        simulation_seconds=run.result.seconds,
    )
