"""Who gets what, and what one rule alone keeps an account from (METHOD 10).

The stages of one statement over all accounts: each adds columns to the one before, and the sums
over them give treatments and whitespace at one threshold. The accounts are read once: those that
have no raise whichever one rule is off are summed as they stand, and only the others are sized.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.choices import LossPart, Reason, Treatment
from analytics.declared.treatments import BY_TREATMENT
from analytics.method import customers, effects
from analytics.method.guardrails import (
    GUARDRAILS,
    held_out,
    needed_columns,
    reason_code,
    unknown_columns,
)
from analytics.method.limits import (
    NO_ROOM,
    bearable_limit,
    ceilings,
    is_raised,
    new_limit_under,
)
from analytics.policy import Policy
from analytics.portfolio import Portfolio

FLAG_COLUMNS = ("in_hardship", "days_past_due")
"""Columns by which an account gets support."""
CARE_COLUMN = "minimum_payment_months_6"
"""Column by which a raise comes with guidance, whatever the rule on it."""
OF_TREATMENTS = frozenset({*FLAG_COLUMNS, CARE_COLUMN})
"""Columns that treatments need, rules apart."""
NEAR_MISS = 10
"""Points below the threshold within which an account is a near miss."""
KEEPING = ("duckdb", "postgresql")
"""Dialects that can be told to work out once what is read twice."""
IN_BATCHES = "duckdb"
"""The dialect of the engine that works on batches of rows."""
_GATHERED = "QUALIFY max(score) OVER () IS NOT NULL"
INCOME = "monthly_income"
_MADE = Reason.RAISED.code
OF_VALUE = frozenset(
    {
        "limit",
        "balance",
        "headroom",
        "transactor_balance",
        "retained",
        "expected_loss",
        "rwa",
        "day_after_headroom",
        "day_after_loss",
        "day_after_rwa",
    }
)
"""Sums of increments that net value and value over months follow from."""
_TIME = BY_TREATMENT[Treatment.WAIT].reasons
_OF_RULES = frozenset(rule.column for rule in GUARDRAILS)
_LATER = frozenset({"balance", CARE_COLUMN, *(r.column for r in GUARDRAILS if r.name in _TIME)})
"""Columns of rules that are needed once the rules are tried."""
_EARLIEST = min(reason.code for reason in _TIME)


def needs_support(accounts: sa.FromClause) -> sa.ColumnElement[bool]:
    """Return whether an account is in hardship or past due; an unknown cell is no flag."""
    flags: list[sa.ColumnElement[bool]] = []
    if "in_hardship" in accounts.c:
        flags.append(accounts.c.in_hardship.is_(True))
    if "days_past_due" in accounts.c:
        flags.append(accounts.c.days_past_due > 0)
    return sa.case((sa.or_(sa.false(), *flags), sa.true()), else_=sa.false())


def needs_care(accounts: sa.FromClause, assumptions: Assumptions) -> sa.ColumnElement[bool]:
    """Return whether a raise comes with guidance: the customer is close to a limit of its own.

    Takes today's limit and balance, ``new_limit`` and ``new_balance`` of the raise and, where
    incomes are there, ``affordable``.
    """
    c = accounts.c
    signs = [customers.is_tight(c.balance, c.credit_limit, assumptions)]
    if CARE_COLUMN in c:
        signs.append(c[CARE_COLUMN] >= 1)
    if "affordable" in c:
        near = customers.is_near_affordable(c.new_limit, c.affordable)
        half = customers.is_half_indebted(c.new_balance, c[INCOME], assumptions)
        signs.append(sa.and_(c[INCOME].is_not(None), sa.or_(near, half)))
    return sa.case((sa.or_(*signs), sa.true()), else_=sa.false())


def tried(accounts: sa.CTE, policy: Policy, portfolio: Portfolio) -> sa.CTE:
    """Return the accounts with ``support``, ``reason`` and ``alone``.

    ``reason`` is the code of the rule that fails, of a raise where none does; further below the
    threshold than a near miss, of the score, and no other rule is looked at. ``alone`` says that no
    rule fails but that of the reason, so that there may be a raise without it.
    """
    c = accounts.c
    looked_at = c.score >= policy.score_threshold - NEAR_MISS
    below = Reason.SCORE_BELOW_THRESHOLD.code
    reason = sa.case((looked_at, reason_code(accounts, policy, portfolio)), else_=below)
    support = needs_support(accounts).label("support")
    first = sa.select(*c, reason.label("reason"), support).cte("first")
    alone = sa.and_(_alone(first, policy, portfolio), first.c.credit_limit > 0)
    kept = [column for column in first.c if column.key not in _OF_RULES or column.key in _LATER]
    found = sa.select(*kept, alone.label("alone")).cte("tried")
    for dialect in KEEPING:
        found = found.prefix_with("MATERIALIZED", dialect=dialect)
    return found


def without_raise(accounts: sa.CTE) -> sa.CTE:
    """Return the tried accounts that have no raise, whichever one rule is off; with ``outcome``."""
    c = accounts.c
    outcome = sa.case((c.reason == _MADE, Reason.RAISE_TOO_SMALL.code), else_=c.reason)
    return sa.select(*c, outcome.label("outcome")).where(sa.not_(c.alone)).cte("without_raise")


def freed(
    accounts: sa.CTE, policy: Policy, assumptions: Assumptions, portfolio: Portfolio
) -> sa.CTE:
    """Return all other tried accounts with the limit that they have without one rule.

    Adds ``outcome`` (code of the reason in the end, score apart), ``new_limit`` (without the rule
    or ceiling of the outcome, today's where there is still no raise) and, where incomes are there,
    ``affordable``. Of who is raised or held out, it is the limit of the raise.
    """
    accounts = _together(accounts)
    c = accounts.c
    bounds = ceilings(accounts, policy, assumptions, portfolio)
    under_all = new_limit_under(accounts, policy, bounds)
    passes = c.reason == _MADE
    room: list[tuple[Any, Any]] = [(sa.not_(passes), c.reason)]
    without: list[tuple[Any, Any]] = []
    for condition, reason in under_all.no_room:
        room.append((condition, reason.code))
        left = [bound for bound in bounds if NO_ROOM[bound[0]] is not reason]
        wanted = new_limit_under(accounts, policy, left).wanted
        without.append((sa.and_(passes, condition), wanted))
    added = [
        sa.case(*room, else_=_MADE).label("room"),
        (sa.case(*without, else_=under_all.wanted) if without else under_all.wanted).label("freed"),
    ]
    if portfolio.has(INCOME):
        added.append(bearable_limit(accounts, assumptions).label("affordable"))
    return _settled(sa.select(*c, *added).cte("sized"), policy)


def _together(accounts: sa.CTE) -> sa.CTE:
    """Return the tried accounts that may have a raise, in full batches.

    They are few of every batch that an engine reads, and DuckDB takes as long for a batch of few as
    for a full one. A window over all of them gathers them first; its condition always holds.
    """
    found = sa.select(*accounts.c).where(accounts.c.alone)
    return found.suffix_with(_GATHERED, dialect=IN_BATCHES).cte("together")


def _settled(sizes: sa.CTE, policy: Policy) -> sa.CTE:
    """Return sized accounts with their outcome and their limit."""
    c = sizes.c
    large = is_raised(c.credit_limit, c.freed, policy)
    fails: list[tuple[Any, Any]] = [
        (c.room != _MADE, c.room),
        (sa.not_(large), Reason.RAISE_TOO_SMALL.code),
    ]
    if policy.holdout_rate:
        fails.append((held_out(sizes, policy), Reason.HELD_OUT.code))
    return sa.select(
        *(column for column in c if column.key not in ("reason", "room", "freed", "alone")),
        sa.case(*fails, else_=_MADE).label("outcome"),
        sa.case((large, c.freed), else_=c.credit_limit).label("new_limit"),
    ).cte("freed")


def foregone_sums(accounts: sa.CTE, assumptions: Assumptions) -> dict[str, Any]:
    """Return the sums that the value of raises follows from, by name; money in minor units."""
    transactors = "is_transactor" in accounts.c
    found = effects.terms(accounts.c, assumptions, transactors=transactors, day_after=False)
    parts = [found.pop(part) for part in LossPart]
    found["expected_loss"] = parts[0] + parts[1] + parts[2]
    return {name: sa.func.sum(term) for name, term in found.items() if name in OF_VALUE}


def care(accounts: sa.CTE, assumptions: Assumptions) -> sa.ColumnElement[bool]:
    """Return whether an account is in an arm of the trial and its raise comes with guidance."""
    c = accounts.c
    in_an_arm = c.outcome.in_([Reason.RAISED.code, Reason.HELD_OUT.code])
    return sa.case((in_an_arm, needs_care(accounts, assumptions)), else_=sa.false())


def wait_months(accounts: sa.FromClause, policy: Policy, portfolio: Portfolio) -> Any:
    """Return the months until both rules of time pass; null where neither is known to fail."""
    waits = [
        sa.case((rule.fails(accounts, policy), getattr(policy, rule.name) - c))
        for rule in GUARDRAILS
        if rule.name in _TIME and rule.is_on(policy) and portfolio.has(rule.column)
        for c in (accounts.c[rule.column],)
    ]
    if not waits:
        return sa.cast(sa.null(), sa.Integer())
    longest, *more = waits
    for other in more:
        both = sa.func.coalesce(longest, 0), sa.func.coalesce(other, 0)
        longest = sa.case((both[0] >= both[1], longest), else_=other)
    return longest


def missing_items(policy: Policy, portfolio: Portfolio) -> tuple[str, ...]:
    """Return the columns whose blank cells hold an account, in the order to ask: income first."""
    blank = unknown_columns(policy, portfolio)
    in_order = dict.fromkeys(column for _, column in needed_columns(policy))
    return tuple(sorted((c for c in in_order if c in blank), key=lambda name: name != INCOME))


def _alone(accounts: sa.FromClause, policy: Policy, portfolio: Portfolio) -> sa.ColumnElement[bool]:
    """Return whether no rule fails but that of the reason; both rules of time are one.

    The last rule that fails is then the first one. Who fails a rule of time does not need the
    other's cell: without the rule, neither is in force.
    """
    c = accounts.c
    rules = [rule for rule in GUARDRAILS if rule.is_on(policy) and portfolio.has(rule.column)]
    below = c.reason == Reason.SCORE_BELOW_THRESHOLD.code
    if not rules:
        return sa.not_(below)
    of_time = {rule.column for rule in rules if rule.name in _TIME}
    blank = unknown_columns(policy, portfolio)
    unknown: list[sa.ColumnElement[bool]] = [
        c[name].is_(None) for name in blank if name not in of_time
    ]
    needless = [c[name].is_(None) for name in blank if name in of_time]
    if needless:
        late = [_known(rule.fails(accounts, policy)) for rule in rules if rule.name in _TIME]
        unknown.append(sa.and_(sa.or_(*needless), sa.not_(sa.or_(*late))))
    found: list[tuple[Any, int]] = [(sa.or_(sa.false(), *unknown), Reason.UNKNOWN_DATA.code)]
    found += [(rule.fails(accounts, policy), _merged(rule.name)) for rule in reversed(rules)]
    first = sa.case((c.reason.in_([reason.code for reason in _TIME]), _EARLIEST), else_=c.reason)
    only = sa.case(*found, else_=_MADE) == first
    return sa.case((c.reason == _MADE, sa.true()), (below, sa.false()), else_=only)


def _known(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(condition, sa.false(), type_=sa.Boolean())


def _merged(reason: Reason) -> int:
    return _EARLIEST if reason in _TIME else reason.code


__all__ = [
    "NEAR_MISS",
    "OF_TREATMENTS",
    "OF_VALUE",
    "care",
    "foregone_sums",
    "freed",
    "missing_items",
    "needs_support",
    "tried",
    "wait_months",
    "without_raise",
]
