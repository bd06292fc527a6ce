"""Stress: pools of accounts, scenarios, what they do to a portfolio, and the loss distribution."""

from analytics.results.stress.distribution import (
    LossDistribution,
    LossSide,
    loss_distribution,
)
from analytics.results.stress.evaluate import Evaluator
from analytics.results.stress.figures import (
    ADDITIVE,
    RATES,
    UNCHANGED,
    Figures,
    Shift,
    check_measure,
)
from analytics.results.stress.outcome import (
    ACCURACY,
    CapitalSide,
    ScenarioOutcome,
    StressResult,
    StressSide,
    capital_by_approach,
    stress,
)
from analytics.results.stress.pools import StressPools, load_stress_pools, pools_key
from analytics.results.stress.scenarios import BASE, SHIPPED, Scenario, find_scenario

__all__ = [
    "ACCURACY",
    "ADDITIVE",
    "BASE",
    "RATES",
    "SHIPPED",
    "UNCHANGED",
    "CapitalSide",
    "Evaluator",
    "Figures",
    "LossDistribution",
    "LossSide",
    "Scenario",
    "ScenarioOutcome",
    "Shift",
    "StressPools",
    "StressResult",
    "StressSide",
    "capital_by_approach",
    "check_measure",
    "find_scenario",
    "load_stress_pools",
    "loss_distribution",
    "pools_key",
    "stress",
]
