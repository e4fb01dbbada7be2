"""``vplat deploy``: a quantised network in ONNX becomes a program for a board, and is run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import rich_click

from vplat.errors import DeployError, UsageError

from . import terminal
from .failures import note
from .options import board_option, common_options, load_plugins
from .quantities import engineering, size
from .terminal import table
from .writing import STANDARD_OUTPUT, as_json, check_writable, write_whole

if TYPE_CHECKING:
    import numpy as np

    from vplat.deploy.flow import Deployed, Request
    from vplat.deploy.network import Element
    from vplat.deploy.run import NetworkRun
    from vplat.plugins import Plugins

DIFFERS: Final = 1
"""The status where a layer, or an output, is not what it should be."""
MOST_ROWS: Final = 40
"""Layers that the summary shows one by one; of more, the longest ones."""
REPORT_PAGE: Final = "report.html"
PRODUCTS: Final = ("attention", "convolution", "product")
"""Kinds of layers for which there is an accelerator."""
MOST_NAMES: Final = 3
"""Layers that are named for one reason."""

option = rich_click.option


@rich_click.command(
    "deploy",
    short_help="Make a program of a quantised network, and run it.",
    epilog="Try: vplat deploy model.onnx -o firmware --run --report",
)
@rich_click.argument("model", metavar="MODEL.onnx", type=click.Path(path_type=Path))
@option(
    "-o",
    "--output",
    "directory",
    metavar="DIR",
    type=click.Path(path_type=Path),
    required=True,
    help="Where the C project is written: made if it is not there, replaced if it is one of ours.",
)
@board_option(help_text="The board to deploy to, pulp-ita if not given.")
@option(
    "--operating-point",
    metavar="NAME",
    panel="Machine",
    help="Voltage and clock of the run, one of the board's; its first if not given.",
)
@option(
    "--cores-only", is_flag=True, panel="Machine", help="Leave the accelerator out of everything."
)
@option(
    "--inputs",
    metavar="FILE.npz",
    type=click.Path(path_type=Path),
    panel="Network",
    help="What the network is to be run with, by position; made up, always the same, if not given.",
)
@option(
    "--outputs",
    metavar="FILE.npz",
    type=click.Path(path_type=Path),
    panel="Network",
    help="What should come out, by position. Real numbers may be one step off in one of a hundred.",
)
@option(
    "--input-type",
    "input_types",
    metavar="NAME=TYPE",
    multiple=True,
    panel="Network",
    help="int8, uint8 or int32, for an input whose type the file leaves open; may be given again.",
)
@option(
    "--input-shape",
    "input_shapes",
    metavar="NAME=1,64",
    multiple=True,
    panel="Network",
    help="The shape of an input that the file leaves open; may be given again.",
)
@option(
    "--run",
    "runs",
    is_flag=True,
    panel="Output",
    help="Run the program, and compare what every layer writes with the host reference.",
)
@option(
    "--report",
    "reports",
    is_flag=True,
    panel="Output",
    help=f"Run it, show where time and energy went, and write that to DIR/{REPORT_PAGE}.",
)
@option(
    "--json",
    "json_file",
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True),
    panel="Output",
    help="Write everything to FILE as one JSON object; - is standard output.",
)
@common_options
@click.pass_context
def command(
    context: click.Context,
    model: Path,
    directory: Path,
    board: str | None,
    operating_point: str | None,
    cores_only: bool,
    inputs: Path | None,
    outputs: Path | None,
    input_types: tuple[str, ...],
    input_shapes: tuple[str, ...],
    runs: bool,
    reports: bool,
    json_file: Path | None,
) -> int:
    """Make a C project of a quantised network, build it, and run it.

    MODEL.onnx is 8-bit: of the integer dialect, or with QuantizeLinear and DequantizeLinear as
    onnxruntime writes it. DIR is self-contained: `make` builds network.elf there.

    \b
    The exit status tells how it went:
      0    the program is built, and nothing that was compared differs
      1    a layer differs from the host reference, or that from --outputs
      125  the network cannot be deployed; DIR is as it was
    """
    from vplat.deploy.flow import Request

    if json_file is not None:
        check_writable(json_file)
    request = Request(
        model=model,
        directory=directory,
        board=board or Request.board,
        inputs=_arrays(inputs),
        outputs=_arrays(outputs),
        input_types=_types(input_types),
        input_shapes=_shapes(input_shapes),
        cores_only=cores_only,
    )
    plugins = load_plugins(context)
    deployed, run = _deploy(request, plugins, operating_point, runs=runs or reports)
    _tell(deployed, run, reports=reports)
    if json_file is not None:
        told = _as_json(deployed, run)
        if json_file == STANDARD_OUTPUT:
            sys.stdout.write(as_json(told))
        else:
            write_whole(json_file, as_json(told))
    differs = bool(deployed.output_differences) or (run is not None and not run.matches)
    return DIFFERS if differs else 0


def _deploy(
    request: Request, plugins: Plugins, operating_point: str | None, *, runs: bool
) -> tuple[Deployed, NetworkRun | None]:
    from vplat.deploy.flow import deploy, run_deployed
    from vplat.session import Settings

    with terminal.errors().status("reading") as status:
        deployed = deploy(request, plugins, status.update)
        if not runs:
            return deployed, None
        status.update("running")
        settings = Settings(board=request.board, operating_point=operating_point)
        return deployed, run_deployed(deployed, plugins, settings)


def _arrays(file: Path | None) -> dict[str, np.ndarray] | None:
    from vplat.deploy.read.arrays import read_arrays

    return None if file is None else read_arrays(file)


def _pairs(given: tuple[str, ...], name: str, like: str) -> dict[str, str]:
    found = {}
    for each in given:
        key, separator, value = each.rpartition("=")
        if not (separator and key and value):
            raise UsageError(f"--{name} {each!r} is not {like}")
        found[key] = value
    return found


def _types(given: tuple[str, ...]) -> dict[str, Element]:
    from vplat.deploy.network import Element

    known = {element.value: element for element in Element}
    found = {}
    for name, value in _pairs(given, "input-type", "NAME=TYPE, like x=uint8").items():
        if value not in known:
            raise UsageError(f"--input-type {name}={value}: choose one of {', '.join(known)}")
        found[name] = known[value]
    return found


def _shapes(given: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    found = {}
    for name, value in _pairs(given, "input-shape", "NAME=LENGTHS, like x=1,64").items():
        lengths = value.split(",")
        if not all(each.strip().isdecimal() for each in lengths):
            raise UsageError(f"--input-shape {name}={value}: give lengths, like {name}=1,64")
        found[name] = tuple(map(int, lengths))
    return found


def _tell(deployed: Deployed, run: NetworkRun | None, *, reports: bool) -> None:
    for sentence in deployed.read.notes:
        note(sentence)
    project, planned = deployed.project, deployed.project.planned
    constants = sum(stock.values.nbytes for stock in planned.pool.symbols.values())
    homes = sum(planned.arenas.values())
    note(
        f"{project.directory} has {len(planned.layers)} layers for {planned.board.name}, "
        f"{size(constants)} of constants and inputs, {size(homes)} of activations"
    )
    _tell_what_is_left(_left_to_cores(deployed))
    for difference in deployed.output_differences:
        note(f"the host reference is not what --outputs has: {difference}")
    if run is None:
        note(f"now: vplat run {project.elf} --board {planned.board.name}")
        return
    if reports:
        _report(deployed, run)
    else:
        _print(run)
    first = run.first_difference
    if first is not None:
        note(f"the first layer that differs from the host reference is {first[0]}: {first[1]}")
    else:
        compared = sum(layer.compared for layer in run.layers)
        note(f"all {compared} tensors that layers wrote are those of the host reference")


def _tell_what_is_left(left: dict[str, list[str]]) -> None:
    if not left:
        return
    told = [f"{sum(map(len, left.values()))} products that ITA cannot take are left to the cores:"]
    for reason, names in left.items():
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        told.append(f"{', '.join(names[:MOST_NAMES])}{more}: {reason}")
    note(DeployError.ITEM.join(told))


def _left_to_cores(deployed: Deployed) -> dict[str, list[str]]:
    """Products that the accelerator cannot take: the layers' names by the reason."""
    found: dict[str, list[str]] = {}
    for each in deployed.project.planned.layers:
        layer = each.layer
        reason = deployed.reasons.get(layer.nodes[-1])
        if reason is not None and layer.engine.value == "cores" and layer.kind in PRODUCTS:
            found.setdefault(reason, []).append(layer.name)
    return found


