"""Books and rules that the best policies are looked for in."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
from hypothesis import assume
from hypothesis import strategies as st

from analytics.appetite import Appetite, parse_appetite, parse_constraint
from analytics.assumptions import Assumptions
from analytics.declared.scales import SESAME
from analytics.policy import Policy
from analytics.results.optimum import Infeasible, Optimum, Plan, TierRules, evaluate
from analytics.results.surface import Surface
from analytics.results.verdicts import State, judge
from tests.drawn import random_accounts

OPEN = Policy(
    limit_cap=None, affordability=False, rounding_step=Decimal(1), min_increment=Decimal(0)
)


PROVEN = TierRules(gap=0.0, beyond_evidence=True)
EVERY_RAISE = {"beyond_evidence": True}


HAND = Assumptions(
    response_form="linear",
    mpb=(0.5,) * 8,
    pd_uplift=(0.0,) * 8,
    attrition=(0.0,) * 8,
    yield_rate=(0.07,) * 8,
    funding_rate=0.03,
    operating_rate=0.0,
    credit_conversion_factor=0.0,
    capital_ratio=0.0,
)


def book_of(size: int, seed: int) -> pd.DataFrame:
    frame = random_accounts(np.random.default_rng(seed), size, SESAME, 10**7)
    regions = np.random.default_rng(seed).choice(np.array(["East", "West"], object), size)
    return frame.assign(region=regions, default_probability=frame["default_probability"] ** 2 / 9)


def best_of(found: Optimum | Infeasible) -> Optimum:
    assert isinstance(found, Optimum), found
    return found


def tight(data: st.DataObject, surface: Surface) -> Appetite:
    """Draw an appetite whose bounds lie among what the policies reach."""
    texts = []
    for name, sign in data.draw(
        st.lists(
            st.sampled_from(
                [
                    ("ead_increment_rate", "<="),
                    ("limit_increment", "<="),
                    ("loss_rate", "<="),
                    ("loss_per_new_exposure", "<="),
                    ("return_on_capital", ">="),
                    ("raised_share", ">="),
                    ("relieved_increment", ">="),
                    ("strained_increment", "<="),
                    ("net_value_increment", ">="),
                    ("npv", ">="),
                    ("payback_months", "<="),
                    ("loss_rate_on_balance", "<="),
                    ("thin_cover_increment", "<="),
                    ("default_rate_increment", "<="),
                ]
            ),
            max_size=3,
            unique=True,
        )
    ):
        probe = parse_constraint(f"{name}{sign}0")
        values = probe.figure(
            surface.before(probe.measure),
            surface.proposed(probe.measure),
            surface.increment(probe.measure),
        )
        reached = values[np.isfinite(values)]
        assume(reached.size)
        share = data.draw(st.floats(0, 1))
        bound = float(np.quantile(reached, share)) + data.draw(st.sampled_from([0.0, 1e-4]))
        assume(sign == "<=" or probe.measure != "raised_share" or bound <= 1)
        lowest = -np.inf if name == "thin_cover_increment" else 0.0
        texts.append(f"{name}{sign}{max(bound, lowest)!r}")
    return parse_appetite(texts)


def keeps(surface: Surface, plan: Plan, appetite: Appetite) -> bool:
    point = evaluate(surface, plan)
    verdicts = judge(appetite, point)
    return all(verdict.state is not State.BROKEN for verdict in verdicts)
