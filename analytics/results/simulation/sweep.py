"""One raise at every threshold, and the one verb: a simulation at one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Numbers
from analytics.declared.choices import Reason
from analytics.declared.language import marked
from analytics.errors import ParameterError
from analytics.method import measures, rival
from analytics.method.bands import band_index, band_labels
from analytics.method.guardrails import not_applied
from analytics.method.limits import raise_points
from analytics.method.measures import Sums
from analytics.method.months import Schedule
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation.groups import Cuts, Simulation, make_groups
from analytics.results.simulation.readings import (
    Baseline,
    Eligibility,
    Raise,
    hold_together,
    load_baseline,
    load_eligibility,
    load_raise,
)
from analytics.results.steps import Memo, afresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One raise at every threshold: all that a threshold slider needs."""

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    by: str | None
    baseline: Baseline
    eligibility: Eligibility
    raising: Raise

    def at(self, score_threshold: int) -> Simulation:
        """Return the simulation at one threshold; no statement is run.

        Raises
        ------
        ParameterError
            The threshold is off the portfolio's score scale.
        """
        policy = self.policy.at_threshold(score_threshold)
        found = policy.faults_on(self.portfolio.scale)
        if found:
            raise ParameterError(found)
        scores, edges = self.baseline.scores, self.assumptions.band_edges
        bands = band_labels(edges, self.portfolio.scale.lowest)
        cuts = Cuts(
            band=band_index(scores, edges),
            bands=len(bands),
            first=int(np.searchsorted(scores, score_threshold)),
            segments=self.by is not None,
        )
        total, *parts = make_groups(
            (marked("Total"), *bands, *(self.baseline.groups if self.by else ())),
            cuts,
            assumptions=self.assumptions,
            baseline=self.baseline,
            eligibility=self.eligibility,
            raising=self.raising,
            headline=self.headline(),
            stake=rival.at_stake(self.raising.earned, scores, self.assumptions),
            reached=rival.in_reach(self.raising.lines, scores, self.assumptions),
            schedule=self.schedule(),
        )
        return Simulation(
            portfolio=self.portfolio,
            policy=policy,
            assumptions=self.assumptions,
            total=total,
            groups=tuple(parts[len(bands) :]),
            bands=tuple(parts[: len(bands)]),
            not_applied=not_applied(self.portfolio, policy),
        )

    def schedule(self) -> Schedule | None:
        """Return over what value is counted by month; None for a temporary raise."""
        lasting = self.policy.temporary_days is None
        return self.baseline.schedule(self.assumptions) if lasting else None

    def headline(self) -> Floats:
        """Return 10,000 times the raise before ceilings and rounding, minor units.

        Shape (groups, scores), over all accounts that pass the rules, held out or without room. The
        target is proportional to the limit unless a largest raise cuts it.
        """
        if self.raising.cut_headline is not None:
            return self.raising.cut_headline.astype(np.float64)
        limit = self.eligibility.limit[..., Reason.RAISED.code].astype(np.float64)
        headline: Floats = limit * raise_points(self.baseline.scores, self.policy)
        return headline

    def increments(self) -> Sums:
        """Return the increments at every threshold: arrays over ``baseline.scores``."""
        return self.raising.sums.each(lambda values: from_the_top(values.sum(axis=0)))

    def npvs(self) -> Floats:
        """Return the value over the horizon at every threshold, in currency units."""
        return measures.in_currency("npv", self.increments().npv)

    def net_values(self) -> Floats:
        """Return the increment of net value at every threshold, in currency units."""
        sums = measures.additive(self.increments().by_name(), self.assumptions)
        return measures.in_currency("net_value", sums["net_value"])


def simulate(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, *, by: str | None = None
) -> Simulation:
    """Return what a policy does to a portfolio under assumptions.

    Parameters
    ----------
    by : str, optional
        A segment of the portfolio to give results for as well.

    Raises
    ------
    ParameterError
        The policy does not fit the portfolio's score scale.
    PortfolioError
        The portfolio lacks what the assumptions need, or the segment asked for.
    """
    return sweep(portfolio, policy, assumptions, by=by).at(policy.score_threshold)


def sweep(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    *,
    by: str | None = None,
    memo: Memo = afresh,
) -> Sweep:
    """Return what a raise does at every threshold of the score scale.

    Parameters
    ----------
    memo : Memo
        Keeps the readings, each by what it depends on: with one, another threshold or name runs no
        statement, and another raise one.

    Raises
    ------
    ParameterError
        The policy does not fit the portfolio's score scale.
    PortfolioError
        As for :func:`simulate`, or the accounts changed between the statements.
    """
    found = policy.faults_on(portfolio.scale, portfolio.currency)
    if found:
        raise ParameterError(found)
    baseline = load_baseline(portfolio, assumptions, by=by, memo=memo)
    eligibility = load_eligibility(portfolio, policy, baseline, by=by, memo=memo)
    raising = load_raise(portfolio, policy, assumptions, baseline, by=by, memo=memo)
    hold_together(baseline, eligibility, raising)
    return Sweep(
        portfolio=portfolio,
        policy=policy,
        assumptions=assumptions,
        by=by,
        baseline=baseline,
        eligibility=eligibility,
        raising=raising,
    )


def from_the_top(values: Numbers, *, axis: int = -1) -> Numbers:
    """Return, for each score (along ``axis``), the sum over that score and all above it."""
    return np.flip(np.cumsum(np.flip(values, axis=axis), axis=axis), axis=axis)
