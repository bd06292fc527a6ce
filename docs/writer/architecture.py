"""``docs/architecture.md``: the idea, the rooms, who imports whom, and where to look for what."""

from __future__ import annotations

from analytics.shown.markdown import code, table
from docs.writer.rooms import House, Room

QUESTIONS: tuple[tuple[str, str], ...] = (
    ("What does a policy do?", "simulate"),
    ("How is the exposure at default (EAD) computed?", "ead"),
    ("How does a balance follow its limit?", "balance_after"),
    ("What is a bad year, and what does capital cost?", "irb_requirement"),
    ("Which levers has a policy, within which bounds?", "POLICY_PARAMETERS"),
    ("Which assumptions are there, and from where?", "ASSUMPTION_PARAMETERS"),
    ("Which columns can a portfolio have?", "Column"),
    ("Which measures are there?", "MEASURES"),
    ("Which rule books can be chosen?", "PACKS"),
    ("What does a raise bring month by month?", "Schedule"),
    ("When does an account fail a rule?", "GUARDRAILS"),
    ("What is a reason called?", "reason_title"),
    ("How large is the new limit?", "new_limit"),
    ("What can the accounts be asked?", "Accounts"),
    ("What is said when a database fails?", "guarded"),
    ("How does every policy at once come about?", "load_surface"),
    ("How is the best policy found?", "best_tiered"),
    ("Where is a CSV parsed?", "read_delimited"),
    ("Why is a row rejected, in words?", "REASON_WORDS"),
    ("What stands in `accounts.csv`?", "ACCOUNTS_COLUMNS"),
    ("What stands in `manifest.json`?", "manifest_json"),
    ("Where is a link read?", "Followed"),
    ("Which commands are there?", "command_parser"),
    ("How is a rate written for people?", "percentage_points"),
)
"""What a newcomer asks, and the name that the answering module defines."""

IDEA = """\
# Architecture

Written by `make documents` from the sources: rooms, arrows and places are read from the modules
themselves, and a test holds this file against them.

## The idea

**Three nouns, one verb.** A `Portfolio` (accounts at an as-of date, living in a database), a
`Policy` (frozen values of every lever) and `Assumptions` (frozen, each value with its source) go
into `simulate(portfolio, policy, assumptions)`, and a `Simulation` (baseline, proposed,
increment) comes out. Everything else loads, varies, shows, stores or exports these.

**The accounts stay at home.** A policy compiles to statements that the accounts' own database
runs: the formulas for each account, then a GROUP BY over score. What comes back has one row a
score. Cumulative sums over score then give every threshold at once, exactly: moving the threshold
runs no statement, moving the raise runs one (two, where the policy has a largest raise in money:
what that cuts off is summed apart). The surface of all policies is two statements: one of sums by
cell, and one of the accounts at which a bound, a floor or a count of customers changes on the way,
which come back singly. Under an IRB formula, which is not linear in the default probability, every
account that can be raised does; a list of accounts leaves only when it is exported.

**Each formula is written once.** `ead(balance, unused, conversion_factor)` is arithmetic, so the
same function serves a number in a test, an array and a SQL column. The few functions that differ
between them (`least`, `greatest`, `ln`, `where` ...) live in `analytics/method/elementwise.py`, the
normal distribution in `analytics/method/normal.py`, and what only databases say differently in
`analytics/accounts/dialects.py`.

**One door.** Every statement to accounts goes through the room `analytics.accounts`, so that all of
them are guarded alike, whether the accounts are a loaded file or a warehouse's table.

**Everything is declared once.** A lever, an assumption, a column or a measure is one row of a
registry; widgets, checks, help, files, [the method](method.md) and this project's other documents
read it there.
"""


def architecture_markdown(house: House) -> str:
    """Return the document on the architecture of a house."""
    order = [room for level in reversed(house.levels) for room in level]
    listed = "\n\n".join(_modules(house.rooms[name]) for name in order)
    return f"""{IDEA}
## The drawing

![The rooms, and which of them imports which](architecture.svg)

What imports stands above what it imports. An arrow that a path of others implies is left out of the
drawing; the table has them all.

{rooms_table(house)}

A module imports only from rooms below its own in the drawing, and never from a room beside it.
Inside a room, the list of levels in `tests/project/test_levels.py` is the order of reading. Pages
import `analytics` and `pages.shared`, never another page; `analytics` knows no Streamlit.

## Where to look

{questions_table(house)}

## The modules, room by room

{listed}
"""


def rooms_table(house: House) -> str:
    """Return the rooms from the drawing's top to its bottom, with all that each imports."""
    rows = (
        (
            code(name),
            house.rooms[name].words,
            ", ".join(map(code, sorted(house.rooms[name].imports))) or "nothing",
        )
        for level in reversed(house.levels)
        for name in level
    )
    return table(("room", "what it is for", "imports"), rows)


def questions_table(house: House) -> str:
    """Return what a newcomer asks, with the module that answers it."""
    rows = (
        (question, code(house.module_with(name).path), code(name)) for question, name in QUESTIONS
    )
    return table(("question", "module", "look for"), rows)


def _modules(room: Room) -> str:
    """Return a room's heading and its modules, each with what it says of itself."""
    rows = ((code(module.path), module.words) for module in room.modules)
    listed = table(("module", "what it says of itself"), rows) if room.modules else ""
    return f"### {room.name}\n\n{room.words}\n\n{listed}".rstrip()
