"""Stress: pools of accounts, scenarios, what they do to a portfolio, and the loss distribution."""

from analytics.results.stress.distribution import (
    LossDistribution,
    LossSide,
    loss_distribution,
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
from analytics.results.stress.scenarios import BASE, SHIPPED, Scenario, find_scenario
from analytics.results.whatif import (
    ADDITIVE,
    RATES,
    UNCHANGED,
    Evaluator,
    Figures,
    Shift,
    StressPools,
    check_measure,
    load_stress_pools,
    pools_key,
)

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
