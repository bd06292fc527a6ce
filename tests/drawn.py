"""Random accounts, policies and assumptions: what tests of the engine draw from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from analytics.assumptions import PRESETS, Assumptions
from analytics.declared.assumption_parameters import BAND_PARAMETERS, BandParameter
from analytics.declared.columns import OPTIONAL
from analytics.declared.parameters import BASIS_POINTS
from analytics.declared.scales import FICO, SESAME, ScoreScale, score_scale
from analytics.policy import Policy, Tier

STATUSES = (*["active"] * 8, "正常", None, "charged off", "冻结")
SCALES = (SESAME, FICO, score_scale(0, 1000))

points = (st.integers(0, BASIS_POINTS) | st.integers(500, 5_000)).map(lambda n: n / BASIS_POINTS)
shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1).map(lambda share: round(share, 6)))


def money(highest: int) -> st.SearchStrategy[Decimal]:
    """Amounts from 0.01 to a highest, in currency units."""
    whole = st.one_of(st.integers(1, 100), st.integers(1, highest), st.integers(1, highest * 100))
    return whole.map(lambda cents: Decimal(cents) / 100)


@st.composite
def policies(draw: st.DrawFn, scale: ScoreScale, largest: int) -> Policy:
    """Policies with every lever; amounts in proportion to the largest limit, in minor units."""
    units = largest // 100
    starts = draw(
        st.sets(st.integers(scale.lowest, scale.default_threshold), min_size=1, max_size=4)
    )
    threshold, *later = sorted(starts)
    tiers: tuple[Tier, ...] = ()
    if draw(st.booleans()):
        tiers = tuple(Tier(start, draw(points)) for start in (threshold, *later))
    utilization = (draw(st.integers(0, 5_000)), draw(st.integers(5_000, 15_000)))
    return Policy(
        score_threshold=threshold,
        raise_rate=draw(points),
        tiers=tiers,
        limit_cap=draw(
            st.none() | st.integers(units * 50, units * 100).map(lambda n: Decimal(n) / 100)
        ),
        affordability=draw(st.booleans()),
        unknown_cells=draw(st.sampled_from(["hold", "pass"])),
        temporary_days=draw(st.none() | st.none() | st.integers(7, 90)),
        income_multiple=draw(
            st.none()
            | st.integers(41_000, 52_000).map(lambda n: n / BASIS_POINTS)
            | st.integers(1, 500_000).map(lambda n: n / BASIS_POINTS)
        ),
        rounding_step=draw(
            st.sampled_from(
                [
                    Decimal("0.01"),
                    Decimal("0.05"),
                    Decimal(7),
                    min(Decimal(units // 100), Decimal(1000)),
                ]
            )
            | money(min(units // 50, 1_000_000))
        ),
        min_increment=draw(st.just(Decimal(0)) | money(units // 50)),
        max_increment=draw(st.none() | money(units // 2)),
        closed=draw(st.booleans()),
        opted_out=draw(st.booleans()),
        in_hardship=draw(st.booleans()),
        is_student=draw(st.booleans()),
        past_due=draw(st.booleans()),
        past_due_12m=draw(st.none() | st.integers(30, 90)),
        persistent_minimum_payer=draw(st.none() | st.integers(3, 6)),
        too_new=draw(st.none() | st.integers(1, 12)),
        recent_limit_change=draw(st.none() | st.integers(1, 12)),
        utilization_out_of_range=draw(st.booleans()),
        utilization_min=utilization[0] / BASIS_POINTS,
        utilization_max=utilization[1] / BASIS_POINTS,
        holdout_rate=draw(st.just(0.0) | st.integers(0, 5_000).map(lambda n: n / 10_000)),
        policy_seed=draw(st.sampled_from(["headroom", "a", "预算 2027", "x" * 64])),
    )


@st.composite
def assumption_sets(draw: st.DrawFn, scale: ScoreScale) -> Assumptions:
    """Assumptions of every kind. The correlation is above 0, where capital is not pure rounding."""
    shipped = Assumptions.for_scale(scale)
    if shipped.curve is None:
        shipped = shipped.with_changes(
            anchor_score=500.0, anchor_odds=30.0, points_to_double_odds=60.0
        )
    shipped = shipped.with_preset(draw(st.sampled_from(PRESETS)))
    if draw(st.booleans()):
        edges = draw(
            st.sets(st.integers(scale.lowest - 10, scale.highest + 10), min_size=1, max_size=9)
        )
        by_band = {
            band.name: tuple(draw(st.integers(_lowest(band), 1000)) / 1000 for _ in edges)
            for band in BAND_PARAMETERS
        }
        shipped = shipped.with_changes(band_edges=tuple(sorted(edges)), **by_band)
    if draw(st.booleans()):
        shipped = shipped.with_changes(
            anchor_score=draw(st.integers(scale.lowest, scale.highest)) + 0.5,
            anchor_odds=draw(st.floats(0.1, 1_000)),
            points_to_double_odds=draw(st.floats(5, 500)),
        )
    return shipped.with_changes(
        response_form=draw(st.sampled_from(["log", "linear"])),
        consent_mode=draw(st.sampled_from(["automatic", "opt_in"])),
        pd_uplift_driver=draw(st.sampled_from(["debt", "limit"])),
        idle_draw=draw(shares),
        attrition_floor=draw(shares),
        credit_conversion_factor=draw(shares),
        loss_given_default=draw(shares),
        asset_correlation=draw(st.floats(0.01, 0.6)),
        funding_rate=draw(shares),
        operating_rate=draw(shares),
        transactor_yield=draw(shares),
        build_month_3=draw(shares),
        horizon_months=draw(st.integers(12, 60)),
        discount_rate=draw(shares),
        loss_lag_months=draw(st.integers(0, 24)),
        provisioning=draw(st.sampled_from(["none", "ifrs9", "cecl"])),
        life_years=draw(st.sampled_from([0.0, 2.0, 10.0])),
        capital_approach=draw(st.sampled_from(["standardised", "irb_qrre", "irb_other_retail"])),
        risk_weight=draw(st.just(0.0) | st.floats(0.01, 12.5)),
        regulatory_conversion_factor=draw(shares),
        capital_ratio=draw(st.just(0.0) | st.floats(0.01, 1)),
        hurdle_rate=draw(shares),
        action_cost=draw(st.just(0.0) | st.floats(0.01, 1_000)),
        relief_utilization=draw(st.integers(0, 15_000)) / BASIS_POINTS,
        minimum_payment_rate=draw(points),
        strain_income_share=draw(st.integers(0, 15_000)) / BASIS_POINTS,
        over_indebted_multiple=draw(st.integers(1, 500_000)) / BASIS_POINTS,
        rival_reach=draw(shares),
        rival_shift=draw(shares),
        rival_attrition=draw(st.sampled_from([0.0, 0.25, 2.5, 10.0])),
    )


def _lowest(band: BandParameter) -> int:
    """Return the lowest value of a band's parameter, in thousandths."""
    return int(1000 * (band.declared.low or 0)) + band.declared.above_low


