"""Regulatory regimes: assumptions on conversion factors and capital that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from analytics.declared.language import say


@dataclass(frozen=True, slots=True)
class Regime:
    """What a rule book sets: values by the names of the assumptions, and where it says so."""

    english_title: str
    english_source: str
    values: Mapping[str, float | str] = field(hash=False)

    @property
    def title(self) -> str:
        """The rule book and what it sets, in short."""
        return say(self.english_title)

    @property
    def source(self) -> str:
        """Where the rule book says so."""
        return say(self.english_source)

    def holds(self, assumptions: object) -> bool:
        """Whether assumptions have all of the regime's values."""
        return all(getattr(assumptions, name) == value for name, value in self.values.items())


def _regime(english_title: str, english_source: str, **values: float | str) -> Regime:
    return Regime(english_title, english_source, MappingProxyType(values))


CONVERSION: tuple[Regime, ...] = (
    _regime(
        "China 2023, qualifying lines: 20 %",
        "NFRA capital rules 2023, unused card limit",
        credit_conversion_factor=0.20,
    ),
    _regime(
        "China 2023, other lines: 40 %",
        "NFRA capital rules 2023, unused card limit",
        credit_conversion_factor=0.40,
    ),
    _regime(
        "Basel III, cancellable: 10 %",
        "Standardised approach, unconditionally cancellable lines",
        credit_conversion_factor=0.10,
    ),
    _regime(
        "Half of the unused line: 50 %",
        "A cautious choice, as older rules had it",
        credit_conversion_factor=0.50,
    ),
)
"""How much of an unused line is drawn by the time of default."""

CAPITAL: tuple[Regime, ...] = (
    _regime(
        "Basel III, regulatory retail",
        "CRE20, standardised: 75 %, cancellable lines at 10 %",
        capital_approach="standardised",
        risk_weight=0.75,
        regulatory_conversion_factor=0.10,
    ),
    _regime(
        "Basel III, transactors",
        "CRE20, standardised: 45 %, cancellable lines at 10 %",
        capital_approach="standardised",
        risk_weight=0.45,
        regulatory_conversion_factor=0.10,
    ),
    _regime(
        "IRB, revolving retail, with floors",
        "CRE31.15, CRE32.58: correlation 4 %, floors of 0.10 % and 50 %",
        capital_approach="irb_qrre",
        asset_correlation=0.04,
        pd_floor=0.001,
        lgd_floor=0.50,
    ),
    _regime(
        "IRB, other retail, with floors",
        "CRE31.16, CRE32.58: floors of 0.05 % and 30 %",
        capital_approach="irb_other_retail",
        pd_floor=0.0005,
        lgd_floor=0.30,
    ),
)
"""How much capital the exposures need."""
