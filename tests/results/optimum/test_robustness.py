"""Whether the best stays the best under other responses."""

from __future__ import annotations

from functools import partial

from analytics.appetite import parse_appetite
from analytics.assumptions import PRESETS, Assumptions
from analytics.results.optimum import (
    TierRules,
    best_single,
    best_tiered,
    compare_presets,
    preset_surfaces,
)
from analytics.results.surface import Surface
from analytics.shown.words import contender_words
from tests.results.optimum.examples import OPEN


def test_a_policy_that_wins_under_one_preset_only_is_labelled_so(mixed: Surface) -> None:
    surfaces = preset_surfaces(mixed.portfolio, OPEN, Assumptions())
    assert tuple(surfaces) == PRESETS
    appetite = parse_appetite("ead_increment_rate<=3%")
    for solve in (best_single, partial(best_tiered, rules=TierRules(gap=1e-4))):
        found = compare_presets(surfaces, appetite, solve=solve)
        for contender in found.contenders:
            own = next(e for e in contender.elsewhere if e.preset == contender.preset)
            assert own.wins
            assert own.within_appetite
            wins = [entry.preset for entry in contender.elsewhere if entry.wins]
            alone = wins == [contender.preset]
            assert (contender_words(contender) == f"best under {contender.preset} only") == alone
    hopeless = compare_presets(surfaces, parse_appetite("net_value_increment>=1e12"))
    assert "no policy keeps" in contender_words(hopeless.contenders[0])
