"""Options that several commands share: of the portfolio that is read, and of the policy."""

from __future__ import annotations

import argparse

from analytics.declared.choices import AccountStatus, ColumnMark, RuleBook, Sample
from analytics.declared.language import either, say
from analytics.ingest import CreditBalances, SumRow


def add_portfolio(parser: argparse.ArgumentParser) -> None:
    """Add the portfolio, and all that can be stated about it."""
    parser.add_argument(
        "portfolio",
        metavar="PORTFOLIO",
        help=say(
            "a CSV, Parquet or Excel file, or {sample}, or alias:table of a database in "
            "the settings",
            sample=either(Sample),
        ),
    )
    group = parser.add_argument_group(say("how the file is read; what is left out is detected"))
    group.add_argument("--scale", metavar="LOW:HIGH", help=say("score scale, for example 300:850"))
    group.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=HEADER",
        help=say("read a column from another header, for example score=fico"),
    )
    group.add_argument(
        "--remember",
        action="store_true",
        help=say("keep the mapping for files with the same headers, in HEADROOM_HOME"),
    )
    group.add_argument(
        "--forget",
        action="store_true",
        help=say("forget the mapping that is kept for files with the same headers"),
    )
    group.add_argument(
        "--currency",
        metavar="CODE",
        help=say("ISO code, for example TWD; of several in a column, the one whose rows are kept"),
    )
    group.add_argument(
        "--pd-horizon-months",
        metavar="N",
        help=say("months that the default probabilities are over, 1 to 24 (12 unless given)"),
    )
    group.add_argument(
        "--mark",
        action="append",
        default=[],
        metavar="HEADER={marks}".format(marks="|".join(ColumnMark)),
        help=say(
            "what a further column may be used for, where its name says otherwise, for example "
            "age_band=segment"
        ),
    )
    group.add_argument("--as-of", metavar="DATE", help=say("the day of the balances: 2026-10-31"))
    group.add_argument("--name", help=say("what to call the portfolio"))
    group.add_argument("--encoding", help=say("for example utf-8 or gb18030"))
    group.add_argument("--delimiter", help=say("comma, semicolon, tab or pipe"))
    group.add_argument("--decimal", help=say("point or comma"))
    group.add_argument("--header-line", metavar="N", help=say("the line of the headers"))
    group.add_argument("--sheet", help=say("of a workbook"))
    group.add_argument(
        "--duplicates", choices=("reject", "first", "last"), help=say("rows that share an id")
    )
    group.add_argument(
        "--blank",
        action="append",
        default=[],
        metavar="WORD",
        help=say("a word that means unknown"),
    )
    group.add_argument(
        "--status",
        action="append",
        default=[],
        metavar="WORD=MEANING",
        help=say(
            "what a word of the account's status means: {meanings}", meanings=either(AccountStatus)
        ),
    )
    group.add_argument(
        "--credit-balances",
        choices=tuple(one.value for one in CreditBalances),
        help=say("a balance below zero, in the customer's favour (default: reject)"),
    )
    group.add_argument(
        "--sum-row",
        choices=tuple(one.value for one in SumRow),
        help=say("a row that sums up all others (default: asked about)"),
    )
    group.add_argument(
        "--no-score",
        action="append",
        default=[],
        metavar="SCORE",
        help=say("a score that means no score"),
    )
    group.add_argument(
        "--derive-score", action="store_true", help=say("compute scores from default probabilities")
    )


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Add the policy and the assumptions: files of them, and single values."""
    group = parser.add_argument_group(say("the policy, and what is assumed"))
    group.add_argument("--threshold", metavar="SCORE", help=say("score threshold"))
    group.add_argument(
        "--raise", dest="raise_rate", metavar="RATE", help=say("raise, for example 20%% or 0.2")
    )
    group.add_argument("--policy", metavar="FILE", help=say("start from a policy.csv"))
    group.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=say("set a lever, for example limit_cap=none (see headroom parameters)"),
    )
    group.add_argument(
        "--regime",
        metavar="NAME",
        help=say(
            "take the values of a rule book, before what is set by name: {names}",
            names=either(RuleBook),
        ),
    )
    group.add_argument("--assumptions", metavar="FILE", help=say("start from an assumptions.csv"))
    group.add_argument(
        "--assume",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=say("set an assumption, for example response_form=linear"),
    )


def add_treatments(parser: argparse.ArgumentParser) -> None:
    """Add the table of treatments, and the share of messages that are withheld."""
    group = parser.add_argument_group(say("the treatments"))
    group.add_argument(
        "--treatments",
        metavar="FILE",
        help=say("a treatments.csv: treatments that are off, and names of messages"),
    )
    group.add_argument(
        "--message-holdout-rate",
        metavar="RATE",
        help=say("share of accounts whose message is withheld, for example 5%%"),
    )
