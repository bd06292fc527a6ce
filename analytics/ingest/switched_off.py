"""What the absence of each optional column switches off, in words."""

from __future__ import annotations

from analytics.declared.columns import OPTIONAL
from analytics.method.guardrails import GUARDRAILS
from analytics.shown import words

OTHER_USES: dict[str, str] = {
    "default_probability": "default probabilities come from the PD curve of the score scale",
    "loss_given_default": "every account has the loss given default of the assumptions",
    "monthly_income": (
        "the income multiple is not applied, and debt burden of customers is not measured"
    ),
}


def switched_off(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return one sentence for each optional column that the source does not bring."""
    sentences = []
    for name in OPTIONAL:
        if name in columns:
            continue
        rules = [words.reason_title(rule.name) for rule in GUARDRAILS if rule.column == name]
        if rules:
            listed = " and ".join(f"'{title}'" for title in rules)
            sentences.append(f"{name} is missing: the guardrail {listed} is not applied.")
        else:
            sentences.append(f"{name} is missing: {OTHER_USES[name]}.")
    return tuple(sentences)
