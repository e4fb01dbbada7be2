"""Layers whose work is a pipeline of stripes on the harts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vplat.errors import DeployError

from .c_text import array, structure
from .layer import Code, Layer, Names, Tiling
from .stream import Plan, aligned, stream_text

MOST_TILINGS: Final = 64
"""So many that fit are offered; a planner has enough to choose from."""

COUNTS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024)


def pieces(total: int, granularity: int = 1) -> Iterator[int]:
    """Lengths to cut ``total`` into, multiples of ``granularity``, the longest first."""
    last = 0
    for count in (*COUNTS, max(1, total)):
        length = aligned(max(1, -(-total // count)), granularity)
        if length != last:
            yield length
        last = length


@dataclass(frozen=True)
class Work:
    """The C side of a pipeline: which function computes a stripe, and what it is handed."""

    function: str
    """A `stripe_function`, or empty where what comes in goes out as it is."""
    header: str = ""
    structure: str = ""
    values: Mapping[str, str] | None = None
    """Members of the structure, which describes the layer; None where it needs no description."""
    declarations: str = ""
    """What stands before the structure."""


class PipelineLayer(Layer):
    """A layer that is one `pipeline_run`."""

    @abstractmethod
    def sizes(self) -> Iterable[Mapping[str, int]]:
        """The parameters to try, the best ones first; the last ones fit any L1."""

    @abstractmethod
    def plan(self, sizes: Mapping[str, int]) -> Plan:
        """The pipeline for some parameters."""

    @abstractmethod
    def work(self, sizes: Mapping[str, int], plan: Plan, names: Names) -> Work:
        """What computes its stripes."""

    def tilings(self, l1_bytes: int) -> Sequence[Tiling]:
        """Those of ``sizes`` that fit."""
        found: list[Tiling] = []
        least = 0
        for sizes in self.sizes():
            plan = self.plan(sizes)
            buffers = plan.buffers()
            total = sum(aligned(buffer.bytes, buffer.alignment) for buffer in buffers)
            least = min(least, total) if least else total
            if total <= l1_bytes:
                found.append(Tiling(dict(sizes), buffers, plan.cost()))
            if len(found) == MOST_TILINGS:
                break
        if not found:
            raise DeployError(
                f"{self.name} ({self.kind}) needs at least {least} bytes of L1, but there are "
                f"{l1_bytes}: {least - l1_bytes} bytes are missing"
            )
        return found

    def code(self, tiling: Tiling, names: Names) -> Code:
        """Descriptors, and a call."""
        plan = self.plan(tiling.sizes)
        work = self.work(tiling.sizes, plan, names)
        return Code(
            body=f"    pipeline_run(&{names.prefix}_pipeline);\n",
            declarations=pipeline_text(names.prefix, plan, work, names),
            includes=tuple(filter(None, ("deploy/pipeline.h", work.header))),
        )


def pipeline_text(prefix: str, plan: Plan, work: Work, names: Names) -> str:
    """The descriptors of a pipeline, each named ``prefix`` and something."""
    declarations = [work.declarations, _streams(prefix, plan, names)]
    layer = "NULL"
    if work.values is not None:
        declarations.append(structure(work.structure, prefix, work.values))
        layer = f"&{prefix}"
    values = {
        "streams": f"{prefix}_streams",
        "stream_count": str(len(plan.streams)),
        "batches": str(plan.batches),
        "outer": str(plan.outer),
        "inner": str(plan.inner),
        "steps": str(plan.steps),
        "compute": work.function or "NULL",
        "layer": layer,
        "layer_bytes": "" if layer == "NULL" else f"sizeof {prefix}",
    }
    declarations.append(structure("pipeline", f"{prefix}_pipeline", values))
    return "\n".join(filter(None, declarations))


def _streams(prefix: str, plan: Plan, names: Names) -> str:
    text, offsets = "", ""
    for stream in plan.streams:
        batches = ""
        if plan.batches > 1 and stream.batch_stride() is None:
            batches = f"{prefix}_{stream.role}_batches"
            offsets += array("uint32_t", batches, map(str, stream.batches)) + "\n"
        text += stream_text(stream, plan, names, batches)
    return f"{offsets}static const struct stream {prefix}_streams[] = {{\n{text}}};\n"
