"""What is known of messages to customers: every study has its finding and where it stands."""

from __future__ import annotations

import re

from analytics.declared.evidence import EVIDENCE_RAISE, MESSAGE_STUDIES, Study
from analytics.shown.method.treatments import treatment_words


def test_every_study_has_a_finding_and_a_source_with_its_year() -> None:
    assert len(MESSAGE_STUDIES) == 3
    for study in MESSAGE_STUDIES:
        assert isinstance(study, Study)
        assert study.finding.endswith(".")
        assert re.search(r"\b20\d\d\b", study.source)


def test_the_method_says_every_study_with_its_source_and_that_help_is_exempt() -> None:
    words = treatment_words()
    for study in MESSAGE_STUDIES:
        assert f"{study.finding} ({study.source})" in words
    assert "The evidence on such messages is mixed" in words
    assert "exempt and never withheld" in words


def test_the_evidence_on_raises_ends_at_thirty_percent() -> None:
    assert EVIDENCE_RAISE == 0.30
