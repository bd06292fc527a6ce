"""Computing the surface: one statement or two, then products and cumulative sums."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Floats, Ints
from analytics.declared.language import say
from analytics.declared.parameters import BASIS_POINTS
from analytics.errors import ParameterError
from analytics.method import measures
from analytics.method.customers import CUSTOMERS
from analytics.method.measures import Sums
from analytics.method.months import STATES, payback_by_threshold
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.moved import hold_within
from analytics.results.simulation import Baseline, from_the_top, load_baseline, places
from analytics.results.steps import Memo, Step, StepKind, afresh
from analytics.results.surface.cells import Question, load_cells, load_singles
from analytics.results.surface.changes import add_customers
from analytics.results.surface.grid import Surface, surface_key
from analytics.results.surface.products import PRODUCTS, add_products
from analytics.results.surface.singles import add_exceptional

EVERY_PERCENT = tuple(range(0, BASIS_POINTS + 1, 100))
"""Raises from 0 to 100 % in steps of 1 %, in basis points."""

WHOLE = frozenset({"raised", "limit", *CUSTOMERS})

Progress = Callable[[float, str], None]


def load_surface(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    *,
    raises: tuple[int, ...] = EVERY_PERCENT,
    by: str | None = None,
    memo: Memo = afresh,
    progress: Progress | None = None,
) -> Surface:
    """Return what every threshold of the scale with every raise does, exact to the account.

    Each figure equals that of :func:`analytics.results.simulation.simulate` for that threshold and
    flat raise alone. The policy's own threshold, raise, tiers and name do not matter.

    Parameters
    ----------
    raises : tuple of int
        Raises in whole basis points, ascending, from 0 to 10,000.
    by : str, optional
        A segment of the portfolio, to keep increments apart by its values as well.
    memo : Memo
        Keeps the surface, and the baseline that it begins with.
    progress : callable, optional
        Told the share of the work that is done (0 to 1) and what is being done.

    Raises
    ------
    ParameterError
        The raises are not ascending whole basis points from 0 to 10,000.
    PortfolioError
        The portfolio lacks what the assumptions need, or the segment asked for; or its accounts
        changed while they were read.
    """
    _check(raises)
    question = Question(
        portfolio=portfolio,
        policy=surface_key(policy),
        assumptions=assumptions,
        raises=raises,
        by=by,
    )
    step = Step.of(StepKind.SURFACE, portfolio, question.policy, assumptions, raises, by)
    found = memo(step, lambda: _built(question, memo, progress or _silent))
    if found.assumptions == assumptions:
        return found
    return dataclasses.replace(found, assumptions=assumptions)


def _built(question: Question, memo: Memo, told: Progress) -> Surface:
    portfolio, assumptions, by = question.portfolio, question.assumptions, question.by
    told(0.0, say("Looking at the accounts as they are"))
    standing = load_baseline(portfolio, assumptions, by=by, memo=memo)
    told(0.1, say("Summing accounts into cells"))
    read = _read(question)
    told(0.5, say("Multiplying"))
    found = _increments(question, standing, read, told)
    told(0.95, say("Adding up over the scores"))
    by_score = _complete(question, standing, found)
    increments = by_score.each(lambda values: from_the_top(values.sum(axis=0), axis=0))
    payback = _payback(question, standing, by_score, increments)
    told(1.0, say("Ready"))
    return Surface(
        portfolio=portfolio,
        policy=question.policy,
        assumptions=assumptions,
        by=by,
        groups=standing.groups,
        incomes=standing.incomes,
        scores=standing.scores,
        raises=np.asarray(question.raises, dtype=np.int64),
        standing=standing.sums,
        by_score=by_score,
        baseline=standing.sums.each(lambda values: values.sum()),
        increments=increments,
        payback=payback,
    )


def _read(question: Question) -> list[Columns]:
    """Return the single accounts, and the cells where there are any: two statements at a time."""
    if question.singly:
        return [load_singles(question)]
    with ThreadPoolExecutor(1) as pool:
        cells = pool.submit(copy_context().run, load_cells, question)
        return [load_singles(question), cells.result()]


def _payback(question: Question, standing: Baseline, by_score: Sums, increments: Sums) -> Floats:
    """Return the payback of every policy, NaN where there is none."""
    if question.policy.temporary_days is not None:
        return np.full(increments.raised.shape, np.nan)
    return payback_by_threshold(
        standing.schedule(question.assumptions),
        {name: getattr(by_score, name).sum(axis=0) for name in STATES},
        increments.action_cost,
        increments.raised,
    )


def _check(raises: tuple[int, ...]) -> None:
    ascending = list(raises) == sorted(set(raises))
    if not raises or not ascending or raises[0] < 0 or raises[-1] > BASIS_POINTS:
        raise ParameterError(
            say(
                "The raises of a surface were not understood: give whole basis points from 0 "
                "to 10000, ascending, each once."
            )
        )


def _silent(share: float, doing: str) -> None:
    """Tell nobody."""


def _increments(
    question: Question, standing: Baseline, read: list[Columns], told: Progress
) -> Columns:
    """Return the increments by name, shape (groups, scores, raises)."""
    shape = (len(standing.groups), len(standing.scores), len(question.raises))
    flat = (shape[0] * shape[1], shape[2])
    rows = [_rows(standing, columns) for columns in read]
    _hold(standing, read, rows)
    capital = ("rwa", "day_after_rwa") if question.irb else ()
    names = [*PRODUCTS, *CUSTOMERS, "over_limit", "over_limit_at_first", *capital]
    into: Columns = {
        name: np.zeros(flat, dtype=np.int64 if name in WHOLE else np.float64) for name in names
    }
    with ThreadPoolExecutor(1) as pool:
        counted = pool.submit(add_customers, question, read[0], rows[0], into)
        add_products(
            question,
            read,
            rows,
            into,
            lambda share: told(0.5 + 0.3 * share, say("Multiplying")),
        )
        told(0.8, say("Looking at single accounts"))
        add_exceptional(question, read[0], rows[0], into)
        counted.result()
    return {name: values.reshape(shape) for name, values in into.items()}


def _rows(standing: Baseline, columns: Columns) -> Ints:
    """Return the row of each cell or account: its group, then its score."""
    group, at_score = places(standing.groups, standing.scores, columns)
    rows: Ints = group * len(standing.scores) + at_score
    return rows


def _hold(standing: Baseline, read: list[Columns], rows: list[Ints]) -> None:
    """Refuse single accounts and cells (each with their rows) that are more than the baseline's."""
    accounts = standing.sums.accounts.ravel()
    raisable = np.zeros(len(accounts))
    for columns, row in zip(read, rows, strict=True):
        counted = columns["counted"] | columns["exceptional"]
        raisable += np.bincount(row, counted * columns["accounts"], len(accounts))
    hold_within(raisable, accounts, say("the accounts that can be raised"))


def _complete(question: Question, standing: Baseline, found: Columns) -> Sums:
    """Return every additive measure, with take-up and what is linear in the others."""
    over, at_first = found.pop("over_limit"), found.pop("over_limit_at_first")
    found["headroom"] = found["limit"] - found["balance"] + over
    found["day_after_headroom"] = found["limit"] + at_first
    return measures.increments(
        found,
        standing.scores[:, None],
        question.assumptions,
        standing.schedule(question.assumptions).worths(),
        days=question.policy.temporary_days,
    )
