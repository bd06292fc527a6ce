"""What the user states about a file; everything left out is detected or has a default."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from analytics.declared.choices import AccountStatus, Choice, ColumnMark
from analytics.declared.columns import BY_NAME, LONGEST_PD_HORIZON, PD_HORIZON_MONTHS
from analytics.declared.currencies import currency
from analytics.declared.language import either, say
from analytics.declared.scales import SESAME, ScoreScale
from analytics.declared.visible import unseen_fault
from analytics.errors import ParameterError

_Meaning = TypeVar("_Meaning", bound=Choice)
DEFAULT_CURRENCY = "CNY"
DECIMALS = {"point": ".", "comma": ",", ".": ".", ",": ","}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}


class Duplicates(Enum):
    """What happens to rows that share an account id."""

    REJECT = "reject"
    """None of them is kept."""
    KEEP_FIRST = "first"
    KEEP_LAST = "last"


class CreditBalances(Enum):
    """What happens to a balance below zero, which is in the customer's favour."""

    REJECT = "reject"
    ZERO = "zero"
    """It is read as 0: nothing is drawn."""


class SumRow(Enum):
    """What happens to a row that has the limit or the balance of all others together."""

    LEAVE_OUT = "leave_out"
    """It is a total line, and rejected."""
    KEEP = "keep"
    """It is an account."""


