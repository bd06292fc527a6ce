"""``messages.csv``: what the messages in force may say, for whoever reviews and sends them."""

from __future__ import annotations

import csv
import io

from analytics.declared.message_texts import message_texts
from analytics.declared.treatments import SHIPPED, Treatments
from analytics.export.table_file import rows_csv

MESSAGES = "messages.csv"
MESSAGE_COLUMNS = ("treatment", "message_code", "language", "status", "text")


def message_rows(table: Treatments = SHIPPED) -> list[tuple[str, ...]]:
    """Return the rows below the header."""
    return [
        (one.treatment, one.message_code, one.language, one.status, one.text)
        for one in message_texts(table)
    ]


def messages_csv(table: Treatments = SHIPPED) -> bytes:
    """Return the texts of the messages in force as CSV: UTF-8 without a byte order mark, LF."""
    return rows_csv([MESSAGE_COLUMNS, *message_rows(table)])


def read_message_codes(data: bytes) -> frozenset[tuple[str, str]]:
    """Return the treatments of such a file, each with the code of its message.

    Raises
    ------
    ValueError, UnicodeDecodeError, csv.Error
        It is no such file.
    """
    reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
    header = tuple(next(reader, ()))
    if header != MESSAGE_COLUMNS:
        raise ValueError(header)
    return frozenset((row[0], row[1]) for row in reader if len(row) == len(header))


__all__ = ["MESSAGES", "MESSAGE_COLUMNS", "message_rows", "messages_csv", "read_message_codes"]
