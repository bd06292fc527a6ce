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
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.assumptions import CURVE_NAMES, Assumptions
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.language import say
from analytics.errors import ParameterError
from analytics.method import capital, effects, formulas, response
from analytics.method.elementwise import as_double, greatest, ln
from analytics.method.guardrails import limits_hold
from analytics.policy import Policy
from analytics.portfolio import Contents, Portfolio
from analytics.results.moved import accounts_by_score, hold_whole, hold_within
from analytics.results.pooled import odds_steps, whole_below
from analytics.results.steps import Memo, Step, StepKind, afresh
from analytics.results.whatif import divides
from analytics.results.whatif.sums import COUNTS, FOLLOWING, ODDS_STEPS, Sums, sums_of

_Columns = dict[str, sa.ColumnElement[float]]

FLAGS = {"curved": "default_probability", "assumed": "loss_given_default"}
"""Keys that say of an account that it does not bring a column: the curve's, or assumed."""
AFFORDABLE = ("minimum_payment_rate", "strain_income_share")
"""Assumptions that say up to which limit a raise is affordable."""
NEVER = frozenset({"growth_room", "growth_log"})
"""Products that nothing follows from."""
SEVERITY_STEPS = 10
"""Pools for a loss given default from 0 to 1."""
CERTAIN = 1_000
"""Step of the odds where default is certain (and with a minus, impossible)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StressPools:
    """Pools of a portfolio as it stands, and of the accounts that a policy raises.

    Parameters
    ----------
    loaded : Assumptions
        What of the assumptions the sums depend on (:func:`pools_key`).
    """

    contents: Contents
    policy: Policy
    loaded: Assumptions
    standing: Sums
    raised: Sums

    def check_threshold(self, score_threshold: int) -> None:
        """Refuse a threshold that is off the scale, or below those that the pools serve.

        Raises
        ------
        ParameterError
            It is one of these.
        """
        policy, lowest = self.policy, self.policy.score_threshold
        asked = policy.with_changes(tiers=(), score_threshold=score_threshold)
        found = asked.faults_on(self.contents.scale)
        if not found and score_threshold < lowest:
            found = [
                say(
                    "The pools are of the accounts that are raised from score {lowest} on, and "
                    "{threshold} is below it: load them for every threshold.",
                    lowest=lowest,
                    threshold=score_threshold,
                )
            ]
        if found:
            raise ParameterError(found)


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
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    *,
    every_threshold: bool = True,
    memo: Memo = afresh,
) -> StressPools:
    """Return the pools of a portfolio under a policy: two statements, each one GROUP BY.

    One is of the accounts as they stand, whatever the policy. Of the assumptions only those of
    :func:`pools_key` matter; under others, what has a bound that divides accounts is near, not
    exact.

    Parameters
    ----------
    every_threshold : bool
        Whether the pools serve every threshold, or those from the policy's own on: where nothing
        is kept, the fewer accounts are read sooner.

    Raises
    ------
    PortfolioError
        The portfolio brings no default probability and its scale has no curve, or its accounts
        changed since it was opened.
    """
    loaded, served = pools_key(assumptions), policy.for_sweep(every_threshold=every_threshold)
    step = Step.of(StepKind.STRESS_POOLS, portfolio, served, loaded)
    return memo(step, lambda: _read(portfolio, served, loaded, memo))


def _read(portfolio: Portfolio, policy: Policy, loaded: Assumptions, memo: Memo) -> StressPools:
    step = Step.of(StepKind.STANDING_POOLS, portfolio, loaded)
    standing = memo(step, lambda: _read_standing(portfolio, loaded))
    statement = raised_statement(_flagged(portfolio), policy, loaded)
    raised = sums_of(portfolio.door.sums(statement), _constant(portfolio))
    before, reached = (
        accounts_by_score(portfolio, sums.score, sums.counts["accounts"])
        for sums in (standing, raised)
    )
    hold_within(reached, before, say("the accounts that are raised"))
    return StressPools(
        contents=portfolio.contents, policy=policy, loaded=loaded, standing=standing, raised=raised
    )


def _read_standing(portfolio: Portfolio, loaded: Assumptions) -> Sums:
    statement = standing_statement(_flagged(portfolio), loaded)
    found = sums_of(portfolio.door.sums(statement), _constant(portfolio))
    hold_whole(portfolio, found.counts["accounts"], say("its pools"))
    return found


def standing_statement(portfolio: Portfolio, assumptions: Assumptions) -> sa.Select[Any]:
    """Return the statement of the accounts as they stand, one row a pool."""
    needed = response.OF_AN_ACCOUNT | FLAGS.keys()
    accounts = response.priced(portfolio, assumptions, columns=needed)
    c = accounts.c
    limit, balance = as_double(c.credit_limit), as_double(c.balance)
    reach = greatest(limit, balance)
    counts = {"limit": limit}
    if assumptions.capital_approach.is_irb:
        exposure = formulas.ead(balance, reach - balance, assumptions.credit_conversion_factor)
        counts["irb"] = _irb(c.default_probability, c.loss_given_default, exposure, assumptions)
    amounts = {"balance": balance, "reach": reach}
    return _by_pool(accounts, portfolio, {}, counts, amounts, {})


def raised_statement(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> sa.Select[Any]:
    """Return the statement of the accounts that a policy raises, one row a pool."""
    needed = response.columns_of(policy) | FLAGS.keys()
    priced = response.priced(portfolio, assumptions, columns=needed)
    raised = response.raised_alone(priced, policy, assumptions, portfolio, further=FLAGS)
    if assumptions.capital_approach.is_irb:
        raised = response.responded(raised, assumptions)
    c = raised.c
    limit, new, balance = (as_double(c[n]) for n in ("credit_limit", "new_limit", "balance"))
    growth, reach, reached = new / limit - 1.0, limit, new
    log = balance * ln(new / limit)
    keys = {
        "use_step": _steps(divides.in_use(c, bound) for bound in divides.uses(assumptions)),
        "growth_step": _steps(
            divides.floored(c, growth, bound) for bound in divides.floors(assumptions, policy)
        ),
    }
    counts: _Columns = {}
    if not limits_hold(policy):
        over = c.balance > c.credit_limit
        keys |= {
            "over": sa.case((over, c.balance), else_=0),
            "over_limit": sa.case((over, c.credit_limit), else_=0),
        }
        reach, reached = greatest(limit, balance), greatest(new, balance)
        counts["raise"] = new - limit
    if assumptions.capital_approach.is_irb:
        counts |= _irb_sums(c, growth, assumptions)
    amounts = {"balance": balance, "reach": reach, "room": reached - reach, "log": log}
    left_out = NEVER | FOLLOWING.keys() if limits_hold(policy) else NEVER
    factors = {"growth": growth, "use": log / limit}
    return _by_pool(raised, portfolio, keys, counts, amounts, factors, left_out)


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


def _steps(conditions: Iterable[sa.ColumnElement[bool]]) -> sa.ColumnElement[int] | None:
    """Return how many of some conditions hold; None without any."""
    found = [sa.case((condition, 1), else_=0) for condition in conditions]
    return sum(found[1:], found[0]) if found else None


def _constant(portfolio: Portfolio) -> dict[str, int]:
    """Return the flags that are alike for all accounts."""
    unknown = dict(portfolio.blanks)
    return {
        name: int(not portfolio.has(column))
        for name, column in FLAGS.items()
        if column not in unknown
    }


def _flagged(portfolio: Portfolio) -> Portfolio:
    """Return the portfolio with the flags in which accounts differ."""
    table, constant = portfolio.relation, _constant(portfolio)
    flags = [
        sa.case((table.c[column].is_(None), 1), else_=0).label(name)
        for name, column in FLAGS.items()
        if name not in constant
    ]
    if not flags:
        return portfolio
    return dataclasses.replace(portfolio, relation=sa.select(*table.c, *flags).cte("flagged"))


def _by_pool(
    accounts: sa.CTE,
    portfolio: Portfolio,
    keys: Mapping[str, sa.ColumnElement[Any] | None],
    counts: _Columns,
    amounts: _Columns,
    factors: _Columns,
    left_out: Container[str] = (),
) -> sa.Select[Any]:
    """Return the sums by score and keys of weights times amounts, but for those left out."""
    c = accounts.c
    risk, severity = c.default_probability, _severity(accounts, portfolio)
    grouped = {
        "odds_step": odds_steps(risk, ODDS_STEPS, certain=CERTAIN),
        **{name: key for name, key in keys.items() if key is not None},
        **{name: c[name] for name in FLAGS if name in c},
    }
    if severity is not None:
        grouped["severity_step"] = whole_below(severity * SEVERITY_STEPS)
        counts = {**counts, "severities": severity}
    if "is_transactor" in c:
        grouped["transactor"] = sa.case((effects.is_transactor(c), 1), else_=0)
    weights = _weights(risk, severity, factors)
    measured = sa.select(
        c.score,
        *(key.label(name) for name, key in grouped.items()),
        *(value.label(name) for name, value in (counts | weights | amounts).items()),
    ).subquery("measured")
    m = measured.c
    terms: _Columns = {name: m[name] for name in counts}
    terms |= {f"{name}s": m[name] for name in weights if f"{name}s" in COUNTS}
    terms |= {f"one_{amount}": m[amount] for amount in amounts}
    terms |= {f"{of}_{amount}": m[of] * m[amount] for of in weights for amount in amounts}
    columns = [m.score, *(m[name] for name in grouped)]
    return sa.select(
        *columns,
        sa.func.count(type_=sa.BigInteger()).label("accounts"),
        *(
            sa.func.sum(term, type_=sa.Double()).label(name)
            for name, term in terms.items()
            if name not in left_out
        ),
    ).group_by(*columns)


def _severity(accounts: sa.CTE, portfolio: Portfolio) -> sa.ColumnElement[float] | None:
    """Return the loss given default that accounts bring, 0 where it is assumed; None without."""
    if not portfolio.has("loss_given_default"):
        return None
    c = accounts.c
    if "assumed" not in c:
        return c.loss_given_default
    return sa.case((c.assumed == 1, 0.0), else_=c.loss_given_default)


def _weights(
    risk: sa.ColumnElement[float], severity: sa.ColumnElement[float] | None, factors: _Columns
) -> _Columns:
    """Return what amounts are multiplied by, by name."""
    found = {"risk": risk}
    if severity is not None:
        found["loss"] = risk * severity
    for name, factor in factors.items():
        found |= {f"{of}_{name}": found[of] * factor for of in ("risk", "loss") if of in found}
    if "growth" in factors:
        found["growth"] = factors["growth"]
    return found
