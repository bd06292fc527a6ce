"""The part of section 10 on who gets what, and on messages."""

from __future__ import annotations

from analytics.declared.evidence import MESSAGE_STUDIES
from analytics.declared.language import say
from analytics.declared.parameters import find
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.declared.treatments import TREATMENTS
from analytics.shown.markdown import code, table


def treatment_words() -> str:
    """Return the table of treatments and what is known of messages, in Markdown."""
    withheld = find(POLICY_PARAMETERS, "message_holdout_rate")
    return say(
        """
### Who gets what

Every account gets one treatment, the first that fits. Support goes by the flags of all accounts,
below the threshold too; the others by what became of the account. An institution can switch a
treatment off or give its message another code (`treatments.csv`).

{treatments}

**Messages.** What they may say is shipped in English and Chinese (`messages.csv`): suggestions, to
be reviewed before any is sent. The evidence on such messages is mixed:

{studies}

So a message has no value in the money here. It has an arm of its own instead: it is withheld from
{rate} of the accounts, drawn like the hold-out with another seed, so that what it does can be
measured. Help for customers in hardship or arrears is exempt and never withheld.
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
    ).strip()
