"""Home: what the policy does to limit, exposure, defaults, loss, value and the customers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import streamlit as st

from analytics.appetite import Appetite
from analytics.declared.arrays import Flags, Floats
from analytics.declared.choices import Reason
from analytics.declared.language import clauses, full_sentence, marked, say
from analytics.declared.measures import BY_NAME, MEASURES
from analytics.method.measures import in_currency
from analytics.results.ranges import Range, RangeTriple
from analytics.results.simulation import Simulation, Sweep
from analytics.results.surface import Surface
from analytics.results.verdicts import judge_group, within
from analytics.shown import figures, findings, formats, tables, verdict, words
from pages.shared import cached, export, levers, maps, outcome, plausible, session, show
from pages.shared.outcome import Under

CARDS = ("limit", "ead", "projected_defaults", "expected_loss")
MAPPED = (
    "npv",
    "net_value",
    "payback_months",
    "loss_per_new_exposure",
    "ead",
    "projected_defaults",
    "expected_loss",
    "limit",
    "return_on_capital",
    "relieved",
    "strained",
    "thin_cover",
)
CUSTOMERS = ("strained", "over_indebted", "thin_cover", "short_cover", "relieved")
DRAWN = ("new_debt", "moved_balance")
CARDED = {"accounts", "raised", "raised_share", *CARDS, "npv", *CUSTOMERS, *DRAWN}
UNKNOWN_DATA = marked(
    "Needed data unknown: a rule or ceiling in force needs a cell that is blank, so the account is "
    "held as it is; the lever for unknown cells lets it pass instead."
)
NO_INCOMES = marked("What hangs on incomes is not known: there is no column monthly_income.")
SURE = ("projected_defaults", "expected_loss", "net_value", "npv")


@show.part
def title(simulation: Simulation) -> None:
    """Show the policy in words, that it is a draft, and what the figures stand on."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(outcome.policy_line(simulation), width="stretch")
        export.buttons(simulation)
    st.caption(show.plain(_context(simulation)))


def _context(simulation: Simulation) -> str:
    parts = [show.standing(simulation.portfolio, simulation.assumptions)]
    changed = levers.changed_words(simulation.portfolio, simulation.policy)
    if changed:
        parts.append(say("levers: {changed}", changed=tuple(changed)))
    else:
        parts.append(say("levers: defaults"))
    return " · ".join(parts)


@show.part
def cards(simulation: Simulation, under: Under) -> None:
    """Show the headline figures: baseline, proposed, increment."""
    total, ranges = simulation.total, _range_texts(simulation) or {}
    found = outcome.outlook_of(simulation, under)
    with st.container(horizontal=True, gap="small", key="cards"):
        show.raised_card(total, simulation.policy.score_threshold)
        for name in CARDS:
            show.card(total, name, foot=ranges.get(name, ""))
        if found is not None:
            show.value_card(found, foot=verdict.by_response(found))
        show.customers_card(total)


@show.part
def verdicts(simulation: Simulation, appetite: Appetite) -> None:
    """Show how the policy stands to the risk appetite, where there is one."""
    for found in judge_group(appetite, simulation.total):
        show.verdict(found)


@show.part
def _range_texts(simulation: Simulation) -> dict[str, str]:
    """Return the central 95 % of the increments of defaults and of realised loss."""
    found = cached.ranges(simulation.portfolio, simulation.policy, simulation.assumptions)
    defaults, loss = found.projected_defaults.increment, found.expected_loss.increment
    return {
        "projected_defaults": say(
            "95 % range {low} to {high}",
            low=formats.count(defaults.low),
            high=formats.count(defaults.high),
        ),
        "expected_loss": say(
            "95 % range {low} to {high}",
            low=formats.compact(loss.low),
            high=formats.compact(loss.high),
        ),
    }


@show.part
def charts(sweep: Sweep, simulation: Simulation, appetite: Appetite) -> None:
    """Show this raise at every threshold, and beside it every policy."""
    heads = st.columns([2, 1.3, 0.7], gap="medium", vertical_alignment="center")
    with heads[0]:
        show.heading(findings.thresholds_finding(sweep))
    name = heads[2].selectbox(
        say("Measure"),
        MAPPED,
        format_func=lambda name: BY_NAME[name].title,
        label_visibility="collapsed",
        key="mapped_measure",
        persist_state="session",
    )
    left, right = st.columns(2, gap="medium")
    with left:
        curves(sweep, simulation, appetite)
    with right:
        surface = mapped(simulation, name, appetite)
    if surface is not None:
        with heads[1]:
            best_mapped(surface, name, appetite)


@show.part
def mapped(simulation: Simulation, name: str, appetite: Appetite) -> Surface:
    """Show what every policy does to a measure; return the surface of them."""
    policy = simulation.policy
    surface = cached.surface(simulation.portfolio, policy, simulation.assumptions)
    maps.every_policy(surface, policy, name, key="policies", appetite=appetite, title=False)
    return surface


