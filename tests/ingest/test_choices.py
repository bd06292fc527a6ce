"""What can be stated: the command line and the page alike, of files and of tables alike."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import shlex
from typing import Any

import pytest

from analytics.cli.arguments import command_parser
from analytics.declared.choices import AccountStatus, ColumnMark
from analytics.declared.scales import FICO
from analytics.errors import PortfolioError
from analytics.ingest import CreditBalances, Declaration, Duplicates, SumRow
from analytics.ingest.choice import argument
from analytics.ingest.declaration import OPTIONS
from analytics.ingest.tables.plan import FILES_ALONE, refuse_what_tables_lack
from tests.ingest.loading import HEADER, load

FIELDS = {field.name for field in dataclasses.fields(Declaration)}
MEMORY = {"remember", "forget"}
"""Options that state nothing about a file: they are buttons of the page."""
STATED: dict[str, Any] = {
    "name": "Cards",
    "as_of": dt.date(2026, 10, 31),
    "currency": "USD",
    "scale": FICO,
    "mapping": (("score", "points"),),
    "encoding": "gb18030",
    "delimiter": ";",
    "decimal": ",",
    "duplicates": Duplicates.KEEP_FIRST,
    "header_line": 3,
    "sheet": "Cards",
    "blank_words": ("n/a",),
    "sentinels": (999,),
    "derive_score": True,
    "statuses": (("dormant", AccountStatus.OPEN),),
    "credit_balances": CreditBalances.ZERO,
    "sum_row": SumRow.KEEP,
    "pd_horizon_months": 1,
    "marks": (("age_band", ColumnMark.SEGMENT),),
}
"""Something to state in each field."""


def options_of_files() -> set[str]:
    """The options on how a file is read, as the command line's parser has them."""
    parser = command_parser()
    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    check = commands.choices["check"]
    group = next(g for g in check._action_groups if str(g.title).startswith("how the file is read"))
    named = {action.option_strings[0].removeprefix("--") for action in group._group_actions}
    return named - MEMORY


def test_whatever_can_be_stated_has_an_option_of_the_command_line() -> None:
    assert set(OPTIONS) == FIELDS
    assert set(OPTIONS.values()) == options_of_files()


def test_this_test_states_something_in_every_field() -> None:
    assert set(STATED) == FIELDS
    plain = Declaration()
    for name, value in STATED.items():
        assert getattr(Declaration(**{name: value}), name) != getattr(plain, name), name


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_a_table_takes_what_is_stated_or_says_why_it_means_nothing_there(name: str) -> None:
    declaration = Declaration(**{name: STATED[name]})
    if name not in FILES_ALONE:
        refuse_what_tables_lack(declaration)
        return
    with pytest.raises(PortfolioError) as refused:
        refuse_what_tables_lack(declaration)
    assert len(refused.value.faults) == 1
    assert refused.value.faults[0] == FILES_ALONE[name]


def test_all_that_means_nothing_for_a_table_is_said_at_once() -> None:
    with pytest.raises(PortfolioError) as refused:
        refuse_what_tables_lack(Declaration(**{name: STATED[name] for name in FILES_ALONE}))
    assert len(refused.value.faults) == len(FILES_ALONE)


@pytest.mark.parametrize("word", ["#N/A", "?", "\\N", "n/a", "-"])
def test_the_advice_to_declare_a_word_for_unknown_can_be_pasted(word: str) -> None:
    header = f"{HEADER},monthly_income"
    found = load(f"{header}\nA,700,1,0,{word}\nB,700,1,0,5\n")
    (said,) = (line for line in found.report.warnings if "if it means unknown" in line)
    advice = said.split("declare it with ")[1].removesuffix(".")
    given = shlex.split(advice, comments=True)
    assert given in (["--blank", word], [f"--blank={word}"])


@pytest.mark.parametrize("text", ["credit_limit=Credit Limit", "a=$x `y`", "a=it's", 'a="b"', "a!"])
def test_an_argument_is_given_back_by_a_shell_as_it_was(text: str) -> None:
    assert shlex.split(argument(text), comments=True) == [text]
