"""What the user states about a file: its widgets, and the declaration that they make."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from analytics import ingest
from analytics.declared import currencies
from analytics.declared.language import marked, say
from analytics.declared.scales import KNOWN, ScoreScale, parse_scale
from analytics.errors import ParameterError
from analytics.ingest import CreditBalances, Declaration, Duplicates, SumRow
from pages.shared import session

OTHER = marked("other")
DETECT = marked("detect")
ENCODINGS = ("utf-8", "utf-16", "gb18030", "big5", "shift_jis", "cp1252")
DELIMITERS = (marked("comma"), marked("semicolon"), marked("tab"), marked("pipe"))
DECIMALS = (marked("point"), marked("comma"))
ASKED_FOR = ("encoding", "delimiter", "decimal", "scale", "sheet", "currency", "sum_row")
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
    """Draw the widgets of all that can be stated; their values stay in the session."""
    _about()
    with st.expander(say("How the file is written")):
        _writing()
        _meaning()


def declaration(mapping: tuple[tuple[str, str], ...] = ()) -> Declaration:
    """Return the declaration of what is stated, with the mapping of headers where one is given.

    Raises
    ------
    ParameterError
        What was typed cannot be read.
    """
    derived = ingest.parse_mapping(d for d in _value("derived").split(";") if d.strip())
    names = {column for column, _ in derived}
    as_of, header_line = _value("as_of"), int(_value("header_line"))
    return Declaration(
        name=_value("name").strip() or None,
        as_of=as_of if isinstance(as_of, dt.date) else None,
        currency=_given("currency"),
        scale=_scale(_value("scale")),
        encoding=_given("encoding"),
        delimiter=_given("delimiter"),
        decimal=_given("decimal"),
        duplicates=_value("duplicates"),
        sentinels=_whole_numbers(_value("sentinels")),
        blank_words=tuple(word.strip() for word in _value("blank").split(",") if word.strip()),
        credit_balances=_value("credit_balances"),
        sum_row=None if _value("sum_row") == ASK else SumRow(_value("sum_row")),
        sheet=_value("sheet").strip() or None,
        header_line=header_line if header_line > 1 else None,
        mapping=derived + tuple(pair for pair in mapping if pair[0] not in names),
        derive_score=_value("derive_score"),
    )


def choose(option: str, value: str) -> None:
    """Declare what was chosen: set the widget of its option."""
    if option != "scale":
        session.set_widget(_key(option), value)
        return
    known = next((_title(k) for k in KNOWN if str(k) == value.replace(":", "-")), OTHER)
    session.set_widget(_key("scale"), known)
    if known == OTHER:
        session.set_widget(_key("other_scale"), value)


def chosen(option: str, value: str) -> str:
    """Return what stands on the button that declares a choice."""
    if option == "sum_row":
        return say(SUM_ROW[value]).capitalize()
    return say("It is {option}", option=value)


def _about() -> None:
    first, second, third, fourth = st.columns(4)
    first.text_input(say("Name"), placeholder=say("from the file"), key=_key("name"))
    second.date_input(say("As of"), value=None, key=_key("as_of"), format="YYYY-MM-DD")
    third.selectbox(
        say("Currency"),
        [DETECT, *(known.code for known in currencies.KNOWN)],
        format_func=_option,
        accept_new_options=True,
        key=_key("currency"),
        help=say("Detect: CNY, and you are asked where a column names several currencies."),
    )
    fourth.selectbox(
        say("Score scale"),
        [DETECT, *map(_title, KNOWN), OTHER],
        format_func=_option,
        key=_key("scale"),
        help=say("Detect: 350-950, and you are asked where the scores are of another scale."),
    )


def _writing() -> None:
    first, second, third, fourth = st.columns(4)
    first.text_input(say("Other score scale"), placeholder="0:1000", key=_key("other_scale"))
    second.selectbox(
        say("Encoding"), [DETECT, *ENCODINGS], format_func=_option, key=_key("encoding")
    )
    third.selectbox(
        say("Delimiter"), [DETECT, *DELIMITERS], format_func=_option, key=_key("delimiter")
    )
    fourth.selectbox(
        say("Decimal sign"), [DETECT, *DECIMALS], format_func=_option, key=_key("decimal")
    )
    first, second, *_ = st.columns(4)
    first.text_input(say("Sheet of a workbook"), placeholder=say("the only one"), key=_key("sheet"))
    second.number_input(
        say("Line of the headers"), min_value=1, value=1, step=1, key=_key("header_line")
    )


def _meaning() -> None:
    first, second, third, fourth = st.columns(4)
    first.selectbox(
        say("Rows with the same id"),
        list(Duplicates),
        format_func=lambda rule: say(DUPLICATES[rule]),
        key=_key("duplicates"),
    )
    second.text_input(say("Scores that mean none"), placeholder="0, 999", key=_key("sentinels"))
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
    first, second, third, _ = st.columns(4)
    first.text_input(
        say("Words that mean unknown"),
        placeholder="n/a",
        key=_key("blank"),
        help=say("Separated by commas; a cell with one of them is read as an empty one."),
    )
    second.selectbox(
        say("Credit balances"),
        list(CreditBalances),
        format_func=lambda rule: say(CREDIT_BALANCES[rule]),
        key=_key("credit_balances"),
        help=say("Balances below zero, in the customer's favour: -12.50, (12.50), 12.50CR."),
    )
    third.selectbox(
        say("A row that sums up all others"),
        list(SUM_ROW),
        format_func=lambda rule: say(SUM_ROW[rule]),
        key=_key("sum_row"),
        help=say("A total line would double the portfolio."),
    )


def _key(name: str) -> str:
    return f"intake_{name}"


def _value(name: str) -> Any:
    return session.widget(_key(name))


def _title(scale: ScoreScale) -> str:
    return f"{scale.name} {scale}"


def _option(option: str) -> str:
    """Return how an option is shown: a word is said, a name stands as it is."""
    return say(option) if option in (DETECT, OTHER, *DELIMITERS, *DECIMALS) else option


def _given(name: str) -> str | None:
    choice: str = _value(name)
    return None if choice == DETECT else choice


def _scale(choice: str) -> ScoreScale | None:
    if choice == DETECT:
        return None
    if choice == OTHER:
        return parse_scale(_value("other_scale"))
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
