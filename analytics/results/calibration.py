"""Whether a portfolio is plausible as it stands: what is off is named, with its bounds (METHOD 10).

Nothing is changed and nothing refused. A figure outside its bounds usually means that the source
was read otherwise than it was meant: percent as shares, a year's income as a month's, a one-month
default probability as a yearly one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Ints
from analytics.declared.choices import CalibrationCheck as Check
from analytics.declared.language import say
from analytics.method import response
from analytics.method.elementwise import as_double, least, whole_quotient
from analytics.portfolio import Portfolio
from analytics.results.moved import hold_whole
from analytics.results.simulation import Baseline, load_baseline
from analytics.results.steps import Memo, Step, StepKind, afresh

BOUNDS: Mapping[Check, tuple[float | None, float | None]] = {
    Check.PROBABILITY: (0.001, 0.25),
    Check.MARGIN: (0.0, 0.25),
    Check.LOSS: (None, 0.30),
    Check.INCOME: (0.2, 20.0),
    Check.SCORE: (None, 0.0),
    Check.OVER_LIMIT: (None, 0.20),
}
"""The lowest and highest value of a plausible portfolio; None where there is no bound."""
HUNDREDTHS = 100
HIGHEST_CLASS = 100 * HUNDREDTHS
"""Limits from 100 incomes on are one class."""
UNKNOWN = -1
"""The class of accounts without an income that can be divided by."""
ROUNDING = 1e-9
"""What rounding may make of a correlation of 0."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that makes a portfolio implausible, or that was assumed of it.

    Parameters
    ----------
    value : float or None
        What was found, in the unit of the check; None of what was assumed.
    low, high : float or None
        The bounds that it is outside of.
    """

    check: Check
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_low(self) -> bool:
        """Whether the value is below the lower bound."""
        return self.value is not None and self.low is not None and self.value < self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Accounts by the hundredths of a monthly income that their limit is, ascending.

    Parameters
    ----------
    ratio : ints
        Limit in hundredths of an income, rounded down; ``UNKNOWN`` where no income is known.
    accounts, over_limit : ints
    balance, defaulting : floats
        Sums of balance and of default probability x balance, minor units.
    """

    ratio: Ints
    accounts: Ints
    over_limit: Ints
    balance: Floats
    defaulting: Floats

    @property
    def median_ratio(self) -> float | None:
        """The median of limit / monthly income to the hundredth below; None without incomes."""
        known = self.ratio != UNKNOWN
        counts = np.cumsum(self.accounts[known])
        if not len(counts):
            return None
        place = int(np.searchsorted(2 * counts, counts[-1]))
        return float(self.ratio[known][place]) / HUNDREDTHS


def load_calibration(
    portfolio: Portfolio, assumptions: Assumptions, *, memo: Memo = afresh
) -> tuple[Finding, ...]:
    """Return what makes a portfolio implausible, and what was assumed of it.

    Where default probabilities are neither brought nor given by a curve, no figure can be
    computed, and what was assumed is all.

    Raises
    ------
    PortfolioError
        The accounts changed since the portfolio was opened.
    """
    if not response.has_probabilities(portfolio, assumptions):
        return _assumed(portfolio)
    baseline = load_baseline(portfolio, assumptions, memo=memo)
    step = Step.of(StepKind.CALIBRATION, portfolio, assumptions.curve)
    standing = memo(step, lambda: _read(portfolio, assumptions))
    return calibrate(portfolio, baseline, standing)


