"""Which policy: every one within the risk appetite, the efficient ones, and the best."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import streamlit as st

from analytics.appetite import Appetite
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import marked, say
from analytics.declared.measures import BY_NAME, Direction
from analytics.policy import Policy
from analytics.results import optimum
from analytics.results.optimum import Infeasible, Optimum, TierRules
from analytics.results.optimum.plans import room
from analytics.results.surface import Point, Surface
from analytics.results.verdicts import State, judge, within, within_evidence
from analytics.shown import figures, findings, formats, words
from pages.shared import cached, levers, maps, outcome, session, show
from pages.shared.session import View

GAINS = ("npv", "net_value", "limit", "relieved", "margin")
RISKS = ("expected_loss", "projected_defaults", "ead", "rwa", "strained", "over_indebted")
ANY_NUMBER = 0
APPETITE_TEXT = "appetite_text"
EXAMPLES = "ead_increment_rate <= 5%\nloss_rate_on_balance <= 2%\npayback_months <= 12"
HELP = marked(
    "One constraint a line: a measure, with _increment for its increment or "
    "_increment_rate for the increment as a share of the baseline; <= or >=; a number or "
    "a percentage. Measures: {measures}."
)


@show.part
def appetite_lever(appetite: Appetite) -> None:
    """Let the user write the risk appetite; what cannot be read is said, the last one stays."""
    show.heading(say("Risk appetite"), detail=say("what every policy has to keep to"))
    key, held = APPETITE_TEXT, "\n".join(str(c) for c in appetite.constraints)
    if session.state("appetite_shown") != held or session.widget(key) is None:
        session.set_widget(key, held)
        session.keep("appetite_shown", held)
        session.keep("appetite_faults", [])
    st.text_area(
        say("Risk appetite"),
        key=key,
        placeholder=EXAMPLES,
        height=104,
        label_visibility="collapsed",
        help=show.plain(say(HELP, measures=tuple(BY_NAME))),
        on_change=_take_appetite,
        persist_state="session",
    )
    show.faults(session.state("appetite_faults", []), lead=say("The appetite in force stays."))


@session.speaking
def _take_appetite() -> None:
    session.keep("appetite_faults", levers.take_appetite(session.widget(APPETITE_TEXT)))


@show.part
def verdicts(surface: Surface, here: Point, appetite: Appetite) -> None:
    """Show how the policy in view stands to each constraint, and how much of the map is left."""
    if not appetite:
        st.caption(say("No constraint: every policy counts."))
        return
    kept = within(appetite, surface)
    for verdict in judge(appetite, here):
        show.verdict(verdict)
    share = formats.percent(float(kept.mean()), 2)
    st.caption(
        show.plain(
            say("{share} of all {count:,} policies keep to it.", share=share, count=kept.size)
        )
    )


def _in_short(measure: str) -> str:
    """Return a measure in the title of a card, where there is room for a word or two."""
    return say("value") if measure == "npv" else BY_NAME[measure].title.lower()


def plan_card(
    title: str, found: Optimum | Infeasible, policy: Policy, surface: Surface, foot: str, key: str
) -> None:
    """Show an optimum: what it is, what it brings, and the button that takes it."""
    with st.container(border=True, height="stretch"):
        if isinstance(found, Infeasible):
            st.markdown(f"**{title}**")
            st.markdown(show.plain(words.optimum_sentence(found)))
            return
        st.metric(title, optimum_words(found), help=show.plain(words.optimum_sentence(found)))
        st.markdown(show.plain(words.plan_words(found.plan)))
        st.caption(show.plain(foot))
        st.caption(show.plain(words.harm_words(found.point)))
        st.button(
            say("Take this policy"),
            key=key,
            on_click=levers.seed,
            args=(found.plan.policy(policy, surface),),
            disabled=not found.point.increment.raised,
        )


@show.part
def best_single(
    surface: Surface, view: View, maximise: str, now: float, *, beyond: bool
) -> Optimum | Infeasible:
    """Show the best policy of one raise; return it."""
    found = optimum.best_single(surface, view.appetite, maximise, beyond_evidence=beyond)
    title = say("Best single: {title}", title=_in_short(maximise))
    plan_card(title, found, view.policy, surface, gain_over(found, now), "take_single")
    return found


@show.part
def best_tiers(
    surface: Surface,
    view: View,
    maximise: str,
    rules: TierRules,
    single: Optimum | Infeasible | None,
    now: float,
) -> None:
    """Show the best tiers, beside the best policy of one raise where that is known."""
    found = optimum.best_tiered(surface, view.appetite, maximise, rules)
    title = say("Best tiers: {title}", title=_in_short(maximise))
    foot = gain_over(found, now) if single is None else gains_of_tiers(found, single, now)
    plan_card(title, found, view.policy, surface, foot, "take_tiered")


def optimum_words(found: Optimum) -> str:
    """Return the objective of an optimum, as its measure is written."""
    return formats.change(found.maximise, found.value)


@show.part
def costs_table(found: Optimum | Infeasible) -> None:
    """Show what each constraint costs, or which relaxation would help."""
    if isinstance(found, Infeasible) or not found.costs:
        return
    measure = BY_NAME[found.maximise]
    frame = pd.DataFrame(
        {
            say("Constraint"): [words.constraint_words(cost.constraint) for cost in found.costs],
            say("costs"): [formats.measure(measure.name, cost.gain) for cost in found.costs],
            say("a tenth looser gains"): [
                formats.measure(measure.name, cost.gain_loosened) for cost in found.costs
            ],
        }
    )
    show.heading(
        say("What each constraint costs"), detail=say("in {title}", title=measure.title.lower())
    )
    show.table(frame, key="costs", alt=say("What each constraint costs"))


@show.part
def robustness(surface: Surface, view: View, maximise: str, *, beyond: bool) -> None:
    """Show the best policy under each response preset, and how it does under the others."""
    title = BY_NAME[maximise].title.lower()
    show.heading(
        say("Does it stay the best?"),
        detail=say("{title} when customers respond less, or more", title=title),
    )
    surfaces = cached.preset_surfaces(view.portfolio, surface.policy, view.assumptions)
    solve = functools.partial(optimum.best_single, beyond_evidence=beyond)
    found = optimum.compare_presets(surfaces, view.appetite, maximise, solve=solve)
    rows = []
    for contender in found.contenders:
        best = contender.found
        row = {
            say("Best under"): words.choice_title(contender.preset),
            say("policy"): formats.DASH
            if isinstance(best, Infeasible)
            else words.plan_words(best.plan),
        }
        for entry in contender.elsewhere:
            text = formats.change(maximise, entry.value)
            row[say("under {preset}", preset=words.choice_title(entry.preset))] = (
                text if entry.within_appetite else say("{value} (breaks)", value=text)
            )
        row[say("verdict")] = words.contender_words(contender)
        rows.append(row)
    show.table(pd.DataFrame(rows), key="robustness", alt=say("Best policy under each preset"))


@show.part
def frontier_chart(
    surface: Surface, view: View, goals: tuple[str, str], here: Point, *, beyond: bool
) -> None:
    """Show gain against risk of all policies; the efficient ones are a line, a click takes one."""
    gain, risk = goals
    found = optimum.efficient_frontier(
        surface, view.appetite, gain=gain, risk=risk, beyond_evidence=beyond
    )
    tried = np.full(surface.shape, fill_value=True) if beyond else within_evidence(surface)
    gains, risks = surface.increment(gain)[tried], surface.increment(risk)[tried]
    marks = [(say("this policy"), here.increment.get(risk) or 0.0, here.increment.get(gain) or 0.0)]
    where = (view.policy.score_threshold, view.policy.raise_rate)
    if surface.holds(view.policy):
        better = found.nearest_dominating(*where)
    else:
        _, of_risk, of_gain = marks[0]
        better = found.nearest_beating(of_gain, of_risk, *where)
    broken = any(verdict.state is State.BROKEN for verdict in judge(view.appetite, here))
    show.heading(findings.frontier_finding(found, better, view.appetite, broken=broken))
    show.chart(
        figures.frontier_figure(
            found,
            (risks, gains),
            marks,
            view.portfolio.currency,
            show.colours(),
        ),
        key="frontier",
        alt=say("Gain against risk of every policy, the efficient ones as a line"),
        on_select=take_efficient,
        selection_mode="points",
    )


def take_efficient() -> None:
    """Take the policy that was clicked on the frontier."""
    points = session.clicked("frontier")
    if points and points[0].get("customdata"):
        threshold, rate = points[0]["customdata"][:2]
        levers.take_cell(int(threshold), float(rate) / 100)


def point_of(surface: Surface, view: View) -> Point:
    """Return the measures of the policy in view, on the surface or not."""
    sweep = cached.sweep(view.portfolio, view.policy, view.assumptions)
    total = sweep.at(view.policy.score_threshold).total
    if total.baseline is None or total.proposed is None or total.increment is None:
        return surface.at(view.policy.score_threshold, 0.0)
    return Point(total.baseline, total.proposed, total.increment)


def options() -> tuple[str, str, int | None, bool, bool]:
    """Let the user choose gain, risk, how many tiers, whether they rise, and how far to look."""
    line = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    goals = [name for name in GAINS if BY_NAME[name].direction is not Direction.BAD]
    maximise = line.selectbox(
        say("Maximise"),
        goals,
        format_func=lambda n: BY_NAME[n].title,
        key="maximise",
        persist_state="session",
        width=195,
    )
    against = line.selectbox(
        say("Against"),
        RISKS,
        format_func=lambda n: BY_NAME[n].title,
        key="against",
        persist_state="session",
        width=150,
    )
    most = line.selectbox(
        say("Tiers"),
        [ANY_NUMBER, 2, 3, 4, 5],
        format_func=lambda n: say("at most {count}", count=n) if n else say("any number"),
        key="max_tiers",
        persist_state="session",
        width=150,
    )
    monotone = line.toggle(
        say("Rising"),
        key="monotone",
        help=say("Higher scores get no smaller raise."),
        persist_state="session",
    )
    beyond = line.toggle(
        say("Beyond the evidence"),
        key="beyond_evidence",
        help=say(
            "Look at raises above {rate}, too: no study behind the response has looked at them.",
            rate=formats.stated(EVIDENCE_RAISE),
        ),
        persist_state="session",
    )
    return maximise, against, most or None, monotone, beyond


def gain_over(found: Optimum | Infeasible, now: float) -> str:
    """Return what an optimum gains over the policy in view."""
    if isinstance(found, Infeasible):
        return ""
    more = found.value - now
    return say("{more} against the policy in view", more=formats.change(found.maximise, more))


def gains_of_tiers(tiered: Optimum | Infeasible, single: Optimum | Infeasible, now: float) -> str:
    """Return what tiers gain over the policy in view and over one raise, and what is proven."""
    if isinstance(tiered, Infeasible) or isinstance(single, Infeasible):
        return gain_over(tiered, now)
    over = tiered.value - single.value
    if abs(over) <= room(single.value):
        over = 0.0
    more, over_single = (
        formats.change(tiered.maximise, value) for value in (tiered.value - now, over)
    )
    if not tiered.gap:
        return say(
            "{more} against the policy in view; {over} against the best single; proven the best",
            more=more,
            over=over_single,
        )
    return say(
        "{more} against the policy in view; {over} against the best single; within {gap} of the "
        "best that there can be",
        more=more,
        over=over_single,
        gap=formats.percent(tiered.gap, 2),
    )


@show.part
def download(surface: Surface) -> None:
    """Offer every policy of the surface in full precision."""
    st.download_button(
        say("surface.csv, all policies"),
        data=lambda: surface.table().to_csv(index=False, lineterminator="\n").encode(),
        file_name="surface.csv",
        mime="text/csv",
        on_click="ignore",
        key="surface_csv",
        icon=":material/download:",
        type="tertiary",
    )


def page() -> None:
    view = session.view()
    surface = cached.surface(view.portfolio, view.policy, view.assumptions)
    here = point_of(surface, view)
    outcome.policy_in_view(view)
    left, middle, right = st.columns([1.15, 1, 1], gap="medium")
    with left:
        appetite_lever(view.appetite)
        verdicts(surface, here, view.appetite)
    maximise, against, most, monotone, beyond = options()
    now = here.increment.get(maximise) or 0.0
    with middle:
        best = best_single(surface, view, maximise, now, beyond=beyond)
    with right:
        rules = TierRules(max_tiers=most, monotone=monotone, beyond_evidence=beyond)
        best_tiers(surface, view, maximise, rules, best, now)
    left, right = st.columns(2, gap="medium")
    with left:
        frontier_chart(surface, view, (maximise, against), here, beyond=beyond)
    with right:
        maps.every_policy(
            surface,
            view.policy,
            maximise,
            key="feasible_map",
            appetite=view.appetite,
            beyond_evidence=beyond,
        )
    left, right = st.columns([1, 1.3], gap="medium")
    with left:
        if best is not None:
            costs_table(best)
    with right:
        robustness(surface, view, maximise, beyond=beyond)
    download(surface)


page()
