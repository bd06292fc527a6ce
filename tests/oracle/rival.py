"""Section 10: the rival's line.

Readings, where the text leaves room:

- reach is 1 or 0 account by account where external_limit is known, and the share where the cell is
  blank or the column absent. The reach of the break-even is the mean over the raised accounts.
- In opt-in mode an account counts with its take-up: who does not take the raise is not raised, and
  is lost either way.
- at_stake is a year's for a temporary raise as well.
- The break-even is null where at_stake is 0, as with a reach of 0.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tests.oracle.columns import MINOR_UNITS, read_columns
from tests.oracle.decision import read_policy
from tests.oracle.response import respond
from tests.oracle.simulation import measure


def rival(
    accounts: pd.DataFrame,
    policy: Mapping[str, Any],
    assumptions: Mapping[str, Any],
    *,
    rival_reach: float = 0.6,
    rival_shift: float = 0.10,
    rival_attrition: float = 0.25,
) -> dict[str, Any]:
    """Return at_stake, the matrix, the mean reach and the break-even, money in currency units.

    The first arguments are those of ``simulate``.
    """
    columns = read_columns(accounts)
    every = measure(columns, read_policy(policy, assumptions), assumptions)
    attrition0 = respond(columns, every.decisions, assumptions).attrition0
    baseline = every.baseline

    stakes, reaches, takers, gains = [], [], [], []
    for row, decision in enumerate(every.decisions):
        if decision.reason != "raised":
            continue
        known = columns.external_limit[row]
        reach = rival_reach if known is None else float(known > 0)
        # reach (rival_shift + attrition0 rival_attrition / 2) (margin0 - el0 - capital_charge0)
        worth = math.fsum(
            (
                baseline["margin"][row],
                -baseline["expected_loss"][row],
                -baseline["capital_charge"][row],
            )
        )
        lost = rival_shift + attrition0[row] * rival_attrition / 2
        take_up = float(every.take_up[row])
        stakes.append(take_up * reach * lost * worth)
        reaches.append(take_up * reach)
        takers.append(take_up)
        gains.append(every.proposed["net_value"][row] - baseline["net_value"][row])

    at_stake = math.fsum(stakes) / MINOR_UNITS
    net_value = math.fsum(gains) / MINOR_UNITS
    mean_reach = math.fsum(reaches) / math.fsum(takers) if math.fsum(takers) else None
    return {
        "at_stake": at_stake,
        "matrix": {
            "neither": 0.0,
            "we_alone": net_value,
            "rival_alone": -at_stake,
            "both": net_value - at_stake / 2,
        },
        "reach": mean_reach,
        "break_even_reach": break_even(net_value, mean_reach, at_stake),
    }


def break_even(net_value: float, reach: float | None, at_stake: float) -> float | None:
    """Return -2 net_value reach / at_stake; null outside 0..1."""
    if reach is None or at_stake == 0:
        return None
    found = -2.0 * net_value * reach / at_stake
    return found + 0.0 if 0.0 <= found <= 1.0 else None
