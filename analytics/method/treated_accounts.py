"""What each single account gets, for the list of accounts (METHOD 10)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.choices import MessageArm, Reason, Treatment
from analytics.declared.parameters import BASIS_POINTS
from analytics.declared.treatments import SHIPPED, WITHOUT_HOLDOUT, Treatments
from analytics.method import effects
from analytics.method.bands import band_index
from analytics.method.effects import BAND_VALUES
from analytics.method.elementwise import as_double, whole_quotient
from analytics.method.formulas import NO_CEILING
from analytics.method.guardrails import message_held_out
from analytics.method.limits import NO_ROOM, bearable_limit
from analytics.method.response import band_table
from analytics.method.treatments import INCOME, care, missing_items, needs_support, wait_months
from analytics.policy import Policy
from analytics.portfolio import Portfolio

TREATED = (
    "treatment",
    "message_arm",
    "wait_months",
    "missing_item",
    "asked_limit",
    "affordable_limit",
)
"""What is added to an account, in this order."""
_BELOW = Reason.SCORE_BELOW_THRESHOLD.code
_ARMS = (Reason.RAISED.code, Reason.HELD_OUT.code)


def treated_accounts(
    sized: sa.CTE,
    policy: Policy,
    assumptions: Assumptions,
    portfolio: Portfolio,
    table: Treatments = SHIPPED,
) -> sa.CTE:
    """Return resized accounts at the threshold of a policy, with what each gets.

    Adds ``treatment`` (code), ``message_arm`` (code, null where the treatment has no message),
    ``wait_months`` (null but of who waits), ``missing_item`` (place among
    :func:`~analytics.method.treatments.missing_items`, null but of who is asked), ``asked_limit``
    (the target, of who passes the rules and is stopped by a ceiling; minor units) and
    ``affordable_limit`` (before rounding, where the income is known and bounds it; minor units).
    ``outcome`` and ``would_be_limit`` are those at the threshold.
    """
    placed = _answered(_at_threshold(sized, policy), assumptions, portfolio)
    given = _treatment(placed, assumptions, table).label("treatment")
    known = sa.select(*placed.c, given).cte("given")
    return sa.select(
        *known.c,
        _message_arm(known, policy, table).label("message_arm"),
        _only(known, Treatment.WAIT, wait_months(known, policy, portfolio)).label("wait_months"),
        _only(known, Treatment.ASK, _missing(known, policy, portfolio)).label("missing_item"),
    ).cte("treated_accounts")


def _at_threshold(sized: sa.CTE, policy: Policy) -> sa.CTE:
    """Return resized accounts with what the threshold makes of them, and what was asked."""
    c = sized.c
    above = c.score >= policy.score_threshold
    target = whole_quotient(c.credit_limit * BASIS_POINTS + c.headline, BASIS_POINTS)
    passes = sa.and_(above, c.reason == Reason.RAISED.code)
    stopped = sa.and_(passes, c.binding.in_([ceiling.code for ceiling in NO_ROOM]))
    replaced = ("outcome", "would_be_limit", "new_limit", "headline")
    would_be = sa.case((above, c.would_be_limit), else_=c.credit_limit)
    return sa.select(
        *(column for column in c if column.key not in replaced),
        sa.case((above, c.outcome), else_=_BELOW).label("outcome"),
        would_be.label("would_be_limit"),
        would_be.label("new_limit"),
        sa.case((stopped, target)).label("asked_limit"),
    ).cte("placed")


def _answered(accounts: sa.CTE, assumptions: Assumptions, portfolio: Portfolio) -> sa.CTE:
    """Return the accounts with ``new_balance`` of who is in an arm, and the affordable limit."""
    bands = band_table(assumptions)
    band = {name: as_double(bands.c[name]) for name in BAND_VALUES}
    c = accounts.c
    drawn = effects.drawn(c, band, assumptions)
    added: list[Any] = [sa.case((c.outcome.in_(_ARMS), drawn)).label("new_balance")]
    largest: Any = sa.cast(sa.null(), sa.BigInteger())
    if portfolio.has(INCOME):
        bearable = bearable_limit(accounts, assumptions)
        added.append(bearable.label("affordable"))
        bounded = sa.and_(c[INCOME].is_not(None), bearable < NO_CEILING)
        largest = sa.case((bounded, bearable))
    found = sa.select(*c, *added, largest.label("affordable_limit"))
    index = band_index(c.score, assumptions.band_edges)
    return found.join_from(accounts, bands, bands.c.band == index).cte("answered")


def _treatment(
    accounts: sa.CTE, assumptions: Assumptions, table: Treatments
) -> sa.ColumnElement[int]:
    """Return the code of the first treatment of a table that fits."""
    careful = care(accounts, assumptions)
    fits: list[tuple[Any, int]] = [(needs_support(accounts), Treatment.SUPPORT.code)]
    for row in table.rows():
        if row.reasons and row.treatment is not Treatment.NONE:
            found = accounts.c.outcome.in_(
                [reason.code for reason in Reason if reason in row.reasons]
            )
            fits.append((sa.and_(found, careful) if row.careful else found, row.treatment.code))
    return sa.case(*fits, else_=Treatment.NONE.code)


def _message_arm(accounts: sa.CTE, policy: Policy, table: Treatments) -> sa.ColumnElement[int]:
    """Return the code of the arm of a message; null where the treatment has none."""
    having = [treatment for treatment in Treatment if table.message_code(treatment)]
    exempt = [treatment.code for treatment in having if treatment in WITHOUT_HOLDOUT]
    drawn = [treatment.code for treatment in having if treatment not in WITHOUT_HOLDOUT]
    treatment, sent = accounts.c.treatment, MessageArm.MESSAGE.code
    arms: list[tuple[Any, Any]] = [(treatment.in_(exempt), sent)]
    if policy.message_holdout_rate:
        withheld = (message_held_out(accounts, policy), MessageArm.HELD_OUT.code)
        arms.append((treatment.in_(drawn), sa.case(withheld, else_=sent)))
    else:
        arms.append((treatment.in_(drawn), sent))
    return sa.case(*arms)


def _only(accounts: sa.CTE, treatment: Treatment, value: Any) -> sa.ColumnElement[int]:
    return sa.case((accounts.c.treatment == treatment.code, value))


def _missing(accounts: sa.CTE, policy: Policy, portfolio: Portfolio) -> Any:
    items = missing_items(policy, portfolio)
    if not items:
        return sa.cast(sa.null(), sa.Integer())
    return sa.case(*((accounts.c[name].is_(None), place) for place, name in enumerate(items)))


__all__ = ["TREATED", "treated_accounts"]
