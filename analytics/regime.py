"""A rule book applied: what it changes of a policy and of assumptions, and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from analytics.assumptions import Assumptions, parameter
from analytics.declared.parameters import Parameter, find
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.declared.regimes import PACKS, Pack, Ruled
from analytics.policy import Policy


@dataclass(frozen=True, slots=True)
class Standing:
    """How one value of a rule book stands to what is in force."""

    declared: Parameter
    ruled: Ruled
    before: Any
    of_policy: bool

    @property
    def changes(self) -> bool:
        """Whether the rule book moves it."""
        return bool(self.before != self.ruled.value)

    @property
    def before_text(self) -> str:
        """The value in force as a person reads it."""
        return self.declared.show(self.before)

    @property
    def after_text(self) -> str:
        """The rule book's value as a person reads it."""
        return self.declared.show(self.ruled.value)


def standings(pack: Pack, policy: Policy, assumptions: Assumptions) -> tuple[Standing, ...]:
    """Return every value of a rule book beside what is in force, in the pack's order."""
    assumed = (
        Standing(parameter(ruled.name), ruled, getattr(assumptions, ruled.name), of_policy=False)
        for ruled in pack.assumptions
    )
    levers = (
        Standing(
            find(POLICY_PARAMETERS, ruled.name),
            ruled,
            getattr(policy, ruled.name),
            of_policy=True,
        )
        for ruled in pack.policy
    )
    return (*assumed, *levers)


def changes(pack: Pack, policy: Policy, assumptions: Assumptions) -> tuple[Standing, ...]:
    """Return what a rule book would move, before and after; nothing where it is in force."""
    return tuple(one for one in standings(pack, policy, assumptions) if one.changes)


def applied(pack: Pack, policy: Policy, assumptions: Assumptions) -> tuple[Policy, Assumptions]:
    """Return policy and assumptions with a rule book's values in place of their own."""
    return (
        policy.with_changes(**{ruled.name: ruled.value for ruled in pack.policy}),
        assumptions.with_changes(**{ruled.name: ruled.value for ruled in pack.assumptions}),
    )


def undone(
    made: Iterable[Standing], policy: Policy, assumptions: Assumptions
) -> tuple[Policy, Assumptions]:
    """Return policy and assumptions with the values that changes found before they were made."""
    before = tuple(made)
    return (
        policy.with_changes(**{one.declared.name: one.before for one in before if one.of_policy}),
        assumptions.with_changes(
            **{one.declared.name: one.before for one in before if not one.of_policy}
        ),
    )


def packs_in_force(policy: Policy, assumptions: Assumptions) -> tuple[Pack, ...]:
    """Return the rule books whose every value is in force; some may set the same ones."""
    return tuple(pack for pack in PACKS if not changes(pack, policy, assumptions))


__all__ = ["Standing", "applied", "changes", "packs_in_force", "standings", "undone"]
