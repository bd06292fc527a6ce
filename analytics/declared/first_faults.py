"""How many faults are shown at a time, wherever they are listed: the first, and a count."""

from __future__ import annotations

from collections.abc import Iterable

from analytics.declared.language import say_n, shortened

MOST_SHOWN = 20
"""Faults that are shown of one input; who has mended these gives it again."""
ENOUGH = 100
"""Faults after which the rest of a file is not looked at."""
LONGEST = 800
"""Characters of one fault: more than any of our own sentences has."""


def first_faults(faults: Iterable[str]) -> tuple[str, ...]:
    """Return the first faults, each once, and how many more there are where some are left out.

    Of one that repeats a long text of short words, the start and the end.
    """
    different = tuple(dict.fromkeys(shortened(fault, LONGEST) for fault in faults))
    left = len(different) - MOST_SHOWN
    if left <= 0:
        return different
    more = say_n("And {count:,} more fault.", "And {count:,} more faults.", left)
    return (*different[:MOST_SHOWN], more)
