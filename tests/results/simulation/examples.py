"""A simulation held against the oracle."""

from __future__ import annotations

import pandas as pd

from analytics.method.bands import band_index
from analytics.results.simulation import Simulation
from tests import oracle
from tests.portfolios import differences, oracle_assumptions, oracle_policy

BAND = "score band of the oracle"


def held_against_the_oracle(
    simulation: Simulation, frame: pd.DataFrame, *, by: str | None = None
) -> list[str]:
    """Return every figure of a simulation, its groups and bands that is not the oracle's."""
    assumptions = simulation.assumptions
    incomes = simulation.portfolio.has("monthly_income")
    settings_given = (oracle_policy(simulation.policy), oracle_assumptions(assumptions))
    expected = oracle.simulate(frame, *settings_given, by=by)
    found = differences(simulation.total, expected, assumptions, incomes=incomes)
    groups = {group.label: group for group in simulation.groups}
    if by is not None:
        if list(groups) != list(expected["groups"]):
            found.append(f"the groups are {list(groups)}, not {list(expected['groups'])}")
        for label, wanted in expected["groups"].items():
            found += differences(groups[label], wanted, assumptions, incomes=incomes)
    bands = [str(band_index(score, assumptions.band_edges)) for score in frame["score"]]
    by_band = oracle.simulate(frame.assign(**{BAND: bands}), *settings_given, by=BAND)["groups"]
    for index, band in enumerate(simulation.bands):
        if str(index) in by_band:
            found += differences(band, by_band[str(index)], assumptions, incomes=incomes)
        elif band.baseline is not None:
            found.append(f"band {band.label} has accounts")
    return found
