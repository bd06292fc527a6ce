"""Sensitivity: at which values a policy stops paying, and what its result hangs on most."""

from analytics.results.sensitivity.drivers import Driver, Kind, drivers, find_driver
from analytics.results.sensitivity.outcome import Bar, BreakEven, Sensitivity, Tornado, TwoWay

__all__ = [
    "Bar",
    "BreakEven",
    "Driver",
    "Kind",
    "Sensitivity",
    "Tornado",
    "TwoWay",
    "drivers",
    "find_driver",
]
