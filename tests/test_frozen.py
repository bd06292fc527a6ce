"""Values are frozen to the core: what was given can change afterwards, the value cannot."""

from collections.abc import Hashable
from typing import Any

import pytest

from analytics.appetite import Appetite, parse_constraint
from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import BAND_PARAMETERS
from analytics.declared.regimes import CAPITAL, CONVERSION, Regime
from analytics.declared.scales import SESAME
from analytics.ingest.declaration import Declaration
from analytics.policy import Policy, Tier

BANDS = [band.name for band in BAND_PARAMETERS]
TIERS = [Tier(650, 0.05), Tier(800, 0.20)]
BOUNDS = [parse_constraint("ead<=5"), parse_constraint("net_value>=0")]


@pytest.mark.parametrize("name", BANDS)
def test_a_list_of_values_by_band_does_not_stay_alive_inside_assumptions(name: str) -> None:
    given = list(getattr(Assumptions(), name))
    found = Assumptions(**{name: given})  # type: ignore[arg-type]
    print_before = found.fingerprint
    given[0] = 0.5
    assert found == Assumptions()
    assert hash(found) == hash(Assumptions())
    assert found.fingerprint == print_before == Assumptions().fingerprint


def test_a_list_of_edges_does_not_stay_alive_inside_assumptions() -> None:
    given = list(SESAME.band_edges)
    found = Assumptions(band_edges=given)  # type: ignore[arg-type]
    given.append(1_000)
    assert found == Assumptions()
    assert hash(found) == hash(Assumptions())


def test_numbers_of_assumptions_are_floats_with_one_text() -> None:
    given: dict[str, Any] = {"anchor_score": 640, "take_up": [1] * 8, "idle_draw": -0.0}
    found = Assumptions(**given)
    assert [repr(value) for value in (found.anchor_score, found.take_up[0], found.idle_draw)] == [
        "640.0",
        "1.0",
        "0.0",
    ]


@pytest.mark.parametrize(
    ("kind", "name", "given"),
    [
        (Policy, "tiers", TIERS),
        (Policy, "constraints", ["ead<=5"]),
        (Appetite, "constraints", BOUNDS),
        (Declaration, "mapping", [["score", "fico"]]),
        (Declaration, "blank_words", ["n/a"]),
        (Declaration, "sentinels", [9_999]),
    ],
)
def test_a_list_given_becomes_a_tuple(kind: type[Any], name: str, given: list[Any]) -> None:
    further = {"score_threshold": 650} if name == "tiers" else {}
    found = kind(**{name: list(given)}, **further)
    as_tuple = tuple(tuple(item) if isinstance(item, list) else item for item in given)
    assert getattr(found, name) == as_tuple
    assert found == kind(**{name: as_tuple}, **further)
    assert isinstance(found, Hashable)
    assert hash(found) == hash(kind(**{name: as_tuple}, **further))


def test_a_regimes_values_cannot_be_changed_from_outside() -> None:
    given: dict[str, float | str] = {"risk_weight": 0.75}
    regime = Regime("Own", "A source", given)
    given["risk_weight"] = 1.0
    assert regime.values == {"risk_weight": 0.75}
    for shipped in (*CONVERSION, *CAPITAL, regime):
        with pytest.raises(TypeError):
            shipped.values["risk_weight"] = 1.0  # type: ignore[index]
