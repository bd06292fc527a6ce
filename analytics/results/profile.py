"""What a portfolio is like: distributions, concentration, and how limits follow risk today.

Every figure comes from statements that group the accounts into classes in their own database;
what comes back has one row a class (and group).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Ints, Numbers
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.language import Sentence, later, marked, say
from analytics.declared.measures import MEAN_LIMIT, UTILIZATION
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import measures, response
from analytics.method.formulas import headroom
from analytics.portfolio import Portfolio
from analytics.results.moved import hold_whole
from analytics.results.simulation import Baseline
from analytics.results.steps import Memo, Step, StepKind, afresh

UTILIZATION_EDGES = (0, 1, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_001)
"""Lower edges in basis points; the first class is idle, the last is over the limit."""
UTILIZATION_LABELS = (
    marked("idle"),
    *(f"{low}-{low + 10} %" for low in range(0, 100, 10)),
    marked("over limit"),
)
PROBABILITY_EDGES = (0.0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.10, 0.20, 0.50)
PROBABILITY_LABELS = (
    marked("under 0.05 %"),
    "0.05-0.1 %",
    "0.1-0.2 %",
    "0.2-0.5 %",
    "0.5-1 %",
    "1-2 %",
    "2-5 %",
    "5-10 %",
    "10-20 %",
    "20-50 %",
    marked("50 % and more"),
)
_LADDER = tuple(step * 10**power for power in range(2, 12) for step in (1, 2, 5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Accounts by class of one quantity: counts, and sums of limit and balance (currency units)."""

    english_title: str
    classes: tuple[str | Sentence, ...]
    accounts: Ints
    limit: Floats
    balance: Floats

    @property
    def title(self) -> str:
        """What is divided into classes."""
        return say(self.english_title)

    @property
    def labels(self) -> tuple[str, ...]:
        """What each class is called."""
        return tuple(say(one) if isinstance(one, str) else str(one) for one in self.classes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """Cumulative shares over accounts ordered by limit, largest first; both from 0 to 1."""

    accounts_share: Floats
    limit_share: Floats

    def limit_of_top(self, share: float) -> float:
        """Return the share of all limit that the largest lines hold, for a share of accounts."""
        return float(np.interp(share, self.accounts_share, self.limit_share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """How limits follow risk today: by class of score, with empty classes left out.

    ``mean_limit`` and ``unused`` are per account in currency units; rates are decimals.
    """

    scores: Ints
    accounts: Ints
    mean_limit: Floats
    utilization: Floats
    default_rate: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRow:
    """One value of a segment: counts and money in currency units; rates None when undefined."""

    label: str
    accounts: int
    limit: float
    balance: float
    unused: float
    utilization: float | None
    default_rate: float | None
    mean_score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The distributions of a portfolio."""

    limits: Classes
    utilization: Classes
    probability: Classes
    concentration: Concentration


def load_profile(portfolio: Portfolio, assumptions: Assumptions, *, memo: Memo = afresh) -> Profile:
    """Return the distributions of limit, utilization and default probability.

    Raises
    ------
    PortfolioError
        The accounts changed since the portfolio was opened.
    """
    step = Step.of(StepKind.PROFILE, portfolio, assumptions)
    return memo(step, lambda: _read(portfolio, assumptions))


def _read(portfolio: Portfolio, assumptions: Assumptions) -> Profile:
    accounts = response.priced(portfolio, assumptions)
    limit, balance = accounts.c.credit_limit, accounts.c.balance
    edges = (0, 1, *(step * MINOR_UNITS for step in _LADDER))
    by_limit = _classes(portfolio, accounts, _class(limit, edges))
    used = _utilization_class(limit, balance)
    by_use = _classes(portfolio, accounts, used)
    by_risk = _classes(
        portfolio, accounts, _class(accounts.c.default_probability, PROBABILITY_EDGES)
    )
    return Profile(
        limits=_limit_classes(by_limit),
        utilization=_named("Utilization", UTILIZATION_LABELS, by_use),
        probability=_named("Default probability", PROBABILITY_LABELS, by_risk),
        concentration=_load_concentration(portfolio),
    )


def pattern(baseline: Baseline, *, width: int = 20) -> Pattern:
    """Return mean limit, utilization and default rate by class of score of this width."""
    sums = baseline.sums.each(lambda values: values.sum(axis=0))
    first = baseline.scores[0]
    place = (baseline.scores - first) // width
    count = int(place[-1]) + 1

    def binned(values: Numbers) -> Floats:
        return np.bincount(place, weights=values.astype(float), minlength=count).astype(np.float64)

    held = binned(sums.accounts) > 0
    classes = {name: binned(values)[held] for name, values in sums.by_name().items()}
    return Pattern(
        scores=(first + np.arange(count) * width)[held],
        accounts=classes["accounts"].astype(np.int64),
        mean_limit=measures.rate(MEAN_LIMIT, classes) / MINOR_UNITS,
        utilization=measures.rate(UTILIZATION, classes),
        default_rate=measures.rate("default_rate", classes),
    )


def segment_rows(
    portfolio: Portfolio, assumptions: Assumptions, segment: str, *, memo: Memo = afresh
) -> tuple[SegmentRow, ...]:
    """Return one row for each value of a segment, largest first.

    Raises
    ------
    PortfolioError
        The accounts changed since the portfolio was opened.
    """
    step = Step.of(StepKind.SEGMENT, portfolio, assumptions, segment)
    return memo(step, lambda: _read_segment(portfolio, assumptions, segment))


def _read_segment(
    portfolio: Portfolio, assumptions: Assumptions, segment: str
) -> tuple[SegmentRow, ...]:
    accounts = response.priced(portfolio, assumptions, segment)
    unused = headroom(accounts.c.credit_limit, accounts.c.balance)
    rows = portfolio.door.sums(
        sa.select(
            accounts.c[response.GROUP],
            sa.func.count(type_=sa.BigInteger()).label("accounts"),
            sa.func.sum(accounts.c.credit_limit, type_=sa.BigInteger()).label("limit"),
            sa.func.sum(accounts.c.balance, type_=sa.BigInteger()).label("balance"),
            sa.func.sum(unused, type_=sa.BigInteger()).label("unused"),
            sa.func.sum(accounts.c.default_probability, type_=sa.Double()).label(
                "projected_defaults"
            ),
            sa.func.sum(accounts.c.score, type_=sa.BigInteger()).label("scores"),
        ).group_by(accounts.c[response.GROUP])
    )
    hold_whole(portfolio, rows["accounts"], say("the values of the segment"))
    used, defaulting = (measures.rate(of, rows) for of in (UTILIZATION, "default_rate"))
    found = [
        SegmentRow(
            label=str(rows[response.GROUP][index]),
            accounts=int(number),
            limit=float(rows["limit"][index]) / MINOR_UNITS,
            balance=float(rows["balance"][index]) / MINOR_UNITS,
            unused=float(rows["unused"][index]) / MINOR_UNITS,
            utilization=measures.known(used[index]),
            default_rate=measures.known(defaulting[index]),
            mean_score=float(rows["scores"][index]) / number,
        )
        for index, number in enumerate(rows["accounts"].tolist())
    ]
    return tuple(sorted(found, key=lambda row: (-row.accounts, row.label)))


def _class(value: sa.ColumnElement[Any], edges: Sequence[float]) -> sa.ColumnElement[int]:
    """Return the index of the last edge that a value reaches."""
    cases = [(value >= edge, index) for index, edge in reversed(list(enumerate(edges))[1:])]
    return sa.case(*cases, else_=0)


def _utilization_class(
    limit: sa.ColumnElement[int], balance: sa.ColumnElement[int]
) -> sa.ColumnElement[int]:
    scaled = balance * BASIS_POINTS
    cases: list[tuple[Any, int]] = [
        (balance == 0, 0),
        (balance > limit, len(UTILIZATION_EDGES) - 1),
    ]
    cases += [
        (scaled >= limit * UTILIZATION_EDGES[index], index)
        for index in range(len(UTILIZATION_EDGES) - 2, 1, -1)
    ]
    return sa.case(*cases, else_=1)


def _classes(
    portfolio: Portfolio, accounts: sa.CTE, place: sa.ColumnElement[int]
) -> dict[int, tuple[int, int, int]]:
    """Return class -> (accounts, limit, balance) with money in minor units."""
    numbered = sa.select(place.label("place"), accounts.c.credit_limit, accounts.c.balance).cte(
        "numbered"
    )
    rows = portfolio.door.sums(
        sa.select(
            numbered.c.place,
            sa.func.count(type_=sa.BigInteger()).label("accounts"),
            sa.func.sum(numbered.c.credit_limit, type_=sa.BigInteger()).label("limit"),
            sa.func.sum(numbered.c.balance, type_=sa.BigInteger()).label("balance"),
        ).group_by(numbered.c.place)
    )
    hold_whole(portfolio, rows["accounts"], say("its classes"))
    return {
        int(place_): (int(count), int(limit), int(balance))
        for place_, count, limit, balance in zip(
            rows["place"], rows["accounts"], rows["limit"], rows["balance"], strict=True
        )
    }


def _named(
    english_title: str,
    labels: tuple[str | Sentence, ...],
    found: dict[int, tuple[int, int, int]],
) -> Classes:
    filled = [found.get(index, (0, 0, 0)) for index in range(len(labels))]
    return Classes(
        english_title=english_title,
        classes=labels,
        accounts=np.array([row[0] for row in filled], dtype=np.int64),
        limit=np.array([row[1] for row in filled], dtype=float) / MINOR_UNITS,
        balance=np.array([row[2] for row in filled], dtype=float) / MINOR_UNITS,
    )


def _limit_classes(found: dict[int, tuple[int, int, int]]) -> Classes:
    """Return the classes of limit between the smallest and the largest that hold accounts."""
    labels: tuple[str | Sentence, ...]
    labels = (
        "0",
        later("under {limit:,}", limit=_LADDER[0]),
        *(later("{limit:,}+", limit=low) for low in _LADDER),
    )
    first, last = (min(found, default=0), max(found, default=0))
    kept = {place - first: row for place, row in found.items()}
    return _named("Credit limit", labels[first : last + 1], kept)


def _load_concentration(portfolio: Portfolio) -> Concentration:
    """Return the concentration of limits; accounts are taken by limit, largest first."""
    limit = portfolio.relation.c.credit_limit
    rows = portfolio.door.sums(
        sa.select(limit, sa.func.count(type_=sa.BigInteger()).label("accounts")).group_by(limit)
    )
    hold_whole(portfolio, rows["accounts"], say("its limits"))
    order = np.argsort(-rows["credit_limit"])
    counts = rows["accounts"][order].astype(float)
    sums = counts * rows["credit_limit"][order]
    total = sums.sum()
    return Concentration(
        accounts_share=np.concatenate([[0.0], np.cumsum(counts) / counts.sum()]),
        limit_share=np.concatenate([[0.0], np.cumsum(sums) / total if total else sums]),
    )