def calibrate(portfolio: Portfolio, baseline: Baseline, standing: Standing) -> tuple[Finding, ...]:
    """Return the findings on a portfolio, in the order of :class:`CalibrationCheck`."""
    sums = baseline.sums
    balance = float(sums.balance.sum())
    accounts = float(sums.accounts.sum())
    values = {
        Check.PROBABILITY: _share(float(standing.defaulting.sum()), balance),
        Check.MARGIN: _share(float(sums.margin.sum()), balance),
        Check.LOSS: _share(float(sums.expected_loss.sum()), balance),
        Check.INCOME: standing.median_ratio,
        Check.SCORE: _correlation(baseline) if portfolio.has("default_probability") else None,
        Check.OVER_LIMIT: _share(float(standing.over_limit.sum()), accounts),
    }
    outside = (_finding(check, value) for check, value in values.items())
    return (*(one for one in outside if one), *_assumed(portfolio))


def _assumed(portfolio: Portfolio) -> tuple[Finding, ...]:
    return tuple(Finding(Check(what.value)) for what in portfolio.assumed)


def _finding(check: Check, value: float | None) -> Finding | None:
    low, high = BOUNDS[check]
    if value is None:
        return None
    is_low, is_high = low is not None and value < low, high is not None and value > high
    return Finding(check, value, low, high) if is_low or is_high else None


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _correlation(baseline: Baseline) -> float | None:
    """Return how default probabilities run with the score, from -1 to 1, over the accounts."""
    accounts = baseline.sums.accounts.sum(axis=0).astype(float)
    held = accounts > 0
    weights, scores = accounts[held], baseline.scores[held].astype(float)
    means = baseline.sums.projected_defaults.sum(axis=0)[held] / weights
    if len(scores) < 2:
        return None
    x = scores - np.average(scores, weights=weights)
    y = means - np.average(means, weights=weights)
    spread = float(np.sqrt((weights * x * x).sum() * (weights * y * y).sum()))
    if spread == 0.0:
        return None
    found = float((weights * x * y).sum()) / spread
    return found if abs(found) > ROUNDING else 0.0


def _read(portfolio: Portfolio, assumptions: Assumptions) -> Standing:
    """Run the one statement; a median needs no function of a database, but counts by class."""
    accounts = response.priced(portfolio, assumptions, columns=response.OF_AN_ACCOUNT)
    c = accounts.c
    classes = sa.select(
        _class(portfolio, accounts).label("ratio"),
        c.balance,
        c.credit_limit,
        (c.default_probability * as_double(c.balance)).label("defaulting"),
    ).cte("classes")
    k = classes.c
    over = sa.case((k.balance > k.credit_limit, 1), else_=0)
    rows = portfolio.door.sums(
        sa.select(
            k.ratio,
            sa.func.count(type_=sa.BigInteger()).label("accounts"),
            sa.func.sum(over, type_=sa.BigInteger()).label("over_limit"),
            sa.func.sum(k.balance, type_=sa.BigInteger()).label("balance"),
            sa.func.sum(k.defaulting, type_=sa.Double()).label("defaulting"),
        ).group_by(k.ratio)
    )
    hold_whole(portfolio, rows["accounts"], say("the classes of limit by income"))
    order = np.argsort(rows["ratio"])
    return Standing(
        ratio=rows["ratio"][order].astype(np.int64),
        accounts=rows["accounts"][order].astype(np.int64),
        over_limit=rows["over_limit"][order].astype(np.int64),
        balance=rows["balance"][order].astype(np.float64),
        defaulting=rows["defaulting"][order].astype(np.float64),
    )


def _class(portfolio: Portfolio, accounts: sa.CTE) -> sa.ColumnElement[Any]:
    unknown = sa.literal(UNKNOWN, sa.BigInteger())
    if not portfolio.has("monthly_income"):
        return unknown
    limit, income = accounts.c.credit_limit, accounts.c.monthly_income
    known = income > 0
    divisor = sa.case((known, income), else_=sa.literal(1, sa.BigInteger()))
    hundredths = whole_quotient(limit * sa.literal(HUNDREDTHS, sa.BigInteger()), divisor)
    most = sa.literal(HIGHEST_CLASS, sa.BigInteger())
    return sa.case((known, least(hundredths, most)), else_=unknown)
