"""What names are called, and results in words: reasons, constraints, plans, break-evens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from analytics.appetite import Constraint, Kind
from analytics.declared.choices import (
    Binding,
    CapitalApproach,
    ConsentMode,
    Provisioning,
    Reason,
    ResponseForm,
    ResponsePreset,
    UnknownCells,
    UpliftDriver,
)
from analytics.declared.language import clauses, listed, marked, say, say_n, together
from analytics.declared.measures import BY_NAME
from analytics.declared.parameters import Mark
from analytics.declared.regimes import Pack
from analytics.method.guardrails import NotApplied
from analytics.policy import Policy, Tier
from analytics.regime import Standing
from analytics.results.fairness import GroupRaise
from analytics.results.optimum import Infeasible, Optimum, Plan, Relaxation
from analytics.results.optimum.robustness import Contender
from analytics.results.sensitivity import BreakEven
from analytics.results.sensitivity.drivers import SEVERITY
from analytics.results.stress import Scenario
from analytics.results.surface import Point
from analytics.results.verdicts import State, Verdict
from analytics.shown import formats

CHOICE_TITLES: Mapping[str, str] = {
    ResponsePreset.LOW: marked("low"),
    ResponsePreset.CENTRAL: marked("central"),
    ResponsePreset.HIGH: marked("high"),
    "own": marked("own"),
    ResponseForm.LOG: marked("log"),
    ResponseForm.LINEAR: marked("linear"),
    ConsentMode.AUTOMATIC: marked("automatic"),
    ConsentMode.OPT_IN: marked("opt-in"),
    UnknownCells.HOLD: marked("hold"),
    UnknownCells.PASS: marked("pass"),
    UpliftDriver.DEBT: marked("debt"),
    UpliftDriver.LIMIT: marked("limit"),
    CapitalApproach.STANDARDISED: marked("standardised"),
    CapitalApproach.IRB_QRRE: marked("irb qrre"),
    CapitalApproach.IRB_OTHER_RETAIL: marked("irb other retail"),
    Provisioning.NONE: marked("none"),
    Provisioning.IFRS9: marked("ifrs9"),
    Provisioning.CECL: marked("cecl"),
}
"""Choices as they stand in sentences, on levers and at lines of charts."""
MARK_TITLES: Mapping[Mark, str] = {
    Mark.EVIDENCE: marked("evidence"),
    Mark.REGULATION: marked("regulation"),
    Mark.PRACTICE: marked("common practice"),
    Mark.ASSUMPTION: marked("assumption"),
}
"""How well a value is supported."""

REASON_TITLES: Mapping[str, str] = {
    Reason.SCORE_BELOW_THRESHOLD: marked("Score below threshold"),
    Reason.CLOSED: marked("Closed"),
    Reason.OPTED_OUT: marked("Opted out"),
    Reason.IN_HARDSHIP: marked("In hardship"),
    Reason.IS_STUDENT: marked("Student"),
    Reason.PAST_DUE: marked("Past due now"),
    Reason.PAST_DUE_12M: marked("Past due in 12 months"),
    Reason.PERSISTENT_MINIMUM_PAYER: marked("Persistent minimum payer"),
    Reason.TOO_NEW: marked("Too new"),
    Reason.RECENT_LIMIT_CHANGE: marked("Limit changed recently"),
    Reason.UTILIZATION_OUT_OF_RANGE: marked("Utilization out of range"),
    Reason.UNKNOWN_DATA: marked("Needed data unknown"),
    Reason.AT_LIMIT_CAP: marked("No room: limit cap"),
    Reason.AT_INCOME_MULTIPLE: marked("No room: income multiple"),
    Reason.UNAFFORDABLE: marked("No room: affordability"),
    Reason.RAISE_TOO_SMALL: marked("Raise too small"),
    Reason.HELD_OUT: marked("Held out"),
    Reason.RAISED: marked("Raised"),
}
"""Why an account is raised or not, in the order of the rules."""

BINDING_TITLES: Mapping[str, str] = {
    Binding.RAISE_RATE: marked("Raise"),
    Binding.MAX_INCREMENT: marked("Largest raise"),
    Binding.LIMIT_CAP: marked("Limit cap"),
    Binding.INCOME_MULTIPLE: marked("Income multiple"),
    Binding.AFFORDABILITY: marked("Affordability"),
}
"""What set a new limit."""

LOSSES = ("loss_given_default", SEVERITY.name)
"""Drivers that are losses given default: as a level, and as a factor on each account's own."""

