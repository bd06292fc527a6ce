"""What if: a policy under other assumptions and shifts, from pools of accounts."""

from analytics.results.whatif.evaluate import Evaluator
from analytics.results.whatif.figures import (
    ADDITIVE,
    RATES,
    UNCHANGED,
    Figures,
    Shift,
    check_measure,
)
from analytics.results.whatif.pools import StressPools, load_stress_pools, pools_key

__all__ = [
    "ADDITIVE",
    "RATES",
    "UNCHANGED",
    "Evaluator",
    "Figures",
    "Shift",
    "StressPools",
    "check_measure",
    "load_stress_pools",
    "pools_key",
]
