"""The decision surface: every threshold of the scale times every raise, exact to the account."""

from analytics.results.surface.grid import DisplayGrid, Point, Surface
from analytics.results.surface.loading import EVERY_PERCENT, load_surface, surface_key

__all__ = [
    "EVERY_PERCENT",
    "DisplayGrid",
    "Point",
    "Surface",
    "load_surface",
    "surface_key",
]