STEP_TITLES: Mapping[str, str] = {
    "interest": marked("Interest on new balance"),
    "funding": marked("Funding"),
    "operating": marked("Operating cost"),
    "margin": marked("Margin"),
    "retained": marked("Retained customers"),
    "loss_new_exposure": marked("Loss: new exposure"),
    "loss_old_balance": marked("Loss: old balance"),
    "loss_cross": marked("Loss: cross"),
    "capital_charge": marked("Capital charge"),
    "action_cost": marked("Cost of raising"),
    "net_value": marked("Net value, run rate"),
}
"""Steps of the business case."""

APPROACH_TITLES: Mapping[str, str] = {
    CapitalApproach.STANDARDISED: marked("Standardised"),
    CapitalApproach.IRB_QRRE: marked("IRB, qualifying revolving"),
    CapitalApproach.IRB_OTHER_RETAIL: marked("IRB, other retail"),
}
"""Approaches to capital."""

PROVISIONING_TITLES: Mapping[str, str] = {
    Provisioning.NONE: marked("no provisions"),
    Provisioning.IFRS9: marked("IFRS 9, stage 1"),
    Provisioning.CECL: marked("CECL, over the life"),
}
"""Rules by which losses are provided for."""

LOSS_TITLES: Mapping[str, str] = {
    "expected": marked("Expected"),
    "bad_year": marked("1 in 20 years (95 %)"),
    "worst_year": marked("1 in 1,000 years (99.9 %)"),
    "economic_capital": marked("Economic capital"),
}
"""What is read off the distribution of a year's loss."""


def mark_title(mark: Mark) -> str:
    """Return how well a value is supported, in a word or two."""
    return say(MARK_TITLES[mark])


def marks_legend() -> str:
    """Return what the letters of the marks stand for, in one line."""
    return say("[E] evidence · [R] regulation · [P] practice · [A] assumption of ours")


def reason_title(reason: str) -> str:
    """Return why an account is raised or not, as a title."""
    return say(REASON_TITLES[reason])


def binding_title(binding: str) -> str:
    """Return what set a new limit, as a title."""
    return say(BINDING_TITLES[binding])


def bindings_words(binding: Mapping[str, int]) -> str:
    """Return what set how many new limits: raise 3,000, limit cap 200; nothing where none is."""
    return listed(
        f"{binding_title(name).lower()} {formats.count(count)}"
        for name, count in binding.items()
        if count
    )


def step_title(step: str) -> str:
    """Return the title of a step of the business case."""
    return say(STEP_TITLES[step])


def approach_title(approach: str) -> str:
    """Return the title of an approach to capital."""
    return say(APPROACH_TITLES[approach])


def provisioning_title(provisioning: str) -> str:
    """Return by which rules losses are provided for."""
    return say(PROVISIONING_TITLES[provisioning])


def loss_title(loss: str) -> str:
    """Return the title of what is read off the distribution of losses."""
    return say(LOSS_TITLES[loss])


def not_applied_sentence(found: NotApplied, total: int) -> str:
    """Return that a rule is not applied, to how many of all accounts, and why."""
    name = found.guardrail
    title = reason_title(name) if name in REASON_TITLES else binding_title(name)
    if found.absent:
        return say(
            "{title}: not applied, the portfolio has no column {column}",
            title=title,
            column=found.column,
        )
    if found.accounts == total:
        return say(
            "{title}: not applied, {column} is unknown for every account",
            title=title,
            column=found.column,
        )
    return say_n(
        "{title}: not applied to {count:,} account whose {column} is unknown",
        "{title}: not applied to {count:,} accounts whose {column} is unknown",
        found.accounts,
        title=title,
        column=found.column,
    )


def regime_sentences(pack: Pack, moved: Iterable[Standing]) -> list[str]:
    """Return what a rule book moves, one sentence a value: before, after, and by what."""
    return [
        say(
            "{book}: {title} {before} {arrow} {after} [{mark}] {source}",
            book=pack.title,
            title=one.declared.title,
            before=one.before_text,
            arrow=formats.ARROW,
            after=one.after_text,
            mark=one.ruled.mark.value,
            source=one.ruled.source,
        )
        for one in moved
    ]


