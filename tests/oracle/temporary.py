"""Sections 4 and 8: the end of a temporary raise, when the limit is L again.

The measures of a raise of so many days are ``simulate``'s, with temporary_days in the policy.

Readings, where the text leaves room:

- The balance at the end is B + phi(n/30.4375) (B1 - B), as of section 8's last day; above is
  strict. An account that was over its limit before counts too: its balance is then above it.
- Only raised accounts count; in opt-in mode each with its take-up, since counts of customers
  become expected values, and the balance is that of one who took the raise.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tests.oracle.columns import read_columns
from tests.oracle.decision import decide, read_policy
from tests.oracle.months import DAYS_OF_A_MONTH, build_up
from tests.oracle.response import respond


def at_its_end(
    accounts: pd.DataFrame, policy: Mapping[str, Any], assumptions: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the end of a temporary raise leaves, arguments as of ``simulate``.

    ``above_old_limit`` is a count (expected, in opt-in mode); ``accounts_detail`` has per account,
    in row order, ``balance_at_end`` in minor units and whether it is ``above_old_limit``.
    """
    columns, read = read_columns(accounts), read_policy(policy, assumptions)
    if read.temporary_days is None:
        raise ValueError("the policy's raise is permanent: it has no temporary_days")
    response = respond(columns, decide(columns, read), assumptions)
    phi = build_up(read.temporary_days / DAYS_OF_A_MONTH, assumptions["build_month_3"])
    balance = response.balance0 + phi * (response.balance1 - response.balance0)
    above = response.raised & (balance > response.limit0)
    return {
        "above_old_limit": math.fsum(response.take_up[above]),
        "accounts_detail": {
            "balance_at_end": balance.tolist(),
            "above_old_limit": above.tolist(),
        },
    }
