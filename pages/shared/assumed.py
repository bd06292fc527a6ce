"""The assumptions in force: those shipped, then the levers' settings, then single edits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics import assumptions as assuming
from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.choices import ResponsePreset

AMONG_LEVERS = ("response_preset", "response_form", "consent_mode")
"""Assumptions that stand among the levers."""
EDITABLE = frozenset(
    {p.name for p in ASSUMPTION_PARAMETERS} | {band.name for band in BAND_PARAMETERS}
) - set(AMONG_LEVERS)
"""Assumptions that the assumptions page sets."""


def settings_of(assumptions: Assumptions) -> dict[str, str]:
    """Return what the levers read for a set of assumptions; a preset is told by its values."""
    return {name: str(getattr(assumptions, name, ResponsePreset.CENTRAL)) for name in AMONG_LEVERS}


def with_settings(shipped: Assumptions, settings: Mapping[str, str]) -> Assumptions:
    """Return the assumptions with the levers' settings."""
    return assuming.set_values(shipped, settings.items())


def with_edits(base: Assumptions, edits: Mapping[str, Any]) -> Assumptions:
    """Return the assumptions with single edits; those of a scale with other bands are left out."""
    fitting = {
        name: value
        for name, value in edits.items()
        if not isinstance(value, tuple) or len(value) == len(base.band_edges)
    }
    return base.with_changes(**fitting) if fitting else base


def edits_between(base: Assumptions, new: Assumptions) -> dict[str, Any]:
    """Return the values by name that make the new assumptions of the base."""
    return {name: getattr(new, name) for name in new.changed_from(base)}