def raise_words(policy: Policy) -> str:
    """Return whom a policy raises by how much: raise 20 % from score 800."""
    if not policy.tiers:
        return say(
            "raise {rate} from score {score}",
            rate=formats.stated(policy.raise_rate),
            score=policy.score_threshold,
        )
    return say("raise {steps}", steps=steps_words(policy.tiers))


def steps_words(tiers: Iterable[Tier]) -> str:
    """Return tiers in words: 5 % from 650, 20 % from 800; nothing without any."""
    return listed(
        say("{rate} from {score}", rate=formats.stated(tier.raise_rate), score=tier.score_from)
        for tier in tiers
    )


def scenario_title(scenario: Scenario) -> str:
    """Return the title of a scenario; a user's own as it was given."""
    return say(scenario.title)


def scenario_source(scenario: Scenario) -> str:
    """Return where a scenario comes from; a user's own as it was given."""
    return say(scenario.source)


def scenario_words(scenario: Scenario) -> str:
    """Return what a scenario does, in words."""
    said = []
    if scenario.years is not None:
        said.append(say("the worst year in {years:,g}", years=scenario.years))
    if scenario.factor is not None:
        said.append(say("factor z = {factor:g}", factor=scenario.factor))
    if scenario.odds_multiplier != 1:
        said.append(say("odds of default x {times:g}", times=scenario.odds_multiplier))
    if scenario.lgd_add:
        said.append(
            say("loss given default {points}", points=formats.stated_points(scenario.lgd_add))
        )
    if scenario.drawdown:
        said.append(
            say("{share} more of the unused line drawn", share=formats.stated(scenario.drawdown))
        )
    return listed(said) or say("nothing stressed")


def constraint_words(constraint: Constraint) -> str:
    """Return a constraint in words: Exposure (EAD), increment: at most 5 % of baseline."""
    title, bound = (
        BY_NAME[constraint.measure].title,
        constraint_figure(constraint, constraint.bound),
    )
    what = {
        Kind.LEVEL: title,
        Kind.INCREMENT: say("{measure}, increment", measure=title),
        Kind.RELATIVE: say("{measure}, increment as a share of baseline", measure=title),
    }[constraint.kind]
    if constraint.is_upper:
        return say("{what}: at most {bound}", what=what, bound=bound)
    return say("{what}: at least {bound}", what=what, bound=bound)


def constraint_figure(constraint: Constraint, value: float) -> str:
    """Return a figure that a constraint bounds as a person reads it."""
    if constraint.is_rate:
        return formats.percent(value)
    return formats.measure(constraint.measure, value)


def verdict_sentence(verdict: Verdict) -> str:
    """Return how a policy stands to a constraint, in words."""
    constraint, words = verdict.constraint, constraint_words(verdict.constraint)
    if verdict.state is State.UNKNOWN and BY_NAME[constraint.measure].column is None:
        return say("{constraint}: not applied, a temporary raise has none", constraint=words)
    if verdict.state is State.UNKNOWN:
        return say(
            "{constraint}: not applied, the portfolio has no monthly_income", constraint=words
        )
    if verdict.figure is None and verdict.state is State.BROKEN:
        return say("{constraint}: broken, the policy never pays back", constraint=words)
    if verdict.figure is None:
        return say("{constraint}: met, there is nothing to measure", constraint=words)
    figure = constraint_figure(constraint, verdict.figure)
    if verdict.state is State.MET:
        return say("{constraint}: met, {figure}", constraint=words, figure=figure)
    return say(
        "{constraint}: broken by {excess}, {figure}",
        constraint=words,
        excess=constraint_figure(constraint, verdict.excess),
        figure=figure,
    )


def plan_words(plan: Plan) -> str:
    """Return a plan in words: 5 % from 650, 20 % from 800."""
    if not plan.by:
        return clauses(steps_words(tiers) or say("nobody is raised") for _, tiers in plan.tiers)
    return clauses(
        say("{group}: {steps}", group=group, steps=steps_words(tiers) or say("none"))
        for group, tiers in plan.tiers
    )


