"""``docs/policy-files.md``: every exported file, column by column and key by key."""

from __future__ import annotations

from analytics.declared.evidence import MESSAGE_STUDIES
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.export.policy_file import FORMAT_RULE, FORMAT_VERSION, VIEWING
from analytics.ingest.report import REASON_WORDS
from analytics.shown.markdown import code, table
from docs.writer.file_columns import FileColumns, file_columns
from docs.writer.manifest_keys import PLACES, manifest_keys

INTRODUCTION = """\
# The files that leave, and come back

Written by `make documents`; a test holds every name in it against an export of the sample.
"""

RULES = """\
What is said for all CSV files: UTF-8, comma, a header, LF, cells quoted only where CSV demands
it, numbers with a point and without separators. None but the two for viewing begins with a byte
order mark.

An export is whole or not there: files are written beside their place and put in it together, the
manifest last. A folder or a zip with a manifest is complete, and the same export gives the same
bytes.
"""

FILES = (
    (
        "`policy.csv`",
        "the policy, one row a rule",
        "an export; Simulate; `optimise --out`",
        "yes, to the identical policy",
    ),
    ("`accounts.csv`", "the decision for each account, for an engine", "an export", "no"),
    (
        "`treatments.csv`",
        "which treatments are given, and the codes of their messages",
        "an export; by hand",
        "yes: `--treatments` of `headroom treat` and `headroom export`; Export",
    ),
    ("`messages.csv`", "what the messages in force may say", "an export", "no"),
    (
        "`policy_for_viewing.csv`, `accounts_for_viewing.csv`",
        "the same, harmless to open in a spreadsheet",
        "an export that asks for them",
        "no",
    ),
    (
        "`manifest.json`",
        "what the export holds, from what, and how to check it",
        "an export",
        "no; `headroom verify-export` reads it",
    ),
    (
        "`assumptions.csv`",
        "every assumption with its source",
        "Assumptions",
        "yes, to the identical assumptions",
    ),
    ("`scenarios.csv`", "stress scenarios of one's own", "the library, or by hand", "yes"),
    ("`rejected.csv`", "rows that broke the contract", "Load", "no"),
    (
        "`surface.csv`, `surface.parquet`",
        "every threshold with every raise",
        "Frontier; `headroom surface --out`",
        "no",
    ),
)
"""What each file is, what writes it, and whether it can be loaded."""

