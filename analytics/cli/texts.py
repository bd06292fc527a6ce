"""What the commands print for people: plain aligned text, every figure with its unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from analytics.assumptions import Assumptions
from analytics.cli import value_texts
from analytics.cli.tables import table
from analytics.cli.temporary_texts import end_text
from analytics.declared.choices import LossPart
from analytics.declared.currencies import currency
from analytics.declared.language import calendar_day, full_sentence, listed, say, say_n
from analytics.declared.measures import MEASURES, Measure, MeasureUnit
from analytics.declared.method_version import METHOD_VERSION
from analytics.declared.parameters import find
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.export import Exported
from analytics.export.record import Json, Record
from analytics.export.verify import Verified
from analytics.ingest import LoadReport
from analytics.ingest.report import DATABASE, RejectReason, reason_words
from analytics.method.guardrails import NotApplied
from analytics.method.measures import Measures
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.ranges import Ranges
from analytics.results.simulation import Group, Simulation
from analytics.shown import formats, words
from analytics.shown.verdict import evidence_sentence

GROUP_MEASURES = ("limit", "ead", "projected_defaults", "expected_loss", "npv")
SHOWN_LEVERS = (
    ("limit_cap", "affordability", "income_multiple", "rounding_step", "min_increment"),
    ("max_increment", "unknown_cells", "temporary_days", "holdout_rate"),
)
"""Levers that stand above a result, beside the raise itself: line by line."""


def simulation(
    result: Simulation,
    by: str | None,
    groups: Sequence[Group],
    *,
    under: Mapping[str, Group],
    ranges: Ranges,
    months: bool = False,
) -> str:
    """Return a simulation as text: context, value, measures, reasons, not applied, groups.

    Parameters
    ----------
    under : mapping of str to Group
        The whole portfolio under each response preset.
    ranges : Ranges
        What chance makes of defaults, loss and value.
    months : bool
        Show the flows of every month as well.
    """
    code = result.portfolio.currency
    paragraphs = [
        context(result.portfolio, result.policy, result.assumptions),
        value_texts.value(result, under),
        value_texts.chance(result, ranges),
        end_text(result),
        _measures(result, code),
        _raise(result.total, code),
        _reasons(result.total, code),
        _not_applied(result),
    ]
    if months:
        paragraphs.append(value_texts.months(result))
    if by:
        paragraphs.append(_groups(by, groups, code))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def context(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> str:
    """Return what a result stands on, as text: portfolio, policy and assumptions."""
    changed = assumptions.changed_from(Assumptions.for_scale(portfolio.scale))
    parts = [
        portfolio.name,
        *([say("as of {date}", date=calendar_day(portfolio.as_of))] if portfolio.as_of else []),
        portfolio.rows_used,
        portfolio.currency,
        say("scores {scale}", scale=portfolio.scale),
        say("data {fingerprint}", fingerprint=portfolio.fingerprint[:8]),
        say("method {version}", version=METHOD_VERSION),
    ]
    lines = [
        " · ".join(parts),
        say(
            'Policy "{name}" ({fingerprint}): {raised}',
            name=policy.name,
            fingerprint=policy.fingerprint[:8],
            raised=words.raise_words(policy),
        ),
        *(f"  {_lever_words(policy, line)}" for line in SHOWN_LEVERS),
        say(
            "Assumptions ({fingerprint}): {preset} response, {form} form, {consent} consent",
            fingerprint=assumptions.fingerprint[:8],
            preset=assumptions.response_name,
            form=assumptions.response_form,
            consent=assumptions.consent_mode.replace("_", "-"),
        ),
    ]
    if changed:
        lines.append("  " + say("changed: {names}", names=tuple(changed)))
    lines += [evidence_sentence(policy)] if policy.is_beyond_evidence else []
    return "\n".join(lines)


def _lever_words(policy: Policy, names: Iterable[str]) -> str:
    shown = (find(POLICY_PARAMETERS, name) for name in names)
    return " · ".join(
        f"{lever.title.lower()} {lever.show(getattr(policy, lever.name))}" for lever in shown
    )


def _measures(result: Simulation, code: str) -> str:
    group = result.total
    header = ["", say("Baseline"), say("Proposed"), say("Increment"), ""]
    rows = [
        [
            measure.title,
            formats.measure(measure.name, _value(group.baseline, measure), full_in=code),
            formats.measure(measure.name, _value(group.proposed, measure), full_in=code),
            formats.change(measure.name, _value(group.increment, measure), full_in=code),
            _relative(measure, group),
        ]
        for measure in MEASURES
        if measure.name != "accounts" and not measure.of_increment
    ]
    note = say(
        "Increment = proposed - baseline, also relative to the baseline; {dash} is undefined.",
        dash=formats.DASH,
    )
    apart = " " if result.policy.temporary_days is None else "\n"
    return f"{table([header, *rows])}\n{_money_words(result, code)}{apart}{note}"


def _money_words(result: Simulation, code: str) -> str:
    """Return what the amounts of the measures are in, and over which time their flows are."""
    days = result.policy.temporary_days
    if days is None:
        return say("Money in {currency}, a year as of month 12.", currency=code)
    return say(
        "Money in {currency}: flows of the baseline over a year, increments of flows over {days} "
        "days, all else as of day {days}.",
        currency=code,
        days=days,
    )


def _value(side: Measures | None, measure: Measure) -> float | None:
    return side.get(measure.name) if side else None


def _relative(measure: Measure, group: Group) -> str:
    if measure.unit is MeasureUnit.RATE:
        return ""
    before = _value(group.baseline, measure)
    return formats.relative(_value(group.increment, measure), before) if before else ""


def _raise(group: Group, code: str) -> str:
    price = group.increment.loss_per_new_exposure if group.increment else None
    parts = group.expected_loss_parts
    rows = [
        [say("Headline raise"), formats.amount(group.headline_raise, code)],
        [say("Effective raise"), formats.amount(group.effective_raise, code)],
        [say("Expected takers"), formats.exact(group.expected_takers, 0)],
        [say("Loss per new exposure"), formats.percent(price, 4)],
        [say("Expected loss: new exposure"), formats.amount(parts[LossPart.NEW_EXPOSURE], code)],
        [say("Expected loss: old balance"), formats.amount(parts[LossPart.OLD_BALANCE], code)],
        [say("Expected loss: cross"), formats.amount(parts[LossPart.CROSS], code)],
    ]
    bound = words.bindings_words(group.binding) or say("nothing, nobody is raised")
    return f"{table(rows)}\n{say('New limits set by: {bindings}', bindings=bound)}"


def _reasons(group: Group, code: str) -> str:
    header = [say("Why raised or not"), say("Accounts"), say("Limit, {currency}", currency=code)]
    rows = [
        [words.reason_title(reason), formats.count(accounts), formats.amount(limit, code)]
        for reason, (accounts, limit) in group.reasons.items()
    ]
    return table([header, *rows])


def _not_applied(result: Simulation) -> str:
    if not result.not_applied:
        return say("Every rule of the policy was applied to all accounts.")
    sentences = not_applied_lines(result.not_applied, result.portfolio)
    return "\n".join((say("Not applied"), *(f"  {sentence}" for sentence in sentences)))


def not_applied_lines(missing: Iterable[NotApplied], portfolio: Portfolio) -> list[str]:
    """Return one sentence for each rule that is not applied."""
    return [
        full_sentence(words.not_applied_sentence(found, portfolio.accounts)) for found in missing
    ]


def _groups(by: str, groups: Sequence[Group], code: str) -> str:
    chosen = [measure for measure in MEASURES if measure.name in GROUP_MEASURES]
    header = [
        say("By {segment}, increments", segment=by),
        say("Accounts"),
        say("Raised"),
        *(measure.title for measure in chosen),
    ]
    rows = []
    for group in groups:
        accounts = group.baseline.accounts if group.baseline else 0
        changes = [
            formats.change(measure.name, _value(group.increment, measure), full_in=code)
            for measure in chosen
        ]
        rows.append([group.label, formats.count(accounts), formats.count(group.raised), *changes])
    return table([header, *rows])


def load_report(report: LoadReport) -> str:
    """Return a load report as text: what was read, rejected, missing, and what follows."""
    code = report.currency
    parts = [
        say("{name}: {sentence}", name=report.name, sentence=report.sentence),
        code,
        say("scores {scale}", scale=report.scale),
        say("data {fingerprint}", fingerprint=report.fingerprint[:8]),
    ]
    lines = [
        " · ".join(parts),
        say(
            "Credit limit {limit} {currency}, balance {balance} {currency}",
            limit=_total(report.total_limit, code),
            balance=_total(report.total_balance, code),
            currency=code,
        ),
    ]
    if report.rejected:
        lines += _rejected(report)
    lines += _listed(say("Columns"), report.columns) + _listed(say("Segments"), report.segments)
    lines += _listed(say("Left aside"), report.ignored)
    lines += _listed(
        say("Unknown cells"),
        (f"{name} {formats.count(count)}" for name, count in report.blanks.items()),
    )
    lines += _listed(
        say("Computed"),
        (say("{name} from {how}", name=name, how=how) for name, how in report.derived.items()),
    )
    lines += [_lacks(report)] if report.switched_off else []
    lines += [f"  {sentence}" for sentence in report.switched_off]
    return "\n".join((*lines, *report.warnings))


def _lacks(report: LoadReport) -> str:
    """Return the title of what a file or a table does not have."""
    return say("Not in the table") if report.format == DATABASE else say("Not in the file")


def _total(amount: Decimal, code: str) -> str:
    """Return a sum of money in full; of a currency without minor units, whole where it is so."""
    whole = currency(code).is_whole and not amount % 1
    return formats.exact(float(amount), 0 if whole else 2)


def _rejected(report: LoadReport) -> list[str]:
    """Return how many rows were rejected, and for each reason where the first of them are."""
    lines = [
        say_n(
            "Rejected: {count:,} row, of a limit of {limit} {currency} as far as it can be read",
            "Rejected: {count:,} rows, of a limit of {limit} {currency} as far as it can be read",
            report.rejected,
            limit=_total(report.rejected_limit, report.currency),
            currency=report.currency,
        )
    ]
    lines += [f"  {_rejected_for(name, reason)}" for name, reason in report.reasons.items()]
    return lines


def _rejected_for(name: str, reason: RejectReason) -> str:
    """Return how many rows a reason rejected; rows of a table have no lines to name."""
    why = reason_words(name)
    if not reason.examples:
        return say_n("{why}: {count:,} row", "{why}: {count:,} rows", reason.rows, why=why)
    places = listed(
        say("line {line} ({column})", line=line, column=column)
        if column
        else say("line {line}", line=line)
        for line, column in reason.examples
    )
    return say_n(
        "{why}: {count:,} row, for example {places}",
        "{why}: {count:,} rows, for example {places}",
        reason.rows,
        why=why,
        places=places,
    )


def _listed(title: str, items: Iterable[str]) -> list[str]:
    names = tuple(items)
    return [say("{title}: {items}", title=title, items=names)] if names else []


def export_report(result: Simulation, exported: Exported) -> str:
    """Return what an export wrote, as text."""
    rows = [
        [
            facts.name,
            say_n("{count:,} row", "{count:,} rows", facts.rows),
            say("{size:,} bytes", size=facts.bytes),
            facts.sha256[:12],
        ]
        for facts in exported.files
    ]
    manifest = exported.manifest
    size = say("{size:,} bytes", size=manifest.bytes)
    rows.append(["manifest.json", "", size, manifest.sha256[:12]])
    raised = say(
        "{accounts:,} raised by {amount} {currency}",
        accounts=result.total.raised,
        amount=formats.amount(result.total.effective_raise, result.portfolio.currency),
        currency=result.portfolio.currency,
    )
    lines = [
        f"{result.portfolio.rows_used}; {raised}",
        say("Written to {place}:", place=exported.place),
        table(rows, left=(0, 3)),
    ]
    lines += [evidence_sentence(result.policy)] if result.policy.is_beyond_evidence else []
    lines += [_not_applied(result)] if result.not_applied else []
    return "\n".join(lines)


def verified(place: Path, found: Verified) -> str:
    """Return that an export is whole, and of an earlier version of the method which it is."""
    whole = say("{place} is whole: every file is what its manifest says.", place=place)
    if found.method_version == METHOD_VERSION:
        return whole
    earlier = say(
        "It is an export of version {version} of the method; this Headroom follows version "
        "{current}.",
        version=found.method_version,
        current=METHOD_VERSION,
    )
    return f"{whole}\n{earlier}"


def export_record(exported: Exported) -> Record:
    """Return what an export wrote, for JSON."""
    files: list[Json] = [
        {
            "name": facts.name,
            "rows": facts.rows,
            "bytes": facts.bytes,
            "sha256": facts.sha256,
            "control_sums": dict(facts.control_sums),
        }
        for facts in exported.files
    ]
    manifest: Json = {
        "name": exported.manifest.name,
        "bytes": exported.manifest.bytes,
        "sha256": exported.manifest.sha256,
    }
    return {"place": str(exported.place), "files": files, "manifest": manifest}
