"""What a raise does: the statement that prices every account before and after (METHOD 5 and 6).

The statement is built in stages, each a common table expression that adds columns to the one
before; it runs in the database that holds the accounts.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.choices import Reason
from analytics.declared.columns import BLANK_SEGMENT
from analytics.declared.language import say
from analytics.declared.parameters import BASIS_POINTS
from analytics.errors import PortfolioError
from analytics.method import capital, customers, formulas
from analytics.method.bands import band_index
from analytics.method.elementwise import as_double
from analytics.method.guardrails import reason_code
from analytics.method.limits import is_raised, new_limit
from analytics.policy import Policy
from analytics.portfolio import Portfolio

GROUP = "group_label"
BAND_VALUES = ("elasticity", "mpb", "pd_uplift", "attrition", "attrition_change", "yield_rate")
"""Values by band that an account's own formulas need."""
OF_AN_ACCOUNT = frozenset({"score", "credit_limit", "balance", "monthly_income"})
"""Columns of a portfolio that figures are computed from, beside its default probability and loss
given default. Guardrails need others."""
_OF_A_RAISE = (*sorted(OF_AN_ACCOUNT), "default_probability", "loss_given_default", GROUP)


def priced(
    portfolio: Portfolio,
    assumptions: Assumptions,
    by: str | None = None,
    *,
    columns: Container[str] | None = None,
) -> sa.CTE:
    """Return the accounts with default probability and loss given default settled for each.

    Parameters
    ----------
    columns : container of str, optional
        The portfolio's columns that later stages need; without it, all.

    Raises
    ------
    PortfolioError
        The portfolio brings no default probability and its score scale has no declared curve.
    """
    table = portfolio.relation
    replaced = {"default_probability", "loss_given_default"}
    kept = [column for column in table.c if column.key not in replaced]
    return sa.select(
        *(column for column in kept if columns is None or column.key in columns),
        _default_probability(portfolio, assumptions).label("default_probability"),
        _loss_given_default(portfolio, assumptions).label("loss_given_default"),
        _group(portfolio, by).label(GROUP),
    ).cte("priced")


def labelled(
    portfolio: Portfolio, by: str | None = None, *, columns: Container[str] | None = None
) -> sa.CTE:
    """Return the accounts as they are, with their group; ``columns`` as for :func:`priced`."""
    table = portfolio.relation
    kept = (column for column in table.c if columns is None or column.key in columns)
    return sa.select(*kept, _group(portfolio, by).label(GROUP)).cte("labelled")


def decided(accounts: sa.CTE, policy: Policy, portfolio: Portfolio) -> sa.CTE:
    """Return the accounts with ``reason`` (code of the reason, size of the raise apart)."""
    return sa.select(*accounts.c, reason_code(accounts, policy, portfolio).label("reason")).cte(
        "decided"
    )


