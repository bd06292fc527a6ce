"""A column that says in which currency each row is: amounts of several are never added up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analytics.declared.currencies import KNOWN, NUMBERED, currency
from analytics.declared.language import Sentence, later, listed, say
from analytics.errors import ParameterError
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.declaration import Declaration
from analytics.ingest.plan import folded

MOST = 50
"""Distinct texts above which a column is none of currencies."""
SHOWN = 6
NAMES = frozenset(
    {
        "currency", "currencycode", "currencyiso", "isocurrency", "isocurrencycode", "ccy", "curr",
        "currcode", "ccycode", "cur", "accountcurrency", "accountccy", "limitcurrency",
        "balancecurrency", "billingcurrency", "cardcurrency", "币种", "货币", "幣別", "貨幣",
        "通貨", "währung", "waehrung", "devise", "moneda", "divisa", "moeda", "valuta", "waluta",
        "parabirimi",
    }
)  # fmt: skip
"""Headers, in lower case and without blanks and signs, under which currencies stand."""
AMBIGUOUS = frozenset({"cur", "curr"})
"""Headers that mean other things as well (current, currency): their texts have to tell."""
REASON = "other_currency"
_NUMBER = re.compile(r"([0-9]{1,3})(?:\.0+)?")


@dataclass(frozen=True, slots=True)
class InCurrency:
    """Which texts of a column of currencies mean the portfolio's own, and what is to be said.

    ``kept`` is None where every row is kept; ``named`` says that the column names the currency
    that was taken, and no other.
    """

    kept: tuple[str, ...] | None = None
    said: tuple[Sentence, ...] = ()
    named: bool = False


def is_currency_header(header: str) -> bool:
    """Whether a header is one of a column of currencies."""
    return _bare(header) in NAMES


def _bare(header: str) -> str:
    return re.sub(r"[\W_]", "", folded(header))


def _tells(texts: Iterable[str]) -> bool:
    """Whether texts are of currencies and nothing else: each may be one, and one is well known."""
    known = {name for one in KNOWN for name in (one.code, one.english_title.upper())}
    return all(map(codes_of, texts)) and any(text in known for text in texts)


def codes_of(text: str) -> frozenset[str]:
    """Return the ISO codes that a text may stand for: a code, its number, a sign or a name.

    A part of a name stands for all currencies that have it: Dollar for every dollar.
    """
    wanted = text.strip().upper()
    number = _NUMBER.fullmatch(wanted)
    if number:
        code = NUMBERED.get(int(number[1]))
        return frozenset({code} if code else ())
    found = {
        one.code
        for one in KNOWN
        if wanted in {mark.upper() for mark in (one.code, one.symbol, *one.marks)}
    }
    words = _words(wanted)
    found = found or {
        one.code for one in KNOWN if words and words <= _words(one.english_title.upper())
    }
    try:
        return frozenset(found) or frozenset({currency(wanted).code})
    except ParameterError:
        return frozenset()


def _words(text: str) -> frozenset[str]:
    """Return the words of a currency's name, in the singular."""
    return frozenset(re.sub(r"(?<=..)S$", "", word) for word in re.findall(r"[^\W\d_]+", text))


def in_currency(header: str, texts: Sequence[str], declaration: Declaration) -> InCurrency:
    """Return which rows are in the portfolio's currency, by the distinct texts of a column.

    Parameters
    ----------
    texts : sequence of str
        In capitals and without outer blanks; an empty one stands for an empty cell.

    Raises
    ------
    ChoiceNeeded
        There are several currencies, or only others than the default one, and none is declared.
    """
    named = {text: codes_of(text) for text in texts if text}
    codes = frozenset[str]().union(*named.values())
    if len(texts) > MOST or (_bare(header) in AMBIGUOUS and not _tells(named)):
        return InCurrency()
    if not codes:
        unknown = len(named) > 1
        return InCurrency(said=(_unknown(header, named, declaration),) if unknown else ())
    if declaration.currency is not None:
        kept = tuple(text for text, own in named.items() if declaration.currency in own)
        return InCurrency(None if len(kept) == len(texts) else kept)
    if len(texts) > 1 and not _one(named, texts):
        raise _ask(header, sorted(codes), named)
    default = declaration.currency_code
    if default not in codes:
        raise _other(header, sorted(codes), default)
    return InCurrency(named=codes == {default})


def _one(named: dict[str, frozenset[str]], texts: Sequence[str]) -> bool:
    """Whether all texts are spellings of one currency."""
    return len(named) == len(texts) and bool(frozenset.intersection(*named.values()))


def _ask(header: str, codes: Iterable[str], named: Iterable[str]) -> ChoiceNeeded:
    found = list(codes)
    shown = listed(list(named)[:SHOWN])
    return ChoiceNeeded(
        say(
            "The column {header} says that the amounts are in several currencies, or in none that "
            "is named ({shown}), and those are never added up: give --currency with one of them, "
            "for example --currency {first}; the other rows are then rejected.",
            header=header,
            shown=shown,
            first=found[0],
        ),
        option="currency",
        choices=tuple(Choice(code) for code in found),
    )


def _unknown(header: str, texts: Iterable[str], declaration: Declaration) -> Sentence:
    return later(
        "The column {header} holds texts that name no known currency ({shown}), so the amounts of "
        "all rows were taken to be in {code}: if they are not, write the column in ISO codes.",
        header=header,
        shown=tuple(list(texts)[:SHOWN]),
        code=declaration.currency_code,
    )


def _other(header: str, codes: Sequence[str], default: str) -> ChoiceNeeded:
    return ChoiceNeeded(
        say(
            "The column {header} says {codes}, and no currency is declared, for which {default} "
            "would be taken: give --currency {first} if that is what the amounts are in.",
            header=header,
            codes=tuple(codes),
            default=default,
            first=codes[0],
        ),
        option="currency",
        choices=tuple(Choice(code) for code in codes),
    )
