"""What treatments, whitespace and smaller steps say, in one sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analytics.declared.choices import ConsentMode, SingleRule, Treatment
from analytics.declared.language import clauses, say, say_n
from analytics.declared.treatments import BY_TREATMENT, NeededColumn
from analytics.method.treatments import FLAG_COLUMNS
from analytics.results.smaller import SmallerStep
from analytics.results.treatments import TreatmentCounts
from analytics.results.whitespace import NearMisses, Whitespace
from analytics.shown import formats
from analytics.shown.customer_words import single_rule_title, treatment_title


def treatments_finding(found: TreatmentCounts) -> str:
    """Return how many get or are offered a raise, how many with guidance, how many are helped."""
    counts = {one.treatment: one.accounts for one in found.total.figures}
    guided = counts.get(Treatment.RAISE_WITH_GUIDANCE, 0)
    raised = counts.get(Treatment.RAISE, 0) + guided
    helped = _helped(found, counts.get(Treatment.SUPPORT, 0))
    if not raised:
        return say("Nobody is raised; {helped}", helped=helped)
    words = {"raised": formats.count(raised), "guided": formats.count(guided), "helped": helped}
    if found.assumptions.consent_mode is ConsentMode.OPT_IN:
        return say_n(
            "{raised} is offered the raise, {guided} of them with guidance; {helped}",
            "{raised} are offered the raise, {guided} of them with guidance; {helped}",
            raised,
            **words,
        )
    return say_n(
        "{raised} gets the raise, {guided} of them with guidance; {helped}",
        "{raised} get the raise, {guided} of them with guidance; {helped}",
        raised,
        **words,
    )


def _helped(found: TreatmentCounts, accounts: int) -> str:
    """Return how many are referred to help, as far as the portfolio says who needs it."""
    if not any(found.portfolio.has(column) for column in FLAG_COLUMNS):
        return say("who needs help is not known")
    if not accounts:
        return say("nobody is referred to help")
    return say_n("{count:,} is referred to help", "{count:,} are referred to help", accounts)


def treatment_notes(found: TreatmentCounts) -> tuple[str, ...]:
    """Return what has to be known of the figures: what is foregone, withheld and off."""
    notes = [
        say(
            "Foregone: what raises would bring if the rule or ceiling of each account's reason "
            "alone were off. Messages are withheld from {rate} of accounts at random, never help "
            "for customers in hardship or past due.",
            rate=formats.plain_percent(found.policy.message_holdout_rate),
        )
    ]
    if found.table.off:
        off = [row for row in BY_TREATMENT if row in found.table.off]
        notes.append(say("Switched off: {names}.", names=tuple(map(treatment_title, off))))
    return tuple(notes)


def missing_sentence(missing: Iterable[NeededColumn]) -> str:
    """Return what the portfolio lacks, and what is off without it; nothing where it lacks none."""
    columns = clauses(f"{needed.column}: {needed.off}" for needed in missing)
    return say("Not in the portfolio: {columns}.", columns=columns) if columns else ""


def whitespace_finding(found: Whitespace) -> str:
    """Return which rule alone keeps most value from the lender, of rules of enough accounts."""
    best = next((row for row in found.rows if row.rank == 1), None)
    if best is None:
        return say("No rule alone keeps many accounts from a raise")
    span = formats.span(found.assumptions.horizon_months, found.policy.temporary_days)
    return say(
        "“{rule}” alone keeps {accounts} from a raise, {npv} over {period}",
        rule=single_rule_title(best.rule),
        accounts=formats.count(best.reachable.accounts),
        npv=formats.change("npv", best.reachable.npv),
        period=span,
    )


def near_misses_sentence(near: NearMisses, threshold: int) -> str:
    """Return how many just below the threshold would be raised, and what that would bring."""
    if not near.reachable.accounts:
        return say(
            "Nobody within {points} points below {threshold} could be raised.",
            points=near.points,
            threshold=threshold,
        )
    return say_n(
        "{number} account within {points} points below {threshold} would be raised at the first "
        "rate: {npv}.",
        "{number} accounts within {points} points below {threshold} would be raised at the first "
        "rate: {npv}.",
        near.reachable.accounts,
        number=formats.count(near.reachable.accounts),
        points=near.points,
        threshold=threshold,
        npv=formats.change("npv", near.reachable.npv),
    )


def loosened_sentence(rule: SingleRule, levers: Sequence[str]) -> str:
    """Return that a rule was loosened, and for whom."""
    return say(
        "“{rule}” is off now, for every customer and not only for those that fail it alone: "
        "{levers}.",
        rule=single_rule_title(rule),
        levers=tuple(levers),
    )


def smaller_finding(steps: Sequence[SmallerStep]) -> str:
    """Return how many get a smaller step than was asked, and how much of it."""
    raised = sum(step.raised for step in steps)
    without = sum(step.without_room for step in steps)
    if not raised and not without:
        return say("No ceiling makes a raise smaller")
    if not raised:
        return say_n(
            "No room for a raise: {count:,} account gets none",
            "No room for a raise: {count:,} accounts get none",
            without,
        )
    step = say_n(
        "{count:,} gets a smaller step: {given} of {asked} asked",
        "{count:,} get a smaller step: {given} of {asked} asked",
        raised,
        given=formats.compact(sum(step.given for step in steps)),
        asked=formats.compact(sum(step.asked for step in steps)),
    )
    if not without:
        return step
    none = say_n("{count:,} has no room at all", "{count:,} have no room at all", without)
    return say("{step}; {none}", step=step, none=none)


__all__ = [
    "loosened_sentence",
    "missing_sentence",
    "near_misses_sentence",
    "smaller_finding",
    "treatment_notes",
    "treatments_finding",
    "whitespace_finding",
]
