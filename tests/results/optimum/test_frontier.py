"""The efficient frontier."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.portfolio import Portfolio
from analytics.results.optimum import efficient_frontier
from analytics.results.optimum.plans import objective_value
from analytics.results.surface import load_surface
from tests.results.optimum.examples import HAND, OPEN


def test_the_frontier_known_by_hand(by_hand: Portfolio) -> None:
    surface = load_surface(by_hand, OPEN, HAND)
    frontier = efficient_frontier(surface, gain="net_value", beyond_evidence=True)
    assert set(frontier.scores.tolist()) == {860, 950}
    assert frontier.raises.tolist() == list(range(0, 10_001, 100))
    assert frontier.gains[-1] == pytest.approx(150.0)
    assert np.all(np.diff(frontier.risks) > 0)
    assert np.all(np.diff(frontier.gains) > 0)
    # Raising all three by 50 % brings 75 - 125, at a loss of 5,000 x (1 + 4 + 9) % / 2.
    nearer = frontier.nearest_dominating(560, 0.5)
    assert nearer is not None
    gain = objective_value(surface.at(nearer.score_threshold, nearer.raise_rate), "net_value")
    assert nearer.gain == pytest.approx(gain - (75 - 125))
    losses = surface.increment("expected_loss")
    here, there = (
        losses[surface.index(*where)]
        for where in ((560, 0.5), (nearer.score_threshold, nearer.raise_rate))
    )
    assert nearer.risk_saved == pytest.approx(here - there)
    assert frontier.nearest_dominating(860, 1.0) is None