@st.composite
def frames(draw: st.DrawFn, scale: ScoreScale, largest: int) -> pd.DataFrame:
    """1 to 60 accounts; each optional column absent, whole, partly blank or blank throughout."""
    size = draw(st.sampled_from([1, 3, 20, 40, 60, 60]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    frame = random_accounts(rng, size, scale, largest)
    for column in OPTIONAL:
        kept = draw(st.sampled_from(["whole", "whole", "partly", "blank", "absent"]))
        if kept == "absent":
            frame = frame.drop(columns=column)
        elif kept != "whole":
            known = rng.random(size) < (0.7 if kept == "partly" else 0.0)
            frame[column] = frame[column].where(pd.Series(known), None)
    return frame


def random_accounts(
    rng: np.random.Generator, size: int, scale: ScoreScale, largest: int
) -> pd.DataFrame:
    """Accounts with zero, tiny, odd and round limits, idle, full and over limit, p at its ends."""

    def mixed(*alternatives: Any) -> Any:
        stacked = np.stack([np.broadcast_to(each, size) for each in alternatives])
        return stacked[rng.integers(0, len(alternatives), size), np.arange(size)]

    odd = rng.integers(0, largest, size, endpoint=True)
    limit = mixed(0, rng.integers(1, 5_000, size), odd, odd, odd, odd // 10_000 * 10_000)
    drawn = (limit * rng.random(size)).astype(np.int64)
    balance = mixed(0, limit, limit * 4 // 5, drawn, drawn, drawn, limit + limit // 7 + 1)
    edges = mixed(scale.lowest, scale.highest, *scale.band_edges, scale.default_threshold)
    any_income = rng.integers(0, largest // 2, size)
    middling = (limit // 4, limit // 4, limit // 3, limit * 2 // 5, limit * 9 // 20)
    income = mixed(0, *middling, balance // 6, any_income, limit, limit)
    names = [str(number).zfill(18) for number in rng.integers(0, 10**12, size)]
    return pd.DataFrame(
        {
            "account_id": [f"{name}{'é客'[i % 3 : i % 3 + 1]}{i}" for i, name in enumerate(names)],
            "score": mixed(edges, *rng.integers(scale.lowest, scale.highest + 1, (3, size))),
            "credit_limit": limit,
            "balance": balance,
            "default_probability": mixed(0.0, 1.0, 1e-9, 0.95, *rng.random((2, size)) ** 3),
            "loss_given_default": mixed(0.0, 1.0, rng.random(size)),
            "monthly_income": pd.array(income, dtype="Int64"),
            "other_payments": pd.array(mixed(0, 0, income // 20, income // 10), dtype="Int64"),
            "external_limit": pd.array(mixed(0, limit), dtype="Int64"),
            "external_balance": pd.array(mixed(0, balance), dtype="Int64"),
            **{
                column: pd.array(
                    mixed(*[usual] * 8, *rng.integers(0, top, (2, size))), dtype="Int64"
                )
                for column, usual, top in (
                    ("months_on_book", 24, 30),
                    ("days_past_due", 0, 2),
                    ("max_days_past_due_12m", 0, 95),
                    ("months_since_limit_change", 24, 30),
                    ("minimum_payment_months_6", 0, 7),
                )
            },
            **{
                column: pd.array(rng.random(size) < rng.random() / 5, dtype="boolean")
                for column in ("opted_out", "in_hardship", "is_student", "is_transactor")
            },
            "region": rng.choice(np.array(["East", "West", "", "  ", "東", None], object), size),
            "account_status": rng.choice(np.array(STATUSES, object), size),
        }
    )
