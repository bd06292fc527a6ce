"""What can be moved: every assumption, and what multiplies all accounts alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from analytics.assumptions import CURVE_NAMES, Assumptions, described, parameter
from analytics.declared.assumption_parameters import (
    ASSUMPTION_PARAMETERS,
    BAND_PARAMETERS,
    RIVAL_NAMES,
    BandParameter,
)
from analytics.declared.cases import CASES, Setting
from analytics.declared.choices import (
    CapitalApproach,
    ConsentMode,
    Provisioning,
    ResponseForm,
    UpliftDriver,
)
from analytics.declared.language import marked, say
from analytics.declared.near import hint
from analytics.declared.parameters import Mark
from analytics.errors import ParameterError
from analytics.portfolio import Contents

OF_CUSTOMERS = (
    "relief_utilization",
    "minimum_payment_rate",
    "strain_income_share",
    "over_indebted_multiple",
)
"""Assumptions that no measure of money depends on, but for two of them by whom a raise is
affordable to: those are a matter of the policy, and move who is raised, not what a raise does."""


class Kind(Enum):
    """What moving a driver means."""

    LEVEL = "level"
    """The assumption takes another value."""
    BANDS = "bands"
    """The values by band move together between their cases."""
    CHOICE = "choice"
    SCALE = "scale"
    """Values by band, and what belongs to them, are multiplied."""
    MULTIPLIER = "multiplier"
    """A quantity of every account is multiplied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """Something that a result may hang on, with its low and high case.

    ``low`` and ``high`` are values of the assumption, or factors of a scale or multiplier.
    """

    name: str
    english_title: str
    kind: Kind
    low: Setting
    high: Setting
    mark: Mark
    english_source: str

    @property
    def title(self) -> str:
        """What it is called."""
        return say(self.english_title)

    @property
    def source(self) -> str:
        """What supports the two cases."""
        return say(self.english_source)

    @property
    def is_factor(self) -> bool:
        """Whether settings are factors, 1 being what is in force."""
        return self.kind in (Kind.SCALE, Kind.MULTIPLIER)

    def assumptions_at(self, setting: Setting, assumptions: Assumptions) -> Assumptions:
        """Return the assumptions with this driver at a setting; a multiplier leaves them.

        Raises
        ------
        ParameterError
            The setting is out of bounds.
        """
        if self.kind is Kind.MULTIPLIER:
            return assumptions
        if self.kind is not Kind.SCALE:
            return assumptions.with_checked({self.name: setting})
        if isinstance(setting, str | tuple):
            raise ParameterError(
                say("{title}: {setting!r} is no factor.", title=self.title, setting=setting)
            )
        return assumptions.with_checked(
            {name: _scaled(getattr(assumptions, name), setting) for name in self._scales()}
        )

    def largest_scale(self, assumptions: Assumptions, most: float) -> float:
        """Return the largest factor that leaves what is scaled within 0 to 1, at most ``most``."""
        values = [np.max(getattr(assumptions, name)) for name in self._scales()]
        return float(min([most, *(1.0 / value for value in values if value > 0)]))

    def _scales(self) -> tuple[str, ...]:
        return {
            RESPONSE_LOG: ("elasticity", "idle_draw"),
            RESPONSE_LINEAR: ("mpb",),
            UPLIFT: ("pd_uplift",),
        }[self.name]

    def current(self, assumptions: Assumptions) -> Setting:
        """Return the setting in force."""
        if self.is_factor:
            return 1.0
        value: Setting = getattr(assumptions, self.name)
        return value

    def between(self, share: float) -> Setting:
        """Return the setting this share of the way from the low to the high case.

        Of a choice, the low case below one half and the high case from there on; of whole numbers
        the nearest.
        """
        if isinstance(self.low, str) or isinstance(self.high, str):
            return self.low if share < 0.5 else self.high
        if isinstance(self.low, tuple) and isinstance(self.high, tuple):
            pairs = zip(self.low, self.high, strict=True)
            return tuple(_between(low, high, share) for low, high in pairs)
        assert isinstance(self.low, float | int)  # noqa: S101 - both ends are of one kind
        assert isinstance(self.high, float | int)  # noqa: S101
        between = _between(self.low, self.high, share)
        whole = isinstance(self.low, int) and isinstance(self.high, int)
        return round(between) if whole else between

    def show(self, setting: Setting) -> str:
        """Return a setting as a person reads it; of values by band, their mean."""
        if self.is_factor:
            return f"x {setting:.4g}"
        declared = parameter(self.name)
        if isinstance(setting, tuple):
            return say("{value} on average", value=declared.show(float(np.mean(setting))))
        return declared.show(setting).replace("_", " ")


