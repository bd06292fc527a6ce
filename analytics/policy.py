"""A policy: who is raised, by how much, and how it is told apart from others."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from analytics.declared import parameters
from analytics.declared.choices import UnknownCells
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.currencies import currency
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import say
from analytics.declared.parameters import (
    Parameter,
    Unit,
    Value,
    basis_points,
    percent_number,
    percent_text,
)
from analytics.declared.policy_parameters import ABOUT, ELIGIBILITY, POLICY_PARAMETERS
from analytics.declared.scales import ScoreScale
from analytics.errors import ParameterError

MAX_TIERS = 1_000
MAX_DIGITS = 20
"""Characters of the score that a tier begins at."""
_KEPT = 256
"""Policies of which it is kept what matters to a pass over the accounts."""
_DEFAULTS: Mapping[str, Any] = {p.name: p.default for p in POLICY_PARAMETERS}
_RATE = parameters.find(POLICY_PARAMETERS, "raise_rate")
_THRESHOLD = parameters.find(POLICY_PARAMETERS, "score_threshold")


@dataclass(frozen=True, slots=True, order=True)
class Tier:
    """From this score on (up to the next tier), this raise."""

    score_from: int
    raise_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The chosen values of every lever; frozen, a change makes a new one.

    ``constraints`` are the risk appetite that the policy is held to, as text; it raises nobody and
    is read by :mod:`analytics.appetite`.
    ``tiers`` empty means the flat ``raise_rate``. With tiers, the first begins at
    ``score_threshold`` and ``raise_rate`` is the first tier's.

    Raises
    ------
    ParameterError
        Any value outside its bounds; every fault is named at once.
    """

    score_threshold: int = _DEFAULTS["score_threshold"]
    raise_rate: float = _DEFAULTS["raise_rate"]
    tiers: tuple[Tier, ...] = ()
    limit_cap: Decimal | None = _DEFAULTS["limit_cap"]
    affordability: bool = _DEFAULTS["affordability"]
    income_multiple: float | None = _DEFAULTS["income_multiple"]
    rounding_step: Decimal = _DEFAULTS["rounding_step"]
    min_increment: Decimal = _DEFAULTS["min_increment"]
    max_increment: Decimal | None = _DEFAULTS["max_increment"]
    closed: bool = _DEFAULTS["closed"]
    opted_out: bool = _DEFAULTS["opted_out"]
    in_hardship: bool = _DEFAULTS["in_hardship"]
    is_student: bool = _DEFAULTS["is_student"]
    past_due: bool = _DEFAULTS["past_due"]
    past_due_12m: int | None = _DEFAULTS["past_due_12m"]
    persistent_minimum_payer: int | None = _DEFAULTS["persistent_minimum_payer"]
    too_new: int | None = _DEFAULTS["too_new"]
    recent_limit_change: int | None = _DEFAULTS["recent_limit_change"]
    utilization_out_of_range: bool = _DEFAULTS["utilization_out_of_range"]
    utilization_min: float = _DEFAULTS["utilization_min"]
    utilization_max: float = _DEFAULTS["utilization_max"]
    unknown_cells: UnknownCells = _DEFAULTS["unknown_cells"]
    temporary_days: int | None = _DEFAULTS["temporary_days"]
    holdout_rate: float = _DEFAULTS["holdout_rate"]
    message_holdout_rate: float = _DEFAULTS["message_holdout_rate"]
    policy_seed: str = _DEFAULTS["policy_seed"]
    name: str = _DEFAULTS["name"]
    author: str = _DEFAULTS["author"]
    note: str = _DEFAULTS["note"]
    effective_date: dt.date | None = _DEFAULTS["effective_date"]
    constraints: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        found = parameters.faults(POLICY_PARAMETERS, self.values()) + self._joint_faults()
        if found:
            raise ParameterError(found)
        if self.tiers and self.raise_rate != self.tiers[0].raise_rate:
            object.__setattr__(self, "raise_rate", self.tiers[0].raise_rate)
        self._settle_numbers()

    def values(self) -> dict[str, Value]:
        """Return every parameter's value by name (tiers apart)."""
        return {p.name: getattr(self, p.name) for p in POLICY_PARAMETERS}

    def with_changes(self, **changes: Any) -> Policy:
        """Return the policy with these values in place of its own."""
        return dataclasses.replace(self, **changes)

    def at_threshold(self, score_threshold: int) -> Policy:
        """Return the policy with another threshold; tiers wholly below it are dropped."""
        if not self.tiers:
            return self.with_changes(score_threshold=score_threshold)
        kept = [tier for tier in self.tiers[1:] if tier.score_from > score_threshold]
        first = Tier(score_threshold, self.rate_at(score_threshold))
        return self.with_changes(score_threshold=score_threshold, tiers=(first, *kept))

    def rate_at(self, score: int) -> float:
        """Return the raise rate of a score; below the first tier, the first tier's."""
        rate = self.raise_rate
        for tier in self.tiers:
            if score >= tier.score_from:
                rate = tier.raise_rate
        return rate

    def for_sweep(self, *, every_threshold: bool = True) -> Policy:
        """Return what matters to a pass over all thresholds: the same for any threshold or name.

        Two policies that differ only in threshold (and in tiers below both) share one pass. Without
        ``every_threshold``, what matters to a pass over the thresholds from its own on.
        """
        return _swept(self, every_threshold=every_threshold)

    def for_eligibility(self) -> Policy:
        """Return what matters to who passes the rules: the same for any raise, cap or hold-out."""
        return _ruled(self)

    @property
    def needs_income(self) -> bool:
        """Whether a ceiling on incomes is on."""
        return self.affordability or self.income_multiple is not None

    @property
    def end_date(self) -> dt.date | None:
        """The day on which a temporary raise ends and the old limit holds again.

        None where the raise is permanent, or its first day is not known.
        """
        if self.temporary_days is None or self.effective_date is None:
            return None
        return self.effective_date + dt.timedelta(days=self.temporary_days)

    @property
    def is_beyond_evidence(self) -> bool:
        """Whether anybody's raise is larger than those that the response was studied on."""
        rates = [tier.raise_rate for tier in self.tiers] or [self.raise_rate]
        return basis_points(max(rates)) > basis_points(EVIDENCE_RAISE)

    def faults_on(self, scale: ScoreScale, code: str = "") -> list[str]:
        """Return what makes the policy unusable on a score scale, one sentence a fault.

        With a currency's ``code``, amounts are held against it as well: one without minor units
        has none to grant.
        """
        return [*self._faults_on_scale(scale), *(self._faults_in(code) if code else ())]

    def _faults_in(self, code: str) -> list[str]:
        amounts = {p.name: getattr(self, p.name) for p in POLICY_PARAMETERS if p.unit is Unit.MONEY}
        return [
            say(
                "{name} = {amount} has decimals, and {code} has no minor units: give a whole "
                "amount.",
                name=name,
                amount=f"{amount:,f}",
                code=code,
            )
            for name, amount in amounts.items()
            if currency(code).is_whole and amount is not None and amount % 1
        ]

    def _faults_on_scale(self, scale: ScoreScale) -> list[str]:
        scores = [self.score_threshold, *(tier.score_from for tier in self.tiers[1:])]
        return [
            say(
                "score_threshold = {score} is off the score scale: give a whole score from "
                "{lowest} to {highest}.",
                score=score,
                lowest=scale.lowest,
                highest=scale.highest,
            )
            for score in scores
            if not scale.lowest <= score <= scale.highest
        ]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over every value: equal policies, and only those, share it."""
        canonical = json.dumps([list(row) for row in self.rows()], ensure_ascii=True)
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()

    def rows(self) -> list[tuple[str, str, str]]:
        """Return (parameter, score_from, value) for each rule, in canonical text.

        ``score_from`` is empty except on the rows of tiers.
        """
        rows: list[tuple[str, str, str]] = []
        for parameter in POLICY_PARAMETERS:
            if parameter.name == "raise_rate" and self.tiers:
                rows.extend(
                    ("raise_rate", str(tier.score_from), _RATE.format(tier.raise_rate))
                    for tier in self.tiers
                )
            else:
                text = parameter.format(getattr(self, parameter.name))
                rows.append((parameter.name, "", text))
        rows.extend(("constraint", "", text) for text in self.constraints)
        return rows

    def _settle_numbers(self) -> None:
        """Hold rates and multiples as floats, 0 without a sign, so that equal ones read alike."""
        for parameter in POLICY_PARAMETERS:
            value = parameter.settled(getattr(self, parameter.name))
            object.__setattr__(self, parameter.name, value)
        tiers = tuple(Tier(t.score_from, float(t.raise_rate) + 0.0) for t in self.tiers)
        object.__setattr__(self, "tiers", tiers)
        object.__setattr__(self, "constraints", tuple(self.constraints))

    def _end_faults(self) -> list[str]:
        """Return that a temporary raise would end on no day of the calendar, if so."""
        first, days = self.effective_date, self.temporary_days
        if not isinstance(first, dt.date) or not isinstance(days, int):
            return []
        if (dt.date.max - first).days >= days:
            return []
        return [
            say(
                "effective_date = {first} with temporary_days = {days} ends after the last day of "
                "the calendar: give an earlier day.",
                first=first,
                days=days,
            )
        ]

    def _joint_faults(self) -> list[str]:
        found = []
        if self.utilization_min > self.utilization_max:
            found.append(
                say(
                    "utilization_min = {utilization_min} is above utilization_max = "
                    "{utilization_max}: give a range that is not empty.",
                    utilization_min=percent_text(self.utilization_min),
                    utilization_max=percent_text(self.utilization_max),
                )
            )
        if self.tiers and self.tiers[0].score_from != self.score_threshold:
            found.append(
                say(
                    "The first tier begins at {score_from} and the threshold is "
                    "{score_threshold}: let the first tier begin at the threshold.",
                    score_from=self.tiers[0].score_from,
                    score_threshold=self.score_threshold,
                )
            )
        found += self._end_faults()
        starts = [tier.score_from for tier in self.tiers]
        if starts != sorted(set(starts)):
            found.append(
                say("The tiers are not in ascending order of score: order them, each once.")
            )
        for tier in self.tiers:
            both = (_THRESHOLD.fault(tier.score_from), _RATE.fault(tier.raise_rate))
            found.extend(
                say("Tier from {score_from}: {fault}", score_from=tier.score_from, fault=fault)
                for fault in both
                if fault
            )
        return found


def default_policy(code: str, scale: ScoreScale) -> Policy:
    """Return the policy that an analyst starts from, for a currency and a score scale."""
    own = currency(code)
    return Policy(
        score_threshold=scale.default_threshold,
        limit_cap=own.limit_cap,
        rounding_step=own.round_amount,
        min_increment=own.round_amount,
    )


def minor_units(amount: Decimal) -> int:
    """Return an amount of money as whole minor units; it has at most two decimals."""
    return int(amount * MINOR_UNITS)


def raise_basis_points(policy: Policy) -> tuple[tuple[int, int], ...]:
    """Return (score_from, basis points) of each step of the raise, ascending."""
    if not policy.tiers:
        return ((0, basis_points(policy.raise_rate)),)
    return tuple((tier.score_from, basis_points(tier.raise_rate)) for tier in policy.tiers)


def set_values(policy: Policy, settings: Iterable[tuple[str, str]]) -> Policy:
    """Return the policy with (name, text) settings applied; every fault is named at once."""
    changes: dict[str, Any] = {}
    found: list[str] = []
    for name, text in settings:
        try:
            if name.strip().lower() == "tiers":
                changes["tiers"] = parse_tiers(text)
                continue
            parameter: Parameter = parameters.find(POLICY_PARAMETERS, name)
            changes[parameter.name] = parameter.parse(text)
        except ParameterError as error:
            found.extend(error.faults)
    if changes.get("tiers"):
        found.extend(_clashes(changes))
        changes["score_threshold"] = changes["tiers"][0].score_from
    try:
        changed = _changed(policy, changes)
    except ParameterError as error:
        raise ParameterError([*found, *error.faults]) from None
    if found:
        raise ParameterError(found)
    return changed


def setting_faults(name: str, text: str) -> list[str]:
    """Return what is wrong with one (name, text) setting by itself."""
    try:
        if name.strip().lower() == "tiers":
            parse_tiers(text)
            return []
        parameter = parameters.find(POLICY_PARAMETERS, name)
        fault = parameter.fault(parameter.parse(text))
    except ParameterError as error:
        return list(error.faults)
    return [fault] if fault else []


def _clashes(changes: Mapping[str, Any]) -> list[str]:
    """Return where a threshold or a raise given beside tiers would be overridden by them."""
    found = []
    start = changes["tiers"][0].score_from
    if changes.get("score_threshold", start) != start:
        found.append(
            say(
                "The first tier begins at {start} and the threshold given is "
                "{score_threshold}: let the first tier begin at the threshold, or leave out "
                "the threshold.",
                start=start,
                score_threshold=changes["score_threshold"],
            )
        )
    if "raise_rate" in changes:
        found.append(
            say(
                "Both a raise ({raise_rate}) and tiers are given: give the one or the other; "
                "each tier has a raise of its own.",
                raise_rate=_RATE.show(changes["raise_rate"]),
            )
        )
    return found


def _changed(policy: Policy, changes: dict[str, Any]) -> Policy:
    """Return the policy with changes; a flat raise ends tiers, a threshold alone moves them."""
    if policy.tiers and "tiers" not in changes:
        if "raise_rate" in changes:
            changes["tiers"] = ()
        elif "score_threshold" in changes:
            policy = policy.at_threshold(changes.pop("score_threshold"))
    return policy.with_changes(**changes)


def parse_tiers(text: str) -> tuple[Tier, ...]:
    """Return the tiers written as ``650=5%,700=10%,800=20%``; an empty text or none has none."""
    if text.strip().lower() in ("", *parameters.OFF_WORDS):
        return ()
    tiers = []
    pieces = text.split(",")
    if len(pieces) > MAX_TIERS:
        raise ParameterError(
            say(
                "tiers: {count:,} are given, more than the {most:,} that are taken: give one for "
                "each score from which the raise changes.",
                count=len(pieces),
                most=MAX_TIERS,
            )
        )
    for piece in pieces:
        start, sign, rate = piece.partition("=")
        if not sign or not start.strip().isdecimal() or len(start) > MAX_DIGITS:
            raise ParameterError(
                say(
                    "tiers: {piece!r} was not understood: write score=raise pairs, for "
                    "example 650=5%,700=10%,800=20%.",
                    piece=piece.strip(),
                )
            )
        value = _RATE.parse(rate)
        if not isinstance(value, float):
            raise ParameterError(
                say(
                    "tiers: {piece!r} has no raise: give {allowed}.",
                    piece=piece.strip(),
                    allowed=_RATE.allowed,
                )
            )
        tiers.append(Tier(int(start), value))
    return tuple(tiers)


def tiers_text(tiers: Iterable[Tier]) -> str:
    """Return tiers as :func:`parse_tiers` reads them; an empty text for none."""
    return ", ".join(f"{tier.score_from}={percent_number(tier.raise_rate)}%" for tier in tiers)


@functools.lru_cache(maxsize=_KEPT)
def _swept(policy: Policy, *, every_threshold: bool) -> Policy:
    unnamed = {
        p.name: p.default
        for p in POLICY_PARAMETERS
        if p.section == ABOUT or p.name == "message_holdout_rate"
    }
    swept = policy.with_changes(constraints=(), **unnamed)
    if not every_threshold:
        return swept
    tiers = (Tier(0, policy.tiers[0].raise_rate), *policy.tiers[1:]) if policy.tiers else ()
    return swept.with_changes(score_threshold=0, tiers=tiers)


@functools.lru_cache(maxsize=_KEPT)
def _ruled(policy: Policy) -> Policy:
    other = {
        p.name: p.default
        for p in POLICY_PARAMETERS
        if p.section != ELIGIBILITY and p.name != "affordability"
    }
    # Of the ceilings on incomes it matters whether there is one: who has none known is held.
    other["affordability"] = policy.needs_income
    return policy.with_changes(tiers=(), constraints=(), **other)
