"""Regulatory regimes set what belongs together and nothing else."""

from __future__ import annotations

import pytest

from analytics.assumptions import Assumptions
from analytics.declared.regimes import CAPITAL, CONVERSION, Regime


@pytest.mark.parametrize("regime", [*CONVERSION, *CAPITAL], ids=lambda regime: regime.title)
def test_a_regime_sets_its_own_values_and_leaves_all_others(regime: Regime) -> None:
    before = Assumptions(hurdle_rate=0.15)
    after = before.with_changes(**regime.values)
    assert regime.holds(after)
    assert set(after.changed_from(before)) <= set(regime.values)
    assert after.hurdle_rate == 0.15
    assert regime.source


def test_the_shipped_assumptions_are_the_first_regime_of_each_kind() -> None:
    for regimes in (CONVERSION, CAPITAL):
        assert regimes[0].holds(Assumptions())
        assert not any(regime.holds(Assumptions()) for regime in regimes[1:])
