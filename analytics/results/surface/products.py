"""From cells to increments by score and raise: the functions of a raise times the sums of cells.

While its raise is not yet cut by ``top``, what happens to a cell depends on its limit and the raise
alone; once it is cut, at a raise that whole numbers give, nothing changes any more. So the
functions are computed once for each band, limit and raise, and once for each cell at its ``top``.
A matrix (score x limit and cut) of sums times a matrix (limit and cut x raise) of functions gives
the first part of the increments at every score and raise, a cumulative sum over raises the second.
"""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from analytics.declared.arrays import Columns, Floats, Ints, Numbers
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import capital, formulas, limits
from analytics.method.bands import band_index
from analytics.method.response import BAND_VALUES, GROUP
from analytics.results.surface.cells import Question, capital_at_nodes

WIDTH = 16_384
"""Combinations of limit and cut in one product: bounds the memory."""
MOST_WORKERS = 8
EXACT = 2**53
"""Whole numbers below it are exact in floating point."""
SMALL = 2.0**-30
"""A default probability so small, and a power of two, that its uplift meets no bound."""

PRODUCTS = (
    "raised",
    "limit",
    "balance",
    "projected_defaults",
    "defaulted_exposure",
    "expected_loss",
    "retained",
)
"""Increments that the products give; the others follow from them or from single accounts."""

_KEYS = frozenset({GROUP, "score", "idle"})

Term = tuple[str, str, Numbers]
"""An increment, the sum that it takes, and the function that the sum is multiplied by."""


@dataclass(frozen=True, slots=True)
class Block:
    """Cells of one band, idle or not, and of some of its limits.

    ``row`` (group and score), ``column`` (limit and cut), ``cut`` (index of the first raise that
    ``top`` cuts), ``limit`` and ``top`` are one entry a cell. ``column_limit`` and ``column_cut``
    are one a column.
    """

    band: int
    idle: bool
    rows: Ints
    row: Ints
    column: Ints
    cut: Ints
    column_limit: Ints
    column_cut: Ints
    cells: Columns


def add_products(
    question: Question,
    cells: Columns,
    rows: Ints,
    into: dict[str, Numbers],
    report: Callable[[float], None],
) -> None:
    """Add what the raises do to the accounts in cells.

    Parameters
    ----------
    cells : mapping of arrays
        As :func:`analytics.results.surface.cells.load_cells` gives them; cells may repeat.
    rows : array of int
        Row of each cell in the results (its group and score).
    into : mapping of arrays
        Increments by name, shape (rows, raises), added to.
    report : callable
        Told the share of the work that is done.
    """
    done = 0
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    blocks = _blocks(question, cells, rows)
    with ThreadPoolExecutor(workers) as pool:
        while some := list(itertools.islice(blocks, workers)):
            results = pool.map(functools.partial(_block_increments, question), some)
            for block, found in zip(some, results, strict=True):
                for name, values in found.items():
                    into[name][block.rows] += values
                done += len(block.row)
                report(done / len(rows))


def _blocks(question: Question, cells: Columns, rows: Ints) -> Iterator[Block]:
    """Give the cells in blocks, each with at most about ``WIDTH`` columns."""
    kind = band_index(cells["score"], question.assumptions.band_edges) * 2
    if question.splits_idle:
        kind += cells["idle"]
    cut = _cuts(question, cells["credit_limit"], cells["top"])
    order = np.argsort(kind.astype(np.int16), kind="stable")
    edges = np.flatnonzero(np.diff(kind[order], prepend=-1, append=-1))
    for start, stop in itertools.pairwise(edges.tolist()):
        for inside in _split(cells["credit_limit"], order[start:stop], len(question.raises)):
            yield _block(question, cells, rows, inside, cut[inside], int(kind[inside[0]]))


def _split(limits_of_cells: Ints, chosen: Ints, width: int) -> Iterator[Ints]:
    """Give the chosen cells in parts of at most about ``WIDTH`` columns, no limit in two parts."""
    code, _ = pd.factorize(limits_of_cells[chosen])
    columns = np.minimum(np.bincount(code), width)
    part = np.cumsum(columns) // WIDTH
    if part[-1] == part[0]:
        yield chosen
        return
    of_cell = part[code]
    order = np.argsort(of_cell, kind="stable")
    edges = np.flatnonzero(np.diff(of_cell[order], prepend=-1, append=-1))
    for start, stop in itertools.pairwise(edges.tolist()):
        yield chosen[order[start:stop]]


