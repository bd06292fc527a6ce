"""Section 8: value over months, from sums by score. Money is in currency units here.

X0 is the day after (limits raised, balances and probabilities unchanged), X1 month 12, both as
increments over the baseline.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.oracle.columns import Columns
from tests.oracle.response import Floats, Response

DAYS_OF_A_MONTH = 30.4375
DAYS_OF_A_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Curves:
    """What thins out the accounts of each score: the whole portfolio's, in every group."""

    attrition: dict[int, float]
    default: dict[int, float]


@dataclass(frozen=True, slots=True)
class ByScore:
    """Increments summed by score, one entry for each of ``scores``; 0 the day after, 1 month 12."""

    scores: list[int]
    margin1: Floats
    retained1: Floats
    rwa0: Floats
    rwa1: Floats
    loss0: Floats
    loss1: Floats
    drawn_loss0: Floats
    drawn_loss1: Floats


def build_up(month: float, at_month_3: float) -> float:
    """Phi: piecewise linear through (0, 0), (3, build_month_3), (12, 1), then 1."""
    return float(np.interp(month, (0.0, 3.0, 12.0), (0.0, at_month_3, 1.0)))


def curves(columns: Columns, response: Response) -> Curves:
    """Return attrition0(s), and pbar(s): the mean baseline p of all accounts at score s."""
    probabilities: dict[int, list[float]] = {}
    attrition: dict[int, float] = {}
    for row, score in enumerate(columns.score):
        probabilities.setdefault(score, []).append(float(response.probability0[row]))
        attrition[score] = float(response.attrition0[row])
    mean = {score: math.fsum(values) / len(values) for score, values in probabilities.items()}
    return Curves(attrition, mean)


def value_over_months(
    sums: ByScore,
    every: Curves,
    *,
    action_cost: float,
    raised: int,
    assumptions: Mapping[str, Any],
) -> dict[str, Any]:
    """Return npv, first_year_value, payback_months, the provisions and every month's flows."""
    horizon = int(assumptions["horizon_months"])
    lag = int(assumptions["loss_lag_months"])
    last = horizon + lag
    flows = {t: _flows(t, sums, every, assumptions) for t in range(1, horizon + 1)}
    nothing = {"margin": 0.0, "retained": 0.0, "capital": 0.0, "default": 0.0}

    months: list[dict[str, Any]] = []
    cumulated = -action_cost
    for t in range(1, last + 1):
        month = {"month": t, **flows.get(t, nothing)}
        # value(t) = margin + retained - capital for t <= H, less default(t - lag) for lag < t
        month["loss_booked"] = flows[t - lag]["default"] if t > lag else 0.0
        month["value"] = math.fsum(
            (month["margin"], month["retained"], -month["capital"], -month["loss_booked"])
        )
        month["discounted"] = (1.0 + assumptions["discount_rate"]) ** (-t / 12.0) * month["value"]
        cumulated += month["discounted"]
        month["cumulated"] = cumulated
        month["stock"] = _stock(t, sums, every, assumptions)
        months.append(month)

    first_year = [month for month in months if month["month"] <= 12]
    return {
        # npv = -action_cost + sum over t <= H + lag of (1 + d)^(-t/12) value(t)
        "npv": cumulated,
        "first_year_value": math.fsum(month["value"] for month in first_year) - action_cost,
        "payback_months": _payback(months) if raised else None,
        "provision_day_one": _stock(0, sums, every, assumptions),
        # losses count at default, not at charge-off; no capital charge
        "first_year_profit": math.fsum(
            month["margin"] + month["retained"] - month["default"] for month in first_year
        )
        - action_cost
        - _stock(12, sums, every, assumptions),
        "months": months,
    }


def without_months(net_value: float) -> dict[str, Any]:
    """Return the same for a temporary raise: npv = first_year_value = net_value, the rest null."""
    return {
        "npv": net_value,
        "first_year_value": net_value,
        "payback_months": None,
        "provision_day_one": None,
        "first_year_profit": None,
        "months": [],
    }


