"""The only touch of the session's state and of the link: what is in view, and who set it.

The levers' widgets hold the policy. The link holds it too, so that a reload, the browser's back
button or a colleague finds the same policy; what a link asks for and cannot be had is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from analytics import assumptions as assuming
from analytics import policy as policies
from analytics.appetite import Appetite, parse_appetite
from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.choices import ResponseForm, ResponsePreset
from analytics.declared.parameters import Parameter
from analytics.declared.policy_parameters import ABOUT, POLICY_PARAMETERS
from analytics.declared.scales import ScoreScale
from analytics.errors import ParameterError
from analytics.ingest import Loaded
from analytics.policy import Policy, default_policy
from pages.shared import cached, inputs

ASSUMED = ("response_preset", "response_form", "consent_mode")
"""Assumptions that stand among the levers, and so in the link."""
EDITABLE = frozenset(
    {p.name for p in ASSUMPTION_PARAMETERS} | {band.name for band in BAND_PARAMETERS}
) - set(ASSUMED)
"""Assumptions that the assumptions page sets."""
_ASSUMPTIONS = {
    alias: parameter.name
    for parameter in (*ASSUMPTION_PARAMETERS, *(band.declared for band in BAND_PARAMETERS))
    for alias in parameter.aliases
}
ALWAYS_IN_LINK = ("score_threshold", "raise_rate")
DATA, APPETITE = "data", "appetite"
_PORTFOLIO, _POLICY, _LINK, _NOTES = "portfolio_in_view", "policy_in_view", "link", "notes"
_EDITS = "assumption_edits"
_NEXT = "policy_of_the_next_run"
_WRITTEN = "links_written"


def loaded() -> Loaded:
    """Return the portfolio in view and its load report; the sample until another is loaded."""
    found: Loaded | None = st.session_state.get(_PORTFOLIO)
    return found if found is not None else cached.sample()


def put_in_view(new: Loaded) -> None:
    """Take another portfolio into view; levers keep their values where its scale allows.

    The levers stand already when a page loads a file: they are set when the next run begins.
    """
    before, old = policy(), loaded().portfolio
    st.session_state[_PORTFOLIO] = new
    portfolio = new.portfolio
    same_money = old.currency == portfolio.currency
    keep = same_money and not before.faults_on(portfolio.scale)
    start = default_policy(portfolio.currency, portfolio.scale)
    st.session_state[_NEXT] = before if keep else start
    _let_go(old.scale)


def show_sample() -> None:
    """Take the sample portfolio into view again."""
    old = loaded().portfolio
    st.session_state.pop(_PORTFOLIO, None)
    _let_go(old.scale)
    portfolio = loaded().portfolio
    seed(default_policy(portfolio.currency, portfolio.scale))


def _let_go(scale: ScoreScale) -> None:
    """Forget what belongs to the portfolio that was in view: its results, and its scale's edits."""
    cached.forget()
    if scale != loaded().portfolio.scale:
        st.session_state.pop(_EDITS, None)


def policy() -> Policy:
    """Return the policy in view: the last one whose levers were all within bounds."""
    found: Policy | None = st.session_state.get(_POLICY)
    if found is not None:
        return found
    portfolio = loaded().portfolio
    return default_policy(portfolio.currency, portfolio.scale)


def shipped_assumptions() -> Assumptions:
    """Return the assumptions shipped for the portfolio's score scale."""
    return Assumptions.for_scale(loaded().portfolio.scale)


def assumptions() -> Assumptions:
    """Return the assumptions in force: shipped, then the levers' presets, then single edits."""
    return _with_edits(_from_presets())


def edit_assumption(name: str, value: Any) -> list[str]:
    """Set one assumption; return why it cannot be had, in which case nothing changes."""
    changed = {**st.session_state.get(_EDITS, {}), name: value}
    if value == getattr(_from_presets(), name):
        del changed[name]
    try:
        _from_presets().with_changes(**changed)
    except ParameterError as error:
        return list(error.faults)
    st.session_state[_EDITS] = changed
    return []


def take_assumptions(new: Assumptions) -> None:
    """Take a whole set of assumptions into force, those of the levers included."""
    for name in ASSUMED:
        st.session_state[inputs.key(name)] = getattr(new, name, ResponsePreset.CENTRAL)
    base = _from_presets()
    st.session_state[_EDITS] = {name: getattr(new, name) for name in new.changed_from(base)}


def appetite() -> Appetite:
    """Return the risk appetite that the policy in view is held to."""
    return parse_appetite(policy().constraints)


def take_appetite(text: str) -> list[str]:
    """Take constraints, one a line or separated by semicolons; return why not, if not."""
    try:
        new = parse_appetite(text.replace("\n", ";"))
    except ParameterError as error:
        return list(error.faults)
    seed(policy().with_changes(constraints=tuple(str(c) for c in new.constraints)))
    return []


