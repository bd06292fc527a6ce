"""The part of section 10 on who gets what, and on messages."""

from __future__ import annotations

from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS
from analytics.declared.evidence import MESSAGE_STUDIES
from analytics.declared.language import say
from analytics.declared.parameters import find
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.declared.treatments import TREATMENTS
from analytics.method.treatments import NEAR_MISS
from analytics.results.fairness import FEW
from analytics.shown.markdown import code, table


def treatment_words() -> str:
    """Return the table of treatments and what is known of messages, in Markdown."""
    relief = find(ASSUMPTION_PARAMETERS, "relief_utilization")
    withheld = find(POLICY_PARAMETERS, "message_holdout_rate")
    return say(
        """
### Who gets what

Every account gets one treatment, the first that fits. Support goes by the flags of all accounts,
below the threshold too; the others by what became of the account. An institution can switch a
treatment off or give its message another code (`treatments.csv`).

{treatments}

Close to a limit of one's own is who has drawn at least {relief} of the limit, paid only the
minimum in any of the last 6 months, would get at least 90 % of the largest affordable limit, or
would owe more than half of what counts as over-indebted. *Foregone* is the net value of the raise
that an account would get if the rule or ceiling of its reason alone were off.

**Messages.** What they may say is shipped in English and Chinese (`messages.csv`): suggestions, to
be reviewed before any is sent. The evidence on such messages is mixed:

{studies}

So a message has no value in the money here. It has an arm of its own instead: it is withheld from
{rate} of the accounts, drawn like the hold-out with another seed, so that what it does can be
measured. Help for customers in hardship or arrears is exempt and never withheld.

### What one rule alone keeps

Whitespace is who has at least the threshold's score and would be raised if one rule or ceiling
alone were off; a hold-out is ignored, and the two rules of time are one. Every account counts once,
under the reason that it has: one with a blank cell counts under the missing data, even where
another lever would no longer ask for the cell, so that loosening that lever raises some more than
its row says. Rows are ranked by value over the horizon, from {few} accounts on. Near misses are
within {near} points below the threshold, and would be raised at the first rate.
""",
        treatments=table(
            (say("treatment"), say("message"), say("who"), say("what")),
            (
                (
                    code(row.treatment),
                    row.message_code and code(row.message_code),
                    row.who,
                    row.what,
                )
                for row in TREATMENTS
            ),
        ),
        studies="\n".join(f"- {study.finding} ({study.source})" for study in MESSAGE_STUDIES),
        rate=withheld.show(withheld.default),
        relief=relief.show(relief.default),
        near=NEAR_MISS,
        few=FEW,
    ).strip()
