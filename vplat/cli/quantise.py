"""``vplat quantise``: a float network becomes one of 8 bits."""

from __future__ import annotations

from pathlib import Path

import click
import rich_click

from .failures import note
from .options import common_options
from .writing import check_writable, whole_file


@rich_click.command("quantise", short_help="Make an 8-bit network of a float one.")
@rich_click.argument("model", metavar="FLOAT.onnx", type=click.Path(path_type=Path))
@rich_click.option(
    "--calibrate",
    "data",
    metavar="DATA.npz",
    type=click.Path(path_type=Path),
    required=True,
    help="Typical values of the inputs: an array for each, with samples along its first axis.",
)
@rich_click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where the network is written; FLOAT.int8.onnx if not given.",
)
@rich_click.option(
    "--method",
    type=click.Choice(["minmax", "entropy", "percentile"]),
    default="minmax",
    show_default=True,
    help="How a tensor's range follows from what it was seen to hold.",
)
@rich_click.option(
    "--asymmetric",
    is_flag=True,
    help="Let zero points be other than 0: finer where values are never negative, slower to run.",
)
@common_options
def command(model: Path, data: Path, output: Path | None, method: str, asymmetric: bool) -> None:
    """Make an 8-bit network of a float one, for `vplat deploy`.

    The result is standard ONNX with QuantizeLinear and DequantizeLinear, which onnxruntime runs as
    well. Scales of products are such that the accelerator's 8-bit multipliers meet them exactly.
    """
    from vplat.deploy.quantise import Method, quantise, read_samples
    from vplat.deploy.read.onnx_file import open_model

    target = output if output is not None else model.with_suffix(".int8.onnx")
    check_writable(target)
    network = open_model(model)
    samples = read_samples(data, network)
    made = quantise(network, samples, method=Method(method), symmetric=not asymmetric)
    with whole_file(target) as file:
        file.write(made.SerializeToString())
    note(f"{target} has {len(made.graph.node)} nodes, calibrated with {len(samples)} samples")
    note(f"now: vplat deploy {target} -o firmware --run")
