"""What the commands print for people: plain aligned text, every figure with its unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analytics.assumptions import Assumptions, format_value
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.cases import CASES
from analytics.declared.currencies import currency
from analytics.declared.measures import MEASURES, Measure, MeasureUnit
from analytics.declared.parameters import Mark, Parameter, find
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.export import Exported
from analytics.export.record import Json, Record
from analytics.ingest import LoadReport
from analytics.ingest.report import counted
from analytics.method.guardrails import REASON_TITLES
from analytics.method.limits import BINDING_TITLES
from analytics.method.measures import Measures
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import Group, Simulation
from analytics.shown import formats

GAP = "  "
MARKS = {
    Mark.EVIDENCE: "evidence",
    Mark.REGULATION: "regulation",
    Mark.PRACTICE: "common practice",
    Mark.ASSUMPTION: "assumption",
}
GROUP_MEASURES = ("limit", "ead", "projected_defaults", "expected_loss", "net_value")
SHOWN_LEVERS = (
    "limit_cap",
    "income_multiple",
    "rounding_step",
    "min_increment",
    "max_increment",
    "holdout_rate",
)
_SMALL_MONEY = 1_000


def simulation(result: Simulation, by: str | None, groups: Sequence[Group]) -> str:
    """Return a simulation as text: context, measures, reasons, what was not applied, groups."""
    paragraphs = [
        _context(result),
        _measures(result.total, result.portfolio.currency),
        _raise(result.total, result.portfolio.currency),
        _reasons(result.total, result.portfolio.currency),
        _not_applied(result),
    ]
    if by:
        paragraphs.append(_groups(by, groups, result.portfolio.currency))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def rows_used(portfolio: Portfolio) -> str:
    """Return how many of the rows read the figures stand on."""
    read = counted(portfolio.rows_read, "row", "rows")
    return f"{portfolio.accounts:,} of {read} used"


def _context(result: Simulation) -> str:
    return context(result.portfolio, result.policy, result.assumptions)


def context(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> str:
    """Return what a result stands on, as text: portfolio, policy and assumptions."""
    as_of = f" · as of {portfolio.as_of}" if portfolio.as_of else ""
    changed = assumptions.changed_from(Assumptions.for_scale(portfolio.scale))
    lines = [
        (
            f"{portfolio.name}{as_of} · {rows_used(portfolio)} · {portfolio.currency}"
            f" · scores {portfolio.scale} · data {portfolio.fingerprint[:8]}"
        )
    ]
    lines.append(f'Policy "{policy.name}" ({policy.fingerprint[:8]}): {_raise_words(policy)}')
    lines.append(f"  {_lever_words(policy)}")
    lines.append(
        f"Assumptions ({assumptions.fingerprint[:8]}): {assumptions.response_name} response, "
        f"{assumptions.response_form} form, {assumptions.consent_mode.replace('_', '-')} consent"
    )
    if changed:
        lines.append(f"  changed: {', '.join(changed)}")
    return "\n".join(lines)


def _raise_words(policy: Policy) -> str:
    show = find(POLICY_PARAMETERS, "raise_rate").show
    if not policy.tiers:
        return f"raise {show(policy.raise_rate)} from score {policy.score_threshold}"
    steps = (f"{show(tier.raise_rate)} from {tier.score_from}" for tier in policy.tiers)
    return f"raise {', '.join(steps)}"


def _lever_words(policy: Policy) -> str:
    shown = (find(POLICY_PARAMETERS, name) for name in SHOWN_LEVERS)
    return " · ".join(
        f"{lever.title.lower()} {lever.show(getattr(policy, lever.name))}" for lever in shown
    )


def _measures(group: Group, code: str) -> str:
    header = ["", "Baseline", "Proposed", "Increment", ""]
    rows = [
        [
            measure.title,
            _figure(measure, _value(group.baseline, measure), code),
            _figure(measure, _value(group.proposed, measure), code),
            _change(measure, _value(group.increment, measure), code),
            _relative(measure, group),
        ]
        for measure in MEASURES
        if measure.name != "accounts" and not measure.of_increment
    ]
    note = (
        f"Money in {code}, over 12 months. Increment = proposed - baseline, also relative to the "
        f"baseline; {formats.DASH} is undefined."
    )
    return f"{table([header, *rows])}\n{note}"


def _value(side: Measures | None, measure: Measure) -> float | None:
    return side.get(measure.name) if side else None


def _figure(measure: Measure, value: float | None, code: str) -> str:
    if value is None:
        return formats.DASH
    match measure.unit:
        case MeasureUnit.RATE:
            return formats.percent(value, 4)
        case MeasureUnit.MONEY:
            return amount(value, code)
        case MeasureUnit.ACCOUNTS:
            return formats.exact(value, 0 if float(value).is_integer() else 2)


def _change(measure: Measure, value: float | None, code: str) -> str:
    if measure.unit is MeasureUnit.RATE:
        return formats.percentage_points(value)
    return formats.signed(_figure(measure, value, code), value)


def _relative(measure: Measure, group: Group) -> str:
    if measure.unit is MeasureUnit.RATE:
        return ""
    before = _value(group.baseline, measure)
    return formats.relative(_value(group.increment, measure), before) if before else ""


def amount(value: float, code: str) -> str:
    """Return money in full: whole units from a thousand on, decimals of the currency below."""
    shown = currency(code).shown_decimals
    return formats.exact(value, 0 if abs(value) >= _SMALL_MONEY or not value else shown)


def _raise(group: Group, code: str) -> str:
    price = group.increment.loss_per_new_exposure if group.increment else None
    parts = group.expected_loss_parts
    bound = ", ".join(
        f"{BINDING_TITLES[name].lower()} {count:,}"
        for name, count in group.binding.items()
        if count
    )
    rows = [
        ["Headline raise", amount(group.headline_raise, code)],
        ["Effective raise", amount(group.effective_raise, code)],
        ["Expected takers", formats.exact(group.expected_takers, 0)],
        ["Loss per new exposure", formats.percent(price, 4)],
        ["Expected loss: new exposure", amount(parts["new_exposure"], code)],
        ["Expected loss: old balance", amount(parts["old_balance"], code)],
        ["Expected loss: cross", amount(parts["cross"], code)],
    ]
    return f"{table(rows)}\nNew limits set by: {bound or 'nothing, nobody is raised'}"


def _reasons(group: Group, code: str) -> str:
    header = ["Why raised or not", "Accounts", f"Limit, {code}"]
    rows = [
        [REASON_TITLES[reason], f"{accounts:,}", amount(limit, code)]
        for reason, (accounts, limit) in group.reasons.items()
    ]
    return table([header, *rows])


def _not_applied(result: Simulation) -> str:
    if not result.not_applied:
        return "Every rule of the policy was applied to all accounts."
    total = result.portfolio.accounts
    return "\n".join(
        ("Not applied", *(f"  {found.sentence(total)}." for found in result.not_applied))
    )


def _groups(by: str, groups: Sequence[Group], code: str) -> str:
    chosen = [measure for measure in MEASURES if measure.name in GROUP_MEASURES]
    header = [f"By {by}, increments", "Accounts", "Raised", *(m.title for m in chosen)]
    rows = []
    for group in groups:
        accounts = group.baseline.accounts if group.baseline else 0
        changes = [_change(m, _value(group.increment, m), code) for m in chosen]
        rows.append([group.label, f"{accounts:,.0f}", f"{group.raised:,}", *changes])
    return table([header, *rows])


def load_report(report: LoadReport) -> str:
    """Return a load report as text: what was read, rejected, missing, and what follows."""
    code = report.currency
    lines = [
        (
            f"{report.name}: {report.sentence} · {code} · scores {report.scale} · "
            f"data {report.fingerprint[:8]}"
        ),
        (
            f"Credit limit {formats.exact(float(report.total_limit))} {code}, "
            f"balance {formats.exact(float(report.total_balance))} {code}"
        ),
    ]
    if report.rejected:
        lines.append(
            f"Rejected: {counted(report.rejected, 'row', 'rows')}, of a limit of "
            f"{formats.exact(float(report.rejected_limit))} {code} as far as it can be read"
        )
        for name, reason in report.reasons.items():
            places = ", ".join(
                f"row {row} ({column})" if column else f"row {row}"
                for row, column in reason.examples
            )
            many = counted(reason.rows, "row", "rows")
            lines.append(f"  {name}: {many}, for example {places}")
    lines += _listed("Columns", report.columns) + _listed("Segments", report.segments)
    lines += _listed("Left aside", report.ignored)
    lines += _listed(
        "Unknown cells", (f"{name} {count:,}" for name, count in report.blanks.items())
    )
    lines += _listed("Computed", (f"{name} from {how}" for name, how in report.derived.items()))
    lines += ["Not in the file"] if report.switched_off else []
    lines += [f"  {sentence}" for sentence in report.switched_off]
    return "\n".join((*lines, *report.warnings))


def _listed(title: str, items: Iterable[str]) -> list[str]:
    words = ", ".join(items)
    return [f"{title}: {words}"] if words else []


def export_report(result: Simulation, exported: Exported) -> str:
    """Return what an export wrote, as text."""
    rows = [
        [
            facts.name,
            counted(facts.rows, "row", "rows"),
            f"{facts.bytes:,} bytes",
            facts.sha256[:12],
        ]
        for facts in exported.files
    ]
    rows.append(
        ["manifest.json", "", f"{exported.manifest.bytes:,} bytes", exported.manifest.sha256[:12]]
    )
    lines = [
        (
            f"{rows_used(result.portfolio)}; {result.total.raised:,} raised by "
            f"{amount(result.total.effective_raise, result.portfolio.currency)} "
            f"{result.portfolio.currency}"
        ),
        f"Written to {exported.place}:",
        table(rows, left=(0, 3)),
    ]
    not_applied = _not_applied(result) if result.not_applied else ""
    return "\n".join((*lines, *([not_applied] if not_applied else [])))


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


def parameters_list() -> str:
    """Return every lever and assumption as text: value, bounds, mark and source."""
    lines = []
    for title, entries in (
        ("Levers of a policy (--set)", _levers()),
        ("Assumptions (--assume)", _assumed()),
    ):
        lines.append(title)
        section = ""
        for parameter, default in entries:
            if parameter.section != section:
                section = parameter.section
                lines.append(f"\n  {section}")
            lines.append(f"    {parameter.name} = {default}")
            lines.append(f"        {parameter.help} Give {parameter.allowed}.")
            source = f": {parameter.source}" if parameter.source else ""
            lines.append(f"        [{parameter.mark.value}] {MARKS[parameter.mark]}{source}")
            case = CASES.get(parameter.name) if title.startswith("Assumptions") else None
            if case:
                low, high = (format_value(parameter.name, end) for end in (case.low, case.high))
                support = f"[{case.mark.value}] {case.source}"
                lines.append(f"        Plausible: {low} to {high} {support}")
            if parameter.aliases:
                lines.append(f"        Also: {', '.join(parameter.aliases)}")
        lines.append("")
    lines.append("Further: --set tiers=650=5%,700=10%,800=20%; --assume response_preset=low.")
    return "\n".join(lines)


def parameters_record() -> Record:
    """Return every lever and assumption, for JSON."""

    def cases(name: str) -> Record:
        case = CASES.get(name)
        if case is None:
            return {}
        return {
            "low_case": format_value(name, case.low),
            "high_case": format_value(name, case.high),
            "cases_mark": case.mark.value,
            "cases_source": case.source,
        }

    def listed(entries: Iterable[tuple[Parameter, str]], *, moved: bool = False) -> list[Json]:
        return [
            {
                "name": parameter.name,
                "title": parameter.title,
                "help": parameter.help,
                "unit": parameter.unit.value,
                "default": default,
                "allowed": parameter.allowed,
                "section": parameter.section,
                "mark": parameter.mark.value,
                "source": parameter.source,
                "aliases": list(parameter.aliases),
                **(cases(parameter.name) if moved else {}),
            }
            for parameter, default in entries
        ]

    return {"policy": listed(_levers()), "assumptions": listed(_assumed(), moved=True)}


def _levers() -> list[tuple[Parameter, str]]:
    return [(parameter, parameter.format(parameter.default)) for parameter in POLICY_PARAMETERS]


def _assumed() -> list[tuple[Parameter, str]]:
    single = [(p, p.format(p.default)) for p in ASSUMPTION_PARAMETERS]
    bands = [(b.declared, ",".join(repr(value) for value in b.central)) for b in BAND_PARAMETERS]
    return [*bands, *single]


def table(rows: Sequence[Sequence[str]], *, left: Sequence[int] = (0,)) -> str:
    """Return rows in columns: the named ones to the left, figures to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = (
        GAP.join(
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
    return "\n".join(lines)
