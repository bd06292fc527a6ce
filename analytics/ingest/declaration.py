"""What the user states about a file; everything left out is detected or has a default."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from analytics.declared.columns import BY_NAME
from analytics.declared.currencies import currency
from analytics.declared.language import say
from analytics.declared.scales import SESAME, ScoreScale
from analytics.declared.visible import unseen_fault
from analytics.errors import ParameterError

DEFAULT_CURRENCY = "CNY"
DECIMALS = {"point": ".", "comma": ",", ".": ".", ",": ","}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}


class Duplicates(Enum):
    """What happens to rows that share an account id."""

    REJECT = "reject"
    """None of them is kept."""
    KEEP_FIRST = "first"
    KEEP_LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the user states about a file.

    Parameters
    ----------
    name : str, optional
        What to call the portfolio; else the file's own name.
    as_of : date, optional
        The day that the balances are of.
    currency : str
        ISO code.
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
    sentinels : tuple of int
        Scores that mean no score, reported under their own reason.
    derive_score : bool
        Compute the score from the default probability by the inverse of the PD curve.
    """

    name: str | None = None
    as_of: dt.date | None = None
    currency: str = DEFAULT_CURRENCY
    scale: ScoreScale | None = None
    mapping: tuple[tuple[str, str], ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    duplicates: Duplicates = Duplicates.REJECT
    header_line: int | None = None
    sheet: str | None = None
    blank_words: tuple[str, ...] = ()
    sentinels: tuple[int, ...] = ()
    derive_score: bool = False

    def __post_init__(self) -> None:
        pairs = tuple((name, source) for name, source in self.mapping)
        object.__setattr__(self, "mapping", pairs)
        for name in ("blank_words", "sentinels"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        found = self._faults()
        if found:
            raise ParameterError(found)
        object.__setattr__(self, "currency", currency(self.currency).code)
        if self.decimal is not None:
            object.__setattr__(self, "decimal", DECIMALS[self.decimal])
        if self.delimiter is not None:
            object.__setattr__(self, "delimiter", DELIMITERS.get(self.delimiter, self.delimiter))

    @property
    def score_scale(self) -> ScoreScale:
        """The scale declared, or the default one."""
        return self.scale or SESAME

    def canonical(self) -> str:
        """Return all that changes what is read, as text that is the same for equal readings."""
        scale = self.score_scale
        parts = (
            self.currency,
            [scale.lowest, scale.highest],
            sorted(self.mapping),
            self.encoding,
            self.delimiter,
            self.decimal,
            self.duplicates.value,
            self.header_line,
            self.sheet,
            sorted(self.blank_words),
            sorted(self.sentinels),
            self.derive_score,
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
                        names=", ".join(BY_NAME),
                    )
                )
        names = [column for column, _ in self.mapping]
        twice = sorted({name for name in names if names.count(name) > 1})
        found.extend(
            say("--map {name}=... is given twice: give it once.", name=name) for name in twice
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
            currency(self.currency)
        except ParameterError as error:
            found.extend(error.faults)
        return found


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
