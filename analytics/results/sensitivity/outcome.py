"""What the answer hangs on: break-evens, the tornado, and any two assumptions together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats
from analytics.declared.cases import Setting
from analytics.declared.language import say
from analytics.errors import ParameterError
from analytics.results.sensitivity.drivers import (
    PROBABILITY,
    SCALES,
    SEVERITY,
    UPLIFT,
    Driver,
    Kind,
    assumption_driver,
    drivers,
    find_driver,
    response_driver,
)
from analytics.results.whatif import UNCHANGED, Evaluator, Shift, StressPools, check_measure

_GRID = 12
"""Places between the bounds that a change of sign is looked for at."""
VALUE = "npv"
"""The value that a raise is decided on."""
MOST = 50.0
"""Largest factor at which a break-even is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """The setting of one driver at which the policy's increment of a value is 0.

    Parameters
    ----------
    measure : the value: npv, or net value a year
    current : the setting in force (1 for a factor)
    now : its increment at that setting, currency units
    value : the nearest break-even; None where there is none
    others : further break-evens, ascending
    low, high : between which it was looked for
    """

    measure: str
    driver: Driver
    current: float
    now: float
    value: float | None
    others: tuple[float, ...]
    low: float
    high: float

    @property
    def pays(self) -> bool:
        """Whether the policy pays as things are."""
        return self.now > 0

    @property
    def room(self) -> float | None:
        """How far it is from the setting in force to the break-even, relative; None without."""
        if self.value is None or not self.current:
            return None
        return self.value / self.current - 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The increment of a measure with one driver at its low and at its high case."""

    driver: Driver
    low: float | None
    high: float | None

    @property
    def swing(self) -> float:
        """How far apart the two are; 0 where one is undefined."""
        return 0.0 if self.low is None or self.high is None else abs(self.high - self.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tornado:
    """All drivers between their cases, the widest first; money in currency units."""

    measure: str
    score_threshold: int
    central: float | None
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoWay:
    """The increment of a measure over two drivers.

    ``values`` has shape (first settings, second settings), NaN where undefined.
    """

    measure: str
    score_threshold: int
    first: Driver
    second: Driver
    first_settings: tuple[Setting, ...]
    second_settings: tuple[Setting, ...]
    values: Floats


class Sensitivity:
    """A policy at one threshold, ready to be moved; all its results come from pools.

    At the assumptions that the pools were loaded by, and with any one of them at a plausible case,
    a preset or a value between that divides no pool, results are those of a full simulation.
    Between those, who answers as an idle account is told pool by pool, which hardly shows. Capital
    by the IRB formula is exact at the assumptions loaded, and else within 0.3 %.
    """

    def __init__(self, pools: StressPools, score_threshold: int, assumptions: Assumptions) -> None:
        self.contents = pools.contents
        self.score_threshold = score_threshold
        self.assumptions = assumptions
        self._evaluator = Evaluator(pools, score_threshold, assumptions.band_edges)

    def increment(self, measure: str, *moved: tuple[Driver, Setting]) -> float | None:
        """Return the increment of a measure with drivers moved; None where undefined."""
        assumptions, changes = self.assumptions, {}
        for driver, setting in moved:
            assumptions = driver.assumptions_at(setting, assumptions)
            if driver.kind is Kind.MULTIPLIER:
                changes[driver.name] = setting
        return self._evaluator.increment(measure, assumptions, _shift(changes))

    def tornado(self, measure: str = VALUE) -> Tornado:
        """Return the increment of a measure with each driver at its low and its high case.

        Raises
        ------
        ParameterError
            The measure cannot be moved.
        """
        check_measure(measure)
        bars = [
            Bar(
                driver=driver,
                low=self.increment(measure, (driver, driver.low)),
                high=self.increment(measure, (driver, driver.high)),
            )
            for driver in drivers(self.contents, self.assumptions)
        ]
        bars.sort(key=lambda bar: -bar.swing)
        return Tornado(
            measure=measure,
            score_threshold=self.score_threshold,
            central=self.increment(measure),
            bars=tuple(bars),
        )

    def two_way(self, first: str, second: str, *, measure: str = VALUE, steps: int = 9) -> TwoWay:
        """Return the increment of a measure over two drivers, each from its low to its high case.

        Raises
        ------
        ParameterError
            Nothing of that name can be moved, the two are the same, or the measure cannot be.
        """
        check_measure(measure)
        pair = tuple(find_driver(n, self.contents, self.assumptions) for n in (first, second))
        if pair[0] == pair[1]:
            raise ParameterError(
                say("{name} is named twice: give two that differ.", name=pair[0].name)
            )
        rows, columns = (_settings(driver, steps) for driver in pair)
        values = [
            [self.increment(measure, (pair[0], row), (pair[1], column)) for column in columns]
            for row in rows
        ]
        return TwoWay(
            measure=measure,
            score_threshold=self.score_threshold,
            first=pair[0],
            second=pair[1],
            first_settings=rows,
            second_settings=columns,
            values=np.array(values, dtype=np.float64),
        )

    def break_evens(self, measure: str = VALUE) -> tuple[BreakEven, ...]:
        """Return where the increment of a value becomes 0, each driver alone.

        Response, default probability, PD uplift, CCF, LGD and funding cost. The LGD is a level
        where it is assumed for all, and a factor where the portfolio brings it; either ends where
        every loss given default is 100 %, and a break-even beyond that is none.

        Raises
        ------
        ParameterError
            The measure cannot be moved.
        """
        check_measure(measure)
        assumptions = self.assumptions
        response, uplift = response_driver(assumptions), SCALES[UPLIFT]
        loss = assumption_driver("loss_given_default", assumptions), 0.0, 1.0
        if self.contents.has("loss_given_default"):
            loss = SEVERITY, 0.0, min(self._evaluator.full_severity(assumptions), MOST)
        found = (
            (response, 0.0, response.largest_scale(assumptions, MOST)),
            (PROBABILITY, 0.0, MOST),
            (uplift, 0.0, uplift.largest_scale(assumptions, MOST)),
            (assumption_driver("credit_conversion_factor", assumptions), 0.0, 1.0),
            loss,
            (assumption_driver("funding_rate", assumptions), 0.0, 1.0),
        )
        return tuple(self._break_even(measure, *search) for search in found)

    def _break_even(self, measure: str, driver: Driver, low: float, high: float) -> BreakEven:
        def value(setting: float) -> float:
            return self.increment(measure, (driver, float(setting))) or 0.0

        current = float(driver.current(self.assumptions))  # type: ignore[arg-type]
        roots = _roots(value, _places(driver, low, high, current))
        now = value(current)
        nearest = min(roots, key=lambda root: abs(root - current), default=None)
        return BreakEven(
            measure=measure,
            driver=driver,
            current=current,
            now=now,
            value=nearest,
            others=tuple(root for root in roots if root != nearest),
            low=low,
            high=high,
        )


def _shift(changes: dict[str, Setting]) -> Shift:
    """Return the multipliers moved; a setting of theirs is a factor."""
    return Shift(**changes) if changes else UNCHANGED  # type: ignore[arg-type]


def _settings(driver: Driver, steps: int) -> tuple[Setting, ...]:
    if driver.kind is Kind.CHOICE:
        return (driver.low, driver.high)
    found = (driver.between(step / (steps - 1)) for step in range(steps))
    return tuple(dict.fromkeys(found))


def _places(driver: Driver, low: float, high: float, current: float) -> list[float]:
    """Return where to look: even between bounds, or for factors around 1 in equal proportions."""
    if driver.is_factor and high > 2.0:
        upper = np.geomspace(1.0, high, _GRID // 2)
        even = np.concatenate([np.linspace(low, 1.0, _GRID // 2), upper])
    else:
        even = np.linspace(low, high, _GRID)
    return sorted({*even.tolist(), min(max(current, low), high)})


def _roots(value: Callable[[float], float], places: list[float]) -> list[float]:
    """Return where a function changes its sign, ascending."""
    values = [value(place) for place in places]
    if not any(values):
        return []
    found = []
    for index in range(len(places) - 1):
        left, right = values[index], values[index + 1]
        if left == 0.0:
            found.append(places[index])
        elif left * right < 0:
            found.append(float(brentq(value, places[index], places[index + 1], xtol=1e-14)))
    if values[-1] == 0.0:
        found.append(places[-1])
    return found