@show.part
def best_mapped(surface: Surface, name: str, appetite: Appetite) -> None:
    """Show which of every policy is the best by a measure."""
    best = findings.best_policy(surface, name, appetite)
    show.heading(findings.policies_finding(surface, name, best, appetite))


@show.part
def curves(sweep: Sweep, simulation: Simulation, appetite: Appetite) -> None:
    """Show the increments at every threshold for this raise."""
    sums, currency = sweep.increments(), simulation.portfolio.currency
    low, high = _default_ranges(sweep, simulation)
    least, most = _npvs_by_response(simulation)
    months = simulation.assumptions.horizon_months
    panels = [
        figures.Curve(
            title=say("value over {months} months", months=months),
            unit=say("{currency} (band: low to high response)", currency=currency),
            values=sweep.npvs(),
            low=least,
            high=most,
            weight=2.2,
            hatches=True,
        ),
        figures.Curve(
            title=say("increment of EAD"), unit=currency, values=in_currency("ead", sums.ead)
        ),
        figures.Curve(
            title=say("increment of projected defaults"),
            unit=say("accounts (95 % range)"),
            values=sums.projected_defaults,
            low=low,
            high=high,
            money=False,
        ),
    ]
    figure = figures.curves_figure(
        sweep.baseline.scores,
        panels,
        simulation.policy.score_threshold,
        show.colours(),
        feasible=_within_appetite(simulation, appetite),
    )
    show.chart(
        figure,
        key="curves",
        alt=say("Value, and increments of EAD and projected defaults, over the score threshold"),
    )


def _npvs_by_response(simulation: Simulation) -> tuple[Floats | None, Floats | None]:
    """Return the lowest and the highest value by response at every threshold, where known."""
    sweeps = cached.responses(simulation.portfolio, simulation.policy, simulation.assumptions)
    if not sweeps:
        return None, None
    values = np.stack([found.npvs() for found in sweeps.values()])
    return values.min(axis=0), values.max(axis=0)


def _within_appetite(simulation: Simulation, appetite: Appetite) -> Flags | None:
    """Return which thresholds keep to the appetite at this raise; None where there is nothing."""
    chosen = simulation.policy
    if not appetite:
        return None
    surface = cached.surface(simulation.portfolio, chosen, simulation.assumptions)
    if not surface.holds(chosen):
        return None
    _, column = surface.index(chosen.score_threshold, chosen.raise_rate)
    return within(appetite, surface)[:, column]


def _default_ranges(sweep: Sweep, simulation: Simulation) -> tuple[Floats, Floats]:
    """Return the range of the increment of projected defaults at every score of the scale."""
    scores, low, high = cached.increment_ranges(
        simulation.portfolio, simulation.policy, simulation.assumptions
    )
    place = np.searchsorted(scores, sweep.baseline.scores)
    ends = np.append(low, 0.0), np.append(high, 0.0)
    return ends[0][place], ends[1][place]


@show.part
def bands(simulation: Simulation) -> None:
    """Show where the raise goes, by score band, totals first."""
    show.heading(
        findings.bands_finding(simulation), detail=findings.effective_finding(simulation.total)
    )
    frame = tables.bands_table(simulation)
    show.table(_shown_bands(frame), key="bands", alt=say("Where the raise goes, by score band"))


