"""Sums of accounts by pool: what weights times amounts add up to, and which pools are alike.

Money in minor units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.declared.arrays import Columns, Floats, Ints, Numbers

WEIGHTS = (
    "one",
    "growth",
    "risk",
    "risk_growth",
    "risk_use",
    "loss",
    "loss_growth",
    "loss_use",
)
"""What amounts are multiplied by: 1, growth of the limit, default probability, and that times loss
given default; the latter two also times growth, and times the use of the line x ln(1 + growth)."""
ONE, GROWTH, RISK, RISK_GROWTH, RISK_USE, LOSS, LOSS_GROWTH, LOSS_USE = range(len(WEIGHTS))
OF_KIND = ("use_step", "growth_step", "curved", "assumed", "transactor", "over", "over_limit")
"""Keys of accounts that answer by different formulas."""
KEYS = ("odds_step", "severity_step", *OF_KIND)

ODDS_STEPS = 3
"""Pools for each doubling of the odds of default."""
LIKELY = -ODDS_STEPS
"""Step of the odds from which on a raise may make default certain."""
FOLLOWING = {
    "raise": "one_room",
    "growth_reach": "one_room",
    "risk_growth_reach": "risk_room",
    "loss_growth_reach": "loss_room",
    "risk_use_reach": "risk_log",
    "loss_use_reach": "loss_log",
    "risk_use_room": "risk_growth_log",
    "loss_use_room": "loss_growth_log",
}
"""Sums that are others where no balance is over its limit: room is growth x limit, and the use of
the line x ln(1 + growth) is log for each unit of the limit."""
IRB = ("irb", "irb_growth", "irb_after", "irb_day_after")
"""Risk-weighted assets by the IRB formula, where it is in force: as accounts stand, the same times
growth of the limit, after the raise, and on the day after it."""


_AMOUNTS = ("balance", "reach", "room", "log")
COUNTS = (
    "accounts",
    "risks",
    "severities",
    "limit",
    "raise",
    "growths",
    "risk_growths",
    "risk_uses",
)
"""Sums that stand by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """Sums of accounts, one entry a pool (last axis); money in minor units.

    Parameters
    ----------
    score : int array, ascending
    keys : shape (keys, pools), in the order of ``KEYS``
    counts : arrays by name: ``accounts``, ``risks`` (sum of default probabilities),
        ``severities`` (of losses given default); of accounts as they stand ``limit``, of raised
        ones ``raise`` (of their limits), ``growths``, ``risk_growths`` and ``risk_uses``; those of
        ``IRB`` where it is in force
    amounts : by name, shape (weights, pools) in the order of ``WEIGHTS``: ``balance`` and
        ``reach`` (the larger of limit and balance); of raised accounts ``room`` (by how much reach
        grows) and ``log`` (balance x ln(1 + growth)) too
    """

    score: Ints
    keys: Ints
    counts: Mapping[str, Floats]
    amounts: Mapping[str, Floats]

    def key(self, name: str) -> Ints:
        """Return one of the keys."""
        found: Ints = self.keys[KEYS.index(name)]
        return found

    def only(self, which: Numbers) -> Sums:
        """Return the sums of some pools."""
        return Sums(
            score=self.score[which],
            keys=self.keys[:, which],
            counts={name: values[which] for name, values in self.counts.items()},
            amounts={name: values[:, which] for name, values in self.amounts.items()},
        )

    def by_kind(self) -> Sums:
        """Return pools of one score put together that answer by the same formulas.

        Accounts whose default is likely stay apart by their odds.
        """
        kinds = [KEYS.index(name) for name in OF_KIND]
        odds = np.maximum(self.key("odds_step"), LIKELY)
        code = np.stack([self.score, *_varied(np.stack([odds, *self.keys[kinds]]))])
        order = np.lexsort(code[::-1])
        new = np.ones(len(order), dtype=np.bool_)
        new[1:] = (np.diff(code[:, order], axis=1) != 0).any(axis=0)
        first = np.flatnonzero(new)

        def summed(values: Floats) -> Floats:
            if not len(first):
                return values
            return np.add.reduceat(values[..., order], first, axis=-1)

        return Sums(
            score=self.score[order][first],
            keys=self.keys[:, order][:, first],
            counts={name: summed(values) for name, values in self.counts.items()},
            amounts={name: summed(values) for name, values in self.amounts.items()},
        )


def sums_of(rows: Columns, constant: Mapping[str, int]) -> Sums:
    """Return the pools of a statement, in the order of score and keys.

    Keys that the statement left out are those of ``constant``, or 0; sums that it left out follow
    from others (``FOLLOWING``), or are 0.
    """
    score = np.asarray(rows["score"], dtype=np.int64)
    keys = np.stack([_key(rows, name, constant.get(name, 0)) for name in KEYS])
    order = np.lexsort([*_varied(keys)[::-1], score])
    none = np.zeros(len(score))

    def column(name: str) -> Floats:
        found = rows.get(name)
        if found is None:
            found = rows.get(FOLLOWING.get(name, ""), none)
        return np.asarray(found, dtype=np.float64)[order]

    exact = (name for name in IRB if name in rows)
    return Sums(
        score=score[order],
        keys=keys[:, order],
        counts={name: column(name) for name in (*COUNTS, *exact)},
        amounts={
            amount: np.stack([column(f"{weight}_{amount}") for weight in WEIGHTS])
            for amount in _AMOUNTS
            if f"one_{amount}" in rows
        },
    )


def _key(rows: Columns, name: str, otherwise: int) -> Ints:
    found = rows.get(name)
    if found is None:
        return np.full(len(rows["score"]), otherwise, dtype=np.int64)
    return np.asarray(found, dtype=np.int64)


def _varied(keys: Ints) -> Ints:
    """Return the keys that tell pools apart."""
    varied: Ints = keys[(keys != keys[:, :1]).any(axis=1)]
    return varied
