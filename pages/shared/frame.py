"""What every run begins and ends with: the link is followed, and written when levers are read."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.errors import ParameterError
from analytics.policy import Policy
from pages.shared import levers, link, session


def begin() -> list[str]:
    """Settle the levers before they are drawn; return sentences on what a link could not have."""
    asked = session.address()
    waiting = session.waiting_policy()
    if waiting is not None:
        levers.seed(waiting)
    elif asked and asked != session.link() and not _is_late(asked):
        _follow(asked)
    elif not session.has_policy():
        levers.seed(session.policy())
    return session.notes()


def finish() -> list[str]:
    """Read the levers into the policy in view and write the link; return the faults, if any.

    With a fault the policy in view stays as it was.
    """
    try:
        chosen = levers.read()
    except ParameterError as error:
        return list(error.faults)
    portfolio = session.loaded().portfolio
    found = chosen.faults_on(portfolio.scale, portfolio.currency)
    if found:
        return found
    session.take_policy(chosen)
    session.write_link(link_of(chosen))
    return []


def link_of(policy: Policy) -> dict[str, str]:
    """Return the link's parameters for a policy, on the portfolio and assumptions in view."""
    return link.parameters(
        session.loaded().portfolio, policy, settings=session.settings(), edits=session.edits()
    )


def _follow(asked: Mapping[str, str]) -> None:
    """Set levers, assumptions and appetite to what a link asks for; note what cannot be had."""
    found = link.follow(asked, session.loaded().portfolio)
    session.set_assumptions(found.settings, found.edits)
    levers.seed(found.policy)
    session.take_link(asked)
    session.note(list(found.notes))


def _is_late(asked: Mapping[str, str]) -> bool:
    """Whether an address is one of our own that a fast hand has left behind.

    While levers move, a run may begin before the browser has taken over the address that the run
    before wrote. With no lever moved it is the browser's back button.
    """
    if not session.has_written(asked):
        return False
    try:
        return link_of(levers.read()) != session.link()
    except ParameterError:
        return True
