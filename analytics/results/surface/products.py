"""From cells to increments by score and raise: the functions of a raise times the sums of cells.

While its raise is not yet cut by ``top``, what happens to a cell depends on its limit and the raise
alone; once it is cut, at a raise that whole numbers give, nothing changes any more. So the
functions are computed once for each band, limit and raise, and once for each cell at its ``top``.
At each raise, a matrix (score x limit) of the sums of cells that are not cut yet times a vector of
functions gives the first part of the increments, a cumulative sum over raises the second.
"""

from __future__ import annotations

import functools
import itertools
import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analytics.declared.arrays import Columns, Floats, Ints, Numbers, summed_at
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import limits
from analytics.method.bands import band_index
from analytics.results.surface.cells import (
    Question,
    are_idle,
    capital_at_nodes,
    chunks,
    sums_of,
    worth,
)
from analytics.results.surface.terms import Block, largest_changes, terms

ROOM = 2**20
"""Combinations of raise, score and limit in one product: bounds the memory."""
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

Increments = dict[str, Numbers]


def add_products(
    question: Question,
    read: list[Columns],
    rows: list[Ints],
    into: Increments,
    report: Callable[[float], None],
) -> None:
    """Add what the raises do to the accounts in cells.

    Parameters
    ----------
    read : list of mappings of arrays
        As :mod:`analytics.results.surface.cells` reads them: single accounts and cells, of which
        those count that are ``counted``.
    rows : list of arrays of int
        For each, its row in the results (its group and score).
    into : mapping of arrays
        Increments by name, shape (rows, raises), added to.
    report : callable
        Told the share of the work that is done.
    """
    done, whole = 0, sum(map(len, rows))
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_WORKERS)) as pool:
        for cells, places in zip(read, rows, strict=True):
            kinds = _kinds(question, cells)
            work = functools.partial(_of_kind, question, cells, places)
            for kind, results in zip(kinds, pool.map(work, kinds), strict=True):
                for there, found in results:
                    for name, values in found.items():
                        into[name][there] += values
                done += len(kind.chosen)
                report(done / whole)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Cells of one band, idle or not: which ones, the ``free`` that no ceiling stops first."""

    band: int
    idle: bool
    chosen: Ints
    free: int


def _kinds(question: Question, cells: Columns) -> list[_Kind]:
    """Return the cells that count, by kind."""
    edges = question.assumptions.band_edges
    number = np.concatenate([_numbers(question, part) for _, part in chunks(cells)])
    ends = np.cumsum(np.bincount(number + 1, minlength=4 * len(edges) + 1)).tolist()
    order = np.argsort(number, kind="stable")
    return [
        _Kind(place // 4, bool(place // 2 % 2), order[start:end], capped - start)
        for place, (start, capped, end) in enumerate(zip(ends, ends[1:], ends[2:], strict=False))
        if place % 2 == 0 and end > start
    ]


def _numbers(question: Question, cells: Columns) -> Ints:
    """Return a number for each cell by band, idleness and whether it is capped; -1 if not counted.

    Small ones, which are sorted fast.
    """
    number = band_index(cells["score"], question.assumptions.band_edges) * 2
    if question.splits_idle:
        number += are_idle(question, cells)
    return np.where(cells["counted"], 2 * number + cells["capped"], -1).astype(np.int16)


def _of_kind(
    question: Question, cells: Columns, rows: Ints, kind: _Kind
) -> list[tuple[Ints, Increments]]:
    """Return rows and the increments there, shape (these rows, raises), of each block of a kind."""
    blocks = _blocks(question, cells, rows, kind)
    return [(block.rows, _block_increments(question, block)) for block in blocks]


def _blocks(question: Question, cells: Columns, rows: Ints, kind: _Kind) -> Iterator[Block]:
    """Give the cells of a kind in blocks of at most about ``ROOM`` combinations each."""
    row, used = _coded(rows[kind.chosen])
    code, limits_there = pd.factorize(cells["credit_limit"][kind.chosen])
    if len(used) * len(limits_there) <= max(ROOM // len(question.raises), 1):
        yield Block(
            band=kind.band,
            idle=kind.idle,
            free=kind.free,
            rows=used,
            limits=np.asarray(limits_there),
            row=row,
            code=code,
            cells=sums_of(question, cells, kind.chosen),
        )
        return
    first = row < len(used) // 2 if len(used) > 1 else code < len(limits_there) // 2
    for half in (first, ~first):
        free = int(np.count_nonzero(half[: kind.free]))
        yield from _blocks(
            question, cells, rows, replace(kind, chosen=kind.chosen[half], free=free)
        )


def _coded(rows: Ints) -> tuple[Ints, Ints]:
    """Return the place of each row among the rows that there are, and these, ascending."""
    least = rows.min()
    there = np.bincount(rows - least) > 0
    place = np.cumsum(there) - 1
    return place[rows - least], np.flatnonzero(there) + least


def first_raise_to(question: Question, limit: Ints, new: Ints) -> Ints:
    """Return the index of the first raise that brings limits to new ones, in whole numbers.

    New limits are multiples of the rounding step, so the rounded target reaches them when the
    target does; the largest raise brings them all about.
    """
    needed = -((limit - new) * BASIS_POINTS // limit)
    found: Ints = _first_raise_of(question.raises)[needed]
    return found


@functools.lru_cache(maxsize=16)
def _first_raise_of(raises: tuple[int, ...]) -> Ints:
    """Return, for 0 to 10,000 basis points, the index of the first raise of at least as much."""
    return np.searchsorted(np.asarray(raises), np.arange(BASIS_POINTS + 1)).astype(np.int64)


def _block_increments(question: Question, block: Block) -> Increments:
    """Return the increments of a block by name, shape (its rows, raises)."""
    yield_rate = question.assumptions.yield_rate[block.band]
    block.cells["worth"] = worth(question, block.cells, yield_rate)
    if question.irb:
        change = largest_changes(question, block)
        block.cells.update(capital_at_nodes(question, block.cells, change))
    limit, top = (block.cells[name][block.free :] for name in ("credit_limit", "top"))
    cut = first_raise_to(question, limit, top)
    found = _once_cut(question, block, limit, top, cut)
    for name, values in _until_cut(question, block, cut):
        found[name] += values
    return found


def _once_cut(question: Question, block: Block, limit: Ints, top: Ints, cut: Ints) -> Increments:
    """Return the increments of cells from the raises on that give their ``top``."""
    at_top: Increments = {}
    for name, of, function in terms(question, block, limit, top):
        at_top[name] = at_top.get(name, 0) + block.cells[of][block.free :] * function
    shape = (len(block.rows), len(question.raises))
    place = block.row[block.free :] * shape[1] + cut
    return {name: np.cumsum(summed_at(place, v, shape), axis=1) for name, v in at_top.items()}


def _until_cut(question: Question, block: Block, cut: Ints) -> Iterator[tuple[str, Numbers]]:
    """Give the increments of cells at raises that do not give their ``top``, by name.

    Shape (rows, raises); some names come more than once.
    """
    downwards = np.asarray(question.raises[::-1], dtype=np.int64)[:, None]
    new = limits.new_limits(block.limits, downwards, None, question.policy)
    functions: dict[str, list[tuple[str, Numbers]]] = {}
    for name, of, function in terms(question, block, block.limits, new):
        functions.setdefault(of, []).append((name, function))
    shape = (len(downwards), len(block.rows), len(block.limits))
    place = block.row * shape[2] + block.code
    place[block.free :] += (shape[0] - cut) * (shape[1] * shape[2])
    exact = float(block.cells["accounts"].sum()) * float(new.max()) < EXACT
    for of, named in functions.items():
        uncut = _uncut(place, block.cells[of], shape)
        for name, function in named:
            kind = np.float64 if exact else function.dtype
            factors = (uncut, function[:, :, None])
            found = np.matmul(*(factor.astype(kind, copy=False) for factor in factors))
            yield name, found[::-1, :, 0].T.astype(function.dtype, copy=False)


def _uncut(place: Ints, values: Numbers, shape: tuple[int, int, int]) -> Floats:
    """Return the sums of values not cut yet at each raise, downwards: (raises, rows, limits)."""
    size = math.prod(shape)
    least = size + shape[1] * shape[2]
    summed = np.bincount(place, weights=values, minlength=least)[:size]
    found: Floats = summed.astype(np.float64, copy=False).reshape(shape)
    for above, here in itertools.pairwise(found):
        np.add(here, above, out=here)
    return found
