"""Accounts that fit no cell, each looked at by itself at every raise."""

from __future__ import annotations

import numpy as np

from analytics.declared.arrays import Columns, Floats, Ints
from analytics.declared.choices import LossPart
from analytics.method import effects, limits
from analytics.method.bands import band_index
from analytics.method.effects import BAND_VALUES
from analytics.results.surface.cells import Question

CHUNK = 16_384
"""Accounts evaluated at all raises at once: bounds the memory."""


def add_exceptional(question: Question, singles: Columns, rows: Ints, into: Columns) -> None:
    """Add what the raises do to the accounts that are in no cell, evaluated at every raise."""
    exceptional = np.flatnonzero(singles["exceptional"])
    points = np.asarray(question.raises, dtype=np.int64)
    for start in range(0, len(exceptional), CHUNK):
        chosen = exceptional[start : start + CHUNK]
        accounts = {name: values[chosen] for name, values in singles.items()}
        new = limits.new_limits(
            accounts["credit_limit"][:, None], points, accounts["top"][:, None], question.policy
        )
        found = _increments(question, accounts, new)
        used, row = np.unique(rows[chosen], return_inverse=True)
        for name, values in found.items():
            summed = np.zeros((len(used), len(points)), dtype=values.dtype)
            np.add.at(summed, row, values)
            into[name][used] += summed


def _increments(question: Question, accounts: Columns, new: Ints) -> Columns:
    """Return the increments of accounts by name, shape (accounts, raises)."""
    assumptions = question.assumptions
    columns = {name: values[:, None] for name, values in accounts.items()}
    rows = effects.Rows(**columns, new_limit=new)
    band = _by_band(question, accounts["score"])
    vars(rows).update(
        effects.first_stage(rows, band, assumptions, transactors=question.transactors)
    )
    vars(rows).update(effects.second_stage(rows, assumptions))
    found = effects.terms(
        rows,
        assumptions,
        transactors=question.transactors,
        day_after=question.policy.temporary_days is not None,
    )
    more = found["limit"]
    found["raised"] = (more > 0).astype(np.int64)
    found["expected_loss"] = sum(found.pop(part) for part in LossPart)
    # Headroom and what is added on the day after follow from limits and balances in cells.
    found["over_limit"] = found.pop("headroom") - (more - found["balance"])
    found["over_limit_at_first"] = found.pop("day_after_headroom") - more
    return {name: np.broadcast_to(values, new.shape) for name, values in found.items()}


def _by_band(question: Question, score: Ints) -> dict[str, Floats]:
    band = band_index(score, question.assumptions.band_edges)
    return {
        name: np.asarray(getattr(question.assumptions, name), dtype=np.float64)[band][:, None]
        for name in BAND_VALUES
    }
