"""To what limit: target, ceilings and rounding in exact whole numbers (METHOD 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Ints
from analytics.declared.choices import Binding, Reason
from analytics.declared.columns import MAX_INCOME, MAX_MONEY, MINOR_UNITS
from analytics.declared.parameters import BASIS_POINTS, basis_points
from analytics.method.elementwise import Quantity, Result, least, stepped, where
from analytics.method.formulas import (
    NO_CEILING,
    affordable_limit,
    round_down,
    target_limit_numerator,
)
from analytics.policy import Policy, minor_units, raise_basis_points
from analytics.portfolio import Portfolio

BINDINGS = tuple(Binding)
"""What can set a new limit; where two give the same, the earlier is named."""
NO_ROOM = {
    Binding.LIMIT_CAP: Reason.AT_LIMIT_CAP,
    Binding.INCOME_MULTIPLE: Reason.AT_INCOME_MULTIPLE,
    Binding.AFFORDABILITY: Reason.UNAFFORDABLE,
}
"""The reason of an account to which a ceiling leaves no room for a raise."""


@dataclass(frozen=True, slots=True)
class NewLimit:
    """Expressions of an account's new limit; money in minor units."""

    target_numerator: sa.ColumnElement[int]
    """10,000 times the target."""
    wanted: sa.ColumnElement[int]
    """The limit after target, ceiling and rounding; may be below today's."""
    binding: sa.ColumnElement[int]
    """Code of the :class:`Binding` that set it."""
    no_room: tuple[tuple[sa.ColumnElement[bool], Reason], ...]
    """When a ceiling leaves less than the smallest raise, and the reason of its name; in order."""


def raise_points(score: Quantity, policy: Policy) -> Result:
    """Return the raise of a score in whole basis points: a number, an array or SQL."""
    starts, points = zip(*raise_basis_points(policy), strict=True)
    return stepped(score, starts, points, sa.BigInteger)


def new_limit(
    accounts: sa.FromClause, policy: Policy, assumptions: Assumptions, portfolio: Portfolio
) -> NewLimit:
    """Return the expressions of the new limit for a table of accounts."""
    return new_limit_under(accounts, policy, ceilings(accounts, policy, assumptions, portfolio))


def new_limit_under(
    accounts: sa.FromClause, policy: Policy, bounds: list[tuple[Binding, sa.ColumnElement[int]]]
) -> NewLimit:
    """Return the expressions of the new limit under ceilings that are found already."""
    limit = accounts.c.credit_limit
    points = raise_points(accounts.c.score, policy)
    increment = _largest_raise(policy)
    target = target_limit_numerator(limit, points, increment)
    wanted = wanted_limit(limit, points, [ceiling for _, ceiling in bounds], policy)
    return NewLimit(
        target,
        wanted,
        _binding(limit, points, increment, target, bounds),
        _no_room(limit, target, bounds, policy),
    )


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


def is_capped(
    limit: Quantity, points: Quantity, bounds: Iterable[sa.ColumnElement[int]], policy: Policy
) -> sa.ColumnElement[bool]:
    """Return whether a ceiling stops the target; ``bounds`` are 10,000 times each ceiling."""
    target = target_limit_numerator(limit, points, _largest_raise(policy))
    return sa.or_(sa.false(), *(ceiling < target for ceiling in bounds))


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
    accounts: sa.FromClause, policy: Policy, assumptions: Assumptions, portfolio: Portfolio
) -> list[tuple[Binding, sa.ColumnElement[int]]]:
    """Return (which, 10,000 times the ceiling) for each ceiling that is on.

    Where an income is not known, ceilings on incomes leave all room.
    """
    found: list[tuple[Binding, sa.ColumnElement[int]]] = []
    if policy.limit_cap is not None:
        cap = minor_units(policy.limit_cap) * BASIS_POINTS
        found.append((Binding.LIMIT_CAP, sa.literal(cap, sa.BigInteger())))
    if not portfolio.has("monthly_income"):
        return found
    income = accounts.c.monthly_income
    without = sa.literal(NO_CEILING * BASIS_POINTS, sa.BigInteger())
    if policy.income_multiple is not None:
        multiple = round(policy.income_multiple * BASIS_POINTS)
        scaled = income * sa.literal(multiple, sa.BigInteger())
        found.append((Binding.INCOME_MULTIPLE, sa.func.coalesce(scaled, without)))
    if policy.affordability:
        bearable = bearable_limit(accounts, assumptions)
        # Of an unknown income the greatest of nothing and what is left would be nothing.
        known = sa.case((income.is_(None), without), else_=bearable * BASIS_POINTS)
        found.append((Binding.AFFORDABILITY, known))
    return found


def bearable_limit(accounts: sa.FromClause, assumptions: Assumptions) -> sa.ColumnElement[int]:
    """Return the highest whole limit that the incomes of accounts bear; of known incomes alone.

    Where an income is not known it is null or any number.
    """
    bearable: sa.ColumnElement[int] = affordable_limit(
        accounts.c.monthly_income,
        other_payments(accounts),
        basis_points(assumptions.strain_income_share),
        basis_points(assumptions.minimum_payment_rate),
    )
    return bearable


def other_payments(accounts: sa.FromClause) -> Quantity:
    """Return what customers pay elsewhere a month, minor units; 0 where it is not known."""
    if "other_payments" not in accounts.c:
        return 0
    return sa.func.coalesce(accounts.c.other_payments, sa.literal(0, sa.BigInteger()))


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


def _no_room(
    limit: sa.ColumnElement[int],
    target: sa.ColumnElement[int],
    bounds: list[tuple[Binding, sa.ColumnElement[int]]],
    policy: Policy,
) -> tuple[tuple[sa.ColumnElement[bool], Reason], ...]:
    """Return when the lowest ceiling leaves no room for a raise that would be large enough."""
    enough = (limit + smallest_raise(policy)) * BASIS_POINTS
    found = []
    for place, (name, ceiling) in enumerate(bounds):
        # The lowest names it, and of equal ones the first.
        others = [ceiling < other for _, other in bounds[:place]]
        others += [ceiling <= other for _, other in bounds[place + 1 :]]
        found.append((sa.and_(target >= enough, ceiling < enough, *others), NO_ROOM[name]))
    return tuple(found)


assert MAX_MONEY * MINOR_UNITS * 2 * BASIS_POINTS < 2**63  # noqa: S101 - the bounds' own proof
assert MAX_INCOME * MINOR_UNITS * 50 * BASIS_POINTS < 2**63  # noqa: S101 - and of the multiple's
assert NO_CEILING * BASIS_POINTS < 2**63  # noqa: S101 - and of no ceiling's

__all__ = [
    "BINDINGS",
    "NO_ROOM",
    "NewLimit",
    "bearable_limit",
    "ceilings",
    "is_capped",
    "is_raised",
    "new_limit",
    "new_limit_under",
    "new_limits",
    "other_payments",
    "raise_points",
    "smallest_raise",
    "wanted_limit",
]
