"""To what limit: target, ceiling and rounding in exact whole numbers (METHOD 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from analytics.declared.arrays import Ints
from analytics.declared.choices import Binding
from analytics.declared.columns import MAX_INCOME, MAX_MONEY, MINOR_UNITS
from analytics.declared.parameters import BASIS_POINTS
from analytics.method.elementwise import Quantity, Result, least, stepped, where
from analytics.method.formulas import round_down, target_limit_numerator
from analytics.policy import Policy, minor_units, raise_basis_points
from analytics.portfolio import Portfolio

BINDINGS = tuple(Binding)
"""What can set a new limit; where two give the same, the earlier is named."""

_NO_CEILING = 2**62


@dataclass(frozen=True, slots=True)
class NewLimit:
    """Expressions of an account's new limit; money in minor units."""

    target_numerator: sa.ColumnElement[int]
    """10,000 times the target."""
    wanted: sa.ColumnElement[int]
    """The limit after target, ceiling and rounding; may be below today's."""
    binding: sa.ColumnElement[int]
    """Code of the :class:`Binding` that set it."""


def raise_points(score: Quantity, policy: Policy) -> Result:
    """Return the raise of a score in whole basis points: a number, an array or SQL."""
    starts, points = zip(*raise_basis_points(policy), strict=True)
    return stepped(score, starts, points, sa.BigInteger)


def new_limit(accounts: sa.FromClause, policy: Policy, portfolio: Portfolio) -> NewLimit:
    """Return the expressions of the new limit for a table of accounts."""
    limit = accounts.c.credit_limit
    points = raise_points(accounts.c.score, policy)
    increment = _largest_raise(policy)
    target = target_limit_numerator(limit, points, increment)
    bounds = ceilings(accounts, policy, portfolio)
    wanted = wanted_limit(limit, points, [ceiling for _, ceiling in bounds], policy)
    return NewLimit(target, wanted, _binding(limit, points, increment, target, bounds))


def wanted_limit(
    limit: Quantity, points: Quantity, bounds: Iterable[Quantity], policy: Policy
) -> Result:
    """Return the limit after target, ceilings and rounding; it may be below today's.

    ``points`` are whole basis points, ``bounds`` 10,000 times each ceiling; shapes broadcast.
    """
    bounded = target_limit_numerator(limit, points, _largest_raise(policy))
    for ceiling in bounds:
        bounded = least(bounded, ceiling)
    return round_down(bounded, minor_units(policy.rounding_step))


def new_limits(limit: Ints, points: Ints, top: Ints | None, policy: Policy) -> Ints:
    """Return new limits in minor units: today's where the raise is too small to be made.

    ``top`` is the highest that each account's ceilings allow, None without; shapes broadcast.
    """
    bounds = () if top is None else (top * BASIS_POINTS,)
    wanted = wanted_limit(limit, points, bounds, policy)
    found: Ints = where(is_raised(limit, wanted, policy), wanted, limit)
    return found


def _largest_raise(policy: Policy) -> int | None:
    return None if policy.max_increment is None else minor_units(policy.max_increment)


def smallest_raise(policy: Policy) -> int:
    """Return the smallest raise that is made, in minor units."""
    return max(minor_units(policy.min_increment), 1)


def is_raised(limit: Quantity, wanted: Quantity, policy: Policy) -> Result:
    """Return whether a wanted limit is enough of a raise to be made."""
    return wanted - limit >= smallest_raise(policy)


def ceilings(
    accounts: sa.FromClause, policy: Policy, portfolio: Portfolio
) -> list[tuple[Binding, sa.ColumnElement[int]]]:
    """Return (which, 10,000 times the ceiling) for each ceiling that is on."""
    found: list[tuple[Binding, sa.ColumnElement[int]]] = []
    if policy.limit_cap is not None:
        cap = minor_units(policy.limit_cap) * BASIS_POINTS
        found.append((Binding.LIMIT_CAP, sa.literal(cap, sa.BigInteger())))
    if policy.income_multiple is not None and portfolio.has("monthly_income"):
        multiple = round(policy.income_multiple * BASIS_POINTS)
        scaled = accounts.c.monthly_income * sa.literal(multiple, sa.BigInteger())
        found.append((Binding.INCOME_MULTIPLE, sa.func.coalesce(scaled, sa.literal(_NO_CEILING))))
    return found


def _binding(
    limit: sa.ColumnElement[int],
    points: sa.ColumnElement[int],
    increment: int | None,
    target: sa.ColumnElement[int],
    bounds: list[tuple[Binding, sa.ColumnElement[int]]],
) -> sa.ColumnElement[int]:
    rate = sa.literal(Binding.RAISE_RATE.code, sa.Integer())
    own: sa.ColumnElement[int] = rate
    if increment is not None:
        cut = limit * points > increment * BASIS_POINTS
        own = sa.case((cut, Binding.MAX_INCREMENT.code), else_=rate)
    if not bounds:
        return own
    lowest = target
    for name, ceiling in bounds:
        own = sa.case((ceiling < lowest, name.code), else_=own)
        lowest = least(lowest, ceiling)
    return own


assert MAX_MONEY * MINOR_UNITS * 2 * BASIS_POINTS < 2**63  # noqa: S101 - the bounds' own proof
assert MAX_INCOME * MINOR_UNITS * 50 * BASIS_POINTS < 2**63  # noqa: S101 - and of the multiple's

__all__ = [
    "BINDINGS",
    "NewLimit",
    "ceilings",
    "is_raised",
    "new_limit",
    "new_limits",
    "raise_points",
    "smallest_raise",
    "wanted_limit",
]