def until_its_last_day(
    before: Mapping[str, Floats],
    day_after: Mapping[str, Floats],
    month_12: Mapping[str, Floats],
    *,
    days: int,
    at_month_3: float,
) -> dict[str, Floats]:
    """Return the measures of a raise that ends after so many days, without its net value."""
    phi = build_up(days / DAYS_OF_A_MONTH, at_month_3)

    def increment(name: str) -> Floats:
        """X(t) = X0 + phi(t) (X1 - X0)."""
        first, full = day_after[name] - before[name], month_12[name] - before[name]
        return first + phi * (full - first)

    ended = dict(month_12)
    # Increments of limit, balance, headroom, EAD, RWA at its last day.
    for name in ("limit", "balance", "headroom", "ead", "rwa", "new_debt", "moved_balance"):
        ended[name] = before[name] + increment(name)
    # Of every yearly flow n/365 of that state's.
    flows = ("projected_defaults", "defaulted_exposure", "expected_loss", "margin")
    for name in (*flows, "capital_charge"):
        ended[name] = before[name] + days / DAYS_OF_A_YEAR * increment(name)
    # Action cost whole, retained 0, customers' counts as of a permanent raise.
    ended["retained"] = before["retained"]
    return ended


def parts_until_its_last_day(
    day_after: Mapping[str, Floats],
    month_12: Mapping[str, Floats],
    *,
    days: int,
    at_month_3: float,
) -> dict[str, Floats]:
    """Return the parts of the increment of expected loss, so that they sum to it."""
    phi, share = build_up(days / DAYS_OF_A_MONTH, at_month_3), days / DAYS_OF_A_YEAR
    return {
        name: share * (day_after[name] + phi * (month_12[name] - day_after[name]))
        for name in month_12
    }


def _flows(
    t: int, sums: ByScore, every: Curves, assumptions: Mapping[str, Any]
) -> dict[str, float]:
    """Return the flows of month t = 1..H, all scores."""
    phi = build_up(t, assumptions["build_month_3"])
    above_funding = assumptions["hurdle_rate"] - assumptions["funding_rate"]
    tau = (t - 1) / 12.0
    flows: dict[str, list[float]] = {"margin": [], "retained": [], "capital": [], "default": []}
    for at, score in enumerate(sums.scores):
        survived = _survival(t - 1, score, every)
        stay, live = 1.0 - every.attrition[score], 1.0 - every.default[score]
        rwa = sums.rwa0[at] + phi * (sums.rwa1[at] - sums.rwa0[at])
        loss = sums.loss0[at] + phi * (sums.loss1[at] - sums.loss0[at])
        # margin(t) = S(t-1) phi(t) margin1 / 12
        flows["margin"].append(survived * phi * sums.margin1[at] / 12.0)
        # retained(t) = 2 retained1 tau (1 - attrition0(s))^(tau - 1) (1 - pbar(s))^tau / 12
        # Where everybody leaves (stay = 0), the power has no value at first: nothing is kept.
        kept = 0.0
        if tau > 0.0 and stay > 0.0:
            kept = 2.0 * sums.retained1[at] * tau * stay ** (tau - 1.0) * live**tau / 12.0
        flows["retained"].append(kept)
        # capital(t) = S(t-1) (hurdle - funding) x capital_ratio x RWA(t) / 12
        charge = above_funding * assumptions["capital_ratio"] * rwa
        flows["capital"].append(survived * charge / 12.0)
        # default(t) = S(t-1) EL(t) / 12
        flows["default"].append(survived * loss / 12.0)
    return {name: math.fsum(values) for name, values in flows.items()}


def _stock(t: int, sums: ByScore, every: Curves, assumptions: Mapping[str, Any]) -> float:
    """Return the provision. ifrs9: S(t) EL(t); cecl: S(t) life_years DL(t); none: 0."""
    phi = build_up(t, assumptions["build_month_3"])
    if assumptions["provisioning"] == "none":
        return 0.0
    if assumptions["provisioning"] == "ifrs9":
        state = sums.loss0 + phi * (sums.loss1 - sums.loss0)
    elif assumptions["provisioning"] == "cecl":
        drawn = sums.drawn_loss0 + phi * (sums.drawn_loss1 - sums.drawn_loss0)
        state = assumptions["life_years"] * drawn
    else:
        raise ValueError(f"unknown provisioning {assumptions['provisioning']!r}")
    survived = [_survival(t, score, every) for score in sums.scores]
    return math.fsum(alive * held for alive, held in zip(survived, state, strict=True))


def _survival(t: int, score: int, every: Curves) -> float:
    """S(t) = ((1 - attrition0(s)) (1 - pbar(s)))^(t/12)."""
    yearly = (1.0 - every.attrition[score]) * (1.0 - every.default[score])
    return float(yearly ** (t / 12.0))


def _payback(months: list[dict[str, Any]]) -> int | None:
    """Return the first t from which the discounted cumulated value is >= 0 and stays so."""
    found = None
    for month in reversed(months):
        if month["cumulated"] < 0.0:
            break
        found = int(month["month"])
    return found
