"""The reference of every command, written from the parser: ``make documents``."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from analytics.cli import parameter_texts
from analytics.cli.arguments import command_parser

INTRODUCTION = """\
# Commands

Written by `make documents` from the command line itself, which says the same with
`headroom COMMAND --help`.

Where a command takes `--json`, it prints one JSON object and nothing else. Faults are said on the
error output, one sentence each.

| exit code | means |
|---|---|
| 0 | done |
| 1 | done, but rows were rejected (`check`), an export is not what was written (`verify-export`), \
or no policy keeps to the constraints (`optimise`) |
| 2 | what was given cannot be used: a sentence for each fault |
| 3 | a fault of the program; `HEADROOM_DEBUG=1` shows the details |
| 130 | stopped by the user |
"""

PARAMETERS = """
## What can be set

Each lever (`--set NAME=VALUE`) and each assumption (`--assume NAME=VALUE`), as
`headroom parameters` lists them with their sources.
"""


SHARED = """
## Options that several commands share
"""

PLAIN = ("positional arguments", "options")
"""The groups that argparse makes by itself; all others are named by us."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command as its parser knows it."""

    name: str
    summary: str
    groups: Mapping[str, Sequence[argparse.Action]]


def reference() -> str:
    """Return the reference of every command, lever and assumption, as Markdown."""
    commands = tuple(_commands(command_parser()))
    uses = Counter(title for command in commands for title in command.groups)
    shared = {title for title, times in uses.items() if times > 1 and title not in PLAIN}
    lines = [INTRODUCTION.rstrip()]
    for command in commands:
        lines += _command(command, shared)
    lines.append(SHARED.rstrip())
    known = {title: group for command in commands for title, group in command.groups.items()}
    for title in (title for title in known if title in shared):
        lines += ["", f"### {_capital(title)}", "", *_options(known[title])]
    lines.append(PARAMETERS.rstrip())
    for kind, title in (("policy", "Levers"), ("assumptions", "Assumptions")):
        lines += ["", f"### {title}", "", *_parameters(kind)]
    return "\n".join(lines) + "\n"


def _commands(parser: argparse.ArgumentParser) -> Iterator[Command]:
    """Yield every command; argparse offers no public way to look at a parser."""
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        summaries = {entry.dest: entry.help or "" for entry in action._get_subactions()}
        for name, command in action.choices.items():
            groups = {
                group.title or "": [
                    option for option in group._group_actions if option.dest != "help"
                ]
                for group in command._action_groups
            }
            yield Command(name, summaries[name], groups)


def _command(command: Command, shared: Collection[str]) -> Iterator[str]:
    """Yield the section of a command; options that others take too are only pointed to."""
    yield from ("", f"## headroom {command.name}", "", f"{_capital(command.summary)}.")
    plain = [action for title in PLAIN for action in command.groups.get(title, ())]
    if plain:
        yield from ("", *_options(plain))
    for title, actions in command.groups.items():
        if title not in PLAIN and title not in shared:
            yield from ("", f"{_capital(title)}:", "", *_options(actions))
    common = [title for title in command.groups if title in shared]
    if common:
        yield from ("", "Shared options, [below](#options-that-several-commands-share):", "")
        yield from (f"- {title}" for title in common)


def _options(actions: Iterable[argparse.Action]) -> Iterator[str]:
    yield from ("| option | what it does |", "|---|---|")
    yield from (f"| `{_written(action)}` | {_explained(action)} |" for action in actions)


def _written(action: argparse.Action) -> str:
    """Return how an option is written, with what follows it."""
    value = action.metavar
    if value is None and action.choices is not None:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    if value is None and action.nargs != 0:
        value = action.dest.upper()
    words = " ".join([value] if isinstance(value, str) else value or ())
    if action.nargs == "+":
        words += " ..."
    return _cell(" ".join(filter(None, [", ".join(action.option_strings), words])))


def _explained(action: argparse.Action) -> str:
    return _cell((action.help or "") % {}) + (" (required)" if _must(action) else "")


def _must(action: argparse.Action) -> bool:
    return action.required and bool(action.option_strings)


def _parameters(kind: str) -> Iterator[str]:
    yield from ("| name | default | what it does | allowed |", "|---|---|---|---|")
    for entry in cast("list[Mapping[str, str]]", parameter_texts.parameters_record()[kind]):
        default = entry["default"] or '""'
        cells = (f"`{entry['name']}`", f"`{default}`", entry["help"], entry["allowed"])
        yield f"| {' | '.join(map(_cell, cells))} |"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
