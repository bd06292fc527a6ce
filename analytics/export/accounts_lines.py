"""How the rows of ``accounts.csv`` are written: the same text by this program and by DuckDB."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.assumptions import Assumptions
from analytics.declared.choices import Arm, ConsentMode, MessageArm, Reason, Treatment
from analytics.declared.columns import MINOR_UNITS, Kind
from analytics.declared.treatments import SHIPPED, Treatments
from analytics.method.guardrails import REASONS
from analytics.method.limits import BINDINGS
from analytics.method.treatments import missing_items
from analytics.policy import Policy
from analytics.portfolio import Portfolio

ACCOUNTS = "accounts.csv"
ACCOUNTS_COLUMNS: tuple[tuple[str, Kind], ...] = (
    ("account_id", Kind.TEXT),
    ("score", Kind.SCORE),
    ("current_limit", Kind.MONEY),
    ("new_limit", Kind.MONEY),
    ("increase", Kind.MONEY),
    ("decision", Kind.TEXT),
    ("reason", Kind.TEXT),
    ("binding", Kind.TEXT),
    ("would_be_limit", Kind.MONEY),
    ("arm", Kind.TEXT),
    ("end_date", Kind.TEXT),
    ("limit_after_end", Kind.MONEY),
    ("treatment", Kind.TEXT),
    ("message_code", Kind.TEXT),
    ("message_arm", Kind.TEXT),
    ("wait_months", Kind.COUNT),
    ("missing_item", Kind.TEXT),
    ("asked_limit", Kind.MONEY),
    ("affordable_limit", Kind.MONEY),
)
HEADER = ",".join(name for name, _ in ACCOUNTS_COLUMNS)
RAISE, OFFER, HOLD = "raise", "offer", "hold"
SINCE_2 = ("would_be_limit", "arm")
"""Columns that came with version 2 of the method."""
OF_THE_END = ("end_date", "limit_after_end")
"""Columns of when a temporary raise ends, and which limit holds then; empty without one."""
OF_TREATMENTS = (
    "treatment",
    "message_code",
    "message_arm",
    "wait_months",
    "missing_item",
    "asked_limit",
    "affordable_limit",
)
"""Columns of what an account gets beside its limit, and of what was asked and can be borne."""
_LATER = (*SINCE_2, *OF_THE_END, *OF_TREATMENTS)
HEADER_1 = ",".join(name for name, _ in ACCOUNTS_COLUMNS if name not in _LATER)
"""What the file began with before: the beginning of what it begins with now."""
ARMS = {Reason.RAISED: Arm.RAISED, Reason.HELD_OUT: Arm.HELD_OUT}
"""The arm of the trial that an account with a reason is in; all others are in none."""
TREATMENTS, MESSAGE_ARMS = tuple(Treatment), tuple(MessageArm)

_RAISED, _HELD_OUT = Reason.RAISED.code, Reason.HELD_OUT.code
_SENT = MessageArm.MESSAGE.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What the rows of an export share: its words for codes, and the day on which raises end.

    ``items`` are the columns that customers are asked for, in the order of their places.
    """

    made: str
    ends: bool
    end_date: str
    table: Treatments
    items: tuple[str, ...]

    @classmethod
    def of(
        cls,
        portfolio: Portfolio,
        policy: Policy,
        assumptions: Assumptions,
        table: Treatments = SHIPPED,
    ) -> Wording:
        """Return the words of an export of these."""
        return cls(
            made=made_decision(assumptions),
            ends=policy.temporary_days is not None,
            end_date=policy.end_date.isoformat() if policy.end_date else "",
            table=table,
            items=missing_items(policy, portfolio),
        )


def made_decision(assumptions: Assumptions) -> str:
    """Return what the file calls a raise: an offer where the customer has to accept it."""
    return OFFER if assumptions.consent_mode is ConsentMode.OPT_IN else RAISE


def money(minor: int) -> str:
    """Return minor units as a plain decimal with two digits, exactly."""
    whole, cents = divmod(abs(minor), MINOR_UNITS)
    return f"{'-' if minor < 0 else ''}{whole}.{cents:02d}"


