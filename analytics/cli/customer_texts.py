"""Treatments and whitespace as the commands print them: for people, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analytics.cli.tables import table
from analytics.cli.texts import context, not_applied_lines
from analytics.declared.language import ENGLISH, say, spoken
from analytics.declared.message_texts import message_texts
from analytics.declared.treatments import BY_TREATMENT, NeededColumn, Treatments
from analytics.export.messages_file import MESSAGE_COLUMNS, message_rows
from analytics.export.record import (
    Json,
    Record,
    assumptions_record,
    policy_record,
    portfolio_record,
)
from analytics.method.guardrails import NotApplied, not_applied
from analytics.portfolio import Portfolio
from analytics.results.treatments import TreatmentCounts, TreatmentGroup
from analytics.results.whitespace import NearMisses, Reachable, Whitespace, WhitespaceRow
from analytics.shown import customer_findings, customer_words, formats, words


def treatments_text(
    found: TreatmentCounts,
    by: str | None,
    groups: Sequence[TreatmentGroup],
    *,
    messages: bool,
) -> str:
    """Return who gets what as text: context, treatments, what is off, groups, texts of messages."""
    code = found.portfolio.currency
    parts = [
        context(found.portfolio, found.policy, found.assumptions),
        _treatments(found.total, say("Treatment"), code),
        _notes(found, code),
        _missing(found.missing),
        *(
            _treatments(group, say("{segment}: {label}", segment=by, label=group.label), code)
            for group in groups
            if by and group.accounts
        ),
        _messages(found.table) if messages else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _treatments(group: TreatmentGroup, title: str, code: str) -> str:
    header = [
        title,
        say("Accounts"),
        say("Limit"),
        say("Balance"),
        say("Expected loss"),
        say("Foregone net value"),
        say("Who"),
    ]
    rows = [
        [
            customer_words.treatment_title(one.treatment),
            formats.count(one.accounts),
            formats.amount(one.limit, code),
            formats.amount(one.balance, code),
            formats.amount(one.expected_loss, code),
            formats.amount(one.foregone_net_value, code),
            BY_TREATMENT[one.treatment].who,
        ]
        for one in group.figures
    ]
    return table([header, *rows], left=(0, 6))


def _messages(texts: Treatments) -> str:
    """Return what the messages in force may say, in every language of customers."""
    header = [say("Treatment"), say("Message"), say("Language"), say("Suggested text")]
    rows = [
        [
            customer_words.treatment_title(one.treatment),
            one.message_code,
            one.language,
            one.text or formats.DASH,
        ]
        for one in message_texts(texts)
    ]
    note = say(
        "Suggestions, to be reviewed before any is sent; the evidence on such messages is mixed. "
        "Names in braces are columns of accounts.csv."
    )
    return f"{table([header, *rows], left=(0, 1, 2, 3))}\n{note}"


def _notes(found: TreatmentCounts, code: str) -> str:
    money = say("Money in {currency}.", currency=code)
    return "\n".join((money, *customer_findings.treatment_notes(found)))


def _missing(missing: Iterable[NeededColumn]) -> str:
    lines = [f"  {needed.column}: {needed.off}" for needed in missing]
    return "\n".join((say("Not in the portfolio"), *lines)) if lines else ""


def whitespace_text(found: Whitespace) -> str:
    """Return what one rule alone keeps from a raise as text."""
    code = found.portfolio.currency
    parts = [
        context(found.portfolio, found.policy, found.assumptions),
        _rows(found.rows, say("Fails only"), code),
        _near(found.near_misses, code),
        _missing(found.missing),
        "\n".join(not_applied_lines(found.not_applied, found.portfolio)),
    ]
    if found.segment:
        title = say("Fails only, by {segment}", segment=found.segment)
        parts.append(_rows(found.by_segment, title, code))
        parts += [_near(one, code) for one in found.near_misses_by_segment]
    return "\n\n".join(part for part in parts if part)


def _rows(rows: Sequence[WhitespaceRow], title: str, code: str) -> str:
    if not rows:
        return say("No rule alone keeps an account from a raise.")
    header = [
        say("Rank"),
        title,
        *([say("Group")] if rows[0].segment else []),
        *_titles(code),
        say("Next"),
    ]
    cells = [
        [
            formats.DASH if row.rank is None else str(row.rank),
            customer_words.single_rule_title(row.rule),
            *([row.label or ""] if row.segment else []),
            *_figures(row.reachable, code),
            customer_words.next_action_words(row.next_action, row.wait_months, row.wait_until),
        ]
        for row in rows
    ]
    left = (1, 2, len(header) - 1) if rows[0].segment else (1, len(header) - 1)
    return table([header, *cells], left=left)


def _near(near: NearMisses, code: str) -> str:
    title = say("Near misses, up to {points} points below", points=near.points)
    if near.label is not None:
        title = say("{title}: {label}", title=title, label=near.label)
    return table([[title, *_titles(code)], ["", *_figures(near.reachable, code)]])


def _titles(code: str) -> list[str]:
    return [
        say("Accounts"),
        say("Raise, {currency}", currency=code),
        say("Net value"),
        say("Value over months"),
    ]


def _figures(reachable: Reachable, code: str) -> list[str]:
    return [
        formats.count(reachable.accounts),
        formats.amount(reachable.limit, code),
        formats.amount(reachable.net_value, code),
        formats.amount(reachable.npv, code),
    ]


def treatments_record(
    found: TreatmentCounts,
    by: str | None,
    groups: Sequence[TreatmentGroup],
    *,
    messages: bool,
) -> Record:
    """Return who gets what, for JSON."""
    off: list[Json] = [str(row) for row in BY_TREATMENT if row in found.table.off]
    record: Record = {
        "portfolio": portfolio_record(found.portfolio),
        "policy": policy_record(found.policy),
        "assumptions": assumptions_record(found.assumptions),
        "not_applied": _not_applied(not_applied(found.portfolio, found.policy), found.portfolio),
        "missing_columns": _missing_record(found.missing),
        "switched_off": off,
        "treatments": _group_record(found.total),
    }
    if by is not None:
        record["groups"] = {group.label: _group_record(group) for group in groups}
    if messages:
        record["messages"] = [
            dict(zip(MESSAGE_COLUMNS, r, strict=True)) for r in message_rows(found.table)
        ]
    return record


def _group_record(group: TreatmentGroup) -> Record:
    return {
        str(one.treatment): {
            "accounts": one.accounts,
            "limit": one.limit,
            "balance": one.balance,
            "expected_loss": one.expected_loss,
            "foregone_net_value": one.foregone_net_value,
        }
        for one in group.figures
    }


@spoken(ENGLISH)
def _missing_record(missing: Iterable[NeededColumn]) -> Record:
    return {needed.column: needed.off for needed in missing}


@spoken(ENGLISH)
def _not_applied(missing: Iterable[NotApplied], portfolio: Portfolio) -> Record:
    return {
        found.guardrail: words.not_applied_sentence(found, portfolio.accounts) for found in missing
    }


def whitespace_record(found: Whitespace) -> Record:
    """Return what one rule alone keeps from a raise, for JSON.

    Rows of the whole portfolio have null as their segment and label.
    """
    near: list[Json] = [
        {"segment": None, "label": None, **_reachable_record(found.near_misses.reachable)}
    ]
    near += [
        {"segment": found.segment, "label": one.label, **_reachable_record(one.reachable)}
        for one in found.near_misses_by_segment
    ]
    return {
        "portfolio": portfolio_record(found.portfolio),
        "policy": policy_record(found.policy),
        "assumptions": assumptions_record(found.assumptions),
        "not_applied": _not_applied(found.not_applied, found.portfolio),
        "missing_columns": _missing_record(found.missing),
        "only_rule": [_row_record(row) for row in (*found.rows, *found.by_segment)],
        "near_misses": near,
        "near_misses_points": found.near_misses.points,
    }


def _row_record(row: WhitespaceRow) -> Json:
    return {
        "rule": str(row.rule),
        "segment": row.segment,
        "label": row.label,
        **_reachable_record(row.reachable),
        "rank": row.rank,
        "next_action": str(row.next_action),
        "wait_months": row.wait_months,
        "wait_until": row.wait_until.isoformat() if row.wait_until else None,
    }


def _reachable_record(reachable: Reachable) -> dict[str, Json]:
    return {
        "accounts": reachable.accounts,
        "limit": reachable.limit,
        "net_value": reachable.net_value,
        "npv": reachable.npv,
    }
