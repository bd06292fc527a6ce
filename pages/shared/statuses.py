"""Words of an account's status: what the user says they mean, of a file and of a table alike."""

from __future__ import annotations

import streamlit as st

from analytics import ingest
from analytics.declared.choices import AccountStatus
from analytics.declared.language import marked, say
from analytics.ingest import ChoiceNeeded
from pages.shared import session, show, wording

OPTION = "statuses"
"""The option of a declaration that a question on words asks for."""
_ANSWERS = {
    AccountStatus.CLOSED: marked("{word} is closed"),
    AccountStatus.OPEN: marked("{word} is open"),
    AccountStatus.UNKNOWN: marked("{word} is unknown"),
}


def draw(key: str) -> None:
    """Draw the widget of what is stated; its text stays in the session."""
    st.text_area(
        say("Words of the status"),
        placeholder="dormant=open",
        key=key,
        height=68,
        help=say("One a line: word=closed, word=open or word=unknown. Common words are known."),
    )


def stated(key: str) -> tuple[tuple[str, AccountStatus], ...]:
    """Return what is stated.

    Raises
    ------
    ParameterError
        A line cannot be read.
    """
    return ingest.parse_statuses(line for line in _lines(key) if line.strip())


def keep(subject: str, choice: ChoiceNeeded) -> None:
    """Keep a question about a file or table until its words are answered."""
    session.keep("statuses_asked", (subject, str(choice), [c.value for c in choice.choices]))


def ask(subject: str, key: str) -> None:
    """Ask what words mean that are not answered yet; a click writes the answer down."""
    asked, sentence, answers = session.state("statuses_asked", ("", "", []))
    known = {line.rpartition("=")[0].strip() for line in _lines(key)}
    left = [answer for answer in answers if answer.rpartition("=")[0] not in known]
    if asked != subject or not left:
        return
    st.warning(show.plain(wording.for_page(sentence)), icon=":material/help:")
    for start in range(0, len(left), len(AccountStatus)):
        row = left[start : start + len(AccountStatus)]
        for place, answer in zip(st.columns(len(AccountStatus)), row, strict=True):
            word, _, status = answer.rpartition("=")
            place.button(
                show.plain(say(_ANSWERS[AccountStatus(status)], word=word)),
                key=f"{key}_{answer}",
                on_click=_answer,
                args=(key, answer),
                width="stretch",
            )


def _answer(key: str, answer: str) -> None:
    lines = [line for line in _lines(key) if line.strip()]
    session.set_widget(key, "\n".join([*lines, answer]))


def _lines(key: str) -> list[str]:
    text: str = session.widget(key, "") or ""
    return text.split("\n")
