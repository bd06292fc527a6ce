"""Pools of accounts for the ranges: one statement for the portfolio as it stands, one for a raise.

Each groups accounts by score and default probability; those of a small portfolio, and the large
ones of any, by loss as well, so that an account that matters by itself stands by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Flags, Floats, Ints
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.language import say
from analytics.method import formulas, response
from analytics.method.elementwise import as_double
from analytics.method.months import DAYS_PER_MONTH, build_up
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.moved import accounts_by_score, hold_whole, hold_within, moved
from analytics.results.pooled import doublings, odds_steps
from analytics.results.steps import Memo, Step, StepKind, afresh
from analytics.results.whatif import StressPools, load_stress_pools

_Columns = dict[str, sa.ColumnElement[float]]
_States = list[tuple[float | None, Any]]
"""Losses at default, each with its share of defaults; None is all of them."""

POWERS = (1, 2, 3)
KEYS = ("score", "odds_step", "loss_step")

_ODDS_STEPS = 2
"""Pools for each doubling of the odds of default."""
_RISE_STEPS = 2
"""Pools for each doubling of the default probability by a raise."""
_LOSS_STEPS = 8
"""Pools for each doubling of an account's loss, in a small portfolio."""
_SMALL = 5_000
"""Up to so many accounts, pools are formed by loss as well: few accounts share one."""
_LARGE, _LARGE_STEPS = 2_000, 1_024
"""An account is large with more than one part in so many of all that is exposed; pools of large
accounts for each doubling of their loss: hardly ever does one share its own."""
_CERTAIN = 1_000_000
"""The step of the odds where default is certain."""
_IMPOSSIBLE = _LOSS_FREE = -_CERTAIN
"""The step of the odds where default cannot be, and of the loss where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BaselinePools:
    """Accounts as they stand, pooled; one entry a pool, money in currency units.

    Parameters
    ----------
    score, odds_step, loss_step : key of the pool; ``loss_step`` is 0 but in small portfolios and
        for large accounts
    accounts : how many
    defaults : sum of default probabilities
    loss : shape (3, pools): sum of probability x loss at default, its square and its cube
    most : sum of the losses at default: what is lost if all default
    """

    score: Ints
    odds_step: Ints
    loss_step: Ints
    accounts: Floats
    defaults: Floats
    loss: Floats
    most: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RaisedPools:
    """Accounts that a raise reaches at some threshold, pooled by the same key and by their rise.

    Of a temporary raise, defaults and losses after it are those of its last day.

    Parameters
    ----------
    rise_step : how far the default probability rises, in proportion
    accounts, defaults, loss, most : as they stand, see :class:`BaselinePools`
    more_defaults : sum of the rises of the default probability
    loss_after : sums of old probability x powers of the new loss at default
    loss_risen : sums of old probability x powers of the rise of the loss at default
    loss_extra : sums of the rise of the probability x powers of the new loss at default; its
        square and cube are in the proportion of ``loss_after``
    most_after : sum of the new losses at default
    """

    score: Ints
    odds_step: Ints
    loss_step: Ints
    rise_step: Ints
    accounts: Floats
    defaults: Floats
    loss: Floats
    most: Floats
    more_defaults: Floats
    loss_after: Floats
    loss_risen: Floats
    loss_extra: Floats
    most_after: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pools:
    """What ranges are computed from, at any threshold.

    ``whatif`` gives the points that ranges of value lie around.
    """

    baseline: BaselinePools
    raised: RaisedPools
    whatif: StressPools

    @property
    def days(self) -> int | None:
        """After how many days the raises end; None for lasting ones."""
        return self.whatif.policy.temporary_days


def load_pools(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, *, memo: Memo = afresh
) -> Pools:
    """Return the pools of a portfolio under a policy; its threshold does not matter.

    Raises
    ------
    PortfolioError
        The accounts changed since the portfolio was opened, or between the two statements.
    """
    standing = load_baseline_pools(portfolio, assumptions, memo=memo)
    raised = load_raised_pools(portfolio, policy, assumptions, memo=memo)
    hold_within(
        accounts_by_score(portfolio, raised.score, raised.accounts),
        accounts_by_score(portfolio, standing.score, standing.accounts),
        say("the accounts that are raised"),
    )
    whatif = load_stress_pools(portfolio, policy, assumptions, memo=memo)
    return Pools(baseline=standing, raised=raised, whatif=whatif)


def load_baseline_pools(
    portfolio: Portfolio, assumptions: Assumptions, *, memo: Memo = afresh
) -> BaselinePools:
    """Return the pools of the accounts as they stand; they depend on no policy."""
    step = Step.of(StepKind.BASELINE_POOLS, portfolio, assumptions)
    return memo(step, lambda: _read_baseline_pools(portfolio, assumptions))


def load_raised_pools(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, *, memo: Memo = afresh
) -> RaisedPools:
    """Return the pools of the accounts that the policy raises, were its threshold the lowest."""
    sweeping = policy.for_sweep()
    step = Step.of(StepKind.RAISED_POOLS, portfolio, sweeping, assumptions)
    return memo(step, lambda: _read_raised_pools(portfolio, sweeping, assumptions))


def _read_baseline_pools(portfolio: Portfolio, assumptions: Assumptions) -> BaselinePools:
    """Run the statement; accounts that cannot default are counted, and are in no pool."""
    rows = portfolio.door.sums(baseline_pools_statement(portfolio, assumptions))
    hold_whole(portfolio, rows["accounts"], say("its pools"))
    possible = rows["odds_step"] != _IMPOSSIBLE
    rows = {name: values[possible] for name, values in rows.items()}
    return BaselinePools(**_arrays(rows, BaselinePools))


def _read_raised_pools(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> RaisedPools:
    rows = portfolio.door.sums(raised_pools_statement(portfolio, policy, assumptions))
    first = rows["loss_after_1"]
    share = np.divide(rows["loss_extra_1"], first, out=np.zeros_like(first), where=first > 0)
    rows |= {f"loss_extra_{power}": share * rows[f"loss_after_{power}"] for power in (2, 3)}
    return RaisedPools(**_arrays(rows, RaisedPools))


def baseline_pools_statement(portfolio: Portfolio, assumptions: Assumptions) -> sa.Select[Any]:
    """Return the statement of the accounts as they stand, one row a pool; money in minor units.

    Accounts that cannot default are a pool of their own at each score.
    """
    c = response.priced(portfolio, assumptions).c
    unused = as_double(formulas.headroom(c.credit_limit, c.balance))
    exposure = formulas.ead(as_double(c.balance), unused, assumptions.credit_conversion_factor)
    losses = sa.select(
        c.score,
        c.default_probability.label("p"),
        (c.loss_given_default * exposure).label("loss"),
        exposure.label("exposed"),
    ).cte("losses")
    accounts = _keyed(losses, portfolio, assumptions)
    sums = _sums("loss", [(None, accounts.c.loss)], accounts.c.p)
    sums["most"] = sa.func.sum(accounts.c.loss, type_=sa.Double())
    return _by_pool(accounts, sums)


def raised_pools_statement(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> sa.Select[Any]:
    """Return the statement of the accounts that a policy raises, one row a pool."""
    decided = response.decided(response.priced(portfolio, assumptions), policy, portfolio)
    c = response.responded(
        response.raised_alone(decided, policy, assumptions, portfolio), assumptions
    ).c
    factor = assumptions.credit_conversion_factor
    balance, severity = as_double(c.balance), c.loss_given_default
    at_first = as_double(formulas.headroom(c.new_limit, c.balance))
    losses = (
        sa.select(
            c.score,
            c.default_probability.label("p"),
            (c.new_probability - c.default_probability).label("rise"),
            (severity * c.exposure).label("loss"),
            (severity * (c.exposure + c.more)).label("new_loss"),
            (severity * formulas.ead(balance, at_first, factor)).label("first_loss"),
            c.exposure.label("exposed"),
        )
        .where(c.default_probability > 0)
        .cte("losses")
    )
    accounts = _keyed(losses, portfolio, assumptions)
    c = accounts.c
    rise_step = doublings((c.p + c.rise) / c.p, _RISE_STEPS)
    return _by_pool(accounts, _raised_sums(c, policy, assumptions), rise_step)


def _raised_sums(c: Any, policy: Policy, assumptions: Assumptions) -> _Columns:
    """Return the sums over raised accounts, after the raise, or in its time for a temporary one.

    On the last day of a temporary raise the response has built up in part. A default then is one of
    the day after the raise, or with that part's chance one of the whole response.
    """
    p, rise, loss, new_loss = c.p, c.rise, c.loss, c.new_loss
    states: _States = [(None, new_loss)]
    risen = 1.0
    if policy.temporary_days is not None:
        risen = float(build_up(policy.temporary_days / DAYS_PER_MONTH, assumptions))
        states = [(1.0 - risen, c.first_loss), (risen, new_loss)]
    sums = _sums("loss", [(None, loss)], p)
    sums |= _sums("loss_after", states, p)
    sums |= _sums("loss_risen", [(share, after - loss) for share, after in states], p)
    sums["more_defaults"] = sa.func.sum(risen * rise, type_=sa.Double())
    sums["loss_extra_1"] = sa.func.sum(risen * rise * new_loss, type_=sa.Double())
    sums["most"] = sa.func.sum(loss, type_=sa.Double())
    sums["most_after"] = sa.func.sum(new_loss, type_=sa.Double())
    return sums


def _arrays(rows: Columns, kind: type[BaselinePools | RaisedPools]) -> dict[str, Any]:
    """Return the pools of a statement in the order of their keys, money in currency units."""
    keys = [name for name in (*KEYS, "rise_step") if name in rows]
    order = np.lexsort([rows[name] for name in reversed(keys)])
    found: dict[str, Any] = {}
    for name in (item.name for item in fields(kind)):
        if name in keys:
            found[name] = rows[name][order]
        elif name.startswith("loss"):
            powers = [rows[f"{name}_{power}"] / float(MINOR_UNITS) ** power for power in POWERS]
            found[name] = np.stack(powers)[:, order]
        elif name.startswith("most"):
            found[name] = rows[name][order] / float(MINOR_UNITS)
        else:
            found[name] = rows[name][order].astype(np.float64)
    return found


def pools_of(pools: RaisedPools, which: Flags) -> RaisedPools:
    """Return some of the pools."""
    values = {item.name: getattr(pools, item.name)[..., which] for item in fields(pools)}
    return RaisedPools(**values)


def without(pools: BaselinePools, raised: RaisedPools) -> BaselinePools:
    """Return the accounts that are not raised; whoever is raised is in a pool of the same key.

    Raises
    ------
    PortfolioError
        The pools are not of the same accounts.
    """
    keys = np.stack([pools.score, pools.odds_step, pools.loss_step])
    gone = np.stack([raised.score, raised.odds_step, raised.loss_step])
    _, code = np.unique(np.hstack([keys, gone]), axis=1, return_inverse=True)
    code = code.ravel()
    place = np.full(code.max(initial=0) + 1, -1, dtype=np.int64)
    place[code[: keys.shape[1]]] = np.arange(keys.shape[1])
    at = place[code[keys.shape[1] :]]
    if (at < 0).any():
        raise moved(
            say("accounts that the policy raises are not among those that stood there before")
        )
    accounts, defaults = pools.accounts.copy(), pools.defaults.copy()
    loss, most = pools.loss.copy(), pools.most.copy()
    np.subtract.at(accounts, at, raised.accounts)
    np.subtract.at(defaults, at, raised.defaults)
    np.subtract.at(loss.T, at, raised.loss.T)
    np.subtract.at(most, at, raised.most)
    if (accounts < -0.5).any():
        raise moved(say("the policy raises more accounts than stood there before"))
    left = accounts > 0.5
    return BaselinePools(
        score=pools.score[left],
        odds_step=pools.odds_step[left],
        loss_step=pools.loss_step[left],
        accounts=accounts[left],
        defaults=np.clip(defaults[left], 0.0, accounts[left]),
        loss=np.maximum(loss[:, left], 0.0),
        most=np.maximum(most[left], 0.0),
    )


def _sums(name: str, losses: _States, weight: sa.ColumnElement[float]) -> _Columns:
    """Return the sums of a weight times the powers of losses, by name.

    Each loss counts with its share; None is the whole.
    """
    found: _Columns = {}
    for power in POWERS:
        parts = []
        for share, loss in losses:
            value = weight if share is None else share * weight
            for _ in range(power):
                value = value * loss
            parts.append(value)
        found[f"{name}_{power}"] = sa.func.sum(sum(parts[1:], parts[0]), type_=sa.Double())
    return found


def _keyed(losses: sa.CTE, portfolio: Portfolio, assumptions: Assumptions) -> sa.CTE:
    """Return the accounts with the key of their pool.

    What is exposed in all is known from when the portfolio was opened, and costs no scan.
    """
    p, loss, exposed = losses.c.p, losses.c.loss, losses.c.exposed
    odds_step = odds_steps(p, _ODDS_STEPS, certain=_CERTAIN)
    balance, unused = portfolio.total_balance, portfolio.total_limit - portfolio.total_balance
    every = formulas.ead(float(balance), max(unused, 0.0), assumptions.credit_conversion_factor)
    others: sa.ColumnElement[int] = sa.literal(0, sa.Integer())
    if portfolio.accounts <= _SMALL:
        others = doublings(loss, _LOSS_STEPS)
    loss_step = sa.case(
        (sa.or_(p <= 0, loss <= 0), _LOSS_FREE if portfolio.accounts <= _SMALL else 0),
        (exposed > every / _LARGE, doublings(loss, _LARGE_STEPS)),
        else_=others,
    )
    keys = (odds_step.label("odds_step"), loss_step.label("loss_step"))
    return sa.select(*losses.c, *keys).cte("keyed")


def _by_pool(
    accounts: sa.CTE, sums: _Columns, rise_step: sa.ColumnElement[int] | None = None
) -> sa.Select[Any]:
    keys = [accounts.c[name] for name in KEYS]
    further = [] if rise_step is None else [rise_step.label("rise_step")]
    return sa.select(
        *keys,
        *further,
        sa.func.count(type_=sa.BigInteger()).label("accounts"),
        sa.func.sum(accounts.c.p, type_=sa.Double()).label("defaults"),
        *(value.label(name) for name, value in sums.items()),
    ).group_by(*keys, *further)