PROBABILITY = Driver(
    name="default_probability",
    english_title="Default probability, all accounts",
    kind=Kind.MULTIPLIER,
    low=0.6,
    high=1.7,
    mark=Mark.EVIDENCE,
    english_source="Ant consumer credit, January to May 2020: x 1.7; and as much lower",
)
SEVERITY = Driver(
    name="severity",
    english_title="Loss given default, all accounts",
    kind=Kind.MULTIPLIER,
    low=0.82,
    high=1.12,
    mark=Mark.PRACTICE,
    english_source="70-95 % around 85 %, in proportion",
)
RESPONSE_LOG, RESPONSE_LINEAR, UPLIFT = "response", "linear_response", "uplift"
SCALES = {
    name: Driver(
        name=name,
        english_title=title,
        kind=Kind.SCALE,
        low=low,
        high=high,
        mark=Mark.ASSUMPTION,
        english_source=source,
    )
    for name, title, low, high, source in (
        (
            RESPONSE_LOG,
            marked("Response of balance"),
            0.58,
            1.5,
            marked("The response presets, in proportion"),
        ),
        (
            RESPONSE_LINEAR,
            marked("Response of balance"),
            0.58,
            1.8,
            marked("The response presets, in proportion"),
        ),
        (UPLIFT, marked("Uplift of default probability"), 0.5, 2.0, marked("Half and twice")),
    )
}
"""What values by band are multiplied by; the response is that of the form in force."""


def drivers(contents: Contents, assumptions: Assumptions) -> tuple[Driver, ...]:
    """Return what measures of money may hang on for a portfolio, in declared order.

    Left out is what cannot act: the other response form's values, the curve where every account
    brings its default probability, the other capital approach's values, and so on; and what says
    who is raised.
    """
    names = (*(band.name for band in BAND_PARAMETERS), *(p.name for p in ASSUMPTION_PARAMETERS))
    return (
        PROBABILITY,
        *((SEVERITY,) if contents.has("loss_given_default") else ()),
        *(assumption_driver(n, assumptions) for n in names if _acts(n, contents, assumptions)),
    )


def find_driver(name: str, contents: Contents, assumptions: Assumptions) -> Driver:
    """Return the driver of that name.

    Raises
    ------
    ParameterError
        Nothing of that name can be moved; the nearest are suggested.
    """
    found = drivers(contents, assumptions)
    known = {name: driver for driver in found for name in (driver.name, *_aliases(driver.name))}
    wanted = name.strip().lower().replace("-", "_")
    if wanted in known:
        return known[wanted]
    spellings = {spelling: driver.name for spelling, driver in known.items()}
    listed = say("give one of {names}.", names=tuple(driver.name for driver in found))
    meant = hint(wanted, spellings, meaning=spellings, otherwise=listed)
    raise ParameterError(say("{name!r} moves nothing here: {hint}", name=name, hint=meant))


def assumption_driver(name: str, assumptions: Assumptions) -> Driver:
    """Return an assumption as a driver, its cases fitted to the bands in force."""
    case, banded, declared = CASES[name], described(name), parameter(name)
    low, high = case.low, case.high
    kind = Kind.CHOICE if declared.choices else Kind.LEVEL
    if isinstance(banded, BandParameter):
        kind = Kind.BANDS
        low, high = _fitted(banded, low, assumptions), _fitted(banded, high, assumptions)
    return Driver(
        name=name,
        english_title=declared.english_title,
        kind=kind,
        low=low,
        high=high,
        mark=case.mark,
        english_source=case.english_source,
    )


def _fitted(declared: BandParameter, case: Setting, assumptions: Assumptions) -> Setting:
    """Return a case for the bands in force: with other bands, in proportion to their values."""
    values = getattr(assumptions, declared.name)
    if not isinstance(case, tuple) or len(values) == len(case):
        return case
    factor = sum(case) / sum(declared.central)
    low, high = declared.declared.low or 0.0, declared.declared.high or 1.0
    return tuple(min(max(value * factor, low), high) for value in values)


def _acts(name: str, contents: Contents, assumptions: Assumptions) -> bool:
    """Whether an assumption can move a measure of money."""
    unknown = dict(contents.blanks)

    def settled(column: str) -> bool:
        return contents.has(column) and column not in unknown

    approach = assumptions.capital_approach
    linear = assumptions.response_form is ResponseForm.LINEAR
    has_curve = assumptions.curve is not None
    rules = {
        "elasticity": not linear,
        "idle_draw": not linear,
        "mpb": linear,
        "take_up": assumptions.consent_mode is ConsentMode.OPT_IN,
        "reference_draw": assumptions.pd_uplift_driver is UpliftDriver.DEBT,
        "transactor_yield": contents.has("is_transactor"),
        "life_years": assumptions.provisioning is Provisioning.CECL,
        "loss_given_default": not settled("loss_given_default"),
        "risk_weight": not approach.is_irb,
        "regulatory_conversion_factor": not approach.is_irb,
        "asset_correlation": approach is CapitalApproach.IRB_QRRE,
        "pd_floor": approach.is_irb,
        "lgd_floor": approach.is_irb,
        **dict.fromkeys(CURVE_NAMES, has_curve and not settled("default_probability")),
        **dict.fromkeys((*OF_CUSTOMERS, *RIVAL_NAMES), False),
    }
    return rules.get(name, True)


def response_driver(assumptions: Assumptions) -> Driver:
    """Return what scales the response of balance, in the form in force."""
    return SCALES[
        RESPONSE_LINEAR if assumptions.response_form is ResponseForm.LINEAR else RESPONSE_LOG
    ]


def _scaled(values: float | tuple[float, ...], factor: float) -> Setting:
    if isinstance(values, tuple):
        return tuple(min(value * factor, 1.0) for value in values)
    return min(values * factor, 1.0)


def _aliases(name: str) -> tuple[str, ...]:
    if name in (PROBABILITY.name, SEVERITY.name):
        return ()
    return parameter(name).aliases


def _between(low: float, high: float, share: float) -> float:
    return float(low + share * (high - low))
