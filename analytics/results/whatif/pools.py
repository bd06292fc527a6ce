"""Pools of accounts: sums from which any assumption, scenario and threshold can be evaluated.

What a raise does to an account is, but for a few bounds, linear in a handful of products: of its
default probability, loss given default, growth of limit and what it draws with its balance and
limits. The database sums these over accounts alike in score, default probability, loss given
default and use of the line, once for a policy. Where a bound divides accounts (who answers as an
idle account, whose attrition falls no further), pools are divided there as well, under the
assumptions in force and under their plausible cases, so that these are exact. Money in minor units.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import CURVE_NAMES, Assumptions
from analytics.declared.arrays import Columns, Floats, Ints, Numbers
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.language import say
from analytics.method import capital, effects, formulas, response
from analytics.method.elementwise import as_double, greatest, ln
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.moved import accounts_by_score, hold_whole, hold_within
from analytics.results.pooled import odds_steps, whole_below
from analytics.results.steps import Memo, Step, StepKind, afresh
from analytics.results.whatif import divides

_Columns = dict[str, sa.ColumnElement[float]]

AFFORDABLE = ("minimum_payment_rate", "strain_income_share")
"""Assumptions that say up to which limit a raise is affordable."""
WEIGHTS = (
    "one",
    "growth",
    "risk",
    "risk_growth",
    "risk_use",
    "loss",
    "loss_growth",
    "loss_use",
)
"""What amounts are multiplied by: 1, growth of the limit, default probability, and that times loss
given default; the latter two also times growth, and times the use of the line x ln(1 + growth)."""
ONE, GROWTH, RISK, RISK_GROWTH, RISK_USE, LOSS, LOSS_GROWTH, LOSS_USE = range(len(WEIGHTS))
NEVER = frozenset({("growth", "room"), ("growth", "log")})
"""Products that nothing follows from."""
OF_KIND = ("use_step", "growth_step", "curved", "assumed", "transactor", "over", "over_limit")
"""Keys of accounts that answer by different formulas."""
KEYS = ("odds_step", "severity_step", *OF_KIND)

ODDS_STEPS = 3
"""Pools for each doubling of the odds of default."""
SEVERITY_STEPS = 10
"""Pools for a loss given default from 0 to 1."""
CERTAIN = 1_000
"""Step of the odds where default is certain (and with a minus, impossible)."""
LIKELY = -ODDS_STEPS
"""Step of the odds from which on a raise may make default certain."""
IRB = ("irb", "irb_growth", "irb_after", "irb_day_after")
"""Risk-weighted assets by the IRB formula, where it is in force: as accounts stand, the same times
growth of the limit, after the raise, and on the day after it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """Sums of accounts, one entry a pool (last axis); money in minor units.

    Parameters
    ----------
    score : int array, ascending
    keys : shape (keys, pools), in the order of ``KEYS``
    counts : arrays by name: ``accounts``, ``risks`` (sum of default probabilities),
        ``severities`` (of losses given default); of raised accounts ``raise`` (of their limits),
        ``growths``, ``risk_growths`` and ``risk_uses`` too; those of ``IRB`` where it is in force
    amounts : by name, shape (weights, pools) in the order of ``WEIGHTS``: ``balance`` and
        ``reach`` (the larger of limit and balance); of accounts as they stand ``limit``, of
        raised ones ``room`` (by how much reach grows) and ``log`` (balance x ln(1 + growth))
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

    def by_kind(self) -> Sums:
        """Return pools of one score put together that answer by the same formulas.

        Accounts whose default is likely stay apart by their odds.
        """
        kinds = [KEYS.index(name) for name in OF_KIND]
        odds = np.maximum(self.key("odds_step"), LIKELY)
        code = np.stack([self.score, odds, *self.keys[kinds]])
        order = np.lexsort(code[::-1])
        new = np.ones(len(order), dtype=np.bool_)
        new[1:] = (np.diff(code[:, order], axis=1) != 0).any(axis=0)
        first = np.flatnonzero(new)

        def summed(values: Floats) -> Floats:
            if not len(first):
                return values
            return np.add.reduceat(values[..., order], first, axis=-1)

        return Sums(
            score=self.score[order][first],
            keys=self.keys[:, order][:, first],
            counts={name: summed(values) for name, values in self.counts.items()},
            amounts={name: summed(values) for name, values in self.amounts.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StressPools:
    """Pools of a portfolio as it stands, and of the accounts that a policy raises.

    Parameters
    ----------
    loaded : Assumptions
        What of the assumptions the sums depend on (:func:`pools_key`).
    """

    portfolio: Portfolio
    policy: Policy
    loaded: Assumptions
    standing: Sums
    raised: Sums


def pools_key(assumptions: Assumptions) -> Assumptions:
    """Return what of the assumptions the pools depend on; all else as shipped.

    The PD curve, what divides accounts by kind, and what says whom a raise is affordable to. All
    of them where capital follows the IRB formula, which no sums follow another's of exactly.
    """
    if assumptions.capital_approach.is_irb:
        return assumptions
    kept = {*CURVE_NAMES, *AFFORDABLE, "elasticity", "idle_draw"}
    kept |= {"attrition_change", "attrition_floor"}
    bands = len(assumptions.band_edges)
    changes: dict[str, Any] = {
        p.name: p.default for p in ASSUMPTION_PARAMETERS if p.name not in kept
    }
    for band in BAND_PARAMETERS:
        if band.name not in kept:
            shipped = band.central
            changes[band.name] = shipped if len(shipped) == bands else shipped[:1] * bands
    return assumptions.with_changes(**changes)


def load_stress_pools(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, *, memo: Memo = afresh
) -> StressPools:
    """Return the pools of a portfolio under a policy: two statements, each one GROUP BY.

    The policy's threshold does not matter, and of the assumptions only those of
    :func:`pools_key`; under others, what has a bound that divides accounts is near, not exact.

    Raises
    ------
    PortfolioError
        The portfolio brings no default probability and its scale has no curve, or its accounts
        changed since it was opened.
    """
    loaded, sweeping = pools_key(assumptions), policy.for_sweep()
    step = Step.of(StepKind.STRESS_POOLS, portfolio, sweeping, loaded)
    return memo(step, lambda: _read(portfolio, sweeping, loaded))


def _read(portfolio: Portfolio, policy: Policy, loaded: Assumptions) -> StressPools:
    flagged = _flagged(portfolio)
    standing = _sums(portfolio.door.sums(standing_statement(flagged, loaded)))
    hold_whole(portfolio, standing.counts["accounts"], say("its pools"))
    raised = _sums(portfolio.door.sums(raised_statement(flagged, policy, loaded)))
    before, reached = (
        accounts_by_score(portfolio, sums.score, sums.counts["accounts"])
        for sums in (standing, raised)
    )
    hold_within(reached, before, say("the accounts that are raised"))
    return StressPools(
        portfolio=portfolio, policy=policy, loaded=loaded, standing=standing, raised=raised
    )


def standing_statement(portfolio: Portfolio, assumptions: Assumptions) -> sa.Select[Any]:
    """Return the statement of the accounts as they stand, one row a pool."""
    needed = response.OF_AN_ACCOUNT | {"curved", "assumed"}
    accounts = response.priced(portfolio, assumptions, columns=needed)
    c = accounts.c
    limit, balance = as_double(c.credit_limit), as_double(c.balance)
    reach = greatest(limit, balance)
    amounts = {"balance": balance, "reach": reach, "limit": limit}
    counts: _Columns = {}
    if assumptions.capital_approach.is_irb:
        exposure = formulas.ead(balance, reach - balance, assumptions.credit_conversion_factor)
        counts["irb"] = _irb(c.default_probability, c.loss_given_default, exposure, assumptions)
    return _by_pool(accounts, portfolio, {}, counts, amounts)


def raised_statement(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> sa.Select[Any]:
    """Return the statement of the accounts that a policy raises, one row a pool."""
    decided = response.decided(response.priced(portfolio, assumptions), policy, portfolio)
    raised = response.raised_alone(
        decided, policy, assumptions, portfolio, further=("curved", "assumed")
    )
    if assumptions.capital_approach.is_irb:
        raised = response.responded(raised, assumptions)
    c = raised.c
    limit, new, balance = (as_double(c[n]) for n in ("credit_limit", "new_limit", "balance"))
    growth, reach = new / limit - 1.0, greatest(limit, balance)
    log = balance * ln(new / limit)
    room = greatest(new, balance) - reach
    keys = {
        "use_step": _steps(divides.in_use(c, bound) for bound in divides.uses(assumptions)),
        "growth_step": _steps(
            divides.floored(c, growth, bound) for bound in divides.floors(assumptions, policy)
        ),
        "over": sa.case((c.balance > c.credit_limit, c.balance), else_=0),
        "over_limit": sa.case((c.balance > c.credit_limit, c.credit_limit), else_=0),
    }
    counts: _Columns = {"raise": new - limit, "growths": growth}
    counts |= {
        "risk_growths": c.default_probability * growth,
        "risk_uses": c.default_probability * (log / limit),
    }
    if assumptions.capital_approach.is_irb:
        counts |= _irb_sums(c, growth, assumptions)
    amounts = {"balance": balance, "reach": reach, "room": room, "log": log}
    factors = {"growth": growth, "use": log / limit}
    return _by_pool(raised, portfolio, keys, counts, amounts, factors=factors)


def _irb_sums(c: Any, growth: sa.ColumnElement[float], assumptions: Assumptions) -> _Columns:
    """Return risk-weighted assets before and after a raise, and on the day after it."""
    factor = assumptions.credit_conversion_factor
    first = c.exposure + factor * (as_double(formulas.headroom(c.new_limit, c.balance)) - c.unused)
    severity = c.loss_given_default
    before = _irb(c.default_probability, severity, c.exposure, assumptions)
    return {
        "irb": before,
        "irb_growth": before * growth,
        "irb_after": _irb(c.new_probability, severity, c.exposure + c.more, assumptions),
        "irb_day_after": _irb(c.default_probability, severity, first, assumptions),
    }


def _irb(
    probability: sa.ColumnElement[float],
    severity: sa.ColumnElement[float],
    exposure: sa.ColumnElement[float],
    assumptions: Assumptions,
) -> sa.ColumnElement[float]:
    found: sa.ColumnElement[float] = capital.counted_rwa(
        probability, severity, exposure, assumptions
    )
    return found


def _steps(conditions: Iterable[sa.ColumnElement[bool]]) -> sa.ColumnElement[int]:
    """Return how many of some conditions hold."""
    found = [sa.case((condition, 1), else_=0) for condition in conditions]
    return sum(found[1:], found[0]) if found else _zero()


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
    counts: _Columns,
    amounts: Mapping[str, sa.ColumnElement[float]],
    *,
    factors: Mapping[str, sa.ColumnElement[float]] | None = None,
) -> sa.Select[Any]:
    """Return the sums by score and keys of weights times amounts."""
    c = accounts.c
    p, own = c.default_probability, portfolio.has("loss_given_default")
    severity = sa.case((c.assumed == 1, 0.0), else_=c.loss_given_default) if own else None
    grouped = {
        "odds_step": odds_steps(p, ODDS_STEPS, certain=CERTAIN),
        "severity_step": _zero() if severity is None else whole_below(severity * SEVERITY_STEPS),
        **{name: keys.get(name, _zero()) for name in OF_KIND},
        "curved": c.curved,
        "assumed": c.assumed,
    }
    if "is_transactor" in c:
        grouped["transactor"] = sa.case((effects.is_transactor(c), 1), else_=0)
    terms: dict[str, sa.ColumnElement[float]] = {"risks": p, **counts}
    if severity is not None:
        terms["severities"] = severity
    terms |= {
        f"{weight}_{amount}": value if factor is None else factor * value
        for weight, factor in _weights(p, severity, factors or {}).items()
        for amount, value in amounts.items()
        if (weight, amount) not in NEVER
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


def _weights(
    risk: sa.ColumnElement[float],
    severity: sa.ColumnElement[float] | None,
    factors: Mapping[str, sa.ColumnElement[float]],
) -> dict[str, sa.ColumnElement[float] | None]:
    """Return what amounts are multiplied by, by name; None is 1."""
    found: dict[str, sa.ColumnElement[float] | None] = {"one": None, "risk": risk}
    if severity is not None:
        found["loss"] = risk * severity
    if "growth" in factors:
        found["growth"] = factors["growth"]
    for name, factor in factors.items():
        found |= {f"{of}_{name}": found[of] * factor for of in ("risk", "loss") if of in found}
    return found


def _zero() -> sa.ColumnElement[int]:
    return sa.literal(0, sa.Integer())


_AMOUNTS = ("balance", "reach", "limit", "room", "log")
_COUNTS = ("accounts", "risks", "severities", "raise", "growths", "risk_growths", "risk_uses")


def _sums(rows: Columns) -> Sums:
    """Return the pools of a statement, in the order of score and keys; what it left out is 0."""
    keys = np.stack([np.asarray(rows[name], dtype=np.int64) for name in KEYS])
    score = np.asarray(rows["score"], dtype=np.int64)
    order = np.lexsort([*keys[::-1], score])
    none = np.zeros(len(score))

    def column(name: str) -> Floats:
        return np.asarray(rows.get(name, none), dtype=np.float64)[order]

    exact = (name for name in IRB if name in rows)
    return Sums(
        score=score[order],
        keys=keys[:, order],
        counts={name: column(name) for name in (*_COUNTS, *exact)},
        amounts={
            amount: np.stack([column(f"{weight}_{amount}") for weight in WEIGHTS])
            for amount in _AMOUNTS
            if f"one_{amount}" in rows
        },
    )