OPTIONS: dict[str, str] = {
    "name": "name",
    "as_of": "as-of",
    "currency": "currency",
    "scale": "scale",
    "mapping": "map",
    "encoding": "encoding",
    "delimiter": "delimiter",
    "decimal": "decimal",
    "duplicates": "duplicates",
    "header_line": "header-line",
    "sheet": "sheet",
    "blank_words": "blank",
    "sentinels": "no-score",
    "derive_score": "derive-score",
    "statuses": "status",
    "credit_balances": "credit-balances",
    "sum_row": "sum-row",
    "pd_horizon_months": "pd-horizon-months",
    "marks": "mark",
}
"""What can be stated, by field, and the option of the command line that states it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the user states about a file.

    Parameters
    ----------
    name : str, optional
        What to call the portfolio; else the file's own name.
    as_of : date, optional
        The day that the balances are of.
    currency : str, optional
        ISO code; CNY where none is declared. Of a file with a column of currencies, only the rows
        in this one are kept.
    scale : ScoreScale, optional
        The score scale; 350-950 where none is declared.
    mapping : tuple of (str, str)
        Product column and the source's header, or arithmetic over headers. Headers that are a
        product column's name need no entry; an empty source leaves the column out.
    encoding : str, optional
        Of a text file; else a byte order mark or strict UTF-8.
    delimiter : str, optional
        One of ``, ; | TAB``; else detected.
    decimal : str, optional
        ``.`` or ``,``; else detected where no other reading is possible.
    duplicates : Duplicates
        What happens to rows that share an account id.
    header_line : int, optional
        The line that holds the column names; 1 where none is declared.
    sheet : str, optional
        Of a workbook with several.
    blank_words : tuple of str
        Words that mean unknown, as an empty cell does.
    statuses : tuple of (str, AccountStatus)
        Words of the account's status and what they mean, where they are not known or known
        otherwise.
    sentinels : tuple of int
        Scores that mean no score, reported under their own reason.
    derive_score : bool
        Compute the score from the default probability by the inverse of the PD curve.
    credit_balances : CreditBalances
        What happens to a balance below zero.
    sum_row : SumRow, optional
        What happens to a row that sums up all others; else it is asked.
    pd_horizon_months : int, optional
        Months that the default probabilities are over; 12 where none is declared.
    marks : tuple of (str, ColumnMark)
        Further columns and what they may be used for, where their names say otherwise.
    """

    name: str | None = None
    as_of: dt.date | None = None
    currency: str | None = None
    scale: ScoreScale | None = None
    mapping: tuple[tuple[str, str], ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    duplicates: Duplicates = Duplicates.REJECT
    header_line: int | None = None
    sheet: str | None = None
    blank_words: tuple[str, ...] = ()
    statuses: tuple[tuple[str, AccountStatus], ...] = ()
    sentinels: tuple[int, ...] = ()
    derive_score: bool = False
    credit_balances: CreditBalances = CreditBalances.REJECT
    sum_row: SumRow | None = None
    pd_horizon_months: int | None = None
    marks: tuple[tuple[str, ColumnMark], ...] = ()

    def __post_init__(self) -> None:
        pairs = tuple((name, source) for name, source in self.mapping)
        object.__setattr__(self, "mapping", pairs)
        for name in ("blank_words", "statuses", "sentinels", "marks"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        found = self._faults()
        if found:
            raise ParameterError(found)
        if self.currency is not None:
            object.__setattr__(self, "currency", currency(self.currency).code)
        if self.decimal is not None:
            object.__setattr__(self, "decimal", DECIMALS[self.decimal])
        if self.delimiter is not None:
            object.__setattr__(self, "delimiter", DELIMITERS.get(self.delimiter, self.delimiter))

    @property
    def score_scale(self) -> ScoreScale:
        """The scale declared, or the default one."""
        return self.scale or SESAME

    @property
    def currency_code(self) -> str:
        """The currency declared, or the default one."""
        return self.currency or DEFAULT_CURRENCY

    @property
    def pd_horizon(self) -> int:
        """Months that the default probabilities are over: as declared, or 12."""
        return self.pd_horizon_months or PD_HORIZON_MONTHS

    def canonical(self) -> str:
        """Return all that changes what is read, as text that is the same for equal readings."""
        scale = self.score_scale
        parts = (
            self.currency_code,
            [scale.lowest, scale.highest],
            sorted(self.mapping),
            self.encoding,
            self.delimiter,
            self.decimal,
            self.duplicates.value,
            self.header_line,
            self.sheet,
            sorted(self.blank_words),
            sorted(self.statuses),
            sorted(self.sentinels),
            self.derive_score,
            self.credit_balances.value,
            self.sum_row.value if self.sum_row else None,
            self.pd_horizon,
            sorted(self.marks),
        )
        return json.dumps(parts, ensure_ascii=True)

    def _faults(self) -> list[str]:
        found = []
        for column, _ in self.mapping:
            if column not in BY_NAME:
                found.append(
                    say(
                        "--map {column}=...: there is no column {column!r}. The columns are "
                        "{names}.",
                        column=column,
                        names=tuple(BY_NAME),
                    )
                )
        names = [column for column, _ in self.mapping]
        twice = sorted({name for name in names if names.count(name) > 1})
        found.extend(
            say("--map {name}=... is given twice: give it once.", name=name) for name in twice
        )
        words = _folded(word for word, _ in self.statuses)
        found.extend(
            say("--status {word}=... is given twice: give it once.", word=word)
            for word in _repeated(words)
        )
        found.extend(
            say("--mark {header}=... is given twice: give it once.", header=header)
            for header in _repeated(_folded(header for header, _ in self.marks))
        )
        months = self.pd_horizon_months
        if months is not None and not 1 <= months <= LONGEST_PD_HORIZON:
            found.append(
                say(
                    "--pd-horizon-months {months}: default probabilities are over 1 to {most} "
                    "months; give a whole number of them, for example 1 for a one-month model.",
                    months=months,
                    most=LONGEST_PD_HORIZON,
                )
            )
        if self.decimal is not None and self.decimal not in DECIMALS:
            found.append(
                say(
                    "decimal = {decimal!r} is not known: give point or comma.", decimal=self.decimal
                )
            )
        if self.delimiter is not None and (
            DELIMITERS.get(self.delimiter, self.delimiter) not in set(DELIMITERS.values())
        ):
            found.append(
                say(
                    "delimiter = {delimiter!r} is not known: give comma, semicolon, tab or pipe.",
                    delimiter=self.delimiter,
                )
            )
        hidden = unseen_fault(self.name or "")
        if hidden:
            found.append(say("The name {problem}: give one that is seen.", problem=hidden))
        if self.header_line is not None and self.header_line < 1:
            found.append(say("header_line: lines are counted from 1."))
        try:
            currency(self.currency_code)
        except ParameterError as error:
            found.extend(error.faults)
        return found


def _folded(texts: Iterable[str]) -> list[str]:
    """Return texts in lower case, their words apart by one blank."""
    return [" ".join(text.casefold().split()) for text in texts]


def _repeated(texts: list[str]) -> list[str]:
    """Return what stands in a list several times."""
    return sorted({text for text in texts if texts.count(text) > 1})


def parse_mapping(settings: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the mapping written as ``column=source``, one text a column.

    Raises
    ------
    ParameterError
        A text has no ``=``; every fault is named.
    """
    pairs, found = [], []
    for text in settings:
        column, sign, source = text.partition("=")
        if sign:
            pairs.append((column.strip(), source.strip()))
        else:
            found.append(say("--map {text!r} was not understood: write column=header.", text=text))
    if found:
        raise ParameterError(found)
    return tuple(pairs)


def parse_statuses(settings: Iterable[str]) -> tuple[tuple[str, AccountStatus], ...]:
    """Return what words of the account's status mean, written as ``word=closed``, one text a word.

    Raises
    ------
    ParameterError
        A text has no ``=``, no word, or a meaning that is none; every fault is named.
    """
    return _parse_meanings("status", say("word"), settings, AccountStatus)


def parse_marks(settings: Iterable[str]) -> tuple[tuple[str, ColumnMark], ...]:
    """Return what columns may be used for, written as ``header=protected``, one text a header.

    Raises
    ------
    ParameterError
        A text has no ``=``, no header, or a mark that is none; every fault is named.
    """
    return _parse_meanings("mark", say("header"), settings, ColumnMark)


def _parse_meanings(
    option: str, of: str, settings: Iterable[str], kind: type[_Meaning]
) -> tuple[tuple[str, _Meaning], ...]:
    """Return pairs of a text and what it means, written with ``=`` between them."""
    pairs: list[tuple[str, _Meaning]] = []
    found: list[str] = []
    for text in settings:
        word, _, meaning = text.rpartition("=")
        if not word.strip():
            found.append(
                say(
                    "--{option} {text!r} was not understood: write {of}={meanings}.",
                    option=option,
                    text=text,
                    of=of,
                    meanings=either(kind),
                )
            )
            continue
        try:
            pairs.append((word.strip(), kind(meaning.strip().lower())))
        except ParameterError as error:
            said = " ".join(error.faults)
            found.append(say("--{option} {text!r}: {fault}", option=option, text=text, fault=said))
    if found:
        raise ParameterError(found)
    return tuple(pairs)
