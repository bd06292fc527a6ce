"""Currencies: how amounts are written, and the policy defaults that belong to each.

Every amount of a portfolio is in its one currency and held in hundredths, also where the currency
itself is not divided; ``shown_decimals`` says how many of them a reader expects to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from analytics.declared.language import say
from analytics.errors import ParameterError


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency.

    Parameters
    ----------
    code, english_title, symbol : str
        ISO 4217 code, English name, and the sign before an amount.
    shown_decimals : int
        Decimals that a reader expects: 0 where the currency has no minor unit in use.
    limit_cap : Decimal or None
        The cap on new limits that a first policy has; None is no cap.
    round_amount : Decimal
        The rounding step and the smallest raise that a first policy has: what lenders grant in.
    marks : tuple of str
        Further signs and words that files write beside amounts of the currency.
    """

    code: str
    english_title: str
    symbol: str
    shown_decimals: int = 2
    limit_cap: Decimal | None = None
    marks: tuple[str, ...] = ()
    round_amount: Decimal = Decimal(100)

    @property
    def is_whole(self) -> bool:
        """Whether amounts are whole: the currency has no minor unit in use."""
        return self.shown_decimals == 0

    @property
    def smallest(self) -> Decimal:
        """The smallest amount that is paid."""
        return Decimal(1) if self.is_whole else Decimal("0.01")

    @property
    def title(self) -> str:
        """The currency's name."""
        return say(self.english_title)


CNY = Currency("CNY", "Chinese yuan", "¥", 2, Decimal(50_000), ("RMB", "CN¥", "￥", "元", "人民币"))
KNOWN: tuple[Currency, ...] = (
    CNY,
    Currency("USD", "US dollar", "$", marks=("US$",)),
    Currency("EUR", "Euro", "€"),
    Currency("GBP", "Pound sterling", "£"),
    Currency("TWD", "New Taiwan dollar", "NT$", 0, marks=("NTD",), round_amount=Decimal(1_000)),
    Currency("HKD", "Hong Kong dollar", "HK$"),
    Currency("SGD", "Singapore dollar", "S$"),
    Currency("JPY", "Japanese yen", "¥", 0, marks=("￥", "円"), round_amount=Decimal(10_000)),
    Currency("KRW", "South Korean won", "₩", 0, marks=("원",), round_amount=Decimal(100_000)),
    Currency("INR", "Indian rupee", "₹", marks=("Rs.", "Rs")),
    Currency("TRY", "Turkish lira", "₺", marks=("TL",)),
    Currency("BRL", "Brazilian real", "R$"),
    Currency("MXN", "Mexican peso", "MX$"),
    Currency("ZAR", "South African rand", "R"),
    Currency("IDR", "Indonesian rupiah", "Rp", 0, round_amount=Decimal(100_000)),
    Currency("THB", "Thai baht", "฿"),
    Currency("VND", "Vietnamese dong", "₫", 0, round_amount=Decimal(1_000_000)),
    Currency("PHP", "Philippine peso", "₱"),
    Currency("MYR", "Malaysian ringgit", "RM"),
    Currency("AUD", "Australian dollar", "A$"),
    Currency("CAD", "Canadian dollar", "C$"),
    Currency("NZD", "New Zealand dollar", "NZ$"),
    Currency("CHF", "Swiss franc", "CHF"),
    Currency("SEK", "Swedish krona", "kr"),
    Currency("NOK", "Norwegian krone", "kr"),
    Currency("DKK", "Danish krone", "kr."),
    Currency("PLN", "Polish zloty", "zł"),
    Currency("CZK", "Czech koruna", "Kč"),
    Currency("HUF", "Hungarian forint", "Ft", 0, round_amount=Decimal(10_000)),
)
NUMBERED = {
    156: "CNY", 840: "USD", 978: "EUR", 826: "GBP", 901: "TWD", 344: "HKD", 702: "SGD", 392: "JPY",
    410: "KRW", 356: "INR", 949: "TRY", 986: "BRL", 484: "MXN", 710: "ZAR", 360: "IDR", 764: "THB",
    704: "VND", 608: "PHP", 458: "MYR", 36: "AUD", 124: "CAD", 554: "NZD", 756: "CHF", 752: "SEK",
    578: "NOK", 208: "DKK", 985: "PLN", 203: "CZK", 348: "HUF",
}  # fmt: skip
"""Codes by the numbers that ISO 4217 gives these currencies as well."""
_WHOLE = frozenset(
    {
        "BIF", "CLP", "COP", "DJF", "GNF", "ISK", "KMF", "LAK", "PYG", "RWF", "UGX", "UZS", "VUV",
        "XAF", "XOF", "XPF",
    }
)  # fmt: skip
"""Further codes of currencies without a minor unit in use; of a unit as small as a forint."""


def currency(code: str) -> Currency:
    """Return the currency of an ISO code; one that is not listed is its own sign, without a cap.

    A word that files write for one currency alone is understood as well: RMB, 人民币, NTD.

    Raises
    ------
    ParameterError
        The code is not three letters.
    """
    wanted = code.strip().upper()
    for known in KNOWN:
        if known.code == wanted:
            return known
    marked = [known for known in KNOWN if wanted in map(str.upper, known.marks)]
    if len(marked) == 1:
        return marked[0]
    if len(wanted) == 3 and wanted.isascii() and wanted.isalpha():
        if wanted in _WHOLE:
            return Currency(wanted, wanted, wanted, 0, round_amount=Decimal(10_000))
        return Currency(wanted, wanted, wanted)
    raise ParameterError(
        say(
            "The currency {code!r} is not known: give a three-letter ISO code, for example "
            "CNY or USD.",
            code=code,
        )
    )
