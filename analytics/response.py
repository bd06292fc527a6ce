"""What a raise does: the statement that prices every account before and after (METHOD 5 and 6).

The statement is built in stages, each a common table expression that adds columns to the one
before; it runs in the database that holds the accounts.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from analytics import capital, formulas
from analytics.assumptions import Assumptions
from analytics.columns import BLANK_SEGMENT
from analytics.elementwise import as_double
from analytics.errors import PortfolioError
from analytics.guardrails import HELD_OUT, RAISED, REASONS, reason_code
from analytics.limits import is_raised, new_limit
from analytics.parameters import BASIS_POINTS, basis_points
from analytics.policy import Policy
from analytics.portfolio import Portfolio

GROUP = "group_label"
BAND_VALUES = ("elasticity", "mpb", "pd_uplift", "attrition", "attrition_change", "yield_rate")
"""Values by band that an account's own formulas need."""


def priced(portfolio: Portfolio, assumptions: Assumptions, by: str | None = None) -> sa.CTE:
    """Return the accounts with default probability and loss given default settled for each.

    Raises
    ------
    PortfolioError
        The portfolio brings no default probability and its score scale has no declared curve.
    """
    table = portfolio.relation
    replaced = {"default_probability", "loss_given_default"}
    kept = [column for column in table.c if column.key not in replaced]
    return sa.select(
        *kept,
        _default_probability(portfolio, assumptions).label("default_probability"),
        _loss_given_default(portfolio, assumptions).label("loss_given_default"),
        _group(portfolio, by).label(GROUP),
    ).cte("priced")


def labelled(portfolio: Portfolio, by: str | None = None) -> sa.CTE:
    """Return the accounts as they are, with their group."""
    return sa.select(*portfolio.relation.c, _group(portfolio, by).label(GROUP)).cte("labelled")


def decided(accounts: sa.CTE, policy: Policy, portfolio: Portfolio) -> sa.CTE:
    """Return the accounts with ``reason`` (index in REASONS, size of the raise apart)."""
    return sa.select(*accounts.c, reason_code(accounts, policy, portfolio).label("reason")).cte(
        "decided"
    )


def resized(
    accounts: sa.CTE, policy: Policy, portfolio: Portfolio, *, eligible_only: bool
) -> sa.CTE:
    """Return the accounts with their new limit.

    Adds ``raised`` (true or false), ``new_limit`` (today's where not raised), ``binding`` (index
    in BINDINGS) and ``headline`` (10,000 times the raise before ceilings and rounding).
    ``eligible_only`` leaves out accounts that fail a guardrail or have no limit at all.
    """
    limit = accounts.c.credit_limit
    new = new_limit(accounts, policy, portfolio)
    sized = sa.select(
        *accounts.c,
        new.wanted.label("wanted"),
        new.binding.label("binding"),
        (new.target_numerator - limit * BASIS_POINTS).label("headline"),
    )
    if eligible_only:
        passes = [REASONS.index(RAISED), REASONS.index(HELD_OUT)]
        sized = sized.where(accounts.c.reason.in_(passes), limit > 0)
    sizes = sized.cte("sized")
    raised = sa.and_(
        sizes.c.reason == REASONS.index(RAISED),
        is_raised(sizes.c.credit_limit, sizes.c.wanted, policy),
    )
    return sa.select(
        *(column for column in sizes.c if column.key != "wanted"),
        raised.label("raised"),
        sa.case((raised, sizes.c.wanted), else_=sizes.c.credit_limit).label("new_limit"),
    ).cte("resized")


def responded(accounts: sa.CTE, assumptions: Assumptions) -> sa.CTE:
    """Return the accounts with what follows from their new limit.

    Adds, in doubles: ``new_balance``, ``unused`` and ``new_unused`` (headroom), ``new_probability``
    and ``attrition_fall``. Every account must have a limit above 0.
    """
    bands = _bands(assumptions)
    banded = sa.select(*accounts.c, _band(accounts, assumptions).label("band")).cte("banded")
    values = {name: as_double(bands.c[name]) for name in BAND_VALUES}
    limit, new = as_double(banded.c.credit_limit), as_double(banded.c.new_limit)
    balance = as_double(banded.c.balance)
    growth = new / limit - 1.0
    after = sa.select(
        *banded.c,
        values["yield_rate"].label("yield_rate"),
        formulas.balance_after(
            balance,
            limit,
            new,
            form=assumptions.response_form,
            elasticity=values["elasticity"],
            mpb=values["mpb"],
            idle_draw=assumptions.idle_draw,
        ).label("new_balance"),
        as_double(formulas.headroom(banded.c.credit_limit, banded.c.balance)).label("unused"),
        formulas.default_probability_after(
            banded.c.default_probability, growth, values["pd_uplift"]
        ).label("new_probability"),
        (
            values["attrition"]
            - formulas.attrition_after(
                values["attrition"],
                growth,
                values["attrition_change"],
                assumptions.attrition_floor,
            )
        ).label("attrition_fall"),
    )
    joined = after.select_from(banded.join(bands, bands.c.band == banded.c.band)).cte("responded")
    return sa.select(
        *joined.c,
        formulas.headroom(as_double(joined.c.new_limit), joined.c.new_balance).label("new_unused"),
    ).cte("exposed")


