"""The decision surface: every threshold of the scale times every raise, exact to the account."""

from analytics.surface.grid import DisplayGrid, Point, Surface, find_measure
from analytics.surface.loading import EVERY_PERCENT, load_surface, surface_key

__all__ = [
    "EVERY_PERCENT",
    "DisplayGrid",
    "Point",
    "Surface",
    "find_measure",
    "load_surface",
    "surface_key",
]
