"""How sure: the central 95 % ranges of projected defaults and of realised loss (METHOD 8).

Accounts default independently given a common factor z, which is what makes the sum uncertain for
a large portfolio; for a small one the chance of each account adds to it. Both are computed on
pools of accounts: one statement for the portfolio as it stands, one for the accounts that a raise
reaches at any threshold, each grouped by score and default probability. What a sum over pools may
come to is for :mod:`analytics.method.factor` to say.

Baseline and proposal are coupled: the same factor, and who defaults under the baseline defaults
under the proposal too. So a raised account adds, given z, the rise of its loss with its old
probability p0(z), its whole new loss with probability p1(z) - p0(z), else nothing. Where customers
have to opt in, taking the offer is one more draw of each account, with the band's take-up.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Flags, Floats, Ints
from analytics.declared.columns import MINOR_UNITS
from analytics.errors import PortfolioError
from analytics.method import formulas, response
from analytics.method.bands import take_up
from analytics.method.elementwise import as_double, ln
from analytics.method.factor import (
    Events,
    FactorModel,
    count_quantiles,
    count_quantiles_of,
    loss_quantiles,
)
from analytics.policy import Policy
from analytics.portfolio import Portfolio

Sums = dict[str, sa.ColumnElement[float]]

POWERS = (1, 2, 3)
KEYS = ("score", "odds_step", "loss_step")

_ODDS_STEPS = 2
"""Pools for each doubling of the odds of default."""
_LOSS_STEPS = 8
"""Pools for each doubling of an account's loss, in a small portfolio."""
_SMALL = 5_000
"""Up to so many accounts, pools are formed by loss as well: few accounts share one."""
_CERTAIN = 1_000_000
"""The step of the odds where default is certain."""


