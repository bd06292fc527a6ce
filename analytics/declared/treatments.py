"""What each account gets: the table of treatments, in the order in which they are tried.

The first that fits is an account's treatment (METHOD 10). Support goes by the flags of all
accounts; what stands below it goes by what became of the account under the policy.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

from analytics.declared.choices import NextAction, Reason, SingleRule, Treatment
from analytics.declared.language import marked, say

MAX_CODE = 64
"""Characters of a message code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentRow:
    """One row of the table.

    Parameters
    ----------
    treatment : Treatment
        What the account gets.
    reasons : frozenset of Reason
        Who gets it: accounts with one of these reasons. Support has none: it goes by flags.
    careful : bool
        Only those of them that are close to a limit of their own.
    message_code : str
        The message that goes with it; an empty text for none. Guidance is the same with a raise
        and without, so that the arms differ by the raise alone; the notice of a raise is part of
        the raise and no message.
    english_who, english_what : str
        Who gets it and what it is, in a few words.
    """

    treatment: Treatment
    reasons: frozenset[Reason] = frozenset()
    careful: bool = False
    message_code: str = ""
    english_who: str
    english_what: str

    @property
    def who(self) -> str:
        """Who gets it, in a few words."""
        return say(self.english_who)

    @property
    def what(self) -> str:
        """What it is, in a few words."""
        return say(self.english_what)


TREATMENTS: tuple[TreatmentRow, ...] = (
    TreatmentRow(
        treatment=Treatment.SUPPORT,
        message_code="support",
        english_who=marked("In hardship or past due, whatever the score"),
        english_what=marked("Referred to help; never marketing"),
    ),
    TreatmentRow(
        treatment=Treatment.ON_REQUEST,
        reasons=frozenset({Reason.OPTED_OUT}),
        message_code="on_request",
        english_who=marked("Opted out"),
        english_what=marked("A raise only if the customer asks"),
    ),
    TreatmentRow(
        treatment=Treatment.GUIDANCE,
        reasons=frozenset(
            {
                Reason.PAST_DUE_12M,
                Reason.PERSISTENT_MINIMUM_PAYER,
                Reason.UNAFFORDABLE,
                Reason.AT_INCOME_MULTIPLE,
            }
        ),
        message_code="guidance",
        english_who=marked("Past due within 12 months, minimum payments, or no room in the income"),
        english_what=marked("Budgeting message, alert and a limit of one's own"),
    ),
    TreatmentRow(
        treatment=Treatment.ASK,
        reasons=frozenset({Reason.UNKNOWN_DATA}),
        message_code="ask",
        english_who=marked("A cell that a rule needs is blank"),
        english_what=marked("Asked for the missing item, the income first"),
    ),
    TreatmentRow(
        treatment=Treatment.WAIT,
        reasons=frozenset({Reason.TOO_NEW, Reason.RECENT_LIMIT_CHANGE}),
        message_code="wait",
        english_who=marked("Too new, or the limit changed lately"),
        english_what=marked("Told from when a raise is possible"),
    ),
    TreatmentRow(
        treatment=Treatment.RAISE_WITH_GUIDANCE,
        reasons=frozenset({Reason.RAISED}),
        careful=True,
        message_code="guidance",
        english_who=marked("Raised, and close to a limit of one's own"),
        english_what=marked("The raise, with guidance"),
    ),
    TreatmentRow(
        treatment=Treatment.CONTROL_WITH_GUIDANCE,
        reasons=frozenset({Reason.HELD_OUT}),
        careful=True,
        message_code="guidance",
        english_who=marked("Held out, and close to a limit of one's own"),
        english_what=marked("The same guidance without the raise"),
    ),
    TreatmentRow(
        treatment=Treatment.RAISE,
        reasons=frozenset({Reason.RAISED}),
        english_who=marked("Raised"),
        english_what=marked("The raise"),
    ),
    TreatmentRow(
        treatment=Treatment.CONTROL,
        reasons=frozenset({Reason.HELD_OUT}),
        english_who=marked("Held out"),
        english_what=marked("As before, to measure the effect"),
    ),
    TreatmentRow(
        treatment=Treatment.NONE,
        reasons=frozenset(Reason),
        english_who=marked("Anybody else"),
        english_what=marked("As before"),
    ),
)
"""The first row that fits is what an account gets."""
BY_TREATMENT: Mapping[Treatment, TreatmentRow] = {row.treatment: row for row in TREATMENTS}


