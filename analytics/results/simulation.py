"""The one verb: a portfolio, a policy and assumptions go in, a simulation comes out.

A policy runs as three statements in the database that holds the accounts, each grouped by score:
how the accounts stand today (depends on the assumptions), which of them pass the guardrails
(depends on the rules), and what the raise does to those that pass (depends on the rest). What
comes back has one row a score. Cumulative sums over score then give every threshold at once, so
that another threshold costs no statement, and another raise one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Flags, Floats, Ints, Numbers
from analytics.declared.columns import MAX_TOTAL, MINOR_UNITS
from analytics.declared.parameters import BASIS_POINTS
from analytics.errors import ParameterError, PortfolioError
from analytics.method import formulas, measures, response
from analytics.method.bands import band_index, band_labels, band_value, take_up
from analytics.method.guardrails import (
    GUARDRAILS,
    HELD_OUT,
    RAISE_TOO_SMALL,
    RAISED,
    REASONS,
    SCORE_BELOW_THRESHOLD,
    NotApplied,
    not_applied,
)
from analytics.method.limits import BINDINGS
from analytics.method.measures import Measures, Sums
from analytics.policy import Policy, raise_basis_points
from analytics.portfolio import Portfolio

PARTS = ("new_exposure", "old_balance", "cross")


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """How the accounts stand today, by group and score.

    ``sums`` has arrays of shape (groups, scores), scores ascending over the whole scale.
    """

    groups: tuple[str, ...]
    scores: Ints
    sums: Sums
    incomes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Which accounts pass the guardrails, by group, score and reason.

    ``accounts`` and ``limit`` (minor units) have shape (groups, scores, reasons); the last reason
    stands for accounts that pass.
    """

    accounts: Ints
    limit: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """What the raise does to the accounts that pass, by group and score.

    ``sums`` are increments. ``parts`` of the increment of expected loss and ``expected_takers``
    have shape (groups, scores); ``raised_limit`` is today's limit of the raised accounts;
    ``binding`` has shape (groups, scores, bindings). ``cut_headline`` is the headline raise of a
    policy with a largest raise (10,000 x minor units) and None for any other:
    :meth:`Sweep.headline` is there for both.
    """

    sums: Sums
    cut_headline: Ints | None
    parts: Mapping[str, Floats] = field(hash=False)
    expected_takers: Floats
    offered_limit: Ints
    raised_limit: Ints
    binding: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Results for a group of accounts: the whole portfolio, a segment's value or a score band.

    ``baseline``, ``proposed`` and ``increment`` are None for a group without accounts.
    Money in currency units; ``effective_raise_minor`` in minor units, whole.
    """

    label: str
    baseline: Measures | None
    proposed: Measures | None
    increment: Measures | None
    raised: int
    expected_takers: float
    headline_raise: float
    effective_raise_minor: int
    expected_loss_parts: Mapping[str, float] = field(hash=False)
    reasons: Mapping[str, tuple[int, float]] = field(hash=False)
    binding: Mapping[str, int] = field(hash=False)

    @property
    def effective_raise(self) -> float:
        """New limits less today's, over raised accounts."""
        return self.effective_raise_minor / MINOR_UNITS

    @property
    def at_threshold(self) -> int:
        """Accounts with at least the threshold's score."""
        return sum(
            count for name, (count, _) in self.reasons.items() if name != SCORE_BELOW_THRESHOLD
        )

    @property
    def relieved(self) -> float:
        """Raised customers who were tight and are no longer."""
        return self.increment.relieved if self.increment else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A policy against the baseline: the whole portfolio, and groups of it."""

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    total: Group
    groups: tuple[Group, ...]
    bands: tuple[Group, ...]
    not_applied: tuple[NotApplied, ...]


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
        from_score = self.baseline.scores >= score_threshold
        everybody = np.ones_like(from_score)
        edges = self.assumptions.band_edges
        band = band_index(self.baseline.scores, edges)
        bands = tuple(
            self._group(label, slice(None), band == index, from_score)
            for index, label in enumerate(band_labels(edges, self.portfolio.scale.lowest))
        )
        groups = tuple(
            self._group(label, slice(index, index + 1), everybody, from_score)
            for index, label in enumerate(self.baseline.groups)
        )
        return Simulation(
            portfolio=self.portfolio,
            policy=policy,
            assumptions=self.assumptions,
            total=self._group("Total", slice(None), everybody, from_score),
            groups=groups if self.by else (),
            bands=bands,
            not_applied=not_applied(self.portfolio, policy),
        )

    def headline(self) -> Floats:
        """Return 10,000 times the raise before ceilings and rounding, minor units.

        Shape (groups, scores), over all accounts that pass the guardrails, held out or not. The
        target is proportional to the limit unless a largest raise cuts it.
        """
        if self.raising.cut_headline is not None:
            return self.raising.cut_headline.astype(np.float64)
        passing = [REASONS.index(HELD_OUT), REASONS.index(RAISED)]
        limit = self.eligibility.limit[..., passing].sum(axis=-1).astype(np.float64)
        (_, first), *later = raise_basis_points(self.policy)
        points = np.full(len(self.baseline.scores), first)
        for start, further in later:
            points[self.baseline.scores >= start] = further
        headline: Floats = limit * points
        return headline

    def increments(self) -> Sums:
        """Return the increments at every threshold: arrays over ``baseline.scores``."""
        return self.raising.sums.each(lambda values: from_the_top(values.sum(axis=0)))

    def net_values(self) -> Floats:
        """Return the increment of net value at every threshold, in currency units."""
        values: Floats = measures.derived(self.increments(), self.assumptions)["net_value"]
        return values / MINOR_UNITS

    def _group(self, label: str, rows: slice, members: Flags, above: Flags) -> Group:
        incomes = self.baseline.incomes

        def over(mask: Flags) -> Any:
            return lambda values: values[rows][:, mask].sum(axis=(0, 1))

        before = self.baseline.sums.each(over(members))
        more = self.raising.sums.each(over(members & above))
        if before.accounts:
            baseline = measures.side(before, self.assumptions, incomes=incomes)
            proposed = measures.side(before + more, self.assumptions, incomes=incomes)
            change = measures.increment(baseline, proposed, more, self.assumptions)
            triple: tuple[Measures | None, ...] = (baseline, proposed, change)
        else:
            triple = (None, None, None)
        picked = over(members & above)
        raising = self.raising
        return Group(
            label=label,
            baseline=triple[0],
            proposed=triple[1],
            increment=triple[2],
            raised=int(more.raised),
            expected_takers=float(picked(raising.expected_takers)),
            headline_raise=float(picked(self.headline())) / BASIS_POINTS / MINOR_UNITS,
            effective_raise_minor=int(picked(raising.offered_limit)),
            expected_loss_parts={
                part: float(picked(values)) / MINOR_UNITS for part, values in raising.parts.items()
            },
            reasons=self._reasons(rows, members, above),
            binding=dict(zip(BINDINGS, (int(n) for n in picked(raising.binding)), strict=True)),
        )

    def _reasons(self, rows: slice, members: Flags, above: Flags) -> dict[str, tuple[int, float]]:
        inside, below = members & above, members & ~above
        counts = self.eligibility.accounts[rows][:, inside].sum(axis=(0, 1))
        limits = self.eligibility.limit[rows][:, inside].sum(axis=(0, 1))
        raised = self.raising.sums.raised[rows][:, inside].sum()
        raised_limit = self.raising.raised_limit[rows][:, inside].sum()
        small, made = REASONS.index(RAISE_TOO_SMALL), REASONS.index(RAISED)
        counts[small], limits[small] = counts[made] - raised, limits[made] - raised_limit
        counts[made], limits[made] = raised, raised_limit
        counts[0] = self.eligibility.accounts[rows][:, below].sum()
        limits[0] = self.eligibility.limit[rows][:, below].sum()
        return {
            name: (int(count), int(limit) / MINOR_UNITS)
            for name, count, limit in zip(REASONS, counts, limits, strict=True)
        }


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
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, *, by: str | None = None
) -> Sweep:
    """Return what a raise does at every threshold of the score scale."""
    found = policy.faults_on(portfolio.scale)
    if found:
        raise ParameterError(found)
    baseline = load_baseline(portfolio, assumptions, by=by)
    return Sweep(
        portfolio=portfolio,
        policy=policy,
        assumptions=assumptions,
        by=by,
        baseline=baseline,
        eligibility=load_eligibility(portfolio, policy, baseline, by=by),
        raising=load_raise(portfolio, policy, assumptions, baseline, by=by),
    )


def baseline_statement(
    portfolio: Portfolio, assumptions: Assumptions, by: str | None = None
) -> sa.Select[Any]:
    """Return the statement of how the accounts stand today, one row a group and score."""
    accounts = response.priced(portfolio, assumptions, by, columns=response.OF_AN_ACCOUNT)
    sums = response.baseline_sums(accounts, assumptions, incomes=portfolio.has("monthly_income"))
    return _by_score(accounts, sums, by)


def eligibility_statement(
    portfolio: Portfolio, policy: Policy, by: str | None = None
) -> sa.Select[Any]:
    """Return the statement of who passes the guardrails, one row a group, score and reason."""
    relation = response.labelled(portfolio, by, columns=_columns(policy))
    accounts = response.decided(relation, policy, portfolio)
    sums = {"accounts": sa.func.count(), "limit": sa.func.sum(accounts.c.credit_limit)}
    return _by_score(accounts, sums, by, accounts.c.reason)


def raise_statement(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, by: str | None = None
) -> sa.Select[Any]:
    """Return the statement of what the raise does, one row a group and score."""
    priced = response.priced(portfolio, assumptions, by, columns=_columns(policy))
    decided = response.decided(priced, policy, portfolio)
    raised = response.raised_alone(decided, policy, portfolio)
    accounts = response.responded(raised, assumptions)
    incomes = portfolio.has("monthly_income")
    sums = response.increment_sums(accounts, assumptions, incomes=incomes)
    for name in _further_bindings(portfolio, policy):
        bound = accounts.c.binding == BINDINGS.index(name)
        sums[f"by_{name}"] = sa.func.sum(sa.case((bound, 1), else_=0))
    sums["raised_limit"] = sa.func.sum(accounts.c.credit_limit, type_=sa.BigInteger())
    return _by_score(accounts, sums, by)


def headline_statement(
    portfolio: Portfolio, policy: Policy, by: str | None = None
) -> sa.Select[Any]:
    """Return the statement of the raise before ceilings and rounding, one row a group and score.

    Only a policy with a largest raise needs it: see :meth:`Sweep.headline`.
    """
    relation = response.labelled(portfolio, by, columns=_columns(policy))
    decided = response.decided(relation, policy, portfolio)
    accounts = response.resized(decided, policy, portfolio, eligible_only=True)
    headline = sa.func.sum(accounts.c.headline, type_=sa.BigInteger())
    return _by_score(accounts, {"headline": headline}, by)


def _columns(policy: Policy) -> frozenset[str]:
    """Return the columns that the statements of a policy read, present or not."""
    rules = {rule.column for rule in GUARDRAILS if rule.is_on(policy)}
    draw = {"account_id"} if policy.holdout_rate else set()
    return response.OF_AN_ACCOUNT | rules | draw


def _further_bindings(portfolio: Portfolio, policy: Policy) -> tuple[str, ...]:
    """Return what can set a new limit under a policy, apart from the raise itself."""
    possible = {
        "max_increment": policy.max_increment is not None,
        "limit_cap": policy.limit_cap is not None,
        "income_multiple": policy.income_multiple is not None and portfolio.has("monthly_income"),
    }
    return tuple(name for name, applies in possible.items() if applies)


def _by_score(
    accounts: sa.CTE,
    sums: Mapping[str, sa.ColumnElement[Any]],
    by: str | None,
    *further: sa.ColumnElement[Any],
) -> sa.Select[Any]:
    group = () if by is None else (accounts.c[response.GROUP],)
    keys = (*group, accounts.c.score, *further)
    labelled = (value.label(name) for name, value in sums.items())
    return sa.select(*keys, *labelled).group_by(*keys)


def load_baseline(
    portfolio: Portfolio, assumptions: Assumptions, *, by: str | None = None
) -> Baseline:
    """Run the baseline statement and spread its rows over groups and the whole score scale.

    Raises
    ------
    PortfolioError
        The limits or balances sum to more than exact arithmetic holds.
    """
    if max(portfolio.total_limit, portfolio.total_balance) > MAX_TOTAL:
        raise PortfolioError(
            f"The limits or balances of the portfolio sum to more than "
            f"{MAX_TOTAL // MINOR_UNITS:,}, which cannot be computed exactly: bring fewer "
            "accounts, or money in thousands."
        )
    rows = portfolio.door.sums(baseline_statement(portfolio, assumptions, by))
    scale = portfolio.scale
    scores = np.arange(scale.lowest, scale.highest + 1, dtype=np.int64)
    groups = ("",) if by is None else tuple(sorted(set(rows[response.GROUP].tolist()))) or ("",)
    spread = _Spread(groups, scores, rows)
    incomes = portfolio.has("monthly_income")
    zeros = np.zeros((len(groups), len(scores)), dtype=np.int64)
    given = {name: spread(name) for name in rows if name in measures.SUM_NAMES}
    given |= _linear_measures(given["balance"], given["headroom"], scores, assumptions, given)
    none = dict.fromkeys(("raised", "retained", "action_cost", "relieved"), zeros)
    unknown = {} if incomes else {"strained": zeros, "over_indebted": zeros}
    return Baseline(
        groups=groups, scores=scores, sums=Sums(**(given | none | unknown)), incomes=incomes
    )


def load_eligibility(
    portfolio: Portfolio, policy: Policy, baseline: Baseline, *, by: str | None = None
) -> Eligibility:
    """Run the eligibility statement and spread its rows over groups, scores and reasons."""
    rows = portfolio.door.sums(eligibility_statement(portfolio, policy, by))
    spread = _Spread(baseline.groups, baseline.scores, rows, rows["reason"], len(REASONS))
    return Eligibility(accounts=spread("accounts"), limit=spread("limit"))


def load_raise(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    baseline: Baseline,
    *,
    by: str | None = None,
) -> Raise:
    """Run the raise statement and spread its rows over groups and scores.

    In opt-in mode every increment is scaled by the band's take-up; who is offered what is not.
    """
    rows = portfolio.door.sums(raise_statement(portfolio, policy, assumptions, by))
    scores = baseline.scores
    spread = _Spread(baseline.groups, scores, rows)
    taking = take_up(scores, assumptions)
    raised, offered = spread("raised"), spread("limit")
    none = np.zeros_like(raised)
    given = {
        name: spread(name) * taking
        for name in rows
        if name in measures.SUM_NAMES and name not in ("raised", "limit")
    }
    given["raised"] = raised
    given["limit"] = offered * taking
    parts = {part: spread(part) * taking for part in PARTS}
    given["expected_loss"] = parts["new_exposure"] + parts["old_balance"] + parts["cross"]
    given["accounts"] = none
    given["action_cost"] = raised * taking * (assumptions.action_cost * MINOR_UNITS)
    given |= _linear_measures(given["balance"], given["headroom"], scores, assumptions, given)
    if not baseline.incomes:
        given |= {"strained": none, "over_indebted": none}
    further = {name: spread(f"by_{name}") for name in _further_bindings(portfolio, policy)}
    own = raised - sum(further.values(), none)
    return Raise(
        sums=Sums(**given),
        cut_headline=_load_cut_headline(portfolio, policy, baseline, by),
        parts=parts,
        expected_takers=raised * taking,
        offered_limit=offered,
        raised_limit=spread("raised_limit"),
        binding=np.stack([own, *(further.get(n, none) for n in BINDINGS[1:])], axis=-1),
    )


def _load_cut_headline(
    portfolio: Portfolio, policy: Policy, baseline: Baseline, by: str | None
) -> Ints | None:
    if policy.max_increment is None:
        return None
    rows = portfolio.door.sums(headline_statement(portfolio, policy, by))
    return _Spread(baseline.groups, baseline.scores, rows)("headline")


def from_the_top(values: Numbers) -> Numbers:
    """Return, for each score (last axis), the sum over that score and all above it."""
    return np.flip(np.cumsum(np.flip(values, axis=-1), axis=-1), axis=-1)


def _linear_measures(
    balance: Numbers,
    unused: Numbers,
    scores: Ints,
    assumptions: Assumptions,
    given: Mapping[str, Numbers],
) -> Columns:
    """Return the measures that are linear in balance and headroom, from their sums by score."""
    yields = band_value(scores, assumptions.yield_rate, assumptions.band_edges)
    linear = {
        "ead": formulas.ead(balance, unused, assumptions.credit_conversion_factor),
        "margin": formulas.margin(
            balance, yields, assumptions.funding_rate, assumptions.operating_rate
        ),
    }
    if "rwa" not in given:
        linear["rwa"] = formulas.standardised_rwa(
            balance, unused, assumptions.risk_weight, assumptions.regulatory_conversion_factor
        )
    return linear


class _Spread:
    """Puts the rows of a statement into arrays over groups and scores, 0 where there is no row."""

    def __init__(
        self,
        groups: tuple[str, ...],
        scores: Ints,
        rows: Mapping[str, Numbers],
        further: Ints | None = None,
        width: int = 0,
    ) -> None:
        grouped = response.GROUP in rows
        place = {label: index for index, label in enumerate(groups)}
        at_score = rows["score"] - scores[0]
        labels = [place[label] for label in rows[response.GROUP].tolist()] if grouped else 0
        self._rows = rows
        self._index: tuple[Any, ...] = (np.asarray(labels, dtype=np.int64), at_score)
        self._shape: tuple[int, ...] = (len(groups), len(scores))
        if further is not None:
            self._index, self._shape = (*self._index, further), (*self._shape, width)

    def __call__(self, name: str) -> Numbers:
        values = self._rows[name]
        out = np.zeros(self._shape, dtype=values.dtype)
        out[self._index] = values
        return out
