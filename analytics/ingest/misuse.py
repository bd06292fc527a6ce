"""Headers of protected bases and of outcomes: no score and no rule is read from them (METHOD 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from analytics.declared.columns import Column, Kind
from analytics.declared.language import marked, say
from analytics.declared.protected import is_protected, names_outcome

RULES = frozenset({Kind.SCORE, Kind.FLAG, Kind.COUNT})
"""Columns that decide who is raised, beside the status, which may name what was charged off."""
_PROTECTED = marked(
    "--map {column}: {header!r} names a protected basis, and no score and no rule is made of one. "
    "If it is not what its name says, give --mark {header}=segment."
)
_OUTCOME = marked(
    "--map {column}: {header!r} names an outcome, seen after the day of the balances, and no score "
    "and no rule is made of one. If it was known on that day, give --mark {header}=segment."
)


def misused(column: Column, headers: Iterable[str], is_free: Callable[[str], bool]) -> list[str]:
    """Return why a column of the product is not read from headers, one sentence each.

    ``is_free`` says of a header that it is the column's own name, or marked by the user to be no
    such basis or outcome.
    """
    named = [header for header in headers if not is_free(header)]
    found = []
    for header in named:
        if column.kind in {*RULES, Kind.STATUS} and is_protected(header):
            found.append(say(_PROTECTED, column=column.name, header=header))
        elif column.kind in RULES and names_outcome(header):
            found.append(say(_OUTCOME, column=column.name, header=header))
    return found


def may_be_freed(header: str) -> bool:
    """Whether a rule is read from a header only after the user marked it as a segment."""
    return is_protected(header) or names_outcome(header)
