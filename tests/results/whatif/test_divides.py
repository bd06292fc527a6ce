"""Pools part where accounts begin to answer by another formula."""

from __future__ import annotations

import math

import pytest

from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import BAND_PARAMETERS
from analytics.policy import Policy
from analytics.results.whatif import divides


def places(bounds: tuple[divides.Bound, ...], band: int = 0) -> list[float]:
    return sorted(round(bound.places[band], 6) for bound in bounds)


def test_accounts_part_at_the_use_of_every_preset_and_case_once() -> None:
    # 0.02 / 0.90, 0.02 / 0.60, 0.02 / 0.35, and 0.05 / 0.60.
    assert places(divides.uses(Assumptions())) == [0.022222, 0.033333, 0.057143, 0.083333]


def test_accounts_part_at_the_use_in_force() -> None:
    own = Assumptions(idle_draw=0.04, elasticity=(0.8, *(0.5,) * 7))
    assert 0.05 in places(divides.uses(own))
    assert 0.08 in places(divides.uses(own), band=1)
    nobody = Assumptions(idle_draw=0.0, elasticity=(0.5,) * 8)
    assert places(divides.uses(nobody)) == [0.1], "idle only in the high case of idle_draw"
    everybody = Assumptions(elasticity=(0.0,) * 8)
    assert math.inf in places(divides.uses(everybody))


def test_attrition_has_a_floor_only_as_far_as_raises_go() -> None:
    # The case of twice the fall: 0.33 / (10 x 0.10), reached by a raise of 33 %.
    assert divides.floors(Assumptions(), Policy(raise_rate=0.3)) == ()
    found = divides.floors(Assumptions(), Policy(raise_rate=0.35))
    assert places(found) == [pytest.approx(0.33)]
    # In force, a floor of 0.20, and twice the fall; a floor of 0.50 and half the fall lie beyond.
    assert places(divides.floors(Assumptions(), Policy(raise_rate=1.0))) == [0.33, 0.4, 0.66]


def test_bands_of_ones_own_part_at_what_is_in_force_and_at_cases_of_one_value() -> None:
    values = {band.name: band.central[:2] for band in BAND_PARAMETERS}
    own = Assumptions(band_edges=(350, 700), **values)
    assert places(divides.uses(own)) == [0.033333, 0.083333]
