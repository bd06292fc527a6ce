"""Treatments and whitespace held against the oracle's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.assumptions import Assumptions
from analytics.declared.scales import SESAME
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.treatments import TreatmentGroup, load_treatments
from analytics.results.whitespace import NearMisses, WhitespaceRow, load_whitespace
from tests.drawn import random_accounts
from tests.oracle.treatments import treat
from tests.oracle.whitespace import whitespace
from tests.portfolios import oracle_assumptions, oracle_policy

MONEY = ("limit", "balance", "expected_loss", "foregone_net_value")
INCREMENTS = ("limit", "net_value", "npv")


class Sizes:
    """How large the amounts are that figures are differences of, and so how exact they can be."""

    def __init__(self, frame: pd.DataFrame, assumptions: Assumptions) -> None:
        amounts = 2 * float((frame["credit_limit"] + frame["balance"]).sum()) / 100
        years = assumptions.horizon_months / 12
        inexact = 1e-14 if assumptions.capital_approach == "standardised" else 2e-12
        spread = abs(assumptions.hurdle_rate - assumptions.funding_rate)
        capital = 12.5 * spread * assumptions.capital_ratio * amounts * inexact
        self.room = (1e-14 * (50 * amounts + assumptions.action_cost * len(frame)) + capital) * max(
            years, 1
        )

    def same(self, value: float, wanted: float) -> bool:
        """Whether a sum is the oracle's, as far as floating point can tell."""
        return math.isclose(value, wanted, rel_tol=1e-9, abs_tol=self.room)


def treatment_differences(
    portfolio: Portfolio,
    frame: pd.DataFrame,
    policy: Policy,
    assumptions: Assumptions,
    by: str | None,
) -> list[str]:
    """Return one sentence for each figure of treatments that is not the oracle's."""
    found = load_treatments(portfolio, policy, assumptions, by=by)
    expected = treat(frame, oracle_policy(policy), oracle_assumptions(assumptions), by)
    sizes = Sizes(frame, assumptions)
    faults = _of_group(found.total, expected["treatments"], sizes)
    if by:
        labels = [group.label for group in found.groups]
        if set(labels) != set(expected["groups"]):
            faults.append(f"groups are {labels}")
        for group in found.groups:
            faults += _of_group(group, expected["groups"][group.label], sizes)
    return faults


def _of_group(group: TreatmentGroup, expected: Mapping[str, Any], sizes: Sizes) -> list[str]:
    faults = []
    if [str(found.treatment) for found in group.figures] != list(expected):
        faults.append("the treatments are in another order")
    for found in group.figures:
        wanted = expected[found.treatment]
        if found.accounts != wanted["accounts"]:
            faults.append(
                f"{group.label}: {found.accounts} get {found.treatment}, not {wanted['accounts']}"
            )
        faults += [
            f"{group.label}: {name} of {found.treatment} is {getattr(found, name)!r}, "
            f"not {wanted[name]!r}"
            for name in MONEY
            if not sizes.same(getattr(found, name), wanted[name])
        ]
    return faults


def whitespace_differences(
    portfolio: Portfolio,
    frame: pd.DataFrame,
    policy: Policy,
    assumptions: Assumptions,
    by: str | None,
) -> list[str]:
    """Return one sentence for each figure of the whitespace that is not the oracle's."""
    found = load_whitespace(portfolio, policy, assumptions, by=by)
    given = oracle_policy(policy), oracle_assumptions(assumptions)
    sizes = Sizes(frame, assumptions)
    faults = _of_rows(found.rows, [found.near_misses], whitespace(frame, *given), sizes)
    if by:
        expected = whitespace(frame, *given, by)
        near = [one for one in found.near_misses_by_segment if one.reachable.accounts]
        faults += _of_rows(found.by_segment, near, expected, sizes)
    return faults


def _of_rows(
    rows: tuple[WhitespaceRow, ...],
    near: list[NearMisses],
    expected: Mapping[str, Any],
    sizes: Sizes,
) -> list[str]:
    ours = {(row.rule.value, row.label): row.reachable for row in rows}
    theirs = {(row["rule"], row["label"]): row for row in expected["only_rule"]}
    ours |= {("near", one.label): one.reachable for one in near if one.reachable.accounts}
    theirs |= {("near", row["label"]): row for row in expected["near_misses"]}
    if ours.keys() != theirs.keys():
        return [f"rows are {sorted(map(str, ours))}, not {sorted(map(str, theirs))}"]
    faults = []
    for key, found in ours.items():
        wanted = theirs[key]
        if found.accounts != wanted["accounts"]:
            faults.append(f"{key}: {found.accounts} accounts, not {wanted['accounts']}")
        faults += [
            f"{key}: {name} is {getattr(found, name)!r}, not {wanted[name]!r}"
            for name in INCREMENTS
            if not sizes.same(getattr(found, name), wanted[name])
        ]
    return faults + _of_ranks(rows, expected, sizes)


def _of_ranks(
    rows: tuple[WhitespaceRow, ...], expected: Mapping[str, Any], sizes: Sizes
) -> list[str]:
    """Return where a rank is not the oracle's, of rows that rounding does not put in order."""
    ranks = {(row["rule"], row["label"]): row["rank"] for row in expected["only_rule"]}
    npvs = {(row["rule"], row["label"]): row["npv"] for row in expected["only_rule"]}
    faults = []
    for row in rows:
        key = (row.rule.value, row.label)
        tied = any(k != key and sizes.same(npvs[key], npv) for k, npv in npvs.items())
        if (row.rank is None) != (ranks[key] is None) or (row.rank != ranks[key] and not tied):
            faults.append(f"{key}: rank {row.rank}, not {ranks[key]}")
    return faults


def many_accounts(seed: int, size: int = 4_000) -> pd.DataFrame:
    """Random accounts with every reason, some with blank cells where a rule needs one."""
    rng = np.random.default_rng(seed)
    frame = random_accounts(rng, size, SESAME, 10**7)
    income = frame["monthly_income"]
    frame["other_payments"] = (income // 5).where(rng.random(size) < 0.25, 0)
    frame["account_status"] = frame["account_status"].fillna("active")
    for column in ("monthly_income", "months_since_limit_change"):
        frame[column] = frame[column].where(pd.Series(rng.random(size) < 0.9), None)
    return frame
