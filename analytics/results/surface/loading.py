"""Computing the surface: two statements, then products and cumulative sums."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Ints, Numbers
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.parameters import BASIS_POINTS
from analytics.errors import ParameterError
from analytics.method import formulas, measures, response
from analytics.method.bands import band_value, take_up
from analytics.method.measures import Sums
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import Baseline, load_baseline
from analytics.results.surface.cells import Question, load_cells, load_singles
from analytics.results.surface.grid import Surface
from analytics.results.surface.products import PRODUCTS, add_products
from analytics.results.surface.singles import CUSTOMERS, add_customers, add_exceptional

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
    baseline: Baseline | None = None,
    progress: Progress | None = None,
) -> Surface:
    """Return what every threshold of the scale with every raise does, exact to the account.

    Each figure equals that of :func:`analytics.results.simulation.simulate` for that threshold and
    flat raise alone. The policy's own threshold, raise and tiers do not matter: cache the surface
    by portfolio, :func:`surface_key` of the policy, assumptions, ``raises`` and ``by``.

    Parameters
    ----------
    raises : tuple of int
        Raises in whole basis points, ascending, from 0 to 10,000.
    by : str, optional
        A segment of the portfolio, to keep increments apart by its values as well.
    baseline : Baseline, optional
        How the accounts stand today under the same assumptions and ``by``, where already loaded.
    progress : callable, optional
        Told the share of the work that is done (0 to 1) and what is being done.

    Raises
    ------
    ParameterError
        The raises are not ascending whole basis points from 0 to 10,000.
    PortfolioError
        The portfolio lacks what the assumptions need, or the segment asked for.
    """
    _check(raises)
    told = progress or _silent
    key = surface_key(policy)
    question = Question(
        portfolio=portfolio, policy=key, assumptions=assumptions, raises=raises, by=by
    )
    told(0.0, "Looking at the accounts as they are")
    standing = baseline or load_baseline(portfolio, assumptions, by=by)
    told(0.1, "Summing accounts into cells")
    cells = load_cells(question)
    told(0.5, "Multiplying")
    with ThreadPoolExecutor(1) as pool:
        singles = pool.submit(load_singles, question)
        found = _increments(question, standing, cells, singles, told)
    told(0.95, "Adding up over the scores")
    by_score = _complete(question, standing, found)
    told(1.0, "Ready")
    return Surface(
        portfolio=portfolio,
        policy=key,
        assumptions=assumptions,
        by=by,
        groups=standing.groups,
        incomes=standing.incomes,
        scores=standing.scores,
        raises=np.asarray(raises, dtype=np.int64),
        standing=standing.sums,
        by_score=by_score,
        baseline=standing.sums.each(lambda values: values.sum()),
        increments=by_score.each(lambda values: _from_the_top(values.sum(axis=0))),
    )


def surface_key(policy: Policy) -> Policy:
    """Return what of a policy a surface depends on: all but threshold, raise, tiers and About."""
    sweep = policy.with_changes(tiers=()).for_sweep()
    return sweep.with_changes(raise_rate=0.0)


def _check(raises: tuple[int, ...]) -> None:
    ascending = list(raises) == sorted(set(raises))
    if not raises or not ascending or raises[0] < 0 or raises[-1] > BASIS_POINTS:
        raise ParameterError(
            "The raises of a surface were not understood: give whole basis points from 0 to "
            "10000, ascending, each once."
        )


def _silent(share: float, doing: str) -> None:
    """Tell nobody."""


def _increments(
    question: Question,
    standing: Baseline,
    cells: Columns,
    singles: Future[Columns],
    told: Progress,
) -> Columns:
    """Return the increments by name, shape (groups, scores, raises)."""
    shape = (len(standing.groups), len(standing.scores), len(question.raises))
    flat = (shape[0] * shape[1], shape[2])
    names = [*PRODUCTS, *CUSTOMERS, "over_limit", *(["rwa"] if question.irb else [])]
    into: Columns = {
        name: np.zeros(flat, dtype=np.int64 if name in WHOLE else np.float64) for name in names
    }
    add_products(
        question,
        cells,
        _rows(standing, cells),
        into,
        lambda share: told(0.5 + 0.3 * share, "Multiplying"),
    )
    told(0.8, "Looking at single accounts")
    accounts = singles.result()
    rows = _rows(standing, accounts)
    add_exceptional(question, accounts, rows, into)
    add_customers(question, accounts, rows, into)
    return {name: values.reshape(shape) for name, values in into.items()}


def _rows(standing: Baseline, columns: Columns) -> Ints:
    """Return the row of each cell or account: its group, then its score."""
    at_score: Ints = columns["score"].astype(np.int64) - standing.scores[0]
    if response.GROUP not in columns:
        return at_score
    place = {label: index for index, label in enumerate(standing.groups)}
    labels, seen = np.unique(columns[response.GROUP].astype(str), return_inverse=True)
    group = np.array([place[label] for label in labels.tolist()], dtype=np.int64)[seen]
    rows: Ints = group * len(standing.scores) + at_score
    return rows


def _complete(question: Question, standing: Baseline, found: Columns) -> Sums:
    """Return every additive measure, with take-up and what is linear in the others."""
    assumptions, scores = question.assumptions, standing.scores
    over = found.pop("over_limit")
    found["headroom"] = found["limit"] - found["balance"] + over
    raised = found["raised"]
    taking = take_up(scores, assumptions)[None, :, None]
    if assumptions.consent_mode != "automatic":
        found = {n: v if n == "raised" else v * taking for n, v in found.items()}
    balance, unused = found["balance"], found["headroom"]
    found["accounts"] = np.zeros_like(raised)
    found["action_cost"] = raised * taking * (assumptions.action_cost * MINOR_UNITS)
    found["ead"] = formulas.ead(balance, unused, assumptions.credit_conversion_factor)
    found["margin"] = formulas.margin(
        balance,
        band_value(scores, assumptions.yield_rate, assumptions.band_edges)[None, :, None],
        assumptions.funding_rate,
        assumptions.operating_rate,
    )
    if not question.irb:
        found["rwa"] = formulas.standardised_rwa(
            balance, unused, assumptions.risk_weight, assumptions.regulatory_conversion_factor
        )
    return Sums(**{name: found[name] for name in measures.SUM_NAMES})


def _from_the_top(values: Numbers) -> Numbers:
    """Return, for each score (first axis), the sum over that score and all above it."""
    return np.flip(np.cumsum(np.flip(values, axis=0), axis=0), axis=0)
