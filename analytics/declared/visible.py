"""Texts as they are seen: names that look alike, read backwards or show nothing are refused."""

from __future__ import annotations

import unicodedata

from analytics.declared.language import say

_JOINERS = "\u200c\u200d"
"""Join letters, or keep them apart, in scripts that need it, and make emoji of several signs."""
_HOLLOW = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters and signs that are drawn as nothing."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def unseen_fault(text: str) -> str | None:
    """Return what is wrong with a name that does not show what it is; None where nothing is.

    Refused are names of blanks alone, line ends and control characters, and characters without
    width or that turn the direction of what follows (U+202E), which make two names look alike.
    """
    hidden = next((sign for sign in text if _is_unseen(sign)), None)
    if hidden is not None:
        return say("holds a character that is not seen (U+{code:04X})", code=ord(hidden))
    if text and not any(_is_drawn(sign) for sign in text):
        return say("holds nothing but blanks")
    return None


def as_seen(text: str) -> str:
    """Return a text with blanks for what is not seen; an empty one where nothing is left."""
    seen = "".join(" " if _is_unseen(sign) else sign for sign in text).strip()
    return seen if any(_is_drawn(sign) for sign in seen) else ""


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in _UNSEEN and sign not in _JOINERS


def _is_drawn(sign: str) -> bool:
    return not sign.isspace() and sign not in _HOLLOW and sign not in _JOINERS
