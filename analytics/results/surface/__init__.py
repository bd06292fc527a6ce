"""The decision surface: every threshold of the scale times every raise, exact to the account."""

from analytics.results.surface.grid import DisplayGrid, Point, Surface, surface_key
from analytics.results.surface.loading import EVERY_PERCENT, Progress, load_surface

__all__ = [
    "EVERY_PERCENT",
    "DisplayGrid",
    "Point",
    "Progress",
    "Surface",
    "load_surface",
    "surface_key",
]
