"""``vplat models``: the paper's networks as quantised ONNX."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import rich_click
from click.shell_completion import CompletionItem

from . import terminal
from .failures import note
from .options import common_options, json_flag
from .quantities import engineering, size
from .terminal import table
from .writing import as_json, check_writable, whole_file

if TYPE_CHECKING:
    from vplat.deploy.models import Description


class NetworkName(click.ParamType[str]):
    """One of the networks by its name; whether there is one of that name is for the builder."""

    name = "network"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The networks there are."""
        from vplat.deploy.models import NETWORKS

        return [CompletionItem(name) for name in NETWORKS if name.startswith(incomplete)]


@rich_click.group(
    "models",
    context_settings={"rich_help_config": {"commands_panel_title": "Commands"}},
    short_help="Make the paper's networks as quantised ONNX.",
)
def command() -> None:
    """Make the networks of arXiv 2408.02473 as quantised ONNX, to deploy and to measure.

    Their architectures are the public ones; their weights are drawn and calibrated, not trained:
    good for cycles, energy and bit-exactness, not for answers. docs/models.md says more.
    """


@command.command("list")
@json_flag
@common_options
def listed(wants_json: bool) -> None:
    """List the networks there are."""
    from vplat.deploy.models import NETWORKS

    if wants_json:
        rows = [_as_json(each) for each in NETWORKS.values()]
        sys.stdout.write(as_json({"networks": rows}))
        return
    columns = ("name", "layers", "S", "width", "heads", "operations")
    made = table(*columns, right="layers S width heads operations")
    for each in NETWORKS.values():
        made.add_row(
            each.name,
            str(each.layers),
            str(each.sequence),
            str(each.width),
            str(each.heads),
            engineering(_operations(each), "Op"),
        )
    terminal.output().print(made)


@command.command("build")
@rich_click.argument("name", type=NetworkName())
@rich_click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The ONNX file to write, NAME.onnx here if not given.",
)
@rich_click.option(
    "--seed", metavar="N", type=int, default=0, help="Other weights and inputs; 0 if not given."
)
@rich_click.option(
    "--layers", metavar="N", type=int, help="Only the first N layers, for a quicker look."
)
@rich_click.option(
    "--sequence", metavar="S", type=int, help="Another sequence length than the paper's."
)
@rich_click.option(
    "--inputs",
    "inputs_path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write an input for it too, as a NumPy archive (.npz).",
)
@common_options
def build(
    name: str,
    output: Path | None,
    seed: int,
    layers: int | None,
    sequence: int | None,
    inputs_path: Path | None,
) -> None:
    """Make the network NAME. The same arguments give the same bytes on every machine."""
    from vplat.deploy import models

    found = models.describe(name)
    target = output or Path(f"{name}.onnx")
    for path in (target, inputs_path):
        if path is not None:
            check_writable(path)
    sample = models.sample_inputs(name, seed, sequence=sequence)
    with terminal.errors().status(f"composing {found.title}"):
        model = models.build(name, seed, layers=layers, sequence=sequence)
    encoded = model.SerializeToString(deterministic=True)
    with whole_file(target) as file:
        file.write(encoded)
    if inputs_path is not None:
        with whole_file(inputs_path) as file:
            file.write(_archive(sample))
    operations = engineering(models.operations(model), "Op")
    note(f"{target} is {found.title}, {size(len(encoded))}, {operations} an inference")


def _archive(arrays: Any) -> bytes:
    import numpy as np

    made = io.BytesIO()
    np.savez_compressed(made, allow_pickle=False, **arrays)
    return made.getvalue()


def _operations(network: Description) -> int:
    return 2 * network.multiply_accumulates(network.layers, network.sequence)


def _as_json(network: Description) -> dict[str, Any]:
    return {
        "name": network.name,
        "title": network.title,
        "layers": network.layers,
        "sequence": network.sequence,
        "width": network.width,
        "heads": network.heads,
        "operations": _operations(network),
        "input": network.input,
        "takes": network.takes,
        "gives": network.gives,
    }
