"""The surface itself: what every threshold with every raise does, and how to read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Ints, Numbers
from analytics.declared.choices import Side
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import say
from analytics.declared.measures import MEASURES, find_measure
from analytics.declared.parameters import BASIS_POINTS, basis_points, percent_text
from analytics.errors import ParameterError
from analytics.method import measures
from analytics.method.measures import Measures, Sums
from analytics.policy import Policy
from analytics.portfolio import Portfolio


@dataclass(frozen=True, slots=True)
class Point:
    """One policy of the surface; money in currency units."""

    baseline: Measures
    proposed: Measures
    increment: Measures


@dataclass(frozen=True, slots=True, eq=False)
class DisplayGrid:
    """A measure on fewer thresholds and raises, for a figure.

    ``values`` has shape (thresholds, raises), NaN where undefined; each value is that of its own
    policy, nothing is averaged.
    """

    scores: Ints
    raises: Ints
    values: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """What every threshold of the score scale with every flat raise does to a portfolio.

    Parameters
    ----------
    policy : Policy
        The rules that all its policies share; threshold, raise and tiers mean nothing here.
    groups : tuple of str
        Values of the segment ``by``; one empty text without it.
    scores, raises : array of int
        Thresholds over the whole scale; raises in basis points. Both ascending.
    standing : Sums
        How the accounts stand today: arrays of shape (groups, scores), minor units.
    by_score : Sums
        Increments of the accounts at each score, shape (groups, scores, raises), minor units.
    baseline : Sums
        Totals of ``standing``.
    increments : Sums
        Increments at each threshold, shape (scores, raises), minor units.
    payback : array of float
        The month from which each policy has paid for itself, NaN without one; the same shape.
    """

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    by: str | None
    groups: tuple[str, ...]
    incomes: bool
    scores: Ints
    raises: Ints
    standing: Sums = field(repr=False)
    by_score: Sums = field(repr=False)
    baseline: Sums = field(repr=False)
    increments: Sums = field(repr=False)
    payback: Floats = field(repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of thresholds and of raises."""
        return len(self.scores), len(self.raises)

    def increment(self, measure: str) -> Floats:
        """Return proposed less baseline of a measure, shape (thresholds, raises).

        Money in currency units. NaN where undefined: a rate whose denominator is 0, or a measure
        of incomes that the portfolio does not bring.

        Raises
        ------
        ParameterError
            No measure has that name.
        """
        if not find_measure(measure).known(incomes=self.incomes):
            return np.full(self.shape, np.nan)
        if measure == "payback_months":
            return self.payback
        before, more = self.baseline.by_name(), self.increments.by_name()
        found = measures.change(measure, before, more, self.assumptions)
        return measures.in_currency(measure, found)

    def proposed(self, measure: str) -> Floats:
        """Return a measure after the raises, shape (thresholds, raises).

        Units and NaN as for :meth:`increment`; what only an increment has is NaN here.
        """
        return np.broadcast_to(self._level(measure, self.baseline + self.increments), self.shape)

    def before(self, measure: str) -> float:
        """Return a measure of the baseline, in currency units; NaN where undefined."""
        return float(self._level(measure, self.baseline))

    def at(self, score_threshold: int, raise_rate: float) -> Point:
        """Return all measures of one policy of the surface.

        Raises
        ------
        ParameterError
            The threshold is off the score scale, or the raise is none of the surface's.
        """
        row, column = self.index(score_threshold, raise_rate)
        more = self.increments.each(lambda values: values[row, column])
        before = measures.side(self.baseline, self.assumptions, incomes=self.incomes)
        after = measures.side(self.baseline + more, self.assumptions, incomes=self.incomes)
        first = float(self.payback[row, column])
        paid = None if np.isnan(first) else int(first)
        added = measures.increment(before, after, more, self.assumptions, payback=paid)
        return Point(before, after, added)

    def index(self, score_threshold: int, raise_rate: float) -> tuple[int, int]:
        """Return the position of a policy on the surface: its row and its column."""
        found = self.policy.with_changes(score_threshold=score_threshold).faults_on(
            self.portfolio.scale
        )
        column = int(np.searchsorted(self.raises, basis_points(raise_rate)))
        if column == len(self.raises) or self.raises[column] != basis_points(raise_rate):
            low, high = (percent_text(self.raises[end] / BASIS_POINTS) for end in (0, -1))
            found.append(
                say(
                    "raise_rate = {raise_rate} is not on the surface: its {count} raises "
                    "go from {low} to {high}.",
                    raise_rate=percent_text(raise_rate),
                    count=len(self.raises),
                    low=low,
                    high=high,
                )
            )
        if found:
            raise ParameterError(found)
        return score_threshold - int(self.scores[0]), column

    def holds(self, policy: Policy) -> bool:
        """Whether a policy is one of the surface's: its rules, flat, its raise among the raises."""
        flat = not policy.tiers and basis_points(policy.raise_rate) in self.raises
        return flat and surface_key(policy) == self.policy

    def display_grid(
        self,
        measure: str,
        *,
        of: Side = Side.INCREMENT,
        thresholds: int = 60,
        raises: int = 50,
    ) -> DisplayGrid:
        """Return a measure on about so many thresholds and raises, both ends included.

        ``of`` says whether of the increment or of the proposed side.
        """
        added = Side(of) is Side.INCREMENT
        values = self.increment(measure) if added else self.proposed(measure)
        rows = _spread(len(self.scores), thresholds)
        columns = _spread(len(self.raises), raises)
        return DisplayGrid(self.scores[rows], self.raises[columns], values[np.ix_(rows, columns)])

    def table(self) -> pd.DataFrame:
        """Return one row a policy: threshold, raise (a decimal), raised, and every measure.

        Measures of the proposed side under their names, and ``increment_<measure>``; money in
        currency units, empty where undefined. The baseline is where ``raise_rate`` is 0.
        """
        count, width = self.shape
        columns: dict[str, Any] = {
            "score_threshold": np.repeat(self.scores, width),
            "raise_rate": np.tile(self.raises / BASIS_POINTS, count),
            "raised": self.increments.raised.ravel(),
        }
        for measure in MEASURES:
            if measure.name != "raised" and not measure.of_increment:
                columns[measure.name] = self._listed(self.proposed(measure.name), measure.name)
        for measure in MEASURES:
            if measure.name not in ("accounts", "raised"):
                values = self._listed(self.increment(measure.name), measure.name)
                columns[f"increment_{measure.name}"] = values
        beyond = self.raises > basis_points(EVIDENCE_RAISE)
        columns["beyond_evidence"] = np.tile(beyond, count)
        return pd.DataFrame(columns)

    def _listed(self, values: Floats, measure: str) -> Numbers:
        flat = np.ravel(values)
        return flat.astype(np.int64) if measure == "accounts" else flat

    def _level(self, measure: str, sums: Sums) -> Floats:
        if not find_measure(measure).known(incomes=self.incomes):
            return np.full(np.shape(sums.accounts), np.nan)
        found = measures.level(measure, sums.by_name(), self.assumptions)
        return measures.in_currency(measure, found)


def surface_key(policy: Policy) -> Policy:
    """Return what of a policy a surface depends on: all but threshold, raise, tiers and About."""
    sweep = policy.with_changes(tiers=()).for_sweep()
    return sweep.with_changes(raise_rate=0.0)


def _spread(count: int, wanted: int) -> Ints:
    """Return about ``wanted`` positions spread evenly over ``count``, both ends included."""
    return np.unique(np.round(np.linspace(0, count - 1, min(count, wanted))).astype(np.int64))
