"""How far the evidence reaches: raises that studies have looked at, and trials of messages."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.declared.language import marked, say

EVIDENCE_RAISE = 0.30
"""The largest raise within the evidence (METHOD 4): studies cover raises of 10 to 30 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What one study found, and where it stands."""

    english_finding: str
    english_source: str

    @property
    def finding(self) -> str:
        """What it found, in a sentence."""
        return say(self.english_finding)

    @property
    def source(self) -> str:
        """Who wrote it, and where it stands."""
        return say(self.english_source)


MESSAGE_STUDIES: tuple[Study, ...] = (
    Study(
        english_finding=marked(
            "Two field experiments with 183,441 cardholders in the United Kingdom: messages on "
            "statements, and letters and e-mails, did not lower card debt in the long run."
        ),
        english_source=marked(
            "Adams, Guttman-Kenney, Hayes, Hunt, Laibson and Stewart, Economica 89 (S1), 2022"
        ),
    ),
    Study(
        english_finding=marked(
            "A reminder to card customers 30 days overdue: 64.3 % repaid all arrears within the "
            "cycle instead of 61.9 %, +2.4 points; no significant effect at low scores."
        ),
        english_source=marked(
            "Campbell, Grant and Thorp, Journal of Banking and Finance 142, 2022"
        ),
    ),
    Study(
        english_finding=marked(
            "Reminders to pay the card on time in Brazil: late fees fell by 13 %, but 31 % of "
            "those who avoided one paid overdraft fees instead; some paid more in all."
        ),
        english_source=marked("Medina, Review of Financial Studies 34 (5), 2021; AEARCTR-0003034"),
    ),
)
"""Trials of messages to customers: one found nothing, one a gain, one harm beside a gain."""
