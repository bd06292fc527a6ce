"""What a list of accounts says of treatments: row by row, and as far as it can be counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from analytics.declared.choices import MessageArm, Reason, Treatment
from analytics.declared.language import marked
from analytics.declared.treatments import TREATMENTS, WITHOUT_HOLDOUT
from analytics.method.limits import NO_ROOM

READ = (
    "treatment",
    "message_code",
    "message_arm",
    "wait_months",
    "missing_item",
    "asked_limit",
    "affordable_limit",
    "reason",
    "binding",
    "would_be_limit",
)
"""Columns of a row that are looked at, in this order."""
_MOST_PAIRS = 1_000
_REASONS = {str(row.treatment): frozenset(map(str, row.reasons)) for row in TREATMENTS}
_EXEMPT, _CEILINGS = frozenset(map(str, WITHOUT_HOLDOUT)), frozenset(map(str, NO_ROOM))
_SUPPORT, _WAIT, _ASK = map(str, (Treatment.SUPPORT, Treatment.WAIT, Treatment.ASK))
_SENT, _ARMS = str(MessageArm.MESSAGE), frozenset(("", *map(str, MessageArm)))
_RAISED = str(Reason.RAISED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatedRows:
    """Rows by treatment and by arm of the messages, and the codes that were sent with each."""

    treatments: Mapping[str, int] = field(hash=False)
    messages: Mapping[str, int] = field(hash=False)
    codes: frozenset[tuple[str, str]]
    """Treatments, each with a code that some of its rows carry."""
    silent: frozenset[str]
    """Treatments of which some rows are in no arm of the messages."""


class TreatedReader:
    """Reads the rows of a list one by one."""

    def __init__(self) -> None:
        self._treatments: Counter[str] = Counter()
        self._messages: Counter[str] = Counter()
        self._codes: set[tuple[str, str]] = set()
        self._silent: set[str] = set()

    def fault(self, cells: list[str]) -> str | None:
        """Count a row, the cells of ``READ``; return how it contradicts itself, None if not.

        Raises
        ------
        decimal.InvalidOperation
            A limit is no number.
        """
        treatment, code, arm, wait, item, asked, affordable, reason, binding, would_be = cells
        if treatment not in _REASONS:
            return marked("{name}: row {line}, account {account!r}: its treatment is not known.")
        self._treatments[treatment] += 1
        if arm:
            self._messages[arm] += 1
        else:
            self._silent.add(treatment)
        if code and len(self._codes) < _MOST_PAIRS:
            self._codes.add((treatment, code))
        return (
            _reason_fault(treatment, reason)
            or _message_fault(treatment, code, arm)
            or _cell_fault(treatment, wait, item)
            or _limit_fault(asked, affordable, reason, binding, would_be)
        )

    def rows(self) -> TreatedRows:
        """Return what was counted."""
        return TreatedRows(
            treatments=dict(self._treatments),
            messages=dict(self._messages),
            codes=frozenset(self._codes),
            silent=frozenset(self._silent),
        )


def _reason_fault(treatment: str, reason: str) -> str | None:
    if treatment == _SUPPORT or reason in _REASONS[treatment]:
        return None
    return marked("{name}: row {line}, account {account!r}: its treatment is not its reason's.")


def _message_fault(treatment: str, code: str, arm: str) -> str | None:
    if arm not in _ARMS or bool(code) is not (arm == _SENT):
        return marked(
            "{name}: row {line}, account {account!r}: its message_code is not as its message_arm "
            "says."
        )
    if treatment in _EXEMPT and arm not in ("", _SENT):
        return marked(
            "{name}: row {line}, account {account!r}: the message of support is withheld, which it "
            "never is."
        )
    return None


def _cell_fault(treatment: str, wait: str, item: str) -> str | None:
    if bool(wait) is (treatment == _WAIT) and bool(item) is (treatment == _ASK):
        return None
    return marked(
        "{name}: row {line}, account {account!r}: wait_months or missing_item does not fit its "
        "treatment."
    )


def _limit_fault(asked: str, affordable: str, reason: str, binding: str, given: str) -> str | None:
    most = Decimal(asked) if asked else None
    if affordable:
        Decimal(affordable)
    if reason != _RAISED or (bool(asked) is (binding in _CEILINGS) and _fits(most, given)):
        return None
    return marked(
        "{name}: row {line}, account {account!r}: its asked_limit does not fit the limit that it "
        "gets."
    )


def _fits(most: Decimal | None, given: str) -> bool:
    return most is None or Decimal(given) <= most


__all__ = ["READ", "TreatedReader", "TreatedRows"]