def optimum_sentence(found: Optimum | Infeasible) -> str:
    """Return the best plan in one sentence, or why there is none and the least that helps."""
    if isinstance(found, Infeasible):
        if not found.helpful:
            return say("No policy keeps to all constraints, and loosening one alone does not help.")
        ways = say("; or ").join(_relaxation_words(relaxation) for relaxation in found.helpful)
        return say("No policy keeps to all constraints. {ways}.", ways=ways)
    title = BY_NAME[found.maximise].title.lower()
    if not found.point.increment.raised:
        return say(
            "Nothing beats raising nobody for the {measure} within these constraints.",
            measure=title,
        )
    return say(
        "Best {measure}: {value}, with {plan}.",
        measure=title,
        value=formats.measure(found.maximise, found.value),
        plan=plan_words(found.plan),
    )


def harm_words(point: Point) -> str:
    """Return what a policy costs in loss and in customers, beside what it brings."""
    more = point.increment
    loss = formats.change("expected_loss", more.expected_loss)
    if more.strained is None:
        return say("expected loss {loss}; strained not known", loss=loss)
    return say(
        "expected loss {loss}; newly strained {strained}; thin cover {cover}",
        loss=loss,
        strained=formats.count(more.strained),
        cover=formats.change("thin_cover", more.thin_cover),
    )


def _relaxation_words(relaxation: Relaxation) -> str:
    """Return what would help, in words that can be typed in."""
    return say(
        "{constraint}: {eased} would do",
        constraint=constraint_words(relaxation.constraint),
        eased=relaxation.eased,
    )


def choice_title(name: str) -> str:
    """Return a choice as it is shown; one that only files hold, by its name."""
    return say(CHOICE_TITLES[name]) if name in CHOICE_TITLES else str(name)


def contender_words(contender: Contender) -> str:
    """Return under which response presets a plan is the best."""
    if isinstance(contender.found, Infeasible):
        return say(
            "no policy keeps to the appetite under {preset}", preset=choice_title(contender.preset)
        )
    wins = [entry.preset for entry in contender.elsewhere if entry.wins]
    if len(wins) == len(contender.elsewhere):
        return say("best under every preset")
    if wins == [contender.preset]:
        return say("best under {preset} only", preset=choice_title(contender.preset))
    return say("best under {presets}", presets=together(map(choice_title, wins)))


def low_words(group: GroupRaise) -> str:
    """Return a group that is under four fifths of the highest, and in what: North (mean raise)."""
    low = []
    if group.approval_is_low:
        low.append(say("share raised"))
    if group.raise_is_low:
        low.append(say("mean raise"))
    return say("{group} ({behind})", group=group.label, behind=tuple(low))


def break_even_sentence(found: BreakEven) -> str:
    """Return a break-even in words."""
    title, current = found.driver.title, found.driver.show(found.current)
    if found.value is None:
        return say("{driver}: {reason}", driver=title, reason=break_even_reason(found))
    value = found.driver.show(found.value)
    if found.pays:
        return say(
            "{driver}: the policy stops paying at {value} (now {current})",
            driver=title,
            value=value,
            current=current,
        )
    return say(
        "{driver}: the policy starts paying at {value} (now {current})",
        driver=title,
        value=value,
        current=current,
    )


def _whole_loss_words(*, pays: bool, now: str) -> str:
    """Return that no loss given default turns the sign: none is above 100 %."""
    if pays:
        return say("the policy pays up to a loss given default of 100 % ({now} now)", now=now)
    return say("the policy does not pay even at a loss given default of 0 % ({now} now)", now=now)


def break_even_reason(found: BreakEven) -> str:
    """Return why there is no break-even; nothing where there is one."""
    if found.value is not None:
        return ""
    if found.now == 0.0:
        return say("nothing is gained or lost: nobody is raised")
    now = formats.compact(found.now)
    if found.driver.name in LOSSES:
        return _whole_loss_words(pays=found.pays, now=now)
    low, high = found.driver.show(found.low), found.driver.show(found.high)
    if found.pays:
        return say(
            "the policy pays at every value from {low} to {high} ({now} now)",
            low=low,
            high=high,
            now=now,
        )
    return say(
        "the policy does not pay at every value from {low} to {high} ({now} now)",
        low=low,
        high=high,
        now=now,
    )
