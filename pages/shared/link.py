"""The link: what it holds, and how it is read. Text and nouns; no session, no page.

It holds the policy and the assumptions, so that a reload, the browser's back button or a colleague
finds the same figures. What a link asks for and cannot be had is said, and the rest is followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analytics import assumptions as assuming
from analytics import policy as policies
from analytics.appetite import parse_appetite
from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.language import say, shortened
from analytics.declared.method_version import METHOD_VERSION
from analytics.declared.parameters import find
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.errors import ParameterError
from analytics.export import policy_context
from analytics.policy import Policy, default_policy, tiers_text
from analytics.portfolio import Portfolio
from pages.shared import assumed

ALWAYS = ("score_threshold", "raise_rate")
"""Levers that every link holds; the others only off their default."""
DATA, APPETITE, METHOD = "data", "appetite", "method"
UNTIL_1: Mapping[str, Any] = {**policy_context.UNTIL_1, "income_multiple": 4.0}
"""What a link of version 1 of the method meant by leaving a lever out, where it meant another."""
MAX_PARAMETERS, MAX_SIGNS = 200, 20_000
"""What a link may hold: it names each lever and each assumption once."""
_FINGERPRINT_LENGTH = 8
_BY_ALIAS = {
    alias: parameter.name
    for parameter in (*ASSUMPTION_PARAMETERS, *(band.declared for band in BAND_PARAMETERS))
    for alias in parameter.aliases
}
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a link asks for, as far as it can be had.

    Parameters
    ----------
    policy : with the link's levers and appetite, else the default
    settings : of the assumptions that stand among the levers, all of them
    edits : single assumptions by name
    notes : a sentence for each thing that cannot be had
    """

    policy: Policy
    settings: Mapping[str, str]
    edits: Mapping[str, Any]
    notes: tuple[str, ...]


def parameters(
    portfolio: Portfolio,
    policy: Policy,
    *,
    settings: Mapping[str, str],
    edits: Mapping[str, Any],
) -> dict[str, str]:
    """Return what a link holds: threshold and raise, and all that is off its default."""
    start = default_policy(portfolio.currency, portfolio.scale)
    link = {DATA: portfolio.fingerprint[:_FINGERPRINT_LENGTH], METHOD: str(METHOD_VERSION)}
    for parameter in POLICY_PARAMETERS:
        value = getattr(policy, parameter.name)
        if parameter.name in ALWAYS or value != getattr(start, parameter.name):
            link[parameter.name] = parameter.format(value)
    if policy.tiers:
        link["tiers"] = tiers_text(policy.tiers)
        del link["raise_rate"]
    shipped = assumed.settings_of(Assumptions.for_scale(portfolio.scale))
    link |= {name: value for name, value in settings.items() if value != shipped[name]}
    link |= {name: assuming.format_value(name, value) for name, value in edits.items()}
    if policy.constraints:
        link[APPETITE] = "; ".join(policy.constraints)
    return link


def follow(asked: Mapping[str, str], portfolio: Portfolio) -> Followed:
    """Return what a link's parameters ask for, on the portfolio in view."""
    if len(asked) > MAX_PARAMETERS or sum(map(len, asked.values())) > MAX_SIGNS:
        return _too_long(asked, portfolio)
    named = [(_BY_ALIAS.get(name, name), text) for name, text in asked.items()]
    among = [(name, text) for name, text in named if name in assumed.AMONG_LEVERS]
    single = [(name, text) for name, text in named if name in assumed.EDITABLE]
    apart = {DATA, APPETITE, METHOD, *assumed.EDITABLE, *assumed.AMONG_LEVERS}
    levers = [(name, text) for name, text in named if name not in apart]
    shipped = Assumptions.for_scale(portfolio.scale)
    settings, of_settings = _settings(among, shipped)
    edits, of_edits = _edits(single, assumed.with_settings(shipped, settings))
    start, of_version = _start(asked, portfolio)
    policy, of_policy = _policy(start, levers, asked.get(APPETITE, ""), portfolio)
    return Followed(
        policy=policy,
        settings=settings,
        edits=edits,
        notes=(
            *_other_data(asked.get(DATA), portfolio),
            *of_version,
            *(
                say("The link could not be followed in full. {fault}", fault=fault)
                for fault in (*of_settings, *of_edits, *of_policy)
            ),
        ),
    )