@dataclass(frozen=True, slots=True)
class Range:
    """The central 95 % of a sum: both ends belong to it."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeTriple:
    """Ranges of a sum under the baseline, under the proposal, and of the increment."""

    baseline: Range
    proposed: Range
    increment: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """The ranges shown beside the point figures.

    ``projected_defaults`` counts accounts (whole numbers); ``expected_loss`` is the range of
    realised loss, the sum of default x loss given default x EAD, in currency units.
    """

    projected_defaults: RangeTriple
    expected_loss: RangeTriple


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BaselinePools:
    """Accounts as they stand, pooled; one entry a pool, money in currency units.

    Parameters
    ----------
    score, odds_step, loss_step : key of the pool; ``loss_step`` is 0 but in small portfolios
    accounts : how many
    defaults : sum of default probabilities
    loss : shape (3, pools): sum of probability x loss at default, its square and its cube
    """

    score: Ints
    odds_step: Ints
    loss_step: Ints
    accounts: Floats
    defaults: Floats
    loss: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RaisedPools:
    """Accounts that a raise reaches at some threshold, pooled by the same key.

    Parameters
    ----------
    accounts, defaults, loss : as they stand, see :class:`BaselinePools`
    more_defaults : sum of the rises of the default probability
    loss_after : sums of old probability x powers of the new loss at default
    loss_risen : sums of old probability x powers of the rise of the loss at default
    loss_extra : sums of the rise of the probability x powers of the new loss at default; its
        square and cube are in the proportion of ``loss_after``
    """

    score: Ints
    odds_step: Ints
    loss_step: Ints
    accounts: Floats
    defaults: Floats
    loss: Floats
    more_defaults: Floats
    loss_after: Floats
    loss_risen: Floats
    loss_extra: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pools:
    """What ranges are computed from, at any threshold."""

    baseline: BaselinePools
    raised: RaisedPools


def load_pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Pools:
    """Return the pools of a portfolio under a policy; its threshold does not matter."""
    return Pools(
        baseline=load_baseline_pools(portfolio, assumptions),
        raised=load_raised_pools(portfolio, policy, assumptions),
    )


def load_baseline_pools(portfolio: Portfolio, assumptions: Assumptions) -> BaselinePools:
    """Run the statement of the accounts as they stand; it depends on no policy."""
    rows = portfolio.door.sums(baseline_pools_statement(portfolio, assumptions))
    return BaselinePools(**_arrays(rows, BaselinePools))


def load_raised_pools(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> RaisedPools:
    """Run the statement of the accounts that the policy raises, were its threshold the lowest."""
    statement = raised_pools_statement(portfolio, policy.for_sweep(), assumptions)
    rows = portfolio.door.sums(statement)
    first = rows["loss_after_1"]
    share = np.divide(rows["loss_extra_1"], first, out=np.zeros_like(first), where=first > 0)
    rows |= {f"loss_extra_{power}": share * rows[f"loss_after_{power}"] for power in (2, 3)}
    return RaisedPools(**_arrays(rows, RaisedPools))


def baseline_pools_statement(portfolio: Portfolio, assumptions: Assumptions) -> sa.Select[Any]:
    """Return the statement of the accounts as they stand, one row a pool; money in minor units."""
    c = response.priced(portfolio, assumptions).c
    unused = as_double(formulas.headroom(c.credit_limit, c.balance))
    exposure = formulas.ead(as_double(c.balance), unused, assumptions.credit_conversion_factor)
    losses = (
        sa.select(
            c.score,
            c.default_probability.label("p"),
            (c.loss_given_default * exposure).label("loss"),
        )
        .where(c.default_probability > 0)
        .cte("losses")
    )
    accounts = _keyed(losses, portfolio)
    return _by_pool(accounts, _sums("loss", accounts.c.p, accounts.c.loss))


def raised_pools_statement(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> sa.Select[Any]:
    """Return the statement of the accounts that a policy raises, one row a pool."""
    decided = response.decided(response.priced(portfolio, assumptions), policy, portfolio)
    sized = response.resized(decided, policy, portfolio, eligible_only=True)
    c = response.responded(sized, assumptions).c
    factor = assumptions.credit_conversion_factor
    before = formulas.ead(as_double(c.balance), c.unused, factor)
    after = formulas.ead(c.new_balance, c.new_unused, factor)
    losses = (
        sa.select(
            c.score,
            c.default_probability.label("p"),
            (c.new_probability - c.default_probability).label("rise"),
            (c.loss_given_default * before).label("loss"),
            (c.loss_given_default * after).label("new_loss"),
        )
        .where(c.raised, c.default_probability > 0)
        .cte("losses")
    )
    accounts = _keyed(losses, portfolio)
    p, rise, loss, new_loss = (accounts.c[name] for name in ("p", "rise", "loss", "new_loss"))
    sums: Sums = {"more_defaults": sa.func.sum(rise, type_=sa.Double())}
    sums |= _sums("loss", p, loss) | _sums("loss_after", p, new_loss)
    sums |= _sums("loss_risen", p, new_loss - loss)
    sums["loss_extra_1"] = sa.func.sum(rise * new_loss, type_=sa.Double())
    return _by_pool(accounts, sums)


def ranges_at(pools: Pools, score_threshold: int, assumptions: Assumptions) -> Ranges:
    """Return the ranges for a raise from a score on; no statement is run.

    Raises
    ------
    PortfolioError
        The pools are not of the same accounts.
    """
    raised = pools_of(pools.raised, pools.raised.score >= score_threshold)
    takers = take_up(raised.score, assumptions)
    model = _model(pools, assumptions)
    baseline = baseline_events(pools.baseline)
    others = baseline_events(_without(pools.baseline, raised))
    proposed = others.and_those(proposed_events(raised, takers))
    increment = _increment_events(raised, takers)
    more = count_quantiles_of(
        model.moments(increment.rises().counted()),
        raised.accounts.sum(keepdims=True),
        model,
    )
    return Ranges(
        projected_defaults=RangeTriple(
            baseline=Range(*count_quantiles(baseline, model)),
            proposed=Range(*count_quantiles(proposed, model)),
            increment=Range(float(more[0][0]), float(more[1][0])),
        ),
        expected_loss=RangeTriple(
            baseline=Range(*loss_quantiles(baseline, model)),
            proposed=Range(*loss_quantiles(proposed, model)),
            increment=Range(*loss_quantiles(increment, model)),
        ),
    )


def increment_ranges_by_threshold(
    pools: Pools, assumptions: Assumptions
) -> tuple[Ints, Floats, Floats]:
    """Return the range of the increment of projected defaults at every threshold.

    Returns
    -------
    scores : int array, ascending: the scores of accounts that are raised
    low, high : float arrays of the same shape: whole numbers of accounts, the range for a raise
        from that score on (and from just above the score before it)
    """
    raised = pools.raised
    scores, row = np.unique(raised.score, return_inverse=True)
    model = _model(pools, assumptions)
    events = _increment_events(raised, take_up(raised.score, assumptions)).rises().counted()
    given = model.moments(events, row, len(scores)).from_the_top()
    accounts = np.bincount(row, raised.accounts, len(scores)).astype(np.float64)
    low, high = count_quantiles_of(given, np.cumsum(accounts[::-1])[::-1], model)
    return scores, low, high


def baseline_events(pools: BaselinePools) -> Events:
    """Return what may happen to accounts as they stand."""
    level = np.vstack([pools.defaults, pools.loss])
    mean = pools.defaults / pools.accounts
    return Events(
        accounts=pools.accounts,
        probability=mean,
        riskier=mean,
        level=level,
        rise=np.zeros_like(level),
    )


def proposed_events(pools: RaisedPools, takers: Floats) -> Events:
    """Return what may happen to raised accounts; with no takers, as they stand."""
    loss = (1.0 - takers) * pools.loss + takers * pools.loss_after
    return _raised_events(pools, np.vstack([pools.defaults, loss]), takers)


def _increment_events(pools: RaisedPools, takers: Floats) -> Events:
    return _raised_events(pools, takers * np.vstack([pools.defaults, pools.loss_risen]), takers)


def _raised_events(pools: RaisedPools, level: Floats, takers: Floats) -> Events:
    return Events(
        accounts=pools.accounts,
        probability=pools.defaults / pools.accounts,
        riskier=(pools.defaults + pools.more_defaults) / pools.accounts,
        level=level,
        rise=takers * np.vstack([pools.more_defaults, pools.loss_extra]),
    )


def _model(pools: Pools, assumptions: Assumptions) -> FactorModel:
    baseline, raised = pools.baseline, pools.raised
    probabilities = (
        baseline.defaults / baseline.accounts,
        raised.defaults / raised.accounts,
        (raised.defaults + raised.more_defaults) / raised.accounts,
    )
    return FactorModel.over(probabilities, assumptions.asset_correlation)


def _arrays(rows: Columns, kind: type[BaselinePools | RaisedPools]) -> dict[str, Any]:
    """Return the pools of a statement in the order of their keys, money in currency units."""
    order = np.lexsort([rows[name] for name in reversed(KEYS)])
    found: dict[str, Any] = {}
    for name in (item.name for item in fields(kind)):
        if name in KEYS:
            found[name] = rows[name][order]
        elif name.startswith("loss"):
            powers = [rows[f"{name}_{power}"] / float(MINOR_UNITS) ** power for power in POWERS]
            found[name] = np.stack(powers)[:, order]
        else:
            found[name] = rows[name][order].astype(np.float64)
    return found


def pools_of(pools: RaisedPools, which: Flags) -> RaisedPools:
    """Return some of the pools."""
    values = {item.name: getattr(pools, item.name)[..., which] for item in fields(pools)}
    return RaisedPools(**values)


def _without(pools: BaselinePools, raised: RaisedPools) -> BaselinePools:
    """Return the accounts that are not raised; whoever is raised is in the pool of the same key."""
    keys = np.stack([pools.score, pools.odds_step, pools.loss_step])
    gone = np.stack([raised.score, raised.odds_step, raised.loss_step])
    _, code = np.unique(np.hstack([keys, gone]), axis=1, return_inverse=True)
    code = code.ravel()
    place = np.full(code.max(initial=0) + 1, -1, dtype=np.int64)
    place[code[: keys.shape[1]]] = np.arange(keys.shape[1])
    at = place[code[keys.shape[1] :]]
    if (at < 0).any():
        raise PortfolioError(
            "Accounts that the policy raises are not among those of the portfolio as it stands: "
            "the accounts changed meanwhile. Run the simulation again."
        )
    accounts, defaults, loss = pools.accounts.copy(), pools.defaults.copy(), pools.loss.copy()
    accounts[at] -= raised.accounts
    defaults[at] -= raised.defaults
    loss[:, at] -= raised.loss
    left = accounts > 0.5
    return BaselinePools(
        score=pools.score[left],
        odds_step=pools.odds_step[left],
        loss_step=pools.loss_step[left],
        accounts=accounts[left],
        defaults=np.clip(defaults[left], 0.0, accounts[left]),
        loss=np.maximum(loss[:, left], 0.0),
    )


def _sums(name: str, weight: sa.ColumnElement[float], loss: sa.ColumnElement[float]) -> Sums:
    """Return the sums of a weight times the powers of a loss, by name."""
    found: Sums = {}
    value = weight
    for power in POWERS:
        value = value * loss
        found[f"{name}_{power}"] = sa.func.sum(value, type_=sa.Double())
    return found


def _keyed(losses: sa.CTE, portfolio: Portfolio) -> sa.CTE:
    """Return the accounts with the key of their pool."""
    p, loss = losses.c.p, losses.c.loss
    odds_step = sa.case((p < 1, _steps(p / (1.0 - p), _ODDS_STEPS)), else_=_CERTAIN)
    loss_step: sa.ColumnElement[int] = sa.literal(0, sa.Integer())
    if portfolio.accounts <= _SMALL:
        loss_step = sa.case((loss > 0, _steps(loss, _LOSS_STEPS)), else_=-_CERTAIN)
    keys = (odds_step.label("odds_step"), loss_step.label("loss_step"))
    return sa.select(*losses.c, *keys).cte("keyed")


def _steps(value: sa.ColumnElement[Any], per_doubling: int) -> sa.ColumnElement[int]:
    steps: sa.ColumnElement[float] = sa.func.floor(
        ln(value) * (per_doubling / formulas.LN_2), type_=sa.Double()
    )
    return sa.cast(steps, sa.Integer())


def _by_pool(accounts: sa.CTE, sums: Sums) -> sa.Select[Any]:
    keys = [accounts.c[name] for name in KEYS]
    return sa.select(
        *keys,
        sa.func.count(type_=sa.BigInteger()).label("accounts"),
        sa.func.sum(accounts.c.p, type_=sa.Double()).label("defaults"),
        *(value.label(name) for name, value in sums.items()),
    ).group_by(*keys)


__all__ = [
    "BaselinePools",
    "Pools",
    "RaisedPools",
    "Range",
    "RangeTriple",
    "Ranges",
    "baseline_events",
    "baseline_pools_statement",
    "increment_ranges_by_threshold",
    "load_baseline_pools",
    "load_pools",
    "load_raised_pools",
    "pools_of",
    "proposed_events",
    "raised_pools_statement",
    "ranges_at",
]
