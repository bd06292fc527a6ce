"""Finds texts for people that do not go through `say`: by what a string looks like and where it is.

A string is a text where it holds words apart by a blank, or is a word with a capital; in a place
where people read (an error's message, a label, a heading), any word is one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analytics.shown.messages import SAYING, called, english_arguments

PLACE = "{}"
SENTENCE = re.compile(
    r"\b[Aa]n? [a-z]{2,}|[A-Za-z]{2,}[\"'),:;.]* +[\"'(]*([A-Za-z]|\{\})|\{\}[\"'),:;]* +[a-z]{2,}"
)
TITLE = re.compile(r"[A-Z][a-z]{2,}")
WORD = re.compile(r"[A-Za-z]{2,}")

APART = {
    "analytics/shown/messages.py": "speaks to who translates, of the code",
    "analytics/declared/language.py: LANGUAGES": "what languages call themselves",
    "analytics/ingest/synonyms.py": "headers as files of users have them",
    "analytics/declared/protected.py": "headers as files of users have them",
    "analytics/ingest/statuses.py: CLOSED_WORDS": "words as files of users have them",
    "analytics/ingest/statuses.py: OPEN_WORDS": "words as files of users have them",
    "analytics/cli/reference.py": "writes a document in English, as docs/writer does",
    "analytics/accounts/failures.py: _BY_TEXT": "words of drivers, searched for",
    "analytics/accounts/failures.py: _FULL": "words of drivers, searched for",
    "analytics/accounts/spark.py": "speaks with Spark alone: SQL, and words searched for",
    "analytics/export/manifest.py: NOT_INSTALLED": "what records hold, in English",
    "analytics/export/policy_file.py: VIEWING": "a version that files hold",
    "analytics/ingest/settling.py: columns": "names of columns, for SQL",
    "analytics/method/response.py: names": "names of columns, for SQL",
    "analytics/ingest/delimited.py: TORN": "names of DuckDB's errors",
    "pages/shared/tongues.py": "speaks to browsers: a style, and an image without words",
    "pages/server/headers.py": "speaks to browsers, in rules of theirs",
}
"""Modules, or names in them, without texts for people, and why."""

READ_KEYWORDS = frozenset(
    {"alt", "caption", "description", "detail", "foot", "help", "label", "lead", "placeholder"}
    | {"text", "title", "why"}
)
"""Arguments and keys of dictionaries that people read."""
READ_CALLS = frozenset(
    {"badge", "button", "caption", "checkbox", "download_button", "error", "expander"}
    | {"failure", "faults", "file_uploader", "heading", "info", "markdown", "metric"}
    | {"notes", "number_input", "page_link", "popover", "radio", "selectbox", "slider", "success"}
    | {"spinner", "tabs", "text_area", "text_input", "toast", "toggle", "warning"}
)
"""What shows its first argument, called on `st`, a place on the page, or `show`."""

NOT_FOR_PEOPLE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("plotly's names of places and modes", re.compile(r"(top|middle|bottom) \w+|[xy] unified")),
    ("colours and fonts, for CSS", re.compile(r'#\w{6}|rgba\(.*|"[\w ]+",.*sans-serif')),
    (
        "SQL: a database reads it",
        re.compile(
            r"(?s).*\b(ALTER|AND|AS|ATTACH|BETWEEN|CASE|CAST|COLLATE|COPY|CREATE|DELETE|DESC|DESCRIBE|DROP"
            r"|ELSE|END|EXPLAIN|JOIN|LIKE|RLIKE|USING"
            r"|FROM|INSERT|INSTALL|IS|LIMIT|LOAD|NOT|NULL|OR|ORDER|PRAGMA|RESET|SELECT|SET|SHOW|THEN"
            r"|UPDATE|VALUES|WHEN|WHERE|WITH)\b.*"
            r"|\w+\(.*\)(\[0\])?|\(\(.*\)\)"
        ),
    ),
    ("names of files", re.compile(r"[\w{}.-]+\.(csv|json|parquet|xlsx|zip)")),
    ("what is typed, as an example", re.compile(r"(--[\w-]+ |\w+=)[\w{}*=; ]+")),
    ("the program's name before what is said", re.compile(r"headroom:? \{\}\n?")),
    (
        "names, alike in every language",
        re.compile("Draft|Headroom|Huabei-(like|plus) sample|Sesame"),
    ),
    ("Markdown and icons around a text", re.compile(r":(material|[a-z-]+)[/\[].*")),
)
"""Strings with blanks that no one reads, by kind."""

QUIET_CALLS = frozenset(
    {"cast", "compile", "fullmatch", "getLogger", "import_module", "match", "search", "sub"}
    | {
        "debug",
        "exception",
        "text",
        "TypeError",
        "ValueError",
        "TypeVar",
        "split",
        "strptime",
        "strftime",
        "register",
    }
)
"""What takes patterns, code, SQL, or what goes to the log or to who programs."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that does not go through `say`: its node, its words, and the line where it stands."""

    node: ast.expr
    words: str
    line: int


