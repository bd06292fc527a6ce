"""The levers: from a policy to their widgets and back."""

from __future__ import annotations

from typing import Any

from analytics import policy as policies
from analytics.appetite import parse_appetite
from analytics.declared.language import say
from analytics.declared.parameters import Parameter
from analytics.declared.policy_parameters import ABOUT, POLICY_PARAMETERS
from analytics.errors import ParameterError
from analytics.policy import Policy, default_policy, tiers_text
from analytics.portfolio import Portfolio
from pages.shared import inputs, link, session

_TIERS = session.lever_key("tiers")


def declared(name: str) -> Parameter:
    """Return the declaration of a lever."""
    return next(parameter for parameter in POLICY_PARAMETERS if parameter.name == name)


def seed(policy: Policy) -> None:
    """Set every lever to a policy's values (before the levers are drawn, or in a callback)."""
    for parameter in POLICY_PARAMETERS:
        inputs.seed(parameter, getattr(policy, parameter.name))
    session.set_widget(_TIERS, tiers_text(policy.tiers))
    session.take_policy(policy)
    session.note([])


def read() -> Policy:
    """Return the policy that the levers hold.

    Raises
    ------
    ParameterError
        A value outside its bounds, or tiers that cannot be read; every fault is named at once.
    """
    values: dict[str, Any] = {p.name: inputs.read(p) for p in POLICY_PARAMETERS}
    tiers = policies.parse_tiers(session.widget(_TIERS, ""))
    chosen = Policy(**values, constraints=session.policy().constraints)
    if not tiers:
        return chosen
    scale = session.loaded().portfolio.scale
    off = [t.score_from for t in tiers if not scale.lowest <= t.score_from <= scale.highest]
    if off:
        raise ParameterError(
            say(
                "tiers: {score} is off the score scale: give scores from {low} to {high}.",
                score=off[0],
                low=scale.lowest,
                high=scale.highest,
            )
        )
    tiered = chosen.with_changes(tiers=tiers, score_threshold=tiers[0].score_from)
    return tiered.at_threshold(chosen.score_threshold)


def tiers_in_force() -> str:
    """Return the tiers that the threshold leaves of those typed; empty where they are the same."""
    try:
        typed, found = policies.parse_tiers(session.widget(_TIERS, "")), read().tiers
    except ParameterError:
        return ""
    return "" if found == typed else tiers_text(found)


def reset() -> None:
    """Set every lever to its default on the portfolio in view."""
    portfolio = session.loaded().portfolio
    session.reset_assumptions()
    seed(default_policy(portfolio.currency, portfolio.scale))


def take_cell(threshold: int, raise_rate: float) -> None:
    """Set the two main levers to a policy picked on a chart; tiers give way to the flat raise."""
    seed(
        session.policy().with_changes(
            tiers=(), score_threshold=int(threshold), raise_rate=round(float(raise_rate), 4)
        )
    )


def take_appetite(text: str) -> list[str]:
    """Take constraints, one a line or separated by semicolons; return why not, if not."""
    try:
        new = parse_appetite(text.replace("\n", ";"))
    except ParameterError as error:
        return list(error.faults)
    seed(session.policy().with_changes(constraints=tuple(str(c) for c in new.constraints)))
    return []


def is_tiered() -> bool:
    """Whether the raise is set by tier."""
    return bool(session.widget(_TIERS, "").strip())


def changed_words(portfolio: Portfolio, policy: Policy) -> list[str]:
    """Return the levers off their default, in words, for the line that a screenshot needs."""
    start = default_policy(portfolio.currency, portfolio.scale)
    return [
        f"{parameter.title.lower()} {parameter.show(getattr(policy, parameter.name))}"
        for parameter in POLICY_PARAMETERS
        if parameter.section != ABOUT
        and parameter.name not in link.ALWAYS
        and getattr(policy, parameter.name) != getattr(start, parameter.name)
    ]