def baseline_sums(accounts: sa.CTE, assumptions: Assumptions, *, incomes: bool) -> dict[str, Any]:
    """Return the sums over accounts as they stand today, by name; money in minor units."""
    count = sa.func.count()
    unused = formulas.headroom(accounts.c.credit_limit, accounts.c.balance)
    exposure = formulas.ead(
        as_double(accounts.c.balance), as_double(unused), assumptions.credit_conversion_factor
    )
    probability, severity = accounts.c.default_probability, accounts.c.loss_given_default
    sums: dict[str, Any] = {
        "accounts": count,
        "limit": _whole(accounts.c.credit_limit),
        "balance": _whole(accounts.c.balance),
        "headroom": _whole(unused),
        "projected_defaults": sa.func.sum(probability),
        "defaulted_exposure": sa.func.sum(probability * exposure),
        "expected_loss": sa.func.sum(formulas.expected_loss(probability, severity, exposure)),
    }
    if assumptions.capital_approach != "standardised":
        sums["rwa"] = sa.func.sum(_irb_rwa(assumptions, probability, severity, exposure))
    if incomes:
        sums["strained"] = _count(strained(accounts.c.credit_limit, accounts, assumptions))
        sums["over_indebted"] = _count(over_indebted(accounts.c.balance, accounts, assumptions))
    return sums


def increment_sums(accounts: sa.CTE, assumptions: Assumptions, *, incomes: bool) -> dict[str, Any]:
    """Return the sums of proposed less baseline over responded accounts; money in minor units."""
    c = accounts.c
    factor = assumptions.credit_conversion_factor
    exposure = formulas.ead(as_double(c.balance), c.unused, factor)
    more = formulas.ead(c.new_balance, c.new_unused, factor) - exposure
    probability, severity = c.default_probability, c.loss_given_default
    riskier = c.new_probability - probability
    loss_before = formulas.expected_loss(probability, severity, exposure)
    margin_before = formulas.margin(
        as_double(c.balance), c.yield_rate, assumptions.funding_rate, assumptions.operating_rate
    )
    sums: dict[str, Any] = {
        "raised": _count(c.raised),
        "headline": _whole(c.headline),
        "limit": _whole(c.new_limit - c.credit_limit),
        "balance": sa.func.sum(c.new_balance - c.balance),
        "headroom": sa.func.sum(c.new_unused - c.unused),
        "projected_defaults": sa.func.sum(riskier),
        "defaulted_exposure": sa.func.sum(probability * more + riskier * (exposure + more)),
        "new_exposure": sa.func.sum(formulas.expected_loss(probability, severity, more)),
        "old_balance": sa.func.sum(formulas.expected_loss(riskier, severity, exposure)),
        "cross": sa.func.sum(formulas.expected_loss(riskier, severity, more)),
        "retained": sa.func.sum(
            formulas.retained_value(c.attrition_fall, margin_before, loss_before)
        ),
        "relieved": _count(relieved(accounts, assumptions)),
    }
    if assumptions.capital_approach != "standardised":
        before = _irb_rwa(assumptions, probability, severity, exposure)
        after = _irb_rwa(assumptions, c.new_probability, severity, exposure + more)
        sums["rwa"] = sa.func.sum(after - before)
    if incomes:
        sums["strained"] = _count(strained(c.new_limit, accounts, assumptions)) - _count(
            strained(c.credit_limit, accounts, assumptions)
        )
        sums["over_indebted"] = _count(
            over_indebted(c.new_balance, accounts, assumptions)
        ) - _count(over_indebted(c.balance, accounts, assumptions))
    return sums


