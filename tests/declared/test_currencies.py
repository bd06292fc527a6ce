"""Currencies: each declared once; any other code of three letters is its own sign."""

from __future__ import annotations

import re

import pytest

from analytics.declared.currencies import CNY, KNOWN, currency
from analytics.errors import ParameterError


def test_any_three_letters_are_a_currency_and_nothing_else_is() -> None:
    assert currency("xof").code == "XOF"
    assert currency(" eur ").symbol == "€"
    for code in ("", "EU", "EURO", "€€€", "12A"):
        with pytest.raises(ParameterError, match="three-letter"):
            currency(code)


def test_every_code_is_declared_once_and_found_in_any_case() -> None:
    codes = [known.code for known in KNOWN]
    assert len(set(codes)) == len(codes)
    for known in KNOWN:
        assert re.fullmatch("[A-Z]{3}", known.code)
        assert currency(known.code.lower()) is known
        assert known.shown_decimals in (0, 2)
        assert known.title


def test_a_currency_that_is_not_listed_is_shown_by_its_code_and_caps_nothing() -> None:
    other = currency("XOF")
    assert (other.title, other.symbol, other.limit_cap) == ("XOF", "XOF", None)
    assert other not in KNOWN


def test_no_mark_beside_amounts_is_another_currencys_code() -> None:
    codes = {known.code for known in KNOWN}
    assert not {mark for known in KNOWN for mark in known.marks} & codes
    assert "元" in CNY.marks


@pytest.mark.parametrize(
    ("word", "code"), [("RMB", "CNY"), ("rmb ", "CNY"), ("人民币", "CNY"), ("元", "CNY"),
                       ("NTD", "TWD"), ("TL", "TRY"), ("US$", "USD")],
)  # fmt: skip
def test_a_word_that_is_written_for_one_currency_alone_is_understood(word: str, code: str) -> None:
    assert currency(word).code == code


@pytest.mark.parametrize("word", ["￥", "$", "¥"])
def test_a_sign_of_several_currencies_is_none(word: str) -> None:
    with pytest.raises(ParameterError, match="three-letter"):
        currency(word)
