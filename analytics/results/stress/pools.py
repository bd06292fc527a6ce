"""Pools of accounts: sums from which any assumption, scenario and threshold can be evaluated.

What a raise does to an account is, but for a few bounds, linear in a handful of products: of its
default probability, loss given default and growth of limit with its balance, limits and the
logarithm of the growth. The database sums these over accounts alike in score, default probability,
loss given default and use of the line, once for a policy. The sums depend on no assumption but the
PD curve where the portfolio brings no default probability, so that all others can be changed
without another statement. Money in minor units.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Floats, Ints, Numbers
from analytics.declared.language import say
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import formulas, response
from analytics.method.bands import band_index
from analytics.method.elementwise import as_double, greatest, ln
from analytics.policy import Policy, raise_basis_points
from analytics.portfolio import Portfolio
from analytics.results.moved import accounts_by_score, hold_whole, hold_within
from analytics.results.pooled import doublings, odds_steps, whole_below
from analytics.results.steps import Memo, Step, StepKind, afresh

WEIGHTS = ("one", "risk", "risk_growth", "loss", "loss_growth", "severity")
"""What amounts are multiplied by: 1; default probability; the same times growth of the limit;
default probability x loss given default; the same times growth; loss given default."""
ONE, RISK, RISK_GROWTH, LOSS, LOSS_GROWTH, SEVERITY = range(len(WEIGHTS))
KEYS = ("odds_step", "severity_step", "price_step", "growth_step", "curved", "assumed")

ODDS_STEPS = 3
"""Pools for each doubling of the odds of default."""
SEVERITY_STEPS = 10
"""Pools for a loss given default from 0 to 1."""
CERTAIN = 1_000
"""Step of the odds where default is certain (and with a minus, impossible)."""
IDLE, OVER, CHEAP = -99, 99, 50
"""Step of price of accounts without a balance, of those over their limit, and (with a minus) of
those whose price is beyond its steps."""
PRICE_STEPS, LEAST_PRICE, MOST_PRICE, USUAL_CONVERSION = 2, 2.0**-6, 2.0**-2, 0.2
"""Price is the expected loss per balance at a usual conversion factor; where it is near the margin,
the value of keeping the customer has a kink. So many steps for each doubling between these two."""
LARGE_RAISE = 0.25
"""Above this raise, pools are formed by growth of the limit as well: attrition has a floor."""
GROWTH_STEPS = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """Sums of accounts, one entry a pool (last axis); money in minor units.

    Parameters
    ----------
    score : int array
    keys : shape (keys, pools), in the order of ``KEYS``
    counts : arrays by name: ``accounts``, ``risks`` (sum of default probabilities),
        ``severities`` (of losses given default); of raised accounts ``growths`` of the limit,
        ``risk_growths`` and ``growth_balances`` too
    amounts : by name, shape (weights, pools) in the order of ``WEIGHTS``: ``balance`` and
        ``reach`` (the larger of limit and balance); of accounts as they stand ``limit``, of
        raised ones ``new_reach``, ``more`` (the raise) and ``log`` (balance x ln(growth))
    """

    score: Ints
    keys: Ints
    counts: Mapping[str, Floats]
    amounts: Mapping[str, Floats]

    def key(self, name: str) -> Ints:
        """Return one of the keys."""
        found: Ints = self.keys[KEYS.index(name)]
        return found

    def only(self, which: Numbers) -> Sums:
        """Return the sums of some pools."""
        return Sums(
            score=self.score[which],
            keys=self.keys[:, which],
            counts={name: values[which] for name, values in self.counts.items()},
            amounts={name: values[:, which] for name, values in self.amounts.items()},
        )

    def by_band(self, edges: tuple[int, ...], keys: tuple[str, ...] = KEYS) -> Sums:
        """Return pools that agree in band and some keys put together; ``score`` is the edge."""
        band: Ints = band_index(self.score, edges)
        code = band.copy()
        for name in keys:
            key = self.key(name)
            low = int(key.min(initial=0))
            code = code * (int(key.max(initial=0)) - low + 1) + (key - low)
        _, first, place = np.unique(code, return_index=True, return_inverse=True)

        def summed(values: Floats) -> Floats:
            rows = [np.bincount(place, row, len(first)) for row in np.atleast_2d(values)]
            return np.asarray(rows, dtype=np.float64).reshape(*values.shape[:-1], len(first))

        return Sums(
            score=np.asarray(edges, dtype=np.int64)[band[first]],
            keys=self.keys[:, first],
            counts={name: summed(values) for name, values in self.counts.items()},
            amounts={name: summed(values) for name, values in self.amounts.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StressPools:
    """Pools of a portfolio as it stands, and of the accounts that a policy raises.

    Parameters
    ----------
    curve : Assumptions
        What of the assumptions the sums depend on (:func:`pools_key`).
    """

    portfolio: Portfolio
    policy: Policy
    curve: Assumptions
    standing: Sums
    raised: Sums


def pools_key(assumptions: Assumptions) -> Assumptions:
    """Return what of the assumptions the pools depend on: the PD curve; all else as shipped."""
    return Assumptions(
        anchor_score=assumptions.anchor_score,
        anchor_odds=assumptions.anchor_odds,
        points_to_double_odds=assumptions.points_to_double_odds,
    )


def load_stress_pools(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, *, memo: Memo = afresh
) -> StressPools:
    """Return the pools of a portfolio under a policy: two statements, each one GROUP BY.

    The policy's threshold does not matter, nor any assumption but the PD curve.

    Raises
    ------
    PortfolioError
        The portfolio brings no default probability and its scale has no curve, or its accounts
        changed since it was opened.
    """
    curve, sweeping = pools_key(assumptions), policy.for_sweep()
    step = Step.of(StepKind.STRESS_POOLS, portfolio, sweeping, curve)
    return memo(step, lambda: _read(portfolio, sweeping, curve))


def _read(portfolio: Portfolio, policy: Policy, curve: Assumptions) -> StressPools:
    flagged = _flagged(portfolio)
    standing = _sums(portfolio.door.sums(standing_statement(flagged, curve)))
    hold_whole(portfolio, standing.counts["accounts"], say("its pools"))
    raised = _sums(portfolio.door.sums(raised_statement(flagged, policy, curve)))
    before, reached = (
        accounts_by_score(portfolio, sums.score, sums.counts["accounts"])
        for sums in (standing, raised)
    )
    hold_within(reached, before, say("the accounts that are raised"))
    return StressPools(
        portfolio=portfolio, policy=policy, curve=curve, standing=standing, raised=raised
    )


def standing_statement(portfolio: Portfolio, assumptions: Assumptions) -> sa.Select[Any]:
    """Return the statement of the accounts as they stand, one row a pool."""
    needed = response.OF_AN_ACCOUNT | {"curved", "assumed"}
    accounts = response.priced(portfolio, assumptions, columns=needed)
    limit, balance = as_double(accounts.c.credit_limit), as_double(accounts.c.balance)
    amounts = {"balance": balance, "reach": greatest(limit, balance), "limit": limit}
    keys = {"price_step": _zero(), "growth_step": _zero()}
    return _by_pool(accounts, portfolio, keys, {}, amounts, growth=None)


def raised_statement(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> sa.Select[Any]:
    """Return the statement of the accounts that a policy raises, one row a pool."""
    decided = response.decided(response.priced(portfolio, assumptions), policy, portfolio)
    raised = response.raised_alone(
        decided, policy, assumptions, portfolio, further=("curved", "assumed")
    )
    c = raised.c
    limit, new, balance = (as_double(c[n]) for n in ("credit_limit", "new_limit", "balance"))
    growth = new / limit - 1.0
    amounts = {
        "balance": balance,
        "reach": greatest(limit, balance),
        "new_reach": greatest(new, balance),
        "more": new - limit,
        "log": balance * ln(new / limit),
    }
    exposure = formulas.ead(balance, formulas.headroom(limit, balance), USUAL_CONVERSION)
    lost = formulas.expected_loss(c.default_probability, c.loss_given_default, exposure)
    price_step = sa.case(
        (c.balance == 0, IDLE),
        (c.balance > c.credit_limit, OVER),
        (lost < balance * LEAST_PRICE, -CHEAP),
        (lost >= balance * MOST_PRICE, CHEAP),
        else_=doublings(lost / balance, PRICE_STEPS),
    )
    large = max(points for _, points in raise_basis_points(policy)) > LARGE_RAISE * BASIS_POINTS
    growth_step = whole_below(growth * GROWTH_STEPS) if large else _zero()
    counts = {
        "growths": growth,
        "risk_growths": c.default_probability * growth,
        "growth_balances": growth * balance,
    }
    keys = {"price_step": price_step, "growth_step": growth_step}
    return _by_pool(raised, portfolio, keys, counts, amounts, growth=growth)


def _flagged(portfolio: Portfolio) -> Portfolio:
    """Return the portfolio with flags: default probability from the curve, loss assumed."""
    table, unknown = portfolio.relation, dict(portfolio.blanks)

    def flag(column: str, name: str) -> sa.ColumnElement[int]:
        found: sa.ColumnElement[int] = sa.literal(int(not portfolio.has(column)), sa.Integer())
        if portfolio.has(column) and column in unknown:
            found = sa.case((table.c[column].is_(None), 1), else_=0)
        return found.label(name)

    flags = flag("default_probability", "curved"), flag("loss_given_default", "assumed")
    return dataclasses.replace(portfolio, relation=sa.select(*table.c, *flags).cte("flagged"))


def _by_pool(
    accounts: sa.CTE,
    portfolio: Portfolio,
    keys: Mapping[str, sa.ColumnElement[Any]],
    counts: Mapping[str, sa.ColumnElement[float]],
    amounts: Mapping[str, sa.ColumnElement[float]],
    *,
    growth: sa.ColumnElement[float] | None,
) -> sa.Select[Any]:
    """Return the sums by score and keys of weights times amounts."""
    c = accounts.c
    p, own = c.default_probability, portfolio.has("loss_given_default")
    severity = sa.case((c.assumed == 1, 0.0), else_=c.loss_given_default) if own else None
    weights: dict[str, sa.ColumnElement[float] | None] = {"one": None, "risk": p}
    if growth is not None:
        weights["risk_growth"] = p * growth
    if severity is not None:
        weights |= {"loss": p * severity, "severity": severity}
        if growth is not None:
            weights["loss_growth"] = p * severity * growth
    grouped = {
        "odds_step": odds_steps(p, ODDS_STEPS, certain=CERTAIN),
        "severity_step": _zero() if severity is None else whole_below(severity * SEVERITY_STEPS),
        "curved": c.curved,
        "assumed": c.assumed,
        **keys,
    }
    terms: dict[str, sa.ColumnElement[float]] = {"risks": p, **counts}
    if severity is not None:
        terms["severities"] = severity
    terms |= {
        f"{weight}_{amount}": value if factor is None else factor * value
        for weight, factor in weights.items()
        for amount, value in amounts.items()
    }
    keyed = sa.select(
        c.score,
        *(key.label(name) for name, key in grouped.items()),
        *(term.label(name) for name, term in terms.items()),
    ).subquery("keyed")
    columns = [keyed.c.score, *(keyed.c[name] for name in grouped)]
    return sa.select(
        *columns,
        sa.func.count(type_=sa.BigInteger()).label("accounts"),
        *(sa.func.sum(keyed.c[name], type_=sa.Double()).label(name) for name in terms),
    ).group_by(*columns)


def _zero() -> sa.ColumnElement[int]:
    return sa.literal(0, sa.Integer())


_AMOUNTS = ("balance", "reach", "limit", "new_reach", "more", "log")
_COUNTS = ("accounts", "risks", "severities", "growths", "risk_growths", "growth_balances")


def _sums(rows: Columns) -> Sums:
    """Return the pools of a statement, in the order of score and keys; what it left out is 0."""
    keys = np.stack([np.asarray(rows[name], dtype=np.int64) for name in KEYS])
    score = np.asarray(rows["score"], dtype=np.int64)
    order = np.lexsort([*keys[::-1], score])
    none = np.zeros(len(score))

    def column(name: str) -> Floats:
        return np.asarray(rows.get(name, none), dtype=np.float64)[order]

    return Sums(
        score=score[order],
        keys=keys[:, order],
        counts={name: column(name) for name in _COUNTS},
        amounts={
            amount: np.stack([column(f"{weight}_{amount}") for weight in WEIGHTS])
            for amount in _AMOUNTS
            if f"one_{amount}" in rows
        },
    )