def strained(
    limit: sa.ColumnElement[int], accounts: sa.CTE, assumptions: Assumptions
) -> sa.ColumnElement[bool]:
    """Return whether the minimum payment of a full limit is too much for the known income."""
    payment = limit * basis_points(assumptions.minimum_payment_rate)
    return payment > accounts.c.monthly_income * basis_points(assumptions.strain_income_share)


def over_indebted(
    balance: sa.ColumnElement[Any], accounts: sa.CTE, assumptions: Assumptions
) -> sa.ColumnElement[bool]:
    """Return whether a balance is above the multiple of the known monthly income."""
    multiple = round(assumptions.over_indebted_multiple * BASIS_POINTS)
    return balance * BASIS_POINTS > accounts.c.monthly_income * multiple


def relieved(accounts: sa.CTE, assumptions: Assumptions) -> sa.ColumnElement[bool]:
    """Return whether a raised account is tight before and no longer after."""
    c, points = accounts.c, basis_points(assumptions.relief_utilization)
    return sa.and_(
        c.raised,
        c.balance * BASIS_POINTS >= c.credit_limit * points,
        c.new_balance * BASIS_POINTS < as_double(c.new_limit) * points,
    )


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0, type_=sa.BigInteger())


def _whole(value: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.sum(value, type_=sa.BigInteger())


def _irb_rwa(
    assumptions: Assumptions,
    probability: sa.ColumnElement[float],
    severity: sa.ColumnElement[float],
    exposure: sa.ColumnElement[float],
) -> sa.ColumnElement[float]:
    correlation = capital.correlation(
        probability, assumptions.capital_approach, assumptions.asset_correlation
    )
    requirement = capital.irb_requirement(probability, severity, correlation)
    rwa: sa.ColumnElement[float] = capital.RWA_PER_CAPITAL * requirement * exposure
    return rwa


def _default_probability(
    portfolio: Portfolio, assumptions: Assumptions
) -> sa.ColumnElement[float]:
    table = portfolio.relation
    brought = portfolio.has("default_probability")
    complete = brought and "default_probability" not in dict(portfolio.blanks)
    if complete:
        return as_double(table.c.default_probability)  # type: ignore[no-any-return]
    if not assumptions.has_curve:
        raise PortfolioError(
            f"The portfolio has no default_probability{' for some accounts' if brought else ''} "
            f"and the score scale {portfolio.scale} has no PD curve: declare anchor_score, "
            "anchor_odds and points_to_double_odds, or bring the column default_probability."
        )
    curve = formulas.default_probability_from_score(
        as_double(table.c.score),
        assumptions.anchor_score,
        assumptions.anchor_odds,
        assumptions.points_to_double_odds,
    )
    if not brought:
        return curve  # type: ignore[no-any-return]
    return sa.func.coalesce(as_double(table.c.default_probability), curve)


def _loss_given_default(portfolio: Portfolio, assumptions: Assumptions) -> sa.ColumnElement[float]:
    assumed = sa.literal(assumptions.loss_given_default, sa.Double())
    if not portfolio.has("loss_given_default"):
        return assumed
    own = as_double(portfolio.relation.c.loss_given_default)
    return sa.func.coalesce(own, assumed)


def _group(portfolio: Portfolio, by: str | None) -> sa.ColumnElement[str]:
    if by is None:
        return sa.literal("", sa.String())
    if by not in portfolio.segments:
        known = ", ".join(portfolio.segments) or "none"
        raise PortfolioError(
            f"The portfolio has no segment {by!r}: its segments are {known}."
        )
    return sa.func.coalesce(portfolio.relation.c[by], BLANK_SEGMENT)


def _band(accounts: sa.CTE, assumptions: Assumptions) -> sa.ColumnElement[int]:
    edges = list(enumerate(assumptions.band_edges))
    if len(edges) == 1:
        return sa.literal(0, sa.Integer())
    return sa.case(
        *((accounts.c.score >= edge, index) for index, edge in reversed(edges[1:])), else_=0
    )


def _bands(assumptions: Assumptions) -> sa.FromClause:
    rows = [
        (index, *(getattr(assumptions, name)[index] for name in BAND_VALUES))
        for index in range(len(assumptions.band_edges))
    ]
    return sa.values(
        sa.column("band", sa.Integer()),
        *(sa.column(name, sa.Double()) for name in BAND_VALUES),
        name="bands",
    ).data(rows)


__all__ = [
    "GROUP",
    "baseline_sums",
    "decided",
    "increment_sums",
    "labelled",
    "priced",
    "responded",
    "resized",
]
