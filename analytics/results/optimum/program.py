"""The mixed-integer program of tiers: one raise for each segment and score band."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from analytics.appetite import Constraint, Kind
from analytics.declared.arrays import Floats, Ints
from analytics.declared.language import say
from analytics.declared.measures import BY_NAME, MeasureUnit
from analytics.declared.parameters import BASIS_POINTS
from analytics.errors import ParameterError
from analytics.method import measures
from analytics.method.measures import Sums
from analytics.results.optimum.plans import schedule_of
from analytics.results.surface import Surface

TIME_LIMIT = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A linear constraint: the sum of coefficients (segments, bands, raises) is at most a bound."""

    coefficients: Floats
    bound: float


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What can be chosen: a raise of ``raises`` for each segment and band, and what each adds.

    Parameters
    ----------
    edges : array of int
        Lowest score of each band, ascending.
    raises : array of int
        Basis points, ascending, the first 0.
    sums : Sums
        Increments, shape (segments, bands, raises), minor units.
    """

    surface: Surface
    edges: Ints
    raises: Ints
    sums: Sums

    @property
    def shape(self) -> tuple[int, int, int]:
        """Segments, bands and raises."""
        segments, bands, raises = self.sums.raised.shape
        return segments, bands, raises

    def additive(self, measure: str) -> Floats:
        """Return what each choice adds to an additive measure, in currency units."""
        found = measures.additive(self.sums.by_name(), self.surface.assumptions)[measure]
        return measures.in_currency(measure, found)

    def rows(self, constraint: Constraint) -> tuple[Row, ...]:
        """Return a constraint as linear ones on choices; none where it cannot apply.

        Raises
        ------
        ParameterError
            The earliest payback is bounded, which is not linear.
        """
        if BY_NAME[constraint.measure].unit is MeasureUnit.MONTHS:
            return self._paying_back(constraint)
        row = self.row(constraint)
        return () if row is None else (row,)

    def row(self, constraint: Constraint) -> Row | None:
        """Return a constraint on sums as a linear one on choices; None if it cannot apply."""
        measure = constraint.measure
        before = 0.0 if BY_NAME[measure].of_increment else self.surface.before(measure)
        sign = 1.0 if constraint.is_upper else -1.0
        if not BY_NAME[measure].is_rate:
            added = self.additive(measure)
            if np.isnan(before) or np.isnan(added).any():
                return None
            target = {
                Kind.LEVEL: constraint.bound - before,
                Kind.INCREMENT: constraint.bound,
                Kind.RELATIVE: constraint.bound * abs(before),
            }[constraint.kind]
            return Row(sign * added, sign * target)
        rate = constraint.bound
        if constraint.kind is not Kind.LEVEL:
            if np.isnan(before):
                return None
            share = abs(before) if constraint.kind is Kind.RELATIVE else 1.0
            rate = before + constraint.bound * share
        return self.rate_row(measure, rate, sign)

    def rate_row(self, measure: str, rate: float, sign: float) -> Row:
        """Return ``numerator - rate x denominator``, at most 0 (or with sign -1, at least)."""
        top, bottom = self._quotient(measure, self.sums)
        if BY_NAME[measure].of_increment:
            return Row(sign * (top - rate * bottom), 0.0)
        top_before, bottom_before = self._quotient(measure, self.surface.baseline)
        room = rate * float(bottom_before) - float(top_before)
        return Row(sign * (top - rate * bottom), sign * room)

    def without(self, chosen: Ints) -> Row:
        """Return the constraint that leaves out a choice, and all that add the same to every sum.

        Parameters
        ----------
        chosen : array of int
            The raise of each segment and band (indices).
        """
        place = chosen[..., None]
        same = np.ones(self.shape, dtype=bool)
        for values in self.sums.by_name().values():
            added = np.broadcast_to(np.asarray(values, dtype=np.float64), self.shape)
            same &= added == np.take_along_axis(added, place, axis=2)
        return Row(same.astype(np.float64), float(chosen.size - 1))

    def _paying_back(self, constraint: Constraint) -> tuple[Row, ...]:
        """Return that the value is at or above 0 in a month and ever after, and anybody raised."""
        if not constraint.is_upper:
            raise ParameterError(
                say(
                    "{constraint}: tiers are found for a latest payback, not an earliest one: "
                    "write {measure}<=24, for example.",
                    constraint=constraint,
                    measure=constraint.measure,
                )
            )
        raised = Row(-np.asarray(self.sums.raised, dtype=np.float64), -1.0)
        found = self.cumulated()
        if found is None:
            return (Row(np.zeros(self.shape), -1.0),)
        last = found.shape[-1]
        first = min(max(math.floor(constraint.bound + constraint.room), 1), last)
        return (raised, *(Row(-found[..., month], 0.0) for month in range(first - 1, last)))

    def cumulated(self) -> Floats | None:
        """Return what each choice adds to the value up to each month, discounted, minor units.

        Shape (segments, bands, raises, months); None under a temporary raise.
        """
        schedule = schedule_of(self.surface)
        if schedule is None:
            return None
        value = schedule.value()
        weights = {n: np.cumsum(flows * schedule.discount, axis=1) for n, flows in value.items()}
        columns = np.searchsorted(self.surface.raises, self.raises)
        columns = columns.clip(max=len(self.surface.raises) - 1)
        starts = self.edges - int(self.surface.scores[0])
        ends = [*starts[1:].tolist(), len(self.surface.scores)]
        found = np.zeros((*self.shape, len(schedule.months)))
        for name, weight in weights.items():
            state = getattr(self.surface.by_score, name)
            kept = state if self.shape[0] == len(state) else state.sum(axis=0, keepdims=True)
            for band, (start, end) in enumerate(zip(starts, ends, strict=True)):
                of_band = kept[:, start:end][:, :, columns]
                found[:, band] += np.einsum("gsr,sm->grm", of_band, weight[start:end])
        found[:, :, self.raises == 0] = 0.0
        cost = np.asarray(self.sums.action_cost, dtype=np.float64)
        return np.asarray(found - cost[..., None], dtype=np.float64)

    def _quotient(self, measure: str, sums: Sums) -> tuple[Floats, Floats]:
        """Return the two sums that a rate is the quotient of, minor units."""
        full = measures.additive(sums.by_name(), self.surface.assumptions)
        top, bottom = measures.quotient(measure, full)
        return np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Shape:
    """What tiers may look like."""

    max_tiers: int | None
    monotone: bool


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """The raise chosen for each segment and band (indices), and the proven relative gap."""

    chosen: Ints
    gap: float


def solve(
    choices: Choices, objective: Floats, rows: Iterable[Row], shape: Shape, *, gap: float
) -> Solution | None:
    """Return the choices with the largest objective; None where nothing meets the constraints.

    Raises
    ------
    ParameterError
        The program is too large: the solver found nothing within its time.
    """
    scale = float(np.abs(objective).max()) or 1.0
    program = _Program(choices, shape)
    for row in rows:
        program.add(row)
    solver = _Solver()  # type: ignore[no-untyped-call]
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("time_limit", TIME_LIMIT)
    solver.setOptionValue("threads", 1)
    solver.passModel(program.model(-objective / scale))
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    if status in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        return None
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        raise ParameterError(
            say(
                "The solver found no tiers within {limit:g} seconds: give fewer bands, "
                "raises or segments.",
                limit=TIME_LIMIT,
            )
        )
    picked = np.asarray(solver.getSolution().col_value)[: objective.size].reshape(choices.shape)
    return Solution(np.argmax(picked, axis=2), max(float(info.mip_gap), 0.0))


class _Solver(highspy.Highs):
    """The solver, silent from the start: its standard output belongs to the caller."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the solver's own name
        """Enable callbacks, which would otherwise greet."""
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]