def resized(
    accounts: sa.CTE, policy: Policy, portfolio: Portfolio, *, eligible_only: bool
) -> sa.CTE:
    """Return the decided accounts with their new limit.

    Adds ``raised`` (true or false), ``new_limit`` (today's where not raised), ``binding`` (code of
    what set it) and ``headline`` (10,000 times the raise before ceilings and rounding).
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
        passes = [Reason.RAISED.code, Reason.HELD_OUT.code]
        sized = sized.where(accounts.c.reason.in_(passes), limit > 0)
    sizes = sized.cte("sized")
    raised = sa.and_(
        sizes.c.reason == Reason.RAISED.code,
        is_raised(sizes.c.credit_limit, sizes.c.wanted, policy),
    )
    return sa.select(
        *(column for column in sizes.c if column.key != "wanted"),
        raised.label("raised"),
        sa.case((raised, sizes.c.wanted), else_=sizes.c.credit_limit).label("new_limit"),
    ).cte("resized")


def raised_alone(
    accounts: sa.CTE, policy: Policy, portfolio: Portfolio, *, further: tuple[str, ...] = ()
) -> sa.CTE:
    """Return the decided accounts that are raised, and no others, with their new limit.

    Adds ``new_limit`` and ``binding`` (code of what set it); leaves out what only a rule needs, but
    keeps the ``further`` columns.
    """
    new = new_limit(accounts, policy, portfolio)
    kept = [accounts.c[name] for name in (*_OF_A_RAISE, *further) if name in accounts.c]
    sizes = (
        sa.select(*kept, new.wanted.label("new_limit"), new.binding.label("binding"))
        .where(accounts.c.reason == Reason.RAISED.code, accounts.c.credit_limit > 0)
        .cte("sized")
    )
    enough = is_raised(sizes.c.credit_limit, sizes.c.new_limit, policy)
    return sa.select(*sizes.c).where(enough).cte("raised")


def responded(accounts: sa.CTE, assumptions: Assumptions) -> sa.CTE:
    """Return the accounts with what follows from their new limit.

    Adds, in doubles: ``new_balance``, ``unused`` and ``new_unused`` (headroom), ``exposure`` (at
    default, before) and ``more`` of it, ``new_probability``, ``yield_rate`` and
    ``attrition_fall``. Every account must have a limit above 0.
    """
    bands = _bands(assumptions)
    band = {name: as_double(bands.c[name]) for name in BAND_VALUES}
    limit, new = as_double(accounts.c.credit_limit), as_double(accounts.c.new_limit)
    growth = new / limit - 1.0
    staying = formulas.attrition_after(
        band["attrition"], growth, band["attrition_change"], assumptions.attrition_floor
    )
    new_balance = formulas.balance_after(
        as_double(accounts.c.balance),
        limit,
        new,
        form=assumptions.response_form,
        elasticity=band["elasticity"],
        mpb=band["mpb"],
        idle_draw=assumptions.idle_draw,
    )
    after = sa.select(
        *accounts.c,
        new_balance.label("new_balance"),
        as_double(formulas.headroom(accounts.c.credit_limit, accounts.c.balance)).label("unused"),
        formulas.default_probability_after(
            accounts.c.default_probability, growth, band["pd_uplift"]
        ).label("new_probability"),
        band["yield_rate"].label("yield_rate"),
        (band["attrition"] - staying).label("attrition_fall"),
    )
    found = after.join_from(
        accounts, bands, bands.c.band == band_index(accounts.c.score, assumptions.band_edges)
    )
    return _exposed(found.cte("responded"), assumptions)


def _exposed(accounts: sa.CTE, assumptions: Assumptions) -> sa.CTE:
    c, factor = accounts.c, assumptions.credit_conversion_factor
    new_unused = formulas.headroom(as_double(c.new_limit), c.new_balance)
    exposure = formulas.ead(as_double(c.balance), c.unused, factor)
    return sa.select(
        *c,
        new_unused.label("new_unused"),
        exposure.label("exposure"),
        (formulas.ead(c.new_balance, new_unused, factor) - exposure).label("more"),
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
    if assumptions.capital_approach.is_irb:
        sums["rwa"] = sa.func.sum(capital.counted_rwa(probability, severity, exposure, assumptions))
    if incomes:
        income = accounts.c.monthly_income
        strained = customers.is_strained(accounts.c.credit_limit, income, assumptions)
        indebted = customers.is_over_indebted(accounts.c.balance, income, assumptions)
        sums |= {"strained": _count(strained), "over_indebted": _count(indebted)}
    return sums


def increment_sums(accounts: sa.CTE, assumptions: Assumptions, *, incomes: bool) -> dict[str, Any]:
    """Return the sums of proposed less baseline over responded accounts; money in minor units.

    All of them are raised (:func:`raised_alone`).
    """
    c = accounts.c
    exposure, more = c.exposure, c.more
    probability, severity = c.default_probability, c.loss_given_default
    riskier = c.new_probability - probability
    loss_before = formulas.expected_loss(probability, severity, exposure)
    margin_before = formulas.margin(
        as_double(c.balance), c.yield_rate, assumptions.funding_rate, assumptions.operating_rate
    )
    sums: dict[str, Any] = {
        "raised": sa.func.count(),
        "limit": _whole(c.new_limit - c.credit_limit),
        "balance": sa.func.sum(c.new_balance - c.balance),
        "headroom": sa.func.sum(c.new_unused - c.unused),
        "projected_defaults": sa.func.sum(riskier),
        "defaulted_exposure": sa.func.sum(riskier * exposure + c.new_probability * more),
        "new_exposure": sa.func.sum(formulas.expected_loss(probability, severity, more)),
        "old_balance": sa.func.sum(formulas.expected_loss(riskier, severity, exposure)),
        "cross": sa.func.sum(formulas.expected_loss(riskier, severity, more)),
        "retained": sa.func.sum(
            formulas.retained_value(c.attrition_fall, margin_before, loss_before)
        ),
        "relieved": _count(
            sa.and_(
                customers.is_tight(c.balance, c.credit_limit, assumptions),
                customers.is_eased(c.new_balance, as_double(c.new_limit), assumptions),
            )
        ),
    }
    if assumptions.capital_approach.is_irb:
        before = capital.counted_rwa(probability, severity, exposure, assumptions)
        after = capital.counted_rwa(c.new_probability, severity, exposure + more, assumptions)
        sums["rwa"] = sa.func.sum(after - before)
    if incomes:
        # Limits and balances only rise, so that whoever is in trouble before still is after.
        sums["strained"] = _count(
            sa.and_(
                customers.is_strained(c.new_limit, c.monthly_income, assumptions),
                sa.not_(customers.is_strained(c.credit_limit, c.monthly_income, assumptions)),
            )
        )
        sums["over_indebted"] = _count(
            sa.and_(
                customers.is_over_indebted(c.new_balance, c.monthly_income, assumptions),
                sa.not_(customers.is_over_indebted(c.balance, c.monthly_income, assumptions)),
            )
        )
    return sums


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0, type_=sa.BigInteger())


def _whole(value: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.sum(value, type_=sa.BigInteger())


def _default_probability(portfolio: Portfolio, assumptions: Assumptions) -> sa.ColumnElement[float]:
    table = portfolio.relation
    brought = portfolio.has("default_probability")
    complete = brought and "default_probability" not in dict(portfolio.blanks)
    if complete:
        return as_double(table.c.default_probability)  # type: ignore[no-any-return]
    if assumptions.curve is None:
        raise PortfolioError(_no_curve(portfolio, brought=brought))
    curve = formulas.default_probability_from_score(as_double(table.c.score), *assumptions.curve)
    if not brought:
        return curve  # type: ignore[no-any-return]
    return sa.func.coalesce(as_double(table.c.default_probability), curve)


def _no_curve(portfolio: Portfolio, *, brought: bool) -> str:
    """Return what to say where accounts have no default probability and the scale no PD curve."""
    if brought:
        return say(
            "The portfolio has no default_probability for some accounts and the score scale "
            "{scale} has no PD curve: declare anchor_score, anchor_odds and "
            "points_to_double_odds, or bring the column default_probability.",
            scale=portfolio.scale,
        )
    return say(
        "The portfolio has no default_probability and the score scale {scale} has no PD curve: "
        "declare anchor_score, anchor_odds and points_to_double_odds, or bring the column "
        "default_probability.",
        scale=portfolio.scale,
    )


def _loss_given_default(portfolio: Portfolio, assumptions: Assumptions) -> sa.ColumnElement[float]:
    assumed: sa.ColumnElement[float] = sa.literal(assumptions.loss_given_default, sa.Double())
    if not portfolio.has("loss_given_default"):
        return assumed
    own: sa.ColumnElement[float] = as_double(portfolio.relation.c.loss_given_default)
    complete = "loss_given_default" not in dict(portfolio.blanks)
    return own if complete else sa.func.coalesce(own, assumed)


def _group(portfolio: Portfolio, by: str | None) -> sa.ColumnElement[str]:
    if by is None:
        return sa.literal("", sa.String())
    return sa.func.coalesce(portfolio.segment(by), BLANK_SEGMENT)


def _bands(assumptions: Assumptions) -> sa.FromClause:
    """Return the values by band as a table. It is text, for SQLAlchemy keeps no compiled VALUES."""
    declared = [map(_double_literal, getattr(assumptions, name)) for name in BAND_VALUES]
    rows = (f"({index}, {', '.join(row)})" for index, row in enumerate(zip(*declared, strict=True)))
    names = f"band, {', '.join(BAND_VALUES)}"
    columns = [sa.column("band", sa.Integer()), *(sa.column(n, sa.Double()) for n in BAND_VALUES)]
    text = f"SELECT {names} FROM (VALUES {', '.join(rows)}) AS declared ({names})"  # noqa: S608
    return sa.text(text).columns(*columns).subquery("bands")


def _double_literal(value: float) -> str:
    """Return a number as every dialect reads a double, not a decimal."""
    text = repr(float(value))
    return text if "e" in text else f"{text}e0"


__all__ = [
    "GROUP",
    "OF_AN_ACCOUNT",
    "baseline_sums",
    "decided",
    "increment_sums",
    "labelled",
    "priced",
    "raised_alone",
    "resized",
    "responded",
]
