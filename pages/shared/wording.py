"""The words of the Load page for what the engine says in those of the command line."""

from __future__ import annotations

import re

from analytics.declared.language import marked, say

FILE, TABLE = "intake", "table"
"""Of what something is stated: the beginnings of the widgets' keys."""
LABELS = {
    "derive-score": marked("“Score from the default probability”"),
    "header-line": marked("“Line of the headers”"),
    "encoding": marked("“Encoding”"),
    "delimiter": marked("“Delimiter”"),
    "decimal": marked("“Decimal sign”"),
    "scale": marked("“Score scale”"),
    "currency": marked("“Currency”"),
    "credit-balances": marked("“Credit balances”"),
    "sum-row": marked("“A row that sums up all others”"),
    "blank": marked("“Words that mean unknown”"),
    "no-score": marked("“Scores that mean none”"),
    "sheet": marked("“Sheet of a workbook”"),
    "map": marked("“Derived columns”"),
    "status": marked("“Words of the status”"),
    "duplicates": marked("“Rows with the same id”"),
    "pd-horizon-months": marked("“Months of the default probability”"),
    "mark": marked("“What columns may be used for”"),
    "as-of": marked("“As of”"),
    "name": marked("“Name”"),
}
"""Options of the command line, by their labels on this page."""


def for_page(sentence: str, of: str = FILE) -> str:
    """Return a sentence in the words of the Load page, where it names an option to type."""
    words = sentence
    if of == TABLE:
        words = words.replace("--map", say("“Columns of another name”"))
    words = re.sub(
        r"--map (?:\"(\w+)=([^\"]+)\"|(\w+)=([^\s.,:;]+))",
        lambda found: _in_the_table(found[1] or found[3], found[2] or found[4]),
        words,
    )
    for option, label in LABELS.items():
        words = re.sub(f"--{option}[ =](?=\\S)", f"{say(label)} ", words)
        words = words.replace(f"--{option}", say(label))
    return words


def _in_the_table(column: str, header: str) -> str:
    """Return how a column is mapped on this page; HEADER stands for the one that holds it."""
    if header == "HEADER":
        return say("{column} in the table above", column=column)
    return say(
        "{column} as the column of {header} in the table above", column=column, header=header
    )
