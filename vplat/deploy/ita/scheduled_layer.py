"""Layers that are a schedule of ITA: what they have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vplat.deploy.layers import Buffer, Code, Constant, Cost, Engine, Layer, Names, Tiling
from vplat.deploy.layers.c_text import structure
from vplat.deploy.memory.rates import Rates
from vplat.errors import DeployError
from vplat.machine.board import Board
from vplat.peripherals.ita import Ita
from vplat.peripherals.ita.revision import CURRENT

from .encoding import WINDOW_BYTES
from .matrices import Matrix, TileArray
from .packing import TILE_BYTES
from .planning import Plan, Speeds

HEADER: Final = "deploy/ita_schedule.h"


@dataclass(frozen=True)
class Target:
    """What layers on ITA are made for: a board's figures, and what its L1 has room for in bytes."""

    rates: Rates
    l1_bytes: int

    @classmethod
    def of(cls, board: Board, l1_bytes: int) -> Target | None:
        """
        The board as a target; None if it has no ITA, or one of the first release, which knows
        attention with its projections alone (`ita.md` section 7.3).
        """
        device = next((each for each in board.devices if each.kind == Ita.kind), None)
        if device is None or device.parameters.get("revision", CURRENT.name) != CURRENT.name:
            return None
        return cls(Rates.of(board), l1_bytes)


class ScheduledLayer(Layer):
    """
    A layer whose jobs, loads and stores were put in order beforehand.

    ``matrices`` are those between which tiles move; the last ``written`` of them are written.
    ``biases`` is the constant of that name, if there is one. ``extra`` are further buffers in L1;
    those that have a constant of their name hold it while the layer runs.

    The steps are a constant: they hold for the L1 of the target. Layers of one shape have the same.

    :raises DeployError: L1 has too little room for any schedule
    """

    engine = Engine.ITA

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        matrices: Sequence[Matrix | TileArray],
        constants: Sequence[Constant],
        target: Target,
        extra: Sequence[Buffer] = (),
        written: int = 1,
    ) -> None:
        self.name, self.nodes, self.matrices = name, nodes, tuple(matrices)
        self.grids = tuple(each.grid(number) for number, each in enumerate(matrices))
        self.speeds = Speeds.of(target.rates)
        tensors = [each.tensor for each in matrices]
        self.inputs = tuple(dict.fromkeys(each for each in tensors[:-written] if each))
        self.outputs = tuple(tensors[-written:])
        biases = [each.values.size for each in constants if each.name == "biases"]
        self._others = [*(Buffer("biases", size) for size in biases), *extra]
        self._others.append(Buffer("window", WINDOW_BYTES))
        self.plan = self._best(target.l1_bytes)
        self.constants = (*constants, Constant("steps", self.plan.bytes))

    @abstractmethod
    def plans(self, slots: int) -> Sequence[Plan]:
        """The plans for so many places, the best one first; none if they are too few."""

    @abstractmethod
    def setups(self) -> Sequence[str]:
        """What the accelerator is set up for, as initialisers, in the order of the steps."""

    def stage(self, names: Names) -> tuple[str, dict[str, str], tuple[str, ...]]:
        """
        What harts do besides: declarations, members of the schedule, headers.
        """
        return "", {}, ()

    def after(self, names: Names) -> str:
        """Statements behind the schedule."""
        return ""

    def _best(self, l1_bytes: int) -> Plan:
        slots = (l1_bytes - self._other_bytes) // TILE_BYTES
        plans = self.plans(slots)
        if plans:
            return plans[0]
        least = next(n for n in range(max(slots, 0) + 1, 1024) if self.plans(n))
        missing = least * TILE_BYTES + self._other_bytes - l1_bytes
        raise DeployError(
            f"layer {self.name!r} lacks {missing} bytes of L1: on ITA it needs {least} tiles of "
            f"{TILE_BYTES} bytes at a time"
        )

    @property
    def _other_bytes(self) -> int:
        return sum(each.bytes + -each.bytes % each.alignment for each in self._others)

    def tilings(self, l1_bytes: int) -> Sequence[Tiling]:
        plan = self.plan
        tiles = Buffer("tiles", plan.slots * TILE_BYTES)
        needed = tiles.bytes + self._other_bytes
        if needed > l1_bytes:
            raise DeployError(f"layer {self.name!r} lacks {needed - l1_bytes} bytes of L1")
        cost = Cost(
            compute_cycles=plan.cycles,
            dma_bytes=plan.moved,
            transfers=plan.loads + plan.stores,
            barriers=1 + plan.meetings,
        )
        sizes = {"band": plan.height, "tiles": plan.slots, "jobs": plan.jobs}
        return [Tiling(sizes, (tiles, *self._others), cost)]

    def code(self, tiling: Tiling, names: Names) -> Code:
        prefix = names.prefix
        declared, members, headers = self.stage(names)
        matrices = ", ".join(each.text(names) for each in self.matrices)
        setups = ", ".join(self.setups())
        values = {
            "steps": f"(const struct ita_schedule_step *)({names.constant('steps')})",
            "step_count": str(self.plan.steps),
            "matrices": f"{{{matrices}}}",
            "setups": f"{{{setups}}}",
            "tiles": names.l1("tiles"),
            "biases": self._biases(names),
            "residents": self._residents(names),
            "window": f"(struct ita_schedule_step *)({names.l1('window')})",
            **members,
        }
        declarations = declared + structure("ita_schedule", f"{prefix}_schedule", values)
        body = f"    ita_run(&{prefix}_schedule);\n{self.after(names)}"
        return Code(body, declarations, (HEADER, *headers))

    def residents(self, names: Names) -> Sequence[str]:
        """Initialisers of ``struct ita_resident`` for what stays in L1 beside biases."""
        known = {each.name for each in self.constants}
        return [
            f"{{{names.l1(each.name)}, {names.constant(each.name)}, {each.bytes}}}"
            for each in self._others
            if each.name in known and each.name != "biases"
        ]

    def _residents(self, names: Names) -> str:
        found = ", ".join(self.residents(names))
        return f"{{{found}}}" if found else ""

    def _biases(self, names: Names) -> str:
        sizes = [each.bytes for each in self._others if each.name == "biases"]
        if not sizes:
            # Jobs without biases point to some memory all the same.
            return f"{{.place = {names.l1('tiles')}}}"
        return f"{{{names.l1('biases')}, {names.constant('biases')}, {sizes[0]}}}"
