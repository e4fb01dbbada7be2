"""CP-SAT, set up so that equal models give equal answers on every host, at any load."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vplat.errors import DeployError

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, CpSolver

SEED: Final = 1
ROUNDING: Final = 1e-6
"""Of a bound, which the solver tells as a floating-point number."""


def new_model() -> CpModel:
    """
    An empty model.

    :raises vplat.errors.DeployError: OR-tools is not installed
    """
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        raise DeployError(
            "tiles and addresses are worked out by OR-tools, which is not installed; "
            "run pip install 'vplat[deploy]'"
        ) from None
    return cp_model.CpModel()


class Found(NamedTuple):
    """
    What a search came to.

    ``solver`` has the best solution, None if there was none. ``is_final`` says that it is an
    optimal one, or that there is no solution. The best solution's objective is ``value``, which no
    solution has below ``bound``.
    """

    solver: CpSolver | None
    is_final: bool
    value: int = 0
    bound: int = 0


def solve(model: CpModel, effort: float) -> Found:
    """
    Search with an ``effort`` in the solver's own deterministic time.

    That is a second or two of one core; a limit in true time would make the answer depend on what
    else the host does.
    """
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    parameters: Any = solver.parameters
    parameters.num_workers = 1
    parameters.random_seed = SEED
    parameters.max_deterministic_time = effort
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Found(None, status == cp_model.INFEASIBLE)
    bound = ceil(solver.best_objective_bound - ROUNDING)
    return Found(solver, status == cp_model.OPTIMAL, round(solver.objective_value), bound)