def _start(asked: Mapping[str, str], portfolio: Portfolio) -> tuple[Policy, list[str]]:
    """Return the policy that a link's levers change, and what is to be said of its version.

    A link that a page wrote names its data, and since version 2 its method too. One by hand names
    neither, and is meant as of today.
    """
    today = default_policy(portfolio.currency, portfolio.scale)
    version = asked.get(METHOD, "1" if DATA in asked else str(METHOD_VERSION)).strip()
    if version == str(METHOD_VERSION):
        return today, []
    if version != "1":
        other = say(
            "The link is of version {version!r} of the method, which is not known here: it was "
            "read as of version {current}.",
            version=shortened(version, _FINGERPRINT_LENGTH),
            current=METHOD_VERSION,
        )
        return today, [other]
    kept = [name for name in UNTIL_1 if name not in asked]
    if not kept:
        return today, []
    then = today.with_changes(**{name: UNTIL_1[name] for name in kept})
    shown = [f"{name} = {find(POLICY_PARAMETERS, name).format(UNTIL_1[name])}" for name in kept]
    return then, [
        say(
            "The link is of version 1 of the method. What it does not name stands as it was then "
            "({kept}), so that its limits are the old ones; its values are counted anew.",
            kept=tuple(shown),
        )
    ]


def _too_long(asked: Mapping[str, str], portfolio: Portfolio) -> Followed:
    """Return what is shown in place of a link that no page of ours has written."""
    return Followed(
        policy=default_policy(portfolio.currency, portfolio.scale),
        settings=assumed.settings_of(Assumptions.for_scale(portfolio.scale)),
        edits={},
        notes=(
            say(
                "The link was not followed: it holds {count:,} parameters and {signs:,} "
                "characters, and at most {most} and {most_signs:,} are read. Ask for it again.",
                count=len(asked),
                signs=sum(map(len, asked.values())),
                most=MAX_PARAMETERS,
                most_signs=MAX_SIGNS,
            ),
        ),
    )


def _other_data(asked: str | None, portfolio: Portfolio) -> list[str]:
    """Say that a link was made on another portfolio than the one in view, where it was."""
    held = portfolio.fingerprint[:_FINGERPRINT_LENGTH]
    if asked is None or asked == held:
        return []
    return [
        say(
            "The link was made on other data ({asked}); in view is {name} ({held}): load that "
            "portfolio to see the same figures.",
            asked=asked[:_FINGERPRINT_LENGTH],
            name=portfolio.name,
            held=held,
        )
    ]


def _settings(pairs: Pairs, shipped: Assumptions) -> tuple[dict[str, str], list[str]]:
    """Return the settings of the assumptions among the levers, and what of them cannot be had."""
    settings, found = assumed.settings_of(shipped), list[str]()
    for name, text in pairs:
        try:
            taken = assuming.set_values(shipped, [(name, text)])
        except ParameterError as error:
            found += error.faults
        else:
            settings[name] = str(getattr(taken, name, text.strip().lower()))
    return settings, found


def _edits(pairs: Pairs, base: Assumptions) -> tuple[dict[str, Any], list[str]]:
    """Return the single assumptions asked for, and why not, where one cannot be had."""
    new, found = base, list[str]()
    for pair in pairs:
        try:
            new = assuming.set_values(new, [pair])
        except ParameterError as error:
            found += error.faults
    return assumed.edits_between(base, new), found


def _policy(
    chosen: Policy, pairs: Pairs, appetite: str, portfolio: Portfolio
) -> tuple[Policy, list[str]]:
    """Return a policy with a link's levers and appetite, and what of them cannot be had."""
    found: list[str] = []
    try:
        held = parse_appetite(appetite).constraints
        chosen = chosen.with_changes(constraints=tuple(str(c) for c in held))
    except ParameterError as error:
        found += error.faults
    readable: Pairs = []
    for name, text in pairs:
        faults = policies.setting_faults(name, text)
        found += faults
        readable += [] if faults else [(name, text)]
    together, faults = _changed(chosen, readable, portfolio)
    if not faults:
        return together, found
    for pair in readable:
        chosen, faults = _changed(chosen, [pair], portfolio)
        found += faults
    return chosen, found


def _changed(
    policy: Policy, pairs: Iterable[tuple[str, str]], portfolio: Portfolio
) -> tuple[Policy, list[str]]:
    """Return the policy with settings, or as it was and why they cannot be had."""
    try:
        changed = policies.set_values(policy, pairs)
    except ParameterError as error:
        return policy, list(error.faults)
    faults = changed.faults_on(portfolio.scale, portfolio.currency)
    return (policy, faults) if faults else (changed, [])