def _block(
    question: Question, cells: Columns, rows: Ints, inside: Ints, cut: Ints, kind: int
) -> Block:
    used, row = np.unique(rows[inside], return_inverse=True)
    code, limit = pd.factorize(cells["credit_limit"][inside])
    width = len(question.raises)
    column, place = pd.factorize(code * width + cut)
    return Block(
        band=kind // 2,
        idle=bool(kind % 2),
        rows=used,
        row=row,
        column=column,
        cut=cut,
        column_limit=np.asarray(limit)[place // width],
        column_cut=place % width,
        cells={name: values[inside] for name, values in cells.items() if name not in _KEYS},
    )


def _cuts(question: Question, limit: Ints, top: Ints) -> Ints:
    """Return the index of the first raise that gives ``top``, in whole numbers.

    ``top`` is a multiple of the rounding step, so the rounded target reaches it when the target
    does.
    """
    needed = -((limit - top) * BASIS_POINTS // limit)
    cuts: Ints = first_raise_from(question.raises)[needed]
    return cuts


def first_raise_from(raises: tuple[int, ...]) -> Ints:
    """Return, for 0 to 10,000 basis points, the index of the first raise of at least as much."""
    return np.searchsorted(np.asarray(raises), np.arange(BASIS_POINTS + 1)).astype(np.int64)


def _block_increments(question: Question, block: Block) -> dict[str, Numbers]:
    """Return the increments of a block by name, shape (its rows, raises)."""
    points = np.asarray(question.raises, dtype=np.int64)
    limit, top = block.cells["credit_limit"], block.cells["top"]
    if question.irb:
        block.cells.update(capital_at_nodes(question, block.band, block.cells))
    shape = (len(block.rows), len(points))
    exact = float(block.cells["accounts"].sum()) * float((top - limit).max()) < EXACT
    found: dict[str, Numbers] = {}

    at_top: dict[str, Numbers] = {}
    for name, of, function in _terms(question, block, limit, top):
        at_top[name] = at_top.get(name, 0) + block.cells[of] * function
    place = block.row * shape[1] + block.cut
    for name, values in at_top.items():
        found[name] = np.cumsum(_summed(place, values, shape, exact=exact), axis=1)

    code, distinct = pd.factorize(block.column_limit)
    uncut = np.asarray(distinct)[:, None]
    grown = limits.new_limits(uncut, points, None, question.policy)
    sums = _Sums(block, code, shape[1], exact=exact)
    for name, of, function in _terms(question, block, uncut, grown):
        found[name] += sums.times(of, function)
    return found


def _summed(place: Ints, values: Numbers, shape: tuple[int, int], *, exact: bool) -> Numbers:
    """Return the values added up by place; whole values stay whole."""
    whole = values.dtype == np.int64
    if whole and not exact:
        out = np.zeros(shape[0] * shape[1], dtype=np.int64)
        np.add.at(out, place, values)
    else:
        out = np.bincount(place, weights=values, minlength=shape[0] * shape[1])
    return out.astype(values.dtype, copy=False).reshape(shape)


def _terms(question: Question, block: Block, limit: Ints, new: Ints) -> Iterator[Term]:
    """Give what increments are made of, for limits and new limits of the same shape."""
    factor = question.assumptions.credit_conversion_factor
    effect = _effect(question, block, limit, new)
    more = new - limit
    yield "raised", "accounts", (more > 0).astype(np.int64)
    yield "limit", "accounts", more
    yield "projected_defaults", "risks", effect.riskier
    if block.idle:
        yield "balance", "accounts", effect.start
    else:
        yield "balance", "balances", effect.slope
        yield "retained", "worth", effect.attrition_fall
        if not question.splits_idle:
            yield "balance", "accounts", effect.start
    # Exposure after and before, as it is linear: of each unit of balance, and of each account.
    of_balance = formulas.ead(1.0 + effect.slope, -(1.0 + effect.slope), factor)
    of_account = formulas.ead(effect.start, new - effect.start, factor)
    balance_before, account_before = formulas.ead(1.0, -1.0, factor), formulas.ead(0, limit, factor)
    risk = 1.0 + effect.riskier
    for name, alone, with_balance in (
        ("defaulted_exposure", "risks", "risk_balances"),
        ("expected_loss", "losses", "loss_balances"),
    ):
        yield name, alone, risk * of_account - account_before
        if not block.idle:
            yield name, with_balance, risk * of_balance - balance_before
    if question.irb:
        for index, share in enumerate(lagrange(question.growth_nodes(), new / limit - 1.0)):
            today = 1.0 if index == 0 else 0.0
            # The cells bring the requirement.
            alone = capital.irb_rwa(1.0, share * of_account - today * account_before)
            yield "rwa", f"capital_{index}", alone
            with_balance = capital.irb_rwa(1.0, share * of_balance - today * balance_before)
            yield "rwa", f"capital_balances_{index}", with_balance


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a raise does, in the parts that are linear in the account.

    Balance grows by ``start`` and by ``slope`` times itself; default probability by ``riskier``
    times itself; attrition falls by ``attrition_fall``.
    """

    slope: Floats
    start: Floats
    riskier: Floats
    attrition_fall: Floats


def _effect(question: Question, block: Block, limit: Ints, new: Ints) -> _Effect:
    assumptions = question.assumptions
    value = {name: getattr(assumptions, name)[block.band] for name in BAND_VALUES}
    growth = new / limit - 1.0
    fall = value["attrition"] - formulas.attrition_after(
        value["attrition"], growth, value["attrition_change"], assumptions.attrition_floor
    )
    riskier = formulas.default_probability_after(SMALL, growth, value["pd_uplift"]) / SMALL - 1.0

    def after(balance: Any, limit: Any, new: Any) -> Any:
        return formulas.balance_after(
            balance,
            limit,
            new,
            form=assumptions.response_form,
            elasticity=value["elasticity"],
            mpb=value["mpb"],
            idle_draw=assumptions.idle_draw,
        )

    none = np.zeros_like(growth)
    if question.splits_idle and not block.idle:
        return _Effect(after(1.0, 1.0, 1.0 + growth) - 1.0, none, riskier, fall)
    return _Effect(none, after(0.0, limit.astype(np.float64), new), riskier, fall)


class _Sums:
    """The sums of a block's cells as sparse matrices (rows x columns), ready to be multiplied."""

    def __init__(self, block: Block, limit_of_column: Ints, width: int, *, exact: bool) -> None:
        self._cells = block.cells
        self._exact = exact
        self._limit_of_column = limit_of_column
        shape = (len(block.rows), len(block.column_limit))
        self._entry, place = pd.factorize(block.row * shape[1] + block.column)
        numbered = (np.arange(len(place)), np.divmod(place, shape[1]))
        self._matrix = sparse.csr_array(numbered, shape=shape)
        self._order = self._matrix.data
        self._open = (np.arange(width) < block.column_cut[:, None]).astype(np.float64)
        self._uncut = np.empty_like(self._open)

    def times(self, name: str, function: Numbers) -> Numbers:
        """Return sums times a function of limit and raise, which counts up to each column's cut.

        Shape (rows, raises); whole if both are.
        """
        values = self._cells[name]
        whole = values.dtype == np.int64 and function.dtype == np.int64
        if whole and not self._exact:
            uncut = function[self._limit_of_column] * self._open.astype(np.int64)
        else:
            values = values.astype(np.float64, copy=False)
            uncut = self._uncut
            np.take(
                function.astype(np.float64, copy=False),
                self._limit_of_column,
                axis=0,
                out=uncut,
                mode="clip",
            )
            uncut *= self._open
        data = _summed(self._entry, values, (1, len(self._order)), exact=self._exact)[0]
        parts = (data[self._order], self._matrix.indices, self._matrix.indptr)
        found = sparse.csr_array(parts, shape=self._matrix.shape) @ uncut
        return np.asarray(found).astype(np.int64 if whole else np.float64, copy=False)


def lagrange(nodes: Floats, at: Floats) -> Iterator[Floats]:
    """Give, for each node, the weight of its value in the interpolation at each place."""
    count = len(nodes)
    if count == 1:
        yield np.ones_like(at)
        return
    weights = (-1.0) ** np.arange(count)
    weights[[0, -1]] /= 2.0
    hit = np.equal(at[..., None], nodes).argmax(axis=-1)
    on_node = nodes[hit] == at
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = [weight / (at - node) for weight, node in zip(weights, nodes, strict=True)]
        total = sum(inverse)
        for index, part in enumerate(inverse):
            yield np.where(on_node, (hit == index).astype(np.float64), part / total)