class _Program:
    """Collects the rows of the program over choices and, if tiers are counted, changes."""

    def __init__(self, choices: Choices, shape: Shape) -> None:
        segments, bands, raises = choices.shape
        self._choices = choices
        self._size = segments * bands * raises
        self._changes = segments * bands if shape.max_tiers is not None else 0
        self.width = self._size + self._changes
        self._rows: list[Any] = []
        self._low: list[Floats] = []
        self._high: list[Floats] = []
        blocks = segments * bands
        one = sparse.kron(sparse.eye_array(blocks), np.ones((1, raises)))
        self._append(one, np.ones(blocks), np.ones(blocks))
        if shape.monotone:
            self._add_monotone()
        if shape.max_tiers is not None:
            self._add_tiers(shape.max_tiers)

    def add(self, row: Row) -> None:
        """Add a constraint, scaled so that the solver's tolerance is relative to its size."""
        scale = max(float(np.abs(row.coefficients).max()), abs(row.bound)) or 1.0
        coefficients = sparse.csr_array(row.coefficients.reshape(1, -1) / scale)
        bound = np.array([row.bound / scale])
        self._append(coefficients, np.array([-np.inf]), bound)

    def model(self, costs: Floats) -> highspy.HighsLp:
        """Return the program with the costs of the choices, to be minimised."""
        matrix = sparse.csr_array(sparse.vstack(self._rows))
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.width, matrix.shape[0]
        model.col_cost_ = np.concatenate([costs.ravel(), np.zeros(self._changes)])
        model.col_lower_, model.col_upper_ = np.zeros(self.width), np.ones(self.width)
        model.row_lower_ = np.concatenate(self._low)
        model.row_upper_ = np.concatenate(self._high)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = matrix.indptr
        model.a_matrix_.index_ = matrix.indices
        model.a_matrix_.value_ = matrix.data
        whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        # Where choices are whole, changes are too.
        model.integrality_ = [whole] * self._size + [real] * self._changes
        return model

    def _append(self, rows: Any, low: Floats, high: Floats) -> None:
        missing = self.width - rows.shape[1]
        if missing:
            rows = sparse.hstack([rows, sparse.csr_array((rows.shape[0], missing))])
        self._rows.append(rows)
        self._low.append(low)
        self._high.append(high)

    def _add_monotone(self) -> None:
        """The raise of a band is at least that of the band below."""
        segments, bands, _ = self._choices.shape
        if bands < 2:
            return
        step = sparse.diags_array([-1.0, 1.0], offsets=[0, 1], shape=(bands - 1, bands))
        each = sparse.kron(step, self._choices.raises[None, :] / BASIS_POINTS)
        rows = sparse.kron(sparse.eye_array(segments), each)
        count = rows.shape[0]
        self._append(rows, np.zeros(count), np.full(count, np.inf))

    def _add_tiers(self, max_tiers: int) -> None:
        """A band whose raise is not that of the band below (or 0) begins a tier; few may."""
        segments, bands, raises = self._choices.shape
        below = sparse.diags_array([1.0, -1.0], offsets=[0, -1], shape=(bands, bands))
        differs = sparse.kron(sparse.eye_array(segments), sparse.kron(below, np.eye(raises)))
        changes = sparse.kron(sparse.eye_array(segments * bands), np.ones((raises, 1)))
        rows = sparse.hstack([differs, -changes])
        # Under the lowest band everybody's raise is 0.
        high = np.zeros((segments, bands, raises))
        high[:, 0, 0] = 1.0
        self._append(rows, np.full(rows.shape[0], -np.inf), high.ravel())
        count = sparse.kron(sparse.eye_array(segments), np.ones((1, bands)))
        empty = sparse.csr_array((segments, self._size))
        self._append(
            sparse.hstack([empty, count]), np.zeros(segments), np.full(segments, float(max_tiers))
        )
