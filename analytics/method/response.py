"""What a raise does: the statement that prices every account before and after (METHOD 4 to 7).

The statement is built in stages, each a common table expression that adds columns to the one
before; it runs in the database that holds the accounts.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.choices import Reason
from analytics.declared.columns import BLANK_SEGMENT
from analytics.declared.language import say
from analytics.declared.parameters import BASIS_POINTS
from analytics.errors import PortfolioError
from analytics.method import effects, formulas
from analytics.method.bands import band_index
from analytics.method.effects import BAND_VALUES
from analytics.method.elementwise import Quantity, as_double
from analytics.method.guardrails import GUARDRAILS, held_out, passes, reason_code
from analytics.method.limits import (
    ceilings,
    is_capped,
    is_raised,
    new_limit,
    raise_points,
    wanted_limit,
)
from analytics.policy import Policy
from analytics.portfolio import Portfolio

GROUP = "group_label"
OF_AN_ACCOUNT = frozenset(
    {"score", "credit_limit", "balance", "monthly_income", "other_payments", "is_transactor"}
)
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


def columns_of(policy: Policy) -> frozenset[str]:
    """Return the columns that the statements of a policy read, present or not."""
    rules = {rule.column for rule in GUARDRAILS if rule.is_on(policy)}
    draw = {"account_id"} if policy.holdout_rate else set()
    return OF_AN_ACCOUNT | rules | draw


def labelled(
    portfolio: Portfolio, by: str | None = None, *, columns: Container[str] | None = None
) -> sa.CTE:
    """Return the accounts as they are, with their group; ``columns`` as for :func:`priced`."""
    table = portfolio.relation
    kept = (column for column in table.c if columns is None or column.key in columns)
    return sa.select(*kept, _group(portfolio, by).label(GROUP)).cte("labelled")


def decided(accounts: sa.CTE, policy: Policy, portfolio: Portfolio) -> sa.CTE:
    """Return the accounts with ``reason``: code of the rule that fails, of a raise if none does."""
    return sa.select(*accounts.c, reason_code(accounts, policy, portfolio).label("reason")).cte(
        "decided"
    )


def resized(
    accounts: sa.CTE,
    policy: Policy,
    assumptions: Assumptions,
    portfolio: Portfolio,
    *,
    passing_only: bool,
) -> sa.CTE:
    """Return the decided accounts with their new limit and what became of them.

    Adds ``outcome`` (code of the reason in the end), ``would_be_limit`` (that of who is raised or
    held out, today's for all others), ``new_limit`` (today's where not raised), ``binding`` (code
    of what sets the would-be limit) and ``headline`` (10,000 times the raise before ceilings and
    rounding). ``passing_only`` leaves out accounts that fail a rule or have no limit at all.
    """
    limit, passes = accounts.c.credit_limit, accounts.c.reason == Reason.RAISED.code
    new = new_limit(accounts, policy, assumptions, portfolio)
    no_room = [(condition, reason.code) for condition, reason in new.no_room]
    sized = sa.select(
        *accounts.c,
        new.wanted.label("wanted"),
        new.binding.label("binding"),
        (new.target_numerator - limit * BASIS_POINTS).label("headline"),
        (sa.case(*no_room, else_=Reason.RAISED.code) if no_room else accounts.c.reason).label(
            "room"
        ),
    )
    if passing_only:
        sized = sized.where(passes, limit > 0)
    return _settled(sized.cte("sized"), policy)


def _settled(sizes: sa.CTE, policy: Policy) -> sa.CTE:
    """Return sized accounts with their outcome: the hold-out is drawn last, of who has a raise."""
    c, made = sizes.c, Reason.RAISED.code
    fails: list[tuple[Any, Any]] = [
        (c.reason != made, c.reason),
        (c.room != made, c.room),
        (sa.not_(is_raised(c.credit_limit, c.wanted, policy)), Reason.RAISE_TOO_SMALL.code),
    ]
    if policy.holdout_rate:
        fails.append((held_out(sizes, policy), Reason.HELD_OUT.code))
    outcome = sa.case(*fails, else_=made)
    kept = [column for column in c if column.key not in ("wanted", "room")]
    drawn = sa.select(*kept, c.wanted, outcome.label("outcome")).cte("drawn")
    d = drawn.c
    in_an_arm = d.outcome.in_([Reason.HELD_OUT.code, made])
    return sa.select(
        *(column for column in d if column.key != "wanted"),
        sa.case((in_an_arm, d.wanted), else_=d.credit_limit).label("would_be_limit"),
        sa.case((d.outcome == made, d.wanted), else_=d.credit_limit).label("new_limit"),
    ).cte("resized")


def raised_alone(
    accounts: sa.CTE,
    policy: Policy,
    assumptions: Assumptions,
    portfolio: Portfolio,
    *,
    further: Iterable[str] = (),
) -> sa.CTE:
    """Return the priced accounts that a policy raises, from its threshold on, and no others.

    Adds ``new_limit``; leaves out what only a rule needs, but keeps the ``further`` columns.
    """
    score, threshold = accounts.c.score, policy.score_threshold
    chosen = [score >= threshold] if threshold > portfolio.scale.lowest else []
    points = raise_points(score, policy)
    return raisable(
        accounts,
        points,
        policy,
        assumptions,
        portfolio,
        size="new_limit",
        further=further,
        conditions=chosen,
    )


def raisable(
    accounts: sa.CTE,
    points: Quantity,
    policy: Policy,
    assumptions: Assumptions,
    portfolio: Portfolio,
    *,
    size: str,
    capped: str | None = None,
    further: Iterable[str] = (),
    conditions: Iterable[sa.ColumnElement[bool]] = (),
) -> sa.CTE:
    """Return the priced accounts in which a raise of so many basis points can be made.

    They pass every rule, are not held out, and meet the further ``conditions``. Whether the
    hold-out is drawn before the size of a raise is known does not matter here. Adds the limit that
    they would get, under the name of ``size``, and under that of ``capped`` whether a ceiling
    stops the raise.
    """
    limit = accounts.c.credit_limit
    bounds = [ceiling for _, ceiling in ceilings(accounts, policy, assumptions, portfolio)]
    found = [wanted_limit(limit, points, bounds, policy).label(size)]
    if capped is not None:
        found.append(is_capped(limit, points, bounds, policy).label(capped))
    kept = [accounts.c[name] for name in (*_OF_A_RAISE, *further) if name in accounts.c]
    met = [limit > 0, *conditions, *passes(accounts, policy, portfolio)]
    if policy.holdout_rate:
        met.append(sa.not_(held_out(accounts, policy)))
    sized = sa.select(*kept, *found).where(*met).cte("sized")
    enough = is_raised(sized.c.credit_limit, sized.c[size], policy)
    return sa.select(*sized.c).where(enough).cte("raisable")


def with_outcome(
    accounts: sa.CTE,
    policy: Policy,
    assumptions: Assumptions,
    portfolio: Portfolio,
    *,
    further: tuple[str, ...] = (),
) -> sa.CTE:
    """Return the decided accounts for which there is more to say than that a raise is too small.

    Those that are raised or held out, and those to which a ceiling leaves no room; with
    ``new_limit``, ``binding`` and ``outcome``, and the ``further`` columns.
    """
    found = resized(accounts, policy, assumptions, portfolio, passing_only=True).c
    kept = [found[name] for name in (*_OF_A_RAISE, *further) if name in found]
    return (
        sa.select(*kept, found.new_limit, found.binding, found.outcome)
        .where(found.outcome != Reason.RAISE_TOO_SMALL.code)
        .cte("outcomes")
    )


def responded(accounts: sa.CTE, assumptions: Assumptions) -> sa.CTE:
    """Return the accounts with what follows from their new limit.

    Adds, in doubles: ``new_balance``, ``unused`` and ``new_unused`` (headroom), ``exposure`` (at
    default, before) and ``more`` of it, ``new_probability``, ``yield_rate`` and
    ``attrition_fall``. Every account must have a limit above 0.
    """
    bands = band_table(assumptions)
    band = {name: as_double(bands.c[name]) for name in BAND_VALUES}
    transactors = "is_transactor" in accounts.c
    first = effects.first_stage(accounts.c, band, assumptions, transactors=transactors)
    after = sa.select(*accounts.c, *(value.label(name) for name, value in first.items()))
    found = after.join_from(
        accounts, bands, bands.c.band == band_index(accounts.c.score, assumptions.band_edges)
    ).cte("responded")
    second = effects.second_stage(found.c, assumptions)
    return sa.select(*found.c, *(value.label(name) for name, value in second.items())).cte(
        "exposed"
    )


def has_probabilities(portfolio: Portfolio, assumptions: Assumptions) -> bool:
    """Whether every account has a default probability: its own, or that of the PD curve."""
    own = portfolio.has("default_probability")
    complete = own and "default_probability" not in dict(portfolio.blanks)
    return complete or assumptions.curve is not None


def _default_probability(portfolio: Portfolio, assumptions: Assumptions) -> sa.ColumnElement[float]:
    table = portfolio.relation
    brought = portfolio.has("default_probability")
    complete = brought and "default_probability" not in dict(portfolio.blanks)
    if complete:
        return _own_probability(portfolio)
    if assumptions.curve is None:
        raise PortfolioError(_no_curve(portfolio, brought=brought))
    curve = formulas.default_probability_from_score(as_double(table.c.score), *assumptions.curve)
    if not brought:
        return curve  # type: ignore[no-any-return]
    return sa.func.coalesce(_own_probability(portfolio), curve)


def _own_probability(portfolio: Portfolio) -> sa.ColumnElement[float]:
    """Return the default probability that the portfolio brings, over 12 months."""
    own: sa.ColumnElement[float] = as_double(portfolio.relation.c.default_probability)
    months = portfolio.pd_horizon_months
    if months == formulas.MONTHS_OF_A_YEAR:
        return own
    return formulas.default_probability_over_a_year(own, months)  # type: ignore[no-any-return]


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


def band_table(assumptions: Assumptions) -> sa.FromClause:
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
    "band_table",
    "columns_of",
    "decided",
    "has_probabilities",
    "labelled",
    "priced",
    "raisable",
    "raised_alone",
    "resized",
    "responded",
    "with_outcome",
]
