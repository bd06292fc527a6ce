"""Faults are listed to their twentieth, each once, with how many more there are."""

from __future__ import annotations

from analytics.declared.first_faults import first_faults


def test_twenty_faults_are_shown_whole() -> None:
    faults = [f"Fault {place}." for place in range(20)]
    assert first_faults(faults) == tuple(faults)


def test_further_faults_are_counted() -> None:
    faults = [f"Fault {place}." for place in range(60_000)]
    assert first_faults(faults) == (*faults[:20], "And 59,980 more faults.")


def test_a_fault_that_is_there_twice_is_shown_once() -> None:
    assert first_faults(["One.", "Two.", "One."]) == ("One.", "Two.")