def _report(deployed: Deployed, run: NetworkRun) -> None:
    from vplat.deploy.report import report_of
    from vplat.machine.elf import Firmware

    from .deploy_report import draw, write_page

    project = deployed.project
    firmware = Firmware.read(project.elf)
    name = deployed.read.network.name
    report = report_of(name, project.planned, run.result.as_json(), firmware)
    draw(report, terminal.errors())
    write_page(report, project.directory / REPORT_PAGE)
    note(f"the report is {project.directory / REPORT_PAGE}")


def _print(run: NetworkRun) -> None:
    from rich.text import Text

    shown = run.layers
    if len(shown) > MOST_ROWS:
        longest = sorted(run.layers, key=lambda each: -each.cycles)[:MOST_ROWS]
        shown = tuple(each for each in run.layers if each in longest)
    made = table("layer", "kind", "engine", "cycles", "energy", "", right="cycles energy")
    for layer in shown:
        verdict = Text("differs", "bold red") if layer.differences else Text("")
        if layer.compared and not layer.differences:
            verdict = Text("ok", "green")
        made.add_row(
            Text(layer.function, no_wrap=True, overflow="ellipsis"),
            layer.kind,
            layer.engine,
            f"{layer.cycles:,}",
            engineering(layer.joules, "J"),
            verdict,
        )
    made.add_row(Text("all", "bold"), "", "", f"{run.cycles:,}", engineering(run.joules, "J"), "")
    console = terminal.errors()
    console.print(made)
    left_out = len(run.layers) - len(shown)
    if left_out:
        console.print(Text(f"and {left_out} shorter layers; --json has them all", "dim"))


def _as_json(deployed: Deployed, run: NetworkRun | None) -> dict[str, Any]:
    project, planned = deployed.project, deployed.project.planned
    told: dict[str, Any] = {
        "network": deployed.read.network.name,
        "board": planned.board.name,
        "directory": str(project.directory),
        "elf": str(project.elf),
        "notes": list(deployed.read.notes),
        "l1_bytes": planned.l1_bytes,
        "arenas": dict(planned.arenas),
        "layers": [
            {
                "function": function,
                "kind": each.layer.kind,
                "engine": each.layer.engine.value,
                "nodes": list(each.layer.nodes),
                "operations": each.layer.operations,
                "tiling": dict(each.tiling.sizes),
            }
            for function, each in zip(project.functions, planned.layers, strict=True)
        ],
        "left_to_cores": [
            {"layer": name, "reason": reason}
            for reason, names in _left_to_cores(deployed).items()
            for name in names
        ],
        "reference_matches_outputs": not deployed.output_differences,
        "output_differences": [str(each) for each in deployed.output_differences],
    }
    if run is not None:
        told["run"] = run.as_json()
        told["result"] = run.result.as_json()
    return told
