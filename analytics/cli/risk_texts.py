"""What the commands on risk print: for people, and as JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analytics.assumptions import Assumptions
from analytics.cli.texts import amount, context, table
from analytics.declared.cases import Setting
from analytics.declared.choices import CapitalApproach
from analytics.declared.measures import BY_NAME, MeasureUnit
from analytics.export.record import (
    Json,
    Record,
    assumptions_record,
    policy_record,
    portfolio_record,
)
from analytics.method.guardrails import not_applied
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.sensitivity import BreakEven, Driver, Tornado, TwoWay
from analytics.results.stress import (
    CapitalSide,
    LossDistribution,
    LossSide,
    ScenarioOutcome,
    StressResult,
    StressSide,
)
from analytics.shown import formats, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Stressed:
    """A portfolio and a policy under scenarios, with loss distribution and capital."""

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    result: StressResult
    distribution: LossDistribution | None
    """None where no account can lose anything."""
    capital: tuple[CapitalSide, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A policy with what it hangs on."""

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    tornado: Tornado
    break_evens: tuple[BreakEven, ...]
    two_way: TwoWay | None


def input_record(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Record:
    """Return what a result stands on: portfolio, policy, assumptions, rules not applied."""
    missing: Record = {
        found.guardrail: found.sentence(portfolio.accounts)
        for found in not_applied(portfolio, policy)
    }
    return {
        "portfolio": portfolio_record(portfolio),
        "policy": policy_record(policy),
        "assumptions": assumptions_record(assumptions),
        "not_applied": missing,
    }


def stress_record(found: Stressed) -> Record:
    """Return scenarios, loss distribution and capital, for JSON."""
    distribution = found.distribution
    return {
        **input_record(found.portfolio, found.policy, found.assumptions),
        "scenarios": [_outcome_record(outcome) for outcome in found.result.outcomes],
        "loss_distribution": {
            "baseline": _loss_record(distribution.baseline),
            "proposed": _loss_record(distribution.proposed),
            "economic_capital_increment": distribution.more_capital,
        }
        if distribution
        else None,
        "capital": [
            {
                "approach": side.approach,
                "baseline": {"rwa": side.baseline_rwa, "capital": side.baseline_capital},
                "proposed": {"rwa": side.proposed_rwa, "capital": side.proposed_capital},
                "increment": {
                    "rwa": side.proposed_rwa - side.baseline_rwa,
                    "capital": side.increment,
                },
            }
            for side in found.capital
        ],
    }


def stress_text(found: Stressed) -> str:
    """Return scenarios, loss distribution and capital as text."""
    code = found.portfolio.currency
    header = ["Scenario", "Loss, baseline", "Proposed", "Increment", "Policy's share", "What it is"]
    rows = [
        [
            outcome.scenario.title,
            amount(outcome.baseline.expected_loss, code),
            amount(outcome.proposed.expected_loss, code),
            _signed(outcome.increment.expected_loss, code),
            formats.percent(outcome.policy_share),
            f"{outcome.scenario.words()} [{outcome.scenario.mark.value}]",
        ]
        for outcome in found.result.outcomes
    ]
    capital = [["Capital", "Baseline", "Proposed", "Increment"]]
    capital += [
        [
            _APPROACHES[side.approach],
            amount(side.baseline_capital, code),
            amount(side.proposed_capital, code),
            _signed(side.increment, code),
        ]
        for side in found.capital
    ]
    note = f"Money in {code}. Increment = proposed - baseline."
    return "\n\n".join(
        [
            context(found.portfolio, found.policy, found.assumptions),
            table([header, *rows], left=(0, 5)),
            _losses_text(found.distribution, code),
            table(capital),
            "\n".join([note, *_missing(found.portfolio, found.policy)]),
        ]
    )


def _losses_text(distribution: LossDistribution | None, code: str) -> str:
    if distribution is None:
        return "No account of the portfolio can lose anything: there is no loss distribution."
    losses = [["Loss in a year", "Baseline", "Proposed", "Increment"]]
    for title, name in _LOSSES:
        pair = getattr(distribution.baseline, name), getattr(distribution.proposed, name)
        losses.append([title, *(amount(v, code) for v in pair), _signed(pair[1] - pair[0], code)])
    return table(losses)


def sensitivity_record(found: Moved) -> Record:
    """Return break-evens, tornado and the two-way table, for JSON."""
    record = input_record(found.portfolio, found.policy, found.assumptions)
    record["measure"] = found.tornado.measure
    record["central"] = found.tornado.central
    record["break_even"] = [
        {
            **_driver_record(item.driver),
            "current": item.current,
            "pays": item.pays,
            "value": item.value,
            "others": list(item.others),
            "reason": words.break_even_reason(item),
            "searched": [item.low, item.high],
        }
        for item in found.break_evens
    ]
    record["tornado"] = [
        {
            **_driver_record(bar.driver),
            "low_case": _plain(bar.driver.low),
            "high_case": _plain(bar.driver.high),
            "at_low": bar.low,
            "at_high": bar.high,
            "swing": bar.swing,
        }
        for bar in found.tornado.bars
    ]
    if found.two_way:
        two = found.two_way
        record["two_way"] = {
            "first": {**_driver_record(two.first), "settings": _list(two.first_settings)},
            "second": {**_driver_record(two.second), "settings": _list(two.second_settings)},
            "values": [
                [None if math.isnan(value) else value for value in row]
                for row in two.values.tolist()
            ],
        }
    return record


def sensitivity_text(found: Moved) -> str:
    """Return break-evens, tornado and the two-way table as text."""
    code, measure = found.portfolio.currency, found.tornado.measure
    bars = [
        [
            bar.driver.title,
            bar.driver.show(bar.driver.low),
            bar.driver.show(bar.driver.high),
            _figure(measure, bar.low, code),
            _figure(measure, bar.high, code),
            f"[{bar.driver.mark.value}]",
        ]
        for bar in found.tornado.bars
    ]
    header = [f"Increment of {BY_NAME[measure].title.lower()}", "Low case", "High case"]
    paragraphs = [
        context(found.portfolio, found.policy, found.assumptions),
        "\n".join(
            ["Where the increment of net value becomes 0, each alone"]
            + [f"  {words.break_even_sentence(item)}" for item in found.break_evens]
        ),
        table([[*header, "At low", "At high", ""], *bars], left=(0, 5)),
        *([_two_way_text(found.two_way, code)] if found.two_way else []),
        "\n".join([f"Money in {code}, a year.", *_missing(found.portfolio, found.policy)]),
    ]
    return "\n\n".join(paragraphs)


def _two_way_text(two: TwoWay, code: str) -> str:
    header = [
        f"{two.first.title} (down), {two.second.title.lower()} (across)",
        *(two.second.show(setting) for setting in two.second_settings),
    ]
    rows = [
        [two.first.show(setting), *(_figure(two.measure, value, code) for value in values)]
        for setting, values in zip(two.first_settings, two.values.tolist(), strict=True)
    ]
    return table([header, *rows])


_LOSSES = (
    ("Expected", "expected"),
    ("1 in 20 years (95 %)", "bad_year"),
    ("1 in 1,000 years (99.9 %)", "worst_year"),
    ("Economic capital", "economic_capital"),
)
_APPROACHES = {
    CapitalApproach.STANDARDISED: "Standardised",
    CapitalApproach.IRB_QRRE: "IRB, qualifying revolving",
    CapitalApproach.IRB_OTHER_RETAIL: "IRB, other retail",
}


def _missing(portfolio: Portfolio, policy: Policy) -> list[str]:
    total = portfolio.accounts
    return [f"{found.sentence(total)}." for found in not_applied(portfolio, policy)]


def _signed(value: float, code: str) -> str:
    return formats.signed(amount(value, code), value)


def _figure(measure: str, value: float | None, code: str) -> str:
    if value is None or math.isnan(value):
        return formats.DASH
    unit = BY_NAME[measure].unit
    if unit is MeasureUnit.RATE:
        return formats.percentage_points(value)
    if unit is MeasureUnit.ACCOUNTS:
        return formats.signed(formats.count(value), value)
    return _signed(value, code)


def _outcome_record(outcome: ScenarioOutcome) -> Json:
    scenario = outcome.scenario
    return {
        "name": scenario.name,
        "title": scenario.title,
        "what": scenario.words(),
        "mark": scenario.mark.value,
        "source": scenario.source,
        "baseline": _side_record(outcome.baseline),
        "proposed": _side_record(outcome.proposed),
        "increment": _side_record(outcome.increment),
        "policy_share": outcome.policy_share,
        "policy_share_of_rise": outcome.policy_share_of_rise,
    }


def _side_record(side: StressSide) -> Json:
    return {
        "projected_defaults": side.projected_defaults,
        "expected_loss": side.expected_loss,
        "ead": side.ead,
        "loss_rate": side.loss_rate,
    }


def _loss_record(side: LossSide) -> Json:
    return {
        "expected_loss": side.expected,
        "loss_95": side.bad_year,
        "loss_99_9": side.worst_year,
        "economic_capital": side.economic_capital,
    }


def _driver_record(driver: Driver) -> dict[str, Json]:
    return {
        "name": driver.name,
        "title": driver.title,
        "kind": driver.kind.value,
        "mark": driver.mark.value,
        "source": driver.source,
    }


def _plain(setting: Setting) -> Json:
    return list(setting) if isinstance(setting, tuple) else setting


def _list(settings: tuple[Setting, ...]) -> list[Json]:
    return [_plain(setting) for setting in settings]
