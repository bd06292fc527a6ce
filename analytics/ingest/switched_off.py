"""What the absence of each optional column switches off, in words."""

from __future__ import annotations

from analytics.declared.columns import OPTIONAL
from analytics.declared.language import marked, say, together
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