def row_line(
    wording: Wording,
    account_id: str,
    score: int,
    current_limit: int,
    new_limit: int,
    reason: int,
    binding: int | None,
    would_be_limit: int,
    treatment: int,
    message_arm: int | None,
    wait_months: int | None,
    missing_item: int | None,
    asked_limit: int | None,
    affordable_limit: int | None,
) -> str:
    """Return the line of an account, with its end, from the cells of its row."""
    if account_id.startswith("#") or any(mark in account_id for mark in ',"\r\n'):
        account_id = '"' + account_id.replace('"', '""') + '"'
    raised = reason == _RAISED
    decision = wording.made if raised else Reason.HELD_OUT if reason == _HELD_OUT else HOLD
    ends = raised and wording.ends
    given = TREATMENTS[treatment]
    code = wording.table.message_code(given) if message_arm == _SENT else ""
    return (
        f"{account_id},{score},{money(current_limit)},{money(new_limit)},"
        f"{money(new_limit - current_limit)},{decision},{REASONS[reason]},"
        f"{'' if binding is None else BINDINGS[binding]},"
        f"{money(would_be_limit)},{ARMS.get(REASONS[reason], '')},"
        f"{wording.end_date if ends else ''},{money(current_limit) if ends else ''},"
        f"{given},{code},{'' if message_arm is None else MESSAGE_ARMS[message_arm]},"
        f"{'' if wait_months is None else wait_months},"
        f"{'' if missing_item is None else wording.items[missing_item]},"
        f"{'' if asked_limit is None else money(asked_limit)},"
        f"{'' if affordable_limit is None else money(affordable_limit)}\n"
    )


def duckdb_columns(wording: Wording) -> str:
    """Return the columns of the file as DuckDB selects them itself, from the same cells."""
    decision = (
        f"CASE reason WHEN {_RAISED} THEN '{wording.made}' "
        f"WHEN {_HELD_OUT} THEN '{Reason.HELD_OUT}' ELSE '{HOLD}' END AS decision"
    )
    day = f"'{wording.end_date}'" if wording.ends and wording.end_date else "NULL"
    arm = " ".join(f"WHEN {reason.code} THEN '{arm}'" for reason, arm in ARMS.items())
    ended = "current_limit" if wording.ends else "NULL"
    return ", ".join(
        (
            "account_id",
            "score",
            _in_currency("current_limit", "current_limit"),
            _in_currency("new_limit", "new_limit"),
            _in_currency("new_limit - current_limit", "increase"),
            decision,
            _named(REASONS, "reason"),
            _named(BINDINGS, "binding"),
            _in_currency("would_be_limit", "would_be_limit"),
            f"CASE reason {arm} END AS arm",
            f"{_of_raised(day)} AS end_date",
            _in_currency(_of_raised(ended), "limit_after_end"),
            _named(TREATMENTS, "treatment"),
            _message(wording.table),
            _named(MESSAGE_ARMS, "message_arm"),
            "wait_months",
            _named(wording.items, "missing_item") if wording.items else "NULL AS missing_item",
            _in_currency("asked_limit", "asked_limit"),
            _in_currency("affordable_limit", "affordable_limit"),
        )
    )


def _in_currency(minor: str, name: str) -> str:
    return f"(({minor})::DECIMAL(18, 0) * 0.01::DECIMAL(2, 2)) AS {name}"


def _of_raised(what: str) -> str:
    return f"CASE reason WHEN {_RAISED} THEN {what} END"


def _named(names: tuple[str, ...], index: str) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + f"][{index} + 1] AS {index}"


def _message(table: Treatments) -> str:
    """Return the code of the message that goes out: null where none does."""
    codes = [f"'{_literal(table.message_code(treatment))}'" for treatment in TREATMENTS]
    listed = f"[{', '.join(codes)}][treatment + 1]"
    return f"CASE message_arm WHEN {_SENT} THEN {listed} END AS message_code"


def _literal(code: str) -> str:
    """Return a code as it stands in a text of SQLAlchemy, where a colon begins a parameter."""
    return code.replace("'", "''").replace(":", "\\:")