def reset_assumptions() -> None:
    """Take the shipped assumptions into force again."""
    take_assumptions(shipped_assumptions())


def _from_presets() -> Assumptions:
    settings = {
        name: st.session_state[inputs.key(name)]
        for name in ASSUMED
        if st.session_state.get(inputs.key(name))
    }
    if settings.get("response_preset") == ResponsePreset.HIGH:
        # The only form that the preset is known for.
        settings["response_form"] = ResponseForm.LINEAR
    return assuming.set_values(shipped_assumptions(), settings.items())


def _with_edits(base: Assumptions) -> Assumptions:
    """Return the assumptions with the single edits; those that no longer fit are left out."""
    edits = st.session_state.get(_EDITS, {})
    fitting = {
        name: value
        for name, value in edits.items()
        if not isinstance(value, tuple) or len(value) == len(base.band_edges)
    }
    return base.with_changes(**fitting) if fitting else base


def begin() -> list[str]:
    """Settle the levers before they are drawn; return sentences on what a link could not have."""
    asked = dict(st.query_params)
    waiting = st.session_state.pop(_NEXT, None)
    if waiting is not None:
        seed(waiting)
    elif asked and asked != st.session_state.get(_LINK) and not _is_late(asked):
        _follow_link(asked)
    elif _POLICY not in st.session_state:
        seed(policy())
    notes: list[str] = st.session_state.get(_NOTES, [])
    return notes


def finish() -> list[str]:
    """Read the levers into the policy in view and write the link; return the faults, if any.

    With a fault the policy in view stays as it was.
    """
    try:
        chosen = _from_levers()
    except ParameterError as error:
        return list(error.faults)
    found = chosen.faults_on(loaded().portfolio.scale)
    if found:
        return found
    if st.session_state.get(_POLICY) != chosen:
        st.session_state[_POLICY] = chosen
    link = link_parameters()
    if st.session_state.get(_LINK) != link or dict(st.query_params) != link:
        st.session_state[_LINK] = link
        st.session_state[_WRITTEN] = [*st.session_state.get(_WRITTEN, [])[-50:], link]
        st.query_params.from_dict(link)
    return []


def _is_late(asked: Mapping[str, str]) -> bool:
    """Whether an address is one of our own that a fast hand has left behind.

    While levers move, a run may begin before the browser has taken over the address that the run
    before wrote. With no lever moved it is the browser's back button.
    """
    if asked not in st.session_state.get(_WRITTEN, []):
        return False
    try:
        return link_parameters(_from_levers()) != st.session_state.get(_LINK)
    except ParameterError:
        return True


def seed(policy: Policy) -> None:
    """Set every lever to a policy's values (before the levers are drawn, or in a callback)."""
    for parameter in POLICY_PARAMETERS:
        inputs.seed(parameter, getattr(policy, parameter.name))
    st.session_state[inputs.key("tiers")] = tiers_text(policy)
    st.session_state[_POLICY] = policy
    st.session_state[_NOTES] = []


def take_cell(threshold: int, raise_rate: float) -> None:
    """Set the two main levers to a policy picked on a chart; tiers give way to the flat raise."""
    seed(
        policy().with_changes(
            tiers=(), score_threshold=int(threshold), raise_rate=round(float(raise_rate), 4)
        )
    )


def reset() -> None:
    """Set every lever to its default on the portfolio in view."""
    portfolio = loaded().portfolio
    reset_assumptions()
    seed(default_policy(portfolio.currency, portfolio.scale))


def link_parameters(chosen: Policy | None = None) -> dict[str, str]:
    """Return what the link holds: threshold and raise, and every lever off its default.

    Of the policy in view, unless another is given.
    """
    portfolio, chosen = loaded().portfolio, chosen or policy()
    start = default_policy(portfolio.currency, portfolio.scale)
    link = {DATA: portfolio.fingerprint[:8]}
    for parameter in POLICY_PARAMETERS:
        value = getattr(chosen, parameter.name)
        if parameter.name in ALWAYS_IN_LINK or value != getattr(start, parameter.name):
            link[parameter.name] = parameter.format(value)
    if chosen.tiers:
        link["tiers"] = tiers_text(chosen)
        del link["raise_rate"]
    for name in ASSUMED:
        value = st.session_state.get(inputs.key(name))
        if value and value != getattr(shipped_assumptions(), name, ResponsePreset.CENTRAL):
            link[name] = value
    for name, value in st.session_state.get(_EDITS, {}).items():
        link[name] = assuming.format_value(name, value)
    if chosen.constraints:
        link[APPETITE] = "; ".join(chosen.constraints)
    return link


def tiers_text(policy: Policy) -> str:
    """Return a policy's tiers as the lever shows them."""
    return ", ".join(f"{tier.score_from}={tier.raise_rate * 100:g}%" for tier in policy.tiers)


