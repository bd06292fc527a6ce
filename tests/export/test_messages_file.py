"""messages.csv: the texts of the messages in force, with their codes."""

from __future__ import annotations

import csv
import io

import pytest

from analytics.declared.choices import Treatment
from analytics.declared.message_texts import message_texts
from analytics.declared.treatments import Treatments
from analytics.export.messages_file import (
    MESSAGE_COLUMNS,
    message_rows,
    messages_csv,
    read_message_codes,
)

RENAMED = Treatments(
    off=frozenset({Treatment.ON_REQUEST}), messages=((Treatment.ASK, "a-1"), (Treatment.WAIT, ""))
)


def test_the_file_holds_every_text_in_force_byte_for_byte() -> None:
    data = messages_csv(RENAMED)
    assert b"\r" not in data
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))
    assert tuple(rows[0]) == MESSAGE_COLUMNS
    assert [row["text"] for row in rows] == [one.text for one in message_texts(RENAMED)]
    assert len(message_rows(RENAMED)) == len(rows)
    assert {row["status"] for row in rows} == {"suggestion"}


def test_the_codes_are_read_back() -> None:
    codes = dict(read_message_codes(messages_csv(RENAMED)))
    assert codes == {
        "support": "support",
        "guidance": "guidance",
        "ask": "a-1",
        "raise_with_guidance": "guidance",
        "control_with_guidance": "guidance",
    }


@pytest.mark.parametrize("data", [b"", b"a,b\n", b"\xff", messages_csv()[5:]])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_message_codes(data)
