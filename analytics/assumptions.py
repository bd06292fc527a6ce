"""Assumptions: what nobody knows for sure, each value with its source, frozen."""

from __future__ import annotations

import copy
import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analytics.declared import parameters
from analytics.declared.assumption_parameters import (
    ASSUMPTION_PARAMETERS,
    BAND_PARAMETERS,
    RIVAL_NAMES,
    BandParameter,
)
from analytics.declared.choices import (
    CapitalApproach,
    ConsentMode,
    Provisioning,
    ResponseForm,
    ResponsePreset,
    UpliftDriver,
)
from analytics.declared.language import listed, say, say_n
from analytics.declared.parameters import Parameter, Value
from analytics.declared.scales import SESAME, ScoreScale
from analytics.errors import ParameterError

PRESETS = tuple(ResponsePreset)
PRESET_NAMES = frozenset({"elasticity", "mpb"})
"""What a response preset sets."""
CURVE_NAMES = ("anchor_score", "anchor_odds", "points_to_double_odds")
"""What the PD curve is made of: all three are declared, or none."""
_SHIPPED: Mapping[str, Any] = {p.name: p.default for p in ASSUMPTION_PARAMETERS}
_BANDS: Mapping[str, tuple[float, ...]] = {p.name: p.central for p in BAND_PARAMETERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Values of every assumption on one score scale; frozen, a change makes a new one.

    Values by band are tuples, one value for each of ``band_edges``.

    Raises
    ------
    ParameterError
        Any value outside its bounds; every fault is named at once.
    """

    band_edges: tuple[int, ...] = SESAME.band_edges
    elasticity: tuple[float, ...] = _BANDS["elasticity"]
    mpb: tuple[float, ...] = _BANDS["mpb"]
    pd_uplift: tuple[float, ...] = _BANDS["pd_uplift"]
    reference_draw: tuple[float, ...] = _BANDS["reference_draw"]
    moved_share: tuple[float, ...] = _BANDS["moved_share"]
    attrition: tuple[float, ...] = _BANDS["attrition"]
    attrition_change: tuple[float, ...] = _BANDS["attrition_change"]
    take_up: tuple[float, ...] = _BANDS["take_up"]
    yield_rate: tuple[float, ...] = _BANDS["yield_rate"]
    response_form: ResponseForm = _SHIPPED["response_form"]
    consent_mode: ConsentMode = _SHIPPED["consent_mode"]
    pd_uplift_driver: UpliftDriver = _SHIPPED["pd_uplift_driver"]
    idle_draw: float = _SHIPPED["idle_draw"]
    attrition_floor: float = _SHIPPED["attrition_floor"]
    anchor_score: float | None = _SHIPPED["anchor_score"]
    anchor_odds: float | None = _SHIPPED["anchor_odds"]
    points_to_double_odds: float | None = _SHIPPED["points_to_double_odds"]
    credit_conversion_factor: float = _SHIPPED["credit_conversion_factor"]
    loss_given_default: float = _SHIPPED["loss_given_default"]
    asset_correlation: float = _SHIPPED["asset_correlation"]
    funding_rate: float = _SHIPPED["funding_rate"]
    operating_rate: float = _SHIPPED["operating_rate"]
    transactor_yield: float = _SHIPPED["transactor_yield"]
    capital_approach: CapitalApproach = _SHIPPED["capital_approach"]
    risk_weight: float = _SHIPPED["risk_weight"]
    regulatory_conversion_factor: float = _SHIPPED["regulatory_conversion_factor"]
    pd_floor: float = _SHIPPED["pd_floor"]
    lgd_floor: float = _SHIPPED["lgd_floor"]
    capital_ratio: float = _SHIPPED["capital_ratio"]
    hurdle_rate: float = _SHIPPED["hurdle_rate"]
    action_cost: float = _SHIPPED["action_cost"]
    build_month_3: float = _SHIPPED["build_month_3"]
    horizon_months: int = _SHIPPED["horizon_months"]
    discount_rate: float = _SHIPPED["discount_rate"]
    loss_lag_months: int = _SHIPPED["loss_lag_months"]
    provisioning: Provisioning = _SHIPPED["provisioning"]
    life_years: float = _SHIPPED["life_years"]
    relief_utilization: float = _SHIPPED["relief_utilization"]
    minimum_payment_rate: float = _SHIPPED["minimum_payment_rate"]
    strain_income_share: float = _SHIPPED["strain_income_share"]
    over_indebted_multiple: float = _SHIPPED["over_indebted_multiple"]
    rival_reach: float = _SHIPPED["rival_reach"]
    rival_shift: float = _SHIPPED["rival_shift"]
    rival_attrition: float = _SHIPPED["rival_attrition"]

    def __post_init__(self) -> None:
        self._settle_bands()
        found = self._scalar_faults() + self._band_faults()
        if found:
            raise ParameterError(found)
        self._settle_numbers()

    @classmethod
    def for_scale(cls, scale: ScoreScale) -> Assumptions:
        """Return the values shipped for a score scale; without a known curve it has none."""
        curve = scale.curve
        return cls(
            band_edges=scale.band_edges,
            anchor_score=curve.anchor_score if curve else None,
            anchor_odds=curve.anchor_odds if curve else None,
            points_to_double_odds=curve.points_to_double_odds if curve else None,
        )

    @property
    def curve(self) -> tuple[float, float, float] | None:
        """The PD curve: anchor score, odds there, and points that double them; None without."""
        score, odds, points = self.anchor_score, self.anchor_odds, self.points_to_double_odds
        if score is None or odds is None or points is None:
            return None
        return score, odds, points

    def with_changes(self, **changes: Any) -> Assumptions:
        """Return the assumptions with these values in place of their own."""
        return dataclasses.replace(self, **changes)

    def for_readings(self) -> Assumptions:
        """Return what matters to what is read of the accounts: the same whatever a rival does."""
        shipped = {name: _SHIPPED[name] for name in RIVAL_NAMES}
        if all(getattr(self, name) == value for name, value in shipped.items()):
            return self
        return self.with_changes(**shipped)

    @property
    def has_presets(self) -> bool:
        """Whether the response presets, which are by the shipped number of bands, fit."""
        return len(self.band_edges) == len(BAND_PARAMETERS[0].central)

    def with_preset(self, preset: ResponsePreset | str) -> Assumptions:
        """Return the assumptions under the response preset low, central or high.

        A preset sets elasticity and use of new limit; the form is a choice of its own.
        """
        return _under_preset(self, ResponsePreset(preset))

    def with_checked(self, changes: Mapping[str, Value | tuple[float, ...]]) -> Assumptions:
        """Return the assumptions with these values, each on its own checked, and no other.

        For changes made very often: what is not named is known to be legal, and bands keep their
        number.

        Raises
        ------
        ParameterError
            Any value outside its bounds; every fault is named at once.
        """
        found = []
        for name, value in changes.items():
            values = value if isinstance(value, tuple) else (value,)
            found += [fault for item in values if (fault := parameter(name).fault(item))]
        if found:
            raise ParameterError(found)
        changed = copy.copy(self)
        for name, value in changes.items():
            object.__setattr__(changed, name, settled_value(name, value))
        return changed

    def changed_from(self, other: Assumptions) -> tuple[str, ...]:
        """Return the names of the values that differ, in declared order."""
        return tuple(
            item.name
            for item in dataclasses.fields(self)
            if getattr(self, item.name) != getattr(other, item.name)
        )

    @property
    def response_name(self) -> str:
        """Name of the response preset in force: low, central, high, or own."""
        if not self.has_presets:
            return "own"
        for preset in (ResponsePreset.CENTRAL, ResponsePreset.LOW, ResponsePreset.HIGH):
            if self == self.with_preset(preset):
                return str(preset)
        return "own"

    @property
    def fingerprint(self) -> str:
        """SHA-256 over every value: equal assumptions, and only those, share it."""
        return fingerprint_of({f.name: getattr(self, f.name) for f in dataclasses.fields(self)})

    def _settle_bands(self) -> None:
        """Hold edges and values by band as tuples, so that no list stays alive inside."""
        for name in ("band_edges", *_BANDS):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def _settle_numbers(self) -> None:
        """Hold values so that equal ones read alike: see :meth:`Parameter.settled`."""
        for name in (*_SHIPPED, *_BANDS):
            object.__setattr__(self, name, settled_value(name, getattr(self, name)))

    def _scalar_faults(self) -> list[str]:
        curve = {name: getattr(self, name) for name in CURVE_NAMES}
        given = {
            p.name: getattr(self, p.name)
            for p in ASSUMPTION_PARAMETERS
            if not (p.name in curve and curve[p.name] is None)
        }
        found = parameters.faults(ASSUMPTION_PARAMETERS, given)
        absent = [name for name, value in curve.items() if value is None]
        names = listed(CURVE_NAMES)
        if len(absent) == 1:
            found.append(
                say(
                    "The PD curve has no {first}: give all three of {names}, or none.",
                    first=absent[0],
                    names=names,
                )
            )
        elif len(absent) == 2:
            found.append(
                say(
                    "The PD curve has no {first} and no {second}: give all three of {names}, "
                    "or none.",
                    first=absent[0],
                    second=absent[1],
                    names=names,
                )
            )
        return found

    def _band_faults(self) -> list[str]:
        found = []
        count = len(self.band_edges)
        if list(self.band_edges) != sorted(set(self.band_edges)) or not count:
            found.append(say("band_edges are not in ascending order: give each lower edge once."))
        for band in BAND_PARAMETERS:
            values = getattr(self, band.name)
            if len(values) != count:
                found.append(
                    say_n(
                        "{name} has {count} value: give one for each of the {bands} bands.",
                        "{name} has {count} values: give one for each of the {bands} bands.",
                        len(values),
                        name=band.name,
                        bands=count,
                    )
                )
            for edge, value in zip(self.band_edges, values, strict=False):
                fault = band.declared.fault(value)
                if fault:
                    found.append(say("Band from {edge}: {fault}", edge=edge, fault=fault))
        return found


def set_values(assumptions: Assumptions, settings: Iterable[tuple[str, str]]) -> Assumptions:
    """Return the assumptions with (name, text) settings applied; every fault named at once.

    Values by band are one number for all bands, or one for each band, separated by commas.
    ``response_preset`` takes low, central or high.
    """
    changes: dict[str, Any] = {}
    found: list[str] = []
    registry = [*ASSUMPTION_PARAMETERS, *(band.declared for band in BAND_PARAMETERS)]
    bands = {band.name for band in BAND_PARAMETERS}
    for name, text in settings:
        try:
            if name.strip().lower().replace("-", "_") in ("response_preset", "preset"):
                assumptions = assumptions.with_preset(text.strip().lower())
                continue
            declared = parameters.find(registry, name)
            if declared.name in bands:
                changes[declared.name] = _parse_bands(declared, text, assumptions)
            else:
                changes[declared.name] = declared.parse(text)
        except ParameterError as error:
            found.extend(error.faults)
    try:
        changed = assumptions.with_changes(**changes)
    except ParameterError as error:
        raise ParameterError([*found, *error.faults]) from None
    if found:
        raise ParameterError(found)
    return changed


def parameter(name: str) -> Parameter:
    """Return how a value of an assumption is declared; by band, each of its values."""
    found = described(name)
    return found if isinstance(found, Parameter) else found.declared


def described(name: str) -> Parameter | BandParameter:
    """Return the declaration of an assumption by its field name."""
    for parameter in ASSUMPTION_PARAMETERS:
        if parameter.name == name:
            return parameter
    return next(band for band in BAND_PARAMETERS if band.name == name)


def settled_value(name: str, value: Value | tuple[float, ...]) -> Value | tuple[Value, ...]:
    """Return a legal value of an assumption as it is held: see :meth:`Parameter.settled`."""
    declared = parameter(name)
    if isinstance(value, tuple):
        return tuple(declared.settled(item) for item in value)
    return declared.settled(value)


def fingerprint_of(values: Mapping[str, Any]) -> str:
    """Return the fingerprint of values by name, those by band as tuples."""
    texts = {name: format_value(name, value) for name, value in values.items()}
    canonical = json.dumps(texts, sort_keys=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def format_value(name: str, value: Value | tuple[float, ...]) -> str:
    """Return the canonical text of an assumption, values by band separated by commas."""
    if name == "band_edges" and isinstance(value, tuple):
        return ",".join(str(edge) for edge in value)
    declared = parameter(name)
    if isinstance(value, tuple):
        return ",".join(declared.format(item) for item in value)
    return declared.format(value)


@functools.lru_cache(maxsize=64)
def _under_preset(assumptions: Assumptions, preset: ResponsePreset) -> Assumptions:
    changes: dict[str, Any] = {
        p.name: p.under(preset) for p in BAND_PARAMETERS if p.name in PRESET_NAMES
    }
    return assumptions.with_changes(**changes)


def _parse_bands(declared: Parameter, text: str, assumptions: Assumptions) -> tuple[float, ...]:
    values = tuple(declared.parse(piece) for piece in text.split(","))
    numbers = tuple(float(value) for value in values if isinstance(value, int | float))
    count = len(assumptions.band_edges)
    if len(numbers) == 1:
        return numbers * count
    if len(numbers) != count:
        raise ParameterError(
            say(
                "{name} has {given} values: give one, or one for each of the {count} "
                "bands, separated by commas.",
                name=declared.name,
                given=len(numbers),
                count=count,
            )
        )
    return numbers


__all__ = [
    "CURVE_NAMES",
    "PRESETS",
    "Assumptions",
    "described",
    "fingerprint_of",
    "format_value",
    "parameter",
    "set_values",
    "settled_value",
]
