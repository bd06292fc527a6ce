"""What was meant by a name that is unknown: the known ones nearest to it, and how they are said."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from analytics.declared.language import either, say

CUTOFF = 0.6
"""How alike two names must be, from 0 to 1, for the one to be meant by the other."""


MAX_NAME = 100
"""Characters above which a name is not compared: no known one is near, and it takes long."""


def nearest(
    name: str,
    known: Iterable[str],
    *,
    meaning: Mapping[str, str] | None = None,
    most: int = 2,
    cutoff: float = CUTOFF,
) -> tuple[str, ...]:
    """Return the known names nearest to a name, at most ``most``, the nearest first.

    ``meaning`` says what a known spelling stands for, where that is another name.
    """
    if len(name) > MAX_NAME:
        return ()
    near = difflib.get_close_matches(name, known, n=most, cutoff=cutoff)
    return tuple(dict.fromkeys(meaning[one] if meaning else one for one in near))


def hint(
    name: str,
    known: Iterable[str],
    *,
    otherwise: str,
    meaning: Mapping[str, str] | None = None,
    most: int = 2,
    cutoff: float = CUTOFF,
) -> str:
    """Return whether one of the nearest names was meant, as a question, or ``otherwise``.

    All else as for :func:`nearest`.
    """
    near = nearest(name, known, meaning=meaning, most=most, cutoff=cutoff)
    return say("did you mean {names}?", names=either(near)) if near else otherwise


__all__ = ["hint", "nearest"]
