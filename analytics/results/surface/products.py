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

import numpy as np
import pandas as pd
from scipy import sparse

from analytics.declared.arrays import Columns, Floats, Ints, Numbers
from analytics.declared.choices import Provisioning
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import capital, formulas, limits
from analytics.method.bands import band_index
from analytics.method.effects import BAND_VALUES
from analytics.method.elementwise import ln
from analytics.method.response import GROUP
from analytics.results.surface.cells import Question, capital_at_nodes

WIDTH = 16_384
"""Combinations of limit and cut in one product: bounds the memory."""
MOST_WORKERS = 8
EXACT = 2**53
"""Whole numbers below it are exact in floating point."""

PRODUCTS = (
    "raised",
    "limit",
    "balance",
    "projected_defaults",
    "defaulted_exposure",
    "expected_loss",
    "retained",
    "transactor_balance",
    "day_after_loss",
    "day_after_defaulted_exposure",
    "drawn_loss",
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
        change = _largest_changes(question, block)
        block.cells.update(capital_at_nodes(question, block.cells, change))
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
    effect = _effect(question, block, limit, new)
    more = new - limit
    yield "raised", "accounts", (more > 0).astype(np.int64)
    yield "limit", "accounts", more
    yield "retained", "worth", effect.attrition_fall
    yield from _balance_terms(question, effect)
    yield from _risk_terms(question, effect, limit, new)
    if question.irb:
        yield from _capital_terms(question, block, effect, limit, new)


def _balance_terms(question: Question, effect: _Effect) -> Iterator[Term]:
    """Give what the increments of balance are made of."""
    if effect.slope is not None:
        yield "balance", "balances", effect.slope
        if question.transactors:
            yield "transactor_balance", "transactor_balances", effect.slope
    if effect.start is not None:
        yield "balance", "accounts", effect.start
        if question.transactors:
            yield "transactor_balance", "transactors", effect.start


def _risk_terms(question: Question, effect: _Effect, limit: Ints, new: Ints) -> Iterator[Term]:
    """Give what the increments of defaults and losses are made of.

    An amount at default after the raise is ``per_unit`` of each unit of balance and ``per_account``
    of each account; the default probability is ``1 + alone`` times what it was and ``by_balance``
    times that for each unit of balance.
    """
    factor = question.assumptions.credit_conversion_factor
    slope, start = effect.slope_or_none, effect.start_or_none
    exposure = _Amount(
        per_unit=formulas.ead(1.0 + slope, -(1.0 + slope), factor),
        per_account=formulas.ead(start, new - start, factor),
        unit_before=formulas.ead(1.0, -1.0, factor),
        account_before=formulas.ead(0, limit, factor),
    )
    if effect.by_balance is not None:
        yield "projected_defaults", "risk_balances", effect.by_balance
    if effect.alone is not None:
        yield "projected_defaults", "risks", effect.alone
    yield from _weighted("defaulted_exposure", "risk", effect, exposure)
    yield from _weighted("expected_loss", "loss", effect, exposure)
    more = factor * (new - limit)
    yield "day_after_loss", "losses", more
    if question.policy.temporary_days is not None:
        yield "day_after_defaulted_exposure", "risks", more
    if question.assumptions.provisioning is Provisioning.CECL:
        balance = _Amount(
            per_unit=1.0 + slope, per_account=start, unit_before=1.0, account_before=0.0
        )
        yield from _weighted("drawn_loss", "loss", effect, balance)


@dataclass(frozen=True, slots=True)
class _Amount:
    """An amount after and before a raise: of each unit of balance, and of each account."""

    per_unit: Numbers
    per_account: Numbers
    unit_before: float
    account_before: Numbers | float


def _weighted(name: str, of: str, effect: _Effect, amount: _Amount) -> Iterator[Term]:
    """Give what an increment is made of that is an amount times default probability.

    ``of`` says whose sums are taken: those of default probability, or of it times loss given
    default.
    """
    alone, square = {"risk": ("risks", "risk_squares"), "loss": ("losses", "loss_squares")}[of]
    risk = 1.0 if effect.alone is None else 1.0 + effect.alone
    yield name, alone, risk * amount.per_account - amount.account_before
    with_balance = risk * amount.per_unit - amount.unit_before
    if effect.by_balance is not None:
        with_balance = with_balance + effect.by_balance * amount.per_account
        yield name, square, effect.by_balance * amount.per_unit
    elif effect.slope is None and effect.alone is None:
        return
    yield name, f"{of}_balances", with_balance


def _capital_terms(
    question: Question, block: Block, effect: _Effect, limit: Ints, new: Ints
) -> Iterator[Term]:
    """Give what the increments of risk-weighted assets are made of; cells bring requirements."""
    factor = question.assumptions.credit_conversion_factor
    slope, start = effect.slope_or_none, effect.start_or_none
    per_unit = formulas.ead(1.0 + slope, -(1.0 + slope), factor)
    per_account = formulas.ead(start, new - start, factor)
    unit_before, account_before = formulas.ead(1.0, -1.0, factor), formulas.ead(0, limit, factor)
    for index, share in enumerate(lagrange(question.nodes(), _shares(question, block, limit, new))):
        today = 1.0 if index == 0 else 0.0
        alone = capital.irb_rwa(1.0, share * per_account - today * account_before)
        yield "rwa", f"capital_{index}", alone
        with_balance = capital.irb_rwa(1.0, share * per_unit - today * unit_before)
        yield "rwa", f"capital_balances_{index}", with_balance
    yield "day_after_rwa", "capital_0", capital.irb_rwa(1.0, factor * (new - limit))


def _shares(question: Question, block: Block, limit: Ints, new: Ints) -> Floats:
    """Return raises as shares of the largest change of default probability that there is."""
    if not question.largest:
        return np.zeros(np.shape(new))
    growth = new / limit - 1.0
    if _by_logarithm(question, block):
        return np.asarray(np.log1p(growth) / np.log1p(question.largest))
    return np.asarray(growth / question.largest)


def _by_logarithm(question: Question, block: Block) -> bool:
    """Whether default probability follows the logarithm of the growth of limits."""
    return question.by_debt and question.splits_idle and not block.idle


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a raise does, in the parts that are linear in the account; None where there is none.

    Balance grows by ``start`` and by ``slope`` times itself; default probability by ``alone`` times
    itself and by ``by_balance`` times itself for each unit of balance; attrition falls by
    ``attrition_fall``.
    """

    slope: Floats | None
    start: Floats | None
    alone: Floats | None
    by_balance: Floats | None
    attrition_fall: Floats

    @property
    def slope_or_none(self) -> Floats:
        """The slope, 0 where there is none."""
        return np.zeros_like(self.attrition_fall) if self.slope is None else self.slope

    @property
    def start_or_none(self) -> Floats:
        """The start, 0 where there is none."""
        return np.zeros_like(self.attrition_fall) if self.start is None else self.start


def _effect(question: Question, block: Block, limit: Ints, new: Numbers) -> _Effect:
    assumptions = question.assumptions
    value = {name: getattr(assumptions, name)[block.band] for name in BAND_VALUES}
    growth = new / limit - 1.0
    fall = value["attrition"] - formulas.attrition_after(
        value["attrition"], growth, value["attrition_change"], assumptions.attrition_floor
    )
    slope: Floats | None = None
    start: Floats | None = None
    if not question.splits_idle:
        start = formulas.drawn_linear(value["mpb"], new - limit)
    elif block.idle:
        start = formulas.drawn_idle(assumptions.idle_draw, new - limit)
    else:
        slope = formulas.drawn_log(value["elasticity"], 1.0, ln(new / limit))
    drawn = start if slope is None else slope
    change = formulas.uplift_change(
        value["pd_uplift"],
        growth=growth,
        drawn=np.asarray(drawn) / limit,
        reference=value["reference_draw"],
        driver=assumptions.pd_uplift_driver,
    )
    if _by_logarithm(question, block):
        return _Effect(slope, start, None, change, fall)
    return _Effect(slope, start, change, None, fall)


def _largest_changes(question: Question, block: Block) -> Floats:
    """Return the largest relative change of default probability of each account of a block."""
    limit = block.cells["credit_limit"]
    most = _effect(question, block, limit, limit * (1.0 + question.largest))
    if most.by_balance is not None:
        return np.asarray(most.by_balance * block.cells["balances"])
    return np.asarray(most.alone)


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
