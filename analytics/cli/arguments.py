"""What the command line takes, and how its words become options."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from analytics.cli.shared_options import add_policy, add_portfolio, add_treatments
from analytics.cli.spoken_language import add_language
from analytics.declared.choices import Which
from analytics.declared.language import marked, say, shortened
from analytics.errors import ParameterError
from analytics.export.manifest import package_version

SETTINGS = ("--map", "--status", "--set", "--assume")
"""Options that take name=value pairs: several after one option, or the option several times."""

SIGNED = ("--raise", "--threshold")
"""Options whose value may begin with a minus sign, and is then refused with its bounds."""
ADDRESS = "://"
NO_ADDRESS = marked(
    "addresses of databases belong into the setting HEADROOM_DATABASES; name the "
    "portfolio alias:table."
)

SCORE_BAND = "score_band"


class _Formatter(argparse.HelpFormatter):
    """A help whose first word is said."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Add how a command is written."""
        super().add_usage(usage, actions, groups, say("usage: ") if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints read like all others, and whose titles are said."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, add_help=False, formatter_class=_Formatter)
        self._positionals.title = say("positional arguments")
        self._optionals.title = say("options")
        self.add_argument(
            "-h", "--help", action="help", default=argparse.SUPPRESS, help=say("show this help")
        )
        add_language(self)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the words given, in one line, and end with exit code 2.

        An address among them may hold a password, and is not repeated.
        """
        said = (
            say(NO_ADDRESS)
            if ADDRESS in message
            else say(
                "{message}: see {prog} --help", message=shortened(message, 300), prog=self.prog
            )
        )
        self.exit(2, f"headroom: {said}\n")


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line; without a command, its help is shown."""
    parser = command_parser()
    if not arguments:
        parser.print_help(sys.stderr)
        raise SystemExit(2)
    return parser.parse_args(_one_by_one(arguments))


def pairs(option: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return (name, text) for each ``name=value``.

    Raises
    ------
    ParameterError
        A text has no ``=`` or no name; every one is named.
    """
    found, good = [], []
    for text in texts:
        name, sign, value = text.partition("=")
        if sign and name.strip():
            good.append((name, value))
        else:
            found.append(
                say(
                    "{option} {text!r} was not understood: write {option} name=value.",
                    option=option,
                    text=text,
                )
            )
    if found:
        raise ParameterError(found)
    return good


def date(text: str) -> dt.date:
    """Return the day written as 2026-10-31."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ParameterError(
            say("The date {text!r} was not understood: write it as 2026-10-31.", text=text)
        ) from None


def whole(option: str, text: str) -> int:
    """Return the whole number that follows an option."""
    try:
        return _whole(text)
    except argparse.ArgumentTypeError as error:
        raise ParameterError(
            say("{option} {problem}: give one, for example 12.", option=option, problem=error)
        ) from None


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            say("{text!r} is no whole number", text=shortened(text, 60))
        ) from None


def check_places(options: argparse.Namespace) -> None:
    """Refuse an address where a file, a folder or a table is named, and an empty --out.

    Raises
    ------
    ParameterError
        Every such option is named; an address may hold a password, and is not repeated.
    """
    found = []
    for name, called in _PLACES.items():
        given = getattr(options, name, None)
        texts = given if isinstance(given, list) else [given or ""]
        if any(ADDRESS in text for text in texts):
            found.append(f"{called}: {say(NO_ADDRESS)}")
    if getattr(options, "out", None) is not None and not options.out.strip():
        found.append(say("--out is empty: name the place to write to."))
    if found:
        raise ParameterError(found)


_PLACES = {
    "portfolio": "PORTFOLIO",
    "policy": "--policy",
    "assumptions": "--assumptions",
    "treatments": "--treatments",
    "scenario": "--scenario",
    "out": "--out",
    "place": "DIR",
}


