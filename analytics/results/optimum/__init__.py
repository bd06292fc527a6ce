"""The best policy of a surface under a risk appetite: flat, tiered, and how robust it is."""

from analytics.results.optimum.frontier import Dominating, Frontier, efficient_frontier
from analytics.results.optimum.plans import Cost, Infeasible, Optimum, Plan, Relaxation, evaluate
from analytics.results.optimum.robustness import Robustness, compare_presets, preset_surfaces
from analytics.results.optimum.single import best_place, best_single, objective_grid
from analytics.results.optimum.tiered import TierRules, best_tiered

__all__ = [
    "Cost",
    "Dominating",
    "Frontier",
    "Infeasible",
    "Optimum",
    "Plan",
    "Relaxation",
    "Robustness",
    "TierRules",
    "best_place",
    "best_single",
    "best_tiered",
    "compare_presets",
    "efficient_frontier",
    "evaluate",
    "objective_grid",
    "preset_surfaces",
]