def unsaid(path: str, source: str, taken: dict[str, tuple[str, ...]]) -> list[Text]:
    """Return the texts of a module that do not go through `say`, in their order."""
    if path in APART:
        return []
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = []
    for node in ast.walk(tree):
        words = _words(node)
        if words is None or not isinstance(node, ast.expr) or _is_part(node, parents):
            continue
        if (
            _is_apart(path, node, parents)
            or _is_quiet(node, parents, taken)
            or any(pattern.fullmatch(words) for _, pattern in NOT_FOR_PEOPLE)
        ):
            continue
        if _looks_like_text(words) or (WORD.search(words) and _is_read(node, parents)):
            found.append(Text(node, words, node.lineno))
    return sorted(found, key=lambda text: text.line)


def _words(node: ast.AST) -> str | None:
    """Return a string, an f-string with its places empty; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else PLACE for part in node.values
    )


def _looks_like_text(words: str) -> bool:
    return bool(SENTENCE.search(words) or TITLE.fullmatch(words))


def _is_part(node: ast.expr, parents: dict[ast.AST, ast.AST]) -> bool:
    """Return whether a string is a piece of an f-string, or how one of its places is written."""
    parent = parents[node]
    return isinstance(parent, ast.JoinedStr) or (
        isinstance(parent, ast.FormattedValue) and parent.format_spec is node
    )


def _is_quiet(
    node: ast.expr, parents: dict[ast.AST, ast.AST], taken: dict[str, tuple[str, ...]]
) -> bool:
    """Return whether a string is said, documents, or stands where nobody reads it."""
    above, parent = list(_above(node, parents)), parents[node]
    if any(_is_all(one) or _is_alias(one) for one in above):
        return True
    if isinstance(parent, ast.Expr) or any(isinstance(one, ast.Assert) for one in above):
        return True
    if any(
        isinstance(one, ast.Compare | ast.AnnAssign) and node is not getattr(one, "value", 0)
        for one in above[:1]
    ):
        return True
    if isinstance(parent, ast.arg | ast.FunctionDef):
        return True
    for call in above:
        if isinstance(call, ast.Call):
            name, direct = called(call), node in call.args or parent in call.keywords
            if name in SAYING and any(node is part for part in _inside(call.args[: SAYING[name]])):
                return True
            if direct and (
                name in QUIET_CALLS or _owner(call) in {"re", "LOG", "LOGGER", "logger"}
            ):
                return True
            said = english_arguments(call, taken.get(name, ())).values()
            if any(node is part for part in _inside(said)):
                return True
    return False


def _is_apart(path: str, node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Return whether a string belongs to a constant that holds no texts for people."""
    targets = (
        target
        for one in _above(node, parents)
        if isinstance(one, ast.Assign | ast.AnnAssign)
        for target in (one.targets if isinstance(one, ast.Assign) else [one.target])
    )
    return any(isinstance(one, ast.Name) and f"{path}: {one.id}" in APART for one in targets)


def _is_alias(node: ast.AST) -> bool:
    return isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias"


def _is_all(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
    )


def _is_read(node: ast.expr, parents: dict[ast.AST, ast.AST]) -> bool:
    """Return whether people read what stands there, whatever it looks like.

    The keys of a dictionary are headers of a table where one of them looks like a text.
    """
    parent = parents[node]
    if isinstance(parent, ast.keyword):
        return parent.arg in READ_KEYWORDS
    if isinstance(parent, ast.Dict):
        if node in parent.keys:
            headers = [key.value for key in parent.keys if isinstance(key, ast.Constant)]
            return any(_looks_like_text(str(header)) for header in headers)
        keys = [key for key, value in zip(parent.keys, parent.values, strict=True) if value is node]
        return any(isinstance(key, ast.Constant) and key.value in READ_KEYWORDS for key in keys)
    if isinstance(parent, ast.Call) and node in parent.args[:1]:
        raised = isinstance(parents[parent], ast.Raise) and called(parent).endswith("Error")
        return raised or (called(parent) in READ_CALLS and isinstance(parent.func, ast.Attribute))
    return False


def _above(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def _inside(nodes: Sequence[ast.expr] | object) -> Iterator[ast.AST]:
    for node in nodes:  # type: ignore[attr-defined]
        yield from ast.walk(node)


def _owner(call: ast.Call) -> str:
    value = call.func.value if isinstance(call.func, ast.Attribute) else None
    return value.id if isinstance(value, ast.Name) else ""