def _one_by_one(arguments: Sequence[str]) -> list[str]:
    """Return the words with every name=value pair behind an option of its own.

    A value such as -5% is joined to its option, or it would be taken for another option.
    """
    words: list[str] = []
    option = ""
    for word in arguments:
        if words and words[-1] in SIGNED and re.match(r"-[\d.]", word):
            words[-1] += f"={word}"
        elif word in SETTINGS:
            option = word
            words.append(word)
        elif option and words[-1] != option and "=" in word and not word.startswith("-"):
            words += [option, word]
        else:
            option = option if words and words[-1] == option else ""
            words.append(word)
    return words


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of every command; the reference of commands is written from it."""
    parser = _Parser(
        prog="headroom",
        description=say(
            "Simulates credit limit raises: who is raised, by how much, and what follows."
        ),
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"headroom {package_version()}",
        help=say("show the version"),
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=_Parser
    )
    _add_check(commands)
    _add_simulate(commands)
    _add_export(commands)
    _add_treat(commands)
    _add_whitespace(commands)
    _add_stress(commands)
    _add_sensitivity(commands)
    _add_rival(commands)
    _add_surface(commands)
    _add_optimise(commands)
    verify = commands.add_parser(
        "verify-export",
        help=say("check an export against its manifest; exit 0 whole, 1 changed or incomplete"),
        allow_abbrev=False,
    )
    verify.add_argument("place", metavar="DIR", help=say("the folder of an export, or its zip"))
    listing = commands.add_parser(
        "parameters", help=say("list every lever and every assumption"), allow_abbrev=False
    )
    listing.add_argument("--json", action="store_true", help=say("print one JSON object"))
    _add_app(commands)
    return parser


def _add_check(commands: argparse._SubParsersAction[_Parser]) -> None:
    check = commands.add_parser(
        "check",
        help=say("load a portfolio and report; exit 0 accepted whole, 1 rows rejected, 2 unusable"),
        allow_abbrev=False,
    )
    add_portfolio(check)
    check.add_argument("--json", action="store_true", help=say("print one JSON object"))


def _add_simulate(commands: argparse._SubParsersAction[_Parser]) -> None:
    simulate = commands.add_parser(
        "simulate", help=say("show what a policy does to a portfolio"), allow_abbrev=False
    )
    add_portfolio(simulate)
    add_policy(simulate)
    simulate.add_argument(
        "--by",
        metavar="SEGMENT",
        help=say("results by a text column as well, or by {name}", name=SCORE_BAND),
    )
    simulate.add_argument(
        "--months", action="store_true", help=say("show the flows of every month as well")
    )
    simulate.add_argument(
        "--compare-temporary",
        action="store_true",
        help=say(
            "the same raise for some days and for good as well: temporary_days, or 30 where the "
            "raise is permanent"
        ),
    )
    simulate.add_argument("--json", action="store_true", help=say("print one JSON object"))


def _add_export(commands: argparse._SubParsersAction[_Parser]) -> None:
    export = commands.add_parser(
        "export", help=say("write policy, accounts, treatments and manifest"), allow_abbrev=False
    )
    add_portfolio(export)
    add_policy(export)
    export.add_argument("--out", required=True, metavar="DIR", help=say("the folder to write to"))
    export.add_argument(
        "--accounts",
        choices=tuple(Which),
        default=Which.ALL,
        help=say("which accounts to list (default: all)"),
    )
    export.add_argument(
        "--viewing", action="store_true", help=say("write copies for a spreadsheet as well")
    )
    add_treatments(export)
    export.add_argument("--zip", action="store_true", help=say("write one zip into DIR instead"))
    export.add_argument("--json", action="store_true", help=say("print one JSON object"))


def _add_treat(commands: argparse._SubParsersAction[_Parser]) -> None:
    treat = commands.add_parser(
        "treat", help=say("show who gets what under a policy"), allow_abbrev=False
    )
    add_portfolio(treat)
    add_policy(treat)
    treat.add_argument(
        "--by",
        metavar="SEGMENT",
        help=say("treatments by a text column as well, or by {name}", name=SCORE_BAND),
    )
    treat.add_argument(
        "--messages",
        action="store_true",
        help=say("show what the messages in force may say as well"),
    )
    add_treatments(treat)
    treat.add_argument("--json", action="store_true", help=say("print one JSON object"))


def _add_whitespace(commands: argparse._SubParsersAction[_Parser]) -> None:
    whitespace = commands.add_parser(
        "whitespace",
        help=say("show what each rule alone keeps from a raise, and the near misses"),
        allow_abbrev=False,
    )
    add_portfolio(whitespace)
    add_policy(whitespace)
    whitespace.add_argument(
        "--by", metavar="SEGMENT", help=say("by a text column of the portfolio as well")
    )
    whitespace.add_argument("--json", action="store_true", help=say("print one JSON object"))


def _add_stress(commands: argparse._SubParsersAction[_Parser]) -> None:
    stress = commands.add_parser(
        "stress",
        help=say("put portfolio and policy under scenarios; show loss distribution and capital"),
        allow_abbrev=False,
    )
    add_portfolio(stress)
    add_policy(stress)
    stress.add_argument(
        "--scenario",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME|FILE",
        help=say("shipped scenarios, or files of own ones (default: all shipped)"),
    )
    stress.add_argument("--json", action="store_true", help=say("print one JSON object"))


def _add_sensitivity(commands: argparse._SubParsersAction[_Parser]) -> None:
    sensitivity = commands.add_parser(
        "sensitivity",
        help=say("show where a policy stops paying, and what its result hangs on"),
        allow_abbrev=False,
    )
    add_portfolio(sensitivity)
    add_policy(sensitivity)
    sensitivity.add_argument(
        "--measure", default="npv", help=say("whose increment is moved (default: npv)")
    )
    sensitivity.add_argument(
        "--two",
        nargs=2,
        metavar=("FIRST", "SECOND"),
        help=say("move two together, for example funding_rate yield_rate"),
    )
    sensitivity.add_argument("--json", action="store_true", help=say("print one JSON object"))


def _add_rival(commands: argparse._SubParsersAction[_Parser]) -> None:
    rival = commands.add_parser(
        "rival",
        help=say("show what is at stake if a rival raises its line, and which choice is better"),
        allow_abbrev=False,
    )
    add_portfolio(rival)
    add_policy(rival)
    rival.add_argument(
        "--by",
        metavar="SEGMENT",
        help=say("results by a text column as well, or by {name}", name=SCORE_BAND),
    )
    rival.add_argument("--json", action="store_true", help=say("print one JSON object"))


def _add_surface(commands: argparse._SubParsersAction[_Parser]) -> None:
    surface = commands.add_parser(
        "surface", help=say("write every threshold with every raise"), allow_abbrev=False
    )
    add_portfolio(surface)
    add_policy(surface)
    surface.add_argument(
        "--out", required=True, metavar="FILE", help=say("the file to write: .parquet or .csv")
    )
    surface.add_argument("--json", action="store_true", help=say("print one JSON object"))


def _add_optimise(commands: argparse._SubParsersAction[_Parser]) -> None:
    optimise = commands.add_parser(
        "optimise",
        help=say(
            "find the best policy within constraints; exit 0 found, 1 no policy keeps to them"
        ),
        allow_abbrev=False,
    )
    add_portfolio(optimise)
    add_policy(optimise)
    group = optimise.add_argument_group(say("what is wanted"))
    group.add_argument("--maximise", default="npv", metavar="MEASURE", help=say("default: npv"))
    group.add_argument(
        "--subject-to",
        nargs="+",
        action="extend",
        default=[],
        metavar="CONSTRAINT",
        help=say("for example 'ead_increment_rate<=5%%' 'npv_increment>=0'"),
    )
    group.add_argument(
        "--tiers", action="store_true", help=say("the best raise by score band as well")
    )
    group.add_argument("--max-tiers", type=_whole, metavar="N", help=say("at most so many tiers"))
    group.add_argument(
        "--monotone", action="store_true", help=say("a higher band gets at least the raise below")
    )
    group.add_argument("--by", metavar="SEGMENT", help=say("tiers for each value of a text column"))
    group.add_argument(
        "--robustness", action="store_true", help=say("under the response presets as well")
    )
    group.add_argument(
        "--beyond-evidence",
        action="store_true",
        help=say("look at raises too that no study behind the response has looked at"),
    )
    group.add_argument("--out", metavar="FILE", help=say("write the best policy as a policy.csv"))
    optimise.add_argument("--json", action="store_true", help=say("print one JSON object"))


def _add_app(commands: argparse._SubParsersAction[_Parser]) -> None:
    app = commands.add_parser(
        "app", help=say("start the app, and open it in the browser"), allow_abbrev=False
    )
    app.add_argument(
        "--port",
        type=_whole,
        metavar="N",
        help=say("where to listen (default: 8501, or the next free)"),
    )
    app.add_argument(
        "--address",
        default="127.0.0.1",
        metavar="A",
        help=say("the address to listen on (default: 127.0.0.1, for this machine alone)"),
    )
    app.add_argument(
        "--no-browser",
        "--headless",
        dest="headless",
        action="store_true",
        help=say("do not open a browser"),
    )
