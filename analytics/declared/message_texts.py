"""What messages to customers may say: suggestions, to be reviewed before any of them is sent.

The texts are a catalogue of their own, ``message_texts.csv``, in the languages of customers and not
in that of whoever reads the screen. A text may name columns of ``accounts.csv`` in braces: whoever
sends it fills them in.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics.declared.choices import TextStatus, Treatment
from analytics.declared.treatments import BY_TREATMENT, SHIPPED, Treatments

LANGUAGES = ("en", "zh")
"""Languages of the texts, by their tags."""
PLACES = frozenset({"wait_months", "missing_item"})
"""Columns of ``accounts.csv`` that a text may name."""
_FILE = Path(__file__).with_suffix(".csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageText:
    """The text of one message in force, in one language; empty where none is shipped."""

    treatment: Treatment
    message_code: str
    language: str
    text: str

    @property
    def status(self) -> TextStatus:
        """Whether there is a suggestion, or the institution has to write the text."""
        return TextStatus.SUGGESTION if self.text else TextStatus.MISSING


def message_texts(table: Treatments = SHIPPED) -> tuple[MessageText, ...]:
    """Return the texts of all messages in force, by treatment and language.

    A message keeps its text where an institution gives it another code; treatments that are off,
    or have no message, have none.
    """
    texts = catalogue()
    return tuple(
        MessageText(
            treatment=row.treatment,
            message_code=code,
            language=language,
            text=texts.get((BY_TREATMENT[row.treatment].message_code, language), ""),
        )
        for row in table.rows()
        if (code := table.message_code(row.treatment))
        for language in LANGUAGES
    )


@functools.cache
def catalogue() -> Mapping[tuple[str, str], str]:
    """Return the texts by the declared code of the message and the tag of the language."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {(row["message"], row["language"]): row["text"] for row in csv.DictReader(file)}


__all__ = ["LANGUAGES", "PLACES", "MessageText", "catalogue", "message_texts"]
