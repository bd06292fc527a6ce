"""What the absence of each optional column switches off, and a blank cell stands for, in words."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.declared.columns import OPTIONAL
from analytics.declared.language import Sentence, later_n, marked, say, together
from analytics.method.guardrails import GUARDRAILS
from analytics.shown import words

OTHER_USES: dict[str, str] = {
    "default_probability": marked(
        "default probabilities come from the PD curve of the score scale"
    ),
    "loss_given_default": marked("every account has the loss given default of the assumptions"),
    "monthly_income": marked(
        "affordability and the income multiple are not applied, and strain, cover and debt of "
        "customers are not measured"
    ),
    "other_payments": marked("customers are taken to pay nothing on debts elsewhere"),
    "external_limit": marked(
        "credit lines elsewhere are not known, and the reach of a rival is assumed"
    ),
    "external_balance": marked("debt elsewhere is not known"),
    "is_transactor": marked("every balance is taken to earn interest"),
}

BLANK_CELLS: dict[str, tuple[str, str]] = {
    "default_probability": (
        marked("{count:,} account has no default_probability: it takes that of the PD curve."),
        marked("{count:,} accounts have no default_probability: they take that of the PD curve."),
    ),
    "loss_given_default": (
        marked("{count:,} account has no loss_given_default: it takes that of the assumptions."),
        marked("{count:,} accounts have no loss_given_default: they take that of the assumptions."),
    ),
    "other_payments": (
        marked("{count:,} account has no other_payments: it is taken to pay nothing elsewhere."),
        marked(
            "{count:,} accounts have no other_payments: they are taken to pay nothing elsewhere."
        ),
    ),
    "is_transactor": (
        marked("{count:,} account has no is_transactor: its balance is taken to earn interest."),
        marked(
            "{count:,} accounts have no is_transactor: their balances are taken to earn interest."
        ),
    ),
}
"""Columns whose blank cells have a value of their own: for one account, and for several."""


def taken_for_blanks(blanks: Mapping[str, int]) -> tuple[Sentence, ...]:
    """Return what blank cells of some accounts are taken to be, one sentence a column."""
    return tuple(
        later_n(one, many, blanks[name])
        for name, (one, many) in BLANK_CELLS.items()
        if blanks.get(name)
    )


def switched_off(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return one sentence for each optional column that the source does not bring."""
    sentences = []
    for name in OPTIONAL:
        if name in columns:
            continue
        rules = [words.reason_title(rule.name) for rule in GUARDRAILS if rule.column == name]
        if rules:
            sentences.append(
                say(
                    "{name} is missing: the guardrail {rules} is not applied.",
                    name=name,
                    rules=together(f"'{title}'" for title in rules),
                )
            )
        else:
            sentences.append(
                say("{name} is missing: {what}.", name=name, what=say(OTHER_USES[name]))
            )
    return tuple(sentences)
