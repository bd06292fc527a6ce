"""One policy at every threshold as a user would write it in pandas, over the same accounts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import sqlalchemy as sa

from analytics.portfolio import Portfolio, segment_name
from analytics.results.simulation import Sweep

BANDS = pd.DataFrame(
    {
        "score_from": [350, 550, 600, 650, 700, 750, 800, 850],
        "uplift": [0.030, 0.025, 0.020, 0.015, 0.012, 0.010, 0.010, 0.010],
        "draw": [0.0315, 0.0240, 0.0172, 0.0114, 0.0074, 0.0051, 0.0040, 0.0029],
        "attrition": [0.18, 0.14, 0.11, 0.09, 0.07, 0.06, 0.05, 0.05],
        "change": [-0.05, -0.05, -0.05, -0.04, -0.04, -0.03, -0.03, -0.03],
        "yield": [0.14, 0.13, 0.115, 0.10, 0.085, 0.08, 0.075, 0.07],
    }
)


def accounts_frame(portfolio: Portfolio) -> pd.DataFrame:
    """Return the accounts as a frame, money in minor units."""
    labels = {segment_name(place) for place in range(len(portfolio.segments))}
    statement = sa.select(*(c for c in portfolio.relation.c if c.key not in labels))
    names = statement.selected_columns.keys()
    with portfolio.door.rows(statement) as batches:
        frames = [pd.DataFrame.from_records(batch, columns=names) for batch in batches]
    return pd.concat(frames, ignore_index=True)


def policy_sums(frame: pd.DataFrame, threshold: int, points: int) -> pd.Series[float]:
    """Return what one policy adds in all: a raise by so many basis points from a score on."""
    return raise_sums(frame[frame["score"] >= threshold], points).sum()


def baseline_sums(frame: pd.DataFrame) -> pd.DataFrame:
    """Return how the accounts stand today, one row a score, money in minor units."""
    limit, balance, p = frame["credit_limit"], frame["balance"], frame["default_probability"]
    unused = (limit - balance).clip(lower=0)
    ead = balance + 0.2 * unused
    columns = {
        "limit": limit,
        "balance": balance,
        "headroom": unused,
        "projected_defaults": p,
        "defaulted_exposure": p * ead,
        "expected_loss": p * frame["loss_given_default"] * ead,
        "strained": limit > 3 * frame["monthly_income"],
        "over_indebted": balance > 6 * frame["monthly_income"],
        "thin_cover": 4 * unused < frame["monthly_income"],
        "short_cover": unused < frame["monthly_income"],
    }
    return pd.DataFrame(columns).groupby(frame["score"]).sum()


def raise_sums(frame: pd.DataFrame, points: int) -> pd.DataFrame:
    """Return the increments of the default policy, one row a score, money in minor units."""
    eligible = (
        ~frame["account_status"]
        & ~frame["opted_out"]
        & ~frame["in_hardship"]
        & ~frame["is_student"]
        & (frame["days_past_due"] == 0)
        & (frame["max_days_past_due_12m"] < 30)
        & (frame["minimum_payment_months_6"] < 3)
        & (frame["months_on_book"] >= 6)
        & (frame["months_since_limit_change"] >= 6)
        & (frame["balance"] <= frame["credit_limit"])
        & (frame["credit_limit"] > 0)
        & frame["monthly_income"].notna()
    )
    df = frame[eligible].copy()
    ceiling = (df["monthly_income"] * 30_000).clip(upper=5_000_000 * 10_000)
    target = np.minimum(df["credit_limit"] * (10_000 + points), ceiling)
    df["new_limit"] = target // 100_000_000 * 10_000
    df = df[df["new_limit"] - df["credit_limit"] >= 10_000].reset_index(drop=True)
    band = np.searchsorted(BANDS["score_from"], df["score"], side="right") - 1
    bands = BANDS.iloc[band].reset_index(drop=True)
    return _responded(df, bands).groupby(df["score"]).sum()


def _responded(df: pd.DataFrame, bands: pd.DataFrame) -> pd.DataFrame:
    limit, new, balance = df["credit_limit"], df["new_limit"], df["balance"]
    growth = new / limit - 1
    idle = 0.6 * balance < 0.02 * limit
    drawn = np.where(idle, 0.02 * (new - limit), 0.6 * balance * np.log(new / limit))
    new_balance = np.minimum(balance + drawn, np.maximum(new, balance))
    p, g, income = df["default_probability"], df["loss_given_default"], df["monthly_income"]
    draw = (new_balance - balance) / limit / bands["draw"]
    more_p = np.minimum(p * bands["uplift"] * draw, 1 - p)
    unused, new_unused = (limit - balance).clip(lower=0), (new - new_balance).clip(lower=0)
    ead = balance + 0.2 * unused
    more = new_balance + 0.2 * new_unused - ead
    stay = bands["attrition"] * (1 - (1 + bands["change"] * growth * 10).clip(lower=0.67))
    charge = 0.00748125 * (balance + 0.1 * unused)
    value = balance * (bands["yield"] - 0.03) - p * g * ead - charge
    columns = {
        "raised": 1,
        "limit": new - limit,
        "balance": new_balance - balance,
        "headroom": new_unused - unused,
        "projected_defaults": more_p,
        "defaulted_exposure": p * more + more_p * (ead + more),
        "expected_loss": g * (p * more + more_p * (ead + more)),
        "retained": 0.5 * stay * value,
        "day_after_loss": 0.2 * p * g * (new - limit),
        "relieved": (balance * 5 >= limit * 4) & (new_balance * 5 < new * 4),
        "strained": (new > 3 * income) & (limit <= 3 * income),
        "over_indebted": (new_balance > 6 * income) & (balance <= 6 * income),
        "thin_cover": -((4 * unused < income) & (4 * new_unused >= income)).astype(int),
        "short_cover": -((unused < income) & (new_unused >= income)).astype(int),
    }
    return pd.DataFrame(columns)


def differences(frame: pd.DataFrame, swept: Sweep) -> list[str]:
    """Return the name of every sum, at any score, that is not the product's to 1e-9."""
    found = []
    sides = {"baseline": baseline_sums(frame), "increment": raise_sums(frame, 2_000)}
    for side, theirs in sides.items():
        sums = swept.baseline.sums if side == "baseline" else swept.raising.sums
        wanted = theirs.reindex(swept.baseline.scores, fill_value=0.0)
        for name in theirs.columns:
            values = wanted[name].to_numpy(dtype=float)
            room = 1e-12 * float(np.abs(values).max(initial=0.0))
            if not np.allclose(getattr(sums, name)[0], values, rtol=1e-9, atol=room):
                found.append(f"{side} {name}")
    return found