@dataclass(frozen=True, slots=True)
class NeededColumn:
    """A column that treatments need, and what is off where a portfolio lacks it."""

    column: str
    english_off: str

    @property
    def off(self) -> str:
        """What is off without the column, in a few words."""
        return say(self.english_off)


COLUMNS: tuple[NeededColumn, ...] = (
    NeededColumn("in_hardship", marked("no support by hardship")),
    NeededColumn("days_past_due", marked("no support by arrears")),
    NeededColumn("opted_out", marked("no raise on request")),
    NeededColumn("max_days_past_due_12m", marked("no guidance by arrears of the last 12 months")),
    NeededColumn("minimum_payment_months_6", marked("no guidance by minimum payments")),
    NeededColumn(
        "monthly_income",
        marked("no guidance by income, no largest affordable limit, and nobody is asked for it"),
    ),
    NeededColumn("months_on_book", marked("nobody waits for months on book")),
    NeededColumn(
        "months_since_limit_change", marked("nobody waits for months since a limit change")
    ),
)
"""What each optional column decides among treatments."""
ALWAYS_ON = frozenset({Treatment.SUPPORT, Treatment.RAISE, Treatment.CONTROL, Treatment.NONE})
"""Treatments that cannot be switched off: help, what the policy itself does, and what is left."""
WITHOUT_HOLDOUT = frozenset({Treatment.SUPPORT})
"""Treatments whose message is never withheld: help for who is in trouble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatments:
    """The table in force: the one declared, with what an institution switched off or renamed.

    Parameters
    ----------
    off : frozenset of Treatment
        Treatments that nobody gets: accounts fall to the next that fits.
    messages : tuple of (Treatment, str)
        Message codes in place of those declared.
    """

    off: frozenset[Treatment] = frozenset()
    messages: tuple[tuple[Treatment, str], ...] = field(default=())

    def rows(self) -> tuple[TreatmentRow, ...]:
        """Return the rows that are on, in order."""
        return tuple(row for row in TREATMENTS if row.treatment not in self.off)

    def treatment_of(self, reason: Reason, *, support: bool, careful: bool) -> Treatment:
        """Return what an account gets.

        Parameters
        ----------
        reason : Reason
            What became of it under the policy.
        support : bool
            Whether it is in hardship or past due.
        careful : bool
            Whether it is close to a limit of its own; of raised and held out ones alone.
        """
        if support:
            return Treatment.SUPPORT
        fits = (
            row.treatment
            for row in self.rows()
            if reason in row.reasons and (careful or not row.careful)
        )
        return next(fits)

    def message_code(self, treatment: Treatment) -> str:
        """Return the code of the message that goes with a treatment; an empty text for none."""
        return dict(self.messages).get(treatment, BY_TREATMENT[treatment].message_code)


SHIPPED = Treatments()
"""The table as declared."""

NEXT_ACTIONS: Mapping[SingleRule, NextAction] = {
    SingleRule.CLOSED: NextAction.NONE,
    SingleRule.OPTED_OUT: NextAction.OFFER_ON_REQUEST,
    SingleRule.IN_HARDSHIP: NextAction.NONE,
    SingleRule.IS_STUDENT: NextAction.NONE,
    SingleRule.PAST_DUE: NextAction.NONE,
    SingleRule.PAST_DUE_12M: NextAction.GUIDANCE,
    SingleRule.PERSISTENT_MINIMUM_PAYER: NextAction.GUIDANCE,
    SingleRule.WAIT: NextAction.WAIT,
    SingleRule.UTILIZATION_OUT_OF_RANGE: NextAction.REVIEW,
    SingleRule.UNKNOWN_DATA: NextAction.ASK,
    SingleRule.AT_LIMIT_CAP: NextAction.REVIEW,
    SingleRule.AT_INCOME_MULTIPLE: NextAction.GUIDANCE,
    SingleRule.UNAFFORDABLE: NextAction.GUIDANCE,
}
"""What can be done about each rule that alone keeps accounts from a raise."""


@functools.cache
def single_rule(reason: Reason) -> SingleRule | None:
    """Return the rule of a reason that can be off; None for what always holds, and for arms."""
    if reason in BY_TREATMENT[Treatment.WAIT].reasons:
        return SingleRule.WAIT
    return next((rule for rule in SingleRule if rule.value == reason.value), None)