def note(sentences: list[str]) -> None:
    """Keep sentences to be shown above the page until the levers are set anew."""
    st.session_state[_NOTES] = sentences


def state(name: str, default: Any = None) -> Any:
    """Return a value that a page keeps in the session."""
    return st.session_state.get(f"page_{name}", default)


def keep(name: str, value: Any) -> None:
    """Keep a page's value in the session."""
    st.session_state[f"page_{name}"] = value


def changed_levers() -> list[str]:
    """Return the levers off their default, in words, for the line that a screenshot needs."""
    portfolio, chosen = loaded().portfolio, policy()
    start = default_policy(portfolio.currency, portfolio.scale)
    return [
        f"{parameter.title.lower()} {parameter.show(getattr(chosen, parameter.name))}"
        for parameter in POLICY_PARAMETERS
        if parameter.section != ABOUT
        and parameter.name not in ALWAYS_IN_LINK
        and getattr(chosen, parameter.name) != getattr(start, parameter.name)
    ]


def _follow_link(asked: Mapping[str, str]) -> None:
    """Set levers, assumptions and appetite to what a link asks for; note what cannot be had."""
    portfolio = loaded().portfolio
    sentences: list[str] = []
    if asked.get(DATA, portfolio.fingerprint[:8]) != portfolio.fingerprint[:8]:
        sentences.append(
            f"The link was made on other data ({asked[DATA][:8]}); in view is "
            f"{portfolio.name} ({portfolio.fingerprint[:8]}): load that portfolio to see the "
            "same figures."
        )
    reset_assumptions()
    named = [(_ASSUMPTIONS.get(name, name), text) for name, text in asked.items()]
    edits = [(name, text) for name, text in named if name in EDITABLE]
    presets = [(name, text) for name, text in named if name in ASSUMED]
    apart = {DATA, APPETITE, *EDITABLE, *ASSUMED}
    settings = [(name, text) for name, text in named if name not in apart]
    found = _follow_presets(presets) + _follow_edits(edits)
    chosen, faults = _follow_settings(settings, asked.get(APPETITE, ""))
    seed(chosen)
    st.session_state[_LINK] = dict(asked)
    sentences += [f"The link could not be followed in full. {f}" for f in found + faults]
    note(sentences)


def _follow_settings(settings: list[tuple[str, str]], appetite: str) -> tuple[Policy, list[str]]:
    """Return the policy of a link's levers and appetite, and what of them cannot be had."""
    portfolio = loaded().portfolio
    chosen = default_policy(portfolio.currency, portfolio.scale)
    found: list[str] = []
    try:
        held = parse_appetite(appetite).constraints
        chosen = chosen.with_changes(constraints=tuple(str(c) for c in held))
    except ParameterError as error:
        found += error.faults
    readable: list[tuple[str, str]] = []
    for name, text in settings:
        faults = policies.setting_faults(name, text)
        found += faults
        readable += [] if faults else [(name, text)]
    for chunk in (readable, *([setting] for setting in readable)):
        try:
            changed = policies.set_values(chosen, chunk)
            faults = changed.faults_on(portfolio.scale)
        except ParameterError as error:
            faults = list(error.faults)
        if not faults:
            chosen = changed
        if chunk is readable and not faults:
            break
        found += [] if chunk is readable else faults
    return chosen, found


def _follow_presets(presets: list[tuple[str, str]]) -> list[str]:
    found: list[str] = []
    for name, text in presets:
        try:
            taken = assuming.set_values(shipped_assumptions(), [(name, text)])
        except ParameterError as error:
            found += error.faults
        else:
            st.session_state[inputs.key(name)] = getattr(taken, name, text.strip().lower())
    return found


def _follow_edits(edits: list[tuple[str, str]]) -> list[str]:
    """Take the assumptions of a link into force; return why not, where one cannot be had."""
    base = _from_presets()
    new, found = base, list[str]()
    for edit in edits:
        try:
            new = assuming.set_values(new, [edit])
        except ParameterError as error:
            found += error.faults
    st.session_state[_EDITS] = {name: getattr(new, name) for name in new.changed_from(base)}
    return found


def _from_levers() -> Policy:
    values: dict[str, Any] = {p.name: inputs.read(p) for p in POLICY_PARAMETERS}
    tiers = policies.parse_tiers(st.session_state.get(inputs.key("tiers"), ""))
    chosen = Policy(**values, constraints=policy().constraints)
    if not tiers:
        return chosen
    tiered = chosen.with_changes(tiers=tiers, score_threshold=tiers[0].score_from)
    return tiered.at_threshold(chosen.score_threshold)


def lever(name: str) -> Parameter:
    """Return the declaration of a lever."""
    return next(parameter for parameter in POLICY_PARAMETERS if parameter.name == name)
