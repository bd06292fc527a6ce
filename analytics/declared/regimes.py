"""Regulatory regimes: values that belong together, of the assumptions and of the policy.

A :class:`Pack` is what one rule book sets, each value with its own mark and source; a
:class:`Regime` is a small set of assumptions that is taken whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from analytics.declared.choices import CapitalApproach, Provisioning, RuleBook
from analytics.declared.language import marked, say
from analytics.declared.parameters import Mark

Setting = float | int | str | bool | None
"""A value of an assumption or a lever; None is off."""


@dataclass(frozen=True, slots=True)
class Regime:
    """What a rule book sets: values by the names of the assumptions, and where it says so."""

    english_title: str
    english_source: str
    values: Mapping[str, float | str] = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

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


@dataclass(frozen=True, slots=True)
class Ruled:
    """One value under a rule book: how it is supported, and by what.

    ``to_check`` marks what was not read at its source: it is no established fact, and is shown so.
    """

    name: str
    value: Setting
    mark: Mark
    english_source: str
    to_check: bool = False

    @property
    def source(self) -> str:
        """What supports the value, and that it has to be checked where it does."""
        said = say(self.english_source)
        return say("{source}; to be checked at source", source=said) if self.to_check else said


@dataclass(frozen=True, slots=True)
class Pack:
    """One rule book: the assumptions and the levers of a policy that it sets.

    Every pack sets the same names, so that nothing of one is left when another is chosen.
    """

    name: RuleBook
    english_title: str
    english_note: str
    assumptions: tuple[Ruled, ...]
    policy: tuple[Ruled, ...]

    @property
    def title(self) -> str:
        """What the rule book is called."""
        return say(self.english_title)

    @property
    def note(self) -> str:
        """What else is to be known of it."""
        return say(self.english_note)

    def __iter__(self) -> Iterator[Ruled]:
        """Iterate over every value, assumptions first."""
        return iter((*self.assumptions, *self.policy))


def _regime(english_title: str, english_source: str, **values: float | str) -> Regime:
    return Regime(english_title, english_source, values)


CONVERSION: tuple[Regime, ...] = (
    _regime(
        "20 %, of the order of China 2023, qualifying lines",
        "NFRA capital rules 2023: a regulatory factor, to be checked at source",
        credit_conversion_factor=0.20,
    ),
    _regime(
        "40 %, of the order of China 2023, other lines",
        "NFRA capital rules 2023: a regulatory factor, to be checked at source",
        credit_conversion_factor=0.40,
    ),
    _regime(
        "10 %, as Basel III for cancellable lines",
        "Standardised approach, unconditionally cancellable lines: a regulatory factor",
        credit_conversion_factor=0.10,
    ),
    _regime(
        "50 %, half of the unused line",
        "A cautious choice, as older rules had it",
        credit_conversion_factor=0.50,
    ),
)
"""How much of an unused line is drawn by the time of default: an assumption, near rules' factors.
"""

CAPITAL: tuple[Regime, ...] = (
    _regime(
        "Standardised",
        "CRE20: risk weight and regulatory conversion factor are those of the rule book",
        capital_approach=CapitalApproach.STANDARDISED,
        asset_correlation=0.04,
        pd_floor=0.0,
        lgd_floor=0.0,
    ),
    _regime(
        "IRB, revolving retail, with floors",
        "CRE31.15, CRE32.58: correlation 4 %, floors of 0.10 % and 50 %",
        capital_approach=CapitalApproach.IRB_QRRE,
        asset_correlation=0.04,
        pd_floor=0.001,
        lgd_floor=0.50,
    ),
    _regime(
        "IRB, other retail, with floors",
        "CRE31.16, CRE32.58: floors of 0.05 % and 30 %",
        capital_approach=CapitalApproach.IRB_OTHER_RETAIL,
        asset_correlation=0.04,
        pd_floor=0.0005,
        lgd_floor=0.30,
    ),
)
"""By which approach the capital is counted that the exposures need."""

_R, _P, _A = Mark.REGULATION, Mark.PRACTICE, Mark.ASSUMPTION
_STANDARDISED = (
    Ruled("capital_approach", CapitalApproach.STANDARDISED, _R, "CRE20, standardised approach"),
    Ruled("asset_correlation", 0.04, _R, "CRE31.15; for ranges, stress and IRB alone"),
    Ruled("pd_floor", 0.0, _R, "CRE32.58 sets one under IRB alone"),
    Ruled("lgd_floor", 0.0, _R, "CRE32.58 sets one under IRB alone"),
)
_RATES = (
    Ruled("minimum_payment_rate", 0.10, _A, "No rule sets it; as shipped"),
    Ruled("strain_income_share", 0.30, _A, "No rule sets it; as shipped"),
)
_NO_RULE = marked("No rule of this book is known; as shipped")


def _assumptions(weight: Ruled, conversion: Ruled, provisioning: Ruled) -> tuple[Ruled, ...]:
    first, *others = _STANDARDISED
    return (first, weight, conversion, *others, provisioning, *_RATES)


def _policy(*ruled: Ruled) -> tuple[Ruled, ...]:
    """Return the levers that packs set; those that a rule book is silent on are as shipped."""
    shipped = (
        Ruled("affordability", True, _A, _NO_RULE),
        Ruled("income_multiple", None, _A, _NO_RULE),
        Ruled("opted_out", True, _P, _NO_RULE),
        Ruled("in_hardship", True, _P, _NO_RULE),
        Ruled("is_student", True, _P, _NO_RULE),
        Ruled("persistent_minimum_payer", 3, _P, _NO_RULE),
    )
    own = {value.name: value for value in ruled}
    return tuple(own.get(value.name, value) for value in shipped)


def _weight(value: float, english_source: str, *, to_check: bool = False) -> Ruled:
    return Ruled("risk_weight", value, _R, english_source, to_check)


def _conversion(value: float, english_source: str, *, to_check: bool = False) -> Ruled:
    return Ruled("regulatory_conversion_factor", value, _R, english_source, to_check)


def _provisioning(
    value: Provisioning, english_source: str, mark: Mark = _R, *, to_check: bool = True
) -> Ruled:
    return Ruled("provisioning", value, mark, english_source, to_check)


PACKS: tuple[Pack, ...] = (
    Pack(
        RuleBook.BASEL_III,
        "Basel III, standardised",
        "The common ground of the others, and what is shipped.",
        _assumptions(
            _weight(0.75, "CRE20, regulatory retail"),
            _conversion(0.10, "Standardised approach, unconditionally cancellable lines"),
            _provisioning(
                Provisioning.IFRS9, "Basel sets none; IFRS 9 is most common", _A, to_check=False
            ),
        ),
        _policy(),
    ),
    Pack(
        RuleBook.CHINA_2023,
        "China, capital rules of 2023",
        "Caps in money (300,000 for consumer loans of banks on the internet) are the limit cap's.",
        _assumptions(
            _weight(0.75, "NFRA capital rules 2023, retail", to_check=True),
            _conversion(
                0.20, "NFRA capital rules 2023, unused card limit, qualifying", to_check=True
            ),
            _provisioning(Provisioning.IFRS9, "CAS 22, which follows IFRS 9"),
        ),
        _policy(
            Ruled("is_student", True, _R, "China, March 2021: lending to students"),
        ),
    ),
    Pack(
        RuleBook.EU_UK,
        "EU and UK",
        "Where a raise needs the customer's yes, choose opt-in as consent as well.",
        _assumptions(
            _weight(0.75, "PRA PS1/26, Art. 123, retail; EU: CRR 3", to_check=True),
            _conversion(
                0.10,
                "PRA PS1/26, Table A1, unconditionally cancellable; EU: CRR 3, in steps",
                to_check=True,
            ),
            _provisioning(Provisioning.IFRS9, "IFRS 9, 5.5.20: undrawn lines included"),
        ),
        _policy(
            Ruled("opted_out", True, _R, "FCA CONC 6.7.7R(1)"),
            Ruled("in_hardship", True, _R, "FCA CONC 6.7.7R(2)"),
            Ruled(
                "persistent_minimum_payer",
                3,
                _P,
                "After CONC 6.7.27R, persistent debt, which counts 18 months",
            ),
        ),
    ),
    Pack(
        RuleBook.US,
        "United States",
        "Of customers under 21, Reg Z asks for an ability to pay of their own.",
        _assumptions(
            _weight(1.00, "US Basel III, standardised, consumer credit", to_check=True),
            _conversion(0.0, "US Basel III, standardised, cancellable lines", to_check=True),
            _provisioning(Provisioning.CECL, "ASC 326-20-30-11: drawn only, over life"),
        ),
        _policy(
            Ruled(
                "affordability",
                True,
                _R,
                "Reg Z, 12 CFR 1026.51(a): the full proposed line is tested",
            ),
        ),
    ),
    Pack(
        RuleBook.TURKIYE,
        "Türkiye",
        "Four incomes is the sum over all banks there; one portfolio knows its own lines alone.",
        _assumptions(
            _weight(0.75, "BRSA capital rules, retail", to_check=True),
            _conversion(0.10, "BRSA capital rules, cancellable lines", to_check=True),
            _provisioning(Provisioning.IFRS9, "TFRS 9, which follows IFRS 9"),
        ),
        _policy(
            Ruled(
                "income_multiple",
                4.0,
                _R,
                "Limits of at most four monthly incomes, summed over all banks",
            ),
        ),
    ),
)
"""The rule books that can be chosen, in the order in which they are offered."""


def pack_of(name: str) -> Pack:
    """Return the pack of a rule book.

    Raises
    ------
    ParameterError
        There is no such rule book; the nearest is suggested.
    """
    wanted = RuleBook(name.strip().lower().replace("-", "_"))
    return next(pack for pack in PACKS if pack.name is wanted)