STUDIES = "\n".join(f"- {study.finding} ({study.source})" for study in MESSAGE_STUDIES)
POLICY = f"""
The first row below the header says the format: `{FORMAT_RULE},,{FORMAT_VERSION}`. Then come six
rows of what the policy was made for: `method_version`, `scale` and `currency`, which a file has to
have, the two rates of affordability (`minimum_payment_rate`, `strain_income_share`) and whether it
lies beyond the evidence. One row follows for each lever, {len(POLICY_PARAMETERS)} in all, in the
order of [the method](method.md#3-the-policy); a policy with tiers has one `raise_rate` row a tier,
each with its `score_from`. The constraints of a risk appetite follow, a row each.

Values are canonical text, never altered: rates as decimals (0.2), money plain (50000), `on` and
`off`, `none` for what is off, dates as 2026-10-31. So the same policy is the same file, and the
fingerprint of what is read back is that of what was written.

Read back, only `rule`, `score_from` and `value` are looked at. Every lever has to be there, for
nothing is filled in but what a file of version 1 may lack: that is said by name, and so is the
currency or the scale that is taken where a file says `none` of them. Every fault is named at once,
with its line. **A copy that a spreadsheet saved is read too**: a byte order mark, UTF-16, CRLF,
semicolons or tabs in place of commas, a line `sep=;`, another order of rows or columns, blanks
around numbers, full-width digits, 20 % for 0.2, 50,000 for 50000, 2026/10/31 for a date, a decimal
comma where the file is not separated by commas. A number that could be read in two ways is
refused.

The copy for viewing says `{VIEWING}` as its format, because its texts were altered; it is refused.
"""
ACCOUNTS = """
One row an account, in byte order of the id. Nothing is altered; which cells may be empty is said
below. The same accounts and policy give the same bytes, whichever database holds the
accounts. It is held against the simulation before it goes out: rows, raised accounts and the sum
of their raises have to agree.

Columns come to the end: an export of version 1, and one from before there were treatments, ends
earlier and is verified all the same.
"""
TREATMENTS = """
The first row below the header is `headroom_treatments,,1`. A treatment without a row stays as it is
shipped, as does one whose `message_code` is empty. Codes have up to 64 letters, digits and
`. : / _ -`. The arms of the trial differ by the raise alone: `raise_with_guidance` and
`control_with_guidance` are on or off together and have one code. Every fault is named at once, with
its line. A copy that a spreadsheet saved is read too.
"""
MESSAGES = f"""
One row for each message in force and each language. The texts are **suggestions**, to be reviewed
before any is sent; a message that an institution gives another code keeps its text. The evidence on
such messages is mixed:

{STUDIES}

So no message has a value in the money, and `message_holdout_rate` of accounts get none at random:
`message_arm` says who. The draw is that of the hold-out with the seed `policy_seed + "/message"`.
Help for customers in hardship or arrears is exempt: it is never withheld.
`headroom treat --messages` prints the texts.
"""
VIEWS = """
`policy_for_viewing.csv` and `accounts_for_viewing.csv` have the same columns and rows. They begin
with a byte order mark, and an apostrophe stands before each text that a spreadsheet would run as
a formula, or turn into another one: ids with leading zeros or more than 15 digits, and what looks
like a date. Numbers stay as they are. They are for people; an engine takes `accounts.csv`.
"""
ASSUMPTIONS = """
The first row below the header is `headroom_assumptions,1`, the second `method_version`: by which
version of the method the values are meant. Then comes `band_edges`, and one row an assumption. Read
back, only `name` and `value` are looked at, and every assumption has to be there. A file of version
1 of the method has no such second row and lacks what came with version 2: the values shipped are
taken, and which is said.
A copy that a spreadsheet saved is read too: in UTF-16, with other separators, in another order.
"""
SCENARIOS = """
The first row below the header is `headroom_scenarios,1`. One row a scenario; unused numbers are
empty. A copy that a spreadsheet saved is read too, as one of the assumptions is.
"""
REJECTED = """
A row with several faults stands there once for each. Of a table in a database, which has no
lines, the account's id (`account_id`) stands in place of the line.
"""
SURFACE = """
One row a policy: each score of the scale with each raise from 0 to 100 % in whole percent. Money
in currency units, rates as decimals, empty where undefined. `surface.parquet` has the same
columns.
"""
MANIFEST = """
JSON in UTF-8; money in currency units, rates as decimals, null for what is undefined.
"""


def policy_files_markdown() -> str:
    """Return the document on the files that leave and come back."""
    columns = {found.file: found for found in file_columns()}
    reasons = table(
        ("reason", "the cell is, or the row has"),
        ((code(name), words) for name, words in REASON_WORDS.items()),
    )
    parts = [
        f"{INTRODUCTION}\n{files_table()}\n",
        RULES,
        _section(columns["policy.csv"], POLICY),
        _section(columns["accounts.csv"], ACCOUNTS),
        _section(columns["treatments.csv"], TREATMENTS),
        _section(columns["messages.csv"], MESSAGES),
        f"## The copies for viewing\n{VIEWS}",
        f"## manifest.json\n{MANIFEST}\n{manifest_table()}\n\n{places_table()}\n",
        _section(columns["assumptions.csv"], ASSUMPTIONS),
        _section(columns["scenarios.csv"], SCENARIOS),
        _section(columns["rejected.csv"], REJECTED),
        f"{reasons}\n",
        _section(columns["surface.csv"], SURFACE),
    ]
    return "\n".join(parts)


def files_table() -> str:
    """Return every file: what it is, what writes it, and whether it comes back."""
    return table(("file", "what it is", "comes from", "comes back"), FILES)


def manifest_table() -> str:
    """Return every key of the manifest."""
    rows = ((code(key.path), key.holds, key.words) for key in manifest_keys())
    return table(("key", "holds", "meaning"), rows)


def places_table() -> str:
    """Return what the words in capitals stand for."""
    rows = ((code(word), meaning) for word, meaning in PLACES.items())
    return table(("in a key", "stands for"), rows)


def _section(columns: FileColumns, words: str) -> str:
    rows = ((code(name), meaning) for name, meaning in columns.words.items())
    return f"## {columns.file}\n{words}\n{table(('column', 'cells'), rows)}\n"
