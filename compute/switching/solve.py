"""HiGHS, one thread, a new object for every solve: its time limit counts over all runs of one object."""

from dataclasses import dataclass, field
from enum import Enum

import highspy
import numpy as np

from compute.switching.inputs import Floats
from compute.switching.sheet import Arrays

BY_ROWS, MAXIMISE = 2, -1


class Outcome(Enum):
    """OPTIMAL: within the gap asked for. FEASIBLE: a limit came first, there is a plan. FAILED: there is none."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    FAILED = "failed"


@dataclass(frozen=True)
class Effort:
    """When to stop. The smaller of both gaps need not be reached: one of them is enough."""

    time_limit_s: float = 30.0
    gap_usd: float = 0.005
    gap_share: float = 1e-5


@dataclass(frozen=True, eq=False)
class Solution:
    """bound_usd: no plan earns more. Duals are there for models without whole columns alone."""

    outcome: Outcome
    words: str
    values: Floats = field(default_factory=lambda: np.zeros(0))
    profit_usd: float = 0.0
    bound_usd: float = 0.0
    row_duals: Floats = field(default_factory=lambda: np.zeros(0))


def solve(arrays: Arrays, effort: Effort) -> Solution:
    """The best values found within the effort, with the model's status checked."""
    solver = quiet_solver()
    solver.setOptionValue("time_limit", effort.time_limit_s)
    solver.setOptionValue("mip_abs_gap", effort.gap_usd)
    solver.setOptionValue("mip_rel_gap", effort.gap_share)
    # A fifth of the time on sites of containers, and nothing found by it (docs/benchmarks.md).
    solver.setOptionValue("mip_heuristic_run_root_reduced_cost", False)
    if not arrays.whole.any():
        # Takes longer than it saves: linear models of a site are solved in a little more than half the time without.
        solver.setOptionValue("presolve", "off")
    if hand_over(solver, arrays) == highspy.HighsStatus.kError:
        return Solution(Outcome.FAILED, "the solver refused the model")
    if solver.run() == highspy.HighsStatus.kError:
        return Solution(Outcome.FAILED, "the solver failed")
    return judged(solver, bool(arrays.whole.any()))


def quiet_solver() -> highspy._core._Highs:
    solver = highspy._core._Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    return solver


class Again:
    """One linear model solved again and again with other gains and limits, each time from where the last one ended.

    There is no time limit, which would count over all of them, but one of simplex iterations a solve.
    """

    def __init__(self, arrays: Arrays, most_iterations: int = 100_000) -> None:
        self._solver = quiet_solver()
        self._solver.setOptionValue("simplex_iteration_limit", most_iterations)
        if hand_over(self._solver, arrays) == highspy.HighsStatus.kError:
            raise ValueError("the solver refused the model")
        self._columns = np.arange(len(arrays.gain), dtype=np.int32)
        self._rows = np.arange(len(arrays.row_lower), dtype=np.int32)

    def solve(self, arrays: Arrays) -> Solution:
        solver, columns, rows = self._solver, self._columns, self._rows
        solver.changeColsCost(len(columns), columns, arrays.gain)
        solver.changeColsBounds(len(columns), columns, arrays.lower, arrays.upper)
        solver.changeRowsBounds(len(rows), rows, arrays.row_lower, arrays.row_upper)  # type: ignore[attr-defined]
        solver.changeObjectiveOffset(arrays.offset)
        if solver.run() == highspy.HighsStatus.kError:
            return Solution(Outcome.FAILED, "the solver failed")
        return judged(solver, has_whole=False)


def hand_over(solver: highspy._core._Highs, model: Arrays) -> highspy.HighsStatus:
    return solver.passModel(
        len(model.gain),
        len(model.row_lower),
        len(model.values),
        BY_ROWS,
        MAXIMISE,
        model.offset,
        model.gain,
        model.lower,
        model.upper,
        model.row_lower,
        model.row_upper,
        model.starts[:-1],
        model.columns,
        model.values,
        model.whole,
    )


def judged(solver: highspy._core._Highs, has_whole: bool) -> Solution:
    """Every column has a gain that is bounded, so that "unbounded or infeasible" can only be infeasible."""
    status = solver.getModelStatus()
    words = solver.modelStatusToString(status)
    known = highspy.HighsModelStatus
    if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
        return Solution(Outcome.INFEASIBLE, words)
    info = solver.getInfo()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if not feasible or status not in (known.kOptimal, known.kTimeLimit, known.kIterationLimit, known.kSolutionLimit):
        return Solution(Outcome.FAILED, words)
    outcome = Outcome.OPTIMAL if status == known.kOptimal else Outcome.FEASIBLE
    profit = info.objective_function_value
    bound = info.mip_dual_bound if has_whole else profit if outcome is Outcome.OPTIMAL else float("inf")
    found = solver.getSolution()
    return Solution(
        outcome=outcome,
        words=words,
        values=np.array(found.col_value),
        profit_usd=profit,
        bound_usd=max(bound, profit),
        row_duals=np.array(found.row_dual),
    )
