"""Other people's numbers: each pair of published.json is run, or listed with a why.

The file's conventions: probabilities and rates are decimals, risk weights are in percent without
the factor 1.06, z above 0 is adverse (the opposite of the method's sign), and correlations are
asset correlations, not their roots. No floor applies to a default probability below 0.10 %.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.assumptions import Assumptions
from analytics.method import capital, factor, formulas, measures
from analytics.method.chance import Events, FactorModel, count_distribution
from analytics.method.measures import SUM_NAMES, Sums

FILE = Path(__file__).with_name("published.json")
PAIRS = 102

Pair = dict[str, Any]
Inputs = dict[str, Any]

NOT_HAD: tuple[tuple[str, str, int], ...] = (
    ("irb_K-011", "corporate exposures are not retail: no firm-size term, no maturity", 1),
    ("asset_correlation-007", "residential mortgages have no class here", 1),
    ("vasicek_cdf", "the share of a portfolio below a default rate is not a figure shown", 1),
    ("vasicek_pdf", "the density of the default rate is not a figure shown", 1),
    ("ecl_lifetime", "a provision over life is that of a book, not of one loan (METHOD 8)", 4),
    ("realised_ccf_clipped", "conversion factors are assumed, not estimated from defaults", 2),
    ("eadf", "exposure is not estimated as a share of the limit", 1),
    (
        "regulatory_ccf",
        "rule books are values taken whole, not factors by kind of line",
        2,
    ),
    ("binomial_pvalue_greater", "no calibration test", 6),
    ("binomial_cdf", "no calibration test", 4),
    ("jeffreys_pvalue", "no calibration test", 4),
    ("first_rejecting_default_count", "no calibration test", 1),
    ("pluto_tasche_zero_defaults", "no estimate of default probabilities without defaults", 1),
    ("psi", "no stability index", 3),
    ("gini", "no measure of a score's discrimination", 2),
    ("auc", "no measure of a score's discrimination", 1),
    ("ks", "no measure of a score's discrimination", 3),
    ("net_reward_card", "merchant fees by spend are outside the method (METHOD 12)", 1),
)
"""(id or function, why the product does not have the quantity, how many pairs)."""

CLASSES = {"qrre": "irb_qrre", "other_retail": "irb_other_retail"}
MORTGAGE_CORRELATION = 0.15
"""CRE31.14: the formula for K takes any correlation, so mortgages test it too."""


@cache
def published() -> tuple[Pair, ...]:
    return tuple(json.loads(FILE.read_text(encoding="utf-8"))["pairs"])


def is_listed(pair: Pair) -> bool:
    return any(name in (pair["id"], pair["function"]) for name, _, _ in NOT_HAD)


def asset_correlation(given: Inputs) -> float:
    return float(capital.correlation(given["pd"], CLASSES[given["asset_class"]], 0.04))


def requirement(given: Inputs) -> float:
    mortgage = given["asset_class"] == "mortgage"
    correlation = MORTGAGE_CORRELATION if mortgage else asset_correlation(given)
    return float(capital.irb_requirement(given["pd"], given["lgd"], correlation))


def risk_weight(given: Inputs) -> float:
    return 100 * capital.RWA_PER_CAPITAL * requirement(given)


def conditional_probability(given: Inputs) -> float:
    """The q-quantile: the factor that is worse with probability 1 - q only."""
    value = factor.factor_of_year(1 / (1 - given["q"]))
    return float(factor.conditional_probability(given["pd"], value, given["rho"]))


def default_rate_quantile(given: Inputs) -> float:
    value = factor.factor_of_year(1 / (1 - given["alpha"]))
    return float(factor.conditional_probability(given["p"], value, given["rho"]))


def probability_of_count(given: Inputs) -> float:
    accounts, probability = float(given["N"]), float(given["pd"])
    level = np.full((4, 1), accounts * probability)
    each = np.array([probability])
    events = Events(
        accounts=np.array([accounts]),
        probability=each,
        riskier=each,
        level=level,
        rise=np.zeros_like(level),
        most=np.array([accounts]),
    )
    model = FactorModel.over([each], given["asset_correlation"])
    at_most = count_distribution(model.moments(events), model)[0]
    return float(np.diff(at_most, prepend=0.0)[given["k"]])


def expected_loss(given: Inputs) -> float:
    assert given["eir"] == 0
    return float(formulas.expected_loss(given["pd"], given["lgd"], given["ead"]))


def revolving_expected_loss(given: Inputs) -> float:
    exposure = formulas.ead(given["drawn"], given["undrawn"], given["ccf"])
    return expected_loss({**given, "ead": exposure})


def shifted_probability(given: Inputs) -> float:
    """A shift of the logit multiplies the odds by its exponential."""
    return float(factor.scaled_odds(given["pd"], np.exp(given["shift"])))


def exposure(given: Inputs) -> float:
    unused = formulas.headroom(given["limit"], given["drawn"])
    return float(formulas.ead(given["drawn"], unused, given["ccf"]))


def gain(given: Inputs) -> float:
    """The margin of a year, over the years of the term."""
    margin = formulas.margin(given["amount"], given["rate"], given["cost_of_funds"], 0.0)
    return float(margin * given["term_months"] / 12)


def return_on_capital(given: Inputs) -> float:
    """Without a cost of funds: ours adds the funding that capital replaces (METHOD 7)."""
    assumptions = Assumptions(funding_rate=0.0)
    values = dict.fromkeys(SUM_NAMES, 0.0) | {
        "margin": given["revenue"],
        "expected_loss": formulas.expected_loss(given["pd"], given["lgd"], given["ead"]),
        "rwa": given["economic_capital"] / assumptions.capital_ratio,
    }
    completed = measures.completed(Sums(**values).by_name(), assumptions)
    return float(completed["return_on_capital"])


HAD: dict[str, Callable[[Inputs], float]] = {
    "risk_weight_pct": risk_weight,
    "capital_K": requirement,
    "asset_correlation": asset_correlation,
    "conditional_pd": conditional_probability,
    "vasicek_ppf": default_rate_quantile,
    "prob_k_defaults": probability_of_count,
    "ecl_12m": expected_loss,
    "revolving_ecl_12m": revolving_expected_loss,
    "pd_logit_shift": shifted_probability,
    "ead_ccf": exposure,
    "gain_if_performing": gain,
    "raroc": return_on_capital,
}
"""What the product has, by the file's name of the quantity."""


@pytest.mark.parametrize(
    "pair", [pytest.param(pair, id=pair["id"]) for pair in published() if not is_listed(pair)]
)
def test_a_published_value_is_found(pair: Pair) -> None:
    found = HAD[pair["function"]](pair["inputs"])
    within = max(pair["tolerance_abs"], 1e-15)
    assert found == pytest.approx(pair["expected"], rel=0, abs=within), pair["source"]


def test_every_published_pair_is_run_or_listed() -> None:
    listed = [pair for pair in published() if is_listed(pair)]
    run = [pair for pair in published() if not is_listed(pair)]
    for name, _, count in NOT_HAD:
        assert sum(name in (pair["id"], pair["function"]) for pair in listed) == count, name
    assert {pair["function"] for pair in run} == set(HAD)
    assert len(listed) == sum(count for _, _, count in NOT_HAD)
    assert len(run) + len(listed) == len(published()) == PAIRS
