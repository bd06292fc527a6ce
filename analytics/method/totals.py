"""What is summed over accounts: how they stand today, and what their raises add (METHOD 7)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.choices import RivalLine
from analytics.method import capital, customers, effects, formulas
from analytics.method.elementwise import as_double
from analytics.method.limits import other_payments
from analytics.method.months import built_by


def baseline_sums(accounts: sa.CTE, assumptions: Assumptions, *, incomes: bool) -> dict[str, Any]:
    """Return the sums over accounts as they stand today, by name; money in minor units."""
    c = accounts.c
    unused = formulas.headroom(c.credit_limit, c.balance)
    exposure = formulas.ead(
        as_double(c.balance), as_double(unused), assumptions.credit_conversion_factor
    )
    probability, severity = c.default_probability, c.loss_given_default
    sums: dict[str, Any] = {
        "accounts": sa.func.count(),
        "limit": _whole(c.credit_limit),
        "balance": _whole(c.balance),
        "headroom": _whole(unused),
        "projected_defaults": sa.func.sum(probability),
        "defaulted_exposure": sa.func.sum(probability * exposure),
        "expected_loss": sa.func.sum(formulas.expected_loss(probability, severity, exposure)),
    }
    if "is_transactor" in c:
        sums["transactor_balance"] = _whole(sa.case((effects.is_transactor(c), c.balance), else_=0))
    if assumptions.capital_approach.is_irb:
        sums["rwa"] = sa.func.sum(capital.counted_rwa(probability, severity, exposure, assumptions))
    if incomes:
        income, elsewhere = c.monthly_income, other_payments(accounts)
        strained = customers.is_strained(c.credit_limit, income, elsewhere, assumptions)
        indebted = customers.is_over_indebted(c.balance, income, assumptions)
        sums |= {"strained": _count(strained), "over_indebted": _count(indebted)}
        for name, months in customers.COVERS.items():
            sums[name] = _count(customers.has_less_cover(unused, income, months))
    return sums


def increment_sums(
    accounts: sa.CTE, assumptions: Assumptions, *, incomes: bool, day_after: bool = False
) -> dict[str, Any]:
    """Return the sums of proposed less baseline over responded accounts; money in minor units.

    An account that is not raised adds nothing. With ``day_after``, what a temporary raise needs of
    the day after it is there too.
    """
    transactors = "is_transactor" in accounts.c
    found = effects.terms(accounts.c, assumptions, transactors=transactors, day_after=day_after)
    sums = {name: sa.func.sum(term) for name, term in found.items()}
    return (
        sums
        | {"limit": _whole(found["limit"])}
        | _customers(accounts, assumptions, incomes=incomes)
    )


def at_the_end(
    accounts: sa.CTE, assumptions: Assumptions, days: int
) -> dict[str, sa.ColumnElement[Any]]:
    """Return how many responded accounts owe more than their old limit after so many days."""
    c = accounts.c
    above = customers.is_above_old_limit(
        as_double(c.balance), c.new_balance, c.credit_limit, built_by(days, assumptions)
    )
    return {"above_old_limit": _count(above)}


def rival_sums(accounts: sa.CTE, assumptions: Assumptions, *, known: bool) -> dict[str, Any]:
    """Return what responded accounts leave as things stand, and their number, by line elsewhere.

    ``earned_`` and ``count_`` for each :class:`RivalLine`, money in minor units. Without the column
    of limits elsewhere nobody's line is known, and only what all earn is summed; with ``known``
    everybody's is.
    """
    c = accounts.c
    earned = effects.earned_today(c, assumptions)
    if "external_limit" not in c:
        return {f"earned_{RivalLine.UNKNOWN}": sa.func.sum(earned)}
    lines = {RivalLine.AT_HAND: c.external_limit > 0}
    if not known:
        lines[RivalLine.UNKNOWN] = c.external_limit.is_(None)
    sums: dict[str, Any] = {}
    for line, holds in lines.items():
        sums[f"earned_{line}"] = sa.func.sum(sa.case((holds, earned), else_=0.0))
        sums[f"count_{line}"] = _count(holds)
    return sums


def _customers(
    accounts: sa.CTE, assumptions: Assumptions, *, incomes: bool
) -> dict[str, sa.ColumnElement[Any]]:
    """Return the changes in how many customers are in trouble, and who is out of it."""
    c = accounts.c
    relieved = sa.and_(
        customers.is_tight(c.balance, c.credit_limit, assumptions),
        customers.is_eased(c.new_balance, as_double(c.new_limit), assumptions),
    )
    sums = {"relieved": _count(sa.and_(relieved, c.new_limit > c.credit_limit))}
    if not incomes:
        return sums
    income, elsewhere = c.monthly_income, other_payments(accounts)
    # Limits, balances and headroom only rise: who is strained or indebted stays so, and nobody's
    # cover becomes less.
    sums["strained"] = _count(
        sa.and_(
            customers.is_strained(c.new_limit, income, elsewhere, assumptions),
            sa.not_(customers.is_strained(c.credit_limit, income, elsewhere, assumptions)),
        )
    )
    sums["over_indebted"] = _count(
        sa.and_(
            customers.is_over_indebted(c.new_balance, income, assumptions),
            sa.not_(customers.is_over_indebted(c.balance, income, assumptions)),
        )
    )
    for name, months in customers.COVERS.items():
        less = customers.has_less_cover(c.unused, income, months)
        still = customers.has_less_cover(c.new_unused, income, months)
        sums[name] = -_count(sa.and_(less, sa.not_(still)))
    return sums


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0, type_=sa.BigInteger())


def _whole(value: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.sum(value, type_=sa.BigInteger())
