"""What the user states about a file: its widgets, and the declaration that they make."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from analytics import ingest
from analytics.declared import currencies
from analytics.declared.choices import ColumnMark
from analytics.declared.columns import LONGEST_PD_HORIZON, PD_HORIZON_MONTHS
from analytics.declared.language import marked, say
from analytics.declared.scales import KNOWN, ScoreScale, parse_scale
from analytics.errors import ParameterError
from analytics.ingest import CreditBalances, Declaration, Duplicates, SumRow
from pages.shared import session, statuses
from pages.shared.wording import FILE, TABLE

OTHER = marked("other")
DETECT = marked("detect")
ENCODINGS = ("utf-8", "utf-16", "gb18030", "big5", "shift_jis", "cp1252")
DELIMITERS = (marked("comma"), marked("semicolon"), marked("tab"), marked("pipe"))
DECIMALS = (marked("point"), marked("comma"))
ASKED_FOR = (
    "encoding", "delimiter", "decimal", "scale", "sheet", "header_line", "currency", "sum_row",
)  # fmt: skip
"""Options of a file that a choice may ask for."""
DUPLICATES = {
    Duplicates.REJECT: marked("reject all of them"),
    Duplicates.KEEP_FIRST: marked("keep the first"),
    Duplicates.KEEP_LAST: marked("keep the last"),
}
CREDIT_BALANCES = {
    CreditBalances.REJECT: marked("reject their rows"),
    CreditBalances.ZERO: marked("read as 0"),
}
ASK = "ask"
SUM_ROW = {
    ASK: marked("ask"),
    SumRow.LEAVE_OUT.value: marked("leave it out"),
    SumRow.KEEP.value: marked("it is an account"),
}
"""What a row may be that sums up all others."""


def draw() -> None:
    """Draw the widgets of all that can be stated of a file; their values stay in the session."""
    _about(FILE)
    with st.expander(say("How the file is written")):
        _writing()
        _meaning()


def draw_table() -> None:
    """Draw the widgets of all that can be stated of a table."""
    _about(TABLE)
    first, second, third = st.columns([1, 1, 2])
    _other_scale(first, TABLE)
    _sentinels(second, TABLE)
    third.text_input(
        say("Columns of another name"),
        placeholder="score=points; balance=drawn",
        key=_key("mapping", TABLE),
    )
    _rows_apart(TABLE)


def table_declaration() -> Declaration:
    """Return the declaration of what is stated of a table.

    Raises
    ------
    ParameterError
        What was typed cannot be read.
    """
    pairs = ingest.parse_mapping(m for m in _value("mapping", TABLE).split(";") if m.strip())
    return Declaration(mapping=pairs, **_stated_about(TABLE))


def _stated_about(of: str) -> dict[str, Any]:
    """Return what is stated of a file and of a table alike."""
    as_of = _value("as_of", of)
    return {
        "name": _value("called", of).strip() or None,
        "as_of": as_of if isinstance(as_of, dt.date) else None,
        "currency": _given("currency", of),
        "scale": _scale(_value("scale", of), of),
        "sentinels": _whole_numbers(_value("sentinels", of)),
        "statuses": statuses.stated(statuses_of(of)),
        "credit_balances": CreditBalances(_value("credit_balances", of)),
        "pd_horizon_months": _value("pd_horizon_months", of),
        "marks": ingest.parse_marks(m for m in _value("marks", of).split(";") if m.strip()),
        "sum_row": None if _value("sum_row", of) == ASK else SumRow(_value("sum_row", of)),
    }


def declaration(mapping: tuple[tuple[str, str], ...] = ()) -> Declaration:
    """Return the declaration of what is stated, with the mapping of headers where one is given.

    Raises
    ------
    ParameterError
        What was typed cannot be read.
    """
    derived = ingest.parse_mapping(d for d in _value("derived").split(";") if d.strip())
    names = {column for column, _ in derived}
    header_line = int(_value("header_line"))
    return Declaration(
        **_stated_about(FILE),
        encoding=_given("encoding"),
        delimiter=_given("delimiter"),
        decimal=_given("decimal"),
        duplicates=_value("duplicates"),
        blank_words=tuple(word.strip() for word in _value("blank").split(",") if word.strip()),
        sheet=_value("sheet").strip() or None,
        header_line=header_line if header_line > 1 else None,
        mapping=derived + tuple(pair for pair in mapping if pair[0] not in names),
        derive_score=_value("derive_score"),
    )


def choose(option: str, value: str, of: str = FILE) -> None:
    """Declare what was chosen of a file or a table: set the widget of its option."""
    if option != "scale":
        session.set_widget(_key(option, of), int(value) if option == "header_line" else value)
        return
    known = next((_title(k) for k in KNOWN if str(k) == value.replace(":", "-")), OTHER)
    session.set_widget(_key("scale", of), known)
    if known == OTHER:
        session.set_widget(_key("other_scale", of), value)


def chosen(option: str, value: str) -> str:
    """Return what stands on the button that declares a choice."""
    if option == "sum_row":
        return say(SUM_ROW[value]).capitalize()
    if option == "header_line":
        return say("It is line {line}", line=value)
    return say("It is {option}", option=value)


def _about(of: str) -> None:
    first, second, third, fourth = st.columns(4)
    own = say("from the table") if of == TABLE else say("from the file")
    first.text_input(say("Name"), placeholder=own, key=_key("called", of))
    second.date_input(say("As of"), value=None, key=_key("as_of", of), format="YYYY-MM-DD")
    third.selectbox(
        say("Currency"),
        [DETECT, *(known.code for known in currencies.KNOWN)],
        format_func=_option,
        accept_new_options=True,
        key=_key("currency", of),
        help=say(
            "Detect: CNY is assumed, and said; you are asked where a column names several "
            "currencies."
        ),
    )
    fourth.selectbox(
        say("Score scale"),
        [DETECT, *map(_title, KNOWN), OTHER],
        format_func=_option,
        key=_key("scale", of),
        help=say(
            "Detect: 350-950 is assumed, and said; you are asked where the scores are of another "
            "scale."
        ),
    )

    _about_columns(of)


def _about_columns(of: str) -> None:
    """Draw what can be stated of the columns of a file and a table alike."""
    first, second = st.columns([1, 3])
    first.number_input(
        say("Months of the default probability"),
        min_value=1,
        max_value=LONGEST_PD_HORIZON,
        value=None,
        step=1,
        placeholder=say("{months}, assumed", months=PD_HORIZON_MONTHS),
        key=_key("pd_horizon_months", of),
        help=say("1 for a one-month model; every figure has the probability over 12 months."),
    )
    second.text_input(
        say("What columns may be used for"),
        placeholder="age_band=segment; churned=outcome",
        key=_key("marks", of),
        help=say(
            "column={marks}, separated by semicolons, where a column's name says otherwise. "
            "Protected segments set no tiers; outcomes are kept for a back-test.",
            marks="|".join(ColumnMark),
        ),
    )


def _other_scale(place: Any, of: str) -> None:
    place.text_input(say("Other score scale"), placeholder="0:1000", key=_key("other_scale", of))


def _sentinels(place: Any, of: str) -> None:
    place.text_input(say("Scores that mean none"), placeholder="0, 999", key=_key("sentinels", of))


def _writing() -> None:
    first, second, third, fourth = st.columns(4)
    _other_scale(first, FILE)
    second.selectbox(
        say("Encoding"), [DETECT, *ENCODINGS], format_func=_option, key=_key("encoding")
    )
    third.selectbox(
        say("Delimiter"), [DETECT, *DELIMITERS], format_func=_option, key=_key("delimiter")
    )
    fourth.selectbox(
        say("Decimal sign"), [DETECT, *DECIMALS], format_func=_option, key=_key("decimal")
    )
    first, second, third, _ = st.columns(4)
    first.text_input(say("Sheet of a workbook"), placeholder=say("the only one"), key=_key("sheet"))
    second.number_input(
        say("Line of the headers"), min_value=1, value=1, step=1, key=_key("header_line")
    )
    third.text_input(
        say("Words that mean unknown"),
        placeholder="n/a",
        key=_key("blank"),
        help=say("Separated by commas; a cell with one of them is read as an empty one."),
    )


def _meaning() -> None:
    first, second, third, fourth = st.columns(4)
    first.selectbox(
        say("Rows with the same id"),
        list(Duplicates),
        format_func=lambda rule: say(DUPLICATES[rule]),
        key=_key("duplicates"),
    )
    _sentinels(second, FILE)
    third.text_input(
        say("Derived columns"),
        placeholder="balance=utilization*current_limit",
        key=_key("derived"),
        help=say("column=arithmetic over the file's headers, separated by semicolons."),
    )
    fourth.toggle(
        say("Score from the default probability"),
        key=_key("derive_score"),
        help=say("Where the file has no score: by the inverse of the PD curve, marked as derived."),
    )
    _rows_apart(FILE)


def _rows_apart(of: str) -> None:
    """Draw what can be stated of rows that are no plain accounts, of a file and a table alike."""
    first, second, third = st.columns([1, 1, 2])
    first.selectbox(
        say("Credit balances"),
        list(CreditBalances),
        format_func=lambda rule: say(CREDIT_BALANCES[rule]),
        key=_key("credit_balances", of),
        help=say("Balances below zero, in the customer's favour: -12.50, (12.50), 12.50CR."),
    )
    second.selectbox(
        say("A row that sums up all others"),
        list(SUM_ROW),
        format_func=lambda rule: say(SUM_ROW[rule]),
        key=_key("sum_row", of),
        help=say("A total line would double the portfolio."),
    )
    with third:
        statuses.draw(statuses_of(of))


def statuses_of(of: str) -> str:
    """Return the key of the widget for words of the status of a file's or a table's accounts."""
    return _key("statuses", of)


def _key(name: str, of: str = FILE) -> str:
    return f"{of}_{name}"


def _value(name: str, of: str = FILE) -> Any:
    return session.widget(_key(name, of))


def _title(scale: ScoreScale) -> str:
    return f"{scale.name} {scale}"


def _option(option: str) -> str:
    """Return how an option is shown: a word is said, a name stands as it is."""
    return say(option) if option in (DETECT, OTHER, *DELIMITERS, *DECIMALS) else option


def _given(name: str, of: str = FILE) -> str | None:
    choice: str = _value(name, of)
    return None if choice == DETECT else choice


def _scale(choice: str, of: str) -> ScoreScale | None:
    if choice == DETECT:
        return None
    if choice == OTHER:
        return parse_scale(_value("other_scale", of))
    return next(known for known in KNOWN if _title(known) == choice)


def _whole_numbers(text: str) -> tuple[int, ...]:
    """Return whole numbers separated by commas."""
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise ParameterError(
            say(
                "Scores that mean none: {text!r} was not understood: give whole numbers "
                "separated by commas, for example 0, 999.",
                text=text,
            )
        ) from None
