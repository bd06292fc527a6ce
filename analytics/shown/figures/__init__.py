"""Results as figures: one look, direct labels, axes with units, the current policy marked."""

from analytics.shown.figures.bars import classes_figure, reasons_figure
from analytics.shown.figures.curves import Curve, curves_figure
from analytics.shown.figures.effects import effects_figure
from analytics.shown.figures.frontier import frontier_figure
from analytics.shown.figures.groups import groups_figure
from analytics.shown.figures.months import MonthLine, flows_figure, months_figure
from analytics.shown.figures.patterns import concentration_figure, pattern_figure
from analytics.shown.figures.policies import Grid, MapMark, policies_figure
from analytics.shown.figures.risk import (
    distribution_figure,
    stress_figure,
    tornado_figure,
    two_way_figure,
    waterfall_figure,
)

__all__ = [
    "Curve",
    "Grid",
    "MapMark",
    "MonthLine",
    "classes_figure",
    "concentration_figure",
    "curves_figure",
    "distribution_figure",
    "effects_figure",
    "flows_figure",
    "frontier_figure",
    "groups_figure",
    "months_figure",
    "pattern_figure",
    "policies_figure",
    "reasons_figure",
    "stress_figure",
    "tornado_figure",
    "two_way_figure",
    "waterfall_figure",
]