def _shown_bands(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the band table as texts; what it leaves out stands in the download."""
    shown = pd.DataFrame({say("Score"): frame["band"].map(say)})
    shown[say("Accounts")] = frame["accounts"].map(formats.count)
    shown[say("Raised")] = frame["raised"].map(formats.count)
    shown[say("Mean limit")] = frame["mean_limit_before"].map(lambda v: formats.exact(v, 0))
    shown[say("after")] = frame["mean_limit_after"].map(lambda v: formats.exact(v, 0))
    shown[say("Default rate")] = frame["default_rate"].map(formats.percent)
    for name, text in (
        ("ead_increment", say("Δ EAD")),
        ("projected_defaults_increment", say("Δ defaults")),
        ("expected_loss_increment", say("Δ loss")),
        ("npv", say("Value")),
        ("thin_cover_increment", say("Δ thin cover")),
    ):
        of = name.removesuffix("_increment")
        shown[text] = frame[name].map(lambda v, of=of: formats.change(of, v))
    shown[say("Share of Δ EAD")] = frame["share_of_increment"].map(formats.percent)
    return shown


@show.part
def reasons(simulation: Simulation) -> None:
    """Show why accounts are not raised, what set the new limits, and what was not applied."""
    total = simulation.total
    show.heading(findings.reasons_finding(total))
    if total.at_threshold:
        bars = len(tables.not_raised_table(total)) + 1
        figure = figures.reasons_figure(total, show.colours(), height=40 + 26 * bars)
        show.chart(figure, key="reasons", alt=say("Why accounts at the threshold are not raised"))
    bound = words.bindings_words(total.binding)
    if bound:
        st.caption(show.plain(say("New limits set by: {bound}.", bound=bound)))
    if total.reasons[Reason.UNKNOWN_DATA][0]:
        st.caption(show.plain(say(UNKNOWN_DATA)))
    if simulation.not_applied:
        accounts = simulation.portfolio.accounts
        sentences = clauses(
            words.not_applied_sentence(item, accounts) for item in simulation.not_applied
        )
        st.warning(show.plain(full_sentence(sentences)), icon=":material/rule:")


@show.part
def customers(simulation: Simulation) -> None:
    """Show the customer's side: who is strained, indebted and covered, and what they draw."""
    total = simulation.total
    show.heading(say("The customers"), detail=say("before and after the raise"))
    show.table(
        _shown_measures(simulation, (*CUSTOMERS, *DRAWN)),
        key="customers",
        alt=say("The customers before and after the raise"),
    )
    if total.baseline is not None and total.baseline.strained is None:
        st.caption(show.plain(say(NO_INCOMES)))


@show.part
def how_sure(simulation: Simulation, under: Under) -> None:
    """Show what chance does to the increments, and apart from it what another response does."""
    show.heading(say("How sure"), detail=say("chance is not the same as another response"))
    found = cached.ranges(simulation.portfolio, simulation.policy, simulation.assumptions)
    elsewhere = {name: total.increment for name, total in under.items()}
    rows = []
    for name in SURE:
        measure, spread = BY_NAME[name], getattr(found, name)
        row = {say("Measure"): measure.title}
        baseline, proposed, increment = _sides(spread)
        row[say("baseline, 95 %")] = _from_to(name, baseline)
        row[say("proposed, 95 %")] = _from_to(name, proposed)
        row[say("increment, 95 %")] = _from_to(name, increment)
        for preset, found_there in elsewhere.items():
            more = found_there.get(name) if found_there else None
            row[say("{preset} response", preset=words.choice_title(preset))] = formats.change(
                name, more
            )
        rows.append(row)
    show.table(pd.DataFrame(rows), key="how_sure", alt=say("Ranges by chance and by response"))


def _sides(spread: RangeTriple | Range | None) -> tuple[Range | None, Range | None, Range | None]:
    """Return the ranges of baseline, proposed, increment; some measures range in the last only."""
    if isinstance(spread, RangeTriple):
        return spread.baseline, spread.proposed, spread.increment
    return None, None, spread


def _from_to(name: str, ends: Range | None) -> str:
    """Return the ends of the range of a measure, in words."""
    if ends is None:
        return formats.DASH
    low, high = formats.measure(name, ends.low), formats.measure(name, ends.high)
    return say("{low} to {high}", low=low, high=high)


@show.part
def measures(sweep: Sweep, simulation: Simulation) -> None:
    """Show every measure, and offer every table of the page in full precision."""
    show.heading(say("Every measure"), detail=say("baseline, proposed, increment"))
    names = [measure.name for measure in MEASURES if measure.name not in CARDED]
    frame = _shown_measures(simulation, names)
    show.table(frame, key="measures", alt=say("Every measure of the policy"))
    frames = {
        "measures": tables.measures_table(simulation.total),
        "bands": tables.bands_table(simulation),
        "reasons": tables.reasons_table(simulation.total),
        "thresholds": tables.thresholds_table(sweep),
    }
    with st.container(horizontal=True, gap="small"):
        for name, frame in frames.items():
            show.download(frame, name)


def _shown_measures(simulation: Simulation, names: Iterable[str]) -> pd.DataFrame:
    """Return measures before, after and between, as texts."""
    total = simulation.total
    rows = []
    for measure in (BY_NAME[name] for name in names):
        before, after, more = show.triple(total, measure.name)
        rows.append(
            {
                say("Measure"): measure.title,
                say("Baseline"): formats.measure(measure.name, before),
                say("Proposed"): formats.measure(measure.name, after),
                say("Increment"): show.increment_text(measure.name, more, before),
            }
        )
    return pd.DataFrame(rows)


def page() -> None:
    view = session.view()
    sweep = cached.sweep(view.portfolio, view.policy, view.assumptions)
    simulation = sweep.at(view.policy.score_threshold)
    title(simulation)
    under = outcome.under_responses(simulation) or {}
    outcome.headline(simulation, under)
    cards(simulation, under)
    verdicts(simulation, view.appetite)
    plausible.notices(view.portfolio, view.assumptions)
    charts(sweep, simulation, view.appetite)
    bands(simulation)
    left, right = st.columns(2, gap="medium")
    with left:
        reasons(simulation)
    with right:
        customers(simulation)
        measures(sweep, simulation)
    how_sure(simulation, under)


page()
